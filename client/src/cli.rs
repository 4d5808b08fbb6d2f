//! The command line: words to calls.

use crate::{
    chain::{ChainFault, Refused, Wait},
    commands::{
        context::{Context, WrongUse},
        council::{self, CouncilCommand},
        credit::{self, CreditCommand},
        generate,
        key::{self, KeyCommand},
        member::{self, MemberCommand},
        model::{self, ContractArgs, ProposeArgs, RevokeArgs, ShowArgs},
        model_explain::{self, ExplainArgs},
        model_import, model_quality, model_score, model_train,
        network::{self, NetworkCommand},
        pack::{self, PackCommand},
        pack_report::{self, ReportArgs},
        security::{self, SecurityCommand},
        split,
        validator::{self, ValidatorCommand},
        watch::{self, WatchArgs},
    },
    output::Output,
};
use clap::{Parser, Subcommand, ValueEnum};
use std::process::ExitCode;

/// Done.
const DONE: u8 = 0;
/// Refused by the chain, or failed.
const FAILED: u8 = 1;
/// Wrong use; clap ends with the same.
const WRONG_USE: u8 = 2;
/// The node is out of reach.
const NODE_OUT_OF_REACH: u8 = 3;

/// Risk control for asset-backed securities on a consortium chain.
#[derive(Debug, Parser)]
#[command(name = "assay", version, arg_required_else_help = true)]
pub struct Cli {
    /// The node to ask
    #[arg(
        long,
        global = true,
        env = "ASSAY_NODE",
        default_value = "ws://127.0.0.1:9944",
        value_name = "URL"
    )]
    node: String,
    /// The key to sign with: its file, or //Name on a development chain
    #[arg(long, global = true, env = "ASSAY_KEY", value_name = "FILE")]
    key: Option<String>,
    /// Results as JSON on stdout
    #[arg(long, global = true)]
    json: bool,
    /// When a transaction counts as done
    #[arg(long, global = true, value_enum, default_value = "finalized")]
    wait: WaitWord,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WaitWord {
    InBlock,
    Finalized,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The key that a member signs with
    #[command(subcommand)]
    Key(KeyCommand),
    /// Organisations, their certificates and roles
    #[command(subcommand)]
    Member(MemberCommand),
    /// Motions of the council
    #[command(subcommand)]
    Council(CouncilCommand),
    /// Validators and their keys
    #[command(subcommand)]
    Validator(ValidatorCommand),
    /// Set up a network of your own
    #[command(subcommand)]
    Network(NetworkCommand),
    /// Schemas, policies, reports, relations and inquiries
    #[command(subcommand)]
    Credit(CreditCommand),
    /// Networks and scoring contracts
    #[command(subcommand)]
    Model(ModelCommand),
    /// Loan tapes: submitting, assessing, screening
    #[command(subcommand)]
    Pack(PackCommand),
    /// Securities
    #[command(subcommand)]
    Security(SecurityCommand),
    /// Show finalised events as they come
    Watch(WatchArgs),
    /// Write a pack's report for people
    Report(ReportArgs),
    /// Make up borrowers with reports, loans and defaults
    Generate(generate::Args),
    /// Split a file by borrower
    Split(split::Args),
}

#[derive(Debug, Subcommand)]
enum ModelCommand {
    /// Train a network, quantise and calibrate it
    Train(model_train::Args),
    /// Take in a network that another tool trained
    Import(model_import::Args),
    /// Score a file off chain: the same integers as on chain
    Score(model_score::Args),
    /// Measure a model on labelled rows: ranking, calibration, shifts
    Quality(model_quality::Args),
    /// Propose a model as a scoring contract
    Propose(ProposeArgs),
    /// Approve a proposed contract (council)
    Approve(ContractArgs),
    /// Revoke a contract (council)
    Revoke(RevokeArgs),
    /// List all contracts
    List,
    /// Show one contract, or write its artifact
    Show(ShowArgs),
    /// Score a subject and say what raised the score
    Explain(ExplainArgs),
}

