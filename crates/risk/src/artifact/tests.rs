use super::*;
use alloc::{string::ToString, vec};
use proptest::prelude::*;

const MAIN: LayerAt = LayerAt { layer: 0, within: None };
const LEFT: LayerAt = LayerAt { layer: 0, within: Some((Branch::Left, 0)) };

fn feature() -> Feature {
    Feature { lower: -10, upper: 10, fallback: 0, center: 0, multiplier: 1, shift: 0 }
}

fn dense(inputs: u16, outputs: u16) -> Dense {
    let units = usize::from(outputs);
    Dense {
        inputs,
        outputs,
        weights: vec![1; usize::from(inputs) * units],
        bias: vec![0; units],
        multiplier: vec![1; units],
        shift: vec![0; units],
        relu: false,
    }
}

fn conv() -> Conv1d {
    Conv1d {
        channels_in: 1,
        length: 4,
        channels_out: 1,
        kernel: 4,
        stride: 1,
        weights: vec![1; 4],
        bias: vec![0],
        multiplier: vec![1],
        shift: vec![0],
        relu: false,
    }
}

fn artifact(features: usize, layers: Vec<Layer>) -> Artifact {
    Artifact {
        features: vec![feature(); features],
        layers,
        table: (0..255).map(|entry| 1 + entry * 99 / 254).collect(),
        score_min: 1,
        score_max: 100,
        orientation: Orientation::HigherIsRiskier,
    }
}

fn single() -> Artifact {
    artifact(4, vec![Layer::Dense(dense(4, 1))])
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Artifact), fault: ArtifactFault, text: &str) {
    let mut artifact = single();
    assert!(artifact.check().is_ok());
    change(&mut artifact);
    assert_eq!(artifact.check(), Err(fault));
    assert_eq!(fault.to_string(), text);
}

#[track_caller]
fn refused_dense(change: impl FnOnce(&mut Dense), fault: ArtifactFault, text: &str) {
    let mut layer = dense(4, 1);
    change(&mut layer);
    refused(|artifact| artifact.layers = vec![Layer::Dense(layer)], fault, text);
}

#[track_caller]
fn refused_conv(change: impl FnOnce(&mut Conv1d), fault: ArtifactFault) {
    assert!(artifact(4, vec![Layer::Conv1d(conv())]).check().is_ok());
    let mut layer = conv();
    change(&mut layer);
    assert_eq!(artifact(4, vec![Layer::Conv1d(layer)]).check(), Err(fault));
}

#[test]
fn should_give_the_shape_when_branches_join() {
    let left = vec![
        BranchLayer::Select(Select { positions: vec![3, 1, 2, 0] }),
        BranchLayer::Conv1d(Conv1d { kernel: 2, weights: vec![1; 2], ..conv() }),
    ];
    let layers = vec![Layer::Concat { left, right: vec![] }, Layer::Dense(dense(7, 1))];
    let shape = Shape { features: 4, layers: 4, weights: 9, products: 4 * 3 + 7 };
    assert_eq!(artifact(4, layers).check(), Ok(shape));
}

#[test]
fn should_refuse_features_when_they_break_a_rule() {
    use ArtifactFault::*;
    let none = "no features; at least one is needed";
    refused(|artifact| artifact.features.clear(), NoFeatures, none);
    refused(
        |artifact| artifact.features = vec![feature(); 65],
        TooManyFeatures { count: 65 },
        "65 features; at most 64 are allowed",
    );
    refused(
        |artifact| artifact.features[1].lower = 11,
        BoundsInverted { feature: 1 },
        "features[1]: lower is above upper",
    );
    refused(
        |artifact| artifact.features[2].fallback = -11,
        FallbackOutOfBounds { feature: 2 },
        "features[2]: fallback is outside of lower..=upper",
    );
    refused(
        |artifact| artifact.features[3].multiplier = 0,
        FeatureMultiplierNotPositive { feature: 3 },
        "features[3]: multiplier is not positive",
    );
    refused(
        |artifact| artifact.features[0].shift = 32,
        FeatureShiftTooLarge { feature: 0 },
        "features[0]: shift is above 31",
    );
}

