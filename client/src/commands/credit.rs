//! `assay credit`: schemas, reports, relations.

use super::{
    context::Context, credit_propagation, credit_relate, credit_relate::RelateArgs, credit_schema,
    credit_schema::SchemaCommand, credit_show, credit_show::ShowArgs, credit_upload,
    credit_upload::UploadArgs,
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum CreditCommand {
    /// Feature schemas: what the values of a report mean
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Send a bureau's reports; run it again to go on where it stopped
    Upload(UploadArgs),
    /// Show the reports and the merged profile of a subject
    Show(ShowArgs),
    /// Send relations between subjects
    Relate(RelateArgs),
    /// Tell what relations would give on a bureau's own data, off chain
    Propagation(credit_propagation::Args),
}

/// Runs the command.
pub async fn run(context: &Context, command: &CreditCommand) -> anyhow::Result<()> {
    match command {
        CreditCommand::Schema(command) => credit_schema::run(context, command).await,
        CreditCommand::Upload(args) => credit_upload::run(context, args).await,
        CreditCommand::Show(args) => credit_show::run(context, args).await,
        CreditCommand::Relate(args) => credit_relate::run(context, args).await,
        CreditCommand::Propagation(args) => credit_propagation::run(args, &context.output),
    }
}
