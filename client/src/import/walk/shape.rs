//! Operators that move numbers and change none.

use super::{
    super::{
        fault::ImportFault,
        tensor::{is_float, Tensor, MAX_NUMBERS},
        value::{Element, Meaning, Symbolic, Value},
    },
    node::Node,
    MAX_ELEMENTS,
};

/// `Identity`, `Dropout` (which does nothing once training is over) and `Cast`.
pub fn copy(node: &Node<'_>) -> Result<Value, ImportFault> {
    let value = node.input(0)?;
    if node.proto.op_type != "Cast" {
        return Ok(value.clone());
    }
    let target = i32::try_from(node.int("to", 0)).unwrap_or_default();
    match value {
        Value::Symbolic(_) if !is_float(target) => {
            Err(node.fault("it turns the network's numbers into others than float32 or float64"))
        }
        Value::Constant(tensor) => {
            let whole = !is_float(target);
            let cut = |number: &f64| if whole { number.trunc() } else { *number };
            let numbers = tensor.numbers.iter().map(cut).collect();
            Ok(Value::Constant(Tensor { shape: tensor.shape.clone(), numbers, whole }))
        }
        Value::Symbolic(_) => Ok(value.clone()),
    }
}

/// The shape with the batch axis as one row.
fn full_shape(value: &Value) -> Vec<usize> {
    match value {
        Value::Constant(tensor) => tensor.shape.clone(),
        Value::Symbolic(value) => [&[1], value.shape.as_slice()].concat(),
    }
}

/// The position of an axis, counted from the end where negative.
pub fn axis(node: &Node<'_>, axis: i64, rank: usize) -> Result<usize, ImportFault> {
    let from_start = if axis < 0 { axis.saturating_add(rank as i64) } else { axis };
    usize::try_from(from_start)
        .ok()
        .filter(|position| *position < rank)
        .ok_or_else(|| node.fault(format!("axis {axis} is not among its {rank} axes")))
}

/// As [`axis`], of a value whose batch axis must stay as it is.
fn inner_axis(
    node: &Node<'_>,
    value: &Value,
    given: i64,
    rank: usize,
) -> Result<usize, ImportFault> {
    let position = axis(node, given, rank)?;
    if position == 0 && matches!(value, Value::Symbolic(_)) {
        return Err(node.fault("it works across rows; each row must be on its own"));
    }
    Ok(position)
}

fn with_shape(value: &Value, full: Vec<usize>) -> Value {
    match value {
        Value::Constant(tensor) => Value::Constant(Tensor { shape: full, ..tensor.clone() }),
        Value::Symbolic(value) => {
            Value::Symbolic(Symbolic { shape: full[1..].to_vec(), ..value.clone() })
        }
    }
}

/// `Reshape`, `Flatten`, `Squeeze` and `Unsqueeze`: the numbers stay in their order.
pub fn reshape(node: &Node<'_>) -> Result<Value, ImportFault> {
    let value = node.input(0)?;
    let shape = full_shape(value);
    let full = match node.proto.op_type.as_str() {
        "Reshape" => reshaped(node, value, &shape)?,
        "Flatten" => {
            let at = inner_axis(node, value, node.int("axis", 1), shape.len() + 1)?;
            if matches!(value, Value::Symbolic(_)) && at != 1 {
                return Err(node.fault("it joins rows with columns; flatten from axis 1"));
            }
            let (outer, inner) = shape.split_at(at);
            vec![outer.iter().product(), inner.iter().product()]
        }
        "Squeeze" => {
            let axes = match node.ints_or_input("axes", 1)? {
                Some(axes) => axes
                    .into_iter()
                    .map(|given| inner_axis(node, value, given, shape.len()))
                    .collect::<Result<Vec<_>, _>>()?,
                None => {
                    let first = usize::from(matches!(value, Value::Symbolic(_)));
                    (first..shape.len()).filter(|axis| shape[*axis] == 1).collect()
                }
            };
            if let Some(long) = axes.iter().find(|axis| shape[**axis] != 1) {
                return Err(node.fault(format!("axis {long} has {} values, not 1", shape[*long])));
            }
            let kept = (0..shape.len()).filter(|axis| !axes.contains(axis));
            kept.map(|axis| shape[axis]).collect()
        }
        _ => {
            let given = node
                .ints_or_input("axes", 1)?
                .filter(|axes| axes.len() <= 8)
                .ok_or_else(|| node.fault("it names no axes, or too many"))?;
            let rank = shape.len() + given.len();
            let mut axes = given
                .into_iter()
                .map(|given| inner_axis(node, value, given, rank))
                .collect::<Result<Vec<_>, _>>()?;
            axes.sort_unstable();
            axes.dedup();
            let mut full = shape;
            for axis in axes {
                full.insert(axis.min(full.len()), 1);
            }
            full
        }
    };
    Ok(with_shape(value, full))
}

