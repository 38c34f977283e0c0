//! A path model whose items are worded in both directions: `cases/reverse_worded.csv`, 160 answers
//! on 1 to 7.
//!
//! Its figures were computed by an independent implementation, with the two items as they are and
//! turned to `8 - x`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_numbers::{Interval, Level};
use crm_satisfaction::Scale;
use crm_satisfaction::path_model::{Metric, PathModel, PathModelBootstrap, PathModelFit};

/// Printed with four decimals.
const PRINTED: f64 = 5.1e-5;

/// The answers, with the items named in `turned` as `8 - x`.
fn rows(turned: &[&str]) -> Vec<f64> {
    let text = include_str!("cases/reverse_worded.csv");
    let names: Vec<&str> = text.lines().next().unwrap().trim().split(',').skip(1).collect();
    assert_eq!(names, ["easy", "quick", "slow", "awkward", "stay", "again"]);
    let row = |line: &str| -> Vec<f64> {
        line.trim().split(',').skip(1).map(|cell| cell.parse::<f64>().unwrap()).collect()
    };
    text.lines()
        .skip(1)
        .flat_map(row)
        .enumerate()
        .map(|(at, value)| if turned.contains(&names[at % 6]) { 8.0 - value } else { value })
        .collect()
}

fn model() -> PathModel {
    let latents: &[(&str, &[&str])] =
        &[("Ease", &["easy", "quick", "slow", "awkward"]), ("Loyalty", &["stay", "again"])];
    PathModel::new(latents, &[("Ease", "Loyalty")]).unwrap()
}

fn drawn(fitted: &PathModelFit, rows: &[f64]) -> PathModelBootstrap {
    fitted.bootstrap(rows, 1_000, 1, Level::default()).unwrap()
}

fn near(got: f64, wanted: f64) {
    assert!((got - wanted).abs() <= PRINTED, "{got}, not {wanted}");
}

/// Limits of resamples have a sampling error of their own.
fn about(got: Interval, lower: f64, upper: f64) {
    assert!(
        (got.lower - lower).abs() < 0.015 && (got.upper - upper).abs() < 0.015,
        "{got}, not {lower} to {upper}"
    );
}

#[test]
fn resamples_follow_the_side_of_the_sample() {
    let rows = rows(&[]);
    let fitted = model().fit(&rows).unwrap();
    near(fitted.paths()[0].value, 0.4576);
    let loadings: Vec<f64> = fitted.loadings().iter().map(|row| row.loading).collect();
    for (got, wanted) in loadings.iter().zip([0.8505, 0.8556, -0.8721, -0.8496]) {
        near(*got, wanted);
    }
    let drawn = drawn(&fitted, &rows);
    about(drawn.paths[0], 0.35, 0.57);
    for (got, (lower, upper)) in
        drawn.loadings.iter().zip([(0.80, 0.89), (0.80, 0.90), (-0.91, -0.83), (-0.89, -0.78)])
    {
        about(*got, lower, upper);
    }
}

#[test]
fn items_against_their_block_are_told_and_measure_as_well() {
    let fitted = model().fit(&rows(&[])).unwrap();
    let against: Vec<&str> =
        fitted.loadings().iter().filter(|row| row.against).map(|row| row.item.as_str()).collect();
    assert_eq!(against, ["slow", "awkward"]);
    let ease = &fitted.latents()[0];
    near(ease.composite_reliability.unwrap(), 0.9171);
    near(ease.ave, 0.7345);
    let ratio = &fitted.heterotrait_monotrait()[0];
    assert_eq!((ratio.one.as_str(), ratio.other.as_str()), ("Ease", "Loyalty"));
    near(ratio.ratio.unwrap(), 0.5249);
    let seven = vec![Scale::new(1, 7).unwrap(); 6];
    assert!((fitted.index("Ease", &seven).unwrap() - 50.4).abs() < 0.05);
}

/// Turning the two items changes their signs and nothing else.
#[test]
fn wording_changes_signs_only() {
    let (plain, other) = (rows(&[]), rows(&["slow", "awkward"]));
    for metric in [Metric::Standardized, Metric::AsAnswered] {
        let [one, turned] = [&plain, &other].map(|rows| model().with_metric(metric).fit(rows).unwrap());
        let same = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
        same(one.paths()[0].value, turned.paths()[0].value);
        for (a, b) in one.loadings().iter().zip(turned.loadings()) {
            same(a.loading.abs(), b.loading);
            assert!(!b.against);
        }
        for (a, b) in one.latents().iter().zip(turned.latents()) {
            same(a.ave, b.ave);
            same(a.composite_reliability.unwrap(), b.composite_reliability.unwrap());
            same(a.alpha.unwrap(), b.alpha.unwrap());
        }
        let seven = vec![Scale::new(1, 7).unwrap(); 6];
        same(one.index("Ease", &seven).unwrap(), turned.index("Ease", &seven).unwrap());
        let [a, b] = [(&one, &plain), (&turned, &other)].map(|(fitted, rows)| drawn(fitted, rows));
        same(a.paths[0].lower, b.paths[0].lower);
        same(a.paths[0].upper, b.paths[0].upper);
        same(a.loadings[3].lower, -b.loadings[3].upper);
    }
}

/// The own column of the cross-loadings are the loadings, and a block is closest to its own score.
#[test]
fn cross_loadings_hold_the_loadings() {
    let fitted = model().fit(&rows(&[])).unwrap();
    for (row, loading) in fitted.cross_loadings().iter().zip(fitted.loadings()) {
        let own = usize::from(loading.latent == "Loyalty");
        assert!((row[own] - loading.loading).abs() < 1e-9);
        assert!(row[own].abs() > row[1 - own].abs());
    }
}
