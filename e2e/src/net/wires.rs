//! Network namespaces, the cables between them, and the switch that they are plugged into.
//!
//! Each machine has a namespace with two cables: `data` goes to the switch, over it nodes speak with
//! each other; `mgmt` goes to this machine, over it one reaches a node whatever happens to the other.
//! The switch is a namespace of its own with two bridges, so that this machine's packet filter has no
//! say in it: a partition moves cables from one bridge to the other.

use anyhow::{bail, ensure, Context, Result};
use std::{
    env,
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
    process::Command,
};

/// All names here begin so: what an aborted run left behind is found by it.
pub const PREFIX: &str = "assay-e2e";
/// Names of links have at most 15 bytes.
const MANAGEMENT_PREFIX: &str = "assay-m";
const SWITCH: &str = "assay-e2e-switch";
/// Held by the one run that may use these names.
const LOCK: &str = "/run/lock/assay-e2e";
/// Where nodes serve RPC, each in its own namespace.
const RPC_PORT: u16 = 9944;
/// Where nodes speak with each other.
pub const DATA_PORT: u16 = 30_333;

/// A part of the switch: cables in different ones don't reach each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    One,
    Other,
}

impl Side {
    fn bridge(self) -> &'static str {
        match self {
            Side::One => "one",
            Side::Other => "other",
        }
    }
}

/// The switch and all that is plugged into it. Dropping it removes everything.
pub struct Switch {
    // Given back when the file is closed.
    _lock: File,
}

/// What is missing for networks of namespaces.
///
/// # Errors
/// The reason, for people.
pub fn available() -> Result<(), String> {
    let probe = "assay-e2e-probe";
    let tried = ip(&["netns", "add", probe])
        .and_then(|_| ip(&["-n", probe, "link", "add", "bridge", "type", "bridge"]))
        .and_then(|_| ip(&["-n", probe, "link", "add", "one", "type", "veth", "peer", "other"]));
    // There is none if it could not be made.
    let _ = ip(&["netns", "del", probe]);
    tried.map(drop).map_err(|fault| {
        format!("network namespaces need root and the package iproute2: {fault:#}")
    })
}

/// The address of a machine on the switch.
pub fn data_address(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 77, 0, number)
}

/// Where this machine reaches the RPC of a node.
pub fn rpc_address(number: u8) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::new(10, 78, number, 2).into(), RPC_PORT)
}

/// The namespace of a machine.
pub fn namespace(number: u8) -> String {
    format!("{PREFIX}-{number}")
}

impl Switch {
    /// An empty switch. Waits until no other run has one, and removes what an aborted run left.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new() -> Result<Switch> {
        let lock = File::create(LOCK).with_context(|| format!("{LOCK} can't be written"))?;
        lock.lock()?;
        remove_all()?;
        remove_files()?;
        let switch = Switch { _lock: lock };
        ip(&["netns", "add", SWITCH])?;
        for side in [Side::One, Side::Other] {
            ip(&["-n", SWITCH, "link", "add", side.bridge(), "type", "bridge"])?;
            ip(&["-n", SWITCH, "link", "set", side.bridge(), "up"])?;
        }
        Ok(switch)
    }

    /// Makes a machine's namespace and plugs both its cables in.
    ///
    /// # Errors
    /// When the system refuses, as it does when there is one of that number.
    pub fn plug(&self, number: u8) -> Result<()> {
        let name = namespace(number);
        let (port, management) = (port(number), management(number));
        ip(&["netns", "add", &name])?;
        ip(&["-n", &name, "link", "set", "lo", "up"])?;
        ip(&[
            "link", "add", "data", "netns", &name, "type", "veth", "peer", "name", &port, "netns",
            SWITCH,
        ])?;
        let address = format!("{}/24", data_address(number));
        ip(&["-n", &name, "addr", "add", &address, "dev", "data"])?;
        ip(&["-n", &name, "link", "set", "data", "up"])?;
        ip(&["link", "add", &management, "type", "veth", "peer", "name", "mgmt", "netns", &name])?;
        ip(&["addr", "add", &format!("10.78.{number}.1/30"), "dev", &management])?;
        ip(&["link", "set", &management, "up"])?;
        ip(&["-n", &name, "addr", "add", &format!("10.78.{number}.2/30"), "dev", "mgmt"])?;
        ip(&["-n", &name, "link", "set", "mgmt", "up"])?;
        self.place(number, Side::One)?;
        self.mend(number)
    }

    /// Moves a machine's cable to that side of the switch.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn place(&self, number: u8, side: Side) -> Result<()> {
        ip(&["-n", SWITCH, "link", "set", &port(number), "master", side.bridge()]).map(drop)
    }

    /// Cuts a machine's cable to the switch.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn cut(&self, number: u8) -> Result<()> {
        ip(&["-n", SWITCH, "link", "set", &port(number), "down"]).map(drop)
    }

    /// Mends a cable that was cut.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn mend(&self, number: u8) -> Result<()> {
        ip(&["-n", SWITCH, "link", "set", &port(number), "up"]).map(drop)
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        if let Err(fault) = remove_all() {
            eprintln!("namespaces are left over: {fault:#}");
        }
    }
}

/// The switch's end of a machine's cable.
fn port(number: u8) -> String {
    format!("port-{number}")
}

/// This machine's end of a management cable.
fn management(number: u8) -> String {
    format!("{MANAGEMENT_PREFIX}-{number}")
}

/// Removes namespaces and the processes in them, cables, and memory disks of these names.
fn remove_all() -> Result<()> {
    let namespaces = ip(&["netns", "list"])?;
    let ours = namespaces
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| name.starts_with(PREFIX));
    for name in ours {
        for process in ip(&["netns", "pids", name])?.split_whitespace() {
            // It may end by itself in the meantime.
            let _ = run("sh", &["-c", "kill -KILL \"$0\"", process]);
        }
        ip(&["netns", "del", name])?;
    }
    let links = ip(&["-o", "link", "show", "type", "veth"])?;
    let ours = links
        .lines()
        .filter_map(|line| line.split(':').nth(1)?.trim().split('@').next())
        .filter(|name| name.starts_with(MANAGEMENT_PREFIX));
    for name in ours {
        // A cable goes by itself, a little after the namespace of its other end.
        let _ = ip(&["link", "del", name]);
    }
    let mounts = fs::read_to_string("/proc/mounts")?;
    for line in mounts.lines() {
        if let [PREFIX, path, "tmpfs", ..] = line.split(' ').collect::<Vec<_>>()[..] {
            run("umount", &["-l", path])?;
        }
    }
    Ok(())
}

/// Removes the files of runs that could not.
fn remove_files() -> Result<()> {
    for entry in fs::read_dir(env::temp_dir())? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn ip(arguments: &[&str]) -> Result<String> {
    run("ip", arguments)
}

/// Runs a program of the system and gives what it printed.
pub fn run(program: &str, arguments: &[&str]) -> Result<String> {
    let shown = || format!("{program} {}", arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("{} could not be started", shown()))?;
    if !output.status.success() {
        bail!("{}: {}", shown(), String::from_utf8_lossy(&output.stderr).trim());
    }
    let printed = String::from_utf8(output.stdout);
    ensure!(printed.is_ok(), "{} prints no text", shown());
    Ok(printed.unwrap_or_default())
}
