//! One node of a consortium: its namespace, its files, its process.

use super::wires::{self, data_address, namespace, rpc_address};
use crate::{
    node::program,
    process::{log_end, Process},
    rpc::Rpc,
};
use anyhow::{ensure, Context, Result};
use assay_client::chain::Chain;
use serde_json::{json, Value as Json};
use std::{
    fs::{self, File},
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// How long clients try to reach a node again: longer than any scenario leaves one out of reach.
const CLIENT_PATIENCE: Duration = Duration::from_secs(600);
/// What a start script is given beyond its own words: all may be asked over the management cable.
const OPTIONS: [&str; 7] = [
    "--unsafe-rpc-external",
    "--rpc-methods",
    "unsafe",
    "--rpc-cors",
    "all",
    "--no-prometheus",
    "--no-telemetry",
];
/// Fills a disk.
const BALLAST: &str = "ballast";
const BALLAST_CHUNK_BYTES: usize = 64 * 1024;

/// The last blocks of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heights {
    pub best: u32,
    pub finalized: u32,
}

/// A node, its files and, while it runs, its process.
pub struct Machine {
    pub name: String,
    number: u8,
    /// Its files, where it is started.
    directory: PathBuf,
    log: PathBuf,
    environment: Vec<(&'static str, String)>,
    process: Option<Process>,
}

impl Machine {
    /// A machine of that number, whose files are in that directory, its start script among them. It
    /// writes its log beside the directory.
    pub fn new(name: &str, number: u8, directory: &Path) -> Machine {
        Machine {
            name: name.to_owned(),
            number,
            directory: directory.to_owned(),
            log: directory.with_extension("log"),
            environment: Vec::new(),
            process: None,
        }
    }

    /// Its number on the switch.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Its files.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where this machine reaches its RPC.
    pub fn rpc(&self) -> SocketAddr {
        rpc_address(self.number)
    }

    /// The same as an address for clients.
    pub fn url(&self) -> String {
        format!("ws://{}", self.rpc())
    }

    /// Sets its clock ahead of all others', from its next start on.
    ///
    /// # Errors
    /// When the library for that is not installed.
    pub fn set_clock_ahead(&mut self, secs: u64) -> Result<()> {
        let library = faketime()?.display().to_string();
        self.environment = vec![
            ("LD_PRELOAD", library),
            ("FAKETIME", format!("+{secs}s")),
            ("DONT_FAKE_MONOTONIC", "1".into()),
            ("NO_FAKE_STAT", "1".into()),
        ];
        Ok(())
    }

    /// Sets its clock right again, from its next start on.
    pub fn set_clock_right(&mut self) {
        self.environment.clear();
    }

    /// Moves its files to a disk in memory of that size.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn move_to_disk(&mut self, mebibytes: u32) -> Result<()> {
        ensure!(self.process.is_none(), "{} runs", self.name);
        let disk = self.directory.with_extension("disk");
        fs::create_dir(&disk)?;
        let (from, to) = (self.directory.join("."), disk.display().to_string());
        let size = format!("size={mebibytes}m");
        wires::run("mount", &["-t", "tmpfs", "-o", &size, wires::PREFIX, &to])?;
        wires::run("cp", &["-a", &from.display().to_string(), &to])?;
        self.directory = disk;
        Ok(())
    }

    /// Writes to its disk until nothing more fits.
    ///
    /// # Errors
    /// When the system refuses for another reason.
    pub fn fill_disk(&self) -> Result<()> {
        let mut file = File::create(self.directory.join(BALLAST))?;
        // Ever less, so that really nothing is left.
        for bytes in [BALLAST_CHUNK_BYTES, 1] {
            let chunk = vec![0xa5; bytes];
            loop {
                match file.write_all(&chunk) {
                    Ok(()) => {}
                    Err(fault) if fault.kind() == std::io::ErrorKind::StorageFull => break,
                    Err(fault) => return Err(fault.into()),
                }
            }
        }
        Ok(())
    }

