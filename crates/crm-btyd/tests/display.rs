//! Everything that prints does so with any width and precision, and prints numbers as numbers.
#![cfg(feature = "rand")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/shops.rs"]
mod shops;

use std::fmt::Display;

use crm_btyd::{
    BgCnbd, BgNbd, Discount, Error, FitDiagnosis, GammaGamma, GompertzNbd, Histories, History, Horizon,
    Level, MbgNbd, Nbd, ParetoNbd, PurchaseFit, PurchaseModel, PurchaseOptions, TimeUnit,
    contractual::ShiftedBetaGeometric,
    covariates::{CovariateHistories, WithCovariates, fit_with_covariates},
    fit,
    fit::{ParameterBound, Prior},
    validation::{Holdout, ModelCandidate, NaiveRule, RankingCriterion, compare},
};
use proptest::prelude::*;

/// A value in all shapes: `is_finite` says that nothing in it may print as infinite.
fn prints(value: &dyn Display, is_finite: bool) {
    let plain = value.to_string();
    assert!(!plain.is_empty());
    let mut all = vec![plain.clone()];
    for precision in [0, 3, 17, 40] {
        all.push(format!("{value:.precision$}"));
        for width in [0, 1, 17, 300] {
            all.push(format!("{value:width$.precision$}"));
            all.push(format!("{value:<width$.precision$}"));
            all.push(format!("{value:>width$.precision$}"));
            all.push(format!("{value:*^width$.precision$}"));
        }
    }
    for width in [0, 1, 17, 300] {
        all.extend([format!("{value:width$}"), format!("{value:>width$}"), format!("{value:*^+width$}")]);
    }
    for text in all {
        assert!(!text.contains("NaN"), "{text}");
        let words = text.split(|c: char| !c.is_alphanumeric());
        assert!(!is_finite || words.clone().all(|word| word != "inf"), "{text}");
    }
}

fn prints_fit<M: PurchaseModel<Data = Histories>>(data: &Histories, options: &PurchaseOptions) {
    let fitted: PurchaseFit<M> = fit(data, options).unwrap();
    prints(&fitted, true);
    prints(&fitted.report(), true);
    fitted.diagnosis().iter().for_each(|doubt| prints(doubt, true));
}

fn prints_covariates<M: WithCovariates>(data: &Histories) {
    let mut with = CovariateHistories::new(&["channel of the first purchase"], &["region"]);
    for (place, (history, _)) in data.iter().enumerate() {
        let (odd, third) = (f64::from(place as u32 % 2), f64::from(place as u32 % 3));
        with.push(history, &[odd], &[third]).unwrap();
    }
    let fitted = fit_with_covariates::<M>(&with, &PurchaseOptions::default()).unwrap();
    prints(&fitted, true);
    fitted.diagnosis().iter().for_each(|doubt| prints(doubt, true));
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-690.0..700.0_f64).prop_map(f64::exp),
        4 => (-690.0..700.0_f64).prop_map(|ln| -ln.exp()),
        1 => prop::sample::select(vec![0.0, -0.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::MIN, 0.999_999_95]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Any number in any diagnosis.
    #[test]
    fn a_diagnosis_prints(a in number(), b in number(), n in any::<u64>(), m in any::<u32>()) {
        for doubt in [
            FitDiagnosis::FewCustomers { customers: n, wanted: u64::from(m) },
            FitDiagnosis::FewRepeaters { repeaters: n, wanted: u64::from(m) },
            FitDiagnosis::ShortWindow { longest_age: a, mean_gap: b },
            FitDiagnosis::Boundary { parameter: "alpha".into(), bound: ParameterBound::Infinity, value: a },
            FitDiagnosis::Boundary { parameter: "s".into(), bound: ParameterBound::Zero, value: b },
            FitDiagnosis::NotIdentified { parameters: vec!["a".into(), "b".into()] },
            FitDiagnosis::Collapsed { into: "NBD".into(), gain: a },
            FitDiagnosis::NotConverged { iterations: m },
            FitDiagnosis::NoMeanSpend { q: a },
            FitDiagnosis::SpendGoesWithFrequency { correlation: a, p_value: b },
        ] {
            prints(&doubt, true);
        }
    }

    /// What is refused names the value, infinite or not a number as it may be.
    #[test]
    fn an_error_prints(value in number()) {
        for error in [
            Discount::per_year(value, TimeUnit::Day).err(),
            Discount::continuous(value).err(),
            Horizon::new(value).err(),
            History::new(3, value, 0.5 * value).err(),
            BgNbd::new(value, value, value, value).err(),
            Prior::log_normal(value, -1.0).err(),
            Some(Error::NoGaps),
        ] {
            error.iter().for_each(|error| prints(error, true));
        }
    }
}

