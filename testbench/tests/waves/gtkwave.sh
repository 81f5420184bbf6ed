#!/usr/bin/env bash
# GTKWave, headless, shows exactly the signals of a save file, in its order:
#   gtkwave.sh CHECK_SAVE_FILE VCD SAVE_FILE
set -euo pipefail
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

cat >"$work/list.tcl" <<TCL
set out [open "$work/shown.txt" w]
foreach signal [gtkwave::getDisplayedSignals] {
  puts \$out \$signal
}
close \$out
exit
TCL
timeout 90 xvfb-run -a gtkwave --nomenus "$2" "$3" -S "$work/list.tcl" >"$work/log.txt" 2>&1 || {
  cat "$work/log.txt" >&2
  exit 1
}
diff -u <("$1" "$3" "$2" --list) "$work/shown.txt"
