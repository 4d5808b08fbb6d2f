//! What stands between two layers, row by row: the float network's values and the artifact's.

use super::FULL;
use crate::float_network::FloatConv1d;

/// One integer between two layers. A unit's value is the sum of `scale * integer + offset` over its
/// places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub unit: usize,
    pub scale: f64,
    pub offset: f64,
}

/// The values of all calibration rows.
#[derive(Clone, Debug)]
pub struct Signal {
    /// Units of the float network.
    pub units: usize,
    /// `rows * units`.
    pub floats: Vec<f32>,
    pub places: Vec<Place>,
    /// `rows * places`.
    pub integers: Vec<i8>,
}

impl Signal {
    /// Of inputs, which are `q / 127`.
    pub fn new(features: usize, inputs: &[f32]) -> Self {
        let place = |unit| Place { unit, scale: 1.0 / FULL, offset: 0.0 };
        let quantised = |input: &f32| (f64::from(*input) * FULL).round() as i8;
        Self {
            units: features,
            floats: inputs.to_vec(),
            places: (0..features).map(place).collect(),
            integers: inputs.iter().map(quantised).collect(),
        }
    }

    pub fn rows(&self) -> usize {
        self.floats.len() / self.units
    }

    /// Keeps the units at the positions; tells the positions of their places.
    pub fn select(&mut self, positions: &[u8]) -> Vec<u8> {
        let mut kept: Vec<usize> = Vec::new();
        let mut places = Vec::new();
        for (unit, position) in positions.iter().enumerate() {
            let of_unit = |(_, place): &(usize, &Place)| place.unit == usize::from(*position);
            for (at, place) in self.places.iter().enumerate().filter(of_unit) {
                kept.push(at);
                places.push(Place { unit, ..*place });
            }
        }
        let units: Vec<usize> = positions.iter().map(|position| usize::from(*position)).collect();
        self.floats = gather(&self.floats, self.units, &units);
        self.integers = gather(&self.integers, self.places.len(), &kept);
        self.units = units.len();
        self.places = places;
        kept.into_iter().map(|at| at as u8).collect()
    }

    /// One row for each place of the kernel, with the values under it, channel by channel. Each unit
    /// has one place, alike in the whole channel.
    pub fn patches(&self, conv: &FloatConv1d) -> Self {
        let starts = (0..conv.length_out()).map(|place| place * conv.stride);
        let under = |start: usize| {
            (0..conv.channels_in)
                .flat_map(move |channel| (0..conv.kernel).map(move |tap| (channel, tap)))
                .map(move |(channel, tap)| channel * conv.length + start + tap)
        };
        let positions: Vec<usize> = starts.flat_map(under).collect();
        let place = |(unit, position): (usize, usize)| Place { unit, ..self.places[position] };
        Self {
            units: conv.channels_in * conv.kernel,
            floats: gather(&self.floats, self.units, &positions),
            places: under(0).enumerate().map(place).collect(),
            integers: gather(&self.integers, self.places.len(), &positions),
        }
    }

    /// From one row for each place of a kernel, with a value a channel, to rows channel by channel.
    pub fn by_channel(&self, length: usize) -> Self {
        let turned = |channels: usize| -> Vec<usize> {
            let at = move |channel| (0..length).map(move |place| place * channels + channel);
            (0..channels).flat_map(at).collect()
        };
        let spread = |place: &Place| {
            let place = *place;
            (0..length).map(move |at| Place { unit: place.unit * length + at, ..place })
        };
        let channels = self.places.len();
        Self {
            units: self.units * length,
            floats: gather(&self.floats, self.units * length, &turned(self.units)),
            places: self.places.iter().flat_map(spread).collect(),
            integers: gather(&self.integers, channels * length, &turned(channels)),
        }
    }

    /// The units of both, the other's last.
    pub fn join(self, other: Self) -> Self {
        let behind = |place: &Place| Place { unit: place.unit + self.units, ..*place };
        Self {
            units: self.units + other.units,
            floats: beside(&self.floats, self.units, &other.floats, other.units),
            integers: beside(
                &self.integers,
                self.places.len(),
                &other.integers,
                other.places.len(),
            ),
            places: self.places.iter().copied().chain(other.places.iter().map(behind)).collect(),
        }
    }
}

/// The values at the positions of each row of so many values.
fn gather<T: Copy>(rows: &[T], width: usize, positions: &[usize]) -> Vec<T> {
    rows.chunks_exact(width)
        .flat_map(|row| positions.iter().map(|position| row[*position]))
        .collect()
}

fn beside<T: Copy>(left: &[T], left_width: usize, right: &[T], right_width: usize) -> Vec<T> {
    let pairs = left.chunks_exact(left_width).zip(right.chunks_exact(right_width));
    pairs.flat_map(|(left, right)| left.iter().chain(right).copied()).collect()
}
