#!/usr/bin/env bash
# Breaks one rule of model/rules at a time and expects the tests of the rules to notice:
#   testbench/mutants/run.sh [PATTERN]      PATTERN: a glob over the names, such as 'mov_dr-*'
# A command for developers, not part of ./test: some minutes for all, a few seconds for one.
#
# Each patch here is a unified diff against model/rules. Prints `killed`, `survived`, or what is
# wrong with the patch; exits 1 if a mutant survives, or does not apply or compile. A patch whose
# first line is `# equivalent: REASON` changes nothing that can be observed, and must survive.
# Nothing is written to the source tree.
set -euo pipefail
export LC_ALL=C.UTF-8
here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$(dirname "$here")")

for tool in g++ patch; do
  type -P "$tool" >/dev/null || {
    echo "run.sh: $tool is missing; apt-get install g++ patch" >&2
    exit 2
  }
done

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
export work

# The sources as they are now; a mutant puts its one file before them.
mkdir -p "$work/source/icebp/testbench/tests" "$work/rules" "$work/tests" "$work/mutants"
cp -r "$root/model" "$work/source/icebp"
cp -r "$root/testbench/tests/rules" "$work/source/icebp/testbench/tests"
cp -r "$root/testbench/oracle" "$work/source/icebp/testbench"
echo '#include <gtest/gtest.h>' >"$work/gtest_first.h"

# compile SOURCE OBJECT [INCLUDE]: fast, with a list of the headers it read. Tests run once, so they
# are not optimised; rules and oracles run often.
compile() {
  local how=(-O1)
  [[ $1 != *_test.cpp ]] || how=(-O0 -include "$work/gtest_first.h")
  g++ -std=c++17 "${how[@]}" -w -MMD ${3:+"-I$3"} "-I$work/source" \
    "-DICEBP_ORACLE_DIR=\"$work/source/icebp/testbench/oracle\"" -c "$1" -o "$2"
}

# link PROGRAM OBJECT...
link() { g++ -o "$1" "${@:2}" -lgtest -lgtest_main -lpthread; }

# passes PROGRAM: false if a test fails, crashes or does not end.
passes() { timeout 60 "$1" --gtest_brief=1 --gtest_fail_fast >"$1.log" 2>&1; }

# objects_with_mutant DIRECTORY MUTATED OBJECT...: the objects, those that read the mutated file
# compiled anew into DIRECTORY, which holds it.
objects_with_mutant() {
  local directory=$1 mutated=$2 object source name
  for object in "${@:3}"; do
    if grep -qF "/$mutated" "${object%.o}.d"; then
      name=$(basename "$object" .o)
      source=$work/source/icebp/testbench/tests/rules/$name.cpp
      [[ $object != "$work/rules/"* ]] || source=$work/source/icebp/model/rules/$name.cpp
      [[ ! -e $directory/icebp/model/rules/$name.cpp ]] || source=$directory/icebp/model/rules/$name.cpp
      object=$directory/$name.o
      compile "$source" "$object" "$directory" || return 1
    fi
    echo "$object"
  done
}

# try PATCH: prints the verdict and the name.
try() {
  local patch=$1 name directory mutated reason rules tests header_test wanted
  name=$(basename "$patch" .patch)
  directory=$work/mutants/$name
  mutated=$(sed -n 's|^+++ b/||p' "$patch")
  reason=$(sed -n '1s/^# equivalent: //p' "$patch")
  mkdir -p "$directory/icebp/model/rules"
  if ! cp "$work/source/icebp/$mutated" "$directory/icebp/$mutated" 2>/dev/null ||
    ! patch -s -p1 -F0 -d "$directory/icebp" <"$patch" >"$directory/patch.log" 2>&1; then
    echo "does not apply  $name"
    return
  fi
  mapfile -t rules < <(objects_with_mutant "$directory" "$mutated" "$work"/rules/*.o)
  if ((${#rules[@]} != rules_count)); then
    echo "does not compile  $name"
    return
  fi

  # A header changes the tests too: its own test first, all of them only if that one passes.
  header_test=$work/tests/$(basename "$mutated" .h)_test.o
  if [[ $mutated == *.h && -e $header_test ]]; then
    tests=("$header_test")
    ! grep -qF _oracle.h "${header_test%.o}.d" || tests+=("$work"/tests/*_oracle.o)
    wanted=${#tests[@]}
    mapfile -t tests < <(objects_with_mutant "$directory" "$mutated" "${tests[@]}")
    if ((${#tests[@]} == wanted)) && link "$directory/tests" "${tests[@]}" "${rules[@]}" && ! passes "$directory/tests"; then
      verdict "$name" killed "$reason"
      return
    fi
  fi
  mapfile -t tests < <(objects_with_mutant "$directory" "$mutated" "$work"/tests/*.o)
  if ((${#tests[@]} != tests_count)) || ! link "$directory/tests" "${tests[@]}" "${rules[@]}"; then
    echo "does not compile  $name"
    return
  fi
  if passes "$directory/tests"; then
    verdict "$name" survived "$reason"
  else
    verdict "$name" killed "$reason"
  fi
}

# verdict NAME killed|survived REASON
verdict() {
  rm -r "$work/mutants/$1"
  case $2,${3:+equivalent} in
  killed, | survived,equivalent) echo "${3:+equivalent, }$2  $1${3:+: $3}" ;;
  *) echo "${3:+equivalent, but }$2  $1 <--${3:+ $3}" ;;
  esac
}

export -f compile link passes objects_with_mutant try verdict

say() { printf 'mutants: %s\n' "$*" >&2; }

say "building the rules and their tests"
compile_one() {
  compile "$1" "$work/$2/$(basename "$1" .cpp).o"
}
export -f compile_one
g++ -std=c++17 -O0 -w -x c++-header "$work/gtest_first.h" -o "$work/gtest_first.h.gch"
{
  printf '%s\0rules\0' "$work"/source/icebp/model/rules/*.cpp
  printf '%s\0tests\0' "$work"/source/icebp/testbench/tests/rules/*.cpp
} | xargs -0 -n 2 -P "$(nproc)" bash -c 'compile_one "$@"' _
rules_objects=("$work"/rules/*.o)
export rules_count=${#rules_objects[@]}
tests_objects=("$work"/tests/*.o)
export tests_count=${#tests_objects[@]}
link "$work/reference" "$work"/tests/*.o "${rules_objects[@]}"
passes "$work/reference" || {
  cat "$work/reference.log"
  say "the tests fail without any mutant"
  exit 2
}

mapfile -t patches < <(find "$here" -name "${1:-*}.patch" | sort)
((${#patches[@]})) || {
  say "no patch is called $1"
  exit 2
}
say "${#patches[@]} mutants"
# shellcheck disable=SC2016  # the inner bash expands it
printf '%s\0' "${patches[@]}" |
  xargs -0 -n 1 -P "$(nproc)" bash -c 'set -euo pipefail; try "$1"' _ | tee "$work/verdicts"

good=$(grep -cE '^(killed|equivalent, survived)  ' "$work/verdicts") || true
say "$good of ${#patches[@]} as expected, $(grep -c '^equivalent, survived' "$work/verdicts" || true) of them equivalent"
((good == ${#patches[@]}))
