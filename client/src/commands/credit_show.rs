//! `assay credit show`: what the chain knows of a subject.

use super::{
    context::{find_block, now_secs, parse_hex, wrong_use, Context},
    contract, credit_schema,
    show::{date, text, Facts, TextTable},
};
use crate::{
    chain::{api, Chain},
    subject::{ConsortiumKey, ConsortiumKeyArgs},
    table::source_word,
};
use anyhow::bail;
use assay_primitives::{
    credit::{ListedSchema, Schema, StoredReport, SubjectRecord},
    OrganisationId, SchemaId, Subject, H256,
};
use assay_risk::profile::{Policy, Profile};
use clap::Args;
use serde_json::{json, Map as JsonMap, Value as Json};
use std::collections::BTreeMap;

#[derive(Debug, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    who: SubjectArgs,
    /// Show what was known at that block: number or hash
    #[arg(long, value_name = "BLOCK")]
    at: Option<String>,
    /// Merge the reports under this policy: a file, or the name or id of one on chain
    #[arg(long, value_name = "POLICY.toml")]
    policy: Option<String>,
    /// Number or name of the schema to merge under; by default those of the reports, else the newest
    #[arg(long)]
    schema: Option<String>,
}

/// A subject by itself or by the identifier it's made of.
#[derive(Debug, Args)]
pub struct SubjectArgs {
    /// 32 hexadecimal digits
    #[arg(value_name = "SUBJECT", required_unless_present = "id", conflicts_with = "id")]
    subject: Option<String>,
    /// The national identifier, hashed here with the consortium's key
    #[arg(long, value_name = "NATIONAL-ID")]
    id: Option<String>,
    #[command(flatten)]
    consortium: ConsortiumKeyArgs,
}

impl SubjectArgs {
    /// The subject that the arguments name.
    pub fn subject(&self) -> anyhow::Result<Subject> {
        if let Some(identifier) = &self.id {
            let key = ConsortiumKey::from_args(&self.consortium)?;
            return Ok(Subject(key.subject(identifier)));
        }
        let given = self.subject.as_deref().unwrap_or_default();
        parse_subject(given)
    }
}

/// A subject in hexadecimal.
pub fn parse_subject(given: &str) -> anyhow::Result<Subject> {
    match parse_hex(given) {
        Some(bytes) => Ok(Subject(bytes)),
        None => wrong_use(format!(
            "\"{given}\" is no subject, which has 32 hexadecimal digits; a national identifier is \
             given with --id"
        )),
    }
}

/// A profile and the schema it's of.
type Merged<'a> = (SchemaId, &'a Schema, Option<Profile>);

/// Runs the command.
pub async fn run(context: &Context, args: &ShowArgs) -> anyhow::Result<()> {
    let subject = args.who.subject()?;
    let chain = context.chain().await?;
    let at = match &args.at {
        Some(block) => Some(find_block(&chain, block).await?),
        None => None,
    };
    let policy = match &args.policy {
        Some(words) => Some(contract::find_policy(&chain, words, at).await?.policy),
        None => None,
    };
    let record = api::subject(&chain, subject, at).await?;
    if record.is_none() && policy.is_none() {
        bail!("nothing is known of subject {subject}");
    }
    let record = record.unwrap_or_default();
    let schemas = api::schemas(&chain, at).await?;
    let organisations = api::organisations(&chain, at).await?;
    let bureaus: BTreeMap<OrganisationId, String> = organisations
        .iter()
        .map(|(_, organisation)| (organisation.id, organisation.display_name()))
        .collect();
    let mut merged = Vec::new();
    if let Some(policy) = &policy {
        for (id, schema) in relevant(&schemas, &record, args.schema.as_deref())? {
            let profile = merge(&chain, policy, id, subject, at).await?;
            merged.push((id, schema, profile));
        }
    }
    let object = json!({
        "subject": subject.to_string(),
        "reports": record.reports.iter().map(|report| report_json(report, &schemas, &bureaus))
            .collect::<Vec<_>>(),
        "relations": record.relations.iter().map(|relation| json!({
            "other": relation.other.to_string(),
            "distance": relation.distance,
            "bureau": relation.bureau,
        })).collect::<Vec<_>>(),
        "profiles": policy.as_ref().map(|_| merged.iter().map(profile_json).collect::<Vec<_>>()),
    });
    context.output.result(&object, people(subject, &record, &schemas, &bureaus, &merged))
}

