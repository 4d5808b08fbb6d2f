//! What the tests share.

use anyhow::{ensure, Context, Result};
use assay_client::{
    certificate::{self, development_authority, MemberTerms},
    chain::{api, call::membership, Chain, Key, Refused, Wait},
};
use assay_e2e::{
    drive,
    node::{program, Node},
    sample::{Sample, Tape},
};
use assay_primitives::{
    member::{CertificateBytes, Roles},
    pack::{LoanRow, Standing, MAX_PAGE_LOANS},
    PackId, UnixSecs,
};
use futures::{StreamExt, TryStreamExt};
use serde_json::Value as Json;
use std::process::Stdio;
use tokio::{
    process::{Child, Command},
    sync::{Mutex, MutexGuard},
    task::JoinHandle,
};

/// Pages that are asked for before the first has come.
const PAGES_AT_ONCE: usize = 8;
const DAY_SECS: UnixSecs = 86_400;

static MACHINE: Mutex<()> = Mutex::const_new(());

/// The machine, for one test at a time.
pub async fn machine() -> MutexGuard<'static, ()> {
    MACHINE.lock().await
}

/// A development node with a sample's contract and reports, and the key that holds all roles.
pub struct Stage {
    pub node: Node,
    pub chain: Chain,
    pub key: Key,
    pub sample: Sample,
}

impl Stage {
    pub async fn set(borrowers: usize) -> Result<Stage> {
        let sample = Sample::new(borrowers, drive::now_secs()?, 7)?;
        let node = Node::development().await?;
        let chain = node.connect().await?;
        let key = Key::development("//Alice")?;
        drive::prepare(&chain, &key, std::slice::from_ref(&key), &sample).await?;
        drive::upload(&chain, &key, &sample).await?;
        Ok(Stage { node, chain, key, sample })
    }
}

/// All loans of a pack as the chain shows them at its best block.
pub async fn all_loans(chain: &Chain, pack: PackId) -> Result<Vec<LoanRow>> {
    let pages = drive::view(chain, pack).await?.pack.pages;
    let pages: Vec<Vec<LoanRow>> =
        futures::stream::iter(0..pages)
            .map(|page| async move {
                api::loans(chain, pack, page, None).await?.context("a page is gone")
            })
            .buffered(PAGES_AT_ONCE)
            .try_collect()
            .await?;
    Ok(pages.concat())
}

/// Compares every loan of an assessed pack with the tape and with the scores computed here.
pub fn check_scores(rows: &[LoanRow], tape: &Tape, sample: &mut Sample) -> Result<()> {
    ensure!(rows.len() == tape.loans as usize, "{} of {} loans", rows.len(), tape.loans);
    for (position, row) in rows.iter().enumerate() {
        let page = &tape.pages[position / MAX_PAGE_LOANS as usize];
        let place = position % MAX_PAGE_LOANS as usize;
        let on_tape = page.defaulted[place / 8] >> (place % 8) & 1 == 1;
        let subject = page.subjects[place];
        let expected = sample.score(&subject);
        let on_record = sample.report(&subject).is_some_and(|report| report.has_default);
        ensure!(row.index as usize == position, "loan {position} has index {}", row.index);
        ensure!(row.subject == subject, "loan {position} is of another obligor");
        ensure!(row.principal_minor == page.principals[place].0, "principal of loan {position}");
        ensure!(
            row.result == expected,
            "loan {position} has {:?} on chain and {expected:?} here",
            row.result
        );
        ensure!(row.bad == (on_tape || on_record), "loan {position} is bad: {}", row.bad);
        let standing = if expected.is_some() { Standing::Kept } else { Standing::Unscored };
        ensure!(row.standing == standing, "loan {position} is {:?}", row.standing);
    }
    Ok(())
}

/// What the pool said; fails when it took the transaction.
pub fn pool_refusal<R>(outcome: Result<R, Refused>) -> Result<String> {
    match outcome {
        Err(Refused::Pool(reason)) => Ok(reason),
        Err(other) => Err(other).context("refused, but not by the pool"),
        Ok(_) => anyhow::bail!("the chain took what it must refuse"),
    }
}

/// A certificate of a development chain's authority, from one second to another.
pub fn certificate(
    key: &Key,
    name: &str,
    roles: Roles,
    (not_before, not_after): (UnixSecs, UnixSecs),
) -> Result<CertificateBytes> {
    let (authority, root) = development_authority();
    let terms = MemberTerms { name: name.to_owned(), roles, not_before, not_after, serial: None };
    let der = certificate::issue(&authority, &root, &key.account(), &terms)?;
    CertificateBytes::try_from(der).ok().context("the certificate is too large")
}

/// Has a member enrol a key on a development chain, with a certificate that holds for a day.
pub async fn enroll(chain: &Chain, by: &Key, key: &Key, name: &str, roles: Roles) -> Result<()> {
    let now_secs = drive::now_secs()?;
    let der = certificate(key, name, roles, (now_secs - DAY_SECS, now_secs + DAY_SECS))?;
    chain.submit(by, membership::enroll(&der), Wait::InBlock).await?;
    Ok(())
}

/// Starts the `assay` command as a user would. At its end it gives the object that it printed.
pub fn start_assay(node: &Node, arguments: &[&str]) -> Result<JoinHandle<Result<Json>>> {
    let child = Command::new(program("assay")?)
        .args(["--json", "--wait", "in-block"])
        .args(arguments)
        .env("ASSAY_NODE", node.url())
        .env("ASSAY_KEY", "//Alice")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("assay could not be started")?;
    // Read all the while: a full pipe would hold the command up.
    Ok(tokio::spawn(outcome(child)))
}

async fn outcome(child: Child) -> Result<Json> {
    let output = child.wait_with_output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "assay ended with {}: {said}", output.status);
    match output.stdout.as_slice() {
        [] => Ok(Json::Null),
        printed => serde_json::from_slice(printed)
            .with_context(|| format!("no JSON: {}", String::from_utf8_lossy(printed))),
    }
}

/// Runs an `assay` command to its end.
pub async fn assay(node: &Node, arguments: &[&str]) -> Result<Json> {
    start_assay(node, arguments)?.await?.with_context(|| format!("assay {}", arguments.join(" ")))
}
