//! `assay validator`: who makes blocks, and with which keys.

use super::{
    context::{parse_account, parse_hex, wrong_use, Context},
    council_words::Words,
    member::{decide, find},
    show::{address, TextTable},
};
use crate::chain::{api, call::validators, Chain, ChainFault, Key, SessionKeys};
use anyhow::{bail, Context as _};
use assay_primitives::{
    validator::{ValidatorView, ValidatorsView},
    AccountId, BlockNumber,
};
use clap::{Args, Subcommand};
use codec::{Decode, Encode};
use serde_json::{json, Value as Json};
use sp_crypto_hashing::twox_64;

/// A validator's session keys, encoded: an Aura key and a GRANDPA key.
const SESSION_KEYS_BYTES: usize = 64;
/// What a node says to callers whom it doesn't trust.
const UNSAFE_ANSWER: &str = "unsafe";

type EncodedKeys = [u8; SESSION_KEYS_BYTES];

#[derive(Debug, Subcommand)]
pub enum ValidatorCommand {
    /// List the validators, and how far the session is
    List,
    /// Let an organisation make blocks (council)
    Add {
        /// Name, number, address or //Name
        organisation: String,
    },
    /// No longer have an organisation make blocks (council)
    Remove {
        /// Name, number, address or //Name
        organisation: String,
    },
    /// Have your validator's node make new keys, and register them
    Rotate(NodeArgs),
    /// Register keys that your validator's node made
    SetKeys {
        /// The keys, as `author_rotateKeysWithOwner` gives them
        #[arg(long, value_name = "HEX")]
        keys: String,
        /// The proof that comes with them
        #[arg(long, value_name = "HEX")]
        proof: String,
    },
    /// Check that a validator's node holds the keys that are registered
    Check {
        /// Name, number, address or //Name; by default the organisation of --key
        organisation: Option<String>,
        #[command(flatten)]
        node: NodeArgs,
    },
}

#[derive(Debug, Args)]
pub struct NodeArgs {
    /// The validator's own node, by default that of --node; it trusts callers on its own machine
    #[arg(long, value_name = "URL")]
    validator_node: Option<String>,
}

/// Runs the command.
pub async fn run(context: &Context, command: &ValidatorCommand) -> anyhow::Result<()> {
    match command {
        ValidatorCommand::List => list(context).await,
        ValidatorCommand::Add { organisation } => {
            let chain = context.chain().await?;
            let (account, found) = find(&chain, organisation).await?;
            let done =
                format!("{} makes blocks from the session after the next on", found.display_name());
            decide(context, &chain, validators::add(&account), &done).await
        }
        ValidatorCommand::Remove { organisation } => {
            let chain = context.chain().await?;
            let (account, found) = find(&chain, organisation).await?;
            let done = format!(
                "{} makes no blocks from the session after the next on; its node must run until then",
                found.display_name()
            );
            decide(context, &chain, validators::remove(&account), &done).await
        }
        ValidatorCommand::Rotate(node) => rotate(context, node).await,
        ValidatorCommand::SetKeys { keys, proof } => {
            let Some(keys) = parse_hex::<SESSION_KEYS_BYTES>(keys) else {
                return wrong_use(format!(
                    "session keys are {SESSION_KEYS_BYTES} bytes in hexadecimal"
                ));
            };
            let Ok(proof) = hex::decode(proof.strip_prefix("0x").unwrap_or(proof)) else {
                return wrong_use("the proof is not in hexadecimal");
            };
            let key = context.key()?;
            let chain = context.chain().await?;
            register(context, &chain, &key, &SessionKeys { keys: keys.to_vec(), proof }).await
        }
        ValidatorCommand::Check { organisation, node } => {
            check(context, organisation.as_deref(), node).await
        }
    }
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let best = chain.best().await?;
    let view = api::validators(&chain, Some(best.hash)).await?;
    let words = Words::read(&chain, Some(best.hash)).await?;
    let mut table = TextTable::new(&["organisation", "account", "state", ">blocks", "keys"]);
    for validator in &view.validators {
        table.row([
            words.name(&validator.account),
            address(&validator.account),
            state(validator).into(),
            validator.blocks.to_string(),
            validator.keys.as_ref().map_or("none".into(), |keys| beginning(keys)),
        ]);
    }
    let objects: Vec<Json> = view
        .validators
        .iter()
        .map(|validator| to_json(validator, &words.name(&validator.account)))
        .collect();
    let object = json!({
        "validators": objects,
        "minimum": view.minimum,
        "session": view.session,
        "session_blocks": view.session_blocks,
        "next_session_block": view.next_session_block,
        "block": best.number,
    });
    context.output.result(&object, format!("{table}\n{}", progress(&view, best.number)))
}

