//! Comparing a weighted sum of fractions with an integer, exactly and without long numbers.

use alloc::vec::Vec;

struct Fraction {
    weight: u64,
    numerator: u128,
    denominator: u128,
}

/// `sum(weight * numerator / denominator)`, to be compared once.
#[derive(Default)]
pub(super) struct WeightedSum {
    fractions: Vec<Fraction>,
    /// No common denominator is longer than this.
    bits: u32,
}

impl WeightedSum {
    /// Says that `factor` is part of denominators that come into the sum.
    pub fn widen(&mut self, factor: u128) {
        let bits = u128::BITS.saturating_sub(factor.leading_zeros());
        self.bits = self.bits.saturating_add(bits);
    }

    /// Adds `weight * numerator / (common * own)`, for a denominator in `1..2^127` whose `common`
    /// part [`Self::widen`] was told.
    pub fn add(&mut self, weight: u64, numerator: u128, common: u128, own: u128) {
        let denominator = common.saturating_mul(own);
        let like = self
            .fractions
            .iter_mut()
            .find(|fraction| fraction.weight == weight && fraction.denominator == denominator);
        if let Some(fraction) = like {
            if let Some(numerator) = fraction.numerator.checked_add(numerator) {
                fraction.numerator = numerator;
                return;
            }
        }
        self.widen(own);
        self.fractions.push(Fraction { weight, numerator, denominator });
    }

    /// Whether the sum is at most `limit`. The fractions are written out bit by bit, all at once:
    /// a sum that is not `limit` differs from it within as many bits as the common denominator has.
    pub fn stays_within(mut self, limit: u128) -> bool {
        let mut gap = limit;
        for fraction in &mut self.fractions {
            let whole = fraction.numerator.checked_div(fraction.denominator).unwrap_or(0);
            fraction.numerator = fraction.numerator.checked_rem(fraction.denominator).unwrap_or(0);
            match gap.checked_sub(whole.saturating_mul(u128::from(fraction.weight))) {
                Some(left) => gap = left,
                None => return false,
            }
        }
        // The gap's own bits come on top: weights are under 2^64, fractions at most 255.
        for _ in 0..self.bits.saturating_add(80) {
            self.fractions.retain(|fraction| fraction.numerator != 0);
            let rest: u128 =
                self.fractions.iter().map(|fraction| u128::from(fraction.weight)).sum();
            if gap >= rest {
                return true;
            }
            gap <<= 1;
            for fraction in &mut self.fractions {
                fraction.numerator <<= 1;
                if let Some(rest) = fraction.numerator.checked_sub(fraction.denominator) {
                    fraction.numerator = rest;
                    match gap.checked_sub(u128::from(fraction.weight)) {
                        Some(left) => gap = left,
                        None => return false,
                    }
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_at_most(fractions: &[(u64, u128, u128)], limit: u128) -> bool {
        let mut sum = WeightedSum::default();
        for (weight, numerator, denominator) in fractions {
            sum.add(*weight, *numerator, 1, *denominator);
        }
        sum.stays_within(limit)
    }

    #[test]
    fn should_see_equality_when_the_fractions_never_end_in_binary() {
        assert!(is_at_most(&[(1, 1, 3), (1, 1, 3), (1, 1, 3)], 1));
        assert!(is_at_most(&[(1, 1, 3), (1, 2, 7), (1, 8, 21)], 1));
        assert!(!is_at_most(&[(1, 1, 3), (1, 2, 7), (1, 9, 21)], 1));
        assert!(is_at_most(&[], 0));
        assert!(!is_at_most(&[(1, 1, u128::MAX >> 1)], 0));
    }

    #[test]
    fn should_tell_them_apart_when_the_difference_is_the_smallest() {
        let p = (1_u128 << 126) - 137;
        assert!(is_at_most(&[(1, p - 1, p), (1, 1, p)], 1));
        assert!(!is_at_most(&[(1, p - 1, p), (1, 1, p - 1)], 1));
        assert!(is_at_most(&[(1, p - 1, p), (1, 1, p + 1)], 1));
    }

    proptest! {
        #[test]
        fn should_agree_with_a_common_denominator_when_numbers_are_small(
            fractions in proptest::collection::vec((1_u64..50, 0_u128..30, 1_u128..13), 0..8),
            limit in 0_u128..400
        ) {
            let common = 27_720_u128;
            let sum: u128 = fractions
                .iter()
                .map(|(weight, numerator, denominator)| {
                    u128::from(*weight) * numerator * (common / denominator)
                })
                .sum();
            prop_assert_eq!(is_at_most(&fractions, limit), sum <= limit * common);
            let (floor, rest) = (sum / common, sum % common);
            prop_assert_eq!(is_at_most(&fractions, floor), rest == 0);
        }
    }
}
