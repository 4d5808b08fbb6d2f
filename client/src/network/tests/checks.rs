//! What a NETWORK.toml is refused for, and with what words.

use super::*;
use crate::{network::Role, peer::peer_id};

#[test]
fn should_read_the_example_as_four_validators_and_an_archive_node() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/network.toml");
    let plan = Plan::read(&path, NOW_SECS).unwrap();
    assert_eq!((plan.minimum, plan.validators(), plan.nodes.len()), (4, 4, 5));
    assert_eq!(plan.nodes[4].role, Role::Archive);
    assert_eq!(plan.nodes[4].port, 30_334);
    assert_eq!(plan.organisations[1].file, "credit-bureau");
    assert!(plan.makes_keys());
}

#[test]
fn should_take_defaults_when_a_small_network_says_little() {
    let plan = read(&small()).unwrap();
    assert_eq!((plan.minimum, plan.session_blocks, plan.quota_millis), (1, 1_200, 0));
    assert_eq!(plan.nodes[0].host, "/ip4/10.0.0.1");
    assert_eq!(plan.nodes[1].host, "/dns/bureau.example");
    assert_eq!(
        read(&small().replace("Bureau", "第一 银行")).unwrap().organisations[1].file,
        "第一-银行"
    );
    let ports = (plan.nodes[0].port, plan.nodes[0].rpc_port, plan.nodes[0].prometheus_port);
    assert_eq!(ports, (30_333, 9_944, 9_615));
}

#[test]
fn should_name_the_line_when_a_key_is_unknown() {
    let message = refusal(&small().replace("dev = true", "develop = true"));
    assert!(message.contains("line 3") && message.contains("develop"), "{message}");
}

#[test]
fn should_name_file_and_line_when_a_role_is_unknown() {
    let message = refusal(&small().replace("\"bureau\"]", "\"buro\"]"));
    assert!(message.contains("NETWORK.toml:12: there is no role \"buro\""), "{message}");
    assert!(message.contains("risk-controller"), "{message}");
    let message = refusal(&small().replace("\"archive\"", "\"full\""));
    assert!(message.contains("validator, member or archive"), "{message}");
}

#[test]
fn should_tell_of_all_that_is_wrong_at_once() {
    let text = small().replace("id = \"trial\"", "id = \"A/B\"").replace("10.0.0.1", "0.0.0.0");
    let message = refusal(&text);
    assert!(message.contains("id \"A/B\"") && message.contains("0.0.0.0"), "{message}");
}

#[test]
fn should_refuse_a_network_when_it_names_whom_it_does_not_have() {
    let text = small().replace("authority = \"Root\"", "authority = \"Rood\"");
    assert!(refusal(&text).contains("there is no [[authority]] \"Rood\""));
    let text = small().replace("organisation = \"Bureau\"", "organisation = \"Buro\"");
    assert!(refusal(&text).contains("there is no [[organisation]] \"Buro\""));
    assert!(refusal(HEAD).contains("there is no [[authority]]"));
}

#[test]
fn should_refuse_a_network_when_names_meet() {
    let twice = small().replace("\"Bureau\"", "\"First-Bank\"");
    let message = refusal(&twice);
    assert!(message.contains("\"First-Bank\" would share its files with \"First Bank\""));
    let twice = small().replace("bureau-1", "Bank-1");
    assert!(refusal(&twice).contains("there are two [[node]] \"Bank-1\""));
    let authorities = format!("{AUTHORITY}{AUTHORITY}");
    let twice = small().replace(AUTHORITY, &authorities);
    assert!(refusal(&twice).contains("[[authority]] \"Root\" would share its files"));
}

