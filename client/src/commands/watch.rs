//! `assay watch`: finalised events as they come, one line each, resumable by block.

use super::context::{wrong_use, Context};
use crate::chain::{Chain, Event};
use assay_primitives::BlockNumber;
use clap::Args;
use serde_json::{json, Value as Json};
use std::{io::Write, time::Duration};

/// How often to look for finalised blocks.
const POLL: Duration = Duration::from_millis(500);

/// Kinds of events, and the events of each; a name that ends in `*` stands for all of the pallet.
const KINDS: [(&str, &[(&str, &str)]); 9] = [
    // With the certificates of organisations and authorities.
    ("member", &[("Membership", "*"), ("Council", "*")]),
    ("validator", &[("Validators", "*"), ("Session", "*"), ("Grandpa", "*")]),
    (
        "governance",
        &[
            ("System", "CodeUpdated"),
            ("System", "UpgradeAuthorized"),
            ("System", "RejectedInvalidAuthorizedUpgrade"),
            ("Governance", "*"),
            ("SafeMode", "*"),
            ("TxPause", "*"),
        ],
    ),
    // Before `credit`, which stands for the rest of its pallet.
    ("inquiry", &[("CreditRegistry", "Inquired")]),
    ("credit", &[("CreditRegistry", "*")]),
    ("contract", &[("Scoring", "*")]),
    ("pack", &[("Packs", "*")]),
    ("issuance", &[("Securities", "*")]),
    ("failure", &[("System", "ExtrinsicFailed")]),
];

#[derive(Debug, Args)]
pub struct WatchArgs {
    /// First block to show; by default the next to become final
    #[arg(long, value_name = "BLOCK")]
    from: Option<BlockNumber>,
    /// Last block to show; by default go on until interrupted
    #[arg(long, value_name = "BLOCK")]
    to: Option<BlockNumber>,
    /// Stop at what is final now
    #[arg(long, conflicts_with = "to")]
    once: bool,
    /// Show only these: member, validator, governance, inquiry, credit, contract, pack, issuance,
    /// failure
    #[arg(long, value_delimiter = ',', value_name = "KIND")]
    kind: Vec<String>,
}

/// Runs the command.
pub async fn run(context: &Context, args: &WatchArgs) -> anyhow::Result<()> {
    for kind in &args.kind {
        if !KINDS.iter().any(|(known, _)| known == kind) {
            let known: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
            return wrong_use(format!(
                "there is no kind of event \"{kind}\"; there are {}",
                known.join(", ")
            ));
        }
    }
    let chain = context.chain().await?;
    let mut last = chain.finalized().await?.number;
    let mut next = args.from.unwrap_or(last.saturating_add(1));
    let end = if args.once { Some(last) } else { args.to };
    let stopped = tokio::signal::ctrl_c();
    tokio::pin!(stopped);
    loop {
        let until = end.map_or(last, |end| end.min(last));
        let turn = async {
            while next <= until {
                if !show_block(context, &chain, next, &args.kind).await? {
                    return Ok(false);
                }
                next = next.saturating_add(1);
            }
            let more = end.is_none_or(|end| next <= end);
            if more {
                tokio::time::sleep(POLL).await;
            }
            anyhow::Ok(more)
        };
        let more = tokio::select! {
            more = turn => more?,
            _ = &mut stopped => {
                context.output.note(format!("stopped; go on with --from {next}"));
                false
            }
        };
        if !more {
            return Ok(());
        }
        last = chain.finalized().await?.number;
    }
}

