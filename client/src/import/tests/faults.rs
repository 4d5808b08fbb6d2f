//! Bad input: each is refused with what is wrong and where.

use super::build::{bytes, floats, graph, info, ints, model, node, small, Attribute, With};
use crate::{
    import::{read, read_output},
    table::{Map, Table},
};
use candle_onnx::onnx::{tensor_proto::DataType, ModelProto, NodeProto, TensorProto};
use std::path::Path;

/// Expects the model to be refused with words of all of `parts`.
fn refused(model: &ModelProto, parts: &[&str]) {
    let fault = read(&bytes(model)).unwrap_err().to_string();
    for part in parts {
        assert!(fault.contains(part), "\"{part}\" is not in: {fault}");
    }
}

fn with_nodes(columns: i64, nodes: Vec<NodeProto>, constants: Vec<TensorProto>) -> ModelProto {
    model(columns, nodes, constants)
}

#[test]
fn should_refuse_what_is_no_onnx() {
    for bytes in [&b""[..], b"\0", b"PK\x03\x04", &[0xFF; 64], b"hello, world"] {
        assert!(read(bytes).is_err(), "{bytes:?}");
    }
    let huge = vec![0; super::super::proto::MAX_BYTES + 1];
    assert!(read(&huge).unwrap_err().to_string().contains("at most 8388608"));
}

#[test]
fn should_refuse_newer_operator_sets_with_the_newest_known() {
    let mut model = small();
    model.opset_import[0].version = 99;
    refused(&model, &["ai.onnx 99", "at most 28"]);
    let mut model = small();
    model.opset_import[1].version = 9;
    refused(&model, &["ai.onnx.ml 9", "at most 5"]);
}

#[test]
fn should_refuse_an_empty_graph() {
    let mut model = small();
    graph(&mut model).node.clear();
    refused(&model, &["no graph with nodes"]);
    model.graph = None;
    refused(&model, &["no graph with nodes"]);
}

#[test]
fn should_refuse_dynamic_shapes_but_for_the_rows() {
    let mut model = small();
    graph(&mut model).input[0] = info("x", DataType::Float, &[None, None]);
    refused(&model, &["input \"x\"", "dynamic"]);
    graph(&mut model).input[0] = info("x", DataType::Float, &[None, Some(2), Some(3)]);
    refused(&model, &["input \"x\"", "3 axes"]);
}

#[test]
fn should_refuse_other_element_types() {
    let mut model = small();
    graph(&mut model).initializer[0].data_type = DataType::Float16 as i32;
    refused(&model, &["\"w\" is float16"]);
    let mut model = small();
    graph(&mut model).initializer[0].data_type = DataType::Int8 as i32;
    refused(&model, &["\"w\" is int8"]);
    let mut model = small();
    graph(&mut model).input[0] = info("x", DataType::Float16, &[None, Some(2)]);
    refused(&model, &["\"x\" is float16"]);
}

#[test]
fn should_name_an_unknown_operator_and_those_that_are_known() {
    let nodes = vec![node("Gemm", &["x", "w"], "z"), node("Tanh", &["z"], "y")];
    let model = with_nodes(1, nodes, vec![floats("w", &[1, 1], &[1.0])]);
    refused(&model, &["node \"to_y\" (Tanh)", "not supported", "Gemm", "Imputer"]);
    let mut foreign = small();
    graph(&mut foreign).node[1].domain = "com.example".to_owned();
    refused(&foreign, &["(Sigmoid)", "not supported"]);
}

#[test]
fn should_ignore_what_the_probability_does_not_need() {
    let mut model = small();
    graph(&mut model).node.push(node("ZipMap", &["y"], "map"));
    assert!(read(&bytes(&model)).is_ok());
}

#[test]
fn should_name_the_initializer_of_a_weight_that_is_nan() {
    for weight in [f32::NAN, f32::INFINITY] {
        let mut model = small();
        graph(&mut model).initializer[0].float_data[1] = weight;
        refused(&model, &["\"w\"", "NaN or infinite"]);
    }
}

#[test]
fn should_refuse_external_data_and_wrong_lengths() {
    let mut model = small();
    graph(&mut model).initializer[0].data_location = 1;
    refused(&model, &["\"w\" lies in another file"]);
    let mut model = small();
    graph(&mut model).initializer[0].float_data.pop();
    refused(&model, &["\"w\" needs 2 numbers", "has 1"]);
    let mut model = small();
    graph(&mut model).initializer[0].dims = vec![i64::MAX, i64::MAX];
    refused(&model, &["\"w\" has the shape"]);
}

