use super::*;
use std::{path::Path, process::Command};

const DAY: u64 = 86_400;
const BEGIN: u64 = 1_700_000_000;
const END: u64 = BEGIN + 365 * DAY;

fn key(uri: &str) -> Key {
    Key::development(uri).unwrap()
}

fn root() -> (Key, Vec<u8>) {
    let key = key("//Bank//authority");
    let der = authority(&key, "First Bank CA", BEGIN, END).unwrap();
    (key, der)
}

fn terms(roles: Roles) -> MemberTerms {
    MemberTerms {
        name: "Crédit Foncier".into(),
        roles,
        not_before: BEGIN,
        not_after: END,
        serial: None,
    }
}

fn known(id: AuthorityId, der: &[u8]) -> (AuthorityId, Authority) {
    let root = assay_certificate::read_root(der).unwrap();
    let authority = Authority {
        name: root.name.try_into().unwrap(),
        hash: root.hash,
        not_before_secs: root.not_before_secs,
        not_after_secs: root.not_after_secs,
        certificate: der.to_vec().try_into().unwrap(),
    };
    (id, authority)
}

#[test]
fn should_be_read_by_the_chain_when_an_authority_is_made() {
    let (key, der) = root();
    let read = assay_certificate::read_root(&der).unwrap();
    assert_eq!(read.name, b"First Bank CA");
    assert_eq!(read.key, AuthorityKey::Ed25519(key.account().into()));
    assert_eq!((read.not_before_secs, read.not_after_secs), (BEGIN, END));
}

#[test]
fn should_say_what_was_granted_when_the_chain_reads_a_certificate() {
    let (authority_key, root_der) = root();
    let member = key("//Bob").account();
    let der = issue(&authority_key, &root_der, &member, &terms(Roles::ALL)).unwrap();
    let read = assay_certificate::read_member(&der, &root_der).unwrap();
    assert_eq!(AccountId::new(read.account), member);
    assert_eq!(read.name, "Crédit Foncier".as_bytes());
    assert_eq!(read.roles(), Ok(Roles::ALL));
    assert_eq!((read.not_before_secs, read.not_after_secs), (BEGIN, END));
    assert_eq!(read.serial.len(), SERIAL_BYTES);
    let (inspected, issuer) = inspect(&der).unwrap();
    assert_eq!((inspected, issuer.as_str()), (read, "First Bank CA"));
}

#[test]
fn should_have_another_serial_number_each_time_unless_it_is_given() {
    let (authority_key, root_der) = root();
    let member = key("//Bob").account();
    let serial_of = |terms: &MemberTerms| {
        let der = issue(&authority_key, &root_der, &member, terms).unwrap();
        assay_certificate::read_member(&der, &root_der).unwrap().serial
    };
    let random = terms(Roles::BUREAU);
    assert_ne!(serial_of(&random), serial_of(&random));
    let given = |bytes: &[u8]| MemberTerms { serial: Some(bytes.to_vec()), ..random.clone() };
    assert_eq!(serial_of(&given(&[0, 0, 7])), [7]);
    assert_eq!(serial_of(&given(&[0x80, 1])), [0x80, 1]);
    for wrong in [vec![], vec![0], vec![1; 21], vec![0x80; 20]] {
        let fault = issue(&authority_key, &root_der, &member, &given(&wrong)).unwrap_err();
        assert!(matches!(fault, CertificateFault::Serial(_)), "{fault}");
    }
}

#[test]
fn should_grant_what_a_request_asks_for() {
    let (authority_key, root_der) = root();
    let roles = Roles::BUREAU.with(Roles::COUNCIL);
    let asked = request(&key("//Bob"), "Second Bank", roles).unwrap();
    let der = issue_for_request(&authority_key, &root_der, &asked, BEGIN, END).unwrap();
    let read = assay_certificate::read_member(&der, &root_der).unwrap();
    assert_eq!(AccountId::new(read.account), key("//Bob").account());
    assert_eq!((read.name.as_slice(), read.roles()), (b"Second Bank".as_slice(), Ok(roles)));
}

#[test]
fn should_refuse_a_request_when_it_is_changed_or_of_another_key() {
    let asked = request(&key("//Bob"), "Second Bank", Roles::BUREAU).unwrap();
    let bob: [u8; 32] = key("//Bob").account().into();
    let eve: [u8; 32] = key("//Eve").account().into();
    let place = asked.windows(32).position(|window| window == bob).unwrap();
    let mut stolen = asked.clone();
    stolen[place..place + 32].copy_from_slice(&eve);
    assert!(matches!(read_request(&stolen), Err(CertificateFault::NotPossessed)));
    let place = asked.windows(6).position(|window| window == b"bureau").unwrap();
    let mut renamed = asked.clone();
    renamed[place] = b'B';
    assert!(matches!(read_request(&renamed), Err(CertificateFault::NotPossessed)));
    for broken in [&asked[..asked.len() - 1], &[0x30, 0], &[]] {
        assert!(matches!(read_request(broken), Err(CertificateFault::Request(_))));
    }
}

#[test]
fn should_refuse_to_issue_when_the_key_is_not_the_authoritys() {
    let (_, root_der) = root();
    let member = key("//Bob").account();
    let fault = issue(&key("//Eve"), &root_der, &member, &terms(Roles::BUREAU)).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "//Eve is not the key of the authority \"First Bank CA\": name that one's file with --key"
    );
    let (authority_key, _) = root();
    let der = issue(&authority_key, &root_der, &member, &terms(Roles::BUREAU)).unwrap();
    let fault = issue(&authority_key, &der, &member, &terms(Roles::BUREAU)).unwrap_err();
    assert!(matches!(fault, CertificateFault::Authority(Fault::NotAnAuthority)), "{fault}");
}

