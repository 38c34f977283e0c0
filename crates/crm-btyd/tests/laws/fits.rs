//! What does not change a fit, and its intervals.

use crm_btyd::{GammaGamma, Histories, History, Level, MbgNbd, PurchaseOptions, Repeat, Spend, fit};

use crate::horizon;

/// 1 500 customers that lived the story of the MBG/NBD with r = 1, alpha = 8, a = 1, b = 2, dated by day in weeks.
fn toy() -> Vec<History> {
    let mut state = 1_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / 2f64.powi(53)
    };
    let rows = (0..1_500).map(|n| {
        let age = 40.0 - f64::from(n % 12);
        let (rate, drop_out) = (-uniform().ln() / 8.0, 1.0 - uniform().sqrt());
        let (mut time, mut x, mut recency) = (0.0, 0, 0.0);
        while uniform() >= drop_out {
            time += -uniform().ln() / rate;
            let dated = (time * 7.0).ceil() / 7.0;
            if dated > age {
                break;
            }
            x += u32::from(dated > recency);
            recency = dated;
        }
        History::new(x, recency, age).unwrap()
    });
    rows.collect()
}

#[test]
fn collapsed_rows_fit_like_the_rows_they_stand_for() {
    let rows = toy();
    let collapsed: Histories = rows.iter().copied().collect();
    let doubled = Histories::weighted(rows.iter().map(|&row| (row, 2)));
    assert!(collapsed.distinct() < rows.len());
    let (one, two) = (fitted(&collapsed), fitted(&doubled));
    assert!((2.0 * one.ln_likelihood() / two.ln_likelihood() - 1.0).abs() < 1e-12);
    for (one, two) in one.parameters().zip(two.parameters()) {
        assert!((one.1 / two.1 - 1.0).abs() < 1e-6);
        // Twice the customers: standard errors fall by the root of two.
        assert!((one.2.unwrap() / two.2.unwrap() / 2f64.sqrt() - 1.0).abs() < 1e-4);
    }
}

fn fitted(histories: &Histories) -> crm_btyd::PurchaseFit<MbgNbd> {
    let fitted = fit::<MbgNbd>(histories, &PurchaseOptions::default()).unwrap();
    assert_eq!(fitted.diagnosis(), []);
    fitted
}

#[test]
fn another_unit_of_time_rescales_the_answer() {
    let rows = toy();
    let reference = fitted(&rows.iter().copied().collect());
    for factor in [1.0 / 365.25, 7.0, 3_600.0] {
        let scaled = |row: &History| {
            History::new(row.frequency(), row.recency() * factor, row.age() * factor).unwrap()
        };
        let other = fitted(&rows.iter().map(scaled).collect());
        for ((name, theta, error), (_, expected, expected_error)) in
            other.parameters().zip(reference.parameters())
        {
            let scale = if name == "alpha" { factor } else { 1.0 };
            assert!((theta / (expected * scale) - 1.0).abs() < 1e-6, "{name} {theta} {expected}");
            assert!((error.unwrap() / (expected_error.unwrap() * scale) - 1.0).abs() < 1e-4);
        }
    }
}

#[test]
fn another_currency_rescales_the_answer() {
    let fitted = |factor: f64| {
        let spends = (0..400).map(|n: u32| {
            let share = (f64::from(n * 149 % 400) + 0.5) / 400.0;
            let mean = 30.0 * (share / (1.0 - share)).sqrt();
            Spend::new(1 + n % 5, mean * factor).unwrap()
        });
        fit::<GammaGamma>(&crm_btyd::Spends::new(spends), &PurchaseOptions::default()).unwrap()
    };
    let reference = fitted(1.0);
    assert_eq!(reference.diagnosis(), []);
    for factor in [1e-9, 1e6, 1e15] {
        let other = fitted(factor);
        assert_eq!(other.diagnosis(), []);
        for ((name, theta, _), (_, expected, _)) in other.parameters().zip(reference.parameters()) {
            let scale = if name == "gamma" { factor } else { 1.0 };
            assert!((theta / (expected * scale) - 1.0).abs() < 1e-6, "{name} {theta} {expected}");
        }
    }
}

#[test]
fn the_order_of_customers_does_not_change_a_bit() {
    let mut rows = toy();
    let forward = fitted(&rows.iter().copied().collect());
    rows.reverse();
    let backward = fitted(&rows.iter().copied().collect());
    assert_eq!(forward, backward);
}

#[test]
fn an_interval_for_an_expectation_needs_no_new_fit() {
    let fitted = fitted(&toy().into_iter().collect());
    let history = History::new(2, 30.0, 38.0).unwrap();
    let expected = |model: &MbgNbd| model.expected_purchases(&history, horizon(30.0));
    let wide = fitted.expectation_interval(Level::default(), expected).unwrap();
    let narrow = fitted.expectation_interval(Level::new(0.5).unwrap(), expected).unwrap();
    assert!(
        wide.lower < narrow.lower
            && narrow.lower < wide.estimate
            && wide.estimate < narrow.upper
            && narrow.upper < wide.upper
    );
    // A parameter is an expectation too: both ways give one interval.
    let r = fitted.parameter_interval(0, Level::default()).unwrap();
    let same = fitted.expectation_interval(Level::default(), |model| model.r()).unwrap();
    assert!((r.lower / same.lower - 1.0).abs() < 1e-9 && (r.upper / same.upper - 1.0).abs() < 1e-9);
}
