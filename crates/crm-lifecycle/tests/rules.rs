//! Rules and P(alive) over time against looking at every day.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_lifecycle::{Cut, Rules, Stage, Standing};
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
        let rules = Rules::default().with_cut(Cut::Overdue, overdue).unwrap();
        let rules = rules.with_cut(Cut::Slowdown, slowdown).unwrap();
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
        let rules = Rules::default();
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
        let standing = Rules::default().standing_from_p_alive(p_alive, &times, now).unwrap();
        let likeliest = standing.probabilities.iter().copied().fold(0.0, f64::max);
        prop_assert!(standing.probability(standing.stage) >= likeliest);
        prop_assert_eq!(standing.since.is_none(), standing.stage == Stage::Decline);
    }
}
