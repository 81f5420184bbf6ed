#!/usr/bin/env bash
# Instructions per decision and per question to the watch filter, less the empty loop, and per access
# through the socket of a loosely timed core, or of a timed one without waves and with them, counted by
# callgrind at two loop lengths; compares them with the bars and exits 1 if one is missed:
#   testbench/bench/instructions.sh [BUILD]        BUILD: build/release
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
bench=${1:-build/release}/testbench/bench

type -P valgrind >/dev/null || {
  echo "instructions.sh: valgrind is missing; apt-get install valgrind" >&2
  exit 2
}

# total PROGRAM CASE N: instructions of a run of N.
total() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench/$1" "$2" "$3" 2>&1 |
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

# each PROGRAM CASE: of one, in hundredths of an instruction.
each() { echo $((($(total "$1" "$2" 20064) - $(total "$1" "$2" 64)) / 200)); }

missed=0

# report NAME HUNDREDTHS BAR
report() {
  printf '%-21s %6d.%02d   bar %d\n' "$1" $(($2 / 100)) $(($2 % 100)) "$3"
  (($2 <= $3 * 100)) || missed=1
}

# inform NAME HUNDREDTHS WHAT
inform() { printf '%-21s %6d.%02d   %s\n' "$1" $(($2 / 100)) $(($2 % 100)) "$3"; }

empty=$(each decision_cost empty)
report mov_from_dr $(($(each decision_cost mov_from_dr) - empty)) 45
report mov_to_dr $(($(each decision_cost mov_to_dr) - empty)) 45
report wrmsr $(($(each decision_cost wrmsr) - empty)) 45
report rdmsr $(($(each decision_cost rdmsr) - empty)) 25

empty=$(each watch_cost empty)
report watch_unarmed $(($(each watch_cost watch_unarmed) - empty)) 25
report watch_clustered $(($(each watch_cost watch_clustered) - empty)) 25
report watch_spread $(($(each watch_cost watch_spread) - empty)) 30
report arm_one $(($(each watch_cost arm_one) - empty)) 100
inform arm_four $(($(each watch_cost arm_four) - empty)) "four data breakpoints"
inform dr7_write_one $(($(each watch_cost dr7_write_one) - empty)) "a MOV to DR7, arming included"

empty=$(each loop_cost empty)
inform loop $(($(each loop_cost loop) - empty)) "a plain instruction, a breakpoint elsewhere"
inform every_event $(($(each loop_cost every_event) - empty)) "the same with fetch and end put"

for access in lt_mov_from_dr lt_mov_to_dr lt_wrmsr lt_rdmsr; do
  report "$access" "$(each transport_cost "$access")" 130
done
for access in timed_mov_to_dr timed_fault; do
  inform "$access" "$(each transport_cost "$access")" "a timed core"
  inform "${access}_waves" "$(each transport_cost "${access}_waves")" "the same with a VCD of the core open"
done
inform floor "$(each transport_cost floor)" "the same socket with an empty target"
exit $missed
