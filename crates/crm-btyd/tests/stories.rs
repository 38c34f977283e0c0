//! The closed forms against simulations of the stories they tell, and fits against the truth behind them.
#![cfg(feature = "rand")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_btyd::{
    BgCnbd, BgNbd, GammaGamma, GompertzNbd, Histories, History, Horizon, Level, MbgCnbd, MbgNbd, Nbd,
    ParetoNbd, PurchaseFit, PurchaseModel, PurchaseOptions, Repeat, Simulate, Spend, Spends, fit,
    fit::fit_like, models::choose_k,
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// How many standard errors a simulated mean may lie from its expectation.
const STANDARD_ERRORS: f64 = 4.0;

fn horizon(length: f64) -> Horizon {
    Horizon::new(length).unwrap()
}

/// Mean zero within so many standard errors of the mean.
fn assert_unbiased(errors: &[f64], what: &str) {
    let n = errors.len() as f64;
    let mean = errors.iter().sum::<f64>() / n;
    let variance = errors.iter().map(|error| (error - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let standard_error = (variance / n).sqrt();
    assert!(n > 200.0 && standard_error > 0.0, "{what}: {n} customers do not tell");
    assert!(
        mean.abs() <= STANDARD_ERRORS * standard_error,
        "{what}: {mean} with standard error {standard_error}"
    );
}

fn a_new_customer<M: Simulate>(model: &M, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let counts: Vec<f64> =
        (0..60_000).map(|_| model.simulate(horizon(52.0), &mut rng).len() as f64).collect();
    let expected = model.expected_purchases_new(horizon(52.0));
    assert_unbiased(&counts.iter().map(|count| count - expected).collect::<Vec<_>>(), "expected purchases");
    for n in 0..6 {
        let p = model.pmf(&History::NEW, horizon(52.0), n);
        let hits: Vec<f64> =
            counts.iter().map(|&count| f64::from(u8::from((count - f64::from(n)).abs() < 0.5)) - p).collect();
        assert_unbiased(&hits, &format!("P({n} purchases)"));
    }
}

/// Everybody is watched for a while, predicted, and watched again: predictions are right on average within any group that
/// the history alone decides.
fn a_customer_with_a_history<M: Simulate>(model: &M, seed: u64) {
    let (calibration, holdout) = (39.0, 26.0);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let lives: Vec<(History, usize)> = (0..60_000)
        .map(|_| {
            let times = model.simulate(horizon(calibration + holdout), &mut rng);
            let seen: Vec<f64> = times.iter().copied().filter(|&time| time <= calibration).collect();
            let last = seen.last().copied().unwrap_or(0.0);
            (History::new(seen.len() as u32, last, calibration).unwrap(), times.len() - seen.len())
        })
        .collect();
    type Group = (&'static str, fn(&History) -> bool);
    let groups: [Group; 5] = [
        ("all", |_| true),
        ("once", |history| history.frequency() == 0),
        ("repeaters, lately", |history| history.frequency() > 0 && history.recency() > 30.0),
        ("repeaters, long ago", |history| history.frequency() > 0 && history.recency() < 15.0),
        ("heavy", |history| history.frequency() >= 5),
    ];
    for (name, belongs) in groups {
        let group: Vec<&(History, usize)> = lives.iter().filter(|(history, _)| belongs(history)).collect();
        let errors = |predicted: &dyn Fn(&History) -> f64, happened: &dyn Fn(usize) -> f64| -> Vec<f64> {
            group.iter().map(|(history, count)| happened(*count) - predicted(history)).collect()
        };
        let t = horizon(holdout);
        let expected = errors(&|history| model.expected_purchases(history, t), &|count| count as f64);
        assert_unbiased(&expected, &format!("{name}: expected purchases"));
        let any =
            errors(&|history| model.p_any_purchase(history, t), &|count| f64::from(u8::from(count > 0)));
        assert_unbiased(&any, &format!("{name}: any purchase"));
        let two = errors(&|history| model.pmf(history, t, 2), &|count| f64::from(u8::from(count == 2)));
        assert_unbiased(&two, &format!("{name}: two purchases"));
    }
}

#[test]
fn bg_nbd_is_the_story_it_tells() {
    let model = BgNbd::new(0.9, 6.0, 0.8, 2.4).unwrap();
    a_new_customer(&model, 1);
    a_customer_with_a_history(&model, 2);
}

#[test]
fn mbg_nbd_is_the_story_it_tells() {
    let model = MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap();
    a_new_customer(&model, 3);
    a_customer_with_a_history(&model, 4);
}

#[test]
fn pareto_nbd_is_the_story_it_tells() {
    let model = ParetoNbd::new(1.1, 6.0, 0.9, 25.0).unwrap();
    a_new_customer(&model, 6);
    a_customer_with_a_history(&model, 7);
}

#[test]
fn nbd_is_the_story_it_tells() {
    let model = Nbd::new(0.7, 9.0).unwrap();
    a_new_customer(&model, 8);
    a_customer_with_a_history(&model, 9);
}

#[test]
fn ggompertz_nbd_is_the_story_it_tells() {
    let model = GompertzNbd::new(1.1, 6.0, 0.9, 8.0, 0.1).unwrap();
    a_new_customer(&model, 14);
    a_customer_with_a_history(&model, 15);
}

#[test]
fn bg_cnbd_is_the_story_it_tells() {
    let model = BgCnbd::new(3, 1.1, 2.0, 0.8, 2.4).unwrap();
    a_new_customer(&model, 10);
    a_customer_with_a_history(&model, 11);
}

#[test]
fn mbg_cnbd_is_the_story_it_tells() {
    let model = MbgCnbd::new(2, 1.3, 2.5, 0.7, 3.0).unwrap();
    a_new_customer(&model, 12);
    a_customer_with_a_history(&model, 13);
}

/// What customers with one history buy after it, played from their last purchase on: rate and coin are known then, in distribution; who is
/// not silent until T is another customer.
fn played<const K: u32>([r, alpha, a, b]: [f64; 4], history: &History, ahead: f64, seed: u64) -> Vec<f64> {
    use rand_distr::{Beta, Distribution, Exp1, Gamma};

    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let x = f64::from(history.frequency());
    let rates = Gamma::new(r + f64::from(K) * x, 1.0 / (alpha + history.recency())).unwrap();
    let coins = Beta::new(a, b + x - 1.0).unwrap();
    let mut counts = Vec::new();
    while counts.len() < 40_000 {
        let (rate, drop_out): (f64, f64) = (rates.sample(&mut rng), coins.sample(&mut rng));
        let (mut time, mut count) = (history.recency(), 0.0);
        let silent = loop {
            if rng.random::<f64>() < drop_out {
                break true;
            }
            time += (0..K).map(|_| -> f64 { Exp1.sample(&mut rng) }).sum::<f64>() / rate;
            if time <= history.age() {
                break false;
            }
            if time > history.age() + ahead {
                break true;
            }
            count += 1.0;
        };
        if silent {
            counts.push(count);
        }
    }
    counts
}

/// The published expectation takes the customer for one of a BG/NBD with the same mean rate, whatever the silence.
fn approximated<const K: u32>([r, alpha, a, b]: [f64; 4], history: &History, ahead: Horizon) -> f64 {
    let stages = BgCnbd::new(K, r, alpha, a, b).unwrap();
    let plain = BgNbd::new(r, f64::from(K) * alpha, a, b).unwrap();
    stages.p_alive(history) * plain.expected_purchases(history, ahead) / plain.p_alive(history)
}

fn exact_and_approximated<const K: u32>(theta: [f64; 4], rows: [(u32, f64, f64, f64); 3]) {
    for (seed, (x, recency, age, ahead)) in rows.into_iter().enumerate() {
        let (history, t) = (History::new(x, recency, age).unwrap(), horizon(ahead));
        let [r, alpha, a, b] = theta;
        let model = BgCnbd::new(K, r, alpha, a, b).unwrap();
        let exact = model.expected_purchases(&history, t);
        let counts = played::<K>(theta, &history, ahead, 20 + seed as u64);
        assert_unbiased(&counts.iter().map(|count| count - exact).collect::<Vec<_>>(), "expected purchases");
        let none: Vec<f64> = counts
            .iter()
            .map(|&count| f64::from(u8::from(count < 0.5)) - model.pmf(&history, t, 0))
            .collect();
        assert_unbiased(&none, "no purchase");
        let published = approximated::<K>(theta, &history, t);
        assert!((exact - published).abs() > 1e-3, "{exact} {published} {history:?}");
    }
}

#[test]
fn expectations_of_regular_customers_are_exact_where_the_published_ones_are_not() {
    exact_and_approximated::<2>(
        [0.9, 1.5, 0.8, 2.4],
        [(4, 20.0, 24.0, 4.0), (2, 30.43, 38.86, 39.0), (9, 36.0, 36.0, 3.0)],
    );
    exact_and_approximated::<4>(
        [1.8, 1.0, 0.5, 3.0],
        [(4, 20.0, 24.0, 4.0), (6, 30.0, 40.0, 26.0), (12, 36.0, 36.0, 2.0)],
    );
}

/// Customers who keep time are told from those who do not.
#[test]
fn the_number_of_stages_is_found() {
    fn chosen(model: &MbgCnbd) -> u32 {
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(model.k()));
        let mut ln_gap_sum = 0.0;
        let histories: Histories = (0..2_000)
            .map(|n| {
                let age = 52.0 - f64::from(n % 13);
                let times = model.simulate(horizon(age), &mut rng);
                let starts = std::iter::once(&0.0).chain(&times);
                ln_gap_sum += starts.zip(&times).map(|(from, to)| (to - from).ln()).sum::<f64>();
                History::new(times.len() as u32, times.last().copied().unwrap_or(0.0), age).unwrap()
            })
            .collect();
        let unknown = choose_k::<true>(&histories, &PurchaseOptions::default()).unwrap_err().to_string();
        assert!(unknown.starts_with("the regularity of purchases needs the times between them"), "{unknown}");
        let known = histories.with_ln_gap_sum(ln_gap_sum).unwrap();
        choose_k::<true>(&known, &PurchaseOptions::default()).unwrap().k()
    }
    assert_eq!(chosen(&MbgCnbd::new(1, 1.3, 5.0, 0.7, 3.0).unwrap()), 1);
    assert_eq!(chosen(&MbgCnbd::new(2, 1.3, 2.5, 0.7, 3.0).unwrap()), 2);
    assert_eq!(chosen(&MbgCnbd::new(5, 1.3, 1.0, 0.7, 3.0).unwrap()), 5);
}

/// Customers born over 13 weeks, watched to week 52.
fn customers<M: Simulate>(model: &M, count: u32, seed: u64) -> Histories {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let history = |n: u32| model.simulate_history(horizon(52.0 - f64::from(n % 13)), &mut rng).unwrap();
    (0..count).map(history).collect()
}

fn recovers<M: Simulate<Data = Histories>>(truth: &M) {
    for seed in 0..20 {
        let fitted: PurchaseFit<M> =
            fit_like(truth, &customers(truth, 3_000, seed), &PurchaseOptions::default()).unwrap();
        assert_eq!(fitted.diagnosis(), [], "seed {seed}");
        for ((name, theta, error), truth) in fitted.parameters().zip(truth.theta().as_ref()) {
            let off = (theta.ln() - truth.ln()).abs() / (error.unwrap() / theta);
            assert!(
                off <= STANDARD_ERRORS,
                "seed {seed}: {name} {theta} is {off} standard errors from {truth}"
            );
        }
    }
}

#[test]
fn fits_recover_the_parameters_behind_the_data() {
    recovers(&BgNbd::new(0.9, 6.0, 0.8, 2.4).unwrap());
    recovers(&MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap());
    recovers(&ParetoNbd::new(1.1, 6.0, 0.9, 25.0).unwrap());
    recovers(&Nbd::new(0.7, 9.0).unwrap());
    recovers(&GompertzNbd::new(1.1, 6.0, 1.2, 8.0, 0.1).unwrap());
    recovers(&BgCnbd::new(3, 0.9, 2.0, 0.8, 2.4).unwrap());
    recovers(&MbgCnbd::new(2, 1.3, 2.5, 0.7, 3.0).unwrap());
}

/// How often intervals of the parameters and of an expectation hold the truth: neither too seldom nor always. With standard errors cut in half it
/// would be 67 % instead of 95 %, and with doubled ones 99.99 %.
fn intervals_cover<M: Simulate<Data = Histories>>(truth: &M, samples: u32, watched: u32) {
    let regular = History::new(4, 40.0, 45.0).unwrap();
    let expected = |model: &M| model.expected_purchases(&regular, horizon(26.0));
    let parameters = M::PARAMETERS.len();
    let mut covered = vec![0_u32; parameters + 1];
    let (mut half_covered, mut twice_covered) = (0_u32, 0_u32);
    for seed in 0..samples {
        let data = customers(truth, watched, 1_000 + u64::from(seed));
        let fitted: PurchaseFit<M> = fit_like(truth, &data, &PurchaseOptions::default()).unwrap();
        for (i, count) in covered.iter_mut().enumerate() {
            let (interval, truth) = if i < parameters {
                (fitted.parameter_interval(i, Level::default()), truth.theta().as_ref()[i])
            } else {
                (fitted.expectation_interval(Level::default(), expected), expected(truth))
            };
            // A parameter that this sample does not hold has no interval, and none is claimed.
            let Some(interval) = interval else { continue };
            *count += u32::from(interval.lower <= truth && truth <= interval.upper);
            let (off, reach) =
                ((truth / interval.estimate).ln().abs(), (interval.upper / interval.estimate).ln());
            half_covered += u32::from(off <= 0.5 * reach);
            twice_covered += u32::from(off <= 2.0 * reach);
        }
    }
    let all = f64::from(samples);
    let good = |count: u32, times: f64, slack: f64| {
        (0.95 - slack..=0.99).contains(&(f64::from(count) / all / times))
    };
    // Each alone within four standard errors, and all together.
    let slack = 4.0 * (0.95 * 0.05 / all).sqrt();
    assert!(covered.iter().all(|&count| f64::from(count) / all >= 0.95 - slack), "{} {covered:?}", M::NAME);
    let times = covered.len() as f64;
    assert!(good(covered.iter().sum(), times, 0.05), "{} {covered:?}", M::NAME);
    assert!(
        !good(half_covered, times, 0.05) && !good(twice_covered, times, 0.05),
        "the test would not notice"
    );
}

#[test]
fn intervals_cover_as_often_as_they_say() {
    intervals_cover(&BgNbd::new(0.9, 6.0, 0.8, 2.4).unwrap(), 100, 2_000);
    intervals_cover(&MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap(), 100, 2_000);
    intervals_cover(&ParetoNbd::new(1.1, 6.0, 0.9, 25.0).unwrap(), 40, 2_000);
    intervals_cover(&Nbd::new(0.7, 9.0).unwrap(), 100, 2_000);
    intervals_cover(&GompertzNbd::new(1.1, 6.0, 1.2, 8.0, 0.1).unwrap(), 25, 2_000);
    intervals_cover(&BgCnbd::new(3, 0.9, 2.0, 0.8, 2.4).unwrap(), 100, 2_000);
    intervals_cover(&MbgCnbd::new(2, 1.3, 2.5, 0.7, 3.0).unwrap(), 100, 2_000);
}

#[test]
fn spend_is_the_story_it_tells_and_is_recovered() {
    let truth = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    for seed in 0..20 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut errors = Vec::new();
        let spends: Spends = Spends::new((0..3_000).map(|n| {
            let seen = 1 + n % 4;
            let values = truth.simulate(seen + 1, &mut rng);
            let spend = Spend::new(seen as u32, values[..seen].iter().sum::<f64>() / seen as f64).unwrap();
            errors.push(values[seen] - truth.expected_spend(&spend).unwrap());
            spend
        }));
        assert_unbiased(&errors, "next purchase");
        let fitted: PurchaseFit<GammaGamma> = fit(&spends, &PurchaseOptions::default()).unwrap();
        assert_eq!(fitted.diagnosis(), [], "seed {seed}");
        for ((name, theta, error), truth) in fitted.parameters().zip(truth.theta()) {
            let off = (theta.ln() - truth.ln()).abs() / (error.unwrap() / theta);
            assert!(
                off <= STANDARD_ERRORS,
                "seed {seed}: {name} {theta} is {off} standard errors from {truth}"
            );
        }
    }
}

#[test]
fn what_a_fit_cannot_know_it_says() {
    // Nobody drops out: the drop-out parameters run away, or tell nothing, and the fit says so.
    let loyal = MbgNbd::new(2.0, 5.0, 1e-7, 50.0).unwrap();
    let fitted: PurchaseFit<MbgNbd> = fit(&customers(&loyal, 2_000, 5), &PurchaseOptions::default()).unwrap();
    let words: Vec<String> = fitted.diagnosis().iter().map(ToString::to_string).collect();
    let tells_nothing = |word: &String| {
        word.starts_with("the likelihood keeps rising as ")
            || word.starts_with("the simpler NBD says as much")
    };
    assert!(words.iter().any(tells_nothing), "{words:?}");
    assert!((fitted.model().r() / 2.0 - 1.0).abs() < 0.2 && (fitted.model().alpha() / 5.0 - 1.0).abs() < 0.2);

    // Everybody bought once: nothing is known about repeat purchases.
    let once = Histories::weighted([
        (History::new(0, 0.0, 30.0).unwrap(), 500),
        (History::new(0, 0.0, 20.0).unwrap(), 400),
    ]);
    let fitted: PurchaseFit<MbgNbd> = fit(&once, &PurchaseOptions::default()).unwrap();
    let words: Vec<String> = fitted.diagnosis().iter().map(ToString::to_string).collect();
    assert!(
        words[0].starts_with("nobody bought again: whether anybody is still a customer cannot be known"),
        "{words:?}"
    );

    let one: PurchaseFit<BgNbd> =
        fit(&Histories::new([History::new(3, 20.0, 30.0).unwrap()]), &PurchaseOptions::default()).unwrap();
    assert!(one.diagnosis()[0].to_string().starts_with("only 1 customer, where at least 100 are needed"));

    let nobody = fit::<BgNbd>(&Histories::new([]), &PurchaseOptions::default()).unwrap_err();
    assert_eq!(nobody.to_string(), "customers must not be empty");
}
