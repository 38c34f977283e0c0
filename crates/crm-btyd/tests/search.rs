//! The search finds the highest maximum, on customers that no model of this crate has made up.
#![cfg(feature = "rand")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/shops.rs"]
mod shops;

use crm_btyd::{
    BgCnbd, BgNbd, FitDiagnosis, GammaGamma, GompertzNbd, Histories, History, Horizon, MbgCnbd, MbgNbd, Nbd,
    ParetoNbd, PurchaseModel, PurchaseOptions, Repeat,
    contractual::{BetaDiscreteWeibull, Renewals, ShiftedBetaGeometric},
    fit,
    opportunities::BgBb,
    validation::{Holdout, ModelCandidate, RankingCriterion, compare},
};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, Gamma};

/// Two searches for one maximum, in ln L.
const SAME: f64 = 1e-6;

fn options() -> PurchaseOptions {
    PurchaseOptions::default().with_stages(2)
}

fn height<M: PurchaseModel>(data: &M::Data) -> f64 {
    fit::<M>(data, &options()).unwrap().ln_likelihood()
}

/// 600 of 1 000 customers never came back.
fn once_and_often() -> Histories {
    let row = |x, recency, n| (History::new(x, recency, 100.0).unwrap(), n);
    Histories::weighted([
        row(0, 0.0, 600),
        row(10, 90.0, 100),
        row(20, 95.0, 100),
        row(30, 97.0, 100),
        row(5, 70.0, 60),
        row(15, 50.0, 40),
    ])
}

#[test]
fn a_shop_of_one_time_buyers_has_its_highest_maximum() {
    let data = once_and_often();
    let fitted = fit::<MbgNbd>(&data, &options()).unwrap();
    assert!((fitted.ln_likelihood() + 19_143.37).abs() < 0.005, "{fitted}");
    let once = History::new(0, 0.0, 100.0).unwrap();
    assert!((fitted.model().p_alive(&once) - 0.0007).abs() < 5e-5, "{fitted}");
    // A start in the basin of the lower maximum, -19 365.40, is one more start, and no place to stay.
    let lower = [0.190_9, 0.761_4, 0.01, 1.0];
    let from = fit::<MbgNbd>(&data, &options().with_start(&lower)).unwrap();
    assert!((from.ln_likelihood() - fitted.ln_likelihood()).abs() < SAME);
}

/// A likelihood with two maxima inside: the fit names both, and their P(alive).
#[test]
fn two_explanations_are_both_named() {
    let named = (0..40).find_map(|number| {
        let fitted = fit::<MbgNbd>(&shops::shop(number, 800.0), &options()).unwrap();
        let found = fitted.diagnosis().iter().find_map(|doubt| match doubt {
            FitDiagnosis::StartsDisagree { taken, other } => {
                Some((taken.clone(), other.clone(), doubt.to_string()))
            }
            _ => None,
        });
        found.map(|found| (number, fitted, found))
    });
    let (number, fitted, (taken, other, text)) = named.unwrap();
    let data = shops::shop(number, 800.0);
    assert!((taken.ln_likelihood - fitted.ln_likelihood()).abs() < SAME);
    assert!(other.ln_likelihood < taken.ln_likelihood);
    // The other is a maximum too: nothing is gained along any parameter, and its height is that of its model.
    let theta: Vec<f64> = other.parameters.iter().map(|parameter| parameter.value).collect();
    let at = |theta: &[f64]| {
        MbgNbd::from_theta(<[f64; 4]>::try_from(theta).unwrap()).unwrap().ln_likelihood(&data)
    };
    assert!((at(&theta) - other.ln_likelihood).abs() < SAME);
    for i in 0..4 {
        for factor in [0.99, 1.01] {
            let mut moved = theta.clone();
            moved[i] = (moved[i] * factor).clamp(1e-8, 1e8);
            assert!(at(&moved) < other.ln_likelihood + 1e-4, "{i} {factor} {text}");
        }
    }
    let (here, there) = (taken.implies.unwrap(), other.implies.unwrap());
    assert!(here.what == "mean P(alive)" && there.what == "mean P(alive)");
    assert!(text.contains("another local maximum") && text.contains("mean P(alive)"), "{text}");
}

