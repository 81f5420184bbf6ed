#!/usr/bin/env bash
# A scenario has the same timeline, cycles and all, on timed and on loosely timed cores:
#   loosely_timed.sh ICEBP SCENARIO
set -euo pipefail
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
"$1" run "$2" --vcd "$work/waves.vcd" | grep -v '^waves: ' >"$work/timed"
"$1" run "$2" --loosely-timed >"$work/loosely_timed"
diff -u "$work/timed" "$work/loosely_timed"
