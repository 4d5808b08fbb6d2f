//! `assay split`: a file in two by subject.

use crate::{
    output::Output,
    ratio::Ratio,
    split::{split, Share},
    subject::{ConsortiumKey, ConsortiumKeyArgs},
    table::Map,
};
use std::path::PathBuf;

/// Splits a file by subject, so that no borrower is in both parts.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The file to split.
    pub data: PathBuf,
    /// Which column is the subject.
    #[arg(long, value_name = "MAP.toml")]
    pub map: PathBuf,
    /// Where the first part goes.
    #[arg(long, value_name = "FILE")]
    pub train: PathBuf,
    /// Where the rest goes.
    #[arg(long, value_name = "FILE")]
    pub rest: PathBuf,
    /// The first part's share of the subjects.
    #[arg(long, default_value = "70 %")]
    pub share: Ratio,
    /// Another seed gives another split.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub key: ConsortiumKeyArgs,
}

/// Runs the command.
///
/// # Errors
///
/// When the file has a row that can't be placed, or a part can't be written.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let map = Map::read(&args.map)?;
    let key = ConsortiumKey::from_args(&args.key)?;
    let share = Share { ppb: args.share.ppb, seed: args.seed };
    let done = split(&args.data, &map, &key, share, &args.train, &args.rest)?;
    if let Some(note) = &done.note {
        output.note(note);
    }
    let text = format!(
        "{} rows: {}\n{} rows: {}",
        done.train_rows,
        args.train.display(),
        done.rest_rows,
        args.rest.display()
    );
    output.result(&done, text)
}
