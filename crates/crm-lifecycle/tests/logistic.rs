//! Logistic regression: closed forms, a table from 50-digit arithmetic, and laws.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::path::Path;

use crm_lifecycle::Error;
use crm_lifecycle::logistic::{
    Features, LogisticFit, LogisticModel, LogisticOptions, ModelTerm, OmittedColumn, Termination, fit,
    fit_weighted,
};
use crm_numbers::Level;
use proptest::collection::vec;
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;

const RELATIVE: f64 = 1e-9;

fn near(got: f64, wanted: f64) -> bool {
    (got - wanted).abs() <= RELATIVE * wanted.abs().max(1e-3)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn named(columns: &[Vec<f64>]) -> Vec<(String, &[f64])> {
    columns.iter().enumerate().map(|(place, column)| (format!("x{place}"), &column[..])).collect()
}

#[test]
fn tables_in_fifty_digits() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/logistic.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(cases.len(), 10);
    for case in &cases {
        let columns: Vec<Vec<f64>> = case["columns"].as_array().unwrap().iter().map(numbers).collect();
        let outcomes: Vec<bool> =
            case["outcomes"].as_array().unwrap().iter().map(|outcome| outcome.as_bool().unwrap()).collect();
        let features = Features::new(named(&columns)).unwrap();
        let options = LogisticOptions::default().with_ridge(case["ridge"].as_f64().unwrap()).unwrap();
        let fitted = match &case["weights"] {
            Value::Null => fit(&features, &outcomes, &options).unwrap(),
            weights => fit_weighted(&features, &outcomes, &numbers(weights), &options).unwrap(),
        };
        let name = &case["case"];
        assert_eq!(fitted.termination(), Termination::Converged, "{name}");
        assert_eq!(fitted.separated(), name.as_str().unwrap().starts_with("separated"), "{name}");
        assert!(near(fitted.model().intercept(), case["intercept"].as_f64().unwrap()), "{name}\n{fitted}");
        assert!(near(fitted.ln_likelihood(), case["ln_likelihood"].as_f64().unwrap()), "{name}\n{fitted}");
        let (wanted, errors) = (numbers(&case["coefficients"]), numbers(&case["standard_errors"]));
        assert!(near(fitted.covariance()[0].sqrt(), errors[0]), "{name}");
        let found = fitted.coefficients(Level::default());
        assert_eq!(found.len(), wanted.len());
        for ((found, wanted), error) in found.iter().zip(wanted).zip(&errors[1..]) {
            assert!(near(found.coefficient, wanted), "{name}: {} not {wanted}", found.coefficient);
            assert!(near(found.standard_error, *error), "{name}: {} not {error}", found.standard_error);
        }
    }
}

/// Rows of a table of two by two: yes and no of those with the feature, yes and no of those without it.
fn table([a, b, c, d]: [usize; 4]) -> (Vec<f64>, Vec<bool>) {
    let rows = [(1.0, true, a), (1.0, false, b), (0.0, true, c), (0.0, false, d)];
    rows.into_iter().flat_map(|(x, y, count)| std::iter::repeat_n((x, y), count)).unzip()
}

