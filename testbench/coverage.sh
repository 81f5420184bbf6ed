#!/usr/bin/env bash
# Line and branch coverage of model/rules by the tests of the rules alone, built in build/coverage:
#   testbench/coverage.sh
# A line that they do not reach is deleted, or explained beside it.
# shellcheck source=SCRIPTDIR/../cmake/setup.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../cmake/setup.sh"

need "${program_packages[@]}" "${test_packages[@]}" gcovr
coverage=$root/build/coverage
cmake -S "$root" -B "$coverage" -G Ninja -DICEBP_TESTS=ON \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="-O0 --coverage" >/dev/null ||
  fail "CMake failed for the reason above"
cmake --build "$coverage" --target rules_tests >&2 || fail "the build failed at the first error above"
find "$coverage" -name '*.gcda' -delete
"$coverage/testbench/tests/rules/rules_tests" --gtest_brief=1 >&2 ||
  say "tests fail; what they reached is counted"

report=(gcovr --root "$root" --filter "$root/model/rules/" --exclude-throw-branches
        --exclude-unreachable-branches)
say "lines"
"${report[@]}" "$coverage"
say "branches; a switch over an enum has one that no value takes"
"${report[@]}" --branches "$coverage"
