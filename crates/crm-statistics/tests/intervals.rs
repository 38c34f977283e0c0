//! Intervals by a second route: roots found by bisection, and formulas by hand.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "the answers asserted are exact")]

use crm_numbers::{Interval, Level, Share};
use crm_statistics::{Proportion, ProportionMethod, QuantileMethod, RankingQuality, Sorted, share_interval};
use proptest::prelude::*;

/// The root of `abs(p - t) = z sqrt(t (1 - t) / n)` between an estimate and an end.
fn root(p: f64, n: f64, z: f64, end: f64) -> f64 {
    let outside = |t: f64| (p - t).abs() > z * (t * (1.0 - t) / n).sqrt();
    let (mut inside, mut beyond) = (p, end);
    for _ in 0..200 {
        let middle = inside + (beyond - inside) / 2.0;
        if outside(middle) { beyond = middle } else { inside = middle }
    }
    inside
}

proptest! {
    /// The limits of a share are the roots of their definition, for any effective number of
    /// observations from 0.1 to 10 000; for whole counts they are Wilson's.
    #[test]
    fn limits_of_a_share_are_roots(
        share in 0.001..0.999_f64,
        logarithm in -1.0..4.0_f64,
        level in 0.05..0.999_f64,
        (successes, trials) in (1_u64..500, 1_u64..500),
    ) {
        let (n, level) = (10_f64.powf(logarithm), Level::new(level).unwrap());
        let got = share_interval(share, n, level).unwrap();
        prop_assert_eq!((got.estimate, got.level), (share, level));
        prop_assert!((got.lower - root(share, n, level.z(), 0.0)).abs() <= 1e-9, "{:?}", got);
        prop_assert!((got.upper - root(share, n, level.z(), 1.0)).abs() <= 1e-9, "{:?}", got);

        let counts = Proportion::new(successes, successes + trials).unwrap();
        prop_assert_eq!((counts.successes(), counts.trials()), (successes, successes + trials));
        let wanted = counts.interval(ProportionMethod::Wilson, level);
        let got = share_interval(counts.estimate(), counts.trials() as f64, level).unwrap();
        prop_assert!((got.lower - wanted.lower).abs() <= 1e-12 && (got.upper - wanted.upper).abs() <= 1e-12);
    }

    /// Differences of Wilson's intervals are those of Newcombe's method 10.
    #[test]
    fn the_difference_of_intervals_is_that_of_proportions(
        (a, b, c, d) in (1_u64..200, 1_u64..200, 1_u64..200, 1_u64..200),
        level in 0.05..0.999_f64,
    ) {
        let level = Level::new(level).unwrap();
        let (one, other) = (Proportion::new(a, a + b).unwrap(), Proportion::new(c, c + d).unwrap());
        let wilson = ProportionMethod::Wilson;
        let got = one.interval(wilson, level).minus(other.interval(wilson, level));
        let wanted = one.difference(other, wilson, level);
        prop_assert_eq!(got.level, level);
        for (got, wanted) in
            [(got.lower, wanted.lower), (got.estimate, wanted.estimate), (got.upper, wanted.upper)]
        {
            prop_assert!((got - wanted).abs() <= 1e-12, "{} {}", got, wanted);
        }
    }
}

#[test]
fn a_share_of_nothing_or_all_has_its_end_as_a_limit() {
    let level = Level::default();
    let z2 = 1.959_963_984_540_054_f64.powi(2);
    // z^2 / (n + z^2), Wilson's limit without a success.
    let none = share_interval(0.0, 12.5, level).unwrap();
    assert_eq!((none.lower, none.estimate), (0.0, 0.0));
    assert!((none.upper - z2 / (12.5 + z2)).abs() <= 1e-15, "{none:?}");
    let all = share_interval(1.0, 12.5, level).unwrap();
    assert_eq!((all.estimate, all.upper), (1.0, 1.0));
    assert!((all.lower - 12.5 / (12.5 + z2)).abs() <= 1e-15, "{all:?}");
    // Next to nothing was seen: anything is possible.
    let unseen = share_interval(0.5, f64::MIN_POSITIVE, level).unwrap();
    assert_eq!((unseen.lower, unseen.upper), (0.0, 1.0));
}

#[test]
fn shares_and_observations_outside_their_range_are_refused() {
    let text =
        |share, observations| share_interval(share, observations, Level::default()).unwrap_err().to_string();
    assert_eq!(text(-0.1, 5.0), "share must be between 0 and 1, got -0.1");
    assert_eq!(text(1.5, 5.0), "share must be between 0 and 1, got 1.5");
    for observations in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        let finite = if observations.is_finite() { "" } else { " and finite" };
        let wanted = format!("observations must be greater than 0{finite}, got {observations}");
        assert_eq!(text(0.5, observations), wanted);
    }
}

#[test]
fn a_difference_takes_each_limit_from_the_other_side() {
    let level = Level::new(0.9).unwrap();
    let (now, before) = (Interval::new(2.0, 5.0, 9.0, level), Interval::new(1.0, 4.0, 16.0, level));
    // 1 - sqrt(3^2 + 12^2) and 1 + sqrt(4^2 + 3^2).
    let gap = now.minus(before);
    assert_eq!((gap.estimate, gap.upper, gap.level.get()), (1.0, 6.0, 0.9));
    assert!((gap.lower - (1.0 - 153_f64.sqrt())).abs() <= 1e-14, "{gap:?}");
    // Beyond the largest number it is that.
    let (low, high) =
        (Interval::new(f64::MIN, f64::MIN, 0.0, level), Interval::new(0.0, 1.0, f64::MAX, level));
    let widest = low.minus(high);
    assert_eq!((widest.lower, widest.estimate), (f64::MIN, f64::MIN));
    assert_eq!(high.minus(low).upper, f64::MAX);
}

#[test]
fn text_is_padded_on_both_sides() {
    let share = Proportion::new(3, 4).unwrap();
    assert_eq!(
        format!("{share:^11}|{share:*>8}|{share:<7}|{share:2}"),
        "  3 of 4   |**3 of 4|3 of 4 |3 of 4"
    );
}

#[test]
fn sorted_values_are_given_back() {
    let values = [1.0, 2.0, 2.0, 8.0];
    let sorted = Sorted::new(&values).unwrap();
    assert_eq!(sorted.values(), values);
    assert_eq!(sorted.quantile(0.5, QuantileMethod::Linear).unwrap(), 2.0);
}

#[test]
fn cumulative_lift_is_the_share_captured_over_the_share_asked() {
    let outcomes = [true, true, false, true, false, false];
    let quality = RankingQuality::new(&[6, 5, 4, 3, 2, 1], &outcomes).unwrap();
    let gains = quality.gains(3).unwrap();
    let near = |got: f64, wanted: f64| assert!((got - wanted).abs() <= 1e-12, "{got}, not {wanted}");
    // Two of three buyers in the best third, all of them in two thirds.
    for (gain, (captured, lift, cumulative)) in
        gains.iter().zip([(2.0 / 3.0, 2.0, 2.0), (1.0, 1.0, 1.5), (1.0, 0.0, 1.0)])
    {
        near(gain.captured, captured);
        near(gain.lift, lift);
        near(gain.rate, lift / 2.0);
        near(gain.cumulative_lift, cumulative);
    }
    near(quality.capture(Share::percent(50).unwrap()), 2.0 / 3.0);
    assert_eq!(quality.gains(1_000_000).unwrap().len(), 1_000_000);
    assert!(quality.gains(1_000_001).is_err());
}
