//! Signed transactions as the chain decodes them (extrinsic format 4).

use super::{call::Call, fault::ChainFault, key::Key, runtime::Runtime};
use assay_primitives::H256;
use codec::{Compact, Encode};
use sp_runtime::traits::{BlakeTwo256, Hash};

/// Format 4, signed.
const SIGNED_FORMAT: u8 = 0b1000_0000 | 4;
/// `MultiAddress::Id`.
const ADDRESS_BY_ID: u8 = 0;
/// `MultiSignature::Ed25519`.
const SIGNATURE_ED25519: u8 = 0;
/// Longer payloads are hashed before they are signed.
const MAX_PLAIN_PAYLOAD_BYTES: usize = 256;

/// A signed transaction that never expires: it can be sent again as it is until its nonce is used.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub bytes: Vec<u8>,
    pub hash: H256,
}

/// Signs a call with the nonce.
pub(crate) fn sign(
    runtime: &Runtime,
    key: &Key,
    call: &Call,
    nonce: u64,
) -> Result<Signed, ChainFault> {
    let call = runtime.encode_call(call)?;
    let extensions = runtime.extensions(nonce)?;
    let payload = [&call[..], &extensions.included, &extensions.implicit].concat();
    let signature = if payload.len() > MAX_PLAIN_PAYLOAD_BYTES {
        key.sign(BlakeTwo256::hash(&payload).as_bytes())
    } else {
        key.sign(&payload)
    };
    Ok(assemble(key, &signature, &extensions.included, &call))
}

fn assemble(key: &Key, signature: &[u8; 64], included: &[u8], call: &[u8]) -> Signed {
    let mut body = Vec::with_capacity(call.len() + included.len() + 128);
    body.push(SIGNED_FORMAT);
    body.push(ADDRESS_BY_ID);
    key.account().encode_to(&mut body);
    body.push(SIGNATURE_ED25519);
    body.extend_from_slice(signature);
    body.extend_from_slice(included);
    body.extend_from_slice(call);
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut bytes = Compact(length).encode();
    bytes.append(&mut body);
    let hash = transaction_hash(&bytes);
    Signed { bytes, hash }
}

/// The hash by which a transaction of a block is recognised.
pub(crate) fn transaction_hash(bytes: &[u8]) -> H256 {
    BlakeTwo256::hash(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Decode;
    use sp_runtime::{generic::Preamble, MultiAddress, MultiSignature};

    #[test]
    fn should_decode_as_the_sdk_decodes_it_when_assembled() {
        let key = Key::development("//Alice").unwrap();
        let signed = assemble(&key, &[7; 64], &[0, 4], &[1, 2, 3]);
        let input = &mut &signed.bytes[..];
        let length = Compact::<u32>::decode(input).unwrap().0;
        assert_eq!(length as usize, input.len());
        type Signer = MultiAddress<sp_runtime::AccountId32, ()>;
        let preamble = Preamble::<Signer, MultiSignature, (u8, u8)>::decode(input).unwrap();
        let Preamble::Signed(address, signature, extension) = preamble else {
            panic!("a signed transaction is decoded as signed");
        };
        assert_eq!(address, MultiAddress::Id(key.account()));
        assert!(matches!(signature, MultiSignature::Ed25519(bytes) if bytes.0 == [7; 64]));
        assert_eq!((extension, *input), ((0, 4), &[1, 2, 3][..]));
    }
}
