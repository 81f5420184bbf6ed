#!/usr/bin/env bash
# Compares the value changes of a VCD with a golden: golden.sh VCD_CHANGES VCD GOLDEN
set -euo pipefail
diff -u "$3" <("$1" "$2") || {
  echo "The waves differ from $3 (-). If that is meant, run traces/update.sh and review the change." >&2
  exit 1
}
