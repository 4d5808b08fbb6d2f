//! The public data set of a bank in Taiwan, where it is at hand.

use super::support::{assay, machine};
use anyhow::{ensure, Context, Result};
use assay_e2e::node::{repository, Node};
use std::path::Path;

/// Beside the repository; it is not part of it.
const DATA: &str = "../shared/data/taiwan-credit-default/UCI_Credit_Card.csv";
const BORROWERS: usize = 30_000;

/// Subject, output and score of each row, sorted.
fn scores(path: &Path, columns: [&str; 3]) -> Result<Vec<[String; 3]>> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().context("the file is empty")?.split(',').collect();
    let place = |name: &str| {
        header
            .iter()
            .position(|column| *column == name)
            .with_context(|| format!("{} has no column {name}", path.display()))
    };
    let [subject, output, score] = [place(columns[0])?, place(columns[1])?, place(columns[2])?];
    let mut rows: Vec<[String; 3]> = lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            [subject, output, score].map(|place| cells[place].to_owned())
        })
        .collect();
    rows.sort_unstable();
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn should_score_alike_on_chain_and_off_when_the_data_is_real() -> Result<()> {
    let data = repository().join(DATA);
    if !data.is_file() {
        eprintln!("skipped: {} is not there", data.display());
        return Ok(());
    }
    let _machine = machine().await;
    let directory = tempfile::tempdir()?;
    let path = |name: &str| directory.path().join(name).display().to_string();
    let example = |name: &str| repository().join("examples").join(name).display().to_string();
    let (data, map) = (data.display().to_string(), example("taiwan.toml"));
    let (model, chain_scores, own_scores) =
        (path("model.json"), path("chain.csv"), path("own.csv"));

    let node = Node::development().await?;
    let run = |arguments: Vec<&str>| {
        let arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let node = &node;
        async move {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            assay(node, &arguments).await
        }
    };
    run(vec!["model", "train", &data, "--map", &map, "--out", &model]).await?;
    run(vec!["credit", "schema", "add", &map]).await?;
    run(vec!["credit", "upload", &data, "--map", &map]).await?;
    let proposed = run(vec!["model", "propose", &model]).await?;
    let contract = proposed["contract"].as_str().context("no contract")?.to_owned();
    run(vec!["model", "approve", &contract]).await?;
    let shown = run(vec!["model", "show", &contract]).await?;
    let name = shown["name"].as_str().context("the contract has no name")?.to_owned();
    let submitted = run(vec!["pack", "submit", &data, "--map", &map]).await?;
    let pack = submitted["pack"].to_string();
    let policy = example("policy.toml");
    run(vec!["pack", "assess", &pack, "--model", &name, "--policy", &policy]).await?;
    run(vec!["pack", "export", &pack, "--out", &chain_scores]).await?;
    run(vec!["model", "score", &model, &data, "--map", &map, "--out", &own_scores]).await?;

    let columns = ["subject", "z", "score"];
    let on_chain = scores(Path::new(&chain_scores), columns)?;
    let own = scores(Path::new(&own_scores), columns)?;
    ensure!(on_chain.len() == BORROWERS, "{} loans are in the pack", on_chain.len());
    ensure!(on_chain == own, "the chain's scores differ from those computed off chain");
    Ok(())
}
