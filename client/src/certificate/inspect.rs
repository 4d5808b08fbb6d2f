//! What a member's certificate says, taken at its word.

use super::{layout, CertificateFault, ED25519};
use assay_certificate::{Fault, MemberCertificate};
use sp_crypto_hashing::blake2_256;
use x509_cert::{der::Decode, Certificate};

/// Reads a member's certificate, DER encoded, and the name of its issuer, without the issuer's
/// certificate: its signature is not checked.
///
/// # Errors
/// `Member` when it's no certificate or its key is no account.
pub fn inspect(der: &[u8]) -> Result<(MemberCertificate, String), CertificateFault> {
    let malformed = || CertificateFault::Member(Fault::Malformed);
    let certificate = Certificate::from_der(der).map_err(|_| malformed())?;
    let contents = certificate.tbs_certificate();
    let key = contents.subject_public_key_info();
    let account = key
        .subject_public_key
        .as_bytes()
        .filter(|_| key.algorithm.oid == ED25519)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(CertificateFault::Member(Fault::NotAnAccountKey))?;
    let name = layout::organisation(contents.subject()).map_err(|_| malformed())?;
    let units = layout::values(contents.subject(), layout::UNIT).map_err(|_| malformed())?;
    let serial = contents.serial_number().as_bytes().iter().copied();
    let member = MemberCertificate {
        account,
        name: name.into_bytes(),
        units: units.into_iter().map(String::into_bytes).collect(),
        serial: serial.skip_while(|byte| *byte == 0).collect(),
        not_before_secs: contents.validity().not_before.to_unix_duration().as_secs(),
        not_after_secs: contents.validity().not_after.to_unix_duration().as_secs(),
        hash: blake2_256(der).into(),
    };
    let issuer = layout::organisation(contents.issuer()).map_err(|_| malformed())?;
    Ok((member, issuer))
}
