//! From reports to an issued security.

use super::support::{all_loans, check_scores, machine, Stage};
use anyhow::{ensure, Context, Result};
use assay_client::chain::{
    call::{packs, securities},
    Chain, Event, Key,
};
use assay_e2e::{
    drive,
    net::Cluster,
    sample::{name, subjects, terms, Sample, Tape},
};
use assay_primitives::{
    pack::{LoanRow, PackStatus, Standing},
    security::{Tranche, Tranches},
};
use assay_risk::{
    grading::Scale,
    rates::{Basis, Method, RateOptions, Weights},
    screening::{Mode, Outcome, Request},
};
use rand::SeedableRng;
use serde_json::Value as Json;
use std::{collections::BTreeSet, time::Duration};

const TARGET_PPB: u64 = 40_000_000;

fn request() -> Request {
    Request {
        scale: Scale::EqualWidth(10),
        options: RateOptions {
            basis: Basis::Count,
            method: Method::Observed,
            weights: Weights::Share,
        },
        target_ppb: TARGET_PPB,
        mode: Mode::WholePack,
    }
}

fn rate_ppb(bad: u64, total: u64) -> u64 {
    (bad * 1_000_000_000).div_ceil(total)
}

/// What rules.md, section 6, removes: worked out loan by loan, with a sort.
fn removed_by_hand(rows: &[LoanRow]) -> BTreeSet<u32> {
    let mut scored: Vec<(u16, bool, u32)> = rows
        .iter()
        .filter_map(|row| row.result.map(|(_, score)| (score, row.bad, row.index)))
        .collect();
    scored.sort_by_key(|(score, bad, index)| (u16::MAX - score, !bad, *index));
    let mut bad = scored.iter().filter(|(_, bad, _)| *bad).count() as u64;
    let mut total = scored.len() as u64;
    let mut removed = BTreeSet::new();
    for (_, is_bad, index) in scored {
        if rate_ppb(bad, total) <= TARGET_PPB {
            break;
        }
        bad -= u64::from(is_bad);
        total -= 1;
        removed.insert(index);
    }
    removed
}

/// The first such event in the finalised blocks, waited for.
async fn finalised_event(chain: &Chain, pallet: &str, name: &str) -> Result<Event> {
    let mut next = 1;
    for _ in 0..150 {
        let last = chain.finalized().await?.number;
        while next <= last {
            let events = chain.events(chain.block_hash(next).await?).await?;
            if let Some(event) = events.into_iter().find(|event| event.is(pallet, name)) {
                return Ok(event);
            }
            next += 1;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    anyhow::bail!("no final block up to {next} has {pallet}::{name}")
}

/// Who does what on the way, and through which node.
pub struct Hands<'a> {
    pub originator: (&'a Chain, &'a Key),
    pub controller: (&'a Chain, &'a Key),
    pub spv: (&'a Chain, &'a Key),
    pub exchange: (&'a Chain, &'a Key),
    /// Whose nodes must know what one did before the next goes on.
    pub cluster: Option<&'a Cluster>,
}

impl Hands<'_> {
    async fn pass_on(&self) -> Result<()> {
        match self.cluster {
            Some(cluster) => cluster.wait_seen(&[0, 1, 2, 3]).await,
            None => Ok(()),
        }
    }

    async fn screen(&self) -> Result<Outcome> {
        let (chain, key) = self.controller;
        drive::send_all(chain, key, vec![packs::screen(0, &request())]).await?;
        let screened =
            drive::wait_until(chain, 0, |view| view.pack.status == PackStatus::Screened).await?;
        let outcome = screened.screening.and_then(|report| report.outcome).context("no outcome")?;
        ensure!(outcome.before.bad_rate_ppb > TARGET_PPB, "there was nothing to screen");
        ensure!(outcome.after.bad_rate_ppb <= TARGET_PPB, "{}", outcome.after.bad_rate_ppb);
        Ok(outcome)
    }

    async fn issue(&self, kept_minor: u128) -> Result<()> {
        let tranche = |text: &str, percent: u128, coupon_ppb| Tranche {
            name: name(text),
            principal_minor: kept_minor * percent / 100,
            coupon_ppb,
        };
        let tranches = vec![tranche("Senior", 80, 40_000_000), tranche("Junior", 20, 90_000_000)];
        let tranches = Tranches::try_from(tranches).map_err(|_| anyhow::anyhow!("too many"))?;
        let (chain, key) = self.spv;
        drive::send_all(chain, key, vec![securities::accept(0)]).await?;
        self.pass_on().await?;
        let issue = securities::issue(0, &name("Whole Path 1"), &tranches);
        let (chain, key) = self.exchange;
        drive::send_all(chain, key, vec![issue]).await
    }
}

