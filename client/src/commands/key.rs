//! `assay key`: the key that a member signs with.

use super::{
    context::{passphrase, passphrase_is_given, read_key, wrong_use, Context},
    show::Facts,
};
use crate::{certificate::read_pem_or_der, chain::Key};
use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;
use std::path::PathBuf;

/// Shorter passphrases are found by trying.
const MIN_PASSPHRASE_CHARS: usize = 8;

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and keep it in a file, encrypted with a passphrase
    New {
        /// The file to make; an existing one is never overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Keep a key that OpenSSL made, encrypted with a passphrase
    Import {
        /// The Ed25519 key as OpenSSL writes it: PKCS#8, PEM or DER, not encrypted
        file: PathBuf,
        /// The file to make; an existing one is never overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Show the account of a key
    Show {
        /// The key's file, or //Name of a development chain
        file: String,
    },
}

/// Runs the command.
pub fn run(context: &Context, command: &KeyCommand) -> anyhow::Result<()> {
    match command {
        KeyCommand::New { out } => {
            let passphrase = new_passphrase()?;
            let key = Key::generate();
            key.write(out, &passphrase)?;
            tell(context, &key, &out.display().to_string())
        }
        KeyCommand::Import { file, out } => {
            let der = read_pem_or_der(file, "PRIVATE KEY")?;
            let imported = Key::from_pkcs8(&der).with_context(|| file.display().to_string())?;
            imported.write(out, &new_passphrase()?)?;
            tell(context, &imported, &out.display().to_string())
        }
        KeyCommand::Show { file } => tell(context, &read_key(file)?, file),
    }
}

/// A passphrase for a new key, asked for twice at a terminal.
pub fn new_passphrase() -> anyhow::Result<String> {
    let first = passphrase("Passphrase for the new key: ")?;
    if first.chars().count() < MIN_PASSPHRASE_CHARS {
        return wrong_use(format!("a passphrase has at least {MIN_PASSPHRASE_CHARS} characters"));
    }
    if !passphrase_is_given() && passphrase("The same again: ")? != first {
        return wrong_use("the two passphrases differ");
    }
    Ok(first)
}

fn tell(context: &Context, key: &Key, file: &str) -> anyhow::Result<()> {
    let public = hex::encode(<[u8; 32]>::from(key.account()));
    let object = json!({ "file": file, "account": key.address(), "public_key": public });
    let facts =
        Facts::new().fact("account", key.address()).fact("public key", public).fact("file", file);
    context.output.result(&object, facts)
}
