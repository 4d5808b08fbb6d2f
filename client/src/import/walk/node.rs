//! A node with what it is given.

use super::super::{
    fault::ImportFault,
    tensor::{self, Tensor},
    value::{Meaning, Symbolic, Value},
};
use candle_onnx::onnx::{AttributeProto, NodeProto};
use std::rc::Rc;

/// A node, its inputs evaluated.
pub struct Node<'g> {
    pub proto: &'g NodeProto,
    pub label: String,
    /// None where an optional input is left out.
    pub inputs: Vec<Option<Rc<Value>>>,
    /// Rows that the graph was exported for, where it names a number.
    pub batch: Option<i64>,
    pub opset: i64,
}

/// What a message calls a node: its name and operator, or where it stands and what it makes.
pub fn label(node: &NodeProto, index: usize) -> String {
    let operator = &node.op_type;
    if node.name.is_empty() {
        let made = node.output.first().map(String::as_str).unwrap_or_default();
        return format!("node {} ({operator}), which makes \"{made}\"", index + 1);
    }
    format!("node \"{}\" ({operator})", node.name)
}

impl Node<'_> {
    /// The node is at fault.
    pub fn fault(&self, problem: impl Into<String>) -> ImportFault {
        ImportFault::Node { node: self.label.clone(), problem: problem.into() }
    }

    /// An input that is there.
    pub fn optional(&self, position: usize) -> Option<&Value> {
        self.inputs.get(position).and_then(Option::as_deref)
    }

    /// An input that must be there.
    pub fn input(&self, position: usize) -> Result<&Value, ImportFault> {
        self.optional(position)
            .ok_or_else(|| self.fault(format!("its input {} is missing", position + 1)))
    }

    /// An input that must be constant.
    pub fn constant_input(&self, position: usize) -> Result<&Tensor, ImportFault> {
        match self.input(position)? {
            Value::Constant(tensor) => Ok(tensor),
            Value::Symbolic(_) => Err(self.fault(format!(
                "its input {} must be constant, but depends on the network's inputs",
                position + 1
            ))),
        }
    }

    /// An input that depends on the network's inputs.
    pub fn symbolic(&self, position: usize) -> Result<&Symbolic, ImportFault> {
        match self.input(position)? {
            Value::Symbolic(value) => Ok(value),
            Value::Constant(_) => Err(self.fault(format!(
                "its input {} is constant; it must depend on the network's inputs",
                position + 1
            ))),
        }
    }

    /// As [`Self::symbolic`], of numbers that are no probabilities.
    pub fn linear(&self, position: usize) -> Result<&Symbolic, ImportFault> {
        let value = self.symbolic(position)?;
        if value.meaning == Meaning::Probability {
            return Err(self.fault(
                "it follows a Sigmoid or Softmax, which only the network's end may have; use ReLU \
                 in hidden layers",
            ));
        }
        Ok(value)
    }

    fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.proto.attribute.iter().find(|attribute| attribute.name == name)
    }

    /// A whole number among the attributes.
    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    /// A number among the attributes.
    pub fn float(&self, name: &str, default: f32) -> f64 {
        f64::from(self.attribute(name).map_or(default, |attribute| attribute.f))
    }

    /// Whole numbers among the attributes; none where the attribute is missing.
    pub fn ints(&self, name: &str) -> Option<Vec<i64>> {
        self.attribute(name).map(|attribute| attribute.ints.clone())
    }

    /// Numbers among the attributes.
    pub fn floats(&self, name: &str) -> Vec<f64> {
        let floats = self.attribute(name).map(|attribute| attribute.floats.as_slice());
        floats.unwrap_or_default().iter().map(|number| f64::from(*number)).collect()
    }

    /// A text among the attributes.
    pub fn text(&self, name: &str) -> String {
        let bytes = self.attribute(name).map(|attribute| attribute.s.as_slice());
        String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
    }

    /// Whole numbers that older operator sets hold in an attribute and newer ones in an input.
    pub fn ints_or_input(
        &self,
        name: &str,
        position: usize,
    ) -> Result<Option<Vec<i64>>, ImportFault> {
        if let Some(ints) = self.ints(name) {
            return Ok(Some(ints));
        }
        match self.optional(position) {
            Some(_) => Ok(Some(self.constant_input(position)?.integers())),
            None => Ok(None),
        }
    }

    /// The value of a `Constant`.
    pub fn constant(&self) -> Result<Value, ImportFault> {
        let vector =
            |numbers: Vec<f64>, whole| Tensor { shape: vec![numbers.len()], numbers, whole };
        let scalar = |number, whole| Tensor { shape: vec![], numbers: vec![number], whole };
        let Some(attribute) = self.proto.attribute.first() else {
            return Err(self.fault("it holds no value"));
        };
        let tensor = match attribute.name.as_str() {
            "value" => {
                let proto = attribute.t.as_ref().ok_or_else(|| self.fault("it holds no value"))?;
                tensor::read(proto, &self.label)?
            }
            "value_float" => scalar(f64::from(attribute.f), false),
            "value_floats" => vector(self.floats("value_floats"), false),
            "value_int" => scalar(attribute.i as f64, true),
            "value_ints" => vector(attribute.ints.iter().map(|int| *int as f64).collect(), true),
            other => return Err(self.fault(format!("its \"{other}\" can't be read"))),
        };
        if !tensor.numbers.iter().all(|number| number.is_finite()) {
            return Err(ImportFault::NotFinite { name: self.label.clone() });
        }
        Ok(Value::Constant(tensor))
    }
}
