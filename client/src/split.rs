//! Splitting a file by subject, so that no borrower is in both parts.

use crate::{
    ratio::ONE_PPB,
    subject::{ConsortiumKey, SubjectBytes},
    table::{map::Map, rows::Rows, text::FileText, TableFailure},
};
use encoding_rs::Encoding;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

/// What a split came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Parted {
    pub train_rows: u64,
    pub rest_rows: u64,
    /// What people should know of how the file was decoded.
    #[serde(skip)]
    pub note: Option<String>,
}

/// Why a file could not be split.
#[derive(Debug, thiserror::Error)]
pub enum SplitFailure {
    #[error(transparent)]
    Table(#[from] TableFailure),
    #[error("{path}: the file can't be written: {source}")]
    Unwritable { path: std::path::PathBuf, source: std::io::Error },
}

/// Which part of how much.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// The first part's share of the subjects.
    pub ppb: u64,
    pub seed: u64,
}

impl Share {
    /// Whether a subject is in the first part: by the SHA-256 of seed and subject, whatever else is
    /// in the file.
    pub fn takes(self, subject: &SubjectBytes) -> bool {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(self.seed.to_le_bytes())
            .chain_update(subject)
            .finalize()
            .into();
        let mut place = [0; 8];
        place.copy_from_slice(&digest[..8]);
        let scaled = u128::from(u64::from_le_bytes(place)) * u128::from(ONE_PPB);
        scaled >> 64 < u128::from(self.ppb)
    }
}

/// Writes the rows of `data` to `train` or `rest` by subject, each as it stands, under the file's own
/// header; in the encoding that the MAP names, so that the MAP holds for the parts, too.
///
/// # Errors
///
/// [`SplitFailure`] when the MAP names no subject, a row is ragged or has no identifier, or a file
/// can't be read or written.
pub fn split(
    data: &Path,
    map: &Map,
    key: &ConsortiumKey,
    share: Share,
    train: &Path,
    rest: &Path,
) -> Result<Parted, SplitFailure> {
    let file = FileText::read(data, map.csv.encoding).map_err(SplitFailure::Table)?;
    let name = map.subject.as_ref().ok_or_else(|| TableFailure::from(map.missing("subject")))?;
    let mut rows = Rows::new(&file, &map.csv).map_err(TableFailure::from)?;
    let subject = rows.header.find(name).map_err(TableFailure::from)?;
    let end = line_end(&file.text);
    let header = map.csv.header.then(|| &file.text[rows.span.clone()]);
    let part = |path| Part::new(path, header, end, map.csv.encoding);
    let (mut train, mut rest) = (part(train)?, part(rest)?);
    while let Some(line) = rows.advance().map_err(TableFailure::from)? {
        rows.check_width(line).map_err(TableFailure::from)?;
        let identifier = rows.field(&subject);
        if identifier.is_empty() {
            let (problem, remedy) = ("the identifier is empty", "every row needs one");
            let fault = rows.field_fault(line, &subject, problem.to_owned(), remedy.to_owned());
            return Err(TableFailure::from(fault).into());
        }
        let part = if share.takes(&key.subject(identifier)) { &mut train } else { &mut rest };
        part.row(&file.text[rows.span.clone()], end)?;
    }
    Ok(Parted { train_rows: train.finish()?, rest_rows: rest.finish()?, note: file.note })
}

/// How the file ends its lines.
fn line_end(text: &str) -> &'static str {
    match text.find(['\r', '\n']) {
        Some(at) if text[at..].starts_with("\r\n") => "\r\n",
        Some(at) if text[at..].starts_with('\r') => "\r",
        _ => "\n",
    }
}

struct Part<'a> {
    path: &'a Path,
    out: BufWriter<File>,
    rows: u64,
    encoding: &'static Encoding,
}

