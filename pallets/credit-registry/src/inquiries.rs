//! Inquiries: logged, and counted with each subject or with the pack (rules, section 2).

use crate::{
    impls::{block_number, length},
    pallet::{Config, Error, Inquiries, NextInquiry, PackAsked, Pallet},
    registry::{Cursor, Editor},
    weights::Work,
};
use alloc::vec::Vec;
use assay_primitives::{
    inquiry::{
        InquiriesInPacks, Inquiry, InquiryId, ListedInquiry, PackInquiries, Purpose, Scope,
        SubjectInquiries, MAX_LISTED_INQUIRIES, MAX_PACKS_LOOKED_THROUGH,
    },
    traits::PackObligors,
    AccountId, OrganisationId, PackId, Subject, H256,
};
use frame_support::{ensure, traits::UnixTime};
use sp_runtime::DispatchError;

/// What an inquiry did: its number, the records it was counted with, what it touched.
pub(crate) struct Counted {
    pub inquiry: InquiryId,
    pub pack: Option<PackId>,
    /// Subjects, or loans of the pack.
    pub records: u32,
    pub work: Work,
}

impl<T: Config> Pallet<T> {
    pub(crate) fn store_inquiry(
        by: AccountId,
        organisation: OrganisationId,
        scope: Scope,
        purpose: Purpose,
        consent_hash: H256,
    ) -> Result<Counted, DispatchError> {
        Self::check_purpose(&purpose)?;
        ensure!(consent_hash != H256::zero(), Error::<T>::ConsentMissing);
        let inquiry = NextInquiry::<T>::get();
        let (pack, records, work) = match &scope {
            Scope::Subjects(subjects) => {
                let work = Self::count_subjects(inquiry, subjects)?;
                (None, work.records, work)
            }
            Scope::Pack(pack) => {
                let loans = T::Packs::sealed_loans(*pack).ok_or(Error::<T>::PackNotFound)?;
                PackAsked::<T>::mutate(pack, |asked| asked.add(inquiry));
                (Some(*pack), loans, Work { records: 0, values: 1 })
            }
        };
        let at = block_number::<T>();
        let at_secs = T::Clock::now().as_secs();
        let entry = Inquiry { by, organisation, scope, purpose, consent_hash, at, at_secs };
        Inquiries::<T>::insert(inquiry, entry);
        NextInquiry::<T>::put(inquiry.saturating_add(1));
        Ok(Counted { inquiry, pack, records, work })
    }

    fn check_purpose(purpose: &Purpose) -> Result<(), Error<T>> {
        if let Purpose::Other(words) = purpose {
            ensure!(!words.is_empty(), Error::<T>::PurposeEmpty);
            ensure!(core::str::from_utf8(words).is_ok(), Error::<T>::PurposeNotUtf8);
        }
        Ok(())
    }

    fn count_subjects(inquiry: InquiryId, subjects: &[Subject]) -> Result<Work, Error<T>> {
        ensure!(!subjects.is_empty(), Error::<T>::SubjectsEmpty);
        ensure!(subjects.is_sorted_by(|a, b| a < b), Error::<T>::SubjectsNotSorted);
        let mut editor = Editor::<T>::default();
        for subject in subjects {
            editor.change(*subject, |entry| {
                ensure!(!entry.is_empty(), Error::<T>::SubjectNotFound);
                entry.asked.add(inquiry);
                Ok(())
            })?;
        }
        Ok(Work { records: length(subjects), values: editor.finish() })
    }

    /// Inquiries from that number on.
    pub fn inquiries(from: InquiryId, limit: u32) -> Vec<ListedInquiry> {
        let end = from.saturating_add(limit.min(MAX_LISTED_INQUIRIES));
        Self::listed(from..end.min(NextInquiry::<T>::get()))
    }

    fn listed(numbers: impl IntoIterator<Item = InquiryId>) -> Vec<ListedInquiry> {
        let numbers = numbers.into_iter();
        numbers.filter_map(|number| Some((number, Inquiries::<T>::get(number)?))).collect()
    }

    /// Inquiries that named the subject itself.
    pub fn subject_inquiries(subject: &Subject) -> SubjectInquiries {
        let mut cursor = Cursor::<T>::default();
        let Some((bucket, position)) = cursor.find(subject) else {
            return SubjectInquiries::default();
        };
        let asked = bucket.asked(position);
        SubjectInquiries { count: asked.count, recent: Self::listed(asked.recent) }
    }

    /// Inquiries for all obligors of a pack, and its assessments.
    pub fn pack_inquiries(pack: PackId) -> PackInquiries {
        let asked = PackAsked::<T>::get(pack);
        PackInquiries { pack, asked, assessments: T::Packs::assessments(pack) }
    }

    /// What packs add to a subject's inquiries.
    pub fn inquiries_in_packs(subject: &Subject, from: PackId, limit: u32) -> InquiriesInPacks {
        let end = T::Packs::next_pack();
        let until = from.saturating_add(limit.min(MAX_PACKS_LOOKED_THROUGH)).min(end);
        let of_pack = |pack| {
            let assessments = T::Packs::assessments_of(pack, subject)?;
            let asked = PackAsked::<T>::get(pack);
            let found = PackInquiries { pack, asked, assessments };
            (found.asked.count > 0 || !found.assessments.is_empty()).then_some(found)
        };
        InquiriesInPacks {
            packs: (from..until).filter_map(of_pack).collect(),
            next: (until < end).then_some(until),
        }
    }
}
