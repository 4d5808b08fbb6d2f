//! Reading requests, also those that OpenSSL made.

use super::{layout, CertificateFault, ED25519};
use assay_primitives::{member::Roles, AccountId};
use sp_core::{ed25519, Pair};
use x509_cert::{
    der::{asn1::Any, Decode, Encode},
    name::Name,
    request::CertReq,
};

/// What a request asks for; whoever made it holds the account's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub account: AccountId,
    /// The organisation of its subject, or else the common name.
    pub name: String,
    /// What its organisational units name.
    pub roles: Roles,
}

/// Reads a request for a member's certificate, DER encoded, and verifies its signature. Of what else
/// it asks for, extensions for instance, nothing is granted.
///
/// # Errors
/// `Request` when it's no PKCS#10, `NotAnAccountKey`, `NotPossessed` when another key signed it, `Name`,
/// `UnknownRole` or `NoRoles` when its subject is no member's.
pub fn read_request(der: &[u8]) -> Result<Request, CertificateFault> {
    let unreadable = |fault: x509_cert::der::Error| CertificateFault::Request(fault.to_string());
    let request = CertReq::from_der(der).map_err(unreadable)?;
    let key = &request.info.public_key;
    let public: [u8; 32] = key
        .subject_public_key
        .as_bytes()
        .filter(|_| key.algorithm.oid == ED25519)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(CertificateFault::NotAnAccountKey)?;
    // As they stand in the request, not as they would be written here.
    let parts = Vec::<Any>::from_der(der).map_err(unreadable)?;
    let signed = parts.first().map(Any::to_der).transpose().map_err(unreadable)?;
    let signature: Option<[u8; 64]> =
        request.signature.as_bytes().and_then(|bytes| bytes.try_into().ok());
    let is_possessed = signed.zip(signature).is_some_and(|(signed, signature)| {
        let signature = ed25519::Signature::from_raw(signature);
        let public = ed25519::Public::from_raw(public);
        request.algorithm.oid == ED25519 && ed25519::Pair::verify(&signature, signed, &public)
    });
    if !is_possessed {
        return Err(CertificateFault::NotPossessed);
    }
    let (name, roles) = read_subject(&request.info.subject)?;
    Ok(Request { account: AccountId::new(public), name, roles })
}

fn read_subject(subject: &Name) -> Result<(String, Roles), CertificateFault> {
    let name = layout::organisation(subject).map_err(CertificateFault::Request)?;
    super::check_name(&name)?;
    let units = layout::values(subject, layout::UNIT).map_err(CertificateFault::Request)?;
    let roles = units.into_iter().try_fold(Roles::NONE, |roles, unit| {
        let role = Roles::by_name(&unit).ok_or(CertificateFault::UnknownRole(unit))?;
        Ok::<_, CertificateFault>(roles.with(role))
    })?;
    super::check_roles(roles)?;
    Ok((name, roles))
}
