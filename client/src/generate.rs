//! Made-up borrowers over twelve months: for trials, tests and benchmarks without anybody's data.
//!
//! Each borrower has a hidden risk `r`, normal with mean 0 and deviation 1. It lowers income and
//! deposits, raises debt, and makes missed payments more frequent. The borrower defaults when
//! `0.75 r + 0.66 e` passes a threshold that one in ten passes, `e` being luck that no column shows. A
//! share of the borrowers has no report, and single values are missing here and there.
//!
//! Only sums and products of exact binary fractions are used, and normal numbers are sums of twelve
//! uniform ones: no library function that rounds differently elsewhere. The same seed gives the same
//! bytes on every machine.

use crate::table::date::{days_since_1970, show_days};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use std::io::{self, Write};

/// Months of the delinquency series, the newest first.
const MONTHS: usize = 12;
/// Quarters of the other series, the newest first.
const QUARTERS: usize = 4;
/// Most months that a payment is counted late.
const MAX_MONTHS_LATE: u8 = 6;
/// Percent of the borrowers of whom no bureau has a report.
const WITHOUT_REPORT_PERCENT: f64 = 3.0;
/// Percent of the single values that are missing.
const MISSING_PERCENT: f64 = 1.0;
/// `0.75 r + 0.66 e` of one in ten is above this.
const DEFAULT_THRESHOLD: f64 = 1.28;
/// Weight of the hidden risk and of luck in a default: squares that sum to 1 but for 0.2 %.
const RISK_WEIGHT: f64 = 0.75;
const LUCK_WEIGHT: f64 = 0.66;

/// What to make.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub borrowers: u64,
    pub seed: u64,
    /// The day the reports are of, in days since 1970.
    pub as_of_days: u32,
}

/// The day that reports are of unless it is told: long enough past for any chain's clock.
pub fn default_as_of_days() -> u32 {
    days_since_1970(2025, 12, 31).unwrap_or_default()
}

/// One borrower.
struct Borrower {
    income: [f64; QUARTERS],
    deposits: [f64; QUARTERS],
    debt: [f64; QUARTERS],
    months_late: [u8; MONTHS],
    defaulted: bool,
    principal_cents: u64,
    rate_hundredths: u64,
    originated_days: u32,
    matures_days: u32,
}

