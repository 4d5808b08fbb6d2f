//! A node's process: its log, its end by force or by request, the memory it took.

use anyhow::{bail, ensure, Context, Result};
use assay_client::chain::Chain;
use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long a node may take until it answers: it compiles the runtime's Wasm first.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// How long a node may take to close its database when it is asked to end.
const STOP_PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(200);
/// Lines of a node's log that a fault shows.
const SHOWN_LOG_LINES: usize = 15;

/// A running program that writes into a log. Dropping it kills the program.
pub struct Process {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Process {
    /// Starts the command; what it writes is added to the log.
    ///
    /// # Errors
    /// When the program can't be started or the log can't be written.
    pub fn spawn(name: &str, command: &mut Command, log: &Path) -> Result<Process> {
        let file = OpenOptions::new().create(true).append(true).open(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        Ok(Process { name: name.to_owned(), log: log.to_owned(), child })
    }

    /// Waits until a node answers at the address.
    ///
    /// # Errors
    /// When the process ends first, or the node doesn't answer in time.
    pub async fn wait_for_answer(&mut self, url: &str) -> Result<()> {
        let deadline = Instant::now() + START_PATIENCE;
        loop {
            let reason = match Chain::connect(url).await {
                Ok(_) => return Ok(()),
                Err(fault) => fault,
            };
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}:\n{}", self.name, log_end(&self.log));
            }
            if Instant::now() > deadline {
                bail!("{reason}; the log of {} ends with:\n{}", self.name, log_end(&self.log));
            }
            sleep(POLL).await;
        }
    }

    /// How it ended, if it did by itself.
    ///
    /// # Errors
    /// When the system doesn't tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Ends it as a loss of power does: it can't finish anything (SIGKILL).
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(mut self) -> Result<()> {
        self.end()
    }

    /// Asks it to end (SIGTERM), and waits until it has.
    ///
    /// # Errors
    /// When it doesn't end in time.
    pub async fn stop(mut self) -> Result<()> {
        let asked = Command::new("sh")
            .args(["-c", "kill -TERM \"$0\"", &self.child.id().to_string()])
            .status()?;
        ensure!(asked.success(), "{} could not be asked to end", self.name);
        let deadline = Instant::now() + STOP_PATIENCE;
        while self.ended()?.is_none() {
            ensure!(
                Instant::now() < deadline,
                "{} still runs {STOP_PATIENCE:?} after it was asked to end; its log ends with:\n{}",
                self.name,
                log_end(&self.log)
            );
            sleep(POLL).await;
        }
        Ok(())
    }

    /// The most memory that it ever had resident, in MiB.
    ///
    /// # Errors
    /// When the system doesn't tell.
    pub fn peak_memory_mib(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kibibytes = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|value| value.trim().strip_suffix(" kB"))
            .context("the system does not tell the node's memory")?;
        Ok(kibibytes.trim().parse::<f64>()? / 1024.0)
    }

    fn end(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing is left to be done about a process that can't be killed.
        let _ = self.end();
    }
}

/// The last lines of a log.
pub fn log_end(log: &Path) -> String {
    let log = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(SHOWN_LOG_LINES)..].join("\n")
}