/// The schema given, or those of the reports, or the newest.
fn relevant<'a>(
    schemas: &'a [ListedSchema],
    record: &SubjectRecord,
    given: Option<&str>,
) -> anyhow::Result<Vec<(SchemaId, &'a Schema)>> {
    if let Some(words) = given {
        return Ok(vec![credit_schema::pick(schemas, words)?]);
    }
    let reported = schemas
        .iter()
        .filter(|(id, _, _)| record.reports.iter().any(|report| report.schema == *id))
        .map(|(id, _, schema)| (*id, schema));
    let reported: Vec<_> = reported.collect();
    if !reported.is_empty() {
        return Ok(reported);
    }
    let newest = schemas.iter().max_by_key(|(id, _, _)| *id);
    Ok(newest.map(|(id, _, schema)| (*id, schema)).into_iter().collect())
}

async fn merge(
    chain: &Chain,
    policy: &Policy,
    schema: SchemaId,
    subject: Subject,
    at: Option<H256>,
) -> anyhow::Result<Option<Profile>> {
    let now = now_secs(chain, at).await?;
    let profiles = api::profiles(chain, policy, schema, now, &[subject], at).await?;
    Ok(profiles.into_iter().next().flatten())
}

/// A value of a profile, if it's there.
fn present(profile: &Profile, position: usize) -> Option<i32> {
    let there = profile.present.checked_shr(u32::try_from(position).ok()?)? & 1 == 1;
    profile.values.get(position).copied().filter(|_| there)
}

fn feature_name(schema: Option<&Schema>, position: usize) -> String {
    let feature = schema.and_then(|schema| schema.features.get(position));
    feature.map_or_else(|| position.to_string(), |feature| text(&feature.name))
}

fn schema_of(schemas: &[ListedSchema], id: SchemaId) -> Option<&Schema> {
    schemas.iter().find(|(known, _, _)| *known == id).map(|(_, _, schema)| schema)
}

fn report_json(
    report: &StoredReport,
    schemas: &[ListedSchema],
    bureaus: &BTreeMap<OrganisationId, String>,
) -> Json {
    let schema = schema_of(schemas, report.schema);
    let values: JsonMap<String, Json> = report
        .values
        .iter()
        .enumerate()
        .map(|(position, value)| (feature_name(schema, position), json!(value)))
        .collect();
    json!({
        "bureau": report.bureau,
        "bureau_name": bureaus.get(&report.bureau),
        "schema": report.schema,
        "observed_at_secs": report.observed_at_secs,
        "source": source_word(report.source),
        "has_default": report.has_default,
        "document_hash": format!("{:?}", report.document_hash),
        "values": values,
    })
}

fn profile_json((id, schema, profile): &Merged<'_>) -> Json {
    let Some(profile) = profile else {
        return json!({ "schema": id, "profile": null });
    };
    let values: JsonMap<String, Json> = (0..profile.values.len())
        .map(|position| (feature_name(Some(*schema), position), json!(present(profile, position))))
        .collect();
    json!({
        "schema": id,
        "profile": {
            "has_default": profile.has_default,
            "propagated": profile.propagated,
            "values": values,
        },
    })
}

