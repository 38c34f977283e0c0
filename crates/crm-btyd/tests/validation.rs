//! Forecasts against what happened, for made-up customers whose law is known and for CDNOW.
#![cfg(feature = "rand")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says that it skips"
)]

mod support;

use crm_btyd::fit::fit_like;
use crm_btyd::{
    BgCnbd, BgNbd, GompertzNbd, Histories, History, Horizon, Level, MbgCnbd, MbgNbd, Nbd, ParetoNbd,
    PurchaseFit, PurchaseModel, PurchaseOptions, Repeat, Simulate, fit,
    validation::{Bin, Gaps, Holdout, ModelCandidate, Ranking, RankingCriterion, Regularity, compare},
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Gamma};
use support::{assert_published, cdnow, day, weeks};

fn horizon(length: f64) -> Horizon {
    Horizon::new(length).unwrap()
}

fn level(share: f64) -> Level {
    Level::new(share).unwrap()
}

/// Customers watched for 39 weeks, and what they did in the next ones.
fn lives<M: Simulate>(truth: &M, customers: usize, weeks: f64, seed: u64) -> Holdout {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let rows = (0..customers).map(|n| {
        let seen = 39.0 - (n % 13) as f64;
        let times = truth.simulate(horizon(seen + weeks), &mut rng);
        let before: Vec<f64> = times.iter().copied().filter(|&time| time <= seen).collect();
        let last = before.last().copied().unwrap_or(0.0);
        let history = History::new(before.len() as u32, last, seen).unwrap();
        (history, (times.len() - before.len()) as u32)
    });
    Holdout::new(rows.collect::<Vec<_>>(), horizon(weeks)).unwrap()
}

fn fitted<M: PurchaseModel<Data = Histories> + Repeat>(holdout: &Holdout) -> PurchaseFit<M> {
    fit::<M>(holdout.calibration(), &PurchaseOptions::default()).unwrap()
}

/// Intervals hold as many customers as they should: neither fewer nor more than the law behind the data says, and no end of one could be moved
/// inwards.
fn predictive_intervals_cover<M: Simulate<Data = Histories>>(truth: &M, seed: u64) {
    let holdout = lives(truth, 2_000, 26.0, seed);
    let fitted = fit_like(truth, holdout.calibration(), &PurchaseOptions::default()).unwrap();
    let horizon = holdout.horizon();
    for share in [0.5, 0.9, 0.99] {
        let mut intervals = vec![None; holdout.customers().len()];
        fitted.predictive_intervals(holdout.customers(), horizon, level(share), &mut intervals).unwrap();
        let coverage = holdout.coverage(&intervals).unwrap();
        assert_eq!(coverage.customers, 2_000);
        // What the truth expects below, within and above, and at the ends themselves.
        let (mut below, mut above, mut lowest, mut highest) = (0.0, 0.0, 0.0, 0.0);
        for (history, interval) in holdout.customers().iter().zip(&intervals) {
            let interval = interval.unwrap();
            below += 1.0 - truth.p_at_least(history, horizon, interval.lower);
            above += truth.p_at_least(history, horizon, interval.upper + 1);
            lowest += truth.pmf(history, horizon, interval.lower);
            highest += truth.pmf(history, horizon, interval.upper);
        }
        let [below, above, lowest, highest] = [below, above, lowest, highest].map(|sum: f64| sum / 2_000.0);
        // Four standard errors of a share over so many customers.
        let near = |seen: u64, expected: f64| {
            let error = (expected.max(1e-3) * (1.0 - expected) / 2_000.0).sqrt();
            assert!(
                (seen as f64 / 2_000.0 - expected).abs() <= 4.0 * error,
                "{} {share}: {expected} {coverage:?}",
                M::NAME
            );
        };
        near(coverage.below, below);
        near(coverage.above, above);
        near(coverage.customers - coverage.below - coverage.above, 1.0 - below - above);
        // Counts are whole: the tail is at most half of the rest, and with the end itself it would be more. A tenth is for the fit.
        let half = 0.5 * (1.0 - share);
        assert!(below <= 1.1 * half && above <= 1.1 * half, "{} {share}: {below} {above}", M::NAME);
        assert!(
            below + lowest >= 0.9 * half && above + highest >= 0.9 * half,
            "{} {share}: {below} {lowest} {above} {highest}",
            M::NAME
        );
    }
}

