#!/usr/bin/env bash
# Compares what wave_files writes now with what is committed:
#   generated.sh WAVE_FILES ROOT           the names of values, and docs/waves.md
#   generated.sh WAVE_FILES ROOT VCD       the files that show this scenario's waves
set -euo pipefail
wave_files=$1 root=$2
now=$(mktemp -d)
trap 'rm -r "$now"' EXIT
if [[ $# -eq 2 ]]; then
  "$wave_files" names "$now"
  page=docs/waves.md
  "$wave_files" page >"$now/page"
  pairs=(traces/filters filters traces/.surfer .surfer "$page" page)
else
  name=$(basename "$3" .vcd)
  "$wave_files" view "$3" "$root/traces/stories.txt" "$now"
  pairs=("traces/$name.gtkw" "$name.gtkw" "traces/$name.sucl" "$name.sucl")
fi
for ((n = 0; n < ${#pairs[@]}; n += 2)); do
  diff -ru "$root/${pairs[n]}" "$now/${pairs[n + 1]}" || {
    echo "${pairs[n]} (-) does not follow from the tables. Run traces/update.sh and review the change." >&2
    exit 1
  }
done
