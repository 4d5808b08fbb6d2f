# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run; leaves the caller in the repository's
# root. Everything it says goes to stderr, so that a script's stdout stays its own.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1

# Git-ignored: what setup found out about this machine, and what the demo leaves.
LOCAL_DIR=$ROOT/.assay
# Lines `export NAME=value`, written by setup alone.
LOCAL_ENV=$LOCAL_DIR/env

# One profile and one selection everywhere: any other would compile the SDK a second time.
BUILD_SELECTION=(--release --workspace --locked)

# One line for each argument.
say() { printf '%s\n' "$@" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'failed: %s\n' "$*" >&2
  exit 1
}

# 75 -> "1 min 15 s"
duration() {
  if (($1 < 60)); then
    printf '%d s' "$1"
  else
    printf '%d min %d s' $(($1 / 60)) $(($1 % 60))
  fi
}

# Prints the comment at the head of the script as its help.
usage() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"; }

load_environment() {
  unset RUSTUP_TOOLCHAIN WASM_BUILD_TOOLCHAIN
  if [[ -f $LOCAL_ENV ]]; then
    # shellcheck source=/dev/null
    source "$LOCAL_ENV"
  fi
  if ! command -v rustup >/dev/null && [[ -x $HOME/.cargo/bin/rustup ]]; then
    PATH=$HOME/.cargo/bin:$PATH
  fi
  # Through the path rather than through CXX: cargo compiles again whatever has seen another CXX.
  if [[ -d /usr/lib/ccache && $PATH != /usr/lib/ccache:* ]]; then
    PATH=/usr/lib/ccache:$PATH
  fi
}

set_up() {
  "$ROOT/scripts/setup" "$@" >&2
  load_environment
}

target_dir() {
  cargo metadata --no-deps --locked --format-version 1 |
    sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

# Builds all that the scripts run. The first time takes long, and says so.
build() {
  local started=$SECONDS
  TARGET_DIR=$(target_dir)
  if [[ ! -x $TARGET_DIR/release/assay-node ]]; then
    say "building: the first build takes about 45 minutes on two cores"
  fi
  cargo build "${BUILD_SELECTION[@]}" --all-targets >&2 ||
    die "the build; the compiler's message is above. After mending it, run this script again."
  say "built in $(duration $((SECONDS - started)))"
}
