#!/usr/bin/env bash
# Line and branch coverage of model/rules by every test, in build/coverage; arguments go to ctest:
#   testbench/coverage.sh [-R rules]
# Needs gcovr. A line that no test reaches is deleted, or explained beside it.
# shellcheck source=SCRIPTDIR/../cmake/setup.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../cmake/setup.sh"

need "${program_packages[@]}" "${test_packages[@]}" gcovr
coverage=$root/build/coverage
cmake -S "$root" -B "$coverage" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="-O0 --coverage" >/dev/null
cmake --build "$coverage" >&2
find "$coverage" -name '*.gcda' -delete
run_tests coverage "$@" >&2 || say "tests fail in build/coverage; their coverage is counted"

# Branches: not those that exceptions of the standard library add.
report=(gcovr --root "$root" --filter "$root/model/rules/" --exclude-throw-branches
        --exclude-unreachable-branches "$coverage")
say "lines"
"${report[@]}"
say "branches"
"${report[@]}" --branches
