//! Allotment of a tranche to its subscribers (rules, section 7).

use crate::waterfall::divide;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The allotment of one tranche, with which each subscriber's part can be told on its own. When the
/// tranche is oversubscribed, one pass over the subscriptions ([`Self::count`]) comes first.
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
pub struct Allotment {
    size: u128,
    total: u128,
    /// Parts rounded down, together.
    rounded_down: u128,
}

impl Allotment {
    /// Begins to allot a tranche of `size` to subscriptions that sum to `total`; none when that is
    /// under `minimum`.
    pub fn new(total: u128, size: u128, minimum: u128) -> Option<Self> {
        (total >= minimum).then_some(Allotment { size, total, rounded_down: 0 })
    }

    /// Whether subscriptions are cut, so that every one has to be counted first.
    pub fn is_oversubscribed(&self) -> bool {
        self.total > self.size
    }

    /// Takes one subscription into account.
    pub fn count(&mut self, subscription: u128) {
        self.rounded_down = self.rounded_down.saturating_add(self.part(subscription));
    }

    /// What a subscription is allotted; `place` is the number of subscriptions above 0 that came
    /// before it. What rounding left goes out one unit at a time by place.
    pub fn of(&self, subscription: u128, place: u64) -> u128 {
        if !self.is_oversubscribed() {
            return subscription;
        }
        let remainder = self.size.saturating_sub(self.rounded_down);
        let extra = subscription > 0 && u128::from(place) < remainder;
        self.part(subscription).saturating_add(u128::from(extra))
    }

    fn part(&self, subscription: u128) -> u128 {
        divide(subscription, self.size, self.total).map_or(0, |(part, _)| part)
    }
}

/// Allots a tranche of `size` to subscriptions in their order: in full, or, when oversubscribed, pro
/// rata rounded down with the remainder one unit at a time by order. None when they sum to less than
/// `minimum`, or to more than `u128` holds.
pub fn allot(subscriptions: &[u128], size: u128, minimum: u128) -> Option<Vec<u128>> {
    let total = subscriptions.iter().try_fold(0_u128, |sum, part| sum.checked_add(*part))?;
    let mut allotment = Allotment::new(total, size, minimum)?;
    subscriptions.iter().for_each(|subscription| allotment.count(*subscription));
    let mut place = 0_u64;
    let allotted = subscriptions.iter().map(|subscription| {
        let part = allotment.of(*subscription, place);
        place = place.saturating_add(u64::from(*subscription > 0));
        part
    });
    Some(allotted.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn should_allot_in_full_when_the_tranche_is_not_oversubscribed() {
        assert_eq!(allot(&[300, 700], 1_000, 500), Some(alloc::vec![300, 700]));
        assert_eq!(allot(&[], 1_000, 0), Some(Vec::new()));
    }

    #[test]
    fn should_hand_the_remainder_out_by_order_when_parts_are_not_whole() {
        assert_eq!(allot(&[100, 100, 100], 200, 0), Some(alloc::vec![67, 67, 66]));
        assert_eq!(allot(&[0, 100, 100, 100], 200, 0), Some(alloc::vec![0, 67, 67, 66]));
    }

    #[test]
    fn should_allot_nothing_when_the_minimum_is_missed() {
        assert_eq!(allot(&[300, 199], 1_000, 500), None);
        assert_eq!(Allotment::new(499, 1_000, 500), None);
    }

    #[test]
    fn should_allot_nothing_when_the_sum_overflows() {
        assert_eq!(allot(&[u128::MAX, 1], 1_000, 0), None);
    }

    proptest! {
        #[test]
        fn should_fill_the_tranche_and_no_more_when_subscriptions_are_any(
            subscriptions in proptest::collection::vec(
                prop_oneof![0_u128..10, 0_u128..1 << 120], 0..12
            ),
            size in prop_oneof![0_u128..50, 0_u128..1 << 122]
        ) {
            let total: u128 = subscriptions.iter().sum();
            let allotted = allot(&subscriptions, size, 0).expect("no minimum");
            prop_assert_eq!(allotted.iter().sum::<u128>(), total.min(size));
            for (part, subscription) in allotted.iter().zip(&subscriptions) {
                prop_assert!(part <= subscription);
            }
        }
    }
}
