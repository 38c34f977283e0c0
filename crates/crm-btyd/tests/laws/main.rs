//! Laws that every model of repeat purchases obeys, by one generic function a law.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod fits;
mod next;
mod numbers;
mod relations;
mod value;

use crm_btyd::{BgCnbd, GompertzNbd, History, Horizon, MbgCnbd, Nbd};
use proptest::prelude::*;

/// Two ways to one number, both in doubles.
const RELATIVE: f64 = 1e-9;

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= RELATIVE * right.abs() + 1e-12
}

fn horizon(length: f64) -> Horizon {
    Horizon::new(length).unwrap()
}

/// Uniform on a log scale.
fn log_uniform(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from.ln()..to.ln()).prop_map(f64::exp)
}

fn parameters(from: f64, to: f64) -> impl Strategy<Value = [f64; 4]> {
    prop_oneof![
        4 => [log_uniform(from, to), log_uniform(from, to), log_uniform(from, to), log_uniform(from, to)],
        // At and near the points where textbook formulas divide by zero.
        1 => (log_uniform(from, to), log_uniform(from, to), prop::sample::select(vec![1.0, 1.0 + 1e-9, 1.0 - 1e-12, 2.0]))
            .prop_map(|(r, alpha, a)| [r, alpha, a, a]),
    ]
}

/// How fast risks grow is drawn on its own.
fn gompertz(theta: [f64; 4], b: f64, unit: f64) -> GompertzNbd {
    let [r, alpha, s, beta] = theta;
    GompertzNbd::new(r, alpha / unit, s, beta, b * unit).unwrap()
}

fn bg_cnbd(k: u32, [r, alpha, a, b]: [f64; 4]) -> BgCnbd {
    BgCnbd::new(k, r, alpha, a, b).unwrap()
}

fn mbg_cnbd(k: u32, [r, alpha, a, b]: [f64; 4]) -> MbgCnbd {
    MbgCnbd::new(k, r, alpha, a, b).unwrap()
}

fn nbd(theta: [f64; 4]) -> Nbd {
    Nbd::new(theta[0], theta[1]).unwrap()
}

/// Frequency, age and the share of the age at which the last purchase was made, each on its own.
fn histories(most: u32, longest: f64) -> impl Strategy<Value = History> {
    let frequency =
        prop_oneof![Just(0_u32), 1..10_u32, (0.0..f64::from(most).ln()).prop_map(|ln| ln.exp() as u32)];
    let share = prop_oneof![Just(1.0), 0.0..1.0_f64];
    (frequency, log_uniform(1e-3, longest), share).prop_map(|(frequency, age, share)| {
        let recency = if frequency == 0 { 0.0 } else { (age * share).max(1e-9) };
        History::new(frequency, recency, age).unwrap()
    })
}

/// The rule of Gauss and Legendre with 5 points on panels of 0 ..= 1.
fn integral(panels: u32, f: impl Fn(f64) -> f64) -> f64 {
    let nodes = [
        (0.5, 0.284_444_444_444_444_44),
        (0.230_765_344_947_158_45, 0.239_314_335_249_683_23),
        (0.769_234_655_052_841_5, 0.239_314_335_249_683_23),
        (0.046_910_077_030_668_004, 0.118_463_442_528_094_54),
        (0.953_089_922_969_332, 0.118_463_442_528_094_54),
    ];
    let panel = |n: u32| {
        nodes
            .iter()
            .map(|(place, weight)| weight * f((f64::from(n) + place) / f64::from(panels)))
            .sum::<f64>()
    };
    (0..panels).map(panel).sum::<f64>() / f64::from(panels)
}
