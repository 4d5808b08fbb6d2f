//! The pictures of a model's page, in the colours of a pack's.

use super::{
    charts::{
        as_percent, draw, failure, Area, AFTER, BEFORE, FONT, FONT_SIZE, GRID, HEADROOM, HEIGHT,
        INK, NARROW, TARGET, WIDE,
    },
    ReportFailure,
};
use crate::train::quality::{
    curves::{wilson, Distribution},
    LevelQuality, Measures,
};
use plotters::{
    coord::types::RangedCoordf64,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use std::ops::Range;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Drawn<T> = Result<T, ReportFailure>;

/// Height of the nearly square charts, in CSS pixels.
const TALL: u32 = 380;
/// Labels of an x axis.
const X_LABELS: usize = 6;
/// Bars of a score distribution.
const SCORE_BINS: usize = 20;

/// Axes of a chart.
struct Frame<'a> {
    x: Range<f64>,
    y: Range<f64>,
    titles: [&'a str; 2],
    x_percent: bool,
    /// Most labels on the x axis.
    x_labels: usize,
}

/// Draws the axes; values of `y` are percent.
fn framed<'a, 'b>(area: &'a Area<'b>, frame: &Frame<'_>) -> Drawn<Chart<'a, 'b>> {
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(18)
        .x_label_area_size(42)
        .y_label_area_size(56)
        .build_cartesian_2d(frame.x.clone(), frame.y.clone())
        .map_err(failure)?;
    let sign = if frame.x_percent { " %" } else { "" };
    let mut mesh = chart.configure_mesh();
    if !frame.x_percent {
        mesh.disable_x_mesh();
    }
    mesh.light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GRID)
        .x_labels(frame.x_labels)
        .y_labels(6)
        .x_label_formatter(&|x| format!("{x:.0}{sign}"))
        .y_label_formatter(&|y| format!("{y:.0} %"))
        .x_desc(frame.titles[0])
        .y_desc(frame.titles[1])
        .label_style((FONT, FONT_SIZE, &INK))
        .draw()
        .map_err(failure)?;
    Ok(chart)
}

fn line(
    chart: &mut Chart<'_, '_>,
    points: impl IntoIterator<Item = (f64, f64)>,
    style: ShapeStyle,
) -> Drawn<()> {
    chart.draw_series(LineSeries::new(points, style)).map_err(failure).map(|_| ())
}

fn dashes(chart: &mut Chart<'_, '_>, ends: [(f64, f64); 2], colour: RGBColor) -> Drawn<()> {
    let dashes = DashedLineSeries::new(ends, 5, 5, colour.stroke_width(1));
    chart.draw_series(dashes).map_err(failure).map(|_| ())
}

fn label(
    chart: &mut Chart<'_, '_>,
    text: String,
    place: (f64, f64),
    colour: &RGBColor,
    anchor: (HPos, VPos),
) -> Drawn<()> {
    let style = (FONT, FONT_SIZE).into_font().color(colour).pos(Pos::new(anchor.0, anchor.1));
    chart.draw_series([Text::new(text, place, style)]).map_err(failure).map(|_| ())
}

/// ROC curves, the most telling part last and strongest, and the coin's diagonal.
pub fn roc(parts: &[(RGBColor, &Measures)]) -> Drawn<String> {
    draw((NARROW, TALL), |area| {
        let titles = ["good loans refused", "bad loans refused"];
        let frame =
            Frame { x: 0.0..100.0, y: 0.0..100.0, titles, x_percent: true, x_labels: X_LABELS };
        let mut chart = framed(area, &frame)?;
        dashes(&mut chart, [(0.0, 0.0), (100.0, 100.0)], INK)?;
        for (at, (colour, part)) in parts.iter().enumerate() {
            let points = part.distribution.roc();
            let points = points.iter().map(|(good, bad)| (good * 100.0, bad * 100.0));
            let width = if at + 1 == parts.len() { 3 } else { 2 };
            line(&mut chart, points, colour.stroke_width(width))?;
        }
        Ok(())
    })
}

/// Shares of good and bad up to each score, and where they are furthest apart.
pub fn ks(part: &Measures, scores: Range<f64>) -> Drawn<String> {
    draw((NARROW, TALL), |area| {
        let (start, span) = (scores.start, scores.end - scores.start);
        let titles = ["score", "share of loans up to the score"];
        let frame =
            Frame { x: scores, y: 0.0..100.0, titles, x_percent: false, x_labels: X_LABELS };
        let mut chart = framed(area, &frame)?;
        let points = part.distribution.cumulative();
        for (colour, is_bad) in [(AFTER, false), (TARGET, true)] {
            let curve = points.iter().map(|point| {
                let share = if is_bad { point.bad } else { point.good };
                (f64::from(point.score), share * 100.0)
            });
            line(&mut chart, [(start, 0.0)].into_iter().chain(curve), colour.stroke_width(3))?;
        }
        let Some(gap) = part.distribution.widest_gap() else { return Ok(()) };
        let at = f64::from(gap.score);
        let (good, bad) = (gap.good * 100.0, gap.bad * 100.0);
        dashes(&mut chart, [(at, good), (at, bad)], INK)?;
        let text = format!("KS {:.1} %", (good - bad).abs());
        let beside = (at - span * 0.01, (good + bad) / 2.0);
        label(&mut chart, text, beside, &INK, (HPos::Right, VPos::Center))?;
        let upper = |is_bad: bool| {
            let text = if is_bad { "bad" } else { "good" };
            (text.to_owned(), if is_bad { &TARGET } else { &AFTER })
        };
        let (above, below) = (upper(bad > good), upper(bad <= good));
        let (high, low) = (good.max(bad), good.min(bad));
        label(&mut chart, above.0, (at, high + 2.0), above.1, (HPos::Right, VPos::Bottom))?;
        label(&mut chart, below.0, (at, low - 3.0), below.1, (HPos::Left, VPos::Top))
    })
}

