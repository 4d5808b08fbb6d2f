//! Bounds, and how the runtime says which roles may send which call.

use assay_primitives::{
    member::{Roles, Serial},
    UnixSecs,
};
use frame_support::{traits::ConstU32, BoundedVec};

/// Most organisations: a change of the council reads them all, some 15 ms.
pub const MAX_ORGANISATIONS: u32 = 1_024;
/// Most members of the council: each votes on every motion, and a motion is held in one value.
pub const MAX_COUNCIL_MEMBERS: u32 = 100;
/// Most authorities: each bank of a large consortium may keep its own, and an enrolment reads them
/// all to find the one that signed.
pub const MAX_AUTHORITIES: u32 = 64;
/// Most authorities of one name: those that may have signed a certificate, so that an enrolment
/// checks no more signatures than these. An authority and its successor are two.
pub const MAX_AUTHORITIES_OF_ONE_NAME: u32 = 4;
/// Most revoked serial numbers of one authority, as many as there may be members. They are one
/// value of some 30 kB that an enrolment reads; an authority that needs more is better replaced.
pub const MAX_REVOKED: u32 = 1_024;
/// Compute that a member may use in an hour unless the council says otherwise: 300 s, of the
/// 1,200 s that an hour's blocks have.
pub const DEFAULT_QUOTA_MILLIS: u32 = 300_000;
/// Days before its certificate's end at which a member is warned, the earliest first.
pub const WARNING_DAYS: [u8; 3] = [30, 7, 1];

/// Serial numbers that an authority's certificates may not have, in order, with the time at which
/// the council said so.
pub type RevokedSerials = BoundedVec<(Serial, UnixSecs), ConstU32<MAX_REVOKED>>;

/// What the runtime knows of calls.
pub trait CallRoles<Call> {
    /// The roles of which a sender needs one; none when nobody may send the call.
    fn roles(call: &Call) -> Option<Roles>;
    /// Whether the call may enter without a signature: reports that prove themselves.
    fn is_bare(call: &Call) -> bool;
    /// Whether the council stopped the call.
    fn is_stopped(call: &Call) -> bool;
}
