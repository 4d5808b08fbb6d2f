//! `assay network`: a consortium of its own, from one file.

use super::{
    context::{wrong_use, Context},
    key::new_passphrase,
    member::parse_name,
    show::{Facts, TextTable},
};
use crate::{
    certificate::clock_secs,
    network::{self, FoundedNode, Made, Plan, SPEC_FILE},
    peer::peer_id,
};
use clap::Subcommand;
use serde_json::{json, Value as Json};
use sha2::{Digest, Sha256};
use sp_core::crypto::Ss58Codec;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum NetworkCommand {
    /// Write what each node starts from: specification, keys, list of peers, start script
    Init {
        /// Where to write; absent or empty
        directory: PathBuf,
        /// The network's description (examples/network.toml)
        #[arg(long, value_name = "NETWORK.toml")]
        config: PathBuf,
        /// The node's program; else assay-node beside this one, or in PATH
        #[arg(long, value_name = "PATH")]
        node_program: Option<PathBuf>,
    },
    /// Check a description and write nothing
    Check {
        #[arg(value_name = "NETWORK.toml")]
        config: PathBuf,
    },
    /// Write the specification of a new chain that begins with an old one's state
    Restart {
        /// What `assay-node export-state` wrote
        #[arg(value_name = "STATE.json")]
        state: PathBuf,
        /// The new chain's name
        #[arg(long)]
        name: String,
        /// The new chain's id, other than the old one's
        #[arg(long)]
        id: String,
        /// The file to make; an existing one is never overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Runs the command.
pub fn run(context: &Context, command: &NetworkCommand) -> anyhow::Result<()> {
    match command {
        NetworkCommand::Init { directory, config, node_program } => {
            init(context, directory, config, node_program.as_deref())
        }
        NetworkCommand::Check { config } => {
            let plan = Plan::read(config, clock_secs())?;
            context.output.result(&plan_json(&plan), plan_facts(&plan))
        }
        NetworkCommand::Restart { state, name, id, out } => restart(context, state, name, id, out),
    }
}

fn restart(
    context: &Context,
    state: &Path,
    name: &str,
    id: &str,
    out: &Path,
) -> anyhow::Result<()> {
    parse_name(name)?;
    if let Err((problem, remedy)) = network::check_id(id) {
        return wrong_use(format!("{problem}; {remedy}"));
    }
    let spec = network::restart(state, name, id, out)?;
    let sha256 = hex::encode(Sha256::digest(spec));
    let object = json!({ "spec": out, "name": name, "id": id, "spec_sha256": sha256 });
    let facts = Facts::new()
        .fact("network", format!("{name} ({id})"))
        .fact("specification", out.display())
        .fact("its SHA-256", sha256);
    context.output.result(&object, facts)
}

fn init(
    context: &Context,
    directory: &Path,
    config: &Path,
    node_program: Option<&Path>,
) -> anyhow::Result<()> {
    let plan = Plan::read(config, clock_secs())?;
    let program = network::find_program(node_program)?;
    network::check_vacant(directory)?;
    let passphrase = if plan.makes_keys() { new_passphrase()? } else { String::new() };
    let mut note = |step: &str| context.output.note(step);
    let made = network::init(&plan, directory, &program, &passphrase, &mut note)?;
    context.output.result(&made_json(&plan, &made), made_text(&plan, &made))
}

fn plan_json(plan: &Plan) -> Json {
    json!({
        "name": plan.name,
        "id": plan.id,
        "authorities": plan.authorities.len(),
        "organisations": plan.organisations.len(),
        "nodes": plan.nodes.len(),
        "validators": plan.validators(),
        "minimum": plan.minimum,
        "session_blocks": plan.session_blocks,
    })
}

fn plan_facts(plan: &Plan) -> Facts {
    Facts::new()
        .fact("network", format!("{} ({})", plan.name, plan.id))
        .fact("authorities", plan.authorities.len())
        .fact("organisations", plan.organisations.len())
        .fact("nodes", plan.nodes.len())
        .fact("validators", format!("{}, at least {}", plan.validators(), plan.minimum))
        .fact("session", format!("{} blocks", plan.session_blocks))
}

fn made_json(plan: &Plan, made: &Made) -> Json {
    let authorities = made.founders.authorities.iter().map(|authority| {
        json!({
            "name": authority.name,
            "certificate": authority.certificate_file,
            "key": authority.key_file,
        })
    });
    let organisations = made.founders.organisations.iter().map(|organisation| {
        json!({
            "name": organisation.name,
            "account": organisation.account.to_ss58check(),
            "roles": organisation.roles.names(),
            "certificate": organisation.certificate_file,
            "key": organisation.key_file,
        })
    });
    let nodes = made.nodes.iter().map(|founded| {
        json!({
            "name": founded.node.name,
            "organisation": owner(plan, founded),
            "role": founded.node.role.name(),
            "peer": peer_id(&founded.key),
            "address": founded.address(),
            "rpc_port": founded.node.rpc_port,
            "directory": founded.directory(),
            "missing": founded.missing_secrets(),
        })
    });
    json!({
        "directory": made.directory.display().to_string(),
        "name": plan.name,
        "id": plan.id,
        "spec": SPEC_FILE,
        "spec_sha256": made.spec_sha256,
        "authorities": authorities.collect::<Vec<_>>(),
        "organisations": organisations.collect::<Vec<_>>(),
        "nodes": nodes.collect::<Vec<_>>(),
    })
}

fn made_text(plan: &Plan, made: &Made) -> String {
    let mut organisations = TextTable::new(&["organisation", "account", "key"]);
    for organisation in &made.founders.organisations {
        organisations.row([
            organisation.name.clone(),
            organisation.account.to_ss58check(),
            organisation.key_file.clone().unwrap_or_else(|| "its own".into()),
        ]);
    }
    let mut nodes = TextTable::new(&["node", "of", "role", "start"]);
    for founded in &made.nodes {
        nodes.row([
            founded.node.name.clone(),
            owner(plan, founded).into(),
            founded.node.role.name().into(),
            format!("{}/start", founded.directory()),
        ]);
    }
    let facts = Facts::new()
        .fact("network", format!("{} ({})", plan.name, plan.id))
        .fact("directory", made.directory.display())
        .fact("specification", SPEC_FILE)
        .fact("its SHA-256", &made.spec_sha256);
    let missing = made.nodes.iter().filter(|founded| !founded.missing_secrets().is_empty());
    let notes: String = missing
        .map(|founded| {
            let secrets = founded.missing_secrets().join(" and ");
            format!("\n\n{}: its owner brings the {secrets}", founded.node.name)
        })
        .collect();
    format!("{facts}\n\n{organisations}\n\n{nodes}{notes}")
}

fn owner<'a>(plan: &'a Plan, founded: &FoundedNode) -> &'a str {
    plan.organisations.get(founded.node.organisation).map_or("", |owner| &owner.name)
}
