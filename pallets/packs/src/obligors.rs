//! Whose credit a pack rests on, and who asked for it by assessing the pack (rules, section 2).

use crate::{
    bitmap,
    pallet::{Assessments, Config, NextPack, Packs, Pages, Pallet, Unscored},
};
use alloc::vec::Vec;
use assay_primitives::{
    inquiry::AssessmentInquiry,
    pack::{Assessment, Pack, PackStatus, Page},
    traits::PackObligors,
    PackId, Subject,
};

/// Where loans of a subject stand.
struct Place {
    page: u32,
    /// Positions on the page.
    loans: Vec<usize>,
}

impl<T: Config> Pallet<T> {
    /// Where the loans of a subject are: pages are in ascending order of subject.
    fn places(id: PackId, pack: &Pack, subject: &Subject) -> Vec<Place> {
        let page_at = |page: u32| Pages::<T>::get(id, page).unwrap_or_default();
        let ends_before = |page: &Page| page.subjects.last().is_some_and(|last| last < subject);
        let (mut low, mut high) = (0, pack.pages);
        while low < high {
            let middle = low.saturating_add(high.saturating_sub(low) / 2);
            if ends_before(&page_at(middle)) {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        let mut places = Vec::new();
        for page in low..pack.pages {
            let subjects = page_at(page).subjects;
            let from = subjects.partition_point(|known| known < subject);
            let until = subjects.partition_point(|known| known <= subject);
            if from < until {
                places.push(Place { page, loans: (from..until).collect() });
            }
            if until < subjects.len() {
                break;
            }
        }
        places
    }

    /// Whether an assessment has scored a loan at one of the places.
    fn has_scored(id: PackId, assessment: &Assessment, places: &[Place]) -> bool {
        places.iter().filter(|place| place.page < assessment.next_page).any(|place| {
            let unscored = Unscored::<T>::get((id, assessment.number), place.page);
            place.loans.iter().any(|loan| !bitmap::get(&unscored, *loan))
        })
    }

    fn all_assessments(id: PackId) -> impl Iterator<Item = Assessment> {
        let begun = Packs::<T>::get(id).map_or(0, |pack| pack.assessments);
        (0..begun).filter_map(move |number| Assessments::<T>::get(id, number))
    }
}

fn inquiry(assessment: Assessment) -> AssessmentInquiry {
    AssessmentInquiry {
        assessment: assessment.number,
        by: assessment.requested_by,
        contract: assessment.contract,
        policy: assessment.policy,
        scored: assessment.scored,
        at: assessment.started_at,
        at_secs: assessment.as_of_secs,
    }
}

impl<T: Config> PackObligors for Pallet<T> {
    fn next_pack() -> PackId {
        NextPack::<T>::get()
    }

    fn sealed_loans(id: PackId) -> Option<u32> {
        let pack = Packs::<T>::get(id)?;
        (pack.status != PackStatus::Open).then_some(pack.loans)
    }

    fn assessments_of(id: PackId, subject: &Subject) -> Option<Vec<AssessmentInquiry>> {
        let pack = Packs::<T>::get(id)?;
        let places = Self::places(id, &pack, subject);
        if places.is_empty() {
            return None;
        }
        let scored = Self::all_assessments(id)
            .filter(|assessment| Self::has_scored(id, assessment, &places));
        Some(scored.map(inquiry).collect())
    }

    fn assessments(id: PackId) -> Vec<AssessmentInquiry> {
        Self::all_assessments(id).map(inquiry).collect()
    }
}
