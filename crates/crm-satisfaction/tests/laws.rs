//! What must hold for every survey.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_numbers::Level;
use crm_satisfaction::drivers::Drivers;
use crm_satisfaction::index::{Index, Pairs};
use crm_satisfaction::kano::{KanoCounts, KanoFeature, KanoReply};
use crm_satisfaction::scores::{Nps, NpsMethod};
use proptest::prelude::*;

const RELATIVE: f64 = 1e-9;

proptest! {
    #[test]
    fn the_index_rises_with_perception_and_falls_with_expectation(
        b in 0.0..100.0_f64, a in 0.01..100.0_f64, more in 0.01..10.0_f64,
    ) {
        let c = |b, a| Index::new(b, a).unwrap().ratio();
        prop_assert!(c(b + more, a) > c(b, a));
        prop_assert!(b <= 0.0 || c(b, a + more) < c(b, a));
    }

    #[test]
    fn no_survey_gives_nan(pairs in prop::collection::vec((0_u8..11, 0_u8..11), 0..40)) {
        let (b, a): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&(b, a)| (f64::from(b), f64::from(a))).unzip();
        let pairs = Pairs::new(&b, &a).unwrap();
        for figure in [pairs.ratio_of_means(), pairs.gap(), pairs.ratio_error(), pairs.gap_error()] {
            prop_assert!(figure.is_none_or(f64::is_finite));
        }
        if let Some(interval) = pairs.ratio_interval(Level::default()) {
            prop_assert!(0.0 <= interval.lower && interval.lower <= interval.estimate && interval.estimate <= interval.upper);
        }
    }

    #[test]
    fn scores_turn_round_with_their_answers(p in 0_u64..200, n in 0_u64..200, d in 0_u64..200) {
        prop_assume!(p + n + d > 0);
        let (one, other) = (Nps::new(p, n, d).unwrap(), Nps::new(d, n, p).unwrap());
        for method in [NpsMethod::Wald, NpsMethod::Wilson] {
            let (a, b) = (one.interval(method, Level::default()), other.interval(method, Level::default()));
            prop_assert!((a.lower + b.upper).abs() < 1e-6 && (a.upper + b.lower).abs() < 1e-6);
            prop_assert!(-100.0 <= a.lower && a.lower <= a.estimate && a.estimate <= a.upper && a.upper <= 100.0);
        }
    }

    #[test]
    fn coefficients_of_a_feature_stay_in_their_ranges(replies in prop::collection::vec((0_usize..5, 0_usize..5), 1..60)) {
        let replies: Vec<_> = replies.iter().map(|&(f, d)| (KanoReply::ALL[f], KanoReply::ALL[d])).collect();
        let feature = KanoFeature::new("x", &replies).unwrap();
        let counts: &KanoCounts = feature.counts();
        prop_assert_eq!(counts.respondents(), replies.len() as u64);
        prop_assert!(counts.get(feature.category()) >= counts.ranked()[1].1);
        prop_assert!(feature.better().is_none_or(|better| (0.0..=1.0).contains(&better)));
        prop_assert!(feature.worse().is_none_or(|worse| (-1.0..=0.0).contains(&worse)));
    }

    #[test]
    fn shares_add_up_to_what_is_explained(rows in prop::collection::vec(prop::array::uniform5(1_u8..11), 12..40)) {
        let drivers: Vec<f64> = rows.iter().flat_map(|row| row[..4].iter().map(|&value| f64::from(value))).collect();
        let outcome: Vec<f64> = rows.iter().map(|row| f64::from(row[4])).collect();
        let Ok(found) = Drivers::new(&["a", "b", "c", "d"], &drivers, &outcome) else { return Ok(()) };
        let Ok(explained) = found.r_squared() else { return Ok(()) };
        let (shapley, weights) = (found.shapley().unwrap(), found.relative_weights().unwrap());
        for shares in [shapley, weights] {
            let sum: f64 = shares.iter().map(|share| share.value).sum();
            prop_assert!((sum - explained).abs() < RELATIVE, "{} {}", sum, explained);
            prop_assert!(shares.iter().all(|share| share.value > -RELATIVE));
        }
    }
}
