//! Inquiries: who asked for whose credit, and what for (rules, section 2).

use crate::{
    member::Roles, AccountId, BlockNumber, ContractId, Name, OrganisationId, PackId, PolicyId,
    Subject, UnixSecs, H256,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most subjects of one inquiry: each may cost a bucket of its own.
pub const MAX_INQUIRY_SUBJECTS: u32 = 512;
/// Most recent inquiries that are kept with a subject or a pack; the log holds all.
pub const MAX_RECENT_INQUIRIES: u32 = 8;
/// Most inquiries that one question of a reader is answered with: some 8 kB each.
pub const MAX_LISTED_INQUIRIES: u32 = 64;
/// Most packs that one question of a reader looks through: some 14 pages of each are read.
pub const MAX_PACKS_LOOKED_THROUGH: u32 = 256;

/// Who decides by a subject's credit, and so asks for it.
pub const INQUIRERS: Roles = Roles::RISK_CONTROLLER
    .with(Roles::ORIGINATOR)
    .with(Roles::SPV)
    .with(Roles::SERVICER)
    .with(Roles::EXCHANGE)
    .with(Roles::GUARANTOR)
    .with(Roles::INVESTOR)
    .with(Roles::AUDITOR)
    .with(Roles::REGULATOR);

/// Number of an inquiry in the log.
pub type InquiryId = u32;

/// What credit is asked for.
// The derived encoding casts the variants' numbers.
#[allow(clippy::cast_possible_truncation)]
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Purpose {
    /// Whether to lend, and on what terms.
    CreditDecision,
    /// Whether to take over or to invest in receivables.
    Assessment,
    /// How receivables fare after issue.
    Surveillance,
    /// Whether others did right.
    Audit,
    /// Something else, in the member's words.
    Other(Name),
}

/// Whose credit is asked for.
// The derived encoding casts the variants' numbers.
#[allow(clippy::cast_possible_truncation)]
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Scope {
    /// That of these, in ascending order, each once.
    Subjects(BoundedVec<Subject, ConstU32<MAX_INQUIRY_SUBJECTS>>),
    /// That of every obligor of a sealed pack.
    Pack(PackId),
}

/// An inquiry as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Inquiry {
    pub by: AccountId,
    pub organisation: OrganisationId,
    pub scope: Scope,
    pub purpose: Purpose,
    /// Hash of the subjects' consent, which stays off chain.
    pub consent_hash: H256,
    pub at: BlockNumber,
    pub at_secs: UnixSecs,
}

/// How often credit was asked for by inquiries of its own, assessments apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize))]
pub struct Asked {
    pub count: u32,
    /// Numbers of the last inquiries, the latest last, at most [`MAX_RECENT_INQUIRIES`].
    pub recent: Vec<InquiryId>,
}

impl Asked {
    /// Counts an inquiry.
    pub fn add(&mut self, inquiry: InquiryId) {
        self.count = self.count.saturating_add(1);
        self.recent.push(inquiry);
        let bound = usize::try_from(MAX_RECENT_INQUIRIES).unwrap_or(usize::MAX);
        let surplus = self.recent.len().saturating_sub(bound);
        self.recent.drain(..surplus);
    }
}

/// An inquiry with its number.
pub type ListedInquiry = (InquiryId, Inquiry);

/// Inquiries that named a subject itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SubjectInquiries {
    pub count: u32,
    /// The last of them, the latest last.
    pub recent: Vec<ListedInquiry>,
}

/// An assessment of a pack, which is an inquiry for each subject that it scored.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AssessmentInquiry {
    pub assessment: u32,
    pub by: AccountId,
    pub contract: ContractId,
    pub policy: PolicyId,
    /// Loans scored so far.
    pub scored: u32,
    pub at: BlockNumber,
    pub at_secs: UnixSecs,
}

/// Inquiries for the obligors of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PackInquiries {
    pub pack: PackId,
    /// Inquiries that named the pack.
    pub asked: Asked,
    /// Its assessments; of a subject's, those that scored it.
    pub assessments: Vec<AssessmentInquiry>,
}

/// What packs add to a subject's inquiries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct InquiriesInPacks {
    /// Of the packs looked through, those that hold the subject and were asked for or scored it.
    pub packs: Vec<PackInquiries>,
    /// The pack to go on with; none when all were looked through.
    pub next: Option<PackId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_keep_the_last_when_more_inquiries_come_than_are_kept() {
        let mut asked = Asked::default();
        (0..10).for_each(|number| asked.add(number));
        assert_eq!((asked.count, asked.recent), (10, (2..10).collect()));
    }
}
