//! The imported network in floats, over values as they are: what the contract is measured against.

use super::{
    ranges::scale,
    value::{Kind, Stage},
    walk::Walked,
};
use crate::table::{Map, Table};
use assay_risk::artifact::Feature;
use rayon::prelude::*;

/// A network with all that turns a table's row into its inputs.
#[derive(Clone, Debug)]
pub struct Reference {
    walked: Walked,
    needed: Vec<usize>,
    columns: Vec<Column>,
}

#[derive(Clone, Copy, Debug)]
struct Column {
    /// Value on chain per unit of the column.
    scale: f64,
    /// Of a missing value, in the unit of the column.
    missing: f64,
    /// Bounds on chain, for inputs that the network clips to no narrower ones.
    bounds: Option<(i32, i32)>,
}

impl Reference {
    /// The network over a MAP's columns; missing values are what the network itself or, where it
    /// says nothing, the contract's `features` put for them.
    pub fn new(walked: Walked, map: &Map, features: &[Feature]) -> Self {
        let column = |(position, feature): (usize, &Feature)| {
            let scale = scale(&map.features[position]);
            let imputed = walked.imputed.get(position).copied().flatten();
            let clipped = walked.clips.iter().any(|clip| clip.input == position);
            Column {
                scale,
                missing: imputed.unwrap_or(f64::from(feature.fallback) / scale),
                bounds: clipped.then_some((feature.lower, feature.upper)),
            }
        };
        let columns = features.iter().enumerate().map(column).collect();
        Self { needed: walked.needed(), columns, walked }
    }

    /// The logits of rows of a table.
    pub fn logits(&self, table: &Table, rows: &[usize]) -> Vec<f32> {
        rows.par_iter().map(|row| self.logit(self.inputs(table, *row)) as f32).collect()
    }

    /// A row's inputs in the unit of the columns.
    pub fn inputs(&self, table: &Table, row: usize) -> Vec<f64> {
        let values = table.row_values(row);
        let input = |(position, column): (usize, &Column)| {
            if table.present[row] >> position & 1 == 0 {
                return column.missing;
            }
            let value = values[position];
            let value = column.bounds.map_or(value, |(low, high)| value.clamp(low, high));
            f64::from(value) / column.scale
        };
        self.columns.iter().enumerate().map(input).collect()
    }

    /// The logit of such inputs.
    pub fn logit(&self, inputs: Vec<f64>) -> f64 {
        self.walked.logit(&self.needed, inputs)
    }
}

impl Walked {
    /// The stages that the logit depends on, ascending, but for the inputs.
    pub fn needed(&self) -> Vec<usize> {
        let mut needed = vec![false; self.stages.all().len()];
        needed[self.output] = true;
        for stage in (0..=self.output).rev() {
            if needed[stage] {
                self.stages.get(stage).parents().into_iter().for_each(|from| needed[from] = true);
            }
        }
        (1..needed.len()).filter(|stage| needed[*stage]).collect()
    }

    /// The logit of one row of inputs in the unit of the columns.
    pub fn logit(&self, needed: &[usize], inputs: Vec<f64>) -> f64 {
        let mut outputs: Vec<Vec<f64>> = vec![Vec::new(); self.stages.all().len()];
        outputs[0] = inputs;
        for stage in needed {
            outputs[*stage] = run(self.stages.get(*stage), &outputs);
        }
        outputs[self.output][0]
    }
}

fn run(stage: &Stage, outputs: &[Vec<f64>]) -> Vec<f64> {
    let rectified = |value: f64| if stage.relu { value.max(0.0) } else { value };
    match &stage.kind {
        Kind::Inputs(_) => outputs[0].clone(),
        Kind::Dense(dense) => {
            let inputs: Vec<f64> =
                dense.inputs.iter().map(|(from, position)| outputs[*from][*position]).collect();
            let rows = dense.weights.chunks_exact(inputs.len().max(1));
            let sum = |row: &[f64]| row.iter().zip(&inputs).map(|(w, x)| w * x).sum::<f64>();
            rows.zip(&dense.bias).map(|(row, bias)| rectified(sum(row) + bias)).collect()
        }
        Kind::Conv(conv) => {
            let input = |element: &super::value::Element| {
                outputs[element.stage][element.position] * element.scale + element.offset
            };
            let inputs: Vec<f64> = conv.inputs.iter().map(input).collect();
            let (places, field) = (conv.length_out(), conv.channels_in * conv.kernel);
            let output = |output: usize| {
                let (channel, start) = (output / places, output % places * conv.stride);
                let taps = &conv.weights[channel * field..][..field];
                let tap = |(tap, weight): (usize, &f64)| {
                    let at = tap / conv.kernel * conv.length + start + tap % conv.kernel;
                    weight * inputs[at]
                };
                rectified(taps.iter().enumerate().map(tap).sum::<f64>() + conv.bias[channel])
            };
            (0..conv.channels_out * places).map(output).collect()
        }
    }
}
