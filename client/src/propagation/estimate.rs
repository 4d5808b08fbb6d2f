//! Figures of small samples, with the interval that the bootstrap gives them.

use crate::train::metrics;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use serde::Serialize;
use std::fmt;

/// A figure and the 2.5th and 97.5th percentile of it over resamples of the loans.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ({:.3} to {:.3})", self.value, self.low, self.high)
    }
}

/// How resamples are drawn: loans with replacement, as many as there are.
#[derive(Clone, Copy, Debug)]
pub struct Bootstrap {
    pub resamples: u32,
    pub seed: u64,
}

impl Bootstrap {
    /// The AUC of values that rise with risk. None when the loans are not of both kinds, or no
    /// resample is.
    pub fn auc(self, values: &[i8], bad: &[bool]) -> Option<Estimate> {
        self.of(bad, |rows| auc(values, bad, rows))
    }

    /// By how much `values` rank the same loans better than `others`, in AUC. None as
    /// [`Self::auc`].
    pub fn gain(self, values: &[i8], others: &[i8], bad: &[bool]) -> Option<Estimate> {
        self.of(bad, |rows| auc(values, bad, rows) - auc(others, bad, rows))
    }

    fn of(self, bad: &[bool], figure: impl Fn(&[usize]) -> f64) -> Option<Estimate> {
        let both = |rows: &[usize]| {
            let count = rows.iter().filter(|row| bad[**row]).count();
            count > 0 && count < rows.len()
        };
        let all: Vec<usize> = (0..bad.len()).collect();
        if !both(&all) {
            return None;
        }
        let mut random = ChaCha20Rng::seed_from_u64(self.seed);
        let mut figures = Vec::new();
        for _ in 0..self.resamples {
            let rows: Vec<_> = all.iter().map(|_| random.random_range(0..all.len())).collect();
            if both(&rows) {
                figures.push(figure(&rows));
            }
        }
        figures.sort_unstable_by(f64::total_cmp);
        let (low, high) = (figures.len() / 40, figures.len() - figures.len() / 40);
        let (low, high) = (*figures.get(low)?, *figures.get(high.checked_sub(1)?)?);
        Some(Estimate { value: figure(&all), low, high })
    }
}

fn auc(values: &[i8], bad: &[bool], rows: &[usize]) -> f64 {
    let values: Vec<i8> = rows.iter().map(|row| values[*row]).collect();
    let bad: Vec<bool> = rows.iter().map(|row| bad[*row]).collect();
    metrics::auc(&values, &bad)
}
