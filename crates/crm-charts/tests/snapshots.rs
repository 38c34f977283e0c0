//! The bytes of a picture of each kind, compared with the committed file in `tests/snapshots`.
//!
//! After a wanted change, write the files anew, look at them in a browser, and commit them:
//!
//! ```text
//! CRM_CHARTS_WRITE_SNAPSHOTS=1 cargo test -p crm-charts --test snapshots
//! ```

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::PathBuf;

use crm_charts::{
    BarChart, ConcentrationCurve, Error, Flows, FrequencyRecencyMatrix, HeatMap, Histogram, IntervalChart,
    Order, PathDiagram, PurchaseCounts, Pyramid, Quadrants, Quantity, Spacing, Tracking, View, WhaleCurve,
};

/// Set to write the files instead of comparing with them.
const WRITE: &str = "CRM_CHARTS_WRITE_SNAPSHOTS";

#[track_caller]
fn compare(name: &str, svg: Result<String, Error>) {
    let svg = svg.unwrap() + "\n";
    support::check(&svg);
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.svg"));
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&file, &svg).unwrap();
    }
    // A checkout may have changed the ends of lines.
    let committed = std::fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        committed == svg,
        "{name}.svg differs from the committed file; see the head of this test for what to do"
    );
}

#[test]
fn heat_map() {
    let map = HeatMap::new(
        &["3", "2", "1"],
        &["1", "2", "3"],
        &[
            [None, Some(240.0), Some(410.5)],
            [Some(55.0), Some(120.0), Some(180.0)],
            [Some(12.0), Some(30.0), Some(42.0)],
        ],
    );
    let map = map
        .and_then(|map| map.with_cell_text(&[["", "41", "96"], ["18", "77", "102"], ["1,204", "310", "95"]]));
    let named = |map: HeatMap| {
        map.with_title("Mean spend by score")
            .with_x_axis("Recency score", "")
            .with_y_axis("Frequency score", "")
            .with_value("Mean spend", "£")
    };
    compare("heat_map", map.map(|map| named(map).to_svg()));
}

#[test]
fn lorenz() {
    let curve = ConcentrationCurve::new(&[1.0, 2.0, 3.0, 4.0, 10.0], Order::Lorenz);
    compare("lorenz", curve.map(|curve| curve.to_svg()));
}

#[test]
fn pareto() {
    let curve =
        ConcentrationCurve::new(&[50.0, 25.0, 10.0, 5.0, 4.0, 2.0, 1.0, 1.0, 1.0, 1.0], Order::Pareto);
    let curve = curve.and_then(|curve| curve.with_classes(&[("A", 0.3), ("B", 0.6), ("C", 1.0)]));
    compare("pareto", curve.map(|curve| curve.to_svg()));
}

#[test]
fn frequency_recency() {
    let rows = [[0.9, 0.9, 0.9, 0.9], [0.2, 0.4, 0.7, 0.95], [0.05, 0.2, 0.6, 0.98]];
    let matrix = FrequencyRecencyMatrix::new(Quantity::ProbabilityAlive, &rows)
        .and_then(|matrix| matrix.with_customers(&[0.0, 0.0, 1.0, 2.0, 9.0], &[0.0, 0.0, 2.0, 3.0, 3.0]))
        .map(|matrix| matrix.with_x_axis("Recency", "weeks").to_svg());
    compare("frequency_recency", matrix);
}

#[test]
fn purchase_counts() {
    let chart = PurchaseCounts::new(&[1411, 439, 214, 293], &[1427.3, 420.6, 198.7, 310.4]);
    compare("purchase_counts", chart.map(|chart| chart.with_open_end().to_svg()));
}

