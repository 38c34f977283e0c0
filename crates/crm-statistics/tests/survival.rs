//! Survival curves: published results, and their definitions taken literally.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "times are compared as they were given")]

use std::path::Path;

use crm_numbers::Level;
use crm_statistics::survival::{Incidence, Lifetimes, Limits, log_rank};
use proptest::collection::vec;
use proptest::prelude::*;

/// Products of at most a few hundred factors.
const RELATIVE: f64 = 1e-12;
/// What is printed with six digits.
const PRINTED: f64 = 5e-7;

/// Weeks in remission under 6-MP and under placebo: Freireich et al. (1963), Blood 21, 699-716.
const TREATED: [(i64, bool); 21] = [
    (6, true),
    (6, true),
    (6, true),
    (6, false),
    (7, true),
    (9, false),
    (10, true),
    (10, false),
    (11, false),
    (13, true),
    (16, true),
    (17, false),
    (19, false),
    (20, false),
    (22, true),
    (23, true),
    (25, false),
    (32, false),
    (32, false),
    (34, false),
    (35, false),
];
const PLACEBO: [i64; 21] = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];

fn treated() -> Lifetimes {
    let (weeks, relapsed): (Vec<i64>, Vec<bool>) = TREATED.into_iter().unzip();
    Lifetimes::new(&weeks, &relapsed).unwrap()
}

fn placebo() -> Lifetimes {
    Lifetimes::new(&PLACEBO, &[true; 21]).unwrap()
}

fn assert_close(got: f64, wanted: f64, relative: f64, what: &str) {
    assert!((got - wanted).abs() <= relative * wanted.abs().max(1e-3), "{what}: {got}, not {wanted}");
}

/// As every textbook prints them, to six digits.
#[test]
fn remission_under_treatment() {
    let curve = treated().kaplan_meier();
    let published = [
        (6.0, 21, 3, 0.857143, 0.076360),
        (7.0, 17, 1, 0.806723, 0.086935),
        (10.0, 15, 1, 0.752941, 0.096350),
        (13.0, 12, 1, 0.690196, 0.106815),
        (16.0, 11, 1, 0.627451, 0.114054),
        (22.0, 7, 1, 0.537815, 0.128234),
        (23.0, 6, 1, 0.448179, 0.134591),
    ];
    assert_eq!(curve.steps().len(), published.len());
    for (step, (time, at_risk, losses, survival, error)) in curve.steps().iter().zip(published) {
        assert_eq!((step.time as i64, step.at_risk, step.losses), (time as i64, at_risk, losses));
        assert!((step.survival - survival).abs() <= PRINTED, "{step:?}");
        assert!((curve.standard_error(time) - error).abs() <= PRINTED, "{step:?}");
    }
    let hazard = treated().nelson_aalen();
    for (time, value, error) in [(6.0, 0.142_857, 0.082_479), (10.0, 0.268_347, 0.121_274)] {
        let step = hazard.steps().iter().rfind(|step| step.time <= time).unwrap();
        assert!((step.hazard - value).abs() <= PRINTED, "{step:?}");
        assert!((step.variance.sqrt() - error).abs() <= PRINTED, "{step:?}");
    }
}

#[test]
fn medians_and_means_of_both_arms() {
    let (treated, placebo) = (treated().kaplan_meier(), placebo().kaplan_meier());
    let level = Level::default();
    let median = treated.quantile(0.5, Limits::LogLog, level).unwrap();
    assert_eq!((median.lower, median.estimate, median.upper), (Some(13.0), Some(23.0), None));
    let median = placebo.quantile(0.5, Limits::LogLog, level).unwrap();
    assert_eq!((median.lower, median.estimate, median.upper), (Some(4.0), Some(8.0), Some(11.0)));
    let mean = treated.restricted_mean(35.0, level).unwrap();
    assert!((mean.estimate - 23.287395).abs() <= PRINTED, "{mean}");
    let error = (mean.upper - mean.estimate) / level.z();
    assert!((error - 2.82).abs() <= 0.01, "{error}");
    assert!((placebo.restricted_mean(23.0, level).unwrap().estimate - 8.666667).abs() <= PRINTED);
}

#[test]
fn the_arms_differ() {
    let test = log_rank(&[treated(), placebo()]).unwrap();
    assert_eq!((test.observed.as_slice(), test.degrees), ([9, 21].as_slice(), 1));
    assert!((test.expected[0] - 19.250_501).abs() <= PRINTED, "{test:?}");
    assert!((test.expected[1] - 10.749_499).abs() <= PRINTED, "{test:?}");
    assert!((test.chi_squared - 16.792941).abs() <= PRINTED, "{test:?}");
    assert!((test.p_value - 4.168_809e-5).abs() <= 1e-10, "{test:?}");
}

