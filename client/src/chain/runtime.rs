//! One version of the chain's runtime as its metadata tells: which calls there are, what its errors
//! mean, what a signed transaction consists of.

use super::{
    call::{Call, DecodedCall, KNOWN_CALLS},
    event::{self, Event},
    fault::{ChainFault, Refused},
    transaction::{Lifetime, LIFETIME_BLOCKS},
};
use assay_primitives::H256;
use codec::{Compact, Encode};
use scale_info::TypeDef;
use sp_runtime::generic::Era;
use subxt::{
    ext::{
        scale_decode::visitor::{decode_with_visitor, IgnoreVisitor},
        scale_value::{scale::decode_as_type, Composite, Value, ValueDef, Variant},
    },
    metadata::Metadata,
};

/// The version of the extrinsic format that is signed here, and of its extensions.
const EXTRINSIC_VERSION: u8 = 4;
const EXTENSIONS_VERSION: u8 = 0;

/// A runtime, by its metadata.
pub struct Runtime {
    pub(crate) metadata: Metadata,
    pub(crate) spec_version: u32,
    pub(crate) transaction_version: u32,
    pub(crate) genesis: H256,
}

/// What the transaction extensions add: to the transaction, and to what is signed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    pub included: Vec<u8>,
    pub implicit: Vec<u8>,
}

impl Runtime {
    /// Checks that the runtime has all that this client calls.
    ///
    /// # Errors
    /// `OtherRuntime` with the first call or extension that is missing or unknown.
    pub(crate) fn check(&self) -> Result<(), ChainFault> {
        for (pallet, name) in KNOWN_CALLS {
            self.call_index(pallet, name)?;
        }
        let versions = self.metadata.extrinsic().supported_versions();
        if !versions.contains(&EXTRINSIC_VERSION) {
            return Err(ChainFault::OtherRuntime(format!(
                "it takes transactions of versions {versions:?}, not {EXTRINSIC_VERSION}"
            )));
        }
        self.extensions(0, Lifetime::Endless).map(|_| ())
    }

    fn call_index(&self, pallet: &str, name: &str) -> Result<[u8; 2], ChainFault> {
        let missing = |what: String| ChainFault::OtherRuntime(format!("it has no {what}"));
        let found = self
            .metadata
            .pallet_by_name(pallet)
            .ok_or_else(|| missing(format!("pallet {pallet}")))?;
        let call = found
            .call_variant_by_name(name)
            .ok_or_else(|| missing(format!("call {pallet}::{name}")))?;
        Ok([found.call_index(), call.index])
    }

    /// Whether this runtime takes a call's arguments as another one does: both have the call, with
    /// arguments of the same types.
    pub(crate) fn takes_as(&self, other: &Runtime, call: &Call) -> bool {
        let hash =
            |runtime: &Runtime| runtime.metadata.pallet_by_name(call.pallet)?.call_hash(call.name);
        hash(self).is_some() && hash(self) == hash(other)
    }

    /// The call as the chain decodes it: pallet, call, arguments.
    pub fn encode_call(&self, call: &Call) -> Result<Vec<u8>, ChainFault> {
        let mut bytes = self.call_index(call.pallet, call.name)?.to_vec();
        bytes.extend_from_slice(&call.arguments);
        Ok(bytes)
    }

    /// Reads a call of this runtime, all of it.
    ///
    /// # Errors
    /// A sentence when the bytes are no call, or more than one.
    pub fn decode_call(&self, bytes: &[u8]) -> Result<DecodedCall, String> {
        let types = self.metadata.types();
        let call_type = self.metadata.outer_enums().call_enum_ty();
        // Looked through before any of it is kept: a length may claim more than memory holds.
        let rest = &mut &bytes[..];
        decode_with_visitor(rest, call_type, types, IgnoreVisitor::new())
            .map_err(|reason| format!("the chain's runtime has no such call: {reason}"))?;
        if !rest.is_empty() {
            let (known, rest) = (bytes.len() - rest.len(), rest.len());
            return Err(format!("the call ends after {known} bytes, and {rest} more follow"));
        }
        let value = decode_as_type(&mut &bytes[..], call_type, types)
            .map_err(|reason| format!("the chain's runtime has no such call: {reason}"))?;
        let unknown = || "the chain's runtime names its calls in an unknown way".to_string();
        let outer = variant(value).ok_or_else(unknown)?;
        let inner = outer.values.into_values().next().and_then(variant).ok_or_else(unknown)?;
        let docs = self
            .metadata
            .pallet_by_name(&outer.name)
            .and_then(|pallet| pallet.call_variant_by_name(&inner.name))
            .map(|call| call.docs.join(" "));
        Ok(DecodedCall {
            pallet: outer.name,
            name: inner.name,
            arguments: bytes.get(2..).unwrap_or_default().to_vec(),
            fields: event::composite_to_json(&inner.values, self),
            docs: docs.unwrap_or_default(),
        })
    }

