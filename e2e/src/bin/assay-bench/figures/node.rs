//! The memory of a real node.

use super::{Printer, Sizes, SEED};
use anyhow::Result;
use assay_client::chain::Key;
use assay_e2e::{
    drive,
    node::Node,
    sample::{terms, Sample, Tape},
};

/// Starts a node, has it take the reports and assess the pack, and prints the most memory it had.
pub fn run(printer: &Printer, sizes: Sizes) -> Result<()> {
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mebibytes = tokio.block_on(peak_memory_mib(sizes))?;
    printer.print("node.rss_mib", mebibytes, "MiB");
    Ok(())
}

async fn peak_memory_mib(sizes: Sizes) -> Result<f64> {
    let now_secs = drive::now_secs()?;
    let sample = Sample::new(sizes.subjects, now_secs, SEED)?;
    let tape = Tape::draw(&sample.subjects(), sizes.loans, SEED);
    let node = Node::development().await?;
    let chain = node.connect().await?;
    let key = Key::development("//Alice")?;
    drive::prepare(&chain, &key, std::slice::from_ref(&key), &sample).await?;
    drive::upload(&chain, &key, &sample).await?;
    drive::submit(&chain, &key, 0, &terms("benchmark", now_secs - 86_400), &tape).await?;
    drive::assess(&chain, &key, 0, &sample).await?;
    node.peak_memory_mib()
}
