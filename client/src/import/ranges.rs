//! How features become the inputs of an imported network: centre and range from the data, the same
//! for all inputs of one channel of a convolution, whose weights they share.

use super::{fault::ImportFault, lower::InputRange, value::Kind, walk::Walked};
use crate::{
    table::{map, Map, Table},
    train::inputs::{at, fixed_point, sorted_values, FULL},
};
use assay_risk::artifact::Feature;
use rayon::prelude::*;

/// Shares of the values, at either end, beyond which an input saturates; each makes a candidate.
pub const TAILS: [f64; 4] = [0.05, 0.01, 0.001, 0.0];
/// Further shares that a single range is chosen among.
pub const FINER_TAILS: [f64; 5] = [0.1, 0.03, 0.02, 0.005, 0.002];

/// An input as a convolution sees it: `scale * column + offset`.
#[derive(Clone, Copy)]
struct Member {
    feature: usize,
    scale: f64,
    offset: f64,
}

/// Features that share a range, and their values, ascending, in the unit that they share.
struct Group {
    members: Vec<Member>,
    sorted: Vec<f64>,
}

/// What the data say of the features.
pub struct Observed<'m> {
    map: &'m Map,
    groups: Vec<Group>,
    fallbacks: Vec<i32>,
}

/// Value on chain per unit of the column.
pub fn scale(feature: &map::Feature) -> f64 {
    feature.scale.value()
}

impl<'m> Observed<'m> {
    /// Sorts the values of the rows given.
    ///
    /// # Errors
    ///
    /// [`ImportFault::Fallback`] when what replaces missing values is outside of a feature's bounds.
    pub fn new(
        walked: &Walked,
        map: &'m Map,
        table: &Table,
        rows: &[usize],
    ) -> Result<Self, ImportFault> {
        let columns: Vec<Vec<i32>> = (0..map.features.len())
            .into_par_iter()
            .map(|position| sorted_values(&map.features[position], position, table, rows))
            .collect();
        let sort = |members: Vec<Member>| {
            let mut sorted = Vec::new();
            for member in &members {
                let unit = member.scale / scale(&map.features[member.feature]);
                let values = columns[member.feature].iter().map(|value| f64::from(*value));
                sorted.extend(values.map(|value| value * unit + member.offset));
            }
            sorted.sort_unstable_by(f64::total_cmp);
            Group { members, sorted }
        };
        let groups = grouped(walked, map.features.len()).into_par_iter().map(sort).collect();
        let fallbacks = columns.iter().enumerate().map(|(position, column)| {
            let feature = &map.features[position];
            fallback(feature, walked.imputed.get(position).copied().flatten(), column)
        });
        let fallbacks = fallbacks.collect::<Result<_, _>>()?;
        Ok(Self { map, groups, fallbacks })
    }

    /// The positions of the features that share a range, range by range.
    pub fn groups(&self) -> Vec<Vec<usize>> {
        let positions = |group: &Group| group.members.iter().map(|member| member.feature).collect();
        self.groups.iter().map(positions).collect()
    }

    /// The features with the range that holds all values but those in the tails; narrower tails for
    /// groups in which most values are one.
    pub fn features(&self, tail: f64) -> Vec<Feature> {
        let blank = |(feature, fallback): (&map::Feature, &i32)| Feature {
            lower: feature.lower,
            upper: feature.upper,
            fallback: *fallback,
            center: *fallback,
            multiplier: 1,
            shift: 0,
        };
        let mut features: Vec<Feature> =
            self.map.features.iter().zip(&self.fallbacks).map(blank).collect();
        for Group { members, sorted } in &self.groups {
            let tails = std::iter::once(tail).chain(TAILS.into_iter().filter(|own| *own < tail));
            let range = |tail: f64| (at(sorted, tail), at(sorted, 1.0 - tail));
            let found = (!sorted.is_empty())
                .then(|| tails.map(range).find(|(low, high)| low < high))
                .flatten();
            for member in members {
                let own = &mut features[member.feature];
                let unit = scale(&self.map.features[member.feature]) / member.scale;
                let on_chain = |value: f64| (value - member.offset) * unit;
                let (middle, half) = found.map_or((f64::from(own.fallback), 0.5), |(low, high)| {
                    (on_chain((low + high) / 2.0), ((high - low) / 2.0 * unit).abs())
                });
                own.center =
                    middle.round().clamp(f64::from(own.lower), f64::from(own.upper)) as i32;
                (own.multiplier, own.shift) = fixed_point(FULL / half.max(0.5));
            }
        }
        features
    }
}

fn fallback(
    feature: &map::Feature,
    imputed: Option<f64>,
    sorted: &[i32],
) -> Result<i32, ImportFault> {
    let Some(value) = imputed else {
        let median = if sorted.is_empty() { 0 } else { at(sorted, 0.5) };
        return Ok(median.clamp(feature.lower, feature.upper));
    };
    let on_chain = (value * scale(feature)).round();
    if (f64::from(feature.lower)..=f64::from(feature.upper)).contains(&on_chain) {
        return Ok(on_chain as i32);
    }
    Err(ImportFault::Fallback { feature: feature.name.clone(), value })
}

/// The features that convolutions take as one channel, and each other one by itself.
fn grouped(walked: &Walked, features: usize) -> Vec<Vec<Member>> {
    let mut free = vec![true; features];
    let mut groups = Vec::new();
    for stage in walked.needed() {
        let Kind::Conv(conv) = &walked.stages.get(stage).kind else { continue };
        for channel in conv.inputs.chunks_exact(conv.length) {
            let mut members = Vec::new();
            for element in channel {
                if element.stage == 0 && element.scale != 0.0 && free[element.position] {
                    free[element.position] = false;
                    members.push(Member {
                        feature: element.position,
                        scale: element.scale,
                        offset: element.offset,
                    });
                }
            }
            groups.push(members);
        }
    }
    let alone = (0..features).filter(|feature| free[*feature]);
    groups.extend(alone.map(|feature| vec![Member { feature, scale: 1.0, offset: 0.0 }]));
    groups
}

/// The range of an input in the unit of its column.
pub fn input_range(feature: &Feature, scale: f64) -> InputRange {
    let step = f64::from(1_u32 << feature.shift) / f64::from(feature.multiplier);
    InputRange { middle: f64::from(feature.center) / scale, half: FULL * step / scale }
}
