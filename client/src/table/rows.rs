//! The rows of a CSV file with the lines they are on.

use super::{
    fault::Fault,
    map::CsvFormat,
    marks::Marks,
    record::Record,
    text::{terminators, FileText, Lines},
    Table,
};
use csv::{Reader, ReaderBuilder};
use rayon::prelude::*;
use std::{ops::Range, path::Path, sync::Arc};

const QUOTE: char = '"';
/// The library goes on when another quote is within this many bytes.
const NEAR_BYTES: usize = 4096;
/// About how much text a thread takes at a time.
const PART_BYTES: usize = 1 << 20;

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
///
/// Lines without a quote are split here, at several times the library's speed. From a line with a
/// quote on the library reads, until no other quote is near.
pub struct Rows<'a> {
    pub header: Arc<Header>,
    /// The row last advanced to.
    pub record: Record<'a>,
    /// Bytes of the text at which it begins and ends, its line's end aside.
    pub span: Range<usize>,
    file: &'a FileText,
    delimiter: u8,
    /// Where the next row is looked for.
    position: usize,
    /// The line that `position` is on, 1-based.
    line: u64,
    /// Up to here no line has a quote.
    plain_end: usize,
    /// Where the last row ends.
    end: usize,
    /// Marks from `marks_from` to `plain_end`.
    marks: Marks<'a>,
    marks_from: usize,
    quoted: Option<Quoted<'a>>,
}

/// The library's reader, and where it began.
struct Quoted<'a> {
    reader: Reader<&'a [u8]>,
    lines: Lines<'a>,
    from: usize,
    from_line: u64,
}

impl<'a> Rows<'a> {
    /// Starts before the first row and reads the header.
    ///
    /// # Errors
    ///
    /// A fault when the file has no header.
    pub fn new(file: &'a FileText, format: &CsvFormat) -> Result<Self, Fault> {
        let header = Header { names: Vec::new(), line: None, file: file.path.clone() };
        let end = file.text.len();
        let mut rows = Self::between(Arc::new(header), file, format.delimiter, 0..end, 1);
        let first = rows.advance()?;
        let file_path = file.path.clone();
        if format.header {
            let names = rows.record.iter().map(|name| name.trim().to_owned()).collect();
            rows.header = Arc::new(Header { names, line: first, file: file_path });
            return Ok(rows);
        }
        let names = (1..=rows.record.len()).map(|number| number.to_string()).collect();
        let header = Arc::new(Header { names, line: None, file: file_path });
        Ok(Self::between(header, file, format.delimiter, 0..end, 1))
    }

    /// The rows of a part of the text that begins and ends with a line.
    fn between(
        header: Arc<Header>,
        file: &'a FileText,
        delimiter: u8,
        part: Range<usize>,
        line: u64,
    ) -> Self {
        let mut rows = Self {
            header,
            record: Record::default(),
            span: 0..0,
            file,
            delimiter,
            position: part.start,
            line,
            plain_end: part.start,
            end: part.end,
            marks: Marks::new(&[], delimiter),
            marks_from: part.start,
            quoted: None,
        };
        rows.look_ahead();
        rows
    }

    /// Goes to the next row; the line it begins on, or none after the last. Empty lines are no rows.
    ///
    /// # Errors
    ///
    /// A fault when the text can't be read as CSV.
    #[inline]
    pub fn advance(&mut self) -> Result<Option<u64>, Fault> {
        if self.quoted.is_none() {
            if let Some(line) = self.advance_plain() {
                return Ok(Some(line));
            }
            if self.position >= self.end {
                return Ok(None);
            }
        }
        self.advance_quoted()
    }

