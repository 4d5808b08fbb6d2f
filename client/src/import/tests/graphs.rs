//! Operators, one graph each, against what they are by definition.

use super::build::{floats, graph, info, ints, model, node, Attribute, With};
use crate::{
    float_network::FloatLayer,
    import::{lower, read, Network},
};
use candle_onnx::onnx::{tensor_proto::DataType, ModelProto, NodeProto, TensorProto};

fn import(model: &ModelProto) -> Network {
    read(&super::build::bytes(model)).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The logit of one row, by the stages and by the layers that they become.
fn logit(network: &Network, row: &[f64]) -> f64 {
    let walked = &network.walked;
    let logit = walked.logit(&walked.needed(), row.to_vec());
    let plain = lower::InputRange { middle: 0.0, half: 1.0 };
    let layers = lower::lower(&walked.stages, walked.output, &vec![plain; row.len()]).unwrap();
    let row: Vec<f32> = row.iter().map(|x| *x as f32).collect();
    let by_layers = crate::float_network::forward(&layers, row.len(), &row);
    assert!((f64::from(by_layers[0]) - logit).abs() < 1e-4, "{by_layers:?} {logit}");
    logit
}

/// The logit of a graph of so many columns.
fn evaluate(nodes: Vec<NodeProto>, constants: Vec<TensorProto>, row: &[f64]) -> f64 {
    logit(&import(&model(row.len() as i64, nodes, constants)), row)
}

fn close(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-5, "{found} instead of {wanted}");
}

#[test]
fn should_scale_a_gemm_by_alpha_and_beta_and_transpose_its_weights() {
    let gemm = node("Gemm", &["x", "w", "b"], "y")
        .with("alpha", Attribute::Float(2.0))
        .with("beta", Attribute::Float(0.5))
        .with("transB", Attribute::Int(1));
    let constants = vec![floats("w", &[1, 2], &[3.0, 4.0]), floats("b", &[1], &[8.0])];
    close(evaluate(vec![gemm], constants, &[1.0, 10.0]), 2.0 * 43.0 + 4.0);
}

#[test]
fn should_standardise_by_constants_on_either_side() {
    let nodes = vec![
        node("Sub", &["x", "mean"], "a"),
        node("Div", &["a", "deviation"], "b"),
        node("Mul", &["twice", "b"], "c"),
        node("Sub", &["one", "c"], "d"),
        node("Neg", &["d"], "e"),
        node("MatMul", &["e", "w"], "y"),
    ];
    let constants = vec![
        floats("mean", &[2], &[1.0, 2.0]),
        floats("deviation", &[1, 2], &[2.0, 4.0]),
        floats("twice", &[], &[2.0]),
        floats("one", &[1], &[1.0]),
        floats("w", &[2, 1], &[1.0, 10.0]),
    ];
    // 2 (x - mean) / deviation - 1
    close(evaluate(nodes, constants, &[5.0, 10.0]), 3.0 + 10.0 * 3.0);
}

#[test]
fn should_take_the_difference_of_two_classes_as_logit() {
    let constants = || vec![floats("w", &[1, 2], &[1.0, 3.0])];
    let nodes = |softmax: NodeProto| vec![node("MatMul", &["x", "w"], "z"), softmax];
    close(evaluate(nodes(node("Softmax", &["z"], "y")), constants(), &[2.0]), 4.0);
    let raw = node("Identity", &["z"], "y");
    close(evaluate(nodes(raw), constants(), &[2.0]), 4.0);
}

#[test]
fn should_pick_the_second_of_complementary_probabilities() {
    let nodes = vec![
        node("Sigmoid", &["x"], "p"),
        node("Sub", &["one", "p"], "q"),
        node("Concat", &["q", "p"], "both").with("axis", Attribute::Int(1)),
        node("Normalizer", &["both"], "y").with("norm", Attribute::Text("L1")),
    ];
    close(evaluate(nodes, vec![floats("one", &[], &[1.0])], &[0.7]), 0.7);
    let first = vec![
        node("Softmax", &["x"], "p"),
        node("Gather", &["p", "first"], "y").with("axis", Attribute::Int(1)),
    ];
    close(evaluate(first, vec![ints("first", &[0])], &[1.0, 4.0]), -3.0);
}

#[test]
fn should_fold_batch_normalization_into_the_layer_before() {
    let nodes = vec![
        node("Gemm", &["x", "w"], "z"),
        node("BatchNormalization", &["z", "scale", "shift", "mean", "variance"], "n")
            .with("epsilon", Attribute::Float(0.0)),
        node("Relu", &["n"], "r"),
        node("Gemm", &["r", "last"], "y"),
    ];
    let constants = vec![
        floats("w", &[1, 2], &[1.0, -1.0]),
        floats("scale", &[2], &[2.0, 3.0]),
        floats("shift", &[2], &[0.5, 0.25]),
        floats("mean", &[2], &[1.0, 1.0]),
        floats("variance", &[2], &[4.0, 9.0]),
        floats("last", &[2, 1], &[1.0, 1.0]),
    ];
    let network = import(&model(1, nodes, constants));
    assert_eq!(network.walked.stages.get(network.walked.output).depth, 2);
    close(logit(&network, &[4.0]), 3.5);
    close(logit(&network, &[-4.0]), 3.25);
}

