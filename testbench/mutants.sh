#!/usr/bin/env bash
# Breaks the product by one row of testbench/mutants.txt at a time and expects a test to notice:
#   testbench/mutants.sh [OPTION...] [PATTERN...]
#     PATTERN                 rows whose `FILE NAME` holds it, such as mov_dr.cpp or 'debug/*-dropped'
#     --changed-since COMMIT  rows of files that differ from COMMIT
#     --last-day              rows of files that the last day of history up to HEAD changed
#     --within SECONDS        begins no row later than that; takes the rows from all files in turn
#     --list, --check         names the rows; only checks that each text occurs once (no compiler)
#
# Prints the verdict of each row: `killed`, `survived`, `does not compile`, `nothing reads`,
# `text occurs N times`.
# Exits 1 if a row's verdict is not as the table expects. Works on the objects of build/release,
# which it brings up to date; a mutant is a copy of one file, and what reads that is compiled anew.
# shellcheck source=SCRIPTDIR/../cmake/setup.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../cmake/setup.sh"
table=$root/testbench/mutants.txt
release=$root/build/release
export root table release CCACHE_DISABLE=1

# ---- The table ----------------------------------------------------------------------------------

# table list           prints NUMBER|FILE|NAME|INDEX IN THE FILE|REASON IF EQUIVALENT of each row
# table check          prints what is wrong; false if anything is
# table apply NUMBER   prints the file of this row with the replacement
table() {
  LC_ALL=C awk -v mode="$1" -v wanted="${2:-0}" '
    function whole(path,   text, line) {
      text = ""
      while ((getline line <path) > 0)
        text = text line "\n"
      close(path)
      return text
    }
    function occurrences(part, text,   n, at) {
      for (n = 0; (at = index(text, part)) > 0; ++n)
        text = substr(text, at + 1)
      return n
    }
    function wrong(what) {
      print what "  " file " " name
      failed = 1
    }
    function check(   n, found) {
      if (file != read_file)
        content = whole(ENVIRON["root"] "/" (read_file = file))
      if ((file, name) in seen)
        wrong("is there twice")
      seen[file, name]
      if (pairs == 0)
        wrong("has no text")
      for (n = 1; n <= pairs; ++n) {
        if (!(n in new) || old[n] == new[n])
          wrong("changes nothing")
        else if ((found = occurrences(old[n], content)) != 1)
          wrong("text occurs " found " times")
      }
    }
    function apply(   n, at) {
      content = whole(ENVIRON["root"] "/" file)
      for (n = 1; n <= pairs; ++n) {
        at = index(content, old[n])
        content = substr(content, 1, at - 1) new[n] substr(content, at + length(old[n]))
      }
      printf "%s", content
    }
    function end_of_row() {
      if (name == "")
        return
      ++number
      if (mode == "list")
        print number "|" file "|" name "|" ++rows[file] "|" reason
      else if (mode == "check")
        check()
      else if (number == wanted)
        apply()
      name = reason = ""
      pairs = 0
      split("", old)
      split("", new)
    }
    /^#/ { next }
    /^$/ { end_of_row(); next }
    /^@ / { end_of_row(); file = substr($0, 3); next }
    /^equivalent: / { reason = substr($0, 13); next }
    /^-/ { if (pairs == 0 || pairs in new) old[++pairs] = substr($0, 3)
           else old[pairs] = old[pairs] "\n" substr($0, 3)
           next }
    /^[+]/ { if (pairs in new) new[pairs] = new[pairs] "\n" substr($0, 3)
             else new[pairs] = substr($0, 3)
             next }
    name == "" { name = $0; next }
    { print "not understood: " $0; failed = 1 }
    END { end_of_row(); exit failed }' "$table"
}

# ---- One mutant ---------------------------------------------------------------------------------
# $file is mutated; $mutant is the mutant's folder, with include/icebp/$file; $changed are the
# objects of the build that read the file.

