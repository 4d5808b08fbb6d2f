//! The crate against an independent implementation of the rules (rules, sections 2 and 3).

mod common;
#[path = "vectors/profiles.rs"]
mod profiles;
#[path = "vectors/scores.rs"]
mod scores;