/// Takes a chain's first pack from the tape to the security, once contract and reports are there, and
/// compares all that the chain says with what is computed here.
pub async fn take_pack(hands: &Hands<'_>, sample: &mut Sample) -> Result<()> {
    let mut obligors = sample.subjects();
    let known = u32::try_from(obligors.len())?;
    obligors.extend(subjects(9, &mut rand_chacha::ChaCha8Rng::seed_from_u64(99)));
    let tape = Tape::draw(&obligors, obligors.len(), 5);
    let (chain, key) = hands.originator;
    drive::submit(chain, key, 0, &terms("whole path", 1_700_000_000), &tape).await?;
    hands.pass_on().await?;

    let (chain, key) = hands.controller;
    let assessed = drive::assess(chain, key, 0, sample).await?;
    let assessment = assessed.assessment.context("the pack has no assessment")?;
    ensure!((assessment.scored, assessment.unscored) == (known, 9));
    hands.pass_on().await?;
    let (reader, _) = hands.exchange;
    let rows = all_loans(reader, 0).await?;
    check_scores(&rows, &tape, sample)?;

    let outcome = hands.screen().await?;
    hands.pass_on().await?;
    let after = all_loans(reader, 0).await?;
    let removed: BTreeSet<u32> = after
        .iter()
        .filter(|row| row.standing == Standing::Screened)
        .map(|row| row.index)
        .collect();
    ensure!(removed == removed_by_hand(&rows), "other loans were removed than by hand");
    let kept: Vec<&LoanRow> = after.iter().filter(|row| row.standing == Standing::Kept).collect();
    let kept_minor: u128 = kept.iter().map(|row| row.principal_minor).sum();
    hands.issue(kept_minor).await?;

    let issued = finalised_event(reader, "Securities", "Issued").await?;
    let details = &issued.fields["details"];
    let spv = hands.spv.1.address();
    ensure!(details["name"] == "Whole Path 1" && details["spv"] == spv, "{details}");
    let bad = kept.iter().filter(|row| row.bad).count() as u64;
    let expected = [
        ("tape_loans", u64::from(tape.loans)),
        ("tape_minor", u64::try_from(tape.principal_minor)?),
        ("unscored", 9),
        ("removed", removed.len() as u64),
        ("kept_loans", kept.len() as u64),
        ("kept_minor", u64::try_from(kept_minor)?),
        ("target_ppb", TARGET_PPB),
        ("bad_rate_before_ppb", outcome.before.bad_rate_ppb),
        ("bad_rate_after_ppb", rate_ppb(bad, kept.len() as u64)),
    ];
    check_figures(&details["figures"], &expected, sample)
}

fn check_figures(figures: &Json, expected: &[(&str, u64)], sample: &Sample) -> Result<()> {
    for (field, value) in expected {
        ensure!(figures[field].as_u64() == Some(*value), "{field} is not {value}: {figures}");
    }
    ensure!(figures["contract"] == format!("{:?}", sample.contract), "contract: {figures}");
    ensure!(figures["policy"] == format!("{:?}", sample.policy_id), "policy: {figures}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn should_issue_what_meets_the_target_when_a_pack_goes_the_whole_way() -> Result<()> {
    let _machine = machine().await;
    let Stage { node: _node, chain, key, mut sample } = Stage::set(3_000).await?;
    let one = (&chain, &key);
    let hands = Hands { originator: one, controller: one, spv: one, exchange: one, cluster: None };
    take_pack(&hands, &mut sample).await
}
