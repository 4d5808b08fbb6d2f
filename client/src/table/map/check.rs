//! From a MAP as written to one whose keys agree.

use super::{
    raw, CsvFormat, Feature, Given, Label, Loan, Map, Relation, Report, Series, Source,
    MAX_FEATURES, MAX_NAME_BYTES,
};
use crate::table::{
    date::DateFormat,
    decimal::Decimal,
    fields::{currency, read_source},
};
use assay_risk::profile::MAX_DISTANCE;
use encoding_rs::Encoding;
use std::{collections::BTreeSet, path::Path};

pub fn map(raw: raw::Map, path: &Path) -> Result<Map, String> {
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = raw.name.unwrap_or_else(stem);
    check_name(&name, "name")?;
    let subject = raw.subject.map(|subject| subject.column);
    let loan = raw.loan.map(|raw| loan(raw, subject.as_deref())).transpose()?;
    let features = features(raw.feature)?;
    Ok(Map {
        path: path.to_owned(),
        name,
        csv: csv(raw.csv)?,
        subject,
        label: raw.label.map(label).transpose()?,
        series: series(raw.series, &features)?,
        features,
        report: raw.report.map(report).transpose()?,
        loan,
        relation: raw.relation.map(relation).transpose()?,
    })
}

fn check_name(name: &str, key: &str) -> Result<(), String> {
    if (1..=MAX_NAME_BYTES).contains(&name.len()) {
        return Ok(());
    }
    Err(format!("{key} \"{name}\" must have 1 to {MAX_NAME_BYTES} bytes"))
}

fn csv(raw: raw::Csv) -> Result<CsvFormat, String> {
    let delimiter = match raw.delimiter.as_bytes() {
        [byte] if byte.is_ascii() && !b"\r\n\"".contains(byte) => *byte,
        _ => return Err(format!("csv.delimiter {:?} must be one ASCII character", raw.delimiter)),
    };
    let encoding = Encoding::for_label(raw.encoding.as_bytes())
        .ok_or_else(|| format!("csv.encoding \"{}\" is no encoding known", raw.encoding))?;
    Ok(CsvFormat {
        delimiter,
        encoding,
        header: raw.header,
        decimal_comma: raw.decimal_comma,
        date_format: raw.date_format,
        missing: raw.missing,
    })
}

fn label(raw: raw::Label) -> Result<Label, String> {
    if raw.bad.is_empty() {
        return Err("label.bad lists no value; name those that mean default".to_owned());
    }
    Ok(Label { column: raw.column, bad: raw.bad })
}

fn features(raw: Vec<raw::Feature>) -> Result<Vec<Feature>, String> {
    if raw.len() > MAX_FEATURES {
        return Err(format!("{} features; a schema has at most {MAX_FEATURES}", raw.len()));
    }
    let mut names = BTreeSet::new();
    raw.into_iter()
        .map(|raw| {
            check_name(&raw.name, "a feature's name")?;
            check_name(&raw.unit, &format!("the unit of feature \"{}\"", raw.name))?;
            if !names.insert(raw.name.clone()) {
                return Err(format!("feature \"{}\" is there twice", raw.name));
            }
            if raw.lower > raw.upper {
                return Err(format!("feature \"{}\": lower is above upper", raw.name));
            }
            let scale = scale(raw.scale, 1, &format!("scale of feature \"{}\"", raw.name))?;
            Ok(Feature {
                name: raw.name,
                column: raw.column,
                unit: raw.unit,
                lower: raw.lower,
                upper: raw.upper,
                scale,
                codes: raw.codes,
            })
        })
        .collect()
}

fn series(raw: Vec<raw::Series>, features: &[Feature]) -> Result<Vec<Series>, String> {
    let mut names = BTreeSet::new();
    let mut taken = BTreeSet::new();
    let mut all: Vec<Series> = Vec::new();
    for raw in raw {
        let name = raw.name;
        check_name(&name, "series.name")?;
        let key = format!("series.features of \"{name}\"");
        if !names.insert(name.clone()) {
            return Err(format!("series.name \"{name}\" is there twice"));
        }
        let mut positions = Vec::new();
        for feature in &raw.features {
            let found = (0..).zip(features).find(|(_, declared)| declared.name == *feature);
            let (position, _) =
                found.ok_or_else(|| format!("{key}: no [[feature]] is called \"{feature}\""))?;
            if !taken.insert(position) {
                return Err(format!(
                    "{key}: \"{feature}\" is named twice; a feature is in one series at most"
                ));
            }
            positions.push(position);
        }
        if positions.len() < 2 {
            return Err(format!("{key} names {}; a series has at least 2", positions.len()));
        }
        if let Some(first) = all.first().filter(|first| first.features.len() != positions.len()) {
            return Err(format!(
                "{key} names {}, those of \"{}\" {}; series are of one length",
                positions.len(),
                first.name,
                first.features.len()
            ));
        }
        all.push(Series { name, features: positions });
    }
    Ok(all)
}

