//! How documents are laid out and signed: by rcgen, but for the subject of a member. rcgen keeps one
//! value of each kind in a name, and a member has an organisational unit for each of its roles.

use super::text;
use crate::chain::Key;
use assay_primitives::{member::Roles, AccountId};
use rcgen::{
    DistinguishedName, DnType, PublicKeyData, SignatureAlgorithm, SigningKey, PKCS_ED25519,
};
use x509_cert::{
    attr::AttributeTypeAndValue,
    der::{
        self,
        asn1::{Any, BitString, ObjectIdentifier},
        Decode, Encode, Tag, Tagged,
    },
    name::Name,
};

/// commonName.
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
/// organizationName.
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// organizationalUnitName.
pub(super) const UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");

/// A key as rcgen asks for one.
pub(super) struct Signer<'k> {
    key: &'k Key,
    public: [u8; 32],
}

impl<'k> Signer<'k> {
    pub(super) fn new(key: &'k Key) -> Self {
        Signer { key, public: key.account().into() }
    }
}

impl PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

impl SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.key.sign(message).to_vec())
    }
}

/// The key of somebody else.
pub(super) struct Account([u8; 32]);

impl Account {
    pub(super) fn new(account: &AccountId) -> Self {
        Account(account.clone().into())
    }
}

impl PublicKeyData for Account {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ED25519
    }
}

/// A subject without units.
pub(super) fn plain_name(name: &str) -> DistinguishedName {
    let mut plain = DistinguishedName::new();
    plain.push(DnType::OrganizationName, name);
    plain.push(DnType::CommonName, name);
    plain
}

/// A member's subject: its name as organisation and common name, its roles as units.
pub(super) fn member_name(name: &str, roles: Roles) -> der::Result<Any> {
    let units = roles.names().into_iter().map(|role| (UNIT, role));
    let parts = [(ORGANISATION, name)].into_iter().chain(units).chain([(COMMON_NAME, name)]);
    let sequence =
        parts.map(|(oid, text)| relative(oid, text)).collect::<der::Result<Vec<Any>>>()?;
    Any::encode_from(&sequence)
}

/// One part of a name: a set of one attribute.
fn relative(oid: ObjectIdentifier, text: &str) -> der::Result<Any> {
    let value = Any::new(Tag::Utf8String, text.as_bytes())?;
    Any::new(Tag::Set, AttributeTypeAndValue { oid, value }.to_der()?)
}

/// The organisation that a name names, or else its common name; empty without either.
pub(super) fn organisation(name: &Name) -> Result<String, String> {
    let organisations = values(name, ORGANISATION)?;
    let common = values(name, COMMON_NAME)?;
    Ok(organisations.into_iter().chain(common).next().unwrap_or_default())
}

/// What a name has of one kind.
pub(super) fn values(name: &Name, kind: ObjectIdentifier) -> Result<Vec<String>, String> {
    let parts = name.iter().filter(|part| part.oid == kind);
    parts
        .map(|part| match part.value.tag() {
            Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => Ok(text(part.value.value())),
            other => Err(format!("a name in it is not UTF-8, but {other}")),
        })
        .collect()
}

/// What is signed.
#[derive(Clone, Copy)]
pub(super) enum Document {
    Certificate,
    Request,
}

impl Document {
    /// Where the subject stands among the parts that are signed.
    fn place_of_subject(self) -> usize {
        match self {
            // Version, serial number, algorithm, issuer and validity come before.
            Document::Certificate => 5,
            // The version comes before.
            Document::Request => 1,
        }
    }
}

/// The same document with another subject, signed anew.
pub(super) fn with_subject(
    signed: &[u8],
    document: Document,
    subject: Any,
    key: &Key,
) -> der::Result<Vec<u8>> {
    let malformed = || der::Error::from(der::ErrorKind::Failed);
    let mut outer = Vec::<Any>::from_der(signed)?;
    let [body, _, signature] = outer.as_mut_slice() else { return Err(malformed()) };
    let mut parts = Vec::<Any>::from_der(&body.to_der()?)?;
    *parts.get_mut(document.place_of_subject()).ok_or_else(malformed)? = subject;
    let signed = parts.to_der()?;
    *signature = Any::encode_from(&BitString::from_bytes(&key.sign(&signed))?)?;
    *body = Any::from_der(&signed)?;
    outer.to_der()
}
