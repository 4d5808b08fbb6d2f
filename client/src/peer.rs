//! How the network calls a node: its Ed25519 public key, in the form `12D3Koo...`.

use assay_primitives::member::NodeKey;

/// What stands before the key: the identity hash of 36 bytes, which are a key of the kind Ed25519 with
/// 32 bytes of data.
const PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// The name that other nodes know a node by.
pub fn peer_id(key: &NodeKey) -> String {
    let bytes: Vec<u8> = PREFIX.iter().chain(key).copied().collect();
    bs58::encode(bytes).into_string()
}

/// The key of a node by its name; `None` when it's no name of an Ed25519 key.
pub fn parse_peer_id(text: &str) -> Option<NodeKey> {
    let bytes = bs58::decode(text).into_vec().ok()?;
    bytes.strip_prefix(PREFIX.as_slice())?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sp_core::{ed25519, Pair};

    #[test]
    fn should_give_the_name_that_the_node_prints_when_given_its_key() {
        let mut secret = [0; 32];
        secret[31] = 1;
        let key = ed25519::Pair::from_seed(&secret).public().0;
        let name = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
        assert_eq!(peer_id(&key), name);
        assert_eq!(parse_peer_id(name), Some(key));
    }

    #[test]
    fn should_find_no_key_when_the_text_is_no_name_of_one() {
        for text in ["", "12D3KooW", "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N", "0OIl"] {
            assert_eq!(parse_peer_id(text), None, "{text}");
        }
    }
}
