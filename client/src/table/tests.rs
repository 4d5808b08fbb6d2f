mod maps;
mod parts;
mod purposes;
mod rows;

use super::{map::MapFailure, relations::Relations, *};
use std::path::PathBuf;

const MAP: &str = r#"
[subject]
column = "ID"
[label]
column = "bad"
bad = ["1", "D"]
[report]
observed_at_value = "2005-09-30"
source_value = "bank"
[[feature]]
name = "income"
column = "INCOME"
unit = "EUR"
lower = 0
upper = 1000
[[feature]]
name = "ratio"
column = "RATIO"
unit = "permille"
lower = -1000
upper = 1000
scale = 1000
"#;

/// A folder with files that a test reads.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join("data.csv");
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn map(text: &str) -> Map {
    Map::parse(text, Path::new("test.toml")).unwrap()
}

fn options(skip_bad_rows: bool) -> ReadOptions {
    ReadOptions { key: ConsortiumKey::development(), skip_bad_rows }
}

fn read_as(
    bytes: impl AsRef<[u8]>,
    map_text: &str,
    purpose: Purpose,
    skip_bad_rows: bool,
) -> Result<Table, TableFailure> {
    let desk = Desk::new();
    Table::read(&desk.file(bytes), &map(map_text), purpose, &options(skip_bad_rows))
}

fn read(bytes: impl AsRef<[u8]>) -> Result<Table, TableFailure> {
    read_as(bytes, MAP, Purpose::Reports, false)
}

/// The only fault of a refused file, without the folder's name.
fn fault(result: Result<Table, TableFailure>) -> Fault {
    match result {
        Err(TableFailure::Faults { mut faults, more: 0 }) if faults.len() == 1 => {
            let mut fault = faults.remove(0);
            fault.file = PathBuf::from("data.csv");
            fault
        }
        other => panic!("one fault is expected, not {other:?}"),
    }
}
