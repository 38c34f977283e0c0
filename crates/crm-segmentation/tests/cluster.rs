//! Clusters: laws, data with known clusters, and what is refused.
#![cfg(feature = "cluster")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_segmentation::Error;
use crm_segmentation::cluster::{ClusterCriterion, ClusterFeatures, ClusterScheme, Scaling};
use proptest::prelude::*;

/// Clouds around such places, of such width, from a small generator.
fn clouds(places: &[(f64, f64)], of_each: usize, width: f64) -> (Vec<f64>, Vec<f64>) {
    let mut state = 7_u64;
    let mut even = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    // About normal: the sum of twelve.
    let mut normal = || (0..12).map(|_| even()).sum::<f64>() - 6.0;
    let mut points = Vec::new();
    for i in 0..places.len() * of_each {
        let (x, y) = places[i % places.len()];
        points.push((x + width * normal(), y + width * normal()));
    }
    points.into_iter().unzip()
}

fn two(x: &[f64], y: &[f64]) -> ClusterFeatures {
    ClusterFeatures::new().with("x", x).unwrap().with("y", y).unwrap()
}

const FIVE: [(f64, f64); 5] = [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (10.0, 10.0), (5.0, 5.0)];

#[test]
fn five_clouds_are_found_by_both_criteria_and_are_firm() {
    let (x, y) = clouds(&FIVE, 60, 0.6);
    let features = two(&x, &y);
    for criterion in [ClusterCriterion::Silhouette, ClusterCriterion::Gap] {
        let fitted = ClusterScheme::default().with_criterion(criterion).fit(&features, &x).unwrap();
        assert_eq!(fitted.clusters(), 5, "{criterion:?}: {:?}", fitted.candidates());
        let clusters = fitted.assign(&features).unwrap();
        assert_eq!(clusters.counts(), [60; 5]);
        // Cloud and cluster are the same thing.
        assert!((0..300).all(|i| clusters.codes()[i] == clusters.codes()[i % 5]));
        let best = fitted.candidates().iter().find(|candidate| candidate.clusters == 5).unwrap();
        assert!(best.silhouette.unwrap() > 0.75 && best.explained > 0.95, "{best:?}");
        assert!(fitted.candidates()[0].clusters == 1 && fitted.candidates()[0].silhouette.is_none());
    }
    let fitted = ClusterScheme::new(5..=5).unwrap().with_references(0).unwrap().fit(&features, &x).unwrap();
    let firm = fitted.stability(&features, 20, 1).unwrap();
    assert!(firm.iter().all(|similarity| *similarity > 0.95), "{firm:?}");
    // The first cluster has the highest mean value, here x.
    let means: Vec<f64> = fitted.centers().iter().map(|center| center.means[0].unwrap()).collect();
    assert!(means.is_sorted_by(|one, next| one >= next), "{means:?}");
}

#[test]
fn where_there_are_no_clusters_the_figures_say_so() {
    let (x, y) = clouds(&[(0.0, 0.0)], 400, 1.0);
    let features = two(&x, &y);
    for (criterion, references) in
        [(ClusterCriterion::Silhouette, 0), (ClusterCriterion::Silhouette, 20), (ClusterCriterion::Gap, 20)]
    {
        let scheme = ClusterScheme::default().with_criterion(criterion).with_references(references).unwrap();
        let fitted = scheme.fit(&features, &x).unwrap();
        assert_eq!(fitted.clusters(), 1, "{criterion:?} {references}: {:?}", fitted.candidates());
        assert_eq!(fitted.assign(&features).unwrap().counts(), [400]);
        assert!(fitted.candidates().iter().all(|candidate| candidate.gap.is_some() == (references > 0)));
    }
    let fitted = ClusterScheme::new(5..=5).unwrap().with_references(0).unwrap().fit(&features, &x).unwrap();
    let firm = fitted.stability(&features, 20, 1).unwrap();
    assert!(firm.iter().copied().fold(1.0, f64::min) < 0.85, "{firm:?}");
}

/// Customers spread evenly over a box, with as many features as asked for: no clusters.
fn noise(features: usize, customers: usize, seed: u64) -> ClusterFeatures {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678;
    let mut even = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..features).fold(ClusterFeatures::new(), |columns, feature| {
        let column: Vec<f64> = (0..customers).map(|_| even() * 10_f64.powi(feature as i32)).collect();
        columns.with(format!("feature {feature}"), &column).unwrap()
    })
}

/// The silhouette of even spreads is 0.36 to 0.6: above every fixed rule of thumb in one feature
/// and two.
#[test]
fn noise_is_one_cluster_in_one_to_four_features() {
    for features in 1..=4 {
        for (seed, customers) in [(1, 60), (2, 250)] {
            let noise = noise(features, customers, seed);
            let worth = vec![1; customers];
            for (criterion, references) in [
                (ClusterCriterion::Silhouette, 0),
                (ClusterCriterion::Silhouette, 10),
                (ClusterCriterion::Gap, 10),
            ] {
                let scheme =
                    ClusterScheme::new(2..=6).unwrap().with_criterion(criterion).with_starts(4).unwrap();
                let fitted = scheme.with_references(references).unwrap().fit(&noise, &worth).unwrap();
                assert_eq!(fitted.clusters(), 1, "{features} {criterion:?}: {:?}", fitted.candidates());
            }
        }
    }
}