/// Starts from ones and from all over the place, those of `scale` as their middle.
fn starts<const N: usize>(number: u64, scale: [f64; N], count: usize) -> Vec<[f64; N]> {
    let mut random = shops::random(number ^ 0x5eed);
    let anywhere = || scale.map(|scale| scale * (8.0 * random.random::<f64>() - 4.0).exp());
    std::iter::once([1.0; N]).chain(std::iter::repeat_with(anywhere).take(count)).collect()
}

/// No fit is below the same model from ones, from 20 random starts, and from the optima of `nested`.
fn is_highest<M: PurchaseModel<Theta = [f64; N]>, const N: usize>(
    data: &M::Data,
    number: u64,
    scale: [f64; N],
    nested: &[[f64; N]],
) {
    let fitted = fit::<M>(data, &options()).unwrap();
    let more = starts(number, scale, 20).into_iter().chain(nested.iter().copied());
    let with = more.fold(options(), |options, start| options.with_start(&start));
    let best = fit::<M>(data, &with).unwrap();
    let missing = best.ln_likelihood() - fitted.ln_likelihood();
    assert!(missing <= SAME, "{} of shop {number} is {missing} below {:?}: {fitted}", M::NAME, best.model());
}

#[test]
fn no_fit_of_coins_is_below_another_start() {
    for number in 0..30 {
        let data = shops::shop(number, 500.0);
        let [r, alpha] = fit::<Nbd>(&data, &options()).unwrap().model().theta();
        is_highest::<Nbd, 2>(&data, number, [1.0, 50.0], &[]);
        let nested = [
            [r, alpha, 1e-7, 1e7],
            fit::<BgNbd>(&data, &options()).unwrap().model().theta(),
            fit::<MbgNbd>(&data, &options()).unwrap().model().theta(),
        ];
        let scale = [1.0, 20.0, 1.0, 1.0];
        is_highest::<BgNbd, 4>(&data, number, scale, &nested);
        is_highest::<MbgNbd, 4>(&data, number, scale, &nested);
        let nested = nested.map(|[r, alpha, a, b]| [r, 0.5 * alpha, a, b]);
        is_highest::<BgCnbd, 4>(&data, number, scale, &nested);
        is_highest::<MbgCnbd, 4>(&data, number, scale, &nested);
    }
}

#[test]
fn no_fit_of_lives_is_below_another_start() {
    for number in 0..20 {
        let data = shops::shop(number, 200.0);
        let [r, alpha] = fit::<Nbd>(&data, &options()).unwrap().model().theta();
        is_highest::<ParetoNbd, 4>(&data, number, [1.0, 20.0, 1.0, 20.0], &[[r, alpha, 1e-7, 1e7]]);
    }
    for number in SHOPS_OF_AGEING {
        let data = shops::shop(number, 120.0);
        let [r, alpha, s, beta] = fit::<ParetoNbd>(&data, &options()).unwrap().model().theta();
        let nested = [[r, alpha, s, (1e-6 * beta).clamp(1e-7, 1e7), 1e-6]];
        is_highest::<GompertzNbd, 5>(&data, number, [1.0, 20.0, 1.0, 1.0, 0.02], &nested);
    }
}

/// Number 19: few customers buy at all, and half of them leave late.
const SHOPS_OF_AGEING: [u64; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 19];

#[test]
fn no_other_fit_is_below_another_start() {
    for number in 0..30 {
        is_highest::<BgBb, 4>(&shops::donors(number, 1_000.0), number, [1.0; 4], &[]);
        is_highest::<GammaGamma, 3>(&shops::spends(number, 600.0), number, [1.0, 1.0, 10.0], &[]);
        let cohort = shops::cohort(number, 2_000.0);
        is_highest::<ShiftedBetaGeometric, 2>(&cohort, number, [1.0; 2], &[]);
        let [alpha, beta] = fit::<ShiftedBetaGeometric>(&cohort, &options()).unwrap().model().theta();
        is_highest::<BetaDiscreteWeibull, 3>(&cohort, number, [1.0; 3], &[[alpha, beta, 1.0]]);
    }
}

