//! Laws of summaries: against their definition, and parts against the whole.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "both sides are computed alike")]

use crm_history::{
    Day, Distinct, FirstPurchase, Ledger, Observation, Refunds, SamePeriod, Summary, SummaryRules,
};
use crm_numbers::TimeUnit;
use proptest::prelude::*;

type Row = (u8, i32, i64);

fn day(n: i32) -> Day {
    Day::new(n).unwrap()
}

fn ledger(rows: &[Row]) -> Ledger<u8, i64> {
    Ledger::from_rows(rows.iter().map(|&(id, n, cents)| (id, day(n).date(), cents))).unwrap()
}

fn units() -> impl Strategy<Value = TimeUnit> {
    prop::sample::select(vec![
        TimeUnit::Day,
        TimeUnit::Week,
        TimeUnit::Month,
        TimeUnit::Quarter,
        TimeUnit::Year,
    ])
}

fn rules() -> impl Strategy<Value = SummaryRules> {
    let same_period = prop_oneof![units().prop_map(SamePeriod::Merged), Just(SamePeriod::Separate)];
    let refunds = prop::sample::select(vec![Refunds::Netted, Refunds::Ignored, Refunds::CountedAsPurchases]);
    let first = prop::sample::select(vec![FirstPurchase::Excluded, FirstPurchase::Included]);
    (units(), same_period, refunds, first).prop_map(|(unit, same_period, refunds, first)| {
        let rules = SummaryRules::default().with_unit(unit).with_same_period(same_period);
        rules.with_refunds(refunds).with_first_purchase(first)
    })
}

fn rows(ids: std::ops::Range<u8>) -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((ids, 10_000..10_200_i32, -5_i64..20), 0..60)
}

/// A customer's purchases by the definition: the day and the spend of each, and refunds before the first.
fn purchases(rows: &[Row], rules: &SummaryRules) -> (Vec<(Vec<Day>, i64)>, i64) {
    let period = |n: i32| match rules.same_period {
        SamePeriod::Merged(unit) => day(n).period(unit).index(),
        SamePeriod::Separate => n,
    };
    let is_refund = |cents: i64| cents < 0 && rules.refunds != Refunds::CountedAsPurchases;
    let mut rows: Vec<Row> = rows.to_vec();
    // Within a period orders come before refunds, whatever the order of the lines.
    rows.sort_by_key(|&(_, n, cents)| (period(n), is_refund(cents), n));
    let (mut purchases, mut before): (Vec<(Vec<Day>, i64)>, i64) = (Vec::new(), 0);
    for (_, n, cents) in rows {
        if is_refund(cents) {
            match purchases.last_mut() {
                _ if rules.refunds == Refunds::Ignored => {}
                Some((_, spend)) => *spend += cents,
                None => before += cents,
            }
            continue;
        }
        match purchases.last_mut() {
            Some((days, spend))
                if rules.same_period != SamePeriod::Separate
                    && days.last().is_some_and(|last| period(last.since_epoch()) == period(n)) =>
            {
                days.push(day(n));
                *spend += cents;
            }
            _ => purchases.push((vec![day(n)], cents)),
        }
    }
    (purchases, before)
}

fn check(summary: &Summary<i64>, rows: &[Row], end: Day, rules: &SummaryRules) {
    let (purchases, before) = purchases(rows, rules);
    let period = match rules.same_period {
        SamePeriod::Merged(unit) => unit,
        SamePeriod::Separate => TimeUnit::Day,
    };
    let length = |from: Day, to: Day| {
        f64::from(to.period(period).index() - from.period(period).index()) * period.length_in_days()
            / rules.unit.length_in_days()
    };
    let days: Vec<Day> = purchases.iter().map(|(days, _)| days[0]).collect();
    let spends: Vec<i64> = purchases.iter().map(|(_, spend)| *spend).collect();
    let last = purchases.last().unwrap().0.last().copied().unwrap();
    assert_eq!(summary.purchases as usize, purchases.len());
    assert_eq!(summary.frequency + 1, summary.purchases);
    assert_eq!((summary.first_purchase, summary.last_purchase), (days[0], last));
    assert_eq!(summary.recency, if days.len() == 1 { 0.0 } else { length(days[0], last) });
    assert_eq!((summary.age, summary.idle), (length(days[0], end), length(last, end)));
    assert_eq!((summary.first_spend, summary.repeat_spend), (spends[0], spends[1..].iter().sum()));
    assert_eq!(summary.spend, spends.iter().sum::<i64>() + before);
    let mean = match rules.first_purchase {
        FirstPurchase::Excluded => {
            (spends.len() > 1).then(|| summary.repeat_spend as f64 / summary.frequency as f64)
        }
        FirstPurchase::Included => Some(summary.spend as f64 / summary.purchases as f64),
    };
    assert_eq!(summary.mean_spend, mean);
    let gaps: Vec<f64> = days.windows(2).map(|pair| length(pair[0], pair[1])).collect();
    match summary.ln_gap_sum {
        None => assert!(gaps.contains(&0.0)),
        Some(sum) => {
            let expected: f64 = gaps.iter().map(|gap| gap.ln()).sum();
            assert!((sum - expected).abs() <= 1e-12 * (1.0 + expected.abs()) * gaps.len().max(1) as f64);
        }
    }
}

