//! What is learnt from simulated customers against what they were simulated from.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use crm_lifecycle::hmm::{Counts, Design, HmmFit, HmmModel, HmmOptions, Sequences, Termination, fit};
use crm_lifecycle::{Stage, StageRules, StageThreshold};
use support::{decoded, simulate, truth, truth_with_spend};

/// How far an estimate may be from the truth, in standard errors.
const ERRORS: f64 = 4.0;
/// How much worse than with the true parameters stages may be decoded.
const POINTS: f64 = 0.02;

fn assert_within(name: &str, estimates: &[f64], truths: &[f64], errors: &[Option<f64>], seed: u64) -> usize {
    let mut known = 0;
    for (at, ((estimate, truth), error)) in estimates.iter().zip(truths).zip(errors).enumerate() {
        let Some(error) = error else { continue };
        known += 1;
        let off = (estimate - truth) / error;
        assert!(off.abs() <= ERRORS, "seed {seed}, {name} {at}: {estimate} +- {error}, not {truth}");
    }
    known
}

fn means(fitted: &HmmFit) -> Vec<f64> {
    fitted.model().counts().iter().map(|law| law.mean()).collect()
}

/// The share of customers whose stage in the last period is told rightly by the model, and by the rules with cuts for
/// weeks.
fn standings(model: &HmmModel, data: &Sequences, paths: &[Vec<u8>]) -> (f64, f64) {
    let rules = StageRules::default()
        .with_threshold(StageThreshold::Tenure, 15.0)
        .unwrap()
        .with_usual_gap(2.0)
        .unwrap();
    let (mut by_model, mut by_rules) = (0, 0);
    for (customer, (path, sequence)) in paths.iter().zip(data.iter()).enumerate() {
        let truth = Stage::ALL[usize::from(path[path.len() - 1])];
        by_model += u32::from(model.standing(data, customer).unwrap().stage == truth);
        // Purchases of a week spread evenly over it; the week of the start counts as the first one.
        let mut times = vec![0.0];
        for (week, count) in sequence.counts().enumerate() {
            let count = count.unwrap_or(0);
            times.extend((0..count).map(|n| week as f64 + f64::from(n + 1) / f64::from(count + 1)));
        }
        by_rules += u32::from(rules.standing(&times, path.len() as f64).unwrap().stage == truth);
    }
    let all = paths.len() as f64;
    (f64::from(by_model) / all, f64::from(by_rules) / all)
}

/// 400 customers of 30 to 60 periods, rates 0.8, 2.5, 6 and 0.1, expected stays of 6.7, 8.3, 20 and 10 periods.
#[test]
fn rates_and_steps_of_twenty_simulations() {
    let truth = truth();
    let rates: Vec<f64> = truth.counts().iter().map(|law| law.mean()).collect();
    for seed in 0..20 {
        let (data, paths) = simulate(&truth, 400, seed);
        let options = HmmOptions::default().with_screened(0).with_starts(1).with_seed(seed);
        let fitted = fit(&Design::default(), &data, &options).unwrap();
        assert_eq!(fitted.termination(), Termination::Converged);
        let errors = fitted.errors();
        // Every rate and every free step has an error; what is fixed has none.
        assert_eq!(assert_within("rate", &means(&fitted), &rates, &errors.mean, seed), 4);
        let steps = fitted.model().transition();
        assert_eq!(assert_within("step", steps, truth.transition(), &errors.transition, seed), 11);
        let (learnt, best) = (decoded(fitted.model(), &data, &paths), decoded(&truth, &data, &paths));
        assert!(learnt >= best - POINTS, "seed {seed}: {learnt}, {best} with the truth");
        let (model, rules) = standings(fitted.model(), &data, &paths);
        assert!(model > rules, "seed {seed}: {model} by the model, {rules} by rules");
    }
}

/// 300 customers with negative-binomial counts and gamma spend, some of it unknown.
#[test]
fn shapes_and_spends() {
    let truth = truth_with_spend();
    for seed in 0..3 {
        let (data, paths) = simulate(&truth, 300, 100 + seed);
        let design = Design::default().with_counts(Counts::NegativeBinomial).with_spend();
        let fitted = fit(&design, &data, &HmmOptions::default().with_screened(0).with_starts(1)).unwrap();
        let errors = fitted.errors();
        let of = |f: &dyn Fn(usize) -> f64| (0..4).map(f).collect::<Vec<f64>>();
        let (found, spend) = (fitted.model(), fitted.model().spend().unwrap());
        let (wanted, paid) = (&truth, truth.spend().unwrap());
        let means = of(&|k| wanted.counts()[k].mean());
        assert_eq!(assert_within("mean", &of(&|k| found.counts()[k].mean()), &means, &errors.mean, seed), 4);
        let shapes = of(&|k| wanted.counts()[k].shape().unwrap());
        let learnt = of(&|k| found.counts()[k].shape().unwrap());
        assert!(assert_within("shape", &learnt, &shapes, &errors.shape, seed) >= 3);
        let (learnt, means) = (of(&|k| spend[k].mean()), of(&|k| paid[k].mean()));
        assert_eq!(assert_within("spend", &learnt, &means, &errors.spend_mean, seed), 4);
        let (learnt, shapes) = (of(&|k| spend[k].shape()), of(&|k| paid[k].shape()));
        assert_eq!(assert_within("shape of the spend", &learnt, &shapes, &errors.spend_shape, seed), 4);
        assert!(decoded(found, &data, &paths) >= decoded(wanted, &data, &paths) - POINTS);
    }
}
