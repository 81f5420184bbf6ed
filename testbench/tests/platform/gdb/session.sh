#!/usr/bin/env bash
# Debian's gdb drives a guest: session.sh ICEBP_VP IMAGE SCRIPT EXPECTED [OPTION]...
# EXPECTED has patterns of grep, each in a line of gdb's output, in this order. icebp-vp has to end with the status 33.
set -euo pipefail
export LC_ALL=C
type -P gdb >/dev/null || { echo "gdb is not installed: skipped"; exit 77; }
vp=$1 image=$2 script=$3 expected=$4
shift 4
work=$(mktemp -d)
vp_pid=
# shellcheck disable=SC2317  # by the trap
clean_up() {
  [[ -z $vp_pid ]] || kill "$vp_pid" 2>/dev/null || true
  rm -r "$work"
}
trap clean_up EXIT

: >"$work/errors"
"$vp" -kernel "$image" -gdb 0 -timeout 100 "$@" 2>"$work/errors" &
vp_pid=$!
for _ in {1..200}; do
  port=$(sed -n 's/.*target remote .*://p' "$work/errors")
  [[ -z $port ]] || break
  sleep 0.05
done
timeout 100 gdb -nx -batch -iex 'set auto-load off' -ex 'set tcp connect-timeout 30' -ex "target remote 127.0.0.1:$port" \
  -x "$script" "$image" >"$work/output" 2>&1 </dev/null || true
status=0
wait "$vp_pid" || status=$?
vp_pid=

fail() {
  cat "$work/output" "$work/errors"
  echo "$*"
  exit 1
}
from=1
while IFS= read -r pattern; do
  at=$(tail -n "+$from" "$work/output" | grep -nm 1 -e "$pattern" | cut -d: -f1) ||
    fail "not behind line $((from - 1)) of the output: $pattern"
  from=$((from + at))
done <"$expected"
((status == 33)) || fail "icebp-vp ends with $status, not 33"
