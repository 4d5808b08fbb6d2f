//! Operators that become layers, or end one.

use super::{
    super::{
        fault::ImportFault,
        stages::Stages,
        tensor::Tensor,
        value::{Conv, Element, Meaning, Symbolic, Value},
    },
    node::Node,
    shape::axis,
    InputClip,
};
use assay_risk::artifact::MAX_UNITS;

/// Refuses more outputs than a layer may have, before anything of their size is made.
pub fn check_units(node: &Node<'_>, units: usize) -> Result<(), ImportFault> {
    if units <= MAX_UNITS {
        return Ok(());
    }
    let what = format!("it makes {units} units of one layer");
    Err(ImportFault::Limit { node: node.label.clone(), what, most: MAX_UNITS })
}

fn outputs(stage: usize, shape: Vec<usize>) -> Value {
    let count = shape.iter().product();
    let elements = (0..count).map(|position| Element::plain(stage, position)).collect();
    Value::Symbolic(Symbolic { shape, elements, meaning: Meaning::Linear })
}

/// `Gemm` and `MatMul`: `alpha * x * weights + beta * bias` for each vector along the last axis.
pub fn product(node: &Node<'_>, stages: &mut Stages) -> Result<Value, ImportFault> {
    let value = node.linear(0)?;
    let matrix = node.constant_input(1)?;
    let gemm = node.proto.op_type == "Gemm";
    if gemm && (node.int("transA", 0) != 0 || value.shape.len() != 1) {
        return Err(node.fault("it must take [rows, columns], not transposed"));
    }
    let (rows, columns) = match matrix.shape.as_slice() {
        [rows, columns] => (*rows, *columns),
        [rows] if !gemm => (*rows, 1),
        other => return Err(node.fault(format!("its weights have the shape {other:?}"))),
    };
    let transposed = gemm && node.int("transB", 0) != 0;
    let (inputs, units) = if transposed { (columns, rows) } else { (rows, columns) };
    let Some((last, leading)) = value.shape.split_last() else {
        return Err(node.fault("a row has no axis to multiply along"));
    };
    if *last != inputs || units == 0 {
        return Err(node.fault(format!("its weights take {inputs} inputs of {last}, to {units}")));
    }
    let alpha = if gemm { node.float("alpha", 1.0) } else { 1.0 };
    let vectors: usize = leading.iter().product();
    check_units(node, vectors.saturating_mul(units))?;
    let bias = bias(node, units, gemm)?;
    let width = value.elements.len();
    let mut weights = vec![0.0; vectors * units * width];
    for (output, line) in weights.chunks_exact_mut(width).enumerate() {
        let (vector, unit) = (output / units, output % units);
        for (input, weight) in line[vector * inputs..][..inputs].iter_mut().enumerate() {
            let at = if transposed { unit * inputs + input } else { input * units + unit };
            *weight = alpha * matrix.numbers[at];
        }
    }
    let bias: Vec<f64> = (0..vectors * units).map(|output| bias[output % units]).collect();
    let stage = stages.linear(&node.label, &value.elements, &weights, &bias)?;
    let keeps_units = matrix.shape.len() == 2;
    let shape = leading.iter().copied().chain(keeps_units.then_some(units)).collect();
    Ok(outputs(stage, shape))
}

/// `beta * C` of a `Gemm`, one for each unit.
fn bias(node: &Node<'_>, units: usize, gemm: bool) -> Result<Vec<f64>, ImportFault> {
    if !gemm || node.optional(2).is_none() {
        return Ok(vec![0.0; units]);
    }
    let tensor = node.constant_input(2)?;
    let count = tensor.numbers.len();
    let one_row = tensor.shape.len() < 2 || tensor.shape.len() == 2 && tensor.shape[0] == 1;
    if !one_row || !(count == 1 || count == units) {
        return Err(
            node.fault(format!("its bias has the shape {:?} for {units} units", tensor.shape))
        );
    }
    let beta = node.float("beta", 1.0);
    Ok((0..units).map(|unit| beta * tensor.numbers[unit % count]).collect())
}

