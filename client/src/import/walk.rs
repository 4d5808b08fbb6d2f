//! The walk through a graph: from the probability back to the inputs for what is needed, then
//! forward, node by node.

mod arithmetic;
mod linear;
mod node;
mod shape;

use super::{
    fault::ImportFault,
    proto::Graph,
    stages::Stages,
    value::{Element, Meaning, Symbolic, Value},
};
use assay_risk::artifact::MAX_FEATURES;
use candle_onnx::onnx::NodeProto;
use node::{label, Node};
use std::{collections::HashMap, rc::Rc};

/// The operators that a network may have.
pub const SUPPORTED: [&str; 29] = [
    "Add",
    "ArrayFeatureExtractor",
    "BatchNormalization",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "Conv",
    "Div",
    "Dropout",
    "Flatten",
    "Gather",
    "Gemm",
    "Identity",
    "Imputer",
    "LinearClassifier",
    "MatMul",
    "Mul",
    "Neg",
    "Normalizer",
    "Relu",
    "Reshape",
    "Scaler",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Squeeze",
    "Sub",
    "Transpose and Unsqueeze",
];

/// Most elements of a value that depends on the inputs.
const MAX_ELEMENTS: usize = 1024;

/// An input that the graph clips; harmless where the MAP's bounds are as narrow.
#[derive(Clone, Debug, PartialEq)]
pub struct InputClip {
    pub node: String,
    pub input: usize,
    /// In the unit of the MAP's column, as is `high`.
    pub low: f64,
    pub high: f64,
}

/// A graph understood: one logit over stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Walked {
    pub stages: Stages,
    /// The stage whose one output is the logit; without a ReLU.
    pub output: usize,
    /// What stands in for a missing input, in the unit of the MAP's column.
    pub imputed: Vec<Option<f64>>,
    pub clips: Vec<InputClip>,
    /// Input tensors with their number of columns.
    pub inputs: Vec<(String, usize)>,
}

/// Follows an output of the graph back to the inputs; without a name, its one float output.
///
/// # Errors
///
/// [`ImportFault`] for what a contract can't compute.
pub fn walk(graph: &Graph, output: Option<&str>) -> Result<Walked, ImportFault> {
    let columns = graph.inputs.iter().map(|(_, columns)| columns).sum();
    if columns > MAX_FEATURES {
        let node = "the graph's input".to_owned();
        let what = format!("it has {columns} columns");
        return Err(ImportFault::Limit { node, what, most: MAX_FEATURES });
    }
    let output = choose_output(graph, output)?;
    let mut walker = Walker::new(graph, columns);
    for index in order(graph, output)? {
        walker.step(index)?;
    }
    walker.finish(output)
}

fn choose_output<'g>(graph: &'g Graph, name: Option<&str>) -> Result<&'g str, ImportFault> {
    let listed = || {
        let names: Vec<_> = graph.outputs.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        names.join(", ")
    };
    let chosen = match name {
        Some(name) => graph.outputs.iter().find(|(known, _)| known == name).ok_or_else(|| {
            ImportFault::NoSuchOutput { name: name.to_owned(), outputs: listed() }
        })?,
        None => {
            let mut floats = graph.outputs.iter().filter(|(_, float)| *float);
            match (floats.next(), floats.next()) {
                (Some(only), None) => only,
                (Some(_), Some(_)) => return Err(ImportFault::WhichOutput { outputs: listed() }),
                // The label comes first, so the probability is what comes last.
                _ => graph.outputs.last().ok_or(ImportFault::Empty)?,
            }
        }
    };
    if chosen.1 {
        return Ok(&chosen.0);
    }
    Err(ImportFault::NotAProbability { name: chosen.0.clone() })
}