#[test]
fn predictive_intervals_hold_what_happens() {
    predictive_intervals_cover(&BgNbd::new(0.9, 6.0, 0.8, 2.4).unwrap(), 1);
    predictive_intervals_cover(&MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap(), 2);
    predictive_intervals_cover(&ParetoNbd::new(1.1, 6.0, 0.9, 25.0).unwrap(), 3);
    predictive_intervals_cover(&Nbd::new(0.7, 9.0).unwrap(), 4);
    predictive_intervals_cover(&GompertzNbd::new(1.1, 6.0, 1.2, 8.0, 0.1).unwrap(), 5);
    predictive_intervals_cover(&BgCnbd::new(3, 0.9, 2.0, 0.8, 2.4).unwrap(), 6);
    predictive_intervals_cover(&MbgCnbd::new(2, 1.3, 2.5, 0.7, 3.0).unwrap(), 7);
}

/// Many counts in one place: the interval is the quantiles of the pmf, and many at once are one by one.
#[test]
fn an_interval_is_the_quantiles_of_the_distribution() {
    let holdout = lives(&MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap(), 200_000, 26.0, 5);
    let fitted = fitted::<MbgNbd>(&holdout);
    let some: Vec<History> = holdout.customers().iter().copied().step_by(997).collect();
    let mut all = vec![None; some.len()];
    fitted.predictive_intervals(&some, horizon(26.0), level(0.8), &mut all).unwrap();
    for (history, interval) in some.iter().zip(all) {
        let interval = interval.unwrap();
        assert_eq!(fitted.predictive_interval(history, horizon(26.0), level(0.8)), Some(interval));
        // So many customers leave hardly any doubt about the parameters.
        let cdf = |n: u32| (0..=n).map(|n| fitted.model().pmf(history, horizon(26.0), n)).sum::<f64>();
        assert!(cdf(interval.upper) > 0.899 && cdf(interval.lower) > 0.099, "{interval} {history:?}");
        assert!(interval.upper == 0 || cdf(interval.upper - 1) < 0.901, "{interval} {history:?}");
        assert!(interval.lower == 0 || cdf(interval.lower - 1) < 0.101, "{interval} {history:?}");
    }
    assert!(fitted.predictive_intervals(&some, horizon(1.0), level(0.8), &mut []).is_err());
}

/// Few customers leave the parameters in doubt, and the interval of a count is wider for it.
#[test]
fn doubt_about_the_parameters_widens_the_interval_of_a_count() {
    let truth = MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap();
    let sketch = fitted::<MbgNbd>(&lives(&truth, 120, 26.0, 11));
    let years = horizon(500.0);
    let (mut with_doubt, mut without) = (0, 0);
    for x in [3, 6, 9, 12] {
        let regular = History::new(x, 38.0, 39.0).unwrap();
        let (mut sum, mut n) = (0.0, 0);
        while sum < 0.975 {
            sum += sketch.model().pmf(&regular, years, n);
            n += 1;
        }
        without += n - 1;
        with_doubt += sketch.predictive_interval(&regular, years, Level::default()).unwrap().upper;
    }
    assert!(with_doubt > without, "{with_doubt} {without}");
}

/// The total over all customers; with standard errors of the parameters cut in half its interval would not hold what it says.
#[test]
fn the_total_of_the_holdout_lies_in_its_interval_as_often_as_it_says() {
    let truth = MbgNbd::new(1.3, 5.0, 0.7, 3.0).unwrap();
    let samples = 200;
    let (mut covered, mut half_covered) = (0, 0);
    for seed in 0..samples {
        let holdout = lives(&truth, 1_000, 104.0, 500 + seed);
        let fitted = fitted::<MbgNbd>(&holdout);
        let (customers, horizon) = (holdout.customers(), holdout.horizon());
        let interval = fitted.predictive_total(customers, horizon, Level::default()).unwrap();
        let actual: f64 = holdout.actual().iter().map(|&n| f64::from(n)).sum();
        covered += u32::from((interval.lower..=interval.upper).contains(&actual));
        let half = 0.5 * (interval.upper - interval.estimate);
        half_covered += u32::from((actual - interval.estimate).abs() <= half);
    }
    let share = |count: u32| f64::from(count) / samples as f64;
    assert!((0.90..=0.995).contains(&share(covered)), "{covered}");
    assert!(!(0.90..=0.995).contains(&share(half_covered)), "the test would not notice half the errors");
}

