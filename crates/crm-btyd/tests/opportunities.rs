//! BG/BB: reference table, published figures, laws and the story it tells.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says that it skips"
)]

#[path = "../src/golden.rs"]
mod golden;

use crm_btyd::{
    Discount, PurchaseOptions, fit,
    opportunities::{BgBb, DiscreteHistories, DiscreteHistory},
};
use golden::{LOG, VALUE, rows};
use proptest::prelude::*;

#[test]
fn reference_values() {
    let rows = rows("bg_bb.csv");
    assert_eq!(rows.len(), 200);
    for row in &rows {
        let [alpha, beta, gamma, delta] = ["alpha", "beta", "gamma", "delta"].map(|name| row.number(name));
        let [x, t, n] = ["frequency", "recency", "opportunities"].map(|name| row.count(name));
        let (model, history) =
            (BgBb::new(alpha, beta, gamma, delta).unwrap(), DiscreteHistory::new(x, t, n).unwrap());
        let discount = Discount::per_period(row.number("discount_rate")).unwrap();
        LOG.check(model.ln_likelihood_of(&history), row.number("log_likelihood"), row);
        VALUE.check(model.p_alive(&history), row.number("p_alive"), row);
        let expected = model.expected_purchases(&history, row.count("horizon"));
        VALUE.check(expected, row.number("expected_purchases"), row);
        VALUE.check(model.dert(&history, discount).unwrap(), row.number("dert"), row);
    }
}

/// One row of a file of the data folder, as numbers.
fn read(file: &str) -> Option<Vec<Vec<u32>>> {
    let Some(folder) = std::env::var_os("CRM_DATA").map(std::path::PathBuf::from) else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        eprintln!("skipped: set CRM_DATA to the folder with the donations");
        return None;
    };
    let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
    Some(
        reader
            .records()
            .map(|row| row.unwrap().iter().filter_map(|field| field.parse().ok()).collect())
            .collect(),
    )
}

fn assert_published(value: f64, published: &str) {
    let decimals = published.split('.').nth(1).map_or(0, str::len) as i32;
    let expected: f64 = published.parse().unwrap();
    assert!((value - expected).abs() <= 0.500_001 * 10f64.powi(-decimals), "{value} instead of {published}");
}

#[test]
fn donations() {
    let Some(table) = read("donations_bgbb_summary.csv") else { return };
    let donors: Vec<(DiscreteHistory, u32, u32)> = table
        .iter()
        .map(|row| match row.as_slice() {
            [x, t, n, donors, later] => (DiscreteHistory::new(*x, *t, *n).unwrap(), *donors, *later),
            other => panic!("{other:?}"),
        })
        .collect();
    let histories = DiscreteHistories::weighted(donors.iter().map(|row| (row.0, row.1)));
    assert_eq!((histories.customers(), histories.distinct()), (11_104, 22));
    let fitted = fit::<BgBb>(&histories, &PurchaseOptions::default()).unwrap();
    assert_eq!(fitted.diagnosis(), []);
    assert_published(fitted.ln_likelihood(), "-33225.58");
    let published = ["1.204", "0.750", "0.657", "2.783"];
    let errors = ["0.0694", "0.0294", "0.0510", "0.3208"];
    for ((name, theta, error), (published, published_error)) in
        fitted.parameters().zip(published.into_iter().zip(errors))
    {
        assert!((theta - published.parse::<f64>().unwrap()).abs() < 0.001, "{name} {theta}");
        assert_published(error.unwrap(), published_error);
    }

    let model = fitted.model();
    let history = |x, t| DiscreteHistory::new(x, t, 6).unwrap();
    for (x, t, p) in [(0, 0, "0.11"), (2, 4, "0.59"), (3, 6, "0.93"), (6, 6, "0.93")] {
        assert_published(model.p_alive(&history(x, t)), p);
    }
    for (gifts, expected) in [(0, 3_454.9), (6, 1_253.1)] {
        let donors = 11_104.0 * model.pmf(&DiscreteHistory::NEW, 6, gifts);
        assert!((donors / expected - 1.0).abs() < 1e-3, "{gifts}: {donors}");
    }
    let expected: f64 = donors.iter().map(|row| f64::from(row.1) * model.expected_purchases(&row.0, 5)).sum();
    assert!((expected - 12_884.2).abs() < 2.0, "{expected}");
    assert_eq!(donors.iter().map(|row| row.2).sum::<u32>(), 13_260);

    // Year by year, against what new donors are expected to do: near in the six years seen, not far off after them.
    let Some(years) = read("donations_bgbb_annual.csv") else { return };
    let mut so_far = 0.0;
    for (year, row) in (1..).zip(&years) {
        let all = 11_104.0 * model.expected_purchases(&DiscreteHistory::NEW, year);
        let (expected, actual) = (all - so_far, f64::from(*row.last().unwrap()));
        so_far = all;
        let bound = if year <= 6 { 0.06 } else { 0.20 };
        assert!((expected / actual - 1.0).abs() < bound, "year {year}: {expected} against {actual}");
    }
    assert_eq!(years.len(), 11);
}

