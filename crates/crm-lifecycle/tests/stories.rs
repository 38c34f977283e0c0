//! Several parts together.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod support;

use crm_history::{Ledger, NaiveDate, Observation};
use crm_lifecycle::hmm::{Design, HmmOptions, Sequences, fit};
use crm_lifecycle::{Chain, ChainTerm, CyclePhase, Moves, Stage, StageReason, StageRules, Task};
use crm_numbers::Level;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use support::{simulate, truth};

/// The mean of discounted rewards over simulated customers.
#[test]
fn a_markov_value_is_what_simulated_customers_bring() {
    let steps = [0.6, 0.3, 0.1, 0.2, 0.7, 0.1, 0.0, 0.05, 0.95];
    let (rewards, rate, periods) = ([50.0, 120.0, -2.0], 0.1, 40);
    let values = Chain::new(3, &steps).unwrap().values(&rewards, rate, ChainTerm::Periods(periods)).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    for (start, value) in values.iter().enumerate() {
        let brought: Vec<f64> = (0..20_000)
            .map(|_| {
                let mut group = start;
                (0..=periods)
                    .map(|t| {
                        let reward = rewards[group] / (1.0 + rate).powi(t as i32);
                        let p: f64 = rng.random();
                        let row = &steps[group * 3..group * 3 + 3];
                        group = if p < row[0] {
                            0
                        } else if p < row[0] + row[1] {
                            1
                        } else {
                            2
                        };
                        reward
                    })
                    .sum()
            })
            .collect();
        let n = brought.len() as f64;
        let mean = brought.iter().sum::<f64>() / n;
        let variance = brought.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
        assert!((mean - value).abs() <= 4.0 * (variance / n).sqrt(), "{start}: {mean}, not {value}");
    }
}

/// P(alive) of the BG/NBD, at parameters of a shop whose customers order every week or two and stay
/// for a year: times are days, parameters are per week.
///
/// `P = 1 / (1 + a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x))` with x repeat purchases,
/// the last one at t_x, and age T. Source: Fader, Hardie and Lee (2005), Marketing Science 24,
/// 275-284, and their note on P(alive).
fn p_alive(seen: &[f64], now: f64) -> f64 {
    let (r, alpha, a, b) = (2.0, 4.0, 0.5, 10.0);
    let (x, recency, age) =
        (seen.len() as f64 - 1.0, (seen[seen.len() - 1] - seen[0]) / 7.0, (now - seen[0]) / 7.0);
    if x < 1.0 {
        return 1.0;
    }
    let ratio: f64 = (alpha + age) / (alpha + recency);
    1.0 / (1.0 + a / (b + x - 1.0) * ratio.powf(r + x))
}

