#!/bin/bash
# check_guest.sh ICEBP_VP GUEST EXPECTED PROFILE [OPTION]...: runs GUEST with -profile PROFILE, and compares what it
# prints, its exit status and what is reported of its end with EXPECTED:
#
#   LINE                       as printed
#   intel: LINE, amd: LINE     on that vendor alone
#   # COMMENT                  and empty lines: nothing
#   use NAME WORD=TEXT...      the lines of NAME.txt beside it, with TEXT in place of each WORD
#   status: N                  the exit status, 1 without it
#   report: TEXT               is in what icebp-vp writes to standard error
set -euo pipefail
export LC_ALL=C
vp=$1 guest=$2 expected=$3 profile=$4
shift 4
folder=$(dirname "$expected")
vendor=${profile%%-*}

lines_of() {
  local line word substitutes
  while IFS= read -r line; do
    case $line in
    "$vendor: "*) line=${line#*: } ;;
    intel:* | amd:*) continue ;;
    esac
    case $line in
    '' | '#'*) ;;
    'use '*)
      read -r -a substitutes <<<"${line#use }"
      local script=()
      for word in "${substitutes[@]:1}"; do
        script+=(-e "s/${word%%=*}/${word#*=}/g")
      done
      sed "${script[@]}" "$folder/${substitutes[0]}.txt" | lines_of
      ;;
    *) echo "$line" ;;
    esac
  done
}

all=$(lines_of <"$expected")
wanted=$(grep -vE '^(status|report): ' <<<"$all" || true)
wanted_status=$(sed -n 's/^status: //p' <<<"$all")
wanted_report=$(sed -n 's/^report: //p' <<<"$all")

error_file=$(mktemp)
trap 'rm -f "$error_file"' EXIT
status=0
printed=$("$vp" -kernel "$guest" -profile "$profile" -max-insns 20000000 "$@" 2>"$error_file") || status=$?

result=0
diff <(echo "$wanted") <(echo "$printed") || result=1
if ((status != ${wanted_status:-1})); then
  echo "exit status $status, not ${wanted_status:-1}: $(<"$error_file")"
  result=1
fi
if [[ -n $wanted_report ]] && ! grep -qF -- "$wanted_report" "$error_file"; then
  echo "standard error is \"$(<"$error_file")\", without \"$wanted_report\""
  result=1
fi
if [[ -z $wanted_report && -s $error_file ]]; then
  echo "standard error is not empty: $(<"$error_file")"
  result=1
fi
exit "$result"
