//! Days of the proleptic Gregorian calendar, counted from 1970-01-01.

use serde::Deserialize;

/// Seconds of a day.
pub const DAY_SECS: u64 = 86_400;

/// How a file writes dates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum DateFormat {
    #[default]
    #[serde(rename = "YYYY-MM-DD")]
    Iso,
    #[serde(rename = "YYYYMMDD")]
    Compact,
    /// 1970 to 2069.
    #[serde(rename = "YYMMDD")]
    Short,
    #[serde(rename = "DD/MM/YYYY")]
    DayFirst,
    #[serde(rename = "MM/DD/YYYY")]
    MonthFirst,
    /// Seconds since 1970-01-01T00:00:00Z.
    #[serde(rename = "unix")]
    Unix,
}

impl DateFormat {
    /// The format as a MAP names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Iso => "YYYY-MM-DD",
            Self::Compact => "YYYYMMDD",
            Self::Short => "YYMMDD",
            Self::DayFirst => "DD/MM/YYYY",
            Self::MonthFirst => "MM/DD/YYYY",
            Self::Unix => "unix",
        }
    }

    /// Seconds since 1970 at which the date begins, UTC; none if the text is no such date or one
    /// before 1970.
    pub fn parse_secs(self, text: &str) -> Option<u64> {
        if self == Self::Unix {
            return text.parse().ok();
        }
        self.parse_days(text).map(|days| u64::from(days) * DAY_SECS)
    }

    /// Days since 1970; none if the text is no such date or one before 1970.
    pub fn parse_days(self, text: &str) -> Option<u32> {
        let (year, month, day) = match self {
            Self::Iso => split(text, '-', [4, 2, 2])?,
            Self::DayFirst => {
                let (day, month, year) = split(text, '/', [2, 2, 4])?;
                (year, month, day)
            }
            Self::MonthFirst => {
                let (month, day, year) = split(text, '/', [2, 2, 4])?;
                (year, month, day)
            }
            Self::Compact => {
                (digits(text.get(..4)?)?, digits(text.get(4..6)?)?, last_two(text, 6)?)
            }
            Self::Short => {
                let year = digits(text.get(..2)?)?;
                let century = if year < 70 { 2000 } else { 1900 };
                (century + year, digits(text.get(2..4)?)?, last_two(text, 4)?)
            }
            Self::Unix => return u32::try_from(text.parse::<u64>().ok()? / DAY_SECS).ok(),
        };
        days_since_1970(year, month, day)
    }
}

fn last_two(text: &str, from: usize) -> Option<u32> {
    let rest = text.get(from..)?;
    (rest.len() == 2).then(|| digits(rest)).flatten()
}

fn split(text: &str, separator: char, widths: [usize; 3]) -> Option<(u32, u32, u32)> {
    let mut parts = text.split(separator);
    let mut part = |width: usize| {
        let part = parts.next()?;
        (!part.is_empty() && part.len() <= width).then(|| digits(part)).flatten()
    };
    let found = (part(widths[0])?, part(widths[1])?, part(widths[2])?);
    parts.next().is_none().then_some(found)
}

fn digits(text: &str) -> Option<u32> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

/// Days from 1970-01-01 to a date; none before it or if there is no such date.
pub fn days_since_1970(year: u32, month: u32, day: u32) -> Option<u32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
    if !(1970..=9999).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    let years = year - 1;
    let leaps_before = |years: u32| years / 4 - years / 100 + years / 400;
    let before_year = (year - 1970) * 365 + leaps_before(years) - leaps_before(1969);
    let before_month: u32 = lengths.iter().take(usize::try_from(month - 1).ok()?).sum();
    Some(before_year + before_month + day - 1)
}

/// The date of a day since 1970 as `YYYY-MM-DD`.
pub fn show_days(days: u32) -> String {
    let mut year = 1970 + days / 366;
    while days_since_1970(year + 1, 1, 1).is_some_and(|first| first <= days) {
        year += 1;
    }
    let mut month = 1;
    while days_since_1970(year, month + 1, 1).is_some_and(|first| first <= days) {
        month += 1;
    }
    let first = days_since_1970(year, month, 1).unwrap_or(days);
    format!("{year:04}-{month:02}-{:02}", days - first + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_count_the_same_day_when_written_in_any_format() {
        let days = Some(13_056);
        assert_eq!(DateFormat::Iso.parse_days("2005-09-30"), days);
        assert_eq!(DateFormat::Compact.parse_days("20050930"), days);
        assert_eq!(DateFormat::Short.parse_days("050930"), days);
        assert_eq!(DateFormat::DayFirst.parse_days("30/09/2005"), days);
        assert_eq!(DateFormat::MonthFirst.parse_days("9/30/2005"), days);
        assert_eq!(DateFormat::Unix.parse_days("1128038400"), days);
        assert_eq!(DateFormat::Unix.parse_secs("1128038401"), Some(1_128_038_401));
    }

    #[test]
    fn should_refuse_date_when_the_calendar_has_none_such() {
        for text in ["2005-02-29", "2005-13-01", "2005-00-10", "1969-12-31", "2005-09", "x"] {
            assert_eq!(DateFormat::Iso.parse_days(text), None, "{text}");
        }
        assert_eq!(DateFormat::Compact.parse_days("200509301"), None);
        assert_eq!(DateFormat::Compact.parse_days("2005é30"), None);
    }

    #[test]
    fn should_show_the_date_that_was_read_when_round_tripped() {
        for text in ["1970-01-01", "1999-12-31", "2000-02-29", "2026-11-22", "2100-03-01"] {
            assert_eq!(show_days(DateFormat::Iso.parse_days(text).unwrap()), text);
        }
    }
}