#[test]
fn should_join_a_branch_with_what_passes_beside_it() {
    let nodes = vec![
        node("Gemm", &["x", "w"], "z"),
        node("Relu", &["z"], "r"),
        node("Slice", &["x", "start", "end", "axis"], "beside"),
        node("Concat", &["r", "beside"], "joined").with("axis", Attribute::Int(-1)),
        node("Gemm", &["joined", "last"], "y"),
    ];
    let constants = vec![
        floats("w", &[3, 1], &[1.0, 1.0, 1.0]),
        ints("start", &[-1]),
        ints("end", &[i64::MAX]),
        ints("axis", &[1]),
        floats("last", &[2, 1], &[1.0, 100.0]),
    ];
    let network = import(&model(3, nodes, constants));
    close(logit(&network, &[1.0, 2.0, 3.0]), 306.0);
    let walked = &network.walked;
    let plain = lower::InputRange { middle: 0.0, half: 1.0 };
    let layers = lower::lower(&walked.stages, walked.output, &[plain; 3]).unwrap();
    let [FloatLayer::Concat { left, right }, FloatLayer::Dense(_)] = layers.as_slice() else {
        panic!("{layers:?}");
    };
    // The inputs are the earlier stage, so they are on the left.
    assert_eq!(left, &[FloatLayer::Select(vec![2])]);
    assert!(matches!(right.as_slice(), [FloatLayer::Dense(_)]));
}

/// As Keras lays it out: months before channels, a convolution over an axis of length 1 too.
#[test]
fn should_follow_transposes_around_a_convolution() {
    let nodes = vec![
        node("Reshape", &["x", "months"], "m"),
        node("Transpose", &["m"], "t").with("perm", Attribute::Ints(&[0, 2, 1])),
        node("Unsqueeze", &["t", "two"], "u"),
        node("Conv", &["u", "w", "b"], "c").with("strides", Attribute::Ints(&[1, 1])),
        node("Squeeze", &["c", "two"], "s"),
        node("Transpose", &["s"], "back").with("perm", Attribute::Ints(&[0, 2, 1])),
        node("Relu", &["back"], "r"),
        node("Flatten", &["r"], "f"),
        node("Gemm", &["f", "last"], "y"),
    ];
    let constants = vec![
        ints("months", &[-1, 3, 2]),
        ints("two", &[2]),
        floats("w", &[1, 2, 1, 2], &[1.0, 2.0, 10.0, 20.0]),
        floats("b", &[1], &[0.5]),
        floats("last", &[2, 1], &[1.0, 1000.0]),
    ];
    // Channels are [1, 3, 5] and [2, 4, 6].
    let first = 1.0 + 6.0 + 20.0 + 80.0 + 0.5;
    let second = 3.0 + 10.0 + 40.0 + 120.0 + 0.5;
    let wanted = first + 1000.0 * second;
    let found = evaluate(nodes, constants, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert!((found - wanted).abs() < 0.01, "{found} {wanted}");
}

#[test]
fn should_fold_linear_layers_and_sums_into_one() {
    let nodes = vec![
        node("Gemm", &["x", "a"], "one"),
        node("Gemm", &["one", "b"], "two"),
        node("Gemm", &["x", "c"], "beside"),
        node("Add", &["two", "beside"], "y"),
    ];
    let constants = vec![
        floats("a", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
        floats("b", &[2, 1], &[1.0, 1.0]),
        floats("c", &[2, 1], &[0.5, 0.0]),
    ];
    let network = import(&model(2, nodes, constants));
    assert_eq!(network.walked.stages.get(network.walked.output).depth, 1);
    close(logit(&network, &[1.0, 1.0]), 10.5);
}

#[test]
fn should_take_several_inputs_in_their_order() {
    let nodes = vec![
        node("Concat", &["x", "second"], "both").with("axis", Attribute::Int(1)),
        node("Gemm", &["both", "w"], "y"),
    ];
    let mut model = model(1, nodes, vec![floats("w", &[3, 1], &[1.0, 10.0, 100.0])]);
    graph(&mut model).input.push(info("second", DataType::Float, &[None, Some(2)]));
    let network = import(&model);
    assert_eq!(network.inputs(), 3);
    close(logit(&network, &[1.0, 2.0, 3.0]), 321.0);
}

#[test]
fn should_read_a_linear_classifier_with_a_softmax() {
    let classifier = node("LinearClassifier", &["x"], "label")
        .with("coefficients", Attribute::Floats(&[1.0, 2.0]))
        .with("intercepts", Attribute::Floats(&[0.5, 0.0]))
        .with("post_transform", Attribute::Text("SOFTMAX"));
    let mut classifier = classifier;
    classifier.output.push("y".to_owned());
    close(evaluate(vec![classifier], vec![], &[3.0]), 6.0 - 3.5);
}

#[test]
fn should_turn_the_output_when_inverted() {
    let network = import(&super::build::small());
    let found = logit(&network, &[3.0, 1.0]);
    close(found, 1.5);
    close(logit(&network.inverted().unwrap(), &[3.0, 1.0]), -1.5);
}

#[test]
fn should_take_a_clip_from_0_as_a_relu_and_one_to_6_not() {
    let clip = |low, high| {
        vec![
            node("Gemm", &["x", "w"], "z"),
            node("Clip", &["z"], "c").with("min", Attribute::Float(low)).with("max", high),
            node("Gemm", &["c", "w"], "y"),
        ]
    };
    let constants = || vec![floats("w", &[1, 1], &[2.0])];
    let nodes = clip(0.0, Attribute::Float(f32::MAX));
    close(evaluate(nodes.clone(), constants(), &[3.0]), 12.0);
    close(evaluate(nodes, constants(), &[-3.0]), 0.0);
    let model = model(1, clip(0.0, Attribute::Float(6.0)), constants());
    let fault = read(&super::build::bytes(&model)).unwrap_err().to_string();
    assert!(fault.starts_with("node \"to_c\" (Clip): it clips to 0..=6"), "{fault}");
}
