//! `assay pack submit`: a tape in pages, resumable without a journal: the chain knows how far it came.

use super::{
    context::{now_secs, Context},
    member::parse_name,
    pack,
    progress::Progress,
    show::{grouped, money, money_json},
};
use crate::{
    chain::{self, api, call::packs, Call, Chain, Key, Pipeline, Wait},
    subject::{ConsortiumKey, ConsortiumKeyArgs, DEVELOPMENT_KEY_WARNING},
    table::{LoanColumns, Map, Purpose, ReadOptions, Table},
};
use anyhow::{anyhow, bail, Context as _};
use assay_primitives::{
    pack::{Column, PackStatus, PackTerms, PackView, Page, MAX_PAGES, MAX_PAGE_LOANS},
    Minor, PackId, Subject, H256,
};
use clap::Args;
use codec::Compact;
use serde_json::json;
use std::{cell::RefCell, path::PathBuf};

const SECS_PER_DAY: u64 = 86_400;
const PAGE_LOANS: usize = MAX_PAGE_LOANS as usize;

#[derive(Debug, Args)]
pub struct SubmitArgs {
    #[arg(value_name = "TAPE.csv")]
    tape: PathBuf,
    #[arg(long, value_name = "MAP.toml")]
    map: PathBuf,
    /// The pack's name; by default the tape's file name
    #[arg(long)]
    name: Option<String>,
    /// Go on without rows that are bad, and name them
    #[arg(long)]
    skip_bad_rows: bool,
    #[command(flatten)]
    consortium: ConsortiumKeyArgs,
}

/// One transaction of a submission.
enum Step {
    Page { loans: u64 },
    Seal,
}

/// A tape in the chain's order.
struct Tape<'a> {
    table: &'a Table,
    loans: &'a LoanColumns,
    /// The table's rows in ascending order of subject.
    order: Vec<usize>,
}

/// Runs the command.
pub async fn run(context: &Context, args: &SubmitArgs) -> anyhow::Result<()> {
    let map = Map::read(&args.map)?;
    let table = read(context, args, &map)?;
    let tape = Tape::new(&table)?;
    let key = context.key()?;
    let chain = context.chain().await?;
    context.organisation(&chain, &key).await?;
    Pipeline::new(&chain, &key, context.wait).settle().await?;

    let hash = H256(tape.loans.file_digest);
    let (id, next_page) = match find(&chain, &key, hash).await? {
        Some((id, view)) if view.pack.status == PackStatus::Open => {
            tape.check_begun(id, &view)?;
            context.output.note(format!("going on with pack {id} at page {}", view.pack.pages));
            (id, view.pack.pages)
        }
        Some((id, view)) => {
            let said = format!(
                "this tape is pack {id} already, which is {}",
                pack::status_word(view.pack.status)
            );
            let mut object = pack::to_json(id, &view);
            object["already_submitted"] = json!(true);
            return context.output.result(&object, said);
        }
        None => (open(&chain, &key, args, &map, &tape, hash).await?, 0),
    };
    let (block, seconds) = send(context, &chain, &key, id, &tape, next_page).await?;
    let total_minor = tape.total_minor();
    let object = json!({
        "pack": id,
        "status": "sealed",
        "loans": table.len(),
        "pages": tape.pages(),
        "principal_minor": money_json(total_minor),
        "tape_hash": format!("{hash:?}"),
        "skipped_rows": table.skipped.len(),
        "block": block,
        "seconds": seconds,
        "already_submitted": false,
    });
    let said = format!(
        "pack {id}: {} loans of {} on {} pages, sealed in block {block} after {seconds:.1} s",
        grouped(table.len() as u64),
        money(total_minor, tape.loans.currency),
        tape.pages()
    );
    context.output.result(&object, said)
}

fn read(context: &Context, args: &SubmitArgs, map: &Map) -> anyhow::Result<Table> {
    let key = ConsortiumKey::from_args(&args.consortium)?;
    if key.is_development() {
        context.output.note(DEVELOPMENT_KEY_WARNING);
    }
    let options = ReadOptions { key, skip_bad_rows: args.skip_bad_rows };
    let table = Table::read(&args.tape, map, Purpose::Tape, &options)?;
    for note in &table.notes {
        context.output.note(note);
    }
    for fault in &table.skipped {
        context.output.note(format!("left out: {fault}"));
    }
    Ok(table)
}

