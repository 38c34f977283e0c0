//! What must hold for any input.
#![allow(clippy::float_cmp, reason = "the answers asserted are exact")]

use crm_numbers::Decimal;
use crm_numbers::{Level, Share, SumUnit};
use crm_statistics::{
    Concentration, Direction, Negatives, Proportion, ProportionMethod, QuantileMethod, RankingQuality,
    Sorted, Ties, order_statistics, quantiles, ranks,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const RELATIVE: f64 = 1e-12;

const METHODS: [QuantileMethod; 9] = [
    QuantileMethod::InvertedCdf,
    QuantileMethod::AveragedInvertedCdf,
    QuantileMethod::ClosestObservation,
    QuantileMethod::InterpolatedInvertedCdf,
    QuantileMethod::Hazen,
    QuantileMethod::Weibull,
    QuantileMethod::Linear,
    QuantileMethod::MedianUnbiased,
    QuantileMethod::NormalUnbiased,
];

const INTERVALS: [ProportionMethod; 4] = [
    ProportionMethod::Wald,
    ProportionMethod::Wilson,
    ProportionMethod::WilsonCorrected,
    ProportionMethod::AgrestiCoull,
];

/// Few distinct values, so that ties are common.
fn tied() -> impl Strategy<Value = Vec<i64>> {
    vec(0_i64..8, 1..40)
}

fn any_finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
        -1e6..1e6_f64,
        (-1000_i32..1000).prop_map(f64::from),
    ]
}

