//! NETWORK.toml as it's written, and what is wrong with it.

use crate::table::Fault;
use serde::Deserialize;
use std::{
    fmt::Display,
    path::{Path, PathBuf},
};
use toml::Spanned;

/// Why a NETWORK can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    #[error("{path}: the NETWORK can't be read: {reason}")]
    Unreadable { path: PathBuf, reason: std::io::Error },
    #[error("{path}: {reason}")]
    Malformed { path: PathBuf, reason: Box<toml::de::Error> },
    /// Everything that contradicts, in the order of the checks.
    #[error("{}", list(.0))]
    Contradictory(Vec<Fault>),
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNetwork {
    pub name: Spanned<String>,
    pub id: Spanned<String>,
    #[serde(default)]
    pub dev: bool,
    pub minimum: Option<Spanned<u32>>,
    pub session_blocks: Option<Spanned<u32>>,
    pub quota_seconds_per_hour: Option<Spanned<u32>>,
    #[serde(default, rename = "authority")]
    pub authorities: Vec<RawAuthority>,
    #[serde(default, rename = "organisation")]
    pub organisations: Vec<RawOrganisation>,
    #[serde(default, rename = "node")]
    pub nodes: Vec<RawNode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAuthority {
    pub name: Spanned<String>,
    pub certificate: Option<Spanned<PathBuf>>,
    pub valid_days: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawOrganisation {
    pub name: Spanned<String>,
    pub roles: Option<Vec<Spanned<String>>>,
    pub authority: Spanned<String>,
    pub certificate: Option<Spanned<PathBuf>>,
    pub valid_days: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawNode {
    pub name: Spanned<String>,
    pub organisation: Spanned<String>,
    pub role: Spanned<String>,
    pub address: Spanned<String>,
    pub port: Option<Spanned<u16>>,
    pub rpc_port: Option<Spanned<u16>>,
    pub prometheus_port: Option<Spanned<u16>>,
    pub peer: Option<Spanned<String>>,
    pub session_keys: Option<Spanned<String>>,
}

/// A file's text with its name.
pub struct Source<'a> {
    pub path: &'a Path,
    pub text: String,
}

impl<'a> Source<'a> {
    /// Reads the file.
    pub fn read(path: &'a Path) -> Result<Self, ConfigFault> {
        let text = std::fs::read_to_string(path)
            .map_err(|reason| ConfigFault::Unreadable { path: path.into(), reason })?;
        Ok(Source { path, text })
    }

    /// Takes the text apart.
    pub fn parse(&self) -> Result<RawNetwork, ConfigFault> {
        toml::from_str(&self.text).map_err(|reason| ConfigFault::Malformed {
            path: self.path.into(),
            reason: Box::new(reason),
        })
    }

    /// A file that the text names: relative to where the text is.
    pub fn beside(&self, named: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(named)
    }
}

/// What is wrong with a file, collected so that all of it is told at once.
pub struct Faults<'a> {
    source: &'a Source<'a>,
    found: Vec<Fault>,
}

impl<'a> Faults<'a> {
    /// Nothing so far.
    pub fn of(source: &'a Source<'a>) -> Self {
        Faults { source, found: Vec::new() }
    }

    /// Something is wrong with what stands there.
    pub fn at<T>(&mut self, place: &Spanned<T>, problem: impl Display, remedy: impl Display) {
        let before = self.source.text.as_bytes().iter().take(place.span().start);
        let line = 1 + before.filter(|byte| **byte == b'\n').count() as u64;
        self.add(Some(line), &problem, &remedy);
    }

    /// Something is wrong with the file as a whole.
    pub fn overall(&mut self, problem: impl Display, remedy: impl Display) {
        self.add(None, &problem, &remedy);
    }

    fn add(&mut self, line: Option<u64>, problem: &dyn Display, remedy: &dyn Display) {
        self.found.push(Fault {
            file: self.source.path.into(),
            line,
            column: None,
            problem: problem.to_string(),
            remedy: remedy.to_string(),
        });
    }

    /// What was checked, unless anything is wrong.
    pub fn result<T>(self, checked: Option<T>) -> Result<T, ConfigFault> {
        match checked {
            Some(checked) if self.found.is_empty() => Ok(checked),
            _ => Err(ConfigFault::Contradictory(self.found)),
        }
    }
}
