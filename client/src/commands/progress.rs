//! Progress of what takes more than a second: a bar on a terminal, a line now and then elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

/// Below this nothing is shown.
const QUIET_FOR: Duration = Duration::from_secs(1);
/// Between two lines where there's no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Progress of one piece of work, on stderr.
pub struct Progress {
    what: &'static str,
    unit: &'static str,
    total: u64,
    done: u64,
    started: Instant,
    last_line: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Work of so many units: `Progress::new("uploading", "reports", 30_000)`.
    pub fn new(what: &'static str, unit: &'static str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(ProgressBar::hidden);
        let now = Instant::now();
        Progress { what, unit, total, done: 0, started: now, last_line: now, bar }
    }

    /// So many units are done in all.
    pub fn set(&mut self, done: u64) {
        self.done = done;
        if self.started.elapsed() < QUIET_FOR {
            return;
        }
        match &mut self.bar {
            Some(bar) => {
                if bar.is_hidden() {
                    *bar = visible(self.what, self.unit, self.total);
                }
                bar.set_position(done);
            }
            None if self.last_line.elapsed() >= BETWEEN_LINES => {
                self.last_line = Instant::now();
                eprintln!("{}: {done} of {} {}", self.what, self.total, self.unit);
            }
            None => {}
        }
    }

    /// So many more units are done.
    pub fn add(&mut self, units: u64) {
        self.set(self.done + units);
    }

    /// Takes the bar away.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    /// Seconds since the work began.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

fn visible(what: &'static str, unit: &str, total: u64) -> ProgressBar {
    let template = format!("{{msg}} {{wide_bar}} {{pos}}/{{len}} {unit} {{eta}}");
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style).with_message(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_add_up_when_told_of_parts() {
        let mut progress = Progress::new("uploading", "reports", 10);
        progress.add(3);
        progress.add(4);
        assert_eq!(progress.done, 7);
    }
}
