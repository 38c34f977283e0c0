//! sBG and beta-discrete-Weibull: reference table, published figures, laws and the story they tell.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking and says that it skips"
)]

#[path = "../src/golden.rs"]
mod golden;

use crm_btyd::{
    Discount, FitDiagnosis, PurchaseFit, PurchaseModel, PurchaseOptions,
    contractual::{BetaDiscreteWeibull, Contractual, Renewals, ShiftedBetaGeometric},
    fit,
};
use golden::{VALUE, rows};
use proptest::prelude::*;

#[test]
fn reference_values() {
    let rows = rows("shifted_beta_geometric.csv");
    assert_eq!(rows.len(), 100);
    for row in &rows {
        let [alpha, beta, c] = ["alpha", "beta", "c"].map(|name| row.number(name));
        let (sbg, bdw) = (
            ShiftedBetaGeometric::new(alpha, beta).unwrap(),
            BetaDiscreteWeibull::new(alpha, beta, c).unwrap(),
        );
        let (t, renewed) = (row.count("t"), row.count("renewals") - 1);
        let discount = Discount::per_period(row.number("discount_rate")).unwrap();
        VALUE.check(sbg.churn(t), row.number("sbg_churn"), row);
        VALUE.check(sbg.survival(t), row.number("sbg_survival"), row);
        VALUE.check(sbg.derl(renewed, discount).unwrap(), row.number("sbg_derl"), row);
        VALUE.check(bdw.churn(t), row.number("bdw_churn"), row);
        VALUE.check(bdw.survival(t), row.number("bdw_survival"), row);
    }
}

fn assert_published(value: f64, published: &str) {
    let decimals = published.split('.').nth(1).map_or(0, str::len) as i32;
    let expected: f64 = published.parse().unwrap();
    assert!((value - expected).abs() <= 0.500_001 * 10f64.powi(-decimals), "{value} instead of {published}");
}

/// Parameters, ln L, per cent surviving years 8 to 12, and mean absolute percentage error against what happened.
struct Published {
    theta: &'static [&'static str],
    ln_likelihood: &'static str,
    survival: [&'static str; 5],
    error: &'static str,
    /// The model that says as much by Akaike's criterion.
    simpler: Option<&'static str>,
}

fn check<M: Contractual>(survivors: &[u32], published: &Published) {
    let (seen, later) = survivors.split_at(8);
    let fitted: PurchaseFit<M> =
        fit(&Renewals::from_cohorts(&[seen]).unwrap(), &PurchaseOptions::default()).unwrap();
    let told: Vec<&FitDiagnosis> = fitted.diagnosis().iter().collect();
    match (told.as_slice(), published.simpler) {
        ([], None) => {}
        ([FitDiagnosis::Collapsed { into, .. }], Some(simpler)) => assert_eq!(*into, simpler),
        _ => panic!("{fitted}"),
    }
    assert_published(fitted.ln_likelihood(), published.ln_likelihood);
    for ((_, theta, error), published) in fitted.parameters().zip(published.theta) {
        assert_published(theta, published);
        assert!(error.is_some());
    }
    let mut off = 0.0;
    for ((year, expected), actual) in (8..).zip(published.survival).zip(later) {
        let survival = fitted.model().survival(year);
        assert_published(100.0 * survival, expected);
        off += (1_000.0 * survival / f64::from(*actual) - 1.0).abs() / 5.0;
    }
    assert_published(100.0 * off, published.error);
}

#[test]
fn two_segments_of_subscribers() {
    let Some(folder) = std::env::var_os("CRM_DATA").map(std::path::PathBuf::from) else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        eprintln!("skipped: set CRM_DATA to the folder with the subscribers");
        return;
    };
    let mut reader = csv::Reader::from_path(folder.join("sbg_retention_fader_hardie_2007.csv")).unwrap();
    let table: Vec<(u32, u32, u32, u32)> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(table.len(), 13);
    let regular: Vec<u32> = table.iter().map(|row| row.1).collect();
    let high_end: Vec<u32> = table.iter().map(|row| row.2).collect();
    let sbg = Published {
        theta: &["0.7041", "1.1820"],
        ln_likelihood: "-1680.2652",
        survival: ["22.01", "20.44", "19.12", "17.99", "17.00"],
        error: "1.49",
        simpler: None,
    };
    check::<ShiftedBetaGeometric>(&regular, &sbg);
    let bdw = Published {
        theta: &["0.4556", "0.7793", "1.2835"],
        ln_likelihood: "-1679.6028",
        survival: ["22.34", "20.89", "19.68", "18.64", "17.73"],
        error: "1.38",
        simpler: Some("sBG"),
    };
    check::<BetaDiscreteWeibull>(&regular, &bdw);
    let sbg = Published {
        theta: &["0.6681", "3.8061"],
        ln_likelihood: "-1611.1581",
        survival: ["46.04", "43.58", "41.42", "39.51", "37.80"],
        error: "2.83",
        simpler: None,
    };
    check::<ShiftedBetaGeometric>(&high_end, &sbg);
    let bdw = Published {
        theta: &["0.2143", "1.4266", "1.7236"],
        ln_likelihood: "-1605.3142",
        survival: ["46.78", "44.83", "43.16", "41.69", "40.39"],
        error: "1.27",
        simpler: None,
    };
    check::<BetaDiscreteWeibull>(&high_end, &bdw);
}