/// How far the session is.
fn progress(view: &ValidatorsView, best: BlockNumber) -> String {
    let left = view.next_session_block.saturating_sub(best);
    let done = view.session_blocks.saturating_sub(left);
    format!(
        "session {}: block {done} of {}, the next begins with block {}; there must be at least {} \
         validators",
        view.session, view.session_blocks, view.next_session_block, view.minimum
    )
}

fn state(validator: &ValidatorView) -> &'static str {
    match (validator.active, validator.chosen) {
        (true, true) => "active",
        (true, false) => "leaving",
        (false, true) => "joining",
        (false, false) => "removed",
    }
}

fn beginning(keys: &[u8]) -> String {
    hex::encode(keys.get(..6).unwrap_or(keys))
}

fn to_json(validator: &ValidatorView, name: &str) -> Json {
    json!({
        "name": name,
        "account": address(&validator.account),
        "state": state(validator),
        "active": validator.active,
        "chosen": validator.chosen,
        "blocks": validator.blocks,
        "keys": validator.keys.as_ref().map(|keys| format!("0x{}", hex::encode(keys))),
    })
}

/// A connection to the validator's own node, which is of the same chain.
async fn own_node(context: &Context, chain: &Chain, args: &NodeArgs) -> anyhow::Result<Chain> {
    let url = args.validator_node.as_deref().unwrap_or(&context.node);
    let node = Chain::connect(url).await?;
    if node.genesis() != chain.genesis() {
        return wrong_use(format!("{url} is a node of another chain than {}", context.node));
    }
    Ok(node)
}

/// Adds what to do when a node answers only to callers whom it trusts.
fn advised(fault: ChainFault) -> anyhow::Error {
    let is_refused = fault.to_string().to_ascii_lowercase().contains(UNSAFE_ANSWER);
    let fault = anyhow::Error::from(fault);
    match is_refused {
        true => fault.context(
            "the node lets only its own machine do that: run this command there, with \
             --validator-node ws://127.0.0.1:9944",
        ),
        false => fault,
    }
}

async fn rotate(context: &Context, args: &NodeArgs) -> anyhow::Result<()> {
    let key = context.key()?;
    let chain = context.chain().await?;
    let node = own_node(context, &chain, args).await?;
    let made = node.rotate_session_keys(&key.account()).await.map_err(advised)?;
    register(context, &chain, &key, &made).await.with_context(|| {
        format!("the node made the keys 0x{}, but they are not registered", hex::encode(&made.keys))
    })
}

/// Registers session keys for the key's account, and tells when they take effect.
async fn register(
    context: &Context,
    chain: &Chain,
    key: &Key,
    made: &SessionKeys,
) -> anyhow::Result<()> {
    let call = validators::set_keys(&made.keys, &made.proof);
    let receipt = chain.submit(key, call, context.wait).await?;
    let view = api::validators(chain, Some(receipt.block_hash)).await?;
    let (session, block) = in_force(&view);
    let keys = format!("0x{}", hex::encode(&made.keys));
    let object = json!({
        "account": key.address(),
        "keys": keys,
        "block": receipt.block_number,
        "session": session,
        "from_block": block,
    });
    let said = format!(
        "{} has the session keys {keys} (block {}); they are in force from session {session} on, \
         which begins with block {block} or so: until then the node must keep the keys it had",
        key.label(),
        receipt.block_number
    );
    context.output.result(&object, said)
}

/// The session after the next, and the block with which it begins.
fn in_force(view: &ValidatorsView) -> (u32, BlockNumber) {
    let block = view.next_session_block.saturating_add(view.session_blocks);
    (view.session.saturating_add(2), block)
}

