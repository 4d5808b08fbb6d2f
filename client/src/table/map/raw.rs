//! MAP.toml as it is written, before its keys are held against each other.

use crate::{ratio::Ratio, table::date::DateFormat};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    pub name: Option<String>,
    #[serde(default)]
    pub csv: Csv,
    pub subject: Option<Subject>,
    pub label: Option<Label>,
    #[serde(default)]
    pub feature: Vec<Feature>,
    #[serde(default)]
    pub series: Vec<Series>,
    pub report: Option<Report>,
    pub loan: Option<Loan>,
    pub relation: Option<Relation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Csv {
    pub delimiter: String,
    pub encoding: String,
    pub header: bool,
    pub decimal_comma: bool,
    pub date_format: DateFormat,
    pub missing: Vec<String>,
}

impl Default for Csv {
    fn default() -> Self {
        Self {
            delimiter: ",".to_owned(),
            encoding: "utf-8".to_owned(),
            header: true,
            decimal_comma: false,
            date_format: DateFormat::Iso,
            missing: ["", "NA", "N/A", "null"].map(str::to_owned).to_vec(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    pub column: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    pub column: String,
    pub bad: Vec<String>,
}

/// A number as TOML writes it, kept exact.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Scale {
    Integer(i64),
    Float(f64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    pub name: String,
    pub column: String,
    pub unit: String,
    pub lower: i32,
    pub upper: i32,
    pub scale: Option<Scale>,
    #[serde(default)]
    pub codes: BTreeMap<String, i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    pub name: String,
    pub features: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub observed_at: Option<String>,
    pub observed_at_value: Option<String>,
    pub source: Option<String>,
    pub source_value: Option<String>,
    pub document_hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loan {
    pub identifier: String,
    pub subject: Option<String>,
    pub principal: String,
    pub principal_scale: Option<Scale>,
    pub currency: Option<String>,
    pub currency_value: Option<String>,
    pub rate: Option<String>,
    pub rate_value: Option<Ratio>,
    pub origination: Option<String>,
    pub origination_value: Option<String>,
    pub maturity: Option<String>,
    pub maturity_value: Option<String>,
    pub defaulted: Option<String>,
    pub defaulted_bad: Option<Vec<String>>,
    pub cut_off_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    pub from: String,
    pub to: String,
    pub distance: Option<String>,
    pub distance_value: Option<u8>,
}
