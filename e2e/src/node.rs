//! Real nodes as processes: started on free ports, killed without notice, started again.

use anyhow::{bail, ensure, Context, Result};
use assay_client::chain::Chain;
use std::{
    fs::{self, OpenOptions},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::time::sleep;

/// How long a node may take until it answers: it compiles the runtime's Wasm first.
const START_PATIENCE: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(200);
/// Lines of a node's log that a fault shows.
const SHOWN_LOG_LINES: usize = 15;
/// The network identity of the secret 0x00..01.
const FIRST_PEER_ID: &str = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

/// A node with a database of its own, which lasts as long as this value. Dropping it kills the node.
pub struct Node {
    name: &'static str,
    arguments: Vec<String>,
    rpc_port: u16,
    network_port: u16,
    directory: TempDir,
    child: Option<Child>,
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

    /// Starts the three validators of the chain `local`: Alice, Bob and Charlie, in this order.
    ///
    /// # Errors
    /// As [`Node::development`].
    pub async fn local() -> Result<[Node; 3]> {
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
        let mut nodes = [validator("alice", 1)?, validator("bob", 2)?, validator("charlie", 3)?];
        let [alice, bob, charlie] = &mut nodes;
        let first = format!("/ip4/127.0.0.1/tcp/{}/p2p/{FIRST_PEER_ID}", alice.network_port);
        for node in [&mut *bob, &mut *charlie] {
            node.arguments.extend(["--bootnodes".into(), first.clone()]);
        }
        for node in [alice, bob, charlie] {
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
        Ok(Node { name, arguments, rpc_port, network_port, directory, child: None })
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
        ensure!(self.child.is_none(), "the node {} runs already", self.name);
        let log = OpenOptions::new().create(true).append(true).open(self.log_path())?;
        let child = Command::new(program("assay-node")?)
            .args(&self.arguments)
            .arg("--base-path")
            .arg(self.directory.path().join("data"))
            .args(["--rpc-port", &self.rpc_port.to_string()])
            .args(["--port", &self.network_port.to_string()])
            .args(["--no-prometheus", "--no-telemetry", "--no-mdns"])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("the node could not be started")?;
        self.child = Some(child);
        Ok(())
    }

    async fn wait_for_answer(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            let reason = match Chain::connect(&self.url()).await {
                Ok(_) => return Ok(()),
                Err(fault) => fault,
            };
            let child = self.child.as_mut().context("the node was not started")?;
            if let Some(status) = child.try_wait()? {
                bail!("the node {} ended with {status}:\n{}", self.name, self.log_end());
            }
            if Instant::now() > deadline {
                bail!("{reason}; the node {}'s log ends with:\n{}", self.name, self.log_end());
            }
            sleep(POLL).await;
        }
    }

    /// Ends the node as a loss of power does: it can't finish anything (SIGKILL).
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the node does not run")?;
        child.kill()?;
        child.wait()?;
        Ok(())
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
        let child = self.child.as_ref().context("the node does not run")?;
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
        let kibibytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|value| value.trim().strip_suffix(" kB"))
            .context("the system does not tell the node's memory")?;
        Ok(kibibytes.trim().parse::<f64>()? / 1024.0)
    }

    fn log_path(&self) -> PathBuf {
        self.directory.path().join("node.log")
    }

    fn log_end(&self) -> String {
        let log = fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(SHOWN_LOG_LINES)..].join("\n")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Nothing is left to be done about a process that can't be killed.
            let _ = child.kill().and_then(|()| child.wait());
        }
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
