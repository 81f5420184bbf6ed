#!/usr/bin/env bash
# Compares the committed filters with those written now: filters.sh WRITE_FILTERS FOLDER
set -euo pipefail
now=$(mktemp -d)
trap 'rm -r "$now"' EXIT
"$1" "$now"
diff -ru "$2" "$now" || {
  echo "The filters in $2 (-) are not those of the tables of names. Run traces/update.sh." >&2
  exit 1
}
