//! Recursions of the hidden Markov model against plain ones in logarithms, over long and lopsided
//! histories.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_lifecycle::Stage;
use crm_lifecycle::hmm::{CountLaw, HmmModel, HmmOptions, Sequences, SpendLaw, Topology, fit_from};
use proptest::collection::vec;
use proptest::prelude::*;

const RELATIVE: f64 = 1e-9;

/// One period: purchases, spend, and the part that was observed.
type Period = (Option<u32>, Option<f64>, f64);

fn ln_sum(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let peak = values.clone().fold(f64::NEG_INFINITY, f64::max);
    if peak.is_infinite() { peak } else { peak + values.map(|value| (value - peak).exp()).sum::<f64>().ln() }
}

/// The log-density of a period in a state, from the textbook.
fn ln_density(law: CountLaw, spend: Option<SpendLaw>, (count, paid, exposure): Period) -> f64 {
    let Some(count) = count else { return 0.0 };
    let (n, mean) = (f64::from(count), law.mean() * exposure);
    let counted = match law.shape() {
        None => n * mean.ln() - mean - libm::lgamma(n + 1.0),
        Some(r) => {
            libm::lgamma(n + r) - libm::lgamma(r) - libm::lgamma(n + 1.0) + n * (mean / (r + mean)).ln()
                - r * (mean / r).ln_1p()
        }
    };
    match (spend, paid) {
        (Some(law), Some(total)) if count > 0 => {
            let (shape, rate) = (n * law.shape(), law.shape() / law.mean());
            counted + shape * rate.ln() + (shape - 1.0) * total.ln() - rate * total - libm::lgamma(shape)
        }
        _ => counted,
    }
}

/// Log-likelihood, filtered and smoothed probabilities, in logarithms throughout.
fn reference(model: &HmmModel, periods: &[Period]) -> (f64, Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let size = model.states();
    let step = |i: usize, j: usize| model.transition()[i * size + j].ln();
    let spend = |k: usize| model.spend().map(|laws| laws[k]);
    let density: Vec<Vec<f64>> = periods
        .iter()
        .map(|period| (0..size).map(|k| ln_density(model.counts()[k], spend(k), *period)).collect())
        .collect();
    let mut forward: Vec<Vec<f64>> = Vec::new();
    for row in &density {
        let next = match forward.last() {
            None => (0..size).map(|k| model.initial()[k].ln() + row[k]).collect(),
            Some(last) => {
                (0..size).map(|j| ln_sum((0..size).map(|i| last[i] + step(i, j))) + row[j]).collect()
            }
        };
        forward.push(next);
    }
    let mut backward = vec![vec![0.0; size]; periods.len()];
    for at in (1..periods.len()).rev() {
        for i in 0..size {
            backward[at - 1][i] = ln_sum((0..size).map(|j| step(i, j) + density[at][j] + backward[at][j]));
        }
    }
    let total = ln_sum(forward.last().unwrap().iter().copied());
    let shares = |row: &[f64]| {
        let all = ln_sum(row.iter().copied());
        row.iter().map(|ln| (ln - all).exp()).collect::<Vec<f64>>()
    };
    let filtered = forward.iter().map(|row| shares(row)).collect();
    let both =
        forward.iter().zip(&backward).map(|(a, b)| a.iter().zip(b).map(|(a, b)| a + b).collect::<Vec<f64>>());
    (total, filtered, both.map(|row| shares(&row)).collect())
}

fn data(periods: &[Period]) -> Sequences {
    let counts: Vec<Option<u32>> = periods.iter().map(|period| period.0).collect();
    let spend: Vec<Option<f64>> = periods.iter().map(|period| period.1).collect();
    let exposure: Vec<f64> = periods.iter().map(|period| period.2).collect();
    let mut data = Sequences::default();
    data.push_with_exposure(&counts, &spend, &exposure).unwrap();
    data
}

fn poisson(rates: &[f64], initial: &[f64], steps: &[f64]) -> HmmModel {
    let laws: Vec<CountLaw> = rates.iter().map(|&rate| CountLaw::poisson(rate).unwrap()).collect();
    let names = (0..rates.len()).map(|state| (format!("s{state}"), Stage::ALL[state]));
    HmmModel::new(Topology::full(names).unwrap(), initial, steps, &laws).unwrap()
}

