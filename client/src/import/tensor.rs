//! Constants of a graph: numbers with a shape.

use super::fault::ImportFault;
use candle_onnx::onnx::{tensor_proto::DataType, TensorProto};

/// Most numbers of one constant: twenty times the weights of a whole contract.
pub const MAX_NUMBERS: usize = 1 << 19;

/// Numbers of a constant, flattened in row-major order. Floats are held as `f64`, which also holds
/// every whole number that a shape or an index may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub numbers: Vec<f64>,
    /// Whether the file holds whole numbers.
    pub whole: bool,
}

impl Tensor {
    /// The numbers as signed integers, as shapes, axes and indices are.
    pub fn integers(&self) -> Vec<i64> {
        self.numbers.iter().map(|number| *number as i64).collect()
    }
}

/// Whether a type of elements is float32 or float64.
pub fn is_float(element_type: i32) -> bool {
    matches!(DataType::try_from(element_type), Ok(DataType::Float | DataType::Double))
}

/// What the format calls a type of elements.
pub fn type_name(element_type: i32) -> String {
    match DataType::try_from(element_type) {
        Ok(known) => known.as_str_name().to_ascii_lowercase(),
        Err(_) => format!("element type {element_type}"),
    }
}

/// Reads a constant; `name` is for messages.
///
/// # Errors
///
/// [`ImportFault`] when its numbers lie in another file, are of a type other than float32, float64,
/// int32 or int64, are not as many as its shape says, or are NaN or infinite.
pub fn read(proto: &TensorProto, name: &str) -> Result<Tensor, ImportFault> {
    let name = || name.to_owned();
    if proto.data_location != 0 || !proto.external_data.is_empty() {
        return Err(ImportFault::ExternalData { name: name() });
    }
    let count = proto.dims.iter().try_fold(1_usize, |count, dimension| {
        usize::try_from(*dimension).ok().and_then(|dimension| count.checked_mul(dimension))
    });
    let count = count.filter(|count| *count <= MAX_NUMBERS && proto.dims.len() <= 8);
    let Some(count) = count else {
        return Err(ImportFault::TensorShape { name: name(), dims: proto.dims.clone() });
    };
    let numbers = numbers(proto, count).ok_or_else(|| ImportFault::ElementType {
        what: name(),
        found: type_name(proto.data_type),
    })?;
    if numbers.len() != count {
        let found = numbers.len();
        return Err(ImportFault::TensorLength { name: name(), needed: count, found });
    }
    if !numbers.iter().all(|number| number.is_finite()) {
        return Err(ImportFault::NotFinite { name: name() });
    }
    let shape = proto.dims.iter().filter_map(|dimension| usize::try_from(*dimension).ok());
    let whole = !is_float(proto.data_type);
    Ok(Tensor { shape: shape.collect(), numbers, whole })
}

/// The numbers wherever the type keeps them; none for an unsupported type. At most `count + 1` are
/// read, so that a wrong length is seen without holding them all.
fn numbers(proto: &TensorProto, count: usize) -> Option<Vec<f64>> {
    let raw = proto.raw_data.as_slice();
    let most = count + 1;
    Some(match DataType::try_from(proto.data_type).ok()? {
        DataType::Float if raw.is_empty() => {
            proto.float_data.iter().take(most).map(|number| f64::from(*number)).collect()
        }
        DataType::Float => {
            chunks(raw).take(most).map(|bytes| f64::from(f32::from_le_bytes(bytes))).collect()
        }
        DataType::Double if raw.is_empty() => {
            proto.double_data.iter().take(most).copied().collect()
        }
        DataType::Double => chunks(raw).take(most).map(f64::from_le_bytes).collect(),
        DataType::Int64 if raw.is_empty() => {
            proto.int64_data.iter().take(most).map(|number| *number as f64).collect()
        }
        DataType::Int64 => {
            chunks(raw).take(most).map(|bytes| i64::from_le_bytes(bytes) as f64).collect()
        }
        DataType::Int32 if raw.is_empty() => {
            proto.int32_data.iter().take(most).map(|number| f64::from(*number)).collect()
        }
        DataType::Int32 => {
            chunks(raw).take(most).map(|bytes| f64::from(i32::from_le_bytes(bytes))).collect()
        }
        _ => return None,
    })
}

fn chunks<const SIZE: usize>(raw: &[u8]) -> impl Iterator<Item = [u8; SIZE]> + '_ {
    raw.chunks(SIZE).map(|chunk| chunk.try_into().unwrap_or([0xFF; SIZE]))
}
