//! `assay credit schema`: what the values of a report mean.

use super::{
    context::Context,
    member::parse_name,
    show::{address, text, TextTable},
};
use crate::{
    chain::{api, call::credit, Chain},
    table::Map,
};
use anyhow::{anyhow, bail};
use assay_primitives::{
    credit::{ListedSchema, Schema, SchemaFeature},
    SchemaId,
};
use clap::Subcommand;
use serde_json::{json, Value as Json};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Add the schema that the [[feature]] list of a MAP describes
    Add {
        #[arg(value_name = "MAP.toml")]
        map: PathBuf,
    },
    /// List all schemas
    List,
}

/// Runs the command.
pub async fn run(context: &Context, command: &SchemaCommand) -> anyhow::Result<()> {
    match command {
        SchemaCommand::Add { map } => add(context, &Map::read(map)?).await,
        SchemaCommand::List => list(context).await,
    }
}

/// The schema that a MAP describes.
pub fn of_map(map: &Map) -> anyhow::Result<Schema> {
    if map.features.is_empty() {
        bail!("{}: there is no [[feature]], and a schema needs one", map.path.display());
    }
    let features: Vec<SchemaFeature> = map
        .features
        .iter()
        .map(|feature| {
            Ok(SchemaFeature {
                name: parse_name(&feature.name)?,
                unit: parse_name(&feature.unit)?,
                lower: feature.lower,
                upper: feature.upper,
            })
        })
        .collect::<anyhow::Result<_>>()?;
    let features = features.try_into().map_err(|_| anyhow!("a schema has at most 64 features"))?;
    Ok(Schema { name: parse_name(&map.name)?, features })
}

/// The schema on chain for a MAP's values: the one named by number or name, or else the newest of
/// the MAP's own name.
pub async fn find(chain: &Chain, map: &Map, given: Option<&str>) -> anyhow::Result<SchemaId> {
    let all = api::schemas(chain, None).await?;
    let (id, schema) = pick(&all, given.unwrap_or(&map.name))?;
    check_features(map, id, schema)?;
    Ok(id)
}

/// The schema of that number, or the newest of that name.
pub fn pick<'a>(all: &'a [ListedSchema], words: &str) -> anyhow::Result<(SchemaId, &'a Schema)> {
    let number: Option<SchemaId> = words.parse().ok();
    let named = all.iter().filter(|(id, _, schema)| {
        number.map_or_else(|| schema.name.as_slice() == words.as_bytes(), |number| *id == number)
    });
    named.max_by_key(|(id, _, _)| *id).map(|(id, _, schema)| (*id, schema)).ok_or_else(|| {
        anyhow!(
            "the chain has no schema \"{words}\"; `assay credit schema list` shows those it has, \
             `assay credit schema add` adds one"
        )
    })
}

fn check_features(map: &Map, id: SchemaId, schema: &Schema) -> anyhow::Result<()> {
    let path = map.path.display();
    if map.features.len() != schema.features.len() {
        bail!(
            "{path} has {} features, schema {id} on chain {}: name another with --schema, or add one",
            map.features.len(),
            schema.features.len()
        );
    }
    for (position, (own, other)) in map.features.iter().zip(&schema.features).enumerate() {
        let same = own.name.as_bytes() == other.name.as_slice()
            && own.unit.as_bytes() == other.unit.as_slice();
        if !same {
            bail!(
                "{path}: feature {} is \"{}\" in {}, but \"{}\" in {} in schema {id} on chain",
                position + 1,
                own.name,
                own.unit,
                text(&other.name),
                text(&other.unit)
            );
        }
    }
    Ok(())
}

async fn add(context: &Context, map: &Map) -> anyhow::Result<()> {
    let schema = of_map(map)?;
    let key = context.key()?;
    let chain = context.chain().await?;
    let receipt = chain.submit(&key, credit::add_schema(&schema), context.wait).await?;
    let all = api::schemas(&chain, Some(receipt.block_hash)).await?;
    let id = all
        .iter()
        .filter(|(_, owner, known)| *owner == key.account() && *known == schema)
        .map(|(id, _, _)| *id)
        .max()
        .ok_or_else(|| anyhow!("the schema was added, but the node does not list it yet"))?;
    let object = json!({
        "schema": id,
        "name": map.name,
        "features": schema.features.len(),
        "block": receipt.block_number,
    });
    let said = format!(
        "schema {id} \"{}\" with {} features (block {})",
        map.name,
        schema.features.len(),
        receipt.block_number
    );
    context.output.result(&object, said)
}

async fn list(context: &Context) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let all = api::schemas(&chain, None).await?;
    let mut table = TextTable::new(&[">schema", "name", ">features", "added by"]);
    for (id, owner, schema) in &all {
        table.row([
            id.to_string(),
            text(&schema.name),
            schema.features.len().to_string(),
            address(owner),
        ]);
    }
    let schemas: Vec<Json> = all.iter().map(to_json).collect();
    context.output.result(&json!({ "schemas": schemas }), table)
}

fn to_json((id, owner, schema): &ListedSchema) -> Json {
    let features: Vec<Json> = schema
        .features
        .iter()
        .map(|feature| {
            json!({
                "name": text(&feature.name),
                "unit": text(&feature.unit),
                "lower": feature.lower,
                "upper": feature.upper,
            })
        })
        .collect();
    json!({
        "schema": id,
        "name": text(&schema.name),
        "added_by": address(owner),
        "features": features,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::AccountId;

    fn listed(id: SchemaId, name: &str) -> ListedSchema {
        let schema = Schema { name: parse_name(name).unwrap(), features: Default::default() };
        (id, AccountId::new([0; 32]), schema)
    }

    #[test]
    fn should_pick_the_newest_when_several_schemas_have_the_name() {
        let all = [listed(0, "card"), listed(2, "card"), listed(1, "car")];
        assert_eq!(pick(&all, "card").unwrap().0, 2);
        assert_eq!(pick(&all, "1").unwrap().0, 1);
    }

    #[test]
    fn should_tell_how_to_add_one_when_no_schema_has_the_name() {
        let message = pick(&[listed(0, "card")], "loan").unwrap_err().to_string();
        assert!(message.contains("schema add"), "{message}");
    }
}
