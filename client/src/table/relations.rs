//! Relations between subjects: for social propagation (rules, section 2).

use super::{
    fault::{Fault, TableFailure, MAX_FAULTS_TOLD},
    fields::told,
    map::{Given, Map},
    rows::{Column, Rows},
    text::FileText,
    ReadOptions,
};
use crate::subject::{ConsortiumKey, SubjectBytes};
use assay_risk::profile::MAX_DISTANCE;
use std::{collections::HashMap, path::Path};

/// A symmetric relation, `from < to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelationRow {
    /// Line of the file, 1-based.
    pub line: u32,
    pub from: SubjectBytes,
    pub to: SubjectBytes,
    /// 1..=10.
    pub distance: u8,
}

/// The relations of a file, in its order.
#[derive(Clone, Debug, Default)]
pub struct Relations {
    pub rows: Vec<RelationRow>,
    /// Bad rows that were left out (`skip_bad_rows`).
    pub skipped: Vec<Fault>,
    /// What people should know.
    pub notes: Vec<String>,
}

impl Relations {
    /// Reads a whole file and checks every row of it.
    ///
    /// # Errors
    ///
    /// [`TableFailure`] when the MAP has no `[relation]`, the file lacks a column, has no rows, or
    /// (without `skip_bad_rows`) any row is bad: ragged, an empty identifier, a subject related to
    /// itself, a pair that an earlier row has, a distance outside of 1..=10.
    pub fn read(path: &Path, map: &Map, options: &ReadOptions) -> Result<Self, TableFailure> {
        let relation = map.relation.as_ref().ok_or_else(|| map.missing("relation"))?;
        let file = FileText::read(path, map.csv.encoding)?;
        let mut rows = Rows::new(&file, &map.csv)?;
        let find = |name: &str| rows.header.find(name).map_err(|fault| *fault);
        let plan = Plan {
            from: find(&relation.from)?,
            to: find(&relation.to)?,
            distance: match &relation.distance {
                Given::Column(name) => Err(find(name)?),
                Given::Fixed(distance) => Ok(*distance),
            },
        };
        let mut relations = Self { notes: file.note.iter().cloned().collect(), ..Self::default() };
        let mut seen = HashMap::new();
        let (mut faults, mut more) = (Vec::new(), 0);
        while let Some(line) = rows.advance()? {
            let parsed = rows
                .check_width(line)
                .and_then(|()| plan.parse(&rows, line, &options.key, &mut seen));
            match parsed {
                Ok(row) => relations.rows.push(row),
                Err(fault) if options.skip_bad_rows => relations.skipped.push(*fault),
                Err(fault) if faults.len() < MAX_FAULTS_TOLD => faults.push(*fault),
                Err(_) => more += 1,
            }
        }
        if !faults.is_empty() {
            return Err(TableFailure::Faults { faults, more });
        }
        if relations.rows.is_empty() {
            let table = super::Table { skipped: relations.skipped, ..Default::default() };
            return Err(rows.nothing_left(&table).into());
        }
        Ok(relations)
    }
}

struct Plan {
    from: Column,
    to: Column,
    /// Of all rows, or else where it is.
    distance: Result<u8, Column>,
}

impl Plan {
    fn parse(
        &self,
        rows: &Rows<'_>,
        line: u64,
        key: &ConsortiumKey,
        seen: &mut HashMap<(SubjectBytes, SubjectBytes), u64>,
    ) -> Result<RelationRow, Box<Fault>> {
        let fault = |column: &Column, problem: &str, remedy: &str| {
            Err(rows.field_fault(line, column, problem.to_owned(), remedy.to_owned()))
        };
        for column in [&self.from, &self.to] {
            if rows.field(column).is_empty() {
                return fault(column, "the identifier is empty", "every row needs two");
            }
        }
        let one = key.subject(rows.field(&self.from));
        let other = key.subject(rows.field(&self.to));
        if one == other {
            return fault(&self.to, "the subject is related to itself", "take the row out");
        }
        let (from, to) = (one.min(other), one.max(other));
        let distance = match &self.distance {
            Ok(distance) => *distance,
            Err(column) => {
                let text = rows.field(column);
                match text.parse() {
                    Ok(distance) if (1..=MAX_DISTANCE).contains(&distance) => distance,
                    _ => {
                        let problem = format!("{} is no distance", told(text));
                        return fault(column, &problem, "write a whole number from 1 to 10");
                    }
                }
            }
        };
        if let Some(first) = seen.insert((from, to), line) {
            let problem = format!("the same pair as in line {first}");
            return fault(&self.to, &problem, "keep one of the two rows");
        }
        Ok(RelationRow { line: u32::try_from(line).unwrap_or(u32::MAX), from, to, distance })
    }
}
