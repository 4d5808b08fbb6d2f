# shellcheck shell=bash
# The compiler's target for the runtime, by rustup or from Debian's packages. Sourced by setup alone.
#
# The second way is for networks that reach a mirror of their distribution but not rustup's server:
# Debian packages a compiler new enough and its source; `core`, `alloc` and `compiler_builtins` are
# built from that for the target. The result is a toolchain of its own, made of links and these three
# libraries, that rustup knows as `assay-wasm`: nothing below /usr is changed.

WASM_TARGET=wasm32v1-none
WASM_TOOLCHAIN=assay-wasm
WASM_TOOLCHAIN_DIR=${XDG_DATA_HOME:-$HOME/.local/share}/assay/wasm-toolchain
# Standing still longer than this, rustup's server is taken to be out of reach.
WASM_TARGET_SECONDS=180

# Leaves the toolchain for the runtime in WASM_BUILD_TOOLCHAIN, which is empty for the common one.
set_up_wasm_target() {
  case ${ASSAY_WASM_TARGET:-auto} in
  auto)
    if has_wasm_target || { ! is_wasm_verified "${WASM_BUILD_TOOLCHAIN-}" && add_wasm_target; }; then
      unset WASM_BUILD_TOOLCHAIN
    elif ! is_wasm_verified "${WASM_BUILD_TOOLCHAIN-}"; then
      warn "rustup could not install $WASM_TARGET; going on with Debian's packages"
      set_up_debian_wasm
    fi
    ;;
  rustup)
    has_wasm_target || add_wasm_target ||
      die "rustup could not install $WASM_TARGET; give it its server or mirror (RUSTUP_DIST_SERVER), or leave ASSAY_WASM_TARGET unset"
    unset WASM_BUILD_TOOLCHAIN
    ;;
  debian) set_up_debian_wasm ;;
  *) die "ASSAY_WASM_TARGET is '$ASSAY_WASM_TARGET', not rustup or debian" ;;
  esac
  verify_wasm "${WASM_BUILD_TOOLCHAIN-}"
}

has_wasm_target() {
  compgen -G "$(rustc --print sysroot)/lib/rustlib/$WASM_TARGET/lib/libcore-*.rlib" >/dev/null
}

add_wasm_target() {
  say "installing the target $WASM_TARGET"
  RUST_BACKTRACE=0 timeout "$WASM_TARGET_SECONDS" rustup target add "$WASM_TARGET" >&2 &&
    has_wasm_target
}

set_up_debian_wasm() {
  WASM_BUILD_TOOLCHAIN=$WASM_TOOLCHAIN
  if is_wasm_verified "$WASM_TOOLCHAIN"; then
    return
  fi
  command -v apt-cache >/dev/null || die "this machine has no apt: only rustup can give $WASM_TARGET here"
  update_package_lists
  local compiler linker rustc cargo
  compiler=$(newest_debian_compiler)
  linker=$(apt-cache search --names-only '^lld-[0-9]+$' | cut -d ' ' -f 1 | sort -V | tail -n 1)
  [[ -n $compiler && -n $linker ]] ||
    die "this release packages no Rust of at least $(least_rust) with an lld; only rustup can give $WASM_TARGET here"
  # rustc-web goes with cargo-web and rust-web-src, rustc-1.95 with cargo-1.95 and rust-1.95-src.
  local suffix=${compiler#rustc}
  install_packages "$compiler" "cargo$suffix" "rust$suffix-src" "$linker" ||
    die "installing $compiler, cargo$suffix, rust$suffix-src or $linker; apt's message is above"
  rustc=$(packaged_program "$compiler" rustc)
  cargo=$(packaged_program "cargo$suffix" cargo)
  link_debian_toolchain "$rustc" "$cargo" "/usr/lib/llvm-${linker#lld-}/bin/lld"
  build_wasm_libraries "$rustc"
  rustup toolchain link "$WASM_TOOLCHAIN" "$WASM_TOOLCHAIN_DIR"
}

# The least version of Rust that the workspace takes.
least_rust() { sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml"; }

# The name of the package with the newest Rust, or nothing if all are too old.
newest_debian_compiler() {
  local name version least
  least=$(least_rust)
  apt-cache search --names-only '^rustc(-web|-[0-9.]+)?$' | cut -d ' ' -f 1 | while read -r name; do
    version=$(apt-cache policy "$name" | sed -n 's/^ *Candidate: \([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p')
    if [[ $(printf '%s\n' "$least" "$version" | sort -V | head -n 1) == "$least" ]]; then
      printf '%s %s\n' "$version" "$name"
    fi
  done | sort -V | tail -n 1 | cut -d ' ' -f 2
}

# The path of a program of a package, whose file may carry the version.
packaged_program() {
  dpkg -L "$1" | grep -E "^/usr/bin/$2(-[0-9.]+)?\$" | head -n 1 ||
    die "the package $1 has no program $2"
}

# A toolchain of links to the packages' files: rustc, cargo, linker.
link_debian_toolchain() {
  local rustc=$1 cargo=$2 linker=$3 sysroot host entry
  sysroot=$("$rustc" --print sysroot)
  host=$("$rustc" -vV | sed -n 's/^host: //p')
  rm -rf "$WASM_TOOLCHAIN_DIR"
  mkdir -p "$WASM_TOOLCHAIN_DIR"/{bin,"lib/rustlib/$host/bin","lib/rustlib/$WASM_TARGET/lib"}
  for entry in "$sysroot"/lib/rustlib/*; do
    case ${entry##*/} in
    "$host") ln -s "$entry/lib" "$WASM_TOOLCHAIN_DIR/lib/rustlib/$host/lib" ;;
    "$WASM_TARGET") ;;
    *) ln -s "$entry" "$WASM_TOOLCHAIN_DIR/lib/rustlib/" ;;
    esac
  done
  ln -s "$linker" "$WASM_TOOLCHAIN_DIR/lib/rustlib/$host/bin/rust-lld"
  ln -s "$cargo" "$WASM_TOOLCHAIN_DIR/bin/cargo"
  # A link would not do: the compiler looks for its libraries beside its own shared library.
  printf '#!/bin/sh\nexec %q --sysroot %q "$@"\n' "$rustc" "$WASM_TOOLCHAIN_DIR" \
    >"$WASM_TOOLCHAIN_DIR/bin/rustc"
  chmod +x "$WASM_TOOLCHAIN_DIR/bin/rustc"
}

