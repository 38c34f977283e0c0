//! Every public function with whatever its types allow: it answers with finite numbers or refuses,
//! and never panics.
//!
//! Amounts, weights, cuts, shares, names and codes are drawn independently of each other, and each
//! reaches the ends of its type: the largest and smallest numbers, both zeros, all scales of a
//! decimal, names of any length. Errors are answers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod amounts;
mod campaigns;
mod relationships;

use std::fmt::Display;

use crm_history::Day;
use crm_numbers::Level;
use crm_segmentation::{Assignments, Share};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Any `f64`, ordinary numbers and the ends of the type; NaN and infinities, too.
fn real() -> impl Strategy<Value = f64> {
    let ends =
        [0.0, -0.0, 1.0, -1.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, -5e-324, f64::NAN, f64::INFINITY];
    prop_oneof![4 => -100.0..100.0_f64, 2 => prop::sample::select(ends.to_vec()), 1 => any::<f64>()]
}

/// Any finite `f64`.
fn finite() -> impl Strategy<Value = f64> {
    real().prop_map(|value| if value.is_finite() { value } else { 0.5 })
}

/// Any `f64` from 0 to 1, in or out of reach by a little.
fn unit() -> impl Strategy<Value = f64> {
    prop_oneof![6 => 0.0..=1.0_f64, 1 => real()]
}

/// Any decimal: every mantissa of 96 bits, every scale, both signs.
fn decimal() -> impl Strategy<Value = Decimal> {
    let any_decimal = (any::<[u32; 3]>(), any::<bool>(), 0..=28_u32).prop_map(|(parts, negative, scale)| {
        Decimal::from_parts(parts[0], parts[1], parts[2], negative, scale)
    });
    let ends = [Decimal::ZERO, -Decimal::ZERO, Decimal::MAX, Decimal::MIN, Decimal::new(1, 28), Decimal::ONE];
    prop_oneof![
        4 => (-10_000_i64..10_000, 0..4_u32).prop_map(|(units, scale)| Decimal::new(units, scale)),
        1 => prop::sample::select(ends.to_vec()),
        1 => any_decimal,
    ]
}

fn whole() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -9_i64..50, 1 => any::<i64>(), 1 => prop::sample::select(vec![i64::MIN, i64::MAX, 0])]
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![5 => 0..9_u32, 1 => any::<u32>(), 1 => Just(u32::MAX)]
}

fn fraction() -> impl Strategy<Value = Share> {
    let digits = (0..=10_u64.pow(18)).prop_map(|units| Decimal::new(units as i64, 18));
    prop_oneof![2 => (0..=100_i64).prop_map(|percent| Decimal::new(percent, 2)), 1 => digits]
        .prop_map(|share| Share::new(share).unwrap())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-e]{1,2}", 1 => "\\PC{0,9}", 1 => Just("x".repeat(70_000))]
}

fn day() -> impl Strategy<Value = Day> {
    let ends = vec![Day::MIN, Day::MAX];
    prop_oneof![3 => (0..20_000).prop_map(|n| Day::new(n).unwrap()), 1 => prop::sample::select(ends)]
}

fn level() -> impl Strategy<Value = Level> {
    let ends = vec![5e-324, 0.5, 0.95, 1.0 - f64::EPSILON / 2.0];
    prop::sample::select(ends).prop_map(|level| Level::new(level).unwrap())
}

/// Reads as text whatever precision, width and sign the format asks for.
fn shown(value: &impl Display) {
    for text in [
        format!("{value}"),
        format!("{value:.0}"),
        format!("{value:.40}"),
        format!("{value:>80.3}"),
        format!("{value:<+300}"),
    ] {
        assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
    }
}

/// The debug form, too.
fn debugged(value: &impl std::fmt::Debug) {
    assert_eq!(format!("{value:90.40?}").trim(), format!("{value:?}"));
}

fn sound(groups: &Assignments) {
    shown(groups);
    for customer in 0..=groups.len() {
        let known = groups.name(customer).is_some();
        assert_eq!(known, customer < groups.len());
        let _ =
            (groups.reason(customer), groups.is_asked(customer, 3), groups.is_asked(customer, usize::MAX));
    }
    assert_eq!(groups.counts().iter().sum::<u64>(), groups.len() as u64);
    let _ = groups.members("a").count();
}

fn shown_table<S: Display>(table: &crm_segmentation::GroupTable<S>) {
    shown(table);
    for group in table.groups() {
        let shares = [group.share_of_value, group.mean_value, Some(group.share_of_customers)];
        assert!(shares.iter().flatten().all(|share| share.is_finite()), "{}", group.name);
    }
}
