//! A table under way: rows parsed and put together, on several threads where their order is free.

use super::{
    fault::{Fault, TableFailure, MAX_FAULTS_TOLD},
    plan::Plan,
    row::Row,
    rows::Rows,
    LoanColumns, Purpose, ReadOptions, ReportColumns, Table,
};
use rayon::prelude::*;
use std::collections::HashMap;

pub struct Builder<'a> {
    table: Table,
    plan: &'a Plan<'a>,
    purpose: Purpose,
    options: &'a ReadOptions,
    faults: Vec<Fault>,
    more_faults: u64,
    /// What must not come twice, by the line it first came on.
    seen: HashMap<[u8; 16], u64>,
    /// Values outside of `lower..=upper`, by feature.
    outside: Vec<u64>,
}

impl<'a> Builder<'a> {
    pub fn new(plan: &'a Plan<'a>, purpose: Purpose, options: &'a ReadOptions) -> Self {
        let table = Table {
            features: plan.features.len(),
            reports: (purpose == Purpose::Reports).then(ReportColumns::default),
            loans: (purpose == Purpose::Tape).then(LoanColumns::default),
            ..Table::default()
        };
        Self {
            table,
            plan,
            purpose,
            options,
            faults: Vec::new(),
            more_faults: 0,
            seen: HashMap::new(),
            outside: vec![0; plan.features.len()],
        }
    }

    /// Reads all rows to come.
    ///
    /// # Errors
    ///
    /// A fault when the text can't be read as CSV; bad rows are kept for [`Self::finish`].
    pub fn read(&mut self, rows: &mut Rows<'_>) -> Result<(), Fault> {
        // What must not come twice is told by the line it came on first.
        let in_order = matches!(self.purpose, Purpose::Reports | Purpose::Tape);
        let divides = !in_order && rayon::current_num_threads() > 1;
        let mut row = Row::default();
        loop {
            if divides && rows.is_divisible() {
                self.read_divided(rows)?;
            }
            let Some(line) = rows.advance()? else { return Ok(()) };
            self.row(rows, line, &mut row);
        }
    }

    /// Reads the rows up to the next quote on all threads.
    fn read_divided(&mut self, rows: &mut Rows<'_>) -> Result<(), Fault> {
        let read = |mut part: Rows<'_>| {
            let mut builder = Self::new(self.plan, self.purpose, self.options);
            let mut row = Row::default();
            while let Some(line) = part.advance()? {
                builder.row(&part, line, &mut row);
            }
            Ok(builder)
        };
        let built: Vec<Result<Self, Fault>> = rows.divide().into_par_iter().map(read).collect();
        built.into_iter().try_for_each(|part| {
            self.append(part?);
            Ok(())
        })
    }

    /// Puts the rows of another builder behind the own.
    fn append(&mut self, part: Self) {
        let (table, other) = (&mut self.table, part.table);
        table.lines.extend(other.lines);
        table.subjects.extend(other.subjects);
        table.values.extend(other.values);
        table.present.extend(other.present);
        table.labels.extend(other.labels);
        table.without_label += other.without_label;
        table.skipped.extend(other.skipped);
        part.faults.into_iter().for_each(|fault| self.fault(fault));
        self.more_faults += part.more_faults;
        self.outside.iter_mut().zip(part.outside).for_each(|(count, more)| *count += more);
    }

    fn row(&mut self, rows: &Rows<'_>, line: u64, row: &mut Row) {
        let parsed = rows
            .check_width(line)
            .and_then(|()| self.plan.parse(rows, line, &self.options.key, row))
            .and_then(|()| self.check_new(rows, line, row));
        match parsed {
            Ok(()) => self.push(line, row),
            Err(fault) => self.fault(*fault),
        }
    }

    /// Refuses what must be unique and is not: the subject of a report, the number of a loan; and a
    /// currency that is not the tape's.
    fn check_new(&mut self, rows: &Rows<'_>, line: u64, row: &Row) -> Result<(), Box<Fault>> {
        if let Some((loan, first)) = row.loan.as_ref().zip(self.table.loans.as_ref()) {
            if !self.table.lines.is_empty() && loan.currency != first.currency {
                return Err(self.plan.other_currency(rows, line, first.currency));
            }
        }
        let (unique, what) = match self.purpose {
            Purpose::Reports if row.present != 0 => (row.subject, "subject"),
            Purpose::Tape => (row.loan.as_ref().map(|loan| loan.identifier), "loan number"),
            _ => return Ok(()),
        };
        let Some(unique) = unique else { return Ok(()) };
        match self.seen.entry(unique) {
            std::collections::hash_map::Entry::Occupied(first) => {
                Err(self.plan.duplicate(rows, line, what, *first.get()))
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(line);
                Ok(())
            }
        }
    }

    fn push(&mut self, line: u64, row: &Row) {
        if self.purpose == Purpose::Reports && row.present == 0 {
            self.table.without_report += 1;
            return;
        }
        if self.purpose == Purpose::Training && row.label.is_none() {
            self.table.without_label += 1;
            return;
        }
        let table = &mut self.table;
        table.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        table.subjects.extend(row.subject);
        if table.features > 0 {
            table.values.extend_from_slice(&row.values);
            table.present.push(row.present);
            table.labels.push(row.label);
        }
        let mut present = row.present;
        let values = self.plan.features.iter().zip(&row.values);
        for (count, (cell, value)) in self.outside.iter_mut().zip(values) {
            let plausible = (cell.feature.lower..=cell.feature.upper).contains(value);
            *count += present & u64::from(!plausible);
            present >>= 1;
        }
        if let Some((columns, report)) = table.reports.as_mut().zip(row.report.as_ref()) {
            columns.observed_at_secs.push(report.observed_at_secs);
            columns.sources.push(report.source);
            columns.document_hashes.push(report.document_hash);
        }
        if let Some((columns, loan)) = table.loans.as_mut().zip(row.loan.as_ref()) {
            columns.principals_minor.push(loan.principal_minor);
            columns.rates_ppb.push(loan.rate_ppb);
            columns.originated_days.push(loan.originated_days);
            columns.matures_days.push(loan.matures_days);
            columns.defaulted.push(loan.defaulted);
            columns.currency = loan.currency;
        }
    }

    fn fault(&mut self, fault: Fault) {
        if self.options.skip_bad_rows {
            self.table.skipped.push(fault);
        } else if self.faults.len() < MAX_FAULTS_TOLD {
            self.faults.push(fault);
        } else {
            self.more_faults += 1;
        }
    }

    /// The table of the rows that were read.
    ///
    /// # Errors
    ///
    /// [`TableFailure`] when a row is bad, or there are none.
    pub fn finish(mut self, rows: &Rows<'_>) -> Result<Table, TableFailure> {
        if !self.faults.is_empty() {
            return Err(TableFailure::Faults { faults: self.faults, more: self.more_faults });
        }
        if self.table.lines.is_empty() {
            return Err(rows.nothing_left(&self.table).into());
        }
        let counts = self.plan.features.iter().zip(&self.outside).filter(|(_, count)| **count > 0);
        let outside: Vec<_> =
            counts.map(|(cell, count)| format!("{} {count}", cell.feature.name)).collect();
        if !outside.is_empty() {
            self.table.notes.push(format!(
                "{}: values outside of `lower` to `upper` are kept, and contracts clamp them: {}",
                rows.path().display(),
                outside.join(", ")
            ));
        }
        Ok(self.table)
    }
}
