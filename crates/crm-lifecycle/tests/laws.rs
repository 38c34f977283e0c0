//! What must hold for any customers and any parameters.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_lifecycle::hmm::{
    CountLaw, Counts, Design, HmmModel, HmmOptions, Sequences, SpendLaw, Topology, fit, fit_from,
};
use crm_lifecycle::{Chain, ChainTerm, Stage, StageReason, StageRules, StageThreshold};
use proptest::collection::vec;
use proptest::prelude::*;

const RELATIVE: f64 = 1e-9;

/// Purchases and spend of one customer by period.
type History = Vec<(Option<u32>, Option<f64>)>;

fn history(periods: std::ops::Range<usize>) -> impl Strategy<Value = History> {
    let count =
        prop_oneof![1 => Just(None), 6 => (0_u32..8).prop_map(Some), 1 => (0_u32..3000).prop_map(Some)];
    vec((count, prop_oneof![Just(None), (0.1..500.0_f64).prop_map(Some)]), periods)
}

fn sequences(histories: &[History]) -> Sequences {
    let mut data = Sequences::default();
    for history in histories {
        let (counts, spend): (Vec<_>, Vec<_>) = history.iter().copied().unzip();
        data.push_with_spend(&counts, &spend).unwrap();
    }
    data
}

fn names(size: usize) -> Vec<(String, Stage)> {
    (0..size).map(|state| (format!("s{state}"), Stage::ALL[state % 4])).collect()
}

/// Any parameters of one to four states; some steps are impossible.
fn model() -> impl Strategy<Value = HmmModel> {
    (1_usize..=4).prop_flat_map(|size| {
        let weight = prop_oneof![1 => Just(0.0), 4 => 0.01..1.0_f64];
        let rate = prop_oneof![0.001..0.1_f64, 0.1..10.0_f64, 100.0..3000.0_f64];
        let law = (rate, prop_oneof![Just(None), (0.2..20.0_f64).prop_map(Some)]);
        (vec(weight, size * (size + 1)), vec(law, size), vec((1.0..100.0_f64, 0.3..5.0_f64), size)).prop_map(
            move |(mut weights, laws, spend)| {
                for (at, row) in weights.chunks_mut(size).enumerate() {
                    row[at % size] += 0.05;
                    let sum: f64 = row.iter().sum();
                    row.iter_mut().for_each(|p| *p /= sum);
                }
                let laws: Vec<CountLaw> = laws
                    .into_iter()
                    .map(|(mean, shape)| match shape {
                        None => CountLaw::poisson(mean).unwrap(),
                        Some(shape) => CountLaw::negative_binomial(mean, shape).unwrap(),
                    })
                    .collect();
                let spend: Vec<SpendLaw> =
                    spend.into_iter().map(|(mean, shape)| SpendLaw::gamma(mean, shape).unwrap()).collect();
                let (initial, steps) = weights.split_at(size);
                let model =
                    HmmModel::new(Topology::full(names(size)).unwrap(), initial, steps, &laws).unwrap();
                model.with_spend(&spend).unwrap()
            },
        )
    })
}

fn ln_sum(values: &[f64]) -> f64 {
    let peak = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if peak.is_infinite() {
        peak
    } else {
        peak + values.iter().map(|value| (value - peak).exp()).sum::<f64>().ln()
    }
}