/// Bad rate of each level with its lift above, and the rate of all loans.
pub fn rates(part: &Measures) -> Drawn<String> {
    let rate = |level: &LevelQuality| as_percent(level.bad_rate_ppb.unwrap_or_default());
    let all = as_percent(part.bad_rate_ppb);
    let highest = part.levels.iter().map(rate).fold(all.max(0.1), f64::max) * HEADROOM;
    let levels = part.levels.len().max(1) as f64;
    draw((NARROW, HEIGHT), |area| {
        let titles = ["level, with its lift", "bad rate"];
        let x_labels = part.levels.len() + 1;
        let x = 0.5..levels + 0.5;
        let frame = Frame { x, y: 0.0..highest, titles, x_percent: false, x_labels };
        let mut chart = framed(area, &frame)?;
        dashes(&mut chart, [(0.5, all), (levels + 0.5, all)], TARGET)?;
        let place = (0.6, all + highest * 0.015);
        label(&mut chart, "all loans".into(), place, &TARGET, (HPos::Left, VPos::Bottom))?;
        let numbered = || (1_u32..).map(f64::from).zip(&part.levels);
        let bars = numbered().map(|(x, level)| {
            Rectangle::new([(x - 0.36, 0.0), (x + 0.36, rate(level))], AFTER.filled())
        });
        chart.draw_series(bars).map_err(failure)?;
        for (x, level) in numbered() {
            let Some(lift) = level.lift_ppb else { continue };
            let top = rate(level);
            // The line of all loans must not run through a number.
            let clear = [(x - 0.36, top + highest * 0.005), (x + 0.36, top + highest * 0.06)];
            chart.draw_series([Rectangle::new(clear, WHITE.filled())]).map_err(failure)?;
            let place = (x, top + highest * 0.01);
            let text = format!("{:.2}", lift as f64 / 1e9);
            label(&mut chart, text, place, &INK, (HPos::Center, VPos::Bottom))?;
        }
        Ok(())
    })
}

/// Observed over expected bad rate of each level with its 95 % interval, and the diagonal on which
/// both are the same.
pub fn calibration(part: &Measures) -> Drawn<String> {
    let points: Vec<(f64, f64, f64, f64)> = part
        .levels
        .iter()
        .filter_map(|level| {
            let expected = as_percent(level.expected_bad_rate_ppb?);
            let (low, high) = wilson(level.bad_count, level.count)?;
            Some((expected, as_percent(level.bad_rate_ppb?), low * 100.0, high * 100.0))
        })
        .collect();
    let highest = points.iter().fold(1.0, |so_far: f64, point| so_far.max(point.0).max(point.3));
    let highest = (highest * 1.05).min(100.0);
    draw((NARROW, HEIGHT), |area| {
        let titles = ["expected bad rate", "observed bad rate"];
        let frame =
            Frame { x: 0.0..highest, y: 0.0..highest, titles, x_percent: true, x_labels: X_LABELS };
        let mut chart = framed(area, &frame)?;
        dashes(&mut chart, [(0.0, 0.0), (highest, highest)], INK)?;
        for (expected, observed, low, high) in &points {
            let interval = [(*expected, *low), (*expected, *high)];
            line(&mut chart, interval, AFTER.stroke_width(2))?;
            let dot = Circle::new((*expected, *observed), 4, AFTER.filled());
            chart.draw_series([dot]).map_err(failure)?;
        }
        if points.is_empty() {
            let middle = (highest / 2.0, highest / 2.0);
            let text = "no calibration to compare with".to_owned();
            label(&mut chart, text, middle, &INK, (HPos::Center, VPos::Bottom))?;
        }
        Ok(())
    })
}

/// Shares of the loans by score, of a baseline and of a part, in equal steps of the score range.
pub fn scores(
    baseline: &Distribution,
    compared: &Distribution,
    scores: Range<f64>,
) -> Drawn<String> {
    let values = scores.end - scores.start + 1.0;
    let bins = SCORE_BINS.min(values as usize).max(1);
    let width = values / bins as f64;
    let binned = |distribution: &Distribution| {
        let mut counts = vec![0_u64; bins];
        for output in distribution.outputs() {
            let at = ((f64::from(output.score) - scores.start) / width).max(0.0) as usize;
            counts[at.min(bins - 1)] += output.count;
        }
        let all = counts.iter().sum::<u64>().max(1) as f64;
        counts.into_iter().map(move |count| count as f64 * 100.0 / all).collect::<Vec<f64>>()
    };
    let (baseline, compared) = (binned(baseline), binned(compared));
    let highest = baseline.iter().chain(&compared).copied().fold(0.1, f64::max) * HEADROOM;
    let start = scores.start - 0.5;
    draw((WIDE, HEIGHT), |area| {
        let x = start..start + values;
        let titles = ["score", "share of loans"];
        let mut chart = framed(
            area,
            &Frame { x, y: 0.0..highest, titles, x_percent: false, x_labels: X_LABELS },
        )?;
        let sides = [(&baseline, BEFORE, 0.08, 0.49), (&compared, AFTER, 0.51, 0.92)];
        for (shares, colour, from, to) in sides {
            let bars = shares.iter().enumerate().map(|(bin, share)| {
                let left = start + bin as f64 * width;
                let corners = [(left + from * width, 0.0), (left + to * width, *share)];
                Rectangle::new(corners, colour.filled())
            });
            chart.draw_series(bars).map_err(failure)?;
        }
        Ok(())
    })
}
