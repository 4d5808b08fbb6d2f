//! Why a certificate is not taken.

use codec::{Decode, DecodeWithMemTracking, Encode};
use core::fmt;
use scale_info::TypeInfo;

/// Why a certificate is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Fault {
    /// It is longer than [`crate::MAX_BYTES`].
    TooLarge,
    /// It is not exactly the DER encoding of a certificate, or a name in it is not UTF-8.
    Malformed,
    /// It is not of version 3.
    NotVersion3,
    /// An authority's key is neither Ed25519 nor on P-256.
    UnsupportedKey,
    /// It is signed by another algorithm, or names two.
    UnsupportedSignature,
    /// The authority did not sign it.
    BadSignature,
    /// An authority's certificate names another as its issuer.
    NotSelfSigned,
    /// An authority's certificate is not one of a certificate authority.
    NotAnAuthority,
    /// A member's certificate is one of a certificate authority.
    IsAnAuthority,
    /// The key is not for what it has to do.
    KeyUsage,
    /// It has a critical extension other than basic constraints and key usage.
    UnknownCriticalExtension,
    /// It ends before it begins.
    BadValidity,
    /// Its serial number is not between 1 and 20 bytes of a positive number.
    SerialInvalid,
    /// Its subject has no name.
    NameMissing,
    /// The name of its subject is longer than a name may be.
    NameTooLong,
    /// The name of its subject has control characters, which would move a reader's terminal.
    NameUnprintable,
    /// A member's certificate names no role.
    NoRoles,
    /// A member's certificate names a role that there is not.
    UnknownRole,
    /// A member's key is not Ed25519.
    NotAnAccountKey,
}

impl Fault {
    /// What is wrong, as a sentence without its full stop.
    const fn sentence(self) -> &'static str {
        match self {
            Fault::TooLarge => "the certificate has more than 4096 bytes",
            Fault::Malformed => {
                "the certificate is not in DER, or broken, or a name in it is not UTF-8"
            }
            Fault::NotVersion3 => {
                "the certificate is not of version 3: OpenSSL makes that when it is given \
                 extensions"
            }
            Fault::UnsupportedKey => "the authority's key is neither Ed25519 nor ECDSA on P-256",
            Fault::UnsupportedSignature => {
                "the certificate is signed neither by Ed25519 nor by ECDSA with SHA-256"
            }
            Fault::BadSignature => "the authority did not sign the certificate",
            Fault::NotSelfSigned => "the authority's certificate is not signed by itself",
            Fault::NotAnAuthority => {
                "the certificate is not an authority's: it needs the basic constraint CA"
            }
            Fault::IsAnAuthority => "the certificate is an authority's, not a member's",
            Fault::KeyUsage => {
                "an authority's certificate needs the key usage keyCertSign, and a member's \
                 digitalSignature when it has any"
            }
            Fault::UnknownCriticalExtension => {
                "the certificate has a critical extension other than basic constraints and key \
                 usage"
            }
            Fault::BadValidity => "the certificate ends before it begins",
            Fault::SerialInvalid => {
                "the certificate's serial number is not a positive number of at most 20 bytes"
            }
            Fault::NameMissing => "the certificate's subject has no organisation name (O)",
            Fault::NameTooLong => "the certificate's subject has a name of more than 64 bytes",
            Fault::NameUnprintable => {
                "the certificate's subject has a name with control characters"
            }
            Fault::NoRoles => "the certificate names no role: each is an organisational unit (OU)",
            Fault::UnknownRole => "an organisational unit (OU) of the certificate is not a role",
            Fault::NotAnAccountKey => "the member's key in the certificate is not Ed25519",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl core::error::Error for Fault {}
