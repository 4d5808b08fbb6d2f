//! `assay credit propagation`: what relations would give on a bureau's own data, off chain (rules,
//! section 2).

use crate::{
    model_file::ModelFile,
    output::Output,
    policy_file,
    propagation::{render, study, Inputs, Options, Study},
    ratio::Ratio,
    subject::{ConsortiumKey, ConsortiumKeyArgs},
    table::{
        date::{DateFormat, DAY_SECS},
        relations::Relations,
        Map, Purpose, ReadOptions, Table,
    },
};
use anyhow::{anyhow, Context as _};
use std::path::{Path, PathBuf};

/// Tells how many loans relations would let score, and how well these scores rank defaults.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Reports, one file a bureau.
    #[arg(required = true, value_name = "REPORTS.csv")]
    pub reports: Vec<PathBuf>,
    /// Which columns are what.
    #[arg(long, value_name = "MAP.toml")]
    pub map: PathBuf,
    /// Pairs of subjects with their distance.
    #[arg(long, value_name = "RELATIONS.csv")]
    pub relations: PathBuf,
    /// MAP of the relations; by default that of the reports.
    #[arg(long, value_name = "MAP.toml")]
    pub relations_map: Option<PathBuf>,
    /// A tape whose loans are marked as defaulted or not.
    #[arg(long, value_name = "TAPE.csv")]
    pub loans: PathBuf,
    /// MAP of the loans; by default that of the reports.
    #[arg(long, value_name = "MAP.toml")]
    pub loans_map: Option<PathBuf>,
    /// The model.
    #[arg(long, value_name = "MODEL.json")]
    pub model: PathBuf,
    /// Which reports count, and to which distance profiles are lent.
    #[arg(long, value_name = "POLICY.toml")]
    pub policy: PathBuf,
    /// Withhold the reports of this share of the borrowers: those that `split` with the rest of the
    /// share and the same seed puts into the second file.
    #[arg(long, default_value = "0 %")]
    pub withhold: Ratio,
    /// Draws who is withheld, and the resamples of the intervals.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Resamples of each interval.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    pub resamples: u32,
    /// The day of all profiles; by default the day each loan began, so that no report counts that
    /// may know what became of it.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub as_of: Option<u64>,
    /// Write the findings as an HTML page, too.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Tell of each bad row and go on without it.
    #[arg(long)]
    pub skip_bad_rows: bool,
    #[command(flatten)]
    pub key: ConsortiumKeyArgs,
}

/// The end of a day, in Unix seconds.
fn day(text: &str) -> Result<u64, String> {
    let days = DateFormat::Iso.parse_days(text);
    let end = days.and_then(|days| u64::from(days).checked_add(1)?.checked_mul(DAY_SECS));
    end.map(|end| end - 1).ok_or_else(|| "write YYYY-MM-DD, from 1970 on".to_owned())
}

/// Runs the command.
///
/// # Errors
///
/// When the files do not go together, the tape has no mark of default, the policy lends nothing,
/// or the page can't be written.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let study = make(args, output)?;
    if let Some(path) = &args.html {
        std::fs::write(path, render(&study)?)
            .with_context(|| format!("{}: can't be written", path.display()))?;
    }
    output.result(&study, &study)
}

fn make(args: &Args, output: &Output) -> anyhow::Result<Study> {
    let model = ModelFile::read(&args.model)?;
    let policy = policy_file::read(&args.policy)?;
    let map = Map::read(&args.map)?;
    model.check_map(&map)?;
    let other = |path: &Option<PathBuf>| path.as_deref().map_or(Ok(map.clone()), Map::read);
    let (relations_map, loans_map) = (other(&args.relations_map)?, other(&args.loans_map)?);
    let marks = loans_map.loan.as_ref().is_some_and(|loan| loan.defaulted.is_some());
    if !marks {
        return Err(anyhow!(
            "{}: no loan is marked as defaulted; name the column and its words with `defaulted` and \
             `defaulted_bad` under [loan]",
            loans_map.path.display()
        ));
    }
    let key = ConsortiumKey::from_args(&args.key)?;
    let reading = ReadOptions { key, skip_bad_rows: args.skip_bad_rows };
    let read = |path: &Path, map: &Map, purpose: Purpose| -> anyhow::Result<Table> {
        let table = Table::read(path, map, purpose, &reading)?;
        table.messages().for_each(|message| output.note(message));
        Ok(table)
    };
    let reports = args.reports.iter().map(|path| read(path, &map, Purpose::Reports));
    let reports = reports.collect::<Result<Vec<_>, _>>()?;
    let loans = read(&args.loans, &loans_map, Purpose::Tape)?;
    let relations = Relations::read(&args.relations, &relations_map, &reading)?;
    relations.notes.iter().for_each(|note| output.note(note));
    relations.skipped.iter().for_each(|fault| output.note(format!("left out: {fault}")));
    let inputs = Inputs {
        reports: &reports,
        relations: &relations.rows,
        loans: &loans,
        artifact: &model.artifact,
        policy: &policy,
    };
    let options = Options {
        withheld_ppb: args.withhold.ppb,
        seed: args.seed,
        resamples: args.resamples,
        as_of_secs: args.as_of,
    };
    study(&inputs, &options).with_context(|| format!("{}", args.policy.display()))
}