/// `LinearClassifier` of two classes: its scores.
pub fn classifier(node: &Node<'_>, stages: &mut Stages) -> Result<Value, ImportFault> {
    let value = node.linear(0)?;
    let (weights, bias) = (node.floats("coefficients"), node.floats("intercepts"));
    let inputs = value.elements.len();
    if value.shape.len() != 1 || weights.len() != 2 * inputs || bias.len() != 2 {
        return Err(node.fault(format!(
            "it has {} coefficients and {} intercepts; {} and 2 are needed, for two classes and \
             {inputs} inputs",
            weights.len(),
            bias.len(),
            2 * inputs
        )));
    }
    // scikit-learn gives the second class's logit, and its opposite to the first.
    let (first, second) = weights.split_at(inputs);
    let opposite = bias[0] == -bias[1] && first.iter().zip(second).all(|(a, b)| *a == -*b);
    let scores = if opposite {
        let stage = stages.linear(&node.label, &value.elements, second, &bias[1..])?;
        let logit = Element::plain(stage, 0);
        let elements = vec![logit.affine(-1.0, 0.0), logit];
        Symbolic { shape: vec![2], elements, meaning: Meaning::Linear }
    } else {
        let stage = stages.linear(&node.label, &value.elements, &weights, &bias)?;
        let elements = vec![Element::plain(stage, 0), Element::plain(stage, 1)];
        Symbolic { shape: vec![2], elements, meaning: Meaning::Linear }
    };
    match node.text("post_transform").as_str() {
        "" | "NONE" => Ok(Value::Symbolic(scores)),
        "LOGISTIC" => Ok(Value::Symbolic(Symbolic { meaning: Meaning::Probability, ..scores })),
        "SOFTMAX" => two_classes(node, stages, &scores),
        other => Err(node.fault(format!("its post_transform {other} can't be read"))),
    }
}

/// `Softmax` over two classes.
pub fn softmax(node: &Node<'_>, stages: &mut Stages) -> Result<Value, ImportFault> {
    let value = node.linear(0)?;
    let rank = value.shape.len() + 1;
    let default = if node.opset < 13 { 1 } else { -1 };
    let at = axis(node, node.int("axis", default), rank)?;
    let classes: usize = match at {
        0 => 0,
        // Older operator sets take all axes from this one on together.
        _ if node.opset < 13 => value.shape[at - 1..].iter().product(),
        _ => value.shape[at - 1],
    };
    if classes != 2 || value.elements.len() != 2 {
        return Err(
            node.fault(format!("it shares out {classes} classes; a contract tells two apart"))
        );
    }
    two_classes(node, stages, value)
}

/// The probabilities of two classes, whose one logit is the difference of theirs.
fn two_classes(
    node: &Node<'_>,
    stages: &mut Stages,
    scores: &Symbolic,
) -> Result<Value, ImportFault> {
    let stage = stages.linear(&node.label, &scores.elements, &[-1.0, 1.0], &[0.0])?;
    let logit = Element::plain(stage, 0);
    Ok(Value::Symbolic(Symbolic {
        shape: scores.shape.clone(),
        elements: vec![logit.affine(-1.0, 0.0), logit],
        meaning: Meaning::Probability,
    }))
}

/// `Relu`.
pub fn relu(node: &Node<'_>, stages: &mut Stages) -> Result<Value, ImportFault> {
    let value = node.linear(0)?;
    let elements = stages.relu(&node.label, &value.elements)?;
    Ok(Value::Symbolic(Symbolic { elements, ..value.clone() }))
}

/// `Clip`: to 0 and above it is a ReLU; of inputs it does nothing where the MAP's bounds are as
/// narrow.
pub fn clip(
    node: &Node<'_>,
    stages: &mut Stages,
    clips: &mut Vec<InputClip>,
) -> Result<Value, ImportFault> {
    let value = node.symbolic(0)?;
    let (low, high) = clip_bounds(node)?;
    let harmless = match value.meaning {
        Meaning::Probability => low <= 0.0 && high >= 1.0,
        Meaning::Linear => low == f64::NEG_INFINITY && high == f64::INFINITY,
    };
    if harmless {
        return Ok(Value::Symbolic(value.clone()));
    }
    if low == 0.0 && high == f64::INFINITY {
        return relu(node, stages);
    }
    let of_inputs = |element: &Element| element.stage == 0 && element.scale != 0.0;
    if value.meaning == Meaning::Probability || !value.elements.iter().all(of_inputs) {
        return Err(node.fault(format!(
            "it clips to {low}..={high}, which no layer of a contract does; Clip(0, inf), which is \
             ReLU, can be read, and clips of inputs to bounds that the MAP has, too"
        )));
    }
    for element in &value.elements {
        let input = |bound: f64| (bound - element.offset) / element.scale;
        let (one, other) = (input(low), input(high));
        let (low, high) = (one.min(other), one.max(other));
        clips.push(InputClip { node: node.label.clone(), input: element.position, low, high });
    }
    Ok(Value::Symbolic(value.clone()))
}

