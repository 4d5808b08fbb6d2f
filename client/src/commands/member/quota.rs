//! `assay member quota`: how much compute a member may use in an hour.

use super::{decide, find};
use crate::{
    chain::{api, call::membership, Chain},
    commands::{
        context::Context,
        show::{moment, TextTable},
    },
};
use assay_primitives::member::{Organisation, Usage};
use clap::Args;
use serde_json::{json, Value as Json};

const HOUR_SECS: u64 = 3_600;

#[derive(Debug, Args)]
pub struct QuotaArgs {
    /// Name, number, address or //Name; everybody, unless given
    organisation: Option<String>,
    /// Seconds of compute an hour from now on, to the millisecond (council)
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds, conflicts_with = "default")]
    seconds_per_hour: Option<u32>,
    /// The same as everybody, or for everybody what the runtime has (council)
    #[arg(long)]
    default: bool,
}

/// Seconds with up to three decimals, as milliseconds.
fn parse_seconds(text: &str) -> Result<u32, String> {
    let refused = || format!("\"{text}\" is no number of seconds, such as 120 or 0.5");
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || part.len() > 3 {
        return Err(refused());
    }
    let seconds: u32 = whole.parse().map_err(|_| refused())?;
    let millis: u32 = format!("{part:0<3}").parse().map_err(|_| refused())?;
    seconds
        .checked_mul(1_000)
        .and_then(|total| total.checked_add(millis))
        .filter(|total| *total > 0)
        .ok_or_else(refused)
}

/// Runs the command.
pub async fn run(context: &Context, args: &QuotaArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let is_change = args.default || args.seconds_per_hour.is_some();
    match &args.organisation {
        None if !is_change => list(context, &chain).await,
        None => {
            let call = membership::set_quota(None, args.seconds_per_hour);
            let done =
                format!("everybody's quota is {}", named(args.seconds_per_hour, "the default"));
            decide(context, &chain, call, &done).await
        }
        Some(words) => {
            let (account, organisation) = find(&chain, words).await?;
            if !is_change {
                let (usage, quota_millis) = api::usage(&chain, &account, None).await?;
                let text = sentence(&usage, quota_millis);
                let object = to_json(&organisation, &usage, quota_millis);
                return context.output.result(&object, text);
            }
            let call = membership::set_quota(Some(&account), args.seconds_per_hour);
            let quota = named(args.seconds_per_hour, "everybody's");
            let done = format!("the quota of {} is {quota}", organisation.display_name());
            decide(context, &chain, call, &done).await
        }
    }
}

fn named(millis: Option<u32>, otherwise: &str) -> String {
    millis.map_or(otherwise.into(), |millis| format!("{} s an hour", seconds(millis)))
}

async fn list(context: &Context, chain: &Chain) -> anyhow::Result<()> {
    let mut all = api::organisations(chain, None).await?;
    all.sort_by_key(|(_, organisation)| organisation.id);
    let mut table = TextTable::new(&[">number", "name", ">used s", ">quota s", "set for"]);
    let mut objects: Vec<Json> = Vec::new();
    for (account, organisation) in &all {
        let (usage, quota_millis) = api::usage(chain, account, None).await?;
        table.row([
            organisation.id.to_string(),
            organisation.display_name(),
            seconds(used_millis(&usage)),
            seconds(quota_millis),
            if organisation.quota_millis.is_some() { "itself" } else { "everybody" }.into(),
        ]);
        objects.push(to_json(organisation, &usage, quota_millis));
    }
    context.output.result(&json!({ "organisations": objects }), table)
}

fn to_json(organisation: &Organisation, usage: &Usage, quota_millis: u32) -> Json {
    json!({
        "number": organisation.id,
        "name": organisation.display_name(),
        "used_micros": usage.micros,
        "quota_millis": quota_millis,
        "own_quota_millis": organisation.quota_millis,
        "hour_ends_secs": hour_ends_secs(usage),
    })
}

/// What was used of the quota, in one line.
pub fn sentence(usage: &Usage, quota_millis: u32) -> String {
    format!(
        "{} of {} s used in the hour that ends {}",
        seconds(used_millis(usage)),
        seconds(quota_millis),
        moment(hour_ends_secs(usage))
    )
}

fn hour_ends_secs(usage: &Usage) -> u64 {
    (u64::from(usage.hour) + 1) * HOUR_SECS
}

/// Rounded up: what is used is never shown as nothing.
fn used_millis(usage: &Usage) -> u32 {
    u32::try_from(usage.micros.div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// Milliseconds in seconds, without needless decimals.
fn seconds(millis: u32) -> String {
    let text = format!("{}.{:03}", millis / 1_000, millis % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_read_seconds_to_the_millisecond() {
        for (text, millis) in [("120", 120_000), ("0.5", 500), ("1.25", 1_250), ("0.001", 1)] {
            assert_eq!(parse_seconds(text), Ok(millis), "{text}");
        }
        for text in ["", "0", "-1", "1.", ".5", "0.0001", "1e3", "5000000", "a"] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn should_tell_when_the_hour_ends_and_round_up_what_is_used() {
        let usage = Usage { hour: 262_967, micros: 1_500_001 };
        assert_eq!(
            sentence(&usage, 120_000),
            "1.501 of 120 s used in the hour that ends 2000-01-01 00:00 UTC"
        );
    }
}