/// The nodes that an output needs, each after those it takes values from.
fn order(graph: &Graph, output: &str) -> Result<Vec<usize>, ImportFault> {
    let mut makers: HashMap<&str, usize> = HashMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if makers.insert(name, index).is_some() {
                let problem = format!("\"{name}\" is made by another node, too");
                return Err(ImportFault::Node { node: label(node, index), problem });
            }
        }
    }
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Unseen,
        Open,
        Done,
    }
    let mut states = vec![State::Unseen; graph.nodes.len()];
    let mut sorted = Vec::new();
    let mut stack: Vec<usize> = makers.get(output).copied().into_iter().collect();
    while let Some(index) = stack.last().copied() {
        if states[index] != State::Unseen {
            stack.pop();
            if states[index] == State::Open {
                states[index] = State::Done;
                sorted.push(index);
            }
            continue;
        }
        states[index] = State::Open;
        let node = &graph.nodes[index];
        for maker in node.input.iter().filter_map(|name| makers.get(name.as_str())) {
            match states[*maker] {
                State::Open => return Err(ImportFault::Cycle { node: label(node, index) }),
                State::Unseen => stack.push(*maker),
                State::Done => {}
            }
        }
    }
    Ok(sorted)
}

struct Walker<'g> {
    graph: &'g Graph,
    stages: Stages,
    values: HashMap<&'g str, Rc<Value>>,
    imputed: Vec<Option<f64>>,
    clips: Vec<InputClip>,
}

impl<'g> Walker<'g> {
    fn new(graph: &'g Graph, columns: usize) -> Self {
        let mut values: HashMap<&str, Rc<Value>> = graph
            .constants
            .iter()
            .map(|(name, tensor)| (name.as_str(), Rc::new(Value::Constant(tensor.clone()))))
            .collect();
        let mut first = 0;
        for (name, columns) in &graph.inputs {
            let elements = (first..first + columns).map(|input| Element::plain(0, input));
            let (shape, meaning) = (vec![*columns], Meaning::Linear);
            let value = Symbolic { shape, elements: elements.collect(), meaning };
            values.insert(name, Rc::new(Value::Symbolic(value)));
            first += columns;
        }
        let (imputed, clips) = (vec![None; columns], Vec::new());
        Self { graph, stages: Stages::new(columns), values, imputed, clips }
    }

    fn step(&mut self, index: usize) -> Result<(), ImportFault> {
        let proto = &self.graph.nodes[index];
        let node = self.node(proto, index)?;
        let value = self.evaluate(&node)?;
        let count = match &value {
            Value::Constant(tensor) => tensor.numbers.len(),
            Value::Symbolic(value) => {
                let elements = &value.elements;
                if elements.len() > MAX_ELEMENTS || elements.is_empty() {
                    return Err(node.fault(format!(
                        "it makes {} values of a row; 1 to {MAX_ELEMENTS} can be read",
                        elements.len()
                    )));
                }
                let finite = |element: &Element| (element.scale + element.offset).is_finite();
                if !elements.iter().all(finite) {
                    return Err(node.fault("it makes NaN or infinity, as by dividing by 0"));
                }
                elements.len()
            }
        };
        self.stages.charge(&node.label, count + 1)?;
        // A classifier gives its label first.
        let made = usize::from(proto.op_type == "LinearClassifier");
        if let Some(name) = proto.output.get(made) {
            self.values.insert(name, Rc::new(value));
        }
        Ok(())
    }

