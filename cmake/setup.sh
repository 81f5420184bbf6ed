# shellcheck shell=bash disable=SC2034
# Shared by run, test and .ci/run: the Debian packages, the build, the tests. Sourced, never run.
set -euo pipefail
export LC_ALL=C.UTF-8

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

program_packages=(cmake ninja-build g++ pkg-config libsystemc-dev libboost-program-options-dev
                  rapidjson-dev libzydis-dev)
test_packages=(libgtest-dev librapidcheck-dev nlohmann-json3-dev nasm)
gtkwave_packages=(gtkwave xvfb xauth)
gdb_packages=(gdb)

say() { printf 'icebp: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

# Prints those of the packages $@ that are not installed.
missing() {
  local package known
  # shellcheck disable=SC2016  # ${...} is dpkg-query's
  known=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null) || true
  for package in "$@"; do
    grep -qxF "installed $package" <<<"$known" || echo "$package"
  done
}

# Installs those of the packages $@ that are missing; without any, uses neither apt nor the network.
need() {
  if ! type -P apt-get dpkg-query >/dev/null; then
    fail "this is not Debian: install what its packages $* hold, then type" \
         "cmake --preset release && cmake --build --preset release && ctest --preset release"
  fi
  local packages as_root=()
  mapfile -t packages < <(missing "$@")
  ((${#packages[@]})) || return 0

  local install=(install --no-install-recommends "${packages[@]}")
  if ((EUID != 0)); then
    sudo -n true 2>/dev/null ||
      fail "packages are missing; as root, type: apt-get update && apt-get ${install[*]}"
    as_root=(sudo -n)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
             apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)

  say "installing ${packages[*]}"
  "${apt[@]}" update </dev/null >&2 || say "apt-get update failed; going on with the lists there are"
  "${apt[@]}" "${install[@]}" </dev/null >&2 ||
    fail "apt-get failed for the reason above: check the network and /etc/apt/sources.list*, then try again"
}

# Whether the build of preset $1 is one of this folder, where it lies now.
is_of_this_folder() { grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$root/build/$1/CMakeCache.txt"; }

# Whether the program $3, built as target $2 of preset $1, can be run as it is: it is up to date, or
# another user's.
is_built() {
  local folder=$root/build/$1
  [[ -x $folder/$3 ]] || return 1
  [[ -w $folder ]] || return 0
  # What ninja would do; what it then finds to do beside that is done in silence.
  is_of_this_folder "$1" && ! ninja -C "$folder" -n "$2" 2>&1 | grep -qE 'Building|Linking|error' &&
    ninja -C "$folder" "$2" >/dev/null 2>&1
}

# What CMake is given beside the preset.
configuration=()

# Builds the targets $2... of preset $1. The tests are part of the build where their packages are.
build() {
  local preset=$1 folder=$root/build/$1 tests=ON
  [[ -z $(missing "${test_packages[@]}") ]] || tests=OFF
  if [[ -e $folder/CMakeCache.txt ]] && ! is_of_this_folder "$preset"; then
    say "build/$preset is of another folder; building anew"
    rm -rf "$folder"
  fi
  cmake -S "$root" --preset "$preset" -DICEBP_TESTS="$tests" "${configuration[@]}" >/dev/null || # errors are on stderr
    fail "CMake failed for the reason above"
  cmake --build "$folder" --target "${@:2}" >&2 ||
    fail "the build failed at the first error above;" \
         "if the compiler was killed, memory was short: try again with CMAKE_BUILD_PARALLEL_LEVEL=1"
}

# Runs the tests of preset $1; $2... are ctest's arguments.
run_tests() {
  ctest --test-dir "$root/build/$1" --output-on-failure --no-tests=error --parallel "$(nproc)" "${@:2}"
}
