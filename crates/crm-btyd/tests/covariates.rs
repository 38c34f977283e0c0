//! Effects of what is known of customers on their purchases and their drop-out.
#![cfg(feature = "rand")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_btyd::{
    BgNbd, FitDiagnosis, Histories, History, Horizon, MbgNbd, ParetoNbd, PurchaseModel, PurchaseOptions,
    Simulate,
    covariates::{CovariateFit, CovariateHistories, WithCovariates, fit_with_covariates},
    fit,
    fit::Prior,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Two searches for one top.
const RELATIVE: f64 = 1e-5;

fn near(left: f64, right: f64) -> bool {
    (left / right - 1.0).abs() < RELATIVE
}

/// Covariates of the n-th customer: a kind, and an amount of one of five sizes.
fn covariates(n: u32) -> (f64, f64) {
    (f64::from(n % 2), 10.0 * f64::from(n / 2 % 5))
}

/// Lives of customers: γ of the kind and of the amount on purchases, δ of the kind on drop-out. `scaled` makes a customer's law.
fn lives<M: Simulate>(count: u32, seed: u64, scaled: impl Fn(f64, f64) -> M) -> Vec<(History, f64, f64)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (kind, amount, drop_out) = EFFECTS;
    (0..count)
        .map(|n| {
            let (z, y) = covariates(n);
            let law = scaled((kind * z + amount * y).exp(), (drop_out * z).exp());
            let age = Horizon::new(60.0 - f64::from(n % 13)).unwrap();
            (law.simulate_history(age, &mut rng).unwrap(), z, y)
        })
        .collect()
}

const EFFECTS: (f64, f64, f64) = (0.6, -0.03, 0.8);

fn data(lives: &[(History, f64, f64)], unit: f64) -> CovariateHistories {
    let mut data = CovariateHistories::new(&["kind", "amount"], &["kind"]);
    for (history, kind, amount) in lives {
        data.push(*history, &[*kind, amount * unit], &[*kind]).unwrap();
    }
    data
}

fn recovers<M: Simulate<Data = Histories> + WithCovariates>(scaled: impl Fn(f64, f64) -> M) {
    for seed in 0..8 {
        let lives = lives(4_000, seed, &scaled);
        let fitted: CovariateFit<M> =
            fit_with_covariates(&data(&lives, 1.0), &PurchaseOptions::default()).unwrap();
        assert_eq!(fitted.diagnosis(), [], "{fitted}");
        let truth = scaled(1.0, 1.0);
        for ((name, theta, error), truth) in fitted.parameters().iter().zip(truth.theta().as_ref()) {
            let off = (theta / truth).ln().abs() / (error.unwrap() / theta);
            assert!(off < 4.0, "seed {seed}: {name} {off} {fitted}");
        }
        let (kind, amount, drop_out) = EFFECTS;
        for (effect, truth) in fitted.effects().iter().zip([kind, amount, drop_out]) {
            let off = (effect.coefficient - truth).abs() / effect.standard_error.unwrap();
            assert!(off < 4.0, "seed {seed}: {effect:?} {truth}");
        }
        // The covariates tell something, and the text shows it.
        let plain =
            fit::<M>(&lives.iter().map(|life| life.0).collect(), &PurchaseOptions::default()).unwrap();
        assert!(fitted.aic() < plain.aic() - 20.0 && fitted.to_string().contains("kind on drop-out"));
    }
}

#[test]
fn effects_are_recovered() {
    recovers(|buys, leaves| ParetoNbd::new(1.1, 6.0 / buys, 0.9, 25.0 / leaves).unwrap());
    recovers(|buys, leaves| BgNbd::new(1.3, 5.0 / buys, 0.7 * leaves, 3.0).unwrap());
    recovers(|buys, leaves| MbgNbd::new(1.3, 5.0 / buys, 0.7 * leaves, 3.0).unwrap());
}