fn log_uniform(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from.ln()..to.ln()).prop_map(f64::exp)
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * right.abs() + 1e-12
}

fn answers_are_numbers(model: &impl Contractual, t: u32, discount: Discount) {
    let p = [model.survival(t), model.churn(t), model.churn_rate(t.max(1)), model.survival_of(t, 5)];
    assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "{p:?} {model:?} {t}");
    assert!(model.ln_survival(t).is_finite());
    let derl = model.derl(t, discount).unwrap();
    assert!(derl.is_finite() && derl >= 0.0, "{derl} {model:?} {t}");
    assert!(model.derl(t, Discount::NONE).is_err());
}

fn laws(model: &impl Contractual, t: u32, discount: Discount) {
    let churned: f64 = (1..=t).map(|t| model.churn(t)).sum();
    assert!(near(churned + model.survival(t), 1.0));
    assert!(near(model.survival(t) * model.retention_rate(t + 1), model.survival(t + 1)));
    assert!(near(model.survival(t) * model.survival_of(t, 3), model.survival(t + 3)));
    assert!(near(model.survival(0), 1.0) && model.churn(0).abs() < f64::MIN_POSITIVE);
    // The next renewal, and all after it one period later.
    let stay = model.survival_of(t, 1);
    let derl = model.derl(t, discount).unwrap();
    let step = stay * (1.0 + (-discount.rate()).exp() * model.derl(t + 1, discount).unwrap());
    assert!(near(derl, step), "{derl} {step} {model:?} {t}");
    let periods = (45.0 / discount.rate()) as u32;
    assert!(near(model.discounted_renewals(t, periods, discount), derl));
    // The likelihood of one customer who left, or stayed.
    let cohorts: [Vec<u32>; 2] = [[vec![1; t as usize + 1], vec![0]].concat(), vec![1; t as usize + 1]];
    for (cohort, p) in cohorts.iter().zip([model.churn(t + 1), model.survival(t)]) {
        let ln = model.ln_likelihood(&Renewals::from_cohorts(&[cohort]).unwrap());
        assert!((ln - p.ln()).abs() < 1e-9 * ln.abs().max(1.0), "{ln} {p}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// For gamma = 1 the share that leaves has a closed form, ((t + 1)^c - t^c) / (delta + (t + 1)^c), whatever delta, c and t; c down to where next to
    /// nobody leaves after the first renewal.
    #[test]
    fn tiny_shares_that_leave_keep_their_digits(
        delta in log_uniform(1e-8, 1e8), c in log_uniform(1e-8, 10.0), t in prop_oneof![Just(0_u32), 1..20_u32, 1..1_000_000_u32],
    ) {
        let model = BetaDiscreteWeibull::new(1.0, delta, c).unwrap();
        let later = f64::from(t + 1).powf(c);
        let more = if t == 0 { 1.0 } else { f64::from(t).powf(c) * (c * (1.0 / f64::from(t)).ln_1p()).exp_m1() };
        let expected = more / (delta + later);
        prop_assert!((model.churn_rate(t + 1) / expected - 1.0).abs() < 1e-9, "{} {expected}", model.churn_rate(t + 1));
    }

    /// Over everything that the constructor accepts, each parameter on its own, the likelihood and its derivatives are numbers, and the gradient is the
    /// slope of the likelihood.
    #[test]
    fn likelihoods_have_numbers_for_derivatives(
        gamma in log_uniform(1e-8, 1e8), delta in log_uniform(1e-8, 1e8), c in log_uniform(1e-8, 10.0),
    ) {
        let data = Renewals::from_cohorts(&[&[1_000, 631, 468, 382, 326], &[500, 320, 320], &[70, 60, 59, 58]]).unwrap();
        let model = BetaDiscreteWeibull::new(gamma, delta, c).unwrap();
        let all = model.derivatives(&data);
        prop_assert!(all.ln_likelihood.is_finite(), "{model:?}");
        let numbers = all.gradient.iter().chain(all.hessian.iter().flatten());
        prop_assert!(numbers.into_iter().all(|value| value.is_finite()), "{all:?}");
        let theta = [gamma, delta, c];
        for i in 0..3 {
            let at = |step: f64| {
                let mut moved = theta;
                moved[i] *= 1.0 + step;
                BetaDiscreteWeibull::from_theta(moved).map(|model| model.ln_likelihood(&data))
            };
            let (Ok(up), Ok(down)) = (at(1e-4), at(-1e-4)) else { continue };
            let (slope, numeric) = (all.gradient[i] * theta[i], (up - down) / 2e-4);
            // Differences of the likelihood lose what it has of rounding.
            let slack = 1e-5 * slope.abs() + 1e-9 * all.ln_likelihood.abs() + 1e-5;
            prop_assert!((slope - numeric).abs() <= slack, "{i}: {slope} {numeric} {model:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn extremes_give_numbers(alpha in log_uniform(1e-6, 1e6), beta in log_uniform(1e-6, 1e6), c in log_uniform(1e-3, 10.0), t in 0..10_000_u32, rate in log_uniform(0.02, 1.0)) {
        let discount = Discount::per_period(rate).unwrap();
        answers_are_numbers(&ShiftedBetaGeometric::new(alpha, beta).unwrap(), t, discount);
        answers_are_numbers(&BetaDiscreteWeibull::new(alpha, beta, c).unwrap(), t, discount);
    }

    #[test]
    fn laws_hold(alpha in log_uniform(0.05, 20.0), beta in log_uniform(0.05, 20.0), c in log_uniform(0.3, 3.0), t in 0..20_u32, rate in log_uniform(0.05, 1.0)) {
        let discount = Discount::per_period(rate).unwrap();
        let (sbg, bdw) = (ShiftedBetaGeometric::new(alpha, beta).unwrap(), BetaDiscreteWeibull::new(alpha, beta, c).unwrap());
        laws(&sbg, t, discount);
        laws(&bdw, t, discount);
        // c = 1 is the sBG.
        let same = BetaDiscreteWeibull::new(alpha, beta, 1.0).unwrap();
        prop_assert!(near(same.survival(t), sbg.survival(t)) && near(same.churn(t + 1), sbg.churn(t + 1)));
        prop_assert!(near(same.derl(t, discount).unwrap(), sbg.derl(t, discount).unwrap()));
        // Heterogeneity alone lets retention rise with the cohort's age.
        prop_assert!(sbg.retention_rate(t + 2) > sbg.retention_rate(t + 1));
    }
}

#[cfg(feature = "rand")]
mod story {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;
    use rand_distr::{Beta, Distribution};

    use super::*;

    const SEEN: u32 = 8;

    fn cohort(lives: impl Iterator<Item = u32>) -> Vec<u32> {
        let lives: Vec<u32> = lives.collect();
        (0..=SEEN).map(|t| lives.iter().filter(|life| **life >= t).count() as u32).collect()
    }

    fn recovered<M: Contractual>(cohort: &[u32], truth: &M, seed: u64) {
        let fitted: PurchaseFit<M> =
            fit(&Renewals::from_cohorts(&[cohort]).unwrap(), &PurchaseOptions::default()).unwrap();
        assert_eq!(fitted.diagnosis(), [], "seed {seed}");
        for ((name, theta, error), truth) in fitted.parameters().zip(truth.theta().as_ref()) {
            let off = (theta.ln() - truth.ln()).abs() / (error.unwrap() / theta);
            assert!(off <= 4.0, "seed {seed}: {name} {theta} is {off} standard errors from {truth}");
        }
    }

    #[test]
    fn fits_recover_the_parameters_behind_the_data() {
        let (sbg, bdw) =
            (ShiftedBetaGeometric::new(0.7, 2.0).unwrap(), BetaDiscreteWeibull::new(0.6, 1.5, 1.4).unwrap());
        for seed in 0..20 {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            recovered(&cohort((0..10_000).map(|_| sbg.simulate(SEEN, &mut rng))), &sbg, seed);
            recovered(&cohort((0..10_000).map(|_| bdw.simulate(SEEN, &mut rng))), &bdw, seed);
        }
    }

    /// Every customer with a coin of their own, tossed at each renewal.
    #[test]
    fn the_curve_is_that_of_many_different_coins() {
        let (model, mut rng) = (ShiftedBetaGeometric::new(0.7, 2.0).unwrap(), ChaCha8Rng::seed_from_u64(1));
        let coins = Beta::new(0.7, 2.0).unwrap();
        let life = |rng: &mut ChaCha8Rng| {
            let leaves: f64 = coins.sample(rng);
            (0..SEEN).find(|_| rand::RngExt::random::<f64>(rng) < leaves).unwrap_or(SEEN)
        };
        let count = 60_000;
        let survivors = cohort((0..count).map(|_| life(&mut rng)));
        for (t, survivors) in (0..).zip(survivors) {
            let (p, n) = (model.survival(t), f64::from(count));
            assert!((f64::from(survivors) / n - p).abs() <= 4.0 * (p * (1.0 - p) / n).sqrt(), "{t}");
        }
    }
}

#[cfg(feature = "serde")]
#[test]
fn stored_parameters_know_their_model() {
    let model = BetaDiscreteWeibull::new(0.5, 1.5, 1.25).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(text, r#"{"model":"beta-discrete-Weibull","gamma":0.5,"delta":1.5,"c":1.25}"#);
    assert_eq!(serde_json::from_str::<BetaDiscreteWeibull>(&text).unwrap(), model);
    let sbg = serde_json::to_string(&ShiftedBetaGeometric::new(0.5, 1.5).unwrap()).unwrap();
    assert_eq!(sbg, r#"{"model":"sBG","alpha":0.5,"beta":1.5}"#);
    assert!(serde_json::from_str::<ShiftedBetaGeometric>(&text).is_err());
}