fn check(model: &HmmModel, periods: &[Period]) {
    let seen = data(periods);
    let (total, filtered, smoothed) = reference(model, periods);
    let found = model.ln_likelihood(&seen).unwrap();
    let scale = RELATIVE * total.abs().max(1.0);
    assert!((found - total).abs() <= scale, "{found}, not {total}");
    let path = model.path(&seen, 0).unwrap();
    assert!(found >= path.ln_probability - scale, "{found} is below the best path, {}", path.ln_probability);
    // Of logarithms in the thousands the reference itself has lost digits.
    let near = 1e-9_f64.max(1e-14 * total.abs());
    let pairs =
        [(model.filtered(&seen, 0).unwrap(), filtered), (model.smoothed(&seen, 0).unwrap(), smoothed)];
    for (found, wanted) in &pairs {
        assert_eq!(found.periods().len(), periods.len());
        for (row, wanted) in found.periods().zip(wanted) {
            assert!((row.iter().sum::<f64>() - 1.0).abs() <= 1e-12, "{row:?}");
            assert!(row.iter().zip(wanted).all(|(p, q)| (p - q).abs() <= near), "{row:?}, not {wanted:?}");
        }
    }
    let now = model.standings(&seen).unwrap();
    assert!(now.last().iter().zip(pairs[0].0.last()).all(|(a, b)| a.to_bits() == b.to_bits()));
}

fn blocks(blocks: &[(usize, u32)]) -> Vec<Period> {
    blocks.iter().flat_map(|&(length, count)| vec![(Some(count), None, 1.0); length]).collect()
}

/// The state that explains the end has been all but impossible for most of the history.
#[test]
fn a_state_comes_back_from_beyond_the_range_of_doubles() {
    let stay = [1.0, 0.0, 0.0, 1.0];
    for (rates, history, wanted, last) in [
        // By hand: 90 zeros and 60 tens in each state, half of the customers each.
        ([10.0, 1.0], blocks(&[(90, 0), (60, 10)]), -1_025.41, [1.0, 2e-14]),
        ([50.0, 5.0], blocks(&[(20, 0), (20, 50)]), -1_058.23, [1.0, 0.0]),
    ] {
        let model = poisson(&rates, &[0.5, 0.5], &stay);
        check(&model, &history);
        let seen = data(&history);
        assert!((model.ln_likelihood(&seen).unwrap() - wanted).abs() < 0.01);
        for now in [model.filtered(&seen, 0).unwrap(), model.smoothed(&seen, 0).unwrap()] {
            assert!((now.last()[0] - last[0]).abs() < 1e-12 && (now.last()[1] - last[1]).abs() < 1e-14);
        }
        // Nobody can have changed: the likelihood is that of the two kinds of customers.
        let alone = |rate: f64| {
            history
                .iter()
                .map(|period| ln_density(CountLaw::poisson(rate).unwrap(), None, *period))
                .sum::<f64>()
        };
        let by_hand = ln_sum([alone(rates[0]), alone(rates[1])].into_iter()) - 2.0_f64.ln();
        assert!((model.ln_likelihood(&seen).unwrap() - by_hand).abs() < 1e-9 * by_hand.abs());
    }
}

/// What a step learns from such customers is right, too: a mean over the customers of a state.
#[test]
fn a_step_of_baum_welch_keeps_what_underflows() {
    let histories = [blocks(&[(90, 0), (60, 10)]), blocks(&[(140, 1)]), blocks(&[(60, 10), (90, 0)])];
    let mut seen = Sequences::default();
    for history in &histories {
        seen.push(&history.iter().map(|period| period.0).collect::<Vec<_>>()).unwrap();
    }
    let model = poisson(&[10.0, 1.0], &[0.5, 0.5], &[1.0, 0.0, 0.0, 1.0]);
    let (_, next) = model.improved(&seen).unwrap();
    // Kinds of customers: the first and the third are of the first kind but for 2e-14.
    assert!((next.initial()[0] - 2.0 / 3.0).abs() < 1e-12);
    assert!((next.counts()[0].mean() - 4.0).abs() < 1e-9 && (next.counts()[1].mean() - 1.0).abs() < 1e-9);
    let fitted = fit_from(&model, &seen, &HmmOptions::default()).unwrap();
    assert!(fitted.ln_likelihood().is_finite());
    assert!(fitted.errors().mean.iter().flatten().all(|error| error.is_finite()));
}