proptest! {
    #[test]
    fn average_ranks_add_up(values in tied()) {
        let n = values.len() as f64;
        let ranked = ranks(&values, Ties::Average, Direction::Ascending).unwrap();
        prop_assert_eq!(ranked.iter().sum::<f64>(), n * (n + 1.0) / 2.0);
        let back = ranks(&values, Ties::Average, Direction::Descending).unwrap();
        for (up, down) in ranked.iter().zip(back) {
            prop_assert_eq!(up + down, n + 1.0);
        }
    }

    #[test]
    fn ranks_are_counts_of_smaller_values(values in tied()) {
        let by = |ties| ranks(&values, ties, Direction::Ascending).unwrap();
        for (i, value) in values.iter().enumerate() {
            let below = values.iter().filter(|other| *other < value).count();
            let upto = values.iter().filter(|other| *other <= value).count();
            let mut distinct: Vec<_> = values.iter().filter(|other| *other < value).collect();
            distinct.sort();
            distinct.dedup();
            let before = values[..i].iter().filter(|other| *other == value).count();
            prop_assert_eq!(by(Ties::Min)[i], (below + 1) as f64);
            prop_assert_eq!(by(Ties::Max)[i], upto as f64);
            prop_assert_eq!(by(Ties::Average)[i], (below + 1 + upto) as f64 / 2.0);
            prop_assert_eq!(by(Ties::Dense)[i], (distinct.len() + 1) as f64);
            prop_assert_eq!(by(Ties::Ordinal)[i], (below + before + 1) as f64);
        }
    }

    #[test]
    fn selection_finds_what_sorting_finds(
        values in vec(any_finite(), 1..60),
        probabilities in vec(0.0..=1.0_f64, 0..12),
        method in select(METHODS.as_slice()),
    ) {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let sorted = Sorted::new(&sorted).unwrap();
        let selected = quantiles(&values, &probabilities, method).unwrap();
        for (p, quantile) in probabilities.iter().zip(selected) {
            prop_assert_eq!(quantile, sorted.quantile(*p, method).unwrap());
        }
    }

    #[test]
    fn order_statistics_are_those_of_the_sorted(values in tied(), places in vec(any::<Index>(), 0..9)) {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let places: Vec<usize> = places.iter().map(|place| place.index(values.len())).collect();
        let mut copy = values;
        let found = order_statistics(&mut copy, &places).unwrap();
        for (place, value) in places.into_iter().zip(found) {
            prop_assert_eq!(value, sorted[place]);
            prop_assert_eq!(copy[place], value);
        }
        copy.sort_unstable();
        prop_assert_eq!(copy, sorted);
    }

    #[test]
    fn quantiles_grow_with_the_probability(
        values in vec(any_finite(), 1..60),
        (p, q) in (0.0..=1.0_f64, 0.0..=1.0_f64),
        method in select(METHODS.as_slice()),
    ) {
        let found = quantiles(&values, &[p.min(q), p.max(q)], method).unwrap();
        prop_assert!(found[0] <= found[1]);
        prop_assert!(values.iter().any(|value| *value <= found[0]));
        prop_assert!(values.iter().any(|value| *value >= found[1]));
    }

    #[test]
    fn the_inverted_cdf_is_the_smallest_value_that_covers_the_share(values in tied(), k in 1..100_usize) {
        let floats: Vec<f64> = values.iter().map(|&value| value as f64).collect();
        let found = quantiles(&floats, &[k as f64 / 100.0], QuantileMethod::InvertedCdf).unwrap()[0];
        let covers = |limit: f64| floats.iter().filter(|value| **value <= limit).count() * 100 >= k * values.len();
        prop_assert!(covers(found));
        prop_assert!(floats.iter().filter(|value| **value < found).all(|&value| !covers(value)));
    }

    #[test]
    fn gini_is_half_the_relative_mean_difference(values in vec(0.0..1e4_f64, 1..40)) {
        let total: f64 = values.iter().sum();
        prop_assume!(total > 0.0);
        let differences: f64 = values.iter().flat_map(|a| values.iter().map(move |b| (a - b).abs())).sum();
        let wanted = differences / (2.0 * values.len() as f64 * total);
        let spread = Concentration::new(&values, Negatives::Refuse).unwrap();
        prop_assert!((spread.gini() - wanted).abs() <= RELATIVE);
        // The same from the curve: 1 - twice the area below it, by trapezes.
        let curve: Vec<_> = spread.lorenz().collect();
        let area: f64 =
            curve.windows(2).map(|w| (w[1].customers - w[0].customers) * (w[0].amount + w[1].amount)).sum();
        prop_assert!((spread.gini() - (1.0 - area)).abs() <= RELATIVE);
        prop_assert!(curve.windows(3).all(|w| w[2].amount - w[1].amount >= w[1].amount - w[0].amount - RELATIVE));
    }

    #[test]
    fn top_shares_add_up(values in vec(0_i64..1000, 1..40), n in any::<Index>()) {
        prop_assume!(values.iter().sum::<i64>() > 0);
        let mut sorted = values.clone();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        let n = n.index(values.len() + 1);
        let spread = Concentration::new(&values, Negatives::Refuse).unwrap();
        let top = spread.top(n).unwrap();
        prop_assert_eq!(top.part, sorted[..n].iter().map(|&value| i128::from(value)).sum::<i128>());
        prop_assert_eq!(top.whole, values.iter().map(|&value| i128::from(value)).sum::<i128>());
    }

    #[test]
    fn the_fewest_customers_bring_the_share_and_one_less_does_not(values in vec(0_i64..50, 1..30), percent in 1..=100_u32) {
        let total: i64 = values.iter().sum();
        prop_assume!(total > 0);
        let spread = Concentration::new(&values, Negatives::Refuse).unwrap();
        let fewest = spread.customers_for(Share::percent(percent).unwrap());
        let enough = |n| spread.top(n).unwrap().part * 100 >= i128::from(percent) * i128::from(total);
        prop_assert!(enough(fewest));
        prop_assert!(fewest == 0 || !enough(fewest - 1));
    }

    #[test]
    fn sums_of_money_are_exact_in_any_order(cents in vec(-1_000_000_i64..1_000_000, 0..50), scale in 0..6_u32) {
        let amounts: Vec<Decimal> = cents.iter().map(|&c| Decimal::new(c, scale)).collect();
        let unit = SumUnit::of("amounts", &amounts).unwrap();
        let units = amounts.iter().rev().map(|&amount| unit.count(amount)).sum();
        prop_assert_eq!(unit.sum("amounts", units).unwrap(), amounts.iter().sum::<Decimal>());
    }

    #[test]
    fn counting_keeps_the_order_of_floats(values in vec(any_finite(), 1..40)) {
        let unit = SumUnit::of("values", &values).unwrap();
        for pair in values.windows(2) {
            if pair[0] <= pair[1] {
                prop_assert!(unit.count(pair[0]) <= unit.count(pair[1]));
            }
        }
        for &value in &values {
            let back = unit.amount(unit.count(value));
            let largest = values.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
            prop_assert!((back - value).abs() <= largest * 1e-30, "{} came back as {}", value, back);
        }
    }

    #[test]
    fn sums_of_whole_floats_are_exact(values in vec(-1_000_000_000_i64..1_000_000_000, 1..50)) {
        let floats: Vec<f64> = values.iter().map(|&value| value as f64 / 1024.0).collect();
        let unit = SumUnit::of("values", &floats).unwrap();
        let sum = unit.sum("values", floats.iter().map(|&value| unit.count(value)).sum()).unwrap();
        prop_assert_eq!(sum, values.iter().sum::<i64>() as f64 / 1024.0);
    }

    #[test]
    fn auc_counts_the_pairs(customers in vec((0_i64..10, any::<bool>()), 2..40)) {
        let (scores, outcomes): (Vec<i64>, Vec<bool>) = customers.iter().copied().unzip();
        prop_assume!(outcomes.contains(&true) && outcomes.contains(&false));
        let (mut right, mut pairs) = (0.0, 0.0);
        for (score, _) in customers.iter().filter(|(_, outcome)| *outcome) {
            for (other, _) in customers.iter().filter(|(_, outcome)| !*outcome) {
                pairs += 1.0;
                right += if score > other { 1.0 } else if score == other { 0.5 } else { 0.0 };
            }
        }
        let quality = RankingQuality::new(&scores, &outcomes).unwrap();
        prop_assert_eq!(quality.auc(), right / pairs);
        // The other route: from the ranks of the positives.
        let ranked = ranks(&scores, Ties::Average, Direction::Ascending).unwrap();
        let positives = outcomes.iter().filter(|outcome| **outcome).count() as f64;
        let sum: f64 = ranked.iter().zip(&outcomes).filter(|(_, outcome)| **outcome).map(|(rank, _)| rank).sum();
        prop_assert!((quality.auc() - (sum - positives * (positives + 1.0) / 2.0) / pairs).abs() < RELATIVE);
    }

    #[test]
    fn ranking_quality_ignores_the_order_of_the_input(
        customers in vec((0_i64..6, any::<bool>()), 2..30).prop_flat_map(|c| (Just(c.clone()), Just(c).prop_shuffle())),
        bins in 1..12_usize,
    ) {
        let build = |customers: &[(i64, bool)]| {
            let (scores, outcomes): (Vec<i64>, Vec<bool>) = customers.iter().copied().unzip();
            RankingQuality::new(&scores, &outcomes)
        };
        prop_assert_eq!(build(&customers.0), build(&customers.1));
        if let Ok(quality) = build(&customers.0) {
            let gains = quality.gains(bins).unwrap();
            let mean_lift = gains.iter().map(|gain| gain.lift).sum::<f64>() / bins as f64;
            prop_assert!((mean_lift - 1.0).abs() < RELATIVE);
            prop_assert!(gains.windows(2).all(|w| w[0].captured <= w[1].captured + RELATIVE));
            prop_assert_eq!(gains.last().unwrap().captured, 1.0);
            prop_assert!(gains.iter().all(|gain| (0.0..=1.0).contains(&gain.rate)));
        }
    }

    #[test]
    fn capture_is_the_mean_over_the_orders_of_the_tied(outcomes in vec(any::<bool>(), 2..7), percent in 0..=100_u32) {
        prop_assume!(outcomes.contains(&true) && outcomes.contains(&false));
        // All tied: every rotation puts everyone once in every place, which is all that the mean needs.
        let n = outcomes.len();
        let top = Share::percent(percent).unwrap();
        let tied = RankingQuality::new(&vec![0; n], &outcomes).unwrap().capture(top);
        let strict: Vec<i64> = (0..n as i64).collect();
        let mean = (0..n)
            .map(|turn| {
                let turned: Vec<bool> = (0..n).map(|i| outcomes[(i + turn) % n]).collect();
                RankingQuality::new(&strict, &turned).unwrap().capture(top)
            })
            .sum::<f64>() / n as f64;
        prop_assert!((tied - mean).abs() < RELATIVE);
    }

    #[test]
    fn limits_enclose_the_estimate(
        (successes, trials) in (1..1_000_000_u64).prop_flat_map(|n| (0..=n, Just(n))),
        other in (1..1000_u64).prop_flat_map(|n| (0..=n, Just(n))),
        level in 0.001..0.9999_f64,
    ) {
        let level = Level::new(level).unwrap();
        let (a, b) = (Proportion::new(successes, trials).unwrap(), Proportion::new(other.0, other.1).unwrap());
        for method in INTERVALS {
            let one = a.interval(method, level);
            prop_assert!(0.0 <= one.lower && one.lower <= one.estimate, "{:?} {}", method, one);
            prop_assert!(one.estimate <= one.upper && one.upper <= 1.0, "{:?} {}", method, one);
            let gap = a.difference(b, method, level);
            prop_assert!(-1.0 <= gap.lower && gap.lower <= gap.estimate, "{:?} {}", method, gap);
            prop_assert!(gap.estimate <= gap.upper && gap.upper <= 1.0, "{:?} {}", method, gap);
            let back = b.difference(a, method, level);
            prop_assert!((gap.lower + back.upper).abs() < RELATIVE, "{:?}: {} and {}", method, gap, back);
        }
    }

    #[test]
    fn failures_mirror_successes(
        (successes, trials) in (1..10_000_u64).prop_flat_map(|n| (0..=n, Just(n))),
    ) {
        let (a, b) =
            (Proportion::new(successes, trials).unwrap(), Proportion::new(trials - successes, trials).unwrap());
        for method in INTERVALS {
            let (one, other) = (a.interval(method, Level::default()), b.interval(method, Level::default()));
            prop_assert!((one.lower + other.upper - 1.0).abs() < RELATIVE, "{:?}: {} and {}", method, one, other);
        }
    }

    #[test]
    fn shares_of_a_total_are_exact(total in 0..u128::MAX, share in 0..=1_000_000_i64) {
        let fraction = Share::new(Decimal::new(share, 6)).unwrap();
        let (low, high) = (fraction.floor_of(total), fraction.ceil_of(total));
        prop_assert!(low <= high && high - low <= 1 && high <= total);
        // Against the product itself, where that fits.
        let small = total >> 24;
        prop_assert_eq!(fraction.floor_of(small), small * share as u128 / 1_000_000);
        prop_assert_eq!(fraction.ceil_of(small), (small * share as u128).div_ceil(1_000_000));
    }
}

/// What was stored comes back equal, and reading refuses what the constructor refuses.
#[cfg(feature = "serde")]
#[test]
fn reading_goes_through_the_constructors() {
    fn back<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
        serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
    }
    let level = Level::new(0.9).unwrap();
    let share = Share::percent(80).unwrap();
    let proportion = Proportion::new(81, 263).unwrap();
    let interval = proportion.interval(ProportionMethod::Wilson, level);
    assert_eq!((back(&level), back(&share), back(&proportion)), (level, share, proportion));
    assert_eq!(back(&interval), interval);
    assert_eq!(serde_json::to_string(&share).unwrap(), r#""0.8""#);

    let refused = |text: &str| serde_json::from_str::<Proportion>(text).unwrap_err().to_string();
    assert!(refused(r#"{"successes":3,"trials":2}"#).contains("successes must be at most 2, got 3"));
    assert!(refused(r#"{"successes":3,"trials":5,"kept":1}"#).contains("unknown field `kept`"));
    assert!(serde_json::from_str::<Level>("1.0").unwrap_err().to_string().contains("got 1"));
    assert!(serde_json::from_str::<Share>(r#""1.5""#).unwrap_err().to_string().contains("got 1.5"));
}
