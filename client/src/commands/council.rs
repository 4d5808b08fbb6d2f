//! `assay council`: what the council decides, in words that can be read before a vote.

mod propose;

use self::propose::Proposal;
use super::{
    context::{now_secs, wrong_use, Context},
    council_words::Words,
    show::{address, moment, short, TextTable},
};
use crate::chain::{
    api,
    call::governance,
    council::{self, Motion, OpenMotion, Outcome},
    BlockRef, Chain, DecodedCall, Runtime,
};
use anyhow::{bail, Context as _};
use assay_primitives::{member::Status, AccountId, H256};
use clap::{Args, Subcommand};
use serde_json::{json, Value as Json};
use sp_runtime::traits::{BlakeTwo256, Hash};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// Fewest digits by which a motion's hash may be cut short.
const MIN_HASH_DIGITS: usize = 6;
/// What a runtime begins with: WebAssembly, or the mark of a compressed one.
const RUNTIME_MAGICS: [&[u8]; 2] = [b"\0asm", &[82, 188, 83, 118, 70, 219, 142, 5]];
/// A new runtime is in force a block after it was taken; how long to wait for that.
const UPGRADE_PATIENCE: Duration = Duration::from_secs(60);
/// How often to look for it.
const POLL: Duration = Duration::from_millis(500);