# lines_of FILE KEY: what stands behind `KEY|` in $work/FILE.
lines_of() { LC_ALL=C awk -v key="$2|" 'index($0, key) == 1 { print substr($0, length(key) + 1) }' "$work/$1"; }

flat() { echo "${1//\//+}"; }

# mutated SOURCE: what is compiled in its place.
mutated() {
  [[ $1 != "$root/$file" ]] && echo "$1" || echo "$mutant/include/icebp/$file"
}

# compile OBJECT...: those that are not there yet.
compile() {
  local object
  for object in "$@"; do
    [[ -e $mutant/$(flat "$object") ]] ||
      (cd "$release" && eval "$(lines_of compile "$object")") >>"$mutant/log" 2>&1 || return 1
  done
}

# changed_in PROGRAM: those of the changed objects that it is linked from, itself or in a library.
changed_in() {
  local object library command
  command=$(lines_of link "$1")
  for object in "${changed[@]}"; do
    library=${object/CMakeFiles\//lib}
    [[ $command != *" $object "* && $command != *" ${library%%.dir/*}.a "* ]] || echo "$object"
  done
}

# link PROGRAM OBJECT...: with the mutant's in place of OBJECT; without the other $omitted.
omitted=()
link() {
  local command object objects=()
  command=$(lines_of link "$1")
  for object in "${@:2}" "${omitted[@]}"; do
    command=${command/" $object "/ }
  done
  for object in "${@:2}"; do
    objects+=("$mutant/$(flat "$object")")
  done
  [[ -n $command ]] && (cd "$release" && eval "$command") >>"$mutant/log" 2>&1
}

# within SECONDS COMMAND...: false also if it does not end, or wants all memory.
within() { (ulimit -v 8000000 && cd "$mutant" && exec timeout "$@") >>"$mutant/log" 2>&1 </dev/null; }

# gtest PROGRAM: the tests that try many cases last, they take ten times as long as all others.
many_cases='*Random*:*Walk*:*Sweep*:*Authority*'
gtest() {
  within 100 "$mutant/$1" --gtest_brief=1 --gtest_fail_fast --gtest_filter="-$many_cases" &&
    within 100 "$mutant/$1" --gtest_brief=1 --gtest_fail_fast --gtest_filter="$many_cases"
}

c_interface() { within 100 "$mutant/$1" --gtest_brief=1 --gtest_fail_fast --gtest_filter='CInterface*'; }

scenarios() {
  local scenario name waves=$root/testbench/tests/waves
  for scenario in "$root"/testbench/scenarios/*.json; do
    name=$(basename "$scenario" .json)
    within 20 "$mutant/icebp" run "$scenario" --vcd "$mutant/$name.vcd" &&
      within 20 bash "$waves/golden.sh" "$release/testbench/tools/vcd_changes" "$mutant/$name.vcd" "$root/traces/golden/$name.txt" &&
      within 20 bash "$waves/loosely_timed.sh" "$mutant/icebp" "$scenario" || return 1
  done
}

vectors() {
  local vectors
  for vectors in "$root"/testbench/oracle/vectors/*.jsonl; do
    within 20 "$mutant/icebp" check "$vectors" || return 1
  done
}

cli() { ICEBP_EXECUTABLE=$mutant/icebp within 100 "$release/testbench/tests/program/cli_tests" --gtest_brief=1 --gtest_fail_fast; }

# guests PROGRAM: those of the virtual platform, on both vendors.
guests() {
  local image profile cores tests=$root/testbench/tests/platform guests=$root/testbench/platform/guests
  for image in "$release"/testbench/tests/platform/guests/*.bin; do
    cores=()
    [[ $image != */smp.bin ]] || cores=(-smp 2)
    for profile in intel-skylake amd-zen1; do
      within 20 bash "$tests/check_guest.sh" "$mutant/$1" "$image" "$guests/expected/$(basename "$image" .bin).txt" "$profile" "${cores[@]}" || return 1
    done
  done
}

