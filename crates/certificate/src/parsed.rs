//! A certificate that is well formed, of whomever it is.

use crate::{
    signature::{self, Algorithm},
    AuthorityKey, Fault, MAX_BYTES,
};
use alloc::vec::Vec;
use assay_primitives::{member::MAX_SERIAL_BYTES, MAX_NAME_BYTES};
use der::{
    asn1::{Any, ObjectIdentifier},
    oid::AssociatedOid,
    Decode, Encode, Tag, Tagged,
};
use sp_core::H256;
use x509_cert::{
    ext::pkix::{BasicConstraints, KeyUsage},
    name::Name,
    Certificate, TbsCertificate, Version,
};

/// Common name (RFC 4519).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// Organisation name.
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// Name of an organisational unit.
const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");

/// A certificate of version 3 whose parts fit together; its signature is not checked yet.
pub(crate) struct Parsed {
    certificate: Certificate,
    algorithm: Algorithm,
    hash: H256,
    /// Says whether the subject is a certificate authority.
    is_authority: bool,
    usage: Option<KeyUsage>,
}

impl Parsed {
    pub(crate) fn read(der: &[u8]) -> Result<Self, Fault> {
        if !u32::try_from(der.len()).is_ok_and(|bytes| bytes <= MAX_BYTES) {
            return Err(Fault::TooLarge);
        }
        let certificate = Certificate::from_der(der).map_err(|_| Fault::Malformed)?;
        // The parser sorts sets and takes a few encodings that are not DER. Without them there is
        // one encoding of each certificate, and what is signed is what was read.
        if certificate.to_der().ok().as_deref() != Some(der) {
            return Err(Fault::Malformed);
        }
        let contents = certificate.tbs_certificate();
        if contents.version() != Version::V3 {
            return Err(Fault::NotVersion3);
        }
        if contents.signature() != certificate.signature_algorithm() {
            return Err(Fault::UnsupportedSignature);
        }
        let algorithm = Algorithm::of(contents.signature())?;
        check_serial(contents.serial_number().as_bytes())?;
        check_extensions(contents)?;
        let constraints = extension::<BasicConstraints>(contents)?;
        let parsed = Parsed {
            algorithm,
            hash: sp_io::hashing::blake2_256(der).into(),
            is_authority: constraints.is_some_and(|constraints| constraints.ca),
            usage: extension::<KeyUsage>(contents)?,
            certificate,
        };
        if parsed.not_before_secs() > parsed.not_after_secs() {
            return Err(Fault::BadValidity);
        }
        Ok(parsed)
    }

    fn contents(&self) -> &TbsCertificate {
        self.certificate.tbs_certificate()
    }

    pub(crate) fn hash(&self) -> H256 {
        self.hash
    }

    pub(crate) fn issuer(&self) -> &Name {
        self.contents().issuer()
    }

    pub(crate) fn subject(&self) -> &Name {
        self.contents().subject()
    }

    pub(crate) fn not_before_secs(&self) -> u64 {
        self.contents().validity().not_before.to_unix_duration().as_secs()
    }

    pub(crate) fn not_after_secs(&self) -> u64 {
        self.contents().validity().not_after.to_unix_duration().as_secs()
    }

    /// The serial number without the zero byte that only says that it is positive.
    pub(crate) fn serial(&self) -> &[u8] {
        without_sign(self.contents().serial_number().as_bytes())
    }

    /// The subject's organisation name, or else its common name.
    pub(crate) fn name(&self) -> Result<Vec<u8>, Fault> {
        let organisation = self.first(ORGANISATION)?;
        let name = match organisation {
            Some(name) => name,
            None => self.first(COMMON_NAME)?.ok_or(Fault::NameMissing)?,
        };
        if name.is_empty() {
            return Err(Fault::NameMissing);
        }
        if !u32::try_from(name.len()).is_ok_and(|bytes| bytes <= MAX_NAME_BYTES) {
            return Err(Fault::NameTooLong);
        }
        let text = core::str::from_utf8(name).map_err(|_| Fault::Malformed)?;
        if text.chars().any(char::is_control) {
            return Err(Fault::NameUnprintable);
        }
        Ok(name.to_vec())
    }

