//! Files without a chain: read, scored, trained on.

use super::{fastest_secs, Printer, Sizes, JOB_RUNS, SEED};
use anyhow::{ensure, Context, Result};
use assay_client::{
    commands::model_score,
    generate::{default_as_of_days, map_toml, write_csv, Recipe},
    model_file::ModelFile,
    subject::ConsortiumKey,
    table::{Map, Purpose, ReadOptions, Table},
};
use assay_e2e::node::{program, repository};
use assay_risk::network::Network;
use std::{
    fs::File,
    hint::black_box,
    io::BufWriter,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

pub const OF_READING: [&str; 3] = ["csv.mb_per_s", "csv.mb_per_s_hashed", "csv.library_mb_per_s"];
pub const OF_TRAINING: [&str; 3] =
    ["train.s", "train.auc_loss_ppm", "train.scores_within_1_percent"];
/// As of [`OF_TRAINING`], of real borrowers.
pub const OF_REAL: [&str; 3] = ["real.s", "real.auc_loss_ppm", "real.scores_within_1_percent"];
/// Beside the repository; it is not part of it.
const REAL_DATA: &str = "../shared/data/taiwan-credit-default/UCI_Credit_Card.csv";
const REAL_MAP: &str = "examples/taiwan.toml";
pub const OF_SCORING: [&str; 3] =
    ["score.native_per_s", "score.file_rows_per_s", "score.command_rows_per_s"];

/// Made-up borrowers in a file, and their MAP.
struct Borrowers {
    data: PathBuf,
    map: PathBuf,
    rows: u64,
}

/// Measures and prints what is asked for.
pub fn run(printer: &Printer, sizes: Sizes) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let many = Borrowers::write(folder.path(), "many", sizes.rows)?;
    if printer.wants_any(&OF_READING) {
        many.print_reading(printer)?;
    }
    if printer.wants_any(&OF_TRAINING) || printer.wants_any(&OF_SCORING) {
        let model = folder.path().join("model.json");
        let few = Borrowers::write(folder.path(), "few", sizes.borrowers)?;
        train(printer, OF_TRAINING, [&few.data, &few.map, &model])?;
        if printer.wants_any(&OF_SCORING) {
            many.print_scoring(printer, &model, &folder.path().join("scores.csv"))?;
        }
    }
    if printer.wants_any(&OF_REAL) {
        let (data, map) = (repository().join(REAL_DATA), repository().join(REAL_MAP));
        if data.is_file() {
            train(printer, OF_REAL, [&data, &map, &folder.path().join("real.json")])?;
        } else {
            eprintln!("real.*: skipped, {} is not there", data.display());
        }
    }
    Ok(())
}

/// The shortest of some runs: whatever else the machine does only adds.
pub fn fastest<T>(mut run: impl FnMut() -> Result<T>) -> Result<f64> {
    let mut times = Vec::with_capacity(JOB_RUNS);
    for _ in 0..JOB_RUNS {
        let started = Instant::now();
        black_box(run()?);
        times.push(started.elapsed());
    }
    Ok(fastest_secs(&times))
}

/// Runs `assay --json`; gives its words on stdout and how long it took.
pub fn assay(arguments: &[&str], files: &[(&str, &Path)]) -> Result<(String, Duration)> {
    let mut command = Command::new(program("assay")?);
    command.arg("--json").args(arguments);
    for (option, file) in files {
        command.args(Some(*option).filter(|option| !option.is_empty())).arg(file);
    }
    let started = Instant::now();
    let done = command.stdin(Stdio::null()).output().context("assay could not be started")?;
    let time = started.elapsed();
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(
        done.status.success(),
        "assay {} ended with {}: {said}",
        arguments.join(" "),
        done.status
    );
    Ok((String::from_utf8(done.stdout)?, time))
}

