//! Refusal of what no member may send, by the pool and in the block.

use crate::{
    pallet::{Call, Config, Organisations, Pallet},
    weights, CallRoles,
};
use assay_primitives::{
    member::{refusal, Certificate, Organisation, Status},
    AccountId,
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::{
    dispatch::{DispatchClass, DispatchInfo, PostDispatchInfo},
    ensure,
    traits::IsSubType,
};
use scale_info::TypeInfo;
use sp_runtime::{
    traits::{
        AsSystemOriginSigner, DispatchInfoOf, DispatchOriginOf, Dispatchable, PostDispatchInfoOf,
        TransactionExtension, ValidateResult,
    },
    transaction_validity::{
        InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
        ValidTransaction,
    },
    DispatchResult, Weight,
};

/// Refuses a transaction unless its signer is an active member whose certificate holds, one of whose
/// roles may send the call, and whose quota it is within; charges the quota afterwards. Of
/// transactions without a signature only inherents pass, and reports that prove themselves. Refusals
/// are the codes of [`assay_primitives::member::refusal`] in `InvalidTransaction::Custom`, of which
/// the first that applies is given, in the order of this text. A certificate that has ended lets only
/// `renew` pass: otherwise members whose certificates all end could never act again. Encodes to
/// nothing.
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

impl<T> CheckMembership<T>
where
    T: Config,
    T::RuntimeCall: IsSubType<Call<T>>,
{
    /// Gives the account whose quota is to be charged, if any.
    fn check(
        who: &AccountId,
        call: &T::RuntimeCall,
        info: &DispatchInfo,
    ) -> Result<Option<AccountId>, TransactionValidityError> {
        let known = Organisations::<T>::get(who);
        let organisation = known.ok_or_else(|| refused(refusal::NOT_A_MEMBER))?;
        ensure!(organisation.status == Status::Active, refused(refusal::SUSPENDED));
        if let Some(certificate) = &organisation.certificate {
            Self::check_certificate(certificate, call)?;
        }
        Self::check_role(&organisation, call)?;
        ensure!(!T::CallRoles::is_stopped(call), refused(refusal::STOPPED));
        // What is operational is free: motions and votes of the council. With a quota used up, by
        // whatever fault or flood, the council must still be able to set another.
        if info.class == DispatchClass::Operational {
            return Ok(None);
        }
        ensure!(
            Pallet::<T>::is_within_quota(who, &organisation, info.total_weight()),
            refused(refusal::QUOTA_EXCEEDED)
        );
        Ok(Some(who.clone()))
    }

    fn check_certificate(
        certificate: &Certificate,
        call: &T::RuntimeCall,
    ) -> Result<(), TransactionValidityError> {
        ensure!(!certificate.revoked, refused(refusal::CERTIFICATE_REVOKED));
        let now_secs = Pallet::<T>::now_secs();
        // The pool judges by the time of the last block, and the first block has none before it.
        if now_secs == 0 {
            return Ok(());
        }
        ensure!(
            certificate.not_before_secs <= now_secs,
            refused(refusal::CERTIFICATE_NOT_YET_VALID)
        );
        let is_renewal = matches!(call.is_sub_type(), Some(Call::renew { .. }));
        ensure!(
            is_renewal || now_secs <= certificate.not_after_secs,
            refused(refusal::CERTIFICATE_EXPIRED)
        );
        Ok(())
    }

    fn check_role(
        organisation: &Organisation,
        call: &T::RuntimeCall,
    ) -> Result<(), TransactionValidityError> {
        match T::CallRoles::roles(call) {
            Some(roles) if organisation.roles.intersects(roles) => Ok(()),
            Some(roles) if organisation.awaiting.intersects(roles) => {
                Err(refused(refusal::ROLE_NOT_CONFIRMED))
            }
            _ => Err(refused(refusal::ROLE_NOT_ALLOWED)),
        }
    }
}

impl<T> TransactionExtension<T::RuntimeCall> for CheckMembership<T>
where
    T: Config + Send + Sync,
    T::RuntimeCall:
        Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo> + IsSubType<Call<T>>,
    DispatchOriginOf<T::RuntimeCall>: AsSystemOriginSigner<AccountId>,
{
    const IDENTIFIER: &'static str = "CheckMembership";
    type Implicit = ();
    /// The account whose quota is to be charged.
    type Val = Option<AccountId>;
    type Pre = Option<AccountId>;

    fn weight(&self, _: &T::RuntimeCall) -> Weight {
        weights::check().saturating_add(weights::charge())
    }

    fn validate(
        &self,
        origin: DispatchOriginOf<T::RuntimeCall>,
        call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
        _: (),
        _: &impl Encode,
        _: TransactionSource,
    ) -> ValidateResult<Self::Val, T::RuntimeCall> {
        let who = origin.as_system_origin_signer().ok_or_else(|| refused(refusal::UNSIGNED))?;
        let charged = Self::check(who, call, info)?;
        Ok((ValidTransaction::default(), charged, origin))
    }

    fn prepare(
        self,
        charged: Self::Val,
        _: &DispatchOriginOf<T::RuntimeCall>,
        _: &T::RuntimeCall,
        _: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
    ) -> Result<Self::Pre, TransactionValidityError> {
        Ok(charged)
    }

    fn post_dispatch_details(
        charged: Self::Pre,
        info: &DispatchInfoOf<T::RuntimeCall>,
        post_info: &PostDispatchInfoOf<T::RuntimeCall>,
        _: usize,
        _: &DispatchResult,
    ) -> Result<Weight, TransactionValidityError> {
        let Some(who) = charged else { return Ok(weights::charge()) };
        Pallet::<T>::charge(&who, post_info.calc_actual_weight(info));
        Ok(Weight::zero())
    }

    fn bare_validate(
        call: &T::RuntimeCall,
        _: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
    ) -> TransactionValidity {
        // The pool holds no inherents: the author of a block makes them.
        ensure!(T::CallRoles::is_bare(call), refused(refusal::UNSIGNED));
        Ok(ValidTransaction::default())
    }

    fn bare_validate_and_prepare(
        call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        _: usize,
    ) -> Result<(), TransactionValidityError> {
        let is_inherent = info.class == DispatchClass::Mandatory;
        ensure!(is_inherent || T::CallRoles::is_bare(call), refused(refusal::UNSIGNED));
        Ok(())
    }
}