/// The shape that a `Reshape` asks for, in which one entry may be -1 for what is left.
fn reshaped(node: &Node<'_>, value: &Value, shape: &[usize]) -> Result<Vec<usize>, ImportFault> {
    let mut target = node
        .ints_or_input("shape", 1)?
        .filter(|target| target.len() <= 8)
        .ok_or_else(|| node.fault("it names no shape, or too many axes"))?;
    let count: usize = shape.iter().product();
    if matches!(value, Value::Symbolic(_)) {
        let own_rows = |rows: i64| {
            let rest = target.iter().skip(1).try_fold(1_i64, |all, axis| all.checked_mul(*axis));
            rows == 0 || rows == -1 && rest == Some(count as i64) || Some(rows) == node.batch
        };
        if !target.first().is_some_and(|rows| own_rows(*rows)) {
            return Err(node.fault(format!(
                "{target:?} does not keep the rows as the first axis; a row has {count} values"
            )));
        }
        target[0] = 1;
    }
    let keeps_zero = node.int("allowzero", 0) != 0;
    let mut full = Vec::with_capacity(target.len());
    for (position, wanted) in target.iter().enumerate() {
        full.push(match wanted {
            0 if !keeps_zero => shape.get(position).copied().unwrap_or(0),
            -1 => 1,
            wanted => usize::try_from(*wanted).unwrap_or(0),
        });
    }
    let rest = full.iter().try_fold(1_usize, |all, axis| all.checked_mul(*axis)).unwrap_or(0);
    let mut open = target.iter().enumerate().filter(|(_, wanted)| **wanted == -1);
    if let (Some((position, _)), None) = (open.next(), open.next()) {
        full[position] = count.checked_div(rest).unwrap_or(0);
    }
    if full.iter().try_fold(1_usize, |all, axis| all.checked_mul(*axis)) != Some(count) {
        return Err(node.fault(format!("{count} values of a row can't be shaped to {target:?}")));
    }
    Ok(full)
}

/// Operators that pick numbers by where they stand.
pub fn pick(node: &Node<'_>) -> Result<Value, ImportFault> {
    let value = node.input(0)?;
    let shape = full_shape(value);
    match node.proto.op_type.as_str() {
        "Transpose" => {
            let reversed = || (0..shape.len() as i64).rev().collect();
            let order = node.ints("perm").unwrap_or_else(reversed);
            let order = order
                .iter()
                .map(|given| axis(node, *given, shape.len()))
                .collect::<Result<Vec<_>, _>>()?;
            let mut sorted = order.clone();
            sorted.sort_unstable();
            if sorted != (0..shape.len()).collect::<Vec<_>>() {
                return Err(node.fault("its axes are not each of them once"));
            }
            if matches!(value, Value::Symbolic(_)) && order.first() != Some(&0) {
                return Err(node.fault("it moves the batch axis, which must stay the first"));
            }
            Ok(picked(value, order.iter().map(|axis| shape[*axis]).collect(), |place| {
                let mut from = vec![0; shape.len()];
                order.iter().zip(place).for_each(|(axis, at)| from[*axis] = *at);
                from
            }))
        }
        "Slice" => slice(node, value, &shape),
        _ => gather(node, value, &shape),
    }
}

