//! Fits under terms, and what is said about their uncertainty.
#![cfg(feature = "rand")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::float_cmp,
    clippy::print_stderr,
    reason = "a test fails by panicking, known parameters are exact, and a test says that it skips"
)]

mod support;

use std::sync::atomic::{AtomicU32, Ordering};

use crm_btyd::{
    BgNbd, Error, FitDiagnosis, GammaGamma, Histories, History, Horizon, Level, MbgNbd, Nbd, ParetoNbd,
    PurchaseFit, PurchaseModel, PurchaseOptions, Repeat, Simulate, Spend, Spends, TimeUnit,
    contractual::{BetaDiscreteWeibull, Renewals, ShiftedBetaGeometric},
    fit,
    fit::{ParameterRole, Prior},
    models::Derivatives,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use support::{cdnow, weeks};

/// Two searches for one top.
const RELATIVE: f64 = 1e-5;

fn near(left: f64, right: f64) -> bool {
    (left / right - 1.0).abs() < RELATIVE
}

fn customers<M: Simulate>(model: &M, count: u32, seed: u64) -> Histories {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let age = |n: u32| Horizon::new(52.0 - f64::from(n % 13)).unwrap();
    (0..count).map(|n| model.simulate_history(age(n), &mut rng).unwrap()).collect()
}

fn options() -> PurchaseOptions {
    PurchaseOptions::default()
}

fn words<M: PurchaseModel>(fitted: &PurchaseFit<M>) -> Vec<String> {
    fitted.diagnosis().iter().map(ToString::to_string).collect()
}

#[test]
fn a_parameter_fixed_at_its_top_leaves_the_others_where_they_were() {
    let data = customers(&MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap(), 3_000, 1);
    let free = fit::<MbgNbd>(&data, &options()).unwrap();
    let fixed = fit::<MbgNbd>(&data, &options().with_fixed("a", free.model().a())).unwrap();
    for (one, other) in free.parameters().zip(fixed.parameters()) {
        assert!(near(one.1, other.1), "{one:?} {other:?}");
    }
    assert!((free.ln_likelihood() - fixed.ln_likelihood()).abs() < 1e-8);
    // One parameter less in both criteria, no error for what is known, and smaller ones for what went along with it.
    assert!((free.aic() - fixed.aic() - 2.0).abs() < 1e-6);
    let errors: Vec<_> = fixed.parameters().map(|(_, _, error)| error).collect();
    assert_eq!((errors[2], &fixed.roles()[2]), (None, &ParameterRole::Fixed));
    assert!(errors[3].unwrap() < 0.5 * free.parameters().nth(3).unwrap().2.unwrap());
    assert!(fixed.to_string().contains("fixed"), "{fixed}");
    let interval = |fitted: &PurchaseFit<MbgNbd>| {
        let regular = History::new(4, 40.0, 45.0).unwrap();
        let expected = |model: &MbgNbd| model.expected_purchases(&regular, Horizon::new(26.0).unwrap());
        fitted.expectation_interval(Level::default(), expected).unwrap()
    };
    assert!(interval(&fixed).upper <= interval(&free).upper * (1.0 + 1e-9));
    assert!(fixed.parameter_interval(2, Level::default()).is_none());
}

#[test]
fn a_constraint_turns_one_model_into_another() {
    // BdW with c = 1 is the sBG.
    let cohort = Renewals::from_cohorts(&[&[1_000, 869, 743, 653, 593, 551, 517, 491]]).unwrap();
    let steady = fit::<ShiftedBetaGeometric>(&cohort, &options()).unwrap();
    let constrained = fit::<BetaDiscreteWeibull>(&cohort, &options().with_fixed("c", 1.0)).unwrap();
    assert!((steady.ln_likelihood() - constrained.ln_likelihood()).abs() < 1e-8);
    assert!((steady.aic() - constrained.aic()).abs() < 1e-8);
    for ((_, one, error), (_, other, constrained)) in steady.parameters().zip(constrained.parameters()) {
        assert!(near(one, other) && (error.unwrap() / constrained.unwrap() - 1.0).abs() < 1e-3);
    }
}

#[test]
fn equal_parameters_are_one_and_cost_one() {
    let truth = BgNbd::new(0.9, 6.0, 1.6, 1.6).unwrap();
    let data = customers(&truth, 3_000, 3);
    let tied = fit::<BgNbd>(&data, &options().with_equal("b", "a")).unwrap();
    let free = fit::<BgNbd>(&data, &options()).unwrap();
    assert_eq!(tied.model().a(), tied.model().b());
    assert_eq!(
        tied.roles(),
        [ParameterRole::Free, ParameterRole::Free, ParameterRole::Free, ParameterRole::Equal("a".into())]
    );
    // The constraint is true: it costs little.
    let cost = free.ln_likelihood() - tied.ln_likelihood();
    assert!((0.0..6.0).contains(&cost), "{cost}");
    assert!((tied.aic() - 2.0 * (3.0 - tied.ln_likelihood())).abs() < 1e-9);
    // The best of a search by hand over the line a = b.
    let along = |a: f64| {
        let fixed = options().with_fixed("a", a).with_fixed("b", a);
        fit::<BgNbd>(&data, &fixed).unwrap().ln_likelihood()
    };
    let top = tied.model().a();
    assert!((along(top) - tied.ln_likelihood()).abs() < 1e-7);
    assert!(along(1.01 * top) < along(top) && along(0.99 * top) < along(top));
    let (one, other) = (tied.covariance(2, 3).unwrap(), tied.covariance(2, 2).unwrap());
    assert!(near(one, other) && tied.to_string().contains("= a"), "{tied}");
    // A law of one direction less still gives intervals of counts.
    let regular = History::new(4, 40.0, 45.0).unwrap();
    let months = Horizon::new(26.0).unwrap();
    assert!(tied.predictive_interval(&regular, months, Level::default()).unwrap().upper >= 2);
}

#[test]
fn terms_that_the_model_cannot_have_are_told() {
    let data = customers(&Nbd::new(0.7, 9.0).unwrap(), 200, 4);
    let message = |options: &PurchaseOptions| fit::<Nbd>(&data, options).unwrap_err().to_string();
    let no_such = r#"unknown parameter of NBD "s"; expected one of r, alpha"#;
    assert_eq!(message(&options().with_fixed("s", 1.0)), no_such);
    assert_eq!(message(&options().with_equal("r", "s")), no_such);
    assert_eq!(message(&options().with_prior("s", Prior::gamma(1.0, 1.0).unwrap())), no_such);
    let twice = options().with_fixed("r", 1.0).with_fixed("alpha", 2.0).with_equal("r", "alpha");
    assert_eq!(message(&twice), "NBD: r is fixed to both 2 and 1");
    assert_eq!(
        message(&options().with_fixed("r", -1.0)),
        "NBD: r must be between 1e-8 and 100000000, got -1"
    );
    assert_eq!(message(&options().with_start(&[1.0])), "expected 2 parameters of a start, got 1");
    // Everything known: nothing is searched for, and the likelihood is told.
    let known = fit::<Nbd>(&data, &options().with_fixed("r", 0.7).with_fixed("alpha", 9.0)).unwrap();
    assert_eq!(known.ln_likelihood(), Nbd::new(0.7, 9.0).unwrap().ln_likelihood(&data));
    assert_eq!(known.aic(), -2.0 * known.ln_likelihood());
}

#[test]
fn priors_pull_and_fade_with_the_number_of_customers() {
    let truth = MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap();
    let prior = options().with_prior("a", Prior::log_normal(3.0, 0.2).unwrap());
    let pulled = |count: u32| {
        let data = customers(&truth, count, 5);
        let (free, with) = (fit::<MbgNbd>(&data, &options()).unwrap(), fit::<MbgNbd>(&data, &prior).unwrap());
        assert!(with.ln_likelihood() <= free.ln_likelihood() && with.ln_prior() != 0.0);
        assert!(with.to_string().contains("ln prior"));
        (with.model().a() / free.model().a()).ln().abs()
    };
    let (few, many) = (pulled(300), pulled(30_000));
    assert!(few > 0.5 && many < 0.2, "{few} {many}");
    // A prior as sharp as knowledge is knowledge.
    let data = customers(&truth, 500, 6);
    let sharp = options().with_prior("a", Prior::log_normal(1.5, 1e-6).unwrap());
    let (sharp, fixed) = (
        fit::<MbgNbd>(&data, &sharp).unwrap(),
        fit::<MbgNbd>(&data, &options().with_fixed("a", 1.5)).unwrap(),
    );
    assert!(near(sharp.model().b(), fixed.model().b()) && near(sharp.model().r(), fixed.model().r()));
    assert!(near(sharp.covariance(2, 2).unwrap().sqrt(), 1.5e-6));
    // Where nobody drops out the parameters run away; a prior keeps them.
    let loyal = customers(&MbgNbd::new(2.0, 5.0, 1e-7, 50.0).unwrap(), 1_000, 7);
    let kept = options()
        .with_prior("a", Prior::gamma(2.0, 2.0).unwrap())
        .with_prior("b", Prior::log_normal(10.0, 1.0).unwrap());
    let held = fit::<MbgNbd>(&loyal, &kept).unwrap();
    assert_eq!(held.diagnosis(), []);
    assert!(held.parameters().all(|(_, _, error)| error.is_some()));
}

/// An NBD that counts how often it is asked where to begin.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Asked(Nbd);

static ASKED: AtomicU32 = AtomicU32::new(0);

impl PurchaseModel for Asked {
    type Data = Histories;
    type Theta = [f64; 2];

    const NAME: &'static str = Nbd::NAME;
    const PARAMETERS: &'static [&'static str] = Nbd::PARAMETERS;

    fn from_theta(theta: [f64; 2]) -> Result<Self, Error> {
        Nbd::from_theta(theta).map(Asked)
    }

    fn theta(&self) -> [f64; 2] {
        self.0.theta()
    }

    fn starts(&self, data: &Histories) -> Vec<Self> {
        ASKED.fetch_add(1, Ordering::Relaxed);
        self.0.starts(data).into_iter().map(Asked).collect()
    }

    fn derivatives(&self, data: &Histories) -> Derivatives {
        self.0.derivatives(data)
    }
}

