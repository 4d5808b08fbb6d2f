//! What every command needs: where the node is, who signs, how to speak.

use crate::{
    chain::{api, Chain, ChainFault, Key, Wait},
    output::Output,
};
use anyhow::Context as _;
use assay_primitives::{member::Organisation, AccountId, H256};
use sp_core::crypto::Ss58Codec;
use std::path::Path;

/// The environment variable that answers the question for the passphrase, for scripts.
const PASSPHRASE_VARIABLE: &str = "ASSAY_PASSPHRASE";

/// The command line is wrong in a way that only shows when it's carried out.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongUse(pub String);

/// Ends with the exit code for wrong use.
pub fn wrong_use<T>(message: impl Into<String>) -> anyhow::Result<T> {
    Err(WrongUse(message.into()).into())
}

/// The options that are common to all commands.
#[derive(Clone, Debug)]
pub struct Context {
    pub node: String,
    pub key: Option<String>,
    pub wait: Wait,
    pub output: Output,
}

impl Context {
    /// Connects to the node.
    pub async fn chain(&self) -> Result<Chain, ChainFault> {
        Chain::connect(&self.node).await
    }

    /// The key to sign with.
    pub fn key(&self) -> anyhow::Result<Key> {
        match self.key.as_deref() {
            Some(given) => read_key(given),
            None => wrong_use(
                "this command signs a transaction: name the key's file with --key, or //Name on a \
                 development chain",
            ),
        }
    }

    /// The organisation of the key; also tells who it isn't before any work is done.
    pub async fn organisation(&self, chain: &Chain, key: &Key) -> anyhow::Result<Organisation> {
        api::organisation(chain, &key.account(), None).await?.with_context(|| {
            format!(
                "{} is not a member of the consortium; any member takes an organisation in with \
                 `assay member enroll`, by a certificate of one of its authorities",
                key.label()
            )
        })
    }
}

/// A key by `//Name` or by its file, whose passphrase is asked for.
pub fn read_key(given: &str) -> anyhow::Result<Key> {
    if given.starts_with("//") {
        return Ok(Key::development(given)?);
    }
    let passphrase = passphrase(&format!("Passphrase of {given}: "))?;
    Ok(Key::read(Path::new(given), &passphrase)?)
}

/// The passphrase from the environment, or else from the terminal.
pub fn passphrase(question: &str) -> anyhow::Result<String> {
    match std::env::var(PASSPHRASE_VARIABLE) {
        Ok(given) => Ok(given),
        Err(_) => rpassword::prompt_password(question)
            .with_context(|| format!("no terminal to ask at; set {PASSPHRASE_VARIABLE}")),
    }
}

/// Whether the passphrase comes from the environment.
pub fn passphrase_is_given() -> bool {
    std::env::var_os(PASSPHRASE_VARIABLE).is_some()
}

/// An account by its address, 32 bytes in hexadecimal, or `//Name`.
pub fn parse_account(text: &str) -> anyhow::Result<AccountId> {
    if text.starts_with("//") {
        return Ok(Key::development(text)?.account());
    }
    if let Some(bytes) = parse_hex(text) {
        return Ok(AccountId::new(bytes));
    }
    match AccountId::from_ss58check(text) {
        Ok(account) => Ok(account),
        Err(_) => wrong_use(format!(
            "\"{text}\" is no account: give its address, 64 hexadecimal digits, or //Name"
        )),
    }
}

/// So many bytes in hexadecimal, with or without `0x`.
pub fn parse_hex<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    hex::decode(digits).ok()?.try_into().ok()
}

/// A block by number or hash.
pub async fn find_block(chain: &Chain, text: &str) -> anyhow::Result<H256> {
    if let Ok(number) = text.parse() {
        return Ok(chain.block_hash(number).await?);
    }
    match parse_hex(text) {
        Some(bytes) => Ok(H256(bytes)),
        None => wrong_use(format!("\"{text}\" is no block: give its number or its hash")),
    }
}

/// The chain's own time at a block.
pub async fn now_secs(chain: &Chain, at: Option<H256>) -> Result<u64, ChainFault> {
    let millis: Option<u64> = chain.storage("Timestamp", "Now", &[], at).await?;
    Ok(millis.unwrap_or_default() / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_find_the_same_account_when_written_in_three_ways() {
        let alice = Key::development("//Alice").unwrap();
        let digits = hex::encode(<[u8; 32]>::from(alice.account()));
        for text in ["//Alice", &alice.address(), &digits, &format!("0x{digits}")] {
            assert_eq!(parse_account(text).unwrap(), alice.account(), "{text}");
        }
    }

    #[test]
    fn should_call_it_wrong_use_when_an_account_is_unreadable() {
        let fault = parse_account("Alice").unwrap_err();
        assert!(fault.downcast_ref::<WrongUse>().is_some());
    }

    #[test]
    fn should_read_no_bytes_when_the_length_differs() {
        assert_eq!(parse_hex::<2>("0xabcd"), Some([0xab, 0xcd]));
        assert_eq!(parse_hex::<3>("abcd"), None);
    }
}
