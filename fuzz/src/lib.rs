//! The client's modules that read files, and those they need, without the rest of it, which would bring
//! the whole SDK.

#[path = "../../client/src"]
mod client {
    pub mod float_network;
    pub mod import;
    pub mod model_file;
    pub mod ratio;
    pub mod subject;
    pub mod table;
    pub mod train;
}

// The modules name each other from the crate's root.
pub use client::*;
