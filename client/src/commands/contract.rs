//! Naming a scoring contract and a policy on chain.

use super::{
    member::parse_name,
    show::{short, text},
};
use crate::{
    chain::{api, call::credit, Chain, Key, Wait},
    policy_file,
};
use anyhow::{anyhow, bail};
use assay_primitives::{
    credit::PolicyRecord,
    scoring::{ContractInfo, ContractStatus},
    ContractId, PolicyId,
};
use assay_risk::profile::Policy;
use codec::Encode;
use sp_runtime::traits::{BlakeTwo256, Hash};
use std::path::{Path, PathBuf};

/// Fewest digits by which an id may be cut short.
const MIN_ID_DIGITS: usize = 6;

/// The contract that the words name: the beginning of its id, or its name, which stands for the
/// newest version in one of the states.
pub async fn find(
    chain: &Chain,
    words: &str,
    states: &[ContractStatus],
    at: api::At,
) -> anyhow::Result<(ContractId, ContractInfo)> {
    let all = api::contracts(chain, at).await?;
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

/// A policy that words name, and what the chain has of it.
pub struct NamedPolicy {
    pub id: PolicyId,
    pub policy: Policy,
    /// None when it's only in the file.
    pub record: Option<PolicyRecord>,
}

impl NamedPolicy {
    /// Name and version for people, or the id.
    pub fn title(&self) -> String {
        match &self.record {
            Some(record) => policy_title(record),
            None => format!("policy {} (not on chain)", short(&self.id.0)),
        }
    }
}

/// Name and version of a policy for people.
pub fn policy_title(record: &PolicyRecord) -> String {
    format!("{} version {}", text(&record.name), record.version)
}

/// The file that the words name, if they name one.
fn policy_path(words: &str) -> Option<PathBuf> {
    let path = Path::new(words);
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    (is_toml || path.is_file()).then(|| path.to_owned())
}

/// The policy that the words name: a file, a name on chain, which stands for its newest version, or
/// the beginning of an id.
pub async fn find_policy(chain: &Chain, words: &str, at: api::At) -> anyhow::Result<NamedPolicy> {
    if let Some(path) = policy_path(words) {
        let policy = policy_file::read(&path)?;
        let id = policy_id(&policy);
        let record = api::policy(chain, id, at).await?;
        return Ok(NamedPolicy { id, policy, record });
    }
    let all = api::policies(chain, at).await?;
    let (id, record) = pick_policy(&all, words)?.clone();
    Ok(NamedPolicy { id, policy: record.policy.clone(), record: Some(record) })
}

/// The newest policy of that name, or the one whose id begins so.
pub fn pick_policy<'a>(
    all: &'a [(PolicyId, PolicyRecord)],
    words: &str,
) -> anyhow::Result<&'a (PolicyId, PolicyRecord)> {
    let named = all.iter().filter(|(_, record)| record.name.as_slice() == words.as_bytes());
    if let Some(newest) = named.max_by_key(|(_, record)| record.version) {
        return Ok(newest);
    }
    let digits = words.strip_prefix("0x").unwrap_or(words).to_ascii_lowercase();
    let begins =
        |id: &PolicyId| digits.len() >= MIN_ID_DIGITS && hex::encode(id.0).starts_with(&digits);
    let by_id: Vec<_> = all.iter().filter(|(id, _)| begins(id)).collect();
    match by_id.as_slice() {
        [only] => Ok(only),
        [] => bail!(
            "there is no policy \"{words}\", neither as a file nor on chain; `assay credit policy \
             list` shows all"
        ),
        several => {
            let ids: Vec<String> = several.iter().map(|(id, _)| short(&id.0)).collect();
            bail!("\"{words}\" begins several ids: {}", ids.join(", "))
        }
    }
}

/// The id of the policy that the words name; one in a file is added to the chain, under the file's
/// name, when the chain doesn't have it.
pub async fn ensure_policy(chain: &Chain, key: &Key, words: &str) -> anyhow::Result<PolicyId> {
    let found = find_policy(chain, words, None).await?;
    if found.record.is_none() {
        let name = parse_name(&file_name(Path::new(words)))?;
        chain.submit(key, credit::add_policy(&name, &found.policy), Wait::InBlock).await?;
    }
    Ok(found.id)
}

/// A policy's name when it's given none: that of its file.
pub fn file_name(path: &Path) -> String {
    path.file_stem().map_or_else(|| "policy".into(), |stem| stem.to_string_lossy().into_owned())
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
            approved_at: None,
            revocation: None,
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

    fn policy(id: u8, name: &str, version: u32) -> (H256, PolicyRecord) {
        let policy = Policy {
            max_age_secs: 1,
            weights_by_age: vec![],
            propagation: None,
            sources: Default::default(),
        };
        let name = name.as_bytes().to_vec().try_into().unwrap();
        let by = AccountId::new([0; 32]);
        (H256::repeat_byte(id), PolicyRecord { name, version, policy, by, at: 0 })
    }

    #[test]
    fn should_take_the_newest_policy_when_named_and_the_very_one_by_id() {
        let all = [policy(0xab, "strict", 1), policy(0xcd, "strict", 2)];
        assert_eq!(pick_policy(&all, "strict").unwrap().1.version, 2);
        assert_eq!(pick_policy(&all, "ababab").unwrap().1.version, 1);
        let message = pick_policy(&all, "lenient").unwrap_err().to_string();
        assert!(message.contains("policy list"), "{message}");
    }

    #[test]
    fn should_take_words_for_a_file_when_they_end_as_one() {
        assert_eq!(policy_path("no/such.toml"), Some("no/such.toml".into()));
        assert_eq!(policy_path("strict"), None);
        assert_eq!(file_name(Path::new("no/such.toml")), "such");
    }
}