# noticed_by PROGRAM TEST...: whether one of the tests fails with the mutated program.
# Sets `broken` if it cannot be built.
noticed_by() {
  local program=$1 objects test
  mapfile -t objects < <(changed_in "$program")
  ((${#objects[@]})) || [[ -n ${unbroken:-} ]] || return 1
  if ! compile "${objects[@]}" || ! link "$program" "${objects[@]}"; then
    broken=yes
    return 0
  fi
  for test in "${@:2}"; do
    "$test" "$program" || return 0
  done
  return 1
}

# A header changes many tests: its own test first, alone, and without the oracles unless it reads
# them.
noticed_by_own_test() {
  local own objects omitted
  own=$(printf '%s\n' "${changed[@]}" | grep "/$(basename "$file" .h)_test\.cpp\.o$") || return 1
  mapfile -t objects < <(changed_in rules_tests | grep -vF -e /rules_tests.dir/ -e /icebp_c.dir/)
  mapfile -t omitted < <(grep -o '[^| ]*/rules_tests\.dir/[^ ]*' "$work/link" | grep -vxF "$own")
  grep -q "/oracles/.*|$own$" "$work/readers" ||
    mapfile -t objects < <(printf '%s\n' "${objects[@]}" | grep -vF /rules_oracles.dir/)
  compile "$own" "${objects[@]}" && link rules_tests "$own" "${objects[@]}" && ! gtest rules_tests
}

packets() { within 100 "$mutant/$1" --gtest_brief=1 --gtest_fail_fast --gtest_filter='Packet*:Hex*'; }

# debugger PROGRAM: what connects to it, Debian's gdb with and without a guest that watches.
debugger() {
  local profile image built=$release/testbench/tests/platform tests=$root/testbench/tests/platform/gdb
  ICEBP_VP=$mutant/$1 within 100 "$built/gdb/gdb_tests" --gtest_brief=1 --gtest_fail_fast || return 1
  for profile in intel-skylake amd-zen1; do
    within 30 bash "$tests/session.sh" "$mutant/$1" "$built/gdb/debugged.elf" "$tests"/session.{gdb,txt} -profile "$profile" || return 1
    for image in "$built"/guests/{step,mov_dr,mov_ss,protected,user,long_breakpoints}.bin; do
      [[ ! -e $image ]] || within 30 bash "$tests/unseen.sh" "$mutant/$1" "$image" -profile "$profile" || return 1
    done
  done
}

noticed() {
  case $file in
  testbench/platform/gdb/*) noticed_by gdb_tests packets || noticed_by icebp-vp debugger ;;
  model/rules/*) { [[ $file == *.h ]] && noticed_by_own_test; } || noticed_by rules_tests gtest ;;
  c/*) noticed_by rules_tests c_interface || noticed_by model_tests c_interface ;;
  testbench/platform/*) noticed_by platform_tests gtest || noticed_by icebp-vp guests ;;
  testbench/program/* | model/json/* | model/profiles/*)
    noticed_by program_tests gtest || noticed_by save_file_tests gtest || noticed_by icebp cli vectors scenarios ;;
  *) noticed_by model_tests gtest || noticed_by icebp scenarios cli ;;
  esac
}

# passes_unbroken FOLDER: the tests of a file there, with nothing changed. Else no verdict says
# anything.
passes_unbroken() {
  local file=$1/none.cpp mutant=$work/unbroken/$1 broken='' unbroken=yes changed=()
  mkdir -p "$mutant"
  ! noticed || {
    tail -n 30 "$mutant/log" >&2
    fail "tests fail although nothing is broken, or do not link: above"
  }
}

# try NUMBER|FILE|NAME|...: prints the verdict. Nothing if $last_start, if any, is over.
try() {
  local number file name _ reason mutant changed broken='' verdict=survived
  IFS='|' read -r number file name _ reason <<<"$1"
  (($(date +%s) <= last_start)) || return 0
  mutant=$work/mutants/$number
  mkdir -p "$mutant/include/icebp/$(dirname "$file")"
  table apply "$number" >"$mutant/include/icebp/$file"
  mapfile -t changed < <(lines_of readers "$file")
  ! noticed || verdict=killed
  [[ -z $broken ]] || verdict='does not compile'
  ((${#changed[@]})) || verdict='nothing reads'
  [[ -n ${KEEP_MUTANTS:-} ]] || rm -r "$mutant"
  case $verdict,${reason:+equivalent} in
  killed, | survived,equivalent) echo "${reason:+equivalent, }$verdict  $file $name${reason:+: $reason}" ;;
  *) echo "${reason:+equivalent, but }$verdict  $file $name <--${reason:+ $reason}" ;;
  esac
}

# ---- All that is asked for ----------------------------------------------------------------------

# changed_since COMMIT: the files.
changed_since() { git -C "$root" diff --name-only --no-renames --relative "$1" --; }

# a_day_before_head: the last commit that is a day older than HEAD; false without such history.
a_day_before_head() {
  local head
  head=$(git -C "$root" log -1 --format=%ct 2>/dev/null) &&
    git -C "$root" rev-list -1 --before=$((head - 86400)) HEAD | grep .
}

# Writes into $work what the build knows: readers (FILE|OBJECT), compile (OBJECT|COMMAND) and link
# (PROGRAM|COMMAND). The commands are the build's own but for what a mutant changes: they are fast,
# take the mutated file before all others, and write into $mutant.
know_the_build() {
  local objects programs=(testbench/tests/{rules/rules,model/model,platform/platform,program/program,program/save_file}_tests testbench/program/icebp testbench/platform/icebp-vp testbench/tests/platform/gdb/gdb_tests)
  LC_ALL=C ninja -C "$release" -t deps | LC_ALL=C awk -v root="$root/" -v links="$release/include/icebp/" '
    /^[^ ]/ { object = substr($1, 1, length($1) - 1) }
    /^ / { path = $1
           if (index(path, links) == 1) path = substr(path, length(links) + 1)
           else if (index(path, root) == 1) path = substr(path, length(root) + 1)
           else if (index(path, "../../") == 1) path = substr(path, 7) # ccache with a base directory, and below
           else if (index(path, "include/icebp/") == 1) path = substr(path, 15)
           else next
           print path "|" object }' | sort -u >"$work/readers"

  mapfile -t objects < <(cut -d'|' -f2 "$work/readers" | grep '\.cpp\.o$' | sort -u)
  # shellcheck disable=SC2016  # expanded when a mutant is compiled
  paste -d'|' <(printf '%s\n' "${objects[@]}") <(ninja -C "$release" -t commands -s "${objects[@]}") |
    sed -E -e 's! -MD -MT \S+ -MF \S+ -o (\S+) -c (\S+)$! -w -o "$mutant/$(flat \1)" -c "$(mutated \2)"!' \
      -e 's! -O3 ! -O1 !; s! -I! -I"$mutant/include" -I!' \
      -e '\!^(testbench/program/CMakeFiles/icebp_program_io|model/CMakeFiles/icebp_profiles)!s! -I! -include "$work/json.h" -I!' \
      -e '\!^(testbench/program/CMakeFiles/icebp(|_program_run)|model/CMakeFiles/icebp_model|tlm/CMakeFiles/icebp_tlm)\.dir!s! -I! -include "$work/systemc.h" -I!' \
      >"$work/compile"

  # shellcheck disable=SC2016  # and linked
  paste -d'|' <(printf '%s\n' "${programs[@]##*/}") <(ninja -C "$release" -t commands -s "${programs[@]}") |
    sed -E 's! -o \S+ ! "${objects[@]}" -o "$mutant/${1}" !' >"$work/link"
}

# What the product's sources read of others, precompiled; the tests' is part of the build.
precompile() {
  echo '#include <nlohmann/json.hpp>' >"$work/json.h"
  printf '#include <%s>\n' systemc tlm tlm_utils/simple_target_socket.h nlohmann/json.hpp >"$work/systemc.h"
  g++ -std=c++17 -O1 -DNDEBUG -w -x c++-header "$work/json.h" &
  g++ -std=c++17 -O1 -DNDEBUG -DSC_DISABLE_API_VERSION_CHECK -w -x c++-header "$work/systemc.h"
  wait
}

# matches TEXT: one of the patterns, or there is none.
matches() {
  local pattern
  ((${#patterns[@]})) || return 0
  for pattern in "${patterns[@]}"; do
    # shellcheck disable=SC2053  # a glob
    [[ $1 != *$pattern* ]] || return 0
  done
  return 1
}

# rows_asked_for: of `table list`, by $patterns and $files.
rows_asked_for() {
  local row file name
  table list | while IFS= read -r row; do
    IFS='|' read -r _ file name _ <<<"$row"
    if [[ -n $of_files ]] && ! grep -qxF "$file" <<<"$files"; then
      continue
    fi
    matches "$file $name" && echo "$row"
  done
}

action=run patterns=() of_files='' files='' seconds='' one_of_each=''
while (($#)); do
  case $1 in
  --check | --list) action=${1#--} ;;
  --changed-since)
    of_files="differ from $2"
    files=$(changed_since "$2") || fail "git does not know the commit $2"
    shift
    ;;
  --last-day)
    if commit=$(a_day_before_head); then
      of_files="differ from ${commit::12}, a day before HEAD"
      files=$(changed_since "$commit")
    else
      one_of_each="there is no history of a day here: one row of each file"
    fi
    ;;
  --within)
    seconds=$2
    shift
    ;;
  -*) fail "mutants.sh does not know $1; its first lines say what it takes" ;;
  *) patterns+=("$1") ;;
  esac
  shift
done

table check || fail "testbench/mutants.txt does not fit the sources: the rows above. If the code moved on, so must the row"
mapfile -t rows < <(rows_asked_for)
[[ -z $one_of_each ]] || mapfile -t rows < <(printf '%s\n' "${rows[@]}" | awk -F'|' '$4 == 1')

# count ROW...
count() { printf '%s\n' "$@" | awk -F'|' 'NF { ++rows; ++files[$2] } END { for (f in files) ++n; print rows + 0 " rows of " n + 0 " files" }'; }
say "mutants: $(count "${rows[@]}")${of_files:+ that $of_files}${one_of_each:+; $one_of_each}"

case $action in
check) exit ;;
list)
  printf '%s\n' "${rows[@]}" | awk -F'|' 'NF { print $2 " " $3 }'
  exit
  ;;
