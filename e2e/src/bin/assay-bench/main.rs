//! Figures of what the chain does in a second, measured here and now; `scripts/bench` runs this.
//!
//! All but the last two figures and those of files are of the real Wasm runtime on ParityDB, without waiting for slots:
//! one peer authors a block, another executes it, and only the other is measured, whose caches have
//! not seen the block. Time counted is that of `Core_execute_block`, storage root included: what
//! every other validator does with a block. Of assessments and screenings the fastest of three counts,
//! for what else the machine does only adds; before each the peers restart, so that all is read from
//! the database, not from the caches of an earlier run.
//!
//! | figure | how it is measured |
//! |---|---|
//! | `score.us_per_network` | `ScoringApi_score` on 20,000 profiles, less the same call with an unknown contract, which decodes the same profiles and scores none: what is left is the 24-32-16-1 network and encoding its results |
//! | `score.us_per_network_native` | the same networks in this process, without Wasm |
//! | `upload.reports_per_s` | 200,000 reports of 24 values in sorted batches of 512 into an empty registry, each block as full as weight and length allow |
//! | `upload.reports_per_s_commit` | the same, with writing each block and its changes to the database |
//! | `assess.loans_per_s`, `assess.seconds_100k` | a pack of 100,000 loans, each of another of the 200,000 subjects, from the block with `assess` to the job's end, less what as many empty blocks take |
//! | `assess.write_share_percent` | of that, assessing as many loans of a subject that nobody knows: the same pages are read and scores written, storage root included, but no obligor is read or scored; so at most this is writing |
//! | `assess.score_share_percent` | of that, as many networks as there are loans, at `score.us_per_network` |
//! | `assess.read_share_percent` | the rest: reading obligors, and merging their reports into profiles |
//! | `assess.seconds_1m`, `assess.ratio_1m_to_100k` | ten times of everything: a pack of 1,000,000 loans out of 2,000,000 subjects, and how many times that takes what a pack of 100,000 out of 200,000 does |
//! | `screen.seconds_100k`, `screen.seconds_100k_per_level` | screening the first pack: as a whole by count, and in equal parts of each level by balance; likewise less empty blocks |
//! | `state.bytes_per_loan` | keys and values of its pages, terms and assessment, without the database's own overhead |
//! | `state.bytes_per_loan_scores`, `state.bytes_per_report` | likewise, of its scores, and of the registry |
//! | `csv.mb_per_s` | 300,000 made-up borrowers of 33 columns, from the file to a checked table on one thread, without subjects; the fastest of three |
//! | `csv.mb_per_s_hashed` | the same, with each row's HMAC-SHA-256 |
//! | `csv.library_mb_per_s` | what the CSV library takes to find the same fields in memory, converting none |
//! | `train.s`, `train.auc_loss_ppm`, `train.scores_within_1_percent` | `assay model train` on 21,000 borrowers, two hidden layers of 32 and 16; on its validation rows the AUC that quantising loses, in millionths, and the share of scores at most 1 from the float network's |
//! | `real.s` and so on | the same on the 30,000 borrowers of the Taiwan data, where they lie beside the repository |
//! | `import.s` | `assay model import` of a 64-128-63-1 network with 10,000 labelled rows; the fastest of three |
//! | `score.native_per_s` | 300,000 loans through that 24-32-16-1 network on one thread |
//! | `score.file_rows_per_s` | the same loans scored and written on all cores, parsing apart |
//! | `score.command_rows_per_s` | `assay model score` from its start to its end: reading, hashing, scoring and writing |
//! | `node.rss_mib` | the most memory that a real development node had resident while it took 200,000 reports and assessed 100,000 loans |
//! | `demo.seconds` | `scripts/demo` from its start to its end; only when asked for by name |

mod chain;
mod figures;
mod peer;

use clap::Parser;
use figures::{Printer, Sizes};
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
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let printer = Printer::new(arguments.name, arguments.json);
    let names = figures::names();
    if !printer.wants_any(&names) {
        eprintln!("no figure's name begins so; there are:\n  {}", names.join("\n  "));
        return ExitCode::from(2);
    }
    match figures::run(&printer, Sizes::new(arguments.quick)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault:#}");
            ExitCode::FAILURE
        }
    }
}
