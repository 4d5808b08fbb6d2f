//! Units of one layer: weights, ranges and what they come to.

use super::{
    least_squares::Fit,
    signal::{Place, Signal},
    Ranges, Way, FULL,
};
use crate::train::inputs::{at, fixed_point};
use rayon::prelude::*;

/// Biases stay below this, so that no accumulator leaves `i32`.
const BIAS_LIMIT: f64 = 1_000_000_000.0;
/// Shares of the largest weight that are tried as the largest one an integer can be.
const SPANS: [f64; 3] = [1.0, 0.85, 0.7];
/// Shares of the rows that a range of least squared error may hold.
const SHARES: [f64; 6] = [1.0, 0.999_9, 0.999_5, 0.999, 0.995, 0.99];
/// Narrowest piece, as a share of its unit's range.
const NARROWEST: f64 = 1e-6;

/// Units as the float network has them: a row of weights and a bias each.
pub struct Units<'a> {
    pub weights: &'a [f32],
    pub bias: &'a [f32],
    pub relu: bool,
}

/// How units are laid on integers.
#[derive(Clone, Copy)]
pub enum Cut<'a> {
    /// Each in its own range, in pieces.
    Each(Way),
    /// All in one range, in one piece.
    Alike(Ranges),
    /// Between these values, ascending.
    At(&'a [f64]),
}

/// What an artifact's layer has for each output.
#[derive(Default)]
pub struct Rounded {
    pub weights: Vec<i8>,
    pub bias: Vec<i32>,
    pub multiplier: Vec<i32>,
    pub shift: Vec<u8>,
}

/// A unit in integers: `scale * (weights * inputs) + bias`.
struct Unit {
    weights: Vec<i8>,
    scale: f64,
    bias: f64,
    /// Ends of its pieces, ascending.
    ends: Vec<f64>,
    /// The float network's values, row by row.
    floats: Vec<f32>,
}

impl Units<'_> {
    /// The units in integers over a signal, and the signal behind them.
    pub fn quantise(&self, signal: &Signal, cut: Cut<'_>) -> (Rounded, Signal) {
        let fit = Fit::new(signal);
        let mut units: Vec<Unit> = (0..self.bias.len())
            .into_par_iter()
            .map(|unit| self.unit(unit, signal, &fit, cut))
            .collect();
        if let Cut::Alike(_) = cut {
            let low = units.iter().map(|unit| unit.ends[0]).fold(f64::MAX, f64::min);
            let high = units.iter().map(|unit| unit.ends[1]).fold(f64::MIN, f64::max);
            units.iter_mut().for_each(|unit| unit.ends = vec![low, high]);
        }
        let mut rounded = Rounded::default();
        let mut places = Vec::new();
        let mut columns = Vec::new();
        for (index, unit) in units.iter().enumerate() {
            let sums = unit.sums(signal);
            for piece in 0..unit.ends.len() - 1 {
                let (place, column) = unit.lay(piece, &sums, &mut rounded);
                places.push(Place { unit: index, ..place });
                columns.push(column);
            }
        }
        let floats: Vec<&[f32]> = units.iter().map(|unit| unit.floats.as_slice()).collect();
        let integers: Vec<&[i8]> = columns.iter().map(Vec::as_slice).collect();
        let behind =
            Signal { units: units.len(), floats: rows(&floats), places, integers: rows(&integers) };
        (rounded, behind)
    }

    fn unit(&self, unit: usize, signal: &Signal, fit: &Fit, cut: Cut<'_>) -> Unit {
        let own = &self.weights[unit * signal.units..][..signal.units];
        let targets: Vec<f32> = signal
            .floats
            .chunks_exact(signal.units)
            .map(|row| row.iter().zip(own).map(|(x, weight)| x * weight).sum::<f32>())
            .map(|sum| sum + self.bias[unit])
            .collect();
        let on_places: Vec<f64> =
            signal.places.iter().map(|place| f64::from(own[place.unit]) * place.scale).collect();
        let towards = fit.towards(&targets);
        let weights = fit.refit(&on_places, &towards);
        let largest = weights.iter().fold(0.0, |largest: f64, weight| largest.max(weight.abs()));
        let mean = fit.target_mean(&targets);
        let least = (mean.abs() + 10.0 * largest) / BIAS_LIMIT;
        let (mut scale, mut chosen, mut least_error) = (0.0, Vec::new(), f64::INFINITY);
        for span in SPANS {
            let tried = (span * largest / FULL).max(least).max(f64::MIN_POSITIVE);
            let (integers, error) = fit.round(&weights, tried, &towards);
            if error < least_error || chosen.is_empty() {
                (scale, chosen, least_error) = (tried, integers, error);
            }
        }
        let bias = mean - scale * fit.mean(&chosen);
        let relu = |value: f32| if self.relu { value.max(0.0) } else { value };
        let floats: Vec<f32> = targets.into_iter().map(relu).collect();
        let ends = ends(&floats, cut);
        Unit { weights: chosen, scale, bias, ends, floats }
    }
}

