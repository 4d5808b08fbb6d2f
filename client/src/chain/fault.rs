//! What can go wrong between this client and the chain, in sentences for people.

use assay_primitives::member::refusal;
use subxt::rpcs::UserError;

/// The node can't be asked, or its answer can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ChainFault {
    /// Nothing answers at the address, or it stopped to.
    #[error("no node answers at {url}: {reason}; start one, or name another with --node")]
    Unreachable { url: String, reason: String },
    /// The node's chain lacks what this client needs.
    #[error("the node runs another runtime: {0}")]
    OtherRuntime(String),
    /// The node answers with a refusal.
    #[error("the node refuses {method}: {reason}")]
    Rpc { method: String, reason: String },
    /// The answer isn't what this client expects.
    #[error("the node's answer to {what} can't be read: {reason}")]
    Unreadable { what: String, reason: String },
    /// No such block on this node.
    #[error("the node knows no block {0}")]
    UnknownBlock(String),
    /// Its state is gone.
    #[error("the node no longer holds the state of block {0}; ask an archive node with --node")]
    Pruned(String),
    /// The block is more than the node may answer with.
    #[error(
        "block {0} is larger than what the node answers with; start the node with \
         --rpc-max-response-size 64"
    )]
    TooLarge(String),
    /// The chain stands still.
    #[error(
        "the chain made no block for {seconds} s; transactions already sent stay with the node and \
         may still be included"
    )]
    Halted { seconds: u64 },
}

impl ChainFault {
    /// Whether the node is out of reach, which has an exit code of its own.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, ChainFault::Unreachable { .. })
    }

    /// Whether the node doesn't have a block that it told of just before: it was killed before the
    /// block was written down, or another fork took its place.
    pub(crate) fn is_lost_block(&self) -> bool {
        match self {
            ChainFault::UnknownBlock(_) => true,
            ChainFault::Rpc { reason, .. } => reason.contains("UnknownBlock"),
            _ => false,
        }
    }

    pub(crate) fn unreadable(what: &str, reason: impl ToString) -> ChainFault {
        ChainFault::Unreadable { what: what.into(), reason: reason.to_string() }
    }
}

/// Why a transaction had no effect.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It's unknown what became of it.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// The transaction pool didn't take it.
    #[error("{0}")]
    Pool(String),
    /// It's in a block, and its call failed.
    #[error("{name}: {sentence}")]
    Dispatch {
        /// `Pallet::ErrorName`, or the name of a general dispatch error.
        name: String,
        /// What the runtime's documentation says of it.
        sentence: String,
    },
    /// Somebody else who holds the same key was faster.
    #[error(
        "another transaction of the same key took nonce {nonce}: is the key in use elsewhere? \
         Nothing was changed by this one; run the command again"
    )]
    Displaced { nonce: u64 },
}

impl Refused {
    /// The error's name when the call itself failed: `Pallet::ErrorName`.
    pub fn name(&self) -> Option<&str> {
        match self {
            Refused::Dispatch { name, .. } => Some(name),
            _ => None,
        }
    }
}

/// What the pool said to a transaction.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PoolAnswer {
    /// It has the transaction already, or the chain does.
    Known,
    /// It may take the transaction later.
    Later(String),
    /// What was signed is not true of this chain, or no longer: it may take the same call signed
    /// for the runtime that the chain has by now.
    Stale(String),
    /// It won't take the transaction, for the reason told.
    Never(String),
}

/// Codes of `author_submitExtrinsic` that call for something else than giving up.
mod code {
    pub const INVALID: i32 = 1010;
    pub const TEMPORARILY_BANNED: i32 = 1012;
    pub const ALREADY_IMPORTED: i32 = 1013;
    pub const TOO_LOW_PRIORITY: i32 = 1014;
    pub const IMMEDIATELY_DROPPED: i32 = 1016;
}

/// Reads a refusal by the transaction pool of a `call` that `who` signed.
pub(crate) fn pool_answer(error: &UserError, who: &str, call: &str) -> PoolAnswer {
    let data = error.data.as_ref().map(|raw| raw.get().trim_matches('"')).unwrap_or_default();
    match error.code {
        code::ALREADY_IMPORTED => PoolAnswer::Known,
        code::TEMPORARILY_BANNED => PoolAnswer::Later(error.message.clone()),
        code::IMMEDIATELY_DROPPED => {
            PoolAnswer::Later("the node's transaction pool is full".into())
        }
        code::TOO_LOW_PRIORITY => PoolAnswer::Never(format!(
            "another transaction of {who} with the same nonce waits in the node's pool: wait for \
             it, then run the command again"
        )),
        code::INVALID if data.contains("outdated") => PoolAnswer::Known,
        code::INVALID if data.contains("bad signature") => PoolAnswer::Stale(format!(
            "{call} was signed by {who} for another chain or for a runtime that was upgraded \
             meanwhile: run the command again"
        )),
        // There are no fees: the check of the nonce says so of an account that nobody enrolled.
        code::INVALID if data.contains("Inability to pay") => {
            PoolAnswer::Never(custom(refusal::NOT_A_MEMBER, who, call))
        }
        code::INVALID => PoolAnswer::Never(
            data.strip_prefix("Custom error: ")
                .and_then(|number| number.parse().ok())
                .map_or_else(|| plain(error, data), |number| custom(number, who, call)),
        ),
        _ => PoolAnswer::Never(plain(error, data)),
    }
}

fn plain(error: &UserError, data: &str) -> String {
    match data {
        "" => format!("the node refuses the transaction: {}", error.message),
        _ => format!("the node refuses the transaction: {}: {data}", error.message),
    }
}

