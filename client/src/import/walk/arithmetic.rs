//! Operators that work on each number by itself.

use super::{
    super::{
        fault::ImportFault,
        stages::Stages,
        tensor::{Tensor, MAX_NUMBERS},
        value::{Element, Meaning, Symbolic, Value},
    },
    node::Node,
    MAX_ELEMENTS,
};

/// `factor * x + offset`.
type Affine = (f64, f64);

/// Places of a value that stretches to another shape, as axes of length 1 do.
struct Stretched {
    shape: Vec<usize>,
    indices: [Vec<usize>; 2],
}

/// The shape that two shapes stretch to, aligned at their last axes, and where in either value the
/// number of each place is.
fn stretch(node: &Node<'_>, shapes: [&[usize]; 2], most: usize) -> Result<Stretched, ImportFault> {
    let rank = shapes[0].len().max(shapes[1].len());
    let size = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).map_or(1, |axis| shape[axis])
    };
    let mut shape = Vec::with_capacity(rank);
    for axis in 0..rank {
        let sizes = shapes.map(|shape| size(shape, axis));
        if sizes[0] != sizes[1] && !sizes.contains(&1) {
            let [left, right] = shapes;
            return Err(node.fault(format!("the shapes {left:?} and {right:?} do not match")));
        }
        shape.push(if sizes[0] == 1 { sizes[1] } else { sizes[0] });
    }
    let count = shape.iter().try_fold(1_usize, |all, axis| all.checked_mul(*axis));
    let Some(count) = count.filter(|count| *count <= most) else {
        return Err(node.fault(format!("it makes more than {most} values")));
    };
    let indices = shapes.map(|source| {
        let index = |mut place: usize| {
            let (mut index, mut stride) = (0, 1);
            for axis in (0..rank).rev() {
                let own = size(source, axis);
                index += if own == 1 { 0 } else { place % shape[axis] * stride };
                place /= shape[axis];
                stride *= own;
            }
            index
        };
        (0..count).map(index).collect()
    });
    Ok(Stretched { shape, indices })
}

/// `Add`, `Sub`, `Mul`, `Div` and `Neg`.
pub fn binary(node: &Node<'_>, stages: &mut Stages) -> Result<Value, ImportFault> {
    let operator = node.proto.op_type.as_str();
    if operator == "Neg" {
        return match node.input(0)? {
            Value::Constant(tensor) => {
                let numbers = tensor.numbers.iter().map(|number| -number).collect();
                Ok(Value::Constant(Tensor { numbers, ..tensor.clone() }))
            }
            Value::Symbolic(value) => each(node, value, |_| (-1.0, 0.0)),
        };
    }
    match (node.input(0)?, node.input(1)?) {
        (Value::Constant(left), Value::Constant(right)) => constants(node, left, right),
        (Value::Symbolic(value), Value::Constant(constant)) => {
            with_constant(node, value, constant, |constant| match operator {
                "Add" => Ok((1.0, constant)),
                "Sub" => Ok((1.0, -constant)),
                "Mul" => Ok((constant, 0.0)),
                _ => Ok((1.0 / constant, 0.0)),
            })
        }
        (Value::Constant(constant), Value::Symbolic(value)) => {
            with_constant(node, value, constant, |constant| match operator {
                "Add" => Ok((1.0, constant)),
                "Sub" => Ok((-1.0, constant)),
                "Mul" => Ok((constant, 0.0)),
                _ => Err(node.fault("it divides by what depends on the network's inputs")),
            })
        }
        (Value::Symbolic(_), Value::Symbolic(_)) => {
            let (left, right) = (node.linear(0)?, node.linear(1)?);
            match operator {
                "Add" => sum(node, stages, left, right, 1.0),
                "Sub" => sum(node, stages, left, right, -1.0),
                _ => Err(node.fault(
                    "it multiplies or divides two values that both depend on the network's inputs",
                )),
            }
        }
    }
}

fn constants(node: &Node<'_>, left: &Tensor, right: &Tensor) -> Result<Value, ImportFault> {
    let Stretched { shape, indices: [lefts, rights] } =
        stretch(node, [&left.shape, &right.shape], MAX_NUMBERS)?;
    let whole = left.whole && right.whole;
    let number = |(from_left, from_right): (&usize, &usize)| {
        let (left, right) = (left.numbers[*from_left], right.numbers[*from_right]);
        match node.proto.op_type.as_str() {
            "Add" => left + right,
            "Sub" => left - right,
            "Mul" => left * right,
            _ if whole => (left / right).trunc(),
            _ => left / right,
        }
    };
    let numbers: Vec<f64> = lefts.iter().zip(&rights).map(number).collect();
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err(node.fault("it makes NaN or infinity, as by dividing by 0"));
    }
    Ok(Value::Constant(Tensor { shape, numbers, whole }))
}

fn with_constant(
    node: &Node<'_>,
    value: &Symbolic,
    constant: &Tensor,
    affine: impl Fn(f64) -> Result<Affine, ImportFault>,
) -> Result<Value, ImportFault> {
    let own = [&[1], value.shape.as_slice()].concat();
    let rows = constant.shape.len() == own.len() && constant.shape.first() != Some(&1);
    if constant.shape.len() > own.len() || rows {
        return Err(node.fault(format!(
            "a constant of shape {:?} does not fit rows of shape {:?}",
            constant.shape, value.shape
        )));
    }
    let Stretched { shape, indices: [elements, numbers] } =
        stretch(node, [&own, &constant.shape], MAX_ELEMENTS)?;
    let stretched = Symbolic {
        shape: shape[1..].to_vec(),
        elements: elements.iter().map(|index| value.elements[*index]).collect(),
        meaning: value.meaning,
    };
    let affine: Vec<Affine> =
        numbers.iter().map(|index| affine(constant.numbers[*index])).collect::<Result<_, _>>()?;
    each(node, &stretched, |place| affine[place])
}

