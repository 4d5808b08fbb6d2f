//! Networks that others trained: an ONNX graph becomes a float network in a contract's shapes.
//!
//! | module | for |
//! |---|---|
//! | `proto`, `tensor` | the file, its versions and constants |
//! | `walk` | the graph, operator by operator |
//! | `value`, `stages` | what its values are in terms of layers |
//! | `lower`, `ranges` | layers over quantised inputs |
//! | `reference` | the graph in floats |
//! | `model` | quantised, calibrated, measured |
//!
//! The graph takes the columns of the MAP as they stand in the file, so standardisation and
//! imputation are part of it; what it computes is the probability of default. `docs/models.md` lists
//! what can be read.

mod fault;
mod lower;
mod mixture;
mod model;
mod proto;
mod ranges;
mod reference;
mod stages;
mod tensor;
#[cfg(test)]
mod tests;
mod value;
mod walk;

pub use fault::ImportFault;
pub use model::{ImportFailure, ImportOptions};
pub use reference::Reference;

use crate::{
    float_network::FloatModel,
    table::{Map, Table},
    train::metrics,
};
use assay_risk::artifact::Feature;
use lower::InputRange;
use value::Element;
use walk::Walked;

/// A graph that a contract can compute.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    walked: Walked,
}

/// A network over the features of a MAP.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The network once for each way to choose the inputs' ranges.
    pub candidates: Vec<FloatModel>,
    /// The network as it is in the file.
    pub reference: Reference,
}

/// Reads an ONNX file. Takes any bytes, and little time and memory for them.
///
/// # Errors
///
/// [`ImportFault`] for all that a contract can't compute, with the node at which it shows.
pub fn read(bytes: &[u8]) -> Result<Network, ImportFault> {
    read_output(bytes, None)
}

/// As [`read`]; follows the named output of the graph instead of its one float output.
///
/// # Errors
///
/// As [`read`].
pub fn read_output(bytes: &[u8], output: Option<&str>) -> Result<Network, ImportFault> {
    let graph = proto::decode(bytes)?;
    let walked = walk::walk(&graph, output)?;
    let plain = InputRange { middle: 0.0, half: 1.0 };
    lower::lower(&walked.stages, walked.output, &vec![plain; walked.imputed.len()])?;
    Ok(Network { walked })
}

impl Network {
    /// Number of columns that the network takes.
    pub fn inputs(&self) -> usize {
        self.walked.imputed.len()
    }

    /// The network whose probability is one less this one's.
    ///
    /// # Errors
    ///
    /// None that [`read`] has not found before.
    pub fn inverted(mut self) -> Result<Self, ImportFault> {
        let opposite = Element::plain(self.walked.output, 0).affine(-1.0, 0.0);
        let node = self.walked.stages.get(self.walked.output).node.clone();
        self.walked.output = self.walked.stages.linear(&node, &[opposite], &[1.0], &[0.0])?;
        Ok(self)
    }

    /// Refuses a MAP with another number of features than the network has inputs.
    ///
    /// # Errors
    ///
    /// [`ImportFault::OtherInputs`].
    pub fn check_inputs(&self, map: &Map) -> Result<(), ImportFault> {
        let (network, map) = (self.inputs(), map.features.len());
        if network == map {
            return Ok(());
        }
        let column = |(name, columns): &(String, usize)| format!("\"{name}\" {columns}");
        let columns: Vec<String> = self.walked.inputs.iter().map(column).collect();
        Err(ImportFault::OtherInputs { network, columns: columns.join(", "), map })
    }

    /// The network over the features of a MAP, their ranges chosen from rows of a table.
    ///
    /// # Errors
    ///
    /// [`ImportFault`] when the network takes other inputs than the MAP's features, clips or
    /// replaces them otherwise than their bounds allow, or ranks the rows' defaults as the safer ones.
    pub fn bind(self, map: &Map, table: &Table, rows: &[usize]) -> Result<Imported, ImportFault> {
        self.check_inputs(map)?;
        let walked = self.walked;
        check_clips(&walked, map)?;
        let observed = ranges::Observed::new(&walked, map, table, rows)?;
        let mut choices = ranges::TAILS.map(|tail| observed.features(tail)).to_vec();
        let reference = Reference::new(walked.clone(), map, &choices[0]);
        let finer = ranges::FINER_TAILS.iter().map(|tail| observed.features(*tail));
        choices.extend(mixture::least_moved(
            &observed.groups(),
            &choices.iter().cloned().chain(finer).collect::<Vec<_>>(),
            &reference,
            map,
            table,
            rows,
        ));
        let mut candidates: Vec<FloatModel> = Vec::new();
        for features in choices {
            if candidates.iter().any(|known| known.features == features) {
                continue;
            }
            let layers =
                lower::lower(&walked.stages, walked.output, &input_ranges(map, &features))?;
            candidates.push(FloatModel { features, layers });
        }
        let bad: Vec<bool> = rows.iter().map(|row| table.labels[*row] == Some(true)).collect();
        let auc = metrics::auc(&reference.logits(table, rows), &bad);
        if auc < 0.5 {
            return Err(ImportFault::Inverse { auc });
        }
        Ok(Imported { candidates, reference })
    }
}

fn input_ranges(map: &Map, features: &[Feature]) -> Vec<InputRange> {
    let range = |(known, feature)| ranges::input_range(feature, ranges::scale(known));
    map.features.iter().zip(features).map(range).collect()
}

/// Refuses what clips an input to narrower bounds than the MAP's.
fn check_clips(walked: &Walked, map: &Map) -> Result<(), ImportFault> {
    for clip in &walked.clips {
        let feature = &map.features[clip.input];
        let on_chain = |bound: f64| bound * ranges::scale(feature);
        let (one, other) = (on_chain(clip.low), on_chain(clip.high));
        let (low, high) = (one.min(other), one.max(other));
        // A constant in the file is a float32 of what was meant.
        let slack = 1e-6 * f64::from(feature.lower).abs().max(f64::from(feature.upper).abs());
        if low > f64::from(feature.lower) + slack || high < f64::from(feature.upper) - slack {
            return Err(ImportFault::Clip {
                node: clip.node.clone(),
                feature: feature.name.clone(),
                low: clip.low,
                high: clip.high,
                lower: feature.lower,
                upper: feature.upper,
            });
        }
    }
    Ok(())
}
