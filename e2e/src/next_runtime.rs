//! The runtime as its own successor: the same code with the next `spec_version`, to try upgrades
//! with.

// The builder writes more than is of use here.
#[allow(dead_code)]
mod built {
    include!(concat!(env!("OUT_DIR"), "/next_runtime.rs"));
}

/// Its compressed Wasm; none where `SKIP_WASM_BUILD` was set.
pub const CODE: Option<&[u8]> = built::WASM_BINARY;
