//! One definition, one answer: what two topics say about the same customers.
#![cfg(all(feature = "segmentation", feature = "value"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use crm_analytics::history::Decimal;
use crm_analytics::segmentation::Share;
use crm_analytics::segmentation::contact::{AccountValue, KeyAccounts};
use crm_analytics::value::large_but_poor;

/// A false key account is an account that looks large and is poor after cost, in any number, for
/// any share.
#[test]
fn false_key_accounts_are_those_that_are_large_but_poor() {
    let mut state = 1_u64;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for case in 0..400_u32 {
        let size = 1 + below(24);
        // Revenues differ, contributions tie now and then.
        let revenue: Vec<Decimal> =
            (0..size).map(|place| Decimal::from(below(1_000) * 100 + place)).collect();
        let profit: Vec<Decimal> = (0..size).map(|_| Decimal::from(below(9)) - Decimal::from(3)).collect();
        let percent = 1 + case % 100;
        let accounts: Vec<AccountValue> = revenue
            .iter()
            .zip(&profit)
            .map(|(revenue, profit)| AccountValue {
                revenue: *revenue,
                margin: *profit,
                cost_to_serve: Decimal::ZERO,
                displaced: Decimal::ZERO,
            })
            .collect();
        let judged = KeyAccounts::new(Share::percent(percent).unwrap()).unwrap().judge(&accounts).unwrap();
        let one: Vec<usize> = judged.groups().members("false key account").collect();
        let found = large_but_poor(
            &revenue,
            &profit,
            crm_analytics::value::Share::percent(i64::from(percent)).unwrap(),
        )
        .unwrap();
        let mut other: Vec<usize> = found.iter().map(|row| row.customer).collect();
        other.sort_unstable();
        assert_eq!(one, other, "top {percent} % of {revenue:?} with {profit:?}");
    }
}