/// ClusterFeatures that go together are one long direction, not clusters along it.
#[test]
fn correlated_noise_is_one_cluster() {
    let (x, y) = clouds(&[(0.0, 0.0)], 300, 1.0);
    let together: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x + 0.1 * y).collect();
    let features = two(&x, &together);
    for criterion in [ClusterCriterion::Silhouette, ClusterCriterion::Gap] {
        let fitted = ClusterScheme::new(2..=6).unwrap().with_criterion(criterion).fit(&features, &x).unwrap();
        assert_eq!(fitted.clusters(), 1, "{criterion:?}: {:?}", fitted.candidates());
    }
}

#[cfg(feature = "rayon")]
#[test]
fn clusters_have_the_same_bits_on_any_number_of_threads() {
    let (x, y) = clouds(&FIVE, 40, 0.9);
    let features = two(&x, &y);
    let run = || {
        let fitted =
            ClusterScheme::new(2..=6).unwrap().with_references(10).unwrap().fit(&features, &x).unwrap();
        let firm = fitted.stability(&features, 10, 1).unwrap();
        (format!("{fitted:?}"), firm.into_iter().map(f64::to_bits).collect::<Vec<_>>())
    };
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run);
    assert_eq!(on(1), on(4));
}

#[test]
fn ranked_money_keeps_giants_from_having_a_cluster_of_their_own() {
    let spend: Vec<f64> = (0..200).map(|i| if i == 0 { 1e9 } else { f64::from(i) }).collect();
    let orders: Vec<u32> = (0..200).map(|i| 1 + i % 4).collect();
    let features =
        ClusterFeatures::new().with_money("spend", &spend).unwrap().with("orders", &orders).unwrap();
    let scheme = ClusterScheme::new(4..=4).unwrap().with_references(0).unwrap();
    let smallest = |scaling| {
        let fitted = scheme.clone().with_scaling(scaling).fit(&features, &spend).unwrap();
        fitted.centers().iter().map(|center| center.customers).min().unwrap()
    };
    assert_eq!(smallest(Scaling::Standardized), 1);
    assert!(smallest(Scaling::Quantiles) > 20);
    // By default, because it is money.
    let fitted = scheme.fit(&features, &spend).unwrap();
    assert!(fitted.centers().iter().all(|center| center.customers > 20), "{fitted}");
}

#[test]
fn what_cannot_be_clustered_is_refused_by_name() {
    let text = |result: Result<_, Error>| -> String { result.map(|_: ()| ()).unwrap_err().to_string() };
    let scheme = ClusterScheme::default();
    let few = ClusterFeatures::new().with("orders", &[1, 2, 3, 3]).unwrap();
    assert_eq!(
        text(scheme.fit(&few, &[1, 2, 3, 4]).map(|_| ())),
        "number of different customers must be at least 10, got 3"
    );
    assert_eq!(text(scheme.fit(&few, &[1]).map(|_| ())), "expected 4 values, got 1");
    assert_eq!(text(scheme.fit(&ClusterFeatures::new(), &[1; 0]).map(|_| ())), "features must not be empty");
    let nobody = ClusterFeatures::new().with::<i32>("orders", &[]).unwrap();
    assert_eq!(text(scheme.fit(&nobody, &[1; 0]).map(|_| ())), "customers must not be empty");
    assert_eq!(
        text(ClusterScheme::new(0..=4).map(|_| ())),
        "smallest number of clusters must be between 1 and 256, got 0"
    );
    #[allow(clippy::reversed_empty_ranges, reason = "the mistake that is tested")]
    let backwards = ClusterScheme::new(5..=4);
    assert_eq!(text(backwards.map(|_| ())), "largest number of clusters must be between 5 and 256, got 4");
    assert_eq!(text(ClusterScheme::default().with_starts(0).map(|_| ())), "starts must be at least 1, got 0");
    assert_eq!(
        text(ClusterScheme::default().with_references(9).map(|_| ())),
        "references must be at least 10, got 9; 0 draws none"
    );
    let blind = ClusterScheme::default().with_references(0).unwrap().with_criterion(ClusterCriterion::Gap);
    assert_eq!(
        text(blind.fit(&few, &[1, 2, 3, 4]).map(|_| ())),
        "references for the gap must be at least 10, got 0"
    );
    let fitted =
        ClusterScheme::new(2..=2).unwrap().with_references(0).unwrap().fit(&few, &[1, 2, 3, 4]).unwrap();
    let other = ClusterFeatures::new().with("spend", &[1.0]).unwrap();
    assert_eq!(text(fitted.assign(&other).map(|_| ())), "expected the features orders, got spend");
    assert_eq!(text(fitted.stability(&few, 0, 1).map(|_| ())), "rounds must be at least 1, got 0");
}