#[test]
fn definitions_in_fractions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/survival.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut seen = 0;
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let numbers = |field: usize| -> Vec<f64> {
            fields[field].split(' ').map(|number| number.parse().unwrap()).collect()
        };
        let (entries, times, time) = (numbers(1), numbers(2), numbers(6)[0]);
        let causes: Vec<Option<usize>> =
            numbers(3).iter().map(|&cause| (cause > 0.0).then(|| cause as usize - 1)).collect();
        let groups = numbers(4);
        let lost: Vec<bool> = causes.iter().map(Option::is_some).collect();
        let all = Lifetimes::with_entries(&entries, &times, &lost).unwrap();
        // So low that no limit is cut.
        let level = Level::new(0.1).unwrap();
        let half = |interval: crm_numbers::Interval| (interval.upper - interval.estimate) / level.z();
        let incidence = |cause| {
            Incidence::with_entries(&entries, &times, &causes, 2).unwrap().share(cause, time).unwrap()
        };
        let mean = || all.kaplan_meier().restricted_mean(time, level).unwrap();
        let got = match fields[5] {
            "survival" => all.kaplan_meier().at(time),
            "survival_error" => all.kaplan_meier().standard_error(time),
            "hazard" => all.nelson_aalen().at(time),
            "hazard_error" => {
                let hazard = all.nelson_aalen();
                hazard.steps().iter().rfind(|step| step.time <= time).map_or(0.0, |step| step.variance.sqrt())
            }
            "incidence1" => incidence(0),
            "incidence2" => incidence(1),
            "area" => mean().estimate,
            "area_error" => half(mean()),
            _ => {
                let of = |group: f64| {
                    let part = |column: &[f64]| -> Vec<f64> {
                        column.iter().zip(&groups).filter(|(_, of)| **of == group).map(|(x, _)| *x).collect()
                    };
                    let lost: Vec<bool> =
                        lost.iter().zip(&groups).filter(|(_, of)| **of == group).map(|(x, _)| *x).collect();
                    Lifetimes::with_entries(&part(&entries), &part(&times), &lost).unwrap()
                };
                let mut names = groups.clone();
                names.sort_by(f64::total_cmp);
                names.dedup();
                let groups: Vec<Lifetimes> = names.into_iter().map(of).collect();
                log_rank(&groups).unwrap().chi_squared
            }
        };
        assert_close(got, fields[7].parse().unwrap(), RELATIVE, line);
        seen += 1;
    }
    assert!(seen > 400, "{seen} rows");
}

/// Entry, stay and cause of a customer; many ties.
type Person = (f64, f64, Option<usize>);

fn people() -> impl Strategy<Value = Vec<Person>> {
    let stay = prop_oneof![(1_u32..12).prop_map(f64::from), (1_u32..100).prop_map(|n| f64::from(n) / 8.0)];
    let entry = prop_oneof![3 => Just(0.0), 2 => 0.0..3.0_f64];
    let cause = prop_oneof![Just(None), (0_usize..2).prop_map(Some)];
    vec((entry, stay, cause), 1..30).prop_map(|people| {
        people.into_iter().map(|(entry, stay, cause)| (entry, entry + stay, cause)).collect()
    })
}

fn columns(people: &[Person]) -> (Vec<f64>, Vec<f64>, Vec<Option<usize>>) {
    let entries = people.iter().map(|person| person.0).collect();
    (entries, people.iter().map(|person| person.1).collect(), people.iter().map(|person| person.2).collect())
}

fn lost(causes: &[Option<usize>]) -> Vec<bool> {
    causes.iter().map(Option::is_some).collect()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1.0)
}

