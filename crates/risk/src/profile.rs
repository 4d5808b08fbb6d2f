//! Merged and propagated profiles of an obligor (rules, section 2).

use crate::ratio::{div_half_away, div_half_away_i64, PPB};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

#[cfg(test)]
mod tests;

/// Most steps of a policy's weights: finer ages than these do not tell apart any more.
pub const MAX_AGE_STEPS: usize = 16;
/// Largest distance of a relation that a policy can follow.
pub const MAX_DISTANCE: u8 = 10;
/// Most values of a profile: one bit of `present` each.
pub const MAX_VALUES: usize = 64;
/// Divisible by every distance 1..=10, so that inverse distances are integers.
const DISTANCE_MULTIPLE: u32 = 2_520;

/// Who observed a report.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Source {
    Bank,
    ThirdPartyBureau,
    PaymentPlatform,
}

impl Source {
    /// Every source.
    pub const ALL: [Source; 3] = [Source::Bank, Source::ThirdPartyBureau, Source::PaymentPlatform];

    const fn bit(self) -> u8 {
        match self {
            Source::Bank => 1,
            Source::ThirdPartyBureau => 1 << 1,
            Source::PaymentPlatform => 1 << 2,
        }
    }
}

/// The sources whose reports a policy lets count, one bit each in the order of [`Source::ALL`];
/// none named lets all count, those of later versions of [`Source`] included.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "Vec<Source>", into = "Vec<Source>"))]
pub struct Sources(u8);

impl Sources {
    /// All sources.
    pub const ANY: Sources = Sources(0);

    /// Whether reports of that source count.
    pub fn allow(self, source: Source) -> bool {
        self == Self::ANY || self.0 & source.bit() != 0
    }

    /// The sources that are named; empty when all are allowed.
    pub fn named(self) -> impl Iterator<Item = Source> {
        Source::ALL.into_iter().filter(move |source| self.0 & source.bit() != 0)
    }

    fn is_known(self) -> bool {
        let known = Source::ALL.iter().fold(0, |bits, source| bits | source.bit());
        self.0 & !known == 0
    }
}

impl From<Vec<Source>> for Sources {
    fn from(named: Vec<Source>) -> Self {
        Sources(named.iter().fold(0, |bits, source| bits | source.bit()))
    }
}

impl From<Sources> for Vec<Source> {
    fn from(sources: Sources) -> Self {
        sources.named().collect()
    }
}

/// One bureau's report on a subject, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportView<'a> {
    /// Identifier of the schema that orders the values.
    pub schema: u32,
    /// Unix seconds.
    pub observed_at_secs: u64,
    pub source: Source,
    /// A default is on record.
    pub has_default: bool,
    /// Bit `k` tells that value `k` is there.
    pub present: u64,
    /// In the schema's order and units; what stands at a missing position does not matter.
    pub values: &'a [i32],
}

/// A step of a policy's weights: reports up to this age weigh this much.
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct AgeStep {
    /// Oldest age of the step, inclusive.
    pub up_to_secs: u64,
    /// 0..=10^9.
    pub weight_ppb: u32,
}

/// How reports become a profile.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Policy {
    /// Oldest age of a usable report, inclusive.
    pub max_age_secs: u64,
    /// Ascending by age; past the last step its weight holds; empty means that all weigh the same.
    pub weights_by_age: Vec<AgeStep>,
    /// Largest distance (1..=10) of relations that lend a profile to a subject without its own;
    /// none forbids social propagation.
    pub propagation: Option<u8>,
    /// Sources whose reports are usable; none named means all.
    #[cfg_attr(feature = "serde", serde(default))]
    pub sources: Sources,
}

/// What is wrong with a policy.
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
pub enum PolicyFault {
    /// More than [`MAX_AGE_STEPS`] steps.
    TooManySteps,
    /// The ages of the steps do not strictly ascend.
    StepsNotAscending,
    /// A weight is above 10^9.
    WeightAboveOne,
    /// The distance is not in 1..=10.
    DistanceOutOfRange,
    /// A source is named that there is not.
    SourceUnknown,
}

/// What is known of an obligor, in a schema's order (rules, section 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Profile {
    /// In the schema's order and units; 0 where missing.
    pub values: Vec<i32>,
    /// Bit `k` tells that value `k` is there.
    pub present: u64,
    /// A default is on record; never inherited by propagation.
    pub has_default: bool,
    /// Lent by relations, not reported.
    pub propagated: bool,
}

