//! What was known and asked for earlier: scores of past blocks, inquiries, artifacts.

use super::support::{all_loans, assay, machine, Stage};
use anyhow::{ensure, Context, Result};
use assay_client::chain::{
    call::{credit, ReportBatch},
    Chain, Key,
};
use assay_e2e::{
    drive::{self, SCHEMA},
    node::Node,
    sample::{terms, Sample, Tape, FEATURES},
};
use assay_primitives::Subject;
use serde_json::json;
use sp_runtime::traits::{BlakeTwo256, Hash};

const BORROWERS: usize = 600;
/// On the second page.
const LOAN: usize = 550;

/// Replaces a subject's report by another one, with all values at 0.
async fn replace(chain: &Chain, key: &Key, sample: &Sample, who: &Subject) -> Result<()> {
    let mut report = sample.report(who).context("no report")?.clone();
    report.observed_at_secs += 1;
    report.values.iter_mut().for_each(|value| *value = 0);
    let batch = ReportBatch::try_from(vec![report]).map_err(|_| anyhow::anyhow!("one too many"))?;
    drive::send_all(chain, key, vec![credit::submit(SCHEMA, &batch)]).await
}

async fn explain_past(node: &Node, chain: &Chain, key: &Key, sample: &mut Sample) -> Result<()> {
    let rows = all_loans(chain, 0).await?;
    let (who, result) = (rows[LOAN].subject, rows[LOAN].result);
    let before = chain.best().await?.number.to_string();
    replace(chain, key, sample, &who).await?;

    let explained = assay(node, &["pack", "explain", "0", &LOAN.to_string()]).await?;
    let (z, score) = result.context("the loan has no score")?;
    ensure!((&explained["z"], &explained["score"]) == (&json!(z), &json!(score)), "{explained}");
    let reasons = explained["reasons"].as_array().context("no reasons")?;
    ensure!(reasons.len() == 3 && reasons.iter().all(|reason| reason["unit"] == "points"));
    for reason in reasons {
        let (raise, without) = (reason["raise"].as_i64(), reason["z_without"].as_i64());
        ensure!(raise.zip(without).is_some_and(|(a, b)| a + b == i64::from(z)), "{reason}");
    }

    let (contract, who) = (format!("{:?}", sample.contract), who.to_string());
    let explain = ["model", "explain", &contract, &who, "--policy", "sample"];
    let then = assay(node, &[&explain[..], &["--at", &before]].concat()).await?;
    ensure!(then["z"] == z && then["policy_version"] == 1, "{then}");
    let now = assay(node, &explain).await?;
    let present = sample.report(&rows[LOAN].subject).context("no report")?.present;
    let zeros = sample.network.logit(&[0; FEATURES], present);
    ensure!(now["z"] == zeros, "now the output is {zeros}, not {now}");

    let show = ["credit", "show", &who, "--policy", "sample"];
    let then = assay(node, &[&show[..], &["--at", &before]].concat()).await?;
    let now = assay(node, &show).await?;
    let values = |shown: &serde_json::Value| shown["profiles"][0]["profile"]["values"].clone();
    ensure!(values(&then) != values(&now), "the profile of block {before} is that of now: {now}");
    Ok(())
}

async fn ask(node: &Node, subject: &str) -> Result<()> {
    let consent = "5a".repeat(32);
    let purpose = ["--purpose", "credit-decision", "--consent", &consent];
    assay(node, &[&["credit", "inquire", subject][..], &purpose].concat()).await?;
    let pack = ["credit", "inquire", "--pack", "0", "--purpose", "assessment"];
    assay(node, &[&pack[..], &["--consent", &consent]].concat()).await?;
    let found = assay(node, &["credit", "inquiries", subject]).await?;
    for (field, count) in [("direct", 1), ("by_packs", 1), ("assessments", 1)] {
        ensure!(found[field] == count, "{field} is not {count}: {found}");
    }
    ensure!(found["recent"][0]["consent_hash"] == format!("0x{consent}"), "{found}");
    let all = assay(node, &["credit", "inquiries"]).await?;
    ensure!(all["inquiries"].as_array().map(Vec::len) == Some(2), "{all}");
    Ok(())
}

async fn take_artifact_back(node: &Node, sample: &Sample) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("artifact.scale");
    let contract = format!("{:?}", sample.contract);
    let path = file.display().to_string();
    assay(node, &["model", "show", &contract, "--artifact", &path]).await?;
    ensure!(BlakeTwo256::hash(&std::fs::read(&file)?) == sample.contract);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn should_tell_what_was_known_and_asked_for_when_it_is_past() -> Result<()> {
    let _machine = machine().await;
    let Stage { node, chain, key, mut sample } = Stage::set(BORROWERS).await?;
    let obligors = sample.subjects();
    let tape = Tape::draw(&obligors, obligors.len(), 5);
    drive::submit(&chain, &key, 0, &terms("history", 1_700_000_000), &tape).await?;
    drive::assess(&chain, &key, 0, &sample).await?;
    explain_past(&node, &chain, &key, &mut sample).await?;
    ask(&node, &obligors[LOAN].to_string()).await?;
    take_artifact_back(&node, &sample).await
}
