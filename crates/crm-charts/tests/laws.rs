//! What holds for every input that a constructor accepts.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use crm_charts::{
    BarChart, ConcentrationCurve, Flows, FrequencyRecencyMatrix, HeatMap, Histogram, IntervalChart, Order,
    PathDiagram, PurchaseCounts, Pyramid, Quadrants, Quantity, Spacing, Tracking, View, WhaleCurve,
};
use proptest::collection::vec;
use proptest::prelude::*;
use support::check;

/// Amounts of every size, and many that are alike.
fn amount() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(1.0),
        Just(1e300),
        Just(1e-300),
        Just(5e-324),
        0.0..1.0,
        0.0..1e6,
        (0_u32..20).prop_map(f64::from),
        (-300_i32..300).prop_map(|power| 10_f64.powi(power)),
        (1e15..1e16),
    ]
}

fn signed() -> impl Strategy<Value = f64> {
    (amount(), any::<bool>()).prop_map(|(amount, minus)| if minus { -amount } else { amount })
}

/// Any text, with what XML forbids and what it reserves; not the words that the checks look for.
fn label() -> impl Strategy<Value = String> {
    let any = prop_oneof![
        "[a-z]{0,8}",
        "[0-9]{1,4}",
        "[0-9]{1,60}",
        "[\\x00-\\x1f\\x7f-\\u{9f}\u{fffe}\u{ffff}ab]{1,5}",
        "(Segment|客户|\u{1f600}|<b>&amp;'\"|\\]\\]>| ){1,9}",
        any::<String>(),
    ];
    let words = ["NaN", "inf", "url(", "href"];
    any.prop_filter("the words that are looked for", move |text| {
        !words.iter().any(|word| text.contains(word))
    })
}

