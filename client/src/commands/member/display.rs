//! How an organisation looks.

use crate::{
    certificate::clock_secs,
    chain::{Chain, ChainFault},
    commands::{
        context::now_secs,
        show::{address, date, moment, text, Facts, TextTable},
    },
};
use assay_primitives::{
    member::{Authority, Certificate, Organisation, Status},
    AccountId, AuthorityId,
};
use serde_json::{json, Value as Json};

const DAY_SECS: u64 = 86_400;

/// The chain's time; this machine's where the chain has made no block yet.
pub async fn chain_time(chain: &Chain) -> Result<u64, ChainFault> {
    match now_secs(chain, None).await? {
        0 => Ok(clock_secs()),
        now => Ok(now),
    }
}

/// Whether a certificate lets its member act.
fn standing(certificate: &Certificate, now: u64) -> &'static str {
    if certificate.revoked {
        "revoked"
    } else if now < certificate.not_before_secs {
        "not yet valid"
    } else if now > certificate.not_after_secs {
        "expired"
    } else {
        "valid"
    }
}

/// Whole days until it ends; 0 once it has.
fn days_left(certificate: &Certificate, now: u64) -> u64 {
    certificate.not_after_secs.saturating_sub(now) / DAY_SECS
}

fn status(organisation: &Organisation) -> &'static str {
    match organisation.status {
        Status::Active => "active",
        Status::Suspended => "suspended",
    }
}

/// A table of organisations, with its head.
pub fn list_table() -> TextTable {
    TextTable::new(&[">number", "name", "status", "account", "certificate", "roles", "awaiting"])
}

/// An organisation's line in the table.
pub fn list_line(account: &AccountId, organisation: &Organisation, now: u64) -> [String; 7] {
    let certificate = match &organisation.certificate {
        Some(certificate) => match standing(certificate, now) {
            "valid" => format!("until {}", date(certificate.not_after_secs)),
            other => other.into(),
        },
        None => "none".into(),
    };
    [
        organisation.id.to_string(),
        organisation.display_name(),
        status(organisation).into(),
        address(account),
        certificate,
        organisation.roles.names().join(", "),
        organisation.awaiting.names().join(", "),
    ]
}

/// An organisation for machines.
pub fn to_json(account: &AccountId, organisation: &Organisation, now: u64) -> Json {
    json!({
        "number": organisation.id,
        "name": organisation.display_name(),
        "account": address(account),
        "status": status(organisation),
        "roles": organisation.roles.names(),
        "awaiting": organisation.awaiting.names(),
        "own_quota_millis": organisation.quota_millis,
        "certificate": organisation.certificate.as_ref().map(|certificate| json!({
            "authority": certificate.authority,
            "serial": hex::encode(&certificate.serial),
            "hash": format!("{:?}", certificate.hash),
            "not_before_secs": certificate.not_before_secs,
            "not_after_secs": certificate.not_after_secs,
            "days_left": days_left(certificate, now),
            "standing": standing(certificate, now),
        })),
    })
}

/// An organisation for people.
pub fn facts(
    account: &AccountId,
    organisation: &Organisation,
    authorities: &[(AuthorityId, Authority)],
    now: u64,
) -> Facts {
    let mut facts = Facts::new()
        .fact("number", organisation.id)
        .fact("name", organisation.display_name())
        .fact("account", address(account))
        .fact("status", status(organisation))
        .fact("roles", organisation.roles.names().join(", "));
    if !organisation.awaiting.names().is_empty() {
        let awaiting = organisation.awaiting.names().join(", ");
        facts = facts.fact("awaiting", format!("{awaiting} (`assay member confirm`)"));
    }
    let Some(certificate) = &organisation.certificate else {
        return facts.fact("certificate", "none: the chain began with this member");
    };
    let standing = match standing(certificate, now) {
        "valid" => format!("valid, {} days left", days_left(certificate, now)),
        other => other.into(),
    };
    let signer = authorities.iter().find(|(id, _)| *id == certificate.authority);
    let signer = signer.map_or("removed".into(), |(_, authority)| text(&authority.name));
    facts
        .fact("certificate", standing)
        .fact("serial", hex::encode(&certificate.serial))
        .fact("authority", format!("{} ({signer})", certificate.authority))
        .fact("valid from", moment(certificate.not_before_secs))
        .fact("valid until", moment(certificate.not_after_secs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::{member::Roles, H256};

    fn certified(revoked: bool) -> Organisation {
        let certificate = Certificate {
            authority: 3,
            hash: H256::repeat_byte(1),
            serial: vec![0x0a, 0xff].try_into().unwrap(),
            not_before_secs: 1_000,
            not_after_secs: 1_000 + 10 * DAY_SECS,
            revoked,
            warned_days: None,
        };
        Organisation {
            id: 1,
            name: b"Bank".to_vec().try_into().unwrap(),
            roles: Roles::BUREAU,
            awaiting: Roles::COUNCIL,
            status: Status::Active,
            certificate: Some(certificate),
            quota_millis: None,
        }
    }

    fn certificate_at(organisation: &Organisation, now: u64) -> Json {
        to_json(&AccountId::new([1; 32]), organisation, now)["certificate"].clone()
    }

    #[test]
    fn should_say_how_a_certificate_stands_at_each_time() {
        let organisation = certified(false);
        let standing_at = |now| certificate_at(&organisation, now)["standing"].clone();
        assert_eq!(standing_at(999), "not yet valid");
        assert_eq!(standing_at(1_000), "valid");
        assert_eq!(standing_at(1_000 + 10 * DAY_SECS), "valid");
        assert_eq!(standing_at(1_001 + 10 * DAY_SECS), "expired");
        assert_eq!(certificate_at(&certified(true), 1_000)["standing"], "revoked");
    }

    #[test]
    fn should_count_whole_days_until_a_certificate_ends() {
        let organisation = certified(false);
        assert_eq!(certificate_at(&organisation, 1_000)["days_left"], 10);
        assert_eq!(certificate_at(&organisation, 1_001)["days_left"], 9);
        assert_eq!(certificate_at(&organisation, u64::MAX)["days_left"], 0);
        assert_eq!(certificate_at(&organisation, 1_000)["serial"], "0aff");
    }

    #[test]
    fn should_name_the_authority_and_what_waits_when_people_read() {
        let shown = facts(&AccountId::new([1; 32]), &certified(false), &[], 1_000).to_string();
        assert!(shown.contains("3 (removed)"), "{shown}");
        assert!(shown.contains("council (`assay member confirm`)"), "{shown}");
        assert!(shown.contains("valid, 10 days left"), "{shown}");
    }
}
