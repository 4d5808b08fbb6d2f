//! Three validators.

use super::support::{machine, pool_refusal};
use anyhow::{ensure, Result};
use assay_client::chain::{
    call::{membership, securities},
    council::{self, Motion},
    Key, Refused, Wait,
};
use assay_e2e::node::Node;
use std::time::Duration;

const EXCHANGE: &str = "//Charlie";

#[tokio::test(flavor = "multi_thread")]
async fn should_suspend_a_member_when_two_of_three_decide_so() -> Result<()> {
    let _machine = machine().await;
    let nodes = Node::local().await?;
    let [first, second, third] = &nodes;
    let (bank, bureau) = (Key::development("//Alice")?, Key::development("//Bob")?);
    let exchange = Key::development(EXCHANGE)?;
    let suspend = membership::suspend(&exchange.account());

    let at_third = third.connect().await?;
    let call = securities::issue(0, &Default::default(), &Default::default());
    let allowed = at_third.submit(&exchange, call.clone(), Wait::InBlock).await;
    ensure!(
        matches!(&allowed, Err(Refused::Dispatch { .. })),
        "an active exchange may send it, and only the call fails: {allowed:?}"
    );

    let moved = council::decide(&first.connect().await?, &bank, &suspend, Wait::Finalized).await?;
    ensure!(matches!(moved, Motion::Open { ayes: 1, threshold: 2, .. }), "{moved:?}");
    let carried =
        council::decide(&second.connect().await?, &bureau, &suspend, Wait::Finalized).await?;
    ensure!(matches!(carried, Motion::Executed(_)), "{carried:?}");

    let Motion::Executed(receipt) = carried else { anyhow::bail!("the motion is open") };
    while at_third.finalized().await?.number < receipt.block_number {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let reason = pool_refusal(at_third.submit(&exchange, call, Wait::InBlock).await)?;
    ensure!(reason.contains("is suspended"), "refused so: {reason}");
    Ok(())
}