#[test]
fn should_refuse_a_network_when_two_nodes_of_a_machine_share_a_port() {
    let text = small().replace("bureau.example", "10.0.0.1");
    let message = refusal(&text);
    assert!(message.contains("port = 30333 is taken by port of \"bank-1\""), "{message}");
    let moved = format!("{text}port = 30334\nrpc_port = 9945\nprometheus_port = 9944\n");
    let message = refusal(&moved);
    assert!(message.contains("prometheus_port = 9944 is taken by rpc_port of"), "{message}");
    read(&moved.replace("prometheus_port = 9944", "prometheus_port = 9616")).unwrap();
    assert!(refusal(&format!("{}port = 0\n", small())).contains("port = 0 is no port"));
}

#[test]
fn should_refuse_names_when_they_are_too_long_or_unfit_for_files() {
    let long = "x".repeat(65);
    let text = small().replace("name = \"Trial\"", &format!("name = \"{long}\""));
    assert!(refusal(&text).contains("has 65 bytes; use 1 to 64"));
    let text = small().replace("First Bank", &long);
    assert!(refusal(&text).contains("[[organisation]] name"));
    assert!(refusal(&small().replace("Bureau", "?!")).contains("no letter or digit"));
    assert!(refusal(&small().replace("bank-1", "bank.1")).contains("can't be a node's name"));
}

#[test]
fn should_refuse_a_network_when_nobody_could_decide() {
    let text = small().replace("\"council\", ", "");
    assert!(refusal(&text).contains("no organisation has the role council"));
}

#[test]
fn should_refuse_a_network_when_validators_are_fewer_than_the_minimum() {
    let message = refusal(&small().replace("dev = true", "minimum = 4"));
    assert!(message.contains("there are 1 validators, and the minimum is 4"), "{message}");
    let message = refusal(&small().replace("dev = true", "minimum = 3"));
    assert!(message.contains("`dev = true` allows 1"), "{message}");
    assert!(refusal(&small().replace("dev = true", "dev = true\nminimum = 0")).contains("too few"));
}

#[test]
fn should_refuse_a_validator_when_its_organisation_may_not_be_one() {
    let text = small().replace("\"archive\"", "\"validator\"");
    assert!(refusal(&text).contains("\"bureau-1\" is a validator, but \"Bureau\" lacks that role"));
    let second = node("bank-2", "First Bank", "validator", "10.0.0.2");
    let message = refusal(&format!("{}{second}", small()));
    assert!(message.contains("\"bank-2\" is a second validator of \"First Bank\""), "{message}");
}

#[test]
fn should_refuse_numbers_when_they_are_out_of_bounds() {
    let with = |line: &str| refusal(&small().replace("dev = true", &format!("dev = true\n{line}")));
    assert!(with("session_blocks = 4").contains("use 5 to 28800"));
    assert!(with("quota_seconds_per_hour = 3601").contains("no share of an hour"));
    let text = small().replace("name = \"Root\"", "name = \"Root\"\nvalid_days = 364");
    assert!(refusal(&text).contains("365 days are more than the 364 of \"Root\""));
    let text = small().replace("name = \"Root\"", "name = \"Root\"\nvalid_days = 0");
    assert!(refusal(&text).contains("valid_days = 0; use 1 to"));
}

#[test]
fn should_refuse_public_keys_when_they_are_none_or_not_the_nodes_own() {
    let message = refusal(&format!("{}peer = \"QmYy\"\n", small()));
    assert!(message.contains("no node's public name"), "{message}");
    let message = refusal(&format!("{}session_keys = \"0x{}\"\n", small(), "12".repeat(64)));
    assert!(message.contains("is no validator, but has session_keys"), "{message}");
    let message = refusal(&format!("{}session_keys = \"0x12\"\n", small()));
    assert!(message.contains("no pair of public keys"), "{message}");
    let keys = format!("session_keys = \"0x{}\"\n", "12".repeat(64));
    let text =
        small().replace("address = \"10.0.0.1\"\n", &format!("address = \"10.0.0.1\"\n{keys}"));
    assert!(refusal(&text).contains("session keys that are used already"));
    let peer = format!("peer = \"{}\"\n", peer_id(&[7; 32]));
    let first = format!("address = \"10.0.0.1\"\n{peer}");
    let text = small().replace("address = \"10.0.0.1\"\n", &first);
    assert_eq!(read(&text).unwrap().nodes[0].given_key, Some([7; 32]));
    assert!(refusal(&format!("{text}{peer}")).contains("has the key of another node"));
}

