//! The client's modules that read files, without the rest of it, which would bring the whole SDK.

#[path = "../../client/src"]
mod client {
    pub mod ratio;
    pub mod subject;
    pub mod table;
}

// The modules name each other from the crate's root.
pub use client::*;
