//! Distribution of a period's collections (rules, section 7).

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

#[cfg(test)]
mod tests;

/// One in parts per billion times the seconds of a year of 365 days.
const PPB_YEAR_SECS: u128 = 1_000_000_000 * 365 * 86_400;

/// What a tranche is owed. All amounts here are in minor units of the security's currency.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TrancheDue {
    pub outstanding_minor: u128,
    /// Interest of the period, and what earlier periods left unpaid.
    pub interest_due_minor: u128,
}

/// A period to distribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Period {
    /// The most senior first.
    pub tranches: Vec<TrancheDue>,
    pub collections_minor: u128,
    pub fees_due_minor: u128,
    /// Principal that falls due in the period; what is more than all tranches' outstanding does not.
    pub principal_due_minor: u128,
    pub reserve_minor: u128,
    pub reserve_required_minor: u128,
    /// What the guarantor has promised and not yet paid.
    pub commitment_minor: u128,
    /// Losses of the assets, established in the period.
    pub losses_minor: u128,
}

/// What a tranche gets and loses.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TranchePayment {
    pub interest_minor: u128,
    pub interest_unpaid_minor: u128,
    pub principal_minor: u128,
    pub written_down_minor: u128,
    /// What stays outstanding.
    pub outstanding_minor: u128,
}

/// Where the money of a period goes. Collections and draws together are fees, interest, principal,
/// the addition to the reserve and what the originator gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Distribution {
    pub fees_minor: u128,
    pub fees_unpaid_minor: u128,
    /// The most senior first.
    pub tranches: Vec<TranchePayment>,
    pub principal_unpaid_minor: u128,
    pub reserve_draw_minor: u128,
    pub reserve_addition_minor: u128,
    pub guarantor_draw_minor: u128,
    /// Excess spread, to the originator.
    pub excess_minor: u128,
    /// Losses beyond what all tranches could bear.
    pub losses_unborne_minor: u128,
}

/// What there is to pay with: the reserve and the guarantor only once the collections are spent.
struct Purse {
    collections: u128,
    reserve: u128,
    commitment: u128,
}

fn draw(from: &mut u128, wanted: u128) -> u128 {
    let drawn = wanted.min(*from);
    *from = from.saturating_sub(drawn);
    drawn
}

impl Purse {
    /// Pays up to `due` of interest or principal.
    fn pay(&mut self, due: u128) -> u128 {
        let mut open = due;
        for source in [&mut self.collections, &mut self.reserve, &mut self.commitment] {
            open = open.saturating_sub(draw(source, open));
        }
        due.saturating_sub(open)
    }
}

/// Distributes a period's collections, each step taking what is left: fees; interest by seniority;
/// principal, of the most senior outstanding tranche in full before the next; the reserve up to its
/// required amount; the rest to the originator. A shortfall of interest or principal draws on the
/// reserve, then on the guarantor. Losses then write down what is outstanding, the most junior
/// tranche first.
pub fn distribute(period: &Period) -> Distribution {
    let mut purse = Purse {
        collections: period.collections_minor,
        reserve: period.reserve_minor,
        commitment: period.commitment_minor,
    };
    let fees_minor = draw(&mut purse.collections, period.fees_due_minor);
    let mut tranches: Vec<TranchePayment> = period
        .tranches
        .iter()
        .map(|tranche| {
            let interest_minor = purse.pay(tranche.interest_due_minor);
            TranchePayment {
                interest_minor,
                interest_unpaid_minor: tranche.interest_due_minor.saturating_sub(interest_minor),
                outstanding_minor: tranche.outstanding_minor,
                ..TranchePayment::default()
            }
        })
        .collect();
    let mut principal_due = period.principal_due_minor;
    let mut principal_unpaid_minor = 0_u128;
    for tranche in &mut tranches {
        let due = draw(&mut principal_due, tranche.outstanding_minor);
        tranche.principal_minor = purse.pay(due);
        tranche.outstanding_minor =
            tranche.outstanding_minor.saturating_sub(tranche.principal_minor);
        let unpaid = due.saturating_sub(tranche.principal_minor);
        principal_unpaid_minor = principal_unpaid_minor.saturating_add(unpaid);
    }
    let reserve_missing = period.reserve_required_minor.saturating_sub(purse.reserve);
    let reserve_addition_minor = draw(&mut purse.collections, reserve_missing);
    let mut losses = period.losses_minor;
    for tranche in tranches.iter_mut().rev() {
        tranche.written_down_minor = draw(&mut losses, tranche.outstanding_minor);
        tranche.outstanding_minor =
            tranche.outstanding_minor.saturating_sub(tranche.written_down_minor);
    }
    Distribution {
        fees_minor,
        fees_unpaid_minor: period.fees_due_minor.saturating_sub(fees_minor),
        tranches,
        principal_unpaid_minor,
        reserve_draw_minor: period.reserve_minor.saturating_sub(purse.reserve),
        reserve_addition_minor,
        guarantor_draw_minor: period.commitment_minor.saturating_sub(purse.commitment),
        excess_minor: purse.collections,
        losses_unborne_minor: losses,
    }
}

/// Interest on `outstanding_minor` at `coupon_ppb` a year of 365 days over a period, rounded down.
/// None when it leaves `u128`.
pub fn coupon_minor(outstanding_minor: u128, coupon_ppb: u32, period_secs: u64) -> Option<u128> {
    let parts = u128::from(coupon_ppb).checked_mul(u128::from(period_secs))?;
    pro_rata(outstanding_minor, parts, PPB_YEAR_SECS)
}

/// The part of `amount` that falls to `holding` of `total`, rounded down and exact whatever the
/// magnitudes. None when `total` is 0 or the part leaves `u128`.
pub fn pro_rata(amount: u128, holding: u128, total: u128) -> Option<u128> {
    Some(divide(amount, holding, total)?.0)
}

/// Quotient and remainder of `a * b / divisor`.
pub(crate) fn divide(a: u128, b: u128, divisor: u128) -> Option<(u128, u128)> {
    if let Some(product) = a.checked_mul(b) {
        return Some((product.checked_div(divisor)?, product.checked_rem(divisor)?));
    }
    // The product is longer than 128 bits: multiply bit by bit and divide as it grows.
    let (whole, rest) = (a.checked_div(divisor)?, a.checked_rem(divisor)?);
    let (mut quotient, mut remainder) = (0_u128, 0_u128);
    for bit in (0..u128::BITS.saturating_sub(b.leading_zeros())).rev() {
        let (doubled, carry) = add_modulo(remainder, remainder, divisor)?;
        remainder = doubled;
        quotient = quotient.checked_mul(2)?.checked_add(carry)?;
        if b >> bit & 1 == 1 {
            let (sum, carry) = add_modulo(remainder, rest, divisor)?;
            remainder = sum;
            quotient = quotient.checked_add(carry)?;
        }
    }
    Some((quotient.checked_add(whole.checked_mul(b)?)?, remainder))
}

/// `a + b` modulo `modulus`, and how often it wrapped, for `a` and `b` under the modulus.
fn add_modulo(a: u128, b: u128, modulus: u128) -> Option<(u128, u128)> {
    match a.checked_sub(modulus.checked_sub(b)?) {
        Some(wrapped) => Some((wrapped, 1)),
        None => Some((a.checked_add(b)?, 0)),
    }
}
