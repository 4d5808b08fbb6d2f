//! `assay security`: from a screened pack to an issued security.

use super::{
    context::Context,
    member::parse_name,
    pack,
    show::{address, currency_name, money, money_json, text, Facts, TextTable},
};
use crate::{
    chain::{api, call::securities},
    ratio::{self, Ratio, ONE_PPB},
};
use anyhow::{anyhow, bail, Context as _};
use assay_primitives::{
    security::{Security, Tranche, Tranches},
    Minor, PackId, SecurityId,
};
use clap::{Args, Subcommand};
use serde_json::{json, Value as Json};

#[derive(Debug, Subcommand)]
pub enum SecurityCommand {
    /// Accept the receivables of a screened pack (SPV)
    Accept { pack: PackId },
    /// Issue a security on an accepted pack (exchange)
    Issue(IssueArgs),
    /// Show one security, or all
    Show { security: Option<SecurityId> },
}

#[derive(Debug, Args)]
pub struct IssueArgs {
    pack: PackId,
    /// The security's name; by default the pack's
    #[arg(long)]
    name: Option<String>,
    /// NAME:SHARE%:COUPON%, most senior first; default: one tranche over the whole kept balance
    #[arg(long = "tranche", value_name = "NAME:SHARE%:COUPON%", value_parser = parse_tranche)]
    tranches: Vec<TrancheShare>,
}

/// A tranche by its share of the kept balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrancheShare {
    name: String,
    share: Ratio,
    coupon: Ratio,
}

fn parse_tranche(words: &str) -> Result<TrancheShare, String> {
    let mut parts = words.rsplitn(3, ':');
    let (coupon, share, name) = (parts.next(), parts.next(), parts.next());
    let (Some(coupon), Some(share), Some(name)) = (coupon, share, name) else {
        return Err("write NAME:SHARE%:COUPON%, such as senior:80%:3.5%".into());
    };
    let ratio = |text: &str| text.parse::<Ratio>().map_err(|fault| fault.to_string());
    Ok(TrancheShare { name: name.into(), share: ratio(share)?, coupon: ratio(coupon)? })
}

/// Runs the command.
pub async fn run(context: &Context, command: &SecurityCommand) -> anyhow::Result<()> {
    match command {
        SecurityCommand::Accept { pack } => accept(context, *pack).await,
        SecurityCommand::Issue(args) => issue(context, args).await,
        SecurityCommand::Show { security } => show(context, *security).await,
    }
}

async fn accept(context: &Context, pack: PackId) -> anyhow::Result<()> {
    let key = context.key()?;
    let chain = context.chain().await?;
    let receipt = chain.submit(&key, securities::accept(pack), context.wait).await?;
    let object = json!({ "pack": pack, "status": "accepted", "block": receipt.block_number });
    let said = format!("pack {pack} is accepted (block {})", receipt.block_number);
    context.output.result(&object, said)
}

async fn issue(context: &Context, args: &IssueArgs) -> anyhow::Result<()> {
    let key = context.key()?;
    let chain = context.chain().await?;
    let view = pack::view(&chain, args.pack, None).await?;
    let name = match &args.name {
        Some(name) => parse_name(name)?,
        None => view.pack.terms.name.clone(),
    };
    let kept_minor = pack::kept_minor(&view).with_context(|| {
        format!("pack {} is not screened; nothing can be issued on it", args.pack)
    })?;
    let tranches = divide(&args.tranches, kept_minor)?;
    let call = securities::issue(args.pack, &name, &tranches);
    let receipt = chain.submit(&key, call, context.wait).await?;
    let number = receipt
        .event("Securities", "Issued")
        .and_then(|event| event.number("security"))
        .and_then(|number| SecurityId::try_from(number).ok())
        .ok_or_else(|| {
            anyhow!("issued in block {}, but its number is not told", receipt.block_number)
        })?;
    let security = api::security(&chain, number, Some(receipt.block_hash))
        .await?
        .ok_or_else(|| anyhow!("security {number} is issued, but the node does not show it"))?;
    let said = format!(
        "security {number} is issued (block {})\n\n{}",
        receipt.block_number,
        people(number, &security)
    );
    context.output.result(&to_json(number, &security), said)
}

/// Tranches by their shares of the kept balance, rounded down; when they share all of it, the last
/// one takes what rounding leaves.
fn divide(shares: &[TrancheShare], kept_minor: Minor) -> anyhow::Result<Tranches> {
    if shares.is_empty() {
        let only = Tranche { name: parse_name("A")?, principal_minor: kept_minor, coupon_ppb: 0 };
        return Tranches::try_from(vec![only]).map_err(|_| anyhow!("a security has no room"));
    }
    let one = u128::from(ONE_PPB);
    let total: u128 = shares.iter().map(|tranche| u128::from(tranche.share.ppb)).sum();
    if total > one {
        bail!("the tranches share more than 100 % of the kept balance");
    }
    let mut tranches = Vec::with_capacity(shares.len());
    let mut given: Minor = 0;
    for (position, tranche) in shares.iter().enumerate() {
        let share = u128::from(tranche.share.ppb);
        let part = kept_minor / one * share + kept_minor % one * share / one;
        let is_last_of_all = position + 1 == shares.len() && total == one;
        let principal_minor = if is_last_of_all { kept_minor - given } else { part };
        given += principal_minor;
        let coupon_ppb = u32::try_from(tranche.coupon.ppb)
            .map_err(|_| anyhow!("the coupon of tranche \"{}\" is too high", tranche.name))?;
        tranches.push(Tranche { name: parse_name(&tranche.name)?, principal_minor, coupon_ppb });
    }
    Tranches::try_from(tranches).map_err(|_| anyhow!("a security has at most 8 tranches"))
}

