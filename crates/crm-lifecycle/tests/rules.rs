//! StageRules and P(alive) over time against looking at every day.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "the answers asserted are exact")]

use crm_lifecycle::{Stage, StageRules, StageThreshold, Standing};
use proptest::collection::vec;
use proptest::prelude::*;

/// Whole days of purchases, the first one on day 0 and some on the same day, and a day after them.
fn days() -> impl Strategy<Value = (Vec<f64>, f64)> {
    let gap = prop_oneof![1 => Just(0_u32), 6 => 1_u32..40, 2 => 40_u32..250];
    (vec(gap, 0..14), prop_oneof![0_u32..60, 0_u32..500]).prop_map(|(gaps, idle)| {
        let mut days = vec![0];
        for gap in gaps {
            days.push(days[days.len() - 1] + gap);
        }
        let now = days[days.len() - 1] + idle;
        (days.into_iter().map(f64::from).collect(), f64::from(now))
    })
}

/// P(alive) of a customer who is given up the sooner, the more often they bought, and a little with
/// every purchase; in silence it falls.
fn p_alive(half_life: f64, start: f64) -> impl Fn(&[f64], f64) -> f64 + Copy {
    move |seen: &[f64], now: f64| {
        let idle = now - seen[seen.len() - 1];
        start * 0.5_f64.powf(idle * (seen.len() as f64).sqrt() / half_life)
    }
}

fn seen(times: &[f64], day: f64) -> &[f64] {
    &times[..times.partition_point(|time| *time <= day)]
}

/// The standing on every tenth of a day from the first purchase to `now`.
fn by_time(times: &[f64], now: f64, standing: impl Fn(&[f64], f64) -> Standing) -> Vec<(f64, Stage)> {
    (0..=(now * 10.0) as u32)
        .map(|tenth| f64::from(tenth) / 10.0)
        .map(|time| (time, standing(seen(times, time), time).stage))
        .collect()
}

/// The first time in decline of those looked at, and the last one before it.
fn first(stages: &[(f64, Stage)]) -> Option<f64> {
    stages.iter().find(|(_, stage)| *stage == Stage::Decline).map(|(time, _)| *time)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// The first decline is the one that somebody sees who looks every tenth of a day, also where
    /// the customer came back.
    #[test]
    fn the_first_decline_is_found_by_looking((times, now) in days(), overdue in 0.5..4.0_f64, slowdown in 1.0..3.0_f64) {
        let rules = StageRules::default().with_threshold(StageThreshold::Overdue, overdue).unwrap();
        let rules = rules.with_threshold(StageThreshold::Slowdown, slowdown).unwrap();
        let stages = by_time(&times, now, |times, now| rules.standing(times, now).unwrap());
        let found = rules.first_decline(&times, now).unwrap();
        match (first(&stages), found) {
            (Some(looked), Some(found)) => {
                // It began within the tenth before, or in a stretch between two looks that a
                // purchase ended.
                prop_assert!(found <= looked + 1e-9, "{found}, seen on {looked}");
                let between = (found * 10.0).ceil() / 10.0;
                let bought = times.iter().any(|time| *time > found && *time <= between + 1e-9);
                prop_assert!(found > looked - 0.1 - 1e-9 || bought, "{found}, seen on {looked}");
            }
            (None, Some(found)) => {
                let between = (found * 10.0).ceil() / 10.0;
                prop_assert!(between + 1e-9 >= now || times.iter().any(|time| *time > found && *time <= between + 1e-9));
            }
            (looked, None) => prop_assert_eq!(looked, None),
        }
        // In decline now, whoever has declined for the first time since.
        let standing = rules.standing(&times, now).unwrap();
        if standing.stage == Stage::Decline {
            prop_assert!(found.unwrap() <= now - standing.since.unwrap() + 1e-9);
        }
    }

    /// The same with P(alive) over time: the first fall, since when, and the most likely stage.
    #[test]
    fn p_alive_is_followed_through_time(
        (times, now) in days(),
        half_life in 5.0..400.0_f64,
        start in 0.3..=1.0_f64,
    ) {
        let rules = StageRules::default();
        let alive = p_alive(half_life, start);
        let stages = by_time(&times, now, |times, now| {
            rules.standing_from_p_alive(alive(times, now), times, now).unwrap()
        });
        let found = rules.first_decline_from_p_alive(alive, &times, now).unwrap();
        match (first(&stages), found) {
            (Some(looked), Some(found)) => {
                let between = (found * 10.0).ceil() / 10.0;
                let bought = times.iter().any(|time| *time > found && *time <= between + 1e-9);
                prop_assert!(found <= looked + 1e-6 && (found > looked - 0.1 - 1e-6 || bought), "{found}, {looked}");
            }
            (None, Some(found)) => {
                let between = (found * 10.0).ceil() / 10.0;
                prop_assert!(between + 1e-9 >= now || times.iter().any(|time| *time > found && *time <= between + 1e-9));
            }
            (looked, None) => prop_assert_eq!(looked, None),
        }
        let standing = rules.standing_from_p_alive_over_time(alive, &times, now).unwrap();
        prop_assert_eq!(standing.stage, stages[stages.len() - 1].1);
        let since = standing.since.unwrap();
        // The same stage at every look since, and, for a decline, another one at the look before.
        let began = now - since;
        for (time, stage) in &stages {
            if *time > began + 1e-6 {
                prop_assert_eq!(*stage, standing.stage, "at {}, since {}", time, began);
            }
        }
        let before = stages.iter().rev().find(|(time, _)| *time < began - 1e-6);
        if let Some((time, stage)) = before.filter(|(time, _)| *time > began - 0.1) {
            let bought = times.iter().any(|bought| *bought > *time && *bought <= began + 1e-9);
            prop_assert!(*stage != standing.stage || bought, "at {}, since {}", time, began);
        }
    }

    /// The stage is never less likely than another one, whatever the number and the purchases.
    #[test]
    fn the_stage_is_the_most_likely(
        (times, now) in days(),
        p_alive in prop_oneof![0.0..=1.0_f64, Just(0.5), Just(0.5_f64.next_down()), Just(0.5_f64.next_up()), Just(0.2)],
    ) {
        let standing = StageRules::default().standing_from_p_alive(p_alive, &times, now).unwrap();
        let likeliest = standing.probabilities.iter().copied().fold(0.0, f64::max);
        prop_assert!(standing.probability(standing.stage) >= likeliest);
        prop_assert_eq!(standing.since.is_none(), standing.stage == Stage::Decline);
    }
}