/// Fits to shops of all kinds, and to a few customers and to the extremes of age.
#[test]
fn a_fit_prints() {
    for number in 0..10 {
        let data = shops::shop(number, 60.0);
        let priors = PurchaseOptions::default().with_prior("r", Prior::log_normal(1.0, 1.0).unwrap());
        prints_fit::<Nbd>(&data, &PurchaseOptions::default());
        prints_fit::<BgNbd>(&data, &priors.clone().with_equal("a", "b"));
        prints_fit::<MbgNbd>(&data, &priors.with_fixed("alpha", 1e8));
        prints_fit::<ParetoNbd>(&data, &PurchaseOptions::default());
        prints_fit::<BgCnbd>(&data, &PurchaseOptions::default().with_stages(3));
        prints_covariates::<MbgNbd>(&data);
    }
    let few = shops::shop(3, 20.0);
    prints_fit::<GompertzNbd>(&few, &PurchaseOptions::default().with_max_iterations(3));
    for age in [1e-6, 1e9] {
        let history = |x, share: f64| History::new(x, share * age, age).unwrap();
        let data =
            Histories::weighted([(history(0, 0.0), 300), (history(2, 0.5), 80), (history(7, 1.0), 40)]);
        prints_fit::<Nbd>(&data, &PurchaseOptions::default());
        prints_fit::<BgNbd>(&data, &PurchaseOptions::default());
    }
    let spends = shops::spends(0, 300.0);
    prints(&fit::<GammaGamma>(&spends, &PurchaseOptions::default()).unwrap(), true);
    let cohort = shops::cohort(2, 500.0);
    prints(&fit::<ShiftedBetaGeometric>(&cohort, &PurchaseOptions::default()).unwrap(), true);
}

#[test]
fn what_follows_a_fit_prints() {
    for &criterion in RankingCriterion::ALL {
        prints(&criterion, true);
    }
    for &rule in NaiveRule::ALL {
        prints(&rule, true);
    }
    for number in [1, 3, 4, 8] {
        let data = shops::shop(number, 200.0);
        let rows = data.iter().map(|(history, n)| (history, (n % 3) as u32));
        let holdout = Holdout::new(rows, Horizon::new(30.0).unwrap()).unwrap();
        let candidates = [ModelCandidate::new::<Nbd>(), ModelCandidate::new::<BgNbd>()];
        let comparison = compare(&holdout, &candidates, &PurchaseOptions::default()).unwrap();
        for &criterion in RankingCriterion::ALL {
            prints(&comparison.ranked(criterion), true);
        }
        let fitted = fit::<BgNbd>(&data, &PurchaseOptions::default()).unwrap();
        for share in [1e-12, 0.57, 0.95, 1.0 - 1e-15] {
            let (horizon, level) = (Horizon::new(1e9).unwrap(), Level::new(share).unwrap());
            if let Some(interval) = fitted.predictive_interval(&History::NEW, horizon, level) {
                prints(&interval, true);
                assert!(interval.to_string().contains(&level.to_string()));
            }
        }
    }
}
