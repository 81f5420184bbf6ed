#!/usr/bin/env bash
# Renders the pictures of traces/pictures with GTKWave in a virtual X server, from real waves:
#   traces/render.sh [ICEBP]        ICEBP: the program, build/release/testbench/program/icebp
# Needs gtkwave, xvfb, xauth and imagemagick.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
icebp=${1:-build/release/testbench/program/icebp}

for tool in gtkwave xvfb-run import convert; do
  type -P "$tool" >/dev/null || {
    echo "render.sh: $tool is missing; apt-get install gtkwave xvfb xauth imagemagick" >&2
    exit 1
  }
done

# render NAME SCENARIO SAVE_FILE HEIGHT
render() {
  local work
  work=$(mktemp -d)
  "$icebp" run "testbench/scenarios/$2.json" --vcd "$work/$2.vcd" --quiet >/dev/null
  xvfb-run -a -s "-screen 0 1300x$4x24" bash -c '
    gtkwave --nomenus --rcvar "do_initial_zoom_fit no" "$1" "$2" >/dev/null 2>&1 &
    sleep 4
    import -window root "$3"
    kill $!' _ "$work/$2.vcd" "traces/$3.gtkw" "$work/shot.png"
  convert "$work/shot.png" -strip -define png:exclude-chunks=date,time -colors 64 "traces/pictures/$1.png"
  rm -r "$work"
}

mkdir -p traces/pictures
render 001-general-detect 001-general-detect 001-general-detect 740