/// A profile begins where it knows, and asks no model for starts; a start of the caller's own is one more.
#[test]
fn a_start_that_arrives_is_enough() {
    let data = customers(&Nbd::new(0.7, 9.0).unwrap(), 500, 1);
    let first = fit::<Asked>(&data, &options()).unwrap();
    assert_eq!(ASKED.load(Ordering::Relaxed), 1);
    let heights = first.profile(&data, &options(), "r", &[0.6, 0.8]).unwrap();
    assert!(heights.iter().all(|height| *height < first.ln_likelihood()));
    assert_eq!(ASKED.load(Ordering::Relaxed), 1);
    let again = fit::<Asked>(&data, &options().with_start(&first.model().theta())).unwrap();
    assert_eq!(ASKED.load(Ordering::Relaxed), 2);
    assert!(near(first.model().0.r(), again.model().0.r()));
}

#[test]
fn every_start_leads_to_one_maximum() {
    for seed in 0..5 {
        let data = customers(&ParetoNbd::new(1.1, 6.0, 0.9, 25.0).unwrap(), 2_000, seed);
        let one = fit::<ParetoNbd>(&data, &options()).unwrap();
        assert_eq!(one.diagnosis(), []);
        let from_afar = fit::<ParetoNbd>(&data, &options().with_start(&[20.0, 900.0, 0.05, 0.3])).unwrap();
        for (one, afar) in one.parameters().zip(from_afar.parameters()) {
            assert!(near(one.1, afar.1), "seed {seed}: {one:?} {afar:?}");
        }
    }
}