    fn node(&self, proto: &'g NodeProto, index: usize) -> Result<Node<'g>, ImportFault> {
        let label = label(proto, index);
        let find = |name: &String| {
            if name.is_empty() {
                return Ok(None);
            }
            let unmade = || ImportFault::Unmade { node: label.clone(), name: name.clone() };
            self.values.get(name.as_str()).cloned().map(Some).ok_or_else(unmade)
        };
        let inputs = proto.input.iter().map(find).collect::<Result<_, _>>()?;
        Ok(Node { proto, label, inputs, batch: self.graph.batch, opset: self.graph.opset })
    }

    fn evaluate(&mut self, node: &Node<'_>) -> Result<Value, ImportFault> {
        let known_domain = matches!(node.proto.domain.as_str(), "" | "ai.onnx" | "ai.onnx.ml");
        let operator = if known_domain { node.proto.op_type.as_str() } else { "" };
        match operator {
            "Identity" | "Dropout" | "Cast" => shape::copy(node),
            "Constant" => node.constant(),
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => shape::reshape(node),
            "Transpose" | "Slice" | "Gather" | "ArrayFeatureExtractor" => shape::pick(node),
            "Concat" => shape::concat(node),
            "Add" | "Sub" | "Mul" | "Div" | "Neg" => arithmetic::binary(node, &mut self.stages),
            "Scaler" => arithmetic::scaler(node),
            "BatchNormalization" => arithmetic::batch_normalization(node),
            "Normalizer" => arithmetic::normalizer(node),
            "Sigmoid" => arithmetic::sigmoid(node),
            "Softmax" => linear::softmax(node, &mut self.stages),
            "Gemm" | "MatMul" => linear::product(node, &mut self.stages),
            "LinearClassifier" => linear::classifier(node, &mut self.stages),
            "Conv" => linear::convolution(node, &mut self.stages),
            "Relu" => linear::relu(node, &mut self.stages),
            "Clip" => linear::clip(node, &mut self.stages, &mut self.clips),
            "Imputer" => self.imputer(node),
            _ => Err(ImportFault::UnknownOperator { node: node.label.clone() }),
        }
    }

    /// Keeps what replaces missing inputs; nothing else changes.
    fn imputer(&mut self, node: &Node<'_>) -> Result<Value, ImportFault> {
        let value = node.linear(0)?;
        if !node.float("replaced_value_float", 0.0).is_nan() {
            return Err(node.fault("it replaces a value other than NaN; replace NaN only"));
        }
        let replacements = node.floats("imputed_value_floats");
        let width = value.shape.last().copied().unwrap_or(1);
        if !(replacements.len() == 1 || replacements.len() == width) {
            return Err(node
                .fault(format!("it has {} replacements for {width} columns", replacements.len())));
        }
        for (place, element) in value.elements.iter().enumerate() {
            let replacement = replacements[place % width % replacements.len()];
            let of_input = (replacement - element.offset) / element.scale;
            if element.stage != 0 || !of_input.is_finite() {
                return Err(node.fault("it replaces missing values of what is no input"));
            }
            let known = self.imputed[element.position].get_or_insert(of_input);
            if (*known - of_input).abs() > 1e-6 * (1.0 + of_input.abs()) {
                return Err(node.fault("an input's missing values are replaced in two ways"));
            }
        }
        Ok(Value::Symbolic(value.clone()))
    }

    /// Turns the output into one logit.
    fn finish(mut self, output: &str) -> Result<Walked, ImportFault> {
        let node = format!("output \"{output}\"");
        let fault =
            |problem: &str| ImportFault::Node { node: node.clone(), problem: problem.to_owned() };
        let value = match self.values.get(output).map(|value| value.as_ref()) {
            Some(Value::Symbolic(value)) => value.clone(),
            Some(Value::Constant(_)) => return Err(fault("it does not depend on the inputs")),
            None => return Err(fault("no node makes it")),
        };
        let (elements, weights) = match (value.elements.as_slice(), value.meaning) {
            ([_], _) => (value.elements, vec![1.0]),
            ([first, second], Meaning::Probability) => {
                if !arithmetic::complementary(first, second) {
                    return Err(fault("its two probabilities do not sum to 1"));
                }
                (vec![*second], vec![1.0])
            }
            ([_, _], Meaning::Linear) => (value.elements, vec![-1.0, 1.0]),
            _ => return Err(fault(
                "it has more than two values a row; a contract needs one probability, or those \
                     of two classes",
            )),
        };
        let output = self.stages.linear(&node, &elements, &weights, &[0.0])?;
        let inputs = self.graph.inputs.clone();
        let (imputed, clips) = (self.imputed, self.clips);
        Ok(Walked { stages: self.stages, output, imputed, clips, inputs })
    }
}
