//! `assay generate`: made-up borrowers with their MAP.

use crate::{
    generate::{default_as_of_days, map_toml, write_csv, Recipe},
    output::Output,
    table::date::DateFormat,
};
use anyhow::Context as _;
use std::{fs::File, io::BufWriter, path::PathBuf};

/// Makes up borrowers over twelve months, with reports, loans and defaults, and their MAP.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Where the rows go.
    #[arg(long, value_name = "LOANS.csv")]
    pub out: PathBuf,
    /// Where their MAP goes.
    #[arg(long, value_name = "MAP.toml")]
    pub map: PathBuf,
    /// How many borrowers, one loan each.
    #[arg(long, default_value_t = 10_000)]
    pub borrowers: u64,
    /// The same seed gives the same file on every machine.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The day the reports are of, YYYY-MM-DD; by default 2025-12-31.
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
}

/// Runs the command.
///
/// # Errors
///
/// When a file can't be written, or the date is none.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let as_of_days = match &args.as_of {
        None => default_as_of_days(),
        Some(text) => DateFormat::Iso
            .parse_days(text)
            .with_context(|| format!("--as-of {text} is no date; write YYYY-MM-DD"))?,
    };
    let recipe = Recipe { borrowers: args.borrowers, seed: args.seed, as_of_days };
    let file = File::create(&args.out)
        .with_context(|| format!("{}: can't be written", args.out.display()))?;
    let bar = output.progress(args.borrowers, "borrowers");
    write_csv(&recipe, &mut BufWriter::new(file), &|done| bar.set_position(done))
        .with_context(|| format!("{}: can't be written", args.out.display()))?;
    bar.finish_and_clear();
    std::fs::write(&args.map, map_toml(&recipe))
        .with_context(|| format!("{}: can't be written", args.map.display()))?;
    let object = serde_json::json!({
        "borrowers": args.borrowers,
        "seed": args.seed,
        "data": args.out,
        "map": args.map,
    });
    let text = format!(
        "{} borrowers: {}, described by {}",
        args.borrowers,
        args.out.display(),
        args.map.display()
    );
    output.result(&object, text)
}