/// As [`small`], with the bank's and the authority's certificates from elsewhere.
fn with_certificates() -> String {
    small()
        .replace("name = \"Root\"\n", "name = \"Root\"\ncertificate = \"root.pem\"\n")
        .replace("roles = [\"council\", \"validator\"]", "certificate = \"member.pem\"")
        .replace(
            "[[organisation]]\nname = \"Bureau\"\nroles = [\"bureau\"]\nauthority = \"Root\"\n",
            "",
        )
        .replace("organisation = \"Bureau\"", "organisation = \"First Bank\"")
}

#[test]
fn should_take_account_and_roles_from_a_certificate_when_it_is_given() {
    let folder = folder_of(&with_certificates());
    let member = Key::generate();
    issue_elsewhere(folder.path(), &member, "First Bank", Roles::COUNCIL.with(Roles::VALIDATOR));
    let plan = read_in(folder.path()).unwrap();
    let bank = &plan.organisations[0];
    assert_eq!(bank.given.as_ref().unwrap().0, member.account());
    assert_eq!(bank.roles, Roles::COUNCIL.with(Roles::VALIDATOR));
    assert!(!plan.makes_keys());
}

#[test]
fn should_refuse_a_certificate_when_it_says_something_else_than_the_file() {
    let folder = folder_of(&with_certificates());
    issue_elsewhere(folder.path(), &Key::generate(), "Last Bank", Roles::VALIDATOR);
    let message = read_in(folder.path()).unwrap_err().to_string();
    assert!(message.contains("has the certificate of \"Last Bank\""), "{message}");
    let text = with_certificates().replace("\"member.pem\"", "\"member.pem\"\nroles = [\"spv\"]");
    fs::write(folder.path().join("NETWORK.toml"), text).unwrap();
    let message = read_in(folder.path()).unwrap_err().to_string();
    assert!(message.contains("has a certificate with the roles validator"), "{message}");
}

#[test]
fn should_refuse_certificates_when_they_do_not_hold_or_cannot_be_read() {
    let folder = folder_of(&with_certificates());
    let roles = Roles::COUNCIL.with(Roles::VALIDATOR);
    issue_elsewhere(folder.path(), &Key::generate(), "First Bank", roles);
    let config = folder.path().join("NETWORK.toml");
    let later = Plan::read(&config, NOW_SECS + 2 * DAY_SECS).unwrap_err().to_string();
    assert!(later.contains("root.pem has expired") && later.contains("member.pem has expired"));
    let earlier = Plan::read(&config, NOW_SECS - 2 * DAY_SECS).unwrap_err().to_string();
    assert!(earlier.contains("member.pem does not hold yet"), "{earlier}");
    fs::write(folder.path().join("member.pem"), "nonsense").unwrap();
    let message = read_in(folder.path()).unwrap_err().to_string();
    assert!(message.contains("NETWORK.toml:9:") && message.contains("member.pem"), "{message}");
}

#[test]
fn should_refuse_an_organisation_when_nobody_here_could_issue_its_certificate() {
    let text = with_certificates().replace("certificate = \"member.pem\"", "roles = [\"council\"]");
    let folder = folder_of(&text);
    issue_elsewhere(folder.path(), &Key::generate(), "First Bank", Roles::COUNCIL);
    let message = read_in(folder.path()).unwrap_err().to_string();
    assert!(message.contains("\"Root\" keeps its key elsewhere"), "{message}");
    let text = with_certificates().replace("certificate = \"root.pem\"\n", "");
    fs::write(folder.path().join("NETWORK.toml"), text).unwrap();
    let message = read_in(folder.path()).unwrap_err().to_string();
    assert!(message.contains("name the authority's certificate, too"), "{message}");
}
