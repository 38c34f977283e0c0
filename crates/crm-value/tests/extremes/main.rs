//! Every public function with any input that the constructors accept: an answer or an error, never
//! a panic, and text with any precision and width.
//!
//! Decimals are drawn over their whole range: any 96 bits with any sign and any scale from 0 to 28,
//! and the numbers at the ends and beside them; counts over all of their integers. Every input is
//! drawn independently of the others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod components;
mod credit;
mod profits;

use std::fmt::{Debug, Display};

use crm_value::{Decimal, Error, Margin, MoneyUnit, NonNegative, Probability, Rate, Share, TimeUnit};
use proptest::prelude::*;
use proptest::sample::select;

const FINEST: Decimal = Decimal::from_parts(1, 0, 0, false, 28);

fn number() -> impl Strategy<Value = Decimal> {
    let whole_range =
        (any::<[u32; 3]>(), any::<bool>(), 0..=28_u32).prop_map(|([low, middle, high], negative, scale)| {
            Decimal::from_parts(low, middle, high, negative, scale)
        });
    let short = (any::<i64>(), 0..=28_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let usual =
        (-1_000_000_i64..1_000_000, 0..=4_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let power = (0..=28_u32, 0..=28_u32, -1_i128..=1)
        .prop_map(|(power, scale, beside)| Decimal::from_i128_with_scale(10_i128.pow(power) + beside, scale));
    let ends =
        [Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::ONE, Decimal::NEGATIVE_ONE, FINEST, -FINEST];
    prop_oneof![3 => whole_range, 2 => short, 2 => usual, 2 => power, 2 => select(ends.to_vec())]
}

fn amount() -> impl Strategy<Value = NonNegative> {
    number().prop_map(|number| NonNegative::new(number.abs()).unwrap())
}

/// Any number from 0 to 1 with up to 28 decimals.
fn unit_interval() -> impl Strategy<Value = Decimal> {
    let ends = [Decimal::ZERO, Decimal::ONE, FINEST, Decimal::ONE - FINEST, Decimal::new(5, 1)];
    let whole_range = (0..=10_i128.pow(28)).prop_map(|parts| Decimal::from_i128_with_scale(parts, 28));
    let usual = (0..=100_i64).prop_map(|percent| Decimal::new(percent, 2));
    prop_oneof![3 => whole_range, 2 => usual, 2 => select(ends.to_vec())]
}

fn share() -> impl Strategy<Value = Share> {
    unit_interval().prop_map(|number| Share::new(number).unwrap())
}

fn probability() -> impl Strategy<Value = Probability> {
    unit_interval().prop_map(|number| Probability::new(number).unwrap())
}

fn margin() -> impl Strategy<Value = Margin> {
    prop_oneof![unit_interval(), number().prop_map(|number| number.min(Decimal::ONE))]
        .prop_map(|number| Margin::new(number).unwrap())
}

fn period() -> impl Strategy<Value = TimeUnit> {
    select(vec![TimeUnit::Day, TimeUnit::Week, TimeUnit::Month, TimeUnit::Quarter, TimeUnit::Year])
}

/// Any rate above -1 of that period.
fn rate(period: TimeUnit) -> impl Strategy<Value = Rate> {
    let above = |number: Decimal| number.max(Decimal::NEGATIVE_ONE + FINEST);
    let usual = (-99..=300_i64).prop_map(|percent| Decimal::new(percent, 2));
    prop_oneof![2 => number().prop_map(above), 1 => unit_interval().prop_map(move |part| above(-part)), 2 => usual]
        .prop_map(move |number| Rate::unbounded(period, number).unwrap())
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..50_u64, select(vec![0, 1, 1 << 48, (1 << 48) + 1, u64::MAX])]
}

fn whole() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), 0..50_u32, select(vec![0, 1, u32::MAX])]
}

fn unit() -> impl Strategy<Value = MoneyUnit> {
    (0..=28_u32).prop_map(|decimals| MoneyUnit::decimals(decimals).unwrap())
}

/// How text is asked for: precision and width.
fn format() -> impl Strategy<Value = (usize, usize)> {
    (prop_oneof![0..=40_usize, select(vec![28, 29, 300])], prop_oneof![0..=60_usize, Just(200)])
}

type Format = (usize, usize);

/// Writes it in every way.
fn shown(it: &(impl Display + Debug), (precision, width): Format) {
    let texts = [
        format!("{it}"),
        format!("{it:.precision$}"),
        format!("{it:width$}"),
        format!("{it:>+width$.precision$}"),
        format!("{it:0width$.precision$}"),
    ];
    assert!(texts.iter().all(|text| !text.contains("NaN")), "{texts:?}");
    debugged(it, (precision, width));
}

fn debugged(it: &impl Debug, (precision, width): Format) {
    assert!(!format!("{it:?}").is_empty());
    // Precision 0 may leave nothing of a truth value.
    let _ = (format!("{it:#width$.precision$?}"), format!("{it:width$.precision$?}"));
}

/// Writes an answer, or the error that names what is wrong.
fn answered<T: Debug>(answer: Result<T, impl Into<Error>>, format: Format) -> Option<T> {
    match answer.map_err(Into::into) {
        Ok(answer) => {
            debugged(&answer, format);
            // Zero has no sign.
            let text = format!("{answer:?}");
            let numbers = text.split(|letter: char| !matches!(letter, '0'..='9' | '.' | '-'));
            let zero = |number: &str| {
                number.starts_with("-0") && !number.contains(|digit| matches!(digit, '1'..='9'))
            };
            assert!(!numbers.into_iter().any(zero), "{text}");
            Some(answer)
        }
        Err(error) => {
            shown(&error, format);
            assert!(!error.to_string().contains("NaN"), "{error}");
            None
        }
    }
}

/// An answer that people read.
fn said<T: Display + Debug>(answer: Result<T, impl Into<Error>>, format: Format) {
    if let Some(answer) = answered(answer, format) {
        shown(&answer, format);
    }
}