#[derive(Debug, Subcommand)]
pub enum CouncilCommand {
    /// List the open motions: what each would do, who voted, and until when
    List,
    /// List the members of the council
    Members,
    /// Have the council decide something: moves it, or says aye where another member moved the same
    #[command(subcommand)]
    Propose(Proposal),
    /// Vote on a motion; a vote that settles it also closes it
    Vote {
        /// Its number, or the beginning of its hash
        motion: String,
        #[command(flatten)]
        side: Side,
    },
    /// Close a motion that the votes settle, or whose time to vote is over
    Close {
        /// Its number, or the beginning of its hash
        motion: String,
    },
    /// Put a runtime in force that the council allowed
    ApplyUpgrade {
        /// The runtime, as it was proposed
        #[arg(value_name = "WASM_FILE")]
        code: PathBuf,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Side {
    /// Vote for it
    #[arg(long)]
    aye: bool,
    /// Vote against it
    #[arg(long)]
    nay: bool,
}

/// Runs the command.
pub async fn run(context: &Context, command: &CouncilCommand) -> anyhow::Result<()> {
    match command {
        CouncilCommand::List => list(context).await,
        CouncilCommand::Members => members(context).await,
        CouncilCommand::Propose(proposal) => propose::run(context, proposal).await,
        CouncilCommand::Vote { motion, side } => vote(context, motion, side.aye).await,
        CouncilCommand::Close { motion } => close(context, motion).await,
        CouncilCommand::ApplyUpgrade { code } => apply_upgrade(context, code).await,
    }
}

/// What is needed to tell of motions, as of one block.
struct Hall {
    best: BlockRef,
    now_secs: u64,
    slot_millis: u64,
    runtime: Arc<Runtime>,
    seats: Vec<AccountId>,
    words: Words,
}

impl Hall {
    async fn enter(chain: &Chain) -> anyhow::Result<Hall> {
        let best = chain.best().await?;
        let at = Some(best.hash);
        Ok(Hall {
            best,
            now_secs: now_secs(chain, at).await?,
            slot_millis: api::slot_millis(chain, at).await?,
            runtime: chain.runtime(at).await?,
            seats: council::members(chain, at).await?,
            words: Words::read(chain, at).await?,
        })
    }

    /// What the call of a motion does, and the call itself where the runtime knows it.
    fn read(&self, call: &[u8]) -> (String, Option<DecodedCall>) {
        match self.runtime.decode_call(call) {
            Ok(call) => (self.words.sentence(&call), Some(call)),
            Err(reason) => (format!("nothing that can be carried out: {reason}"), None),
        }
    }

    fn names(&self, accounts: &[AccountId]) -> String {
        let names: Vec<String> = accounts.iter().map(|account| self.words.name(account)).collect();
        match names.is_empty() {
            true => "nobody".into(),
            false => names.join(", "),
        }
    }

    fn silent(&self, motion: &OpenMotion) -> Vec<AccountId> {
        let voted = |seat: &&AccountId| motion.ayes.contains(seat) || motion.nays.contains(seat);
        self.seats.iter().filter(|seat| !voted(seat)).cloned().collect()
    }

    /// When the time to vote is over, by the chain's own clock.
    fn end_secs(&self, motion: &OpenMotion) -> u64 {
        let blocks = u64::from(motion.end.saturating_sub(self.best.number));
        self.now_secs.saturating_add(blocks.saturating_mul(self.slot_millis) / 1_000)
    }

    fn deadline(&self, motion: &OpenMotion) -> String {
        format!("block {}, {}", motion.end, moment(self.end_secs(motion)))
    }

    fn text(&self, motion: &OpenMotion) -> String {
        let mover =
            motion.ayes.first().map_or("unknown".into(), |account| self.words.name(account));
        format!(
            "motion {} ({}): {}\n  proposed by {mover}; {} of {} ayes: {}; nays: {}; no vote yet: \
             {}\n  open until {}",
            motion.index,
            short(&motion.hash.0),
            self.read(&motion.call).0,
            motion.ayes.len(),
            motion.threshold,
            self.names(&motion.ayes),
            self.names(&motion.nays),
            self.names(&self.silent(motion)),
            self.deadline(motion)
        )
    }

    fn json(&self, motion: &OpenMotion) -> Json {
        let (words, call) = self.read(&motion.call);
        let person = |account: &AccountId| json!({ "account": address(account), "name": self.words.name(account) });
        let people = |accounts: &[AccountId]| accounts.iter().map(person).collect::<Vec<Json>>();
        let end_secs = self.end_secs(motion);
        json!({
            "motion": format!("{:?}", motion.hash),
            "number": motion.index,
            "does": words,
            "call": call.map(|call| json!({
                "pallet": call.pallet,
                "call": call.name,
                "arguments": call.fields,
            })),
            "proposed_by": motion.ayes.first().map(person),
            "threshold": motion.threshold,
            "ayes": people(&motion.ayes),
            "nays": people(&motion.nays),
            "no_vote_yet": people(&self.silent(motion)),
            "end_block": motion.end,
            "end_secs": end_secs,
            "end": moment(end_secs),
        })
    }
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let hall = Hall::enter(&chain).await?;
    let motions = council::motions(&chain, Some(hall.best.hash)).await?;
    let objects: Vec<Json> = motions.iter().map(|motion| hall.json(motion)).collect();
    let texts: Vec<String> = motions.iter().map(|motion| hall.text(motion)).collect();
    let text = match texts.is_empty() {
        true => "no motion is open".into(),
        false => texts.join("\n"),
    };
    context.output.result(&json!({ "motions": objects }), text)
}

async fn members(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let best = chain.best().await?;
    let seats = council::members(&chain, Some(best.hash)).await?;
    let all = api::organisations(&chain, Some(best.hash)).await?;
    let mut table = TextTable::new(&["name", "account", "status"]);
    let mut objects = Vec::with_capacity(seats.len());
    for seat in &seats {
        let found = all.iter().find(|(account, _)| account == seat);
        let (name, status) = match found {
            Some((_, organisation)) if organisation.status == Status::Suspended => {
                (organisation.display_name(), "suspended")
            }
            Some((_, organisation)) => (organisation.display_name(), "active"),
            None => (String::new(), "no organisation"),
        };
        table.row([name.clone(), address(seat), status.into()]);
        objects.push(json!({ "name": name, "account": address(seat), "status": status }));
    }
    context.output.result(&json!({ "members": objects }), table)
}

/// The open motion that the words name.
fn find<'a>(motions: &'a [OpenMotion], words: &str) -> anyhow::Result<&'a OpenMotion> {
    let number: Option<u32> = words.parse().ok();
    if let Some(motion) = motions.iter().find(|motion| Some(motion.index) == number) {
        return Ok(motion);
    }
    let digits = words.strip_prefix("0x").unwrap_or(words).to_ascii_lowercase();
    let begins = |motion: &&OpenMotion| hex::encode(motion.hash).starts_with(&digits);
    let found: Vec<&OpenMotion> = match digits.len() >= MIN_HASH_DIGITS {
        true => motions.iter().filter(begins).collect(),
        false => Vec::new(),
    };
    match found.as_slice() {
        [only] => Ok(only),
        [] => bail!("no open motion is \"{words}\"; `assay council list` shows them"),
        several => wrong_use(format!("\"{words}\" begins the hashes of {} motions", several.len())),
    }
}

