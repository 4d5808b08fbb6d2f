//! Rows that are split here against those of the library, and files read on several threads.

use super::*;
use crate::table::{rows::Rows, text::FileText};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::fmt::Write as _;

const TEXTS: usize = 4_000;
const PIECES: [&str; 12] =
    ["a", "12", ",", ",", "\n", "\r\n", "\r", " ", "\"", "\"\"", "\u{e9}", "\"x,\n\""];

/// Every row's fields by the library, none of which it reads apart.
fn by_library(text: &str) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let fields = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    reader.records().map(|record| fields(record.unwrap())).collect()
}

/// The same by [`Rows`], with where each row begins by the count of lines before it.
fn by_rows(text: &str) -> (Vec<Vec<String>>, Vec<u64>) {
    let file = FileText { path: PathBuf::from("data.csv"), text: text.to_owned(), note: None };
    let format = map("[csv]\nheader = false\n").csv;
    let mut rows = Rows::new(&file, &format).unwrap();
    let (mut records, mut lines) = (Vec::new(), Vec::new());
    while let Some(line) = rows.advance().unwrap() {
        records.push(rows.record.iter().map(str::to_owned).collect());
        lines.push(line);
        let before = &text[..rows.span.start];
        let ended = before.replace("\r\n", "\n").matches(['\r', '\n']).count();
        assert_eq!(line, ended as u64 + 1, "{text:?}");
    }
    (records, lines)
}

#[test]
fn should_split_rows_as_the_library_does_whatever_the_text() {
    let mut random = ChaCha20Rng::seed_from_u64(1);
    for number in 0..TEXTS {
        // Every other text has no quote.
        let kinds = if number % 2 == 0 { PIECES.len() } else { 8 };
        let pieces = random.random_range(1..40);
        let text: String = (0..pieces).map(|_| PIECES[random.random_range(0..kinds)]).collect();
        assert_eq!(by_rows(&text).0, by_library(&text), "{text:?}");
    }
}

#[test]
fn should_come_back_from_the_library_when_quotes_are_far_apart() {
    for end in ["\n", "\r\n", "\r"] {
        let plain = format!("1,2,3{end}").repeat(2_000);
        let text = format!("{plain}\"a{end}b\",2,3{end}{end}{plain}1,\"\"\"\",3{end}{plain}");
        let (records, lines) = by_rows(&text);
        assert_eq!(records, by_library(&text));
        assert_eq!((lines[2_000], lines[2_001], lines[6_001]), (2_001, 2_004, 6_004));
    }
}

/// A file of several parts; `fault` is a bad row's field, in the middle and at the end.
fn large(fault: &str) -> String {
    let mut text = "ID,bad,INCOME,RATIO\r\n".to_owned();
    for row in 0..200_000 {
        let income = if row % 100_000 == 99_999 { fault } else { "17" };
        let quote = if row == 70_000 { "\"" } else { "" };
        let more = if row == 70_000 { "\r\nx" } else { "" };
        let (bad, ratio) = (row % 2, row % 1000);
        write!(text, "{quote}B{row}{more}{quote},{bad},{income},{ratio}.5\r\n").unwrap();
    }
    text
}

fn read_on(threads: usize, text: &str, skip_bad_rows: bool) -> Result<Table, TableFailure> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| read_as(text, MAP, Purpose::Scoring, skip_bad_rows))
}

#[test]
fn should_read_the_same_table_when_several_threads_share_the_file() {
    let text = large("5000");
    let (one, four) = (read_on(1, &text, false).unwrap(), read_on(4, &text, false).unwrap());
    assert_eq!(one.len(), 200_000);
    assert_eq!(one.lines, four.lines);
    assert_eq!(one.subjects, four.subjects);
    assert_eq!(one.values, four.values);
    assert_eq!(one.present, four.present);
    assert_eq!(one.labels, four.labels);
    assert!(one.notes[0].contains("income 2"), "{:?}", one.notes);
    assert_eq!(one.notes.len(), four.notes.len());
}

#[test]
fn should_name_the_same_lines_when_several_threads_find_bad_rows() {
    let text = large("x");
    for threads in [1, 4] {
        match read_on(threads, &text, false) {
            Err(TableFailure::Faults { faults, more: 0 }) => {
                let lines: Vec<_> = faults.iter().filter_map(|fault| fault.line).collect();
                assert_eq!(lines, [100_002, 200_002], "{threads} threads");
            }
            other => panic!("{:?}", other.map(|table| table.len())),
        }
        let table = read_on(threads, &text, true).unwrap();
        assert_eq!((table.len(), table.skipped.len()), (199_998, 2));
    }
}
