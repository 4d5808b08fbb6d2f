//! A MAP bound to the columns of a file.

use super::{
    blake2b_256,
    fault::{Fault, TableFailure},
    fields::{self, told, Problem},
    map::{CsvFormat, Feature, Given, Label, Map},
    row::{LoanRow, ReportRow, Row},
    rows::{Column, Header, Rows},
    Purpose,
};
use crate::subject::{ConsortiumKey, SubjectBytes};
use assay_risk::profile::Source;

/// What to take from each row, and from where.
pub struct Plan<'m> {
    pub features: Vec<FeatureCell<'m>>,
    subject: Option<Column>,
    label: Option<(Column, &'m Label)>,
    report: Option<ReportPlan>,
    loan: Option<LoanPlan<'m>>,
    csv: &'m CsvFormat,
}

/// Where a feature is read.
pub struct FeatureCell<'m> {
    pub feature: &'m Feature,
    column: Column,
    /// A short whole number stands for itself: nothing is scaled, coded or taken for missing.
    literal: bool,
}

/// A column to read, or the value of all rows.
enum Cell<T> {
    Column(Column),
    Fixed(T),
}

struct ReportPlan {
    observed_at: Cell<u64>,
    source: Cell<Source>,
    document_hash: Option<Column>,
}

struct LoanPlan<'m> {
    identifier: Column,
    principal: Column,
    loan: &'m super::map::Loan,
    currency: Cell<[u8; 3]>,
    rate: Cell<u32>,
    origination: Cell<u32>,
    maturity: Cell<u32>,
    defaulted: Option<(Column, &'m Label)>,
}

fn cell<T: Copy>(header: &Header, given: &Given<T>) -> Result<Cell<T>, Box<Fault>> {
    Ok(match given {
        Given::Column(name) => Cell::Column(header.find(name)?),
        Given::Fixed(value) => Cell::Fixed(*value),
    })
}

impl<'m> Plan<'m> {
    /// Finds the columns of all that the purpose needs; all that are missing are told at once.
    pub fn bind(header: &Header, map: &'m Map, purpose: Purpose) -> Result<Self, TableFailure> {
        let mut faults = Vec::new();
        let features = if purpose == Purpose::Tape { &[] } else { map.features.as_slice() };
        if features.is_empty() && purpose != Purpose::Tape {
            return Err(map.missing("[feature]").into());
        }
        let features = features
            .iter()
            .filter_map(|feature| {
                let found = header.find(&feature.column).map_err(|fault| faults.push(*fault)).ok();
                let literal = fields::is_literal(feature, &map.csv.missing);
                found.map(|column| FeatureCell { feature, column, literal })
            })
            .collect();
        let mut keep =
            |found: Result<Column, Box<Fault>>| found.map_err(|fault| faults.push(*fault)).ok();
        let subject = match purpose {
            Purpose::Training => None,
            Purpose::Tape => Some(&map.loan.as_ref().ok_or_else(|| map.missing("loan"))?.subject),
            Purpose::Reports => Some(map.subject.as_ref().ok_or_else(|| map.missing("subject"))?),
            Purpose::Scoring => map.subject.as_ref().filter(|name| header.names.contains(name)),
        };
        let subject = subject.and_then(|name| keep(header.find(name)));
        let label = match purpose {
            Purpose::Training => Some(map.label.as_ref().ok_or_else(|| map.missing("label"))?),
            Purpose::Reports => map.label.as_ref(),
            Purpose::Scoring => {
                map.label.as_ref().filter(|label| header.names.contains(&label.column))
            }
            Purpose::Tape => None,
        };
        let label = label.and_then(|label| Some((keep(header.find(&label.column))?, label)));
        let mut plan = Self { features, subject, label, report: None, loan: None, csv: &map.csv };
        let rest = plan.bind_rest(header, map, purpose)?;
        faults.extend(rest.map(|fault| *fault));
        if faults.is_empty() {
            return Ok(plan);
        }
        Err(TableFailure::Faults { faults, more: 0 })
    }

    /// The columns of reports or loans; a missing column is handed back, a missing table fails.
    fn bind_rest(
        &mut self,
        header: &Header,
        map: &'m Map,
        purpose: Purpose,
    ) -> Result<Option<Box<Fault>>, TableFailure> {
        let bound = match purpose {
            Purpose::Reports => {
                let report = map.report.as_ref().ok_or_else(|| map.missing("report"))?;
                ReportPlan::bind(header, report).map(|report| self.report = Some(report))
            }
            Purpose::Tape => {
                let loan = map.loan.as_ref().ok_or_else(|| map.missing("loan"))?;
                LoanPlan::bind(header, loan).map(|loan| self.loan = Some(loan))
            }
            Purpose::Training | Purpose::Scoring => Ok(()),
        };
        Ok(bound.err())
    }