#[cfg(feature = "serde")]
#[test]
fn stored_clusters_assign_alike_and_spoilt_ones_are_refused() {
    let (x, y) = clouds(&FIVE, 20, 0.8);
    let features = two(&x, &y);
    for scaling in [Scaling::ByKind, Scaling::Standardized, Scaling::Quantiles] {
        let scheme = ClusterScheme::new(5..=5).unwrap().with_scaling(scaling).with_references(0).unwrap();
        let fitted = scheme.fit(&features, &x).unwrap();
        let text = serde_json::to_string(&fitted).unwrap();
        let read: crm_segmentation::cluster::ClusterFit = serde_json::from_str(&text).unwrap();
        assert_eq!(read, fitted);
        assert_eq!(read.assign(&features).unwrap(), fitted.assign(&features).unwrap());
    }
    let refused = |text: &str| serde_json::from_str::<ClusterScheme>(text).unwrap_err().to_string();
    let stored = r#"{"least":0,"most":4,"scaling":"quantiles","criterion":"gap","starts":10,"references":20,"seed":1}"#;
    assert!(refused(stored).starts_with("smallest number of clusters must be between 1 and 256, got 0"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_and_unit_do_not_matter_and_everybody_is_at_the_nearest_center(
        customers in prop::collection::vec((-50_i32..50, 0_i32..1_000), 12..80),
        turn in 1_usize..12,
        quantiles in any::<bool>(),
    ) {
        let scaling = if quantiles { Scaling::Quantiles } else { Scaling::Standardized };
        let scheme = ClusterScheme::new(2..=4).unwrap().with_scaling(scaling).with_references(0).unwrap();
        let fit = |customers: &[(i32, i32)], unit: f64| {
            let x: Vec<f64> = customers.iter().map(|(x, _)| unit * f64::from(*x)).collect();
            let y: Vec<i32> = customers.iter().map(|(_, y)| *y).collect();
            let features = ClusterFeatures::new().with("x", &x).ok()?.with("y", &y).ok()?;
            let fitted = scheme.fit(&features, &y).ok()?;
            Some((fitted.assign(&features).unwrap(), fitted))
        };
        let Some((clusters, fitted)) = fit(&customers, 1.0) else { return Ok(()) };
        prop_assert_eq!(clusters.counts().iter().sum::<u64>(), customers.len() as u64);
        for (center, count) in fitted.centers().iter().zip(clusters.counts()) {
            prop_assert_eq!(center.customers, count);
            prop_assert!(center.means.iter().flatten().all(|mean| mean.is_finite()));
        }
        for candidate in fitted.candidates() {
            prop_assert!(candidate.silhouette.is_none_or(|found| (-1.0..=1.0).contains(&found)));
            prop_assert!((0.0..=1.0).contains(&candidate.explained));
        }
        // Turned round, everybody is where they were.
        let mut turned = customers.clone();
        turned.rotate_left(turn);
        let (other, same) = fit(&turned, 1.0).unwrap();
        prop_assert_eq!(&same, &fitted);
        let mut codes = other.codes().to_vec();
        codes.rotate_right(turn);
        prop_assert_eq!(codes.as_slice(), clusters.codes());
        // In another unit, too: a power of two changes no digit.
        let (other, _) = fit(&customers, 1_024.0).unwrap();
        prop_assert_eq!(other.codes(), clusters.codes());
    }

    #[test]
    fn extremes_give_numbers(
        values in prop::collection::vec(prop_oneof![-f64::MAX..f64::MAX, -1e-300..1e-300, Just(0.0)], 6..30),
        quantiles in any::<bool>(),
    ) {
        let scaling = if quantiles { Scaling::Quantiles } else { Scaling::Standardized };
        let scheme = ClusterScheme::new(2..=3).unwrap().with_scaling(scaling).with_starts(2).unwrap().with_references(10).unwrap();
        let features = ClusterFeatures::new().with("x", &values).unwrap();
        let worth: Vec<u32> = (0..values.len() as u32).collect();
        if let Ok(fitted) = scheme.fit(&features, &worth) {
            prop_assert!(fitted.centers().iter().flat_map(|center| &center.means).flatten().all(|mean| mean.is_finite()));
            for candidate in fitted.candidates() {
                let figures = [candidate.silhouette, candidate.silhouette_of_noise, candidate.gap, candidate.gap_error, candidate.gap_of_noise];
                prop_assert!(figures.iter().flatten().all(|figure| figure.is_finite()), "{:?}", candidate);
            }
            prop_assert!(fitted.stability(&features, 2, 1).unwrap().iter().all(|s| (0.0..=1.0).contains(s)));
        }
    }
}