    /// The next row up to `plain_end`.
    #[inline]
    fn advance_plain(&mut self) -> Option<u64> {
        let bytes = self.file.text.as_bytes();
        let ends = self.record.begin();
        let line = loop {
            if self.position >= self.plain_end {
                return None;
            }
            let start = self.position;
            let at = self.marks.next().map_or(self.plain_end, |mark| self.marks_from + mark);
            if bytes.get(at) == Some(&self.delimiter) && at < self.plain_end {
                ends.push(at - start);
                continue;
            }
            let line = self.line;
            self.position = at;
            if at < self.plain_end {
                self.line += 1;
                self.position += 1;
                if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') {
                    self.marks.next();
                    self.position += 1;
                }
            }
            if at > start {
                ends.push(at - start);
                self.span = start..at;
                break line;
            }
        };
        self.record.finish(&self.file.text[self.span.clone()]);
        Some(line)
    }

    /// The next row by the library, from a line with a quote on.
    fn advance_quoted(&mut self) -> Result<Option<u64>, Fault> {
        let bytes = self.file.text.as_bytes();
        let quoted = self.quoted.get_or_insert_with(|| {
            let part = &bytes[self.position..self.end];
            let reader = reader(part, self.delimiter);
            Quoted { reader, lines: Lines::new(part), from: self.position, from_line: self.line }
        });
        let from = quoted.position();
        let more = quoted.reader.read_record(self.record.quoted());
        let end = quoted.position();
        let ends = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let start = from + bytes[from..end].iter().take_while(|byte| ends(byte)).count();
        let line = quoted.line(start);
        match more {
            Ok(false) => Ok(None),
            Ok(true) => {
                let tail = bytes[start..end].iter().rev().take_while(|byte| ends(byte)).count();
                self.span = start..end - tail;
                self.leave_quotes(end);
                Ok(Some(line))
            }
            Err(failure) => {
                let remedy = "check the quotes around it".to_owned();
                Err(self.fault(Some(line), None, failure.to_string(), remedy))
            }
        }
    }

    /// Lets the library go when no quote is near the place it has come to.
    fn leave_quotes(&mut self, position: usize) {
        let bytes = self.file.text.as_bytes();
        let near = &bytes[position..self.end.min(position + NEAR_BYTES)];
        if near.contains(&(QUOTE as u8)) || near.is_empty() {
            return;
        }
        let within = bytes[..position].ends_with(b"\r") && near.starts_with(b"\n");
        self.position = position + usize::from(within);
        if let Some(mut quoted) = self.quoted.take() {
            self.line = quoted.line(self.position);
        }
        self.look_ahead();
    }

    /// Finds how far lines have no quote.
    fn look_ahead(&mut self) {
        let rest = &self.file.text[self.position..self.end];
        let plain = match rest.find(QUOTE) {
            Some(quote) => rest[..quote].rfind(['\r', '\n']).map_or(0, |at| at + 1),
            None => rest.len(),
        };
        self.plain_end = self.position + plain;
        self.marks = Marks::new(&rest.as_bytes()[..plain], self.delimiter);
        self.marks_from = self.position;
    }

    /// Whether enough rows without quotes follow for several threads.
    pub fn is_divisible(&self) -> bool {
        self.quoted.is_none() && self.plain_end.saturating_sub(self.position) >= 2 * PART_BYTES
    }

    /// Divides the rows without quotes that follow, in their order; the rest stays.
    pub fn divide(&mut self) -> Vec<Rows<'a>> {
        let text = &self.file.text[..self.plain_end];
        let mut parts = Vec::new();
        while self.position < self.plain_end {
            let bytes = &text.as_bytes()[self.position..];
            let ends = |byte: &u8| matches!(byte, b'\r' | b'\n');
            let last = bytes.iter().skip(PART_BYTES).position(ends);
            let part = match last.map(|last| PART_BYTES + last) {
                Some(last) if bytes[last..].starts_with(b"\r\n") => last + 2,
                Some(last) => last + 1,
                None => bytes.len(),
            };
            parts.push(self.position..self.position + part);
            self.position += part;
        }
        let count = |part: &Range<usize>| terminators(&text.as_bytes()[part.clone()], None);
        let counts: Vec<u64> = parts.par_iter().map(count).collect();
        let mut divided = Vec::with_capacity(parts.len());
        for (part, lines) in parts.into_iter().zip(counts) {
            let header = self.header.clone();
            divided.push(Self::between(header, self.file, self.delimiter, part, self.line));
            self.line += lines;
        }
        self.look_ahead();
        divided
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
    #[inline(always)]
    pub fn field(&self, column: &Column) -> &str {
        let field = self.record.get(column.index).unwrap_or_default();
        match field.as_bytes() {
            [only] if only.is_ascii_graphic() => field,
            [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => field,
            _ => field.trim(),
        }
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

    /// The file that the rows are of.
    pub fn path(&self) -> &Path {
        &self.file.path
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

fn reader(text: &[u8], delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text)
}

impl Quoted<'_> {
    /// Where the library is in the whole text.
    fn position(&self) -> usize {
        usize::try_from(self.reader.position().byte()).map_or(usize::MAX, |byte| self.from + byte)
    }

    /// The line of a position, which must not go back.
    fn line(&mut self, position: usize) -> u64 {
        self.from_line - 1 + self.lines.at(position - self.from)
    }
}
