//! Transactions as the runtime itself makes them: for more of them than go through the client.

use assay_runtime::{
    Hash, Runtime, RuntimeCall, Signature, SignedPayload, TxExtension, UncheckedExtrinsic, VERSION,
};
use codec::Encode;
use frame_system::{
    AuthorizeCall, CheckEra, CheckGenesis, CheckNonZeroSender, CheckNonce, CheckSpecVersion,
    CheckTxVersion, CheckWeight, WeightReclaim,
};
use sp_core::{ed25519, Pair};
use sp_runtime::{generic::Era, traits::IdentifyAccount, MultiSigner};

/// A transaction of the key that never expires.
pub fn sign(
    call: RuntimeCall,
    key: &ed25519::Pair,
    nonce: u32,
    genesis: Hash,
) -> UncheckedExtrinsic {
    let extension: TxExtension = (
        AuthorizeCall::new(),
        CheckNonZeroSender::new(),
        CheckSpecVersion::new(),
        CheckTxVersion::new(),
        CheckGenesis::new(),
        CheckEra::from(Era::Immortal),
        assay_membership::extension::CheckMembership::<Runtime>::new(),
        CheckNonce::from(nonce),
        CheckWeight::new(),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        WeightReclaim::new(),
    );
    let implicit = (
        (),
        (),
        VERSION.spec_version,
        VERSION.transaction_version,
        genesis,
        genesis,
        (),
        (),
        (),
        None,
        (),
    );
    let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
    let signature = payload.using_encoded(|bytes| Signature::Ed25519(key.sign(bytes)));
    let account = MultiSigner::Ed25519(key.public()).into_account();
    UncheckedExtrinsic::new_signed(call, account.into(), signature, extension)
}
