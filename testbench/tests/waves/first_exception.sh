#!/usr/bin/env bash
# GTKWave opens with the first exception in view and marked, and shows its names, by a scenario's own
# save file, which was moved with its waves, from another folder: first_exception.sh ICEBP SCENARIO
# The scenario's first exception is a general detect, of a MOV to DR7.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

mkdir "$work/written"
"$1" run "$2" --vcd "$work/written/w.vcd" --quiet >/dev/null
mv "$work/written" "$work/moved"
cat >"$work/values.tcl" <<TCL
set out [open "$work/shown.txt" w]
foreach name {instruction phase outcome cause vector payload} {
  puts \$out "\$name [gtkwave::getTraceValueAtMarkerFromName \$name]"
}
set marker [gtkwave::getMarker]
set is_in_view [expr {\$marker >= [gtkwave::getWindowStartTime] && \$marker <= [gtkwave::getWindowEndTime]}]
puts \$out "in view \$is_in_view"
close \$out
exit
TCL
cd /
timeout 90 xvfb-run -a gtkwave --nomenus "$work/moved/w.vcd" "$work/moved/w.gtkw" -S "$work/values.tcl" \
  >"$work/log.txt" 2>&1 || {
  cat "$work/log.txt" >&2
  exit 1
}
diff -u - "$work/shown.txt" <<TEXT
instruction mov dr7, rax
phase fault
outcome fault
cause general_detect
vector #DB
payload 00002000
in view 1
TEXT
