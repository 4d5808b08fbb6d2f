//! Ratios in parts per billion and exact rounding (rules, section 1).

/// One, in parts per billion.
pub const PPB: u64 = 1_000_000_000;

/// `numerator / denominator` in parts per billion, rounded up, so that a bad rate is never shown
/// better than it is (rules, section 1). None when the denominator is 0 or the ratio leaves `u64`.
pub fn ratio_up_ppb(numerator: u128, denominator: u128) -> Option<u64> {
    if let (Ok(numerator), Ok(denominator)) = (u64::try_from(numerator), u64::try_from(denominator))
    {
        if let Some(scaled) = numerator.checked_mul(PPB) {
            return (denominator != 0).then(|| scaled.div_ceil(denominator));
        }
    }
    let whole = u64::try_from(numerator.checked_div(denominator)?).ok()?;
    let rest = numerator.checked_rem(denominator)?;
    whole.checked_mul(PPB)?.checked_add(fraction_up_ppb(rest, denominator)?)
}

/// `ceil(rest * 10^9 / denominator)` for `rest < denominator`.
fn fraction_up_ppb(rest: u128, denominator: u128) -> Option<u64> {
    if let Some(scaled) = rest.checked_mul(u128::from(PPB)) {
        return u64::try_from(scaled.div_ceil(denominator)).ok();
    }
    // The product is longer than 128 bits: multiply bit by bit and divide as it grows, keeping
    // `remainder < denominator`.
    let mut quotient = 0_u64;
    let mut remainder = 0_u128;
    for bit in (0..u64::BITS.saturating_sub(PPB.leading_zeros())).rev() {
        let (doubled, carry) = add_modulo(remainder, remainder, denominator)?;
        remainder = doubled;
        quotient = quotient.checked_mul(2)?.checked_add(carry)?;
        if PPB.wrapping_shr(bit) & 1 == 1 {
            let (sum, carry) = add_modulo(remainder, rest, denominator)?;
            remainder = sum;
            quotient = quotient.checked_add(carry)?;
        }
    }
    quotient.checked_add(u64::from(remainder != 0))
}

/// `a + b` modulo `modulus`, and how often it wrapped, for `a` and `b` under the modulus.
fn add_modulo(a: u128, b: u128, modulus: u128) -> Option<(u128, u64)> {
    let room = modulus.checked_sub(b)?;
    match a.checked_sub(room) {
        Some(wrapped) => Some((wrapped, 1)),
        None => Some((a.checked_add(b)?, 0)),
    }
}

/// `numerator / denominator` rounded to the nearest integer, halves away from zero (rules,
/// section 2). None when the denominator is 0 or the quotient leaves `i128`.
pub fn div_half_away(numerator: i128, denominator: i128) -> Option<i128> {
    let quotient = numerator.checked_div(denominator)?;
    // Not `%`, which would divide a second time.
    let rest = numerator.wrapping_sub(quotient.wrapping_mul(denominator)).unsigned_abs();
    if rest >= denominator.unsigned_abs().saturating_sub(rest) {
        let away = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
        return quotient.checked_add(away);
    }
    Some(quotient)
}

/// [`div_half_away`] in 64 bits, which the chain divides by one instruction.
pub fn div_half_away_i64(numerator: i64, denominator: i64) -> Option<i64> {
    let quotient = numerator.checked_div(denominator)?;
    // Not `%`, which would divide a second time.
    let rest = numerator.wrapping_sub(quotient.wrapping_mul(denominator)).unsigned_abs();
    if rest >= denominator.unsigned_abs().saturating_sub(rest) {
        let away = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
        return quotient.checked_add(away);
    }
    Some(quotient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn should_round_up_when_the_ratio_is_not_whole() {
        assert_eq!(ratio_up_ppb(1, 3), Some(333_333_334));
        assert_eq!(ratio_up_ppb(2, 3), Some(666_666_667));
        assert_eq!(ratio_up_ppb(100, 1_000), Some(100_000_000));
        assert_eq!(ratio_up_ppb(0, 7), Some(0));
        assert_eq!(ratio_up_ppb(7, 2), Some(3_500_000_000));
    }

    #[test]
    fn should_give_nothing_when_the_ratio_is_undefined_or_too_large() {
        assert_eq!(ratio_up_ppb(1, 0), None);
        assert_eq!(ratio_up_ppb(u128::MAX, 0), None);
        assert_eq!(ratio_up_ppb(u128::MAX, 1), None);
    }

    #[test]
    fn should_stay_exact_when_the_product_overflows() {
        assert_eq!(ratio_up_ppb(u128::MAX, u128::MAX), Some(PPB));
        assert_eq!(ratio_up_ppb(u128::MAX - 1, u128::MAX), Some(PPB));
        assert_eq!(ratio_up_ppb(u128::MAX / 2, u128::MAX), Some(PPB / 2));
        assert_eq!(ratio_up_ppb(u128::MAX / 3, u128::MAX), Some(333_333_334));
        assert_eq!(ratio_up_ppb(u128::MAX / 5, u128::MAX), Some(PPB / 5));
    }

    #[test]
    fn should_round_halves_away_from_zero_when_dividing() {
        assert_eq!(div_half_away(5, 2), Some(3));
        assert_eq!(div_half_away(-5, 2), Some(-3));
        assert_eq!(div_half_away(7, -2), Some(-4));
        assert_eq!(div_half_away(4, 3), Some(1));
        assert_eq!(div_half_away(-4, 3), Some(-1));
        assert_eq!(div_half_away(i128::MAX, i128::MAX), Some(1));
        assert_eq!(div_half_away(i128::MIN, -1), None);
        assert_eq!(div_half_away(1, 0), None);
        assert_eq!(div_half_away_i64(1, 0), None);
        assert_eq!(div_half_away_i64(i64::MIN, -1), None);
    }

    proptest! {
        #[test]
        fn should_equal_the_plain_quotient_when_it_fits(
            numerator in 0..u128::MAX >> 30, denominator in 1..u128::MAX
        ) {
            let scaled = numerator * u128::from(PPB);
            prop_assert_eq!(
                ratio_up_ppb(numerator, denominator),
                u64::try_from(scaled.div_ceil(denominator)).ok()
            );
        }

        #[test]
        fn should_not_depend_on_a_common_factor_when_the_terms_are_huge(
            numerator in 0_u64..=u64::MAX, denominator in 1_u64..=u64::MAX, shift in 0_u32..=64
        ) {
            prop_assert_eq!(
                ratio_up_ppb(u128::from(numerator) << shift, u128::from(denominator) << shift),
                ratio_up_ppb(u128::from(numerator), u128::from(denominator))
            );
        }

        #[test]
        fn should_divide_alike_when_64_or_128_bits_are_used(
            numerator: i64, denominator in prop_oneof![-9_i64..=9, any::<i64>()]
        ) {
            prop_assert_eq!(
                div_half_away_i64(numerator, denominator).map(i128::from),
                div_half_away(i128::from(numerator), i128::from(denominator))
                    .filter(|quotient| i64::try_from(*quotient).is_ok())
            );
        }

        #[test]
        fn should_stay_within_half_a_unit_when_dividing(
            numerator in -(1_i128 << 100)..1_i128 << 100, denominator in 1_i128..1 << 100
        ) {
            let quotient = div_half_away(numerator, denominator).expect("defined");
            let miss = (numerator - quotient * denominator).abs();
            prop_assert!(2 * miss <= denominator);
        }
    }
}