async fn vote(context: &Context, words: &str, aye: bool) -> anyhow::Result<()> {
    let key = context.key()?;
    let chain = context.chain().await?;
    let hall = Hall::enter(&chain).await?;
    let motions = council::motions(&chain, Some(hall.best.hash)).await?;
    let motion = find(&motions, words)?;
    let does = hall.read(&motion.call).0;
    let side = if aye { "for" } else { "against" };
    context.output.note(format!("voting {side} motion {}: {does}", motion.index));
    let outcome = council::vote(&chain, &key, motion, aye, context.wait).await?;
    let said = match &outcome {
        Outcome::Open(open) => format!(
            "the motion has {} of {} ayes, nays: {}; no vote yet: {}; open until {}",
            open.ayes.len(),
            open.threshold,
            open.nays.len(),
            hall.names(&hall.silent(open)),
            hall.deadline(open)
        ),
        settled => settlement(settled, &does),
    };
    context.output.result(&outcome_json(&outcome), said)
}

async fn close(context: &Context, words: &str) -> anyhow::Result<()> {
    let key = context.key()?;
    let chain = context.chain().await?;
    let hall = Hall::enter(&chain).await?;
    let motions = council::motions(&chain, Some(hall.best.hash)).await?;
    let motion = find(&motions, words)?;
    let does = hall.read(&motion.call).0;
    let outcome = council::close(&chain, &key, motion.hash, context.wait).await?;
    if let Outcome::Open(open) = &outcome {
        bail!(
            "it is too early to close the motion: it has {} of {} ayes, and its time to vote is over \
             with {}",
            open.ayes.len(),
            open.threshold,
            hall.deadline(open)
        );
    }
    context.output.result(&outcome_json(&outcome), settlement(&outcome, &does))
}

fn settlement(outcome: &Outcome, does: &str) -> String {
    match outcome {
        Outcome::Carried(receipt) => {
            format!("the motion is carried and done (block {}): {does}", receipt.block_number)
        }
        Outcome::Rejected(receipt) => {
            format!("the motion is rejected (block {}): {does}", receipt.block_number)
        }
        Outcome::Open(_) => format!("the motion is open: {does}"),
    }
}

fn outcome_json(outcome: &Outcome) -> Json {
    match outcome {
        Outcome::Carried(receipt) => {
            json!({ "executed": true, "rejected": false, "block": receipt.block_number })
        }
        Outcome::Rejected(receipt) => {
            json!({ "executed": false, "rejected": true, "block": receipt.block_number })
        }
        Outcome::Open(open) => json!({
            "executed": false,
            "rejected": false,
            "motion": format!("{:?}", open.hash),
            "ayes": open.ayes.len(),
            "nays": open.nays.len(),
            "threshold": open.threshold,
        }),
    }
}

/// Tells what became of a motion after this member's part in it.
pub(super) fn tell(context: &Context, motion: &Motion, done: &str) -> anyhow::Result<()> {
    let object = match motion {
        Motion::Executed(receipt) => json!({ "executed": true, "block": receipt.block_number }),
        Motion::Open { motion, ayes, threshold, missing } => json!({
            "executed": false,
            "motion": format!("{motion:?}"),
            "ayes": ayes,
            "threshold": threshold,
            "missing": missing.iter().map(address).collect::<Vec<_>>(),
        }),
    };
    context.output.result(&object, motion.sentence(done))
}

