//! Every public function, for all that its constructors accept: no panic, no NaN, ordered
//! intervals, and text at any precision and width.
//!
//! Draws scales from the whole of `i32` with either good end, answers and their absence, weights
//! and values by the bits of an `f64`, and counts up to `u64::MAX`, independently of each other,
//! with the ends of each type beside them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::Display;

use crm_numbers::{Interval, Level, Share};
use crm_satisfaction::drivers::{Drivers, ImportancePerformance, PenaltyReward, QuadrantCut};
use crm_satisfaction::extremes::{Extremes, crossed};
use crm_satisfaction::feedback::{Case, CaseKey, CaseKind, Cases, CustomerContact, contact_weeks};
use crm_satisfaction::index::{Attributes, GapBands, Index, IndexBands, MiddleBand, Origin, Pairs};
use crm_satisfaction::kano::{KanoCounts, KanoFeature, KanoReply};
use crm_satisfaction::path_model::{
    Metric, PathModel, Weighting, average_variance_extracted, composite_reliability, index_of_means,
};
use crm_satisfaction::scores::{
    Effort, Mean, Nps, NpsMethod, Weighted, csat, csat_change, sample_size, sample_size_of_change,
    sample_size_of_nps, sample_size_of_share,
};
use crm_satisfaction::{Answer, Change, GoodEnd, Groups, NaiveDate, Question, Scale, Survey, Tally};
use crm_statistics::Proportion;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |value| value.is_finite()),
        select(vec![0.0, -0.0, f64::MAX, f64::MIN, 5e-324, 1e100, -1e100, 1e-100]),
        (1_i32..6).prop_map(f64::from),
    ]
}

fn weight() -> impl Strategy<Value = f64> {
    finite().prop_map(|value| (value / 16.0).abs())
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), select(vec![0, 1, 2, 1 << 53, u64::MAX]), 0_u64..60]
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![0.0..1.0_f64, select(vec![5e-324, 1.0 - f64::EPSILON / 2.0, 0.57, 0.95])]
        .prop_filter_map("a level", |level| Level::new(level).ok())
}

fn scale() -> impl Strategy<Value = Scale> {
    let ends = prop_oneof![
        (any::<i32>(), 1_i32..=1_000),
        select(vec![(i32::MIN, 1_000), (i32::MAX - 1_000, 1_000), (0, 10), (1, 9), (1, 4), (-3, 6)]),
    ];
    (ends, any::<bool>()).prop_filter_map("ends", |((min, span), high)| {
        let scale = Scale::new(min, min.checked_add(span)?).ok()?;
        Some(scale.with_good_end(if high { GoodEnd::High } else { GoodEnd::Low }))
    })
}

/// One answer: nothing, not applicable, or a place on the scale.
fn places() -> impl Strategy<Value = Vec<Option<u16>>> {
    vec(
        prop_oneof![3 => (0_u16..1_001).prop_map(Some), 2 => (0_u16..3).prop_map(Some), 1 => Just(None)],
        0..14,
    )
}

fn column(name: &str, scale: &Scale, places: &[Option<u16>]) -> Question {
    let answer = |(at, place): (usize, &Option<u16>)| match place {
        Some(place) => Answer::Value(scale.min() + i32::from(*place) % scale.points() as i32),
        None if at % 2 == 0 => Answer::Missing,
        None => Answer::DoesNotApply,
    };
    let answers: Vec<Answer> = places.iter().enumerate().map(answer).collect();
    Question::new(name, scale.clone(), &answers).unwrap()
}

fn prints(value: &impl Display) {
    for precision in [0, 1, 29, 400] {
        for width in [0, 60] {
            let text = format!("{value:>width$.precision$}");
            assert!(!text.contains("NaN"), "{text}");
        }
    }
    assert!(!format!("{value}").contains("NaN"));
}

fn ordered(interval: Interval) {
    assert!(interval.lower <= interval.estimate && interval.estimate <= interval.upper, "{interval:?}");
    prints(&interval);
}

fn sound(change: Change) {
    ordered(change.difference);
    assert!((0.0..=1.0).contains(&change.p_value), "{change:?}");
    prints(&change);
}

