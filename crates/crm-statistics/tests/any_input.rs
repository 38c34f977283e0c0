//! Every public function, for all that its constructors accept: no panic, no NaN, and text at any precision and width.
//!
//! Draws amounts independently from the whole of their type (every finite `f64` by its bits, every `i64`, every decimal of
//! 96 bits and 28 places), with few distinct ones and the ends of each type beside them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Display;

use crm_numbers::Decimal;
use crm_numbers::{Amount, Interval, Level, Share, SumUnit};
use crm_statistics::survival::{Incidence, Lifetimes, Limits, log_rank};
use crm_statistics::{
    Concentration, Direction, Negatives, Proportion, ProportionMethod, QuantileMethod, RankingQuality,
    Sorted, Ties, order_statistics, quantile, quantiles, ranks, share_interval,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |value| value.is_finite()),
        prop::sample::select(vec![0.0, -0.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1.0, -1.0]),
        (-3_i32..4).prop_map(f64::from),
    ]
}

fn whole() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), prop::sample::select(vec![i64::MIN, i64::MAX, 0]), -3_i64..4]
}

fn decimal() -> impl Strategy<Value = Decimal> {
    let any = (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>(), 0_u32..=28).prop_map(
        |(low, middle, high, negative, scale)| Decimal::from_parts(low, middle, high, negative, scale),
    );
    prop_oneof![any, prop::sample::select(vec![Decimal::MAX, Decimal::MIN, Decimal::ZERO])]
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), prop::sample::select(vec![0, 1, u64::MAX, u64::MAX - 1]), 0_u64..30]
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![
        0.0..1.0_f64,
        prop::sample::select(vec![f64::MIN_POSITIVE, 5e-324, 1.0 - f64::EPSILON / 2.0, 0.57, 0.95]),
    ]
    .prop_filter_map("a level", |level| Level::new(level).ok())
}

fn fraction() -> impl Strategy<Value = Share> {
    let units = prop_oneof![
        0_i64..=1_000_000_000_000_000_000,
        (0_i64..=100).prop_map(|percent| percent * 10_i64.pow(16))
    ];
    units.prop_map(|units| Share::new(Decimal::new(units, 18)).unwrap())
}

/// At every precision and width that a caller may ask for.
fn prints(value: &impl Display) {
    for precision in [0, 1, 4, 18, 29, 400, 20_000] {
        for width in [0, 1, 60] {
            let text = format!("{value:>width$.precision$}");
            assert!(text.chars().count() >= width && !text.contains("NaN"), "{text}");
        }
    }
    assert!(!format!("{value}").contains("NaN"));
}

fn ordered(interval: Interval) {
    let Interval { lower, estimate, upper, .. } = interval;
    assert!(lower <= estimate && estimate <= upper, "{interval:?}");
}

fn amounts<T: Amount>(values: &[T], fractions: &[Share], places: &[usize]) {
    for ties in [Ties::Average, Ties::Min, Ties::Max, Ties::Dense, Ties::Ordinal] {
        for direction in [Direction::Ascending, Direction::Descending] {
            assert_eq!(ranks(values, ties, direction).unwrap().len(), values.len());
        }
    }
    let _ = order_statistics(&mut values.to_vec(), places);
    let unit = SumUnit::of("amounts", values).unwrap();
    let total: i128 = values.iter().map(|&value| unit.count(value)).sum();
    assert!(!unit.to_f64(total).is_nan());
    let (_, sum) = (unit.amount(total), unit.sum("amounts", total));
    if let Ok(sum) = sum {
        prints(&sum.to_string());
    }
    for negatives in [Negatives::Refuse, Negatives::AsZero] {
        let Ok(spread) = Concentration::new(values, negatives) else { continue };
        assert!((0.0..=1.0).contains(&spread.gini()));
        assert!(spread.lorenz().all(|point| !point.amount.is_nan() && !point.customers.is_nan()));
        for fraction in fractions {
            assert!(spread.customers_for(*fraction) <= spread.customers());
            if let Ok(share) = spread.top_share(*fraction) {
                prints(&share);
            }
        }
        for place in places {
            let _ = spread.top(*place);
        }
    }
    let outcomes: Vec<bool> = (0..values.len()).map(|at| at % 2 == 0).collect();
    if let Ok(quality) = RankingQuality::new(values, &outcomes) {
        assert!((0.0..=1.0).contains(&quality.auc()));
        for fraction in fractions {
            assert!(!quality.capture(*fraction).is_nan());
        }
        for bins in [0, 1, 3, 10, usize::MAX] {
            if let Ok(gains) = quality.gains(bins) {
                assert!(gains.iter().all(|gain| !gain.lift.is_nan() && !gain.rate.is_nan()));
            }
        }
    }
}