#[test]
fn should_refuse_terms_when_they_are_out_of_bounds() {
    let (authority_key, root_der) = root();
    let member = key("//Bob").account();
    let fault_of = |terms: MemberTerms| {
        issue(&authority_key, &root_der, &member, &terms).unwrap_err().to_string()
    };
    let good = terms(Roles::BUREAU);
    let fault = fault_of(MemberTerms { not_after: END + 1, ..good.clone() });
    assert!(fault.contains("ends on 2024-11-13"), "{fault}");
    let fault = fault_of(MemberTerms { not_after: BEGIN, ..good.clone() });
    assert!(fault.contains("ends before it begins"), "{fault}");
    let fault = fault_of(MemberTerms { name: "x".repeat(65), ..good.clone() });
    assert!(fault.contains("has 65"), "{fault}");
    assert!(fault_of(MemberTerms { name: String::new(), ..good }).contains("1 to 64 bytes"));
    assert!(fault_of(terms(Roles::NONE)).contains("at least one role"));
    assert!(authority(&authority_key, "CA", BEGIN, u64::MAX).is_err());
    assert!(request(&authority_key, "", Roles::BUREAU).is_err());
}

#[test]
fn should_find_the_authority_that_signed_among_several() {
    let (authority_key, root_der) = root();
    let other = authority(&key("//Other"), "First Bank CA", BEGIN, END).unwrap();
    let member = key("//Bob").account();
    let der = issue(&authority_key, &root_der, &member, &terms(Roles::BUREAU)).unwrap();
    let all = [known(3, &other), known(5, &root_der)];
    assert_eq!(find_issuer(&der, &all).unwrap().0, 5);
    let fault = find_issuer(&der, &all[..1]).unwrap_err().to_string();
    assert!(fault.contains("none of the 1 authorities"), "{fault}");
    let fault = find_issuer(&der[..40], &all).unwrap_err();
    assert!(matches!(fault, CertificateFault::Member(Fault::Malformed)), "{fault}");
}

#[test]
fn should_sign_for_members_when_the_authority_is_of_a_development_chain() {
    let (authority_key, root_der) = development_authority();
    let member = key("//Bob").account();
    let terms = MemberTerms { not_before: BEGIN, not_after: END, ..terms(Roles::BUREAU) };
    assert!(issue(&authority_key, &root_der, &member, &terms).is_ok());
}

/// Runs OpenSSL in the folder; false when there is none.
fn openssl(folder: &Path, arguments: &str) -> bool {
    match Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output() {
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "openssl {arguments}: {told}");
            true
        }
        Err(fault) => {
            eprintln!("skipped: openssl does not start ({fault})");
            false
        }
    }
}

#[test]
fn should_grant_what_openssl_requests() {
    let folder = tempfile::tempdir().unwrap();
    if !openssl(folder.path(), "genpkey -algorithm ed25519 -out member.key") {
        return;
    }
    let subject = "/C=DE/O=Third_Bank/OU=bureau/OU=validator/CN=node.example";
    let words = format!("req -new -key member.key -subj {subject} -out member.csr");
    openssl(folder.path(), &words);
    let pkcs8 = read_pem_or_der(&folder.path().join("member.key"), "PRIVATE KEY").unwrap();
    let member = Key::from_pkcs8(&pkcs8).unwrap();
    let asked = read_pem_or_der(&folder.path().join("member.csr"), REQUEST).unwrap();
    let read = read_request(&asked).unwrap();
    assert_eq!((read.account, read.name.as_str()), (member.account(), "Third_Bank"));
    assert_eq!(read.roles, Roles::BUREAU.with(Roles::VALIDATOR));
    let (authority_key, root_der) = root();
    let der = issue_for_request(&authority_key, &root_der, &asked, BEGIN, END).unwrap();
    write_new(&folder.path().join("member.pem"), CERTIFICATE, &der).unwrap();
    write_new(&folder.path().join("root.pem"), CERTIFICATE, &root_der).unwrap();
    openssl(folder.path(), &format!("verify -attime {} -CAfile root.pem member.pem", BEGIN + 1));
    openssl(folder.path(), "req -in member.csr -verify -noout");
}

#[test]
fn should_say_which_unit_is_no_role_or_that_the_key_is_no_account() {
    let folder = tempfile::tempdir().unwrap();
    let king = "req -newkey ed25519 -nodes -keyout a.key -subj /O=Bank/OU=king -out king.csr";
    if !openssl(folder.path(), king) {
        return;
    }
    let read = |file: &str| {
        let der = read_pem_or_der(&folder.path().join(file), REQUEST).unwrap();
        read_request(&der).unwrap_err().to_string()
    };
    assert!(read("king.csr").contains("\"king\""), "{}", read("king.csr"));
    let curve = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout b.key \
                 -subj /O=Bank/OU=bureau -out curve.csr";
    openssl(folder.path(), curve);
    assert!(read("curve.csr").contains("no Ed25519 key"), "{}", read("curve.csr"));
}

#[test]
fn should_leave_an_authority_to_openssl_when_its_key_is_p256() {
    let folder = tempfile::tempdir().unwrap();
    let root = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key \
                -subj /O=Exchange -addext keyUsage=critical,keyCertSign -days 30 -out ca.pem";
    if !openssl(folder.path(), root) {
        return;
    }
    let root_der = read_pem_or_der(&folder.path().join("ca.pem"), CERTIFICATE).unwrap();
    let member = key("//Bob").account();
    let fault = issue(&key("//Eve"), &root_der, &member, &terms(Roles::BUREAU)).unwrap_err();
    assert!(matches!(fault, CertificateFault::KeptByOpenSsl(name) if name == "Exchange"));
}
