//! The posterior by sampling against the posterior by integration.
#![cfg(feature = "posterior")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says that it skips"
)]

mod support;

use crm_btyd::{
    BgNbd, Histories, History, Horizon, Level, MbgNbd, Nbd, ParetoNbd, PurchaseModel, PurchaseOptions,
    Repeat, Simulate, fit,
    fit::{ParameterPosterior, PosteriorOptions, Prior},
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use support::{cdnow, weeks};

fn customers<M: Simulate>(model: &M, count: u32, seed: u64) -> Histories {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let age = |n: u32| Horizon::new(52.0 - f64::from(n % 13)).unwrap();
    (0..count).map(|n| model.simulate_history(age(n), &mut rng).unwrap()).collect()
}

/// Mean and standard deviation of r and of alpha, summed over a grid of their logarithms: few customers, so that the prior counts and the
/// likelihood is no parabola.
#[test]
fn draws_have_the_moments_of_the_posterior() {
    let data = customers(&Nbd::new(0.7, 9.0).unwrap(), 60, 1);
    let (r, alpha) = (Prior::gamma(2.0, 1.0).unwrap(), Prior::log_normal(20.0, 0.8).unwrap());
    let options = PurchaseOptions::default().with_prior("r", r).with_prior("alpha", alpha);
    let fitted = fit::<Nbd>(&data, &options).unwrap();
    let posterior = fitted
        .posterior(&data, &options, &PosteriorOptions::default().with_draws(4_000).with_seed(2))
        .unwrap();
    assert!(posterior.is_settled(), "{posterior}");

    let (mut mass, mut sums) = (0.0, [0.0; 4]);
    for i in 0..400 {
        for j in 0..400 {
            let (x, y) = ((-3.0 + 0.0125 * f64::from(i)).exp(), (0.5 + 0.0125 * f64::from(j)).exp());
            let ln = Nbd::new(x, y).unwrap().ln_likelihood(&data) + r.ln_density(x) + alpha.ln_density(y);
            let p = (ln - fitted.ln_likelihood() - fitted.ln_prior()).exp();
            mass += p;
            for (sum, value) in sums.iter_mut().zip([x, y, x * x, y * y]) {
                *sum += p * value;
            }
        }
    }
    for (i, parameter) in posterior.parameters().iter().enumerate() {
        let mean = sums[i] / mass;
        let deviation = (sums[i + 2] / mass - mean * mean).sqrt();
        // A mean of so many effective draws, and a spread of them.
        let error = deviation / parameter.effective.sqrt();
        assert!((parameter.mean - mean).abs() < 4.0 * error, "{posterior} {mean}");
        assert!((parameter.deviation / deviation - 1.0).abs() < 0.08, "{posterior} {deviation}");
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_one_others() {
    let data = customers(&MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap(), 500, 3);
    let fitted = fit::<MbgNbd>(&data, &PurchaseOptions::default()).unwrap();
    let few = |seed: u64| {
        let sampling = PosteriorOptions::default().with_draws(20).with_chains(3).with_seed(seed);
        fitted.posterior(&data, &PurchaseOptions::default(), &sampling).unwrap()
    };
    let one: ParameterPosterior<MbgNbd> = few(7);
    assert_eq!((one.models().len(), &one), (60, &few(7)));
    assert!(one.models() != few(8).models());
    #[cfg(feature = "rayon")]
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| few(7)), one, "{threads} threads");
    }
}

#[test]
fn terms_of_a_fit_are_terms_of_its_posterior() {
    let data = customers(&BgNbd::new(0.9, 6.0, 1.6, 1.6).unwrap(), 1_000, 4);
    let options = PurchaseOptions::default().with_equal("a", "b").with_fixed("r", 0.9);
    let fitted = fit::<BgNbd>(&data, &options).unwrap();
    let posterior = fitted.posterior(&data, &options, &PosteriorOptions::default()).unwrap();
    assert!(posterior.is_settled(), "{posterior}");
    for model in posterior.models() {
        assert!((model.a() / model.b() - 1.0).abs() < 1e-12 && (model.r() - 0.9).abs() < 1e-15);
    }
    let wide = posterior.predictive_interval(
        &History::new(4, 40.0, 45.0).unwrap(),
        Horizon::new(26.0).unwrap(),
        Level::default(),
    );
    assert!(wide.unwrap().upper >= 2);

    // Where nobody drops out the data hold neither a nor b, and nothing is made up.
    let loyal = customers(&MbgNbd::new(2.0, 5.0, 1e-7, 50.0).unwrap(), 500, 5);
    let fitted = fit::<MbgNbd>(&loyal, &PurchaseOptions::default()).unwrap();
    let error =
        fitted.posterior(&loyal, &PurchaseOptions::default(), &PosteriorOptions::default()).unwrap_err();
    assert!(error.to_string().ends_with("give it a prior to sample its posterior"), "{error}");
    let few = PosteriorOptions::default().with_draws(2);
    assert!(fitted.posterior(&loyal, &PurchaseOptions::default(), &few).is_err());
}

/// 2 000 draws on CDNOW from four chains agree with each other and with the standard errors.
#[test]
fn cdnow_in_two_thousand_draws() {
    fn settles<M: PurchaseModel<Data = Histories> + Repeat>(histories: &Histories) {
        let fitted = fit::<M>(histories, &PurchaseOptions::default()).unwrap();
        let posterior =
            fitted.posterior(histories, &PurchaseOptions::default(), &PosteriorOptions::default()).unwrap();
        assert_eq!(posterior.models().len(), 2_000);
        assert!(posterior.is_settled(), "{posterior}");
        for (i, _) in M::PARAMETERS.iter().enumerate() {
            let of = |model: &M| model.theta().as_ref()[i];
            let draws = posterior.interval(Level::default(), of).unwrap();
            let wald = fitted.parameter_interval(i, Level::default()).unwrap();
            let apart = |one: f64, other: f64| (one / other).ln().abs();
            assert!(
                apart(draws.lower, wald.lower) < 0.35 && apart(draws.upper, wald.upper) < 0.35,
                "{posterior}"
            );
        }
    }
    let Some(ledger) = cdnow() else { return };
    let histories = Histories::from_summaries(&ledger.summarize(&weeks((1997, 9, 30))).unwrap()).unwrap();
    settles::<BgNbd>(&histories);
    settles::<MbgNbd>(&histories);

    // s and beta of the Pareto/NBD go far up together, which a short walk does not settle, and says so.
    let fitted = fit::<ParetoNbd>(&histories, &PurchaseOptions::default()).unwrap();
    let few = PosteriorOptions::default().with_chains(2).with_draws(100);
    let posterior = fitted.posterior(&histories, &PurchaseOptions::default(), &few).unwrap();
    assert!(!posterior.is_settled() && posterior.to_string().contains("R-hat"), "{posterior}");
}
