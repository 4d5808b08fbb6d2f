//! Loan tapes on chain: packs, pages, assessments, screenings (rules, sections 4 to 6).

use crate::{
    AccountId, BlockNumber, ContractId, Currency, Minor, Name, PolicyId, SchemaId, Subject,
    UnixDays, UnixSecs, H256,
};
use alloc::vec::Vec;
use assay_risk::screening::Request;
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Most loans of a page: some 17 kB, which is read and written in one go.
pub const MAX_PAGE_LOANS: u32 = 512;
/// Most pages of a pack: five million loans.
pub const MAX_PAGES: u32 = 10_000;

/// A column of a page. Its bound, [`MAX_PAGE_LOANS`], is checked by `add_page`: a bound in the type
/// would refuse a larger page as undecodable, without saying why.
pub type Column<V> = Vec<V>;
/// One bit a loan, least significant first, in as many bytes as that takes.
pub type Bitmap = Vec<u8>;

/// Up to 512 loans in ascending order of subject, columns together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Page {
    pub subjects: Column<Subject>,
    /// Outstanding principals.
    pub principals: Column<Compact<Minor>>,
    /// Interest rates a year.
    pub rates_ppb: Column<u32>,
    pub originated_days: Column<UnixDays>,
    pub matures_days: Column<UnixDays>,
    /// Which loans the tape itself marks as defaulted.
    pub defaulted: Bitmap,
}

/// What the originator says of a pack when it opens it.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PackTerms {
    pub name: Name,
    pub currency: Currency,
    pub cut_off_secs: UnixSecs,
    /// Hash of the tape, which stays with the originator.
    pub tape_hash: H256,
}

/// Where a pack stands.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum PackStatus {
    Open,
    Sealed,
    Assessing,
    Assessed,
    Screening,
    Screened,
    Accepted,
    Issued,
}

/// A pack without its pages.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pack {
    pub originator: AccountId,
    pub terms: PackTerms,
    pub status: PackStatus,
    pub loans: u32,
    pub pages: u32,
    pub principal_minor: Minor,
    /// The last subject so far: the next page may not begin before it.
    pub last_subject: Subject,
    /// Number of assessments begun.
    pub assessments: u32,
}

/// One assessment of a pack: under way or finished.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Assessment {
    pub number: u32,
    pub requested_by: AccountId,
    pub contract: ContractId,
    pub contract_version: u32,
    pub policy: PolicyId,
    pub policy_version: u32,
    pub schema: SchemaId,
    pub score_min: u16,
    pub score_max: u16,
    pub orientation: assay_risk::artifact::Orientation,
    /// The time at which reports are judged.
    pub as_of_secs: UnixSecs,
    pub started_at: BlockNumber,
    pub finished_at: Option<BlockNumber>,
    /// The next page to score.
    pub next_page: u32,
    pub scored: u32,
    pub unscored: u32,
    pub unscored_minor: Minor,
    pub propagated: u32,
    pub histogram: assay_risk::rates::Histogram,
}

/// Results of one page of an assessment: one entry a loan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PageScores {
    /// The network's output; 0 where unscored.
    pub logits: Column<i8>,
    /// [`flag`] bits.
    pub flags: Column<u8>,
}

/// Bits of [`PageScores::flags`].
pub mod flag {
    /// The loan has a score.
    pub const SCORED: u8 = 1;
    /// The loan is bad: a default of its obligor is on record, or the tape marks it.
    pub const BAD: u8 = 1 << 1;
    /// The profile came from the obligor's relations.
    pub const PROPAGATED: u8 = 1 << 2;
}

/// Why a loan is not in the pack any more, or that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Standing {
    Kept,
    /// Its obligor has no profile.
    Unscored,
    /// Removed by the screening.
    Screened,
    /// Not assessed yet.
    Pending,
}

/// One loan with all that the chain decided about it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct LoanRow {
    pub index: u32,
    pub subject: Subject,
    pub principal_minor: Minor,
    pub result: Option<(i8, u16)>,
    pub level: Option<u8>,
    pub bad: bool,
    pub propagated: bool,
    pub standing: Standing,
}

/// Where a screening stands, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ScreeningReport {
    pub request: Request,
    pub finished_at: Option<BlockNumber>,
    pub next_page: u32,
    pub outcome: Option<assay_risk::screening::Outcome>,
}

/// What a reader sees of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PackView {
    pub pack: Pack,
    pub assessment: Option<Assessment>,
    pub screening: Option<ScreeningReport>,
}

/// Why a table or a curve can't be given.
// The derived encoding casts the variants' numbers.
#[allow(clippy::cast_possible_truncation)]
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum ViewFault {
    PackNotFound,
    NotAssessed,
    ContractNotFound,
    Rule(Vec<u8>),
}

/// The figures of a screened pack that an issue rests on.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PackFigures {
    pub originator: AccountId,
    pub currency: Currency,
    pub contract: ContractId,
    pub contract_version: u32,
    pub policy: PolicyId,
    pub policy_version: u32,
    pub schema: SchemaId,
    pub assessment: u32,
    pub tape_loans: u32,
    pub tape_minor: Minor,
    pub unscored: u32,
    pub removed: u32,
    pub kept_loans: u32,
    pub kept_minor: Minor,
    pub target_ppb: u64,
    pub bad_rate_before_ppb: u64,
    pub bad_rate_after_ppb: u64,
}