/// The likelihood is that of every customer under the own law, and no step from the top gains.
#[test]
fn the_top_is_a_top_of_the_sum_over_customers() {
    let lives = lives(600, 50, |buys, leaves| ParetoNbd::new(1.1, 6.0 / buys, 0.9, 25.0 / leaves).unwrap());
    let fitted: CovariateFit<ParetoNbd> =
        fit_with_covariates(&data(&lives, 1.0), &PurchaseOptions::default()).unwrap();
    let one_by_one: f64 = lives
        .iter()
        .map(|(history, kind, amount)| {
            fitted.model_for(&[*kind, *amount], &[*kind]).unwrap().ln_likelihood_of(history)
        })
        .sum();
    assert!((one_by_one / fitted.ln_likelihood() - 1.0).abs() < 1e-12);
    let [r, alpha, s, beta] = fitted.base().theta();
    let effects: Vec<f64> = fitted.effects().iter().map(|effect| effect.coefficient).collect();
    let at = |moved: usize, by: f64| {
        let mut v = [r.ln(), alpha.ln(), s.ln(), beta.ln(), effects[0], effects[1], effects[2]];
        v[moved] += by;
        lives
            .iter()
            .map(|(history, z, y)| {
                let (buys, leaves) = (v[4] * z + v[5] * y, v[6] * z);
                let law = ParetoNbd::new(v[0].exp(), (v[1] - buys).exp(), v[2].exp(), (v[3] - leaves).exp());
                law.unwrap().ln_likelihood_of(history)
            })
            .sum::<f64>()
    };
    for moved in 0..7 {
        let step = if moved == 5 { 1e-4 } else { 1e-3 };
        let (up, down) = (at(moved, step), at(moved, -step));
        assert!(up < one_by_one && down < one_by_one, "{moved}");
        // A slope of zero, seen against the curvature.
        assert!((up - down).abs() < 0.02 * (2.0 * one_by_one - up - down), "{moved}: {up} {down}");
    }
}

#[test]
fn traits_that_say_nothing_change_nothing_and_units_only_rescale() {
    let lives = lives(1_500, 60, |buys, leaves| MbgNbd::new(1.3, 5.0 / buys, 0.7 * leaves, 3.0).unwrap());
    let histories: Histories = lives.iter().map(|life| life.0).collect();
    let plain = fit::<MbgNbd>(&histories, &PurchaseOptions::default()).unwrap();
    let mut none = CovariateHistories::new(&[], &[]);
    lives.iter().for_each(|life| none.push(life.0, &[], &[]).unwrap());
    let without: CovariateFit<MbgNbd> = fit_with_covariates(&none, &PurchaseOptions::default()).unwrap();
    assert!((plain.ln_likelihood() - without.ln_likelihood()).abs() < 1e-8);
    for ((_, one, error), (_, other, other_error)) in plain.parameters().zip(without.parameters()) {
        assert!(near(one, *other) && (error.unwrap() / other_error.unwrap() - 1.0).abs() < 1e-3);
    }
    let one: CovariateFit<MbgNbd> =
        fit_with_covariates(&data(&lives, 1.0), &PurchaseOptions::default()).unwrap();
    let thousand: CovariateFit<MbgNbd> =
        fit_with_covariates(&data(&lives, 1_000.0), &PurchaseOptions::default()).unwrap();
    let amount = |fitted: &CovariateFit<MbgNbd>| fitted.effects()[1].clone();
    assert!(near(amount(&one).coefficient, 1_000.0 * amount(&thousand).coefficient));
    let errors = (amount(&one).standard_error.unwrap(), amount(&thousand).standard_error.unwrap());
    assert!((errors.0 / errors.1 / 1_000.0 - 1.0).abs() < 1e-3);
}

