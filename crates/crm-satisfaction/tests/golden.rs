//! Tables made by other software, and by definitions that share no closed form with the library:
//! see `golden/make.py`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use crm_numbers::Level;
use crm_satisfaction::drivers::Drivers;
use crm_satisfaction::index::Pairs;
use crm_satisfaction::path_model::{Metric, PathModel, PathModelFit, Weighting};
use crm_satisfaction::scores::{Nps, NpsMethod};
use crm_testing::data_file;

/// Closed forms against exact fractions.
const RELATIVE: f64 = 1e-11;
/// Limits in the table have six decimals, found on a likelihood that is flat at its top.
const LIMIT: f64 = 1e-4;
/// The independent package stopped while its last decimals still moved; they agree to 2e-9.
const PATH_MODEL: f64 = 1e-8;
/// Answers of mobile phone customers, among the data that are not ours to ship.
const ECSI: &str = "ecsi_mobi_satisfaction.csv";

fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn golden(table: &str) -> Vec<Vec<String>> {
    rows(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(table))
}

fn assert_near(got: f64, wanted: &str, tolerance: f64, what: &str) {
    let wanted: f64 = wanted.parse().unwrap();
    let limit = tolerance * wanted.abs().max(1.0);
    assert!((got - wanted).abs() <= limit, "{what}: {got}, not {wanted}");
}

#[test]
fn net_promoter_scores() {
    for row in golden("nps.csv") {
        let count = |place: usize| row[place].parse().unwrap();
        let nps = Nps::new(count(0), count(1), count(2)).unwrap();
        assert_near(nps.score(), &row[3], RELATIVE, "score");
        assert_near(nps.standard_error(), &row[4], RELATIVE, "standard error");
        let interval = nps.interval(NpsMethod::Wilson, Level::default());
        assert_near(interval.lower, &row[5], LIMIT, "lower limit");
        assert_near(interval.upper, &row[6], LIMIT, "upper limit");
    }
}

#[test]
fn shares_over_all_orders_of_entry() {
    let table = golden("drivers.csv");
    let (last, answers) = table.split_last().unwrap();
    let values: Vec<Vec<f64>> =
        answers.iter().map(|row| row[1..].iter().map(|cell| cell.parse().unwrap()).collect()).collect();
    let rows: Vec<f64> = values.iter().flat_map(|row| row[..5].to_vec()).collect();
    let outcome: Vec<f64> = values.iter().map(|row| row[5]).collect();
    let drivers = Drivers::new(&["a", "b", "c", "d", "e"], &rows, &outcome).unwrap();
    for (share, wanted) in drivers.shapley().unwrap().iter().zip(&last[1..]) {
        assert_near(share.value, wanted, RELATIVE, &share.name);
    }
    assert_near(drivers.r_squared().unwrap(), &last[6], RELATIVE, "R2");
    let weights: f64 = drivers.relative_weights().unwrap().iter().map(|weight| weight.value).sum();
    assert_near(weights, &last[6], RELATIVE, "sum of relative weights");
}

#[test]
fn ratios_by_the_textbook() {
    for row in golden("ratio.csv") {
        let column =
            |place: usize| -> Vec<f64> { row[place].split(' ').map(|cell| cell.parse().unwrap()).collect() };
        let pairs = Pairs::new(&column(0), &column(1)).unwrap();
        assert_near(pairs.ratio_of_means().unwrap(), &row[2], RELATIVE, "ratio");
        assert_near(pairs.ratio_error().unwrap(), &row[3], RELATIVE, "error of the ratio");
        assert_near(pairs.gap_error().unwrap(), &row[4], RELATIVE, "error of the gap");
    }
}

