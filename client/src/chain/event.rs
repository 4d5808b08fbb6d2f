//! Events of a block, decoded by the chain's own metadata.

use super::{
    fault::{ChainFault, Refused},
    runtime::Runtime,
};
use serde_json::{json, Map, Value as Json};
use sp_core::crypto::{AccountId32, Ss58Codec};
use subxt::ext::scale_value::{Composite, Primitive, Value, ValueDef};

/// Something that happened in a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The position of the transaction that caused it; none when the block itself did.
    pub extrinsic: Option<u32>,
    pub pallet: String,
    pub name: String,
    /// Fields by name: identifiers in hexadecimal, accounts as addresses, names as text, whole
    /// numbers as such where JSON can hold them and as text beyond.
    pub fields: Json,
    pub(crate) refusal: Option<RefusalText>,
}

/// The error that an event carries: of a failed transaction, or of a motion's call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefusalText {
    pub name: String,
    pub sentence: String,
}

impl Event {
    /// Whether it is the event `pallet::name`.
    pub fn is(&self, pallet: &str, name: &str) -> bool {
        self.pallet == pallet && self.name == name
    }

    /// A field that is a whole number.
    pub fn number(&self, field: &str) -> Option<u64> {
        self.fields.get(field)?.as_u64()
    }

    /// The error within the event, if it reports one.
    pub fn refusal(&self) -> Option<Refused> {
        self.refusal.as_ref().map(|text| Refused::Dispatch {
            name: text.name.clone(),
            sentence: text.sentence.clone(),
        })
    }
}

/// Reads `Vec<EventRecord>`.
pub(crate) fn records(value: Value<u32>, runtime: &Runtime) -> Result<Vec<Event>, ChainFault> {
    let ValueDef::Composite(records) = value.value else {
        return Err(ChainFault::unreadable("System::Events", "it is no list"));
    };
    records
        .into_values()
        .map(|record| {
            read_record(record, runtime)
                .ok_or_else(|| ChainFault::unreadable("System::Events", "a record is malformed"))
        })
        .collect()
}

fn read_record(record: Value<u32>, runtime: &Runtime) -> Option<Event> {
    let ValueDef::Composite(Composite::Named(fields)) = record.value else { return None };
    let mut extrinsic = None;
    let mut event = None;
    for (name, value) in fields {
        let ValueDef::Variant(variant) = value.value else { continue };
        match name.as_str() {
            "phase" if variant.name == "ApplyExtrinsic" => {
                extrinsic = variant.values.values().next()?.as_u128();
            }
            "event" => event = Some(variant),
            _ => {}
        }
    }
    let outer = event?;
    let inner = outer.values.into_values().next()?;
    let ValueDef::Variant(inner) = inner.value else { return None };
    let refusal = find_dispatch_error(&inner.values, runtime);
    Some(Event {
        extrinsic: extrinsic.and_then(|index| u32::try_from(index).ok()),
        pallet: outer.name,
        name: inner.name,
        fields: composite_to_json(&inner.values, runtime),
        refusal,
    })
}

/// The first `DispatchError` among the fields, also within a `Result`.
fn find_dispatch_error(values: &Composite<u32>, runtime: &Runtime) -> Option<RefusalText> {
    values.values().find_map(|value| {
        if runtime.type_name(value.context) == "DispatchError" {
            return match runtime.dispatch_refusal(value) {
                Refused::Dispatch { name, sentence } => Some(RefusalText { name, sentence }),
                _ => None,
            };
        }
        match &value.value {
            ValueDef::Variant(variant) if variant.name == "Err" => {
                find_dispatch_error(&variant.values, runtime)
            }
            _ => None,
        }
    })
}

fn to_json(value: &Value<u32>, runtime: &Runtime) -> Json {
    if runtime.type_name(value.context) == "DispatchError" {
        return match runtime.dispatch_refusal(value) {
            Refused::Dispatch { name, .. } => json!(name),
            other => json!(other.to_string()),
        };
    }
    match &value.value {
        ValueDef::Primitive(primitive) => primitive_to_json(primitive),
        ValueDef::BitSequence(bits) => json!(bits.iter().collect::<Vec<bool>>()),
        ValueDef::Variant(variant) => match (variant.name.as_str(), variant.values.len()) {
            ("None", 0) => Json::Null,
            (name, 0) => json!(name),
            ("Some", 1) => composite_to_json(&variant.values, runtime),
            (name, _) => json!({ name: composite_to_json(&variant.values, runtime) }),
        },
        ValueDef::Composite(composite) => {
            let type_name = runtime.type_name(value.context);
            if runtime.is_list(value.context) {
                return list_to_json(composite, runtime);
            }
            match bytes_of(composite, &|type_id| runtime.is_byte(type_id)) {
                Some(bytes) => bytes_to_json(&bytes, type_name),
                None => composite_to_json(composite, runtime),
            }
        }
    }
}

