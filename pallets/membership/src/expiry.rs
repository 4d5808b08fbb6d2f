//! Warnings before certificates end. They are for people: the transactions are judged by the time.

use crate::{
    pallet::{Config, Event, Organisations, Pallet, WarnedHour},
    quota::SECS_PER_HOUR,
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
        let (hour, warned_hour) = (Self::hour(), WarnedHour::<T>::get());
        if hour <= warned_hour {
            return;
        }
        if meter.try_consume(weights::warn(Organisations::<T>::count())).is_err() {
            return;
        }
        WarnedHour::<T>::put(hour);
        Self::warn_of_members(Self::now_secs());
        Self::warn_of_authorities(start_of(warned_hour), start_of(hour));
    }

    fn warn_of_members(now_secs: UnixSecs) {
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

    /// Warns of what became due between two looks: an authority keeps no record of its warnings.
    fn warn_of_authorities(before_secs: UnixSecs, now_secs: UnixSecs) {
        for (authority, known) in Self::authorities() {
            let due = due_at(known.not_after_secs, now_secs);
            let Some(days) = due.filter(|_| due != due_at(known.not_after_secs, before_secs))
            else {
                continue;
            };
            let name = known.name;
            Self::deposit_event(if days == ENDED {
                Event::AuthorityExpired { authority, name }
            } else {
                Event::AuthorityExpiring { authority, name, days }
            });
        }
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

/// The warning of a member's certificate that is to be given now: the latest that is due, unless it
/// was given before. What was missed, because a certificate came late or no block was made, is not
/// made up for.
fn due_warning(certificate: &Certificate, now_secs: UnixSecs) -> Option<u8> {
    if certificate.revoked {
        return None;
    }
    let days = due_at(certificate.not_after_secs, now_secs)?;
    let is_new = certificate.warned_days.is_none_or(|warned| days < warned);
    is_new.then_some(days)
}

/// The latest warning of an end that is due at a time.
fn due_at(not_after_secs: UnixSecs, now_secs: UnixSecs) -> Option<u8> {
    if not_after_secs < now_secs {
        return Some(ENDED);
    }
    let left_secs = not_after_secs.saturating_sub(now_secs);
    let is_due = |days: &&u8| left_secs <= u64::from(**days).saturating_mul(SECS_PER_DAY);
    WARNING_DAYS.iter().rev().find(is_due).copied()
}

fn start_of(hour: u32) -> UnixSecs {
    u64::from(hour).saturating_mul(SECS_PER_HOUR)
}
