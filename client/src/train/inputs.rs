//! How each feature becomes a quantised input: centre and range from the training data.

use super::TrainFailure;
use crate::table::{map, Table};
use assay_risk::{
    artifact::{Artifact, Feature, Layer, Orientation, Select, TABLE_ENTRIES},
    network::Network,
};
use rayon::prelude::*;

/// Share of the values, at either end, beyond which an input saturates. Money columns have tails a
/// hundred times their median; a range that held them all would leave the median one step wide.
const TAIL: f64 = 0.05;
/// Narrower tails to fall back to when most of a column is one value.
const NARROW_TAILS: [f64; 3] = [0.01, 0.001, 0.0];
/// Multipliers stay below this: a factor is then off by less than one part in a million.
const MULTIPLIER_LIMIT: f64 = 16_777_216.0;
/// Largest magnitude of a quantised value.
pub const FULL: f64 = 127.0;

/// Chooses lower and upper bound, fallback, centre and multiplier of each feature: bounds from the
/// MAP, fallback the median, and the range from percentiles of the rows given.
pub fn choose(features: &[map::Feature], table: &Table, rows: &[usize]) -> Vec<Feature> {
    let choose = |(position, feature): (usize, &map::Feature)| {
        one(feature, &sorted_values(feature, position, table, rows))
    };
    features.iter().enumerate().map(choose).collect()
}

/// The values of a feature that are there, within its bounds, ascending.
pub fn sorted_values(
    feature: &map::Feature,
    position: usize,
    table: &Table,
    rows: &[usize],
) -> Vec<i32> {
    let mut values: Vec<i32> = rows
        .iter()
        .filter(|row| table.present[**row] >> position & 1 == 1)
        .map(|row| table.row_values(*row)[position].clamp(feature.lower, feature.upper))
        .collect();
    values.sort_unstable();
    values
}

fn one(feature: &map::Feature, sorted: &[i32]) -> Feature {
    let (lower, upper) = (feature.lower, feature.upper);
    let fallback = if sorted.is_empty() { 0.clamp(lower, upper) } else { at(sorted, 0.5) };
    let range = |tail: f64| (at(sorted, tail), at(sorted, 1.0 - tail));
    let tails = std::iter::once(TAIL).chain(NARROW_TAILS);
    let range =
        (!sorted.is_empty()).then(|| tails.map(range).find(|(low, high)| low < high)).flatten();
    let (low, high) = range.unwrap_or((fallback, fallback));
    let half = ((f64::from(high) - f64::from(low)) / 2.0).max(0.5);
    let center = (i64::from(low) + i64::from(high)).div_euclid(2) as i32;
    let (multiplier, shift) = fixed_point(FULL / half);
    Feature { lower, upper, fallback, center, multiplier, shift }
}

/// The value below which `share` of the sorted values lie.
pub fn at<T: Copy>(sorted: &[T], share: f64) -> T {
    let last = sorted.len() - 1;
    sorted[((share * last as f64).round() as usize).min(last)]
}

/// The multiplier and shift with `multiplier / 2^shift` nearest to `factor`, the multiplier under
/// [`MULTIPLIER_LIMIT`], and the shift at most 31.
pub fn fixed_point(factor: f64) -> (i32, u8) {
    let scaled = |shift: u8| (factor * f64::from(1_u32 << shift)).round();
    let shift = (0..=31_u8).rev().find(|shift| scaled(*shift) < MULTIPLIER_LIMIT).unwrap_or(0);
    (scaled(shift).clamp(1.0, f64::from(i32::MAX)) as i32, shift)
}

/// The inputs of rows as the float network trains on them: `q / 127`, flattened. The `q` are the
/// chain's own: of a contract that does nothing but select one feature.
///
/// # Errors
///
/// [`TrainFailure::Refused`] when a feature is unsound.
pub fn compute(
    features: &[Feature],
    table: &Table,
    rows: &[usize],
) -> Result<Vec<f32>, TrainFailure> {
    let select = |feature: &Feature| {
        Network::compile(&Artifact {
            features: vec![*feature],
            layers: vec![Layer::Select(Select { positions: vec![0] })],
            table: vec![0; TABLE_ENTRIES],
            score_min: 0,
            score_max: 0,
            orientation: Orientation::HigherIsRiskier,
        })
    };
    let selects: Result<Vec<Network>, _> = features.iter().map(select).collect();
    let selects = selects.map_err(TrainFailure::Refused)?;
    let row_inputs = |selects: &mut Vec<Network>, row: &usize| -> Vec<f32> {
        let (values, present) = (table.row_values(*row), table.present[*row]);
        let input = |(position, select): (usize, &mut Network)| {
            let q = select.logit(&values[position..=position], present >> position & 1);
            f32::from(q) / FULL as f32
        };
        selects.iter_mut().enumerate().map(input).collect()
    };
    Ok(rows.par_iter().map_init(|| selects.clone(), row_inputs).flatten_iter().collect())
}
