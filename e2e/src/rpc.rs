//! A node's JSON-RPC over plain HTTP: for what the client library has no function for, and for more
//! requests a second than one would send for any other reason.

use anyhow::{bail, ensure, Context, Result};
use serde_json::{json, Value as Json};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

/// No answer takes longer.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);
/// Longest line of an answer's head.
const MAX_HEAD_BYTES: u64 = 16 * 1024;

/// One connection, which stays open from request to request.
pub struct Rpc {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

impl Rpc {
    /// Connects to a node.
    ///
    /// # Errors
    /// When nothing listens there.
    pub async fn connect(address: SocketAddr) -> Result<Rpc> {
        let stream = timeout(ANSWER_PATIENCE, TcpStream::connect(address))
            .await
            .with_context(|| format!("no answer from {address}"))??;
        stream.set_nodelay(true)?;
        Ok(Rpc { address, stream: BufReader::new(stream) })
    }

    /// Asks once over a connection of its own.
    ///
    /// # Errors
    /// When the node can't be reached, or refuses.
    pub async fn ask(address: SocketAddr, method: &str, parameters: Json) -> Result<Json> {
        Rpc::connect(address).await?.call(method, parameters).await
    }

    /// Calls a method and gives its result.
    ///
    /// # Errors
    /// When the connection breaks, or the node refuses.
    pub async fn call(&mut self, method: &str, parameters: Json) -> Result<Json> {
        let request = json!({
            "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters
        });
        let mut answer: Json = serde_json::from_slice(&self.post(&request.to_string()).await?)?;
        if let Some(fault) = answer.get("error") {
            bail!("{} refuses {method}: {fault}", self.address);
        }
        Ok(answer.get_mut("result").context("the answer has no result")?.take())
    }

    /// Calls one method with each of the parameters, in one request; gives the answers, refusals
    /// among them, in any order.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn batch(&mut self, method: &str, parameters: &[Json]) -> Result<Vec<Json>> {
        let requests: Vec<Json> = (0..)
            .zip(parameters)
            .map(|(id, parameters): (u32, &Json)| {
                json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters })
            })
            .collect();
        let answer = self.post(&Json::from(requests).to_string()).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    async fn post(&mut self, body: &str) -> Result<Vec<u8>> {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let request = [head.as_bytes(), body.as_bytes()].concat();
        timeout(ANSWER_PATIENCE, self.exchange(&request))
            .await
            .with_context(|| format!("{} does not answer", self.address))?
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        self.stream.get_mut().write_all(request).await?;
        let status = self.head_line().await?;
        ensure!(status.contains(" 200 "), "{} answers {status:?}", self.address);
        let mut length: Option<usize> = None;
        loop {
            let line = self.head_line().await?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = Some(value.trim().parse()?);
                }
            }
        }
        let mut body = vec![0; length.context("the answer does not say how long it is")?];
        self.stream.read_exact(&mut body).await?;
        Ok(body)
    }

    async fn head_line(&mut self) -> Result<String> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(MAX_HEAD_BYTES);
        limited.read_until(b'\n', &mut line).await?;
        ensure!(line.ends_with(b"\n"), "{} closed the connection", self.address);
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}
