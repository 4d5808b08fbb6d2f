//! What the `openssl` program makes is read as what rcgen makes: authorities of both kinds, and a
//! member of each.

use assay_certificate::{read_member, read_root, AuthorityKey, Fault};
use assay_primitives::member::Roles;
use std::{fs, path::Path, process::Command};

const CONFIG: &str = "\
[req]
distinguished_name = name
prompt = no
string_mask = utf8only
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[member]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

fn is_installed() -> bool {
    let found =
        Command::new("openssl").arg("version").output().is_ok_and(|run| run.status.success());
    if !found {
        eprintln!("openssl is not installed: its certificates are not read");
    }
    found
}

fn openssl(directory: &Path, arguments: &str) {
    let run = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(directory)
        .output()
        .expect("openssl starts");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "openssl {arguments}: {said}");
}

/// Makes a root by the key's algorithm, and a member's certificate; gives both, and the member's
/// key.
fn made(directory: &Path, root_key: &str) -> (Vec<u8>, Vec<u8>, [u8; 32]) {
    fs::write(directory.join("openssl.cnf"), CONFIG).unwrap();
    openssl(directory, &format!("genpkey {root_key} -out root.key"));
    openssl(
        directory,
        "req -x509 -new -config openssl.cnf -extensions root -key root.key -days 3650 -sha256 \
         -subj /C=CH/O=Bank_Authority/CN=Root -out root.pem",
    );
    openssl(directory, "genpkey -algorithm ed25519 -out member.key");
    openssl(
        directory,
        "req -new -config openssl.cnf -key member.key \
         -subj /C=CH/O=First_Bank/OU=bureau/OU=council/CN=Treasury -out member.csr",
    );
    openssl(
        directory,
        "x509 -req -in member.csr -CA root.pem -CAkey root.key -sha256 -set_serial 0xb0000001 \
         -days 365 -extfile openssl.cnf -extensions member -out member.pem",
    );
    for file in ["root", "member"] {
        openssl(directory, &format!("x509 -in {file}.pem -outform DER -out {file}.der"));
    }
    openssl(directory, "pkey -in member.key -pubout -outform DER -out member.pub");
    let public = fs::read(directory.join("member.pub")).unwrap();
    let account = public[public.len() - 32..].try_into().unwrap();
    let [root, member] =
        ["root.der", "member.der"].map(|file| fs::read(directory.join(file)).unwrap());
    (root, member, account)
}

fn check(root: &[u8], member: &[u8], account: [u8; 32]) {
    assert_eq!(read_root(root).unwrap().name, b"Bank_Authority");
    let read = read_member(member, root).unwrap();
    assert_eq!(read.account, account);
    assert_eq!(read.name, b"First_Bank");
    assert_eq!(read.serial, [0xb0, 0, 0, 1]);
    assert_eq!(read.roles(), Ok(Roles::BUREAU.with(Roles::COUNCIL)));
    assert_eq!(read.not_after_secs - read.not_before_secs, 365 * 86_400);
}

#[test]
fn should_read_what_openssl_signs_when_the_authority_is_ed25519() {
    if !is_installed() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (root, member, account) = made(directory.path(), "-algorithm ed25519");
    assert!(matches!(read_root(&root).unwrap().key, AuthorityKey::Ed25519(_)));
    check(&root, &member, account);
}

#[test]
fn should_read_what_openssl_signs_when_the_authority_is_p256() {
    if !is_installed() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let curve = "-algorithm EC -pkeyopt ec_paramgen_curve:P-256";
    let (root, member, account) = made(directory.path(), curve);
    assert!(matches!(read_root(&root).unwrap().key, AuthorityKey::P256(_)));
    check(&root, &member, account);
}

#[test]
fn should_refuse_what_openssl_signs_when_it_is_of_version_1() {
    if !is_installed() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let (root, ..) = made(directory.path(), "-algorithm ed25519");
    openssl(
        directory.path(),
        "x509 -req -in member.csr -CA root.pem -CAkey root.key -set_serial 7 -outform DER \
         -out first.der",
    );
    let first = fs::read(directory.path().join("first.der")).unwrap();
    // Newer versions of the program write version 3 without being told.
    assert!(matches!(read_member(&first, &root), Ok(_) | Err(Fault::NotVersion3)));
}
