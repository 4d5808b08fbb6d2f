//! Signed transactions as the chain decodes them (extrinsic format 4).

use super::{call::Call, fault::ChainFault, key::Key, runtime::Runtime, BlockRef};
use assay_primitives::{BlockNumber, H256};
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

/// How many blocks a transaction may wait: a power of two, within the 2,400 whose hashes the chain
/// keeps.
pub(crate) const LIFETIME_BLOCKS: BlockNumber = 2_048;

/// Until when a transaction may get into a block. Two that differ in nothing else are two
/// transactions: nodes that turned one away, for a quota that was used up, still take the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    Endless,
    /// For `LIFETIME_BLOCKS` from that block on, and on its chain only.
    From(BlockRef),
}

impl Lifetime {
    /// From the last final block on, which every fork has; without end where that is long ago.
    pub fn at(best: BlockNumber, last: BlockRef) -> Lifetime {
        match best.saturating_sub(last.number) <= LIFETIME_BLOCKS / 2 {
            true => Lifetime::From(last),
            false => Lifetime::Endless,
        }
    }

    /// Whether it's time for another one.
    pub fn is_old(&self, best: BlockNumber) -> bool {
        match self {
            Lifetime::Endless => true,
            Lifetime::From(birth) => best.saturating_sub(birth.number) > LIFETIME_BLOCKS / 4,
        }
    }
}

/// A signed transaction: as long as it lives it can be sent again as it is, until its nonce is used.
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
    lifetime: Lifetime,
) -> Result<Signed, ChainFault> {
    let call = runtime.encode_call(call)?;
    let extensions = runtime.extensions(nonce, lifetime)?;
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
    fn should_live_from_the_last_final_block_on_unless_that_is_long_ago() {
        let last = BlockRef { number: 100, hash: H256::repeat_byte(1) };
        assert_eq!(Lifetime::at(103, last), Lifetime::From(last));
        assert_eq!(Lifetime::at(100 + LIFETIME_BLOCKS, last), Lifetime::Endless);
        assert!(!Lifetime::From(last).is_old(103));
        assert!(Lifetime::From(last).is_old(100 + LIFETIME_BLOCKS / 2));
    }

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
