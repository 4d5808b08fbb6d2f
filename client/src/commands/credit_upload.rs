//! `assay credit upload`: a bureau's reports, in batches, resumable without a journal: what the chain
//! holds already is not sent again.

use super::{context::Context, credit_schema, progress::Progress, show::grouped};
use crate::{
    chain::{self, api, call::credit, call::ReportBatch, Call, Chain, Pipeline},
    subject::{ConsortiumKey, ConsortiumKeyArgs, DEVELOPMENT_KEY_WARNING},
    table::{Map, Purpose, ReadOptions, Table},
};
use anyhow::{anyhow, bail};
use assay_primitives::{
    credit::{Held, Report, MAX_BATCH_REPORTS},
    OrganisationId, SchemaId, Subject, H256,
};
use clap::Args;
use futures::StreamExt;
use serde_json::json;
use std::{cell::RefCell, path::PathBuf};

/// For how many batches at once the chain is asked what it holds.
const ASKED_AHEAD: usize = 4;
/// Most failed batches that are told one by one.
const MAX_FAILURES_TOLD: usize = 10;

#[derive(Debug, Args)]
pub struct UploadArgs {
    #[arg(value_name = "DATA.csv")]
    data: PathBuf,
    #[arg(long, value_name = "MAP.toml")]
    map: PathBuf,
    /// Number or name of the schema; by default the newest of the MAP's name
    #[arg(long)]
    schema: Option<String>,
    /// Reports of one transaction
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_BATCH_REPORTS)))]
    batch: u32,
    /// Go on without rows that are bad, and name them
    #[arg(long)]
    skip_bad_rows: bool,
    #[command(flatten)]
    consortium: ConsortiumKeyArgs,
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    /// The chain holds the very report.
    held: u64,
    /// The chain holds a report as new, or newer.
    outdated: u64,
    sent: u64,
    done: u64,
    failed: u64,
    last_block: u32,
}

/// One transaction's rows, by their positions in the table.
struct Batch {
    number: usize,
    reports: u64,
    first_line: u32,
}

/// What every batch needs.
struct Upload<'a> {
    chain: &'a Chain,
    table: &'a Table,
    bureau: OrganisationId,
    schema: SchemaId,
}

/// Runs the command.
pub async fn run(context: &Context, args: &UploadArgs) -> anyhow::Result<()> {
    let map = Map::read(&args.map)?;
    let table = read(context, args, &map)?;
    let key = context.key()?;
    let chain = context.chain().await?;
    let bureau = context.organisation(&chain, &key).await?.id;
    let schema = credit_schema::find(&chain, &map, args.schema.as_deref()).await?;
    let upload = Upload { chain: &chain, table: &table, bureau, schema };
    let pipeline = Pipeline::new(&chain, &key, context.wait);
    pipeline.settle().await?;

    let order = by_subject(&table);
    let tally = RefCell::new(Tally::default());
    let progress = RefCell::new(Progress::new("uploading", "reports", order.len() as u64));
    let chunks = order.chunks(args.batch as usize).enumerate();
    let calls = futures::stream::iter(chunks)
        .map(|(number, rows)| upload.batch(number, rows, &tally, &progress))
        .buffered(ASKED_AHEAD)
        .filter_map(|item| async move { item.transpose() });
    let failures = pipeline.run(calls, |step| note(step, &tally, &progress)).await?;
    let seconds = progress.borrow().seconds();
    progress.into_inner().finish();

    for failure in failures.iter().take(MAX_FAILURES_TOLD) {
        context.output.note(format!(
            "batch {} of {} reports (with line {} of {}) was refused: {}",
            failure.tag.number + 1,
            failure.tag.reports,
            failure.tag.first_line,
            args.data.display(),
            failure.refused
        ));
    }
    tell(context, &table, schema, tally.into_inner(), seconds)?;
    match failures.len() {
        0 => Ok(()),
        count => bail!("{count} batches were refused; the others are stored"),
    }
}

fn read(context: &Context, args: &UploadArgs, map: &Map) -> anyhow::Result<Table> {
    let key = ConsortiumKey::from_args(&args.consortium)?;
    if key.is_development() {
        context.output.note(DEVELOPMENT_KEY_WARNING);
    }
    let options = ReadOptions { key, skip_bad_rows: args.skip_bad_rows };
    let table = Table::read(&args.data, map, Purpose::Reports, &options)?;
    for note in &table.notes {
        context.output.note(note);
    }
    for fault in &table.skipped {
        context.output.note(format!("left out: {fault}"));
    }
    Ok(table)
}

/// The table's rows in ascending order of subject, as the chain wants them.
fn by_subject(table: &Table) -> Vec<usize> {
    let mut order: Vec<usize> = (0..table.len()).collect();
    order.sort_unstable_by_key(|row| table.subjects[*row]);
    order
}

fn note(step: chain::Progress<'_, Batch>, tally: &RefCell<Tally>, progress: &RefCell<Progress>) {
    let mut tally = tally.borrow_mut();
    match step {
        chain::Progress::InBlock(_) => {}
        chain::Progress::Done(batch, receipt) => {
            tally.done += batch.reports;
            tally.last_block = tally.last_block.max(receipt.block_number);
            progress.borrow_mut().add(batch.reports);
        }
        chain::Progress::Failed(batch, _) => {
            tally.failed += batch.reports;
            progress.borrow_mut().add(batch.reports);
        }
    }
}

