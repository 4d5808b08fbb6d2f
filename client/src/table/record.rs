//! One record of a CSV file: its fields as they stand, white space included.

use csv::StringRecord;

/// The fields of a record. Those of a record without quotes stay where they are in the text.
#[derive(Default)]
pub struct Record<'a> {
    line: &'a str,
    /// Where each field of `line` ends.
    ends: Vec<usize>,
    /// A record with quotes, read by the library.
    quoted: Option<StringRecord>,
}

impl<'a> Record<'a> {
    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.quoted.as_ref().map_or(self.ends.len(), StringRecord::len)
    }

    /// A field by its 0-based position; none beyond the last.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<&str> {
        if let Some(quoted) = &self.quoted {
            return quoted.get(index);
        }
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            Some(before) => self.ends.get(before)? + 1,
            None => 0,
        };
        self.line.get(start..end)
    }

    /// All fields in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map_while(|index| self.get(index))
    }

    /// Where the ends of the next record's fields go, from the beginning of its line.
    pub(super) fn begin(&mut self) -> &mut Vec<usize> {
        self.quoted = None;
        self.ends.clear();
        &mut self.ends
    }

    /// The line to which the ends belong.
    pub(super) fn finish(&mut self, line: &'a str) {
        self.line = line;
    }

    /// Where the library reads the next record into.
    pub(super) fn quoted(&mut self) -> &mut StringRecord {
        self.quoted.get_or_insert_with(StringRecord::new)
    }
}
