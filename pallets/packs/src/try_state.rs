//! What must always be true of the stored packs.

use crate::{
    bitmap,
    pallet::{Config, Jobs, Packs, Pages, Pallet, RunningScreenings, Scores, Screenings, Unscored},
    views::is_screened,
};
use assay_primitives::{
    pack::{flag, Pack, PackStatus, MAX_PAGE_LOANS},
    Minor, PackId,
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Counts and totals are those of the pages, a finished assessment's figures those of its scores,
    /// and whoever has a job under way stands in the queue.
    pub fn check_state() -> Result<(), TryRuntimeError> {
        for (id, pack) in Packs::<T>::iter() {
            check_pages::<T>(id, &pack)?;
            check_scores::<T>(id, &pack)?;
            let working = matches!(pack.status, PackStatus::Assessing | PackStatus::Screening);
            if Jobs::<T>::get().contains(&id) != working {
                return Err("job and queue differ".into());
            }
            if RunningScreenings::<T>::contains_key(id) != (pack.status == PackStatus::Screening) {
                return Err("screening and status differ".into());
            }
            if is_screened(pack.status) && Pallet::<T>::screened_figures(id).is_err() {
                return Err("screened pack without figures".into());
            }
            if pack.status == PackStatus::Assessed && Screenings::<T>::contains_key(id) {
                return Err("screening of a pack that is not screened".into());
            }
        }
        Ok(())
    }
}

fn check_pages<T: Config>(id: PackId, pack: &Pack) -> Result<(), TryRuntimeError> {
    let mut loans = 0u32;
    let mut principal_minor: Minor = 0;
    for number in 0..pack.pages {
        let page = Pages::<T>::get(id, number).ok_or("page missing")?;
        let length = u32::try_from(page.subjects.len()).unwrap_or(u32::MAX);
        if length > MAX_PAGE_LOANS {
            return Err("page over its bound".into());
        }
        loans = loans.saturating_add(length);
        principal_minor =
            page.principals.iter().fold(principal_minor, |sum, p| sum.saturating_add(p.0));
    }
    if (loans, principal_minor) != (pack.loans, pack.principal_minor) {
        return Err("count or total differ from the pages".into());
    }
    Ok(())
}

fn check_scores<T: Config>(id: PackId, pack: &Pack) -> Result<(), TryRuntimeError> {
    let Some(assessment) = Pallet::<T>::latest(id, pack) else { return Ok(()) };
    if assessment.finished_at.is_none() {
        return Ok(());
    }
    let mut scored = 0u64;
    for number in 0..pack.pages {
        let scores = Scores::<T>::get((id, assessment.number), number).ok_or("scores missing")?;
        let flags = scores.flags.iter().filter(|flags| **flags & flag::SCORED != 0);
        let unscored = scores.flags.iter().map(|flags| flags & flag::SCORED == 0);
        let marks = Unscored::<T>::get((id, assessment.number), number);
        let marked = (0..scores.flags.len()).map(|loan| bitmap::get(&marks, loan));
        if !unscored.eq(marked) {
            return Err("unscored loans differ from the scores".into());
        }
        scored = scored.saturating_add(u64::try_from(flags.count()).unwrap_or(u64::MAX));
    }
    let counted = assessment.histogram.total().count;
    if scored != counted || scored != u64::from(assessment.scored) {
        return Err("histogram does not count the scores".into());
    }
    if assessment.scored.checked_add(assessment.unscored) != Some(pack.loans) {
        return Err("loans neither scored nor unscored".into());
    }
    Ok(())
}