fn plain(features: &Features<'_>, outcomes: &[bool]) -> Result<LogisticFit, Error> {
    fit(features, outcomes, &LogisticOptions::default().with_ridge(0.0).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// The odds ratio of a table is a d / (b c), the variance of its logarithm the sum of one over each cell.
    #[test]
    fn two_by_two(cells in [1_usize..60, 1_usize..60, 1_usize..60, 1_usize..60]) {
        let (x, y) = table(cells);
        let fitted = plain(&Features::new([("x", &x[..])]).unwrap(), &y).unwrap();
        let [a, b, c, d] = cells.map(|cell| cell as f64);
        let found = &fitted.coefficients(Level::default())[0];
        prop_assert!(near(found.odds_ratio_per_unit.estimate, a * d / (b * c)));
        let deviation = fitted.model().terms()[0].deviation();
        let variance = (found.standard_error / deviation).powi(2);
        prop_assert!(near(variance, 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d));
        prop_assert!(near(fitted.model().probability(&[1.0]).unwrap(), a / (a + b)));
        // Counted customers are the same as repeated ones.
        let (once, outcomes) = table([1, 1, 1, 1]);
        let features = Features::new([("x", &once[..])]).unwrap();
        let options = LogisticOptions::default().with_ridge(0.0).unwrap();
        let counted = fit_weighted(&features, &outcomes, &[a, b, c, d], &options).unwrap();
        prop_assert!(near(counted.model().intercept(), fitted.model().intercept()));
        prop_assert!(near(counted.ln_likelihood(), fitted.ln_likelihood()));
    }

    /// At the top every slope of the penalised likelihood is 0, and no step to any side gains.
    #[test]
    fn the_top_is_a_top(
        rows in vec((-5.0..5.0_f64, -100.0..100.0_f64, any::<bool>()), 6..60),
        ridge in 0.01..20.0_f64,
    ) {
        let y: Vec<bool> = rows.iter().map(|row| row.2).collect();
        prop_assume!(y.iter().any(|y| *y) && y.iter().any(|y| !y));
        let columns = [rows.iter().map(|row| row.0).collect(), rows.iter().map(|row| row.1).collect()];
        let features = Features::new(named(&columns)).unwrap();
        let fitted = fit(&features, &y, &LogisticOptions::default().with_ridge(ridge).unwrap()).unwrap();
        let model = fitted.model();
        let p = model.probabilities(&features).unwrap();
        let off: f64 = p.iter().zip(&y).map(|(p, y)| f64::from(u8::from(*y)) - p).sum();
        prop_assert!(off.abs() < 1e-7);
        for (term, column) in model.terms().iter().zip(&columns) {
            let slope: f64 = column.iter().zip(&p).zip(&y)
                .map(|((x, p), y)| (x - term.mean()) / term.deviation() * (f64::from(u8::from(*y)) - p))
                .sum();
            prop_assert!((slope - ridge * term.coefficient()).abs() < 1e-6, "{slope}");
        }
    }

    /// Contributions add up to the logit, and every reason is real: the value, moved past the named cut, flips the
    /// answer; moved up to it, it does not.
    #[test]
    fn reasons_are_real(
        coefficients in vec(-3.0..3.0_f64, 1..6),
        intercept in -2.0..2.0_f64,
        seed in vec(-3.0..3.0_f64, 6),
        threshold in 0.01..0.99_f64,
    ) {
        let terms = coefficients.iter().enumerate().map(|(place, coefficient)| {
            let term = ModelTerm::new(format!("x{place}"), place as f64, 0.5 + place as f64, *coefficient).unwrap();
            term.with_seen(-20.0, 20.0).unwrap()
        });
        let model = LogisticModel::new(intercept, terms).unwrap();
        let values = &seed[..coefficients.len()];
        let score = model.score(values).unwrap();
        let sum: f64 = score.contributions.iter().map(|part| part.logit).sum();
        prop_assert!((score.base + sum - score.logit).abs() <= 1e-12);
        prop_assert!((score.probability - 1.0 / (1.0 + (-score.logit).exp())).abs() <= 1e-15);
        let warned = score.probability >= threshold;
        prop_assume!((score.probability - threshold).abs() > 1e-6);
        let reasons = model.reasons(values, threshold).unwrap();
        prop_assert!(reasons.windows(2).all(|pair| pair[0].logit.abs() >= pair[1].logit.abs()));
        for reason in reasons {
            prop_assert_eq!(reason.logit > 0.0, warned, "{}", &reason);
            let place = model.terms().iter().position(|term| term.name() == reason.name).unwrap();
            let answer = |value: f64| {
                let mut moved = values.to_vec();
                moved[place] = value;
                model.probability(&moved).unwrap() >= threshold
            };
            match reason.flips_at {
                Some(at) => {
                    let away = (at - reason.value) * 1e-6;
                    prop_assert_eq!(answer(at + away), !warned, "{}", &reason);
                    prop_assert_eq!(answer(at - away), warned, "{}", &reason);
                }
                // Nowhere in the range that was seen.
                None => prop_assert!(answer(-20.0) == warned && answer(20.0) == warned, "{}", &reason),
            }
        }
    }

    /// Whatever is accepted gives finite answers.
    #[test]
    fn nothing_is_nan(
        rows in vec((prop_oneof![Just(0.0), -1e3..1e3_f64, Just(1e100), Just(-1e100)], 0..3_i32, any::<bool>()), 2..30),
        ridge in prop_oneof![Just(0.0), Just(1e-9), Just(1.0)],
    ) {
        let y: Vec<bool> = rows.iter().map(|row| row.2).collect();
        prop_assume!(y.iter().any(|y| *y) && y.iter().any(|y| !y));
        let columns = [
            rows.iter().map(|row| row.0).collect(),
            rows.iter().map(|row| f64::from(row.1)).collect(),
            rows.iter().map(|row| 7.0 - 2.0 * f64::from(row.1)).collect::<Vec<f64>>(),
        ];
        let features = Features::new(named(&columns)).unwrap();
        match fit(&features, &y, &LogisticOptions::default().with_ridge(ridge).unwrap()) {
            Err(Error::Separated { name }) => {
                prop_assert!(name.starts_with('x') && ridge < 1.0);
            }
            Err(other) => panic!("{other}"),
            Ok(fitted) => {
                prop_assert!(fitted.left_out().any(|(_, why)| matches!(why, OmittedColumn::Follows | OmittedColumn::Constant)));
                prop_assert!(fitted.ln_likelihood() <= 0.0 && fitted.ln_likelihood().is_finite());
                prop_assert!(fitted.covariance().iter().all(|cell| cell.is_finite()));
                for found in fitted.coefficients(Level::default()) {
                    let all = [found.odds_ratio, found.odds_ratio_per_unit];
                    prop_assert!(all.iter().all(|odds| odds.lower <= odds.upper && odds.upper.is_finite()));
                    prop_assert!((0.0..=1.0).contains(&found.p_value));
                }
                let p = fitted.model().probabilities(&features).unwrap();
                prop_assert!(p.iter().all(|p| (0.0..=1.0).contains(p)));
            }
        }
    }
}

#[test]
fn what_separates_is_named() {
    let noise: Vec<f64> = (0..40).map(|row| f64::from(row * 7 % 11)).collect();
    let cause: Vec<f64> = (0..40).map(f64::from).collect();
    let features = Features::new([("noise", &noise[..]), ("cause", &cause[..])]).unwrap();
    let clear: Vec<bool> = (0..40).map(|row| row >= 25).collect();
    let refused = plain(&features, &clear).unwrap_err().to_string();
    assert_eq!(refused, r#"outcomes are perfectly separated by column "cause"; increase the ridge penalty"#);
    let kept = fit(&features, &clear, &LogisticOptions::default()).unwrap();
    assert!(kept.separated() && kept.termination() == Termination::Converged);
    assert!(kept.to_string().contains("take care: the features tell all outcomes apart without a mistake"));

    // Almost: nobody with the feature was kept, but of those without it some were lost.
    let (x, y) = table([10, 0, 5, 25]);
    let other: Vec<f64> = (0..40).map(|row| f64::from(row * 13 % 17)).collect();
    let features = Features::new([("other", &other[..]), ("feature", &x[..])]).unwrap();
    assert_eq!(plain(&features, &y).unwrap_err(), Error::Separated { name: "feature".to_owned() });
    let kept = fit(&features, &y, &LogisticOptions::default()).unwrap();
    assert!(!kept.separated() && kept.coefficients(Level::default())[1].odds_ratio_per_unit.lower > 1.0);
}

/// Numbers between 0 and 1 in a fixed disorder.
fn scattered(count: usize, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| rng.random()).collect()
}

/// The search begins on a part of many customers; where it ends is the top for all of them, also where the part is none
/// of the whole: sorted customers, features that are rare or constant in it, large ones.
#[test]
fn the_top_of_many_customers_is_a_top() {
    const ROWS: usize = 30_000;
    let chance = scattered(ROWS, 1);
    let usual = scattered(ROWS, 2);
    let rare: Vec<f64> = scattered(ROWS, 3).iter().map(|x| f64::from(u8::from(*x < 1e-3))).collect();
    // The part holds blocks 0, 8, 16 ... of 128 customers; this one says something of the others alone.
    let elsewhere: Vec<f64> = scattered(ROWS, 4)
        .iter()
        .enumerate()
        .map(|(row, x)| if row / 128 % 8 == 0 { 0.0 } else { 1e6 * x })
        .collect();
    let sorted: Vec<f64> = (0..ROWS).map(|row| (row as f64 / 3_000.0).exp()).collect();
    let columns = [usual, rare, elsewhere, sorted];
    let lost: Vec<bool> = (0..ROWS)
        .map(|row| {
            let [usual, rare, elsewhere, _] = &columns;
            let logit = -2.0 + 2.0 * usual[row] + 1.5 * rare[row] + 2e-6 * elsewhere[row];
            chance[row] < 1.0 / (1.0 + (-logit).exp())
        })
        .collect();
    let weights: Vec<f64> = (0..ROWS).map(|row| (row % 5) as f64 / 2.0).collect();
    let features = Features::new(named(&columns)).unwrap();
    for (ridge, weights) in
        [(0.0, None), (1.0, None), (500.0, None), (0.0, Some(&weights)), (1.0, Some(&weights))]
    {
        let options = LogisticOptions::default().with_ridge(ridge).unwrap();
        let fitted = match weights {
            None => fit(&features, &lost, &options).unwrap(),
            Some(weights) => fit_weighted(&features, &lost, weights, &options).unwrap(),
        };
        assert_eq!((fitted.termination(), fitted.separated()), (Termination::Converged, false));
        let model = fitted.model();
        let p = model.probabilities(&features).unwrap();
        let order = columns.len() + 1;
        let (mut ln, mut slope, mut information) = (0.0, vec![0.0; order], vec![0.0; order * order]);
        for row in 0..ROWS {
            let standard = model.terms().iter().zip(&columns);
            let x: Vec<f64> = std::iter::once(1.0)
                .chain(standard.map(|(term, column)| (column[row] - term.mean()) / term.deviation()))
                .collect();
            let weight = weights.map_or(1.0, |weights| weights[row]);
            ln += weight * if lost[row] { p[row].ln() } else { (-p[row]).ln_1p() };
            for i in 0..order {
                slope[i] += weight * x[i] * (f64::from(u8::from(lost[row])) - p[row]);
                for j in 0..order {
                    information[i * order + j] += weight * x[i] * x[j] * p[row] * (1.0 - p[row]);
                }
            }
        }
        for (at, term) in model.terms().iter().enumerate() {
            slope[at + 1] -= ridge * term.coefficient();
            information[(at + 1) * (order + 1)] += ridge;
        }
        assert!(slope.iter().all(|slope| slope.abs() < 1e-7), "{slope:?}");
        assert!(near(fitted.ln_likelihood(), ln), "{} {ln}", fitted.ln_likelihood());
        for i in 0..order {
            for j in 0..order {
                let cell: f64 =
                    (0..order).map(|k| information[i * order + k] * fitted.covariance()[k * order + j]).sum();
                assert!((cell - f64::from(u8::from(i == j))).abs() < 1e-8, "{i} {j}: {cell}");
            }
        }
    }
}

/// What separates is named among many customers, too; and what follows is found, though a part has it constant.
#[test]
fn many_customers_are_told_apart() {
    const ROWS: usize = 30_000;
    let noise = scattered(ROWS, 5);
    let cause = scattered(ROWS, 6);
    let clear: Vec<bool> = cause.iter().map(|cause| *cause > 0.7).collect();
    let cause: Vec<f64> = cause.iter().map(|cause| if *cause > 0.7 { 1.0 + cause } else { *cause }).collect();
    let features = Features::new([("noise", &noise[..]), ("cause", &cause[..])]).unwrap();
    assert_eq!(plain(&features, &clear).unwrap_err(), Error::Separated { name: "cause".to_owned() });
    let kept = fit(&features, &clear, &LogisticOptions::default()).unwrap();
    assert!(kept.separated() && kept.termination() == Termination::Converged);

    // All with the feature were lost, and a third of the others.
    let feature: Vec<f64> = cause.iter().map(|cause| f64::from(u8::from(*cause < 0.01))).collect();
    let lost: Vec<bool> =
        noise.iter().zip(&feature).map(|(noise, x)| *x > 0.5 || *noise * 7.0 % 1.0 < 0.33).collect();
    let features = Features::new([("noise", &noise[..]), ("feature", &feature[..])]).unwrap();
    assert_eq!(plain(&features, &lost).unwrap_err(), Error::Separated { name: "feature".to_owned() });
    let kept = fit(&features, &lost, &LogisticOptions::default()).unwrap();
    assert!(!kept.separated() && kept.termination() == Termination::Converged);

    let rare: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row == 200 || row == 20_000))).collect();
    let both: Vec<f64> = rare.iter().zip(&noise).map(|(rare, noise)| 3.0 * rare - noise).collect();
    let features = Features::new([("noise", &noise[..]), ("rare", &rare[..]), ("both", &both[..])]).unwrap();
    let fitted = fit(&features, &lost, &LogisticOptions::default()).unwrap();
    assert_eq!(fitted.left_out().collect::<Vec<_>>(), [("both", OmittedColumn::Follows)]);
    assert_eq!(fitted.termination(), Termination::Converged);
}

