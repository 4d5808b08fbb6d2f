//! What tests with real nodes and the benchmarks share: nodes as processes, made-up data, and the
//! way of a pack through the client library.

pub mod drive;
pub mod node;
pub mod sample;