/// A parabola has the interval of its standard error; and an interval of the likelihood covers as often as it says.
#[test]
fn profile_intervals_cover() {
    let truth = Nbd::new(0.7, 9.0).unwrap();
    let sure = customers(&truth, 100_000, 8);
    let fitted = fit::<Nbd>(&sure, &options()).unwrap();
    let profile = fitted.profile_interval(&sure, &options(), "r", Level::default()).unwrap();
    let wald = fitted.parameter_interval(0, Level::default()).unwrap();
    let width = wald.upper - wald.lower;
    assert!((profile.lower.unwrap() - wald.lower).abs() < 0.02 * width);
    assert!((profile.upper.unwrap() - wald.upper).abs() < 0.02 * width);

    let covered = (0..200).filter(|&seed| {
        let data = customers(&truth, 150, 2_000 + seed);
        let fitted = fit::<Nbd>(&data, &options()).unwrap();
        let interval = fitted.profile_interval(&data, &options(), "r", Level::default()).unwrap();
        interval.lower.is_none_or(|lower| lower <= 0.7) && interval.upper.is_none_or(|upper| upper >= 0.7)
    });
    let share = covered.count() as f64 / 200.0;
    assert!((0.90..=0.995).contains(&share), "{share}");
}

#[test]
fn where_nothing_bounds_a_parameter_there_is_no_bound() {
    let loyal = customers(&MbgNbd::new(2.0, 5.0, 1e-7, 50.0).unwrap(), 1_000, 9);
    let fitted = fit::<MbgNbd>(&loyal, &options()).unwrap();
    let interval = fitted.profile_interval(&loyal, &options(), "b", Level::default()).unwrap();
    assert_eq!(interval.upper, None, "{interval:?}");
    let error = fitted.profile(&loyal, &options(), "s", &[1.0]).unwrap_err().to_string();
    assert_eq!(error, r#"unknown parameter of MBG/NBD "s"; expected one of r, alpha, a, b"#);
    let fixed = options().with_fixed("b", 50.0);
    let fitted = fit::<MbgNbd>(&loyal, &fixed).unwrap();
    assert!(fitted.profile_interval(&loyal, &fixed, "b", Level::default()).is_err());
}

#[test]
fn the_bootstrap_scatters_like_the_standard_errors_and_keeps_its_bits() {
    let data = customers(&MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap(), 2_000, 10);
    let fitted = fit::<MbgNbd>(&data, &options()).unwrap();
    let told = AtomicU32::new(0);
    let progress = |done: u32| {
        told.fetch_max(done, Ordering::Relaxed);
    };
    let bootstrap = fitted.bootstrap(&data, &options(), 300, 1, progress).unwrap();
    assert_eq!((told.load(Ordering::Relaxed), bootstrap.failed(), bootstrap.models().len()), (300, 0, 300));
    for (i, (name, theta, error)) in fitted.parameters().enumerate() {
        let logs: Vec<f64> = bootstrap.models().iter().map(|model| (model.theta()[i] / theta).ln()).collect();
        let mean = logs.iter().sum::<f64>() / 300.0;
        let spread = (logs.iter().map(|ln| (ln - mean).powi(2)).sum::<f64>() / 299.0).sqrt();
        // 300 samples tell a spread to about 4 %.
        let expected = error.unwrap() / theta;
        assert!((spread / expected - 1.0).abs() < 0.2, "{name}: {spread} {expected}");
    }
    let wald = fitted.parameter_interval(0, Level::default()).unwrap();
    let samples = bootstrap.interval(Level::default(), MbgNbd::r).unwrap();
    assert!(
        (samples.lower / wald.lower - 1.0).abs() < 0.05 && (samples.upper / wald.upper - 1.0).abs() < 0.05
    );

    let few = |seed: u64| fitted.bootstrap(&data, &options(), 8, seed, |_| {}).unwrap();
    assert_eq!(few(3), few(3));
    assert_eq!(few(1).models(), &bootstrap.models()[..8]);
    assert!(few(3) != few(4));
    #[cfg(feature = "rayon")]
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| few(3)), few(3), "{threads} threads");
    }
    assert!(fitted.bootstrap(&data, &options(), 1, 1, |_| {}).is_err());
}

