//! Figures of what the chain does in a second, measured here and now; `scripts/bench` runs this.
//!
//! All but the last two figures are of the real Wasm runtime on ParityDB, without waiting for slots:
//! one peer authors a block, another executes it, and only the other is measured. So caches are as
//! warm as any validator's, which knows the blocks before but not this one. Time counted is that of
//! `Core_execute_block`, storage root included: what every other validator does with a block.
//!
//! | figure | how it is measured |
//! |---|---|
//! | `score.us_per_network` | `ScoringApi_score` on 20,000 profiles, less the same call with an unknown contract, which decodes the same profiles and scores none: the 24-32-16-1 network, and encoding its results |
//! | `score.us_per_network_native` | the same networks in this process, without Wasm |
//! | `upload.reports_per_s` | reports of 24 values in sorted batches of 512 into an empty registry, each block as full as weight and length allow |
//! | `upload.reports_per_s_commit` | the same, with writing each block and its changes to the database |
//! | `assess.loans_per_s`, `assess.seconds_100k` | a pack of 100,000 different obligors out of the registry, from the block with `assess` to the job's end, less what as many empty blocks take |
//! | `assess.score_share_percent` | of that, as many networks as there are loans |
//! | `assess.read_share_percent` | of that, `ScoringApi_score_subjects` page by page, less the same calls without subjects and less the networks, and `PacksApi_page` of each page: asked of the author before the assessment, so that neither side is warmer |
//! | `assess.write_share_percent` | the rest: scores, histogram, and their part of the storage root |
//! | `assess.seconds_1m`, `assess.ratio_1m_to_100k` | a pack of 1,000,000 loans; with fewer subjects than loans, several loans of one obligor |
//! | `screen.seconds_100k`, `screen.seconds_100k_per_level` | screening that pack: as a whole by count, and in equal parts of each level by balance; likewise less empty blocks |
//! | `state.bytes_per_loan` | keys and values of the packs' pages, terms and assessments, without the database's own overhead |
//! | `state.bytes_per_loan_scores`, `state.bytes_per_report` | likewise, of the scores of one assessment, and of the registry |
//! | `node.rss_mib` | the most memory that a real development node had resident while it took the reports and assessed the pack |
//! | `demo.seconds` | `scripts/demo` from its start to its end; only when asked for by name |

mod chain;
mod figures;
mod peer;

use anyhow::{ensure, Result};
use clap::Parser;
use figures::{Laboratory, Printer, Sizes};
use std::process::ExitCode;

/// Measures what the chain does in a second.
#[derive(Parser)]
struct Arguments {
    /// Only the figures whose name begins so
    name: Option<String>,
    /// One JSON object a figure on stdout
    #[arg(long)]
    json: bool,
    /// A tenth of everything, to see that it works; the figures' names stay
    #[arg(long)]
    quick: bool,
    /// Subjects of the registry, one report each
    #[arg(long, default_value_t = 200_000)]
    subjects: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let printer = Printer::new(arguments.name.clone(), arguments.json);
    if !printer.wants_any() {
        eprintln!("no figure's name begins so; there are:\n  {}", figures::NAMES.join("\n  "));
        return ExitCode::from(2);
    }
    match run(&arguments, &printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, printer: &Printer) -> Result<()> {
    ensure!(arguments.subjects >= 10_000, "--subjects must be at least 10000");
    let sizes = Sizes::new(arguments.subjects, arguments.quick);
    if printer.wants_group(&["score.", "upload.", "assess.", "screen.", "state."]) {
        Laboratory::new(printer, sizes)?.run()?;
    }
    if printer.wants("node.rss_mib") {
        figures::node::run(printer, &sizes)?;
    }
    if printer.is_asked_for("demo.seconds") {
        figures::demo::run(printer)?;
    }
    Ok(())
}