/// The log-density of one period in one state, from the densities themselves.
fn ln_density(model: &HmmModel, state: usize, (count, spend): (Option<u32>, Option<f64>)) -> f64 {
    let Some(count) = count else { return 0.0 };
    let counted = model.counts()[state].ln_probability(count);
    match (count, spend) {
        (1.., Some(total)) => {
            let law = model.spend().unwrap()[state];
            let (shape, rate) = (f64::from(count) * law.shape(), law.shape() / law.mean());
            counted + shape * rate.ln() + (shape - 1.0) * total.ln() - rate * total - libm::lgamma(shape)
        }
        _ => counted,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Every path through the states is visited.
    #[test]
    fn recursions_add_up_all_paths(model in model(), history in history(1..6)) {
        let size = model.states();
        let data = sequences(std::slice::from_ref(&history));
        let periods = history.len();
        let mut all = Vec::new();
        let mut best = (f64::NEG_INFINITY, Vec::new());
        let mut by_state = vec![vec![Vec::new(); size]; periods];
        for number in 0..size.pow(periods as u32) {
            let path: Vec<usize> = (0..periods).map(|at| number / size.pow(at as u32) % size).collect();
            let mut ln = model.initial()[path[0]].ln() + ln_density(&model, path[0], history[0]);
            for at in 1..periods {
                ln += model.step(path[at - 1], path[at]).unwrap().ln() + ln_density(&model, path[at], history[at]);
            }
            all.push(ln);
            for (at, state) in path.iter().enumerate() {
                by_state[at][*state].push(ln);
            }
            if ln > best.0 {
                best = (ln, path);
            }
        }
        let total = ln_sum(&all);
        let near = |a: f64, b: f64| (a - b).abs() <= RELATIVE * b.abs().max(1.0);
        prop_assert!(near(model.ln_likelihood(&data).unwrap(), total));
        let smoothed = model.smoothed(&data, 0).unwrap();
        for (row, wanted) in smoothed.periods().zip(&by_state) {
            for (p, paths) in row.iter().zip(wanted) {
                prop_assert!((p - (ln_sum(paths) - total).exp()).abs() <= 1e-8);
            }
        }
        let path = model.path(&data, 0).unwrap();
        prop_assert!(near(path.ln_probability, best.0));
        let filtered = model.filtered(&data, 0).unwrap();
        let (now, last) = (filtered.last(), smoothed.last());
        prop_assert!(now.iter().zip(last).all(|(a, b)| (a - b).abs() <= 1e-9));
        prop_assert!(filtered.periods().all(|row| (row.iter().sum::<f64>() - 1.0).abs() <= 1e-12));
    }

    /// Customers ever in a state are those of all paths that pass through it.
    #[test]
    fn customers_of_a_state_add_up_all_paths(model in model(), histories in vec(history(1..6), 1..4)) {
        let data = sequences(&histories);
        let fitted = fit_from(&model, &data, &HmmOptions::default().with_max_iterations(1)).unwrap();
        let learnt = fitted.model();
        let size = learnt.states();
        let mut ever = vec![0.0; size];
        for history in &histories {
            let (mut all, mut through) = (Vec::new(), vec![vec![f64::NEG_INFINITY]; size]);
            for number in 0..size.pow(history.len() as u32) {
                let path: Vec<usize> = (0..history.len()).map(|at| number / size.pow(at as u32) % size).collect();
                let steps = path.windows(2).map(|pair| learnt.step(pair[0], pair[1]).unwrap().ln()).sum::<f64>();
                let seen = path.iter().zip(history).map(|(&state, &period)| ln_density(learnt, state, period));
                let ln = learnt.initial()[path[0]].ln() + steps + seen.sum::<f64>();
                all.push(ln);
                (0..size).filter(|state| path.contains(state)).for_each(|state| through[state].push(ln));
            }
            let total = ln_sum(&all);
            ever.iter_mut().zip(&through).for_each(|(ever, paths)| *ever += (ln_sum(paths) - total).exp());
        }
        let found = fitted.alternatives()[0].customers();
        prop_assert!(found.iter().zip(&ever).all(|(a, b)| (a - b).abs() < 1e-7), "{found:?}, not {ever:?}");
    }

    /// No step of Baum-Welch lowers the likelihood, whatever it starts from.
    #[test]
    fn the_likelihood_never_falls(model in model(), histories in vec(history(1..15), 1..8)) {
        let data = sequences(&histories);
        let options = HmmOptions::default().with_max_iterations(25).with_tolerance(0.0);
        let fitted = fit_from(&model, &data, &options).unwrap();
        for pair in fitted.climb().windows(2) {
            prop_assert!(pair[1] >= pair[0] - RELATIVE * pair[0].abs().max(1.0), "{pair:?}");
        }
        let again = fitted.model().ln_likelihood(&data).unwrap();
        prop_assert!((again - fitted.ln_likelihood()).abs() <= RELATIVE * again.abs().max(1.0));
    }

    /// Silence and purchases of a forecast by visiting every path to come.
    #[test]
    fn forecasts_add_up_all_paths(model in model(), periods in 1_usize..5) {
        let size = model.states();
        let (mut silent, mut purchases) = (0.0, 0.0);
        for number in 0..size.pow(periods as u32 + 1) {
            let path: Vec<usize> = (0..=periods).map(|at| number / size.pow(at as u32) % size).collect();
            let mut p = model.initial()[path[0]];
            for at in 1..=periods {
                p *= model.step(path[at - 1], path[at]).unwrap();
            }
            purchases += p * path[1..].iter().map(|&state| model.counts()[state].mean()).sum::<f64>();
            silent += p * path[1..].iter().map(|&state| model.counts()[state].ln_probability(0).exp()).product::<f64>();
        }
        let forecast = model.forecast(model.initial(), periods).unwrap();
        prop_assert!((forecast.silent() - silent).abs() <= 1e-12);
        prop_assert!((forecast.purchases() - purchases).abs() <= RELATIVE * purchases.max(1.0));
    }

}

proptest! {
    // Every fit is a dozen climbs.
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A handful of customers with any counts up to 3 000, unknown periods and any spend, under each
    /// design; all drawn apart from each other.
    #[test]
    fn any_history_is_learnt_from(
        histories in vec(history(1..9), 1..4),
        seed in any::<u64>(),
        dispersed in any::<bool>(),
        with_spend in any::<bool>(),
    ) {
        let data = sequences(&histories);
        let counts = if dispersed { Counts::NegativeBinomial } else { Counts::Poisson };
        let design = Design::default().with_counts(counts);
        let design = if with_spend { design.with_spend() } else { design };
        let options = HmmOptions::default().with_max_iterations(5).with_screened(2).with_seed(seed);
        let fitted = fit(&design, &data, &options).unwrap();
        prop_assert!(fitted.ln_likelihood().is_finite());
        let model = fitted.model();
        prop_assert!(model.transition().iter().chain(model.initial()).all(|p| (0.0..=1.0).contains(p)));
        let topology = model.topology();
        prop_assert!((0..16).all(|step| topology.allows(step / 4, step % 4) || model.transition()[step] == 0.0));
        prop_assert_eq!(&fitted, &fit(&design, &data, &options).unwrap());
    }
}

/// One thread or up to eight: the same bits.
#[test]
#[cfg(feature = "rayon")]
fn threads_do_not_change_a_bit() {
    let histories: Vec<History> = (0..300_u32)
        .map(|customer| {
            // Nobody paid what another one did: customers alike would be looked at once.
            let paid = 9.5 + f64::from(customer);
            (0..20 + customer % 7).map(|t| (Some((t * customer) % 6), Some(paid))).collect()
        })
        .collect();
    let data = sequences(&histories);
    let options = HmmOptions::default().with_max_iterations(10).with_screened(4);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            assert_eq!(rayon::current_num_threads(), threads);
            let fitted = fit(&Design::default().with_spend(), &data, &options).unwrap();
            let model = fitted.model().clone();
            (
                fitted,
                model.ln_likelihood(&data).unwrap(),
                model.standings(&data).unwrap(),
                model.paths(&data).unwrap(),
            )
        })
    };
    let one = with(1);
    for threads in [2, 3, 8] {
        assert_eq!(one, with(threads));
    }
}