/// What differs by the rounding of a sum alone is no column, and what has no effect at all has no
/// significance.
#[test]
fn rounding_is_no_effect() {
    let outcomes: Vec<bool> = (0..40).map(|row| row % 2 == 0).collect();
    // 0.30000000000000004 for those with the outcome, 0.3 for the others: nobody may be told apart
    // by it.
    let sums: Vec<f64> = outcomes.iter().map(|lost| if *lost { 0.1 + 0.2 } else { 0.3 }).collect();
    let even: Vec<f64> = (0..40).map(|row| f64::from(row / 2 % 2) * 0.1 + 0.2).collect();
    let copy: Vec<f64> = even.iter().zip(&sums).map(|(even, sum)| even + (sum - 0.3)).collect();
    let features = Features::new([("sums", &sums[..]), ("even", &even[..]), ("copy", &copy[..])]).unwrap();
    let fitted = fit(&features, &outcomes, &LogisticOptions::default()).unwrap();
    let out: Vec<(&str, OmittedColumn)> = fitted.left_out().collect();
    assert_eq!(out, [("sums", OmittedColumn::Constant), ("copy", OmittedColumn::Follows)]);
    for found in fitted.coefficients(Level::default()) {
        assert!(found.p_value > 0.999 && found.coefficient.abs() < 1e-9, "{found:?}");
    }
}

