//! Specifications of chains that do not fit the node, or its database.

use super::support::machine;
use anyhow::{ensure, Result};
use assay_e2e::{
    net::founding::{found, Plan},
    node::program,
};
use serde_json::{json, Value as Json};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long a node is given to refuse, or to make its database.
const PATIENCE: Duration = Duration::from_secs(60);

fn node(spec: &Path, base: &Path) -> Result<Command> {
    let mut command = Command::new(program("assay-node")?);
    command
        .arg("--chain")
        .arg(spec)
        .arg("--base-path")
        .arg(base)
        .args(["--role", "member", "--port", "0", "--rpc-port", "0", "--known-peers-only"])
        .args(["--no-prometheus", "--no-telemetry", "--no-mdns"]);
    Ok(command)
}

/// Has the node refuse to start, with these words.
async fn expect_refusal(spec: &Path, base: &Path, words: &str) -> Result<()> {
    let log = base.with_extension("log");
    let file = fs::File::create(&log)?;
    let mut command = node(spec, base)?;
    let mut child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn()?;
    let deadline = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            break None;
        }
        sleep(Duration::from_millis(100)).await;
    };
    let said = fs::read_to_string(&log)?;
    ensure!(status.is_some_and(|status| !status.success()), "the node runs: {said}");
    ensure!(said.contains(words), "the node refuses without {words:?}: {said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn should_refuse_to_start_when_the_specification_does_not_fit() -> Result<()> {
    let _machine = machine().await;
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let output = Command::new(program("assay-node")?)
        .args(["export-chain-spec", "--chain", "local"])
        .output()?;
    let local: Json = serde_json::from_slice(&output.stdout)?;

    let mut other = local.clone();
    other["genesis"]["runtimeGenesis"]["code"] = json!("0x0061736d01000000");
    fs::write(path("other.json"), other.to_string())?;
    expect_refusal(&path("other.json"), &path("other"), "begins no chain").await?;

    let mut unknown = local;
    unknown["genesis"]["runtimeGenesis"]["patch"]["sudo"] = json!({ "key": null });
    fs::write(path("unknown.json"), unknown.to_string())?;
    expect_refusal(&path("unknown.json"), &path("unknown"), "sudo").await
}

#[tokio::test(flavor = "multi_thread")]
async fn should_refuse_to_start_when_the_database_is_of_another_consortium() -> Result<()> {
    let _machine = machine().await;
    let folder = tempfile::tempdir()?;
    let mut specs = Vec::new();
    for name in ["one", "other"] {
        let directory = folder.path().join(name);
        fs::create_dir(&directory)?;
        let founded = found(Plan::default(), &directory)?;
        specs.push(founded.directory.join("consortium.json"));
    }
    let base = folder.path().join("data");
    let mut running = node(&specs[0], &base)?
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let deadline = Instant::now() + PATIENCE;
    let database = base.join("chains").join(assay_e2e::net::founding::CHAIN_ID).join("paritydb");
    while !database.is_dir() && Instant::now() < deadline {
        sleep(Duration::from_millis(200)).await;
    }
    // The genesis block is written right after the database is made.
    sleep(Duration::from_secs(5)).await;
    running.kill()?;
    running.wait()?;
    expect_refusal(&specs[1], &base, "belongs to another chain").await
}