/// The value whose number at each place of `full` is that at `from(place)`.
fn picked(value: &Value, full: Vec<usize>, from: impl Fn(&[usize]) -> Vec<usize>) -> Value {
    let source = full_shape(value);
    let count = full.iter().product();
    let mut indices = Vec::with_capacity(count);
    let mut place = vec![0; full.len()];
    for _ in 0..count {
        let from = from(&place);
        indices.push(source.iter().zip(&from).fold(0, |index, (size, at)| index * size + at));
        for axis in (0..full.len()).rev() {
            place[axis] += 1;
            if place[axis] < full[axis] {
                break;
            }
            place[axis] = 0;
        }
    }
    match value {
        Value::Constant(tensor) => {
            let numbers = indices.iter().map(|index| tensor.numbers[*index]).collect();
            Value::Constant(Tensor { shape: full, numbers, whole: tensor.whole })
        }
        Value::Symbolic(value) => {
            let elements = indices.iter().map(|index| value.elements[*index]).collect();
            let shape = full[1..].to_vec();
            Value::Symbolic(Symbolic { shape, elements, meaning: value.meaning })
        }
    }
}

fn slice(node: &Node<'_>, value: &Value, shape: &[usize]) -> Result<Value, ImportFault> {
    let needed = |name: &str, position| {
        node.ints_or_input(name, position)?
            .ok_or_else(|| node.fault(format!("its {name} are missing")))
    };
    let (starts, ends) = (needed("starts", 1)?, needed("ends", 2)?);
    let axes = node.ints_or_input("axes", 3)?;
    let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = node.ints_or_input("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(node.fault("it has not as many starts as ends, axes and steps"));
    }
    let mut kept: Vec<Vec<usize>> = shape.iter().map(|size| (0..*size).collect()).collect();
    for (((start, end), given), step) in starts.iter().zip(&ends).zip(&axes).zip(&steps) {
        let at = inner_axis(node, value, *given, shape.len())?;
        let size = shape[at] as i64;
        let within = |bound: i64| {
            (if bound < 0 { bound.saturating_add(size) } else { bound }).clamp(0, size)
        };
        if *step < 1 {
            return Err(node.fault(format!("its step {step} is not above 0")));
        }
        let step = usize::try_from(*step).unwrap_or(usize::MAX);
        let range = within(*start) as usize..within(*end) as usize;
        kept[at] = range.step_by(step).collect();
    }
    let full: Vec<usize> = kept.iter().map(Vec::len).collect();
    if full.contains(&0) {
        return Err(node.fault("nothing is left of the row"));
    }
    let from = |place: &[usize]| place.iter().zip(&kept).map(|(at, kept)| kept[*at]).collect();
    Ok(picked(value, full, from))
}

/// `Gather`, and `ArrayFeatureExtractor`, which gathers from the last axis.
fn gather(node: &Node<'_>, value: &Value, shape: &[usize]) -> Result<Value, ImportFault> {
    let extractor = node.proto.op_type == "ArrayFeatureExtractor";
    let given = if extractor { -1 } else { node.int("axis", 0) };
    let at = inner_axis(node, value, given, shape.len())?;
    let indices = node.constant_input(1)?;
    let size = shape[at] as i64;
    let position = |index: i64| {
        let from_start = if index < 0 { index.saturating_add(size) } else { index };
        (0..size)
            .contains(&from_start)
            .then_some(from_start as usize)
            .ok_or_else(|| node.fault(format!("index {index} is not among its {size} values")))
    };
    let positions = indices.integers().into_iter().map(position).collect::<Result<Vec<_>, _>>()?;
    let inner = if extractor { vec![positions.len()] } else { indices.shape.clone() };
    let rank = inner.len();
    let full = [&shape[..at], &inner, &shape[at + 1..]].concat();
    let most = if matches!(value, Value::Symbolic(_)) { MAX_ELEMENTS } else { MAX_NUMBERS };
    let count = full.iter().try_fold(1_usize, |all, axis| all.checked_mul(*axis));
    if count.is_none_or(|count| count > most) {
        return Err(node.fault(format!("it makes more than {most} values")));
    }
    Ok(picked(value, full, |place| {
        let index =
            place[at..at + rank].iter().zip(&inner).fold(0, |all, (at, size)| all * size + at);
        [&place[..at], &[positions[index]], &place[at + rank..]].concat()
    }))
}