impl Unit {
    /// The weighted sums, row by row.
    fn sums(&self, signal: &Signal) -> Vec<i32> {
        let sum = |row: &[i8]| {
            row.iter().zip(&self.weights).map(|(x, w)| i32::from(*x) * i32::from(*w)).sum()
        };
        signal.integers.chunks_exact(signal.places.len()).map(sum).collect()
    }

    /// One piece as an output: its place, and its integers row by row.
    fn lay(&self, piece: usize, sums: &[i32], rounded: &mut Rounded) -> (Place, Vec<i8>) {
        let range = self.ends[self.ends.len() - 1] - self.ends[0];
        let low = self.ends[piece];
        let half = (self.ends[piece + 1] - low).max(NARROWEST * range).max(1e-9) / 2.0;
        let bias = (self.bias - low - half) / self.scale;
        let bias = bias.round().clamp(-BIAS_LIMIT, BIAS_LIMIT) as i32;
        let (multiplier, shift) = fixed_point(self.scale * FULL / half);
        rounded.weights.extend(&self.weights);
        rounded.bias.push(bias);
        rounded.multiplier.push(multiplier);
        rounded.shift.push(shift);
        let rounding = if shift == 0 { 0 } else { 1_i64 << (shift - 1) };
        let output = |sum: &i32| {
            let product = (i64::from(*sum) + i64::from(bias)) * i64::from(multiplier);
            ((product + rounding) >> shift).clamp(-127, 127) as i8
        };
        let offset = if piece == 0 { half + low } else { half };
        let place = Place { unit: 0, scale: half / FULL, offset };
        (place, sums.iter().map(output).collect())
    }
}

/// The ends of a unit's pieces, from its values.
fn ends(values: &[f32], cut: Cut<'_>) -> Vec<f64> {
    let (ranges, pieces) = match cut {
        Cut::At(ends) => return ends.to_vec(),
        Cut::Each(way) => (way.ranges, way.pieces),
        Cut::Alike(ranges) => (ranges, 1),
    };
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let held = |share: f64| (f64::from(at(&sorted, 1.0 - share)), f64::from(at(&sorted, share)));
    let (low, high) = match ranges {
        Ranges::Percentile(share) => held(share),
        Ranges::LeastSquares => {
            let error = |share: &f64| squared_error(&sorted, held(*share), pieces);
            let least = SHARES.into_iter().min_by(|a, b| error(a).total_cmp(&error(b)));
            held(least.unwrap_or(1.0))
        }
    };
    let (low, high) = if low < high { (low, high) } else { (low, low + 1.0) };
    (0..=pieces).map(|end| low + (high - low) * end as f64 / pieces as f64).collect()
}

/// What saturation and rounding do to values in a range.
fn squared_error(sorted: &[f32], (low, high): (f64, f64), pieces: usize) -> f64 {
    let step = (high - low) / (2.0 * FULL * pieces as f64);
    let each = sorted.iter().map(|value| {
        let value = f64::from(*value);
        let beyond = value - value.max(low).min(high);
        // A value at the end of the range has no rounding error: that is where a ReLU is silent.
        let inside = value > low && value < high;
        beyond * beyond + if inside { step * step / 12.0 } else { 0.0 }
    });
    each.sum()
}

/// Columns as rows, flattened.
fn rows<T: Copy>(columns: &[&[T]]) -> Vec<T> {
    let count = columns.first().map_or(0, |column| column.len());
    (0..count).flat_map(|row| columns.iter().map(move |column| column[row])).collect()
}