#[test]
#[cfg(feature = "serde")]
fn a_stored_model_is_checked() {
    let laws: Vec<CountLaw> = [1.0, 2.0, 3.0, 0.1].map(|rate| CountLaw::poisson(rate).unwrap()).to_vec();
    let stay: Vec<f64> = (0..16).map(|step| if step % 5 == 0 { 1.0 } else { 0.0 }).collect();
    let model = HmmModel::new(Topology::default(), &[1.0, 0.0, 0.0, 0.0], &stay, &laws).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<HmmModel>(&text).unwrap(), model);
    let broken = text.replacen("1.0", "2.0", 1);
    let refused = serde_json::from_str::<HmmModel>(&broken).unwrap_err().to_string();
    assert!(refused.contains("initial probabilities[0] must be between 0 and 1, got 2"), "{refused}");
}

/// Times of purchases, with many even gaps and some long ones; and now.
fn purchases() -> impl Strategy<Value = (Vec<f64>, f64)> {
    let gap = prop_oneof![4 => 1.0..40.0_f64, 1 => 40.0..200.0_f64, 1 => Just(0.0)];
    (vec(gap, 0..14), prop_oneof![0.0..60.0_f64, 0.0..600.0_f64]).prop_map(|(gaps, idle)| {
        let mut times = vec![0.0];
        for gap in gaps {
            times.push(times[times.len() - 1] + gap);
        }
        let now = times[times.len() - 1] + idle;
        (times, now)
    })
}

