//! Checks the JSON form of an artifact and writes its SCALE encoding, whose BLAKE2b-256 is the
//! contract's id:
//!
//!     cargo run -p assay-risk --example encode_artifact < artifact.json > artifact.scale

use assay_risk::artifact::Artifact;
use codec::Encode;
use std::io::{stdin, stdout, Error, Write};

fn main() -> Result<(), Error> {
    let artifact: Artifact = serde_json::from_reader(stdin())?;
    let shape = artifact.check().map_err(|fault| Error::other(fault.to_string()))?;
    eprintln!("{shape:?}");
    stdout().write_all(&artifact.encode())
}