/// Text where the list is of bytes, otherwise its elements.
fn list_to_json(list: &Composite<u32>, runtime: &Runtime) -> Json {
    let values: Vec<&Value<u32>> = list.values().collect();
    if values.first().is_some_and(|first| runtime.is_byte(first.context)) {
        let byte = |value: &&Value<u32>| u8::try_from(value.as_u128()?).ok();
        if let Some(bytes) = values.iter().map(byte).collect::<Option<Vec<u8>>>() {
            return bytes_to_json(&bytes, "");
        }
    }
    values.into_iter().map(|value| to_json(value, runtime)).collect()
}

/// Fields by name; a single field without a name stands for itself.
pub(super) fn composite_to_json(composite: &Composite<u32>, runtime: &Runtime) -> Json {
    match composite {
        Composite::Named(fields) => Json::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), to_json(value, runtime)))
                .collect::<Map<_, _>>(),
        ),
        Composite::Unnamed(values) => match values.as_slice() {
            [only] => to_json(only, runtime),
            _ => values.iter().map(|value| to_json(value, runtime)).collect(),
        },
    }
}

fn primitive_to_json(primitive: &Primitive) -> Json {
    match primitive {
        Primitive::Bool(flag) => json!(flag),
        Primitive::Char(letter) => json!(letter.to_string()),
        Primitive::String(text) => json!(text),
        Primitive::U128(number) => {
            u64::try_from(*number).map_or_else(|_| json!(number.to_string()), |small| json!(small))
        }
        Primitive::I128(number) => {
            i64::try_from(*number).map_or_else(|_| json!(number.to_string()), |small| json!(small))
        }
        Primitive::U256(bytes) | Primitive::I256(bytes) => {
            json!(format!("0x{}", hex::encode(bytes)))
        }
    }
}

/// The bytes of a list of bytes, however wrapped. A single number stays a number.
fn bytes_of(composite: &Composite<u32>, is_byte: &dyn Fn(u32) -> bool) -> Option<Vec<u8>> {
    let Composite::Unnamed(values) = composite else { return None };
    match values.as_slice() {
        [] => None,
        [only] => match &only.value {
            ValueDef::Composite(inner) => bytes_of(inner, is_byte),
            _ => None,
        },
        [first, ..] if is_byte(first.context) => {
            values.iter().map(|value| u8::try_from(value.as_u128()?).ok()).collect()
        }
        _ => None,
    }
}

fn bytes_to_json(bytes: &[u8], type_name: &str) -> Json {
    if let ("AccountId32", Ok(account)) = (type_name, <[u8; 32]>::try_from(bytes)) {
        return json!(AccountId32::new(account).to_ss58check());
    }
    if type_name == "Subject" {
        return json!(hex::encode(bytes));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if type_name != "H256" && !text.chars().any(char::is_control) => json!(text),
        _ => json!(format!("0x{}", hex::encode(bytes))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(numbers: &[u128]) -> Composite<u32> {
        Composite::unnamed(
            numbers.iter().map(|number| Value::u128(*number).map_context(|()| 7_u32)),
        )
    }

    #[test]
    fn should_find_bytes_when_they_are_wrapped() {
        let inner = Value::with_context(ValueDef::Composite(list(&[1, 2, 255])), 8);
        let wrapped = Composite::Unnamed(vec![inner]);
        assert_eq!(bytes_of(&wrapped, &|type_id| type_id == 7), Some(vec![1, 2, 255]));
    }

    #[test]
    fn should_find_no_bytes_when_numbers_are_of_another_type() {
        assert_eq!(bytes_of(&list(&[1, 2, 3]), &|type_id| type_id == 8), None);
    }

    #[test]
    fn should_show_text_as_text_and_hashes_in_hexadecimal() {
        assert_eq!(bytes_to_json(b"card book 7", "BoundedVec"), json!("card book 7"));
        assert_eq!(bytes_to_json(b"card book 7", "H256"), json!("0x6361726420626f6f6b2037"));
        assert_eq!(bytes_to_json(&[0xab; 16], "Subject"), json!("ab".repeat(16)));
    }

    #[test]
    fn should_write_a_number_as_text_when_json_cannot_hold_it() {
        let large = u128::from(u64::MAX) + 1;
        assert_eq!(primitive_to_json(&Primitive::U128(large)), json!("18446744073709551616"));
        assert_eq!(primitive_to_json(&Primitive::U128(5)), json!(5));
    }
}