/// The sentence for a code of [`refusal`]: who, why, and what to do.
fn custom(number: u8, who: &str, call: &str) -> String {
    match number {
        refusal::NOT_A_MEMBER => format!(
            "{who} is not a member of the consortium; any member takes an organisation in with \
             `assay member enroll`, by a certificate of one of its authorities"
        ),
        refusal::SUSPENDED => format!(
            "the organisation of {who} is suspended; the council lifts that with \
             `assay member restore`"
        ),
        refusal::ROLE_NOT_ALLOWED => {
            format!("none of the roles of {who} allows {call}; `assay member list` shows them")
        }
        refusal::UNSIGNED => format!("{call} needs the signature of a member"),
        refusal::CERTIFICATE_EXPIRED => format!(
            "the certificate of {who} has expired; its authority issues a new one, and {who} or any \
             other member hands that in with `assay member renew`"
        ),
        refusal::CERTIFICATE_NOT_YET_VALID => format!(
            "the certificate of {who} does not hold yet; `assay member show {who}` tells from when \
             on it does"
        ),
        refusal::CERTIFICATE_REVOKED => format!(
            "the council revoked the certificate of {who}, or removed the authority that signed it; \
             any other member hands in one of another serial number with `assay member renew`, \
             and the council confirms its roles again"
        ),
        refusal::QUOTA_EXCEEDED => format!(
            "{who} used up its compute of this hour, or too much of it for {call}; at the next full \
             hour (UTC) it has all of it again: `assay member quota {who}` shows how much"
        ),
        refusal::STOPPED => format!(
            "the council stopped {call}, or all calls, for the time being; `assay council list` \
             shows whether a motion lets it go on"
        ),
        refusal::ROLE_NOT_CONFIRMED => format!(
            "the role of {who} that allows {call} waits for the council, which confirms it with \
             `assay member confirm`"
        ),
        other => format!("the chain refuses the transaction with code {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_of(code: i32, data: &str) -> PoolAnswer {
        let raw = serde_json::value::RawValue::from_string(format!("\"{data}\"")).unwrap();
        let error = UserError { code, message: "Invalid Transaction".into(), data: Some(raw) };
        pool_answer(&error, "//Bob", "Packs::open")
    }

    #[test]
    fn should_name_the_key_when_it_belongs_to_no_member() {
        let PoolAnswer::Never(sentence) = refusal_of(1010, "Custom error: 1") else {
            panic!("a non-member's transaction is refused for good");
        };
        assert!(sentence.starts_with("//Bob is not a member of the consortium"), "{sentence}");
        let unknown = refusal_of(1010, "Inability to pay some fees (e.g. account balance too low)");
        assert_eq!(unknown, PoolAnswer::Never(sentence));
    }

    #[test]
    fn should_know_a_lost_block_whoever_misses_it() {
        let missed =
            |reason: &str| ChainFault::Rpc { method: "state_call".into(), reason: reason.into() };
        assert!(ChainFault::UnknownBlock("0x01".into()).is_lost_block());
        assert!(missed("Client error: UnknownBlock: Header was not found").is_lost_block());
        assert!(!missed("Execution failed").is_lost_block());
    }

    #[test]
    fn should_name_the_call_when_no_role_allows_it() {
        let PoolAnswer::Never(sentence) = refusal_of(1010, "Custom error: 3") else {
            panic!("a call without role is refused for good");
        };
        assert!(sentence.contains("//Bob allows Packs::open"), "{sentence}");
    }

    #[test]
    fn should_take_a_transaction_as_known_when_its_nonce_is_used() {
        assert_eq!(refusal_of(1010, "Transaction is outdated"), PoolAnswer::Known);
        assert_eq!(refusal_of(1013, "0x00"), PoolAnswer::Known);
    }

    #[test]
    fn should_try_later_when_the_pool_is_full() {
        assert!(matches!(refusal_of(1016, "limit"), PoolAnswer::Later(_)));
    }

    #[test]
    fn should_have_a_sentence_of_its_own_for_every_refusal() {
        let sentences: std::collections::BTreeSet<String> = refusal::ALL
            .into_iter()
            .map(|number| match refusal_of(1010, &format!("Custom error: {number}")) {
                PoolAnswer::Never(sentence) => sentence,
                other => panic!("code {number} is refused for good, not {other:?}"),
            })
            .collect();
        assert_eq!(sentences.len(), refusal::ALL.len());
        for sentence in sentences {
            assert!(!sentence.contains("with code"), "{sentence}");
            assert!(sentence.contains("//Bob") || sentence.contains("Packs::open"), "{sentence}");
        }
    }

    #[test]
    fn should_say_what_to_do_when_the_certificate_or_the_quota_is_used_up() {
        let sentence = |number: u8| custom(number, "//Bob", "Packs::open");
        assert!(sentence(refusal::CERTIFICATE_EXPIRED).contains("assay member renew"));
        assert!(sentence(refusal::QUOTA_EXCEEDED).contains("at the next full hour"));
        assert!(sentence(refusal::STOPPED).contains("council"));
        assert!(sentence(refusal::ROLE_NOT_CONFIRMED).contains("assay member confirm"));
    }

    #[test]
    fn should_ask_for_a_new_signature_when_the_runtime_may_have_changed() {
        let answer = refusal_of(1010, "Transaction has a bad signature");
        assert!(matches!(answer, PoolAnswer::Stale(reason) if reason.contains("upgraded")));
    }

    #[test]
    fn should_repeat_the_node_when_the_refusal_is_of_another_kind() {
        let PoolAnswer::Never(sentence) =
            refusal_of(1010, "Transaction would exhaust the block limits")
        else {
            panic!("a transaction that no block holds is refused for good");
        };
        assert!(sentence.ends_with("block limits"), "{sentence}");
    }
}
