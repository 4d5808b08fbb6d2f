//! `key session`: the keys with which a validator makes blocks and votes, and the proof that they are
//! its owner's.

use crate::cli::Cli;
use assay_runtime::{opaque::SessionKeys, AccountId};
use codec::Encode;
use sc_cli::{utils, Error, KeystoreParams, OutputType, SharedParams, SubstrateCli};
use sc_keystore::LocalKeystore;
use sc_service::{config::KeystoreConfig, BasePath};
use sp_core::{
    crypto::{key_types, SecretString},
    ed25519,
    hexdisplay::HexDisplay,
    sr25519, Pair,
};
use sp_keystore::{KeystoreExt, KeystorePtr};
use sp_state_machine::BasicExternalities;
use std::path::PathBuf;

/// Make the keys with which a validator makes blocks (Aura) and votes (GRANDPA), put them into the
/// node's keystore and print the public ones.
#[derive(Debug, Clone, clap::Args)]
pub struct SessionCmd {
    /// The secret of all of them, or a file that holds it; without it, they are random.
    #[arg(long, value_name = "SECRET")]
    suri: Option<String>,

    /// The account whose validator uses them: also print the proof that they are its own, without
    /// which the chain does not take them.
    #[arg(long, value_name = "ACCOUNT")]
    owner: Option<AccountId>,

    /// How to print them.
    #[arg(long, value_name = "FORMAT", value_enum, ignore_case = true, default_value = "text")]
    output_type: OutputType,

    #[command(flatten)]
    shared_params: SharedParams,

    #[command(flatten)]
    keystore_params: KeystoreParams,
}

/// What is printed, in hexadecimal.
#[derive(serde::Serialize)]
struct Printed {
    aura: String,
    grandpa: String,
    /// Both public keys, encoded as the chain takes them.
    session_keys: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
    keystore: PathBuf,
}

impl SessionCmd {
    /// Makes and prints the keys.
    ///
    /// Fails if the chain is unknown, the secret is none, or the keystore cannot be written.
    pub fn run(&self, cli: &Cli) -> sc_cli::Result<()> {
        let (path, password) = self.keystore(cli)?;
        let keystore: KeystorePtr = LocalKeystore::open(path.clone(), password.clone())?.into();
        if let Some(secret) = &self.suri {
            let secret = utils::read_uri(Some(secret))?;
            let keys = derive(&keystore, &secret, password)?;
            return self.print(&keystore, keys, path);
        }
        let keys = with_keystore(&keystore, || SessionKeys::generate(&[], None).keys);
        self.print(&keystore, keys, path)
    }

    /// Where the node of this chain and base path keeps its keys, and the keystore's password.
    fn keystore(&self, cli: &Cli) -> sc_cli::Result<(PathBuf, Option<SecretString>)> {
        let base_path = self
            .shared_params
            .base_path()?
            .unwrap_or_else(|| BasePath::from_project("", "", &Cli::executable_name()));
        let chain = self.shared_params.chain_id(self.shared_params.is_dev());
        let config_dir = base_path.config_dir(cli.load_spec(&chain)?.id());
        match self.keystore_params.keystore_config(&config_dir)? {
            KeystoreConfig::Path { path, password } => Ok((path, password)),
            KeystoreConfig::InMemory => Err(Error::KeystoreOperation),
        }
    }

    fn print(
        &self,
        keystore: &KeystorePtr,
        mut keys: SessionKeys,
        path: PathBuf,
    ) -> sc_cli::Result<()> {
        let proof = match &self.owner {
            Some(owner) => {
                let owner: &[u8] = owner.as_ref();
                let proof = with_keystore(keystore, || keys.create_ownership_proof(owner));
                Some(hex(&proof.map_err(|()| Error::KeystoreOperation)?.encode()))
            }
            None => None,
        };
        let printed = Printed {
            aura: hex(keys.aura.as_ref()),
            grandpa: hex(keys.grandpa.as_ref()),
            session_keys: hex(&keys.encode()),
            owner: self.owner.as_ref().map(ToString::to_string),
            proof,
            keystore: path,
        };
        match self.output_type {
            OutputType::Json => {
                let text = serde_json::to_string_pretty(&printed);
                println!("{}", text.map_err(|fault| fault.to_string())?);
            }
            OutputType::Text => printed.print(),
        }
        Ok(())
    }
}

impl Printed {
    fn print(&self) {
        println!("Aura (sr25519)      {}", self.aura);
        println!("GRANDPA (ed25519)   {}", self.grandpa);
        println!("Session keys        {}", self.session_keys);
        if let (Some(owner), Some(proof)) = (&self.owner, &self.proof) {
            println!("Owner               {owner}");
            println!("Proof of ownership  {proof}");
        }
        println!("Secrets are in      {}", self.keystore.display());
    }
}

/// Stores the keys that follow from a secret. The keystore's password is part of the secret, as the
/// keystore adds it whenever it reads a key.
fn derive(
    keystore: &KeystorePtr,
    secret: &str,
    password: Option<SecretString>,
) -> sc_cli::Result<SessionKeys> {
    let aura = utils::pair_from_suri::<sr25519::Pair>(secret, password.clone())?.public();
    let grandpa = utils::pair_from_suri::<ed25519::Pair>(secret, password)?.public();
    for (kind, public) in [(key_types::AURA, &aura.0), (key_types::GRANDPA, &grandpa.0)] {
        keystore.insert(kind, secret, public).map_err(|()| Error::KeystoreOperation)?;
    }
    Ok(SessionKeys { aura: aura.into(), grandpa: grandpa.into() })
}

/// Runs what asks its surroundings for keys, as a runtime does.
fn with_keystore<R>(keystore: &KeystorePtr, work: impl FnOnce() -> R) -> R {
    let mut surroundings = BasicExternalities::new_empty();
    surroundings.register_extension(KeystoreExt::from(keystore.clone()));
    surroundings.execute_with(work)
}

fn hex(bytes: &[u8]) -> String {
    format!("0x{}", HexDisplay::from(&bytes))
}
