//! The rules of Assay as pure functions over plain values: no chain, no float, no panic.
//!
//! | module | rules, section |
//! |---|---|
//! | [`ratio`] | 1: numbers |
//! | [`profile`] | 2: credit reports, merged and propagated profiles |
//! | [`artifact`], [`network`], [`explanation`] | 3: scoring contracts |
//! | [`grading`] | 4: grades |
//! | [`rates`], [`curve`] | 5: bad rates, and the curve of section 6 |
//! | [`screening`] | 6: screening |
//! | [`allotment`], [`waterfall`] | 7: issuance and money |
//! | [`surveillance`] | 8: surveillance |
//!
//! Pallets load, call a function of this crate and store its result; the command line calls the
//! same functions. Everything here is total: whatever the input, a call returns, and what is not
//! defined comes back as a fault or as nothing.

#![cfg_attr(not(feature = "std"), no_std)]
// `as_conversions` is denied by module: the derived encodings of enums convert so.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

extern crate alloc;

/// The README's example, compiled and run with the tests.
#[cfg(all(doctest, feature = "serde"))]
#[doc = include_str!("../README.md")]
pub struct Readme;

pub mod allotment;
pub mod artifact;
pub mod curve;
#[cfg_attr(not(test), deny(clippy::as_conversions))]
pub mod explanation;
pub mod grading;
#[cfg_attr(not(test), deny(clippy::as_conversions))]
pub mod network;
pub mod profile;
pub mod rates;
#[cfg_attr(not(test), deny(clippy::as_conversions))]
pub mod ratio;
pub mod screening;
pub mod surveillance;
pub mod waterfall;
