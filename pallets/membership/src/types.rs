//! Bounds, and how the runtime says which roles may send which call.

use assay_primitives::member::Roles;

/// Most organisations: a change of the council reads them all, some 15 ms.
pub const MAX_ORGANISATIONS: u32 = 1_024;
/// Most members of the council: each votes on every motion, and a motion is held in one value.
pub const MAX_COUNCIL_MEMBERS: u32 = 100;

/// Which roles may send a call.
pub trait CallRoles<Call> {
    /// The roles of which a sender needs one; none when nobody may send the call.
    fn roles(call: &Call) -> Option<Roles>;
}
