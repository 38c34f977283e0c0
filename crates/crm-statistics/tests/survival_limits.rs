//! Limits of survival estimates, by hand and from the standard errors that published results hold.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "times are compared as they were given")]

use crm_numbers::{Interval, Level};
use crm_statistics::survival::{Curve, Incidence, Lifetimes, Limits, log_rank};
use proptest::collection::vec;
use proptest::prelude::*;

const Z: f64 = 1.959_963_984_540_054;

fn near(got: f64, wanted: f64) -> bool {
    (got - wanted).abs() <= 1e-12 * wanted.abs().max(1e-3)
}

fn assert_limits(got: Interval, lower: f64, upper: f64) {
    assert!(near(got.lower, lower) && near(got.upper, upper), "{got:?}, not {lower} to {upper}");
}

/// Of 4 customers one is lost at 1, one is last seen at 2, one is lost at 3, one is last seen at 4.
fn four() -> Lifetimes {
    Lifetimes::new(&[1, 2, 3, 4], &[true, false, true, false]).unwrap()
}

#[test]
fn limits_of_a_curve() {
    let curve = four().kaplan_meier();
    assert_eq!(curve.last(), 4.0);
    // S = 3/4 with G = 1/12; S = 3/8 with G = 1/12 + 1/2.
    for (time, survival, greenwood) in [(1.0, 0.75, 1.0 / 12.0), (3.5, 0.375, 7.0 / 12.0_f64)] {
        let half = Z * survival * greenwood.sqrt();
        let interval = curve.interval(time, Limits::Greenwood, Level::default());
        assert_limits(interval, (survival - half).max(0.0), (survival + half).min(1.0));
        let spread = (Z * greenwood.sqrt() / survival.ln()).abs();
        let interval = curve.interval(time, Limits::LogLog, Level::default());
        assert_limits(interval, survival.powf(spread.exp()), survival.powf((-spread).exp()));
    }
    // So low that neither limit is cut.
    let level = Level::new(0.5).unwrap();
    let half = 0.674_489_750_196_081_7 * 0.375 * (7.0_f64 / 12.0).sqrt();
    assert_limits(curve.interval(3.0, Limits::Greenwood, level), 0.375 - half, 0.375 + half);
}

#[test]
fn limits_of_a_mean_end_with_the_last_customer() {
    let curve = Lifetimes::new(&[1, 2], &[true, true]).unwrap().kaplan_meier();
    // 1 + 1/2; the area behind the first loss is 1/2, so that the variance is 1/4 x 1 / (2 x 1).
    let mean = curve.restricted_mean(100.0, Level::default()).unwrap();
    let half = Z * 0.125_f64.sqrt();
    assert!(near(mean.estimate, 1.5));
    assert_limits(mean, 1.5 - half, 1.5 + half);
    for horizon in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(curve.restricted_mean(horizon, Level::default()).is_err(), "{horizon}");
    }
    // A horizon before the first loss, and one while customers are left.
    let early = four().kaplan_meier().restricted_mean(0.5, Level::default()).unwrap();
    assert_eq!((early.lower, early.estimate, early.upper), (0.5, 0.5, 0.5));
    // 1 + 2 x 3/4 + 1/2 x 3/8; areas 1.6875 and 0.1875 behind the losses.
    let mean = four().kaplan_meier().restricted_mean(3.5, Level::new(0.5).unwrap()).unwrap();
    let variance: f64 = 1.6875 * 1.6875 / 12.0 + 0.1875 * 0.1875 / 2.0;
    let half = 0.674_489_750_196_081_7 * variance.sqrt();
    assert!(near(mean.estimate, 2.6875));
    assert_limits(mean, 2.6875 - half, 2.6875 + half);
    assert!(four().kaplan_meier().restricted_mean(4.1, Level::default()).is_err());
}

#[test]
fn a_share_to_be_lost_lies_between_nobody_and_all() {
    let curve = four().kaplan_meier();
    for share in [0.0, -0.5, 1.0, 1.5, f64::NAN] {
        assert!(curve.quantile(share, Limits::LogLog, Level::default()).is_err(), "{share}");
    }
    let quarter = curve.quantile(0.25, Limits::Greenwood, Level::default()).unwrap();
    // The lower limit is below 3/4 at the first loss, the upper one never.
    assert_eq!((quarter.lower, quarter.estimate, quarter.upper), (Some(1.0), Some(1.0), None));
}

