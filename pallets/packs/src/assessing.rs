//! The assessment of a pack: a merge of its pages with the registry's buckets.

use crate::{
    bitmap,
    jobs::Turn,
    pallet::{Assessments, Config, Event, Packs, Pages, Pallet, Scores, Unscored},
    weights,
};
use alloc::vec::Vec;
use assay_primitives::{
    pack::{flag, Assessment, PackStatus, Page, PageScores},
    scoring::Contract,
    traits::{CreditProfiles, ProfileReader, ScoringContracts},
    AccountId, ContractId, Minor, PackId, PolicyId,
};
use assay_risk::rates::{Bin, Histogram};
use frame_support::traits::UnixTime;

/// Outputs of a network, -127..=127, counted from 0.
const LOGITS: usize = 255;
/// Position of output 0.
const LOGIT_ZERO: i16 = 127;

/// What an assessment is made under.
pub(crate) struct Terms<'a> {
    pub requested_by: AccountId,
    pub contract_id: ContractId,
    pub contract: &'a Contract,
    pub policy: PolicyId,
    pub policy_version: u32,
}

/// A new assessment, at its first page.
pub(crate) fn new_assessment<T: Config>(number: u32, terms: Terms<'_>) -> Assessment {
    let contract = terms.contract;
    Assessment {
        number,
        requested_by: terms.requested_by,
        contract: terms.contract_id,
        contract_version: contract.version,
        policy: terms.policy,
        policy_version: terms.policy_version,
        schema: contract.schema,
        score_min: contract.score_min,
        score_max: contract.score_max,
        orientation: contract.orientation,
        as_of_secs: T::Clock::now().as_secs(),
        started_at: Pallet::<T>::block_number(),
        finished_at: None,
        next_page: 0,
        scored: 0,
        unscored: 0,
        unscored_minor: 0,
        propagated: 0,
        histogram: Histogram::default(),
    }
}

/// An assessment that has been taken up.
pub(crate) struct Assessing<T: Config> {
    id: PackId,
    pages: u32,
    state: Assessment,
    contract: Contract,
    reader: <T::Profiles as CreditProfiles>::Reader,
    /// What this block adds to the histogram, by output: an index, not a search, for each loan.
    bins: Vec<Bin>,
}

impl<T: Config> Assessing<T> {
    pub(crate) fn take_up(id: PackId) -> Option<Self> {
        let pack = Packs::<T>::get(id)?;
        let state = Pallet::<T>::latest(id, &pack)?;
        let contract = T::Contracts::started(&state.contract).ok()?;
        let (policy, _) = T::Profiles::policy(&state.policy)?;
        let reader = T::Profiles::reader(policy, state.schema, state.as_of_secs)?;
        let bins = (0..LOGITS).map(|_| Bin::default()).collect();
        Some(Assessing { id, pages: pack.pages, state, contract, reader, bins })
    }

    pub(crate) fn work_a_page(&mut self) -> Turn {
        let number = self.state.next_page;
        let page = Pages::<T>::get(self.id, number).unwrap_or_default();
        let reads_before = self.reader.reads();
        let scores = self.score(&page);
        let unscored = self.keep_unscored(number, &scores);
        Scores::<T>::insert((self.id, self.state.number), number, scores);
        if let Some(outdated) = self.state.number.checked_sub(2) {
            Scores::<T>::remove((self.id, outdated), number);
        }
        self.state.next_page = number.saturating_add(1);
        let reads = self.reader.reads().saturating_sub(reads_before);
        let used = weights::assess_page(page.subjects.len(), reads, self.contract.products);
        Turn {
            used: if unscored { used.saturating_add(weights::keep_unscored()) } else { used },
            finished: self.state.next_page >= self.pages,
        }
    }

    /// Scores are dropped after the next assessment but one; for whom it was no inquiry stays known.
    fn keep_unscored(&self, number: u32, scores: &PageScores) -> bool {
        let unscored = |flags: &u8| flags & flag::SCORED == 0;
        let any = scores.flags.iter().any(unscored);
        if any {
            let marks = bitmap::collect(scores.flags.iter().map(unscored));
            Unscored::<T>::insert((self.id, self.state.number), number, marks);
        }
        any
    }

    fn score(&mut self, page: &Page) -> PageScores {
        let loans = page.subjects.len();
        let mut scores =
            PageScores { logits: Vec::with_capacity(loans), flags: Vec::with_capacity(loans) };
        for (index, (subject, principal)) in page.subjects.iter().zip(&page.principals).enumerate()
        {
            let on_tape = bitmap::get(&page.defaulted, index);
            let (logit, flags) = match self.reader.profile(subject) {
                Some(profile) => {
                    let bad = on_tape || profile.has_default;
                    let propagated = if profile.propagated { flag::PROPAGATED } else { 0 };
                    let logit = self.contract.network.logit(&profile.values, profile.present);
                    self.state.scored = self.state.scored.saturating_add(1);
                    (logit, flag::SCORED | propagated | if bad { flag::BAD } else { 0 })
                }
                None => (0, if on_tape { flag::BAD } else { 0 }),
            };
            self.count(logit, flags, principal.0);
            scores.logits.push(logit);
            scores.flags.push(flags);
        }
        scores
    }

    fn count(&mut self, logit: i8, flags: u8, principal_minor: Minor) {
        if flags & flag::SCORED == 0 {
            self.state.unscored = self.state.unscored.saturating_add(1);
            self.state.unscored_minor = self.state.unscored_minor.saturating_add(principal_minor);
            return;
        }
        if flags & flag::PROPAGATED != 0 {
            self.state.propagated = self.state.propagated.saturating_add(1);
        }
        let position = i16::from(logit).saturating_add(LOGIT_ZERO);
        if let Some(bin) = usize::try_from(position).ok().and_then(|at| self.bins.get_mut(at)) {
            bin.add(flags & flag::BAD != 0, principal_minor);
        }
    }

    pub(crate) fn lay_down(mut self) {
        for (logit, bin) in (-127i8..=127).zip(&self.bins) {
            if bin.count > 0 {
                self.state.histogram.add_bin(self.contract.network.score(logit), bin);
            }
        }
        if self.state.next_page >= self.pages {
            self.finish();
        }
        Assessments::<T>::insert(self.id, self.state.number, self.state);
    }

    fn finish(&mut self) {
        self.state.finished_at = Some(Pallet::<T>::block_number());
        Pallet::<T>::set_status(self.id, PackStatus::Assessed);
        Pallet::<T>::deposit_event(Event::AssessmentFinished {
            pack: self.id,
            assessment: self.state.number,
            contract: self.state.contract,
            contract_version: self.state.contract_version,
            schema: self.state.schema,
            policy: self.state.policy,
            policy_version: self.state.policy_version,
            scored: self.state.scored,
            unscored: self.state.unscored,
            propagated: self.state.propagated,
        });
    }
}
