//! Whether as many loans of each level default as its calibration expects.

use super::LevelQuality;
use assay_risk::rates::Calibration;
use serde::{Deserialize, Serialize};

/// Fewest expected bad and expected good loans of a group of the chi-square: with fewer, the
/// statistic is not distributed as its name says.
const MIN_EXPECTED: f64 = 5.0;

/// How a part's bad rates agree with a calibration that does not count its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Loans behind the calibration.
    pub calibration_rows: u64,
    /// The part's bad rate as the calibration would have it (rules, section 5), rounded up.
    pub expected_bad_rate_ppb: u64,
    /// Mean over the part's loans of the distance between observed and expected rate of their level.
    pub expected_calibration_error_ppb: u64,
    /// None when no group is large enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosmer_lemeshow: Option<HosmerLemeshow>,
}

/// The chi-square of Hosmer and Lemeshow over the levels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HosmerLemeshow {
    /// `sum((observed - expected)^2 / (n * p * (1 - p)))`.
    pub chi_square: f64,
    /// Levels, or neighbours joined until they expect 5 bad and 5 good loans; also the degrees of
    /// freedom, since nothing was fitted to these rows.
    pub groups: u32,
    /// Chance of so large a chi-square were the calibration right.
    pub p_value: f64,
}

impl Agreement {
    /// Compares levels that carry expected rates; `expected_bad_rate_ppb` is that of the whole part.
    /// None when there are no loans.
    pub fn of(
        levels: &[LevelQuality],
        expected_bad_rate_ppb: u64,
        calibration: &Calibration,
    ) -> Option<Self> {
        let rows: u64 = levels.iter().map(|level| level.count).sum();
        if rows == 0 {
            return None;
        }
        let distance = |level: &LevelQuality| {
            let expected = as_share(level.expected_bad_rate_ppb?);
            Some((level.bad_count as f64 - expected * level.count as f64).abs())
        };
        let error: f64 = levels.iter().filter_map(distance).sum::<f64>() / rows as f64;
        let totals = calibration.entries.iter().map(|entry| u64::from(entry.total));
        Some(Self {
            calibration_rows: totals.sum(),
            expected_bad_rate_ppb,
            expected_calibration_error_ppb: (error * 1e9).round() as u64,
            hosmer_lemeshow: hosmer_lemeshow(levels),
        })
    }
}

fn as_share(ppb: u64) -> f64 {
    ppb as f64 / 1e9
}

/// Loans of one or more neighbouring levels.
#[derive(Clone, Copy, Default)]
struct Group {
    count: f64,
    bad: f64,
    expected: f64,
}

impl Group {
    fn add(&mut self, other: Group) {
        self.count += other.count;
        self.bad += other.bad;
        self.expected += other.expected;
    }

    fn is_large(&self) -> bool {
        self.expected >= MIN_EXPECTED && self.count - self.expected >= MIN_EXPECTED
    }

    fn term(&self) -> f64 {
        let variance = self.expected * (1.0 - self.expected / self.count);
        (self.bad - self.expected).powi(2) / variance
    }
}

/// The chi-square over levels from the lowest score upward; a last group that is too small joins the
/// one before it.
pub fn hosmer_lemeshow(levels: &[LevelQuality]) -> Option<HosmerLemeshow> {
    let mut groups: Vec<Group> = Vec::new();
    let mut open = Group::default();
    for level in levels {
        let Some(expected) = level.expected_bad_rate_ppb.map(as_share) else { continue };
        let count = level.count as f64;
        open.add(Group { count, bad: level.bad_count as f64, expected: expected * count });
        if open.is_large() {
            groups.push(std::mem::take(&mut open));
        }
    }
    groups.last_mut()?.add(open);
    let chi_square: f64 = groups.iter().map(Group::term).sum();
    let freedom = u32::try_from(groups.len()).ok()?;
    Some(HosmerLemeshow {
        chi_square,
        groups: freedom,
        p_value: chi_square_above(chi_square, freedom),
    })
}

/// The chance that a chi-square of so many degrees of freedom is above a value: the regularised
/// upper incomplete gamma function `Q(freedom / 2, value / 2)`, by
/// `Q(a + 1, x) = Q(a, x) + x^a e^-x / gamma(a + 1)`. Within 2e-7.
pub fn chi_square_above(value: f64, freedom: u32) -> f64 {
    let x = (value / 2.0).max(0.0);
    if freedom == 0 || x == 0.0 {
        return if x > 0.0 { 0.0 } else { 1.0 };
    }
    let even = freedom.is_multiple_of(2);
    let (mut a, mut chance) = if even { (1.0, (-x).exp()) } else { (0.5, erfc(x.sqrt())) };
    let root_of_pi = std::f64::consts::PI.sqrt();
    let mut term = if even { x * (-x).exp() } else { 2.0 * x.sqrt() * (-x).exp() / root_of_pi };
    while a < f64::from(freedom) / 2.0 {
        chance += term;
        a += 1.0;
        term *= x / a;
    }
    chance.clamp(0.0, 1.0)
}

/// The complementary error function of a value not below 0, by the Chebyshev fit of Numerical
/// Recipes.
fn erfc(x: f64) -> f64 {
    const FIT: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x);
    let exponent = FIT.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient);
    t * (exponent - x * x).exp()
}
