#!/usr/bin/env bash
# GTKWave shows the names of a scenario's own save file, which was moved with its waves, from another
# folder, at the first exception: moved.sh ICEBP SCENARIO
# The scenario is 001-general-detect: its first exception is a general detect, of a MOV to DR7.
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
TEXT