#[test]
fn limits_of_a_hazard() {
    let hazard = four().nelson_aalen();
    let steps: Vec<_> = hazard.steps().iter().map(|step| (step.time, step.hazard, step.variance)).collect();
    assert_eq!(steps, [(1.0, 0.25, 0.0625), (3.0, 0.75, 0.3125)]);
    assert_limits(hazard.interval(0.5, Level::default()), 0.0, 0.0);
    let factor = (Z * 0.3125_f64.sqrt() / 0.75).exp();
    let interval = hazard.interval(3.0, Level::default());
    assert_eq!(interval.estimate, 0.75);
    assert_limits(interval, 0.75 / factor, 0.75 * factor);
}

#[test]
fn limits_of_an_incidence() {
    let causes = [Some(0), None, Some(1), None, Some(0), None];
    let lost = Incidence::new(&[1, 2, 3, 4, 5, 6], &causes, 2).unwrap();
    assert_eq!(lost.times().collect::<Vec<_>>(), [1.0, 3.0, 5.0]);
    // 1/6 at 1; 5/6 stay, of whom 1/4 are lost to the other cause at 3; 5/8 stay, of whom half at 5.
    for (cause, time, share) in [(0, 1.0, 1.0 / 6.0), (1, 3.0, 5.0 / 24.0), (0, 5.0, 1.0 / 6.0 + 5.0 / 16.0)]
    {
        let error = lost.standard_error(cause, time).unwrap();
        let spread = (Z * error / (share * f64::ln(share))).abs();
        let interval = lost.interval(cause, time, Level::default()).unwrap();
        assert!(near(interval.estimate, share));
        assert_limits(interval, share.powf(spread.exp()), share.powf((-spread).exp()));
    }
    // At the first loss it is a proportion: 1/6 of 6.
    let error = lost.standard_error(0, 1.0).unwrap();
    assert!(near(error, (1.0 / 6.0 * 5.0 / 6.0 / 6.0_f64).sqrt()));
    for refused in [2, usize::MAX] {
        assert!(lost.share(refused, 1.0).is_err() && lost.standard_error(refused, 1.0).is_err());
        assert!(lost.interval(refused, 1.0, Level::default()).is_err());
    }
    // Everybody lost to one cause: no limits around 0 and 1.
    let all = Incidence::new(&[1, 2], &[Some(0), Some(0)], 2).unwrap();
    for (cause, share) in [(0, 1.0), (1, 0.0)] {
        let interval = all.interval(cause, 2.0, Level::default()).unwrap();
        assert_eq!((interval.lower, interval.estimate, interval.upper), (share, share, share));
    }
}

#[test]
fn the_most_causes_that_are_kept() {
    let number = |causes| Incidence::new(&[1], &[Some(0)], causes).map(|lost| lost.causes());
    assert_eq!(number(1_000).unwrap(), 1_000);
    let refused = number(1_001).unwrap_err().to_string();
    assert_eq!(refused, "number of causes must be at most 1000, got 1001");
}

#[test]
fn one_customer_at_risk_says_nothing_about_groups() {
    // At 2 a single customer is left: no spread there, whatever the group.
    let groups = [Lifetimes::new(&[1, 2], &[true, true]), Lifetimes::new(&[1], &[false])];
    let test = log_rank(&groups.map(Result::unwrap)).unwrap();
    // At 1 one of three is lost, of whom two are in the first group: 2/3, then 1.
    assert!(near(test.expected[0], 5.0 / 3.0) && near(test.expected[1], 1.0 / 3.0));
    // (2 - 5/3)^2 over the variance 1 x 2/3 x 1/3.
    assert!(near(test.chi_squared, 0.5), "{test:?}");
    assert_eq!(test.degrees, 1);
}

