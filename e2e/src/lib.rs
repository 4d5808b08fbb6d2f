//! What tests with real nodes and the benchmarks share: nodes as processes, made-up data, and the
//! way of a pack through the client library.

pub mod drive;
pub mod net;
pub mod next_runtime;
pub mod node;
pub mod process;
pub mod rpc;
pub mod sample;
pub mod transaction;
