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

fn series(name: &str, features: &str) -> String {
    format!("[[series]]\nname = \"{name}\"\nfeatures = {features}\n")
}

fn four_features() -> String {
    ["a", "b", "c", "d"].map(|name| FEATURE.replace("\"a\"", &format!("\"{name}\""))).concat()
}

#[test]
fn should_place_the_features_of_series_in_their_own_order() {
    let text = format!(
        "{}{}{}",
        four_features(),
        series("up", r#"["d", "a"]"#),
        series("down", r#"["b", "c"]"#)
    );
    let places: Vec<_> = map(&text).series.into_iter().map(|series| series.features).collect();
    assert_eq!(places, [[3, 0], [1, 2]]);
}

#[test]
fn should_name_the_key_when_series_do_not_fit_the_features() {
    for (written, problems) in [
        (series("s", r#"["a", "x"]"#), ["series.features of \"s\"", "called \"x\""]),
        (series("s", r#"["a", "a"]"#), ["series.features of \"s\"", "\"a\" is named twice"]),
        (series("s", r#"["a"]"#), ["series.features of \"s\"", "at least 2"]),
        (series("", r#"["a", "b"]"#), ["series.name", "1 to 64 bytes"]),
        (
            series("s", r#"["a", "b"]"#) + &series("t", r#"["b", "c"]"#),
            ["series.features of \"t\"", "one series at most"],
        ),
        (
            series("s", r#"["a", "b"]"#) + &series("s", r#"["c", "d"]"#),
            ["series.name \"s\"", "twice"],
        ),
        (
            series("s", r#"["a", "b", "c"]"#) + &series("t", r#"["d"]"#),
            ["series.features of \"t\"", "names 1"],
        ),
    ] {
        let message = refused(&format!("{}{written}", four_features()));
        for problem in problems {
            assert!(message.contains(problem), "{problem}: {message}");
        }
    }
    let uneven = series("s", r#"["a", "b"]"#) + &series("t", r#"["c", "d", "e"]"#);
    let five = four_features() + &FEATURE.replace("\"a\"", "\"e\"");
    let message = refused(&format!("{five}{uneven}"));
    assert!(message.contains("names 3, those of \"s\" 2"), "{message}");
}
