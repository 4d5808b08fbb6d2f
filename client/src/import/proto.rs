//! The file as protobuf: decoding it, and checking what does not depend on any single operator.

use super::{
    fault::ImportFault,
    tensor::{self, Tensor},
};
use candle_onnx::onnx::{
    tensor_shape_proto::dimension, type_proto, GraphProto, ModelProto, NodeProto, ValueInfoProto,
};
use prost::Message;
use std::collections::HashMap;

/// Largest file: 16,384 weights take some 130 kB, and exporters add little to them.
pub const MAX_BYTES: usize = 8 << 20;
/// Most nodes of a graph.
pub const MAX_NODES: usize = 1024;
/// Operator sets that are understood, by domain: the oldest and the newest.
pub const OPSETS: [(&str, i64, i64); 2] = [("", 7, 28), ("ai.onnx.ml", 1, 5)];

/// A graph whose parts are sound one by one.
pub struct Graph {
    pub nodes: Vec<NodeProto>,
    pub constants: HashMap<String, Tensor>,
    /// Graph inputs that are no initializers, with their number of columns.
    pub inputs: Vec<(String, usize)>,
    /// The rows that the graph was exported for, where it names a number.
    pub batch: Option<i64>,
    /// Outputs of the graph, and whether each is a tensor of float32 or float64.
    pub outputs: Vec<(String, bool)>,
    /// Version of the operator set of the default domain.
    pub opset: i64,
}

/// Decodes a file and checks versions, initializers, inputs and outputs.
///
/// # Errors
///
/// [`ImportFault`] for anything but a graph of supported versions and element types.
pub fn decode(bytes: &[u8]) -> Result<Graph, ImportFault> {
    if bytes.len() > MAX_BYTES {
        return Err(ImportFault::TooLarge { bytes: bytes.len() });
    }
    let model =
        ModelProto::decode(bytes).map_err(|fault| ImportFault::NotOnnx(fault.to_string()))?;
    let opset = check_opsets(&model)?;
    let graph = model.graph.ok_or(ImportFault::Empty)?;
    if graph.node.is_empty() || graph.output.is_empty() {
        return Err(ImportFault::Empty);
    }
    if graph.node.len() > MAX_NODES {
        return Err(ImportFault::TooManyNodes { count: graph.node.len() });
    }
    let mut constants = HashMap::new();
    for proto in &graph.initializer {
        constants.insert(proto.name.clone(), tensor::read(proto, &proto.name)?);
    }
    if let Some(sparse) = graph.sparse_initializer.first() {
        let name = sparse.values.as_ref().map(|values| values.name.clone()).unwrap_or_default();
        return Err(ImportFault::ElementType { what: name, found: "a sparse tensor".to_owned() });
    }
    let (inputs, batch) = inputs(&graph, &constants)?;
    let outputs = graph.output.iter().map(|info| (info.name.clone(), is_float(info))).collect();
    Ok(Graph { nodes: graph.node, constants, inputs, batch, outputs, opset })
}

fn check_opsets(model: &ModelProto) -> Result<i64, ImportFault> {
    let mut default = None;
    for import in &model.opset_import {
        let domain = if import.domain == "ai.onnx" { "" } else { import.domain.as_str() };
        let Some((_, oldest, newest)) = OPSETS.iter().find(|(known, ..)| *known == domain) else {
            continue;
        };
        if !(*oldest..=*newest).contains(&import.version) {
            return Err(ImportFault::Opset {
                domain: if domain.is_empty() { "ai.onnx" } else { domain }.to_owned(),
                version: import.version,
                oldest: *oldest,
                newest: *newest,
            });
        }
        if domain.is_empty() {
            default = Some(import.version);
        }
    }
    if model.opset_import.is_empty() {
        return Err(ImportFault::NotOnnx("it names no operator set".to_owned()));
    }
    // A graph of nothing but ai.onnx.ml names no other set.
    Ok(default.unwrap_or(OPSETS[0].2))
}

type Inputs = (Vec<(String, usize)>, Option<i64>);

fn inputs(graph: &GraphProto, constants: &HashMap<String, Tensor>) -> Result<Inputs, ImportFault> {
    let mut inputs = Vec::new();
    let mut batch = None;
    for info in graph.input.iter().filter(|info| !constants.contains_key(&info.name)) {
        let (rows, columns) = columns(info)?;
        batch = batch.or(rows);
        inputs.push((info.name.clone(), columns));
    }
    Ok((inputs, batch))
}

/// The rows, where the file names their number, and the columns of an input.
fn columns(info: &ValueInfoProto) -> Result<(Option<i64>, usize), ImportFault> {
    let name = || info.name.clone();
    let shape =
        |problem: &str| ImportFault::InputShape { input: name(), problem: problem.to_owned() };
    let Some(type_proto::Value::TensorType(tensor)) =
        info.r#type.as_ref().and_then(|kind| kind.value.as_ref())
    else {
        return Err(shape("it is no tensor"));
    };
    if !tensor::is_float(tensor.elem_type) {
        let found = tensor::type_name(tensor.elem_type);
        return Err(ImportFault::ElementType { what: name(), found });
    }
    let dims = tensor.shape.as_ref().map(|shape| shape.dim.as_slice()).unwrap_or_default();
    let [rows, columns] = dims else {
        return Err(shape(&format!("it has {} axes", dims.len())));
    };
    let rows = match rows.value {
        Some(dimension::Value::DimValue(rows)) if rows > 0 => Some(rows),
        _ => None,
    };
    match &columns.value {
        Some(dimension::Value::DimValue(columns)) if (1..=4096).contains(columns) => {
            Ok((rows, usize::try_from(*columns).unwrap_or_default()))
        }
        Some(dimension::Value::DimValue(columns)) => {
            Err(shape(&format!("it has {columns} columns")))
        }
        _ => Err(shape("its number of columns is dynamic")),
    }
}

fn is_float(info: &ValueInfoProto) -> bool {
    match info.r#type.as_ref().and_then(|kind| kind.value.as_ref()) {
        Some(type_proto::Value::TensorType(tensor)) => tensor::is_float(tensor.elem_type),
        _ => false,
    }
}
