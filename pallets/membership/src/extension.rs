//! Refusal of what no member may send, by the pool and in the block.

use crate::{
    pallet::{Config, Organisations},
    weights, CallRoles,
};
use assay_primitives::{
    member::{refusal, Status},
    AccountId,
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::dispatch::{DispatchClass, DispatchInfo};
use scale_info::TypeInfo;
use sp_runtime::{
    impl_tx_ext_default,
    traits::{
        AsSystemOriginSigner, DispatchInfoOf, DispatchOriginOf, Dispatchable, TransactionExtension,
        ValidateResult,
    },
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
        ValidTransaction,
    },
    Weight,
};

/// Refuses a transaction unless its signer is an active member, one of whose roles may send the
/// call. Of transactions without a signature only inherents pass. Refusals are the codes of
/// [`assay_primitives::member::refusal`] in `InvalidTransaction::Custom`. Encodes to nothing.
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, Eq, PartialEq, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct CheckMembership<T>(PhantomData<T>);

impl<T> CheckMembership<T> {
    /// The check, which holds nothing.
    pub fn new() -> Self {
        CheckMembership(PhantomData)
    }
}

impl<T> Default for CheckMembership<T> {
    fn default() -> Self {
        CheckMembership::new()
    }
}

impl<T> core::fmt::Debug for CheckMembership<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CheckMembership")
    }
}

fn refused(code: u8) -> TransactionValidityError {
    InvalidTransaction::Custom(code).into()
}

impl<T: Config> CheckMembership<T> {
    fn check(who: &AccountId, call: &T::RuntimeCall) -> Result<(), TransactionValidityError> {
        let Some(organisation) = Organisations::<T>::get(who) else {
            return Err(refused(refusal::NOT_A_MEMBER));
        };
        if organisation.status != Status::Active {
            return Err(refused(refusal::SUSPENDED));
        }
        match T::CallRoles::roles(call) {
            Some(roles) if organisation.roles.intersects(roles) => Ok(()),
            _ => Err(refused(refusal::ROLE_NOT_ALLOWED)),
        }
    }
}

impl<T> TransactionExtension<T::RuntimeCall> for CheckMembership<T>
where
    T: Config + Send + Sync,
    T::RuntimeCall: Dispatchable<Info = DispatchInfo>,
    DispatchOriginOf<T::RuntimeCall>: AsSystemOriginSigner<AccountId>,
{
    const IDENTIFIER: &'static str = "CheckMembership";
    type Implicit = ();
    type Val = ();
    type Pre = ();

    fn weight(&self, _: &T::RuntimeCall) -> Weight {
        weights::check()
    }

    fn validate(
        &self,
        origin: DispatchOriginOf<T::RuntimeCall>,
        call: &T::RuntimeCall,
        _: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
        _: (),
        _: &impl Encode,
        _: TransactionSource,
    ) -> ValidateResult<(), T::RuntimeCall> {
        let who = origin.as_system_origin_signer().ok_or(refused(refusal::UNSIGNED))?;
        Self::check(who, call)?;
        Ok((ValidTransaction::default(), (), origin))
    }

    impl_tx_ext_default!(T::RuntimeCall; prepare);

    fn bare_validate(
        _: &T::RuntimeCall,
        _: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
    ) -> TransactionValidity {
        // The pool holds no inherents: the author of a block makes them.
        Err(refused(refusal::UNSIGNED))
    }

    fn bare_validate_and_prepare(
        _: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
    ) -> Result<(), TransactionValidityError> {
        if info.class == DispatchClass::Mandatory {
            Ok(())
        } else {
            Err(refused(refusal::UNSIGNED))
        }
    }
}