fn number(value: Option<f64>) {
    assert!(value.is_none_or(f64::is_finite), "{value:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn surveys_of_any_scale(
        scale in scale(), answers in places(), others in places(), weights in vec(weight(), 14),
        level in level(), boxes in 0_usize..1_003, share in 0_u32..=100,
    ) {
        let n = answers.len().min(others.len());
        let (one, other) = (column("a", &scale, &answers[..n]), column("b", &scale, &others[..n]));
        prints(&scale);
        let (tally, tally2) = (one.tally(), other.tally());
        number(tally.mean());
        number(tally.variance());
        let _ = (tally.sum(), tally.top(boxes), tally.between(i32::MIN, i32::MAX), Tally::from_members(&one, &[0, n, 5]));
        if let (Ok(mean), Ok(mean2)) = (Mean::from_tally(&tally), Mean::from_tally(&tally2)) {
            mean.interval(level).into_iter().for_each(ordered);
            mean.change(&mean2, level).into_iter().for_each(sound);
        }
        if let (Ok(share), Ok(share2)) = (csat(&tally, boxes), csat(&tally2, boxes)) {
            sound(csat_change(share, share2, level));
        }
        let _ = Effort::from_tally(&tally, boxes);
        for origin in [Origin::AsAnswered, Origin::WorstIsZero] {
            if let Ok(pairs) = Pairs::from_columns(&one, &other, origin) {
                index(&pairs, &weights[..n], level);
            }
        }
        let groups = Groups::new("g", (0..n).map(|at| ["x", "y", ""][at % 3]));
        let survey = Survey::new((0..n).map(|at| at.to_string()))
            .with_column(one).unwrap().with_column(other).unwrap().with_groups(groups.clone()).unwrap();
        let weighted = survey.clone().with_weights(&weights[..n]);
        let fraction = Share::percent(share).unwrap();
        for survey in [Some(survey.clone()), weighted.ok()].into_iter().flatten() {
            let part = survey.subset(&[0, 2, n + 3]);
            let scores = |survey: &Survey| -> Vec<Weighted> {
                let effort = Weighted::effort_in(survey, "a", boxes).ok();
                let scores = [
                    Weighted::mean_in(survey, "a"), Weighted::csat_in(survey, "a", boxes), Weighted::nps_in(survey, "a"),
                ];
                scores.into_iter().flatten().chain(effort.map(|effort| effort.agree)).collect()
            };
            for (one, other) in scores(&survey).iter().zip(scores(&part)) {
                prop_assert!(one.value.is_finite() && one.effective > 0.0 && one.effective.is_finite());
                one.interval(level).into_iter().for_each(ordered);
                one.change(&other, level).into_iter().for_each(sound);
            }
            let Ok(extremes) = Extremes::from_survey(&survey, "a", fraction) else { continue };
            let sum: f64 = extremes.worst().iter().map(|member| member.weight).sum();
            prop_assert!(survey.weights().is_some() || (sum - extremes.size()).abs() < 1e-9);
            for group in extremes.by_groups(&groups, level).unwrap() {
                [Some(group.worst), Some(group.best), group.worst_excess, group.best_excess]
                    .into_iter().flatten().for_each(ordered);
            }
            for found in extremes.distinguish(&survey, &["a", "b"], level).unwrap() {
                sound(found.change);
                number(found.effect);
            }
        }
        let _ = crossed(&groups, &groups).unwrap();
        let _ = survey.complete_rows(&["a", "b"]).unwrap();
    }

    #[test]
    fn scores_of_any_counts(
        a in count(), b in count(), c in count(), d in count(), e in count(), f in count(), level in level(),
        x in finite(), y in finite(), z in finite(),
    ) {
        if let (Ok(now), Ok(before)) = (Nps::new(a, b, c), Nps::new(d, e, f)) {
            for method in [NpsMethod::Wald, NpsMethod::Wilson] {
                ordered(now.interval(method, level));
            }
            sound(now.change(before, level));
            prints(&now);
            if now.answers() < 100 {
                ordered(now.bootstrap(100, a, level).unwrap());
            }
            let _ = now.bootstrap(usize::MAX, 1, level);
        }
        if let (Ok(now), Ok(before)) = (Proportion::new(a.min(b), a.max(b)), Proportion::new(c.min(d), c.max(d))) {
            sound(csat_change(now, before, level));
        }
        if let Ok(tally) = Tally::new(&Scale::new(1, 5).unwrap(), &[a, b, c, d, e]) {
            number(tally.variance());
            prop_assert_eq!(tally.answered(), tally.top(5));
        }
        let mut counts = KanoCounts::default();
        (counts.must_be, counts.attractive, counts.reverse) = (a, b, c);
        (counts.one_dimensional, counts.indifferent, counts.questionable) = (d, e, f);
        let _ = (counts.respondents(), counts.ranked());
        if let Ok(feature) = KanoFeature::from_counts("x", counts) {
            number(feature.better());
            number(feature.worse());
            prop_assert!(feature.fong_test().critical.is_finite() && feature.lee_newcomb().total_strength.is_finite());
        }
        let sizes = [
            sample_size(x, y, level), sample_size_of_share(x, y, level), sample_size_of_nps(x, y, z, level),
            sample_size_of_change(x, y, z, level), sample_size_of_nps(0.5, 0.2, y, level),
        ];
        prop_assert!(sizes.into_iter().flatten().all(|size| size > 0));
        if let Ok(index) = Index::new(x, y) {
            prop_assert!(index.ratio().is_finite() && index.gap().is_finite());
            prints(&index);
            prints(&IndexBands::default().band(index.ratio()));
        }
        let _ = (IndexBands::new(x, MiddleBand::Neutral), GapBands::new(y).map(|bands| bands.band(z)));
        number(average_variance_extracted(&[x, y]));
        number(composite_reliability(&[x, y, z]));
        let scales = [Scale::new(1, 5).unwrap(), Scale::new(i32::MIN, i32::MIN + 1).unwrap()];
        prop_assert!(index_of_means(&[x, y], &[z, x], &scales).is_ok_and(f64::is_finite) || [x, y, z].iter().any(|value| value.abs() > 1e100 || *value <= 0.0));
    }

    #[test]
    fn models_of_any_numbers(
        cells in vec(finite(), 48), small in vec(1_u8..4, 48), outcome in vec(finite(), 12), kind in 0_u8..3,
        low in finite(), high in finite(), weights in vec(weight(), 12), level in level(), seed in any::<u64>(),
    ) {
        // As drawn, cut to the largest size that is accepted, or answers of which the outcome is an
        // exact sum.
        let cut = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value.clamp(-1e100, 1e100)).collect() };
        let (rows, outcome) = match kind {
            0 => (cells, outcome),
            1 => (cut(&cells), cut(&outcome)),
            _ => {
                let rows: Vec<f64> = small.iter().map(|&value| f64::from(value)).collect();
                let outcome = rows.chunks(4).map(|row| row[0] + row[1]).collect();
                (rows, outcome)
            }
        };
        let names = ["a", "b", "c", "d"];
        if let Ok(drivers) = Drivers::new(&names, &rows, &outcome) {
            for coefficient in drivers.regression().into_iter().flatten() {
                prop_assert!(coefficient.value.is_finite() && coefficient.standard_error.is_finite());
                prop_assert!(coefficient.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{:?}", coefficient);
            }
            let shares = [drivers.shapley(), drivers.relative_weights(), Ok(drivers.correlation())];
            for shares in shares.into_iter().flatten() {
                prop_assert!(shares.iter().all(|share| share.value.is_finite()));
                let matrix = ImportancePerformance::new(&shares, drivers.performance(), &QuadrantCut::DataMean);
                prop_assert!(matrix.is_ok_and(|matrix| matrix.importance_cut().is_finite()));
            }
            prop_assert!(drivers.r_squared().is_ok_and(|share| (0.0..=1.0).contains(&share)) || drivers.r_squared().is_err());
        }
        for analysis in [PenaltyReward::new(low, high, 0.05), PenaltyReward::new(1.0, 3.0, 0.05)].into_iter().flatten() {
            for factor in analysis.with_minimum(1).unwrap().classify(&names, &rows, &outcome, &outcome).into_iter().flatten() {
                for contrast in [factor.penalty_on_satisfaction, factor.reward_on_staying].into_iter().flatten() {
                    prop_assert!(contrast.value.is_finite() && contrast.standard_error.is_finite());
                    prop_assert!(contrast.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{:?}", contrast);
                }
            }
        }
        let sizes: Vec<f64> = rows.iter().map(|value| value.abs()).collect();
        if let Ok(pairs) = Pairs::new(&sizes[..12], &sizes[12..24]) {
            index(&pairs, &weights, level);
        }
        let _ = Extremes::new(&rows, Share::percent(20).unwrap()).unwrap();
        if let Ok(weighted) = Weighted::new(&rows[..12], &weights) {
            weighted.interval(level).into_iter().for_each(ordered);
            weighted.change(&weighted, level).into_iter().for_each(sound);
        }
        let latents: &[(&str, &[&str])] = &[("p", &["a", "b"]), ("q", &["c", "d"])];
        for metric in [Metric::Standardized, Metric::AsAnswered] {
            for scheme in [Weighting::Centroid, Weighting::Factorial, Weighting::Path] {
                let model = PathModel::new(latents, &[("p", "q")]).unwrap().with_metric(metric).with_weighting(scheme);
                let Ok(fitted) = model.fit(&rows) else { continue };
                prop_assert!(fitted.paths().iter().all(|path| path.value.is_finite()));
                prop_assert!(fitted.cross_loadings().concat().iter().all(|loading| loading.abs() <= 1.0));
                prop_assert!(fitted.heterotrait_monotrait().iter().all(|pair| pair.ratio.is_none_or(f64::is_finite)));
                for latent in fitted.latents() {
                    [Some(latent.ave), latent.composite_reliability, latent.alpha, latent.r_squared].into_iter().for_each(number);
                }
                prop_assert!(fitted.scores(&rows).unwrap().concat().iter().all(|score| score.is_finite()));
                let _ = fitted.index("p", &vec![Scale::new(1, 3).unwrap(); 4]);
                prints(&fitted);
                if let Ok(drawn) = fitted.bootstrap(&rows, 100, seed, level) {
                    drawn.paths.iter().chain(&drawn.loadings).for_each(|interval| ordered(*interval));
                }
            }
        }
    }

    #[test]
    fn replies_cases_and_contacts(
        replies in vec((0_usize..5, 0_usize..5), 0..20), days in vec((any::<i32>(), any::<i32>()), 0..12),
        units in 0_usize..3,
    ) {
        let replies: Vec<_> = replies.iter().map(|&(with, without)| (KanoReply::ALL[with], KanoReply::ALL[without])).collect();
        if let Ok(feature) = KanoFeature::new("x", &replies) {
            prop_assert!(feature.continuous().is_some_and(|scores| scores.functional.is_finite()));
            prints(&feature.category());
        }
        let day = |number: i32| NaiveDate::from_num_days_from_ce_opt(number).unwrap_or(NaiveDate::MAX);
        let case = |&(one, other): &(i32, i32)| {
            let (opened, closed) = (day(one).min(day(other)), day(one).max(day(other)));
            let case = Case::new(CaseKind::Complaint, ["a", "b"][usize::from(one % 2 == 0)], opened);
            if other % 3 == 0 { case } else { case.closed(closed, None) }
        };
        let cases = Cases::new(days.iter().map(case), NaiveDate::MAX).unwrap();
        for key in [CaseKey::Kind, CaseKey::Product, CaseKey::Cause, CaseKey::Region, CaseKey::Agent, CaseKey::Department, CaseKey::Month] {
            for group in cases.by(key) {
                ordered(group.resolved);
                number(group.median_days);
            }
        }
        let _ = (cases.repeats(), cases.pareto(), cases.outcomes(), cases.resolution(), cases.summary("all"));
        let contact = |&(one, other): &(i32, i32)| CustomerContact {
            customer: (one % 3).to_string(),
            unit: (other % 3).to_string(),
            day: day(one),
        };
        let contacts: Vec<CustomerContact> = days.iter().map(contact).collect();
        let _ = contact_weeks(&contacts, units);
    }
}

