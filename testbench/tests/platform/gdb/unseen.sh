#!/usr/bin/env bash
# A guest sees no difference where a debugger has breakpoints: unseen.sh ICEBP_VP IMAGE [OPTION]...
# It is run alone, then under gdb with a debug register of each kind taken, at places that it does not touch. What it
# prints and the exit status have to be the same.
set -euo pipefail
export LC_ALL=C
type -P gdb >/dev/null || { echo "gdb is not installed: skipped"; exit 77; }
vp=$1 image=$2
shift 2
work=$(mktemp -d)
vp_pid=
# shellcheck disable=SC2317  # by the trap
clean_up() {
  [[ -z $vp_pid ]] || kill "$vp_pid" 2>/dev/null || true
  rm -r "$work"
}
trap clean_up EXIT

alone=0
"$vp" -kernel "$image" -max-insns 20000000 "$@" >"$work/alone" 2>/dev/null || alone=$?
[[ -s $work/alone ]] || { echo "the guest prints nothing"; exit 1; }

: >"$work/errors"
"$vp" -kernel "$image" -gdb 0 -timeout 100 "$@" >"$work/debugged" 2>"$work/errors" &
vp_pid=$!
for _ in {1..200}; do
  port=$(sed -n 's/.*target remote .*://p' "$work/errors")
  [[ -z $port ]] || break
  sleep 0.05
done
timeout 100 gdb -nx -batch -ex 'set tcp connect-timeout 30' -ex "target remote 127.0.0.1:$port" -ex 'hbreak *0x3000000' \
  -ex 'watch *(char*)0x3000010' -ex 'stepi 100' -ex continue >"$work/output" 2>&1 </dev/null || true
debugged=0
wait "$vp_pid" || debugged=$?
vp_pid=

diff "$work/alone" "$work/debugged" || { cat "$work/output"; exit 1; }
((alone == debugged)) || { echo "exit status $debugged, $alone alone"; exit 1; }
grep -qE 'exited with code|exited normally' "$work/output" || { cat "$work/output"; echo "gdb did not see the end"; exit 1; }
