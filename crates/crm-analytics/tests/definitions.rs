//! One definition, one answer: what two topics say about the same customers.
#![cfg(all(feature = "segmentation", feature = "value"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_analytics::history::Decimal;
use crm_analytics::segmentation::contact::{AccountValue, KeyAccounts};
use crm_analytics::value::{Share, large_but_poor};

/// False key accounts by contribution, and accounts that are large but poor by the same profit.
fn both(revenue: &[Decimal], profit: &[Decimal], percent: u32) -> [Vec<usize>; 2] {
    let account = |(revenue, profit): (&Decimal, &Decimal)| AccountValue {
        revenue: *revenue,
        margin: *profit,
        cost_to_serve: Decimal::ZERO,
        displaced: Decimal::ZERO,
    };
    let accounts: Vec<AccountValue> = revenue.iter().zip(profit).map(account).collect();
    let judged = KeyAccounts::new(crm_analytics::numbers::Share::percent(percent).unwrap())
        .unwrap()
        .judge(&accounts)
        .unwrap();
    let found = large_but_poor(revenue, profit, Share::percent(i64::from(percent)).unwrap()).unwrap();
    let mut poor: Vec<usize> = found.iter().map(|row| row.customer).collect();
    poor.sort_unstable();
    [judged.groups().members("false key account").collect(), poor]
}

/// A false key account is an account that looks large and is poor after cost, in any number, for
/// any share, and in any order of the rows.
///
/// Draws 1 to 24 accounts, shares from 1 to 100 % and profits of -3 to 5, which tie. Revenues
/// differ, tie now and then (one of 12 amounts), or are one of two amounts.
#[test]
fn false_key_accounts_are_those_that_are_large_but_poor() {
    let mut state = 1_u64;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let mut tied_at_the_edge = 0;
    for case in 0..1_200_u32 {
        let size = 1 + below(24);
        let revenue: Vec<Decimal> = (0..size)
            .map(|place| match case % 3 {
                0 => Decimal::from(below(1_000) * 100 + place),
                1 => Decimal::from(below(12)),
                _ => Decimal::from(below(2)),
            })
            .collect();
        let profit: Vec<Decimal> = (0..size).map(|_| Decimal::from(below(9)) - Decimal::from(3)).collect();
        let percent = 1 + case / 3 % 100;
        let [one, other] = both(&revenue, &profit, percent);
        assert_eq!(one, other, "top {percent} % of {revenue:?} with {profit:?}");

        // The same by counting: fewer customers than the top, rounded up, have a higher revenue.
        let top = (size * u64::from(percent)).div_ceil(100) as usize;
        let higher = |column: &[Decimal], than: &Decimal| column.iter().filter(|other| *other > than).count();
        let large = |place: &usize| higher(&revenue, &revenue[*place]) < top;
        let poor = |place: &usize| {
            profit[*place] < Decimal::ZERO || 2 * higher(&profit, &profit[*place]) >= profit.len()
        };
        let places = 0..revenue.len();
        assert_eq!(one, places.clone().filter(large).filter(poor).collect::<Vec<_>>());
        tied_at_the_edge += u32::from(places.clone().filter(large).count() > top);

        // Row k of the other order is row `order[k]` of this one.
        let mut order: Vec<usize> = places.collect();
        order.sort_by_key(|place| (place * 7 + case as usize) % 5);
        let pick = |column: &[Decimal]| order.iter().map(|place| column[*place]).collect::<Vec<_>>();
        for found in both(&pick(&revenue), &pick(&profit), percent) {
            let mut rows: Vec<usize> = found.into_iter().map(|row| order[row]).collect();
            rows.sort_unstable();
            assert_eq!(rows, one, "top {percent} % of {revenue:?} with {profit:?}, in another order");
        }
    }
    assert!(tied_at_the_edge > 400, "{tied_at_the_edge}");
}