esac
((${#rows[@]})) || exit 0

[[ -z $seconds ]] || mapfile -t rows < <(printf '%s\n' "${rows[@]}" | sort -t'|' -s -n -k4,4)
need "${program_packages[@]}" "${test_packages[@]}"
build release all

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cp "$table" "$work/table" # which may change meanwhile
table=$work/table
know_the_build
precompile
# One folder of those that the same tests judge.
unbroken_runs=()
for folder in $(printf '%s\n' "${rows[@]}" | sed -nE 's!^[0-9]*\|(model/rules|model/json|model/profiles|model|tlm|c|testbench/program|testbench/platform)/.*!\1!p' |
  sed -E 's!^model/(json|profiles)$!testbench/program!; s!^tlm$!model!' | sort -u); do
  passes_unbroken "$folder" &
  unbroken_runs+=($!)
done
for run in "${unbroken_runs[@]}"; do
  wait "$run" || exit 1
done
last_start=$(($(date +%s) + ${seconds:-1000000}))

for row in "${rows[@]}"; do
  (($(jobs -rp | wc -l) < $(nproc))) || wait -n || true
  try "$row" &
done | tee "$work/verdicts"
# A verdict begins like this where the table expects it.
expected='^(killed|equivalent, survived)  '
good=$(grep -cE "$expected" "$work/verdicts") || true
tried=$(grep -c . "$work/verdicts") || true
say "mutants: $good of $tried as expected, $(grep -c '^equivalent' "$work/verdicts" || true) of them equivalent;" \
  "$((${#rows[@]} - tried)) left out for want of time"
((good == tried))
