//! Reference tables made by other software: see `golden/make.py`.
#![allow(clippy::float_cmp, reason = "the answers asserted are exact")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::path::Path;

use crm_numbers::Level;
use crm_statistics::{
    Direction, Proportion, ProportionMethod, QuantileMethod, Sorted, Ties, quantile, ranks,
};

/// Closed forms and order statistics.
const RELATIVE: f64 = 1e-12;

/// Runs a check on every row of a table, with the fields as text.
fn rows(table: &str, check: impl Fn(&[&str])) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(table);
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let width = lines.next().unwrap().split(',').count();
    let mut seen = 0;
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields.len(), width, "{line}");
        check(&fields);
        seen += 1;
    }
    assert!(seen > 50, "{table} holds {seen} rows");
}

fn numbers(field: &str) -> Vec<f64> {
    field.split(' ').map(|text| text.parse().unwrap()).collect()
}

fn assert_close(got: f64, wanted: f64, row: &[&str]) {
    let error = (got - wanted).abs();
    assert!(error <= RELATIVE * wanted.abs().max(f64::MIN_POSITIVE), "{row:?}: {got}, not {wanted}");
}

#[test]
fn limits_of_proportions() {
    rows("proportion.csv", |row| {
        let proportion = Proportion::new(row[0].parse().unwrap(), row[1].parse().unwrap()).unwrap();
        let level = Level::new(row[2].parse().unwrap()).unwrap();
        let method = match row[3] {
            "Wald" => ProportionMethod::Wald,
            "Wilson" => ProportionMethod::Wilson,
            "WilsonCorrected" => ProportionMethod::WilsonCorrected,
            _ => ProportionMethod::AgrestiCoull,
        };
        let interval = proportion.interval(method, level);
        assert_close(interval.lower, row[4].parse().unwrap(), row);
        assert_close(interval.upper, row[5].parse().unwrap(), row);
    });
}

#[test]
fn quantiles_of_every_type() {
    rows("quantile.csv", |row| {
        let mut values = numbers(row[0]);
        let p = row[1].parse().unwrap();
        let method = match row[2] {
            "InvertedCdf" => QuantileMethod::InvertedCdf,
            "AveragedInvertedCdf" => QuantileMethod::AveragedInvertedCdf,
            "ClosestObservation" => QuantileMethod::ClosestObservation,
            "InterpolatedInvertedCdf" => QuantileMethod::InterpolatedInvertedCdf,
            "Hazen" => QuantileMethod::Hazen,
            "Weibull" => QuantileMethod::Weibull,
            "Linear" => QuantileMethod::Linear,
            "MedianUnbiased" => QuantileMethod::MedianUnbiased,
            _ => QuantileMethod::NormalUnbiased,
        };
        let wanted = row[3].parse().unwrap();
        assert_close(quantile(&values, p, method).unwrap(), wanted, row);
        values.sort_by(f64::total_cmp);
        assert_close(Sorted::new(&values).unwrap().quantile(p, method).unwrap(), wanted, row);
    });
}

#[test]
fn ranks_by_every_rule() {
    rows("rank.csv", |row| {
        let ties = match row[1] {
            "average" => Ties::Average,
            "min" => Ties::Min,
            "max" => Ties::Max,
            "dense" => Ties::Dense,
            _ => Ties::Ordinal,
        };
        let direction = if row[2] == "ascending" { Direction::Ascending } else { Direction::Descending };
        assert_eq!(ranks(&numbers(row[0]), ties, direction).unwrap(), numbers(row[3]), "{row:?}");
    });
}