/// Index, gap and their changes, with and without weights.
fn index(pairs: &Pairs, weights: &[f64], level: Level) {
    let weighted = pairs.clone().with_weights(weights).ok();
    for one in [Some(pairs.clone()), weighted].into_iter().flatten() {
        [
            one.ratio_of_means(),
            one.gap(),
            one.mean_perceived(),
            one.mean_expected(),
            one.ratio_error(),
            one.gap_error(),
        ]
        .into_iter()
        .for_each(number);
        number(one.mean_of_ratios().map(|mean| mean.value));
        [one.ratio_interval(level), one.gap_interval(level)].into_iter().flatten().for_each(ordered);
        [one.ratio_change(pairs, level), one.gap_change(pairs, level)].into_iter().flatten().for_each(sound);
        assert!(one.by_person().all(|(_, ratio)| ratio.is_none_or(f64::is_finite)));
        let _ = one.by_group(&Groups::new("g", ["x", "y", "x"]), 2, level);
        if let Ok(attributes) =
            Attributes::new(&[("x", 1, weights.first().copied().unwrap_or(1.0)), ("y", 1, 1.0)])
        {
            let whole = attributes.index(&[one.clone(), pairs.clone()]).unwrap();
            [whole.ratio, whole.gap, whole.mean_of_ratios].into_iter().for_each(number);
        }
    }
}
