//! Fields as values: what each may hold, and what to say when it does not.

use super::{
    decimal::{Decimal, NotANumber},
    map::{Feature, Source},
};
use crate::ratio;

/// Longest field that a message repeats.
const MAX_FIELD_TOLD: usize = 40;

/// What is wrong with a field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub what: String,
    pub remedy: String,
}

impl Problem {
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

/// The field for a message: cut when long.
pub fn told(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_FIELD_TOLD).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    format!("\"{short}\"")
}

/// The word for a source of reports in files.
pub fn source_word(source: Source) -> &'static str {
    match source {
        Source::Bank => "bank",
        Source::ThirdPartyBureau => "bureau",
        Source::PaymentPlatform => "payment-platform",
    }
}

/// The source of reports that a word in a file names.
pub fn read_source(word: &str) -> Option<Source> {
    Source::ALL.into_iter().find(|source| source_word(*source) == word)
}

/// An ISO 4217 code: three capitals.
pub fn currency(code: &str) -> Option<[u8; 3]> {
    let code: [u8; 3] = code.as_bytes().try_into().ok()?;
    code.iter().all(u8::is_ascii_uppercase).then_some(code)
}

/// A feature's value on chain: `round(field * scale)`, or what `codes` says.
pub fn feature_value(text: &str, feature: &Feature, decimal_comma: bool) -> Result<i32, Problem> {
    if !feature.codes.is_empty() {
        return feature.codes.get(text).copied().ok_or_else(|| {
            let known: Vec<_> = feature.codes.keys().take(MAX_FIELD_TOLD).cloned().collect();
            Problem::new(
                format!("{} is not among the feature's codes", told(text)),
                format!("the MAP lists {}; add it to `codes` there", known.join(", ")),
            )
        });
    }
    let value = number(text, decimal_comma)?.times(feature.scale).and_then(Decimal::round);
    value.and_then(|value| i32::try_from(value).ok()).ok_or_else(|| {
        Problem::new(
            format!("{} is out of range: {} to {} fit", told(text), i32::MIN, i32::MAX),
            "correct it, or lower the feature's `scale` in the MAP",
        )
    })
}

/// Whether a [`small_integer`] in a feature's column is its value on chain as it stands.
pub fn is_literal(feature: &Feature, missing: &[String]) -> bool {
    let is_number = |word: &String| small_integer(word).is_some();
    feature.codes.is_empty()
        && feature.scale == Decimal::integer(1)
        && !missing.iter().any(is_number)
}

/// A short plain integer, the most frequent field by far; none for all else.
#[inline]
pub fn small_integer(text: &str) -> Option<i32> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if !(1..=9).contains(&digits.len()) {
        return None;
    }
    let mut value = 0_i32;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i32::from(byte - b'0');
    }
    Some(if negative { -value } else { value })
}

fn number(text: &str, decimal_comma: bool) -> Result<Decimal, Problem> {
    Decimal::parse(text, decimal_comma).map_err(|fault| {
        let what = format!("{} is no number", told(text));
        match fault {
            NotANumber::Malformed if text.starts_with('"') || text.ends_with('"') => {
                Problem::new(what, "quote the whole field or no part of it")
            }
            NotANumber::Malformed => {
                Problem::new(what, "correct it, or list it in `missing` under [csv] of the MAP")
            }
            NotANumber::Comma => Problem::new(
                what,
                "write no comma between thousands, or set `decimal_comma` under [csv] of the MAP",
            ),
            NotANumber::Dot => Problem::new(
                what,
                "under `decimal_comma` a dot stands between groups of three digits only",
            ),
            NotANumber::TooLong => {
                Problem::new(format!("{} has more digits than can be held", told(text)), "round it")
            }
        }
    })
}

/// Money in minor units, above 0: `round(field * scale)`.
pub fn principal_minor(text: &str, scale: Decimal, decimal_comma: bool) -> Result<u128, Problem> {
    let value = number(text, decimal_comma)?.times(scale).and_then(Decimal::round);
    match value.map(u128::try_from) {
        Some(Ok(minor)) if minor > 0 => Ok(minor),
        Some(_) => Err(Problem::new(
            format!("the outstanding principal {} is not above 0", told(text)),
            "take the loan off the tape, or correct it",
        )),
        None => Err(Problem::new(format!("{} is out of range", told(text)), "correct it")),
    }
}

/// Interest a year in ppb: `15 %`, or a bare number of percent.
pub fn rate_ppb(text: &str, decimal_comma: bool) -> Result<u32, Problem> {
    let bare = text.strip_suffix('%').unwrap_or(text).trim();
    let dotted;
    let bare = if decimal_comma {
        dotted = bare.replace('.', "").replace(',', ".");
        dotted.as_str()
    } else {
        bare
    };
    let rate = ratio::percent(bare)
        .map_err(|fault| Problem::new(fault.to_string(), "write it in percent a year"))?;
    u32::try_from(rate.ppb).map_err(|_| {
        Problem::new(
            format!("the rate {} is above 429 %", told(text)),
            "write it in percent a year",
        )
    })
}

/// A 32-byte hash as 64 hexadecimal digits.
pub fn hash(text: &str) -> Result<[u8; 32], Problem> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| {
        Problem::new(format!("{} is no hash", told(text)), "write 64 hexadecimal digits")
    })?;
    Ok(hash)
}
