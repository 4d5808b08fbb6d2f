//! `assay model score`: scores off chain, the same integers as on chain.

use crate::{
    model_file::ModelFile,
    output::Output,
    subject::{ConsortiumKey, ConsortiumKeyArgs, DEVELOPMENT_KEY_WARNING},
    table::{Map, Purpose, ReadOptions, Table},
    train::metrics,
};
use anyhow::Context as _;
use assay_risk::network::Network;
use rayon::prelude::*;
use serde::Serialize;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

/// Scores rows off chain, the same integers as on chain.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The model.
    pub model: PathBuf,
    /// Rows to score.
    pub data: PathBuf,
    /// Which columns are what.
    #[arg(long, value_name = "MAP.toml")]
    pub map: PathBuf,
    /// Where `row,subject,z,score` goes; by default stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Tell of each bad row and go on without it.
    #[arg(long)]
    pub skip_bad_rows: bool,
    #[command(flatten)]
    pub key: ConsortiumKeyArgs,
}

/// What scoring a file came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scored {
    pub rows: u64,
    /// Rows without any value have no score.
    pub unscored: u64,
    /// Where the file has labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auc_quantised: Option<f64>,
}

/// Runs the command.
///
/// # Errors
///
/// When the model, the MAP and the data do not go together, or the scores can't be written.
pub fn run(args: &Args, output: &Output) -> anyhow::Result<()> {
    let model = ModelFile::read(&args.model)?;
    let map = Map::read(&args.map)?;
    model.check_map(&map)?;
    let key = ConsortiumKey::from_args(&args.key)?;
    let development = key.is_development();
    let reading = ReadOptions { key, skip_bad_rows: args.skip_bad_rows };
    let table = Table::read(&args.data, &map, Purpose::Scoring, &reading)?;
    if development && !table.subjects.is_empty() {
        output.note(DEVELOPMENT_KEY_WARNING);
    }
    table.messages().for_each(|message| output.note(message));
    let network = Network::compile(&model.artifact).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let scores = score(&network, &table);
    let scored = summary(&table, &scores);
    match &args.out {
        Some(path) => {
            let file = File::create(path)
                .with_context(|| format!("{}: can't be written", path.display()))?;
            write_csv(&table, &scores, &mut BufWriter::new(file))?;
            output.result(&scored, text(&scored, path))?;
        }
        None if output.json => write_json(&table, &scores)?,
        None => {
            write_csv(&table, &scores, &mut BufWriter::new(std::io::stdout().lock()))?;
            if let Some(auc) = scored.auc_quantised {
                output.note(format!("AUC {auc:.4}"));
            }
        }
    }
    Ok(())
}

/// Output and score of each row, in order; none where a row has no value at all.
pub fn score(network: &Network, table: &Table) -> Vec<Option<(i8, u16)>> {
    let one = |network: &mut Network, row: usize| {
        let present = table.present[row];
        (present != 0).then(|| {
            let z = network.logit(table.row_values(row), present);
            (z, network.score(z))
        })
    };
    (0..table.len()).into_par_iter().map_init(|| network.clone(), one).collect()
}

fn summary(table: &Table, scores: &[Option<(i8, u16)>]) -> Scored {
    let labelled = scores.iter().zip(&table.labels);
    let (values, bad): (Vec<i8>, Vec<bool>) =
        labelled.filter_map(|(score, label)| Some((score.as_ref()?.0, (*label)?))).unzip();
    let both = bad.contains(&true) && bad.contains(&false);
    Scored {
        rows: scores.len() as u64,
        unscored: scores.iter().filter(|score| score.is_none()).count() as u64,
        auc_quantised: both.then(|| metrics::auc(&values, &bad)),
    }
}

fn text(scored: &Scored, path: &std::path::Path) -> String {
    let auc = scored.auc_quantised.map_or_else(String::new, |auc| format!(", AUC {auc:.4}"));
    format!("{} rows, {} unscored{auc}: {}", scored.rows, scored.unscored, path.display())
}

/// Rows that are put into text at a time, on all threads.
const ROWS_OF_TEXT: usize = 1 << 14;

/// Writes `row,subject,z,score`.
///
/// # Errors
///
/// The writer's.
pub fn write_csv(
    table: &Table,
    scores: &[Option<(i8, u16)>],
    out: &mut impl Write,
) -> std::io::Result<()> {
    writeln!(out, "row,subject,z,score")?;
    let parts = scores.par_chunks(ROWS_OF_TEXT).enumerate();
    let texts: Vec<Vec<u8>> =
        parts.map(|(part, scores)| csv_rows(table, scores, part * ROWS_OF_TEXT)).collect();
    texts.iter().try_for_each(|text| out.write_all(text))?;
    out.flush()
}

/// The lines of the rows from `first` on.
fn csv_rows(table: &Table, scores: &[Option<(i8, u16)>], first: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for (row, score) in (first..).zip(scores) {
        push_number(&mut text, row as u64 + 1);
        text.push(b',');
        if let Some(subject) = table.subjects.get(row) {
            let mut digits = [0; 32];
            // Never fails: two digits for each of the 16 bytes.
            if hex::encode_to_slice(subject, &mut digits).is_ok() {
                text.extend_from_slice(&digits);
            }
        }
        text.push(b',');
        if let Some((z, score)) = score {
            if *z < 0 {
                text.push(b'-');
            }
            push_number(&mut text, z.unsigned_abs().into());
            text.push(b',');
            push_number(&mut text, (*score).into());
        } else {
            text.push(b',');
        }
        text.push(b'\n');
    }
    text
}

/// A number in decimal: `write!` takes longer than scoring.
fn push_number(text: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[first..]);
}

fn write_json(table: &Table, scores: &[Option<(i8, u16)>]) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (row, score) in scores.iter().enumerate() {
        let object = serde_json::json!({
            "row": row + 1,
            "subject": table.subjects.get(row).map(hex::encode),
            "z": score.map(|(z, _)| z),
            "score": score.map(|(_, score)| score),
        });
        writeln!(out, "{object}")?;
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_write_what_the_scores_say_when_rows_have_subjects_or_none() {
        let count = ROWS_OF_TEXT + 3;
        let scores: Vec<Option<(i8, u16)>> = (0..count)
            .map(|row| (row % 5 != 0).then(|| ((row % 255) as i8, (row % 1_000) as u16)))
            .collect();
        for subjects in [vec![], vec![[0xa7; 16]; count]] {
            let table = Table { subjects, ..Table::default() };
            let mut written = Vec::new();
            write_csv(&table, &scores, &mut written).unwrap();
            let mut expected = "row,subject,z,score\n".to_owned();
            for (row, score) in scores.iter().enumerate() {
                let subject = table.subjects.get(row).map(hex::encode).unwrap_or_default();
                let told = score.map(|(z, score)| format!("{z},{score}"));
                let told = told.unwrap_or_else(|| ",".to_owned());
                expected.push_str(&format!("{},{subject},{told}\n", row + 1));
            }
            assert!(String::from_utf8(written).unwrap() == expected);
        }
    }
}
