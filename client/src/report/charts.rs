//! The report's pictures, drawn as SVG. Blue and vermilion are told apart by the colour-blind and,
//! one darker than the other, in grey print.

use super::{format::percent, Figures, Level, ReportData, ReportFailure};
use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub(super) const AFTER: RGBColor = RGBColor(0, 94, 162);
pub(super) const BEFORE: RGBColor = RGBColor(176, 190, 204);
pub(super) const TARGET: RGBColor = RGBColor(201, 72, 24);
pub(super) const INK: RGBColor = RGBColor(71, 82, 94);
pub(super) const GRID: RGBColor = RGBColor(226, 231, 236);
/// Height of a pack's charts and width of the wide one, in CSS pixels.
pub(super) const HEIGHT: u32 = 300;
pub(super) const WIDE: u32 = 980;
pub(super) const NARROW: u32 = 480;
pub(super) const FONT: &str = "sans-serif";
pub(super) const FONT_SIZE: u32 = 14;
/// Room above the highest value.
pub(super) const HEADROOM: f64 = 1.12;

pub(super) fn failure(fault: impl std::fmt::Display) -> ReportFailure {
    ReportFailure::Chart(fault.to_string())
}

pub(super) fn as_percent(ppb: u64) -> f64 {
    ppb as f64 / 1e7
}

/// Draws on an area of so many CSS pixels; the picture takes the width of where it is put.
pub(super) fn draw(
    size: (u32, u32),
    paint: impl FnOnce(&Area<'_>) -> Result<(), ReportFailure>,
) -> Result<String, ReportFailure> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        paint(&area)?;
        area.present().map_err(failure)?;
    }
    let sized = format!("<svg width=\"{}\" height=\"{}\" ", size.0, size.1);
    Ok(svg.replacen(&sized, "<svg role=\"img\" ", 1))
}

/// The pack's rate by share removed, the target, and where the screening stopped.
pub fn curve(data: &ReportData) -> Result<String, ReportFailure> {
    let points: Vec<(f64, f64)> = (0_u32..)
        .zip(&data.curve_ppb)
        .filter_map(|(removed, rate)| Some((f64::from(removed), as_percent((*rate)?))))
        .collect();
    let target = as_percent(data.target_ppb);
    let highest = points.iter().map(|point| point.1).fold(target, f64::max).max(0.1) * HEADROOM;
    draw((WIDE, HEIGHT), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .margin_right(20)
            .x_label_area_size(42)
            .y_label_area_size(58)
            .build_cartesian_2d(0.0..100.0, 0.0..highest)
            .map_err(failure)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GRID)
            .x_labels(11)
            .y_labels(6)
            .x_label_formatter(&|x| format!("{x:.0} %"))
            .y_label_formatter(&|y| format!("{y:.1} %"))
            .x_desc("riskiest share removed")
            .y_desc("bad rate of the rest")
            .label_style((FONT, FONT_SIZE, &INK))
            .draw()
            .map_err(failure)?;
        let fill = AreaSeries::new(points.iter().copied(), 0.0, AFTER.mix(0.08));
        chart.draw_series(fill).map_err(failure)?;
        let dashes =
            DashedLineSeries::new([(0.0, target), (100.0, target)], 6, 5, TARGET.stroke_width(2));
        chart.draw_series(dashes).map_err(failure)?;
        let line = LineSeries::new(points.iter().copied(), AFTER.stroke_width(3));
        chart.draw_series(line).map_err(failure)?;
        let style = |colour: &'static RGBColor, anchor| {
            (FONT, FONT_SIZE + 1).into_font().color(colour).pos(anchor)
        };
        let above_right = Pos::new(HPos::Right, VPos::Bottom);
        let text = format!("target {}", percent(data.target_ppb));
        let label = Text::new(text, (99.5, target + highest * 0.015), style(&TARGET, above_right));
        chart.draw_series([label]).map_err(failure)?;
        let stop = (as_percent(data.removed_share_ppb), as_percent(data.after.bad_rate_ppb));
        let dot = Circle::new(stop, 6, AFTER.filled());
        chart.draw_series([dot]).map_err(failure)?;
        let text = format!(
            "{} removed, {} bad",
            percent(data.removed_share_ppb),
            percent(data.after.bad_rate_ppb)
        );
        let (side, shift) = if stop.0 > 55.0 { (HPos::Right, -1.5) } else { (HPos::Left, 1.5) };
        let place = (stop.0 + shift, stop.1 + highest * 0.04);
        let label = Text::new(text, place, style(&AFTER, Pos::new(side, VPos::Bottom)));
        chart.draw_series([label]).map_err(failure)?;
        Ok(())
    })
}

/// Each level's share of the loans, before and after.
pub fn shares(data: &ReportData) -> Result<String, ReportFailure> {
    let share =
        |figures: &Figures, all: &Figures| figures.count as f64 * 100.0 / all.count.max(1) as f64;
    bars(data, "share of loans", |level| {
        (share(&level.before, &data.before), share(&level.after, &data.after))
    })
}

/// Each level's bad rate, before and after.
pub fn rates(data: &ReportData) -> Result<String, ReportFailure> {
    bars(data, "bad rate", |level| {
        (as_percent(level.before.bad_rate_ppb), as_percent(level.after.bad_rate_ppb))
    })
}

/// Two bars a level: before behind, after in front.
fn bars(
    data: &ReportData,
    title: &str,
    values: impl Fn(&Level) -> (f64, f64),
) -> Result<String, ReportFailure> {
    let pairs: Vec<(f64, f64)> = data.levels.iter().map(values).collect();
    let highest =
        pairs.iter().fold(0.1, |highest: f64, (before, after)| highest.max(*before).max(*after));
    let levels = pairs.len().max(1) as f64;
    draw((NARROW, HEIGHT), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .x_label_area_size(42)
            .y_label_area_size(54)
            .build_cartesian_2d(0.5..levels + 0.5, 0.0..highest * HEADROOM)
            .map_err(failure)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .disable_x_axis()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GRID)
            .y_labels(5)
            .y_label_formatter(&|y| format!("{y:.0} %"))
            .y_desc(title)
            .label_style((FONT, FONT_SIZE, &INK))
            .draw()
            .map_err(failure)?;
        let bar = |from: f64, to: f64, height: f64, colour: RGBColor| {
            Rectangle::new([(from, 0.0), (to, height)], colour.filled())
        };
        let numbered = || (1_u32..).map(f64::from).zip(&pairs);
        let before = numbered().map(|(x, pair)| bar(x - 0.4, x - 0.02, pair.0, BEFORE));
        chart.draw_series(before).map_err(failure)?;
        let after = numbered().map(|(x, pair)| bar(x + 0.02, x + 0.4, pair.1, AFTER));
        chart.draw_series(after).map_err(failure)?;
        let style = (FONT, FONT_SIZE).into_font().color(&INK);
        let style = style.pos(Pos::new(HPos::Center, VPos::Top));
        for (x, level) in (1_u32..).map(f64::from).zip(&data.levels) {
            let place = chart.backend_coord(&(x, 0.0));
            let (text, below) = (level.level.to_string(), (place.0, place.1 + 7));
            area.draw(&Text::new(text, below, style.clone())).map_err(failure)?;
        }
        let middle = chart.backend_coord(&((levels + 1.0) / 2.0, 0.0));
        let ends = if data.higher_is_riskier {
            "level, riskier to the right"
        } else {
            "level, riskier to the left"
        };
        area.draw(&Text::new(ends, (middle.0, middle.1 + 25), style)).map_err(failure)?;
        Ok(())
    })
}
