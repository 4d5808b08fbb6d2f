//! The currency of a chain that has none.

use codec::Encode;
use core::marker::PhantomData;
use frame_support::traits::{
    fungible::{self, hold, Dust},
    tokens::{DepositConsequence, Fortitude, Preservation, Provenance, WithdrawConsequence},
};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, DispatchResult, TokenError};

/// No money: every balance is 0 and stays it. `pallet_session` and `pallet_safe_mode` ask for a
/// currency to take deposits in; here those are 0 or switched off, and whatever would move more than
/// nothing fails.
pub struct NoCurrency<Reason>(PhantomData<Reason>);

/// Nothing can be done with nothing; anything else is refused.
fn only_nothing<R>(amount: u128, done: R) -> Result<R, DispatchError> {
    if amount == 0 {
        Ok(done)
    } else {
        Err(TokenError::Unsupported.into())
    }
}

impl<AccountId, Reason> fungible::Inspect<AccountId> for NoCurrency<Reason> {
    type Balance = u128;

    fn total_issuance() -> u128 {
        0
    }

    fn minimum_balance() -> u128 {
        0
    }

    fn total_balance(_: &AccountId) -> u128 {
        0
    }

    fn balance(_: &AccountId) -> u128 {
        0
    }

    fn reducible_balance(_: &AccountId, _: Preservation, _: Fortitude) -> u128 {
        0
    }

    fn can_deposit(_: &AccountId, amount: u128, _: Provenance) -> DepositConsequence {
        if amount == 0 {
            DepositConsequence::Success
        } else {
            DepositConsequence::UnknownAsset
        }
    }

    fn can_withdraw(_: &AccountId, amount: u128) -> WithdrawConsequence<u128> {
        if amount == 0 {
            WithdrawConsequence::Success
        } else {
            WithdrawConsequence::BalanceLow
        }
    }
}

impl<AccountId, Reason> fungible::Unbalanced<AccountId> for NoCurrency<Reason> {
    fn handle_dust(_: Dust<AccountId, Self>) {}

    fn write_balance(_: &AccountId, amount: u128) -> Result<Option<u128>, DispatchError> {
        only_nothing(amount, None)
    }

    fn set_total_issuance(_: u128) {}
}

impl<AccountId: Eq, Reason> fungible::Mutate<AccountId> for NoCurrency<Reason> {}

impl<AccountId, Reason: Encode + TypeInfo + 'static> hold::Inspect<AccountId>
    for NoCurrency<Reason>
{
    type Reason = Reason;

    fn total_balance_on_hold(_: &AccountId) -> u128 {
        0
    }

    fn balance_on_hold(_: &Reason, _: &AccountId) -> u128 {
        0
    }
}

impl<AccountId, Reason: Encode + TypeInfo + 'static> hold::Unbalanced<AccountId>
    for NoCurrency<Reason>
{
    fn set_balance_on_hold(_: &Reason, _: &AccountId, amount: u128) -> DispatchResult {
        only_nothing(amount, ())
    }
}

impl<AccountId, Reason: Encode + TypeInfo + 'static> hold::Mutate<AccountId>
    for NoCurrency<Reason>
{
}