#[test]
fn the_model_behind_the_data_beats_the_others_and_its_deciles_are_calibrated() {
    let truth = ParetoNbd::new(1.1, 6.0, 0.9, 25.0).unwrap();
    let holdout = lives(&truth, 20_000, 52.0, 7);
    let candidates = [ModelCandidate::new::<Nbd>(), ModelCandidate::new::<ParetoNbd>()];
    let comparison = compare(&holdout, &candidates, &PurchaseOptions::default()).unwrap();
    for criterion in [RankingCriterion::Rmse, RankingCriterion::Auc, RankingCriterion::Msle] {
        let ranking = comparison.ranked(criterion);
        assert_eq!(ranking.places()[0].name, "Pareto/NBD", "{ranking}");
        assert!(ranking.verdict().contains("Pareto/NBD does best"), "{ranking}");
    }
    let trial = comparison.trials().iter().find(|trial| trial.name == "Pareto/NBD").unwrap();
    let bins = Bin::cut(&trial.predicted, holdout.actual(), 10).unwrap();
    for bin in &bins {
        // 2 000 customers each: the mean of a count is known to about this.
        let error = 4.0 * ((bin.actual + bin.actual * bin.actual + 0.01) / 2_000.0).sqrt();
        assert!((bin.predicted - bin.actual).abs() < error, "{bin:?}");
    }
    assert!(bins.windows(2).all(|pair| pair[0].lift > pair[1].lift - 0.05), "{bins:?}");
    assert!((trial.accuracy.top_decile.unwrap() - bins[0].captured).abs() < 1e-12);
    for group in holdout.by_frequency(&trial.predicted, 7).unwrap() {
        let error = 4.0 * ((group.actual + group.actual.powi(2) + 0.01) / group.customers as f64).sqrt();
        assert!((group.predicted - group.actual).abs() < error, "{group:?}");
    }
}

/// Gaps of known shape for customers of very different rates, cut off by the end of the observation.
#[test]
fn regularity_is_recovered_whatever_the_rates_and_the_end() {
    for (k, seed) in [(0.5, 1), (1.0, 2), (2.0, 3), (5.0, 4)] {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (rates, gap) = (Gamma::new(0.8, 1.0).unwrap(), Gamma::new(k, 1.0 / k).unwrap());
        let customers = (0..20_000).map(|_| {
            let rate: f64 = rates.sample(&mut rng);
            let mut gaps: Vec<f64> = Vec::new();
            let mut time = 0.0;
            loop {
                let wait: f64 = gap.sample(&mut rng) / rate;
                time += wait;
                if time > 6.0 || wait < 1e-9 {
                    return Gaps::new(&gaps).unwrap();
                }
                gaps.push(wait);
            }
        });
        let regularity = Regularity::new(customers.collect::<Vec<_>>()).unwrap();
        let interval = regularity.interval(level(0.9999)).unwrap();
        assert!(interval.lower < k && k < interval.upper, "{k}: {regularity}");
        let (pairs, error) =
            (regularity.wheat_morrison().unwrap(), regularity.wheat_morrison_error().unwrap());
        assert!((pairs - k).abs() < 4.0 * error, "{k}: {regularity}");
        assert_eq!(regularity.is_random(level(0.9999)), (k - 1.0_f64).abs() < 0.1);
        if k >= 1.0 {
            assert_eq!(regularity.erlang(), k as u32);
        }
    }
}

