//! Several pictures in one page.

mod support;

use crm_charts::{BarChart, ConcentrationCurve, Error, Histogram, Order, Spacing};

fn pictures() -> Result<Vec<String>, Error> {
    let values = [4.0, 1.0, 9.0, 2.0, 2.0];
    Ok(vec![
        ConcentrationCurve::new(&values, Order::Lorenz)?.to_svg(),
        ConcentrationCurve::new(&values, Order::Pareto)?.to_svg(),
        Histogram::new(&values, Spacing::Linear)?.to_svg(),
        Histogram::new(&values, Spacing::Logarithmic)?.to_svg(),
        BarChart::new(&["a", "b", "c", "d", "e"], &values)?.to_svg(),
        BarChart::new(&["a", "b", "c", "d", "f"], &values)?.to_svg(),
    ])
}

#[test]
fn ids_do_not_collide_in_one_page() {
    pictures().unwrap().iter().for_each(|svg| support::check(svg));
    let page = format!("<body>{}</body>", pictures().unwrap().concat());
    let document = roxmltree::Document::parse(&page).unwrap();
    let ids: Vec<&str> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    let distinct: std::collections::HashSet<&&str> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (12, 12));
}

#[test]
fn the_same_picture_twice_is_told_apart_by_the_caller() {
    let chart = BarChart::new(&["a"], &[1.0]).unwrap();
    let (one, other) =
        (chart.clone().with_id("one").unwrap().to_svg(), chart.with_id("other").unwrap().to_svg());
    assert!(one.contains("id=\"one-title\"") && other.contains("id=\"other-title\""));
    assert_eq!(one.replace("one-", "other-"), other);
}

#[test]
fn style_sheets_agree_wherever_they_speak_of_the_same_class() {
    let sheet = |svg: &String| {
        svg.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).map(str::to_owned)
    };
    let sheets: Vec<String> = pictures().unwrap().iter().filter_map(sheet).collect();
    assert_eq!(sheets.len(), 6);
    assert!(sheets.iter().all(|sheet| *sheet == sheets[0]));
}

#[test]
fn hostile_names_stay_text() {
    let hostile = "</text><script>alert(1)</script>\" onload=\"x\u{0}";
    let svg = BarChart::new(&[hostile], &[1.0])
        .and_then(|chart| chart.with_shares(&[hostile]))
        .unwrap()
        .with_title(hostile)
        .with_description(hostile)
        .with_value(hostile, hostile)
        .to_svg();
    let document = roxmltree::Document::parse(&svg).unwrap();
    assert!(
        document
            .descendants()
            .all(|node| node.tag_name().name() != "script" && !node.has_attribute("onload"))
    );
}