#[test]
fn columns_that_say_nothing_are_left_out() {
    let x = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.5, 3.0];
    let y = [false, true, false, true, false, true, true, false];
    let (same, twice) = ([0.3; 8], x.map(|x| 2.0 * x - 1.0));
    let alone = plain(&Features::new([("x", &x[..])]).unwrap(), &y).unwrap();
    let features = Features::new([("same", &same[..]), ("x", &x[..]), ("twice", &twice[..])]).unwrap();
    let fitted = plain(&features, &y).unwrap();
    assert_eq!(
        fitted.left_out().collect::<Vec<_>>(),
        [("same", OmittedColumn::Constant), ("twice", OmittedColumn::Follows)]
    );
    assert_eq!(fitted.coefficients(Level::default()), alone.coefficients(Level::default()));
    // Whatever the columns left out hold later, they have no say.
    let model = fitted.model();
    let (all, one) = (model.logit(&[5.0, 2.0, -9.0]).unwrap(), alone.model().logit(&[2.0]).unwrap());
    assert!((all - one).abs() < 1e-12);
    assert!(fitted.to_string().ends_with(
        "same was left out: it is the same for everybody\ntwice was left out: it follows from the columns before it\n"
    ));
    // With nothing left the model knows the rate.
    let rate = plain(&Features::new([("same", &same[..])]).unwrap(), &y).unwrap();
    assert!((rate.model().probability(&[0.3]).unwrap() - 0.5).abs() < 1e-12);
    assert!((rate.ln_likelihood() - rate.ln_likelihood_of_rate()).abs() < 1e-12);
}

