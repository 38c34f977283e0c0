//! Measures of a score, thresholds, rhythms, rescue lists and Qini curves against their definitions.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_lifecycle::rescue::{Decimal, Qini, RescueCandidate, RescueEffect, RescueList};
use crm_lifecycle::warning::{Behaviour, Costs, Forecasts, Law, RhythmRule, Verdict};
use crm_numbers::Level;
use proptest::collection::vec;
use proptest::prelude::*;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Gamma};

const ABSOLUTE: f64 = 1e-12;

/// Probabilities in steps of a tenth, so that many are equal, and outcomes.
fn forecasts() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    vec((0..=10_u32, any::<bool>()), 1..40)
        .prop_map(|rows| rows.into_iter().map(|(p, y)| (f64::from(p) / 10.0, y)).unzip())
}

proptest! {
    /// Every measure by its definition, with ties.
    #[test]
    fn measures_are_what_they_say((p, y) in forecasts(), bins in 1_usize..12) {
        let forecasts = Forecasts::new(&p, &y).unwrap();
        let n = p.len() as f64;
        let one = |y: bool| f64::from(u8::from(y));
        let brier: f64 = p.iter().zip(&y).map(|(p, y)| (one(*y) - p) * (one(*y) - p) / n).sum();
        prop_assert!((forecasts.brier() - brier).abs() < ABSOLUTE);
        let loss: f64 = p.iter().zip(&y).map(|(p, y)| one(*y).mul_add(-p.max(1e-15).ln(), -(1.0 - one(*y)) * (1.0 - p).max(1e-15).ln()) / n).sum();
        prop_assert!((forecasts.log_loss() - loss).abs() < 1e-9);
        let pairs: Vec<f64> = p.iter().zip(&y).filter(|(_, y)| **y).flat_map(|(a, _)| {
            p.iter().zip(&y).filter(|(_, y)| !**y).map(move |(b, _)| if a > b { 1.0 } else if a < b { 0.0 } else { 0.5 })
        }).collect();
        match forecasts.ranking() {
            Ok(ranking) => {
                let auc = pairs.iter().sum::<f64>() / pairs.len() as f64;
                prop_assert!((ranking.auc() - auc).abs() < ABSOLUTE);
            }
            Err(_) => prop_assert!(pairs.is_empty()),
        }
        let table = forecasts.calibration(bins, Level::default()).unwrap();
        prop_assert_eq!(table.iter().map(|bin| bin.customers).sum::<u64>(), p.len() as u64);
        prop_assert!(table.len() <= bins);
        for bin in &table {
            let inside: Vec<(f64, bool)> = p.iter().copied().zip(y.iter().copied())
                .filter(|(p, _)| (bin.lowest..=bin.highest).contains(p)).collect();
            prop_assert_eq!(bin.customers, inside.len() as u64);
            prop_assert_eq!(bin.positives, inside.iter().filter(|(_, y)| *y).count() as u64);
            let mean = inside.iter().map(|(p, _)| p).sum::<f64>() / inside.len() as f64;
            prop_assert!((bin.forecast - mean).abs() < ABSOLUTE);
            prop_assert!((bin.observed.estimate - bin.positives as f64 / bin.customers as f64).abs() < ABSOLUTE);
        }
        // No group is larger than an even share but for the customers equal to its last one.
        for bin in &table {
            let at_most = p.len().div_ceil(bins) + p.iter().filter(|p| p.total_cmp(&bin.highest).is_eq()).count();
            prop_assert!(bin.customers as usize <= at_most);
        }
    }

    /// No threshold would have cost less than the best, and its counts are those of warning from it on.
    #[test]
    fn the_best_threshold_is_best((p, y) in forecasts(), alarm in 0.0..5.0_f64, miss in 0.1..5.0_f64) {
        let costs = Costs::new(alarm, miss).unwrap();
        let best = costs.best(&p, &y).unwrap();
        for threshold in p.iter().copied().chain([0.0, f64::INFINITY]) {
            let cut = costs.cutoff_at(threshold, &p, &y).unwrap();
            prop_assert!(cut.cost >= best.cost - ABSOLUTE);
            if cut.cost <= best.cost {
                prop_assert!(threshold <= best.threshold);
            }
            let count = |warned: bool, lost: bool| {
                p.iter().zip(&y).filter(|(p, y)| (**p >= threshold) == warned && **y == lost).count() as u64
            };
            prop_assert_eq!(
                [cut.hits, cut.false_alarms, cut.misses, cut.quiet],
                [count(true, true), count(true, false), count(false, true), count(false, false)]
            );
        }
        prop_assert_eq!(costs.cutoff_at(best.threshold, &p, &y).unwrap(), best);
    }

    /// The curve by treating the top of the list, cut after cut; the area by small steps.
    #[test]
    fn qini_is_what_it_says(rows in vec((0..6_u32, any::<bool>(), any::<bool>()), 2..40)) {
        let score: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let treated: Vec<bool> = rows.iter().map(|row| row.1).collect();
        let stayed: Vec<bool> = rows.iter().map(|row| row.2).collect();
        let arms = treated.iter().filter(|treated| **treated).count();
        prop_assume!(arms > 0 && arms < rows.len());
        let qini = Qini::new(&score, &treated, &stayed).unwrap();
        let mut levels = score.clone();
        levels.sort_by(|a, b| b.total_cmp(a));
        levels.dedup();
        prop_assert_eq!(qini.points().len(), levels.len() + 1);
        for (level, point) in levels.iter().zip(&qini.points()[1..]) {
            let count = |arm: bool, only: bool| {
                let top = rows.iter().filter(|row| f64::from(row.0) >= *level && row.1 == arm);
                top.filter(|row| !only || row.2).count() as f64
            };
            let usual = if count(false, false) > 0.0 {
                count(false, true) * count(true, false) / count(false, false)
            } else {
                0.0
            };
            prop_assert!((point.gained - (count(true, true) - usual)).abs() < ABSOLUTE);
            prop_assert!((point.share * rows.len() as f64 - count(true, false) - count(false, false)).abs() < 1e-9);
            prop_assert!((qini.at(point.share).unwrap() - point.gained).abs() < 1e-9);
        }
        // Steps that end on every point, so that the midpoint rule is exact for straight lines.
        let steps = rows.len() * 4;
        let width = 1.0 / steps as f64;
        let area: f64 = (0..steps)
            .map(|step| width * qini.at((step as f64 + 0.5) * width).unwrap())
            .sum();
        let coefficient = (area - qini.gained() / 2.0) / arms as f64;
        prop_assert!((qini.coefficient() - coefficient).abs() < 1e-9);
    }

    /// The budget is kept; everybody on the list pays; nobody who would fit was left; by gain per cost; and with equal
    /// costs no other choice gains more.
    #[test]
    fn rescue_lists_are_right(
        rows in vec((0..1_000_i64, 0..=10_u32, 1..40_i64), 0..10),
        budget in 0..120_i64,
        even in any::<bool>(),
    ) {
        let effect = RescueEffect::success(0.25).unwrap();
        let candidates: Vec<RescueCandidate> = rows.iter().map(|(value, p, cost)| {
            let cost = if even { 20 } else { *cost };
            RescueCandidate::new(Decimal::from(*value), f64::from(*p) / 10.0, effect, Decimal::from(cost)).unwrap()
        }).collect();
        let list = RescueList::new(&candidates, Some(Decimal::from(budget))).unwrap();
        let on_it: Vec<usize> = list.places().iter().map(|place| place.customer).collect();
        let spent: Decimal = on_it.iter().map(|place| candidates[*place].cost()).sum();
        let gain: Decimal = on_it.iter().map(|place| candidates[*place].gain()).sum();
        prop_assert_eq!((list.spent(), list.expected_gain()), (spent, gain));
        prop_assert!(spent <= Decimal::from(budget));
        let ratio = |place: usize| candidates[place].gain() / candidates[place].cost();
        prop_assert!(on_it.windows(2).all(|pair| ratio(pair[0]) >= ratio(pair[1])));
        for (place, candidate) in candidates.iter().enumerate() {
            // In tenths and quarters: exact.
            let (value, p, _) = rows[place];
            prop_assert_eq!(candidate.saved() * Decimal::from(40), Decimal::from(value * i64::from(p)));
            if on_it.contains(&place) {
                prop_assert!(candidate.gain() > Decimal::ZERO);
            } else if candidate.gain() > Decimal::ZERO {
                prop_assert!(spent + candidate.cost() > Decimal::from(budget));
            }
        }
        if even {
            for choice in 0..1_u32 << candidates.len() {
                let chosen = || candidates.iter().enumerate().filter(|(place, _)| choice >> place & 1 == 1);
                let cost: Decimal = chosen().map(|(_, candidate)| candidate.cost()).sum();
                let other: Decimal = chosen().map(|(_, candidate)| candidate.gain()).sum();
                prop_assert!(cost > Decimal::from(budget) || other <= gain);
            }
        }
    }

    /// The longer the silence, the smaller the p-value; with random purchases it has a closed form.
    #[test]
    fn silence_grows_unusual(gaps in vec(0.5..50.0_f64, 3..30), idle in 0.0..300.0_f64, shape in 0.2..20.0_f64) {
        let mut times = vec![0.0];
        for gap in &gaps {
            times.push(times[times.len() - 1] + gap);
        }
        let last = times[times.len() - 1];
        let p = |law, idle: f64| match RhythmRule::new(law, 0.3).unwrap().verdict(&times, last + idle).unwrap() {
            Verdict::InRhythm { p_value, .. } | Verdict::Overdue { p_value, .. } => p_value,
            _ => unreachable!(),
        };
        let law = Law::Gamma { shape: 1.0 };
        prop_assert!((p(law, idle) - (1.0 + idle / last).powi(-(gaps.len() as i32))).abs() < 1e-9);
        for law in [law, Law::Gamma { shape }, Law::Ranks] {
            prop_assert!(p(law, idle) >= p(law, idle + 1.0) && (0.0..=1.0).contains(&p(law, idle)));
            prop_assert!((p(law, 0.0) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn nothing_is_nan(times in vec(-1e300..1e300_f64, 1..6), amounts in vec(-1e100..1e100_f64, 6), period in 1e-9..1e9_f64) {
        let mut times = times;
        times.sort_by(f64::total_cmp);
        let now = times[times.len() - 1];
        let seen = Behaviour::new(&times, &amounts[..times.len()], now, period, 3.0).unwrap();
        prop_assert!(seen.transactions_per_period.is_finite() && seen.transactions_lately.is_finite());
        prop_assert!(seen.amount_trend.is_none_or(f64::is_finite) && seen.idle.is_finite());
        for law in [Law::Ranks, Law::Gamma { shape: 0.1 }] {
            match RhythmRule::new(law, 0.5).unwrap().verdict(&times, now).unwrap() {
                Verdict::InRhythm { p_value, mean_gap, .. } => prop_assert!(p_value <= 1.0 && mean_gap > 0.0),
                verdict => prop_assert!(!verdict.warns()),
            }
        }
    }
}

/// Customers who go on as before: the share of false alarms is what was asked for.
#[test]
fn p_values_keep_their_promise() {
    const CUSTOMERS: usize = 20_000;
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    for (law, shape, gaps, alpha) in [
        (Law::Gamma { shape: 1.0 }, 1.0, 3, 0.05),
        (Law::Gamma { shape: 3.0 }, 3.0, 6, 0.1),
        (Law::Ranks, 0.7, 9, 0.1),
        (Law::Ranks, 5.0, 19, 0.05),
    ] {
        let rule = RhythmRule::new(law, alpha).unwrap();
        let mut warned = 0.0;
        for _ in 0..CUSTOMERS {
            let gap = Gamma::new(shape, rng.random_range(1.0..100.0)).unwrap();
            let mut times = vec![0.0];
            for _ in 0..gaps {
                times.push(times[times.len() - 1] + gap.sample(&mut rng));
            }
            // At the end of the next gap, the longest silence that he keeps.
            let now = times[gaps] + gap.sample(&mut rng);
            warned += f64::from(u8::from(rule.verdict(&times, now).unwrap().warns())) / CUSTOMERS as f64;
        }
        let four_errors = 4.0 * (alpha * (1.0 - alpha) / CUSTOMERS as f64).sqrt();
        assert!((warned - alpha).abs() < four_errors, "{law:?}: {warned}");
    }
}

/// Forecasts that are too bold by a known factor, and too low by a known shift.
#[test]
fn the_line_finds_what_was_bent() {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let (mut p, mut y) = (Vec::new(), Vec::new());
    for _ in 0..40_000 {
        let forecast: f64 = rng.random_range(-4.0..4.0);
        p.push(1.0 / (1.0 + (-forecast).exp()));
        y.push(rng.random_bool(1.0 / (1.0 + (-(0.4 + 0.5 * forecast)).exp())));
    }
    let line = Forecasts::new(&p, &y).unwrap().calibration_line().unwrap();
    assert!((line.slope - 0.5).abs() < 4.0 * line.slope_error && line.slope_error < 0.01, "{line:?}");
    assert!(
        (line.intercept - 0.4).abs() < 4.0 * line.intercept_error && line.intercept_error < 0.02,
        "{line:?}"
    );
}
