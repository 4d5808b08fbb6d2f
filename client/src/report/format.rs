//! Numbers for people.

/// A whole number with thin spaces between thousands.
pub fn count(number: impl ToString) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A rate with two decimals, rounded up.
pub fn percent(ppb: u64) -> String {
    crate::ratio::show(ppb).replace(' ', "\u{202f}")
}

/// An amount in whole units of its currency, rounded down.
pub fn money(minor: u128, currency: &str) -> String {
    count(minor / minor_units(currency))
}

/// Minor units of one unit of a currency (ISO 4217; 100 unless the standard says otherwise).
pub fn minor_units(currency: &str) -> u128 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 1,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 1_000,
        _ => 100,
    }
}

/// A share between 0 and 1 with three decimals.
pub fn decimal(share: &f64) -> String {
    format!("{share:.3}")
}
