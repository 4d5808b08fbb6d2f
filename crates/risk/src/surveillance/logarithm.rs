//! The natural logarithm in fixed point, for the chain has no floats.

/// One, as a fixed-point number.
pub(super) const ONE: i128 = 1 << 60;
/// ln 2.
const LN_2: i128 = 799_144_290_325_165_979;
/// Terms of the series: its argument is at most 1/3, so that each adds 3 bits.
const TERMS: i128 = 21;

/// ln of a positive number in units of `1 / ONE`, within some 2^-55. None for 0 and below, and above
/// 2^60.
pub(super) fn ln(number: i128) -> Option<i128> {
    if number <= 0 {
        return None;
    }
    // number = mantissa * 2^exponent with the mantissa in 1..2.
    let exponent = 67_i128.checked_sub(i128::from(number.leading_zeros()))?;
    let mantissa = match u32::try_from(exponent) {
        Ok(shift) => number.checked_shr(shift)?,
        Err(_) => number.checked_shl(u32::try_from(exponent.checked_neg()?).ok()?)?,
    };
    // ln m = 2 (r + r^3 / 3 + r^5 / 5 + ...) with r = (m - 1) / (m + 1).
    let ratio =
        mantissa.checked_sub(ONE)?.checked_mul(ONE)?.checked_div(mantissa.checked_add(ONE)?)?;
    let square = ratio.checked_mul(ratio)?.checked_div(ONE)?;
    let (mut power, mut sum) = (ratio, 0_i128);
    for term in 0..TERMS {
        let odd = term.checked_mul(2)?.checked_add(1)?;
        sum = sum.checked_add(power.checked_div(odd)?)?;
        power = power.checked_mul(square)?.checked_div(ONE)?;
    }
    exponent.checked_mul(LN_2)?.checked_add(sum.checked_mul(2)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(number: f64) -> bool {
        let fixed = ln((number * ONE as f64) as i128).expect("positive") as f64 / ONE as f64;
        (fixed - number.ln()).abs() < 1e-12
    }

    #[test]
    fn should_be_zero_when_the_number_is_one() {
        assert_eq!(ln(ONE), Some(0));
        assert_eq!(ln(2 * ONE), Some(LN_2));
        assert_eq!(ln(ONE / 4), Some(-2 * LN_2));
    }

    #[test]
    fn should_be_undefined_when_the_number_is_not_positive() {
        assert_eq!(ln(0), None);
        assert_eq!(ln(-ONE), None);
    }

    proptest! {
        #[test]
        fn should_be_close_to_the_float_when_numbers_are_shares(number in 0.0001_f64..=1.0) {
            prop_assert!(close(number));
        }

        #[test]
        fn should_be_close_to_the_float_when_numbers_are_large(number in 1.0_f64..1e9) {
            prop_assert!(close(number));
        }
    }
}
