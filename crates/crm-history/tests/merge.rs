//! Laws of merging: parts give the summary of all rows in one pass, or a refusal that names both.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::Debug;

use crm_history::{
    Day, Decimal, Error, FirstPurchase, Ledger, Observation, Refunds, SamePeriod, Summaries, SummaryRules,
};
use crm_numbers::{Amount, TimeUnit};
use proptest::prelude::*;

type Row = (u8, i32, i64);
/// A person of a roster, with the day of the first contact where it is known.
type Contact = (u8, Option<i32>);

fn day(n: i32) -> Day {
    Day::new(n).unwrap()
}

fn ledger<A: Amount>(rows: &[Row], roster: &[Contact], amount: impl Fn(i64) -> A) -> Ledger<u8, A> {
    let mut builder = Ledger::builder();
    for &(id, n, cents) in rows {
        builder.push(id, day(n), amount(cents)).unwrap();
    }
    for &(id, contact) in roster {
        builder.add_prospect(id, contact.map(day));
    }
    builder.build()
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
    prop::collection::vec((ids, 10_000..10_200_i32, -5_i64..20), 0..50)
}

fn roster(ids: std::ops::Range<u8>) -> impl Strategy<Value = Vec<Contact>> {
    prop::collection::vec((ids, prop::option::of(9_990..10_220_i32)), 0..6)
}

fn observation(start: Option<i32>, end: i32, rules: SummaryRules) -> Observation {
    let until = Observation::until(day(end)).with_rules(rules);
    start.map_or(until, |start| until.with_start(day(start)).unwrap())
}

/// Everything that a summary tells, customers by id.
#[derive(Debug, PartialEq)]
struct Told<A: Amount> {
    observation: Observation,
    everyone: Vec<(u8, Option<crm_history::Summary<A>>)>,
    prospects: Vec<(u8, Option<Day>)>,
    customers: usize,
    later: usize,
    rows: (u64, u64),
    ln_gap_sum: Option<u64>,
    distinct: Vec<crm_history::Distinct>,
    total: Result<A, Error>,
}

fn told<A: Amount>(summaries: &Summaries<u8, A>) -> Told<A> {
    let mut everyone: Vec<_> = summaries.everyone().map(|(_, &id, summary)| (id, summary)).collect();
    everyone.sort_by_key(|(id, _)| *id);
    let mut prospects: Vec<_> = summaries.prospects().map(|(_, &id, contact)| (id, contact)).collect();
    prospects.sort_unstable();
    for (customer, id, summary) in summaries.everyone() {
        assert_eq!(summaries.get(customer), summary);
        assert_eq!(summaries.find(id), summary);
    }
    Told {
        observation: *summaries.observation(),
        everyone,
        prospects,
        customers: summaries.customers(),
        later: summaries.later_customers(),
        rows: (summaries.rows_before(), summaries.rows_after()),
        ln_gap_sum: summaries.ln_gap_sum().map(f64::to_bits),
        distinct: summaries.distinct(),
        total: summaries.total_spend(),
    }
}

/// One history, cut at `cut`: both parts from the ledger of all rows, or each from the rows of its
/// own days.
fn spans_add_up<A: Amount + Debug>(
    (rows, roster): (&[Row], &[Contact]),
    (start, cut, end): (Option<i32>, i32, i32),
    rules: SummaryRules,
    amount: impl Fn(i64) -> A + Copy,
) {
    let whole = ledger(rows, roster, amount).summarize(&observation(start, end, rules)).unwrap();
    let (before, after) = (observation(start, cut, rules), observation(Some(cut + 1), end, rules));
    let (early, late): (Vec<Row>, Vec<Row>) = rows.iter().partition(|&&(_, n, _)| n <= cut);
    let (half, other_half) = roster.split_at(roster.len() / 2);
    let from_one = ledger(rows, roster, amount);
    let from_two = [ledger(&early, half, amount), ledger(&late, other_half, amount)];
    for [first, second] in [[&from_one, &from_one], [&from_two[0], &from_two[1]], [&from_one, &from_two[1]]] {
        let (first, second) = (first.summarize(&before).unwrap(), second.summarize(&after).unwrap());
        assert_eq!(told(&first.merge(&second).unwrap()), told(&whole));
        assert_eq!(told(&second.merge(&first).unwrap()), told(&whole));
    }
    let merged = from_one.summarize(&before).unwrap().merge(&from_one.summarize(&after).unwrap()).unwrap();
    assert!(merged == whole, "people of one ledger keep their numbers");
}

