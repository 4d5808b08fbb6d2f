//! Graphs for tests.

use candle_onnx::onnx::{
    attribute_proto::AttributeType, tensor_proto::DataType, tensor_shape_proto::dimension,
    tensor_shape_proto::Dimension, type_proto, AttributeProto, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto,
};
use prost::Message;

/// A model of operator set 13 with one input "x" of so many columns and the output "y".
pub fn model(columns: i64, nodes: Vec<NodeProto>, constants: Vec<TensorProto>) -> ModelProto {
    let graph = GraphProto {
        node: nodes,
        initializer: constants,
        input: vec![info("x", DataType::Float, &[None, Some(columns)])],
        output: vec![info("y", DataType::Float, &[None, Some(1)])],
        ..Default::default()
    };
    let opset = |domain: &str, version| OperatorSetIdProto { domain: domain.to_owned(), version };
    ModelProto {
        ir_version: 8,
        opset_import: vec![opset("", 13), opset("ai.onnx.ml", 1)],
        graph: Some(graph),
        ..Default::default()
    }
}

/// The model's graph.
pub fn graph(model: &mut ModelProto) -> &mut GraphProto {
    model.graph.as_mut().unwrap()
}

pub fn bytes(model: &ModelProto) -> Vec<u8> {
    model.encode_to_vec()
}

pub fn info(name: &str, kind: DataType, dims: &[Option<i64>]) -> ValueInfoProto {
    let dimension = |size: &Option<i64>| Dimension {
        value: Some(match size {
            Some(size) => dimension::Value::DimValue(*size),
            None => dimension::Value::DimParam("rows".to_owned()),
        }),
        ..Default::default()
    };
    let shape = TensorShapeProto { dim: dims.iter().map(dimension).collect() };
    let tensor = type_proto::Tensor { elem_type: kind as i32, shape: Some(shape) };
    ValueInfoProto {
        name: name.to_owned(),
        r#type: Some(TypeProto {
            value: Some(type_proto::Value::TensorType(tensor)),
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// A node named after what it makes.
pub fn node(operator: &str, inputs: &[&str], output: &str) -> NodeProto {
    NodeProto {
        op_type: operator.to_owned(),
        name: format!("to_{output}"),
        input: inputs.iter().map(|name| (*name).to_owned()).collect(),
        output: vec![output.to_owned()],
        ..Default::default()
    }
}

pub fn floats(name: &str, dims: &[i64], numbers: &[f32]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: dims.to_vec(),
        data_type: DataType::Float as i32,
        float_data: numbers.to_vec(),
        ..Default::default()
    }
}

pub fn ints(name: &str, numbers: &[i64]) -> TensorProto {
    TensorProto {
        name: name.to_owned(),
        dims: vec![numbers.len() as i64],
        data_type: DataType::Int64 as i32,
        int64_data: numbers.to_vec(),
        ..Default::default()
    }
}

/// Gives a node an attribute.
pub trait With {
    fn with(self, name: &str, value: Attribute<'_>) -> Self;
}

pub enum Attribute<'a> {
    Int(i64),
    Float(f32),
    Ints(&'a [i64]),
    Floats(&'a [f32]),
    Text(&'a str),
}

impl With for NodeProto {
    fn with(mut self, name: &str, value: Attribute<'_>) -> Self {
        let mut attribute = AttributeProto { name: name.to_owned(), ..Default::default() };
        attribute.r#type = match value {
            Attribute::Int(int) => {
                attribute.i = int;
                AttributeType::Int
            }
            Attribute::Float(float) => {
                attribute.f = float;
                AttributeType::Float
            }
            Attribute::Ints(ints) => {
                attribute.ints = ints.to_vec();
                AttributeType::Ints
            }
            Attribute::Floats(floats) => {
                attribute.floats = floats.to_vec();
                AttributeType::Floats
            }
            Attribute::Text(text) => {
                attribute.s = text.as_bytes().to_vec();
                AttributeType::String
            }
        } as i32;
        self.attribute.push(attribute);
        self
    }
}

/// `y = sigmoid(x * w + b)` over two columns.
pub fn small() -> ModelProto {
    let nodes = vec![node("Gemm", &["x", "w", "b"], "z"), node("Sigmoid", &["z"], "y")];
    model(2, nodes, vec![floats("w", &[2, 1], &[1.0, -2.0]), floats("b", &[1], &[0.5])])
}
