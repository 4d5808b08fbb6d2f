//! What raised the risk of a scored profile (rules, section 3).

use crate::network::Network;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::cmp::Reverse;
use scale_info::TypeInfo;

/// Reasons that are given for a score.
pub const REASONS: usize = 3;

/// One feature's part in a score.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reason {
    /// Position in the contract's features.
    pub feature: u8,
    /// By how much the output is higher than it were with this feature's quantised value at 0;
    /// negative for a feature that lowered it.
    pub raise: i16,
}

/// The features that raised the output most, the largest raise first, ties by position; fewer than
/// three only when the contract has fewer features. Raises of 0 or less are given, too: whoever
/// shows reasons says so.
pub fn reasons(network: &mut Network, values: &[i32], present: u64) -> [Option<Reason>; REASONS] {
    let raises = network.raises(values, present);
    let mut found = [None; REASONS];
    for (feature, raise) in (0_u8..).zip(raises).take(network.feature_count()) {
        let mut carried = Some(Reason { feature, raise });
        for place in &mut found {
            if rank(carried) > rank(*place) {
                core::mem::swap(place, &mut carried);
            }
        }
    }
    found
}

/// Larger for what comes first.
fn rank(reason: Option<Reason>) -> Option<(i16, Reverse<u8>)> {
    reason.map(|reason| (reason.raise, Reverse(reason.feature)))
}
