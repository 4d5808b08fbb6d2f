//! Certificates that are broken somewhere: none is read, and none is read as another.

use super::maker::*;
use crate::{read_member, read_root, Fault};
use rcgen::KeyPair;

fn keys() -> [KeyPair; 2] {
    [ed25519(), p256()]
}

#[test]
fn should_refuse_when_it_ends_early() {
    for key in keys() {
        let (root, der) = (root(&key), member(&member_params(), &key));
        for length in 0..der.len() {
            assert_eq!(read_member(&der[..length], &root), Err(Fault::Malformed));
        }
        for length in 0..root.len() {
            assert_eq!(read_root(&root[..length]), Err(Fault::Malformed));
            assert_eq!(read_member(&der, &root[..length]), Err(Fault::Malformed));
        }
    }
}

#[test]
fn should_refuse_when_there_is_more_behind_it() {
    let key = ed25519();
    let (mut root, mut der) = (root(&key), member(&member_params(), &key));
    der.push(0);
    assert_eq!(read_member(&der, &root), Err(Fault::Malformed));
    root.push(0);
    assert_eq!(read_root(&root), Err(Fault::Malformed));
}

#[test]
fn should_refuse_when_any_bit_is_another() {
    for key in keys() {
        let (root, der) = (root(&key), member(&member_params(), &key));
        for bit in 0..der.len() * 8 {
            let mut flipped = der.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(read_member(&flipped, &root).is_err(), "bit {bit} of a member's certificate");
        }
        for bit in 0..root.len() * 8 {
            let mut flipped = root.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(read_root(&flipped).is_err(), "bit {bit} of an authority's certificate");
        }
    }
}

#[test]
fn should_refuse_when_any_byte_is_any_other() {
    let key = ed25519();
    let (root, der) = (root(&key), member(&member_params(), &key));
    for place in 0..der.len() {
        for value in [0x00, 0x01, 0x30, 0x7f, 0x80, 0x84, 0xff] {
            let mut changed = der.clone();
            changed[place] = value;
            let read = read_member(&changed, &root);
            assert_eq!(read.is_ok(), changed == der, "byte {place} as {value:#x}");
        }
    }
}

#[test]
fn should_refuse_when_the_encoding_is_not_the_only_one() {
    let key = ed25519();
    let (root, der) = (root(&key), member(&member_params(), &key));
    // `critical` as a true that is not 0xff, and as a false that is the default.
    for value in [0x01, 0x00] {
        let changed = replaced(&der, &[0x01, 0x01, 0xff], &[0x01, 0x01, value], false);
        assert_eq!(read_member(&changed, &root), Err(Fault::Malformed));
    }
}

fn sequence(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82][..], &length, content].concat()
}

#[test]
fn should_refuse_when_a_name_has_very_many_parts_out_of_order() {
    // A set in descending order, as large as a certificate may be.
    let parts: Vec<u8> = (0..300u16)
        .rev()
        .flat_map(|part| {
            let (high, low) = (part / 100, part % 100);
            let text = [high, low].map(|digit| u8::try_from(digit).unwrap());
            [0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x0b, 0x0c, 0x02, text[0], text[1]]
        })
        .collect();
    let issuer = sequence(0x30, &sequence(0x31, &parts));
    let before = [0xa0, 3, 2, 1, 2, 2, 1, 1, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70];
    let contents = sequence(0x30, &[&before[..], &issuer].concat());
    assert_eq!(read_root(&sequence(0x30, &contents)), Err(Fault::Malformed));
}