impl Upload<'_> {
    /// The transaction for these rows, without what the chain holds; none when it holds them all.
    async fn batch(
        &self,
        number: usize,
        rows: &[usize],
        tally: &RefCell<Tally>,
        progress: &RefCell<Progress>,
    ) -> anyhow::Result<Option<(Batch, Call)>> {
        let subjects: Vec<Subject> =
            rows.iter().map(|row| Subject(self.table.subjects[*row])).collect();
        let held = api::held(self.chain, self.bureau, self.schema, &subjects, None).await?;
        let mut reports = Vec::with_capacity(rows.len());
        let mut first_line = u32::MAX;
        for (position, row) in rows.iter().enumerate() {
            let report = report(self.table, *row)?;
            match fate(&report, held.get(position).unwrap_or(&None)) {
                Fate::Held => tally.borrow_mut().held += 1,
                Fate::Outdated => tally.borrow_mut().outdated += 1,
                Fate::Send => {
                    first_line = first_line.min(self.table.lines[*row]);
                    reports.push(report);
                }
            }
        }
        progress.borrow_mut().add((rows.len() - reports.len()) as u64);
        if reports.is_empty() {
            return Ok(None);
        }
        let batch = Batch { number, reports: reports.len() as u64, first_line };
        tally.borrow_mut().sent += batch.reports;
        let reports = ReportBatch::try_from(reports)
            .map_err(|_| anyhow!("a transaction holds at most {MAX_BATCH_REPORTS} reports"))?;
        Ok(Some((batch, credit::submit(self.schema, &reports))))
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Held,
    Outdated,
    Send,
}

/// What to do with a report, given what the chain holds of the same bureau.
fn fate(report: &Report, held: &Held) -> Fate {
    match held {
        Some((observed, hash))
            if *observed == report.observed_at_secs && *hash == report.document_hash =>
        {
            Fate::Held
        }
        Some((observed, _)) if *observed >= report.observed_at_secs => Fate::Outdated,
        _ => Fate::Send,
    }
}

fn report(table: &Table, row: usize) -> anyhow::Result<Report> {
    let columns = table.reports.as_ref().ok_or_else(|| anyhow!("the table holds no reports"))?;
    let values = table.row_values(row).to_vec();
    Ok(Report {
        subject: Subject(table.subjects[row]),
        observed_at_secs: columns.observed_at_secs[row],
        source: columns.sources[row],
        has_default: table.labels[row].unwrap_or(false),
        document_hash: H256(columns.document_hashes[row]),
        present: table.present[row],
        values: values.try_into().map_err(|_| anyhow!("a report has at most 64 values"))?,
    })
}

fn tell(
    context: &Context,
    table: &Table,
    schema: SchemaId,
    tally: Tally,
    seconds: f64,
) -> anyhow::Result<()> {
    let object = json!({
        "schema": schema,
        "reports": table.len(),
        "submitted": tally.done,
        "already_held": tally.held,
        "older_than_held": tally.outdated,
        "failed": tally.failed,
        "skipped_rows": table.skipped.len(),
        "rows_without_values": table.without_report,
        "block": (tally.last_block > 0).then_some(tally.last_block),
        "seconds": seconds,
    });
    let mut said = format!(
        "{} of {} reports stored under schema {schema} in {seconds:.1} s",
        grouped(tally.done),
        grouped(table.len() as u64)
    );
    for (count, what) in [
        (tally.held, "are on chain already"),
        (tally.outdated, "are older than, or as old as, those on chain"),
        (tally.failed, "were refused"),
        (table.skipped.len() as u64, "bad rows were left out"),
        (table.without_report, "rows hold no value"),
    ] {
        if count > 0 {
            said.push_str(&format!("\n{} {what}", grouped(count)));
        }
    }
    context.output.result(&object, said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_risk::profile::Source;

    fn observed(secs: u64) -> Report {
        Report {
            subject: Subject([1; 16]),
            observed_at_secs: secs,
            source: Source::Bank,
            has_default: false,
            document_hash: H256::repeat_byte(9),
            present: 1,
            values: vec![5].try_into().unwrap(),
        }
    }

    #[test]
    fn should_skip_a_report_when_the_chain_holds_it() {
        let held = Some((100, H256::repeat_byte(9)));
        assert_eq!(fate(&observed(100), &held), Fate::Held);
    }

    #[test]
    fn should_not_send_a_report_when_a_newer_one_is_held() {
        let other = H256::repeat_byte(8);
        assert_eq!(fate(&observed(100), &Some((100, other))), Fate::Outdated);
        assert_eq!(fate(&observed(100), &Some((101, other))), Fate::Outdated);
    }

    #[test]
    fn should_send_a_report_when_it_is_new_or_newer() {
        assert_eq!(fate(&observed(100), &None), Fate::Send);
        assert_eq!(fate(&observed(100), &Some((99, H256::repeat_byte(9)))), Fate::Send);
    }

    #[test]
    fn should_order_rows_by_subject_when_the_file_does_not() {
        let table = Table {
            lines: vec![2, 3, 4],
            subjects: vec![[9; 16], [1; 16], [5; 16]],
            ..Table::default()
        };
        assert_eq!(by_subject(&table), vec![1, 2, 0]);
    }
}
