//! The screening of a pack: passes over its pages that settle the cut and mark what leaves.

use crate::{
    bitmap,
    jobs::Turn,
    pallet::{
        Config, Error, Event, Packs, Pages, Pallet, Removals, RunningScreenings, Scores, Screenings,
    },
    weights,
};
use alloc::vec::Vec;
use assay_primitives::{
    pack::{flag, Assessment, Pack, PackFigures, PackStatus},
    scoring::Contract,
    traits::ScoringContracts,
    BlockNumber, PackId,
};
use assay_risk::rates::RateFault;
use assay_risk::screening::{Asset, Outcome, Phase, Request, Screening, ScreeningFault};
use codec::{Decode, Encode};
use frame_support::weights::Weight;
use scale_info::TypeInfo;

/// A screening as it lies in the state.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ScreeningJob {
    pub request: Request,
    /// Where the passes stand; nothing once they are done.
    pub state: Option<Screening>,
    /// The next page of the pass under way.
    pub next_page: u32,
    pub outcome: Option<Outcome>,
    pub finished_at: Option<BlockNumber>,
}

impl ScreeningJob {
    pub(crate) fn new(request: Request, state: Screening) -> Self {
        ScreeningJob { request, state: Some(state), next_page: 0, outcome: None, finished_at: None }
    }
}

/// A screening that has been taken up.
pub(crate) struct ScreeningRun<T: Config> {
    id: PackId,
    pages: u32,
    job: ScreeningJob,
    state: Screening,
    assessment: u32,
    contract: Contract,
    end: Option<End>,
    marker: core::marker::PhantomData<T>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Marked,
    Unreachable,
}

impl<T: Config> ScreeningRun<T> {
    pub(crate) fn take_up(id: PackId) -> Option<Self> {
        let pack = Packs::<T>::get(id)?;
        let assessment = Pallet::<T>::latest(id, &pack)?;
        let mut job = RunningScreenings::<T>::get(id)?;
        Some(ScreeningRun {
            id,
            pages: pack.pages,
            state: job.state.take()?,
            job,
            assessment: assessment.number,
            contract: T::Contracts::started(&assessment.contract).ok()?,
            end: None,
            marker: core::marker::PhantomData,
        })
    }

    pub(crate) fn work_a_page(&mut self) -> Turn {
        let number = self.job.next_page;
        let assets = self.assets(number);
        match self.state.phase() {
            Phase::Survey => {
                assets.iter().flatten().for_each(|asset| self.state.survey(asset));
            }
            Phase::Mark | Phase::Done => {
                let marks = assets
                    .iter()
                    .map(|asset| asset.as_ref().is_some_and(|asset| self.state.mark(asset)));
                Removals::<T>::insert(self.id, number, bitmap::collect(marks));
            }
        }
        self.job.next_page = number.saturating_add(1);
        let mut used = weights::screen_page(assets.len());
        if self.job.next_page >= self.pages {
            used = used.saturating_add(self.end_pass());
        }
        Turn { used, finished: self.end.is_some() }
    }

    fn end_pass(&mut self) -> Weight {
        if self.state.phase() != Phase::Survey {
            self.end = Some(End::Marked);
            return Weight::zero();
        }
        match self.state.settle() {
            Ok(()) => self.job.next_page = 0,
            Err(_) => self.end = Some(End::Unreachable),
        }
        weights::settle()
    }

    /// The loans of a page as the screening sees them; none for a loan without a score.
    fn assets(&self, number: u32) -> Vec<Option<Asset>> {
        let page = Pages::<T>::get(self.id, number).unwrap_or_default();
        let scores = Scores::<T>::get((self.id, self.assessment), number).unwrap_or_default();
        let results = scores.logits.iter().zip(&scores.flags);
        page.principals
            .iter()
            .zip(results)
            .map(|(principal, (logit, flags))| {
                (flags & flag::SCORED != 0).then(|| Asset {
                    score: self.contract.network.score(*logit),
                    bad: flags & flag::BAD != 0,
                    balance: principal.0,
                })
            })
            .collect()
    }