#[test]
fn should_refuse_layers_when_there_are_none_or_too_many() {
    let none = "no layers; at least one is needed";
    refused(|artifact| artifact.layers.clear(), ArtifactFault::NoLayers, none);
    let chain = |count: usize| {
        let first = Layer::Dense(dense(4, 1));
        core::iter::once(first).chain(vec![Layer::Dense(dense(1, 1)); count - 1]).collect()
    };
    assert!(artifact(4, chain(8)).check().is_ok());
    refused(
        |artifact| artifact.layers = chain(9),
        ArtifactFault::TooManyLayers { count: 9 },
        "9 layers, with those within branches; at most 8 are allowed",
    );
    let branch = vec![BranchLayer::Dense(dense(4, 4)); 4];
    let layers =
        vec![Layer::Concat { left: branch.clone(), right: branch }, Layer::Dense(dense(8, 1))];
    let fault = ArtifactFault::TooManyLayers { count: 10 };
    assert_eq!(artifact(4, layers).check(), Err(fault));
}

#[test]
fn should_refuse_layers_when_they_do_not_chain() {
    refused_dense(
        |layer| layer.inputs = 5,
        ArtifactFault::InputMismatch { at: MAIN, takes: 5, given: 4 },
        "layers[0]: takes 5 inputs but is given 4",
    );
    let fault = ArtifactFault::InputMismatch { at: MAIN, takes: 5, given: 4 };
    refused_conv(|layer| layer.length = 5, fault);
    let left = vec![BranchLayer::Dense(dense(3, 1))];
    let fault = ArtifactFault::InputMismatch { at: LEFT, takes: 3, given: 4 };
    assert_eq!(artifact(4, vec![Layer::Concat { left, right: vec![] }]).check(), Err(fault));
    assert_eq!(fault.to_string(), "layers[0].left[0]: takes 3 inputs but is given 4");
    refused(
        |artifact| artifact.layers = vec![Layer::Dense(dense(4, 2))],
        ArtifactFault::OutputNotSingle { units: 2 },
        "the last layer has 2 outputs; it must have one",
    );
}

#[test]
fn should_refuse_layers_when_they_have_too_few_or_too_many_units() {
    refused_dense(
        |layer| layer.outputs = 0,
        ArtifactFault::NoUnits { at: MAIN },
        "layers[0]: the layer has no outputs",
    );
    refused_dense(
        |layer| *layer = dense(4, 129),
        ArtifactFault::TooManyUnits { at: MAIN, units: 129 },
        "layers[0]: 129 outputs; at most 128 are allowed",
    );
    let wide = ArtifactFault::TooManyUnits { at: MAIN, units: 129 };
    refused_conv(|layer| layer.channels_out = 129, wide);
    let left = vec![BranchLayer::Dense(dense(4, 125))];
    assert_eq!(artifact(4, vec![Layer::Concat { left, right: vec![] }]).check(), Err(wide));
    let none = vec![Layer::Select(Select { positions: vec![] })];
    assert_eq!(artifact(4, none).check(), Err(ArtifactFault::NoUnits { at: MAIN }));
}

#[test]
fn should_refuse_layers_when_weights_are_too_many_or_do_not_fit() {
    refused_dense(
        |layer| layer.weights.truncate(3),
        ArtifactFault::WeightCountMismatch { at: MAIN, needed: 4, given: 3 },
        "layers[0]: 3 weights where the shape needs 4",
    );
    let fault = ArtifactFault::WeightCountMismatch { at: MAIN, needed: 4, given: 5 };
    refused_conv(|layer| layer.weights.push(1), fault);
    let full = |last: u16| {
        let layers = vec![dense(64, 64), dense(64, 126), dense(126, last), dense(last, 1)];
        artifact(64, layers.into_iter().map(Layer::Dense).collect())
    };
    let (allowed, over) = (full(33), full(34));
    assert_eq!(allowed.check().map(|shape| shape.weights), Ok(16_351));
    let at = LayerAt { layer: 2, within: None };
    assert_eq!(over.check(), Err(ArtifactFault::TooManyWeights { at, count: 16_444 }));
}