/// Any chain of two to four states, with steps and starts that may be impossible, or the identity.
fn model() -> impl Strategy<Value = HmmModel> {
    let weight = prop_oneof![2 => Just(0.0), 3 => 0.0..1.0_f64, 2 => (-40.0..0.0_f64).prop_map(f64::exp)];
    let rate = (-3.0..3.0_f64).prop_map(|ln| 10.0_f64.powf(ln));
    let shape = prop_oneof![Just(None), (-2.0..4.0_f64).prop_map(|ln| Some(10.0_f64.powf(ln)))];
    let spend = ((-1.0..3.0_f64).prop_map(|ln| 10.0_f64.powf(ln)), 0.1..20.0_f64);
    (2_usize..=4, vec(weight, 20), vec((rate, shape, spend), 4), any::<bool>(), any::<bool>()).prop_map(
        |(size, weights, laws, identity, with_spend)| {
            let row = |weights: &[f64], own: Option<usize>| {
                let mut row = weights[..size].to_vec();
                if let (true, Some(own)) = (identity, own) {
                    row.iter_mut().for_each(|p| *p = 0.0);
                    row[own] = 1.0;
                }
                let sum: f64 = row.iter().sum();
                if sum > 0.0 {
                    row.iter_mut().for_each(|p| *p /= sum);
                } else {
                    row[own.unwrap_or(size - 1)] = 1.0;
                }
                row
            };
            let initial = row(&weights[16..20], None);
            let steps: Vec<f64> =
                (0..size).flat_map(|from| row(&weights[from * 4..][..4], Some(from))).collect();
            let counts: Vec<CountLaw> = laws[..size]
                .iter()
                .map(|&(rate, shape, _)| match shape {
                    None => CountLaw::poisson(rate).unwrap(),
                    Some(shape) => CountLaw::negative_binomial(rate, shape).unwrap(),
                })
                .collect();
            let spend: Vec<SpendLaw> = laws[..size]
                .iter()
                .map(|&(_, _, (mean, shape))| SpendLaw::gamma(mean, shape).unwrap())
                .collect();
            let names = (0..size).map(|state| (format!("s{state}"), Stage::ALL[state]));
            let model = HmmModel::new(Topology::full(names).unwrap(), &initial, &steps, &counts).unwrap();
            if with_spend { model.with_spend(&spend).unwrap() } else { model }
        },
    )
}

/// Up to 300 periods in blocks of one level, up to 1 000 purchases each; some missing, some in
/// part, some with spend.
fn history() -> impl Strategy<Value = Vec<Period>> {
    let level = prop_oneof![2 => Just(0_u32), 2 => 0..12_u32, 1 => 0..=1_000_u32];
    let block = (1_usize..100, level, 0..3_u32);
    let noise = (0..100_u32, 0..3_u32, 0.01..500.0_f64, 0.01..1.0_f64);
    (vec(block, 1..8), vec(noise, 300), any::<bool>()).prop_map(|(blocks, noise, rough)| {
        let levels = blocks.iter().flat_map(|&(length, level, spread)| vec![(level, spread); length]);
        let one = |((level, spread), (chance, jump, paid, part)): ((u32, u32), (u32, u32, f64, f64))| {
            let count = (level + jump * spread).min(1_000);
            let known = (!rough || chance >= 5).then_some(count);
            let spend = (rough && chance % 3 == 0).then_some(paid * f64::from(count.max(1)));
            (known, spend, if rough && chance % 10 == 7 { part } else { 1.0 })
        };
        levels.take(300).zip(noise).map(one).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Models and histories are drawn apart from each other, so that most histories are all but
    /// impossible.
    #[test]
    fn recursions_hold_for_any_model_and_history(model in model(), history in history()) {
        check(&model, &history);
    }

    /// Learning from them ends on numbers, and never falls.
    #[test]
    fn learning_never_meets_what_is_not_a_number(
        model in model(),
        histories in vec(history(), 1..4),
    ) {
        let mut seen = Sequences::default();
        for history in &histories {
            let counts: Vec<Option<u32>> = history.iter().map(|period| period.0).collect();
            let spend: Vec<Option<f64>> = history.iter().map(|period| period.1).collect();
            let exposure: Vec<f64> = history.iter().map(|period| period.2).collect();
            seen.push_with_exposure(&counts, &spend, &exposure).unwrap();
        }
        let options = HmmOptions::default().with_max_iterations(6).with_tolerance(0.0);
        let fitted = fit_from(&model, &seen, &options).unwrap();
        for pair in fitted.climb().windows(2) {
            prop_assert!(pair[1] >= pair[0] - RELATIVE * pair[0].abs().max(1.0), "{:?}", pair);
        }
        let learnt = fitted.model();
        let all = learnt.transition().iter().chain(learnt.initial()).copied();
        prop_assert!(all.chain(learnt.counts().iter().map(CountLaw::mean)).all(f64::is_finite));
    }
}
