//! How transactions get to the node: signed for the runtime that the chain has, and sent again when
//! the node lost them, keeps them out, or has another runtime by now.
//!
//! A call keeps its nonce whatever becomes of it, and a key signs the same words in the same way: for
//! one version of the runtime and one lifetime there is one transaction of a call, and of all of them
//! the chain takes one.

use super::{
    journey::{refuse, Flight, Journey},
    Failure, Pipeline, Progress, RESEND_AFTER,
};
use crate::chain::{
    call::{Call, Raw},
    fault::{pool_answer, ChainFault, PoolAnswer, Refused},
    transaction::{self, Signed},
    Runtime, Wait,
};
use sp_runtime::transaction_validity::{
    InvalidTransaction, TransactionSource, TransactionValidity, TransactionValidityError,
};
use std::sync::Arc;
use subxt::rpcs::UserError;
use tokio::time::Instant;

/// What `author_submitExtrinsic` answers to an invalid transaction.
const INVALID_TRANSACTION: i32 = 1010;

impl Pipeline<'_> {
    /// Signs and sends the next call; a full pool is waited for, and so is one whose runtime is
    /// another than the transaction is signed for.
    pub(super) async fn launch<T>(
        &self,
        runtime: &Runtime,
        journey: &mut Journey<T>,
        tag: T,
        call: Call,
        progress: &mut impl FnMut(Progress<'_, T>),
    ) -> Result<(), ChainFault> {
        let nonce = journey.next_nonce;
        let signed = transaction::sign(runtime, self.key, &call, nonce, journey.lifetime)?;
        if let PoolAnswer::Never(reason) = self.send(&signed, &call).await? {
            let refused = Refused::Pool(reason);
            progress(Progress::Failed(&tag, &refused));
            journey.failures.push(Failure { tag, refused });
            return Ok(());
        }
        if journey.flights.is_empty() {
            journey.last_inclusion = Instant::now();
        }
        journey.next_nonce += 1;
        journey.flights.insert(nonce, Flight::new(tag, call, &signed));
        Ok(())
    }

    /// Goes with the chain to a new block: gives what is signed from now on another lifetime in time,
    /// and takes up another version of the runtime once the chain has settled on it. What is in no
    /// block by then was signed for the version before, which the chain takes no more.
    pub(super) async fn follow<T>(
        &self,
        runtime: &mut Arc<Runtime>,
        journey: &mut Journey<T>,
        progress: &mut impl FnMut(Progress<'_, T>),
    ) -> Result<(), ChainFault> {
        if journey.lifetime.is_old(journey.scanned) {
            journey.lifetime = self.lifetime().await?;
        }
        let current = self.chain.runtime(Some(journey.best)).await?;
        let version = current.spec_version;
        if !journey.upgrade.is_due(runtime.spec_version, version, journey.scanned) {
            return Ok(());
        }
        let before = std::mem::replace(runtime, current);
        let changed = journey
            .flights
            .iter()
            .find(|(_, flight)| {
                flight.included.is_none() && !runtime.takes_as(&before, &flight.call)
            })
            .map(|(nonce, flight)| (*nonce, flight.call.to_string()));
        if let Some((nonce, call)) = changed {
            let reason = format!(
                "the chain's upgrade to version {version} changed {call} before the transaction \
                 was in a block; run the command again"
            );
            refuse(journey, nonce, &reason, progress);
        }
        journey.last_inclusion = Instant::now();
        self.send_open(runtime, journey, progress).await
    }

    /// Sends again what the node may have lost.
    pub(super) async fn resend<T>(
        &self,
        runtime: &Runtime,
        journey: &mut Journey<T>,
        progress: &mut impl FnMut(Progress<'_, T>),
    ) -> Result<(), ChainFault> {
        let connection = self.chain.rpc.connections();
        let lost = connection != journey.connection;
        if !lost && journey.last_inclusion.elapsed() < RESEND_AFTER {
            return Ok(());
        }
        journey.connection = connection;
        if lost {
            self.forget_lost(journey, |_| true).await?;
        }
        if journey.flights.values().all(|flight| flight.included.is_some()) {
            return Ok(());
        }
        if self.wait == Wait::InBlock {
            let last = self.chain.finalized().await?;
            self.drop_displaced(journey, last, progress).await?;
        }
        journey.last_inclusion = Instant::now();
        self.send_open(runtime, journey, progress).await
    }

    /// Sends what is in no block, in order, as the runtime takes it. What is valid and yet kept out is
    /// another transaction the next time, so that no node takes it for the one that it turned away.
    async fn send_open<T>(
        &self,
        runtime: &Runtime,
        journey: &mut Journey<T>,
        progress: &mut impl FnMut(Progress<'_, T>),
    ) -> Result<(), ChainFault> {
        let lifetime = journey.lifetime;
        let mut is_kept_out = false;
        for nonce in journey.open_nonces() {
            let Some(flight) = journey.flights.get_mut(&nonce) else { continue };
            let signed = transaction::sign(runtime, self.key, &flight.call, nonce, lifetime)?;
            flight.is_signed_as(&signed);
            let answer = self.send(&signed, &flight.call).await?;
            let reason = match &answer {
                PoolAnswer::Known => None,
                PoolAnswer::Never(reason) if flight.hashes.len() == 1 => Some(reason.clone()),
                // The pool may hold the transaction as it was signed before, keep it out without a
                // word why, or judge by a runtime that is no longer the best block's.
                _ => self.refusal(runtime, &signed, &flight.call).await?,
            };
            if let Some(reason) = reason {
                refuse(journey, nonce, &reason, progress);
                return Ok(());
            }
            is_kept_out |= matches!(answer, PoolAnswer::Later(_));
        }
        if is_kept_out {
            journey.lifetime = self.lifetime().await?;
        }
        Ok(())
    }

    async fn send(&self, signed: &Signed, call: &Call) -> Result<PoolAnswer, ChainFault> {
        let bytes = signed.bytes.as_slice();
        let answer = self
            .chain
            .rpc
            .ask("author_submitExtrinsic", |node| async move {
                node.author_submit_extrinsic(bytes).await
            })
            .await?;
        Ok(match answer {
            Ok(_) => PoolAnswer::Known,
            Err(error) => pool_answer(&error, self.key.label(), &call.to_string()),
        })
    }

    /// Why the best block's state refuses a transaction, if it does. The pool keeps out for a while
    /// what became invalid in it, and doesn't say why: a quota that is used up, for instance.
    async fn refusal(
        &self,
        runtime: &Runtime,
        signed: &Signed,
        call: &Call,
    ) -> Result<Option<String>, ChainFault> {
        let best = self.chain.best().await?.hash;
        if self.chain.runtime(Some(best)).await?.spec_version != runtime.spec_version {
            return Ok(None);
        }
        let arguments = (TransactionSource::External, Raw(&signed.bytes), best);
        let validity: TransactionValidity = self
            .chain
            .call_api("TaggedTransactionQueue_validate_transaction", arguments, Some(best))
            .await?;
        let Err(TransactionValidityError::Invalid(invalid)) = validity else { return Ok(None) };
        Ok(match pool_answer(&as_told(invalid), self.key.label(), &call.to_string()) {
            PoolAnswer::Never(reason) | PoolAnswer::Stale(reason) => Some(reason),
            PoolAnswer::Known | PoolAnswer::Later(_) => None,
        })
    }
}

/// A refusal as the node's pool would tell it.
fn as_told(invalid: InvalidTransaction) -> UserError {
    let data = match invalid {
        InvalidTransaction::Custom(number) => format!("Custom error: {number}"),
        other => <&str>::from(other).to_string(),
    };
    UserError {
        code: INVALID_TRANSACTION,
        message: "Invalid Transaction".into(),
        data: serde_json::value::to_raw_value(&data).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_primitives::member::refusal;

    fn answer(invalid: InvalidTransaction) -> PoolAnswer {
        pool_answer(&as_told(invalid), "//Bob", "CreditRegistry::submit")
    }

    #[test]
    fn should_say_the_same_as_the_pool_when_the_state_refuses() {
        let codes = [refusal::QUOTA_EXCEEDED, refusal::SUSPENDED, refusal::STOPPED];
        for code in codes {
            let told = answer(InvalidTransaction::Custom(code));
            let PoolAnswer::Never(sentence) = told else { panic!("code {code} is a refusal") };
            assert!(!sentence.contains("with code"), "{sentence}");
        }
        let stranger = answer(InvalidTransaction::Payment);
        assert_eq!(stranger, answer(InvalidTransaction::Custom(refusal::NOT_A_MEMBER)));
    }

    #[test]
    fn should_not_take_a_used_nonce_for_a_refusal_when_the_state_is_asked() {
        assert_eq!(answer(InvalidTransaction::Stale), PoolAnswer::Known);
    }

    #[test]
    fn should_tell_a_wrong_signature_from_other_refusals() {
        assert!(matches!(answer(InvalidTransaction::BadProof), PoolAnswer::Stale(_)));
    }
}
