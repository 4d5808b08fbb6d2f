use super::*;

fn refused(text: &str) -> String {
    Map::parse(text, Path::new("test.toml")).unwrap_err().to_string()
}

const FEATURE: &str =
    "[[feature]]\nname = \"a\"\ncolumn = \"A\"\nunit = \"x\"\nlower = 0\nupper = 1\n";

#[test]
fn should_name_the_line_when_a_key_is_unknown() {
    let message = refused("[subject]\ncolumn = \"ID\"\ncolour = \"red\"\n");
    assert!(message.contains("line 3"), "{message}");
    assert!(message.contains("colour"), "{message}");
}

#[test]
fn should_refuse_map_when_its_keys_contradict_each_other() {
    for (text, problem) in [
        (format!("{FEATURE}{FEATURE}"), "\"a\" is there twice"),
        (FEATURE.replace("lower = 0", "lower = 2"), "lower is above upper"),
        (format!("{FEATURE}scale = 0\n"), "must be above 0"),
        (FEATURE.replace("\"x\"", "\"\""), "1 to 64 bytes"),
        (FEATURE.repeat(65), "65 features"),
        ("[label]\ncolumn = \"L\"\nbad = []\n".to_owned(), "lists no value"),
        ("[csv]\ndelimiter = \"ab\"\n".to_owned(), "one ASCII character"),
        ("[csv]\nencoding = \"klingon\"\n".to_owned(), "no encoding known"),
        ("[report]\nsource_value = \"bank\"\n".to_owned(), "report.observed_at (a column)"),
        (
            "[report]\nobserved_at = \"D\"\nobserved_at_value = \"2005-01-01\"\n\
             source_value = \"bank\"\n"
                .to_owned(),
            "both there",
        ),
        (
            "[report]\nobserved_at = \"D\"\nsource_value = \"aunt\"\n".to_owned(),
            "must be bank, bureau or payment-platform",
        ),
        (
            "[relation]\nfrom = \"A\"\nto = \"B\"\ndistance_value = 11\n".to_owned(),
            "must be 1 to 10",
        ),
    ] {
        let message = refused(&text);
        assert!(message.contains(problem), "{problem}: {message}");
    }
}

#[test]
fn should_name_the_table_when_the_purpose_needs_one_that_is_missing() {
    for (purpose, table) in
        [(Purpose::Training, "label"), (Purpose::Reports, "subject"), (Purpose::Tape, "loan")]
    {
        match read_as("A\n1\n", FEATURE, purpose, false) {
            Err(TableFailure::Map(MapFailure::TableMissing { table: named, .. })) => {
                assert_eq!(named, table);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn should_take_the_name_of_the_file_when_the_map_has_none() {
    assert_eq!(map(FEATURE).name, "test");
    assert_eq!(map(&format!("name = \"cards\"\n{FEATURE}")).name, "cards");
}
