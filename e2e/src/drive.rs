//! The way of a pack on a real node, through the client library.

use crate::sample::{name, Sample, Tape};
use anyhow::{bail, Context, Result};
use assay_client::chain::{
    api,
    call::{credit, packs, scoring},
    council::{self, Motion},
    Call, Chain, Key, Limits, Pipeline, Receipt, Wait,
};
use assay_primitives::{
    pack::{PackStatus, PackTerms, PackView},
    PackId, SchemaId, UnixSecs,
};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::time::sleep;

/// The sample's schema: the first of a new chain.
pub const SCHEMA: SchemaId = 0;
/// What may be on the way: as much as several blocks take, well within the node's pool of 128 MiB.
const LIMITS: Limits = Limits { transactions: 2_048, bytes: 64 * 1024 * 1024 };
/// How long a job of the chain may take.
const JOB_PATIENCE: Duration = Duration::from_secs(180);
const POLL: Duration = Duration::from_millis(200);

/// Unix time of this machine.
///
/// # Errors
/// When its clock stands before 1970.
pub fn now_secs() -> Result<UnixSecs> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// Sends the calls in order and waits until the last is in a block.
///
/// # Errors
/// The first refusal.
pub async fn send_all(chain: &Chain, key: &Key, calls: Vec<Call>) -> Result<()> {
    let calls = calls.into_iter().map(|call| Ok::<_, anyhow::Error>((call.name, call)));
    let pipeline = Pipeline::new(chain, key, Wait::InBlock).limits(LIMITS);
    let failures = pipeline.run(futures::stream::iter(calls), |_| {}).await?;
    match failures.into_iter().next() {
        Some(failure) => Err(failure.refused).context(failure.tag),
        None => Ok(()),
    }
}

/// Has the members of the council say aye, one after the other, until the call is made.
///
/// # Errors
/// A refusal, or when these members are too few.
pub async fn decide(chain: &Chain, council: &[Key], call: &Call) -> Result<Receipt> {
    for key in council {
        if let Motion::Executed(receipt) = council::decide(chain, key, call, Wait::InBlock).await? {
            return Ok(receipt);
        }
    }
    bail!("{} members of the council are too few for {call}", council.len())
}

/// Makes the sample's schema, policy and contract known on a new chain: the risk controller
/// proposes, the council approves.
///
/// # Errors
/// The first refusal.
pub async fn prepare(
    chain: &Chain,
    controller: &Key,
    council: &[Key],
    sample: &Sample,
) -> Result<()> {
    let artifact = sample.artifact_bytes()?;
    let calls = vec![
        credit::add_schema(&sample.schema),
        credit::add_policy(&name("sample"), &sample.policy),
        scoring::propose(
            &name("sample"),
            SCHEMA,
            sample.schema.features_hash(),
            &artifact,
            &sample.calibration,
        ),
    ];
    send_all(chain, controller, calls).await?;
    decide(chain, council, &scoring::approve(sample.contract)).await.map(drop)
}

/// Uploads all reports of the sample.
///
/// # Errors
/// The first refusal.
pub async fn upload(chain: &Chain, key: &Key, sample: &Sample) -> Result<()> {
    let batches = sample.batches()?;
    let calls = batches.iter().map(|batch| credit::submit(SCHEMA, batch)).collect();
    send_all(chain, key, calls).await
}

/// Submits a tape; `pack` must be the number of the chain's next pack.
///
/// # Errors
/// The first refusal.
pub async fn submit(
    chain: &Chain,
    key: &Key,
    pack: PackId,
    terms: &PackTerms,
    tape: &Tape,
) -> Result<()> {
    let pages = (0..).zip(&tape.pages).map(|(number, page)| packs::add_page(pack, number, page));
    let calls = std::iter::once(packs::open(terms))
        .chain(pages)
        .chain(std::iter::once(packs::seal(pack, tape.loans, tape.principal_minor)))
        .collect();
    send_all(chain, key, calls).await
}

/// The pack at the best block.
///
/// # Errors
/// When there is none of that number.
pub async fn view(chain: &Chain, pack: PackId) -> Result<PackView> {
    api::pack(chain, pack, None).await?.with_context(|| format!("there is no pack {pack}"))
}

/// Waits until the pack is as `is_there` wants it.
///
/// # Errors
/// When that takes longer than any job should.
pub async fn wait_until(
    chain: &Chain,
    pack: PackId,
    is_there: impl Fn(&PackView) -> bool,
) -> Result<PackView> {
    let deadline = Instant::now() + JOB_PATIENCE;
    loop {
        let view = view(chain, pack).await?;
        if is_there(&view) {
            return Ok(view);
        }
        if Instant::now() > deadline {
            bail!("pack {pack} is still {:?} after {JOB_PATIENCE:?}", view.pack.status);
        }
        sleep(POLL).await;
    }
}

/// Assesses the pack with the sample's contract and waits for the end.
///
/// # Errors
/// A refusal, or when it takes too long.
pub async fn assess(chain: &Chain, key: &Key, pack: PackId, sample: &Sample) -> Result<PackView> {
    let call = packs::assess(pack, sample.contract, sample.policy_id);
    send_all(chain, key, vec![call]).await?;
    wait_until(chain, pack, |view| view.pack.status == PackStatus::Assessed).await
}
