//! What readers see of packs.

use crate::{
    bitmap,
    pallet::{Config, NextPack, Packs, Pages, Pallet, RunningScreenings, Scores, Screenings},
    screening::ScreeningJob,
};
use alloc::{string::ToString, vec::Vec};
use assay_primitives::{
    pack::{
        flag, Assessment, LoanRow, Pack, PackStatus, PackView, Page, ScreeningReport, Standing,
        ViewFault, MAX_PAGE_LOANS,
    },
    scoring::Contract,
    traits::ScoringContracts,
    PackId,
};
use assay_risk::{
    curve::Curve,
    grading::Levels,
    rates::{Histogram, LevelTable},
    screening::{Asset, Request},
};

fn rule(fault: impl ToString) -> ViewFault {
    ViewFault::Rule(fault.to_string().into_bytes())
}

/// Whether the marks of a screening hold.
pub(crate) fn is_screened(status: PackStatus) -> bool {
    matches!(status, PackStatus::Screened | PackStatus::Accepted | PackStatus::Issued)
}

/// A finished assessment with what is needed to read it.
struct Assessed {
    pack: Pack,
    assessment: Assessment,
    contract: Contract,
}

impl<T: Config> Pallet<T> {
    /// The numbers of all packs.
    pub fn numbers() -> Vec<PackId> {
        (0..NextPack::<T>::get()).filter(|id| Packs::<T>::contains_key(id)).collect()
    }

    /// A pack with its latest assessment and screening.
    pub fn view(id: PackId) -> Option<PackView> {
        let pack = Packs::<T>::get(id)?;
        let assessment = Self::latest(id, &pack);
        let job = RunningScreenings::<T>::get(id).or_else(|| Screenings::<T>::get(id));
        let screening = job.map(|job| ScreeningReport {
            request: job.request,
            finished_at: job.finished_at,
            next_page: job.next_page,
            outcome: job.outcome,
        });
        Some(PackView { pack, assessment, screening })
    }

    /// One page as submitted.
    pub fn page(id: PackId, page: u32) -> Option<Page> {
        Pages::<T>::get(id, page)
    }

    /// One page's loans with score, level and standing.
    pub fn loans(id: PackId, number: u32) -> Option<Vec<LoanRow>> {
        let page = Pages::<T>::get(id, number)?;
        let rows = RowReader::<T>::new(id, number)?;
        let loans = page.subjects.iter().zip(&page.principals).enumerate();
        Some(
            loans
                .map(|(offset, (subject, principal))| {
                    let on_tape = bitmap::get(&page.defaulted, offset);
                    rows.row(offset, *subject, principal.0, on_tape)
                })
                .collect(),
        )
    }

    /// The level table of the latest assessment: of all scored loans, or of those that are kept.
    pub fn table(id: PackId, request: &Request, kept_only: bool) -> Result<LevelTable, ViewFault> {
        let assessed = Self::assessed(id)?;
        let levels = Self::levels_of(&assessed, request)?;
        let table = |histogram: &Histogram| {
            LevelTable::new(
                histogram,
                &levels,
                &request.options,
                assessed.contract.orientation,
                Some(&assessed.contract.calibration),
            )
            .map_err(rule)
        };
        if !kept_only {
            return table(&assessed.assessment.histogram);
        }
        let mut kept = Histogram::default();
        Self::for_each_asset(id, &assessed, |removed, asset| {
            if !removed {
                kept.add(asset.score, asset.bad, asset.balance);
            }
        });
        table(&kept)
    }

    /// The removal curve of the latest assessment.
    pub fn curve(id: PackId, request: &Request) -> Result<Vec<u64>, ViewFault> {
        let assessed = Self::assessed(id)?;
        let mut curve = Curve::new(
            request,
            assessed.contract.orientation,
            assessed.contract.score_min,
            assessed.contract.score_max,
            &assessed.assessment.histogram,
            Some(&assessed.contract.calibration),
        )
        .map_err(rule)?;
        Self::for_each_asset(id, &assessed, |_, asset| curve.observe(asset));
        Ok(curve.finish())
    }

