//! Securities (rules, section 7).

use crate::{pack::PackFigures, AccountId, BlockNumber, Minor, Name, PackId};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most tranches of a security: senior to equity, with room.
pub const MAX_TRANCHES: u32 = 8;

/// A tranche, in order of seniority.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Tranche {
    pub name: Name,
    pub principal_minor: Minor,
    /// Interest a year.
    pub coupon_ppb: u32,
}

/// Tranches, the most senior first.
pub type Tranches = BoundedVec<Tranche, ConstU32<MAX_TRANCHES>>;

/// An issued security.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Security {
    pub name: Name,
    pub pack: PackId,
    pub spv: AccountId,
    pub exchange: AccountId,
    pub issued_at: BlockNumber,
    pub tranches: Tranches,
    pub figures: PackFigures,
}
