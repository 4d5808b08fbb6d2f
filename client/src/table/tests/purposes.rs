use super::*;

const TAPE: &str = r#"
[loan]
identifier = "NR"
subject = "ID"
principal = "AMOUNT"
currency = "CUR"
rate = "RATE"
origination = "FROM"
maturity = "TO"
defaulted = "STATUS"
defaulted_bad = ["D"]
"#;

fn tape(rows: &str) -> Result<Table, TableFailure> {
    let text = format!("NR,ID,AMOUNT,CUR,RATE,FROM,TO,STATUS\n{rows}");
    read_as(text, TAPE, Purpose::Tape, false)
}

#[test]
fn should_read_loans_when_the_purpose_is_a_tape() {
    let rows =
        "1,A,1000.505,EUR,4.5,2020-01-01,2025-01-01,D\n2,A,7,EUR,15 %,2020-01-02,2025-01-01,\n";
    let table = tape(rows).unwrap();
    let loans = table.loans.unwrap();
    assert_eq!(loans.principals_minor, [100_051, 700]);
    assert_eq!(loans.rates_ppb, [45_000_000, 150_000_000]);
    assert_eq!(loans.originated_days, [18_262, 18_263]);
    assert_eq!(loans.matures_days, [20_089, 20_089]);
    assert_eq!(loans.defaulted, [true, false]);
    assert_eq!(&loans.currency, b"EUR");
    assert_eq!(table.subjects[0], table.subjects[1]);
    let file = format!("NR,ID,AMOUNT,CUR,RATE,FROM,TO,STATUS\n{rows}");
    assert_eq!(loans.file_digest, blake2b_256(file.as_bytes()));
}

#[test]
fn should_refuse_loan_when_its_terms_make_no_sense() {
    for (row, column, problem) in [
        ("1,A,0,EUR,4,2020-01-01,2025-01-01,", 3, "not above 0"),
        ("1,A,-5,EUR,4,2020-01-01,2025-01-01,", 3, "not above 0"),
        ("1,A,,EUR,4,2020-01-01,2025-01-01,", 3, "the field is empty"),
        ("1,A,5,euro,4,2020-01-01,2025-01-01,", 4, "no ISO 4217 code"),
        ("1,A,5,EUR,4.00000001,2020-01-01,2025-01-01,", 5, "more than seven decimals"),
        ("1,A,5,EUR,-4,2020-01-01,2025-01-01,", 5, "no ratio"),
        ("1,A,5,EUR,4,01.01.2020,2025-01-01,", 6, "no date of the form YYYY-MM-DD"),
        ("1,A,5,EUR,4,2025-01-02,2025-01-01,", 7, "matures before its origination"),
        (" ,A,5,EUR,4,2025-01-02,2025-01-03,", 1, "the loan's number is empty"),
    ] {
        let fault = fault(tape(&format!("{row}\n")));
        assert!(fault.problem.contains(problem), "{fault}");
        assert_eq!(fault.column.map(|(position, _)| position), Some(column), "{row}");
    }
}

#[test]
fn should_refuse_tape_when_a_loan_comes_twice_or_in_another_currency() {
    let first = "1,A,5,EUR,4,2020-01-01,2025-01-01,\n";
    let twice = fault(tape(&format!("{first}{first}")));
    assert_eq!(twice.problem, "the same loan number as in line 2");
    let other = fault(tape(&format!("{first}2,B,5,USD,4,2020-01-01,2025-01-01,\n")));
    assert!(other.problem.contains("the tape's first loan is in EUR"), "{other}");
    assert_eq!(other.line, Some(3));
}

#[test]
fn should_leave_out_rows_without_values_when_reading_reports() {
    let table = read("ID,bad,INCOME,RATIO\nA,0,,\nB,0,1,NA\n").unwrap();
    assert_eq!((table.lines.as_slice(), table.without_report), ([3].as_slice(), 1));
    assert_eq!(table.reports.unwrap().observed_at_secs, [1_128_038_400]);
}

#[test]
fn should_hash_the_trimmed_fields_when_a_report_has_no_document() {
    let table = read("ID,bad,INCOME,RATIO\nA, 0,1 ,0\n").unwrap();
    let hash = table.reports.unwrap().document_hashes[0];
    assert_eq!(hash, blake2b_256(b"A\x000\x001\x000"));
}

#[test]
fn should_leave_out_rows_without_a_label_when_training() {
    let text = "ID,bad,INCOME,RATIO\nA,,1,0\nA,D,2,0\nA,0,3,0\n";
    let table = read_as(text, MAP, Purpose::Training, false).unwrap();
    assert_eq!(table.lines, [3, 4]);
    assert_eq!(table.labels, [Some(true), Some(false)]);
    assert_eq!(table.without_label, 1);
    assert!(table.subjects.is_empty());
    let unlabelled = read_as("ID,bad,INCOME,RATIO\nA,,1,0\n", MAP, Purpose::Training, false);
    assert_eq!(fault(unlabelled).problem, "no row has a label");
}

#[test]
fn should_score_rows_when_the_file_has_neither_subject_nor_label() {
    let table = read_as("INCOME,RATIO\n1,0\n,\n1,0\n", MAP, Purpose::Scoring, false).unwrap();
    assert_eq!(table.present, [0b11, 0, 0b11]);
    assert!(table.subjects.is_empty());
    assert_eq!(table.labels, [None, None, None]);
}

#[test]
fn should_read_relations_sorted_within_a_pair() {
    let desk = Desk::new();
    let relation = map("[relation]\nfrom = \"A\"\nto = \"B\"\ndistance = \"D\"\n");
    let path = desk.file("A,B,D\nx,y,1\nz,x,10\n");
    let relations = Relations::read(&path, &relation, &options(false)).unwrap();
    assert_eq!(relations.rows.iter().map(|row| row.distance).collect::<Vec<_>>(), [1, 10]);
    assert!(relations.rows.iter().all(|row| row.from < row.to));
    for (row, problem) in [
        ("x,x,1", "the subject is related to itself"),
        ("x,,1", "the identifier is empty"),
        ("x,y,0", "\"0\" is no distance"),
        ("x,y,11", "\"11\" is no distance"),
        ("x,y,1\ny,x,2", "the same pair as in line 2"),
    ] {
        let path = desk.file(format!("A,B,D\n{row}\n"));
        let refused = Relations::read(&path, &relation, &options(false)).unwrap_err().to_string();
        assert!(refused.contains(problem), "{refused}");
    }
}

#[test]
fn should_read_other_notations_when_the_map_says_so() {
    let notation =
        "[csv]\ndelimiter = \";\"\ndecimal_comma = true\nheader = false\nmissing = [\"-\"]\n\
        [[feature]]\nname = \"a\"\ncolumn = \"1\"\nunit = \"x\"\nlower = 0\nupper = 9999\n\
        [[feature]]\nname = \"b\"\ncolumn = \"2\"\nunit = \"x\"\nlower = 0\nupper = 9\n\
        codes = { low = 1, high = 2 }\n";
    let table = read_as("1.234,5;low\n-;high\n", notation, Purpose::Scoring, false).unwrap();
    assert_eq!(table.values, [1235, 1, 0, 2]);
    assert_eq!(table.present, [0b11, 0b10]);
    assert_eq!(table.lines, [1, 2]);
    let fault = fault(read_as("1;middle\n", notation, Purpose::Scoring, false));
    assert_eq!(fault.problem, "\"middle\" is not among the feature's codes");
}