    /// What the extensions add to a transaction of that nonce and lifetime. The nonce itself keeps it
    /// from being executed twice.
    pub(crate) fn extensions(
        &self,
        nonce: u64,
        lifetime: Lifetime,
    ) -> Result<Extensions, ChainFault> {
        let all = self
            .metadata
            .extrinsic()
            .transaction_extensions_by_version(EXTENSIONS_VERSION)
            .ok_or_else(|| {
            ChainFault::OtherRuntime("its transactions have no extensions".into())
        })?;
        let mut extensions = Extensions::default();
        for extension in all {
            let Extensions { included, implicit } = &mut extensions;
            match extension.identifier() {
                "CheckSpecVersion" => self.spec_version.encode_to(implicit),
                "CheckTxVersion" => self.transaction_version.encode_to(implicit),
                "CheckGenesis" => self.genesis.encode_to(implicit),
                "CheckMortality" | "CheckEra" => {
                    let (era, birth) = match lifetime {
                        Lifetime::Endless => (Era::immortal(), self.genesis),
                        Lifetime::From(birth) => {
                            (Era::mortal(LIFETIME_BLOCKS.into(), birth.number.into()), birth.hash)
                        }
                    };
                    era.encode_to(included);
                    birth.encode_to(implicit);
                }
                "CheckNonce" => Compact(nonce).encode_to(included),
                "CheckMetadataHash" => {
                    included.push(0);
                    implicit.push(0);
                }
                _ if self.is_empty(extension.extra_ty())
                    && self.is_empty(extension.additional_ty()) => {}
                other => {
                    return Err(ChainFault::OtherRuntime(format!(
                        "its transactions need the unknown extension {other}"
                    )))
                }
            }
        }
        Ok(extensions)
    }

    /// Whether values of the type take no bytes: then they decode from nothing.
    fn is_empty(&self, type_id: u32) -> bool {
        decode_as_type(&mut &[][..], type_id, self.metadata.types()).is_ok()
    }

    /// Whether values of the type are bytes: one byte of 255 is the number 255.
    pub(crate) fn is_byte(&self, type_id: u32) -> bool {
        let bytes = &mut &[u8::MAX][..];
        decode_as_type(bytes, type_id, self.metadata.types())
            .is_ok_and(|value| value.as_u128() == Some(u128::from(u8::MAX)))
    }

    /// Whether values of the type are lists, however long: a list of one stays a list.
    pub(crate) fn is_list(&self, type_id: u32) -> bool {
        self.metadata
            .types()
            .resolve(type_id)
            .is_some_and(|known| matches!(known.type_def, TypeDef::Sequence(_) | TypeDef::Array(_)))
    }

    /// Decodes the value of `System::Events`.
    pub(crate) fn events(&self, bytes: &[u8]) -> Result<Vec<Event>, ChainFault> {
        let value_type = self
            .metadata
            .pallet_by_name("System")
            .and_then(|pallet| pallet.storage())
            .and_then(|storage| storage.entry_by_name("Events"))
            .map(|entry| entry.value_ty())
            .ok_or_else(|| ChainFault::OtherRuntime("it keeps no events".into()))?;
        let value = decode_as_type(&mut &bytes[..], value_type, self.metadata.types())
            .map_err(|reason| ChainFault::unreadable("System::Events", reason))?;
        event::records(value, self)
    }

    /// The name of a type's last path segment; empty for primitives and tuples.
    pub(crate) fn type_name(&self, type_id: u32) -> &str {
        self.metadata
            .types()
            .resolve(type_id)
            .and_then(|found| found.path.segments.last())
            .map_or("", String::as_str)
    }

    /// Turns a `DispatchError` of an event into its name and the sentence that documents it.
    pub(crate) fn dispatch_refusal(&self, error: &Value<u32>) -> Refused {
        let ValueDef::Variant(variant) = &error.value else {
            return Refused::Dispatch { name: "Unknown".into(), sentence: error.to_string() };
        };
        if variant.name == "Module" {
            if let Some(refused) = self.module_refusal(&variant.values) {
                return refused;
            }
        }
        let sentence = match variant.name.as_str() {
            "BadOrigin" => "the key has no right to this call",
            "Exhausted" => "a block has no room for the call",
            "CannotLookup" => "the account is not known",
            "Corruption" => "the chain's state is damaged; tell the operators",
            _ => "the chain refuses the call",
        };
        Refused::Dispatch { name: variant.name.clone(), sentence: sentence.into() }
    }

    fn module_refusal(&self, values: &Composite<u32>) -> Option<Refused> {
        // `ModuleError { index, error }`, once or twice wrapped according to the metadata.
        let mut numbers = Vec::new();
        flatten(values, &mut numbers);
        let pallet_index = u8::try_from(*numbers.first()?).ok()?;
        let error_index = u8::try_from(*numbers.get(1)?).ok()?;
        let pallet = self.metadata.pallet_by_error_index(pallet_index)?;
        let error = pallet.error_variant_by_index(error_index)?;
        let docs = error.docs.join(" ");
        let sentence = match docs.trim() {
            "" => "the chain refuses the call",
            text => text.trim_end_matches('.'),
        };
        Some(Refused::Dispatch {
            name: format!("{}::{}", pallet.name(), error.name),
            sentence: sentence.to_string(),
        })
    }
}

fn variant(value: Value<u32>) -> Option<Variant<u32>> {
    match value.value {
        ValueDef::Variant(variant) => Some(variant),
        _ => None,
    }
}

fn flatten(values: &Composite<u32>, numbers: &mut Vec<u128>) {
    for value in values.values() {
        match &value.value {
            ValueDef::Composite(inner) => flatten(inner, numbers),
            _ => numbers.extend(value.as_u128()),
        }
    }
}
