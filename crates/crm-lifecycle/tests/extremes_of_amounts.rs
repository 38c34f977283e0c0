//! Trials, retention, cohorts, rescue lists and warnings: whatever a constructor accepts, no public
//! function panics, and neither does printing in any width and precision.
//!
//! Numbers are drawn from all there are, the ends of each type and values that are not numbers
//! included; whether they are accepted is up to the library. The hidden Markov model has laws of
//! its own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/extremes.rs"]
mod extremes;

use crm_history::{Day, Decimal};
use crm_lifecycle::cohort::Triangle;
use crm_lifecycle::logistic::{self, Features, LogisticOptions};
use crm_lifecycle::rescue::{Qini, RescueCandidate, RescueEffect, RescueList};
use crm_lifecycle::retention::{Activity, Bridge, Logos, Movements, Revenue, Statement};
use crm_lifecycle::trial;
use crm_lifecycle::warning::{Behaviour, Bill, Costs, Forecasts, Law, RhythmRule, settlement_cycle};
use crm_numbers::TimeUnit;
use crm_statistics::Proportion;
use extremes::{amount, count, level, number, shown, sound, times};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn trials(
        counts in prop::array::uniform4(count()),
        amounts in vec(number(), 0..9),
        more in vec(prop_oneof![Just(0.1 + 0.2), Just(0.3), number()], 0..9),
        sizes in prop::array::uniform4(number()),
        level in level(),
    ) {
        let rate = |a: u64, b: u64| Proportion::new(a.min(b), b).ok();
        if let Some((treated, control)) = rate(counts[0], counts[1]).zip(rate(counts[2], counts[3])) {
            let effect = trial::rates(treated, control, level);
            prop_assert!((0.0..=1.0).contains(&effect.p_value), "{:?}", effect);
            sound(effect.difference);
            shown(&effect);
        }
        if let Ok(effect) = trial::spend(&amounts, &more, level) {
            prop_assert!((0.0..=1.0).contains(&effect.p_value), "{:?}", effect);
            sound(effect.difference);
            shown(&effect);
        }
        let all: Vec<f64> = amounts.iter().chain(&more).copied().collect();
        let treated: Vec<bool> = (0..all.len()).map(|at| at < amounts.len()).collect();
        let segments: Vec<usize> = (0..all.len()).map(|at| at % 2).collect();
        trial::spend_by_segment(&all, &treated, &segments, 2, level).ok();
        trial::rates_by_segment(&treated, &treated, &segments, 3, level).unwrap();
        // So many answers cannot be given.
        prop_assert!(trial::rates_by_segment(&[], &[], &[], usize::MAX, level).is_err());
        prop_assert!(trial::spend_by_segment::<f64>(&[], &[], &[], usize::MAX, level).is_err());
        prop_assert!(Statement::by_group(&[], &[], &[], usize::MAX).is_err());
        prop_assert!(Statement::by_period(&[], usize::MAX).is_err());
        trial::customers_for_rates(sizes[0], sizes[1], level, sizes[2]).ok();
        trial::customers_for_spend(sizes[0], sizes[1], level, sizes[2]).ok();
    }

    #[test]
    fn retention_and_bridges(
        before in vec(amount(), 6),
        after in vec(amount(), 6),
        groups in vec(0_usize..3, 6),
        counts in prop::array::uniform4(count()),
        places in 0_u32..30,
        periods in any::<u32>(),
    ) {
        if let Ok(logos) = Logos::new(counts[0], counts[1], counts[2]) {
            let logos = logos.with_returned(counts[3]).unwrap_or(logos);
            shown(&logos);
            prop_assert_eq!(logos.new_customers() + logos.returned(), logos.won());
            prop_assert_eq!(logos.kept() + logos.won(), logos.closing());
            prop_assert!(logos.retention_over(periods).is_none_or(|share| (0.0..=1.0).contains(&share)));
        }
        let positive = |column: &[Decimal]| column.iter().map(|amount| amount.abs()).collect::<Vec<_>>();
        let (paid, paid_after) = (positive(&before), positive(&after));
        let movements = Movements {
            opening: paid[0], expansion: paid[1], contraction: paid[2], loss: paid[3], new: paid[4], returned: paid[5],
        };
        Revenue::new(movements).iter().for_each(shown);
        for (before, after) in [(&before, &after), (&paid, &paid_after)] {
            if let Ok(statement) = Statement::between(before, after) {
                shown(&statement);
                prop_assert!(statement.revenue.gross_retention().is_none_or(|rate| rate <= Decimal::ONE));
            }
            if let Ok(statements) = Statement::by_group(before, after, &groups, 3) {
                Statement::total(&statements).iter().for_each(shown);
            }
            Statement::by_period(before, 3).into_iter().flatten().for_each(|statement| shown(&statement));
        }
        let activity = |at: usize, amounts: &[Decimal]| Activity {
            customers: counts[at], orders: counts[at + 1], revenue: amounts[at], profit: amounts[at + 2],
        };
        let rows = [("a", activity(0, &before), activity(1, &paid)), ("b", activity(2, &paid), activity(0, &after))];
        for rows in [&rows[..], &rows[..1], &rows[1..]] {
            Bridge::new(rows.iter().copied(), places).iter().for_each(shown);
        }
    }

    #[test]
    fn triangles(
        rows in vec((0_u32..5, any::<i32>(), any::<i64>(), amount(), number()), 0..9),
        near in any::<bool>(),
        unit in prop_oneof![Just(TimeUnit::Day), Just(TimeUnit::Week), Just(TimeUnit::Month), Just(TimeUnit::Quarter), Just(TimeUnit::Year)],
        end in prop_oneof![Just(Day::MAX), Just(Day::MIN), (-40..40_i32).prop_map(|day| Day::new(day).unwrap())],
    ) {
        let customers: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let day = |day: i32| if near { day % 40 } else { day };
        let days: Vec<Day> = rows.iter().map(|row| Day::new(day(row.1)).unwrap_or(Day::MAX)).collect();
        macro_rules! look {
            ($amounts:expr) => {
                if let Ok(triangle) = Triangle::from_orders(&customers, &days, &$amounts, end, unit) {
                    // A triangle of all days of five years is two million cells in print.
                    if triangle.cohorts().len() <= 40 {
                        shown(&triangle);
                    }
                    for (cohort, age) in (0..triangle.cohorts().len().min(9)).flat_map(|cohort| (0..9).map(move |age| (cohort, age))) {
                        prop_assert!(triangle.value_per_customer(cohort, age).is_none_or(f64::is_finite));
                        prop_assert!(triangle.value_at(age).is_none_or(f64::is_finite));
                        for share in [triangle.retention(cohort, age), triangle.retention_at(age)].into_iter().flatten() {
                            prop_assert!((0.0..=1.0).contains(&share.estimate()));
                        }
                    }
                }
            };
        }
        look!(rows.iter().map(|row| row.2).collect::<Vec<i64>>());
        look!(rows.iter().map(|row| row.3).collect::<Vec<Decimal>>());
        look!(rows.iter().map(|row| row.4).collect::<Vec<f64>>());
    }

    #[test]
    fn rescue_lists_and_qini(
        rows in vec((amount(), number(), number(), amount(), any::<bool>()), 0..9),
        budget in prop::option::of(amount()),
        at in number(),
    ) {
        let candidate = |&(value, p, effect, cost, uplift): &(Decimal, f64, f64, Decimal, bool)| {
            let effect = if uplift { RescueEffect::uplift(effect) } else { RescueEffect::success(effect) }.ok()?;
            RescueCandidate::new(value, p, effect, cost.abs()).ok()
        };
        let candidates: Vec<RescueCandidate> = rows.iter().filter_map(candidate).collect();
        prop_assert!(candidates.iter().all(|candidate| candidate.gain() <= candidate.saved()));
        for candidates in [&candidates[..], &candidates[..candidates.len().min(1)]] {
            RescueList::new(candidates, budget).iter().for_each(shown);
            RescueList::new(candidates, budget.map(|budget| budget.abs())).iter().for_each(shown);
        }
        let scores: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let treated: Vec<bool> = rows.iter().map(|row| row.4).collect();
        if let Ok(qini) = Qini::new(&scores, &treated, &treated) {
            prop_assert!(qini.coefficient().is_finite() && qini.gained().is_finite());
            qini.at(at).ok();
        }
    }

    #[test]
    fn warnings(
        (times, now) in times(),
        amounts in vec(number(), 9),
        paid in vec(prop::option::of(number()), 9),
        settings in prop::array::uniform4(number()),
        outcomes in vec(any::<bool>(), 9),
        bins in prop_oneof![0_usize..5, Just(usize::MAX)],
        level in level(),
    ) {
        let amounts = &amounts[..times.len().min(9)];
        if let Ok(seen) = Behaviour::new(&times, amounts, now, settings[0], settings[1]) {
            prop_assert!([seen.transactions_per_period, seen.transactions_lately, seen.idle].iter().all(|x| x.is_finite()), "{:?}", seen);
            prop_assert!(seen.transactions_change.is_none_or(f64::is_finite) && seen.amount_trend.is_none_or(f64::is_finite));
        }
        let bills: Vec<Bill> = times.iter().zip(&paid).map(|(&billed, &paid)| Bill { billed, paid }).collect();
        if let Ok(cycle) = settlement_cycle(&bills, now) {
            prop_assert!(cycle.mean.is_none_or(f64::is_finite) && cycle.waiting.is_none_or(f64::is_finite));
        }
        for law in [Law::Ranks, Law::Gamma { shape: settings[2] }] {
            if let Ok(verdict) = RhythmRule::new(law, settings[3]).and_then(|rule| rule.verdict(&times, now)) {
                shown(&verdict);
            }
        }
        let outcomes = &outcomes[..amounts.len()];
        if let Ok(costs) = Costs::new(settings[0], settings[1]) {
            prop_assert!((0.0..=1.0).contains(&costs.threshold()), "{:?}", costs);
            costs.cutoff_at(settings[2], amounts, outcomes).ok();
            costs.best(amounts, outcomes).ok();
        }
        let shares: Vec<f64> = amounts.iter().map(|amount| if (0.0..=1.0).contains(amount) { *amount } else { 0.25 }).collect();
        let Ok(forecasts) = Forecasts::new(&shares, outcomes) else { return Ok(()) };
        prop_assert!([forecasts.brier(), forecasts.log_loss(), forecasts.rate()].iter().all(|x| x.is_finite()));
        prop_assert!(forecasts.brier_skill().is_none_or(|skill| skill <= 1.0));
        forecasts.ranking().ok();
        forecasts.calibration(bins, level).into_iter().flatten().for_each(|bin| sound(bin.observed));
        forecasts.calibration_line().ok();
    }

    #[test]
    fn logistic_regression(
        columns in prop::array::uniform2(vec(number(), 8)),
        outcomes in vec(any::<bool>(), 8),
        ridge in number(),
        values in vec(number(), 2),
        threshold in number(),
        level in level(),
    ) {
        let named = [("a", &columns[0][..]), ("b", &columns[1][..])];
        let Ok(features) = Features::new(named) else { return Ok(()) };
        let options = LogisticOptions::default().with_ridge(ridge).unwrap_or_default().with_max_iterations(20);
        let Ok(fitted) = logistic::fit(&features, &outcomes, &options) else { return Ok(()) };
        shown(&fitted);
        for found in fitted.coefficients(level) {
            prop_assert!((0.0..=1.0).contains(&found.p_value), "{:?}", found);
        }
        let model = fitted.model();
        if let Ok(p) = model.probability(&values) {
            prop_assert!((0.0..=1.0).contains(&p));
            model.score(&values).unwrap();
            model.reasons(&values, threshold).into_iter().flatten().for_each(|reason| shown(&reason));
        }
        prop_assert!(model.probabilities(&features).unwrap().iter().all(|p| (0.0..=1.0).contains(p)));
    }
}

/// Stored counts may be as large as their type.
#[test]
#[cfg(feature = "serde")]
fn stored_moves_can_be_counted_on() {
    let stored = |counts: [u64; 4]| serde_json::json!({ "names": ["a", "b"], "counts": counts });
    let full: crm_lifecycle::Moves = serde_json::from_value(stored([u64::MAX - 1, 0, 1, 0])).unwrap();
    assert_eq!(
        full.clone().count(&[0], &[1]).unwrap_err().to_string(),
        "number of moves, about 1.8446744073709552e19, is too large or too fine for its type"
    );
    shown(&full);
    assert!(full.share(0, 0, Default::default()).unwrap().is_some());
    let refused = serde_json::from_value::<crm_lifecycle::Moves>(stored([u64::MAX, 1, 0, 0])).unwrap_err();
    assert!(refused.to_string().contains("number of moves, about"), "{refused}");
}