fn log_uniform(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from.ln()..to.ln()).prop_map(f64::exp)
}

fn models(from: f64, to: f64) -> impl Strategy<Value = BgBb> {
    [log_uniform(from, to), log_uniform(from, to), log_uniform(from, to), log_uniform(from, to)]
        .prop_map(|[alpha, beta, gamma, delta]| BgBb::new(alpha, beta, gamma, delta).unwrap())
}

fn histories(longest: u32) -> impl Strategy<Value = DiscreteHistory> {
    (0..=longest, 0.0..=1.0_f64, 0.0..=1.0_f64).prop_map(|(n, last, share)| {
        let t = (f64::from(n) * last) as u32;
        let x = if t == 0 { 0 } else { ((f64::from(t) * share) as u32).max(1) };
        DiscreteHistory::new(x, t, n).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn extremes_give_numbers(model in models(1e-6, 1e6), history in histories(2_000), m in 0..500_u32, rate in log_uniform(1e-6, 1.0)) {
        let discount = Discount::per_period(rate).unwrap();
        prop_assert!(model.ln_likelihood_of(&history).is_finite());
        for p in [
            model.p_alive(&history),
            model.p_alive_at_last(&history),
            model.p_alive_later(&history, m),
            model.p_any_purchase(&history, m),
            model.pmf(&history, m, 0),
            model.pmf(&history, m, m),
            model.pmf(&history, m, m / 3),
        ] {
            prop_assert!((0.0..=1.0).contains(&p), "{p} {model:?} {history:?}");
        }
        for amount in [
            model.expected_purchases(&history, m),
            model.discounted_purchases(&history, m, discount),
            model.dert(&history, discount).unwrap(),
        ] {
            prop_assert!(amount.is_finite() && amount >= 0.0, "{amount} {model:?} {history:?}");
        }
        prop_assert!(model.dert(&history, Discount::NONE).is_err());
    }

    #[test]
    fn many_at_once_are_one_by_one(model in models(0.02, 50.0), list in prop::collection::vec(histories(12), 0..80), m in 0..40_u32, rate in log_uniform(1e-3, 1.0)) {
        let discount = Discount::per_period(rate).unwrap();
        let mut into = vec![f64::NAN; list.len()];
        let same = |into: &[f64], one: &dyn Fn(&DiscreteHistory) -> f64| {
            into.iter().zip(&list).all(|(value, history)| value.to_bits() == one(history).to_bits())
        };
        model.p_alive_all(&list, &mut into).unwrap();
        prop_assert!(same(&into, &|history| model.p_alive(history)));
        model.expected_purchases_all(&list, m, &mut into).unwrap();
        prop_assert!(same(&into, &|history| model.expected_purchases(history, m)));
        model.discounted_purchases_all(&list, m, discount, &mut into).unwrap();
        prop_assert!(same(&into, &|history| model.discounted_purchases(history, m, discount)));
        model.dert_all(&list, discount, &mut into).unwrap();
        prop_assert!(same(&into, &|history| model.dert(history, discount).unwrap()));
        prop_assert!(model.dert_all(&list, Discount::NONE, &mut into).is_err());
        let longer = vec![0.0; list.len() + 1];
        prop_assert!(model.p_alive_all(&list, &mut longer.clone()).is_err());
    }

    #[test]
    fn laws(model in models(0.02, 50.0), history in histories(40), m in 1..40_u32, rate in log_uniform(1e-3, 1.0)) {
        let near = |left: f64, right: f64| (left - right).abs() <= 1e-9 * right.abs() + 1e-12;
        let (mut sum, mut mean) = (0.0, 0.0);
        for count in 0..=m {
            let p = model.pmf(&history, m, count);
            sum += p;
            mean += p * f64::from(count);
        }
        prop_assert!(near(sum, 1.0) && near(mean, model.expected_purchases(&history, m)), "{sum} {mean}");
        prop_assert!(near(1.0 - model.p_any_purchase(&history, m), model.pmf(&history, m, 0)));
        prop_assert!(near(model.p_alive_later(&history, 0), model.p_alive_at_last(&history)));
        prop_assert!(model.p_alive_later(&history, m + 1) <= model.p_alive_later(&history, m));

        // Buy or not at the next opportunity, and go on from there.
        let (x, t, n) = (history.frequency(), history.recency(), history.opportunities());
        let (bought, silent) = (DiscreteHistory::new(x + 1, n + 1, n + 1).unwrap(), DiscreteHistory::new(x, t, n + 1).unwrap());
        let p = model.p_any_purchase(&history, 1);
        prop_assert!(near(model.expected_purchases(&history, 1), p));
        let after = p * (1.0 + model.expected_purchases(&bought, m)) + (1.0 - p) * model.expected_purchases(&silent, m);
        prop_assert!(near(after, model.expected_purchases(&history, m + 1)));
        let (ln_bought, ln_silent) = (model.ln_likelihood_of(&bought), model.ln_likelihood_of(&silent));
        let ln_here = model.ln_likelihood_of(&history);
        prop_assert!(near((ln_bought - ln_here).exp(), p) && near((ln_silent - ln_here).exp(), 1.0 - p));

        // Discounting: nothing at no rate, period by period at any, and DERT in the end.
        let discount = Discount::per_period(rate).unwrap();
        prop_assert!(near(model.discounted_purchases(&history, m, Discount::NONE), model.expected_purchases(&history, m)));
        let by_period: f64 = (1..=m)
            .map(|j| (model.expected_purchases(&history, j) - model.expected_purchases(&history, j - 1)) / (1.0 + rate).powi(j as i32))
            .sum();
        prop_assert!((by_period / model.discounted_purchases(&history, m, discount) - 1.0).abs() < 1e-8);
        let dert = model.dert(&history, discount).unwrap();
        prop_assert!(near(model.discounted_purchases(&history, 100_000, discount), dert));
    }
}

#[cfg(feature = "rand")]
mod story {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    /// What was seen at the first `seen` opportunities of a simulated life, and the number of purchases after them.
    fn life(model: &BgBb, seen: u32, ahead: u32, rng: &mut ChaCha8Rng) -> (DiscreteHistory, u32) {
        let numbers = model.simulate(seen + ahead, rng);
        let early: Vec<u32> = numbers.iter().copied().filter(|number| *number <= seen).collect();
        let history =
            DiscreteHistory::new(early.len() as u32, early.last().copied().unwrap_or(0), seen).unwrap();
        (history, (numbers.len() - early.len()) as u32)
    }

    #[test]
    fn predictions_come_true_on_average() {
        let model = BgBb::new(1.204, 0.75, 0.657, 2.783).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let lives: Vec<_> = (0..60_000).map(|_| life(&model, 6, 5, &mut rng)).collect();
        let groups: [fn(&DiscreteHistory) -> bool; 4] = [
            |_| true,
            |history| history.frequency() == 0,
            |history| history.recency() == 6,
            |history| history.frequency() > 0 && history.recency() < 5,
        ];
        for belongs in groups {
            let mut errors = [Vec::new(), Vec::new(), Vec::new()];
            for (history, count) in lives.iter().filter(|life| belongs(&life.0)) {
                let hit = |hit: bool| f64::from(u8::from(hit));
                errors[0].push(f64::from(*count) - model.expected_purchases(history, 5));
                errors[1].push(hit(*count > 0) - model.p_any_purchase(history, 5));
                errors[2].push(hit(*count == 2) - model.pmf(history, 5, 2));
            }
            for errors in errors {
                let n = errors.len() as f64;
                let mean = errors.iter().sum::<f64>() / n;
                let variance = errors.iter().map(|error| (error - mean).powi(2)).sum::<f64>() / (n - 1.0);
                assert!(n > 1_000.0 && mean.abs() <= 4.0 * (variance / n).sqrt(), "{mean} of {n}");
            }
        }
    }

    #[test]
    fn fits_recover_the_parameters_behind_the_data() {
        let truth = BgBb::new(1.5, 1.0, 0.8, 4.0).unwrap();
        for seed in 0..20 {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let data: DiscreteHistories = (0..4_000).map(|_| life(&truth, 10, 0, &mut rng).0).collect();
            let fitted = fit::<BgBb>(&data, &PurchaseOptions::default()).unwrap();
            assert_eq!(fitted.diagnosis(), [], "seed {seed}");
            let truth = [truth.alpha(), truth.beta(), truth.gamma(), truth.delta()];
            for ((name, theta, error), truth) in fitted.parameters().zip(truth) {
                let off = (theta.ln() - truth.ln()).abs() / (error.unwrap() / theta);
                assert!(off <= 4.0, "seed {seed}: {name} {theta} is {off} standard errors from {truth}");
            }
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn stored_parameters_know_their_model() {
    let model = BgBb::new(1.204, 0.75, 0.657, 2.783).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(text, r#"{"model":"BG/BB","alpha":1.204,"beta":0.75,"gamma":0.657,"delta":2.783}"#);
    assert_eq!(serde_json::from_str::<BgBb>(&text).unwrap(), model);
    let error = serde_json::from_str::<BgBb>(&text.replace("BG/BB", "BG/NBD")).unwrap_err().to_string();
    assert!(error.starts_with("expected parameters of BG/BB, got those of BG/NBD"), "{error}");
}