/// Whether the reader still reads.
async fn show_block(
    context: &Context,
    chain: &Chain,
    number: BlockNumber,
    kinds: &[String],
) -> anyhow::Result<bool> {
    let hash = chain.block_hash(number).await?;
    let events = chain.events(hash).await?;
    let mut out = std::io::stdout().lock();
    for event in events {
        let Some(kind) = kind_of(&event) else { continue };
        if !kinds.is_empty() && !kinds.iter().any(|wanted| wanted == kind) {
            continue;
        }
        let line = if context.output.json {
            to_json(number, kind, &event).to_string()
        } else {
            format!("{number:>8}  {}::{}{}", event.pallet, event.name, fields(&event.fields))
        };
        if writeln!(out, "{line}").is_err() {
            return Ok(false);
        }
    }
    Ok(out.flush().is_ok())
}

/// The kind of an event; none of those that come with every block and transaction.
fn kind_of(event: &Event) -> Option<&'static str> {
    KINDS
        .iter()
        .find(|(_, names)| {
            names.iter().any(|(pallet, name)| {
                event.pallet == *pallet && (*name == "*" || event.name == *name)
            })
        })
        .map(|(kind, _)| *kind)
}

fn to_json(number: BlockNumber, kind: &str, event: &Event) -> Json {
    json!({
        "block": number,
        "kind": kind,
        "pallet": event.pallet,
        "event": event.name,
        "extrinsic": event.extrinsic,
        "fields": event.fields,
    })
}

fn fields(fields: &Json) -> String {
    let mut leaves = Vec::new();
    flatten("", fields, &mut leaves);
    // What is nested is much: a line each.
    leaves
        .iter()
        .map(|(name, text)| match name.contains('.') {
            true => format!("\n            {name} {text}"),
            false => format!("  {name} {text}"),
        })
        .collect()
}

/// The leaves of a value with their dotted names, those of the first level first.
fn flatten(prefix: &str, value: &Json, leaves: &mut Vec<(String, String)>) {
    let children: Vec<(String, &Json)> = match value {
        Json::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Json::Array(values) => {
            values.iter().enumerate().map(|(place, value)| (place.to_string(), value)).collect()
        }
        Json::Null => return,
        Json::String(text) => return leaves.push((prefix.into(), text.clone())),
        other => return leaves.push((prefix.into(), other.to_string())),
    };
    let (nested, plain): (Vec<_>, Vec<_>) =
        children.into_iter().partition(|(_, value)| value.is_object() || value.is_array());
    for (name, value) in plain.into_iter().chain(nested) {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        flatten(&name, value, leaves);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_name_every_kind_in_the_help() {
        let command = WatchArgs::augment_args(clap::Command::new("watch"));
        let kind = command.get_arguments().find(|argument| argument.get_id() == "kind").unwrap();
        let help = kind.get_help().unwrap().to_string();
        for (kind, _) in KINDS {
            assert!(help.contains(kind), "{kind} is not in \"{help}\"");
        }
    }

    fn event(pallet: &str, name: &str) -> Event {
        Event {
            extrinsic: None,
            pallet: pallet.into(),
            name: name.into(),
            fields: json!({ "pack": 3, "name": "A" }),
            refusal: None,
        }
    }

    #[test]
    fn should_sort_events_into_kinds_and_leave_out_those_of_every_block() {
        assert_eq!(kind_of(&event("Securities", "Issued")), Some("issuance"));
        assert_eq!(kind_of(&event("System", "ExtrinsicFailed")), Some("failure"));
        assert_eq!(kind_of(&event("CreditRegistry", "Inquired")), Some("inquiry"));
        assert_eq!(kind_of(&event("CreditRegistry", "ReportsStored")), Some("credit"));
        assert_eq!(kind_of(&event("System", "ExtrinsicSuccess")), None);
        assert_eq!(kind_of(&event("System", "CodeUpdated")), Some("governance"));
        assert_eq!(kind_of(&event("Session", "NewSession")), Some("validator"));
        assert_eq!(kind_of(&event("Membership", "CertificateExpiring")), Some("member"));
    }

    #[test]
    fn should_show_fields_by_name_when_people_read() {
        assert_eq!(fields(&event("Packs", "Opened").fields), "  name A  pack 3");
    }
}