#[test]
fn cdnow_is_compared_and_a_naive_rule_wins_by_one_figure() {
    let Some(ledger) = cdnow() else { return };
    let split = ledger.split(&weeks((1998, 6, 30)), day(1997, 9, 30)).unwrap();
    let holdout = Holdout::from_split(&split).unwrap();
    let candidates = [
        ModelCandidate::new::<BgNbd>(),
        ModelCandidate::new::<MbgNbd>(),
        ModelCandidate::new::<ParetoNbd>(),
        ModelCandidate::new::<Nbd>(),
    ];
    let comparison = compare(&holdout, &candidates, &PurchaseOptions::default()).unwrap();
    assert!(comparison.failures().is_empty());
    let names = |criterion| -> Vec<String> {
        let ranking = comparison.ranked(criterion);
        ranking.places().iter().take(3).map(|place| place.name.clone()).collect()
    };
    assert_eq!(names(RankingCriterion::Rmse), ["Pareto/NBD", "MBG/NBD", "BG/NBD"]);
    assert_eq!(names(RankingCriterion::Auc)[0], "Pareto/NBD");
    assert_eq!(names(RankingCriterion::Msle)[0], "MBG/NBD");
    assert!(names(RankingCriterion::Mae)[0] != "nothing", "{}", comparison.ranked(RankingCriterion::Mae));
    let figure = |name: &str, criterion: RankingCriterion| {
        let trial = comparison.trials().iter().find(|trial| trial.name == name).unwrap();
        criterion.value_of(&trial.accuracy).unwrap()
    };
    assert_published(figure("Pareto/NBD", RankingCriterion::Rmse), "1.6028", "RMSE");
    assert_published(figure("nothing", RankingCriterion::Mae), "0.7985", "MAE of nothing");
    assert_published(figure("same_again", RankingCriterion::Mae), "0.8973", "MAE of the same again");
    // The total alone says little: a rule that knows no model comes nearest.
    let by_bias = comparison.ranked(RankingCriterion::Bias);
    assert_eq!(by_bias.places()[0].name, "recent_only");
    assert!(by_bias.to_string().contains("no model is worth its trouble here"), "{by_bias}");
    // Predictive intervals of everybody.
    for trial in comparison.trials().iter().filter(|trial| trial.name != "NBD") {
        let Some(model) = &trial.model else { continue };
        let mut intervals = vec![None; holdout.customers().len()];
        model
            .predictive_intervals(holdout.customers(), holdout.horizon(), level(0.9), &mut intervals)
            .unwrap();
        let coverage = holdout.coverage(&intervals).unwrap();
        assert!((0.88..0.98).contains(&coverage.share().unwrap()), "{} {coverage:?}", trial.name);
    }
}

#[test]
fn cdnow_from_three_origins() {
    let Some(ledger) = cdnow() else { return };
    let holdouts = Holdout::rolling(&ledger, &weeks((1998, 6, 30)), 3, 13 * 7, 13 * 7).unwrap();
    let candidates = [ModelCandidate::new::<MbgNbd>(), ModelCandidate::new::<Nbd>()];
    let comparisons: Vec<_> = holdouts
        .iter()
        .map(|holdout| compare(holdout, &candidates, &PurchaseOptions::default()).unwrap())
        .collect();
    let actual: Vec<u64> =
        comparisons.iter().map(|comparison| comparison.trials()[0].accuracy.actual_total).collect();
    // The last three quarters of the holdout hold all of its purchases.
    assert_eq!(actual.iter().sum::<u64>(), 1_882);
    let ranking = Ranking::over(&comparisons, RankingCriterion::Rmse);
    assert_eq!((ranking.origins(), ranking.places()[0].name.as_str()), (3, "MBG/NBD"), "{ranking}");
    assert!(ranking.to_string().contains("origins"), "{ranking}");
}

/// "No regularity detected for CDNOW": the gaps look like chance, or come in bursts.
#[test]
fn cdnow_is_not_regular() {
    let Some(ledger) = cdnow() else { return };
    let summaries = ledger.summarize(&weeks((1997, 9, 30))).unwrap();
    let regularity = Regularity::from_summaries(&summaries).unwrap();
    assert!(
        regularity.is_random(Level::default()) && regularity.k() < 1.1 && regularity.erlang() == 1,
        "{regularity}"
    );
}
