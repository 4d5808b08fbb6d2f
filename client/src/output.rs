//! Where a command's words go: results to stdout, messages to stderr.

use serde::Serialize;
use std::{fmt::Display, io::Write};

/// How a command speaks: to people or, with `--json`, to machines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Output {
    /// One JSON object (or one per line for streams) on stdout and nothing else there.
    pub json: bool,
}

impl Output {
    /// Prints a result on stdout: `object` as one line of JSON, or `text` for people.
    ///
    /// # Errors
    ///
    /// When `object` can't be written as JSON, or stdout takes no more.
    pub fn result(&self, object: &impl Serialize, text: impl Display) -> anyhow::Result<()> {
        let mut stdout = std::io::stdout().lock();
        if self.json {
            writeln!(stdout, "{}", serde_json::to_string(object)?)?;
        } else {
            writeln!(stdout, "{text}")?;
        }
        Ok(())
    }

    /// A message for people, on stderr.
    pub fn note(&self, message: impl Display) {
        eprintln!("{message}");
    }

    /// A progress bar on stderr, invisible where stderr is no terminal.
    pub fn progress(&self, steps: u64, what: &'static str) -> indicatif::ProgressBar {
        let style = indicatif::ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}")
            .unwrap_or_else(|_| indicatif::ProgressStyle::default_bar());
        indicatif::ProgressBar::new(steps).with_style(style).with_message(what)
    }
}