/// The newest pack that the key opened with this tape.
async fn find(chain: &Chain, key: &Key, tape: H256) -> anyhow::Result<Option<(PackId, PackView)>> {
    for id in api::packs(chain, None).await?.into_iter().rev() {
        let Some(view) = api::pack(chain, id, None).await? else { continue };
        if view.pack.originator == key.account() && view.pack.terms.tape_hash == tape {
            return Ok(Some((id, view)));
        }
    }
    Ok(None)
}

async fn open(
    chain: &Chain,
    key: &Key,
    args: &SubmitArgs,
    map: &Map,
    tape: &Tape<'_>,
    hash: H256,
) -> anyhow::Result<PackId> {
    let stem = args.tape.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let cut_off_days = map.loan.as_ref().and_then(|loan| loan.cut_off_days);
    let cut_off_secs = match cut_off_days {
        Some(days) => u64::from(days) * SECS_PER_DAY,
        None => now_secs(chain, None).await? / SECS_PER_DAY * SECS_PER_DAY,
    };
    let terms = PackTerms {
        name: parse_name(args.name.as_deref().unwrap_or(&stem))?,
        currency: tape.loans.currency,
        cut_off_secs,
        tape_hash: hash,
    };
    let receipt = chain.submit(key, packs::open(&terms), Wait::InBlock).await?;
    receipt
        .event("Packs", "Opened")
        .and_then(|event| event.number("pack"))
        .and_then(|number| PackId::try_from(number).ok())
        .with_context(|| {
            format!("opened in block {}, but its number is not told", receipt.block_number)
        })
}

/// Sends the rest of the pages and the seal; gives the seal's block and how long it took.
async fn send(
    context: &Context,
    chain: &Chain,
    key: &Key,
    id: PackId,
    tape: &Tape<'_>,
    next_page: u32,
) -> anyhow::Result<(u32, f64)> {
    let total = tape.order.len() as u64;
    let progress = RefCell::new(Progress::new("submitting", "loans", total));
    progress.borrow_mut().set(u64::from(next_page) * u64::from(MAX_PAGE_LOANS));
    let pages = (next_page..tape.pages()).map(|number| Ok(tape.page_call(id, number)));
    let seal = tape.seal_call(id);
    let calls = futures::stream::iter(pages.chain(std::iter::once_with(|| seal)));
    let mut sealed_in = 0;
    let failures = Pipeline::new(chain, key, context.wait)
        .stop_at_failure()
        .run(calls, |step| match step {
            chain::Progress::Done(Step::Page { loans }, _) => progress.borrow_mut().add(*loans),
            chain::Progress::Done(Step::Seal, receipt) => sealed_in = receipt.block_number,
            chain::Progress::InBlock(_) | chain::Progress::Failed(..) => {}
        })
        .await?;
    let seconds = progress.borrow().seconds();
    progress.into_inner().finish();
    match failures.into_iter().next() {
        None => Ok((sealed_in, seconds)),
        Some(failure) => Err(anyhow!(failure.refused)
            .context(format!("pack {id} is not complete; run the same command again to go on"))),
    }
}

impl<'a> Tape<'a> {
    fn new(table: &'a Table) -> anyhow::Result<Self> {
        let loans = table.loans.as_ref().context("the table holds no loans")?;
        let mut order: Vec<usize> = (0..table.len()).collect();
        order.sort_by_key(|row| (table.subjects[*row], *row));
        let tape = Tape { table, loans, order };
        if tape.order.len().div_ceil(PAGE_LOANS) > MAX_PAGES as usize {
            bail!("a pack has at most {} loans", u64::from(MAX_PAGES) * u64::from(MAX_PAGE_LOANS));
        }
        Ok(tape)
    }

    fn pages(&self) -> u32 {
        self.order.len().div_ceil(PAGE_LOANS) as u32
    }

    fn total_minor(&self) -> Minor {
        self.loans.principals_minor.iter().fold(0, |total, part| total.saturating_add(*part))
    }

    fn rows(&self, page: u32) -> &[usize] {
        let start = (page as usize * PAGE_LOANS).min(self.order.len());
        &self.order[start..(start + PAGE_LOANS).min(self.order.len())]
    }