#[test]
fn a_single_purchase_is_judged_by_the_usual_gap() {
    let rules = StageRules::default();
    assert_eq!(rules.usual_gap(), 60.0);
    let rules = rules.with_usual_gap(10.0).unwrap();
    assert_eq!((rules.usual_gap(), rules.threshold(StageThreshold::Tenure)), (10.0, 180.0));
    // In decline from 3 x 10 days after the purchase on.
    assert_eq!(rules.standing(&[5.0], 35.0).unwrap().stage, Stage::Exploration);
    let standing = rules.standing(&[5.0], 40.0).unwrap();
    assert_eq!((standing.stage, standing.since), (Stage::Decline, Some(5.0)));
    assert_eq!(rules.first_decline(&[5.0], 40.0).unwrap(), Some(35.0));
    for refused in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        assert!(rules.with_usual_gap(refused).is_err(), "{refused}");
    }
}

#[test]
fn buying_faster_is_growth_after_any_time() {
    // Gaps of 60 days, then of 30: faster by a factor of 2, more than 1.5.
    let days = [0.0, 60.0, 120.0, 150.0, 180.0];
    let rules = StageRules::default();
    let standing = rules.standing(&days, 190.0).unwrap();
    assert_eq!(standing.stage, Stage::Formation);
    let reasons: Vec<String> = standing.reasons.iter().map(ToString::to_string).collect();
    let cause = "gap before over gap lately 2.00 is above 1.50";
    assert!(reasons.iter().any(|reason| reason == cause), "{reasons:?}");
    let stable = rules.with_threshold(StageThreshold::Speedup, 2.0).unwrap().standing(&days, 190.0).unwrap();
    assert_eq!(stable.stage, Stage::Stability);
}

#[test]
fn at_even_odds_the_relationship_lives() {
    let rules = StageRules::default();
    let days = [0.0, 20.0, 45.0];
    let standing = rules.standing_from_p_alive(0.5, &days, 200.0).unwrap();
    assert_eq!((standing.stage, standing.since), (Stage::Stability, Some(20.0)));
    let reasons: Vec<String> = standing.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        [
            "1 - P(alive) 0.50 is not above 0.50",
            "number of purchases 3.00 is above 2.00",
            "time since the first purchase 200.00 is above 180.00"
        ]
    );
    assert_eq!(rules.first_decline_from_p_alive(|_, _| 0.5, &days, 200.0).unwrap(), None);
    let standing = rules.standing_from_p_alive_over_time(|_, _| 0.5, &days, 200.0).unwrap();
    assert_eq!((standing.stage, standing.since), (Stage::Stability, Some(20.0)));
    let below = 0.5_f64.next_down();
    assert_eq!(rules.first_decline_from_p_alive(|_, _| below, &days, 200.0).unwrap(), Some(0.0));
}