/// Normal with mean 0 and deviation 1, as near as the sum of twelve uniform numbers comes.
fn normal(random: &mut ChaCha20Rng) -> f64 {
    (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0
}

impl Borrower {
    fn draw(recipe: &Recipe, random: &mut ChaCha20Rng) -> Self {
        let risk = normal(random);
        let defaulted = RISK_WEIGHT * risk + LUCK_WEIGHT * normal(random) > DEFAULT_THRESHOLD;
        let spread = 1.0 + 0.3 * normal(random) - 0.12 * risk;
        // Squared, so that few earn much more than most.
        let level = 2_600.0 * (spread * spread).max(0.15);
        let (mut income, mut deposits, mut debt) = ([0.0; 4], [0.0; 4], [0.0; 4]);
        let savings = 2.4 + 1.1 * normal(random) - 0.9 * risk;
        let borrowed = 4.0 + 2.0 * normal(random) + 1.2 * risk;
        for quarter in 0..QUARTERS {
            // The newest quarter shows most of a bad turn.
            let turn = risk * 0.02 * (QUARTERS - quarter) as f64;
            income[quarter] = level * (1.0 - turn + 0.05 * normal(random)).max(0.1);
            deposits[quarter] = level * (savings - 2.0 * turn + 0.3 * normal(random)).max(0.0);
            debt[quarter] = level * (borrowed + 2.0 * turn + 0.3 * normal(random)).max(0.0);
        }
        let principal = level * (4.0 + 3.0 * random.random::<f64>());
        let rate = 4.0 + 2.5 * random.random::<f64>() + 0.4 * risk;
        let age_days = random.random_range(90..1_080);
        let term_days = age_days + random.random_range(180..2_160);
        Self {
            income,
            deposits,
            debt,
            months_late: months_late(risk, random),
            defaulted,
            principal_cents: (principal * 100.0) as u64,
            rate_hundredths: (rate.max(1.0) * 100.0) as u64,
            originated_days: recipe.as_of_days.saturating_sub(age_days),
            matures_days: recipe.as_of_days.saturating_sub(age_days) + term_days,
        }
    }
}

/// Months late at the end of each month, the newest first.
fn months_late(risk: f64, random: &mut ChaCha20Rng) -> [u8; MONTHS] {
    let strained = (risk + 0.8).max(0.0);
    let miss = (0.012 + 0.022 * strained * strained).min(0.5);
    let catch_up = (0.65 - 0.14 * strained).max(0.15);
    let (mut months, mut late) = ([0; MONTHS], 0);
    for month in months.iter_mut().rev() {
        let luck = random.random::<f64>();
        late = match late {
            0 => u8::from(luck < miss),
            _ if luck < catch_up => 0,
            _ => (late + 1).min(MAX_MONTHS_LATE),
        };
        *month = late;
    }
    months
}

/// Writes the borrowers as CSV: one row each, with its loan. `progress` is called after each
/// thousand rows with how many there are.
///
/// # Errors
///
/// The writer's.
pub fn write_csv(recipe: &Recipe, out: &mut impl Write, progress: &dyn Fn(u64)) -> io::Result<()> {
    write!(out, "borrower,loan,defaulted,has_report,principal,rate,originated,matures,currency")?;
    for series in features() {
        write!(out, ",{}", series.name)?;
    }
    writeln!(out)?;
    let mut random = ChaCha20Rng::seed_from_u64(recipe.seed);
    for number in 1..=recipe.borrowers {
        let borrower = Borrower::draw(recipe, &mut random);
        let has_report = random.random::<f64>() * 100.0 >= WITHOUT_REPORT_PERCENT;
        write!(
            out,
            "B{number:09},L{number:09},{},{},{}.{:02},{}.{:02},{},{},EUR",
            u8::from(borrower.defaulted),
            u8::from(has_report),
            borrower.principal_cents / 100,
            borrower.principal_cents % 100,
            borrower.rate_hundredths / 100,
            borrower.rate_hundredths % 100,
            show_days(borrower.originated_days),
            show_days(borrower.matures_days),
        )?;
        let money = [borrower.income, borrower.deposits, borrower.debt];
        let money = money.iter().flatten().map(|amount| *amount as u64);
        for value in money.chain(borrower.months_late.map(u64::from)) {
            let missing = random.random::<f64>() * 100.0 < MISSING_PERCENT;
            if has_report && !missing {
                write!(out, ",{value}")?;
            } else {
                write!(out, ",")?;
            }
        }
        writeln!(out)?;
        if number.is_multiple_of(1_000) {
            progress(number);
        }
    }
    Ok(())
}

struct Series {
    name: String,
    unit: &'static str,
    upper: u32,
}

fn features() -> Vec<Series> {
    let quarterly = [
        ("income", "EUR a month", 100_000),
        ("deposits", "EUR", 1_000_000),
        ("debt", "EUR", 1_000_000),
    ];
    let quarters = quarterly.iter().flat_map(|(name, unit, upper)| {
        (1..=QUARTERS).map(move |quarter| Series {
            name: format!("{name}_q{quarter}"),
            unit,
            upper: *upper,
        })
    });
    let months = (1..=MONTHS).map(|month| Series {
        name: format!("months_late_m{month}"),
        unit: "months",
        upper: MAX_MONTHS_LATE.into(),
    });
    quarters.chain(months).collect()
}

/// The MAP that belongs to the CSV.
pub fn map_toml(recipe: &Recipe) -> String {
    let as_of = show_days(recipe.as_of_days);
    let mut text = format!(
        "# Made-up borrowers of `assay generate`: {} with seed {}. A borrower whose features are all\n\
         # empty (has_report = 0) has no report. q1 and m1 are the newest quarter and month.\n\n\
         name = \"generated\"\n\n\
         [subject]\ncolumn = \"borrower\"\n\n\
         [label]\ncolumn = \"defaulted\"\nbad = [\"1\"]\n\n\
         [report]\nobserved_at_value = \"{as_of}\"\nsource_value = \"bureau\"\n\n\
         [loan]\nidentifier = \"loan\"\nsubject = \"borrower\"\nprincipal = \"principal\"\n\
         currency = \"currency\"\nrate = \"rate\"\norigination = \"originated\"\nmaturity = \"matures\"\n\
         cut_off_value = \"{as_of}\"\n",
        recipe.borrowers, recipe.seed,
    );
    for Series { name, unit, upper } in features() {
        text.push_str(&format!(
            "\n[[feature]]\nname = \"{name}\"\ncolumn = \"{name}\"\nunit = \"{unit}\"\nlower = 0\nupper = {upper}\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        subject::ConsortiumKey,
        table::{blake2b_256, Map, Purpose, ReadOptions, Table},
    };
    use std::path::Path;

    fn recipe(borrowers: u64) -> Recipe {
        Recipe { borrowers, seed: 1, as_of_days: default_as_of_days() }
    }

    fn csv(recipe: &Recipe) -> Vec<u8> {
        let mut csv = Vec::new();
        write_csv(recipe, &mut csv, &|_| ()).unwrap();
        csv
    }

    fn read(recipe: &Recipe, purpose: Purpose) -> Table {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), csv(recipe)).unwrap();
        let map = Map::parse(&map_toml(recipe), Path::new("made-up.toml")).unwrap();
        let reading = ReadOptions { key: ConsortiumKey::development(), skip_bad_rows: false };
        Table::read(file.path(), &map, purpose, &reading).unwrap()
    }

    #[test]
    fn should_make_the_same_bytes_when_the_seed_is_the_same() {
        let digest = hex::encode(blake2b_256(&csv(&recipe(100))));
        assert_eq!(digest, "06868ad6b5ddaca11b2f56fcad383163b8e2acdbd01cdd344eb2b91ac9b3b133");
        assert_ne!(csv(&Recipe { seed: 2, ..recipe(100) }), csv(&recipe(100)));
    }

    #[test]
    fn should_default_one_in_ten_when_there_are_many() {
        let table = read(&recipe(10_000), Purpose::Training);
        let bad = table.labels.iter().filter(|label| **label == Some(true)).count();
        assert!((800..=1_200).contains(&bad), "{bad}");
        assert_eq!(table.features, 24);
        assert!(table.notes.is_empty(), "{:?}", table.notes);
    }

    #[test]
    fn should_suit_bureau_and_originator_when_read_as_reports_and_as_tape() {
        let reports = read(&recipe(2_000), Purpose::Reports);
        assert!((30..=90).contains(&reports.without_report), "{}", reports.without_report);
        assert_eq!(reports.len() as u64 + reports.without_report, 2_000);
        let tape = read(&recipe(2_000), Purpose::Tape);
        assert_eq!(tape.len(), 2_000);
        assert_eq!(tape.loans.map(|loans| loans.currency), Some(*b"EUR"));
    }
}
