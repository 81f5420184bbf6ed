#!/usr/bin/env bash
# Instructions per decision, counted by callgrind at two loop lengths, less the empty loop; compares
# them with the bars and exits 1 if one is missed:
#   testbench/bench/instructions.sh [BUILD]        BUILD: build/release
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
program=${1:-build/release}/testbench/bench/decision_cost

type -P valgrind >/dev/null || {
  echo "instructions.sh: valgrind is missing; apt-get install valgrind" >&2
  exit 2
}

# total CASE N: instructions of a run of N decisions.
total() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 |
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# per_decision CASE: in hundredths of an instruction.
per_decision() { echo $((($(total "$1" 20064) - $(total "$1" 64)) / 200)); }

empty=$(per_decision empty)
missed=0

# report CASE BAR
report() {
  local net=$(($(per_decision "$1") - empty))
  printf '%-16s %6d.%02d   bar %d\n' "$1" $((net / 100)) $((net % 100)) "$2"
  ((net <= $2 * 100)) || missed=1
}

report mov_from_dr 45
report mov_to_dr 45
report wrmsr 45
report rdmsr 25
exit $missed