    /// Reads the current row into `row`.
    pub fn parse(
        &self,
        rows: &Rows<'_>,
        line: u64,
        key: &ConsortiumKey,
        row: &mut Row,
    ) -> Result<(), Box<Fault>> {
        let at = At { rows, line, csv: self.csv };
        row.present = 0;
        row.values.clear();
        for (position, FeatureCell { feature, column, literal }) in self.features.iter().enumerate()
        {
            if *literal {
                if let Some(value) = fields::small_integer(rows.field(column)) {
                    row.present |= 1 << position;
                    row.values.push(value);
                    continue;
                }
            }
            let value = at.optional(column).map(|text| {
                fields::feature_value(text, feature, self.csv.decimal_comma)
                    .map_err(|problem| at.fault(column, problem))
            });
            row.present |= u64::from(value.is_some()) << position;
            row.values.push(value.transpose()?.unwrap_or_default());
        }
        let subject = self.subject.as_ref().map(|column| at.subject(column, key));
        row.subject = subject.transpose()?;
        row.label = self.label.as_ref().and_then(|(column, label)| {
            at.optional(column).map(|text| label.bad.iter().any(|bad| bad == text))
        });
        let is_report = row.present != 0;
        let report = self.report.as_ref().filter(|_| is_report).map(|report| report.parse(&at));
        row.report = report.transpose()?;
        row.loan = self.loan.as_ref().map(|loan| loan.parse(&at)).transpose()?;
        Ok(())
    }

    /// The fault of a row that repeats an earlier one.
    pub fn duplicate(&self, rows: &Rows<'_>, line: u64, what: &str, first: u64) -> Box<Fault> {
        let problem = format!("the same {what} as in line {first}");
        let remedy = "keep one of the two rows".to_owned();
        let column = self.loan.as_ref().map(|loan| &loan.identifier).or(self.subject.as_ref());
        let fallback = Column { index: 0, name: String::new() };
        rows.field_fault(line, column.unwrap_or(&fallback), problem, remedy)
    }

    /// The fault of a loan that is not in the tape's currency.
    pub fn other_currency(&self, rows: &Rows<'_>, line: u64, first: [u8; 3]) -> Box<Fault> {
        let first = String::from_utf8_lossy(&first).into_owned();
        let problem = format!("the tape's first loan is in {first}, this one is not");
        let remedy = "make one tape for each currency".to_owned();
        let fallback = Column { index: 0, name: String::new() };
        let column = self.loan.as_ref().and_then(|loan| match &loan.currency {
            Cell::Column(column) => Some(column),
            Cell::Fixed(_) => None,
        });
        rows.field_fault(line, column.unwrap_or(&fallback), problem, remedy)
    }
}

/// The row that is being read.
struct At<'a> {
    rows: &'a Rows<'a>,
    line: u64,
    csv: &'a CsvFormat,
}

impl At<'_> {
    fn fault(&self, column: &Column, problem: Problem) -> Box<Fault> {
        self.rows.field_fault(self.line, column, problem.what, problem.remedy)
    }

    /// A field, or none where it means: no value.
    fn optional(&self, column: &Column) -> Option<&str> {
        let text = self.rows.field(column);
        let missing = text.is_empty() || self.csv.missing.iter().any(|word| word == text);
        (!missing).then_some(text)
    }

    fn required(&self, column: &Column) -> Result<&str, Box<Fault>> {
        self.optional(column).ok_or_else(|| {
            self.fault(column, Problem::new("the field is empty", "every row needs a value here"))
        })
    }

    /// Identifiers are hashed as they stand: "NA" may be one.
    fn subject(&self, column: &Column, key: &ConsortiumKey) -> Result<SubjectBytes, Box<Fault>> {
        let text = self.rows.field(column);
        if text.is_empty() {
            let problem = Problem::new("the identifier is empty", "every row needs one");
            return Err(self.fault(column, problem));
        }
        Ok(key.subject(text))
    }

    fn cell<T: Copy>(
        &self,
        cell: &Cell<T>,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Result<T, Box<Fault>> {
        match cell {
            Cell::Fixed(value) => Ok(*value),
            Cell::Column(column) => {
                parse(self.required(column)?).map_err(|problem| self.fault(column, problem))
            }
        }
    }

    fn date_problem(&self, text: &str) -> Problem {
        let format = self.csv.date_format.name();
        Problem::new(
            format!("{} is no date of the form {format} from 1970 on", told(text)),
            "correct it, or set `date_format` under [csv] of the MAP",
        )
    }

    fn days(&self, cell: &Cell<u32>) -> Result<u32, Box<Fault>> {
        self.cell(cell, |text| {
            self.csv.date_format.parse_days(text).ok_or_else(|| self.date_problem(text))
        })
    }
}

