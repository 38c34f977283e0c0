//! Reference tables made by other software: see `golden/make.py`.
#![allow(clippy::float_cmp, reason = "the answers asserted are exact")]
#![allow(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::path::Path;

use crm_numbers::Level;
use crm_statistics::{Proportion, ProportionMethod, QuantileMethod, Sorted, quantile, ranks};
use crm_testing::{GoldenRow, GoldenTable};

/// Closed forms and order statistics.
const RELATIVE: f64 = 1e-12;

fn table(name: &str) -> GoldenTable {
    let table = GoldenTable::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name));
    assert!(table.rows().count() > 50, "{name} has lost rows");
    table
}

fn numbers(field: &str) -> Vec<f64> {
    field.split(' ').map(|text| text.parse().unwrap()).collect()
}

/// `InvertedCdf` of the other software is `inverted_cdf` here.
fn snake_case(name: &str) -> String {
    let split = |c: char| if c.is_uppercase() { format!("_{}", c.to_lowercase()) } else { c.to_string() };
    name.chars().map(split).collect::<String>().trim_start_matches('_').to_owned()
}

#[track_caller]
fn assert_near(got: f64, wanted: f64, row: GoldenRow<'_>) {
    let error = (got - wanted).abs();
    assert!(error <= RELATIVE * wanted.abs().max(f64::MIN_POSITIVE), "{row}: {got}, not {wanted}");
}

#[test]
fn limits_of_proportions() {
    for row in table("proportion.csv").rows() {
        let proportion = Proportion::new(row.get("successes"), row.get("trials")).unwrap();
        let method: ProportionMethod = snake_case(row.text("method")).parse().unwrap();
        let interval = proportion.interval(method, Level::new(row.number("level")).unwrap());
        assert_near(interval.lower, row.number("lower"), row);
        assert_near(interval.upper, row.number("upper"), row);
    }
}

#[test]
fn quantiles_of_every_type() {
    for row in table("quantile.csv").rows() {
        let mut values = numbers(row.text("values"));
        let method: QuantileMethod = snake_case(row.text("method")).parse().unwrap();
        let (p, wanted) = (row.number("p"), row.number("quantile"));
        assert_near(quantile(&values, p, method).unwrap(), wanted, row);
        values.sort_by(f64::total_cmp);
        assert_near(Sorted::new(&values).unwrap().quantile(p, method).unwrap(), wanted, row);
    }
}

#[test]
fn ranks_by_every_rule() {
    for row in table("rank.csv").rows() {
        let found = ranks(&numbers(row.text("values")), row.get("ties"), row.get("direction")).unwrap();
        assert_eq!(found, numbers(row.text("ranks")), "{row}");
    }
}