/// Known and equal parameters stay so, priors on them count, and effects are drawn to 0 by as much as is asked for.
#[test]
fn terms_hold_with_covariates_too() {
    let lives = lives(800, 80, |buys, leaves| MbgNbd::new(1.3, 5.0 / buys, 0.7 * leaves, 3.0).unwrap());
    let data = data(&lives, 1.0);
    let fitted = |options: &PurchaseOptions| fit_with_covariates::<MbgNbd>(&data, options).unwrap();
    let terms = PurchaseOptions::default().with_fixed("r", 1.3).with_equal("a", "b");
    let held = fitted(&terms);
    assert!(near(held.base().r(), 1.3) && near(held.base().a(), held.base().b()), "{held}");
    assert_eq!(held.parameters()[0].2, Some(0.0), "what is known has no error");
    let free = fitted(&PurchaseOptions::default());
    assert!(free.ln_likelihood() > held.ln_likelihood());
    assert!(near(held.aic(), 2.0 * 5.0 - 2.0 * held.ln_likelihood()), "alpha, a and three effects");
    let sure = fitted(&PurchaseOptions::default().with_prior("alpha", Prior::log_normal(9.0, 1e-4).unwrap()));
    assert!((sure.base().alpha() / 9.0 - 1.0).abs() < 1e-3, "{sure}");

    let size = |fitted: &CovariateFit<MbgNbd>| {
        fitted.effects().iter().map(|effect| effect.coefficient.powi(2)).sum::<f64>()
    };
    let spread = |spread: f64| fitted(&PurchaseOptions::default().with_effect_spread(spread));
    let (wide, middle, narrow) = (spread(1e3), spread(0.1), spread(1e-4));
    assert!((size(&wide) / size(&free) - 1.0).abs() < 1e-4);
    assert!(size(&middle) < size(&free) && size(&narrow) < 1e-6, "{middle} {narrow}");
    let plain =
        fit::<MbgNbd>(&lives.iter().map(|life| life.0).collect(), &PurchaseOptions::default()).unwrap();
    assert!((narrow.ln_likelihood() - plain.ln_likelihood()).abs() < 0.1);
    assert!(free.ln_likelihood() > middle.ln_likelihood() && middle.ln_likelihood() > narrow.ln_likelihood());
    // Where the slopes of likelihood and prior cancel: the kind, 1 for every other customer, has the size √½.
    let (base, kind) = (middle.base().theta(), middle.effects()[0].coefficient);
    let at = |kind: f64| {
        let [r, alpha, a, b] = base;
        let effects = middle.effects();
        let of = |(history, z, y): &(History, f64, f64)| {
            let (buys, leaves) = (kind * z + effects[1].coefficient * y, effects[2].coefficient * z);
            MbgNbd::new(r, alpha * (-buys).exp(), a * leaves.exp(), b).unwrap().ln_likelihood_of(history)
        };
        lives.iter().map(of).sum::<f64>()
    };
    let slope = (at(kind + 1e-4) - at(kind - 1e-4)) / 2e-4;
    assert!((slope / (0.5 * kind / 0.01) - 1.0).abs() < 1e-3, "{slope} {kind}");
    let error = fit_with_covariates::<MbgNbd>(&data, &PurchaseOptions::default().with_effect_spread(0.0))
        .unwrap_err();
    assert_eq!(error.to_string(), "effect spread must be between 1e-8 and 100000000, got 0");
}

#[test]
fn traits_that_go_together_and_wrong_ones_are_told() {
    let lives = lives(1_000, 70, |buys, leaves| BgNbd::new(1.3, 5.0 / buys, 0.7 * leaves, 3.0).unwrap());
    let mut twice = CovariateHistories::new(&["kind", "the same"], &[]);
    lives.iter().for_each(|life| twice.push(life.0, &[life.1, 2.0 * life.1], &[]).unwrap());
    let fitted: CovariateFit<BgNbd> = fit_with_covariates(&twice, &PurchaseOptions::default()).unwrap();
    assert!(
        fitted.diagnosis().iter().any(|doubt| matches!(doubt, FitDiagnosis::NotIdentified { .. })),
        "{fitted}"
    );
    assert!(fitted.effects().iter().all(|effect| effect.standard_error.is_none()));
    let error = fitted.model_for(&[1.0], &[]).unwrap_err().to_string();
    assert_eq!(error, "expected 2 covariates of purchases, got 1");
    let error = twice.push(lives[0].0, &[f64::NAN, 1.0], &[]).unwrap_err().to_string();
    assert_eq!(error, "covariates[0] must be between -1000000000 and 1000000000, got NaN");
    let nobody =
        fit_with_covariates::<BgNbd>(&CovariateHistories::new(&["kind"], &[]), &PurchaseOptions::default())
            .unwrap_err()
            .to_string();
    assert_eq!(nobody, "customers must not be empty");
}
