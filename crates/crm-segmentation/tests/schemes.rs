//! What must hold for the schemes beyond cuts, ABC and RFM.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::HashMap;

use crm_segmentation::contact::{AccountValue, Demand, KeyAccounts, ListRules, ListedContact, allocate};
use crm_segmentation::cuts::Tiers;
use crm_segmentation::loyalty::{Climb, LoyaltyPyramid, Person, States, UnknownShare};
use crm_segmentation::matrix::Matrix;
use crm_segmentation::migration::{ENTRANTS, LEAVERS, Migration, Snapshot};
use crm_segmentation::prospecting::{Adopters, Baskets};
use crm_segmentation::scorecard::{Comparisons, Missing, Scorecard, ScorecardCriterion};
use crm_segmentation::seasonal::SeasonalIndex;
use crm_segmentation::stability::stability;
use crm_segmentation::{Assignments, Cuts, Share};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use rust_decimal::Decimal;

const ABSOLUTE: f64 = 1e-9;

/// Customers by id with a group and cents.
fn period() -> impl Strategy<Value = Vec<(u16, (u32, i64))>> {
    btree_map(0..40_u16, (0..3_u32, -50_i64..500), 0..30).prop_map(|map| map.into_iter().collect())
}

fn columns(rows: &[(u16, (u32, i64))]) -> (Vec<u16>, Assignments, Vec<i64>) {
    let codes: Vec<u32> = rows.iter().map(|row| row.1.0).collect();
    let groups = Assignments::new(["A", "B", "C"], codes).unwrap();
    (rows.iter().map(|row| row.0).collect(), groups, rows.iter().map(|row| row.1.1).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn migrations_add_up(then in period(), now in period(), turned in any::<bool>()) {
        let (ids, groups, cents) = columns(&then);
        let mut later = now.clone();
        if turned {
            later.reverse();
        }
        let (later_ids, later_groups, later_cents) = columns(&later);
        let migration = Migration::between(
            Snapshot::new(&ids, &groups, &cents).unwrap(),
            Snapshot::new(&later_ids, &later_groups, &later_cents).unwrap(),
        ).unwrap();
        // By the definition: everybody looked up by id.
        let before: HashMap<u16, (u32, i64)> = then.iter().copied().collect();
        let after: HashMap<u16, (u32, i64)> = now.iter().copied().collect();
        let name = |side: Option<&(u32, i64)>, absent: &str| {
            side.map_or(absent.to_owned(), |(code, _)| ["A", "B", "C"][*code as usize].to_owned())
        };
        let mut wanted: HashMap<(String, String), (u64, i128, i128)> = HashMap::new();
        let everybody: std::collections::BTreeSet<u16> = before.keys().chain(after.keys()).copied().collect();
        for id in &everybody {
            let (then, now) = (before.get(id), after.get(id));
            let cell = wanted.entry((name(then, ENTRANTS), name(now, LEAVERS))).or_default();
            cell.0 += 1;
            cell.1 += then.map_or(0, |row| i128::from(row.1));
            cell.2 += now.map_or(0, |row| i128::from(row.1));
        }
        let mut seen = 0;
        for flow in migration.flows() {
            let cell = wanted.get(&(flow.from.clone(), flow.to.clone())).copied().unwrap_or_default();
            prop_assert_eq!((flow.customers, flow.value_before, flow.value_after), cell);
            seen += flow.customers;
        }
        prop_assert_eq!(seen, everybody.len() as u64);
        for row in migration.rows().groups() {
            let flows: Vec<_> = migration.flows().filter(|flow| flow.from == row.name).collect();
            prop_assert_eq!(flows.iter().map(|flow| flow.customers).sum::<u64>(), row.customers);
            prop_assert_eq!(flows.iter().map(|flow| flow.value_before).sum::<i128>(), row.value);
        }
        for column in migration.columns().groups() {
            let flows: Vec<_> = migration.flows().filter(|flow| flow.to == column.name).collect();
            prop_assert_eq!(flows.iter().map(|flow| flow.customers).sum::<u64>(), column.customers);
            prop_assert_eq!(flows.iter().map(|flow| flow.value_after).sum::<i128>(), column.value);
        }
        let moves = migration.moves();
        prop_assert_eq!(moves.stayed + moves.up + moves.down + moves.entered + moves.left, seen);
    }

    #[test]
    fn levels_take_everybody_once_and_more_never_lowers(
        people in vec((0..9_u32, proptest::option::of(0..=100_u32), proptest::option::of(0..3_u32)), 1..40),
        strict in any::<bool>(),
    ) {
        let person = |&(purchases, share, referrals): &(u32, Option<u32>, Option<u32>)| Person {
            purchases,
            share_of_wallet: share.map(|share| Share::percent(share).unwrap()),
            referrals,
        };
        let people: Vec<Person> = people.iter().map(person).collect();
        let unknown = if strict { UnknownShare::Refused } else { UnknownShare::Accepted };
        let pyramid = LoyaltyPyramid::default().with_unknown_share(unknown);
        let levels = pyramid.assign(&people);
        let more: Vec<Person> = people.iter().map(|p| Person { purchases: p.purchases + 1, ..*p }).collect();
        for (less, more) in levels.codes().iter().zip(pyramid.assign(&more).codes()) {
            prop_assert!(less <= more);
        }
        prop_assert!((0..people.len()).all(|i| levels.reason(i).is_some()));
        let climb = Climb::from_levels(&levels, Default::default()).unwrap();
        prop_assert_eq!(climb.steps()[0].reached, people.len() as u64);
        for pair in climb.steps().windows(2) {
            prop_assert_eq!(pair[0].reached - pair[0].here, pair[1].reached);
        }
        // By the definition: of those who reached the level below and were asked, the share that
        // got here.
        for (level, step) in climb.steps().iter().enumerate().skip(1) {
            let asked = |person: &Person, level: usize| match level {
                3 => !strict || person.share_of_wallet.is_some(),
                4 => person.referrals.is_some(),
                _ => true,
            };
            let known = people.iter().zip(levels.codes()).filter(|(person, code)| {
                **code as usize + 1 >= level && asked(person, level) && asked(person, level - 1)
            });
            let (mut below, mut here) = (0_u64, 0_u64);
            for (_, code) in known {
                below += 1;
                here += u64::from(*code as usize >= level);
            }
            match step.conversion {
                Some(share) => prop_assert!((share.estimate - here as f64 / below as f64).abs() < ABSOLUTE),
                None => prop_assert_eq!(below, 0),
            }
        }
        prop_assert_eq!(climb.steps().len(), if people.iter().any(|person| person.referrals.is_some()) { 5 } else { 4 });
    }

    #[test]
    fn states_follow_purchases_and_idle_days(rows in vec((0..9_u32, 0..800_i32, any::<bool>()), 1..40)) {
        let (purchases, idle): (Vec<u32>, Vec<i32>) = rows.iter().map(|row| (row.0, row.1)).unzip();
        let picked: Vec<bool> = rows.iter().map(|row| row.2).collect();
        let states = States::default().assign(&purchases, &idle, Some(&picked)).unwrap();
        let unpicked = States::default().assign(&purchases, &idle, None).unwrap();
        for (i, (purchases, idle, picked)) in rows.into_iter().enumerate() {
            let wanted = match (purchases, idle > 365) {
                (0, _) => if picked { "target" } else { "prospect" },
                (_, true) => "lost",
                (1, _) => "first-time",
                (2..=3, _) => "repeat",
                _ => "loyal",
            };
            prop_assert_eq!(states.name(i), Some(wanted));
            prop_assert_eq!(unpicked.name(i), Some(if wanted == "target" { "prospect" } else { wanted }));
            prop_assert!(unpicked.reason(i).is_some());
        }
    }

    #[test]
    fn marks_stay_in_range_and_contributions_add_up(
        weights in vec(0.01..9.0_f64, 3), answers in vec(proptest::option::of(0.0..=10.0_f64), 3),
    ) {
        let criteria = || ["a", "b", "c"].iter().zip(&weights).map(|(name, &weight)| ScorecardCriterion::new(*name, weight, 0.0, 10.0));
        let sum: f64 = weights.iter().sum();
        prop_assert_eq!(Scorecard::new(criteria()).is_ok(), (sum - 1.0).abs() <= 1e-9);
        for missing in [Missing::Worst, Missing::Reweight] {
            let score = Scorecard::normalized(criteria()).unwrap().with_missing(missing).score(&answers).unwrap();
            let Some(total) = score.total else { continue };
            prop_assert!((0.0..=100.0).contains(&total));
            prop_assert!((score.contributions.iter().flatten().sum::<f64>() - total).abs() < ABSOLUTE);
        }
    }

    #[test]
    fn consistent_judgments_give_their_weights_back(weights in vec(1.0..3.0_f64, 2..9)) {
        let n = weights.len();
        let upper: Vec<f64> =
            (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).map(|(i, j)| weights[i] / weights[j]).collect();
        let judged = Comparisons::new(n, &upper).unwrap();
        let sum: f64 = weights.iter().sum();
        for (found, weight) in judged.weights().iter().zip(&weights) {
            prop_assert!((found - weight / sum).abs() < ABSOLUTE);
        }
        prop_assert!(judged.consistency_ratio() < ABSOLUTE);
        prop_assert!((judged.eigenvalue() - n as f64).abs() < ABSOLUTE);
    }

    #[test]
    fn regions_are_the_bins_of_both_axes(points in vec((-9.0..9.0_f64, -9.0..9.0_f64), 1..40), cut in -5.0..5.0_f64) {
        let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let regions = Matrix::value_risk(cut, 0.0).unwrap().assign(&x, &y).unwrap();
        for ((x, y), code) in points.into_iter().zip(regions.codes()) {
            prop_assert_eq!(*code, u32::from(x > cut) + 2 * u32::from(y > 0.0));
        }
    }

    #[test]
    fn capacity_is_given_out_exactly(
        rows in vec((0..3_u32, 0..50_u32, -3_i32..9), 1..30), capacity in 0..400_u32,
    ) {
        let classes = Assignments::new(["A", "B", "C"], rows.iter().map(|row| row.0).collect::<Vec<_>>()).unwrap();
        let demands: Vec<Demand> = rows
            .iter()
            .map(|row| Demand { units: Decimal::from(row.1), margin_per_unit: Decimal::from(row.2) })
            .collect();
        let given = allocate(Decimal::from(capacity), &classes, &demands).unwrap();
        let sum: Decimal = given.units.iter().sum();
        prop_assert_eq!(sum + given.left, Decimal::from(capacity));
        let wanted: Decimal = demands.iter().map(|demand| demand.units).sum();
        prop_assert_eq!(sum + given.unserved, wanted);
        // Nobody goes short while somebody worse is served.
        for (i, one) in rows.iter().enumerate().filter(|(_, row)| row.2 >= 0) {
            for (j, other) in rows.iter().enumerate() {
                let worse = (other.0, -other.2) > (one.0, -one.2);
                prop_assert!(!(worse && given.units[i] < demands[i].units && given.units[j] > Decimal::ZERO));
            }
        }
    }

    #[test]
    fn lists_fit_and_blockers_advertisers_and_the_dead_are_gone(
        rows in vec((
            prop::bool::weighted(0.2),
            prop::bool::weighted(0.2),
            proptest::option::of(0..60_u32),
            proptest::option::of(-5..50_i64),
        ), 0..30),
        capacity in 1..20_usize, dead in 1..60_u32,
    ) {
        let list: Vec<ListedContact> = rows
            .iter()
            .map(|&(blocked, advertising_only, idle_days, value)| {
                ListedContact { blocked, advertising_only, idle_days, value: value.map(Decimal::from) }
            })
            .collect();
        let pruned = ListRules::new(capacity, dead).unwrap().prune(&list);
        let gone = |contact: &ListedContact| {
            contact.blocked || contact.advertising_only || contact.idle_days.is_some_and(|days| days >= dead)
        };
        let kept: Vec<usize> = pruned.groups().members("keep").collect();
        prop_assert!(kept.len() <= capacity && kept.iter().all(|&place| !gone(&list[place])));
        let always = list.iter().filter(|contact| gone(contact)).count();
        prop_assert_eq!(pruned.drop().len(), always.max(list.len().saturating_sub(capacity)));
        // Of the others nobody goes while somebody of lower known value stays.
        for &one in pruned.drop().iter().filter(|place| !gone(&list[**place])) {
            for other in kept.iter().filter_map(|&place| list[place].value) {
                prop_assert!(list[one].value.is_none_or(|value| value <= other));
            }
        }
    }

    /// Draws amounts with many ties and a share, independently: the top is never smaller than its
    /// share, never larger than it but for ties, and the same in any order.
    #[test]
    fn top_shares_are_rounded_up_with_ties(
        amounts in vec(prop_oneof![3 => -2..4_i64, 1 => any::<i64>()], 1..40),
        high in 1..99_u32, low in 1..99_u32, turn in 0..40_usize,
    ) {
        prop_assume!(high + low < 100);
        let shares = (Share::percent(high).unwrap(), Share::percent(low).unwrap());
        let tiers = Tiers::new(shares.0, shares.1).unwrap();
        let groups = tiers.assign(&amounts).unwrap();
        let top: Vec<i64> = groups.members("high").map(|place| amounts[place]).collect();
        let wanted = (amounts.len() * high as usize).div_ceil(100);
        let last = top.iter().min().unwrap();
        prop_assert!(top.len() >= wanted && amounts.iter().filter(|amount| *amount > last).count() < wanted);
        prop_assert_eq!(top.len(), amounts.iter().filter(|amount| *amount >= last).count());
        let lowest = groups.members("low").map(|place| amounts[place]).max();
        let wanted = (amounts.len() * low as usize).div_ceil(100);
        prop_assert!(lowest.is_none_or(|highest| amounts.iter().filter(|amount| **amount < highest).count() < wanted));
        let mut turned = amounts.clone();
        let turn = turn % amounts.len();
        turned.rotate_left(turn);
        let mut codes = tiers.assign(&turned).unwrap().codes().to_vec();
        codes.rotate_right(turn);
        prop_assert_eq!(codes.as_slice(), groups.codes());
    }

    /// Draws accounts with ties and a share, independently, and judges each by the definition.
    #[test]
    fn false_key_accounts_follow_the_definition(
        rows in vec((0..6_i64, -4..6_i64, 0..3_i64, 0..3_i64), 1..30), percent in 1..=100_u32, turn in 0..30_usize,
    ) {
        let account = |&(revenue, margin, cost, displaced): &(i64, i64, i64, i64)| AccountValue {
            revenue: revenue.into(),
            margin: margin.into(),
            cost_to_serve: cost.into(),
            displaced: displaced.into(),
        };
        let rule = KeyAccounts::new(Share::percent(percent).unwrap()).unwrap();
        let judge = |rows: &[(i64, i64, i64, i64)]| rule.judge(&rows.iter().map(account).collect::<Vec<_>>()).unwrap();
        let found = judge(&rows);
        let size = (rows.len() * percent as usize).div_ceil(100);
        let left = |row: &(i64, i64, i64, i64)| row.1 - row.2 - row.3;
        for (place, row) in rows.iter().enumerate() {
            let large = rows.iter().filter(|other| other.0 > row.0).count() < size;
            let higher = rows.iter().filter(|other| left(other) > left(row)).count();
            let poor = left(row) < 0 || higher >= rows.len() - higher;
            let wanted = match (large, poor) {
                (true, true) => "false key account",
                (true, false) => "key account",
                (false, _) if left(row) > 0 && higher < size => "hidden key account",
                _ => "other",
            };
            prop_assert_eq!(found.groups().name(place), Some(wanted));
        }
        let mut turned = rows.clone();
        let turn = turn % rows.len();
        turned.rotate_left(turn);
        let mut codes = judge(&turned).groups().codes().to_vec();
        codes.rotate_right(turn);
        prop_assert_eq!(codes.as_slice(), found.groups().codes());
    }

    #[test]
    fn adopter_cuts_give_the_original_groups_back(days in vec(proptest::option::of(0..500_i32), 1..80)) {
        prop_assume!(days.iter().any(Option::is_some));
        let adopters = Adopters::fit(&days).unwrap();
        let stored = Cuts::new(adopters.cuts().points()).unwrap();
        let again = Adopters::try_from(stored).unwrap();
        prop_assert_eq!(adopters.assign(&days).unwrap(), again.assign(&days).unwrap());
    }

    #[test]
    fn support_and_confidence_count_baskets(owned in vec(vec(0..4_usize, 0..5), 1..40)) {
        let baskets = Baskets::new(["a", "b", "c", "d"], &owned).unwrap();
        let having = |wanted: &[usize]| owned.iter().filter(|basket| wanted.iter().all(|one| basket.contains(one))).count();
        for (from, to) in [(0, 1), (2, 3), (3, 0)] {
            let rule = baskets.affinity(from, to, Default::default()).unwrap();
            prop_assert_eq!(rule.both as usize, having(&[from, to]));
            prop_assert!((rule.support.estimate - having(&[from, to]) as f64 / owned.len() as f64).abs() < ABSOLUTE);
            match rule.confidence {
                Some(share) => prop_assert!((share.estimate - having(&[from, to]) as f64 / having(&[from]) as f64).abs() < ABSOLUTE),
                None => prop_assert_eq!(having(&[from]), 0),
            }
        }
    }

    #[test]
    fn seasonal_indices_average_one_whatever_the_unit(
        sales in vec(1.0..99.0_f64, 8..40), cycle in 2..5_usize, shift in -30..30_i32,
    ) {
        let index = SeasonalIndex::from_sales(&sales, cycle).unwrap();
        prop_assert!((index.indices().iter().sum::<f64>() - cycle as f64).abs() < ABSOLUTE);
        let scaled: Vec<f64> = sales.iter().map(|amount| amount * 2_f64.powi(shift)).collect();
        for (one, other) in index.indices().iter().zip(SeasonalIndex::from_sales(&scaled, cycle).unwrap().indices()) {
            prop_assert!((one - other).abs() < ABSOLUTE);
        }
    }
}

/// Customers left in their group, over all rounds, counted once by a few lines of Python.
const KEPT: u64 = 13768;

/// The same with the feature `rayon` and without it, on one thread and on four.
#[test]
fn stability_has_the_same_bits_on_any_number_of_threads() {
    let spend: Vec<i64> = (0..300_i64).map(|i| i * i * 7919 % 10_007).collect();
    let quintiles = |rows: &[usize]| {
        let drawn: Vec<i64> = rows.iter().map(|&row| spend[row]).collect();
        Cuts::quantile(&drawn, 5)?.assign(&spend)
    };
    let original = Cuts::quantile(&spend, 5).unwrap().assign(&spend).unwrap();
    let run = || stability(&original, 50, 11, quintiles).unwrap();
    let found = run();
    let kept: f64 = found.customers.iter().map(|share| (share * 50.0).round()).sum();
    assert_eq!((kept as u64, found.agreement.to_bits()), (KEPT, (KEPT as f64 / 50.0 / 300.0).to_bits()));
    #[cfg(feature = "rayon")]
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let one = pool.install(run);
        let bits = |found: &crm_segmentation::stability::Stability| -> Vec<u64> {
            let groups = found.groups.iter().map(|group| group.unwrap());
            groups.chain(found.customers.iter().copied()).map(f64::to_bits).collect()
        };
        assert_eq!(bits(&one), bits(&found), "{threads} threads");
    }
}