proptest! {
    /// Draws rows of 200 days with refunds, a roster whose contacts may lie before, in and after
    /// the spans, any rules, and a start, a cut and an end anywhere within or beyond the rows.
    #[test]
    fn successive_spans_are_one_pass_over_all_rows(
        rows in rows(0..5),
        roster in roster(0..9),
        rules in rules(),
        start in prop::option::of(9_990..10_180_i32),
        cut in 10_000..10_200_i32,
        more in 1..200_i32,
        scale in -40..40_i32,
    ) {
        let period = match rules.same_period {
            SamePeriod::Merged(unit) => unit,
            SamePeriod::Separate => TimeUnit::Day,
        };
        let cut = day(cut).period(period).last_day().since_epoch();
        let spans = (start.filter(|start| *start <= cut), cut, cut + more);
        spans_add_up((&rows, &roster), spans, rules, |cents| cents);
        spans_add_up((&rows, &roster), spans, rules, |cents| {
            Decimal::new(cents, (cents % 5).unsigned_abs() as u32)
        });
        spans_add_up((&rows, &roster), spans, rules, |cents| {
            cents as f64 * 0.1 * 2_f64.powi(scale * (cents % 3) as i32)
        });
    }

    /// Draws different customers on each side, the same days, any rules.
    #[test]
    fn different_customers_are_one_pass_over_all_rows(
        left in rows(0..3),
        right in rows(3..6),
        mine in roster(0..3),
        theirs in roster(3..9),
        rules in rules(),
        start in prop::option::of(9_990..10_100_i32),
        end in 10_100..10_250_i32,
    ) {
        let days = observation(start, end, rules);
        let (left, right) = (ledger(&left, &mine, |cents| cents), ledger(&right, &theirs, |cents| cents));
        let whole = left.merge(&right).unwrap().summarize(&days).unwrap();
        let parts = left.summarize(&days).unwrap().merge(&right.summarize(&days).unwrap()).unwrap();
        prop_assert_eq!(told(&parts), told(&whole));
        prop_assert!(parts == whole);
    }

    /// Draws two observations of one ledger without regard to each other: whatever is not refused
    /// is one pass.
    #[test]
    fn any_two_observations_are_exact_or_refused(
        rows in rows(0..3),
        rules in rules(),
        days in prop::collection::vec((prop::option::of(10_000..10_030_i32), 10_000..10_030_i32), 2),
    ) {
        let days = days.iter().map(|&(start, end)| {
            let start = start.map(|start| start.min(end));
            observation(start, end, rules)
        }).collect::<Vec<_>>();
        let ledger = ledger(&rows, &[], |cents| cents);
        let [left, right] = [0, 1].map(|n| ledger.summarize(&days[n]).unwrap());
        match left.merge(&right) {
            Ok(merged) => {
                let (start, end) = (merged.observation().start(), merged.observation().end());
                prop_assert_eq!(end, days[0].end().max(days[1].end()));
                let nobody = ledger.customers() == 0;
                prop_assert!(nobody || days[0] != days[1], "customers cannot be on both sides");
                let once = ledger.summarize(&observation(start.map(Day::since_epoch), end.since_epoch(), rules));
                prop_assert_eq!(told(&merged), told(&once.unwrap()));
            }
            Err(Error::CutInsidePeriod { .. } | Error::CustomerInBoth { .. }) => {}
            Err(error) => {
                for observation in &days {
                    prop_assert!(error.to_string().contains(&observation.end().to_string()), "{}", error);
                }
            }
        }
    }
}

fn summary(rows: &[Row], start: Option<i32>, end: i32) -> Summaries<u8, i64> {
    ledger(rows, &[], |cents| cents).summarize(&observation(start, end, SummaryRules::default())).unwrap()
}

fn message(left: &Summaries<u8, i64>, right: &Summaries<u8, i64>) -> String {
    left.merge(right).unwrap_err().to_string()
}

const ALL: [Row; 3] = [(1, 0, 1), (1, 10, 10), (1, 20, 100)];

#[test]
fn a_gap_between_the_parts_is_refused() {
    // Without the day in between the spend would be 101 instead of 111.
    assert_eq!(
        message(&summary(&ALL, None, 5), &summary(&ALL, Some(15), 25)),
        "the parts leave a gap: one until 1970-01-06, the other from 1970-01-16 to 1970-01-26; \
         the later part must start on 1970-01-07"
    );
    let merged = summary(&ALL, None, 5).merge(&summary(&ALL, Some(6), 25)).unwrap();
    assert_eq!(merged.find(&1).unwrap().spend, 111);
}