#[test]
fn should_refuse_convolutions_when_kernel_or_stride_do_not_fit() {
    for kernel in [0, 5] {
        let fault = ArtifactFault::KernelDoesNotFit { at: MAIN };
        refused_conv(|layer| layer.kernel = kernel, fault);
    }
    refused_conv(|layer| layer.stride = 0, ArtifactFault::NoStride { at: MAIN });
}

#[test]
fn should_refuse_layers_when_requantisation_is_unsound() {
    refused_dense(
        |layer| layer.multiplier[0] = -1,
        ArtifactFault::MultiplierNotPositive { at: MAIN, output: 0 },
        "layers[0]: multiplier[0] is not positive",
    );
    refused_dense(
        |layer| layer.shift[0] = 32,
        ArtifactFault::ShiftTooLarge { at: MAIN, output: 0 },
        "layers[0]: shift[0] is above 31",
    );
    let needed = ArtifactFault::ParameterCountMismatch { at: MAIN, needed: 1 };
    let text = "layers[0]: 1 biases, multipliers and shifts are needed";
    refused_dense(|layer| layer.bias.push(0), needed, text);
    refused_dense(|layer| layer.multiplier.clear(), needed, text);
    refused_dense(|layer| layer.shift.push(0), needed, text);
}

#[test]
fn should_refuse_a_layer_when_its_accumulator_could_overflow() {
    // 4 weights of 1: 127 * 4 = 508 is what is left for the inputs.
    for bias in [i32::MAX - 508, -(i32::MAX - 508)] {
        let layer = Dense { bias: vec![bias], ..dense(4, 1) };
        assert!(artifact(4, vec![Layer::Dense(layer)]).check().is_ok());
    }
    let overflow = ArtifactFault::AccumulatorOverflow { at: MAIN, output: 0 };
    let text = "layers[0]: the sum of output 0 could leave 32 bits for some input";
    for bias in [i32::MAX - 507, -(i32::MAX - 507), i32::MIN] {
        refused_dense(|layer| layer.bias[0] = bias, overflow, text);
    }
}

#[test]
fn should_refuse_a_selection_when_it_is_out_of_range() {
    refused(
        |artifact| artifact.layers = vec![Layer::Select(Select { positions: vec![4] })],
        ArtifactFault::PositionOutOfRange { at: MAIN, position: 4, inputs: 4 },
        "layers[0]: position 4 is selected out of 4 inputs",
    );
}

#[test]
fn should_refuse_a_table_when_it_turns_or_leaves_the_range() {
    use ArtifactFault::*;
    let short = "the table has 254 entries; it must have 255";
    refused(|artifact| artifact.table.truncate(254), TableLength { entries: 254 }, short);
    let inverted = "score_min is above score_max";
    refused(|artifact| artifact.score_min = 101, ScoreRangeInverted, inverted);
    refused(
        |artifact| artifact.table[254] = 101,
        TableOutOfRange { entry: 254 },
        "table[254] is outside of score_min..=score_max",
    );
    refused(
        |artifact| artifact.score_min = 2,
        TableOutOfRange { entry: 0 },
        "table[0] is outside of score_min..=score_max",
    );
    let turns = "table[1] turns against the orientation of the scores";
    refused(|artifact| artifact.table[0] = 100, TableTurns { entry: 1 }, turns);
    let falling = Artifact { table: (1..=255).rev().collect(), score_max: 255, ..single() };
    assert_eq!(falling.check(), Err(TableTurns { entry: 1 }));
    let lower = Artifact { orientation: Orientation::LowerIsRiskier, ..falling };
    assert!(lower.check().is_ok());
}

#[test]
fn should_store_weights_as_plain_bytes_when_encoded() {
    let encoded = Dense { weights: vec![-128, 0, 127, -1], ..dense(4, 1) }.encode();
    assert_eq!(encoded[..9], [4, 0, 1, 0, 4 << 2, 0x80, 0, 0x7f, 0xff]);
}