/// A larger model is never below the one it contains.
#[test]
fn larger_models_are_at_least_as_likely() {
    for number in 100..130 {
        let data = shops::shop(number, 150.0);
        let (nbd, pareto) = (height::<Nbd>(&data), fit::<ParetoNbd>(&data, &options()).unwrap());
        let coins = [height::<BgNbd>(&data), height::<MbgNbd>(&data), pareto.ln_likelihood()];
        assert!(coins.iter().all(|larger| *larger >= nbd - SAME), "shop {number}: {coins:?} {nbd}");
        // The slowest ageing that the range of b and beta allows still is some; where the Pareto/NBD is at
        // a bound, it may be too much, and the fit says so.
        let gompertz = fit::<GompertzNbd>(&data, &options()).unwrap();
        let below = pareto.ln_likelihood() - gompertz.ln_likelihood();
        let bounded = pareto.diagnosis().iter().any(|doubt| matches!(doubt, FitDiagnosis::Boundary { .. }));
        if below > 1e-6 * pareto.ln_likelihood().abs() {
            assert!(bounded, "shop {number}: {gompertz} {pareto}");
        }
        let told = gompertz.diagnosis().iter().any(
            |doubt| matches!(doubt, FitDiagnosis::Collapsed { gain, .. } if (gain + below).abs() < SAME),
        );
        assert!(below < 0.01 || told, "shop {number}: {gompertz} {pareto}");
        let cohort: Renewals = shops::cohort(number, 2_000.0);
        let (larger, smaller) =
            (height::<BetaDiscreteWeibull>(&cohort), height::<ShiftedBetaGeometric>(&cohort));
        assert!(larger >= smaller - SAME, "cohort {number}: {larger} {smaller}");
    }
}

/// The slowest ageing that the range of b and beta allows puts the GGompertz/NBD a hair below the Pareto/NBD.
#[test]
fn rounding_decides_no_comparison_of_nested_models() {
    let mut shared = 0;
    for number in [114, 121, 124, 125] {
        let data = shops::shop(number, 150.0);
        let pareto = fit::<ParetoNbd>(&data, &options()).unwrap();
        let gompertz = fit::<GompertzNbd>(&data, &options()).unwrap();
        let rounding = 1e-8 * pareto.ln_likelihood().abs();
        let below = pareto.ln_likelihood() - gompertz.ln_likelihood();
        assert!(below <= 0.0 || below > rounding, "shop {number}: {below}");
        let apart = pareto.ln_likelihood() - gompertz.model().ln_likelihood(&data);
        if apart > 0.0 && apart <= rounding {
            shared += 1;
            assert_eq!(gompertz.ln_likelihood().to_bits(), pareto.ln_likelihood().to_bits());
            assert!((gompertz.aic() - pareto.aic() - 2.0).abs() < 1e-9);
            let told = |doubt: &FitDiagnosis| matches!(doubt, FitDiagnosis::Collapsed { into, gain } if into == "Pareto/NBD" && *gain == 0.0);
            assert!(gompertz.diagnosis().iter().any(told), "shop {number}: {gompertz}");
        } else {
            // A difference that is none of rounding stays what it is.
            assert!((apart - below).abs() <= 1e-12 * pareto.ln_likelihood().abs());
        }
    }
    assert!(shared >= 1, "no shop is a hair below");
}

/// Customers whose risk of leaving doubles every so many days, from a low one; `pace` 0 for one that stays.
fn ageing(pace: f64, number: u64) -> Histories {
    let mut random = shops::random(number);
    let rates = Gamma::new(2.0, 0.05).unwrap();
    let customer = |n: u32| {
        let (age, rate): (f64, f64) = (100.0 + f64::from(n % 30), rates.sample(&mut random));
        let risk: f64 = Exp1.sample(&mut random);
        let life = if pace > 0.0 { (risk * 100.0).ln_1p() / pace } else { 40.0 * risk };
        let (mut x, mut last, mut now) = (0, 0.0, 0.0);
        loop {
            let wait: f64 = Exp1.sample(&mut random);
            now += wait / rate;
            if now > life.min(age) {
                break History::new(x, last, age).unwrap();
            }
            (x, last) = (x + 1, now);
        }
    };
    Histories::new((0..500).map(customer))
}