fn lifetimes<T: Amount>(times: &[T], entries: &[T], level: Level, at: f64) {
    let lost: Vec<bool> = (0..times.len()).map(|place| place % 3 != 0).collect();
    let causes: Vec<Option<usize>> =
        (0..times.len()).map(|place| (place % 3 != 0).then_some(place % 2)).collect();
    let seen = [Lifetimes::new(times, &lost), Lifetimes::with_entries(entries, times, &lost)];
    let seen: Vec<Lifetimes> = seen.into_iter().flatten().collect();
    for seen in &seen {
        let (_, _, _) = (seen.customers(), seen.losses(), seen.at_risk(at));
        let curve = seen.kaplan_meier();
        for time in [at, seen.last(), 0.0, f64::MAX, -1.0] {
            assert!((0.0..=1.0).contains(&curve.at(time)) && !curve.standard_error(time).is_nan());
            for limits in [Limits::Greenwood, Limits::LogLog] {
                ordered(curve.interval(time, limits, level));
                let _ = curve.quantile(time, limits, level);
            }
            if let Ok(mean) = curve.restricted_mean(time, level) {
                ordered(mean);
            }
            ordered(seen.nelson_aalen().interval(time, level));
        }
        let _ = curve.median();
    }
    if let Ok(test) = log_rank(&seen) {
        assert!((0.0..=1.0).contains(&test.p_value), "{test:?}");
    }
    for number in [2, usize::MAX] {
        let found = [
            Incidence::new(times, &causes, number),
            Incidence::with_entries(entries, times, &causes, number),
        ];
        for incidence in found.into_iter().flatten() {
            for cause in [0, 1, 7] {
                for time in [at, f64::MAX, -1.0] {
                    assert!(!incidence.stays(time).is_nan());
                    assert!(incidence.share(cause, time).is_ok_and(|share| !share.is_nan()) || cause > 1);
                    assert!(
                        incidence.standard_error(cause, time).is_ok_and(|error| !error.is_nan()) || cause > 1
                    );
                    if let Ok(interval) = incidence.interval(cause, time, level) {
                        ordered(interval);
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn amounts_of_every_type(
        floats in vec(finite(), 0..12), wholes in vec(whole(), 0..12), decimals in vec(decimal(), 0..12),
        fractions in vec(fraction(), 1..3), places in vec(0_usize..14, 0..4),
    ) {
        amounts(&floats, &fractions, &places);
        amounts(&wholes, &fractions, &places);
        amounts(&decimals, &fractions, &places);
    }

    #[test]
    fn quantiles_of_any_numbers(values in vec(finite(), 0..12), p in prop_oneof![0.0..=1.0_f64, finite()]) {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let methods = [
            QuantileMethod::InvertedCdf, QuantileMethod::AveragedInvertedCdf, QuantileMethod::ClosestObservation,
            QuantileMethod::InterpolatedInvertedCdf, QuantileMethod::Hazen, QuantileMethod::Weibull,
            QuantileMethod::Linear, QuantileMethod::MedianUnbiased, QuantileMethod::NormalUnbiased,
        ];
        for method in methods {
            prop_assert!(quantile(&values, p, method).is_ok_and(f64::is_finite) || values.is_empty() || !(0.0..=1.0).contains(&p));
            let _ = quantiles(&values, &[p, p], method);
            let _ = Sorted::new(&sorted).and_then(|sorted| sorted.quantile(p, method));
        }
    }

    #[test]
    fn shares_and_intervals(
        a in count(), b in count(), c in count(), d in count(), level in level(), share in fraction(),
        x in finite(), y in finite(), z in finite(), n in finite(), whole in any::<u128>(),
    ) {
        prints(&level);
        prints(&share);
        prop_assert!(share.floor_of(whole) <= share.ceil_of(whole) && share.ceil_of(whole) <= whole);
        prop_assert!(level.z() > 0.0 && level.z().is_finite());
        let (one, other) = (Proportion::new(a.min(b), a.max(b)), Proportion::new(c.min(d), c.max(d)));
        if let (Ok(one), Ok(other)) = (one, other) {
            prints(&one);
            for method in [
                ProportionMethod::Wald, ProportionMethod::Wilson, ProportionMethod::WilsonCorrected,
                ProportionMethod::AgrestiCoull,
            ] {
                ordered(one.interval(method, level));
                ordered(one.difference(other, method, level));
                prints(&one.interval(method, level));
            }
        }
        for share in [x, x.abs().fract()] {
            if let Ok(interval) = share_interval(share, n.abs(), level) {
                ordered(interval);
                prop_assert!(interval.lower >= 0.0 && interval.upper <= 1.0);
            }
        }
        let interval = Interval::new(x, y, z, level);
        ordered(interval);
        ordered(interval.minus(Interval::new(z, x, y, level)));
        prints(&interval);
    }

    #[test]
    fn lifetimes_of_every_type(
        floats in vec((finite(), finite()), 1..10), wholes in vec((whole(), whole()), 1..10),
        decimals in vec((decimal(), decimal()), 1..10), level in level(), at in finite(),
    ) {
        // Entries before times, all at least 0, as the constructors ask.
        let sides = |pairs: &[(f64, f64)]| -> (Vec<f64>, Vec<f64>) {
            pairs.iter().map(|(a, b)| (a.abs().min(b.abs()), a.abs().max(b.abs()))).unzip()
        };
        let (entries, times) = sides(&floats);
        lifetimes(&times, &entries, level, at);
        let pairs = wholes.iter().map(|(a, b)| (a.saturating_abs(), b.saturating_abs()));
        let (entries, times): (Vec<i64>, Vec<i64>) = pairs.map(|(a, b)| (a.min(b), a.max(b))).unzip();
        lifetimes(&times, &entries, level, at);
        let pairs = decimals.iter().map(|(a, b)| (a.abs(), b.abs()));
        let (entries, times): (Vec<Decimal>, Vec<Decimal>) = pairs.map(|(a, b)| (a.min(b), a.max(b))).unzip();
        lifetimes(&times, &entries, level, at);
    }
}
