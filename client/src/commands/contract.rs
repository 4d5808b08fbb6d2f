//! Naming a scoring contract and a policy on chain.

use super::show::{short, text};
use crate::{
    chain::{api, call::credit, Chain, Key, Wait},
    policy_file,
};
use anyhow::{anyhow, bail};
use assay_primitives::{
    scoring::{ContractInfo, ContractStatus},
    ContractId, PolicyId,
};
use assay_risk::profile::Policy;
use codec::Encode;
use sp_runtime::traits::{BlakeTwo256, Hash};
use std::path::Path;

/// Fewest digits by which an id may be cut short.
const MIN_ID_DIGITS: usize = 6;

/// The contract that the words name: the beginning of its id, or its name, which stands for the
/// newest version in one of the states.
pub async fn find(
    chain: &Chain,
    words: &str,
    states: &[ContractStatus],
) -> anyhow::Result<(ContractId, ContractInfo)> {
    let all = api::contracts(chain, None).await?;
    pick(&all, words, states).cloned()
}

fn pick<'a>(
    all: &'a [(ContractId, ContractInfo)],
    words: &str,
    states: &[ContractStatus],
) -> anyhow::Result<&'a (ContractId, ContractInfo)> {
    let named: Vec<_> =
        all.iter().filter(|(_, info)| info.name.as_slice() == words.as_bytes()).collect();
    if !named.is_empty() {
        let fitting = named.iter().filter(|(_, info)| states.contains(&info.status));
        return fitting.max_by_key(|(_, info)| info.version).copied().ok_or_else(|| {
            let wanted: Vec<&str> = states.iter().map(|state| status_word(*state)).collect();
            anyhow!("no version of the contract \"{words}\" is {}", wanted.join(" or "))
        });
    }
    let digits = words.strip_prefix("0x").unwrap_or(words).to_ascii_lowercase();
    let by_id: Vec<_> = all
        .iter()
        .filter(|(id, _)| digits.len() >= MIN_ID_DIGITS && hex::encode(id.0).starts_with(&digits))
        .collect();
    match by_id.as_slice() {
        [only] => Ok(only),
        [] => bail!("there is no scoring contract \"{words}\"; `assay model list` shows all"),
        several => {
            let ids: Vec<String> = several.iter().map(|(id, _)| short(&id.0)).collect();
            bail!("\"{words}\" begins several ids: {}", ids.join(", "))
        }
    }
}

/// The word for where a contract stands.
pub fn status_word(status: ContractStatus) -> &'static str {
    match status {
        ContractStatus::Proposed => "proposed",
        ContractStatus::Active => "active",
        ContractStatus::Superseded => "superseded",
        ContractStatus::Revoked => "revoked",
    }
}

/// Name and version for people.
pub fn title(info: &ContractInfo) -> String {
    format!("{} version {}", text(&info.name), info.version)
}

/// The id of a policy: the hash of its encoding.
pub fn policy_id(policy: &Policy) -> PolicyId {
    BlakeTwo256::hash(&policy.encode())
}

/// The id of the policy in a file; added to the chain when it doesn't have it.
pub async fn ensure_policy(chain: &Chain, key: &Key, path: &Path) -> anyhow::Result<PolicyId> {
    let policy = policy_file::read(path)?;
    let id = policy_id(&policy);
    if api::policy(chain, id, None).await?.is_none() {
        chain.submit(key, credit::add_policy(&policy), Wait::InBlock).await?;
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::{AccountId, H256};

    fn listed(id: u8, name: &str, version: u32, status: ContractStatus) -> (H256, ContractInfo) {
        let info = ContractInfo {
            name: name.as_bytes().to_vec().try_into().unwrap(),
            version,
            status,
            schema: 0,
            proposer: AccountId::new([0; 32]),
            proposed_at: 0,
            score_min: 1,
            score_max: 100,
            orientation: Default::default(),
            calibration: Default::default(),
        };
        (H256::repeat_byte(id), info)
    }

    #[test]
    fn should_take_the_newest_version_in_the_state_when_named() {
        let all = [
            listed(1, "card", 1, ContractStatus::Active),
            listed(2, "card", 2, ContractStatus::Proposed),
        ];
        assert_eq!(pick(&all, "card", &[ContractStatus::Active]).unwrap().1.version, 1);
        assert_eq!(pick(&all, "card", &[ContractStatus::Proposed]).unwrap().1.version, 2);
        let message = pick(&all, "card", &[ContractStatus::Revoked]).unwrap_err().to_string();
        assert!(message.contains("revoked"), "{message}");
    }

    #[test]
    fn should_find_a_contract_by_the_beginning_of_its_id() {
        let all = [listed(0xab, "card", 1, ContractStatus::Active)];
        assert!(pick(&all, "0xABABAB", &[]).is_ok());
        assert!(pick(&all, "abab", &[]).is_err());
    }
}