impl ReportPlan {
    fn bind(header: &Header, report: &super::map::Report) -> Result<Self, Box<Fault>> {
        Ok(Self {
            observed_at: cell(header, &report.observed_at)?,
            source: cell(header, &report.source)?,
            document_hash: report
                .document_hash
                .as_ref()
                .map(|name| header.find(name))
                .transpose()?,
        })
    }

    fn parse(&self, at: &At<'_>) -> Result<ReportRow, Box<Fault>> {
        let observed_at_secs = at.cell(&self.observed_at, |text| {
            at.csv.date_format.parse_secs(text).ok_or_else(|| at.date_problem(text))
        })?;
        let source = at.cell(&self.source, |text| {
            fields::read_source(text).ok_or_else(|| {
                let what = format!("{} is no source of reports", told(text));
                Problem::new(what, "write bank, bureau or payment-platform")
            })
        })?;
        let document_hash = match &self.document_hash {
            Some(column) => {
                fields::hash(at.required(column)?).map_err(|problem| at.fault(column, problem))?
            }
            None => {
                let fields: Vec<_> = at.rows.record.iter().map(str::trim).collect();
                blake2b_256(fields.join("\0").as_bytes())
            }
        };
        Ok(ReportRow { observed_at_secs, source, document_hash })
    }
}

impl<'m> LoanPlan<'m> {
    fn bind(header: &Header, loan: &'m super::map::Loan) -> Result<Self, Box<Fault>> {
        let defaulted = loan.defaulted.as_ref();
        let defaulted =
            defaulted.map(|label| Ok::<_, Box<Fault>>((header.find(&label.column)?, label)));
        Ok(Self {
            identifier: header.find(&loan.identifier)?,
            principal: header.find(&loan.principal)?,
            loan,
            currency: cell(header, &loan.currency)?,
            rate: cell(header, &loan.rate)?,
            origination: cell(header, &loan.origination)?,
            maturity: cell(header, &loan.maturity)?,
            defaulted: defaulted.transpose()?,
        })
    }

    fn parse(&self, at: &At<'_>) -> Result<LoanRow, Box<Fault>> {
        let decimal_comma = at.csv.decimal_comma;
        let number = at.rows.field(&self.identifier);
        if number.is_empty() {
            let problem = Problem::new("the loan's number is empty", "every row needs one");
            return Err(at.fault(&self.identifier, problem));
        }
        let mut identifier = [0; 16];
        identifier.copy_from_slice(&blake2b_256(number.as_bytes())[..16]);
        let principal = at.required(&self.principal)?;
        let principal_minor =
            fields::principal_minor(principal, self.loan.principal_scale, decimal_comma)
                .map_err(|problem| at.fault(&self.principal, problem))?;
        let rate_ppb = at.cell(&self.rate, |text| fields::rate_ppb(text, decimal_comma))?;
        let originated_days = at.days(&self.origination)?;
        let matures_days = at.days(&self.maturity)?;
        if matures_days < originated_days {
            let problem = Problem::new("the loan matures before its origination", "correct it");
            let column = match (&self.maturity, &self.origination) {
                (Cell::Column(column), _) | (_, Cell::Column(column)) => column,
                _ => &self.identifier,
            };
            return Err(at.fault(column, problem));
        }
        let currency = at.cell(&self.currency, |text| {
            fields::currency(text).ok_or_else(|| {
                let what = format!("{} is no ISO 4217 code", told(text));
                Problem::new(what, "write three capitals, such as EUR")
            })
        })?;
        let defaulted = self.defaulted.as_ref().is_some_and(|(column, label)| {
            at.optional(column).is_some_and(|text| label.bad.iter().any(|bad| bad == text))
        });
        Ok(LoanRow {
            identifier,
            principal_minor,
            rate_ppb,
            originated_days,
            matures_days,
            defaulted,
            currency,
        })
    }
}
