//! `assay pack export`: every loan with what the chain decided about it.

use super::{context::Context, pack, progress::Progress, show::grouped};
use crate::chain::api;
use anyhow::Context as _;
use assay_primitives::{
    pack::{LoanRow, Standing},
    PackId,
};
use clap::Args;
use serde_json::json;
use std::{fs::File, path::PathBuf};

const HEAD: [&str; 8] = ["index", "subject", "principal", "z", "score", "level", "kept", "reason"];

#[derive(Debug, Args)]
pub struct ExportArgs {
    pack: PackId,
    #[arg(long, value_name = "FILE.csv")]
    out: PathBuf,
}

/// Runs the command.
pub async fn run(context: &Context, args: &ExportArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let best = chain.best().await?.hash;
    let view = pack::view(&chain, args.pack, Some(best)).await?;
    let file = File::create(&args.out).with_context(|| args.out.display().to_string())?;
    let mut writer = csv::Writer::from_writer(std::io::BufWriter::new(file));
    writer.write_record(HEAD)?;
    let mut progress = Progress::new("exporting", "loans", view.pack.loans.into());
    let mut rows = 0_u64;
    for number in 0..view.pack.pages {
        let loans = api::loans(&chain, args.pack, number, Some(best))
            .await?
            .with_context(|| format!("the node does not show page {number}"))?;
        for loan in &loans {
            writer.write_record(record(loan))?;
        }
        rows += loans.len() as u64;
        progress.set(rows);
    }
    progress.finish();
    writer.flush().with_context(|| args.out.display().to_string())?;
    let object =
        json!({ "pack": args.pack, "loans": rows, "file": args.out.display().to_string() });
    let said = format!("{} loans in {}", grouped(rows), args.out.display());
    context.output.result(&object, said)
}

/// A loan's fields; empty where there's no score or level.
fn record(loan: &LoanRow) -> [String; 8] {
    let optional = |value: Option<String>| value.unwrap_or_default();
    let (kept, reason) = match loan.standing {
        Standing::Kept => ("true", ""),
        Standing::Unscored => ("false", "unscored"),
        Standing::Screened => ("false", "screened"),
        Standing::Pending => ("true", "pending"),
    };
    [
        loan.index.to_string(),
        loan.subject.to_string(),
        loan.principal_minor.to_string(),
        optional(loan.result.map(|(z, _)| z.to_string())),
        optional(loan.result.map(|(_, score)| score.to_string())),
        optional(loan.level.map(|level| level.to_string())),
        kept.into(),
        reason.into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::Subject;

    fn loan(result: Option<(i8, u16)>, standing: Standing) -> LoanRow {
        LoanRow {
            index: 7,
            subject: Subject([0xab; 16]),
            principal_minor: 1_250,
            result,
            level: result.map(|_| 3),
            bad: false,
            propagated: false,
            standing,
        }
    }

    #[test]
    fn should_write_every_field_when_a_loan_is_kept() {
        let subject = "ab".repeat(16);
        let expected = ["7", subject.as_str(), "1250", "-5", "42", "3", "true", ""];
        assert_eq!(record(&loan(Some((-5, 42)), Standing::Kept)), expected);
    }

    #[test]
    fn should_leave_score_and_level_empty_when_a_loan_is_unscored() {
        let record = record(&loan(None, Standing::Unscored));
        assert_eq!(record[3..], ["", "", "", "false", "unscored"]);
    }
}
