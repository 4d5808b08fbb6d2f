//! Nodes that lose power in the middle of their work.

use super::support::{all_loans, assay, check_scores, machine, start_assay, Stage};
use anyhow::{ensure, Context, Result};
use assay_client::chain::{api, call::packs};
use assay_e2e::{
    drive,
    node::Node,
    sample::{terms, Tape},
};
use assay_primitives::pack::PackStatus;
use rand::{Rng, SeedableRng};
use std::{fmt::Write, fs, path::Path, time::Duration};
use tokio::time::sleep;

/// Loans that take the chain several blocks to assess, and reports that take several to store.
const LOANS: usize = 400_000;
const REPORTS: usize = 120_000;
const POLL: Duration = Duration::from_millis(100);

#[tokio::test(flavor = "multi_thread")]
async fn should_end_with_the_same_scores_when_killed_in_the_middle_of_an_assessment() -> Result<()>
{
    let _machine = machine().await;
    let Stage { mut node, chain, key, mut sample } = Stage::set(20_000).await?;
    let tape = Tape::draw(&sample.subjects(), LOANS, 6);
    drive::submit(&chain, &key, 0, &terms("interrupted", 1_700_000_000), &tape).await?;
    let call = packs::assess(0, sample.contract, sample.policy_id);
    drive::send_all(&chain, &key, vec![call]).await?;
    let caught = drive::wait_until(&chain, 0, |view| {
        view.assessment.as_ref().is_some_and(|assessment| assessment.next_page > 0)
    })
    .await?;
    node.kill()?;
    let reached = caught.assessment.context("the pack has no assessment")?.next_page;
    ensure!(
        (1..caught.pack.pages).contains(&reached),
        "killed at page {reached} of {}: not in the middle",
        caught.pack.pages
    );

    node.start().await?;
    let chain = node.connect().await?;
    let assessed =
        drive::wait_until(&chain, 0, |view| view.pack.status == PackStatus::Assessed).await?;
    let assessment = assessed.assessment.context("the pack has no assessment")?;
    ensure!(assessment.scored as usize == LOANS, "{} loans were scored", assessment.scored);
    check_scores(&all_loans(&chain, 0).await?, &tape, &mut sample)
}

#[tokio::test(flavor = "multi_thread")]
async fn should_hold_every_report_once_when_killed_in_the_middle_of_an_upload() -> Result<()> {
    let _machine = machine().await;
    let mut node = Node::development().await?;
    let directory = tempfile::tempdir()?;
    let (data, map) = (directory.path().join("data.csv"), directory.path().join("map.toml"));
    write_reports(&data, &map)?;
    let (data, map) = (data.display().to_string(), map.display().to_string());
    assay(&node, &["credit", "schema", "add", &map]).await?;
    let upload = ["credit", "upload", &data, "--map", &map];

    let client = start_assay(&node, &upload)?;
    let chain = node.connect().await?;
    let mut stored = 0;
    while stored == 0 && !client.is_finished() {
        sleep(POLL).await;
        stored = api::registry_size(&chain, None).await?.subjects;
    }
    node.kill()?;
    ensure!(
        (1..REPORTS as u64).contains(&stored),
        "killed at report {stored} of {REPORTS}: not in the middle"
    );
    node.start().await?;
    client.await?.context("the upload that lost its node")?;

    let again = assay(&node, &upload).await?;
    ensure!(again["already_held"] == REPORTS, "a second upload finds {again}");
    ensure!(again["submitted"] == 0, "a second upload sends {again}");
    let size = api::registry_size(&node.connect().await?, None).await?;
    ensure!(size.subjects == REPORTS as u64, "the registry holds {} subjects", size.subjects);
    Ok(())
}

/// Reports of 24 values, and the map that says which columns are what.
fn write_reports(data: &Path, map: &Path) -> Result<()> {
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(4);
    let names: Vec<String> = (1..=24).map(|number| format!("feature_{number}")).collect();
    let mut rows = format!("id,defaulted,{}\n", names.join(","));
    for id in 0..REPORTS {
        write!(rows, "{id},{}", u8::from(random.random_ratio(1, 20)))?;
        for _ in &names {
            write!(rows, ",{}", random.random_range(-1_000..=1_000))?;
        }
        rows.push('\n');
    }
    fs::write(data, rows)?;
    let mut text = String::from(
        "name = \"interrupted\"\n\n[subject]\ncolumn = \"id\"\n\n[label]\ncolumn = \"defaulted\"\n\
         bad = [\"1\"]\n\n[report]\nobserved_at_value = \"2025-06-30\"\nsource_value = \"bank\"\n",
    );
    for name in &names {
        write!(
            text,
            "\n[[feature]]\nname = \"{name}\"\ncolumn = \"{name}\"\nunit = \"points\"\n\
             lower = -1_000\nupper = 1_000\nscale = 1\n"
        )?;
    }
    Ok(fs::write(map, text)?)
}