fn scale(raw: Option<raw::Scale>, default: i64, key: &str) -> Result<Decimal, String> {
    let positive = |is: bool| is.then_some(()).ok_or_else(|| format!("{key} must be above 0"));
    match raw {
        None => Ok(Decimal::integer(default)),
        Some(raw::Scale::Integer(scale)) => positive(scale > 0).map(|()| Decimal::integer(scale)),
        Some(raw::Scale::Float(scale)) => {
            positive(scale > 0.0 && scale.is_finite())?;
            Decimal::parse(&scale.to_string(), false)
                .map_err(|_| format!("{key} has too many digits"))
        }
    }
}

/// Exactly one of `key` (a column) and `key_value` must be there.
fn given<T>(
    column: Option<String>,
    fixed: Option<T>,
    table: &str,
    key: &str,
) -> Result<Given<T>, String> {
    match (column, fixed) {
        (Some(column), None) => Ok(Given::Column(column)),
        (None, Some(fixed)) => Ok(Given::Fixed(fixed)),
        (Some(_), Some(_)) => {
            Err(format!("{table}.{key} and {table}.{key}_value are both there; give one"))
        }
        (None, None) => {
            Err(format!("{table}.{key} (a column) or {table}.{key}_value (for all rows) is needed"))
        }
    }
}

fn fixed_days(text: Option<String>, key: &str) -> Result<Option<u32>, String> {
    text.map(|text| {
        DateFormat::Iso
            .parse_days(&text)
            .ok_or_else(|| format!("{key} \"{text}\" is no date; write YYYY-MM-DD from 1970 on"))
    })
    .transpose()
}

fn report(raw: raw::Report) -> Result<Report, String> {
    let observed = fixed_days(raw.observed_at_value, "report.observed_at_value")?
        .map(|days| u64::from(days) * crate::table::date::DAY_SECS);
    let source: Option<Source> = raw
        .source_value
        .map(|word| {
            read_source(&word).ok_or_else(|| {
                format!("report.source_value \"{word}\" must be bank, bureau or payment-platform")
            })
        })
        .transpose()?;
    Ok(Report {
        observed_at: given(raw.observed_at, observed, "report", "observed_at")?,
        source: given(raw.source, source, "report", "source")?,
        document_hash: raw.document_hash,
    })
}

fn loan(raw: raw::Loan, map_subject: Option<&str>) -> Result<Loan, String> {
    let subject = raw.subject.or(map_subject.map(str::to_owned));
    let subject = subject.ok_or("loan.subject or [subject] is needed for a tape")?;
    let code = raw
        .currency_value
        .map(|code| {
            currency(&code).ok_or_else(|| {
                format!("loan.currency_value \"{code}\" must be three capitals, such as \"EUR\"")
            })
        })
        .transpose()?;
    let rate = raw
        .rate_value
        .map(|rate| u32::try_from(rate.ppb).map_err(|_| "loan.rate_value is above 429 %"))
        .transpose()?;
    let origination = fixed_days(raw.origination_value, "loan.origination_value")?;
    let maturity = fixed_days(raw.maturity_value, "loan.maturity_value")?;
    let defaulted = match (raw.defaulted, raw.defaulted_bad) {
        (None, None) => None,
        (Some(column), Some(bad)) if !bad.is_empty() => Some(Label { column, bad }),
        _ => return Err("loan.defaulted and loan.defaulted_bad go together".to_owned()),
    };
    Ok(Loan {
        identifier: raw.identifier,
        subject,
        principal: raw.principal,
        principal_scale: scale(raw.principal_scale, 100, "loan.principal_scale")?,
        currency: given(raw.currency, code, "loan", "currency")?,
        rate: given(raw.rate, rate, "loan", "rate")?,
        origination: given(raw.origination, origination, "loan", "origination")?,
        maturity: given(raw.maturity, maturity, "loan", "maturity")?,
        defaulted,
        cut_off_days: fixed_days(raw.cut_off_value, "loan.cut_off_value")?,
    })
}

fn relation(raw: raw::Relation) -> Result<Relation, String> {
    if raw.distance_value.is_some_and(|distance| !(1..=MAX_DISTANCE).contains(&distance)) {
        return Err(format!("relation.distance_value must be 1 to {MAX_DISTANCE}"));
    }
    let distance = given(raw.distance, raw.distance_value, "relation", "distance")?;
    Ok(Relation { from: raw.from, to: raw.to, distance })
}
