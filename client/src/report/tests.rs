use super::*;

fn figures(count: u64, bad_count: u64) -> Figures {
    let bad_rate_ppb = (bad_count * 1_000_000_000).checked_div(count).unwrap_or(0);
    Figures { count, balance_minor: u128::from(count) * 123_456, bad_count, bad_rate_ppb }
}

fn sample() -> ReportData {
    let level = |level: u8, after| Level {
        level,
        score_from: u16::from(level) * 50 - 49,
        score_to: u16::from(level) * 50,
        before: figures(1_000, u64::from(level) * 40),
        after,
    };
    ReportData {
        pack: 7,
        pack_name: "Cards <2026> & more".to_owned(),
        currency: "EUR".to_owned(),
        higher_is_riskier: true,
        target_ppb: 50_000_000,
        tape: figures(2_010, 0),
        unscored: figures(10, 0),
        before: figures(2_000, 120),
        after: figures(1_250, 60),
        removed: figures(750, 60),
        removed_share_ppb: 375_000_000,
        cut: Some(Cut { score: 74, removed_at_score: 3 }),
        levels: vec![level(1, figures(1_000, 40)), level(2, Figures::default())],
        curve_ppb: (0..100).map(|p| (p < 98).then_some(60_000_000 - p * 500_000)).collect(),
        verify: vec!["assay pack table 7".to_owned()],
        ..ReportData::default()
    }
}

#[test]
fn should_show_key_figures_when_rendered() {
    let page = render(&sample()).unwrap();
    for text in ["6.00\u{202f}%", "4.80\u{202f}%", "37.50\u{202f}%", "1\u{202f}250", "score 74"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.contains("assay pack table 7"));
    assert_eq!(page.matches("<svg").count(), 3);
}

#[test]
fn should_hold_nothing_from_elsewhere_when_rendered() {
    let page = render(&sample()).unwrap();
    let namespaces = page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count();
    assert_eq!(page.matches("://").count(), namespaces);
    for loader in ["<script", "<link", "<img", "@import", "url("] {
        assert!(!page.contains(loader), "{loader}");
    }
}

#[test]
fn should_escape_names_when_they_hold_markup() {
    let page = render(&sample()).unwrap();
    assert!(!page.contains("<2026>"));
    assert!(page.contains("Cards &#60;2026&#62; &#38; more"));
}

#[test]
fn should_render_when_there_is_no_data_at_all() {
    let page = render(&ReportData::default()).unwrap();
    assert!(page.contains("Removal curve"));
    assert!(!page.contains("NaN"));
}

#[test]
fn should_group_thousands_and_drop_minor_units_when_formatting_money() {
    assert_eq!(format::count(1_234_567), "1\u{202f}234\u{202f}567");
    assert_eq!(format::money(123_456_789, "EUR"), "1\u{202f}234\u{202f}567");
    assert_eq!(format::money(1_234, "JPY"), "1\u{202f}234");
}