fn people(
    subject: Subject,
    record: &SubjectRecord,
    schemas: &[ListedSchema],
    bureaus: &BTreeMap<OrganisationId, String>,
    merged: &[Merged<'_>],
) -> String {
    let mut parts = vec![Facts::new()
        .fact("subject", subject)
        .fact("reports", record.reports.len())
        .fact("relations", record.relations.len())
        .to_string()];
    let ids: std::collections::BTreeSet<SchemaId> = record
        .reports
        .iter()
        .map(|report| report.schema)
        .chain(merged.iter().map(|(id, _, _)| *id))
        .collect();
    for id in ids {
        let reports: Vec<&StoredReport> =
            record.reports.iter().filter(|report| report.schema == id).collect();
        let profile = merged.iter().find(|(known, _, _)| *known == id);
        parts.push(one_schema(id, schema_of(schemas, id), &reports, bureaus, profile));
    }
    for relation in &record.relations {
        parts.push(format!("related to {} at distance {}", relation.other, relation.distance));
    }
    parts.join("\n\n")
}

/// Reports side by side, a feature a line; the merged profile last.
fn one_schema(
    id: SchemaId,
    schema: Option<&Schema>,
    reports: &[&StoredReport],
    bureaus: &BTreeMap<OrganisationId, String>,
    merged: Option<&Merged<'_>>,
) -> String {
    let name = schema.map(|schema| text(&schema.name)).unwrap_or_default();
    if reports.is_empty() && merged.is_none_or(|(_, _, profile)| profile.is_none()) {
        return format!("schema {id} {name}: no report counts under the policy: no profile");
    }
    let bureau_names = reports
        .iter()
        .map(|report| format!(">{}", bureaus.get(&report.bureau).map_or("?", String::as_str)));
    let mut head = vec![format!("schema {id} {name}")];
    head.extend(bureau_names);
    head.extend(merged.map(|_| ">merged".to_string()));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let mut table = TextTable::new(&head);
    let profile = merged.map(|(_, _, profile)| profile.as_ref());
    let yes_no = |flag: bool| if flag { "yes" } else { "no" }.to_string();
    let line = |name: &str, of: &dyn Fn(&StoredReport) -> String, last: Option<String>| {
        let cells = reports.iter().map(|report| of(report));
        std::iter::once(name.to_string()).chain(cells).chain(last).collect::<Vec<_>>()
    };
    table.row(line("observed", &|report| date(report.observed_at_secs), None));
    table.row(line("source", &|report| source_word(report.source).into(), None));
    let merged_default =
        profile.map(|found| found.map_or("-".into(), |found| yes_no(found.has_default)));
    table.row(line("default on record", &|report| yes_no(report.has_default), merged_default));
    let features = schema.map_or(0, |schema| schema.features.len());
    for position in 0..features {
        let shown = |value: Option<i32>| value.map_or("-".into(), |value| value.to_string());
        let last = profile.map(|found| shown(found.and_then(|found| present(found, position))));
        let of = |report: &StoredReport| shown(report.values.get(position).copied().flatten());
        table.row(line(&feature_name(schema, position), &of, last));
    }
    let propagated = profile.flatten().is_some_and(|found| found.propagated);
    match (merged, profile) {
        (Some(_), Some(None)) => format!("{table}\nno report counts under the policy: no profile"),
        _ if propagated => format!("{table}\nthe profile comes from the subject's relations"),
        _ => table.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(subject: Option<&str>, id: Option<&str>) -> SubjectArgs {
        SubjectArgs {
            subject: subject.map(String::from),
            id: id.map(String::from),
            consortium: ConsortiumKeyArgs::default(),
        }
    }

    #[test]
    fn should_hash_the_identifier_when_it_is_given() {
        let hashed = args(None, Some("A1")).subject().unwrap();
        assert_eq!(hashed.0, ConsortiumKey::development().subject("A1"));
        let digits = hashed.to_string();
        assert_eq!(args(Some(&digits), None).subject().unwrap(), hashed);
    }

    #[test]
    fn should_advise_the_identifier_option_when_a_subject_is_malformed() {
        let message = args(Some("A1"), None).subject().unwrap_err().to_string();
        assert!(message.contains("--id"), "{message}");
    }

    #[test]
    fn should_hide_a_value_when_its_bit_is_not_set() {
        let profile =
            Profile { values: vec![7, 8], present: 0b10, has_default: false, propagated: false };
        assert_eq!((present(&profile, 0), present(&profile, 1)), (None, Some(8)));
        assert_eq!(present(&profile, 64), None);
    }
}
