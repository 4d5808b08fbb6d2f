//! Numbers as text, exactly: a float would round `0.1 * 3` before the rule does.

/// Largest power of ten that a number may name: beyond it nothing fits the chain's types.
const MAX_EXPONENT: i32 = 60;

/// `mantissa * 10^exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    mantissa: i128,
    exponent: i32,
}

/// Why a text is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotANumber {
    /// It has other characters than a number has.
    Malformed,
    /// It has a comma, which `decimal_comma = true` would read.
    Comma,
    /// It has a dot that stands neither for decimals nor between thousands, under `decimal_comma`.
    Dot,
    /// It has more digits than can be held.
    TooLong,
}

impl Decimal {
    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Self { mantissa: value.into(), exponent: 0 }
    }

    /// Reads `-1234.5` or `1.5e3`; with `decimal_comma`, `-1.234,5`.
    ///
    /// # Errors
    ///
    /// [`NotANumber`].
    pub fn parse(text: &str, decimal_comma: bool) -> Result<Self, NotANumber> {
        let (body, exponent) = match text.split_once(['e', 'E']) {
            Some((body, exponent)) => (body, exponent.parse().map_err(|_| NotANumber::Malformed)?),
            None => (text, 0_i32),
        };
        let (negative, unsigned) = match body.as_bytes() {
            [b'-', ..] => (true, &body[1..]),
            [b'+', ..] => (false, &body[1..]),
            _ => (false, body),
        };
        let (whole, fraction) =
            if decimal_comma { split_comma(unsigned)? } else { split_dot(unsigned)? };
        if exponent.unsigned_abs() > MAX_EXPONENT.unsigned_abs() {
            return Err(NotANumber::TooLong);
        }
        let mut digits = 0_usize;
        let mut mantissa = 0_i128;
        for byte in whole.bytes().filter(|byte| *byte != b'.').chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(NotANumber::Malformed);
            }
            digits += 1;
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(i128::from(byte - b'0')))
                .ok_or(NotANumber::TooLong)?;
        }
        if digits == 0 {
            return Err(NotANumber::Malformed);
        }
        let decimals = i32::try_from(fraction.len()).map_err(|_| NotANumber::TooLong)?;
        let mantissa = if negative { -mantissa } else { mantissa };
        Ok(Self { mantissa, exponent: exponent - decimals })
    }

    /// The product, if it can be held.
    pub fn times(self, other: Self) -> Option<Self> {
        let mantissa = self.mantissa.checked_mul(other.mantissa)?;
        Some(Self { mantissa, exponent: self.exponent.checked_add(other.exponent)? })
    }

    /// The nearest float.
    pub fn value(self) -> f64 {
        self.mantissa as f64 * 10_f64.powi(self.exponent)
    }

    /// Whether it has no decimals.
    pub fn is_whole(self) -> bool {
        self.exponent >= 0
            || self.divisor().map_or(self.mantissa == 0, |divisor| self.mantissa % divisor == 0)
    }

    /// The nearest whole number, half away from zero; none if it can't be held.
    pub fn round(self) -> Option<i128> {
        if self.exponent >= 0 {
            if self.mantissa == 0 {
                return Some(0);
            }
            let power = 10_i128.checked_pow(self.exponent.unsigned_abs())?;
            return self.mantissa.checked_mul(power);
        }
        let Some(divisor) = self.divisor() else { return Some(0) };
        let (quotient, rest) = (self.mantissa / divisor, self.mantissa % divisor);
        let away = rest.unsigned_abs() >= divisor.unsigned_abs() - rest.unsigned_abs();
        Some(if away { quotient + self.mantissa.signum() } else { quotient })
    }

    /// `10^-exponent`, if it can be held; if not, it is above twice any mantissa's tenth.
    fn divisor(self) -> Option<i128> {
        10_i128.checked_pow(self.exponent.unsigned_abs())
    }
}

fn split_dot(text: &str) -> Result<(&str, &str), NotANumber> {
    if text.contains(',') {
        return Err(NotANumber::Comma);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.contains('.') {
        return Err(NotANumber::Malformed);
    }
    Ok((whole, fraction))
}

fn split_comma(text: &str) -> Result<(&str, &str), NotANumber> {
    let (whole, fraction) = text.split_once(',').unwrap_or((text, ""));
    let mut groups = whole.split('.');
    let first = groups.next().unwrap_or_default();
    let mut grouped = false;
    for group in groups {
        grouped = true;
        if group.len() != 3 {
            return Err(NotANumber::Dot);
        }
    }
    if grouped && !(1..=3).contains(&first.len()) || fraction.contains(['.', ',']) {
        return Err(NotANumber::Dot);
    }
    Ok((whole, fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(text: &str, scale: &str) -> Option<i128> {
        let scale = Decimal::parse(scale, false).unwrap();
        Decimal::parse(text, false).unwrap().times(scale)?.round()
    }

    #[test]
    fn should_round_half_away_from_zero_when_scaled() {
        assert_eq!(rounded("0.05", "10"), Some(1));
        assert_eq!(rounded("-0.05", "10"), Some(-1));
        assert_eq!(rounded("1.005", "100"), Some(101));
        assert_eq!(rounded("0.049", "10"), Some(0));
        assert_eq!(rounded("1.2E+03", "0.01"), Some(12));
        assert_eq!(rounded("1e-50", "1"), Some(0));
        assert_eq!(rounded("1e50", "1"), None);
    }

    #[test]
    fn should_read_german_notation_when_decimal_comma_is_set() {
        let value = Decimal::parse("1.234,5", true).unwrap();
        assert_eq!(value, Decimal::parse("1234.5", false).unwrap());
        assert_eq!(Decimal::parse("1234,5", true).unwrap(), value);
        assert_eq!(Decimal::parse("1.5", true), Err(NotANumber::Dot));
    }

    #[test]
    fn should_refuse_text_when_it_is_no_number() {
        for text in ["", "-", ".", "abc", "1.2.3", "NaN", "inf", "0x10", "1e", "--1", "1 000"] {
            assert_eq!(Decimal::parse(text, false), Err(NotANumber::Malformed), "{text}");
        }
        assert_eq!(Decimal::parse("1,234", false), Err(NotANumber::Comma));
        assert_eq!(Decimal::parse(&"9".repeat(60), false), Err(NotANumber::TooLong));
    }
}