impl<'a> Part<'a> {
    fn new(
        path: &'a Path,
        header: Option<&str>,
        end: &str,
        encoding: &'static Encoding,
    ) -> Result<Self, SplitFailure> {
        let unwritable = |source| SplitFailure::Unwritable { path: path.to_owned(), source };
        let out = BufWriter::new(File::create(path).map_err(unwritable)?);
        let mut part = Self { path, out, rows: 0, encoding };
        if let Some(header) = header {
            part.write(header, end)?;
        }
        Ok(part)
    }

    fn row(&mut self, row: &str, end: &str) -> Result<(), SplitFailure> {
        self.rows += 1;
        self.write(row, end)
    }

    fn write(&mut self, text: &str, end: &str) -> Result<(), SplitFailure> {
        let (text, ..) = self.encoding.encode(text);
        let out = &mut self.out;
        out.write_all(&text)
            .and_then(|()| out.write_all(end.as_bytes()))
            .map_err(|source| SplitFailure::Unwritable { path: self.path.to_owned(), source })
    }

    fn finish(mut self) -> Result<u64, SplitFailure> {
        let unwritable = |source| SplitFailure::Unwritable { path: self.path.to_owned(), source };
        self.out.flush().map_err(unwritable)?;
        Ok(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "[subject]\ncolumn = \"ID\"\n";

    fn halves(bytes: &[u8], map: &str, seed: u64) -> (Parted, Vec<u8>, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("data"), bytes).unwrap();
        let map = Map::parse(map, Path::new("map.toml")).unwrap();
        let share = Share { ppb: 500_000_000, seed };
        let key = ConsortiumKey::development();
        let done = split(&path("data"), &map, &key, share, &path("train"), &path("rest")).unwrap();
        let read = |name| std::fs::read(path(name)).unwrap();
        (done, read("train"), read("rest"))
    }

    #[test]
    fn should_keep_each_borrower_in_one_part_when_it_has_several_rows() {
        let rows: String = (0..400).map(|row| format!("B{},{row}\r", row % 100)).collect();
        let (done, train, rest) = halves(format!("ID,x\r{rows}").as_bytes(), MAP, 1);
        assert_eq!(done.train_rows + done.rest_rows, 400);
        assert!((120..280).contains(&done.train_rows), "{done:?}");
        let borrowers = |part: &[u8]| -> std::collections::BTreeSet<String> {
            let text = String::from_utf8(part.to_vec()).unwrap();
            let mut lines = text.split('\r').filter(|line| !line.is_empty());
            assert_eq!(lines.next(), Some("ID,x"));
            lines.map(|line| line.split(',').next().unwrap().to_owned()).collect()
        };
        assert!(borrowers(&train).is_disjoint(&borrowers(&rest)));
    }

    #[test]
    fn should_place_rows_the_same_when_seed_is_the_same() {
        let rows: String = (0..50).map(|row| format!("B{row}\n")).collect();
        let file = format!("ID\n{rows}");
        assert_eq!(halves(file.as_bytes(), MAP, 1), halves(file.as_bytes(), MAP, 1));
        assert_ne!(halves(file.as_bytes(), MAP, 1).1, halves(file.as_bytes(), MAP, 2).1);
    }

    #[test]
    fn should_keep_bytes_when_rows_are_quoted_or_in_another_encoding() {
        let latin = format!("[csv]\nencoding = \"latin1\"\n{MAP}");
        let file = b"ID,x\r\n\"M\xfcl, 1\",\"a\r\nb\"\r\n";
        let (done, train, rest) = halves(file, &latin, 1);
        let part = if done.train_rows == 1 { train } else { rest };
        assert_eq!(part, file);
    }

    #[test]
    fn should_refuse_file_when_a_row_has_no_identifier() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("data"), "ID,x\nA,1\n,2\n").unwrap();
        let map = Map::parse(MAP, Path::new("map.toml")).unwrap();
        let share = Share { ppb: 500_000_000, seed: 1 };
        let key = ConsortiumKey::development();
        let failure =
            split(&path("data"), &map, &key, share, &path("train"), &path("rest")).unwrap_err();
        assert!(failure.to_string().contains("data:3:1 (ID)"), "{failure}");
    }
}
