#!/usr/bin/env bash
# Writes model/rules/cpu/probed_*.cpp anew from testbench/oracle/msr-silicon-all.csv:
#   testbench/tools/probed_cpus.sh [--check] [BUILD], build/release
# With --check it only tells whether they are as the table, the catalogue and the profiles say.
set -euo pipefail
check=false
if [[ ${1:-} == --check ]]; then
  check=true
  shift
fi
cd "$(dirname "$(readlink -f "$0")")/../.."
tool=${1:-build/release}/testbench/tools/probed_cpus
for licensor in intel amd via; do
  file=model/rules/cpu/probed_$licensor.cpp
  if $check; then
    "$tool" "$licensor" | diff -u "$file" - ||
      { echo "$file does not follow: run testbench/tools/probed_cpus.sh" >&2; exit 1; }
  else
    "$tool" "$licensor" >"$file.new"
    mv "$file.new" "$file"
  fi
done