    /// Gives its disk the room back.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn free_disk(&self) -> Result<()> {
        Ok(fs::remove_file(self.directory.join(BALLAST))?)
    }

    /// Starts the node and waits until it answers.
    ///
    /// # Errors
    /// When it ends at once, or doesn't answer in time.
    pub async fn start(&mut self) -> Result<()> {
        self.launch()?;
        self.wait_for_answer().await
    }

    /// Starts the node.
    ///
    /// # Errors
    /// When it runs already, or its program is missing.
    pub fn launch(&mut self) -> Result<()> {
        ensure!(self.process.is_none(), "{} runs already", self.name);
        let mut command = Command::new("ip");
        command
            .args(["netns", "exec", &namespace(self.number), "./start"])
            .args(OPTIONS)
            .env("ASSAY_NODE_PROGRAM", program("assay-node")?)
            .envs(self.environment.iter().cloned())
            .current_dir(&self.directory);
        self.process = Some(Process::spawn(&self.name, &mut command, &self.log)?);
        Ok(())
    }

    /// Waits until the started node answers.
    ///
    /// # Errors
    /// When it ends first, or doesn't answer in time.
    pub async fn wait_for_answer(&mut self) -> Result<()> {
        let url = self.url();
        self.process.as_mut().context("it was not started")?.wait_for_answer(&url).await
    }

    /// Whether the node was started, and neither ended by a scenario nor by itself.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| matches!(process.ended(), Ok(None)))
    }

    /// Ends the node as a loss of power does (SIGKILL), if it didn't end by itself.
    ///
    /// # Errors
    /// When it was not started.
    pub fn kill(&mut self) -> Result<()> {
        self.process.take().with_context(|| format!("{} does not run", self.name))?.kill()
    }

    /// Asks the node to end, and waits until it has.
    ///
    /// # Errors
    /// When it was not started, or doesn't end in time.
    pub async fn stop(&mut self) -> Result<()> {
        self.process.take().with_context(|| format!("{} does not run", self.name))?.stop().await
    }

    /// A connection to the node, which is made anew when it is lost.
    ///
    /// # Errors
    /// As [`Chain::connect`].
    pub async fn connect(&self) -> Result<Chain> {
        Ok(Chain::connect_with_patience(&self.url(), CLIENT_PATIENCE).await?)
    }

    /// Asks the node's RPC.
    ///
    /// # Errors
    /// When it is out of reach, or refuses.
    pub async fn ask(&self, method: &str, parameters: Json) -> Result<Json> {
        Rpc::ask(self.rpc(), method, parameters).await
    }

    /// Its last blocks.
    ///
    /// # Errors
    /// When it is out of reach.
    pub async fn heights(&self) -> Result<Heights> {
        heights(self.rpc()).await
    }

    /// The most memory that the node had resident since its start, in MiB.
    ///
    /// # Errors
    /// When it doesn't run.
    pub fn peak_memory_mib(&self) -> Result<f64> {
        self.process.as_ref().context("the node does not run")?.peak_memory_mib()
    }

    /// All that it logged.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// The last lines of its log, with its name before them.
    pub fn shown_log(&self) -> String {
        format!("the log of {} ends with:\n{}", self.name, log_end(&self.log))
    }

    /// Its address on the switch, as peers write it.
    pub fn peer_address(&self) -> String {
        format!("/ip4/{}/tcp/{}", data_address(self.number), wires::DATA_PORT)
    }
}

/// The last blocks of the node at that address.
///
/// # Errors
/// When it is out of reach.
pub async fn heights(address: SocketAddr) -> Result<Heights> {
    let mut rpc = Rpc::connect(address).await?;
    let best = rpc.call("chain_getHeader", json!([])).await?;
    let hash = rpc.call("chain_getFinalizedHead", json!([])).await?;
    let finalized = rpc.call("chain_getHeader", json!([hash])).await?;
    Ok(Heights { best: number(&best)?, finalized: number(&finalized)? })
}

/// The number in a header.
fn number(header: &Json) -> Result<u32> {
    let text = header["number"].as_str().context("a header has no number")?;
    Ok(u32::from_str_radix(text.trim_start_matches("0x"), 16)?)
}

/// The library that makes a program see another time.
///
/// # Errors
/// When it is not installed.
pub fn faketime() -> Result<PathBuf> {
    let places = fs::read_dir("/usr/lib")?
        .filter_map(|entry| Some(entry.ok()?.path().join("faketime/libfaketime.so.1")));
    places
        .into_iter()
        .find(|path| path.is_file())
        .context("a clock that is wrong needs the package faketime")
}
