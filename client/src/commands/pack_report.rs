//! `assay report`: a pack's screening as one page for people, filled from the chain.

use super::{
    context::Context,
    pack,
    pack_request::{basis_word, mode_words, view_fault},
    progress::Progress,
    show::{address, currency_name, date, text},
};
use crate::{
    chain::{api, BlockRef, Chain, Wait},
    model_file::ModelFile,
    output::Output,
    report::{render, Cut, Figures, Level, ModelQuality, ReportData},
};
use anyhow::{anyhow, bail, Context as _};
use assay_primitives::{
    pack::{Assessment, PackView, Standing},
    PackId,
};
use assay_risk::{
    artifact::Orientation,
    rates::{Basis, LevelRow, LevelTable},
    ratio::ratio_up_ppb,
    screening::{Outcome, Request},
};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ReportArgs {
    pack: PackId,
    /// The model's file, for what training said of its quality
    #[arg(long, value_name = "MODEL.json")]
    model: Option<PathBuf>,
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
}

/// What a report is about, read at one block.
struct Screened<'a> {
    id: PackId,
    view: &'a PackView,
    assessment: &'a Assessment,
    request: &'a Request,
    outcome: &'a Outcome,
}

/// Runs the command.
pub async fn run(context: &Context, args: &ReportArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let block = match context.wait {
        Wait::Finalized => chain.finalized().await?,
        Wait::InBlock => chain.best().await?,
    };
    let view = pack::view(&chain, args.pack, Some(block.hash)).await?;
    let screened = screened(args.pack, &view)?;
    let data = read(&chain, &screened, block).await?;
    write(data, args, &context.output)
}

/// Writes the page, with the quality that a model's file tells.
fn write(mut data: ReportData, args: &ReportArgs, output: &Output) -> anyhow::Result<()> {
    if let Some(path) = &args.model {
        data.model = ModelFile::read(path)?.quality.as_ref().map(ModelQuality::from);
    }
    let out = &args.out;
    std::fs::write(out, render(&data)?)
        .with_context(|| format!("{}: can't be written", out.display()))?;
    let object = serde_json::json!({ "pack": data.pack, "report": out });
    output.result(&object, format!("report of pack {}: {}", data.pack, out.display()))
}

fn screened(id: PackId, view: &PackView) -> anyhow::Result<Screened<'_>> {
    let found = view.assessment.as_ref().zip(view.screening.as_ref());
    let found = found.and_then(|(assessment, screening)| {
        Some((assessment, &screening.request, screening.outcome.as_ref()?))
    });
    match found {
        Some((assessment, request, outcome)) => {
            Ok(Screened { id, view, assessment, request, outcome })
        }
        None => {
            bail!("pack {id} has no finished screening to report; `assay pack screen` does one")
        }
    }
}

async fn read(
    chain: &Chain,
    screened: &Screened<'_>,
    block: BlockRef,
) -> anyhow::Result<ReportData> {
    let at = Some(block.hash);
    let Screened { id, view, assessment, request, outcome } = screened;
    let contract = api::contract(chain, assessment.contract, at)
        .await?
        .with_context(|| format!("contract {:?} is not on chain", assessment.contract))?;
    let curve =
        api::curve(chain, *id, request, at).await?.map_err(|fault| anyhow!(view_fault(fault)))?;
    let (tape, unscored) = tape_figures(chain, screened, at).await?;
    let basis = request.options.basis;
    let (before, after) = (sum(&outcome.before), sum(&outcome.after));
    Ok(ReportData {
        pack: *id,
        pack_name: text(&view.pack.terms.name),
        originator: originator(chain, view, at).await?,
        currency: currency_name(view.pack.terms.currency),
        cut_off_date: date(view.pack.terms.cut_off_secs),
        contract_name: text(&contract.name),
        contract_version: contract.version,
        contract_id: format!("{:?}", assessment.contract),
        policy_id: format!("{:?}", assessment.policy),
        assessment: assessment.number,
        block_number: block.number,
        block_hash: format!("{:?}", block.hash),
        score_min: assessment.score_min,
        score_max: assessment.score_max,
        higher_is_riskier: assessment.orientation == Orientation::HigherIsRiskier,
        basis: format!("by {}", basis_word(basis)),
        mode: mode_words(&request.mode),
        target_ppb: request.target_ppb,
        tape,
        unscored,
        before,
        after,
        removed: difference(&outcome.before, &outcome.after, basis),
        removed_share_ppb: match basis {
            Basis::Count => outcome.removed_share_ppb,
            Basis::Balance => outcome.removed_balance_share_ppb,
        },
        cut: cut(outcome),
        levels: levels(outcome),
        curve_ppb: curve.into_iter().map(Some).collect(),
        model: None,
        verify: verify(*id),
    })
}

async fn originator(chain: &Chain, view: &PackView, at: api::At) -> anyhow::Result<String> {
    let account = &view.pack.originator;
    let organisation = api::organisation(chain, account, at).await?;
    Ok(organisation.map_or_else(|| address(account), |found| found.display_name()))
}

