//! Whatever a constructor accepts, no public function panics, and neither does printing in any
//! width and precision.
//!
//! Numbers are drawn from all there are, the ends of each type and values that are not numbers
//! included; whether they are accepted is up to the library. The hidden Markov model has laws of
//! its own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/extremes.rs"]
mod extremes;

use crm_lifecycle::funnel::{Funnel, JourneyOutcome, Journeys, candidates_for};
use crm_lifecycle::loss::{Catalogue, Family, LossCause, Losses};
use crm_lifecycle::quality::{Feelings, Interaction, RelationshipKind, Views};
use crm_lifecycle::{
    Chain, ChainTerm, CyclePhase, Moves, Stage, StageRules, StageThreshold, StageValues, Standing, Task,
};
use extremes::{amount, count, level, number, shown, sound, times};
use proptest::collection::vec;
use proptest::prelude::*;

fn right(standing: &Standing) {
    assert!((standing.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{standing:?}");
    assert!(standing.since.is_none_or(|since| since >= 0.0 && since.is_finite()), "{standing:?}");
    let likeliest = standing.probabilities.iter().copied().fold(0.0, f64::max);
    assert!((standing.probability(standing.stage) - likeliest).abs() <= 0.0, "{standing:?}");
    shown(standing);
    standing.reasons.iter().for_each(shown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn rules_and_standings(
        (times, now) in times(),
        cuts in prop::array::uniform6(number()),
        usual in number(),
        p_alive in prop_oneof![number(), 0.0..=1.0_f64],
    ) {
        let mut rules = StageRules::default();
        for (cut, at) in StageThreshold::ALL.iter().zip(cuts) {
            rules = rules.with_threshold(*cut, at).unwrap_or(rules);
        }
        rules = rules.with_usual_gap(usual).unwrap_or(rules);
        shown(&rules);
        if let Ok(standing) = rules.standing(&times, now) {
            right(&standing);
            let first = rules.first_decline(&times, now).unwrap();
            prop_assert!(first.is_none_or(|first| times[0] <= first && first <= now));
            prop_assert!(standing.stage != Stage::Decline || first.is_some());
        }
        let falling = |seen: &[f64], time: f64| {
            let idle = time - seen.last().copied().unwrap_or(time);
            (p_alive / (1.0 + idle)).clamp(0.0, 1.0)
        };
        if let Ok(standing) = rules.standing_from_p_alive(p_alive, &times, now) {
            right(&standing);
            let standing = rules.standing_from_p_alive_over_time(falling, &times, now).unwrap();
            right(&standing);
            let first = rules.first_decline_from_p_alive(falling, &times, now).unwrap();
            prop_assert!(first.is_none_or(|first| times[0] <= first && first <= now));
            prop_assert!(standing.stage != Stage::Decline || first.is_some());
        }
    }

    #[test]
    fn stages_and_their_values(
        known in vec(0_usize..4, 0..9),
        brought in vec(number(), 9),
        tested in vec(0_usize..4, 1..9),
        years in number(),
        level in level(),
    ) {
        for stage in Stage::ALL {
            shown(&stage);
            shown(&CyclePhase::for_stage(Some(*stage)));
            shown(&Task::for_stage(Some(*stage)));
        }
        let stages = |numbers: &[usize]| numbers.iter().map(|&number| Stage::ALL[number]).collect::<Vec<_>>();
        let Ok(values) = StageValues::new(&stages(&known), &brought[..known.len()], years, level) else { return Ok(()) };
        shown(&values);
        for value in values.all() {
            prop_assert!(value.per_year.is_none_or(f64::is_finite));
            value.interval.into_iter().for_each(sound);
        }
        let Ok(test) = values.back_test(&stages(&tested), &brought[..tested.len()], years) else { return Ok(()) };
        prop_assert!(test.predicted.is_none_or(f64::is_finite) && test.actual.is_none_or(f64::is_finite));
        test.stages.iter().filter_map(|stage| stage.difference).for_each(sound);
        prop_assert!(test.stages.iter().all(|stage| stage.agrees().is_some() == stage.difference.is_some()));
    }

    #[test]
    fn moves_and_chains(
        before in vec(0_usize..4, 0..9),
        after in vec(0_usize..4, 0..9),
        now in vec(number(), 3),
        weights in vec(prop_oneof![number(), 0.0..=1.0_f64], 9),
        rate in number(),
        level in level(),
    ) {
        let mut moves = Moves::new(["a", "b", "a name that is longer"]).unwrap();
        moves.count(&before, &after).ok();
        shown(&moves);
        for step in 0..16 {
            moves.between(step / 4, step % 4).ok();
            moves.share(step / 4, step % 4, level).ok().flatten().into_iter().for_each(sound);
        }
        let drawn = Chain::new(3, &weights);
        for chain in [Some(moves.chain()), drawn.ok()].into_iter().flatten() {
            let there = chain.forecast(&now, 7);
            prop_assert!(there.is_err() || there.unwrap().iter().all(|count| count.is_finite()));
            prop_assert!(chain.forecast(&now, u32::MAX).is_err());
            for term in [ChainTerm::Periods(0), ChainTerm::Periods(60), ChainTerm::Periods(u32::MAX), ChainTerm::Forever] {
                let values = chain.values(&now, rate, term);
                prop_assert!(values.is_err() || values.unwrap().iter().all(|value| value.is_finite()));
            }
        }
    }

    #[test]
    fn relationship_quality(
        contacts in vec((number(), number(), number()), 0..5),
        now in number(),
        options in prop::array::uniform2(number()),
        views in prop::array::uniform3(number()),
        judged in prop::array::uniform2(number()),
    ) {
        let contact = |&(time, score, weight): &(f64, f64, f64)| Interaction::new(time, score).and_then(|one| one.with_weight(weight));
        let contacts: Vec<Interaction> = contacts.iter().filter_map(|row| contact(row).ok()).collect();
        let feelings = Feelings::default();
        let feelings = feelings.with_half_life(options[0]).unwrap_or(feelings);
        let feelings = feelings.with_caution(options[1]).unwrap_or(feelings);
        if let Ok(index) = feelings.index(&contacts, now) {
            prop_assert_eq!(index.is_some(), contacts.iter().any(|contact| contact.weight() > 0.0));
            prop_assert!(index.is_none_or(|index| (-1.0..=1.0).contains(&index)));
        }
        let views = Views::new(views[0], views[1], views[2]).unwrap_or_default();
        if let Ok(judgement) = views.judge(judged[0], judged[1]) {
            shown(&judgement);
        }
        RelationshipKind::ALL.iter().for_each(shown);
    }

    #[test]
    fn causes_of_loss(causes in vec(0_usize..8, 0..9), values in vec(amount(), 9), level in level()) {
        let published = Catalogue::published();
        let own = Catalogue::new([LossCause::new("only", Family::ThirdParty)]).unwrap();
        Family::ALL.iter().for_each(shown);
        for catalogue in [&published, &own] {
            let names: Vec<&str> = causes.iter().filter_map(|&cause| catalogue.causes().get(cause)).map(LossCause::name).collect();
            let valued = Losses::from_names_with_values(catalogue, &names, &values[..names.len()]);
            for losses in [Losses::from_indices(catalogue, &causes), Losses::from_names(catalogue, &names), valued].into_iter().flatten() {
                shown(&losses);
                losses.pareto(level).into_iter().filter_map(|loss| loss.share).for_each(sound);
                losses.families(level).into_iter().filter_map(|loss| loss.share).for_each(sound);
                losses.avoidable(level).into_iter().for_each(sound);
                prop_assert!(losses.value().is_none() || losses.avoidable_value() <= losses.value());
            }
        }
    }

    #[test]
    fn funnels(
        counts in vec(count(), 2..5),
        others in vec(count(), 2..5),
        deals in prop_oneof![3 => 0_u64..200, 1 => count()],
        certainty in number(),
        share in number(),
        level in level(),
    ) {
        let funnel = |mut counts: Vec<u64>| {
            counts.sort_unstable_by(|a, b| b.cmp(a));
            Funnel::new(counts.into_iter().enumerate().map(|(at, count)| (format!("step {at}"), count))).unwrap()
        };
        let (one, other) = (funnel(counts), funnel(others));
        shown(&one);
        one.steps(level).into_iter().filter_map(|step| step.conversion).for_each(sound);
        one.overall(level).into_iter().for_each(sound);
        one.needed_for(deals).ok();
        one.surely_needed_for(deals, certainty).ok();
        if let Ok(needed) = candidates_for(deals, share, certainty) {
            prop_assert!(needed >= deals);
        }
        for row in one.against(&other, level).into_iter().flatten() {
            row.difference.into_iter().for_each(sound);
            prop_assert!(row.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{:?}", row);
        }
    }

    #[test]
    fn journeys(
        rows in vec((vec(prop::option::of(number()), 0..4), prop::option::of(number()), any::<bool>()), 0..9),
        now in number(),
        level in level(),
    ) {
        let Ok(mut journeys) = Journeys::new(["a", "b", "c"], now) else { return Ok(()) };
        for (reached, at, lost) in &rows {
            let outcome = if *lost { JourneyOutcome::Lost { at: *at } } else { JourneyOutcome::Open };
            journeys.push(reached, outcome).ok();
        }
        shown(&journeys.funnel().unwrap());
        for passage in journeys.passages(level) {
            passage.so_far.into_iter().chain(passage.decided).for_each(sound);
        }
        for stage in 0..3 {
            if let Some(curve) = journeys.time_in(stage).unwrap() {
                prop_assert!(curve.last() >= 0.0);
            }
            if let Some(found) = journeys.eventual(stage, level).unwrap() {
                sound(found.share);
                prop_assert!((0.0..=1.0).contains(&found.share.lower) && (0.0..=1.0).contains(&found.share.upper));
                prop_assert!((0.0..=1.0).contains(&found.undecided) && found.expected >= 0.0);
                prop_assert!(found.expected <= found.open as f64 && found.overdue <= found.open);
            }
        }
        journeys.eventually(level).unwrap().into_iter().for_each(sound);
    }
}
