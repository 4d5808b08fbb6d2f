//! Ratios in parts per billion, as people write and read them.

use crate::table::decimal::Decimal;
use serde::{de, Deserialize, Deserializer};
use std::str::FromStr;

/// One in parts per billion.
pub const ONE_PPB: u64 = 1_000_000_000;

/// A ratio: in a TOML file text with a percent sign or an integer in parts per billion, on the
/// command line always with a percent sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio {
    /// Parts per billion.
    pub ppb: u64,
}

/// Why a text is no ratio.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARatio {
    #[error("\"{0}\" is no ratio; write a number with a percent sign, such as \"4.97 %\"")]
    Malformed(String),
    #[error(
        "\"{0}\" has more than seven decimals of a percent, which parts per billion can't hold"
    )]
    TooFine(String),
}

impl FromStr for Ratio {
    type Err = NotARatio;

    fn from_str(text: &str) -> Result<Self, NotARatio> {
        let number = text.trim().strip_suffix('%');
        let number = number.ok_or_else(|| NotARatio::Malformed(text.to_owned()))?;
        percent(number)
    }
}

/// Reads a number of percent, without the sign: `4.97` is 49,700,000 ppb.
///
/// # Errors
///
/// [`NotARatio`] when the text is no number, below zero, or finer than parts per billion.
pub fn percent(text: &str) -> Result<Ratio, NotARatio> {
    let malformed = || NotARatio::Malformed(text.trim().to_owned());
    let number = Decimal::parse(text.trim(), false).map_err(|_| malformed())?;
    let ppb = number.times(Decimal::integer(10_000_000)).ok_or_else(malformed)?;
    if !ppb.is_whole() {
        return Err(NotARatio::TooFine(text.trim().to_owned()));
    }
    let ppb = ppb.round().and_then(|ppb| u64::try_from(ppb).ok()).ok_or_else(malformed)?;
    Ok(Ratio { ppb })
}

/// A ratio for people: two decimals of a percent, rounded up, since a bad rate is never shown
/// better than it is (rules, section 1).
pub fn show(ppb: u64) -> String {
    let hundredths = ppb.div_ceil(100_000);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Ratio;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("text such as \"4.97 %\", or an integer in parts per billion")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Ratio, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, ppb: i64) -> Result<Ratio, E> {
                let ppb = u64::try_from(ppb).map_err(|_| E::custom("a ratio is not below zero"))?;
                Ok(Ratio { ppb })
            }

            fn visit_u64<E: de::Error>(self, ppb: u64) -> Result<Ratio, E> {
                Ok(Ratio { ppb })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_read_percent_exactly_when_it_fits_parts_per_billion() {
        assert_eq!("4.97 %".parse(), Ok(Ratio { ppb: 49_700_000 }));
        assert_eq!("4.97%".parse(), Ok(Ratio { ppb: 49_700_000 }));
        assert_eq!("0.0000001 %".parse(), Ok(Ratio { ppb: 1 }));
    }

    #[test]
    fn should_refuse_ratio_when_it_is_too_fine_negative_or_unmarked() {
        assert!(matches!("0.00000001 %".parse::<Ratio>(), Err(NotARatio::TooFine(_))));
        assert!(matches!("-1 %".parse::<Ratio>(), Err(NotARatio::Malformed(_))));
        assert!(matches!("4.97".parse::<Ratio>(), Err(NotARatio::Malformed(_))));
    }

    #[test]
    fn should_show_rate_rounded_up_when_it_has_more_decimals() {
        assert_eq!(show(49_700_000), "4.97 %");
        assert_eq!(show(49_700_001), "4.98 %");
    }
}