# Builds core, alloc and compiler_builtins, out of the packaged source and its vendored crates.
build_wasm_libraries() {
  local library=$WASM_TOOLCHAIN_DIR/lib/rustlib/src/rust/library work crate vendored=()
  [[ -f $library/core/src/lib.rs ]] || die "the package of Rust's source has no $library"
  if [[ -d $library/vendor ]]; then
    vendored=(--offline --config 'source.crates-io.replace-with="vendored"'
      --config "source.vendored.directory=\"$(realpath "$library/vendor")\"")
  fi
  say "building $WASM_TARGET's libraries with $("$1" --version), about a minute"
  work=$(mktemp -d)
  mkdir "$work/src"
  printf '#![no_std]\n' >"$work/src/lib.rs"
  printf '[package]\nname = "libraries"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
  # The bitcode is for the runtime's link-time optimisation.
  if ! (cd "$work" && env -u CARGO_ENCODED_RUSTFLAGS RUSTC="$WASM_TOOLCHAIN_DIR/bin/rustc" RUSTC_BOOTSTRAP=1 \
    RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$work/target" "$WASM_TOOLCHAIN_DIR/bin/cargo" build \
    --release --target "$WASM_TARGET" -Zbuild-std=core,alloc,compiler_builtins "${vendored[@]}" >&2); then
    rm -rf "$work"
    die "building $WASM_TARGET's libraries; the compiler's message is above"
  fi
  for crate in core alloc compiler_builtins; do
    cp "$work/target/$WASM_TARGET/release/deps/lib$crate"-*.rlib \
      "$WASM_TOOLCHAIN_DIR/lib/rustlib/$WASM_TARGET/lib/"
  done
  rm -rf "$work"
}

# What a successful verification holds for: this compiler, under this name.
wasm_identity() {
  if [[ -n $1 ]]; then
    printf '%s\n' "$1"
    rustup run "$1" rustc -vV 2>/dev/null
    rustup run "$1" rustc --print sysroot 2>/dev/null
  else
    rustc -vV
    rustc --print sysroot
  fi
}

is_wasm_verified() {
  local stamp=$LOCAL_DIR/wasm-verified/${1:-standard}
  [[ -f $stamp && $(wasm_identity "$1") == "$(<"$stamp")" ]] || return 1
  [[ -z $1 ]] || [[ -d $WASM_TOOLCHAIN_DIR ]]
}

# Compiles a small library as the runtime will be: no_std, with alloc, optimised while linking.
verify_wasm() {
  local toolchain=$1 work
  if is_wasm_verified "$toolchain"; then
    return
  fi
  work=$(mktemp -d)
  mkdir "$work/src"
  write_wasm_probe "$work"
  if ! (cd "$work" && env -u RUSTC -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR="$work/target" \
    rustup run "${toolchain:-${RUSTUP_TOOLCHAIN:-$(pinned_channel)}}" cargo build --quiet --release --target "$WASM_TARGET" >&2) ||
    [[ $(head -c 4 "$work/target/$WASM_TARGET/release/probe.wasm" | tail -c 3) != asm ]]; then
    rm -rf "$work"
    die "a test of $WASM_TARGET does not compile, see above; remove $LOCAL_ENV and $WASM_TOOLCHAIN_DIR, then run this again"
  fi
  rm -rf "$work"
  mkdir -p "$LOCAL_DIR/wasm-verified"
  wasm_identity "$toolchain" >"$LOCAL_DIR/wasm-verified/${toolchain:-standard}"
}

write_wasm_probe() {
  cat >"$1/Cargo.toml" <<'TOML'
[package]
name = "probe"
edition = "2021"
[lib]
crate-type = ["cdylib"]
[profile.release]
lto = "thin"
panic = "abort"
[workspace]
TOML
  cat >"$1/src/lib.rs" <<'RUST'
#![no_std]
extern crate alloc;
struct NoMemory;
unsafe impl core::alloc::GlobalAlloc for NoMemory {
    unsafe fn alloc(&self, _: core::alloc::Layout) -> *mut u8 {
        core::ptr::null_mut()
    }
    unsafe fn dealloc(&self, _: *mut u8, _: core::alloc::Layout) {}
}
#[global_allocator]
static MEMORY: NoMemory = NoMemory;
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
#[no_mangle]
pub extern "C" fn digits(number: u64) -> usize {
    alloc::format!("{}", u128::from(number) * u128::from(number) / 7).len()
}
RUST
}
