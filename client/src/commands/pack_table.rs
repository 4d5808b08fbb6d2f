//! `assay pack table` and `assay pack curve`: a pack by level, and by how much is removed.

use super::{
    context::{wrong_use, Context},
    pack,
    pack_request::{basis_word, rate_word, view_fault, RateArgs},
    show::{grouped, money, money_json, TextTable},
};
use crate::{chain::api, ratio};
use anyhow::{anyhow, Context as _};
use assay_primitives::{Currency, PackId};
use assay_risk::{
    artifact::Orientation,
    rates::{LevelRow, LevelTable},
    ratio::ratio_up_ppb,
};
use clap::Args;
use plotters::prelude::*;
use serde_json::{json, Value as Json};
use std::path::{Path, PathBuf};

/// People see every fifth point of a curve.
const SHOWN_EVERY: usize = 5;
/// A percent in ppb.
const PERCENT_PPB: u64 = 10_000_000;

#[derive(Debug, Args)]
pub struct TableArgs {
    pack: PackId,
    /// Only the loans that the screening kept
    #[arg(long)]
    kept: bool,
    /// Show the riskiest level first; levels keep their numbers
    #[arg(long)]
    riskiest_first: bool,
    #[command(flatten)]
    rates: RateArgs,
}

#[derive(Debug, Args)]
pub struct CurveArgs {
    pack: PackId,
    /// Draw it into this file, too
    #[arg(long, value_name = "FILE.svg")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    rates: RateArgs,
}

/// Shows the level table.
pub async fn table(context: &Context, args: &TableArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let view = pack::view(&chain, args.pack, None).await?;
    let request = args.rates.reading(&view).or_else(wrong_use)?;
    let table = api::table(&chain, args.pack, &request, args.kept, None)
        .await?
        .map_err(|fault| anyhow!(view_fault(fault)))?;
    let object = json!({
        "pack": args.pack,
        "kept_only": args.kept,
        "basis": basis_word(request.options.basis),
        "rate": rate_word(request.options.method),
        "bad_rate_ppb": table.bad_rate_ppb,
        "levels": table.rows.iter().map(level_json).collect::<Vec<_>>(),
    });
    let orientation = view.assessment.as_ref().map(|assessment| assessment.orientation);
    let descending =
        args.riskiest_first && orientation.unwrap_or_default() == Orientation::HigherIsRiskier;
    let shown = people(&table, view.pack.terms.currency, descending);
    let said = format!(
        "{shown}\n\nbad rate of the pack: {} ({}, by {})",
        ratio::show(table.bad_rate_ppb),
        rate_word(request.options.method),
        basis_word(request.options.basis)
    );
    context.output.result(&object, said)
}

/// One level as readers of `--json` get it.
pub fn level_json(row: &LevelRow) -> Json {
    json!({
        "level": row.level,
        "score_from": row.score_from,
        "score_to": row.score_to,
        "count": row.count,
        "balance": money_json(row.balance),
        "bad_count": row.bad_count,
        "bad_balance": money_json(row.bad_balance),
        "bad_rate_ppb": row.bad_rate_ppb,
    })
}

/// The table for people, with a line for all.
pub fn people(table: &LevelTable, currency: Currency, descending: bool) -> String {
    let mut shown =
        TextTable::new(&[">level", "scores", ">loans", ">share", ">balance", ">bad", ">bad rate"]);
    let count: u64 = table.rows.iter().map(|row| row.count).sum();
    let mut rows: Vec<&LevelRow> = table.rows.iter().collect();
    if descending {
        rows.reverse();
    }
    for row in rows {
        let share = ratio_up_ppb(row.count.into(), count.into());
        let scores = match row.score_from <= row.score_to {
            true => format!("{}-{}", row.score_from, row.score_to),
            false => "-".into(),
        };
        shown.row([
            row.level.to_string(),
            scores,
            grouped(row.count),
            share.map(ratio::show).unwrap_or_default(),
            money(row.balance, currency),
            grouped(row.bad_count),
            row.bad_rate_ppb.map_or("-".into(), ratio::show),
        ]);
    }
    shown.row([
        "all".into(),
        String::new(),
        grouped(count),
        String::new(),
        money(table.rows.iter().map(|row| row.balance).sum(), currency),
        grouped(table.rows.iter().map(|row| row.bad_count).sum::<u64>()),
        ratio::show(table.bad_rate_ppb),
    ]);
    shown.to_string()
}

