//! What is wrong with a file, where, and what to do.

use super::map::MapFailure;
use std::{fmt, path::PathBuf};

/// Most faults that are told one by one; the rest is counted.
pub const MAX_FAULTS_TOLD: usize = 20;

/// One thing wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub file: PathBuf,
    /// 1-based; none when it is about the whole file.
    pub line: Option<u64>,
    /// 1-based position and name of the column; none when it is about the whole row.
    pub column: Option<(usize, String)>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some((position, name)) = &self.column {
            write!(f, ":{position} ({name})")?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}

/// Why a table could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TableFailure {
    #[error(transparent)]
    Map(#[from] MapFailure),
    #[error("{path}: the file can't be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// The first faults found, and how many more there are.
    #[error("{}", list(faults, *more))]
    Faults { faults: Vec<Fault>, more: u64 },
}

impl From<Box<Fault>> for TableFailure {
    fn from(fault: Box<Fault>) -> Self {
        (*fault).into()
    }
}

impl From<Fault> for TableFailure {
    fn from(fault: Fault) -> Self {
        Self::Faults { faults: vec![fault], more: 0 }
    }
}

fn list(faults: &[Fault], more: u64) -> String {
    let mut text = faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n");
    if more > 0 {
        text.push_str(&format!("\nand {more} more"));
    }
    text
}