/// The rules with the cuts of a reason moved past the facts.
fn moved(rules: StageRules, reason: &StageReason) -> StageRules {
    let StageReason::Cuts(findings) = reason else { unreachable!("rules give cuts") };
    findings.iter().fold(rules, |rules, finding| {
        let past =
            if finding.value > finding.at { finding.value } else { finding.value * (1.0 - 1e-9) - 1e-300 };
        rules.with_threshold(finding.cut, past.max(0.0)).unwrap()
    })
}

proptest! {
    /// Every named cut, moved, flips the class; and there is at least one.
    #[test]
    fn reasons_are_real((times, now) in purchases(), p_alive in 0.0..=1.0_f64) {
        let rules = StageRules::default();
        let standing = rules.standing(&times, now).unwrap();
        prop_assert!(!standing.reasons.is_empty());
        for reason in &standing.reasons {
            let other = moved(rules, reason).standing(&times, now).unwrap();
            prop_assert_ne!(other.stage, standing.stage, "{}", reason);
        }
        let standing = rules.standing_from_p_alive(p_alive, &times, now).unwrap();
        prop_assert!(!standing.reasons.is_empty());
        prop_assert!((standing.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        for reason in &standing.reasons {
            let StageReason::Cuts(findings) = reason else { unreachable!("rules give cuts") };
            // The cut for P(alive) stays where decline becomes the most likely stage; it is
            // P(alive) that is moved.
            let other = match findings.iter().any(|finding| finding.cut == StageThreshold::Gone) {
                true => rules.standing_from_p_alive(if p_alive < 0.5 { 0.75 } else { 0.25 }, &times, now).unwrap(),
                false => moved(rules, reason).standing_from_p_alive(p_alive, &times, now).unwrap(),
            };
            prop_assert_ne!(other.stage, standing.stage, "{}", reason);
        }
    }

    /// The stage was the same all the time since, and another one just before.
    #[test]
    fn since_is_when_the_stage_began((times, now) in purchases()) {
        let rules = StageRules::default();
        let standing = rules.standing(&times, now).unwrap();
        let began = now - standing.since.unwrap();
        let at = |time: f64| {
            let seen = times.partition_point(|bought| *bought <= time);
            rules.standing(&times[..seen], time).unwrap().stage
        };
        for part in 1..20 {
            let time = began + (now - began) * f64::from(part) / 20.0;
            if time > began {
                prop_assert_eq!(at(time), standing.stage);
            }
        }
        if began > 1e-6 {
            prop_assert!(at(began - 1e-7) != standing.stage);
        }
    }

    /// Forecasts and values of a chain by following it step by step.
    #[test]
    fn values_are_sums_of_discounted_rewards(
        weights in vec(0.0..1.0_f64, 9),
        rewards in vec(-50.0..100.0_f64, 3),
        rate in 0.05..1.0_f64,
        periods in 0_u32..30,
    ) {
        let steps: Vec<f64> = weights
            .chunks(3)
            .flat_map(|row| {
                let sum: f64 = row.iter().map(|weight| weight + 0.01).sum();
                row.iter().map(move |weight| (weight + 0.01) / sum).collect::<Vec<f64>>()
            })
            .collect();
        let chain = Chain::new(3, &steps).unwrap();
        // Followed one step at a time, and as far as each period at once.
        let discounted = |group: usize, periods: u32| -> f64 {
            let mut there = vec![0.0; 3];
            there[group] = 1.0;
            let mut sum = 0.0;
            for t in 0..=periods {
                let mean: f64 = there.iter().zip(&rewards).map(|(p, reward)| p * reward).sum();
                sum += mean / (1.0 + rate).powi(t as i32);
                there = chain.forecast(&there, 1).unwrap();
            }
            sum
        };
        let mut now = vec![0.2, 0.3, 0.5];
        let there = chain.forecast(&now, periods).unwrap();
        for _ in 0..periods {
            now = chain.forecast(&now, 1).unwrap();
        }
        prop_assert!(now.iter().zip(&there).all(|(step, once)| (step - once).abs() <= 1e-12));
        let values = chain.values(&rewards, rate, ChainTerm::Periods(periods)).unwrap();
        let forever = chain.values(&rewards, rate, ChainTerm::Forever).unwrap();
        for group in 0..3 {
            prop_assert!((values[group] - discounted(group, periods)).abs() <= 1e-8);
            // After 700 periods at 5 % nothing is left to add.
            prop_assert!((forever[group] - discounted(group, 700)).abs() <= 1e-8);
        }
    }
}