#[test]
fn groups_of_very_different_size_are_compared() {
    // One of 200 001 is lost, in the large group: 1 / 200 001 is expected in the small one.
    let large = 200_000;
    let (times, mut lost) = (vec![1_u32; large], vec![false; large]);
    lost[0] = true;
    let groups = [Lifetimes::new(&times, &lost).unwrap(), Lifetimes::new(&[1_u32], &[false]).unwrap()];
    let test = log_rank(&groups).unwrap();
    assert_eq!(test.degrees, 1);
    // (1 / (n + 1))^2 over the variance n / (n + 1)^2.
    assert!((test.chi_squared * large as f64 - 1.0).abs() <= 1e-6, "{test:?}");
    // What is left of the last row of a large covariance is rounding, no degree of freedom.
    let group = |size: u32, step: u32| {
        let times: Vec<u32> = (0..size).map(|place| 1 + place * step % 83).collect();
        Lifetimes::new(&times, &vec![true; times.len()]).unwrap()
    };
    assert_eq!(log_rank(&[group(7_001, 5), group(5_003, 7), group(3_011, 11)]).unwrap().degrees, 2);
}

/// Entries and stays of customers, many at the same time, and whether they were lost.
fn seen() -> impl Strategy<Value = Lifetimes> {
    vec((prop_oneof![3 => Just(0), 1 => 1_u32..4], 1_u32..15, any::<bool>()), 2..30).prop_map(|rows| {
        let entries: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let times: Vec<u32> = rows.iter().map(|row| row.0 + row.1).collect();
        let lost: Vec<bool> = rows.iter().map(|row| row.2).collect();
        Lifetimes::with_entries(&entries, &times, &lost).unwrap()
    })
}

/// The first step at which a limit of the curve has come down to a share, but for rounding.
fn first(curve: &Curve, stays: f64, limit: impl Fn(f64) -> f64) -> Option<f64> {
    curve.steps().iter().map(|step| step.time).find(|time| limit(*time) <= stays + 1e-12)
}

proptest! {
    /// Times by which a share is lost are read off the limits of the curve, also where a limit
    /// equals the share that stays but for the last digit.
    #[test]
    fn limits_of_times_are_read_off_the_curve(seen in seen(), level in 0.3..0.99_f64, at in 0_usize..15) {
        let (curve, level) = (seen.kaplan_meier(), Level::new(level).unwrap());
        for limits in [Limits::Greenwood, Limits::LogLog] {
            let of = |time| curve.interval(time, limits, level);
            let Some(step) = curve.steps().get(at) else { continue };
            for limit in [of(step.time).lower, of(step.time).estimate, of(step.time).upper] {
                for stays in [limit, limit.next_up(), limit - 1e-15] {
                    let Ok(range) = curve.quantile(1.0 - stays, limits, level) else { continue };
                    prop_assert_eq!(range.lower, first(&curve, stays, |time| of(time).lower));
                    prop_assert_eq!(range.estimate, first(&curve, stays, |time| curve.at(time)));
                    prop_assert_eq!(range.upper, first(&curve, stays, |time| of(time).upper));
                }
            }
        }
    }

    /// Greenwood's limits lie z standard errors from the curve, and every step of the hazard is a
    /// loss.
    #[test]
    fn limits_are_standard_errors_away(seen in seen(), level in 0.05..0.99_f64, time in 0.0..20.0_f64) {
        let (curve, level) = (seen.kaplan_meier(), Level::new(level).unwrap());
        let (survival, half) = (curve.at(time), level.z() * curve.standard_error(time));
        if survival > 0.0 {
            let interval = curve.interval(time, Limits::Greenwood, level);
            prop_assert!(near(interval.lower, (survival - half).max(0.0)));
            prop_assert!(near(interval.upper, (survival + half).min(1.0)));
        }
        let hazard = seen.nelson_aalen();
        prop_assert_eq!(hazard.steps().len(), curve.steps().len());
        let variance: f64 = curve
            .steps()
            .iter()
            .filter(|step| step.time <= time)
            .map(|step| step.losses as f64 / (step.at_risk as f64).powi(2))
            .sum();
        let (total, interval) = (hazard.at(time), hazard.interval(time, level));
        if total > 0.0 {
            let factor = (level.z() * variance.sqrt() / total).exp();
            prop_assert!(near(interval.lower, total / factor) && near(interval.upper, total * factor));
        }
    }
}