/// The European customer satisfaction index of 250 mobile phone customers.
fn ecsi(path: &Path) -> (Vec<f64>, PathModel) {
    let latents: &[(&str, &[&str])] = &[
        ("IMAG", &["IMAG1", "IMAG2", "IMAG3", "IMAG4", "IMAG5"]),
        ("CUEX", &["CUEX1", "CUEX2", "CUEX3"]),
        ("PERQ", &["PERQ1", "PERQ2", "PERQ3", "PERQ4", "PERQ5", "PERQ6", "PERQ7"]),
        ("PERV", &["PERV1", "PERV2"]),
        ("CUSA", &["CUSA1", "CUSA2", "CUSA3"]),
        ("COMP", &["CUSCO"]),
        ("CUSL", &["CUSL1", "CUSL2", "CUSL3"]),
    ];
    let paths = [
        ("IMAG", "CUEX"),
        ("CUEX", "PERQ"),
        ("CUEX", "PERV"),
        ("PERQ", "PERV"),
        ("IMAG", "CUSA"),
        ("CUEX", "CUSA"),
        ("PERQ", "CUSA"),
        ("PERV", "CUSA"),
        ("CUSA", "COMP"),
        ("IMAG", "CUSL"),
        ("CUSA", "CUSL"),
        ("COMP", "CUSL"),
    ];
    let model = PathModel::new(latents, &paths).unwrap();
    let header = std::fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned();
    let names: Vec<&str> = header.split(',').collect();
    let places: Vec<usize> =
        model.items().iter().map(|item| names.iter().position(|name| name == item).unwrap()).collect();
    let answers = rows(path);
    let values =
        answers.iter().flat_map(|row| places.iter().map(|&place| row[place].parse::<f64>().unwrap()));
    (values.collect(), model)
}

fn found(fitted: &PathModelFit, row: &[String]) -> f64 {
    let (from, to) = (row[2].as_str(), row[3].as_str());
    let latent = || fitted.latents().iter().find(|latent| latent.name == from).unwrap();
    match row[1].as_str() {
        "path" => fitted.paths().iter().find(|path| path.from == from && path.to == to).unwrap().value,
        "loading" => fitted.loadings().iter().find(|loading| loading.item == from).unwrap().loading,
        "r_squared" | "r2" => latent().r_squared.unwrap_or(0.0),
        "ave" => latent().ave,
        kind => panic!("{kind} is not in the table's description"),
    }
}

/// With standardised items the path from image to expectation is the 0.505 that several packages
/// print for these data.
#[test]
fn standardised_items_give_the_widely_printed_path() {
    let Some(file) = data_file(ECSI) else { return };
    let (rows, model) = ecsi(&file);
    for weighting in [Weighting::Centroid, Weighting::Factorial, Weighting::Path] {
        let fitted = model.clone().with_weighting(weighting).fit(&rows).unwrap();
        assert!((fitted.paths()[0].value - 0.505).abs() < 5e-4, "{}", fitted.paths()[0].value);
    }
}

/// The table was made with items as answered and standardised scores.
#[test]
fn mobile_phone_customers_under_three_schemes() {
    let Some(file) = data_file(ECSI) else { return };
    let (rows, model) = ecsi(&file);
    let table = golden("ecsi_mobi_plspm.csv");
    let mut seen = 0;
    for weighting in [Weighting::Centroid, Weighting::Factorial, Weighting::Path] {
        let fitted =
            model.clone().with_metric(Metric::AsAnswered).with_weighting(weighting).fit(&rows).unwrap();
        for row in table.iter().filter(|row| row[0] == weighting.to_string()) {
            assert_near(found(&fitted, row), &row[4], PATH_MODEL, &row.join(","));
            seen += 1;
        }
    }
    assert_eq!(seen, table.len());
}

/// Scores are what the model was fitted with: standardised, correlated as told, and on the way from
/// 0 to 100.
#[test]
fn scores_of_mobile_phone_customers() {
    let Some(file) = data_file(ECSI) else { return };
    let (rows, model) = ecsi(&file);
    let fitted = model.fit(&rows).unwrap();
    let scores = fitted.scores(&rows).unwrap();
    let n = scores.len() as f64;
    let product = |a: usize, b: usize| scores.iter().map(|row| row[a] * row[b]).sum::<f64>() / (n - 1.0);
    for a in 0..7 {
        assert!(scores.iter().map(|row| row[a]).sum::<f64>().abs() < 1e-9);
        assert!((product(a, a) - 1.0).abs() < 1e-9);
    }
    assert!((product(0, 4) - fitted.score_correlation("IMAG", "CUSA").unwrap()).abs() < 1e-9);
    let scales = vec![crm_satisfaction::Scale::new(1, 10).unwrap(); 24];
    let index = fitted.index("CUSA", &scales).unwrap();
    // The mean of everybody's own index is the index of the means.
    let own: f64 =
        rows.chunks(24).map(|row| fitted.index_for("CUSA", row, &scales).unwrap()).sum::<f64>() / n;
    assert!((index - own).abs() < 1e-9 && (60.0..80.0).contains(&index), "{index} {own}");
    let single = fitted.latents().iter().find(|latent| latent.name == "COMP").unwrap();
    assert_eq!((single.composite_reliability, single.items), (None, 1));
}
