//! The rows of a CSV file with the lines they are on.

use super::{
    fault::Fault,
    map::CsvFormat,
    text::{terminators, FileText, Lines},
    Table,
};
use csv::{Reader, ReaderBuilder, StringRecord};
use std::ops::Range;

/// Most columns that a message lists.
const MAX_COLUMNS_TOLD: usize = 40;

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// 0-based.
    pub index: usize,
    pub name: String,
}

/// The names of a file's columns.
pub struct Header {
    pub names: Vec<String>,
    /// Line of the header; none when the file has none.
    pub line: Option<u64>,
    file: std::path::PathBuf,
}

impl Header {
    /// Where a column is.
    ///
    /// # Errors
    ///
    /// A fault when the file has no such column, or has it twice.
    pub fn find(&self, name: &str) -> Result<Column, Box<Fault>> {
        let mut found = self.names.iter().enumerate().filter(|(_, column)| *column == name);
        let Some((index, _)) = found.next() else {
            let problem = format!("there is no column \"{name}\"");
            return Err(self.fault(problem, self.advice()));
        };
        if found.next().is_some() {
            let problem = format!("column \"{name}\" is there twice");
            return Err(self.fault(problem, "rename one in the file".to_owned()));
        }
        Ok(Column { index, name: name.to_owned() })
    }

    fn advice(&self) -> String {
        if let [only] = self.names.as_slice() {
            return format!(
                "the file has one column, \"{only}\"; set `delimiter` under [csv] of the MAP"
            );
        }
        let told = self.names.iter().take(MAX_COLUMNS_TOLD).map(String::as_str);
        let dots = if self.names.len() > MAX_COLUMNS_TOLD { ", ..." } else { "" };
        let told = told.collect::<Vec<_>>().join(", ");
        format!("name one that the file has in the MAP: {told}{dots}")
    }

    fn fault(&self, problem: String, remedy: String) -> Box<Fault> {
        Box::new(Fault { file: self.file.clone(), line: self.line, column: None, problem, remedy })
    }
}

/// A file's rows, one at a time.
pub struct Rows<'a> {
    pub header: Header,
    /// The row last advanced to.
    pub record: StringRecord,
    /// Bytes of the text at which it begins and ends, its line's end aside.
    pub span: Range<usize>,
    file: &'a FileText,
    reader: Reader<&'a [u8]>,
    lines: Lines<'a>,
}

impl<'a> Rows<'a> {
    /// Starts before the first row and reads the header.
    ///
    /// # Errors
    ///
    /// A fault when the file has no header.
    pub fn new(file: &'a FileText, format: &CsvFormat) -> Result<Self, Fault> {
        let header = Header { names: Vec::new(), line: None, file: file.path.clone() };
        let mut rows = Self {
            header,
            record: StringRecord::new(),
            span: 0..0,
            file,
            reader: reader(file, format),
            lines: Lines::new(file.text.as_bytes()),
        };
        let first = rows.advance()?;
        rows.header.names = if format.header {
            rows.header.line = first;
            rows.record.iter().map(|name| name.trim().to_owned()).collect()
        } else {
            (1..=rows.record.len()).map(|number| number.to_string()).collect()
        };
        if !format.header {
            rows.reader = reader(file, format);
            rows.lines = Lines::new(file.text.as_bytes());
        }
        Ok(rows)
    }

    /// Goes to the next row; the line it begins on, or none after the last. Empty lines are no rows.
    ///
    /// # Errors
    ///
    /// A fault when the text can't be read as CSV.
    pub fn advance(&mut self) -> Result<Option<u64>, Fault> {
        let bytes = self.file.text.as_bytes();
        let from = self.position();
        let more = self.reader.read_record(&mut self.record);
        let ends = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let blank = bytes[from..].iter().take_while(|byte| ends(byte)).count();
        let (start, end) = (from + blank, self.position());
        let line = self.lines.at(start);
        match more {
            Ok(false) => Ok(None),
            Ok(true) => {
                let tail = bytes[start..end].iter().rev().take_while(|byte| ends(byte)).count();
                self.span = start..end - tail;
                Ok(Some(line))
            }
            Err(failure) => {
                let remedy = "check the quotes around it".to_owned();
                Err(self.fault(Some(line), None, failure.to_string(), remedy))
            }
        }
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX)
    }

    /// Refuses a row with more or fewer fields than the header.
    ///
    /// # Errors
    ///
    /// A fault with both numbers.
    pub fn check_width(&self, line: u64) -> Result<(), Box<Fault>> {
        let (found, expected) = (self.record.len(), self.header.names.len());
        if found == expected {
            return Ok(());
        }
        let problem = format!("the row has {found} fields, {expected} are expected");
        let remedy = "look for a missing or unquoted delimiter, or a quote that is not closed";
        Err(Box::new(self.fault(Some(line), None, problem, remedy.to_owned())))
    }

    /// A field without the white space around it.
    pub fn field(&self, column: &Column) -> &str {
        self.record.get(column.index).unwrap_or_default().trim()
    }

    /// A fault in a field of the current row, on the field's own line.
    pub fn field_fault(
        &self,
        line: u64,
        column: &Column,
        problem: String,
        remedy: String,
    ) -> Box<Fault> {
        let before: u64 = self
            .record
            .iter()
            .take(column.index)
            .map(|field| terminators(field.as_bytes(), None))
            .sum();
        Box::new(self.fault(Some(line + before), Some(column), problem, remedy))
    }

    /// Why a table ended without rows.
    pub fn nothing_left(&self, table: &Table) -> Fault {
        let (problem, remedy) = if !table.skipped.is_empty() {
            ("every row is bad", "see the messages about them")
        } else if table.without_label > 0 {
            ("no row has a label", "check [label] of the MAP")
        } else if table.without_report > 0 {
            ("no row has any value of a feature", "check the columns under [[feature]]")
        } else {
            ("the file has no rows", "give at least one below the header")
        };
        self.fault(None, None, problem.to_owned(), remedy.to_owned())
    }

    fn fault(
        &self,
        line: Option<u64>,
        column: Option<&Column>,
        problem: String,
        remedy: String,
    ) -> Fault {
        let column = column.map(|column| (column.index + 1, column.name.clone()));
        Fault { file: self.file.path.clone(), line, column, problem, remedy }
    }
}

fn reader<'a>(file: &'a FileText, format: &CsvFormat) -> Reader<&'a [u8]> {
    ReaderBuilder::new()
        .delimiter(format.delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(file.text.as_bytes())
}