#[cfg(feature = "serde")]
#[test]
fn should_refuse_json_when_a_field_is_unknown() {
    let mut json = serde_json::to_value(single()).expect("JSON");
    assert_eq!(serde_json::from_value::<Artifact>(json.clone()).expect("an artifact"), single());
    json["layers"][0]["padding"] = 1.into();
    assert!(serde_json::from_value::<Artifact>(json).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn should_read_the_orientation_when_json_names_it() {
    let lower = Artifact {
        table: (1..=255).rev().collect(),
        score_max: 255,
        orientation: Orientation::LowerIsRiskier,
        ..single()
    };
    let json = serde_json::to_value(&lower).expect("JSON");
    assert_eq!(json["orientation"], "lower_is_riskier");
    assert_eq!(serde_json::from_value::<Artifact>(json).expect("an artifact"), lower);
}

/// Layers whose lists and sizes are near each other, so that some of them get far into the check.
fn any_plain() -> impl Strategy<Value = BranchLayer> {
    let size = || prop_oneof![4 => 0_u16..4, 1 => any::<u16>()];
    let lists = (
        prop::collection::vec(any::<i8>(), 0..10),
        prop::collection::vec(any::<i32>(), 0..4),
        prop::collection::vec(any::<i32>(), 0..4),
        prop::collection::vec(any::<u8>(), 0..4),
    );
    let sizes = (size(), size(), size(), size(), size());
    (0..3, sizes, lists, any::<bool>()).prop_map(|(kind, sizes, lists, relu)| {
        let (weights, bias, multiplier, shift) = lists;
        let (channels_in, length, channels_out, kernel, stride) = sizes;
        match kind {
            0 => {
                let (inputs, outputs) = (channels_in, channels_out);
                BranchLayer::Dense(Dense {
                    inputs,
                    outputs,
                    weights,
                    bias,
                    multiplier,
                    shift,
                    relu,
                })
            }
            1 => BranchLayer::Conv1d(Conv1d {
                channels_in,
                length,
                channels_out,
                kernel,
                stride,
                weights,
                bias,
                multiplier,
                shift,
                relu,
            }),
            _ => BranchLayer::Select(Select { positions: shift }),
        }
    })
}

fn any_layer() -> impl Strategy<Value = Layer> {
    let branch = || prop::collection::vec(any_plain(), 0..3);
    prop_oneof![
        3 => any_plain().prop_map(|layer| match layer {
            BranchLayer::Dense(dense) => Layer::Dense(dense),
            BranchLayer::Conv1d(conv) => Layer::Conv1d(conv),
            BranchLayer::Select(select) => Layer::Select(select),
        }),
        1 => (branch(), branch()).prop_map(|(left, right)| Layer::Concat { left, right }),
    ]
}

proptest! {
    #[test]
    fn should_answer_when_any_artifact_is_checked(
        features in 1_usize..4,
        layers in prop::collection::vec(any_layer(), 0..4),
        ends in any::<(u16, u16)>()
    ) {
        let (score_min, score_max) = ends;
        let artifact = Artifact { score_min, score_max, ..artifact(features, layers) };
        let compiled = crate::network::Network::compile(&artifact);
        prop_assert_eq!(compiled.map(|_| ()), artifact.check().map(|_| ()));
    }

    #[test]
    fn should_answer_when_any_bytes_are_decoded(
        cut in any::<prop::sample::Index>(), byte: u8, position in any::<prop::sample::Index>()
    ) {
        let left = vec![BranchLayer::Select(Select { positions: vec![0, 1, 2, 3] }),
            BranchLayer::Conv1d(conv())];
        let layers = vec![Layer::Concat { left, right: vec![] }, Layer::Dense(dense(5, 1))];
        let mut bytes = artifact(4, layers).encode();
        let position = position.index(bytes.len());
        bytes[position] = byte;
        let cut = cut.index(bytes.len());
        let whole = Artifact::decode(&mut bytes.as_slice());
        prop_assert!(Artifact::decode(&mut &bytes[..cut]).is_err() || whole.is_ok());
        if let Ok(artifact) = whole {
            let compiled = crate::network::Network::compile(&artifact);
            prop_assert_eq!(compiled.map(|_| ()), artifact.check().map(|_| ()));
        }
    }
}
