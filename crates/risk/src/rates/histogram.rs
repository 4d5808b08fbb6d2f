//! Assets counted by score value.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The assets of one score value; balances in minor units.
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
pub struct Bin {
    #[codec(compact)]
    pub count: u64,
    #[codec(compact)]
    pub balance: u128,
    #[codec(compact)]
    pub bad_count: u64,
    #[codec(compact)]
    pub bad_balance: u128,
}

impl Bin {
    /// Takes one asset in. What overflows stays at the highest value, and is refused where rates
    /// are computed.
    pub fn add(&mut self, bad: bool, balance: u128) {
        self.count = self.count.saturating_add(1);
        self.balance = self.balance.saturating_add(balance);
        if bad {
            self.bad_count = self.bad_count.saturating_add(1);
            self.bad_balance = self.bad_balance.saturating_add(balance);
        }
    }

    /// Takes another bin of the same score value in.
    pub fn merge(&mut self, other: &Bin) {
        self.count = self.count.saturating_add(other.count);
        self.balance = self.balance.saturating_add(other.balance);
        self.bad_count = self.bad_count.saturating_add(other.bad_count);
        self.bad_balance = self.bad_balance.saturating_add(other.bad_balance);
    }
}

/// A bin for each score value that occurs, in ascending order of score: all that grading and bad
/// rates need to know of a pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Histogram {
    entries: Vec<(u16, Bin)>,
}

impl Histogram {
    /// Takes one asset in; `balance` in minor units.
    pub fn add(&mut self, score: u16, bad: bool, balance: u128) {
        if let Some(bin) = self.bin_mut(score) {
            bin.add(bad, balance);
        }
    }

    /// Takes the assets of one score value in.
    pub fn add_bin(&mut self, score: u16, bin: &Bin) {
        if bin.count == 0 {
            return;
        }
        if let Some(own) = self.bin_mut(score) {
            own.merge(bin);
        }
    }

    /// Takes all assets of another histogram in.
    pub fn merge(&mut self, other: &Histogram) {
        other.entries.iter().for_each(|(score, bin)| self.add_bin(*score, bin));
    }

    /// The score values that occur, ascending, with their assets.
    pub fn entries(&self) -> &[(u16, Bin)] {
        &self.entries
    }

    /// Position of a score value among [`Self::entries`].
    pub fn position(&self, score: u16) -> Option<usize> {
        self.entries.binary_search_by_key(&score, |(score, _)| *score).ok()
    }

    /// The lowest and the highest score; none when there are no assets.
    pub fn range(&self) -> Option<(u16, u16)> {
        Some((self.entries.first()?.0, self.entries.last()?.0))
    }

    /// All assets together.
    pub fn total(&self) -> Bin {
        let mut total = Bin::default();
        self.entries.iter().for_each(|(_, bin)| total.merge(bin));
        total
    }

    fn bin_mut(&mut self, score: u16) -> Option<&mut Bin> {
        let position = match self.entries.binary_search_by_key(&score, |(score, _)| *score) {
            Ok(position) => position,
            Err(position) => {
                self.entries.insert(position, (score, Bin::default()));
                position
            }
        };
        self.entries.get_mut(position).map(|(_, bin)| bin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_keep_scores_ascending_when_assets_come_in_any_order() {
        let mut histogram = Histogram::default();
        for (score, bad, balance) in [(50, false, 5), (10, true, 7), (90, false, 1), (10, false, 2)]
        {
            histogram.add(score, bad, balance);
        }
        let scores: Vec<u16> = histogram.entries().iter().map(|(score, _)| *score).collect();
        assert_eq!(scores, [10, 50, 90]);
        assert_eq!(
            histogram.entries()[0].1,
            Bin { count: 2, balance: 9, bad_count: 1, bad_balance: 7 }
        );
        assert_eq!(histogram.range(), Some((10, 90)));
        assert_eq!(histogram.position(50), Some(1));
        assert_eq!(histogram.position(51), None);
    }

    #[test]
    fn should_equal_one_histogram_when_parts_are_merged() {
        let assets = [(3_u16, true, 4_u128), (2, false, 9), (3, false, 1), (7, true, 2)];
        let whole =
            assets.iter().fold(Histogram::default(), |mut histogram, (score, bad, balance)| {
                histogram.add(*score, *bad, *balance);
                histogram
            });
        let mut merged = Histogram::default();
        let mut second = Histogram::default();
        merged.add(3, true, 4);
        merged.add(2, false, 9);
        second.add(3, false, 1);
        second.add(7, true, 2);
        merged.merge(&second);
        assert_eq!(merged, whole);
        assert_eq!(merged.total(), Bin { count: 4, balance: 16, bad_count: 2, bad_balance: 6 });
    }

    #[test]
    fn should_stay_as_it_is_when_an_empty_bin_is_added() {
        let mut histogram = Histogram::default();
        histogram.add_bin(5, &Bin::default());
        assert_eq!(histogram.entries(), []);
        assert_eq!(histogram.range(), None);
    }
}