#[test]
fn ageing_is_found_where_it_is_and_not_where_it_is_not() {
    // A gain of 2 in ln L is what Akaike's criterion asks twice over; the chi-squared of 0.1 % is 5.4.
    let old = ageing(0.08, 1);
    let (gompertz, pareto) = (fit::<GompertzNbd>(&old, &options()).unwrap(), height::<ParetoNbd>(&old));
    assert!(gompertz.ln_likelihood() > pareto + 5.4, "{gompertz} {pareto}");
    assert!(
        !gompertz.diagnosis().iter().any(|doubt| matches!(doubt, FitDiagnosis::Collapsed { .. })),
        "{gompertz}"
    );
    let young = ageing(0.0, 2);
    let gompertz = fit::<GompertzNbd>(&young, &options()).unwrap();
    let collapsed =
        |doubt: &FitDiagnosis| matches!(doubt, FitDiagnosis::Collapsed { into, .. } if into == "Pareto/NBD");
    assert!(gompertz.diagnosis().iter().any(collapsed), "{gompertz}");
    assert!(gompertz.ln_likelihood() - height::<ParetoNbd>(&young) < 2.0);
}

/// Forecasts of a model that has become a simpler one differ in digits that mean nothing.
#[test]
fn a_collapsed_model_is_ranked_behind_the_simpler_one() {
    let customer = |random: &mut ChaCha8Rng, rates: &Gamma<f64>| {
        let rate: f64 = rates.sample(random);
        let (mut times, mut now) = (Vec::new(), 0.0);
        loop {
            let wait: f64 = Exp1.sample(random);
            now += wait / rate;
            if now > 80.0 {
                break;
            }
            times.push(now);
        }
        let before: Vec<f64> = times.iter().copied().filter(|time| *time <= 40.0).collect();
        let history = History::new(before.len() as u32, before.last().copied().unwrap_or(0.0), 40.0).unwrap();
        (history, (times.len() - before.len()) as u32)
    };
    // Nobody leaves; in every other such shop or so, that is how it looks as well.
    let looks_steady = (0..20).find_map(|seed| {
        let mut random = shops::random(seed);
        let rates = Gamma::new(0.7, 0.1).unwrap();
        let rows: Vec<_> = (0..1_500).map(|_| customer(&mut random, &rates)).collect();
        let holdout = Holdout::new(rows, Horizon::new(40.0).unwrap()).unwrap();
        let gain = height::<MbgNbd>(holdout.calibration()) - height::<Nbd>(holdout.calibration());
        (gain < 1e-4).then_some(holdout)
    });
    let holdout = looks_steady.unwrap();
    let candidates = [
        ModelCandidate::new::<GompertzNbd>(),
        ModelCandidate::new::<MbgNbd>(),
        ModelCandidate::new::<ParetoNbd>(),
        ModelCandidate::new::<Nbd>(),
    ];
    let comparison = compare(&holdout, &candidates, &options()).unwrap();
    for &criterion in RankingCriterion::ALL {
        let ranking = comparison.ranked(criterion);
        let models: Vec<&str> =
            ranking.places().iter().filter(|place| !place.naive).map(|place| place.name.as_str()).collect();
        let place = |name: &str| models.iter().position(|model| *model == name).unwrap();
        assert!(place("NBD") < place("MBG/NBD"), "{criterion}: {models:?}");
        // Whoever is as good has won as often.
        let wins = |name: &str| ranking.places().iter().find(|place| place.name == name).unwrap().wins;
        assert!(wins("NBD") >= wins("MBG/NBD"));
    }
}

/// A law prints which of its family it is.
#[test]
fn models_of_one_family_print_their_names() {
    let text = |model: &dyn std::fmt::Debug| format!("{model:?}");
    assert_eq!(
        text(&MbgNbd::new(0.5, 6.0, 0.9, 1.6).unwrap()),
        "MbgNbd { r: 0.5, alpha: 6.0, a: 0.9, b: 1.6 }"
    );
    assert_eq!(
        text(&BgNbd::new(0.5, 6.0, 0.9, 1.6).unwrap()),
        "BgNbd { r: 0.5, alpha: 6.0, a: 0.9, b: 1.6 }"
    );
    assert_eq!(
        text(&MbgCnbd::new(3, 0.5, 6.0, 0.9, 1.6).unwrap()),
        "MbgCnbd { k: 3, r: 0.5, alpha: 6.0, a: 0.9, b: 1.6 }"
    );
    assert_eq!(
        text(&BgCnbd::new(1, 0.5, 6.0, 0.9, 1.6).unwrap()),
        "BgCnbd { k: 1, r: 0.5, alpha: 6.0, a: 0.9, b: 1.6 }"
    );
}