/// One thread or three: the same bits.
#[test]
#[cfg(feature = "rayon")]
fn threads_do_not_change_a_bit() {
    let columns: Vec<Vec<f64>> = (0..5_u32)
        .map(|column| (0..20_011_u32).map(|row| f64::from((row * (7 + column) + row / 3) % 101)).collect())
        .collect();
    let y: Vec<bool> = (0..20_011_u32).map(|row| (row * 11 + row / 7) % 5 == 0).collect();
    let features = Features::new(named(&columns)).unwrap();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&features, &y, &LogisticOptions::default()).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
#[cfg(feature = "serde")]
fn a_stored_model_is_checked() {
    let learnt = ModelTerm::new("x", 1.0, 2.0, 0.5).unwrap().with_seen(0.0, 9.0).unwrap();
    let model = LogisticModel::new(-1.0, [learnt, ModelTerm::new("y", 0.0, 1.0, 0.25).unwrap()]).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<LogisticModel>(&text).unwrap(), model);
    let broken = text.replacen("\"deviation\":2.0", "\"deviation\":-2.0", 1);
    let refused = serde_json::from_str::<LogisticModel>(&broken).unwrap_err().to_string();
    assert!(refused.contains("standard deviation must be between 1e-100 and 1e100, got -2"), "{refused}");
}
