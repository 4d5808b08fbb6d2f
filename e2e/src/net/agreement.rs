//! What must hold after every scenario: one finalised chain, the same state on all nodes, a state that
//! is sound, and every transaction on the chain once or clearly refused.

use super::{
    load::{nonce_at, Sent},
    Cluster,
};
use anyhow::{ensure, Context, Result};
use assay_client::chain::{api, Chain};
use assay_primitives::H256;
use serde_json::{json, Value as Json};
use sp_runtime::traits::{BlakeTwo256, Hash};
use std::{collections::HashMap, time::Duration};

/// How long nodes may take to finalise what another has.
const PATIENCE: Duration = Duration::from_secs(180);
/// How far the chain must go on after it was looked at.
const FURTHER_BLOCKS: u32 = 3;
/// A load's first block may have lost to a shorter fork.
const REORG_BLOCKS: u32 = 5;

impl Cluster {
    /// Checks that all running nodes have one finalised chain and one state, that the state is sound,
    /// that the chain goes on, and that what was sent is on it once or was clearly refused. Gives the
    /// height that was looked at.
    ///
    /// # Errors
    /// What is not so.
    pub async fn check_agreement(&mut self, sent: &[&Sent]) -> Result<u32> {
        let running = self.running();
        let heights = self.heights_of(&running).await?;
        let height = heights.iter().map(|heights| heights.finalized).max().unwrap_or_default();
        self.wait_final(height, &running, PATIENCE).await?;
        self.check_same_chain(&running, height).await?;
        self.wait_final(height + FURTHER_BLOCKS, &running, PATIENCE).await?;
        self.check_same_chain(&running, height + FURTHER_BLOCKS).await?;
        let first = *running.first().context("no node runs")?;
        let chain = self.chain(first).await?;
        let block = chain.block_hash(height + FURTHER_BLOCKS).await?;
        let soundness = api::check_state(&chain, Some(block)).await?;
        ensure!(soundness.is_ok(), "the state is not sound: {soundness:?}");
        for sent in sent {
            self.check_sent(&chain, first, sent, height + FURTHER_BLOCKS).await?;
        }
        self.is_agreed = true;
        Ok(height)
    }

    /// Checks that all blocks up to a final one, and the state after it, are the same everywhere.
    async fn check_same_chain(&self, positions: &[usize], height: u32) -> Result<()> {
        let numbers: Vec<u32> = (0..=height).collect();
        let mut expected: Option<(Json, Json)> = None;
        for position in positions {
            let machine = &self.machines[*position];
            let hashes = machine.ask("chain_getBlockHash", json!([numbers])).await?;
            let last = hashes.get(numbers.len() - 1).context("a block is missing")?;
            let header = machine.ask("chain_getHeader", json!([last])).await?;
            let found = (hashes, header["stateRoot"].clone());
            ensure!(found.1.is_string(), "{} has no block {height}", machine.name);
            match &expected {
                None => expected = Some(found),
                Some(expected) => {
                    let name = &machine.name;
                    ensure!(expected.0 == found.0, "{name} has another chain up to {height}");
                    ensure!(expected.1 == found.1, "{name} has another state at {height}");
                }
            }
        }
        Ok(())
    }

    /// Looks for every transaction in the blocks themselves.
    async fn check_sent(
        &self,
        chain: &Chain,
        position: usize,
        sent: &Sent,
        height: u32,
    ) -> Result<()> {
        let mut times: HashMap<H256, u32> = sent.done.iter().map(|hash| (*hash, 0)).collect();
        ensure!(times.len() == sent.done.len(), "a transaction was counted twice");
        for number in sent.first_block.saturating_sub(REORG_BLOCKS)..=height {
            let hash = chain.block_hash(number).await?;
            let block =
                self.machines[position].ask("chain_getBlock", json!([format!("{hash:?}")])).await?;
            let transactions =
                block["block"]["extrinsics"].as_array().context("a block has no transactions")?;
            for text in transactions {
                let bytes = sp_core::bytes::from_hex(text.as_str().unwrap_or_default())?;
                if let Some(count) = times.get_mut(&BlakeTwo256::hash(&bytes)) {
                    *count += 1;
                }
            }
        }
        let wrong = times.iter().find(|(_, count)| **count != 1);
        ensure!(wrong.is_none(), "a transaction is on the chain how many times: {wrong:?}");
        let last = chain.block_hash(height).await?;
        let used = nonce_at(chain, &sent.account, last).await? - sent.first_nonce;
        let told = sent.done.len() + sent.failed.len();
        ensure!(used as usize == told, "{used} transactions are on the chain, {told} were told of");
        Ok(())
    }
}
