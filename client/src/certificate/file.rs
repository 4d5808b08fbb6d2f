//! Certificates and requests in files: PEM as people exchange them, DER as the chain takes them.

use super::CertificateFault;
use pem::{EncodeConfig, LineEnding, Pem};
use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
};

/// The PEM label of a certificate.
pub const CERTIFICATE: &str = "CERTIFICATE";
/// The PEM label of a request.
pub const REQUEST: &str = "CERTIFICATE REQUEST";
/// What other tools put before a label of theirs.
const OLD_REQUEST: &str = "NEW CERTIFICATE REQUEST";
/// Longer files are no certificates.
const MAX_FILE_BYTES: u64 = 1024 * 1024;
/// What a PEM block begins with.
const PEM_BEGIN: &[u8] = b"-----BEGIN ";
/// First byte of DER: a sequence.
const DER_SEQUENCE: u8 = 0x30;

/// Reads a certificate or a request from a file, be it PEM, also with text around it, or DER.
///
/// # Errors
/// `File` when it can't be read, `Content` when it holds something else.
pub fn read_pem_or_der(path: &Path, label: &str) -> Result<Vec<u8>, CertificateFault> {
    let shown = || path.display().to_string();
    let unreadable = |reason| CertificateFault::File { path: shown(), reason };
    let bytes = fs::metadata(path).map_err(unreadable)?.len();
    let content =
        |reason: String| CertificateFault::Content { path: shown(), label: label.into(), reason };
    if bytes > MAX_FILE_BYTES {
        return Err(content(format!("it has {bytes} bytes")));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    decode(&bytes, label).map_err(content)
}

fn decode(bytes: &[u8], label: &str) -> Result<Vec<u8>, String> {
    if !bytes.windows(PEM_BEGIN.len()).any(|window| window == PEM_BEGIN) {
        return match bytes.first() {
            Some(&DER_SEQUENCE) => Ok(bytes.to_vec()),
            Some(_) => Err("it is neither PEM nor DER".into()),
            None => Err("it is empty".into()),
        };
    }
    let blocks = pem::parse_many(bytes).map_err(|reason| reason.to_string())?;
    let is_wanted =
        |block: &&Pem| block.tag() == label || (label == REQUEST && block.tag() == OLD_REQUEST);
    let wanted: Vec<&Pem> = blocks.iter().filter(is_wanted).collect();
    match wanted.as_slice() {
        [only] => Ok(only.contents().to_vec()),
        [] if blocks.is_empty() => Err("its PEM block is cut short".into()),
        [] => {
            let held: Vec<&str> = blocks.iter().map(Pem::tag).collect();
            Err(format!("it holds {}", held.join(", ")))
        }
        several => Err(format!("it holds {} of them: one file, one {label}", several.len())),
    }
}

/// The PEM text of DER bytes.
pub fn to_pem(label: &str, der: &[u8]) -> String {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    pem::encode_config(&Pem::new(label, der), config)
}

/// Writes DER bytes as PEM to a new file.
///
/// # Errors
/// `Exists` when there's a file already, `File` when it can't be written.
pub fn write_new(path: &Path, label: &str, der: &[u8]) -> Result<(), CertificateFault> {
    let shown = || path.display().to_string();
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    let text = to_pem(label, der);
    options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(|reason| {
        match reason.kind() {
            ErrorKind::AlreadyExists => CertificateFault::Exists { path: shown() },
            _ => CertificateFault::File { path: shown(), reason },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_read_the_same_bytes_when_the_file_is_pem_or_der() {
        let folder = tempfile::tempdir().unwrap();
        let der = vec![DER_SEQUENCE, 3, 2, 1, 7];
        let pem = folder.path().join("a.pem");
        write_new(&pem, CERTIFICATE, &der).unwrap();
        assert_eq!(read_pem_or_der(&pem, CERTIFICATE).unwrap(), der);
        let plain = folder.path().join("a.der");
        fs::write(&plain, &der).unwrap();
        assert_eq!(read_pem_or_der(&plain, CERTIFICATE).unwrap(), der);
        let with_text = format!("Certificate:\n    Data:\n\n{}", to_pem(CERTIFICATE, &der));
        assert_eq!(decode(with_text.as_bytes(), CERTIFICATE), Ok(der.clone()));
        let old = to_pem(OLD_REQUEST, &der);
        assert_eq!(decode(old.as_bytes(), REQUEST), Ok(der));
    }

    #[test]
    fn should_name_what_the_file_holds_when_it_is_something_else() {
        let of = |label| to_pem(label, &[DER_SEQUENCE, 0]);
        let fault = decode(of("PRIVATE KEY").as_bytes(), CERTIFICATE).unwrap_err();
        assert!(fault.contains("PRIVATE KEY"), "{fault}");
        let twice = format!("{}{}", of(CERTIFICATE), of(CERTIFICATE));
        assert!(decode(twice.as_bytes(), CERTIFICATE).unwrap_err().contains("2 of them"));
        assert!(decode(b"", CERTIFICATE).unwrap_err().contains("empty"));
        assert!(decode(b"hello", CERTIFICATE).unwrap_err().contains("neither"));
        let cut = &of(CERTIFICATE)[..30];
        assert!(decode(cut.as_bytes(), CERTIFICATE).unwrap_err().contains("cut short"));
    }

    #[test]
    fn should_keep_the_first_file_when_a_second_is_written_to_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pem");
        fs::write(&path, "precious").unwrap();
        let fault = write_new(&path, CERTIFICATE, &[DER_SEQUENCE, 0]).unwrap_err();
        assert!(matches!(fault, CertificateFault::Exists { .. }));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }
}
