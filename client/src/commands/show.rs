//! How values look to people: tables, money, dates; and the same values in JSON.

use assay_primitives::{AccountId, Currency, Minor};
use serde_json::{json, Value as Json};
use sp_core::crypto::Ss58Codec;

/// On which side of a column its cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// A table with aligned columns.
pub struct TextTable {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
}

impl TextTable {
    /// A table with a head: a name that begins with `>` stands right, as numbers do.
    pub fn new(head: &[&str]) -> Self {
        let sides = head
            .iter()
            .map(|name| if name.starts_with('>') { Side::Right } else { Side::Left })
            .collect();
        let names = head.iter().map(|name| name.trim_start_matches('>').to_string()).collect();
        TextTable { sides, rows: vec![names] }
    }

    /// Adds a row; missing cells are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl std::fmt::Display for TextTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.sides.len()).map(width).collect();
        let lines: Vec<String> = self
            .rows
            .iter()
            .map(|row| {
                let cells =
                    self.sides.iter().zip(&widths).enumerate().map(|(column, (side, width))| {
                        let cell = row.get(column).map_or("", String::as_str);
                        match side {
                            Side::Left => format!("{cell:<width$}"),
                            Side::Right => format!("{cell:>width$}"),
                        }
                    });
                cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
            })
            .collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Names and values below each other.
pub struct Facts(Vec<(String, String)>);

impl Facts {
    pub fn new() -> Self {
        Facts(Vec::new())
    }

    pub fn fact(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push((name.into(), value.to_string()));
        self
    }
}

impl std::fmt::Display for Facts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        let lines: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{name:<width$}  {value}")).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// A whole number with separators of thousands.
pub fn grouped(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Decimals of a currency's minor unit (ISO 4217).
fn decimals(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Money with separators and currency: `1,234.50 EUR`.
pub fn money(minor: Minor, currency: Currency) -> String {
    let currency = currency_name(currency);
    let decimals = decimals(&currency);
    let unit = 10_u128.pow(decimals);
    match decimals {
        0 => format!("{} {currency}", grouped(minor)),
        _ => {
            let width = decimals as usize;
            format!("{}.{:0width$} {currency}", grouped(minor / unit), minor % unit)
        }
    }
}

/// A currency's code as text.
pub fn currency_name(currency: Currency) -> String {
    String::from_utf8_lossy(&currency).into_owned()
}

/// Money in JSON: a number, or text where JSON can't hold it exactly.
pub fn money_json(minor: Minor) -> Json {
    u64::try_from(minor).map_or_else(|_| json!(minor.to_string()), |small| json!(small))
}

/// A name's bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// An account as its address.
pub fn address(account: &AccountId) -> String {
    account.to_ss58check()
}

/// The first digits of a hash, enough to name it by.
pub fn short(hash: &[u8; 32]) -> String {
    hex::encode(&hash[..6])
}

/// Unix seconds as a date in UTC.
pub fn date(secs: u64) -> String {
    let (year, month, day) = civil(secs / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Unix seconds as date and time of the day in UTC.
pub fn moment(secs: u64) -> String {
    format!("{} {:02}:{:02} UTC", date(secs), secs / 3_600 % 24, secs / 60 % 60)
}

/// Days since 1970 as year, month and day of the Gregorian calendar: in years that begin in March,
/// so that a leap day ends one.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_align_columns_when_cells_differ_in_width() {
        let mut table = TextTable::new(&["level", ">count"]);
        table.row(["1".into(), "1,000".into()]);
        table.row(["10 to 20".into(), "7".into()]);
        assert_eq!(table.to_string(), "level     count\n1         1,000\n10 to 20      7");
    }

    #[test]
    fn should_group_thousands_when_a_number_is_long() {
        let shown: Vec<String> = [0_u32, 999, 1_000, 1_234_567].map(grouped).into();
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn should_show_minor_units_as_the_currency_has_them() {
        assert_eq!(money(123_450, *b"EUR"), "1,234.50 EUR");
        assert_eq!(money(7, *b"EUR"), "0.07 EUR");
        assert_eq!(money(123_450, *b"JPY"), "123,450 JPY");
        assert_eq!(money(1_500, *b"KWD"), "1.500 KWD");
    }

    #[test]
    fn should_show_the_day_when_given_seconds() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(1_128_038_400), "2005-09-30");
        assert_eq!(date(4_107_542_400), "2100-03-01");
    }

    #[test]
    fn should_show_the_time_of_the_day_when_given_seconds() {
        assert_eq!(moment(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(moment(951_868_799), "2000-02-29 23:59 UTC");
    }

    #[test]
    fn should_write_money_as_text_when_json_cannot_hold_it() {
        assert_eq!(money_json(5), json!(5));
        assert_eq!(money_json(u128::MAX), json!(u128::MAX.to_string()));
    }
}
