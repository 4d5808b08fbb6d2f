//! `assay credit`: schemas, policies, reports, relations, inquiries.

use super::{
    context::Context,
    credit_inquire::{self, InquireArgs},
    credit_inquiries::{self, InquiriesArgs},
    credit_policy::{self, PolicyCommand},
    credit_propagation,
    credit_relate::{self, RelateArgs},
    credit_schema::{self, SchemaCommand},
    credit_show::{self, ShowArgs},
    credit_upload::{self, UploadArgs},
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum CreditCommand {
    /// Feature schemas: what the values of a report mean
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Policies: when a report counts, and for how much
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Send a bureau's reports; run it again to go on where it stopped
    Upload(UploadArgs),
    /// Show the reports and the merged profile of a subject
    Show(ShowArgs),
    /// Send relations between subjects, or take them back
    Relate(RelateArgs),
    /// Tell what relations would give on a bureau's own data, off chain
    Propagation(credit_propagation::Args),
    /// Say on chain that you ask for the credit of subjects or of a pack's obligors, and what for
    Inquire(InquireArgs),
    /// Show who asked for the credit of a subject, of a pack, or of anybody
    Inquiries(InquiriesArgs),
}

/// Runs the command.
pub async fn run(context: &Context, command: &CreditCommand) -> anyhow::Result<()> {
    match command {
        CreditCommand::Schema(command) => credit_schema::run(context, command).await,
        CreditCommand::Policy(command) => credit_policy::run(context, command).await,
        CreditCommand::Upload(args) => credit_upload::run(context, args).await,
        CreditCommand::Show(args) => credit_show::run(context, args).await,
        CreditCommand::Relate(args) => credit_relate::run(context, args).await,
        CreditCommand::Propagation(args) => credit_propagation::run(args, &context.output),
        CreditCommand::Inquire(args) => credit_inquire::run(context, args).await,
        CreditCommand::Inquiries(args) => credit_inquiries::run(context, args).await,
    }
}