    fn assessed(id: PackId) -> Result<Assessed, ViewFault> {
        let pack = Packs::<T>::get(id).ok_or(ViewFault::PackNotFound)?;
        let assessment = Self::latest(id, &pack)
            .filter(|assessment| assessment.finished_at.is_some())
            .ok_or(ViewFault::NotAssessed)?;
        let contract =
            T::Contracts::started(&assessment.contract).map_err(|_| ViewFault::ContractNotFound)?;
        Ok(Assessed { pack, assessment, contract })
    }

    fn levels_of(assessed: &Assessed, request: &Request) -> Result<Levels, ViewFault> {
        let (score_min, score_max) = (assessed.contract.score_min, assessed.contract.score_max);
        let observed = assessed.assessment.histogram.range();
        Levels::resolve(&request.scale, score_min, score_max, observed).map_err(rule)
    }

    fn for_each_asset(id: PackId, assessed: &Assessed, mut visit: impl FnMut(bool, &Asset)) {
        for number in 0..assessed.pack.pages {
            let page = Pages::<T>::get(id, number).unwrap_or_default();
            let scores = Scores::<T>::get((id, assessed.assessment.number), number);
            let scores = scores.unwrap_or_default();
            let removed = if is_screened(assessed.pack.status) {
                Self::removed(id, number)
            } else {
                Vec::new()
            };
            let results = scores.logits.iter().zip(&scores.flags).enumerate();
            for (principal, (offset, (logit, flags))) in page.principals.iter().zip(results) {
                if flags & flag::SCORED != 0 {
                    let asset = Asset {
                        score: assessed.contract.network.score(*logit),
                        bad: flags & flag::BAD != 0,
                        balance: principal.0,
                    };
                    visit(bitmap::get(&removed, offset), &asset);
                }
            }
        }
    }
}

/// Puts together the rows of one page.
struct RowReader<T: Config> {
    number: u32,
    contract: Option<Contract>,
    levels: Option<Levels>,
    scores: assay_primitives::pack::PageScores,
    removed: Option<assay_primitives::pack::Bitmap>,
    marker: core::marker::PhantomData<T>,
}

impl<T: Config> RowReader<T> {
    fn new(id: PackId, number: u32) -> Option<Self> {
        let pack = Packs::<T>::get(id)?;
        let assessment = Pallet::<T>::latest(id, &pack);
        let job: Option<ScreeningJob> = Screenings::<T>::get(id);
        let screened = is_screened(pack.status);
        let contract = assessment
            .as_ref()
            .and_then(|assessment| T::Contracts::started(&assessment.contract).ok());
        let scores = assessment
            .as_ref()
            .and_then(|assessment| Scores::<T>::get((id, assessment.number), number));
        let levels = assessment.as_ref().zip(job.as_ref()).and_then(|(assessment, job)| {
            let observed = assessment.histogram.range();
            let scale = &job.request.scale;
            Levels::resolve(scale, assessment.score_min, assessment.score_max, observed).ok()
        });
        Some(RowReader {
            number,
            contract,
            levels,
            scores: scores.unwrap_or_default(),
            removed: screened.then(|| Pallet::<T>::removed(id, number)),
            marker: core::marker::PhantomData,
        })
    }

    fn row(
        &self,
        offset: usize,
        subject: assay_primitives::Subject,
        principal_minor: assay_primitives::Minor,
        on_tape: bool,
    ) -> LoanRow {
        let flags = self.scores.flags.get(offset).copied();
        let scored = flags.is_some_and(|flags| flags & flag::SCORED != 0);
        let result = scored
            .then(|| {
                let logit = *self.scores.logits.get(offset)?;
                Some((logit, self.contract.as_ref()?.network.score(logit)))
            })
            .flatten();
        let level = result.and_then(|(_, score)| self.levels.as_ref()?.of(score));
        let standing = match (flags, &self.removed) {
            (None, _) => Standing::Pending,
            (Some(_), _) if !scored => Standing::Unscored,
            (Some(_), Some(removed)) if bitmap::get(removed, offset) => Standing::Screened,
            (Some(_), _) => Standing::Kept,
        };
        let index = self
            .number
            .saturating_mul(MAX_PAGE_LOANS)
            .saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        LoanRow {
            index,
            subject,
            principal_minor,
            result,
            level,
            bad: flags.map_or(on_tape, |flags| flags & flag::BAD != 0),
            propagated: flags.is_some_and(|flags| flags & flag::PROPAGATED != 0),
            standing,
        }
    }
}
