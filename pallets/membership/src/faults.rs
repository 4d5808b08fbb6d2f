//! What is wrong with a certificate, as the pallet's errors.

use crate::pallet::Error;
use assay_certificate::Fault;

impl<T> From<Fault> for Error<T> {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::TooLarge => Error::CertificateTooLarge,
            Fault::Malformed => Error::CertificateMalformed,
            Fault::NotVersion3 => Error::NotVersion3,
            Fault::UnsupportedKey => Error::UnsupportedKey,
            Fault::UnsupportedSignature => Error::UnsupportedSignature,
            Fault::BadSignature => Error::BadSignature,
            Fault::NotSelfSigned => Error::NotSelfSigned,
            Fault::NotAnAuthority => Error::NotAnAuthority,
            Fault::IsAnAuthority => Error::IsAnAuthority,
            Fault::KeyUsage => Error::KeyUsage,
            Fault::UnknownCriticalExtension => Error::UnknownCriticalExtension,
            Fault::BadValidity => Error::BadValidity,
            Fault::SerialInvalid => Error::SerialInvalid,
            Fault::NameMissing => Error::NameMissing,
            Fault::NameTooLong => Error::NameTooLong,
            Fault::NameUnprintable => Error::NameUnprintable,
            Fault::NoRoles => Error::NoRoles,
            Fault::UnknownRole => Error::UnknownRole,
            Fault::NotAnAccountKey => Error::NotAnAccountKey,
        }
    }
}