/// The bounds of a `Clip`; infinite where it has none.
fn clip_bounds(node: &Node<'_>) -> Result<(f64, f64), ImportFault> {
    let bound = |name: &str, position: usize, none: f32| {
        let bound = match node.optional(position) {
            Some(_) => {
                let numbers = &node.constant_input(position)?.numbers;
                numbers.first().copied().filter(|_| numbers.len() == 1)
            }
            None => Some(node.float(name, none)),
        };
        match bound {
            Some(bound) if !bound.is_nan() => Ok(bound),
            _ => Err(node.fault(format!("its {name} is no single number"))),
        }
    };
    let (low, high) = (bound("min", 1, f32::MIN)?, bound("max", 2, f32::MAX)?);
    if low >= high {
        return Err(node.fault(format!("it clips to {low}..={high}")));
    }
    let (least, most) = (f64::from(f32::MIN), f64::from(f32::MAX));
    Ok((
        if low <= least { f64::NEG_INFINITY } else { low },
        if high >= most { f64::INFINITY } else { high },
    ))
}

/// `Conv` along one axis.
pub fn convolution(node: &Node<'_>, stages: &mut Stages) -> Result<Value, ImportFault> {
    let value = node.linear(0)?;
    let weights = node.constant_input(1)?;
    check_convolution(node)?;
    let Line { channels_in, length, channels_out, kernel, axis } = line(node, value, weights)?;
    let strides = node.ints("strides").unwrap_or_else(|| vec![1; value.shape.len() - 1]);
    let stride = strides.get(axis).and_then(|stride| usize::try_from(*stride).ok());
    let Some(stride) = stride.filter(|stride| *stride > 0) else {
        return Err(node.fault(format!("its strides {strides:?} can't be read")));
    };
    if kernel == 0 || kernel > length {
        return Err(node.fault(format!("a kernel of {kernel} does not fit {length} values")));
    }
    let length_out = (length - kernel) / stride + 1;
    check_units(node, channels_out.saturating_mul(length_out))?;
    let bias = match node.optional(2) {
        Some(_) => node.constant_input(2)?.numbers.clone(),
        None => vec![0.0; channels_out],
    };
    if bias.len() != channels_out || channels_out == 0 {
        return Err(node.fault(format!("{} biases for {channels_out} channels", bias.len())));
    }
    let (inputs, weights) = (value.elements.clone(), weights.numbers.clone());
    let conv = Conv { inputs, channels_in, length, channels_out, kernel, stride, weights, bias };
    let stage = stages.convolution(&node.label, conv)?;
    let mut shape = value.shape.clone();
    shape[0] = channels_out;
    shape[axis + 1] = length_out;
    Ok(outputs(stage, shape))
}

/// Refuses what the contract's convolution has not.
fn check_convolution(node: &Node<'_>) -> Result<(), ImportFault> {
    let padding = node.text("auto_pad");
    let padded = node.ints("pads").unwrap_or_default().iter().any(|pad| *pad != 0);
    if padded || !matches!(padding.as_str(), "" | "NOTSET" | "VALID") {
        return Err(node.fault(
            "it pads its input, which a contract's convolution does not; train with padding 0 \
             (\"valid\")",
        ));
    }
    if node.ints("dilations").unwrap_or_default().iter().any(|dilation| *dilation != 1) {
        return Err(node.fault("it has a dilation other than 1; train without"));
    }
    if node.int("group", 1) != 1 {
        return Err(node.fault("it has groups of channels; train with group 1"));
    }
    Ok(())
}

/// What a convolution runs along.
struct Line {
    channels_in: usize,
    length: usize,
    channels_out: usize,
    kernel: usize,
    /// Among the axes after the channels.
    axis: usize,
}

fn line(node: &Node<'_>, value: &Symbolic, weights: &Tensor) -> Result<Line, ImportFault> {
    let (axis, channels_in, length) = match (value.shape.as_slice(), weights.shape.as_slice()) {
        ([channels, length], [_, _, _]) => (0, *channels, *length),
        ([channels, 1, length], [_, _, 1, _]) => (1, *channels, *length),
        ([channels, length, 1], [_, _, _, 1]) => (0, *channels, *length),
        (shape, kernel) => {
            return Err(node.fault(format!(
                "it runs over {shape:?} with weights {kernel:?}; a contract's convolution takes \
                 [channels, length] and runs along the length"
            )))
        }
    };
    if weights.shape[1] != channels_in {
        return Err(
            node.fault(format!("its weights take {} channels of {channels_in}", weights.shape[1]))
        );
    }
    let (channels_out, kernel) = (weights.shape[0], weights.shape[axis + 2]);
    Ok(Line { channels_in, length, channels_out, kernel, axis })
}
