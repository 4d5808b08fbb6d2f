use super::*;

#[test]
fn should_read_the_same_rows_when_lines_end_in_any_way() {
    let expected = read("ID,bad,INCOME,RATIO\nA,0,100,0.5\nB,1,,-0.25\n").unwrap();
    assert_eq!(expected.values, [100, 500, 0, -250]);
    assert_eq!(expected.present, [0b11, 0b10]);
    assert_eq!(expected.labels, [Some(false), Some(true)]);
    assert_eq!(expected.lines, [2, 3]);
    for text in [
        "ID,bad,INCOME,RATIO\r\nA,0,100,0.5\r\nB,1,,-0.25\r\n",
        "ID,bad,INCOME,RATIO\rA,0,100,0.5\rB,1,,-0.25\r",
        "ID,bad,INCOME,RATIO\nA,0,100,0.5\nB,1,,-0.25",
        "\u{feff}ID,bad,INCOME,RATIO\nA,0,100,0.5\nB,1,,-0.25\n",
        "\"ID\",\"bad\",\"INCOME\",\"RATIO\"\n\"A\",0,\" 100 \",0.5\nB,1,,-0.25\n",
    ] {
        let table = read(text).unwrap();
        assert_eq!(table.subjects, expected.subjects, "{text:?}");
        assert_eq!(table.values, expected.values, "{text:?}");
        assert_eq!(table.present, expected.present, "{text:?}");
        assert_eq!(table.lines, expected.lines, "{text:?}");
        assert_eq!(table.notes, Vec::<String>::new(), "{text:?}");
    }
}

#[test]
fn should_count_lines_right_when_fields_hold_line_ends_and_lines_are_empty() {
    let rows = "\"A\nx\",0,1,0\n\n\n\"B, C\",0,2,0\n";
    let table = read(format!("ID,bad,INCOME,RATIO\n{rows}")).unwrap();
    assert_eq!(table.lines, [2, 6]);
    assert_eq!(table.subjects[1], ConsortiumKey::development().subject("B, C"));
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("ID,bad,INCOME,RATIO\n{rows}\"D\n\n\",0,x,0\n").replace('\n', end);
        let fault = fault(read(text));
        assert_eq!((fault.line, fault.column), (Some(9), Some((3, "INCOME".to_owned()))));
    }
}

#[test]
fn should_read_latin_1_with_a_note_when_text_is_not_utf_8() {
    let table = read(b"ID,bad,INCOME,RATIO\nM\xfcller,0,1,0\n").unwrap();
    assert_eq!(table.subjects[0], ConsortiumKey::development().subject("Müller"));
    assert_eq!(table.notes.len(), 1);
    assert!(table.notes[0].contains("data.csv:2: not UTF-8"), "{}", table.notes[0]);
    let labelled = format!("[csv]\nencoding = \"latin1\"\n{MAP}");
    let bytes = b"ID,bad,INCOME,RATIO\nM\xfcller,0,1,0\n";
    let same = read_as(bytes, &labelled, Purpose::Reports, false).unwrap();
    assert_eq!(same.subjects, table.subjects);
    assert_eq!(same.notes, Vec::<String>::new());
}

#[test]
fn should_name_all_missing_columns_when_the_header_lacks_them() {
    let failure = read("ID,INCOME\nA,1\n").unwrap_err();
    let text = failure.to_string();
    assert!(text.contains("data.csv:1: there is no column \"bad\"; name one"), "{text}");
    assert!(text.contains("there is no column \"RATIO\""), "{text}");
}

#[test]
fn should_suspect_the_delimiter_when_the_header_is_one_column() {
    let text = read("ID;bad;INCOME;RATIO\nA;0;1;0\n").unwrap_err().to_string();
    assert!(text.contains("set `delimiter`"), "{text}");
}

#[test]
fn should_refuse_column_when_it_is_there_twice() {
    let fault = fault(read("ID,bad,INCOME,RATIO,INCOME\nA,0,1,0,2\n"));
    assert_eq!(fault.problem, "column \"INCOME\" is there twice");
}

#[test]
fn should_name_line_and_column_when_a_value_is_no_number() {
    let fault = fault(read("ID,bad,INCOME,RATIO\nA,0,1,0\nB,0,high,0\n"));
    assert_eq!(
        fault.to_string(),
        "data.csv:3:3 (INCOME): \"high\" is no number; correct it, or list it in `missing` under \
         [csv] of the MAP"
    );
}