#[test]
fn should_refuse_circles_and_values_that_nothing_makes() {
    let circle =
        vec![node("Add", &["x", "b"], "a"), node("Relu", &["a"], "b"), node("Relu", &["b"], "y")];
    refused(&with_nodes(1, circle, vec![]), &["circle"]);
    let unmade = vec![node("Add", &["x", "nothing"], "y")];
    refused(&with_nodes(1, unmade, vec![]), &["node \"to_y\" (Add)", "\"nothing\""]);
}

fn wide(columns: i64, hidden: &[i64]) -> ModelProto {
    let mut nodes = Vec::new();
    let mut constants = Vec::new();
    let mut from = ("x".to_owned(), columns);
    for (layer, units) in hidden.iter().chain([&1]).enumerate() {
        let (weights, sum, out) = (format!("w{layer}"), format!("z{layer}"), format!("r{layer}"));
        let count = (from.1 * units) as usize;
        constants.push(floats(&weights, &[from.1, *units], &vec![0.5; count]));
        nodes.push(node("MatMul", &[&from.0, &weights], &sum));
        nodes.push(node("Relu", &[&sum], &out));
        from = (out, *units);
    }
    nodes.push(node("Identity", &[&from.0], "y"));
    model(columns, nodes, constants)
}

#[test]
fn should_name_the_node_and_the_limit_of_what_is_too_large() {
    assert!(read(&bytes(&wide(64, &[127, 64]))).is_ok());
    refused(&wide(65, &[8]), &["input", "65 columns", "at most 64"]);
    refused(&wide(2, &[129]), &["node \"to_z0\" (MatMul)", "129 units", "at most 128"]);
    refused(&wide(2, &[4; 8]), &["node \"to_z8\" (MatMul)", "layer 9", "at most 8"]);
    refused(&wide(64, &[128, 128]), &["node \"to_r1\" (Relu)", "24576 weights", "at most 16384"]);
}

#[test]
fn should_refuse_convolutions_that_a_contract_has_not() {
    let conv = |conv: NodeProto| {
        let nodes = vec![
            node("Reshape", &["x", "shape"], "s"),
            conv,
            node("Flatten", &["c"], "f"),
            node("Gemm", &["f", "last"], "y"),
        ];
        let constants = vec![
            ints("shape", &[-1, 1, 4]),
            floats("w", &[1, 1, 3], &[1.0; 3]),
            floats("last", &[2, 1], &[1.0; 2]),
        ];
        model(4, nodes, constants)
    };
    let plain = || node("Conv", &["s", "w"], "c");
    assert!(read(&bytes(&conv(plain()))).is_ok());
    let at = "node \"to_c\" (Conv)";
    refused(&conv(plain().with("pads", Attribute::Ints(&[1, 1]))), &[at, "pads"]);
    refused(&conv(plain().with("auto_pad", Attribute::Text("SAME_UPPER"))), &[at, "pads"]);
    refused(&conv(plain().with("dilations", Attribute::Ints(&[2]))), &[at, "dilation"]);
    refused(&conv(plain().with("group", Attribute::Int(2))), &[at, "groups"]);
    refused(&conv(plain().with("strides", Attribute::Ints(&[0]))), &[at, "strides"]);
}

#[test]
fn should_refuse_branches_within_branches() {
    let nodes = vec![
        node("Relu", &["x"], "a"),
        node("Gemm", &["a", "w"], "b"),
        node("Relu", &["b"], "c"),
        node("Concat", &["a", "c", "x"], "joined").with("axis", Attribute::Int(1)),
        node("Gemm", &["joined", "last"], "y"),
    ];
    let constants = vec![floats("w", &[1, 1], &[1.0]), floats("last", &[3, 1], &[1.0; 3])];
    refused(&with_nodes(1, nodes, constants), &["joins 3 branches"]);
}

#[test]
fn should_refuse_sigmoids_within_and_softmax_of_three() {
    let inner = vec![node("Sigmoid", &["x"], "s"), node("Gemm", &["s", "w"], "y")];
    let model = with_nodes(1, inner, vec![floats("w", &[1, 1], &[1.0])]);
    refused(&model, &["node \"to_y\" (Gemm)", "follows a Sigmoid"]);
    refused(&with_nodes(3, vec![node("Softmax", &["x"], "y")], vec![]), &["3 classes"]);
}

#[test]
fn should_refuse_what_mixes_rows() {
    let shape = |numbers: &[i64]| vec![ints("shape", numbers)];
    let reshape = || vec![node("Reshape", &["x", "shape"], "y")];
    refused(&with_nodes(4, reshape(), shape(&[-1, 2])), &["does not keep the rows"]);
    let transpose = vec![node("Transpose", &["x"], "y").with("perm", Attribute::Ints(&[1, 0]))];
    refused(&with_nodes(2, transpose, vec![]), &["batch axis"]);
}

