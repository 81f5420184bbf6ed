#!/bin/bash
# check_kvm_unit_test.sh ICEBP_VP IMAGE PROFILE [CHECKS]: runs one of kvm-unit-tests' images; its own summary has to be
# there, without a failure, of CHECKS checks if given, and its exit status that of success.
set -euo pipefail
export LC_ALL=C
vp=$1 image=$2 profile=$3 checks=${4:-}

status=0
printed=$("$vp" -kernel "$image" -profile "$profile" -max-insns 100000000) || status=$?
summary=$(grep -a '^SUMMARY: ' <<<"$printed" | tail -n 1 || true)
grep -a '^FAIL' <<<"$printed" || true
echo "$(basename "$image") on $profile: ${summary:-no summary}, exit status $status"
[[ $status == 1 && $summary =~ ^SUMMARY:\ ([0-9]+)\ tests(, [0-9]+ skipped)?$ ]] &&
  [[ -z $checks || $checks == "${BASH_REMATCH[1]}" ]]
