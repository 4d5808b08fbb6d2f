//! Which range serves which feature: the one whose rounding moves the logit least.

use super::{input_ranges, reference::Reference};
use crate::{
    table::{Map, Table},
    train::inputs,
};
use assay_risk::artifact::Feature;
use rayon::prelude::*;

/// Rows that are looked at: a mean over these tells ranges apart, and takes a second at most.
const MAX_ROWS: usize = 300;

/// Features of which each group, whose members share a range, has it from the one of `choices` with
/// which the logits of the rows move least in the mean while all other features stay as they are.
/// None when there is nothing to choose from.
pub fn least_moved(
    groups: &[Vec<usize>],
    choices: &[Vec<Feature>],
    reference: &Reference,
    map: &Map,
    table: &Table,
    rows: &[usize],
) -> Option<Vec<Feature>> {
    let step = rows.len().div_ceil(MAX_ROWS).max(1);
    let rows: Vec<usize> = rows.iter().copied().step_by(step).collect();
    let exact: Vec<Vec<f64>> = rows.iter().map(|row| reference.inputs(table, *row)).collect();
    let logits: Vec<f64> = exact.par_iter().map(|row| reference.logit(row.clone())).collect();
    let rounded: Vec<Vec<f64>> = choices
        .iter()
        .map(|features| rounded(features, map, table, &rows))
        .collect::<Option<_>>()?;
    let moved = |group: &[usize], choice: &[f64]| -> f64 {
        let of_row = |(index, row): (usize, &Vec<f64>)| {
            let mut row = row.clone();
            let width = row.len();
            group.iter().for_each(|feature| row[*feature] = choice[index * width + *feature]);
            (reference.logit(row) - logits[index]).abs()
        };
        exact.par_iter().enumerate().map(of_row).sum()
    };
    let mut mixed = choices.first()?.clone();
    for group in groups {
        let moves = rounded.iter().map(|choice| moved(group, choice));
        let (_, best) = moves.zip(choices).min_by(|(a, _), (b, _)| a.total_cmp(b))?;
        group.iter().for_each(|feature| mixed[*feature] = best[*feature]);
    }
    Some(mixed)
}

/// The rows' inputs in the unit of the columns, as the integers stand for them, flattened.
fn rounded(features: &[Feature], map: &Map, table: &Table, rows: &[usize]) -> Option<Vec<f64>> {
    let integers = inputs::compute(features, table, rows).ok()?;
    let ranges = input_ranges(map, features);
    let value = |(input, range): (&f32, &super::lower::InputRange)| {
        range.middle + range.half * f64::from(*input)
    };
    Some(integers.iter().zip(ranges.iter().cycle()).map(value).collect())
}
