//! Validators as readers see them.

use crate::AccountId;
use alloc::vec::Vec;
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// Fewest validators of a consortium: one may fail and the others still agree.
pub const MIN_CONSORTIUM_VALIDATORS: u32 = 4;

/// One validator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ValidatorView {
    /// The account of its organisation.
    pub account: AccountId,
    /// Whether it makes blocks in this session.
    pub active: bool,
    /// Whether the council wants it to, from the session after the next on.
    pub chosen: bool,
    /// Its session keys for the session after the next, encoded: Aura, then GRANDPA.
    pub keys: Option<Vec<u8>>,
    /// Blocks it made in this session.
    pub blocks: u32,
}

/// The validators and their session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ValidatorsView {
    pub validators: Vec<ValidatorView>,
    /// Fewest that the council may leave.
    pub minimum: u32,
    /// Number of the session.
    pub session: u32,
    /// Blocks of a session.
    pub session_blocks: u32,
    /// The block that begins the next session.
    pub next_session_block: u32,
}