/// Amounts that never fall.
fn rising(amounts: Vec<f64>) -> Vec<f64> {
    let mut sorted = amounts;
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn rectangle<T: std::fmt::Debug>(
    cell: impl Strategy<Value = T> + Clone,
    rows: usize,
    columns: usize,
) -> impl Strategy<Value = Vec<Vec<T>>> {
    (1..=rows, 1..=columns).prop_flat_map(move |(rows, columns)| vec(vec(cell.clone(), columns), rows))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn heat_maps(
        values in rectangle(proptest::option::weighted(0.8, signed().boxed()), 14, 30),
        names in vec(label(), 44),
        own in label(),
        title in label(),
        with_text in any::<bool>(),
    ) {
        let (rows, columns) = (values.len(), values[0].len());
        let (row_names, rest) = names.split_at(rows);
        let map = HeatMap::new(row_names, &rest[..columns], &values).unwrap();
        let map = map.with_title(&title).with_x_axis(&own, &title).with_y_axis(&title, "").with_value(&own, "£");
        let map = if with_text { map.with_cell_text(&vec![vec![own; columns]; rows]).unwrap() } else { map };
        check(&map.to_svg());
        prop_assert_eq!(map.to_svg(), map.clone().to_string());
    }

    #[test]
    fn concentration_curves(
        values in vec(amount(), 1..80),
        lorenz in any::<bool>(),
        top in 0.0..=1.0_f64,
        classes in vec((label(), 0.0..=1.0_f64), 1..7),
    ) {
        let order = if lorenz { Order::Lorenz } else { Order::Pareto };
        prop_assume!(values.iter().any(|value| *value > 0.0));
        let ends = rising(classes.iter().map(|(_, end)| *end).collect());
        let classes: Vec<(String, f64)> = classes.into_iter().map(|(name, _)| name).zip(ends).collect();
        let curve = ConcentrationCurve::new(&values, order).unwrap().with_top(top).unwrap();
        prop_assert!((0.0..1.0).contains(&curve.gini()));
        check(&curve.to_svg());
        check(&curve.with_classes(&classes).unwrap().to_svg());
    }

    #[test]
    fn frequency_recency_matrices(
        rows in rectangle(amount().boxed(), 12, 40),
        customers in vec((0.0..15.0_f64, 0.0..60.0_f64), 0..200),
        step in prop_oneof![Just(1.0), Just(0.25), Just(7.0), Just(1e-9), Just(1e9)],
        unit in label(),
    ) {
        let (frequency, recency): (Vec<f64>, Vec<f64>) = customers.into_iter().unzip();
        let draw = |quantity, rows: &[Vec<f64>]| {
            FrequencyRecencyMatrix::new(quantity, rows)
                .and_then(|matrix| matrix.with_recency_step(step))
                .and_then(|matrix| matrix.with_customers(&frequency, &recency))
                .unwrap()
                .with_x_axis("Recency", &unit)
                .to_svg()
        };
        check(&draw(Quantity::ExpectedPurchases, &rows));
        let parts: Vec<Vec<f64>> = rows.iter().map(|row| row.iter().map(|value| value.min(1.0)).collect()).collect();
        check(&draw(Quantity::ProbabilityAlive, &parts));
    }

    #[test]
    fn purchase_counts(
        pairs in vec((prop_oneof![Just(0_u64), Just(u64::MAX), 0_u64..5000], amount()), 1..60),
        open in any::<bool>(),
    ) {
        let (actual, expected): (Vec<u64>, Vec<f64>) = pairs.into_iter().unzip();
        let chart = PurchaseCounts::new(&actual, &expected).unwrap();
        check(&if open { chart.with_open_end() } else { chart }.to_svg());
    }

    #[test]
    fn tracking(
        numbers in vec(vec(amount(), 60), 2..6),
        periods in 1_usize..60,
        known in 1_usize..60,
        calibration in 1_usize..60,
        labels in vec(label(), 60),
        cumulative in any::<bool>(),
    ) {
        let (periods, known, calibration) = (periods, known.min(periods), calibration.min(periods));
        let view = if cumulative { View::Cumulative } else { View::Incremental };
        let series = |numbers: &Vec<f64>, length: usize| {
            let numbers = numbers[..length].to_vec();
            if cumulative { rising(numbers) } else { numbers }
        };
        let models: Vec<(String, Vec<f64>)> =
            labels.iter().cloned().zip(numbers[1..].iter().map(|numbers| series(numbers, periods))).collect();
        let chart = Tracking::new(view, &series(&numbers[0], known), &models).unwrap();
        check(&chart.to_svg());
        let chart = chart.with_calibration_end(calibration).unwrap().with_labels(&labels[..periods]).unwrap();
        check(&chart.to_svg());
    }

    #[test]
    fn histograms_of_values(values in vec(signed(), 1..120), unit in label()) {
        let chart = Histogram::new(&values, Spacing::Linear).unwrap().with_x_axis("Value", &unit);
        check(&chart.to_svg());
        let positive: Vec<f64> = values.iter().map(|value| value.abs().max(1e-300)).collect();
        check(&Histogram::new(&positive, Spacing::Logarithmic).unwrap().to_svg());
    }

    #[test]
    fn histograms_of_bins(edges in vec(signed(), 2..60), counts in vec(any::<u64>(), 60)) {
        let mut edges = rising(edges);
        edges.dedup_by(|next, one| *next <= *one);
        prop_assume!(edges.len() > 1);
        let counts = &counts[..edges.len() - 1];
        let middle = edges[edges.len() / 2];
        let chart = Histogram::from_bins(&edges, counts, Spacing::Linear).unwrap();
        check(&chart.with_mean(middle).unwrap().with_median(edges[0]).unwrap().to_svg());
        let positive: Vec<f64> = edges.into_iter().filter(|edge| *edge >= 1e-300).collect();
        if positive.len() > 1 {
            let counts = &counts[..positive.len() - 1];
            check(&Histogram::from_bins(&positive, counts, Spacing::Logarithmic).unwrap().to_svg());
        }
    }

    #[test]
    fn bar_charts(bars in vec((label(), amount(), label()), 1..50), unit in label()) {
        let labels: Vec<&String> = bars.iter().map(|(label, ..)| label).collect();
        let values: Vec<f64> = bars.iter().map(|(_, value, _)| *value).collect();
        let shares: Vec<&String> = bars.iter().map(|(.., share)| share).collect();
        let chart = BarChart::new(&labels, &values).unwrap().with_value("Customers", &unit);
        check(&chart.to_svg());
        check(&chart.with_shares(&shares).unwrap().to_svg());
    }

    #[test]
    fn quadrants(
        points in vec((signed(), signed(), label(), any::<u64>()), 1..40),
        cuts in (signed(), signed()),
        regions in vec(label(), 4),
        unit in label(),
        repeat in prop_oneof![Just(1_usize), Just(30)],
    ) {
        let points: Vec<_> = points.iter().cycle().take(points.len() * repeat).collect();
        let x: Vec<f64> = points.iter().map(|point| point.0).collect();
        let y: Vec<f64> = points.iter().map(|point| point.1).collect();
        let labels: Vec<&String> = points.iter().map(|point| &point.2).collect();
        let counts: Vec<u64> = points.iter().map(|point| point.3).collect();
        let chart = Quadrants::new(&x, &y, cuts).unwrap().with_x_axis("", &unit);
        prop_assert_eq!(chart.counts().as_flattened().iter().sum::<u64>(), points.len() as u64);
        check(&chart.to_svg());
        let regions: Vec<&str> = regions.iter().map(String::as_str).collect();
        let chart = chart.with_labels(&labels).unwrap().with_counts(&counts).unwrap();
        check(&chart.with_regions([regions[0], regions[1]], [regions[2], regions[3]]).to_svg());
    }
}

proptest! {
    #[test]
    fn whale_curves(profits in vec(signed(), 1..60), label in label()) {
        if let Ok(curve) = WhaleCurve::new(&profits) {
            prop_assert!(curve.peak() >= 1.0 - 1e-9);
            check(&curve.with_title(&label).with_x_label(&label).to_svg());
        }
    }

    #[test]
    fn pyramids(levels in vec((label(), amount(), proptest::option::of(0.0..=1.0_f64)), 1..13), unit in label()) {
        let labels: Vec<&String> = levels.iter().map(|level| &level.0).collect();
        let values: Vec<f64> = levels.iter().map(|level| level.1).collect();
        let shares: Vec<Option<f64>> = levels.iter().skip(1).map(|level| level.2).collect();
        let chart = Pyramid::new(&labels, &values).unwrap().with_value("Customers", &unit);
        check(&chart.to_svg());
        check(&chart.with_conversions(&shares).unwrap().to_svg());
    }

    #[test]
    fn flows(values in rectangle(amount().boxed(), 20, 20), names in vec(label(), 40), side in label()) {
        let (rows, columns) = (values.len(), values[0].len());
        let chart = Flows::new(&names[..rows], &names[20..20 + columns], &values).unwrap();
        check(&chart.with_sides(&side, "now").with_value("Customers", &side).to_svg());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn interval_charts(
        rows in vec((label(), [signed(), signed(), signed()]), 1..=40),
        reference in proptest::option::of((signed(), label())),
        unit in label(),
    ) {
        let labels: Vec<&String> = rows.iter().map(|row| &row.0).collect();
        let sorted = |row: &(String, [f64; 3])| {
            let ends = rising(row.1.to_vec());
            (ends[0], ends[1], ends[2])
        };
        let ends: Vec<(f64, f64, f64)> = rows.iter().map(sorted).collect();
        let chart = IntervalChart::new(&labels, &ends).unwrap().with_value("Score", &unit);
        check(&match reference {
            Some((at, what)) => chart.with_reference(at, &what).unwrap(),
            None => chart,
        }.to_svg());
    }

    #[test]
    fn path_diagrams(
        nodes in vec((label(), label()), 2..=12),
        paths in vec((0_usize..12, 0_usize..12, signed()), 0..=40),
    ) {
        let labels: Vec<&String> = nodes.iter().map(|node| &node.0).collect();
        let notes: Vec<&String> = nodes.iter().map(|node| &node.1).collect();
        let down = |&(one, other, strength): &(usize, usize, f64)| {
            let (one, other) = (one % nodes.len(), other % nodes.len());
            (one != other).then_some((one.min(other), one.max(other), strength))
        };
        let mut paths: Vec<(usize, usize, f64)> = paths.iter().filter_map(down).collect();
        paths.sort_by_key(|&(from, to, _)| (from, to));
        paths.dedup_by_key(|&mut (from, to, _)| (from, to));
        let chart = PathDiagram::new(&labels, &paths).unwrap();
        check(&chart.to_svg());
        check(&chart.with_notes(&notes).unwrap().to_svg());
    }

    #[test]
    fn quadrants_within_given_ranges(points in vec((signed(), signed()), 1..40), cuts in (signed(), signed())) {
        let x: Vec<f64> = points.iter().map(|point| point.0).collect();
        let y: Vec<f64> = points.iter().map(|point| point.1).collect();
        let range = |values: &[f64], cut: f64| {
            let sorted = rising(values.iter().copied().chain([cut]).collect());
            (sorted[0], sorted[sorted.len() - 1])
        };
        let chart = Quadrants::new(&x, &y, cuts).unwrap();
        if let Ok(chart) = chart.with_ranges(range(&x, cuts.0), range(&y, cuts.1)) {
            check(&chart.to_svg());
        }
    }
}