impl fmt::Display for PolicyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManySteps => {
                write!(f, "more than {MAX_AGE_STEPS} steps in the weights by age")
            }
            Self::StepsNotAscending => write!(f, "the ages of the weights do not strictly ascend"),
            Self::WeightAboveOne => write!(f, "a weight by age is above {PPB}"),
            Self::DistanceOutOfRange => {
                write!(f, "the distance of propagation is not in 1..={MAX_DISTANCE}")
            }
            Self::SourceUnknown => write!(f, "a source is named that there is not"),
        }
    }
}

impl core::error::Error for PolicyFault {}

impl Policy {
    /// Whether the policy can be stored and applied.
    ///
    /// # Errors
    /// The first fault found.
    pub fn validate(&self) -> Result<(), PolicyFault> {
        if self.weights_by_age.len() > MAX_AGE_STEPS {
            return Err(PolicyFault::TooManySteps);
        }
        let later = self.weights_by_age.iter().skip(1);
        if self.weights_by_age.iter().zip(later).any(|(a, b)| a.up_to_secs >= b.up_to_secs) {
            return Err(PolicyFault::StepsNotAscending);
        }
        if self.weights_by_age.iter().any(|step| u64::from(step.weight_ppb) > PPB) {
            return Err(PolicyFault::WeightAboveOne);
        }
        if !self.sources.is_known() {
            return Err(PolicyFault::SourceUnknown);
        }
        match self.propagation {
            Some(distance) if !(1..=MAX_DISTANCE).contains(&distance) => {
                Err(PolicyFault::DistanceOutOfRange)
            }
            _ => Ok(()),
        }
    }

    /// Weight of a report of that age; only ratios of weights matter.
    fn weight(&self, age_secs: u64) -> u32 {
        let step = self.weights_by_age.iter().find(|step| age_secs <= step.up_to_secs);
        step.or(self.weights_by_age.last()).map_or(1, |step| step.weight_ppb)
    }

    /// Weight of a report at `now_secs`; none when it is not usable. A report observed after
    /// `now_secs` counts as new: it may have replaced, during a job, the one that the job began
    /// with.
    fn usable_weight(&self, schema: u32, now_secs: u64, report: &ReportView<'_>) -> Option<u32> {
        let age_secs = now_secs.saturating_sub(report.observed_at_secs);
        let usable = report.schema == schema
            && age_secs <= self.max_age_secs
            && self.sources.allow(report.source);
        usable.then(|| self.weight(age_secs))
    }
}

impl Profile {
    fn copy(&mut self, feature_count: usize, values: &[i32], present: u64) {
        self.values.clear();
        let mut bits = present;
        self.values.extend(values.iter().take(feature_count).map(|value| {
            let there = bits & 1 == 1;
            bits = bits.wrapping_shr(1);
            if there {
                *value
            } else {
                0
            }
        }));
        self.present = present & first_bits(self.values.len());
        self.values.resize(feature_count, 0);
    }
}

/// The lowest `count` bits.
fn first_bits(count: usize) -> u64 {
    match u32::try_from(count).ok().and_then(|count| 1_u64.checked_shl(count)) {
        Some(next) => next.wrapping_sub(1),
        None => u64::MAX,
    }
}

/// Weighted sums of each feature. They are kept in 64 bits, which the chain adds and divides by one
/// instruction, for as long as the weights summed so stay within `u32`: values are 32 bits.
struct Sums {
    sums: [i64; MAX_VALUES],
    weights: [u64; MAX_VALUES],
    /// Weight that `sums` can still take.
    room: u32,
    /// What did not fit any more.
    carried: Option<[i128; MAX_VALUES]>,
}

impl Sums {
    fn new() -> Self {
        Self { sums: [0; MAX_VALUES], weights: [0; MAX_VALUES], room: u32::MAX, carried: None }
    }

    fn add(&mut self, values: &[i32], present: u64, weight: u32) {
        match self.room.checked_sub(weight) {
            Some(room) => self.room = room,
            None => {
                self.carry();
                self.room = u32::MAX.saturating_sub(weight);
            }
        }
        let mut bits = present;
        for ((sum, weights), value) in self.sums.iter_mut().zip(&mut self.weights).zip(values) {
            let weight = if bits & 1 == 1 { weight } else { 0 };
            *sum = i64::wrapping_add(*sum, i64::from(weight).wrapping_mul(i64::from(*value)));
            *weights = u64::saturating_add(*weights, u64::from(weight));
            bits = bits.wrapping_shr(1);
        }
    }