proptest! {
    #[test]
    fn a_summary_is_what_its_definition_says(rows in rows(0..4), rules in rules(), end in 10_100..10_250_i32) {
        let end = day(end);
        let summaries = ledger(&rows).summarize(&Observation::until(end).with_rules(rules)).unwrap();
        for id in 0..4 {
            let own: Vec<Row> =
                rows.iter().copied().filter(|&(other, n, _)| other == id && day(n) <= end).collect();
            match summaries.find(&id) {
                Some(summary) => check(&summary, &own, end, &rules),
                None => prop_assert!(purchases(&own, &rules).0.is_empty()),
            }
        }
        let late = rows.iter().filter(|&&(_, n, _)| day(n) > end).count() as u64;
        prop_assert_eq!(summaries.rows_after(), late);
    }

    #[test]
    fn distinct_rows_stand_for_every_buyer(rows in rows(0..40), rules in rules()) {
        let summaries = ledger(&rows).summarize(&Observation::until(day(10_210)).with_rules(rules)).unwrap();
        let distinct = summaries.distinct();
        let mut exploded: Vec<_> = summaries.buyers().map(|(.., buyer)| (buyer.frequency, buyer.age, buyer.recency)).collect();
        exploded.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let repeated: Vec<_> = distinct
            .iter()
            .flat_map(|row| std::iter::repeat_n((row.frequency, row.age, row.recency), row.customers as usize))
            .collect();
        prop_assert_eq!(repeated, exploded);
        let key = |row: &Distinct| (row.frequency, row.age, row.recency);
        prop_assert!(distinct.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])));
    }

    #[test]
    fn a_split_sees_every_purchase_once(rows in rows(0..5), cut in 10_000..10_199_i32) {
        let ledger = ledger(&rows);
        let observation = Observation::until(day(10_200));
        let split = ledger.split(&observation, day(cut)).unwrap();
        let whole = ledger.summarize(&observation).unwrap();
        let total: u32 = whole.buyers().map(|(.., buyer)| buyer.purchases).sum();
        let both: u32 = split.outcomes().map(|outcome| outcome.calibration.purchases + outcome.purchases).sum();
        let born: u32 = split.holdout().buyers()
            .filter(|(customer, ..)| split.calibration().get(*customer).is_none())
            .map(|(.., buyer)| buyer.purchases).sum();
        prop_assert_eq!(total, both + born);
        prop_assert_eq!(split.outcomes().count() + split.born_in_holdout(), whole.buyers().count());
    }
}

#[test]
fn a_spend_that_does_not_fit_names_the_customer() {
    let days = [1, 2, 3].map(day);
    let ledger = Ledger::from_columns(&["ada", "bob", "bob"], &days, &[1, i64::MAX, 1]).unwrap();
    let error = ledger.summarize(&Observation::until(day(9))).unwrap_err();
    assert_eq!(error.to_string(), "spend of customer \"bob\" does not fit its type without loss");
    let fitting = Ledger::from_columns(&["ada", "bob"], &days[..2], &[1, i64::MAX]).unwrap();
    let error = fitting.summarize(&Observation::until(day(9))).unwrap().total_spend().unwrap_err();
    assert_eq!(error.to_string(), "total spend of all customers together does not fit its type without loss");
}

/// Rows enough for more than one task of every step, and a number of threads on each side.
#[cfg(feature = "rayon")]
#[test]
fn one_thread_and_four_give_the_same_bits() {
    let (customers, rows) = (40_000_u64, 1_100_000_u64);
    let mix = |n: u64| {
        n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).wrapping_mul(0xff51_afd7_ed55_8ccd) >> 20
    };
    let ids: Vec<u64> = (0..rows).map(|n| mix(n) % customers).collect();
    let text: Vec<String> = ids.iter().take(300_000).map(|id| format!("c{id}")).collect();
    let days: Vec<Day> = (0..rows).map(|n| day(10_000 + (mix(n + rows) % 500) as i32)).collect();
    let amounts: Vec<f64> = (0..rows).map(|n| (mix(n + 2 * rows) % 10_000) as f64 * 0.01).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            assert_eq!(rayon::current_num_threads(), threads);
            let ledger = Ledger::from_columns(&ids, &days, &amounts).unwrap();
            let summaries = ledger.summarize(&Observation::until(day(10_400))).unwrap();
            let n = text.len();
            let by_text = Ledger::from_columns(&text, &days[..n], &amounts[..n]).unwrap();
            (summaries.total_spend().unwrap().to_bits(), summaries.distinct(), by_text, ledger, summaries)
        })
    };
    assert!(run(1) == run(4));
}
