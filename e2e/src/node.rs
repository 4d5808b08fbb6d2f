//! Real nodes as processes: started on free ports, killed without notice, started again.

use crate::process::Process;
use anyhow::{ensure, Context, Result};
use assay_client::chain::Chain;
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// The network identity of the secret 0x00..01.
const FIRST_PEER_ID: &str = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

/// A node with a database of its own, which lasts as long as this value. Dropping it kills the node.
pub struct Node {
    name: &'static str,
    arguments: Vec<String>,
    rpc_port: u16,
    network_port: u16,
    // Before the directory: the process must end before its files go.
    process: Option<Process>,
    directory: TempDir,
}

impl Node {
    /// Starts a development node: one validator, `//Alice`, whose key holds all roles.
    ///
    /// # Errors
    /// When the node's program is missing, stops at once, or doesn't answer in time.
    pub async fn development() -> Result<Node> {
        let mut node = Node::prepare("dev", vec!["--dev".into()])?;
        node.start().await?;
        Ok(node)
    }

    /// Starts the four validators of the chain `local`: Alice, Bob, Charlie and Dave, in this order.
    ///
    /// # Errors
    /// As [`Node::development`].
    pub async fn local() -> Result<[Node; 4]> {
        let validator = |name: &'static str, secret: u8| {
            let arguments = vec![
                "--chain".into(),
                "local".into(),
                format!("--{name}"),
                "--node-key".into(),
                format!("{secret:064x}"),
            ];
            Node::prepare(name, arguments)
        };
        let mut nodes = [
            validator("alice", 1)?,
            validator("bob", 2)?,
            validator("charlie", 3)?,
            validator("dave", 4)?,
        ];
        let [alice, others @ ..] = &mut nodes;
        let first = format!("/ip4/127.0.0.1/tcp/{}/p2p/{FIRST_PEER_ID}", alice.network_port);
        for node in others {
            node.arguments.extend(["--bootnodes".into(), first.clone()]);
        }
        for node in &mut nodes {
            node.launch()?;
        }
        for node in &mut nodes {
            node.wait_for_answer().await?;
        }
        Ok(nodes)
    }

    fn prepare(name: &'static str, arguments: Vec<String>) -> Result<Node> {
        let [rpc_port, network_port] = free_ports()?;
        let directory = tempfile::tempdir()?;
        Ok(Node { name, arguments, rpc_port, network_port, process: None, directory })
    }

    /// Starts the node, or starts it again on the same database.
    ///
    /// # Errors
    /// As [`Node::development`].
    pub async fn start(&mut self) -> Result<()> {
        self.launch()?;
        self.wait_for_answer().await
    }

    fn launch(&mut self) -> Result<()> {
        ensure!(self.process.is_none(), "the node {} runs already", self.name);
        let mut command = Command::new(program("assay-node")?);
        command
            .args(&self.arguments)
            .arg("--base-path")
            .arg(self.directory.path().join("data"))
            .args(["--rpc-port", &self.rpc_port.to_string()])
            .args(["--port", &self.network_port.to_string()])
            .args(["--no-prometheus", "--no-telemetry", "--no-mdns"]);
        let log = self.directory.path().join("node.log");
        self.process = Some(Process::spawn(&format!("node {}", self.name), &mut command, &log)?);
        Ok(())
    }

    async fn wait_for_answer(&mut self) -> Result<()> {
        let url = self.url();
        self.process.as_mut().context("the node was not started")?.wait_for_answer(&url).await
    }

    /// Ends the node as a loss of power does: it can't finish anything (SIGKILL).
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().context("the node does not run")?.kill()
    }

    /// Where the node listens.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.rpc_port)
    }

    /// A new connection to the node.
    ///
    /// # Errors
    /// As [`Chain::connect`].
    pub async fn connect(&self) -> Result<Chain> {
        Ok(Chain::connect(&self.url()).await?)
    }

    /// The most memory that the node ever had resident, in MiB.
    ///
    /// # Errors
    /// When the node doesn't run, or the system doesn't tell.
    pub fn peak_memory_mib(&self) -> Result<f64> {
        self.process.as_ref().context("the node does not run")?.peak_memory_mib()
    }
}

/// A program of this workspace, beside the one that runs.
///
/// # Errors
/// When it has not been built.
pub fn program(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let beside = own.parent().context("this program is in no directory")?;
    // Tests lie one level deeper.
    let directory = if beside.ends_with("deps") { beside.parent() } else { Some(beside) };
    let path = directory.unwrap_or(beside).join(name);
    ensure!(path.is_file(), "{} is missing: build the whole workspace first", path.display());
    Ok(path)
}

/// The root of the repository that this was built in.
pub fn repository() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

fn free_ports() -> Result<[u16; 2]> {
    let first = TcpListener::bind(("127.0.0.1", 0))?;
    let second = TcpListener::bind(("127.0.0.1", 0))?;
    Ok([first.local_addr()?.port(), second.local_addr()?.port()])
}