#[test]
fn should_refuse_value_when_it_leaves_the_range_of_the_chain_after_scaling() {
    assert!(read("ID,bad,INCOME,RATIO\nA,0,2147483647,0\n").is_ok());
    for row in ["A,0,2147483648,0", "A,0,1,-2147483.649", "A,0,1e40,0"] {
        let fault = fault(read(format!("ID,bad,INCOME,RATIO\n{row}\n")));
        assert!(fault.problem.contains("out of range"), "{fault}");
        assert_eq!(fault.line, Some(2));
    }
}

#[test]
fn should_keep_value_with_a_note_when_it_is_only_implausible() {
    let table = read("ID,bad,INCOME,RATIO\nA,0,5000,0\nB,0,-1,2\n").unwrap();
    assert_eq!(table.values, [5000, 0, -1, 2000]);
    assert!(
        table.notes[0].ends_with("contracts clamp them: income 2, ratio 1"),
        "{:?}",
        table.notes
    );
}

#[test]
fn should_name_the_first_line_when_a_subject_comes_twice() {
    let fault = fault(read("ID,bad,INCOME,RATIO\nA,0,1,0\nB,0,1,0\n A ,0,2,0\n"));
    assert_eq!(
        fault.to_string(),
        "data.csv:4:1 (ID): the same subject as in line 2; keep one of the two rows"
    );
}

#[test]
fn should_refuse_file_when_it_has_no_rows() {
    assert_eq!(fault(read("ID,bad,INCOME,RATIO\n")).problem, "the file has no rows");
    assert_eq!(fault(read("ID,bad,INCOME,RATIO")).problem, "the file has no rows");
    assert_eq!(fault(read("")).problem, "the file is empty");
    assert_eq!(fault(read("\n\n")).problem, "the file is empty");
    assert!(fault(read(b"PK\x03\x04xx")).problem.contains("workbook"));
}

#[test]
fn should_refuse_row_when_it_is_ragged() {
    for row in ["B,0,1", "B,0,1,0,9", "B,0,1;0", "   "] {
        let fault = fault(read(format!("ID,bad,INCOME,RATIO\nA,0,1,0\n{row}\n")));
        assert!(fault.problem.contains("4 are expected"), "{fault}");
        assert_eq!(fault.line, Some(3));
    }
}

#[test]
fn should_refuse_row_when_it_has_no_identifier() {
    let fault = fault(read("ID,bad,INCOME,RATIO\n ,0,1,0\n"));
    assert_eq!(
        fault.to_string(),
        "data.csv:2:1 (ID): the identifier is empty; every row needs one"
    );
}

#[test]
fn should_tell_each_bad_row_and_go_on_when_told_to_skip_them() {
    let text = "ID,bad,INCOME,RATIO\nA,0,x,0\nB,0,1,0\nB,0,2,0\nC,0\nD,1,3,0\n";
    let table = read_as(text, MAP, Purpose::Reports, true).unwrap();
    assert_eq!(table.lines, [3, 6]);
    assert_eq!(table.values, [1, 0, 3, 0]);
    assert_eq!(table.skipped.iter().filter_map(|fault| fault.line).collect::<Vec<_>>(), [2, 4, 5]);
    assert!(table.messages().any(|message| message == "3 bad rows are left out"));
}

#[test]
fn should_take_a_row_when_the_one_before_with_its_subject_was_bad() {
    let text = "ID,bad,INCOME,RATIO\nA,0,x,0\nA,0,1,0\n";
    assert_eq!(read_as(text, MAP, Purpose::Reports, true).unwrap().lines, [3]);
}

#[test]
fn should_refuse_file_when_every_row_is_skipped() {
    let refused = read_as("ID,bad,INCOME,RATIO\nA,0,x,0\n", MAP, Purpose::Reports, true);
    assert_eq!(fault(refused).problem, "every row is bad");
}

#[test]
fn should_count_the_rest_when_there_are_many_faults() {
    let rows: String = (0..50).map(|row| format!("{row},0,x,0\n")).collect();
    match read(format!("ID,bad,INCOME,RATIO\n{rows}")) {
        Err(TableFailure::Faults { faults, more }) => assert_eq!((faults.len(), more), (20, 30)),
        other => panic!("{other:?}"),
    }
}
