//! The Ed25519 key that a member signs with.

use assay_primitives::AccountId;
use sp_core::{crypto::Ss58Codec, ed25519, Pair};
use std::{fs, io::Write, path::Path};

/// Cost of guessing a passphrase, as a power of two: 128 MiB of memory a guess. Fixed, since
/// what a quick machine finds cheap another one would refuse to open.
const WORK_FACTOR: u8 = 17;
/// Highest cost of a key file that is opened: 1 GiB.
const MAX_WORK_FACTOR: u8 = 20;
/// First line of a key file's plaintext.
const HEADER: &str = "assay ed25519 seed";
/// What stands before the seed of an Ed25519 key in PKCS#8 (RFC 8410, section 7).
const PKCS8_HEADER: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Why a key can't be used or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    #[error("{path}: {reason}")]
    File { path: String, reason: std::io::Error },
    #[error("{path} exists already; a key is never overwritten")]
    Exists { path: String },
    #[error("{path} is no key file, or the passphrase is wrong: {reason}")]
    Locked { path: String, reason: String },
    #[error("{0} is no key of a development chain; write //Alice, for instance")]
    NotDevelopment(String),
    #[error("it is no Ed25519 key in PKCS#8; `openssl genpkey -algorithm ed25519` makes one")]
    NotPkcs8,
}

/// A key pair, and what to call it in messages.
#[derive(Clone)]
pub struct Key {
    pair: ed25519::Pair,
    label: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.label)
    }
}

impl Key {
    /// A fresh key from the operating system's randomness.
    pub fn generate() -> Key {
        Key::labelled(ed25519::Pair::generate().0)
    }

    /// The key of a development chain: `//Alice` and the like, known to everybody.
    ///
    /// # Errors
    /// `NotDevelopment` unless it's a derivation path without a secret phrase before it.
    pub fn development(uri: &str) -> Result<Key, KeyFault> {
        let refused = || KeyFault::NotDevelopment(uri.into());
        if !uri.starts_with("//") {
            return Err(refused());
        }
        let pair = ed25519::Pair::from_string(uri, None).map_err(|_| refused())?;
        Ok(Key { pair, label: uri.into() })
    }

    /// The key as OpenSSL keeps it: PKCS#8, DER encoded, not encrypted.
    ///
    /// # Errors
    /// `NotPkcs8` when it's anything else.
    pub fn from_pkcs8(der: &[u8]) -> Result<Key, KeyFault> {
        let seed = der.strip_prefix(PKCS8_HEADER.as_slice()).ok_or(KeyFault::NotPkcs8)?;
        ed25519::Pair::from_seed_slice(seed).map(Key::labelled).map_err(|_| KeyFault::NotPkcs8)
    }

    /// The key kept in an encrypted file (age, by passphrase).
    ///
    /// # Errors
    /// `File` when it can't be read, `Locked` when it can't be decrypted.
    pub fn read(path: &Path, passphrase: &str) -> Result<Key, KeyFault> {
        let ciphertext = fs::read(path)
            .map_err(|reason| KeyFault::File { path: path.display().to_string(), reason })?;
        let locked = |reason: &str| KeyFault::Locked {
            path: path.display().to_string(),
            reason: reason.into(),
        };
        let mut identity = age::scrypt::Identity::new(passphrase.to_owned().into());
        identity.set_max_work_factor(MAX_WORK_FACTOR);
        let plaintext =
            age::decrypt(&identity, &ciphertext).map_err(|reason| locked(&reason.to_string()))?;
        let text = std::str::from_utf8(&plaintext).map_err(|_| locked("it holds no text"))?;
        let (header, seed) = text.trim_end().split_once('\n').ok_or_else(|| locked("cut short"))?;
        let seed = hex::decode(seed).map_err(|_| locked("its seed is damaged"))?;
        if header != HEADER {
            return Err(locked("it holds something else"));
        }
        ed25519::Pair::from_seed_slice(&seed)
            .map(Key::labelled)
            .map_err(|_| locked("its seed is damaged"))
    }

    /// Keeps the key in a new file that only its owner may read, encrypted with the passphrase.
    ///
    /// # Errors
    /// `Exists` when there's a file already, `File` when it can't be written.
    pub fn write(&self, path: &Path, passphrase: &str) -> Result<(), KeyFault> {
        let shown = || path.display().to_string();
        let mut recipient = age::scrypt::Recipient::new(passphrase.to_owned().into());
        recipient.set_work_factor(WORK_FACTOR);
        let plaintext = format!("{HEADER}\n{}\n", hex::encode(self.pair.seed()));
        let armored = age::encrypt_and_armor(&recipient, plaintext.as_bytes())
            .map_err(|reason| KeyFault::Locked { path: shown(), reason: reason.to_string() })?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).and_then(|mut file| file.write_all(armored.as_bytes())).map_err(
            |reason| match reason.kind() {
                std::io::ErrorKind::AlreadyExists => KeyFault::Exists { path: shown() },
                _ => KeyFault::File { path: shown(), reason },
            },
        )
    }

    fn labelled(pair: ed25519::Pair) -> Key {
        let label = AccountId::new(pair.public().0).to_ss58check();
        Key { pair, label }
    }

    /// The account that signs.
    pub fn account(&self) -> AccountId {
        AccountId::new(self.pair.public().0)
    }

    /// The account's address.
    pub fn address(&self) -> String {
        self.account().to_ss58check()
    }

    /// What messages call the key: `//Alice`, or the address.
    pub fn label(&self) -> &str {
        &self.label
    }

    pub(crate) fn sign(&self, payload: &[u8]) -> [u8; 64] {
        self.pair.sign(payload).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_read_the_same_key_when_it_was_written_with_the_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bureau.key");
        let key = Key::generate();
        key.write(&path, "a long passphrase").unwrap();
        assert_eq!(Key::read(&path, "a long passphrase").unwrap().account(), key.account());
        assert!(matches!(Key::read(&path, "another"), Err(KeyFault::Locked { .. })));
    }

    #[test]
    fn should_keep_the_first_key_when_a_second_is_written_to_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bureau.key");
        fs::write(&path, "precious").unwrap();
        let fault = Key::generate().write(&path, "a long passphrase").unwrap_err();
        assert!(matches!(fault, KeyFault::Exists { .. }));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[test]
    fn should_take_the_seed_of_a_pkcs8_key_and_nothing_else() {
        let seed = [7; 32];
        let der = [&PKCS8_HEADER[..], &seed].concat();
        let pair = ed25519::Pair::from_seed(&seed);
        assert_eq!(<[u8; 32]>::from(Key::from_pkcs8(&der).unwrap().account()), pair.public().0);
        for wrong in [der[..47].to_vec(), [&der[..], &[0]].concat(), vec![0; 48]] {
            assert!(matches!(Key::from_pkcs8(&wrong), Err(KeyFault::NotPkcs8)));
        }
    }

    #[test]
    fn should_derive_the_known_account_when_the_key_is_of_a_development_chain() {
        let alice = Key::development("//Alice").unwrap();
        assert_eq!(alice.address(), "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu");
        assert!(matches!(Key::development("Alice"), Err(KeyFault::NotDevelopment(_))));
    }
}
