//! Weights of least squared error, as floats and as integers.

use super::signal::Signal;
use rayon::prelude::*;

/// Most rows that weights are fitted on. A prime, as rows go by the places of a kernel: with a common
/// factor all that are taken might be of one place.
const MAX_ROWS: usize = 4_093;
/// Weight, against the inputs' mean variance, of staying near the float network's own weights.
const STAY: f64 = 1e-4;
/// Most rounds of [`Fit::round`].
const MAX_ROUNDS: usize = 40;

/// The second moments of integer inputs, about their means.
pub struct Fit {
    /// Inputs in columns, `rows` each.
    columns: Vec<Vec<f32>>,
    means: Vec<f64>,
    /// `inputs * inputs`.
    covariance: Vec<f64>,
    /// Lower triangle of its root, the diagonal raised.
    root: Vec<f64>,
    /// The rows of the signal that are fitted on.
    rows: Vec<usize>,
}

impl Fit {
    /// Of the integers of a signal.
    pub fn new(signal: &Signal) -> Self {
        let inputs = signal.places.len();
        let all = signal.rows();
        let taken = all.min(MAX_ROWS);
        let chosen: Vec<usize> = (0..taken).map(|row| row * all / taken).collect();
        let rows = || chosen.iter().map(|row| &signal.integers[row * inputs..][..inputs]);
        let count = taken.max(1) as f64;
        let means: Vec<f64> = (0..inputs)
            .map(|at| rows().map(|row| f64::from(row[at])).sum::<f64>() / count)
            .collect();
        let column = |at: usize| -> Vec<f32> {
            rows().map(|row| (f64::from(row[at]) - means[at]) as f32).collect()
        };
        let columns: Vec<Vec<f32>> = (0..inputs).into_par_iter().map(column).collect();
        let covariance: Vec<f64> = (0..inputs * inputs)
            .into_par_iter()
            .map(|at| {
                let (row, column) = (at / inputs, at % inputs);
                let (first, second) = (row.max(column), row.min(column));
                product(&columns[first], &columns[second]) / count
            })
            .collect();
        let trace: f64 = (0..inputs).map(|at| covariance[at * inputs + at]).sum();
        let raise = (STAY * trace / inputs as f64).max(1e-9);
        let root = root(&covariance, inputs, raise);
        Self { columns, means, covariance, root, rows: chosen }
    }

    /// The covariance of each input with a target, one value a row of the signal.
    pub fn towards(&self, target: &[f32]) -> Vec<f64> {
        let target: Vec<f32> = self.rows.iter().map(|row| target[*row]).collect();
        let count = target.len().max(1) as f64;
        self.columns.iter().map(|column| product(column, &target) / count).collect()
    }

    /// The mean of a weighted sum of the inputs.
    pub fn mean(&self, weights: &[i8]) -> f64 {
        self.means.iter().zip(weights).map(|(mean, weight)| mean * f64::from(*weight)).sum()
    }

    /// The mean of a target over the rows that are fitted on.
    pub fn target_mean(&self, target: &[f32]) -> f64 {
        let sum: f64 = self.rows.iter().map(|row| f64::from(target[*row])).sum();
        sum / self.rows.len().max(1) as f64
    }

    /// Weights near the given ones whose sums come nearest to the target.
    pub fn refit(&self, weights: &[f64], towards: &[f64]) -> Vec<f64> {
        let inputs = weights.len();
        let mut rest: Vec<f64> = self.lacking(weights, towards);
        for row in 0..inputs {
            let done: f64 = (0..row).map(|at| self.root[row * inputs + at] * rest[at]).sum();
            rest[row] = (rest[row] - done) / self.root[row * inputs + row];
        }
        for row in (0..inputs).rev() {
            let done: f64 =
                (row + 1..inputs).map(|at| self.root[at * inputs + row] * rest[at]).sum();
            rest[row] = (rest[row] - done) / self.root[row * inputs + row];
        }
        weights.iter().zip(rest).map(|(weight, change)| weight + change).collect()
    }

    /// Integers that, times `scale`, come nearest to the target: from the weights rounded, one weight
    /// is changed at a time as long as that brings the sums nearer, so that weights make up for each
    /// other's rounding. Also tells the squared error, less what no weights can change.
    pub fn round(&self, weights: &[f64], scale: f64, towards: &[f64]) -> (Vec<i8>, f64) {
        let inputs = weights.len();
        let clamp = |weight: f64| weight.round().clamp(-127.0, 127.0);
        let mut rounded: Vec<f64> = weights.iter().map(|weight| clamp(weight / scale)).collect();
        let aim: Vec<f64> = towards.iter().map(|value| value / scale).collect();
        let mut lacking = self.lacking(&rounded, &aim);
        for _ in 0..MAX_ROUNDS {
            let mut changed = false;
            for at in 0..inputs {
                let column = &self.covariance[at * inputs..][..inputs];
                let change = clamp(rounded[at] + lacking[at] / column[at].max(1e-9)) - rounded[at];
                if change != 0.0 && column[at] > 0.0 {
                    rounded[at] += change;
                    lacking.iter_mut().zip(column).for_each(|(left, with)| *left -= change * with);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let error: f64 = (rounded.iter().zip(&lacking).zip(&aim))
            .map(|((weight, lacking), aim)| -weight * (lacking + aim))
            .sum();
        (rounded.into_iter().map(|weight| weight as i8).collect(), error * scale * scale)
    }

    /// By how much the sums' covariance with each input falls short of the target's.
    fn lacking(&self, weights: &[f64], towards: &[f64]) -> Vec<f64> {
        let rows = self.covariance.chunks_exact(weights.len());
        let reached = rows
            .map(|row| row.iter().zip(weights).map(|(with, weight)| with * weight).sum::<f64>());
        towards.iter().zip(reached).map(|(aim, reached)| aim - reached).collect()
    }
}

fn product(left: &[f32], right: &[f32]) -> f64 {
    // Sums of a few hundred stay exact enough in f32, and f32 is what processors are fast in.
    let parts = left.chunks(256).zip(right.chunks(256));
    parts
        .map(|(left, right)| {
            let mut sums = [0.0_f32; 8];
            for (left, right) in left.chunks(8).zip(right.chunks(8)) {
                for (sum, (left, right)) in sums.iter_mut().zip(left.iter().zip(right)) {
                    *sum += left * right;
                }
            }
            f64::from(sums.iter().sum::<f32>())
        })
        .sum()
}

/// The lower triangle whose product with its transpose is the matrix with `raise` on its diagonal
/// (Cholesky).
fn root(matrix: &[f64], size: usize, raise: f64) -> Vec<f64> {
    let mut root = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..=row {
            let done: f64 =
                (0..column).map(|at| root[row * size + at] * root[column * size + at]).sum();
            let rest = matrix[row * size + column] - done;
            root[row * size + column] = if row == column {
                (rest + raise).max(raise).sqrt()
            } else {
                rest / root[column * size + column]
            };
        }
    }
    root
}