/// All loans of the tape, and those without a score.
async fn tape_figures(
    chain: &Chain,
    screened: &Screened<'_>,
    at: api::At,
) -> anyhow::Result<(Figures, Figures)> {
    let mut progress = Progress::new("reading", "loans", screened.view.pack.loans.into());
    let (mut tape, mut unscored) = (Tally::default(), Tally::default());
    for number in 0..screened.view.pack.pages {
        let loans = api::loans(chain, screened.id, number, at)
            .await?
            .with_context(|| format!("the node does not show page {number}"))?;
        for loan in &loans {
            tape.add(loan.principal_minor, loan.bad);
            if loan.standing == Standing::Unscored {
                unscored.add(loan.principal_minor, loan.bad);
            }
        }
        progress.add(loans.len() as u64);
    }
    progress.finish();
    let basis = screened.request.options.basis;
    Ok((tape.figures(basis), unscored.figures(basis)))
}

/// Loans being counted.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    count: u64,
    balance_minor: u128,
    bad_count: u64,
    bad_minor: u128,
}

impl Tally {
    fn add(&mut self, principal_minor: u128, bad: bool) {
        self.count += 1;
        self.balance_minor = self.balance_minor.saturating_add(principal_minor);
        if bad {
            self.bad_count += 1;
            self.bad_minor = self.bad_minor.saturating_add(principal_minor);
        }
    }

    fn of(table: &LevelTable) -> Tally {
        table.rows.iter().fold(Tally::default(), |sum, row| Tally {
            count: sum.count + row.count,
            balance_minor: sum.balance_minor.saturating_add(row.balance),
            bad_count: sum.bad_count + row.bad_count,
            bad_minor: sum.bad_minor.saturating_add(row.bad_balance),
        })
    }

    /// The observed rate on the basis; of no loans 0.
    fn figures(self, basis: Basis) -> Figures {
        let rate = match basis {
            Basis::Count => ratio_up_ppb(self.bad_count.into(), self.count.into()),
            Basis::Balance => ratio_up_ppb(self.bad_minor, self.balance_minor),
        };
        Figures {
            count: self.count,
            balance_minor: self.balance_minor,
            bad_count: self.bad_count,
            bad_rate_ppb: rate.unwrap_or_default(),
        }
    }
}

/// A table's loans together, with the pack's own rate.
fn sum(table: &LevelTable) -> Figures {
    let figures = Tally::of(table).figures(Basis::Count);
    Figures { bad_rate_ppb: table.bad_rate_ppb, ..figures }
}

fn difference(before: &LevelTable, after: &LevelTable, basis: Basis) -> Figures {
    let (all, kept) = (Tally::of(before), Tally::of(after));
    let removed = Tally {
        count: all.count.saturating_sub(kept.count),
        balance_minor: all.balance_minor.saturating_sub(kept.balance_minor),
        bad_count: all.bad_count.saturating_sub(kept.bad_count),
        bad_minor: all.bad_minor.saturating_sub(kept.bad_minor),
    };
    removed.figures(basis)
}

/// The cut of a whole pack; a screening by level has one in each.
fn cut(outcome: &Outcome) -> Option<Cut> {
    match outcome.cuts.as_slice() {
        [only] if outcome.portion_ppb.is_none() => {
            Some(Cut { score: only.score, removed_at_score: only.removed_count })
        }
        _ => None,
    }
}

fn levels(outcome: &Outcome) -> Vec<Level> {
    let figures = |row: &LevelRow| Figures {
        count: row.count,
        balance_minor: row.balance,
        bad_count: row.bad_count,
        bad_rate_ppb: row.bad_rate_ppb.unwrap_or_default(),
    };
    let after = |level: u8| outcome.after.rows.iter().find(|row| row.level == level);
    outcome
        .before
        .rows
        .iter()
        .map(|row| Level {
            level: row.level,
            score_from: row.score_from,
            score_to: row.score_to,
            before: figures(row),
            after: after(row.level).map(figures).unwrap_or_default(),
        })
        .collect()
}

fn verify(id: PackId) -> Vec<String> {
    vec![
        format!("assay pack show {id}"),
        format!("assay pack table {id}"),
        format!("assay pack table {id} --kept"),
        format!("assay pack export {id} --out loans.csv"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(counts: [(u64, u64); 2], rate: u64) -> LevelTable {
        let rows = (1_u8..).zip(counts).map(|(level, (count, bad_count))| LevelRow {
            level,
            score_from: 1,
            score_to: 2,
            count,
            balance: u128::from(count) * 10,
            bad_count,
            bad_balance: u128::from(bad_count) * 10,
            bad_rate_ppb: None,
        });
        LevelTable { rows: rows.collect(), bad_rate_ppb: rate }
    }

    #[test]
    fn should_take_the_packs_own_rate_when_levels_are_summed() {
        let figures = sum(&table([(90, 1), (10, 5)], 77));
        assert_eq!((figures.count, figures.bad_count, figures.bad_rate_ppb), (100, 6, 77));
        assert_eq!(figures.balance_minor, 1_000);
    }

    #[test]
    fn should_rate_what_was_removed_when_tables_differ() {
        let (before, after) = (table([(90, 1), (10, 5)], 0), table([(90, 1), (6, 2)], 0));
        let removed = difference(&before, &after, Basis::Count);
        assert_eq!((removed.count, removed.bad_count), (4, 3));
        assert_eq!(removed.bad_rate_ppb, 750_000_000);
    }

    #[test]
    fn should_rate_no_loans_at_zero() {
        assert_eq!(Tally::default().figures(Basis::Balance).bad_rate_ppb, 0);
    }
}
