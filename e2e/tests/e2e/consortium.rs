//! Four validators, who are the council.

use super::support::{assay, machine, pool_refusal};
use anyhow::{ensure, Context, Result};
use assay_client::chain::{
    call::{membership, securities},
    council::{self, Motion},
    Call, Key, Refused, Wait,
};
use assay_e2e::node::Node;
use assay_primitives::H256;
use codec::{Compact, Encode};
use std::time::Duration;

const EXCHANGE: &str = "//Charlie";

#[tokio::test(flavor = "multi_thread")]
async fn should_suspend_a_member_when_three_of_four_decide_so() -> Result<()> {
    let _machine = machine().await;
    let nodes = Node::local().await?;
    let [first, second, third, fourth] = &nodes;
    let (bank, bureau) = (Key::development("//Alice")?, Key::development("//Bob")?);
    let (exchange, other_bank) = (Key::development(EXCHANGE)?, Key::development("//Dave")?);
    let suspend = membership::suspend(&exchange.account());

    let at_third = third.connect().await?;
    let call = securities::issue(0, &Default::default(), &Default::default());
    let allowed = at_third.submit(&exchange, call.clone(), Wait::InBlock).await;
    ensure!(
        matches!(&allowed, Err(Refused::Dispatch { .. })),
        "an active exchange may send it, and only the call fails: {allowed:?}"
    );

    let at = (first.connect().await?, second.connect().await?, fourth.connect().await?);
    let moved = council::decide(&at.0, &bank, &suspend, Wait::Finalized).await?;
    ensure!(matches!(moved, Motion::Open { ayes: 1, threshold: 3, .. }), "{moved:?}");
    let seconded = council::decide(&at.1, &bureau, &suspend, Wait::Finalized).await?;
    ensure!(matches!(seconded, Motion::Open { ayes: 2, threshold: 3, .. }), "{seconded:?}");
    let carried = council::decide(&at.2, &other_bank, &suspend, Wait::Finalized).await?;
    ensure!(matches!(carried, Motion::Executed(_)), "{carried:?}");

    let Motion::Executed(receipt) = carried else { anyhow::bail!("the motion is open") };
    while at_third.finalized().await?.number < receipt.block_number {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let arguments = (H256::zero(), Compact(0_u32), true).encode();
    let vote = Call { pallet: "Council", name: "vote", arguments };
    for refused in [call, vote] {
        let reason = pool_refusal(at_third.submit(&exchange, refused, Wait::InBlock).await)?;
        ensure!(reason.contains("is suspended"), "refused so: {reason}");
    }
    refuse_unknown_calls(first).await
}

/// A call that no pallet has, one cut off, and one with a byte too many.
async fn refuse_unknown_calls(node: &Node) -> Result<()> {
    let known = assay(node, &["council", "propose", "stop"]).await?;
    ensure!(known["executed"] == false, "one of four can't stop the chain: {known}");
    for digits in ["0xff00", "0x0a02", "0x11020000"] {
        let outcome = assay(node, &["council", "propose", "raw", digits]).await;
        let fault = outcome.err().with_context(|| format!("{digits} is proposed"))?;
        let said = format!("{fault:#}");
        ensure!(said.contains("a motion for an unknown call"), "{digits} is refused so: {said}");
    }
    Ok(())
}
