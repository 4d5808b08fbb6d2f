//! `assay member nodes`: which nodes of an organisation others let in.

use super::find;
use crate::{
    chain::{api, call::membership},
    commands::context::{wrong_use, Context},
    peer::{parse_peer_id, peer_id},
};
use assay_primitives::member::{NodeKey, NodeKeys, MAX_NODES};
use clap::Subcommand;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub enum NodesCommand {
    /// Name the nodes of the key's own organisation, instead of those named before
    Set {
        /// The nodes as the network calls them: 12D3KooW...
        #[arg(
            required_unless_present = "none",
            value_name = "PEER_ID",
            value_parser = parse_node
        )]
        peers: Vec<NodeKey>,
        /// It has no nodes any more
        #[arg(long, conflicts_with = "peers")]
        none: bool,
    },
    /// Show the nodes of an organisation
    Show {
        /// Name, number, address or //Name
        organisation: String,
    },
}

fn parse_node(text: &str) -> Result<NodeKey, String> {
    parse_peer_id(text).ok_or_else(|| {
        format!(
            "\"{text}\" is no peer id of an Ed25519 key, which begins with 12D3KooW; the node \
             prints its own when it starts"
        )
    })
}

/// Runs the command.
pub async fn run(context: &Context, command: &NodesCommand) -> anyhow::Result<()> {
    match command {
        NodesCommand::Set { peers, .. } => set(context, peers).await,
        NodesCommand::Show { organisation } => {
            let chain = context.chain().await?;
            let (account, found) = find(&chain, organisation).await?;
            let nodes = names(&api::nodes(&chain, &account, None).await?);
            let text = match nodes.is_empty() {
                true => format!("{} has named no nodes", found.display_name()),
                false => nodes.join("\n"),
            };
            context.output.result(&json!({ "nodes": nodes }), text)
        }
    }
}

async fn set(context: &Context, peers: &[NodeKey]) -> anyhow::Result<()> {
    let keys = unique(peers)?;
    let chain = context.chain().await?;
    let key = context.key()?;
    let organisation = context.organisation(&chain, &key).await?;
    let receipt = chain.submit(&key, membership::set_nodes(&keys), context.wait).await?;
    let text = format!(
        "nodes of {} that others let in: {} (block {})",
        organisation.display_name(),
        keys.len(),
        receipt.block_number
    );
    context.output.result(&json!({ "nodes": names(&keys), "block": receipt.block_number }), text)
}

/// The nodes, each once and not too many.
fn unique(peers: &[NodeKey]) -> anyhow::Result<NodeKeys> {
    let mut keys = NodeKeys::default();
    for key in peers {
        if keys.contains(key) {
            return wrong_use(format!("{} is named twice", peer_id(key)));
        }
        if keys.try_push(*key).is_err() {
            return wrong_use(format!("an organisation has at most {MAX_NODES} nodes"));
        }
    }
    Ok(keys)
}

/// What the network calls the nodes.
pub fn names(keys: &NodeKeys) -> Vec<String> {
    keys.iter().map(peer_id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_take_each_node_once_and_at_most_as_many_as_the_chain() {
        let many: Vec<NodeKey> = (0..=16).map(|number| [number; 32]).collect();
        assert_eq!(unique(&many[..16]).unwrap().len(), 16);
        assert!(unique(&many).unwrap_err().to_string().contains("at most 16"));
        assert!(unique(&[[1; 32], [1; 32]]).unwrap_err().to_string().contains("twice"));
    }

    #[test]
    fn should_say_what_a_peer_id_looks_like_when_it_is_none() {
        let key = [7; 32];
        assert_eq!(parse_node(&peer_id(&key)), Ok(key));
        assert!(parse_node("5FA9nQDV").unwrap_err().contains("12D3KooW"));
    }
}
