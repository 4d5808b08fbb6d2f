//! The line that a scenario prints: how long it took, and what it measured.

use super::wait::Finality;
use std::{
    env,
    fmt::Display,
    fs::OpenOptions,
    io::Write,
    time::{Duration, Instant},
};

/// Names a file to which the lines are added, for scripts that print them all at the end.
const FILE_VARIABLE: &str = "ASSAY_SCENARIOS";

/// A scenario that runs.
pub struct Scenario {
    name: &'static str,
    started: Instant,
    figures: Vec<String>,
}

impl Scenario {
    /// Begins the scenario of that name.
    pub fn begin(name: &'static str) -> Scenario {
        eprintln!("begins: {name}");
        Scenario { name, started: Instant::now(), figures: Vec::new() }
    }

    /// Counts the time from now on: other tests had the machine before.
    pub fn restart(&mut self) {
        self.started = Instant::now();
    }

    /// Adds what was measured: `refused` of `per second`, say.
    pub fn figure(&mut self, what: &str, value: impl Display) {
        self.figures.push(format!("{what} {value}"));
    }

    /// Adds a time.
    pub fn time(&mut self, what: &str, time: Duration) {
        self.figure(what, format!("{:.1} s", time.as_secs_f64()));
    }

    /// Adds the time since the beginning.
    pub fn elapsed(&mut self, what: &str) {
        self.time(what, self.started.elapsed());
    }

    /// Adds what finality did.
    pub fn finality(&mut self, seen: Finality) {
        self.figure("blocks without finality", seen.most_unfinal);
        self.time("longest without a final block", seen.longest_pause);
    }

    /// Prints the line, and adds it to the file that the environment names.
    pub fn end(self) {
        let figures = self.figures.join("; ");
        let line =
            format!("scenario {}: {} s; {figures}", self.name, self.started.elapsed().as_secs());
        eprintln!("{line}");
        let Some(path) = env::var_os(FILE_VARIABLE) else { return };
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| writeln!(file, "{line}"));
        if let Err(fault) = written {
            eprintln!("{FILE_VARIABLE}: {fault}");
        }
    }
}