/// Runs the command that the process was started with; gives its exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => DONE.into(),
        Err(fault) => {
            if !is_closed_pipe(&fault) {
                eprintln!("assay: {fault:#}");
            }
            exit_code(&fault).into()
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let context = Context {
        node: cli.node.clone(),
        key: cli.key.clone(),
        wait: match cli.wait {
            WaitWord::InBlock => Wait::InBlock,
            WaitWord::Finalized => Wait::Finalized,
        },
        output: Output { json: cli.json },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(dispatch(&context, &cli.command))
}

async fn dispatch(context: &Context, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Key(command) => key::run(context, command),
        Command::Member(command) => member::run(context, command).await,
        Command::Council(command) => council::run(context, command).await,
        Command::Validator(command) => validator::run(context, command).await,
        Command::Network(command) => network::run(context, command),
        Command::Credit(command) => credit::run(context, command).await,
        Command::Model(command) => run_model(context, command).await,
        Command::Pack(command) => pack::run(context, command).await,
        Command::Security(command) => security::run(context, command).await,
        Command::Watch(args) => watch::run(context, args).await,
        Command::Report(args) => pack_report::run(context, args).await,
        Command::Generate(args) => generate::run(args, &context.output),
        Command::Split(args) => split::run(args, &context.output),
    }
}

async fn run_model(context: &Context, command: &ModelCommand) -> anyhow::Result<()> {
    match command {
        ModelCommand::Train(args) => model_train::run(args, &context.output),
        ModelCommand::Import(args) => model_import::run(args, &context.output),
        ModelCommand::Score(args) => model_score::run(args, &context.output),
        ModelCommand::Quality(args) => model_quality::run(args, &context.output),
        ModelCommand::Propose(args) => model::propose(context, args).await,
        ModelCommand::Approve(args) => model::approve(context, args).await,
        ModelCommand::Revoke(args) => model::revoke(context, args).await,
        ModelCommand::List => model::list(context).await,
        ModelCommand::Show(args) => model::show(context, args).await,
        ModelCommand::Explain(args) => model_explain::run(context, args).await,
    }
}

fn exit_code(fault: &anyhow::Error) -> u8 {
    let unreachable = fault.chain().any(|cause| {
        let chain = cause.downcast_ref::<ChainFault>();
        let refused = cause.downcast_ref::<Refused>();
        chain.is_some_and(ChainFault::is_unreachable)
            || matches!(refused, Some(Refused::Chain(fault)) if fault.is_unreachable())
    });
    let wrong_use = fault.chain().any(|cause| cause.downcast_ref::<WrongUse>().is_some());
    match (unreachable, wrong_use) {
        (true, _) => NODE_OUT_OF_REACH,
        (_, true) => WRONG_USE,
        _ => FAILED,
    }
}

/// Whoever read the output has seen enough.
fn is_closed_pipe(fault: &anyhow::Error) -> bool {
    fault.chain().any(|cause| {
        let found = cause.downcast_ref::<std::io::Error>();
        found.is_some_and(|fault| fault.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn should_have_no_contradictions_in_its_options() {
        Cli::command().debug_assert();
    }

    #[test]
    fn should_end_with_the_agreed_code_when_a_command_fails() {
        let unreachable =
            || ChainFault::Unreachable { url: "ws://nowhere".into(), reason: "refused".into() };
        assert_eq!(exit_code(&unreachable().into()), NODE_OUT_OF_REACH);
        assert_eq!(exit_code(&Refused::Chain(unreachable()).into()), NODE_OUT_OF_REACH);
        assert_eq!(exit_code(&WrongUse("no key".into()).into()), WRONG_USE);
        assert_eq!(exit_code(&Refused::Displaced { nonce: 1 }.into()), FAILED);
    }

    #[test]
    fn should_read_global_options_behind_the_command() {
        let words = ["assay", "pack", "show", "3", "--json", "--wait", "in-block"];
        let cli = Cli::try_parse_from(words).unwrap();
        assert!(cli.json && matches!(cli.wait, WaitWord::InBlock));
    }
}