#[test]
fn the_fall_of_p_alive_is_found_in_any_unit_of_time() {
    let rules = StageRules::default();
    for unit in [1e-12, 1e-6, 1.0, 1e6, 1e15] {
        let times = [0.0, 20.0, 45.0].map(|time| time * unit);
        // One half is passed 40 units after the last purchase, that is, 15 units ago.
        let alive = p_alive(40.0 * 3_f64.sqrt() * unit, 1.0);
        let standing = rules.standing_from_p_alive_over_time(alive, &times, 100.0 * unit).unwrap();
        assert_eq!(standing.stage, Stage::Decline);
        assert!((standing.since.unwrap() / unit - 15.0).abs() <= 1e-6, "{unit}: {standing}");
    }
    // So far from zero that doubles are an eighth apart: the search ends with two neighbours.
    let start = 1e15;
    let first = rules.first_decline_from_p_alive(p_alive(40.1, 1.0), &[start], start + 100.0).unwrap();
    assert!((first.unwrap() - start - 40.125).abs() <= 0.125, "{first:?}");
}

#[test]
fn purchases_at_the_same_time_are_one_look() {
    let rules = StageRules::default().with_threshold(StageThreshold::Slowdown, 1.2).unwrap();
    let first = |times: &[f64]| rules.first_decline(times, 50.0).unwrap();
    // Gaps of 10 days, then 10 and 20: slower by a factor of 1.5 with one purchase on day 50. With
    // two of them the later gaps are 10, 20 and 0, as long as those before.
    assert_eq!(first(&[0.0, 10.0, 20.0, 30.0, 50.0]), Some(50.0));
    assert_eq!(first(&[0.0, 10.0, 20.0, 30.0, 50.0, 50.0]), None);
    // Gone with the second purchase and back with the third, at the same time.
    let alive = |seen: &[f64], _: f64| if seen.len() == 2 { 0.1 } else { 0.9 };
    let first = |times: &[f64]| rules.first_decline_from_p_alive(alive, times, 9.0).unwrap();
    assert_eq!(first(&[0.0, 5.0, 5.0]), None);
    assert_eq!(first(&[0.0, 5.0, 6.0]), Some(5.0));
}

#[test]
fn times_reach_to_their_limits() {
    let rules = StageRules::default();
    assert!(rules.standing(&[-1e100], 1e100).is_ok());
    let text = |times: &[f64], now| rules.standing(times, now).unwrap_err().to_string();
    assert!(text(&[0.0], 1e100_f64.next_up()).starts_with("now must be between -1e100 and 1e100"));
    assert!(text(&[-2e100], 0.0).starts_with("times of purchases[0] must be between -1e100 and 0"));
}

#[test]
fn rules_read_as_a_list() {
    let rules = StageRules::default().with_threshold(StageThreshold::Overdue, 2.5).unwrap();
    assert_eq!(
        rules.to_string(),
        "idle time in own gaps: 2.5\ngap lately over gap before: 2\nnumber of purchases: 2\n\
         time since the first purchase: 180\ngap before over gap lately: 1.5\n1 - P(alive): 0.5\n\
         usual gap: 60\n"
    );
}

#[cfg(feature = "serde")]
#[test]
fn stored_rules_are_the_rules() {
    let rules = StageRules::default()
        .with_threshold(StageThreshold::Overdue, 2.5)
        .unwrap()
        .with_usual_gap(7.0)
        .unwrap();
    let text = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<StageRules>(&text).unwrap(), rules);
    let refused = serde_json::from_str::<StageRules>(&text.replacen("2.5", "-1.0", 1));
    assert!(refused.unwrap_err().to_string().starts_with("idle time in own gaps must be at least 0, got -1"));
    let refused = serde_json::from_str::<StageRules>(&text.replacen("7.0", "0.0", 1));
    assert!(refused.unwrap_err().to_string().starts_with("usual gap must be greater than 0"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Only differences of times count: purchases of any rhythm, moved as a whole by up to a
    /// million days to either side, have the same standing and decline at the moved time.
    #[test]
    fn time_may_begin_anywhere((times, now) in days(), start in -1_000_000_i32..1_000_000, overdue in 0.5..4.0_f64) {
        let start = f64::from(start);
        let rules = StageRules::default().with_threshold(StageThreshold::Overdue, overdue).unwrap();
        let moved: Vec<f64> = times.iter().map(|time| time + start).collect();
        let (here, there) = (rules.standing(&times, now).unwrap(), rules.standing(&moved, now + start).unwrap());
        prop_assert_eq!(here.stage, there.stage);
        prop_assert_eq!(&here.reasons, &there.reasons);
        prop_assert!((here.since.unwrap() - there.since.unwrap()).abs() <= 1e-6);
        let (here, there) =
            (rules.first_decline(&times, now).unwrap(), rules.first_decline(&moved, now + start).unwrap());
        prop_assert_eq!(here.is_some(), there.is_some());
        prop_assert!(here.zip(there).is_none_or(|(here, there)| (here + start - there).abs() <= 1e-6));
        let alive = p_alive(60.0, 0.9);
        let (here, there) = (
            rules.standing_from_p_alive_over_time(alive, &times, now).unwrap(),
            rules.standing_from_p_alive_over_time(alive, &moved, now + start).unwrap(),
        );
        prop_assert_eq!(here.stage, there.stage);
        prop_assert!((here.since.unwrap() - there.since.unwrap()).abs() <= 1e-5);
    }
}
