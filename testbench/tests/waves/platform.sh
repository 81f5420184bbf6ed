#!/usr/bin/env bash
# A platform's own waves get their names: platform.sh EXAMPLE ICEBP CHECK_SAVE_FILE
# EXAMPLE writes two_cores.vcd, with the cores first.debug and second.debug.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"
"$1" >log.txt
"$2" savefile two_cores.vcd
"$3" two_cores.gtkw two_cores.vcd
[[ $(grep -cE '^-(machine\.)?(first|second)\.debug$' two_cores.gtkw) == 4 ]] # begin and end of each group
