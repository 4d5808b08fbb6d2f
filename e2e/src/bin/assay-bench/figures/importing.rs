//! A network of another tool, imported.

use super::{
    files::{assay, fastest},
    Printer, SEED,
};
use anyhow::Result;
use assay_client::float_network::{forward, FloatDense, FloatLayer};
use candle_onnx::onnx::{
    attribute_proto::AttributeType, tensor_proto::DataType, tensor_shape_proto::dimension,
    tensor_shape_proto::Dimension, type_proto, AttributeProto, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto,
};
use prost::Message;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::{fmt::Write, path::Path};

pub const OF_IMPORT: [&str; 1] = ["import.s"];

/// A contract holds 16,384 weights: 64-128-64-1 would have 64 too many.
const WIDTHS: [usize; 4] = [64, 128, 63, 1];
const ROWS: usize = 10_000;
/// Inputs are in -LARGEST..=LARGEST.
const LARGEST: i32 = 100;

/// Measures and prints how long `assay model import` takes.
pub fn run(printer: &Printer) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let mut random = ChaCha20Rng::seed_from_u64(SEED);
    let layers: Vec<FloatDense> =
        WIDTHS.windows(2).map(|pair| layer(pair[0], pair[1], &mut random)).collect();
    std::fs::write(path("net.onnx"), graph(&layers).encode_to_vec())?;
    std::fs::write(path("map.toml"), map())?;
    std::fs::write(path("rows.csv"), rows(&layers, &mut random))?;
    let (network, map, rows, out) =
        (path("net.onnx"), path("map.toml"), path("rows.csv"), path("model.json"));
    let files: [(&str, &Path); 4] =
        [("", &network), ("--data", &rows), ("--map", &map), ("--out", &out)];
    let seconds = fastest(|| assay(&["model", "import"], &files))?;
    printer.print("import.s", seconds, "s");
    Ok(())
}

fn layer(inputs: usize, outputs: usize, random: &mut ChaCha20Rng) -> FloatDense {
    let bound = (6.0 / inputs as f32).sqrt();
    let weights = (0..inputs * outputs).map(|_| random.random_range(-bound..bound)).collect();
    FloatDense { inputs, outputs, weights, bias: vec![0.1; outputs], relu: outputs > 1 }
}

/// Inputs over [`LARGEST`], then the layers, then the probability.
fn graph(layers: &[FloatDense]) -> ModelProto {
    let mut constants = vec![tensor("largest", &[1], &[LARGEST as f32])];
    let mut nodes = vec![node("Div", &["x", "largest"], "r0")];
    for (index, layer) in layers.iter().enumerate() {
        let named = |letter: &str, number: usize| format!("{letter}{number}");
        let (from, out, sum) = (named("r", index), named("r", index + 1), named("z", index));
        let (weights, bias) = (named("w", index), named("b", index));
        let shape = [layer.outputs as i64, layer.inputs as i64];
        constants.push(tensor(&weights, &shape, &layer.weights));
        constants.push(tensor(&bias, &shape[..1], &layer.bias));
        let mut gemm = node("Gemm", &[&from, &weights, &bias], &sum);
        gemm.attribute.push(transposed());
        nodes.push(gemm);
        let (operator, out) = if layer.relu { ("Relu", out.as_str()) } else { ("Sigmoid", "y") };
        nodes.push(node(operator, &[&sum], out));
    }
    let graph = GraphProto {
        node: nodes,
        initializer: constants,
        input: vec![value("x", WIDTHS[0])],
        output: vec![value("y", 1)],
        ..Default::default()
    };
    let opset = OperatorSetIdProto { domain: String::new(), version: 13 };
    let (ir_version, opset_import, graph) = (8, vec![opset], Some(graph));
    ModelProto { ir_version, opset_import, graph, ..Default::default() }
}

fn transposed() -> AttributeProto {
    AttributeProto {
        name: "transB".to_owned(),
        r#type: AttributeType::Int as i32,
        i: 1,
        ..Default::default()
    }
}

fn node(operator: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        op_type: operator.to_owned(),
        name: format!("to_{output}"),
        input: inputs.iter().map(|name| (*name).to_owned()).collect(),
        output: vec![output.to_owned()],
        ..Default::default()
    }
}

fn tensor(name: &str, shape: &[i64], numbers: &[f32]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: shape.to_vec(),
        data_type: DataType::Float as i32,
        float_data: numbers.to_vec(),
        ..Default::default()
    }
}

fn value(name: &str, columns: usize) -> ValueInfoProto {
    let dimension = |value| Dimension { value: Some(value), ..Default::default() };
    let rows = dimension(dimension::Value::DimParam("rows".to_owned()));
    let columns = dimension(dimension::Value::DimValue(columns as i64));
    let shape = Some(TensorShapeProto { dim: vec![rows, columns] });
    let tensor = type_proto::Tensor { elem_type: DataType::Float as i32, shape };
    let of = TypeProto { value: Some(type_proto::Value::TensorType(tensor)), ..Default::default() };
    ValueInfoProto { name: name.to_owned(), r#type: Some(of), ..Default::default() }
}

fn map() -> String {
    let mut map = "[label]\ncolumn = \"bad\"\nbad = [\"1\"]\n".to_owned();
    for column in 0..WIDTHS[0] {
        let _ = write!(
            map,
            "[[feature]]\nname = \"f{column}\"\ncolumn = \"f{column}\"\nunit = \"points\"\n\
             lower = -{LARGEST}\nupper = {LARGEST}\n"
        );
    }
    map
}

/// Rows of which the network's own probability decides who defaults.
fn rows(layers: &[FloatDense], random: &mut ChaCha20Rng) -> String {
    let head: Vec<String> = (0..WIDTHS[0]).map(|column| format!("f{column}")).collect();
    let mut text = format!("{},bad\n", head.join(","));
    let layers: Vec<FloatLayer> = layers.iter().cloned().map(FloatLayer::Dense).collect();
    for _ in 0..ROWS {
        let row: Vec<i32> =
            (0..WIDTHS[0]).map(|_| random.random_range(-LARGEST..=LARGEST)).collect();
        let inputs: Vec<f32> = row.iter().map(|value| *value as f32 / LARGEST as f32).collect();
        let logit = forward(&layers, WIDTHS[0], &inputs)[0];
        let bad = random.random::<f32>() < 1.0 / (1.0 + (-logit).exp());
        row.iter().for_each(|value| {
            let _ = write!(text, "{value},");
        });
        let _ = writeln!(text, "{}", u8::from(bad));
    }
    text
}