    /// The subject's organisational units.
    pub(crate) fn units(&self) -> Result<Vec<Vec<u8>>, Fault> {
        let units = self.subject().iter().filter(|part| part.oid == UNIT);
        units.map(|part| text(&part.value).map(<[u8]>::to_vec)).collect()
    }

    fn first(&self, kind: ObjectIdentifier) -> Result<Option<&[u8]>, Fault> {
        let part = self.subject().iter().find(|part| part.oid == kind);
        part.map(|part| text(&part.value)).transpose()
    }

    /// The subject's key, when the certificate is an authority's.
    pub(crate) fn authority_key(&self) -> Result<AuthorityKey, Fault> {
        if !self.is_authority {
            return Err(Fault::NotAnAuthority);
        }
        if !self.usage.is_some_and(|usage| usage.key_cert_sign()) {
            return Err(Fault::KeyUsage);
        }
        signature::authority_key(self.contents().subject_public_key_info())
    }

    /// The subject's key, when the certificate is a member's.
    pub(crate) fn account_key(&self) -> Result<[u8; 32], Fault> {
        if self.is_authority {
            return Err(Fault::IsAnAuthority);
        }
        if self.usage.is_some_and(|usage| !usage.digital_signature()) {
            return Err(Fault::KeyUsage);
        }
        let key = signature::ed25519_key(self.contents().subject_public_key_info());
        key.ok_or(Fault::NotAnAccountKey)
    }

    pub(crate) fn check_signature(&self, key: &AuthorityKey) -> Result<(), Fault> {
        let message = self.contents().to_der().map_err(|_| Fault::Malformed)?;
        let signature = self.certificate.signature().as_bytes().ok_or(Fault::BadSignature)?;
        if signature::is_signed(key, self.algorithm, &message, signature) {
            Ok(())
        } else {
            Err(Fault::BadSignature)
        }
    }
}

fn without_sign(serial: &[u8]) -> &[u8] {
    match serial {
        [0, rest @ ..] => rest,
        all => all,
    }
}

fn check_serial(serial: &[u8]) -> Result<(), Fault> {
    let is_negative = serial.first().is_some_and(|byte| *byte >= 0x80);
    let bytes = u32::try_from(without_sign(serial).len()).unwrap_or(u32::MAX);
    if is_negative || bytes == 0 || bytes > MAX_SERIAL_BYTES {
        return Err(Fault::SerialInvalid);
    }
    Ok(())
}

/// What is critical has to be understood (RFC 5280, section 4.2).
fn check_extensions(contents: &TbsCertificate) -> Result<(), Fault> {
    let known = [BasicConstraints::OID, KeyUsage::OID];
    let mut extensions = contents.extensions().into_iter().flatten();
    if extensions.any(|extension| extension.critical && !known.contains(&extension.extn_id)) {
        return Err(Fault::UnknownCriticalExtension);
    }
    Ok(())
}

/// The extension of that kind; two of them are a fault.
fn extension<'a, E>(contents: &'a TbsCertificate) -> Result<Option<E>, Fault>
where
    E: Decode<'a> + AssociatedOid,
{
    let found = contents.get_extension::<E>().map_err(|_| Fault::Malformed)?;
    Ok(found.map(|(_, extension)| extension))
}

/// The bytes of a text, in the encodings that are UTF-8 or part of it.
fn text(value: &Any) -> Result<&[u8], Fault> {
    let is_text = matches!(value.tag(), Tag::Utf8String | Tag::PrintableString | Tag::Ia5String);
    if !is_text || core::str::from_utf8(value.value()).is_err() {
        return Err(Fault::Malformed);
    }
    Ok(value.value())
}