    pub(crate) fn lay_down(mut self) {
        match self.end {
            Some(End::Unreachable) => {
                Pallet::<T>::give_up_screening(self.id);
                let target_ppb = self.job.request.target_ppb;
                Pallet::<T>::deposit_event(Event::TargetUnreachable { pack: self.id, target_ppb });
            }
            Some(End::Marked) => {
                self.job.outcome = Some(self.state.outcome());
                self.job.finished_at = Some(Pallet::<T>::block_number());
                RunningScreenings::<T>::remove(self.id);
                Screenings::<T>::insert(self.id, &self.job);
                Pallet::<T>::set_status(self.id, PackStatus::Screened);
                if let Ok(figures) = Pallet::<T>::screened_figures(self.id) {
                    let event = Event::ScreeningFinished { pack: self.id, figures };
                    Pallet::<T>::deposit_event(event);
                }
            }
            None => {
                self.job.state = Some(self.state);
                RunningScreenings::<T>::insert(self.id, &self.job);
            }
        }
    }
}

impl<T: Config> Pallet<T> {
    pub(crate) fn set_status(id: PackId, status: PackStatus) {
        Packs::<T>::mutate(id, |pack| {
            if let Some(pack) = pack {
                pack.status = status;
            }
        });
    }

    /// Ends a screening that can't be; an earlier one that was finished stands again.
    pub(crate) fn give_up_screening(id: PackId) {
        RunningScreenings::<T>::remove(id);
        let screened = Screenings::<T>::contains_key(id);
        let status = if screened { PackStatus::Screened } else { PackStatus::Assessed };
        Self::set_status(id, status);
    }

    pub(crate) fn block_number() -> BlockNumber {
        use sp_runtime::SaturatedConversion;
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The figures of a pack whose screening has an outcome.
    pub(crate) fn figures_of(
        pack: &Pack,
        assessment: &Assessment,
        job: &ScreeningJob,
    ) -> Option<PackFigures> {
        let outcome = job.outcome.as_ref()?;
        let removed = u32::try_from(outcome.removed_count).ok()?;
        let scored_minor = pack.principal_minor.checked_sub(assessment.unscored_minor)?;
        Some(PackFigures {
            originator: pack.originator.clone(),
            currency: pack.terms.currency,
            contract: assessment.contract,
            contract_version: assessment.contract_version,
            policy: assessment.policy,
            policy_version: assessment.policy_version,
            schema: assessment.schema,
            assessment: assessment.number,
            tape_loans: pack.loans,
            tape_minor: pack.principal_minor,
            unscored: assessment.unscored,
            removed,
            kept_loans: assessment.scored.checked_sub(removed)?,
            kept_minor: scored_minor.checked_sub(outcome.removed_balance)?,
            target_ppb: job.request.target_ppb,
            bad_rate_before_ppb: outcome.before.bad_rate_ppb,
            bad_rate_after_ppb: outcome.after.bad_rate_ppb,
        })
    }
}

/// What a call says of a screening that can't be planned.
pub(crate) fn request_error<T: Config>(fault: ScreeningFault) -> Error<T> {
    match fault {
        ScreeningFault::Scale(_) => Error::<T>::ScaleInvalid,
        ScreeningFault::Rates(fault) => rate_error(fault),
        ScreeningFault::TargetAboveOne => Error::<T>::TargetInvalid,
        ScreeningFault::StepOutOfRange => Error::<T>::StepInvalid,
        ScreeningFault::StepTooFine => Error::<T>::StepTooFine,
        ScreeningFault::TargetUnreachable => Error::<T>::TargetUnreachable,
        ScreeningFault::SurveyIncomplete => Error::<T>::ScreeningRunning,
    }
}

fn rate_error<T: Config>(fault: RateFault) -> Error<T> {
    match fault {
        RateFault::Empty => Error::<T>::NothingScored,
        RateFault::BalanceTooLarge => Error::<T>::BalanceTooLarge,
        RateFault::WeightCount
        | RateFault::WeightZero
        | RateFault::WeightsFalling
        | RateFault::WeightSum => Error::<T>::WeightsInvalid,
        RateFault::CalibrationMissing | RateFault::Calibration(_) => Error::<T>::CalibrationMissing,
        // The histogram is the pallet's own: its scores are the contract's, and each is counted
        // once, so only a scale could leave one out.
        RateFault::TooManyScores | RateFault::BinInconsistent | RateFault::ScoreOutsideLevels => {
            Error::<T>::ScaleInvalid
        }
    }
}
