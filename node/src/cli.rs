//! The command line: the SDK's, with defaults that fit Assay.

use crate::{
    admission::AdmissionParams, role::NodeRole, session_keys::SessionCmd, upgrade::TryUpgradeCmd,
};
use sc_cli::{
    ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ExportStateCmd,
    ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd, RunCmd,
};

/// Bytes of the trie cache, 256 MiB: the SDK's default of 1 GiB alone would be all the memory that
/// a node may take.
const TRIE_CACHE_BYTES: &str = "268435456";

/// Kilobytes of transactions that wait, 128 MiB: a loan tape comes as hundreds of pages of up to
/// 100 kB, faster than blocks can take them, and the SDK's default of 20 MiB would drop some.
const POOL_KILOBYTES: &str = "131072";

/// Megabytes of an answer: a full block of 8 MiB is twice as long in hexadecimal, and the SDK's default
/// of 15 would keep clients from reading it.
const RPC_RESPONSE_MEGABYTES: &str = "32";

/// What the node is asked to do; without a subcommand, to run.
#[derive(Debug, clap::Parser)]
#[command(
    mut_arg("trie_cache_size", |arg| arg.default_value(TRIE_CACHE_BYTES)),
    mut_arg("pool_kbytes", |arg| arg.default_value(POOL_KILOBYTES)),
    mut_arg("rpc_max_response_size", |arg| arg.default_value(RPC_RESPONSE_MEGABYTES))
)]
pub struct Cli {
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// What the node is for, in place of the options that the role stands for.
    #[arg(long, value_name = "ROLE", value_enum)]
    pub role: Option<NodeRole>,

    #[command(flatten)]
    pub admission: AdmissionParams,

    #[command(flatten)]
    pub run: RunCmd,
}

/// What the node can do besides running.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)]
pub enum Subcommand {
    /// Make, look at and insert keys of the node and of its validator.
    #[command(subcommand)]
    Key(KeyCommand),

    /// Write a chain's specification as JSON.
    ExportChainSpec(ExportChainSpecCmd),

    /// Execute a stored block again.
    #[command(mut_arg("trie_cache_size", |arg| arg.default_value(TRIE_CACHE_BYTES)))]
    CheckBlock(CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(ExportBlocksCmd),

    /// Execute and store the blocks of a file.
    #[command(mut_arg("trie_cache_size", |arg| arg.default_value(TRIE_CACHE_BYTES)))]
    ImportBlocks(ImportBlocksCmd),

    /// Write a block's state as the specification of a new chain.
    ExportState(ExportStateCmd),

    /// Remove the chain's database.
    PurgeChain(PurgeChainCmd),

    /// Take back blocks that are not final.
    Revert(RevertCmd),

    /// Show the best and the finalised block of the database.
    ChainInfo(ChainInfoCmd),

    TryUpgrade(TryUpgradeCmd),
}

/// Keys of the node and of its validator.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)]
pub enum KeyCommand {
    Session(SessionCmd),

    #[command(flatten)]
    Sdk(KeySubcommand),
}

impl KeyCommand {
    /// Does what the command says.
    ///
    /// Fails with the SDK's errors.
    pub fn run(&self, cli: &Cli) -> sc_cli::Result<()> {
        match self {
            KeyCommand::Session(command) => command.run(cli),
            KeyCommand::Sdk(command) => command.run(cli),
        }
    }
}