/// Stages in words: orders in, standing out, by all three ways.
#[test]
fn one_answer_by_three_ways() {
    let day = |n: u64| NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().iter_days().nth(n as usize).unwrap();
    let mut rows = Vec::new();
    for customer in 0..60_u64 {
        // Some try and go; the others buy every week, half of them until summer only.
        let last = if customer % 3 == 0 {
            30
        } else if customer % 2 == 0 {
            200
        } else {
            363
        };
        rows.extend(
            (customer % 7..=last)
                .step_by(7 + (customer % 3 == 0) as usize * 13)
                .map(|n| (customer, day(n), 900_i64)),
        );
    }
    let ledger = Ledger::from_rows(rows).unwrap();
    let observation = Observation::until(day(363));
    let (data, numbers) = Sequences::from_ledger(&ledger, &observation, 14).unwrap();
    assert_eq!(numbers.len(), 60);
    let fitted = fit(&Design::default(), &data, &HmmOptions::default()).unwrap();
    let rules = StageRules::default();
    let summaries = ledger.summarize(&observation).unwrap();
    let (mut gone, mut here) = (0, 0);
    for (place, (customer, id, summary)) in summaries.buyers().enumerate() {
        let first = summary.first_purchase;
        let times: Vec<f64> =
            ledger.lines(customer).map(|line| f64::from(line.day.days_since(first))).collect();
        let now = f64::from(observation.end().days_since(first));
        let by_rules = rules.standing(&times, now).unwrap();
        let by_model = fitted.model().standing(&data, place).unwrap();
        let by_p_alive = rules.standing_from_p_alive_over_time(p_alive, &times, now).unwrap();
        // The same at a single time, without the way there.
        let at_once = rules.standing_from_p_alive(p_alive(&times, now), &times, now).unwrap();
        assert_eq!((at_once.stage, at_once.probabilities), (by_p_alive.stage, by_p_alive.probabilities));
        let silent = summary.idle_days(observation.end()) > 100;
        for standing in [&by_rules, &by_model, &by_p_alive] {
            assert_eq!(standing.stage == Stage::Decline, silent, "{id}: {standing}");
            assert!((standing.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
        assert!(matches!(by_model.reasons[0], StageReason::Likely { .. }));
        if silent {
            gone += 1;
            assert_eq!(Task::for_stage(Some(by_model.stage)), Task::Break);
            assert_eq!(CyclePhase::for_stage(Some(by_rules.stage)), CyclePhase::Termination);
            // P(alive) falls below one half two or three gaps after the last purchase, the rules
            // say three.
            let by_now = by_p_alive.since.unwrap();
            assert!((by_now - by_rules.since.unwrap()).abs() <= 45.0, "{id}: {by_p_alive}, {by_rules}");
            assert!(by_now < f64::from(summary.idle_days(observation.end())), "{id}");
            // Both say for how long; the model in periods of 14 days. Rare buyers are silent from
            // the start.
            let (days, periods) = (by_rules.since.unwrap(), by_model.since.unwrap());
            if id % 3 != 0 {
                assert!((days / 14.0 - periods).abs() <= 4.0, "{days} days, {periods} periods");
            }
        } else {
            here += 1;
        }
    }
    assert_eq!((gone, here), (40, 20));
}

/// Steps between known stages have the shares of the truth.
#[test]
fn moves_between_known_stages() {
    let truth = truth();
    let (data, paths) = simulate(&truth, 2_000, 5);
    let moves = counted(&paths);
    assert_eq!(data.periods() - data.customers(), moves_total(&moves));
    for from in 0..4 {
        for to in 0..4 {
            let share = moves.share(from, to, Level::new(0.9999).unwrap()).unwrap().unwrap();
            let p = truth.step(from, to).unwrap();
            assert!(share.lower <= p && p <= share.upper, "{from} to {to}: {share}, not {p}");
        }
    }
}

/// Stages learnt and decoded from purchases alone give back the steps of the truth, nearly.
#[test]
fn moves_between_decoded_stages() {
    let truth = truth();
    let (data, paths) = simulate(&truth, 600, 5);
    let fitted =
        fit(&Design::default(), &data, &HmmOptions::default().with_screened(0).with_starts(1)).unwrap();
    let found: Vec<Vec<u8>> =
        fitted.model().paths(&data).unwrap().into_iter().map(|path| path.states).collect();
    let moves = counted(&found);
    assert_eq!(data.periods() - data.customers(), moves_total(&moves));
    for from in 0..4 {
        for to in 0..4 {
            let share = moves.share(from, to, Level::default()).unwrap().unwrap().estimate;
            let p = truth.step(from, to).unwrap();
            // The most probable path has fewer changes than the truth, because short ones leave no
            // trace.
            assert!((share - p).abs() <= 0.03, "{from} to {to}: {share}, not {p}");
        }
    }
    // Decoded for most periods, and not for all: the moves above are those of other paths than the
    // true ones.
    let pairs = found.iter().flatten().zip(paths.iter().flatten());
    let right = pairs.filter(|(found, truth)| found == truth).count() as f64 / data.periods() as f64;
    assert!((0.85..1.0).contains(&right), "{right}");
}

fn counted(paths: &[Vec<u8>]) -> Moves {
    let mut moves = Moves::new(Stage::EACH.map(Stage::name)).unwrap();
    for path in paths {
        let groups: Vec<usize> = path.iter().map(|&state| usize::from(state)).collect();
        moves.count(&groups[..groups.len() - 1], &groups[1..]).unwrap();
    }
    moves
}

fn moves_total(moves: &Moves) -> usize {
    (0..16).map(|step| moves.between(step / 4, step % 4).unwrap() as usize).sum()
}
