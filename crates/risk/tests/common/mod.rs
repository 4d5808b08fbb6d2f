//! Where the vectors are, and how to read them.

use serde_json::Value;
use std::{env, fs, path::PathBuf};

/// The cases of a vector file: a folder `ASSAY_VECTORS`, else `../shared/vectors` beside the
/// repository. None, with a note on stderr, where there is no such folder.
///
/// # Panics
/// When the folder is there and the file is not a JSON list of at least one case.
pub fn cases(file: &str) -> Option<Vec<Value>> {
    let folder = env::var_os("ASSAY_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        eprintln!("SKIPPED: {file} was not run, there is no folder {}", folder.display());
        return None;
    }
    let text = fs::read_to_string(folder.join(file)).expect("the vectors' file is readable");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("the vectors are a JSON list");
    assert!(!cases.is_empty(), "{file} holds no case");
    Some(cases)
}

/// An integer field of a case.
///
/// # Panics
/// When the field is missing or does not fit.
pub fn integer<N: TryFrom<i128>>(case: &Value, field: &str) -> N {
    let number = case[field].as_number().expect("the field is a number");
    let integer: i128 = number.to_string().parse().expect("the field is an integer");
    N::try_from(integer).ok().expect("the integer fits")
}