/// Shows the removal curve.
pub async fn curve(context: &Context, args: &CurveArgs) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let view = pack::view(&chain, args.pack, None).await?;
    let request = args.rates.reading(&view).or_else(wrong_use)?;
    let rates = api::curve(&chain, args.pack, &request, None)
        .await?
        .map_err(|fault| anyhow!(view_fault(fault)))?;
    let target = view.screening.as_ref().map(|screening| screening.request.target_ppb);
    if let Some(path) = &args.svg {
        draw(path, &rates, target)?;
        context.output.note(format!("drawn into {}", path.display()));
    }
    let points: Vec<Json> = (0_u64..)
        .zip(&rates)
        .map(
            |(percent, rate)| json!({ "removed_ppb": percent * PERCENT_PPB, "bad_rate_ppb": rate }),
        )
        .collect();
    let object = json!({
        "pack": args.pack,
        "basis": basis_word(request.options.basis),
        "rate": rate_word(request.options.method),
        "points": points,
    });
    if rates.is_empty() {
        return context.output.result(&object, "the pack has too few loans for a curve");
    }
    let mut shown = TextTable::new(&[">riskiest removed", ">bad rate"]);
    for (percent, rate) in rates.iter().enumerate().step_by(SHOWN_EVERY) {
        shown.row([format!("{percent} %"), ratio::show(*rate)]);
    }
    context.output.result(&object, shown)
}

fn as_percent(ppb: u64) -> f64 {
    ppb as f64 / PERCENT_PPB as f64
}

fn draw(path: &Path, rates: &[u64], target_ppb: Option<u64>) -> anyhow::Result<()> {
    let svg =
        svg(rates, target_ppb).map_err(|reason| anyhow!("the curve can't be drawn: {reason}"))?;
    std::fs::write(path, svg).with_context(|| path.display().to_string())
}

fn svg(rates: &[u64], target_ppb: Option<u64>) -> Result<String, Box<dyn std::error::Error>> {
    const BLUE: RGBColor = RGBColor(0, 94, 162);
    const VERMILION: RGBColor = RGBColor(201, 72, 24);
    let points: Vec<(f64, f64)> =
        (0_u32..).zip(rates).map(|(percent, rate)| (percent.into(), as_percent(*rate))).collect();
    let highest = rates.iter().copied().chain(target_ppb).max().unwrap_or_default();
    let top = (as_percent(highest) * 1.1).max(0.1);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (900, 420)).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..100.0, 0.0..top)?;
        chart
            .configure_mesh()
            .x_desc("riskiest share removed")
            .y_desc("bad rate of the rest")
            .x_label_formatter(&|x| format!("{x:.0} %"))
            .y_label_formatter(&|y| format!("{y:.1} %"))
            .light_line_style(TRANSPARENT)
            .draw()?;
        chart.draw_series(LineSeries::new(points, BLUE.stroke_width(2)))?;
        if let Some(target) = target_ppb.map(as_percent) {
            let line = [(0.0, target), (100.0, target)];
            chart.draw_series(DashedLineSeries::new(line, 6, 5, VERMILION.stroke_width(1)))?;
        }
        area.present()?;
    }
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table_of_two() -> LevelTable {
        let row = |level, count, bad_count, rate| LevelRow {
            level,
            score_from: u16::from(level) * 10 - 9,
            score_to: u16::from(level) * 10,
            count,
            balance: u128::from(count) * 100,
            bad_count,
            bad_balance: 0,
            bad_rate_ppb: rate,
        };
        LevelTable {
            rows: vec![row(1, 900, 9, Some(10_000_000)), row(2, 100, 50, Some(500_000_000))],
            bad_rate_ppb: 59_000_000,
        }
    }

    #[test]
    fn should_sum_all_levels_in_the_last_line() {
        let shown = people(&table_of_two(), *b"EUR", false);
        let last = shown.lines().last().unwrap();
        assert!(last.contains("1,000") && last.contains("59") && last.contains("5.90 %"), "{last}");
        assert!(shown.contains("11-20"), "{shown}");
    }

    #[test]
    fn should_keep_level_numbers_when_the_riskiest_is_shown_first() {
        let shown = people(&table_of_two(), *b"EUR", true);
        let first = shown.lines().nth(1).unwrap();
        assert!(first.trim_start().starts_with('2'), "{first}");
    }

    #[test]
    fn should_give_the_agreed_fields_when_machines_read() {
        let row = level_json(&table_of_two().rows[1]);
        assert_eq!(row["bad_rate_ppb"], 500_000_000);
        assert_eq!(row["balance"], 10_000);
        assert_eq!(row["score_from"], 11);
    }

    #[test]
    fn should_draw_line_and_target_when_there_are_points() {
        let drawn = svg(&[50_000_000, 40_000_000, 30_000_000], Some(35_000_000)).unwrap();
        assert!(drawn.starts_with("<svg"), "{drawn}");
        assert!(drawn.contains("#005EA2") && drawn.contains("#C94818"), "{drawn}");
    }
}