proptest! {
    /// Everybody is asked at every time whether he is in sight and whether he is lost.
    #[test]
    fn curves_follow_their_definition(people in people(), time in 0.0..20.0_f64) {
        let (entries, times, causes) = columns(&people);
        let seen = Lifetimes::with_entries(&entries, &times, &lost(&causes)).unwrap();
        let at_risk = |at: f64| people.iter().filter(|(from, to, _)| *from < at && at <= *to).count();
        prop_assert_eq!(seen.at_risk(time), at_risk(time) as u64);
        let mut losses: Vec<f64> =
            people.iter().filter(|(.., cause)| cause.is_some()).map(|person| person.1).collect();
        losses.sort_by(f64::total_cmp);
        losses.dedup();
        let (mut stays, mut hazard, mut shares) = (1.0, 0.0, [0.0; 2]);
        for at in losses.into_iter().filter(|at| *at <= time) {
            let n = at_risk(at) as f64;
            let lost = |wanted: Option<usize>| {
                let here = people.iter().filter(|person| person.1 == at && person.2.is_some());
                here.filter(|person| wanted.is_none() || person.2 == wanted).count() as f64
            };
            for (cause, share) in shares.iter_mut().enumerate() {
                *share += stays * lost(Some(cause)) / n;
            }
            hazard += lost(None) / n;
            stays *= 1.0 - lost(None) / n;
        }
        let curve = seen.kaplan_meier();
        prop_assert!(near(curve.at(time), stays));
        prop_assert!(near(seen.nelson_aalen().at(time), hazard));
        let incidence = Incidence::with_entries(&entries, &times, &causes, 2).unwrap();
        for (cause, share) in shares.into_iter().enumerate() {
            prop_assert!(near(incidence.share(cause, time).unwrap(), share));
        }
        prop_assert!(near(incidence.stays(time) + shares[0] + shares[1], 1.0));
    }

    #[test]
    fn limits_enclose_the_estimate_and_stay_in_range(people in people(), time in 0.0..20.0_f64) {
        let (entries, times, causes) = columns(&people);
        let seen = Lifetimes::with_entries(&entries, &times, &lost(&causes)).unwrap();
        let curve = seen.kaplan_meier();
        for limits in [Limits::Greenwood, Limits::LogLog] {
            let interval = curve.interval(time, limits, Level::default());
            prop_assert!(0.0 <= interval.lower && interval.lower <= interval.estimate);
            prop_assert!(interval.estimate <= interval.upper && interval.upper <= 1.0);
            let median = curve.quantile(0.5, limits, Level::default()).unwrap();
            prop_assert_eq!(median.estimate, curve.median());
            if let Some(middle) = median.estimate {
                prop_assert!(curve.at(middle) <= 0.5 + 1e-12);
                prop_assert!(median.lower.unwrap() <= middle && median.upper.is_none_or(|upper| middle <= upper));
            }
        }
        let hazard = seen.nelson_aalen().interval(time, Level::default());
        prop_assert!(0.0 <= hazard.lower && hazard.upper.is_finite());
        let incidence = Incidence::with_entries(&entries, &times, &causes, 2).unwrap();
        let interval = incidence.interval(0, time, Level::default()).unwrap();
        prop_assert!(0.0 <= interval.lower && interval.upper <= 1.0);
    }

    /// Without censoring the curve is the share of customers that stays, and its error that of a proportion.
    #[test]
    fn without_censoring_a_curve_is_a_share(times in vec(1_i64..30, 1..60), time in 0_i64..30) {
        let seen = Lifetimes::new(&times, &vec![true; times.len()]).unwrap();
        let n = times.len() as f64;
        let stays = times.iter().filter(|other| **other > time).count() as f64 / n;
        let curve = seen.kaplan_meier();
        let time = time as f64;
        prop_assert!(near(curve.at(time), stays));
        prop_assert!(near(curve.standard_error(time), (stays * (1.0 - stays) / n).sqrt()));
        let horizon = 40.0;
        let mean = curve.restricted_mean(horizon, Level::default()).unwrap().estimate;
        prop_assert!(near(mean, times.iter().sum::<i64>() as f64 / n));
        let causes: Vec<Option<usize>> = times.iter().map(|other| Some((*other % 2) as usize)).collect();
        let incidence = Incidence::new(&times, &causes, 2).unwrap();
        let share = incidence.share(0, time).unwrap();
        let error = incidence.standard_error(0, time).unwrap();
        prop_assert!((error - (share * (1.0 - share) / n).sqrt()).abs() <= 1e-9);
    }

    /// With one cause the delta method is Greenwood's formula.
    #[test]
    fn one_cause_is_a_survival_curve(people in people(), time in 0.0..20.0_f64) {
        let (entries, times, mut causes) = columns(&people);
        causes.iter_mut().for_each(|cause| *cause = cause.map(|_| 0));
        let curve = Lifetimes::with_entries(&entries, &times, &lost(&causes)).unwrap().kaplan_meier();
        let incidence = Incidence::with_entries(&entries, &times, &causes, 1).unwrap();
        prop_assert!(near(incidence.share(0, time).unwrap(), 1.0 - curve.at(time)));
        let gap = incidence.standard_error(0, time).unwrap() - curve.standard_error(time);
        prop_assert!(gap.abs() <= 1e-7, "{gap}");
    }

    /// The order of groups and of customers makes no difference, and equal groups do not differ.
    #[test]
    fn the_test_does_not_see_the_order(people in people()) {
        let (entries, times, causes) = columns(&people);
        let of = |people: &[Person]| {
            let (entries, times, causes) = columns(people);
            Lifetimes::with_entries(&entries, &times, &lost(&causes)).unwrap()
        };
        let same = of(&people);
        if let Ok(test) = log_rank(&[same.clone(), same.clone()]) {
            prop_assert!(test.chi_squared.abs() <= 1e-12);
            prop_assert!(near(test.expected[0], test.observed[0] as f64));
        }
        let (left, right) = people.split_at(people.len().div_ceil(2));
        if !right.is_empty() {
            let reversed: Vec<Person> = left.iter().rev().copied().collect();
            match (log_rank(&[of(left), of(right)]), log_rank(&[of(right), of(&reversed)])) {
                (Ok(a), Ok(b)) => prop_assert!((a.chi_squared - b.chi_squared).abs() <= 1e-9 * a.chi_squared.max(1.0)),
                (a, b) => prop_assert_eq!(a.is_err(), b.is_err()),
            }
        }
        prop_assert_eq!(same.customers() as usize, times.len().min(entries.len()).min(causes.len()));
    }
}