async fn check(
    context: &Context,
    organisation: Option<&str>,
    args: &NodeArgs,
) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let account = match organisation {
        Some(words) => match find(&chain, words).await {
            Ok((account, _)) => account,
            Err(fault) => parse_account(words).map_err(|_| fault)?,
        },
        None => context.key()?.account(),
    };
    let node = own_node(context, &chain, args).await?;
    let registered = registered(&chain, &account).await?;
    if registered.is_empty() {
        bail!("{} has no session keys; `assay validator rotate` registers some", address(&account));
    }
    let mut missing = 0;
    let mut table = TextTable::new(&["for", "keys", "in the node's keystore"]);
    let mut objects = Vec::with_capacity(registered.len());
    for (keys, session) in &registered {
        let held = node.has_session_keys(keys).await.map_err(advised)?;
        missing += usize::from(!held);
        let word = if held { "yes" } else { "no" };
        table.row([(*session).into(), beginning(keys), word.into()]);
        let keys = format!("0x{}", hex::encode(keys));
        objects.push(json!({ "for": session, "keys": keys, "held": held }));
    }
    context.output.result(&json!({ "account": address(&account), "keys": objects }), table)?;
    match missing {
        0 => Ok(()),
        _ => bail!(
            "the node lacks keys of {}: start it with the keystore that has them, or register others \
             with `assay validator rotate`",
            address(&account)
        ),
    }
}

/// The session keys that an account's node needs: for this session, for the next, and for those
/// after it; each once.
async fn registered(
    chain: &Chain,
    account: &AccountId,
) -> Result<Vec<(EncodedKeys, &'static str)>, ChainFault> {
    let at = Some(chain.best().await?.hash);
    let mut keys: Vec<_> = running(chain, account, at).await?.into_iter().collect();
    let queued: Option<Vec<(AccountId, EncodedKeys)>> =
        chain.storage("Session", "QueuedKeys", &[], at).await?;
    for (owner, queued) in queued.unwrap_or_default() {
        if owner == *account && !keys.iter().any(|(known, _)| *known == queued) {
            keys.push((queued, "the next session"));
        }
    }
    let account = account.encode();
    let place = [&twox_64(&account)[..], &account].concat();
    let later: Option<EncodedKeys> = chain.storage("Session", "NextKeys", &place, at).await?;
    if let Some(later) = later {
        if !keys.iter().any(|(known, _)| *known == later) {
            keys.push((later, "the session after the next"));
        }
    }
    Ok(keys)
}

/// The keys by which an account's node makes blocks and votes now: authorities stand in the order of
/// the session's validators.
async fn running(
    chain: &Chain,
    account: &AccountId,
    at: api::At,
) -> Result<Option<(EncodedKeys, &'static str)>, ChainFault> {
    let validators: Option<Vec<AccountId>> =
        chain.storage("Session", "Validators", &[], at).await?;
    let aura: Option<Vec<[u8; 32]>> = chain.storage("Aura", "Authorities", &[], at).await?;
    let grandpa: Option<Vec<([u8; 32], u64)>> =
        chain.storage("Grandpa", "Authorities", &[], at).await?;
    let place = validators.unwrap_or_default().iter().position(|validator| validator == account);
    let keys = place.and_then(|place| {
        let aura = *aura.as_ref()?.get(place)?;
        let (grandpa, _) = *grandpa.as_ref()?.get(place)?;
        EncodedKeys::decode(&mut &[aura, grandpa].concat()[..]).ok()
    });
    Ok(keys.map(|keys| (keys, "this session")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> ValidatorsView {
        ValidatorsView {
            validators: Vec::new(),
            minimum: 4,
            session: 12,
            session_blocks: 20,
            next_session_block: 260,
        }
    }

    #[test]
    fn should_say_how_far_the_session_is() {
        let said = progress(&view(), 245);
        assert!(said.starts_with("session 12: block 5 of 20"), "{said}");
        assert!(said.contains("begins with block 260"), "{said}");
    }

    #[test]
    fn should_take_keys_as_in_force_from_the_session_after_the_next() {
        assert_eq!(in_force(&view()), (14, 280));
    }

    #[test]
    fn should_tell_who_joins_and_who_leaves() {
        let states = [(true, true), (true, false), (false, true)].map(|(active, chosen)| {
            let account = AccountId::new([1; 32]);
            state(&ValidatorView { account, active, chosen, keys: None, blocks: 0 })
        });
        assert_eq!(states, ["active", "leaving", "joining"]);
    }

    #[test]
    fn should_send_people_to_the_nodes_machine_when_it_does_not_trust_them() {
        let refused = |reason: &str| ChainFault::Rpc {
            method: "author_rotateKeysWithOwner".into(),
            reason: reason.into(),
        };
        let advice = advised(refused("RPC call is unsafe to be called externally"));
        assert!(format!("{advice:#}").contains("--validator-node"));
        assert!(!format!("{:#}", advised(refused("no such method"))).contains("--validator-node"));
    }
}