/// Trains on labelled rows, with two hidden layers and all other options as they are by default; tells
/// what the integers lost on the rows for validation.
fn train(printer: &Printer, names: [&str; 3], [data, map, model]: [&Path; 3]) -> Result<()> {
    let files = [("", data), ("--map", map), ("--out", model)];
    let (said, time) = assay(&["model", "train", "--hidden", "32,16"], &files)?;
    let quality: serde_json::Value = serde_json::from_str(&said)?;
    let measure = |name: &str| {
        let value = quality["validation"][name].as_f64();
        value.with_context(|| format!("{name} is not in the answer"))
    };
    let loss = measure("auc_float")? - measure("auc_quantised")?;
    printer.print(names[0], time.as_secs_f64(), "s");
    printer.print(names[1], loss * 1e6, "ppm");
    printer.print(names[2], measure("scores_near_share")? * 100.0, "%");
    Ok(())
}

/// Every field of every record, as the library reads it.
fn count_fields(bytes: &[u8]) -> Result<usize> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let (mut record, mut fields) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record)? {
        fields += record.len();
    }
    Ok(fields)
}

impl Borrowers {
    fn write(folder: &Path, name: &str, rows: u64) -> Result<Borrowers> {
        let recipe = Recipe { borrowers: rows, seed: SEED, as_of_days: default_as_of_days() };
        let path = |end: &str| folder.join(format!("{name}.{end}"));
        let (data, map) = (path("csv"), path("toml"));
        write_csv(&recipe, &mut BufWriter::new(File::create(&data)?), &|_| ())?;
        std::fs::write(&map, map_toml(&recipe))?;
        Ok(Borrowers { data, map, rows })
    }

    fn read(&self, map: &Map) -> Result<Table> {
        let options = ReadOptions { key: ConsortiumKey::development(), skip_bad_rows: false };
        let table = Table::read(&self.data, map, Purpose::Scoring, &options)?;
        ensure!(table.len() as u64 == self.rows, "{} rows were read", table.len());
        Ok(table)
    }

    /// On one thread: from the file to a checked table, and what the library takes to find the same
    /// fields in memory.
    fn print_reading(&self, printer: &Printer) -> Result<()> {
        let map = Map::read(&self.map)?;
        let without_subjects = Map { subject: None, ..map.clone() };
        let bytes = std::fs::read(&self.data)?;
        let megabytes = bytes.len() as f64 / 1e6;
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
        let plain = one.install(|| fastest(|| self.read(&without_subjects)))?;
        printer.print("csv.mb_per_s", megabytes / plain, "MB/s");
        let hashed = one.install(|| fastest(|| self.read(&map)))?;
        printer.print("csv.mb_per_s_hashed", megabytes / hashed, "MB/s");
        let library = fastest(|| count_fields(&bytes))?;
        printer.print("csv.library_mb_per_s", megabytes / library, "MB/s");
        Ok(())
    }

    fn print_scoring(&self, printer: &Printer, model: &Path, out: &Path) -> Result<()> {
        let rows = self.rows as f64;
        let table = self.read(&Map::read(&self.map)?)?;
        let mut network = Network::compile(&ModelFile::read(model)?.artifact)
            .map_err(|fault| anyhow::anyhow!("{fault}"))?;
        let alone = fastest(|| Ok(run_all(&mut network, &table)))?;
        printer.print("score.native_per_s", rows / alone, "1/s");
        let written = fastest(|| {
            let scores = model_score::score(&network, &table);
            Ok(model_score::write_csv(&table, &scores, &mut File::create(out)?)?)
        })?;
        printer.print("score.file_rows_per_s", rows / written, "1/s");
        let files = [("", model), ("", &self.data), ("--map", &self.map), ("--out", out)];
        let whole = fastest(|| assay(&["model", "score"], &files))?;
        printer.print("score.command_rows_per_s", rows / whole, "1/s");
        Ok(())
    }
}

/// Each row through the network, on this thread.
fn run_all(network: &mut Network, table: &Table) -> i64 {
    let rows = (0..table.len())
        .map(|row| i64::from(network.logit(black_box(table.row_values(row)), table.present[row])));
    rows.sum()
}