/// `Concat`, of values and constants.
pub fn concat(node: &Node<'_>) -> Result<Value, ImportFault> {
    let parts: Vec<&Value> =
        (0..node.inputs.len()).map(|position| node.input(position)).collect::<Result<_, _>>()?;
    let symbolic: Vec<&Symbolic> = parts
        .iter()
        .filter_map(|part| match part {
            Value::Symbolic(value) => Some(value),
            Value::Constant(_) => None,
        })
        .collect();
    let Some(first) = parts.first() else {
        return Err(node.fault("it joins nothing"));
    };
    let shape = full_shape(symbolic.first().map_or(*first, |_| {
        parts.iter().copied().find(|part| matches!(part, Value::Symbolic(_))).unwrap_or(first)
    }));
    let at = axis(node, node.int("axis", 1), shape.len())?;
    if at == 0 && !symbolic.is_empty() {
        return Err(node.fault("it works across rows; each row must be on its own"));
    }
    let outside = |shape: &[usize]| [&shape[..at], &shape[at + 1..]].concat();
    let shapes: Vec<Vec<usize>> = parts.iter().map(|part| full_shape(part)).collect();
    let fits = |other: &Vec<usize>| other.len() == shape.len() && outside(other) == outside(&shape);
    if !shapes.iter().all(fits) {
        return Err(node.fault(format!("the shapes {shapes:?} can't be joined on axis {at}")));
    }
    let meaning = symbolic.first().map(|value| value.meaning);
    if symbolic.iter().any(|value| Some(value.meaning) != meaning) {
        return Err(node.fault("it joins probabilities with other numbers"));
    }
    let mut full = shape.clone();
    full[at] = shapes.iter().map(|shape| shape[at]).sum();
    if full
        .iter()
        .try_fold(1_usize, |all, axis| all.checked_mul(*axis))
        .is_none_or(|count| count > if symbolic.is_empty() { MAX_NUMBERS } else { MAX_ELEMENTS })
    {
        return Err(node.fault("it makes more values than can be read"));
    }
    Ok(joined(&parts, &shapes, at, full, meaning))
}

/// The parts side by side on an axis, as a value of the shape `full`; constants where nothing has a
/// `meaning`.
fn joined(
    parts: &[&Value],
    shapes: &[Vec<usize>],
    at: usize,
    full: Vec<usize>,
    meaning: Option<Meaning>,
) -> Value {
    let outer: usize = full[..at].iter().product();
    let blocks = |block: usize| {
        shapes.iter().map(move |shape| {
            let size: usize = shape[at..].iter().product();
            block * size..(block + 1) * size
        })
    };
    let Some(meaning) = meaning else {
        let mut numbers = Vec::new();
        for block in 0..outer {
            for (part, range) in parts.iter().zip(blocks(block)) {
                if let Value::Constant(tensor) = part {
                    numbers.extend_from_slice(&tensor.numbers[range]);
                }
            }
        }
        let whole = parts.iter().all(|part| matches!(part, Value::Constant(part) if part.whole));
        return Value::Constant(Tensor { shape: full, numbers, whole });
    };
    let mut elements = Vec::new();
    for block in 0..outer {
        for (part, range) in parts.iter().zip(blocks(block)) {
            match part {
                Value::Symbolic(value) => elements.extend_from_slice(&value.elements[range]),
                Value::Constant(tensor) => {
                    let constant = |offset: &f64| Element {
                        stage: 0,
                        position: 0,
                        scale: 0.0,
                        offset: *offset,
                    };
                    elements.extend(tensor.numbers[range].iter().map(constant));
                }
            }
        }
    }
    Value::Symbolic(Symbolic { shape: full[1..].to_vec(), elements, meaning })
}