    fn page(&self, number: u32) -> Page {
        let rows = self.rows(number);
        let mut defaulted = vec![0_u8; rows.len().div_ceil(8)];
        for (position, row) in rows.iter().enumerate() {
            defaulted[position / 8] |= u8::from(self.loans.defaulted[*row]) << (position % 8);
        }
        Page {
            subjects: column(rows, |row| Subject(self.table.subjects[row])),
            principals: column(rows, |row| Compact(self.loans.principals_minor[row])),
            rates_ppb: column(rows, |row| self.loans.rates_ppb[row]),
            originated_days: column(rows, |row| self.loans.originated_days[row]),
            matures_days: column(rows, |row| self.loans.matures_days[row]),
            defaulted,
        }
    }

    fn page_call(&self, id: PackId, number: u32) -> (Step, Call) {
        let loans = self.rows(number).len() as u64;
        (Step::Page { loans }, packs::add_page(id, number, &self.page(number)))
    }

    fn seal_call(&self, id: PackId) -> anyhow::Result<(Step, Call)> {
        let loans = u32::try_from(self.order.len()).context("the tape has too many loans")?;
        Ok((Step::Seal, packs::seal(id, loans, self.total_minor())))
    }

    /// That what the chain has of the pack is the beginning of this very tape.
    fn check_begun(&self, id: PackId, view: &PackView) -> anyhow::Result<()> {
        let sent = (view.pack.pages as usize * PAGE_LOANS).min(self.order.len());
        let last = self.order[..sent].last().map(|row| Subject(self.table.subjects[*row]));
        if sent == view.pack.loans as usize && last.unwrap_or_default() == view.pack.last_subject {
            return Ok(());
        }
        bail!(
            "pack {id} was begun with the same tape, but in another order of loans: was it with \
             another consortium key, MAP or --skip-bad-rows?"
        )
    }
}

fn column<V>(rows: &[usize], value: impl Fn(usize) -> V) -> Column<V> {
    rows.iter().map(|row| value(*row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tape of so many loans whose subjects descend; every third is defaulted.
    fn table(loans: u16) -> Table {
        let subject = |row: u16| {
            let mut bytes = [0; 16];
            bytes[..2].copy_from_slice(&(u16::MAX - row).to_be_bytes());
            bytes
        };
        let count = usize::from(loans);
        Table {
            lines: (0..u32::from(loans)).collect(),
            subjects: (0..loans).map(subject).collect(),
            loans: Some(LoanColumns {
                principals_minor: (1..=u128::from(loans)).collect(),
                rates_ppb: vec![5; count],
                originated_days: vec![1; count],
                matures_days: vec![2; count],
                defaulted: (0..loans).map(|row| row % 3 == 0).collect(),
                currency: *b"EUR",
                file_digest: [7; 32],
            }),
            ..Table::default()
        }
    }

    #[test]
    fn should_fill_every_page_but_the_last_when_a_tape_is_cut() {
        let table = table(1_030);
        let tape = Tape::new(&table).unwrap();
        let lengths: Vec<usize> =
            (0..tape.pages()).map(|page| tape.page(page).subjects.len()).collect();
        assert_eq!(lengths, vec![512, 512, 6]);
    }

    #[test]
    fn should_order_loans_by_subject_with_their_columns_when_a_page_is_made() {
        let table = table(3);
        let page = Tape::new(&table).unwrap().page(0);
        assert!(page.subjects.is_sorted());
        let principals: Vec<Minor> = page.principals.iter().map(|part| part.0).collect();
        assert_eq!(principals, vec![3, 2, 1]);
        assert_eq!(page.defaulted, vec![0b100]);
    }

    #[test]
    fn should_sum_the_principals_when_a_tape_is_sealed() {
        let table = table(100);
        assert_eq!(Tape::new(&table).unwrap().total_minor(), 5_050);
    }

    #[test]
    fn should_refuse_to_go_on_when_the_chain_has_other_loans() {
        let table = table(600);
        let tape = Tape::new(&table).unwrap();
        let mut view = PackView {
            pack: assay_primitives::pack::Pack {
                originator: assay_primitives::AccountId::new([0; 32]),
                terms: PackTerms {
                    name: Default::default(),
                    currency: *b"EUR",
                    cut_off_secs: 0,
                    tape_hash: H256::zero(),
                },
                status: PackStatus::Open,
                loans: 512,
                pages: 1,
                principal_minor: 0,
                last_subject: Subject(table.subjects[tape.order[511]]),
                assessments: 0,
            },
            assessment: None,
            screening: None,
        };
        assert!(tape.check_begun(1, &view).is_ok());
        view.pack.last_subject = Subject([1; 16]);
        assert!(tape.check_begun(1, &view).is_err());
    }
}