#[test]
fn tracking() {
    let actual = [10.0, 24.0, 31.0, 45.0];
    let models =
        [("BG/NBD", [12.0, 22.0, 32.0, 41.0, 50.0]), ("no drop-out", [12.0, 24.0, 36.0, 48.0, 60.0])];
    let chart = Tracking::new(View::Cumulative, &actual, &models)
        .and_then(|chart| chart.with_labels(&["Jan", "Feb", "Mar", "Apr", "May"]))
        .and_then(|chart| chart.with_calibration_end(3));
    compare("tracking", chart.map(|chart| chart.with_x_axis("", "").to_svg()));
}

#[test]
fn histogram() {
    let values = [3.0, 4.5, 8.0, 11.0, 12.0, 14.0, 19.0, 25.0, 40.0, 72.0, 110.0, 420.0];
    let linear =
        Histogram::new(&values, Spacing::Linear).map(|chart| chart.with_x_axis("Spend", "£").to_svg());
    compare("histogram", linear);
    compare(
        "histogram_logarithmic",
        Histogram::new(&values, Spacing::Logarithmic).map(|chart| chart.to_svg()),
    );
}

#[test]
fn bar_chart() {
    let chart = BarChart::new(&["Loyal", "New", "Bought once, a long time ago"], &[1_200.0, 300.0, 4_500.0])
        .and_then(|chart| chart.with_shares(&["20 %", "5 %", "75 %"]));
    compare("bar_chart", chart.map(|chart| chart.with_title("Customers by segment").to_svg()));
}

#[test]
fn whale_curve() {
    let curve = WhaleCurve::new(&[80.0, 60.0, 30.0, 10.0, 0.0, -5.0, -25.0, -50.0]);
    compare("whale_curve", curve.map(|curve| curve.to_svg()));
}

#[test]
fn quadrants() {
    let chart = Quadrants::new(&[20.0, 90.0, 80.0, 60.0], &[30.0, 80.0, 75.0, 50.0], (60.0, 50.0))
        .and_then(|chart| chart.with_labels(&["Ann", "Bo", "Chi", "on both lines"]))
        .and_then(|chart| chart.with_ranges((0.0, 100.0), (0.0, 100.0)))
        .map(|chart| chart.with_regions(["hostages", "apostles"], ["defectors", "mercenaries"]));
    let named = |chart: Quadrants| chart.with_x_axis("Satisfaction", "%").with_y_axis("Loyalty", "%");
    compare("quadrants", chart.map(|chart| named(chart).to_svg()));
}

#[test]
fn interval_chart() {
    let rows = [(0.88, 0.93, 0.98), (0.79, 0.85, 0.91), (0.99, 1.04, 1.09)];
    let chart = IntervalChart::new(&["North", "South", "Overseas"], &rows)
        .and_then(|chart| chart.with_reference(1.0, "as expected"));
    compare("interval_chart", chart.map(|chart| chart.with_value("Perceived over expected", "").to_svg()));
}

#[test]
fn path_diagram() {
    let paths = [(0, 1, 0.52), (1, 2, 0.61), (0, 2, 0.18), (2, 3, 0.55), (0, 3, -0.12)];
    let chart = PathDiagram::new(&["Image", "Quality", "Satisfaction", "Loyalty"], &paths)
        .and_then(|chart| chart.with_notes(&["", "27 % explained", "54 % explained", "31 % explained"]));
    compare("path_diagram", chart.map(|chart| chart.to_svg()));
}

#[test]
fn pyramid() {
    let chart = Pyramid::new(&["prospect", "first-time", "repeat"], &[240.0, 120.0, 30.0])
        .and_then(|chart| chart.with_conversions(&[Some(0.385), None]));
    compare("pyramid", chart.map(|chart| chart.with_value("Customers", "").to_svg()));
}

#[test]
fn flows() {
    let chart = Flows::new(&["A", "B"], &["A", "B", "(leavers)"], &[[30.0, 10.0, 0.0], [5.0, 50.0, 1.0]]);
    compare("flows", chart.map(|chart| chart.with_sides("2024", "2025").to_svg()));
}
