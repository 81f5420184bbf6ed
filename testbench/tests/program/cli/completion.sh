#!/usr/bin/env bash
# bash completes verbs, options of the verb and no others, profiles, files, and keeps blanks in names:
#   completion.sh COMPLETION ICEBP
set -euo pipefail
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
source "$1"
icebp=$(realpath "$2")
cd "$work"
mkdir folder
touch 'a b.json' c.json v.jsonl w.vcd

# wants WORD...: what behind the words typed so far, whose last may be unfinished, is offered.
offers() {
  COMP_WORDS=("$icebp" "$@") COMP_CWORD=$#
  _icebp "$icebp"
  printf '%s|' "${COMPREPLY[@]}"
}
expect() {
  local offered
  offered=$(offers "${@:2}")
  [[ $offered == "$1" ]] || {
    echo "icebp ${*:2}: offers $offered, not $1"
    failed=1
  }
}

failed=0
expect 'profiles|' pro
expect 'run|' ru
expect '--version|' --v
expect '--no-vcd|' run --n
expect '--junit|' check --j
expect '|' check --v
expect '--filter|' msrs --f
expect 'amd-zen1|amd-zen4|amd-zen5|' run --profile amd-z
expect 'always|' run --color al
expect 'a b.json|' run a
expect 'c.json|' run c
expect 'folder|' run f
expect '|' run v
expect 'v.jsonl|' check v
expect 'w.vcd|' savefile w
expect 'folder|' savefile f
expect '|' savefile v
expect 'c.json|' run --vcd c
expect 'msrs|' help m
exit $failed
