//! `assay credit relate`: relations between subjects, for social propagation (rules, section 2).

use super::{context::Context, progress::Progress, show::grouped};
use crate::{
    chain::{
        self,
        call::{credit, EndsBatch, RelationBatch},
        Call, Pipeline,
    },
    subject::{ConsortiumKey, ConsortiumKeyArgs, DEVELOPMENT_KEY_WARNING},
    table::{
        relations::{RelationRow, Relations},
        Map, ReadOptions,
    },
};
use anyhow::{anyhow, bail};
use assay_primitives::{
    credit::{Ends, Relation, MAX_BATCH_RELATIONS},
    Subject,
};
use clap::Args;
use serde_json::json;
use std::{cell::RefCell, path::PathBuf};

#[derive(Debug, Args)]
pub struct RelateArgs {
    #[arg(value_name = "RELATIONS.csv")]
    data: PathBuf,
    #[arg(long, value_name = "MAP.toml")]
    map: PathBuf,
    /// Take these relations back instead; their distances do not matter
    #[arg(long)]
    withdraw: bool,
    /// Go on without rows that are bad, and name them
    #[arg(long)]
    skip_bad_rows: bool,
    #[command(flatten)]
    consortium: ConsortiumKeyArgs,
}

/// One transaction's relations.
struct Batch {
    number: usize,
    relations: u64,
    first_line: u32,
}

/// Runs the command.
pub async fn run(context: &Context, args: &RelateArgs) -> anyhow::Result<()> {
    let relations = read(context, args)?;
    let key = context.key()?;
    let chain = context.chain().await?;
    context.organisation(&chain, &key).await?;
    let mut rows = relations.rows;
    rows.sort_unstable_by_key(|row| (row.from, row.to));
    let batch = if args.withdraw { withdrawal } else { storage };
    let done = if args.withdraw { "withdrawn" } else { "stored" };
    let progress = RefCell::new(Progress::new("sending", "relations", rows.len() as u64));
    let calls = rows
        .chunks(MAX_BATCH_RELATIONS as usize)
        .enumerate()
        .map(|(number, rows)| batch(number, rows));
    let pipeline = Pipeline::new(&chain, &key, context.wait);
    let mut stored = 0;
    let failures = pipeline
        .run(futures::stream::iter(calls), |step| match step {
            chain::Progress::InBlock(_) => {}
            chain::Progress::Done(batch, _) => {
                stored += batch.relations;
                progress.borrow_mut().add(batch.relations);
            }
            chain::Progress::Failed(batch, _) => progress.borrow_mut().add(batch.relations),
        })
        .await?;
    progress.into_inner().finish();
    for failure in &failures {
        context.output.note(format!(
            "batch {} of {} relations (with line {} of {}) was refused: {}",
            failure.tag.number + 1,
            failure.tag.relations,
            failure.tag.first_line,
            args.data.display(),
            failure.refused
        ));
    }
    let object = json!({
        "relations": rows.len(),
        "submitted": stored,
        "failed": rows.len() as u64 - stored,
        "skipped_rows": relations.skipped.len(),
    });
    let said = format!("{} of {} relations {done}", grouped(stored), grouped(rows.len() as u64));
    context.output.result(&object, said)?;
    match failures.len() {
        0 => Ok(()),
        count => bail!("{count} batches were refused; the others are {done}"),
    }
}

fn read(context: &Context, args: &RelateArgs) -> anyhow::Result<Relations> {
    let map = Map::read(&args.map)?;
    let key = ConsortiumKey::from_args(&args.consortium)?;
    if key.is_development() {
        context.output.note(DEVELOPMENT_KEY_WARNING);
    }
    let options = ReadOptions { key, skip_bad_rows: args.skip_bad_rows };
    let relations = Relations::read(&args.data, &map, &options)?;
    for note in &relations.notes {
        context.output.note(note);
    }
    for fault in &relations.skipped {
        context.output.note(format!("left out: {fault}"));
    }
    Ok(relations)
}

fn storage(number: usize, rows: &[RelationRow]) -> anyhow::Result<(Batch, Call)> {
    let relations: Vec<Relation> = rows
        .iter()
        .map(|row| Relation {
            from: Subject(row.from),
            to: Subject(row.to),
            distance: row.distance,
        })
        .collect();
    let relations = RelationBatch::try_from(relations).map_err(|_| too_many())?;
    Ok((batch(number, rows), credit::relate(&relations)))
}

fn withdrawal(number: usize, rows: &[RelationRow]) -> anyhow::Result<(Batch, Call)> {
    let pairs: Vec<Ends> = rows.iter().map(|row| (Subject(row.from), Subject(row.to))).collect();
    let pairs = EndsBatch::try_from(pairs).map_err(|_| too_many())?;
    Ok((batch(number, rows), credit::withdraw_relations(&pairs)))
}

fn too_many() -> anyhow::Error {
    anyhow!("a transaction holds at most {MAX_BATCH_RELATIONS} relations")
}

fn batch(number: usize, rows: &[RelationRow]) -> Batch {
    let first_line = rows.iter().map(|row| row.line).min().unwrap_or_default();
    Batch { number, relations: rows.len() as u64, first_line }
}
