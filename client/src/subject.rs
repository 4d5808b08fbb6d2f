//! Subjects: who a credit is of, without telling who it is (rules, section 2).

use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::path::{Path, PathBuf};

/// The first 16 bytes of the HMAC-SHA-256 of a national identifier.
pub type SubjectBytes = [u8; 16];

/// The key of development chains. It is public: who knows it can test guesses of an identifier
/// against the subjects on chain, so a consortium makes its own, 32 random bytes or more.
pub const DEVELOPMENT_KEY: &[u8] = b"assay development consortium key";

/// Fewest bytes of a consortium's key: fewer could be found by trying.
pub const MIN_KEY_BYTES: usize = 16;

/// The options that every command which hashes identifiers shares.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ConsortiumKeyArgs {
    /// File with the consortium's key, as hexadecimal digits or raw bytes. Without it the public
    /// key of development chains is used.
    #[arg(long, value_name = "FILE", env = "ASSAY_CONSORTIUM_KEY")]
    pub consortium_key: Option<PathBuf>,
}

/// Why a consortium's key can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFailure {
    #[error("{path}: the consortium's key can't be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path}: a consortium's key of {bytes} bytes is too short; at least 16 are needed")]
    TooShort { path: PathBuf, bytes: usize },
}

/// The key under which a consortium hashes national identifiers.
#[derive(Clone)]
pub struct ConsortiumKey {
    keyed: Hmac<Sha256>,
    development: bool,
}

impl ConsortiumKey {
    /// The key of development chains ([`DEVELOPMENT_KEY`]).
    pub fn development() -> Self {
        Self { development: true, ..Self::from_bytes(DEVELOPMENT_KEY) }
    }

    /// A key from its bytes.
    pub fn from_bytes(key: &[u8]) -> Self {
        let keyed = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
        Self { keyed, development: false }
    }

    /// Reads a key from a file: hexadecimal digits, white space around them aside, or else the raw
    /// bytes, white space at their end aside.
    ///
    /// # Errors
    ///
    /// [`KeyFailure`] when the file can't be read or its key is shorter than 16 bytes.
    pub fn read(path: &Path) -> Result<Self, KeyFailure> {
        let raw = std::fs::read(path)
            .map_err(|source| KeyFailure::Unreadable { path: path.to_owned(), source })?;
        let trimmed = raw.trim_ascii();
        let key = hex::decode(trimmed).unwrap_or_else(|_| raw.trim_ascii_end().to_vec());
        if key.len() < MIN_KEY_BYTES {
            return Err(KeyFailure::TooShort { path: path.to_owned(), bytes: key.len() });
        }
        Ok(Self::from_bytes(&key))
    }

    /// The key that a command's options name, or that of development chains.
    ///
    /// # Errors
    ///
    /// [`KeyFailure`] as [`Self::read`].
    pub fn from_args(args: &ConsortiumKeyArgs) -> Result<Self, KeyFailure> {
        args.consortium_key.as_deref().map_or_else(|| Ok(Self::development()), Self::read)
    }

    /// Whether this is the public key of development chains, which deserves a warning.
    pub fn is_development(&self) -> bool {
        self.development
    }

    /// The subject of a national identifier; white space around the identifier is no part of it.
    pub fn subject(&self, identifier: &str) -> SubjectBytes {
        let mut mac = self.keyed.clone();
        mac.update(identifier.trim().as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mut subject = [0; 16];
        subject.copy_from_slice(&digest[..16]);
        subject
    }
}

impl std::fmt::Debug for ConsortiumKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConsortiumKey").field("development", &self.development).finish()
    }
}

/// What to tell people who hash identifiers under the public key.
pub const DEVELOPMENT_KEY_WARNING: &str =
    "identifiers are hashed under the public development key; a consortium gives its own with --consortium-key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_match_hmac_of_rfc_4231_when_key_and_identifier_are_its_second_case() {
        let key = ConsortiumKey::from_bytes(b"Jefe");
        let subject = key.subject(" what do ya want for nothing? ");
        assert_eq!(hex::encode(subject), "5bdcc146bf60754e6a042426089575c7");
    }

    #[test]
    fn should_read_the_same_key_when_file_has_hexadecimal_digits_or_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let (digits, bytes) = (folder.path().join("digits"), folder.path().join("bytes"));
        std::fs::write(&digits, format!("{}\n", hex::encode([0xc3; 32]))).unwrap();
        std::fs::write(&bytes, [0xc3; 32]).unwrap();
        let of = |path: &Path| ConsortiumKey::read(path).unwrap().subject("A1");
        assert_eq!(of(&digits), of(&bytes));
        assert_ne!(of(&digits), ConsortiumKey::development().subject("A1"));
    }

    #[test]
    fn should_refuse_key_when_it_is_short_or_absent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(matches!(ConsortiumKey::read(&path), Err(KeyFailure::Unreadable { .. })));
        std::fs::write(&path, "0123").unwrap();
        assert!(matches!(ConsortiumKey::read(&path), Err(KeyFailure::TooShort { bytes: 2, .. })));
    }
}