#[test]
fn parts_that_share_days_are_refused() {
    assert_eq!(
        message(&summary(&ALL, None, 12), &summary(&ALL, Some(8), 25)),
        "the parts overlap: one until 1970-01-13, the other from 1970-01-09 to 1970-01-26; \
         the later part must start on the day after the earlier part ends"
    );
    assert!(
        message(&summary(&ALL, Some(0), 25), &summary(&ALL, Some(8), 25)).starts_with("the parts overlap")
    );
    assert!(message(&summary(&ALL, Some(8), 12), &summary(&ALL, None, 25)).starts_with("the parts overlap"));
}

#[test]
fn different_customers_who_are_observed_until_different_days_are_refused() {
    // The customer of the left part would have been idle for 726 days, though nobody looked.
    assert_eq!(
        message(&summary(&[(1, 4, 5)], None, 20), &summary(&[(2, 4, 5)], None, 730)),
        "the parts end on different days: one until 1970-01-21, the other until 1972-01-01; parts with different \
         customers must cover the same days, and the later of two successive parts must start on 1970-01-22"
    );
}

#[test]
fn a_customer_on_both_sides_of_the_same_days_is_refused() {
    assert_eq!(
        message(&summary(&[(1, 4, 5)], None, 20), &summary(&[(1, 7, 5)], None, 20)),
        "customer 1 is in both parts, each until 1970-01-21; parts of the same days must hold different customers"
    );
    // Both left out the same line after the end; added up, it would count twice.
    assert!(matches!(
        summary(&[(1, 30, 5)], None, 20).merge(&summary(&[(1, 30, 5)], None, 20)),
        Err(Error::CustomerInBoth { .. })
    ));
}

#[test]
fn lines_after_the_end_count_once_or_the_merge_is_refused() {
    let late = [(1, 0, 1), (1, 10, 10), (1, 20, 100), (1, 40, 7)];
    let merged = summary(&late, None, 5).merge(&summary(&late, Some(6), 25)).unwrap();
    assert_eq!((merged.rows_before(), merged.rows_after()), (0, 1));
    let merged = summary(&late, Some(2), 5).merge(&summary(&late, Some(6), 25)).unwrap();
    assert_eq!((merged.rows_before(), merged.rows_after()), (1, 1));
    // The earlier part has seen three lines after its end, the later part knows of one: two would
    // be lost.
    assert_eq!(
        message(&summary(&late, None, 5), &summary(&late[..2], Some(6), 25)),
        "the part until 1970-01-06 left out 3 order lines after its end, but the part from 1970-01-07 to 1970-01-26 \
         knows 1; make both parts from the same ledger, or each from a ledger of its own lines"
    );
    assert!(
        message(&summary(&late[1..], None, 12), &summary(&late, Some(13), 25)).starts_with(
            "the part from 1970-01-14 to 1970-01-26 left out 2 order lines before its start, but"
        )
    );
}

#[test]
fn rules_and_periods_must_fit() {
    let months = SummaryRules::default().with_same_period(SamePeriod::Merged(TimeUnit::Month));
    let by_month =
        |start, end| ledger(&ALL, &[], |cents| cents).summarize(&observation(start, end, months)).unwrap();
    assert_eq!(
        message(&summary(&ALL, None, 24), &by_month(Some(25), 50)),
        "summaries were made under different rules: durations in days, orders of one day are one purchase, \
         refunds reduce the spend, mean spend without the first purchase and durations in days, orders of one month are \
         one purchase, refunds reduce the spend, mean spend without the first purchase"
    );
    assert_eq!(
        message(&by_month(None, 15), &by_month(Some(16), 50)),
        "cut at 1970-01-16 is inside the period 1970-01; cut at its last day 1970-01-31"
    );
}

#[test]
fn a_person_known_without_a_date_and_with_a_later_one_is_as_in_one_pass() {
    // In the second roster person 1 is first met after the end of both spans.
    let rows = [(2, 3, 5), (2, 8, 5)];
    let days = |start, end| observation(start, end, SummaryRules::default());
    let whole =
        ledger(&rows, &[(1, None), (1, Some(90))], |cents| cents).summarize(&days(Some(1), 20)).unwrap();
    let early = ledger(&rows[..1], &[(1, None)], |cents| cents).summarize(&days(Some(1), 5)).unwrap();
    let late = ledger(&rows[1..], &[(1, Some(90))], |cents| cents).summarize(&days(Some(6), 20)).unwrap();
    assert_eq!((whole.customers(), whole.later_customers()), (1, 1));
    assert_eq!(told(&early.merge(&late).unwrap()), told(&whole));
    // A line before the start makes the person known.
    let early = ledger(&[(1, 0, 5), (2, 3, 5)], &[], |cents| cents).summarize(&days(Some(1), 5)).unwrap();
    assert_eq!(early.merge(&late).unwrap().customers(), 2);
}
