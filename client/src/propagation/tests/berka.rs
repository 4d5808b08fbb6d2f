//! The example on the real data, where it is.

use super::*;
use std::{env, path::PathBuf, process::Command};

/// The folder `berka-loans` in `ASSAY_DATA`, else in `../shared/data` beside the repository. None,
/// with a note on stderr, where there is no such folder.
fn folder() -> Option<PathBuf> {
    let data = env::var_os("ASSAY_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let folder = data.join("berka-loans");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: the Berka study was not run, there is no folder {}", folder.display());
    None
}

#[test]
fn should_lend_profiles_to_no_bad_loan_when_the_data_is_berka() {
    let Some(folder) = folder() else { return };
    let example = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/berka");
    let out = tempfile::tempdir().unwrap();
    let prepare = Command::new("python3")
        .arg(example.join("prepare.py"))
        .args([folder.as_path(), out.path()])
        .output();
    let Ok(prepared) = prepare else {
        eprintln!("SKIPPED: the Berka study was not run, there is no python3");
        return;
    };
    assert!(prepared.status.success(), "{}", String::from_utf8_lossy(&prepared.stderr));
    let map = Map::read(&example.join("berka.toml")).unwrap();
    let read = |file: &str, purpose| {
        Table::read(&out.path().join(file), &map, purpose, &options()).unwrap()
    };
    let reports = [read("reports.csv", Purpose::Reports)];
    let relations = Relations::read(&out.path().join("relations.csv"), &map, &options()).unwrap();
    let household = map.features.iter().position(|f| f.name == "household_orders").unwrap();
    let inputs = Inputs {
        reports: &reports,
        relations: &relations.rows,
        loans: &read("loans.csv", Purpose::Tape),
        artifact: &artifact(map.features.len(), household, -1, 4_000, 6),
        policy: &policy_file::read(&example.join("policy.toml")).unwrap(),
    };
    let options = Options { withheld_ppb: ONE_PPB, seed: 1, resamples: 100, as_of_secs: None };
    let study = study(&inputs, &options).unwrap();
    assert_eq!((study.loans, study.bad_count, counts(&study.withheld)), (682, 76, (682, 76)));
    // Who shares a counterparty is a borrower, too, and withheld with the others.
    let lent: Vec<_> = study.distances.iter().map(|at| counts(&at.lent)).collect();
    assert_eq!(lent, [(145, 0), (145, 0)]);
    assert!(value(&study.withheld.auc) > 0.6);
    // Owner and second person have the same account, thus the same report of it.
    assert_eq!(study.distances[0].likeness.as_ref().unwrap().same_level_share, 1.0);
}
