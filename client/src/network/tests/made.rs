//! The files of a small network, made with a program that only looks like `assay-node`.

use super::*;
use crate::{
    network::{init, FileFault, Made, NetworkFault, SpecFault},
    peer::parse_peer_id,
};
use serde_json::Value as Json;
use sp_core::{crypto::Ss58Codec, ed25519, sr25519, Pair};
use std::{os::unix::fs::PermissionsExt, path::PathBuf, process::Command, sync::Mutex};

const PASSPHRASE: &str = "a long passphrase";

/// Between writing a program and starting it no other thread may fork, or the file would be busy.
static PROGRAMS: Mutex<()> = Mutex::new(());

/// Answers as `assay-node export-chain-spec` does; the raw form shows what it was made from.
const PROGRAM: &str = r#"#!/bin/sh
if [ "$4" = --raw ]; then
    printf '{"from": '; cat "$3"; printf ', "genesis": {"raw": {"top": {}}}}'
else
    echo '{"name": "Local", "id": "local", "chainType": "Local", "bootNodes": [],
        "properties": {"ss58Format": 42},
        "genesis": {"runtimeGenesis": {"code": "0x00", "patch": {"aura": {}}}}}'
fi
"#;

fn program(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("assay-node");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Makes the network of NETWORK.toml in the folder, at `net` there.
fn make(folder: &Path, program_text: &str) -> Result<Made, NetworkFault> {
    let _alone = PROGRAMS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let plan = read_in(folder).unwrap();
    let program = program(folder, program_text);
    init(&plan, &folder.join("net"), &program, PASSPHRASE, &mut |_| ())
}

/// The specification that the raw one was made from.
fn spec(folder: &Path) -> Json {
    let text = fs::read_to_string(folder.join("net/consortium.json")).unwrap();
    let raw: Json = serde_json::from_str(&text).unwrap();
    raw["from"].clone()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn bytes(value: &Json) -> Vec<u8> {
    value.as_array().unwrap().iter().map(|byte| byte.as_u64().unwrap() as u8).collect()
}

#[test]
fn should_begin_the_chain_with_its_members_validators_and_nodes() {
    let folder = folder_of(&small());
    let made = make(folder.path(), PROGRAM).unwrap();
    let spec = spec(folder.path());
    assert_eq!((&spec["name"], &spec["id"]), (&"Trial".into(), &"trial".into()));
    assert_eq!(
        (&spec["chainType"], &spec["properties"]["ss58Format"]),
        (&"Live".into(), &42.into())
    );
    assert_eq!(spec["bootNodes"][0], made.nodes[0].address());
    let patch = &spec["genesis"]["runtimeGenesis"]["patch"];
    assert_eq!(patch.as_object().unwrap().len(), 3, "nothing of the local chain is left");
    let membership = &patch["membership"];
    let root = bytes(&membership["authorities"][0]);
    let read = assay_certificate::read_member(&bytes(&membership["members"][0]), &root).unwrap();
    assert_eq!((read.name.as_slice(), read.units.len()), (b"First Bank".as_slice(), 2));
    let bank = made.founders.organisations[0].account.to_ss58check();
    assert_eq!(read.account, <[u8; 32]>::from(made.founders.organisations[0].account.clone()));
    assert_eq!(membership["nodes"][0][0], bank);
    assert_eq!(bytes(&membership["nodes"][0][1][0]), made.nodes[0].key);
    assert_eq!(membership["quotaMillis"], 0);
    assert_eq!(patch["validators"]["validators"], Json::from(vec![bank.clone()]));
    assert_eq!(patch["validators"]["minimum"], 1);
    assert_eq!(patch["validators"]["sessionBlocks"], 1_200);
    let keys = &patch["session"]["keys"];
    assert_eq!((keys.as_array().unwrap().len(), &keys[0][0]), (1, &bank.clone().into()));
    let aura = sr25519::Public::from_ss58check(keys[0][2]["aura"].as_str().unwrap()).unwrap();
    assert_eq!(aura.0, made.nodes[0].session_keys.unwrap().aura);
}

#[test]
fn should_write_keys_that_the_node_and_its_owner_can_read_and_nobody_else() {
    let folder = folder_of(&small());
    let made = make(folder.path(), PROGRAM).unwrap();
    let net = folder.path().join("net");
    for founded in &made.nodes {
        let chain = net.join(founded.directory()).join("data/chains/trial");
        let secret = chain.join("network/secret_ed25519");
        assert_eq!((mode(&secret), mode(&chain.join("keystore"))), (0o600, 0o700));
        let seed = hex::decode(fs::read_to_string(&secret).unwrap()).unwrap();
        assert_eq!(ed25519::Pair::from_seed_slice(&seed).unwrap().public().0, founded.key);
        let expected = if founded.session_keys.is_some() { 2 } else { 0 };
        assert_eq!(fs::read_dir(chain.join("keystore")).unwrap().count(), expected);
    }
    let keys = made.nodes[0].session_keys.unwrap();
    let keystore = net.join("nodes/bank-1/data/chains/trial/keystore");
    let uri = |name: String| -> String {
        assert_eq!(mode(&keystore.join(&name)), 0o600);
        serde_json::from_str(&fs::read_to_string(keystore.join(name)).unwrap()).unwrap()
    };
    let aura = uri(format!("61757261{}", hex::encode(keys.aura)));
    assert_eq!(sr25519::Pair::from_string(&aura, None).unwrap().public().0, keys.aura);
    let grandpa = uri(format!("6772616e{}", hex::encode(keys.grandpa)));
    assert_eq!(ed25519::Pair::from_string(&grandpa, None).unwrap().public().0, keys.grandpa);
    let own = Key::read(&net.join("organisations/first-bank.key"), PASSPHRASE).unwrap();
    assert_eq!(own.account(), made.founders.organisations[0].account);
    assert_eq!(mode(&net.join("authorities/root.key")), 0o600);
    let pem = net.join("organisations/bureau.pem");
    let der = certificate::read_pem_or_der(&pem, CERTIFICATE).unwrap();
    assert_eq!(der, made.founders.organisations[1].certificate);
}

#[test]
fn should_list_all_other_nodes_as_peers_of_a_node() {
    let folder = folder_of(&small());
    let made = make(folder.path(), PROGRAM).unwrap();
    let text = fs::read_to_string(folder.path().join("net/nodes/bank-1/peers")).unwrap();
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(lines, [made.nodes[1].address()]);
    let (place, peer) = lines[0].rsplit_once("/p2p/").unwrap();
    assert_eq!(place, "/dns/bureau.example/tcp/30333");
    assert_eq!(parse_peer_id(peer), Some(made.nodes[1].key));
}

#[test]
fn should_start_the_node_with_its_role_ports_and_peers_from_any_directory() {
    let folder = folder_of(&small());
    make(folder.path(), PROGRAM).unwrap();
    let shown = {
        let _alone = PROGRAMS.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let program = program(folder.path(), "#!/bin/sh\necho \"$PWD $*\"\n");
        let mut start = Command::new(folder.path().join("net/nodes/bank-1/start"));
        start.env("ASSAY_NODE_PROGRAM", program).args(["--log", "warn"]).current_dir("/");
        String::from_utf8(start.output().unwrap().stdout).unwrap()
    };
    let expected =
        "nodes/bank-1 --chain consortium --base-path data --role validator --name bank-1 \
                    --port 30333 --rpc-port 9944 --prometheus-port 9615 \
                    --public-addr /ip4/10.0.0.1/tcp/30333 --peers peers --allow-private-ip \
                    --no-mdns --log warn\n";
    assert!(shown.ends_with(expected), "{shown}");
}

#[test]
fn should_leave_secrets_to_the_owner_when_only_public_keys_are_given() {
    let keys = format!(
        "peer = \"{}\"\nsession_keys = \"0x{}\"\n",
        crate::peer::peer_id(&[7; 32]),
        "12".repeat(32) + &"34".repeat(32)
    );
    let first = format!("address = \"10.0.0.1\"\n{keys}");
    let folder = folder_of(&small().replace("address = \"10.0.0.1\"\n", &first));
    let made = make(folder.path(), PROGRAM).unwrap();
    assert_eq!(made.nodes[0].missing_secrets(), ["node key", "session keys"]);
    assert!(made.nodes[1].missing_secrets().is_empty());
    let chain = folder.path().join("net/nodes/bank-1/data/chains/trial");
    assert!(!chain.join("network/secret_ed25519").exists());
    assert_eq!(fs::read_dir(chain.join("keystore")).unwrap().count(), 0);
    let patch = &spec(folder.path())["genesis"]["runtimeGenesis"]["patch"];
    let grandpa = ed25519::Public::from_raw([0x34; 32]).to_ss58check();
    assert_eq!(patch["session"]["keys"][0][2]["grandpa"], grandpa);
}

#[test]
fn should_leave_nothing_behind_when_the_node_refuses_the_specification() {
    let folder = folder_of(&small());
    let refusing = PROGRAM.replace("printf '{\"from\": '", "echo 'no such member' >&2; exit 1");
    let fault = make(folder.path(), &refusing).err().unwrap();
    assert!(fault.to_string().contains("no such member"), "{fault}");
    let left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    let stateless = PROGRAM.replace("\"raw\": {\"top\": {}}", "");
    let fault = make(folder.path(), &stateless).err().unwrap();
    assert!(matches!(fault, NetworkFault::Spec(SpecFault::Unknown { .. })), "{fault}");
    let fault = make(folder.path(), "#!/bin/sh\necho '{}'\n").err().unwrap();
    assert!(fault.to_string().contains("no genesis patch"), "{fault}");
}

#[test]
fn should_overwrite_nothing_when_the_directory_holds_something() {
    let folder = folder_of(&small());
    let net = folder.path().join("net");
    fs::create_dir(&net).unwrap();
    fs::write(net.join("precious"), "").unwrap();
    let fault = make(folder.path(), PROGRAM).err().unwrap();
    assert!(matches!(fault, NetworkFault::File(FileFault::Occupied { .. })), "{fault}");
    fs::remove_file(net.join("precious")).unwrap();
    make(folder.path(), PROGRAM).unwrap();
    assert!(net.join("nodes/bureau-1/start").exists());
}
