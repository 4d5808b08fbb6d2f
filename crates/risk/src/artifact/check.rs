//! Whether an artifact can be run (rules, section 3).

use super::{
    Artifact, ArtifactFault, Branch, BranchLayer, Conv1d, Dense, Feature, Layer, LayerAt,
    Orientation, Select, MAX_FEATURES, MAX_LAYERS, MAX_SHIFT, MAX_UNITS, MAX_WEIGHTS,
    TABLE_ENTRIES,
};

/// Largest magnitude of an input or activation.
const MAX_ACTIVATION: u64 = 127;

/// What a sound artifact amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Features it takes.
    pub features: u32,
    /// Layers, those within branches and the `Concat` that holds them included.
    pub layers: u32,
    /// Weights stored.
    pub weights: u32,
    /// Products of one inference as it is run: inputs times outputs of each layer that has weights.
    pub products: u32,
}

/// A layer that holds no others.
#[derive(Clone, Copy)]
pub(crate) enum Plain<'a> {
    Dense(&'a Dense),
    Conv1d(&'a Conv1d),
    Select(&'a Select),
}

impl BranchLayer {
    pub(crate) fn plain(&self) -> Plain<'_> {
        match self {
            Self::Dense(dense) => Plain::Dense(dense),
            Self::Conv1d(conv) => Plain::Conv1d(conv),
            Self::Select(select) => Plain::Select(select),
        }
    }
}

impl Conv1d {
    /// Values of each output channel; none when the kernel does not fit or the stride is 0.
    pub(crate) fn length_out(&self) -> Option<u16> {
        if self.kernel == 0 {
            return None;
        }
        self.length.checked_sub(self.kernel)?.checked_div(self.stride)?.checked_add(1)
    }
}

impl Artifact {
    /// Checks everything that registration asks of an artifact (rules, section 3), whatever was
    /// decoded. An artifact that passes runs without overflow for every input.
    ///
    /// # Errors
    /// The first fault found, in the order features, layers, table.
    pub fn check(&self) -> Result<Shape, ArtifactFault> {
        check_features(&self.features)?;
        let layers = self.count_layers()?;
        let mut walk = Walk { units: self.features.len(), weights: 0, products: 0 };
        for (position, layer) in (0..).zip(&self.layers) {
            let at = LayerAt { layer: position, within: None };
            match layer {
                Layer::Dense(dense) => walk.step(Plain::Dense(dense), at)?,
                Layer::Conv1d(conv) => walk.step(Plain::Conv1d(conv), at)?,
                Layer::Select(select) => walk.step(Plain::Select(select), at)?,
                Layer::Concat { left, right } => walk.join(left, right, at)?,
            }
        }
        if walk.units != 1 {
            return Err(ArtifactFault::OutputNotSingle { units: saturate(walk.units) });
        }
        self.check_table()?;
        Ok(Shape {
            features: saturate(self.features.len()),
            layers,
            weights: saturate(walk.weights),
            products: saturate(walk.products),
        })
    }

    fn count_layers(&self) -> Result<u32, ArtifactFault> {
        let within = self.layers.iter().fold(0_usize, |count, layer| match layer {
            Layer::Concat { left, right } => {
                count.saturating_add(left.len()).saturating_add(right.len())
            }
            _ => count,
        });
        let count = self.layers.len().saturating_add(within);
        match count {
            0 => Err(ArtifactFault::NoLayers),
            1..=MAX_LAYERS => Ok(saturate(count)),
            _ => Err(ArtifactFault::TooManyLayers { count: saturate(count) }),
        }
    }

    fn check_table(&self) -> Result<(), ArtifactFault> {
        if self.table.len() != TABLE_ENTRIES {
            return Err(ArtifactFault::TableLength { entries: saturate(self.table.len()) });
        }
        if self.score_min > self.score_max {
            return Err(ArtifactFault::ScoreRangeInverted);
        }
        for (entry, score) in (0..=u8::MAX).zip(&self.table) {
            if !(self.score_min..=self.score_max).contains(score) {
                return Err(ArtifactFault::TableOutOfRange { entry });
            }
        }
        for (entry, (before, score)) in
            (1..=u8::MAX).zip(self.table.iter().zip(self.table.iter().skip(1)))
        {
            let turns = match self.orientation {
                Orientation::HigherIsRiskier => score < before,
                Orientation::LowerIsRiskier => score > before,
            };
            if turns {
                return Err(ArtifactFault::TableTurns { entry });
            }
        }
        Ok(())
    }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn check_features(features: &[Feature]) -> Result<(), ArtifactFault> {
    if features.is_empty() {
        return Err(ArtifactFault::NoFeatures);
    }
    if features.len() > MAX_FEATURES {
        return Err(ArtifactFault::TooManyFeatures { count: saturate(features.len()) });
    }
    for (position, feature) in (0..).zip(features) {
        if feature.lower > feature.upper {
            return Err(ArtifactFault::BoundsInverted { feature: position });
        }
        if !(feature.lower..=feature.upper).contains(&feature.fallback) {
            return Err(ArtifactFault::FallbackOutOfBounds { feature: position });
        }
        if feature.multiplier <= 0 {
            return Err(ArtifactFault::FeatureMultiplierNotPositive { feature: position });
        }
        if feature.shift > MAX_SHIFT {
            return Err(ArtifactFault::FeatureShiftTooLarge { feature: position });
        }
    }
    Ok(())
}

/// What a walk along the layers has come to.
#[derive(Clone, Copy)]
struct Walk {
    /// Outputs of the last layer passed.
    units: usize,
    weights: usize,
    products: usize,
}

impl Walk {
    fn join(
        &mut self,
        left: &[BranchLayer],
        right: &[BranchLayer],
        at: LayerAt,
    ) -> Result<(), ArtifactFault> {
        let inputs = self.units;
        self.branch(left, at.layer, Branch::Left)?;
        let left_units = core::mem::replace(&mut self.units, inputs);
        self.branch(right, at.layer, Branch::Right)?;
        self.give(at, self.units.saturating_add(left_units))
    }

    fn branch(
        &mut self,
        layers: &[BranchLayer],
        layer: u8,
        branch: Branch,
    ) -> Result<(), ArtifactFault> {
        (0..).zip(layers).try_for_each(|(position, inner)| {
            self.step(inner.plain(), LayerAt { layer, within: Some((branch, position)) })
        })
    }

    fn step(&mut self, layer: Plain<'_>, at: LayerAt) -> Result<(), ArtifactFault> {
        match layer {
            Plain::Dense(dense) => self.dense(dense, at),
            Plain::Conv1d(conv) => self.conv1d(conv, at),
            Plain::Select(select) => self.select(select, at),
        }
    }

    fn dense(&mut self, dense: &Dense, at: LayerAt) -> Result<(), ArtifactFault> {
        let inputs = usize::from(dense.inputs);
        self.take(at, inputs)?;
        self.give(at, usize::from(dense.outputs))?;
        self.weigh(at, inputs.saturating_mul(self.units), dense.weights.len())?;
        self.products = self.products.saturating_add(inputs.saturating_mul(self.units));
        let parameters =
            Parameters { bias: &dense.bias, multiplier: &dense.multiplier, shift: &dense.shift };
        parameters.check(at, self.units, &dense.weights, inputs)
    }

    fn conv1d(&mut self, conv: &Conv1d, at: LayerAt) -> Result<(), ArtifactFault> {
        let inputs = usize::from(conv.channels_in).saturating_mul(usize::from(conv.length));
        self.take(at, inputs)?;
        if conv.stride == 0 {
            return Err(ArtifactFault::NoStride { at });
        }
        let length_out = conv.length_out().ok_or(ArtifactFault::KernelDoesNotFit { at })?;
        let channels_out = usize::from(conv.channels_out);
        self.give(at, channels_out.saturating_mul(usize::from(length_out)))?;
        let field = usize::from(conv.channels_in).saturating_mul(usize::from(conv.kernel));
        self.weigh(at, channels_out.saturating_mul(field), conv.weights.len())?;
        self.products = self.products.saturating_add(inputs.saturating_mul(self.units));
        let parameters =
            Parameters { bias: &conv.bias, multiplier: &conv.multiplier, shift: &conv.shift };
        parameters.check(at, channels_out, &conv.weights, field)
    }

    fn select(&mut self, select: &Select, at: LayerAt) -> Result<(), ArtifactFault> {
        let inputs = self.units;
        self.give(at, select.positions.len())?;
        match select.positions.iter().find(|position| usize::from(**position) >= inputs) {
            Some(position) => Err(ArtifactFault::PositionOutOfRange {
                at,
                position: *position,
                inputs: saturate(inputs),
            }),
            None => Ok(()),
        }
    }

    fn take(&self, at: LayerAt, inputs: usize) -> Result<(), ArtifactFault> {
        if inputs == self.units {
            return Ok(());
        }
        Err(ArtifactFault::InputMismatch {
            at,
            takes: saturate(inputs),
            given: saturate(self.units),
        })
    }

    fn give(&mut self, at: LayerAt, units: usize) -> Result<(), ArtifactFault> {
        match units {
            0 => Err(ArtifactFault::NoUnits { at }),
            1..=MAX_UNITS => {
                self.units = units;
                Ok(())
            }
            _ => Err(ArtifactFault::TooManyUnits { at, units: saturate(units) }),
        }
    }

    fn weigh(&mut self, at: LayerAt, needed: usize, given: usize) -> Result<(), ArtifactFault> {
        if needed != given {
            return Err(ArtifactFault::WeightCountMismatch {
                at,
                needed: saturate(needed),
                given: saturate(given),
            });
        }
        self.weights = self.weights.saturating_add(given);
        if self.weights > MAX_WEIGHTS {
            return Err(ArtifactFault::TooManyWeights { at, count: saturate(self.weights) });
        }
        Ok(())
    }
}

/// What a layer has for each of its outputs, or output channels.
struct Parameters<'a> {
    bias: &'a [i32],
    multiplier: &'a [i32],
    shift: &'a [u8],
}

impl Parameters<'_> {
    /// `field` is how many weights each output has; at least 1.
    fn check(
        &self,
        at: LayerAt,
        outputs: usize,
        weights: &[i8],
        field: usize,
    ) -> Result<(), ArtifactFault> {
        if [self.bias.len(), self.multiplier.len(), self.shift.len()] != [outputs; 3] {
            return Err(ArtifactFault::ParameterCountMismatch { at, needed: saturate(outputs) });
        }
        let each = self.bias.iter().zip(self.multiplier).zip(self.shift);
        for ((output, row), ((bias, multiplier), shift)) in
            (0..).zip(weights.chunks(field.max(1))).zip(each)
        {
            if *multiplier <= 0 {
                return Err(ArtifactFault::MultiplierNotPositive { at, output });
            }
            if *shift > MAX_SHIFT {
                return Err(ArtifactFault::ShiftTooLarge { at, output });
            }
            let reach: u64 = row.iter().map(|weight| u64::from(weight.unsigned_abs())).sum();
            let bound =
                reach.saturating_mul(MAX_ACTIVATION).saturating_add(u64::from(bias.unsigned_abs()));
            if bound > u64::from(i32::MAX.unsigned_abs()) {
                return Err(ArtifactFault::AccumulatorOverflow { at, output });
            }
        }
        Ok(())
    }
}
