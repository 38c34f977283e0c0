//! Laws of summaries: against their definition, and parts against the whole.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "both sides are computed alike")]

use crm_history::{
    Day, Decimal, Distinct, FirstPurchase, Ledger, Observation, Refunds, Rules, SamePeriod, Summaries,
    Summary, TimeUnit,
};
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

fn rules() -> impl Strategy<Value = Rules> {
    let same_period = prop_oneof![units().prop_map(SamePeriod::Merged), Just(SamePeriod::Separate)];
    let refunds = prop::sample::select(vec![Refunds::Netted, Refunds::Ignored, Refunds::CountedAsPurchases]);
    let first = prop::sample::select(vec![FirstPurchase::Excluded, FirstPurchase::Included]);
    (units(), same_period, refunds, first).prop_map(|(unit, same_period, refunds, first)| {
        let rules = Rules::default().with_unit(unit).with_same_period(same_period);
        rules.with_refunds(refunds).with_first_purchase(first)
    })
}

fn rows(ids: std::ops::Range<u8>) -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((ids, 10_000..10_200_i32, -5_i64..20), 0..60)
}

/// A customer's purchases by the definition: the day and the spend of each, and refunds before the first.
fn purchases(rows: &[Row], rules: &Rules) -> (Vec<(Vec<Day>, i64)>, i64) {
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

fn check(summary: &Summary<i64>, rows: &[Row], end: Day, rules: &Rules) {
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

fn assert_same<A: crm_history::Amount>(left: &Summaries<u8, A>, right: &Summaries<u8, A>) {
    let list = |summaries: &Summaries<u8, A>| {
        let mut all: Vec<_> = summaries.buyers().map(|(_, &id, summary)| (id, summary)).collect();
        all.sort_by_key(|(id, _)| *id);
        all
    };
    assert_eq!(list(left), list(right));
    let mut prospects: [Vec<u8>; 2] =
        [left, right].map(|side| side.prospects().map(|(_, &id, _)| id).collect());
    prospects.iter_mut().for_each(|ids| ids.sort_unstable());
    assert_eq!(prospects[0], prospects[1]);
    assert_eq!(left.observation(), right.observation());
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
    fn disjoint_customers_add_up(left in rows(0..3), right in rows(3..6), rules in rules()) {
        let observation = Observation::until(day(10_300)).with_rules(rules);
        let (left, right) = (ledger(&left), ledger(&right));
        let whole = left.merge(&right).unwrap().summarize(&observation).unwrap();
        let parts = left.summarize(&observation).unwrap().merge(&right.summarize(&observation).unwrap()).unwrap();
        assert_same(&whole, &parts);
        prop_assert_eq!(whole.distinct(), parts.distinct());
    }

    #[test]
    fn successive_spans_add_up(rows in rows(0..4), rules in rules(), cut in 10_000..10_200_i32) {
        let period = match rules.same_period {
            SamePeriod::Merged(unit) => unit,
            SamePeriod::Separate => TimeUnit::Day,
        };
        let cut = day(cut).period(period).last_day();
        let end = day(10_600);
        let (early, late): (Vec<Row>, Vec<Row>) = rows.iter().partition(|&&(_, n, _)| day(n) <= cut);
        let until = |end| Observation::until(end).with_rules(rules);
        let whole = ledger(&rows).summarize(&until(end)).unwrap();
        let first = ledger(&early).summarize(&until(cut)).unwrap();
        let second = ledger(&late).summarize(&until(end)).unwrap();
        assert_same(&whole, &first.merge(&second).unwrap());
        assert_same(&whole, &second.merge(&first).unwrap());
        prop_assert_eq!(ledger(&early).merge(&ledger(&late)).unwrap().summarize(&until(end)).unwrap().distinct(), whole.distinct());
    }

    #[test]
    fn spans_of_doubles_and_decimals_add_up_to_the_last_bit(rows in rows(0..3), scale in -40..40_i32, cut in 10_000..10_200_i32) {
        let value = |cents: i64| cents as f64 * 0.1 * 2f64.powi(scale * (cents % 3) as i32);
        let double = |rows: &[Row]| {
            Ledger::from_rows(rows.iter().map(|&(id, n, cents)| (id, day(n).date(), value(cents)))).unwrap()
        };
        let decimal = |rows: &[Row]| {
            Ledger::from_rows(rows.iter().map(|&(id, n, cents)| (id, day(n).date(), Decimal::new(cents, (cents % 5).unsigned_abs() as u32)))).unwrap()
        };
        let (early, late): (Vec<Row>, Vec<Row>) = rows.iter().partition(|&&(_, n, _)| n <= cut);
        let (until, end) = (Observation::until(day(cut)), Observation::until(day(10_200)));
        assert_same(
            &double(&rows).summarize(&end).unwrap(),
            &double(&early).summarize(&until).unwrap().merge(&double(&late).summarize(&end).unwrap()).unwrap(),
        );
        assert_same(
            &decimal(&rows).summarize(&end).unwrap(),
            &decimal(&early).summarize(&until).unwrap().merge(&decimal(&late).summarize(&end).unwrap()).unwrap(),
        );
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
fn parts_that_cannot_be_put_one_after_the_other_are_refused() {
    let summary = |rows: &[Row], end, rules: Rules| {
        ledger(rows).summarize(&Observation::until(day(end)).with_rules(rules)).unwrap()
    };
    let months = Rules::default().with_same_period(SamePeriod::Merged(TimeUnit::Month));
    fn message(left: &Summaries<u8, i64>, right: &Summaries<u8, i64>) -> String {
        left.merge(right).unwrap_err().to_string()
    }
    let early = summary(&[(1, 0, 5), (1, 20, 5)], 24, Rules::default());
    assert_eq!(
        message(&early, &summary(&[(1, 40, 5)], 50, months)),
        "summaries were made under different rules: durations in days, orders of one day are one purchase, \
         refunds reduce the spend, mean spend without the first purchase and durations in days, orders of one month are \
         one purchase, refunds reduce the spend, mean spend without the first purchase"
    );
    assert_eq!(
        message(&early, &summary(&[(1, 10, 5)], 50, Rules::default())),
        "customer 1 has purchases until 1970-01-21 on the left and from 1970-01-11 on the right; \
         spans must follow each other and be cut at a period bound"
    );
    assert_eq!(
        message(&early, &summary(&[(1, 22, 5)], 24, Rules::default())),
        "customer 1 has lines in both summaries, and both end on 1970-01-25; spans must follow each other"
    );
    let cut_inside_january = message(&summary(&[(1, 0, 5)], 15, months), &summary(&[(1, 16, 5)], 50, months));
    assert!(
        cut_inside_january
            .starts_with("customer 1 has purchases until 1970-01-01 on the left and from 1970-01-17")
    );
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

#[cfg(feature = "rayon")]
#[test]
fn the_number_of_threads_changes_nothing() {
    let (customers, rows) = (9_000_u64, 60_000_u64);
    let mix = |n: u64| {
        n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23).wrapping_mul(0xff51_afd7_ed55_8ccd) >> 20
    };
    let ids: Vec<u64> = (0..rows).map(|n| mix(n) % customers).collect();
    let days: Vec<Day> = (0..rows).map(|n| day(10_000 + (mix(n + rows) % 500) as i32)).collect();
    let amounts: Vec<f64> = (0..rows).map(|n| (mix(n + 2 * rows) % 10_000) as f64 * 0.01).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let ledger = Ledger::from_columns(&ids, &days, &amounts).unwrap();
            let summaries = ledger.summarize(&Observation::until(day(10_500))).unwrap();
            (summaries.total_spend().unwrap().to_bits(), summaries.distinct(), ledger, summaries)
        })
    };
    let one = run(1);
    assert!(one == run(2) && one == run(7));
}
