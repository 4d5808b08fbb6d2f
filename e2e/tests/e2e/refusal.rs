//! What the transaction pool refuses, before it can cost anything.

use super::support::{enroll, machine, pool_refusal};
use anyhow::{ensure, Result};
use assay_client::chain::{
    call::{credit, governance, membership, packs, scoring, securities, ReportBatch},
    council, Call, Chain, Key, Wait,
};
use assay_e2e::{
    drive::SCHEMA,
    node::Node,
    sample::{name, terms, Sample, Tape},
};
use assay_primitives::{
    inquiry::{Purpose, Scope},
    member::Roles,
    security::Tranches,
    H256,
};
use assay_risk::{
    grading::Scale,
    profile::Policy,
    rates::{Basis, Method, RateOptions, Weights},
    screening::{Mode, Request},
};

/// A call of every kind that any role may send.
fn every_call(sample: &Sample) -> Result<Vec<Call>> {
    let tape = Tape::draw(&sample.subjects(), 10, 1);
    let options =
        RateOptions { basis: Basis::Count, method: Method::Observed, weights: Weights::Share };
    let request = Request {
        scale: Scale::EqualWidth(10),
        options,
        target_ppb: 50_000_000,
        mode: Mode::WholePack,
    };
    let contract = sample.contract;
    let batches = sample.batches()?;
    let reports = batches.first().cloned().unwrap_or_else(ReportBatch::default);
    Ok(vec![
        credit::add_schema(&sample.schema),
        credit::add_policy(&name("any"), &sample.policy),
        credit::submit(SCHEMA, &reports),
        credit::relate(&Default::default()),
        credit::withdraw_relations(&Default::default()),
        credit::inquire(&Scope::Pack(0), &Purpose::Audit, H256::repeat_byte(1)),
        scoring::propose(
            &name("any"),
            SCHEMA,
            sample.schema.features_hash(),
            &sample.artifact_bytes()?,
            &sample.calibration,
        ),
        scoring::score(contract, sample.policy_id, &Default::default()),
        packs::open(&terms("any", 0)),
        packs::add_page(0, 0, &tape.pages[0]),
        packs::seal(0, tape.loans, tape.principal_minor),
        packs::assess(0, contract, sample.policy_id),
        packs::screen(0, &request),
        securities::accept(0),
        securities::issue(0, &name("any"), &Tranches::default()),
    ])
}

/// Has the pool refuse every call of the key, for a reason with these words.
async fn expect_refusals(chain: &Chain, key: &Key, calls: &[Call], words: &str) -> Result<()> {
    for call in calls {
        let outcome = chain.submit(key, call.clone(), Wait::InBlock).await;
        let reason = pool_refusal(outcome)?;
        ensure!(reason.contains(words), "{call} of {} was refused so: {reason}", key.label());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn should_refuse_in_the_pool_when_the_signer_may_not() -> Result<()> {
    let _machine = machine().await;
    let sample = Sample::new(10, 1_700_000_000, 3)?;
    let node = Node::development().await?;
    let chain = node.connect().await?;
    let calls = every_call(&sample)?;
    let (council, member) = (Key::development("//Alice")?, Key::development("//Bob")?);

    expect_refusals(&chain, &member, &calls, "is not a member").await?;

    let asked = Roles::CUSTODIAN.with(Roles::COUNCIL);
    enroll(&chain, &council, &member, "Depositary", asked).await?;
    expect_refusals(&chain, &member, &calls, "none of the roles").await?;
    let upgrade = [governance::apply_upgrade(&[])];
    expect_refusals(&chain, &member, &upgrade, "waits for the council").await?;

    let account = member.account();
    council::decide(&chain, &council, &membership::suspend(&account), Wait::InBlock).await?;
    expect_refusals(&chain, &member, &calls, "is suspended").await?;
    council::decide(&chain, &council, &membership::restore(&account), Wait::InBlock).await?;

    let roles = Roles::CUSTODIAN.with(Roles::RISK_CONTROLLER);
    let promote = membership::set_roles(&account, roles);
    council::decide(&chain, &council, &promote, Wait::InBlock).await?;
    chain.submit(&member, credit::add_schema(&sample.schema), Wait::InBlock).await?;
    let opening = [packs::open(&terms("any", 0))];
    expect_refusals(&chain, &member, &opening, "none of the roles").await?;

    let direct = [membership::suspend(&account), scoring::approve(sample.contract)];
    expect_refusals(&chain, &council, &direct, "none of the roles").await
}

#[tokio::test(flavor = "multi_thread")]
async fn should_refuse_in_the_pool_when_the_quota_is_used_up_or_the_council_stops_calls(
) -> Result<()> {
    let _machine = machine().await;
    let sample = Sample::new(10, 1_700_000_000, 3)?;
    let node = Node::development().await?;
    let chain = node.connect().await?;
    let (council, member) = (Key::development("//Alice")?, Key::development("//Bob")?);
    let account = member.account();
    enroll(&chain, &council, &member, "Controller", Roles::RISK_CONTROLLER).await?;
    // No two policies may be the same.
    let policy = |text: &str| {
        let max_age_secs = sample.policy.max_age_secs + text.len() as u64;
        credit::add_policy(&name(text), &Policy { max_age_secs, ..sample.policy.clone() })
    };
    chain.submit(&member, policy("allowed"), Wait::InBlock).await?;

    let none = membership::set_quota(Some(&account), Some(0));
    council::decide(&chain, &council, &none, Wait::InBlock).await?;
    expect_refusals(&chain, &member, &[policy("none")], "used up its compute").await?;
    let usual = membership::set_quota(Some(&account), None);
    council::decide(&chain, &council, &usual, Wait::InBlock).await?;
    chain.submit(&member, policy("usual"), Wait::InBlock).await?;

    let pause = governance::pause("CreditRegistry", "add_policy");
    council::decide(&chain, &council, &pause, Wait::InBlock).await?;
    expect_refusals(&chain, &member, &[policy("paused")], "the council stopped").await?;
    chain.submit(&member, credit::add_schema(&sample.schema), Wait::InBlock).await?;
    let unpause = governance::unpause("CreditRegistry", "add_policy");
    council::decide(&chain, &council, &unpause, Wait::InBlock).await?;

    council::decide(&chain, &council, &governance::stop(), Wait::InBlock).await?;
    expect_refusals(&chain, &member, &[policy("stopped")], "the council stopped").await?;
    council::decide(&chain, &council, &governance::resume(), Wait::InBlock).await?;
    chain.submit(&member, policy("on again, the last one"), Wait::InBlock).await?;
    Ok(())
}