    fn carry(&mut self) {
        let carried = self.carried.get_or_insert([0; MAX_VALUES]);
        for (carried, sum) in carried.iter_mut().zip(&mut self.sums) {
            *carried = i128::saturating_add(*carried, i128::from(core::mem::take(sum)));
        }
    }

    fn write(&mut self, feature_count: usize, out: &mut Profile) {
        out.values.clear();
        out.present = 0;
        let mut bit = 1;
        let mut push = |mean: Option<i32>| {
            out.values.push(mean.unwrap_or(0));
            out.present |= if mean.is_some() { bit } else { 0 };
            bit = bit.wrapping_shl(1);
        };
        if self.carried.is_some() {
            self.carry();
        }
        let weights = self.weights.iter().take(feature_count);
        match &self.carried {
            Some(sums) => weights.zip(sums).for_each(|(weights, sum)| {
                let mean = div_half_away(*sum, i128::from(*weights));
                push(mean.and_then(|mean| i32::try_from(mean).ok()));
            }),
            None => weights.zip(&self.sums).for_each(|(weights, sum)| {
                let weights = i64::try_from(*weights).unwrap_or(i64::MAX);
                let mean = div_half_away_i64(*sum, weights);
                push(mean.and_then(|mean| i32::try_from(mean).ok()));
            }),
        }
    }
}

/// Merges the usable reports of a subject at `now_secs` into `out` (rules, section 2): each feature
/// is the mean weighted by age over the reports that have it, rounded half away from zero;
/// `has_default` is the logical or over all usable reports, those of weight 0 included. At most
/// [`MAX_VALUES`] features are looked at. False, with `out` unspecified, when no usable report has
/// a weight: the subject has no profile of its own.
///
/// `out` is a buffer to be reused: once it has room, a call allocates nothing.
pub fn merge<'a>(
    policy: &Policy,
    schema: u32,
    feature_count: usize,
    now_secs: u64,
    reports: impl IntoIterator<Item = ReportView<'a>>,
    out: &mut Profile,
) -> bool {
    let feature_count = feature_count.min(MAX_VALUES);
    let mut has_default = false;
    let mut weighing = reports.into_iter().filter_map(|report| {
        let weight = policy.usable_weight(schema, now_secs, &report)?;
        has_default |= report.has_default;
        (weight > 0).then_some((report, weight))
    });
    let Some(first) = weighing.next() else { return false };
    match weighing.next() {
        // A single report is its own mean whatever it weighs: most subjects take this way.
        None => out.copy(feature_count, first.0.values, first.0.present),
        Some(second) => {
            let mut sums = Sums::new();
            [first, second].into_iter().chain(weighing).for_each(|(report, weight)| {
                sums.add(report.values, report.present, weight);
            });
            sums.write(feature_count, out);
        }
    }
    out.has_default = has_default;
    out.propagated = false;
    true
}

/// Lends a profile to a subject without its own (rules, section 2): each feature is the mean over
/// the neighbours' own profiles, weighted by the inverse of their distance and rounded half away
/// from zero; a default is never inherited. Neighbours at a distance outside of 1..=10 and
/// neighbours whose own profile was itself propagated do not count. False, with `out` unspecified,
/// when none is left.
///
/// `out` is a buffer to be reused: once it has room, a call allocates nothing.
pub fn propagate<'a>(
    feature_count: usize,
    neighbours: impl IntoIterator<Item = (u8, &'a Profile)>,
    out: &mut Profile,
) -> bool {
    let mut sums = Sums::new();
    let mut found = false;
    for (distance, profile) in neighbours {
        if profile.propagated || !(1..=MAX_DISTANCE).contains(&distance) {
            continue;
        }
        let weight = DISTANCE_MULTIPLE.checked_div(u32::from(distance)).unwrap_or(0);
        sums.add(&profile.values, profile.present, weight);
        found = true;
    }
    if found {
        sums.write(feature_count.min(MAX_VALUES), out);
        out.has_default = false;
        out.propagated = true;
    }
    found
}