/// A runtime from its file, and its BLAKE2b-256.
fn read_runtime(path: &Path) -> anyhow::Result<(Vec<u8>, H256)> {
    let code = std::fs::read(path).with_context(|| path.display().to_string())?;
    if !RUNTIME_MAGICS.iter().any(|magic| code.starts_with(magic)) {
        return wrong_use(format!(
            "{} holds no runtime: it is neither WebAssembly nor a compressed runtime",
            path.display()
        ));
    }
    let hash = BlakeTwo256::hash(&code);
    Ok((code, hash))
}

async fn apply_upgrade(context: &Context, path: &Path) -> anyhow::Result<()> {
    let (code, hash) = read_runtime(path)?;
    let key = context.key()?;
    let chain = context.chain().await?;
    // The hash, and whether versions are checked.
    let allowed: Option<(H256, bool)> =
        chain.storage("System", "AuthorizedUpgrade", &[], None).await?;
    match allowed {
        Some((allowed, _)) if allowed == hash => {}
        Some((allowed, _)) => bail!(
            "the council allowed the runtime with the BLAKE2b-256 {}, and that of {} is {}",
            hex::encode(allowed),
            path.display(),
            hex::encode(hash)
        ),
        None => bail!(
            "the council allowed no upgrade; `assay council propose upgrade {}` asks for it",
            path.display()
        ),
    }
    let old = chain.runtime(None).await?.spec_version;
    let receipt = chain.submit(&key, governance::apply_upgrade(&code), context.wait).await?;
    if let Some(event) = receipt.event("System", "RejectedInvalidAuthorizedUpgrade") {
        match event.refusal() {
            Some(refused) => bail!("the chain does not take the runtime: {refused}"),
            None => bail!("the chain does not take the runtime"),
        }
    }
    let new = other_version(&chain, old).await?;
    let said = format!("the runtime is upgraded in block {}: {old} -> {new}", receipt.block_number);
    let object = json!({
        "block": receipt.block_number,
        "old_version": old,
        "new_version": new,
        "hash": format!("{hash:?}"),
    });
    context.output.result(&object, said)
}

/// The version of the best block's runtime once it isn't that one.
async fn other_version(chain: &Chain, old: u32) -> anyhow::Result<u32> {
    let started = Instant::now();
    while started.elapsed() < UPGRADE_PATIENCE {
        let version = chain.runtime(None).await?.spec_version;
        if version != old {
            return Ok(version);
        }
        tokio::time::sleep(POLL).await;
    }
    bail!(
        "the runtime was taken, and after {} s the chain still has version {old}",
        UPGRADE_PATIENCE.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn motion(index: u32, hash: u8) -> OpenMotion {
        OpenMotion {
            hash: H256::repeat_byte(hash),
            index,
            threshold: 3,
            ayes: Vec::new(),
            nays: Vec::new(),
            end: 100,
            call: Vec::new(),
        }
    }

    #[test]
    fn should_find_a_motion_by_its_number_or_the_beginning_of_its_hash() {
        let motions = [motion(3, 0xab), motion(4, 0xcd)];
        assert_eq!(find(&motions, "4").unwrap().index, 4);
        assert_eq!(find(&motions, "0xABABAB").unwrap().index, 3);
        for unknown in ["5", "abab", "efefef", "a motion"] {
            let message = find(&motions, unknown).unwrap_err().to_string();
            assert!(message.contains("council list"), "{message}");
        }
    }

    #[test]
    fn should_refuse_a_file_when_it_holds_no_runtime() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"\x7fELF").unwrap();
        let message = read_runtime(file.path()).unwrap_err().to_string();
        assert!(message.contains("no runtime"), "{message}");
    }

    #[test]
    fn should_give_the_hash_that_the_chain_computes_when_a_runtime_is_read() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"\0asm\x01\0\0\0").unwrap();
        let (code, hash) = read_runtime(file.path()).unwrap();
        assert_eq!(hash, BlakeTwo256::hash(&code));
    }
}
