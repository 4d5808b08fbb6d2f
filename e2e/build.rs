//! Builds the runtime's Wasm a second time, as its own successor, with which upgrades are tried.

use std::{
    env, fs,
    path::{Path, PathBuf},
};
use substrate_wasm_builder::WasmBuilder;

fn main() {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it as well"));
    let runtime = here.join("../runtime/Cargo.toml").canonicalize().expect("the runtime is there");
    let second = second_out_dir(&out_dir);
    prepare(&second, &out_dir);

    // The builder finds its workspace by this variable alone.
    env::set_var("OUT_DIR", &second);
    WasmBuilder::new()
        .with_project(runtime)
        .expect("the runtime has a manifest")
        .import_memory()
        .export_heap_base()
        .enable_feature("increment-spec-version")
        .build();
    fs::copy(second.join("wasm_binary.rs"), out_dir.join("next_runtime.rs"))
        .expect("what was built can be copied");
}

/// The builder has one workspace for each project in a target directory, whatever the features.
/// Two builds of the runtime in it would take each other's place, so this one pretends to be in
/// another target directory: `next-runtime` within the real one.
fn second_out_dir(out_dir: &Path) -> PathBuf {
    // <target>/<profile>/build/<package>/out
    let profile_dir = out_dir.ancestors().nth(3).expect("OUT_DIR lies in a target directory");
    profile_dir.join("next-runtime/release/build/assay-e2e/out")
}

/// Gives the files that the builder makes the time of this run, which it looks up beside its output:
/// newer ones would have cargo run this again each time.
fn prepare(second: &Path, out_dir: &Path) {
    fs::create_dir_all(second).expect("the target directory can be written");
    let invoked = |out_dir: &Path| out_dir.with_file_name("invoked.timestamp");
    let Ok(time) = fs::metadata(invoked(out_dir)).and_then(|file| file.modified()) else { return };
    let stamp = fs::File::create(invoked(second)).expect("the target directory can be written");
    stamp.set_modified(time).expect("a file of one's own can be given another time");
}
