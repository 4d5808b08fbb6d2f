//! Certificates that the chain does not take, or takes no more.

use super::support::{certificate, enroll, machine, pool_refusal};
use anyhow::{ensure, Context, Result};
use assay_client::{
    certificate::{authority, issue, MemberTerms},
    chain::{
        api,
        call::{credit, membership},
        council, Call, Chain, Key, Refused, Wait,
    },
};
use assay_e2e::{
    drive,
    node::{program, Node},
    sample::{name, Sample},
};
use assay_primitives::{
    member::{CertificateBytes, Roles},
    UnixSecs,
};
use serde_json::Value as Json;
use std::{process::Command, time::Duration};
use tokio::time::sleep;

const HOUR_SECS: UnixSecs = 3_600;
/// How long the brief certificate holds.
const BRIEF_SECS: UnixSecs = 20;

fn policy(text: &str) -> Result<Call> {
    Ok(credit::add_policy(&name(text), &Sample::new(10, 1_700_000_000, 3)?.policy))
}

/// Has the call refuse a certificate, in a block, with that error of the pallet.
async fn expect(chain: &Chain, by: &Key, der: &CertificateBytes, error: &str) -> Result<()> {
    match chain.submit(by, membership::enroll(der), Wait::InBlock).await {
        Err(Refused::Dispatch { name, .. }) if name == format!("Membership::{error}") => Ok(()),
        other => anyhow::bail!("not {error}: {other:?}"),
    }
}

/// Of an authority that the chain does not know.
fn of_a_stranger(key: &Key, now_secs: UnixSecs) -> Result<CertificateBytes> {
    let stranger = Key::generate();
    let (not_before, not_after) = (now_secs - HOUR_SECS, now_secs + HOUR_SECS);
    let root = authority(&stranger, "Assay Development Authority", not_before, not_after)?;
    let roles = Roles::BUREAU;
    let terms = MemberTerms { name: "Stranger".into(), roles, not_before, not_after, serial: None };
    let der = issue(&stranger, &root, &key.account(), &terms)?;
    CertificateBytes::try_from(der).ok().context("the certificate is too large")
}

#[tokio::test(flavor = "multi_thread")]
async fn should_take_no_certificate_when_it_does_not_hold_or_a_stranger_signed_it() -> Result<()> {
    let _machine = machine().await;
    let node = Node::development().await?;
    let chain = node.connect().await?;
    let (council, key) = (Key::development("//Alice")?, Key::development("//Bob")?);
    let now_secs = drive::now_secs()?;
    let of = |from, to| certificate(&key, "Bureau", Roles::BUREAU, (from, to));
    let past = of(now_secs - 2 * HOUR_SECS, now_secs - HOUR_SECS)?;
    expect(&chain, &council, &past, "CertificateExpired").await?;
    let coming = of(now_secs + HOUR_SECS, now_secs + 2 * HOUR_SECS)?;
    expect(&chain, &council, &coming, "CertificateNotYetValid").await?;
    expect(&chain, &council, &of_a_stranger(&key, now_secs)?, "BadSignature").await?;
    let good = of(now_secs - HOUR_SECS, now_secs + HOUR_SECS)?;
    let mut broken = good.clone().into_inner();
    broken.truncate(100);
    let broken = CertificateBytes::try_from(broken).ok().context("100 bytes are too many")?;
    expect(&chain, &council, &broken, "CertificateMalformed").await?;
    chain.submit(&council, membership::enroll(&good), Wait::InBlock).await?;
    expect(&chain, &council, &good, "AlreadyExists").await
}

#[tokio::test(flavor = "multi_thread")]
async fn should_refuse_a_members_calls_when_its_certificate_expired_or_was_revoked() -> Result<()> {
    let _machine = machine().await;
    let node = Node::development().await?;
    let chain = node.connect().await?;
    let council = Key::development("//Alice")?;
    let (brief, revoked) = (Key::development("//Bob")?, Key::development("//Charlie")?);
    let now_secs = drive::now_secs()?;
    let end_secs = now_secs + BRIEF_SECS;
    let span = (now_secs - HOUR_SECS, end_secs);
    let der = certificate(&brief, "Brief", Roles::RISK_CONTROLLER, span)?;
    chain.submit(&council, membership::enroll(&der), Wait::InBlock).await?;
    chain.submit(&brief, policy("in time")?, Wait::InBlock).await?;

    enroll(&chain, &council, &revoked, "Revoked", Roles::RISK_CONTROLLER).await?;
    let member = api::organisation(&chain, &revoked.account(), None).await?;
    let kept = member.and_then(|member| member.certificate).context("no certificate is kept")?;
    let revoke = membership::revoke(kept.authority, &kept.serial);
    council::decide(&chain, &council, &revoke, Wait::InBlock).await?;
    let reason = pool_refusal(chain.submit(&revoked, policy("no")?, Wait::InBlock).await)?;
    ensure!(reason.contains("revoked the certificate"), "refused so: {reason}");

    // The pool judges by the time of the last block.
    while drive::now_secs()? < end_secs + 6 {
        sleep(Duration::from_millis(200)).await;
    }
    let reason = pool_refusal(chain.submit(&brief, policy("late")?, Wait::InBlock).await)?;
    ensure!(reason.contains("has expired"), "refused so: {reason}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn should_refuse_session_keys_when_another_validator_has_them() -> Result<()> {
    let _machine = machine().await;
    let node = Node::development().await?;
    let chain = node.connect().await?;
    let (council, member) = (Key::development("//Alice")?, Key::development("//Bob")?);
    enroll(&chain, &council, &member, "Second Validator", Roles::VALIDATOR).await?;
    let confirm = membership::confirm_roles(&member.account(), Roles::VALIDATOR);
    council::decide(&chain, &council, &confirm, Wait::InBlock).await?;

    // Alice's keys with a proof for Bob: whoever has the secrets can make one.
    let folder = tempfile::tempdir()?;
    let output = Command::new(program("assay-node")?)
        .args(["key", "session", "--chain", "dev", "--suri", "//Alice", "--output-type", "json"])
        .args(["--owner", &member.address(), "--base-path"])
        .arg(folder.path())
        .output()?;
    let made: Json = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let bytes = |field: &str| sp_core::bytes::from_hex(made[field].as_str().unwrap_or_default());
    let call =
        assay_client::chain::call::validators::set_keys(&bytes("session_keys")?, &bytes("proof")?);
    match chain.submit(&member, call, Wait::InBlock).await {
        Err(Refused::Dispatch { name, .. }) if name == "Session::DuplicatedKey" => Ok(()),
        other => anyhow::bail!("keys of another validator are taken: {other:?}"),
    }
}
