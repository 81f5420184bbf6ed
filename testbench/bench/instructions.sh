#!/usr/bin/env bash
# Prints, as one table, what the decisions of the rules, the questions to the watch filter and accesses
# through the socket cost, in instructions counted by callgrind at two loop lengths, less the empty loop
# where there is one; beside them the bars, and the floors of the same run. Exits 1 if a bar is missed:
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

# each PROGRAM CASE: of one, in tenths of an instruction.
each() { echo $((($(total "$1" "$2" 20064) - $(total "$1" "$2" 64)) / 2000)); }

# told CASE N WHAT: what a run of N tells of itself.
told() { "$bench/transport_cost" "$1" "$2" | sed -n "s/^$3 //p"; }

missed=0

# row WHAT TENTHS BAR [FLOOR-TENTHS RATIO-BAR]: a bar of - is none; the ratio bar in tenths.
row() {
  local bar=$3 verdict=
  if [[ $bar != - ]] && (($2 > bar * 10)); then verdict=missed; fi
  local ratio=
  if [[ -n ${4:-} ]]; then
    ratio=$(awk "BEGIN { printf \"%.2f\", $2 / $4 }")
    if [[ -n ${5:-} ]]; then
      ratio+=" (bar $(awk "BEGIN { printf \"%.1f\", $5 / 10 }"))"
      if (($2 * 10 > $4 * $5)); then verdict=missed; fi
    fi
  fi
  printf '| %-45s | %7d.%d | %4s | %-15s | %-6s |\n' "$1" $(($2 / 10)) $(($2 % 10)) "$bar" "$ratio" "$verdict"
  [[ -z $verdict ]] || missed=1
}

printf '| %-45s | %9s | %4s | %-15s | %-6s |\n' instructions each bar ratio ""
printf '| %s | %s: | %s: | %s | %s |\n' --- --- --- --- ---

empty=$(each decision_cost empty)
mov_to_dr=$(($(each decision_cost mov_to_dr) - empty))
row "decision: MOV from DR" $(($(each decision_cost mov_from_dr) - empty)) 45
row "decision: MOV to DR" $mov_to_dr 45
row "decision: WRMSR" $(($(each decision_cost wrmsr) - empty)) 45
row "decision: RDMSR" $(($(each decision_cost rdmsr) - empty)) 25
row "decision: #GP of a MOV to DR, queued" $(($(each decision_cost cpl_fault) - empty)) - "$mov_to_dr" 15
row "decision: #DB by DR7.GD, queued" $(($(each decision_cost general_detect) - empty)) - "$mov_to_dr" 15

empty=$(each watch_cost empty)
row "watch: nothing armed" $(($(each watch_cost watch_unarmed) - empty)) 25
row "watch: four armed in a page, miss" $(($(each watch_cost watch_clustered) - empty)) 25
row "watch: four armed, spread, miss" $(($(each watch_cost watch_spread) - empty)) 30
row "watch: arming of one" $(($(each watch_cost arm_one) - empty)) 100
row "watch: arming of four" $(($(each watch_cost arm_four) - empty)) -
row "a MOV to DR7, arming included" $(($(each watch_cost dr7_write_one) - empty)) -

empty=$(each loop_cost empty)
row "direct: fetch, nothing armed" $(($(each loop_cost fetch) - empty)) 10
row "direct: end of a plain instruction" $(($(each loop_cost end) - empty)) 10
row "loop: a plain instruction, nothing armed" $(($(each loop_cost loop_unarmed) - empty)) -
row "loop: the same, a breakpoint elsewhere" $(($(each loop_cost loop) - empty)) -
row "loop: the same, fetch and end put" $(($(each loop_cost every_event) - empty)) -
empty=$(each loop_cost put_nothing)
row "direct: MOV from DR" $(($(each loop_cost mov_from_dr) - empty)) 60
row "direct: MOV to DR" $(($(each loop_cost mov_to_dr) - empty)) 60
row "direct: RDMSR" $(($(each loop_cost rdmsr) - empty)) 60
row "direct: WRMSR" $(($(each loop_cost wrmsr) - empty)) 60

floor=$(each transport_cost in_place_floor)
retired=$(each transport_cost in_place_mov_to_dr)
row "socket: an empty target" "$floor" -
row "socket: MOV from DR" "$(each transport_cost in_place_mov_from_dr)" 130 "$floor" 19
row "socket: MOV to DR" "$retired" 130 "$floor" 19
row "socket: RDMSR" "$(each transport_cost in_place_rdmsr)" 130 "$floor" 19
row "socket: WRMSR" "$(each transport_cost in_place_wrmsr)" 130 "$floor" 19
row "socket: #GP of a MOV to DR" "$(each transport_cost in_place_fault)" - "$retired" 15
row "socket: 1 core" "$(each transport_cost cores_1)" -
row "socket: 1024 cores in turn" "$(each transport_cost cores_1024)" - "$retired" 11
floor=$(each transport_cost floor)
row "socket, request copied: an empty target" "$floor" -
row "socket, request copied: MOV to DR" "$(each transport_cost lt_mov_to_dr)" - "$floor" 19
row "socket, request copied: WRMSR" "$(each transport_cost lt_wrmsr)" - "$floor" 19
row "socket, request copied: WRMSR of PAT" "$(each transport_cost lt_wrmsr_pat)" -
row "socket, request copied: WRMSR of EFER" "$(each transport_cost lt_wrmsr_efer)" -
row "socket, request copied: WRMSR of the TSC" "$(each transport_cost lt_wrmsr_tsc)" -

floor=$(each nonblocking_cost bare)
row "four phases between two bare modules" "$floor" -
row "four phases: loosely timed core" "$(each nonblocking_cost loosely_timed)" - "$floor" 11
at=$(each nonblocking_cost timed)
timed=$(each transport_cost timed_mov_to_dr)
row "four phases: timed core" "$at" -
row "four phases: what they add to a timed access" $((at - timed)) - "$floor" 11

wait=$(each transport_cost bare_wait)
handshake=$(each transport_cost bare_handshake)
bar=$(((wait * 4 * 13 / 10 + handshake) / 10)) # of an access with 4 timed phases
row "a wait of a thread" "$wait" -
row "a wait for the next delta cycle" "$handshake" -
row "timed: MOV to DR, 4 phases" "$timed" $bar
row "timed: #GP of a MOV to DR, 4 phases" "$(each transport_cost timed_fault)" $bar
row "timed, a VCD open: MOV to DR" "$(each transport_cost timed_mov_to_dr_waves)" -
row "timed, a VCD open: #GP of a MOV to DR" "$(each transport_cost timed_fault_waves)" -

echo
for what in allocations delta_cycles; do
  each=$(($(told lt_mov_to_dr 20064 $what) - $(told lt_mov_to_dr 64 $what)))
  echo "$what of 20,000 loosely timed accesses: $each (bar 0)"
  ((each == 0)) || missed=1
done
bytes=$(told cores_1024 64 bytes_of_a_core)
echo "heap bytes of a core with its initiator, of 1024: $bytes (bar 32,768)"
((bytes <= 32768)) || missed=1
exit $missed