/// Each number of a value made another by `affine`.
fn each(
    node: &Node<'_>,
    value: &Symbolic,
    affine: impl Fn(usize) -> Affine,
) -> Result<Value, ImportFault> {
    let number = |(place, element): (usize, &Element)| {
        let (factor, offset) = affine(place);
        match value.meaning {
            Meaning::Linear => Ok(element.affine(factor, offset)),
            Meaning::Probability if (factor, offset) == (1.0, 0.0) => Ok(*element),
            // One less the probability is the probability of the opposite logit.
            Meaning::Probability if (factor, offset) == (-1.0, 1.0) => {
                Ok(element.affine(-1.0, 0.0))
            }
            Meaning::Probability => Err(node.fault(
                "it changes a probability otherwise than to its complement; after a Sigmoid or \
                 Softmax the network must end",
            )),
        }
    };
    let elements = value.elements.iter().enumerate().map(number).collect::<Result<_, _>>()?;
    Ok(Value::Symbolic(Symbolic { elements, ..value.clone() }))
}

/// `left + sign * right`.
fn sum(
    node: &Node<'_>,
    stages: &mut Stages,
    left: &Symbolic,
    right: &Symbolic,
    sign: f64,
) -> Result<Value, ImportFault> {
    if left.shape.len() != right.shape.len() {
        return Err(node.fault(format!(
            "the shapes {:?} and {:?} of a row do not match",
            left.shape, right.shape
        )));
    }
    let Stretched { shape, indices: [lefts, rights] } =
        stretch(node, [&left.shape, &right.shape], MAX_ELEMENTS)?;
    let lefts: Vec<Element> = lefts.iter().map(|index| left.elements[*index]).collect();
    let rights: Vec<Element> =
        rights.iter().map(|index| right.elements[*index].affine(sign, 0.0)).collect();
    let same = |(left, right): (&Element, &Element)| {
        (left.stage, left.position) == (right.stage, right.position)
    };
    let elements = if lefts.iter().zip(&rights).all(same) {
        let both = lefts.iter().zip(&rights);
        let add = |(left, right): (&Element, &Element)| Element {
            scale: left.scale + right.scale,
            offset: left.offset + right.offset,
            ..*left
        };
        both.map(add).collect()
    } else {
        let count = lefts.len();
        super::linear::check_units(node, count)?;
        let terms = [lefts, rights].concat();
        let weights: Vec<f64> = (0..count * terms.len())
            .map(|at| f64::from(u8::from(at % terms.len() % count == at / terms.len())))
            .collect();
        let stage = stages.linear(&node.label, &terms, &weights, &vec![0.0; count])?;
        (0..count).map(|position| Element::plain(stage, position)).collect()
    };
    Ok(Value::Symbolic(Symbolic { shape, elements, meaning: Meaning::Linear }))
}

/// `Scaler`: `(x - offset) * scale`, by column or for all.
pub fn scaler(node: &Node<'_>) -> Result<Value, ImportFault> {
    let value = node.linear(0)?;
    let (offsets, scales) = (node.floats("offset"), node.floats("scale"));
    let width = value.shape.last().copied().unwrap_or(1);
    if [&offsets, &scales].iter().any(|list| list.len() != 1 && list.len() != width) {
        return Err(node.fault(format!(
            "it has {} offsets and {} scales for {width} columns",
            offsets.len(),
            scales.len()
        )));
    }
    each(node, value, |place| {
        let column = place % width;
        let scale = scales[column % scales.len()];
        (scale, -offsets[column % offsets.len()] * scale)
    })
}

/// `BatchNormalization` with the means and variances of training.
pub fn batch_normalization(node: &Node<'_>) -> Result<Value, ImportFault> {
    let value = node.linear(0)?;
    if node.int("training_mode", 0) != 0 {
        return Err(node.fault("it is in training mode; export with model.eval()"));
    }
    let channels = value.shape.first().copied().unwrap_or(1);
    let list = |position| {
        let tensor = node.constant_input(position)?;
        if tensor.numbers.len() == channels {
            return Ok(&tensor.numbers);
        }
        Err(node.fault(format!(
            "its input {} has {} numbers for {channels} channels",
            position + 1,
            tensor.numbers.len()
        )))
    };
    let (scales, biases, means, variances) = (list(1)?, list(2)?, list(3)?, list(4)?);
    let epsilon = node.float("epsilon", 1e-5);
    let places = value.elements.len() / channels.max(1);
    each(node, value, |place| {
        let channel = place / places;
        let scale = scales[channel] / (variances[channel] + epsilon).sqrt();
        (scale, biases[channel] - means[channel] * scale)
    })
}

/// Whether two logits are those of complementary probabilities.
pub fn complementary(first: &Element, second: &Element) -> bool {
    first.affine(-1.0, 0.0) == *second
}

/// `Normalizer`, which scikit-learn's export has after probabilities that sum to 1 anyway.
pub fn normalizer(node: &Node<'_>) -> Result<Value, ImportFault> {
    let value = node.symbolic(0)?;
    match value.elements.as_slice() {
        [first, second]
            if value.meaning == Meaning::Probability
                && node.text("norm") == "L1"
                && complementary(first, second) =>
        {
            Ok(Value::Symbolic(value.clone()))
        }
        _ => Err(node.fault(
            "it normalises something else than the two probabilities of a classifier, by their sum",
        )),
    }
}

/// `Sigmoid`.
pub fn sigmoid(node: &Node<'_>) -> Result<Value, ImportFault> {
    let value = node.linear(0)?;
    Ok(Value::Symbolic(Symbolic { meaning: Meaning::Probability, ..value.clone() }))
}