#[test]
fn should_ask_which_output_is_the_probability() {
    let mut model = small();
    graph(&mut model).output.push(info("z", DataType::Float, &[None, Some(1)]));
    refused(&model, &["\"y\", \"z\"", "--output"]);
    assert!(read_output(&bytes(&model), Some("z")).is_ok());
    let missing = read_output(&bytes(&model), Some("q")).unwrap_err().to_string();
    assert!(missing.contains("no output \"q\""), "{missing}");
    let mut zipped = small();
    graph(&mut zipped).output[0].r#type = None;
    refused(&zipped, &["zipmap"]);
}

#[test]
fn should_come_back_soon_from_graphs_that_grow() {
    let mut nodes = Vec::new();
    let mut from = "x".to_owned();
    for step in 0..40 {
        let next = format!("n{step}");
        nodes.push(node("Concat", &[&from, &from], &next).with("axis", Attribute::Int(1)));
        from = next;
    }
    nodes.push(node("Identity", &[&from], "y"));
    refused(&with_nodes(2, nodes, vec![]), &["more values than can be read"]);
    let many = vec![node("Identity", &["x"], "y"); 2000];
    refused(&with_nodes(2, many, vec![]), &["2000 nodes"]);
}

/// A MAP of two features in 0..=100 and eight rows, of which those with a large first value are bad.
fn data(scale: &str) -> (Map, Table) {
    let mut text = "name = \"t\"\n".to_owned();
    for name in ["a", "b"] {
        text += &format!(
            "[[feature]]\nname = \"{name}\"\ncolumn = \"{name}\"\nunit = \"u\"\nlower = 0\n\
             upper = 100\nscale = {scale}\n"
        );
    }
    let map = Map::parse(&text, Path::new("map.toml")).unwrap();
    let table = Table {
        features: 2,
        lines: (1..=8).collect(),
        values: (0..8).flat_map(|row| [row * 10, 50 - row]).collect(),
        present: vec![0b11; 8],
        labels: (0..8).map(|row| Some(row > 3)).collect(),
        ..Table::default()
    };
    (map, table)
}

fn bind_fault(model: &ModelProto, scale: &str) -> String {
    let (map, table) = data(scale);
    let rows: Vec<usize> = (0..8).collect();
    read(&bytes(model)).unwrap().bind(&map, &table, &rows).unwrap_err().to_string()
}

#[test]
fn should_refuse_a_map_with_other_features() {
    let model =
        with_nodes(3, vec![node("Gemm", &["x", "w"], "y")], vec![floats("w", &[3, 1], &[1.0; 3])]);
    let fault = bind_fault(&model, "1");
    assert!(fault.contains("takes 3 inputs (\"x\" 3), the MAP has 2 features"), "{fault}");
}

#[test]
fn should_refuse_an_output_that_ranks_the_wrong_way() {
    let mut model = small();
    graph(&mut model).initializer[0].float_data = vec![-1.0, 0.0];
    let fault = bind_fault(&model, "1");
    assert!(fault.contains("AUC 0.0000") && fault.contains("--invert"), "{fault}");
    let (map, table) = data("1");
    let inverted = read(&bytes(&model)).unwrap().inverted().unwrap();
    assert!(inverted.bind(&map, &table, &[0, 5]).is_ok());
}

#[test]
fn should_take_clips_of_inputs_only_where_the_bounds_imply_them() {
    let clip = |high: f32| {
        let nodes = vec![node("Clip", &["x", "low", "high"], "c"), node("Gemm", &["c", "w"], "y")];
        let constants = vec![
            floats("low", &[], &[-1.0]),
            floats("high", &[], &[high]),
            floats("w", &[2, 1], &[1.0, 0.0]),
        ];
        with_nodes(2, nodes, constants)
    };
    let (map, table) = data("10");
    assert!(read(&bytes(&clip(10.0))).unwrap().bind(&map, &table, &[0, 5]).is_ok());
    let fault = bind_fault(&clip(9.0), "10");
    assert!(fault.contains("clips feature \"a\" to -1..=9"), "{fault}");
}

#[test]
fn should_refuse_a_replacement_outside_of_the_bounds() {
    let nodes = vec![
        node("Imputer", &["x"], "i")
            .with("imputed_value_floats", Attribute::Floats(&[50.0, 200.0]))
            .with("replaced_value_float", Attribute::Float(f32::NAN)),
        node("Gemm", &["i", "w"], "y"),
    ];
    let model = with_nodes(2, nodes, vec![floats("w", &[2, 1], &[1.0, 0.0])]);
    let fault = bind_fault(&model, "1");
    assert!(fault.contains("feature \"b\"") && fault.contains("200"), "{fault}");
}
