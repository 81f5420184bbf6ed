#!/usr/bin/env bash
# Renders the pictures of traces/pictures with GTKWave in a virtual X server, from real waves:
#   traces/render.sh [ICEBP [NAME...]]
# ICEBP: the program, build/release/testbench/program/icebp. NAME: a scenario; the ones below if
# none is given. Where the window opens, and how large it is, is in the scenario's save file.
# Needs gtkwave, xvfb, xauth and imagemagick.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
icebp=${1:-build/release/testbench/program/icebp}
names=("${@:2}")
if [[ ${#names[@]} -eq 0 ]]; then
  names=($(basename -s .gtkw traces/*.gtkw))
fi

for tool in gtkwave xvfb-run import convert; do
  type -P "$tool" >/dev/null || {
    echo "render.sh: $tool is missing; apt-get install gtkwave xvfb xauth imagemagick" >&2
    exit 1
  }
done

# Around the signals and waves, in pixels: GTKWave's tool bar, scroll bars and empty tree of scopes.
top=47 left=42 bottom=22 right=18

render() {
  local name=$1 work width height
  work=$(mktemp -d)
  read -r width height < <(sed -n 's/^\[size\] //p' "traces/$name.gtkw")
  "$icebp" run "testbench/scenarios/$name.json" --vcd "$work/$name.vcd" --quiet >/dev/null
  xvfb-run -a -s "-screen 0 ${width}x${height}x24" bash -c '
    gtkwave --nomenus --rcvar "do_initial_zoom_fit no" "$1" "$2" >/dev/null 2>&1 &
    sleep 4
    import -window root "$3"
    kill $!' _ "$work/$name.vcd" "traces/$name.gtkw" "$work/shot.png"
  convert "$work/shot.png" \
    -crop "$((width - left - right))x$((height - top - bottom))+$left+$top" +repage \
    -strip -define png:exclude-chunks=date,time -dither None -colors 32 \
    -define png:compression-level=9 "traces/pictures/$name.png"
  rm -r "$work"
}

mkdir -p traces/pictures
for name in "${names[@]}"; do
  render "$name"
done
