//! Numbers to pictures.
#![allow(clippy::unwrap_used, reason = "a benchmark of made-up input fails by panicking")]

use std::sync::LazyLock;

use criterion::Criterion;
use crm_benches::{Shop, TRUTH, checked};
use crm_btyd::{BgNbd, History, Repeat};
use crm_charts::{ConcentrationCurve, FrequencyRecencyMatrix, Histogram, Order, Quantity, Spacing};

/// Spends of 100 000 customers, in currency units.
static SPENDS: LazyLock<Vec<f64>> =
    LazyLock::new(|| Shop::new(100_000, 4).monetary.iter().map(|cents| *cents as f64 / 100.0).collect());

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("charts");
    let matrix = p_alive();
    group.bench_function("frequency_recency/30x78", |bencher| {
        let work = || FrequencyRecencyMatrix::new(Quantity::ProbabilityAlive, &matrix).unwrap().to_svg();
        checked(bencher, work, |svg| {
            says(svg, "P(alive) by frequency 0 to 29 and recency 0 to 77: from 8.49e-35 to 1.")
        });
    });
    group.bench_function("histogram/100000", |bencher| {
        let spends = &*SPENDS;
        let work = || Histogram::new(spends, Spacing::Logarithmic).unwrap().to_svg();
        checked(bencher, work, |svg| {
            says(svg, "in 23 bins from 0.251 to 10,000. The median is 52.6. The mean is 108.")
        });
    });
    group.bench_function("lorenz/100000", |bencher| {
        let spends = &*SPENDS;
        let work = || ConcentrationCurve::new(spends, Order::Lorenz).unwrap().to_svg();
        checked(bencher, work, |svg| says(svg, "smallest value first. The Gini coefficient is 0.60."));
    });
    group.finish();
    criterion.final_summary();
}

/// P(alive) of customers with 0 to 29 repeat purchases, the last of them 0 to 77 weeks after the first, after 77 weeks.
fn p_alive() -> Vec<Vec<f64>> {
    let [r, alpha, a, b] = TRUTH;
    let model = BgNbd::new(r, alpha, a, b).unwrap();
    let cell = |frequency: u32, recency: u32| {
        // Whoever never came back has no recency, and who came back has one: the edge cells take the nearest there is.
        let recency = if frequency == 0 { 0.0 } else { f64::from(recency).max(0.5) };
        model.p_alive(&History::new(frequency, recency, 77.0).unwrap())
    };
    (0..30).map(|frequency| (0..78).map(|recency| cell(frequency, recency)).collect()).collect()
}

/// Stops unless the picture tells these numbers in words.
fn says(svg: &str, words: &str) {
    let description = svg.split("<desc").nth(1).and_then(|rest| rest.split("</desc>").next());
    let description = description.unwrap();
    assert!(description.ends_with(words), "{words} expected in {description}");
}
