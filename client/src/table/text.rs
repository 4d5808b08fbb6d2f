//! A file as text: encoding, byte order mark, and where its lines begin.

use super::fault::{Fault, TableFailure};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::path::{Path, PathBuf};

/// A whole file, decoded.
pub struct FileText {
    pub path: PathBuf,
    pub text: String,
    /// What people should know of how it was decoded.
    pub note: Option<String>,
}

impl FileText {
    /// Reads a file. A byte order mark decides the encoding, then `encoding`; text that is not in
    /// the UTF-8 it should be is read as windows-1252, which contains Latin-1, with a note.
    ///
    /// # Errors
    ///
    /// [`TableFailure`] when it can't be read, is empty, or is a workbook.
    pub fn read(path: &Path, encoding: &'static Encoding) -> Result<Self, TableFailure> {
        Self::decode(path, bytes(path)?, encoding)
    }

    /// As [`Self::read`], with the BLAKE2b-256 of the file's bytes as they lie on the disk.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn read_and_hash(
        path: &Path,
        encoding: &'static Encoding,
    ) -> Result<(Self, [u8; 32]), TableFailure> {
        let bytes = bytes(path)?;
        let digest = super::blake2b_256(&bytes);
        Ok((Self::decode(path, bytes, encoding)?, digest))
    }

    /// As [`Self::read`], of bytes already read.
    fn decode(
        path: &Path,
        bytes: Vec<u8>,
        encoding: &'static Encoding,
    ) -> Result<Self, TableFailure> {
        if bytes.starts_with(b"PK\x03\x04") {
            return Err(about_file(path, "is a workbook or an archive", "export it as CSV").into());
        }
        let (text, note) = decode(bytes, encoding, path)?;
        if text.trim().is_empty() {
            let remedy = "give a file with a header and at least one row";
            return Err(about_file(path, "the file is empty", remedy).into());
        }
        Ok(Self { path: path.to_owned(), text, note })
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, TableFailure> {
    std::fs::read(path).map_err(|source| TableFailure::Unreadable { path: path.to_owned(), source })
}

fn about_file(path: &Path, problem: &str, remedy: &str) -> Fault {
    Fault {
        file: path.to_owned(),
        line: None,
        column: None,
        problem: problem.to_owned(),
        remedy: remedy.to_owned(),
    }
}

fn decode(
    bytes: Vec<u8>,
    encoding: &'static Encoding,
    path: &Path,
) -> Result<(String, Option<String>), TableFailure> {
    let (encoding, mark_bytes) = Encoding::for_bom(&bytes).unwrap_or((encoding, 0));
    if encoding == UTF_8 {
        let bytes = if mark_bytes > 0 { bytes[mark_bytes..].to_vec() } else { bytes };
        return Ok(match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(failure) => {
                let valid = failure.utf8_error().valid_up_to();
                let bytes = failure.into_bytes();
                let line = Lines::new(&bytes).at(valid);
                let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
                let note = format!(
                    "{}:{line}: not UTF-8; the file is read as windows-1252 (Latin-1); set \
                     `encoding` under [csv] if it is another",
                    path.display()
                );
                (text.into_owned(), Some(note))
            }
        });
    }
    let (text, malformed) = encoding.decode_with_bom_removal(&bytes);
    if malformed {
        let problem = format!("the file is not in the encoding {}", encoding.name());
        return Err(about_file(path, &problem, "set `encoding` under [csv] of the MAP").into());
    }
    Ok((text.into_owned(), None))
}

/// Counts lines up to ascending positions, each byte once. CR LF, LF and CR alone end a line.
pub struct Lines<'a> {
    bytes: &'a [u8],
    position: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// Starts at the first byte, on line 1.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0, line: 1 }
    }

    /// The line that the byte at `position` is on; positions must not go back.
    pub fn at(&mut self, position: usize) -> u64 {
        let end = position.min(self.bytes.len());
        if let Some(passed) = self.bytes.get(self.position..end) {
            self.line += terminators(passed, self.bytes.get(end).copied());
            self.position = end;
        }
        self.line
    }
}

/// How many lines end within `bytes`, when `next` follows them.
pub fn terminators(bytes: &[u8], next: Option<u8>) -> u64 {
    let mut count = 0;
    for (index, byte) in bytes.iter().enumerate() {
        let lone_return = || bytes.get(index + 1).copied().or(next) != Some(b'\n');
        if *byte == b'\n' || (*byte == b'\r' && lone_return()) {
            count += 1;
        }
    }
    count
}
