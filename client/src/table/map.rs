//! MAP.toml: which columns of a CSV file are what (`examples/README.md` explains every key).

use super::{date::DateFormat, decimal::Decimal};
use encoding_rs::Encoding;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

mod check;
mod raw;

/// Most features of a schema: one bit of a profile's `present` each.
pub const MAX_FEATURES: usize = 64;
/// Longest name of a schema, a feature or a unit.
pub const MAX_NAME_BYTES: usize = 64;

/// Who observed a report, as on chain.
pub use assay_risk::profile::Source;

/// Something that a column holds row by row, or that is the same for all rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given<T> {
    Column(String),
    Fixed(T),
}

/// How the CSV file is written.
#[derive(Clone, Debug)]
pub struct CsvFormat {
    pub delimiter: u8,
    pub encoding: &'static Encoding,
    /// Without a header columns are called "1", "2", ...
    pub header: bool,
    /// `1.234,5` instead of `1234.5`.
    pub decimal_comma: bool,
    pub date_format: DateFormat,
    /// Fields that mean: no value. An empty field always does.
    pub missing: Vec<String>,
}

/// Which values of a column mean default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub column: String,
    pub bad: Vec<String>,
}

/// One feature of the schema, and the column it comes from.
#[derive(Clone, Debug)]
pub struct Feature {
    pub name: String,
    pub column: String,
    pub unit: String,
    /// Smallest plausible value on chain; smaller ones are stored, and clamped by contracts.
    pub lower: i32,
    /// Largest plausible value on chain.
    pub upper: i32,
    /// Value on chain = round(column * scale), half away from zero.
    pub scale: Decimal,
    /// Text to value on chain; empty for columns of numbers.
    pub codes: BTreeMap<String, i32>,
}

/// Features of one kind from several moments, at equal distances in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    pub name: String,
    /// Positions in the schema, the oldest first; at least two.
    pub features: Vec<u8>,
}

/// What a bureau's upload says beside subject, label and features.
#[derive(Clone, Debug)]
pub struct Report {
    /// Unix seconds when fixed.
    pub observed_at: Given<u64>,
    pub source: Given<Source>,
    /// Column of the hash of the full document; without it, the row's own hash stands in.
    pub document_hash: Option<String>,
}

/// What a tape says of each loan.
#[derive(Clone, Debug)]
pub struct Loan {
    pub identifier: String,
    pub subject: String,
    pub principal: String,
    /// Minor units = round(column * scale).
    pub principal_scale: Decimal,
    pub currency: Given<[u8; 3]>,
    /// Interest a year, in ppb when fixed.
    pub rate: Given<u32>,
    /// Days since 1970 when fixed.
    pub origination: Given<u32>,
    pub maturity: Given<u32>,
    /// Which loans the tape itself marks as defaulted.
    pub defaulted: Option<Label>,
    /// Days since 1970; none means the day of submission.
    pub cut_off_days: Option<u32>,
}

/// Relations between subjects.
#[derive(Clone, Debug)]
pub struct Relation {
    pub from: String,
    pub to: String,
    pub distance: Given<u8>,
}

/// A MAP, checked.
#[derive(Clone, Debug)]
pub struct Map {
    pub path: PathBuf,
    /// The schema's name on chain.
    pub name: String,
    pub csv: CsvFormat,
    /// Column of the national identifier.
    pub subject: Option<String>,
    pub label: Option<Label>,
    /// In the schema's order.
    pub features: Vec<Feature>,
    /// All of one length; a feature is in one at most.
    pub series: Vec<Series>,
    pub report: Option<Report>,
    pub loan: Option<Loan>,
    pub relation: Option<Relation>,
}

/// Why a MAP can't be used.
#[derive(Debug, thiserror::Error)]
pub enum MapFailure {
    #[error("{path}: the MAP can't be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: {source}")]
    Malformed { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{path}: {problem}")]
    Contradictory { path: PathBuf, problem: String },
    #[error("{path}: [{table}] is missing, which this command needs; examples/README.md shows it")]
    TableMissing { path: PathBuf, table: &'static str },
}

impl Map {
    /// Reads and checks a MAP.
    ///
    /// # Errors
    ///
    /// [`MapFailure`] with the key that is unknown, missing or contradictory.
    pub fn read(path: &Path) -> Result<Self, MapFailure> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| MapFailure::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// As [`Self::read`], from text; `path` is for messages and the default name.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, MapFailure> {
        let raw: raw::Map = toml::from_str(text).map_err(|source| MapFailure::Malformed {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        check::map(raw, path)
            .map_err(|problem| MapFailure::Contradictory { path: path.to_owned(), problem })
    }

    pub(crate) fn missing(&self, table: &'static str) -> MapFailure {
        MapFailure::TableMissing { path: self.path.clone(), table }
    }
}