async fn show(context: &Context, number: Option<SecurityId>) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    if let Some(number) = number {
        let security = api::security(&chain, number, None).await?.with_context(|| {
            format!("there is no security {number}; `assay security show` lists all")
        })?;
        return context.output.result(&to_json(number, &security), people(number, &security));
    }
    let all = api::securities(&chain, None).await?;
    let mut table =
        TextTable::new(&[">security", "name", ">pack", ">principal", ">bad rate", ">tranches"]);
    for (number, security) in &all {
        let principal = security.tranches.iter().map(|tranche| tranche.principal_minor).sum();
        table.row([
            number.to_string(),
            text(&security.name),
            security.pack.to_string(),
            money(principal, security.figures.currency),
            ratio::show(security.figures.bad_rate_after_ppb),
            security.tranches.len().to_string(),
        ]);
    }
    let objects: Vec<Json> =
        all.iter().map(|(number, security)| to_json(*number, security)).collect();
    context.output.result(&json!({ "securities": objects }), table)
}

fn to_json(number: SecurityId, security: &Security) -> Json {
    let figures = &security.figures;
    let tranches: Vec<Json> = security
        .tranches
        .iter()
        .map(|tranche| {
            json!({
                "name": text(&tranche.name),
                "principal_minor": money_json(tranche.principal_minor),
                "coupon_ppb": tranche.coupon_ppb,
            })
        })
        .collect();
    json!({
        "security": number,
        "name": text(&security.name),
        "pack": security.pack,
        "spv": address(&security.spv),
        "exchange": address(&security.exchange),
        "originator": address(&figures.originator),
        "issued_at": security.issued_at,
        "tranches": tranches,
        "currency": currency_name(figures.currency),
        "contract": format!("{:?}", figures.contract),
        "contract_version": figures.contract_version,
        "schema": figures.schema,
        "policy": format!("{:?}", figures.policy),
        "policy_version": figures.policy_version,
        "assessment": figures.assessment,
        "tape_loans": figures.tape_loans,
        "tape_minor": money_json(figures.tape_minor),
        "unscored": figures.unscored,
        "removed": figures.removed,
        "kept_loans": figures.kept_loans,
        "kept_minor": money_json(figures.kept_minor),
        "target_ppb": figures.target_ppb,
        "bad_rate_before_ppb": figures.bad_rate_before_ppb,
        "bad_rate_after_ppb": figures.bad_rate_after_ppb,
    })
}

fn people(number: SecurityId, security: &Security) -> String {
    let figures = &security.figures;
    let facts = Facts::new()
        .fact("security", format!("{number} {}", text(&security.name)))
        .fact("pack", security.pack)
        .fact("issued", format!("block {}", security.issued_at))
        .fact("originator", address(&figures.originator))
        .fact("SPV", address(&security.spv))
        .fact("exchange", address(&security.exchange))
        .fact(
            "scored with",
            pack::contract_words(&figures.contract, figures.contract_version, figures.schema),
        )
        .fact("under", pack::policy_words(&figures.policy, figures.policy_version))
        .fact("loans", format!("{} kept of {}", figures.kept_loans, figures.tape_loans))
        .fact("balance kept", money(figures.kept_minor, figures.currency))
        .fact(
            "bad rate",
            format!(
                "{} (target {}, before screening {})",
                ratio::show(figures.bad_rate_after_ppb),
                ratio::show(figures.target_ppb),
                ratio::show(figures.bad_rate_before_ppb)
            ),
        );
    let mut table = TextTable::new(&["tranche", ">principal", ">coupon"]);
    for tranche in &security.tranches {
        table.row([
            text(&tranche.name),
            money(tranche.principal_minor, figures.currency),
            ratio::show(tranche.coupon_ppb.into()),
        ]);
    }
    format!("{facts}\n\n{table}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principals(shares: &[&str], kept_minor: Minor) -> Vec<Minor> {
        let shares: Vec<TrancheShare> =
            shares.iter().map(|words| parse_tranche(words).unwrap()).collect();
        let tranches = divide(&shares, kept_minor).unwrap();
        tranches.iter().map(|tranche| tranche.principal_minor).collect()
    }

    #[test]
    fn should_give_the_remainder_to_the_last_tranche_when_all_is_shared() {
        assert_eq!(principals(&["senior:80%:3.5%", "junior:20 %:9 %"], 1_001), vec![800, 201]);
    }

    #[test]
    fn should_round_down_when_a_part_is_left_unshared() {
        assert_eq!(principals(&["a:50%:3%", "b:25%:4%"], 1_001), vec![500, 250]);
    }

    #[test]
    fn should_make_one_tranche_of_the_kept_balance_when_none_is_named() {
        assert_eq!(principals(&[], 77), vec![77]);
    }

    #[test]
    fn should_refuse_tranches_when_they_share_more_than_all() {
        let shares = [parse_tranche("a:60%:1%").unwrap(), parse_tranche("b:41%:1%").unwrap()];
        assert!(divide(&shares, 100).is_err());
        assert!(parse_tranche("senior:80%").is_err());
    }
}
