#!/usr/bin/env bash
# Writes the filters and goldens anew from a build: traces/update.sh [BUILD], build/release.
# Review what changed before you commit it.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${1:-build/release}
"$build/testbench/tools/write_filters" traces/filters
for scenario in testbench/scenarios/*.json; do
  name=$(basename "$scenario" .json)
  "$build/testbench/program/icebp" run "$scenario" --vcd "$build/$name.vcd" --quiet
  "$build/testbench/tools/vcd_changes" "$build/$name.vcd" >"traces/golden/$name.txt"
done