#[cfg(feature = "serde")]
mod stored {
    use super::*;
    use crm_segmentation::contact::Cadence;
    use crm_segmentation::loyalty::{Bonds, Eroders};
    use crm_segmentation::scorecard::presets;

    #[test]
    fn schemes_go_through_their_gate_when_read() {
        let card = presets::loyalty_eight();
        let text = serde_json::to_string(&card).unwrap();
        assert_eq!(serde_json::from_str::<Scorecard>(&text).unwrap(), card);
        let doubled = text.replacen("0.125", "0.5", 1);
        assert!(
            serde_json::from_str::<Scorecard>(&doubled)
                .unwrap_err()
                .to_string()
                .starts_with("sum of weights")
        );
        let judged = Comparisons::new(3, &[2.0, 4.0, 2.0]).unwrap();
        let text = serde_json::to_string(&judged).unwrap();
        assert_eq!(serde_json::from_str::<Comparisons>(&text).unwrap(), judged);
        let pyramid = serde_json::to_string(&LoyaltyPyramid::default()).unwrap();
        assert_eq!(serde_json::from_str::<LoyaltyPyramid>(&pyramid).unwrap(), LoyaltyPyramid::default());
        let few = pyramid.replace("\"client_purchases\":4", "\"client_purchases\":2");
        assert!(
            serde_json::from_str::<LoyaltyPyramid>(&few)
                .unwrap_err()
                .to_string()
                .contains("at least 3, got 2")
        );
        let groups = LoyaltyPyramid::default().assign(&[Person::default()]);
        let text = serde_json::to_string(&groups).unwrap();
        assert_eq!(serde_json::from_str::<Assignments>(&text).unwrap(), groups);
        let some = [
            Person { purchases: 9, ..Person::default() },
            Person { referrals: Some(0), ..Person::default() },
        ];
        let unasked = LoyaltyPyramid::default().assign(&some);
        let again: Assignments = serde_json::from_str(&serde_json::to_string(&unasked).unwrap()).unwrap();
        assert!(again == unasked && !again.is_asked(0, 4) && again.is_asked(1, 4));
        let beyond = text.replace("\"why\":[0]", "\"why\":[11]");
        assert_eq!(
            serde_json::from_str::<Assignments>(&beyond).unwrap_err().to_string(),
            "why[0] must be less than 11, got 11"
        );
        assert!(
            serde_json::from_str::<Bonds>("2.0").is_err()
                && serde_json::from_str::<Eroders>(r#"{"lead":0,"variety":2,"involvement":0}"#).is_err()
        );
        let cadence = serde_json::to_string(&Cadence::default()).unwrap();
        assert_eq!(serde_json::from_str::<Cadence>(&cadence).unwrap(), Cadence::default());
    }
}
