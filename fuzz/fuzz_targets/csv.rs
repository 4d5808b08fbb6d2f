//! CSV files from bytes, under MAPs for every purpose: a table or a refusal.

#![no_main]

use assay_fuzz::{
    subject::ConsortiumKey,
    table::{Map, Purpose, ReadOptions, Table},
};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

const MAP: &str = r#"
[subject]
column = "i"
[label]
column = "l"
bad = ["1"]
[report]
observed_at = "d"
source_value = "bank"
[loan]
identifier = "i"
subject = "i"
principal = "a"
currency_value = "EUR"
rate = "b"
origination = "d"
maturity = "d"
[[feature]]
name = "a"
column = "a"
unit = "x"
lower = 0
upper = 100
[[feature]]
name = "b"
column = "b"
unit = "x"
lower = -5
upper = 5
scale = 10
"#;

thread_local! {
    /// The same for all runs, so that none takes long.
    static DESK: (Map, tempfile::NamedTempFile) = (
        Map::parse(MAP, Path::new("fuzz.toml")).expect("the MAP is sound"),
        tempfile::NamedTempFile::new().expect("a file is made"),
    );
}

fuzz_target!(|bytes: &[u8]| {
    // One way to read for each input, by its length: all of them take eight times as long.
    let purposes = [Purpose::Scoring, Purpose::Training, Purpose::Reports, Purpose::Tape];
    let purpose = purposes[bytes.len() % purposes.len()];
    let skip_bad_rows = bytes.len() / purposes.len() % 2 == 1;
    let options = ReadOptions { key: ConsortiumKey::development(), skip_bad_rows };
    DESK.with(|(map, file)| {
        std::fs::write(file.path(), bytes).expect("the file is written");
        match Table::read(file.path(), map, purpose, &options) {
            Ok(table) => check(&table),
            Err(failure) => assert!(!failure.to_string().is_empty()),
        }
    });
});

fn check(table: &Table) {
    assert!(!table.is_empty());
    assert_eq!(table.values.len(), table.len() * table.features);
    assert!(table.lines.windows(2).all(|pair| pair[0] < pair[1]), "lines ascend");
}