#[test]
fn who_never_leaves_is_told_as_the_simpler_model() {
    let loyal = customers(&Nbd::new(0.7, 9.0).unwrap(), 2_000, 11);
    for words in [
        words(&fit::<MbgNbd>(&loyal, &options()).unwrap()),
        words(&fit::<BgNbd>(&loyal, &options()).unwrap()),
        words(&fit::<ParetoNbd>(&loyal, &options()).unwrap()),
    ] {
        assert!(words.iter().any(|word| word.starts_with("the simpler NBD says as much")), "{words:?}");
    }
    let leaving = customers(&ParetoNbd::new(1.1, 6.0, 0.9, 25.0).unwrap(), 2_000, 12);
    assert_eq!(fit::<ParetoNbd>(&leaving, &options()).unwrap().diagnosis(), []);
}

#[test]
fn spend_that_goes_with_frequency_is_told_where_it_is_no_chance() {
    let spends = |customers: u32, trend: f64| {
        let spend = move |n: u32| {
            let x = 1 + n % 5;
            let noise = f64::from(n * 149 % 401) / 401.0 + 0.2;
            Spend::new(x, 20.0 * noise * f64::from(x).powf(trend)).unwrap()
        };
        Spends::new((0..customers).map(spend))
    };
    let related = fit::<GammaGamma>(&spends(800, 0.8), &options()).unwrap();
    let found = related.diagnosis().iter().find_map(|doubt| match doubt {
        FitDiagnosis::SpendGoesWithFrequency { correlation, p_value } => Some((*correlation, *p_value)),
        _ => None,
    });
    let (correlation, p_value) = found.unwrap();
    assert!(correlation > 0.3 && p_value < 1e-10, "{correlation} {p_value}");
    assert!(related.to_string().contains("values of heavy buyers are off"), "{related}");
    let unrelated = fit::<GammaGamma>(&spends(800, 0.0), &options()).unwrap();
    assert_eq!(unrelated.diagnosis(), []);
    // Ten customers may look like that by chance.
    let few = fit::<GammaGamma>(&spends(10, 0.5), &options()).unwrap();
    assert!(!few.to_string().contains("heavy buyers"), "{few}");
}

#[test]
fn a_fit_in_weeks_does_not_answer_about_days() {
    let Some(ledger) = cdnow() else { return };
    let summaries = ledger.summarize(&weeks((1997, 9, 30))).unwrap();
    let fitted = fit::<MbgNbd>(&Histories::from_summaries(&summaries).unwrap(), &options()).unwrap();
    assert!(fitted.model_in(TimeUnit::Week).is_ok());
    let error = fitted.model_in(TimeUnit::Day).unwrap_err().to_string();
    assert_eq!(error, "the model was fitted to times in weeks, got times in days");
    // A probability has bounds that are probabilities; a sure one has none.
    let p = |x, t| {
        let history = History::new(x, t, 38.0).unwrap();
        fitted.probability_interval(Level::default(), move |model: &MbgNbd| model.p_alive(&history))
    };
    let sure = p(20, 37.9).unwrap();
    assert!(0.9 < sure.lower && sure.upper < 1.0, "{sure}");
    assert!(fitted.probability_interval(Level::default(), |_| 1.0).is_none());
}
