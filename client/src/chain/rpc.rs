//! The connection to one node: requests that survive its restart.

use super::fault::ChainFault;
use serde::Deserialize;
use std::{
    future::Future,
    ops::Deref,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use subxt::{
    config::{substrate::SubstrateHeader, RpcConfigFor},
    ext::jsonrpsee::ws_client::WsClientBuilder,
    rpcs::{client::rpc_params, methods::legacy::Bytes, Error, LegacyRpcMethods, RpcClient},
    utils::H256,
    SubstrateConfig,
};
use tokio::{
    sync::RwLock,
    time::{sleep, Instant},
};

/// The methods that most nodes have.
type LegacyMethods = LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>;
/// The header of a block.
pub(crate) type Header = SubstrateHeader<H256>;

/// A block of 8 MiB in hexadecimal JSON, with room.
const MAX_RESPONSE_BYTES: u32 = 64 * 1024 * 1024;
/// No single answer takes longer, not even a large page under load.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest pause between two attempts to connect.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// How often one request is repeated over new connections: more means that it is the request itself
/// that ends them.
const MAX_REPEATS: u32 = 4;

/// The node's methods.
#[derive(Clone)]
pub(crate) struct Methods {
    client: RpcClient,
    legacy: LegacyMethods,
}

impl Deref for Methods {
    type Target = LegacyMethods;

    fn deref(&self) -> &LegacyMethods {
        &self.legacy
    }
}

/// New session keys, and what shows that their holder means the owner.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct GeneratedKeys {
    pub keys: Bytes,
    #[serde(default)]
    pub proof: Option<Bytes>,
}

impl Methods {
    fn new(client: RpcClient) -> Methods {
        Methods { legacy: LegacyMethods::new(client.clone()), client }
    }

    /// Makes new session keys in the node's keystore, for the owner to register.
    pub async fn author_rotate_keys_with_owner(
        &self,
        owner: [u8; 32],
    ) -> Result<GeneratedKeys, Error> {
        let owner = Bytes(owner.to_vec());
        self.client.request("author_rotateKeysWithOwner", rpc_params![owner]).await
    }
}

/// A connection that is made anew when it is lost.
pub(crate) struct Rpc {
    url: String,
    /// How long to try to connect again.
    patience: Duration,
    methods: RwLock<Methods>,
    /// Counts connections: who sees it change knows that the node may have forgotten its pool.
    connections: AtomicU64,
}

impl Rpc {
    /// Connects once; no second attempt, for the address may be wrong.
    pub async fn connect(url: &str, patience: Duration) -> Result<Rpc, ChainFault> {
        let methods = open(url).await?;
        Ok(Rpc {
            url: url.into(),
            patience,
            methods: RwLock::new(methods),
            connections: AtomicU64::new(1),
        })
    }

    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Asks the node; over a new connection when the present one breaks. Only the node's own
    /// refusals are given to `ask`'s caller.
    pub async fn ask<R, F>(
        &self,
        method: &str,
        ask: impl Fn(Methods) -> F,
    ) -> Result<Result<R, subxt::rpcs::UserError>, ChainFault>
    where
        F: Future<Output = Result<R, Error>>,
    {
        let mut repeats = 0;
        loop {
            let connection = self.connections();
            let methods = self.methods.read().await.clone();
            let reason = match ask(methods).await {
                Ok(answer) => return Ok(Ok(answer)),
                Err(Error::User(error)) => return Ok(Err(error)),
                Err(Error::Deserialization(reason)) => {
                    return Err(ChainFault::unreadable(method, reason))
                }
                Err(Error::Decode(reason)) => return Err(ChainFault::unreadable(method, reason)),
                Err(other) => other.to_string(),
            };
            if repeats == MAX_REPEATS {
                return Err(ChainFault::Unreachable { url: self.url.clone(), reason });
            }
            repeats += 1;
            self.reconnect(connection).await?;
        }
    }

    /// Like [`Rpc::ask`] where the node's refusal is a fault.
    pub async fn need<R, F>(
        &self,
        method: &str,
        ask: impl Fn(Methods) -> F,
    ) -> Result<R, ChainFault>
    where
        F: Future<Output = Result<R, Error>>,
    {
        self.ask(method, ask).await?.map_err(|error| {
            let data = error.data.as_ref().map(|raw| format!(": {}", raw.get()));
            ChainFault::Rpc {
                method: method.into(),
                reason: format!("{}{}", error.message, data.unwrap_or_default()),
            }
        })
    }

    /// Replaces the connection of that number unless somebody did so in the meantime.
    async fn reconnect(&self, broken: u64) -> Result<(), ChainFault> {
        let mut methods = self.methods.write().await;
        if self.connections() != broken {
            return Ok(());
        }
        let deadline = Instant::now() + self.patience;
        let mut pause = Duration::from_millis(250);
        loop {
            match open(&self.url).await {
                Ok(fresh) => {
                    *methods = fresh;
                    self.connections.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
                Err(fault) if Instant::now() + pause > deadline => return Err(fault),
                Err(_) => sleep(pause).await,
            }
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }
}

async fn open(url: &str) -> Result<Methods, ChainFault> {
    let client = WsClientBuilder::default()
        .max_response_size(MAX_RESPONSE_BYTES)
        .max_request_size(MAX_RESPONSE_BYTES)
        .request_timeout(REQUEST_TIMEOUT)
        .build(url)
        .await
        .map_err(|reason| ChainFault::Unreachable {
            url: url.into(),
            reason: reason.to_string(),
        })?;
    Ok(Methods::new(RpcClient::new(client)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn should_name_the_address_when_no_node_answers() {
        let url = "ws://127.0.0.1:1";
        let fault = Rpc::connect(url, Duration::ZERO).await.err().expect("nothing listens there");
        assert!(fault.is_unreachable());
        assert!(fault.to_string().contains(url));
    }
}
