//! Warnings before certificates end. They are for people: the transactions are judged by the time.

use crate::{
    pallet::{Config, Event, Organisations, Pallet, WarnedHour},
    weights, WARNING_DAYS,
};
use alloc::vec::Vec;
use assay_primitives::{
    member::{Certificate, Organisation},
    AccountId, UnixSecs,
};
use frame_support::weights::WeightMeter;

const SECS_PER_DAY: u64 = 86_400;
/// Said of a certificate that has ended.
const ENDED: u8 = 0;

impl<T: Config> Pallet<T> {
    /// Warns of certificates that end soon or have ended, once an hour, when the block has room to
    /// look at all organisations: if not, the next block has.
    pub(crate) fn warn_of_ends(meter: &mut WeightMeter) {
        if meter.try_consume(weights::idle()).is_err() {
            return;
        }
        let hour = Self::hour();
        if hour <= WarnedHour::<T>::get() {
            return;
        }
        if meter.try_consume(weights::warn(Organisations::<T>::count())).is_err() {
            return;
        }
        WarnedHour::<T>::put(hour);
        let now_secs = Self::now_secs();
        let due: Vec<_> = Organisations::<T>::iter()
            .filter_map(|(account, organisation)| {
                let days = due_warning(organisation.certificate.as_ref()?, now_secs)?;
                Some((account, organisation, days))
            })
            .collect();
        due.into_iter().for_each(|(account, organisation, days)| {
            Self::warn(account, organisation, days);
        });
    }

    fn warn(account: AccountId, mut organisation: Organisation, days: u8) {
        if let Some(certificate) = &mut organisation.certificate {
            certificate.warned_days = Some(days);
        }
        let id = organisation.id;
        // No change of the council: it needs no look at all organisations.
        Organisations::<T>::insert(&account, organisation);
        Self::deposit_event(if days == ENDED {
            Event::CertificateExpired { organisation: id, account }
        } else {
            Event::CertificateExpiring { organisation: id, account, days }
        });
    }
}

/// The warning that is to be given now: the latest that is due, unless it was given before. What
/// was missed, because a certificate came late or no block was made, is not made up for.
fn due_warning(certificate: &Certificate, now_secs: UnixSecs) -> Option<u8> {
    if certificate.revoked {
        return None;
    }
    let days = if certificate.not_after_secs < now_secs {
        ENDED
    } else {
        let left_secs = certificate.not_after_secs.saturating_sub(now_secs);
        let is_due = |days: &&u8| left_secs <= u64::from(**days).saturating_mul(SECS_PER_DAY);
        *WARNING_DAYS.iter().rev().find(is_due)?
    };
    let is_new = certificate.warned_days.is_none_or(|warned| days < warned);
    is_new.then_some(days)
}
