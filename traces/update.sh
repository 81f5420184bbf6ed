#!/usr/bin/env bash
# Writes everything here but the pictures anew from a build, and docs/waves.md:
#   traces/update.sh [BUILD], build/release
# Review what changed before you commit it.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${1:-build/release}
tools=$build/testbench/tools
"$tools/wave_files" names traces
"$tools/wave_files" page >docs/waves.md
for scenario in testbench/scenarios/*.json; do
  name=$(basename "$scenario" .json)
  "$build/testbench/program/icebp" run "$scenario" --vcd "$build/$name.vcd" --quiet
  "$tools/vcd_changes" "$build/$name.vcd" >"traces/golden/$name.txt"
  "$tools/wave_files" view "$build/$name.vcd" traces/stories.txt traces
done
