# shellcheck shell=bash
# Sourced by run, test and tools/chroot-test (bash): messages, the list of packages, the build with its progress.

if [ -t 1 ]; then mw_tty=1 mw_bold=$'\e[1m' mw_red=$'\e[31m' mw_off=$'\e[0m'; else mw_tty='' mw_bold='' mw_red='' mw_off=''; fi
# What was compiled in one clone serves another: paths below the tree are hashed as relative ones.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

say() { printf '%s\n' "$*"; }
step() { printf '%s%s%s\n' "$mw_bold" "$*" "$mw_off"; }
fail() { printf '%s%s%s\n' "$mw_red" "$*" "$mw_off" >&2; exit 1; }

# progress TEXT PERCENT: one line that changes on a terminal, a line for each tenth elsewhere.
progress() {
  if [ -n "$mw_tty" ]; then
    printf '\r\e[K  %s %s%%' "$1" "$2"
  elif [ $(($2 / 10)) -ne "${mw_tenth:--1}" ]; then
    mw_tenth=$(($2 / 10)); printf '  %s %s%%\n' "$1" "$2"
  fi
}
progress_end() { [ -z "$mw_tty" ] || printf '\r\e[K'; mw_tenth=-1; }

# packages SECTION...: the entries of these sections of tools/packages.txt.
packages() {
  awk -v wanted=" $* " '/^\[/ {section = substr($1, 2, length($1) - 2); next}
    /^[a-z]/ && index(wanted, " " section " ") {print $1}' tools/packages.txt
}

# missing_packages SECTION...: the names of those that are not installed.
missing_packages() {
  local entry installed
  installed=$'\n'$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')$'\n'
  for entry in $(packages "$@"); do
    case $entry in *'|'*) command -v "${entry#*|}" >/dev/null && continue ;; esac
    case $installed in *$'\n'"${entry%|*}"$'\n'*) ;; *) printf '%s\n' "${entry%|*}" ;; esac
  done
}

# ensure_packages MAY_INSTALL SECTION...: installs what is missing, or says what is and how to install it.
ensure_packages() {
  local may_install=$1 missing sudo='' command
  shift
  if ! command -v dpkg-query >/dev/null; then
    say "This is not a Debian system: the packages of tools/packages.txt must be there already."
    return 0
  fi
  missing=$(missing_packages "$@" | xargs)
  [ -n "$missing" ] || return 0
  [ "$(id -u)" -eq 0 ] || sudo='sudo '
  command="${sudo}apt-get install --no-remove --no-install-recommends $missing"
  if [ "$may_install" != yes ] || { [ -n "$sudo" ] && ! can_sudo; }; then
    say "These Debian packages are missing:"
    printf '%s\n' "$missing" | fold -s -w 100 | sed 's/^/  /'
    say "Install them with:"
    say "  ${sudo}apt-get update && $command"
    exit 1
  fi
  step "Installing the Debian packages that are missing ($(wc -w <<<"$missing"))"
  printf '%s\n' "$missing" | fold -s -w 100 | sed 's/^/  /'
  install_packages "$sudo" "$missing"
}

can_sudo() { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; }

install_packages() {
  local log=build/apt.log as_root=(env) missing
  [ -z "$1" ] || as_root=(sudo env)
  read -r -a missing <<<"$2"
  mkdir -p build
  say "  reading the package lists"
  "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; fail "apt-get update failed; the lines above (and $log) say why."; }
  # --no-remove: Boost 1.81 excludes 1.74; whoever has 1.74 decides, not this script.
  "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-remove --no-install-recommends -o APT::Status-Fd=3 \
    install "${missing[@]}" 3>&1 >>"$log" 2>&1 </dev/null | apt_progress
  if [ "${PIPESTATUS[0]}" -ne 0 ]; then
    progress_end
    grep -E '^(E:|The following packages will be REMOVED|  )' "$log" | tail -n 12 >&2
    fail "apt-get could not install them without removing others; the lines above (and $log) say why. Remove what is in the way, then start again."
  fi
}

apt_progress() {
  local kind rest percent text
  while IFS=: read -r kind rest; do
    percent=${rest#*:}; percent=${percent%%[.:]*}
    case $kind in dlstatus) text=downloading ;; pmstatus) text=installing ;; *) continue ;; esac
    case $percent in '' | *[!0-9]*) continue ;; esac
    [ "$text" = "${mw_phase:-}" ] || { mw_phase=$text; mw_tenth=-1; }
    progress "$text" "$percent"
  done
  progress_end
}

# One job for each processor, and no more than the memory carries (a compiler takes up to 1.5 GB here).
build_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1500000)}' /proc/meminfo)
  [ "${memory:-1}" -ge 1 ] || memory=1
  echo $((cores < memory ? cores : memory))
}

# run_ninja FOLDER TARGET...: builds with visible progress; the full output is in FOLDER/build.log.
run_ninja() {
  local folder=$1 log=$1/build.log status
  shift
  # Line by line: "[done/all] what"; everything else is what a compiler says, and is shown.
  NINJA_STATUS='[%f/%t] ' stdbuf -oL ninja -C "$folder" -j"$(build_jobs)" "$@" 2>&1 </dev/null | tee "$log" | build_progress
  status=${PIPESTATUS[0]}
  if [ "$status" -ne 0 ]; then say "The build failed; all of its output is in $log."; fi
  return "$status"
}

build_progress() {
  local line finished all
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      finished=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]}
      [ "$all" -lt 4 ] || progress "building: $finished of $all," $((100 * finished / all))
    elif [[ -n $line && $line != '-- '* && $line != 'ninja: '[Een]* ]] || [[ $line == 'ninja: error'* ]]; then
      progress_end; printf '%s\n' "$line"
    fi
  done
  progress_end
}

# configure FOLDER OPTION...: runs CMake when it never ran or ran with other options.
configure() {
  local folder=$1 log=$1/configure.log
  shift
  mkdir -p "$folder"
  if [ -f "$folder/build.ninja" ] && [ "$(cat "$folder/options" 2>/dev/null)" = "$*" ]; then return 0; fi
  cmake -S . -B "$folder" -G Ninja "$@" >"$log" 2>&1 || { tail -n 30 "$log" >&2; say "CMake failed; all of its output is in $log."; return 1; }
  printf '%s' "$*" >"$folder/options"
}
