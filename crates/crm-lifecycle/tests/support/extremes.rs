//! Numbers from the ends of each type, and values printed in widths and precisions that nobody
//! would ask for.
#![allow(dead_code, reason = "not every test file draws everything")]

use std::fmt::Display;

use crm_history::Decimal;
use crm_numbers::{Interval, Level};
use proptest::collection::vec;
use proptest::prelude::*;

/// Prints in widths and precisions that nobody would ask for.
pub(crate) fn shown(value: &impl Display) {
    for text in [
        format!("{value}"),
        format!("{value:.0}"),
        format!("{value:.1}"),
        format!("{value:.28}"),
        format!("{value:.60}"),
        format!("{value:>+40.3}"),
        format!("{value:^1.2}"),
        format!("{value:-<400}"),
        format!("{value:0300.100}"),
    ] {
        assert!(!text.contains("NaN"), "{text}");
    }
}

pub(crate) fn number() -> impl Strategy<Value = f64> {
    const ENDS: [f64; 22] = [
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        f64::MIN_POSITIVE,
        1e-300,
        1e-150,
        1e-9,
        0.1,
        0.3,
        0.5,
        1.0,
        2.0,
        1e9,
        1e16,
        1e99,
        1e100,
        -1e100,
        1e300,
        f64::MAX,
        f64::MIN,
        f64::EPSILON,
    ];
    prop_oneof![
        4 => (0..ENDS.len()).prop_map(|at| ENDS[at]),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY)],
        4 => -100.0..100.0_f64,
        3 => 0.0..=1.0_f64,
        2 => any::<f64>(),
    ]
}

pub(crate) fn count() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => 0_u64..12,
        1 => prop_oneof![Just(u64::MAX), Just(u64::MAX - 1), Just(1 << 53), Just(1 << 63)],
        1 => any::<u64>(),
    ]
}

pub(crate) fn amount() -> impl Strategy<Value = Decimal> {
    let part = prop_oneof![2 => 0_u32..20, 1 => any::<u32>(), 1 => Just(u32::MAX)];
    let small = (-200_i64..200_000, 0_u32..=28).prop_map(|(cents, scale)| Decimal::new(cents, scale));
    let any = (part.clone(), part.clone(), part, any::<bool>(), 0_u32..=28).prop_map(
        |(low, middle, high, negative, scale)| Decimal::from_parts(low, middle, high, negative, scale),
    );
    prop_oneof![4 => small, 2 => any, 1 => Just(Decimal::MAX), 1 => Just(Decimal::MIN), 1 => Just(Decimal::ZERO)]
}

pub(crate) fn level() -> impl Strategy<Value = Level> {
    let ends = prop_oneof![Just(f64::MIN_POSITIVE), Just(1.0_f64.next_down()), Just(0.95), Just(0.5)];
    prop_oneof![2 => ends, 1 => 0.001..0.999_f64].prop_map(|level| Level::new(level).unwrap())
}

/// Times that mostly ascend, and one that is mostly after them.
pub(crate) fn times() -> impl Strategy<Value = (Vec<f64>, f64)> {
    (vec(number(), 1..9), any::<bool>(), number()).prop_map(|(mut times, sorted, now)| {
        if sorted {
            times.retain(|time| time.is_finite());
            times.sort_by(f64::total_cmp);
        }
        let last = times.last().copied().unwrap_or(0.0);
        (times, if sorted && now < last { last } else { now })
    })
}

pub(crate) fn sound(interval: Interval) {
    assert!(interval.lower <= interval.estimate && interval.estimate <= interval.upper, "{interval:?}");
}
