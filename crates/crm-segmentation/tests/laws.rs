//! What must hold for any customers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::float_cmp, reason = "both sides are computed alike")]

use crm_segmentation::abc::{self, Crossing};
use crm_segmentation::cuts::{NestedCuts, stability_index};
use crm_segmentation::rfm::{self, RfmPlace, RfmWeights, RuleSet};
use crm_segmentation::{Amount, Assignments, Cuts, Error, Share, xyz};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

const ABSOLUTE: f64 = 1e-12;

/// Cents with many ties, some losses, and now and then a large amount.
fn cents() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -3_i64..30, 2 => 0_i64..10_000, 1 => any::<i32>().prop_map(i64::from), 1 => any::<i64>()]
}

fn points<T: Amount>(cuts: &Result<Cuts<T>, Error>) -> Vec<T> {
    cuts.as_ref().unwrap().points().to_vec()
}

/// The number of smaller amounts decides, not the route by which a cut point was found.
fn bins_by_counting<T: Amount>(amounts: &[T], bins: usize) -> Vec<u32> {
    let smaller = |amount: &T| amounts.iter().filter(|other| *other < amount).count();
    amounts.iter().map(|amount| (bins * smaller(amount) / amounts.len()) as u32).collect()
}

/// The definition: everybody is compared with everybody.
fn abc_by_definition(cents: &[i64], percents: &[u32], crossing: Crossing) -> Vec<u32> {
    let positive = || cents.iter().filter(|amount| **amount > 0).map(|&amount| i128::from(amount));
    let whole: i128 = positive().sum();
    let class = |&amount: &i64| {
        if amount <= 0 {
            return percents.len() as u32 + 1;
        }
        let before: i128 = positive().filter(|other| *other > i128::from(amount)).sum();
        let upto: i128 = positive().filter(|other| *other >= i128::from(amount)).sum();
        let missed = percents.iter().filter(|percent| match crossing {
            Crossing::Better => before * 100 >= whole * i128::from(**percent),
            Crossing::Worse => upto * 100 > whole * i128::from(**percent),
        });
        missed.count() as u32
    };
    cents.iter().map(class).collect()
}

fn abc_scheme(percents: &[u32], crossing: Crossing) -> abc::AbcScheme {
    let thresholds: Vec<Share> = percents.iter().map(|&percent| Share::percent(percent).unwrap()).collect();
    abc::AbcScheme::new(&thresholds).unwrap().with_crossing(crossing)
}

fn crossing() -> impl Strategy<Value = Crossing> {
    select(vec![Crossing::Better, Crossing::Worse])
}

fn percents() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::btree_set(1..100_u32, 1..5).prop_map(|set| set.into_iter().collect())
}

/// A person: idle days, orders (0: none yet), cents.
type Person = (i32, u32, i64);

fn people(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Person>> {
    let person = (0..60_i32, prop_oneof![1 => Just(0_u32), 6 => 1..6_u32, 1 => any::<u32>()], cents());
    vec(person, size)
        .prop_filter("nobody has ordered", |people| people.iter().any(|(_, orders, _)| *orders > 0))
}

fn columns(people: &[Person]) -> (Vec<i32>, Vec<u32>, Vec<i64>) {
    let idle = people.iter().map(|person| person.0).collect();
    (idle, people.iter().map(|person| person.1).collect(), people.iter().map(|person| person.2).collect())
}

/// An order of the input and the same people in another one, as places.
fn shuffled<T: std::fmt::Debug + Clone>(
    items: impl Strategy<Value = Vec<T>>,
) -> impl Strategy<Value = (Vec<T>, Vec<usize>)> {
    items.prop_flat_map(|items| {
        let places: Vec<usize> = (0..items.len()).collect();
        (Just(items), Just(places).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn quantile_bins_count_the_smaller(amounts in vec(cents(), 1..80), bins in 1..=20_usize) {
        let cuts = Cuts::quantile(&amounts, bins).unwrap();
        let assigned = cuts.assign(&amounts).unwrap();
        prop_assert_eq!(assigned.codes(), bins_by_counting(&amounts, bins));
        // Every point is the smallest amount with its share at or below it.
        for (point, k) in cuts.points().iter().zip(1..) {
            let covers = |limit: i64| amounts.iter().filter(|amount| **amount <= limit).count() * bins >= k * amounts.len();
            prop_assert!(amounts.contains(point) && covers(*point));
            prop_assert!(amounts.iter().filter(|amount| *amount < point).all(|&smaller| !covers(smaller)));
        }
        prop_assert_eq!(cuts.reference().unwrap(), assigned.counts());
        let mut distinct = assigned.codes().to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assert_eq!(cuts.filled(), Some(distinct.len()));
    }

    #[test]
    fn equal_amounts_share_a_bin_and_larger_ones_are_not_below(amounts in vec(-5.0..5.0_f64, 1..40), bins in 1..=8_usize) {
        let rounded: Vec<f64> = amounts.iter().map(|amount| amount.round()).collect();
        for cuts in [Cuts::quantile(&rounded, bins).unwrap(), Cuts::equal_width(&rounded, bins).unwrap()] {
            let codes = cuts.assign(&rounded).unwrap().codes().to_vec();
            for (a, code) in rounded.iter().zip(&codes) {
                prop_assert_eq!(cuts.bin(*a), *code as usize);
                for (b, other) in rounded.iter().zip(&codes) {
                    prop_assert!(a > b || code <= other);
                }
            }
        }
    }

    #[test]
    fn equal_width_steps_are_equal(amounts in vec(-1000_i64..1000, 1..40), bins in 1..=12_i64) {
        let (low, high) = (*amounts.iter().min().unwrap(), *amounts.iter().max().unwrap());
        let wanted: Vec<i64> = (1..bins).map(|k| low + ((high - low) * k).div_euclid(bins)).collect();
        prop_assert_eq!(points(&Cuts::equal_width(&amounts, bins as usize)), wanted.clone());
        let money: Vec<Decimal> = amounts.iter().map(|&amount| Decimal::new(amount, 2)).collect();
        let cuts = Cuts::equal_width(&money, bins as usize).unwrap();
        prop_assert_eq!(cuts.points(), wanted.iter().map(|&point| Decimal::new(point, 2)).collect::<Vec<_>>());
        let real: Vec<f64> = amounts.iter().map(|&amount| amount as f64).collect();
        for (point, k) in Cuts::equal_width(&real, bins as usize).unwrap().points().iter().zip(1..) {
            let wanted = low as f64 + (high - low) as f64 * f64::from(k) / bins as f64;
            prop_assert!((point - wanted).abs() < 1e-9);
        }
    }

    #[test]
    fn nested_cuts_are_the_cuts_of_the_members(
        rows in vec((0..20_i32, cents()), 1..60), outer_bins in 1..5_usize, inner_bins in 1..5_usize,
    ) {
        let (outer, inner): (Vec<i32>, Vec<i64>) = rows.into_iter().unzip();
        let nested = NestedCuts::quantile(&outer, outer_bins, &inner, inner_bins).unwrap();
        prop_assert_eq!(nested.outer(), &Cuts::quantile(&outer, outer_bins).unwrap());
        let assigned = nested.assign(&outer, &inner).unwrap();
        for (bin, cuts) in nested.inner().iter().enumerate() {
            let inside = |place: &usize| nested.outer().bin(outer[*place]) == bin;
            let places: Vec<usize> = (0..outer.len()).filter(inside).collect();
            let members: Vec<i64> = places.iter().map(|&place| inner[place]).collect();
            let whole = if members.is_empty() { &inner } else { &members };
            prop_assert_eq!(cuts, &Cuts::quantile(whole, inner_bins).unwrap());
            for (place, inner_bin) in places.iter().zip(bins_by_counting(&members, inner_bins)) {
                prop_assert_eq!(assigned.codes()[*place] as usize, bin * inner_bins + inner_bin as usize);
                prop_assert_eq!(nested.bin(outer[*place], inner[*place]), (bin, inner_bin as usize));
            }
        }
    }

    #[test]
    fn drift_is_none_towards_oneself_and_the_same_both_ways(
        (then, now) in (2..8_usize).prop_flat_map(|n| (vec(0..50_u64, n), vec(0..50_u64, n))),
    ) {
        prop_assume!(then.iter().sum::<u64>() > 0 && now.iter().sum::<u64>() > 0);
        let index = stability_index(&then, &now).unwrap();
        prop_assert!(index >= 0.0 && index.is_finite());
        prop_assert!((index - stability_index(&now, &then).unwrap()).abs() < ABSOLUTE);
        prop_assert!(stability_index(&then, &then).unwrap() < ABSOLUTE);
    }

    /// Draws a shop and, independently, a roster of people without an order: adding them is no
    /// drift of the customers.
    #[test]
    fn prospects_are_no_drift(people in people(1..40), prospects in 0..200_usize, bins in 2..=9_u8) {
        let (mut idle, mut orders, mut cents) = columns(&people);
        let fitted = rfm::RfmScheme::new(bins).unwrap().fit(&idle, &orders, &cents).unwrap();
        idle.extend(vec![0; prospects]);
        orders.extend(vec![0; prospects]);
        cents.extend(vec![0; prospects]);
        let drift = fitted.drift(&idle, &orders, &cents).unwrap();
        prop_assert_eq!((drift.idle, drift.frequency, drift.monetary), (0.0, 0.0, 0.0));
        // It is that of the cuts on the customers alone.
        let later: Vec<i64> = cents.iter().map(|cents| cents.saturating_add(7)).collect();
        let buyers: Vec<i64> = later.iter().zip(&orders).filter(|row| *row.1 > 0).map(|row| *row.0).collect();
        let drift = fitted.drift(&idle, &orders, &later).unwrap();
        prop_assert_eq!(drift.monetary, fitted.monetary().drift(&buyers).unwrap());
    }

    #[test]
    fn abc_classes_follow_the_definition(amounts in vec(cents(), 1..60), percents in percents(), crossing in crossing()) {
        let fitted = abc_scheme(&percents, crossing).fit(&amounts).unwrap();
        let assigned = fitted.assign(&amounts).unwrap();
        prop_assert_eq!(assigned.codes(), abc_by_definition(&amounts, &percents, crossing));
        for (&amount, place) in amounts.iter().zip(0..) {
            let reason = fitted.reason(amount);
            prop_assert_eq!(Some(reason.class.as_str()), assigned.name(place));
            prop_assert!(reason.at_least.is_none_or(|least| amount >= least));
            prop_assert!(reason.below.is_none_or(|below| amount < below));
        }
    }

    #[test]
    fn abc_shares_keep_the_promise_of_the_rule(amounts in vec(1..1000_i64, 1..60), percent in 1..100_u32) {
        let whole: i128 = amounts.iter().map(|&amount| i128::from(amount)).sum();
        let of_a = |crossing| {
            let classes = abc_scheme(&[percent], crossing).fit(&amounts).unwrap().assign(&amounts).unwrap();
            classes.table(&amounts).unwrap().get("A").unwrap().value
        };
        prop_assert!(of_a(Crossing::Better) * 100 >= whole * i128::from(percent));
        prop_assert!(of_a(Crossing::Worse) * 100 <= whole * i128::from(percent));
    }

    #[test]
    fn the_unit_of_money_changes_no_class(
        amounts in vec(-50_i64..5000, 1..50), factor in 1..1_000_000_i64, places in 0..6_u32, crossing in crossing(),
    ) {
        let scheme = abc::AbcScheme::default().with_crossing(crossing);
        let classes = scheme.fit(&amounts).unwrap().assign(&amounts).unwrap();
        let bins = Cuts::quantile(&amounts, 5).unwrap().assign(&amounts).unwrap();
        let scaled: Vec<i64> = amounts.iter().map(|amount| amount * factor).collect();
        prop_assert_eq!(scheme.fit(&scaled).unwrap().assign(&scaled).unwrap().codes().to_vec(), classes.codes());
        prop_assert_eq!(Cuts::quantile(&scaled, 5).unwrap().assign(&scaled).unwrap().codes().to_vec(), bins.codes());
        let money: Vec<Decimal> = scaled.iter().map(|&amount| Decimal::new(amount, places)).collect();
        prop_assert_eq!(scheme.fit(&money).unwrap().assign(&money).unwrap().codes().to_vec(), classes.codes());
        prop_assert_eq!(Cuts::quantile(&money, 5).unwrap().assign(&money).unwrap().codes().to_vec(), bins.codes());
        // A power of two is exact as a float.
        let floats: Vec<f64> = amounts.iter().map(|&amount| amount as f64 * 2f64.powi(places as i32 * 50 - 100)).collect();
        prop_assert_eq!(scheme.fit(&floats).unwrap().assign(&floats).unwrap().codes().to_vec(), classes.codes());
    }

    #[test]
    fn the_order_of_customers_does_not_matter((people, places) in shuffled(people(1..50))) {
        let (idle, orders, cents) = columns(&people);
        let other: Vec<Person> = places.iter().map(|&place| people[place]).collect();
        let (other_idle, other_orders, other_cents) = columns(&other);
        let scheme = rfm::RfmScheme::default();
        let fitted = scheme.fit(&idle, &orders, &cents).unwrap();
        prop_assert_eq!(&fitted, &scheme.fit(&other_idle, &other_orders, &other_cents).unwrap());
        // Floats add up the same in any order, too.
        let real = |cents: &[i64]| cents.iter().map(|&cents| cents as f64 / 100.0).collect::<Vec<_>>();
        let abc = abc::AbcScheme::default();
        prop_assert_eq!(abc.fit(&real(&cents)).unwrap(), abc.fit(&real(&other_cents)).unwrap());
        let groups = RuleSet::usual().assign(&fitted.score(&idle, &orders, &cents).unwrap()).unwrap();
        let other_scores = fitted.score(&other_idle, &other_orders, &other_cents).unwrap();
        let other_groups = RuleSet::usual().assign(&other_scores).unwrap();
        for (&place, code) in places.iter().zip(other_groups.codes()) {
            prop_assert_eq!(groups.codes()[place], *code);
        }
        let table = groups.table(&real(&cents)).unwrap();
        prop_assert_eq!(table, other_groups.table(&real(&other_cents)).unwrap());
    }

    #[test]
    fn scores_count_those_who_do_worse(people in people(1..60), bins in 2..=9_u8) {
        let (idle, orders, cents) = columns(&people);
        let scheme = rfm::RfmScheme::new(bins).unwrap();
        let fitted = scheme.fit(&idle, &orders, &cents).unwrap();
        let scores = fitted.score(&idle, &orders, &cents).unwrap();
        let buyers: Vec<Person> = people.iter().copied().filter(|person| person.1 > 0).collect();
        let (buyer_idle, buyer_orders, buyer_cents) = columns(&buyers);
        let n = usize::from(bins);
        let narrow = |bins: Vec<u32>| bins.into_iter().map(|bin| bin as u8).collect::<Vec<u8>>();
        let r = narrow(bins_by_counting(&buyer_idle, n));
        let f = narrow(bins_by_counting(&buyer_orders, n));
        let m = narrow(bins_by_counting(&buyer_cents, n));
        let mut buyer = 0;
        for (person, &(idle, orders, cents)) in people.iter().enumerate() {
            let place = scores.place(person).unwrap();
            prop_assert_eq!(fitted.place(idle, orders, cents), place);
            match place {
                RfmPlace::NoOrder => prop_assert_eq!(orders, 0),
                RfmPlace::Cell(cell) => {
                    let found = (cell.recency(), cell.frequency(), cell.monetary());
                    prop_assert_eq!(found, (bins - r[buyer], f[buyer] + 1, m[buyer] + 1));
                    buyer += 1;
                }
            }
            prop_assert_eq!(scores.combined(person).is_some(), orders > 0);
        }
        prop_assert_eq!(scores.counts().iter().map(|(_, count)| count).sum::<u64>(), people.len() as u64);
    }

    #[test]
    fn the_combined_score_is_a_mean(people in people(1..30), weights in (0.0..9.0_f64, 0.0..9.0_f64, 0.1..9.0_f64)) {
        let (idle, orders, cents) = columns(&people);
        let scheme = rfm::RfmScheme::default().with_weights(RfmWeights::new(weights.0, weights.1, weights.2).unwrap());
        let scores = scheme.fit(&idle, &orders, &cents).unwrap().score(&idle, &orders, &cents).unwrap();
        for person in 0..people.len() {
            if let (Some(combined), Some(RfmPlace::Cell(cell))) = (scores.combined(person), scores.place(person)) {
                let three = [cell.recency(), cell.frequency(), cell.monetary()].map(f64::from);
                let (low, high) = three.iter().fold((9.0_f64, 0.0_f64), |(low, high), &s| (low.min(s), high.max(s)));
                prop_assert!(low - ABSOLUTE <= combined && combined <= high + ABSOLUTE);
            }
        }
    }

    #[test]
    fn everybody_is_in_exactly_one_group(people in people(1..40)) {
        let (idle, orders, cents) = columns(&people);
        let scores = rfm::RfmScheme::default().fit(&idle, &orders, &cents).unwrap().score(&idle, &orders, &cents).unwrap();
        for rules in [RuleSet::usual(), RuleSet::shop_platform()] {
            let groups = rules.assign(&scores).unwrap();
            let mut seen: Vec<usize> = rules.rules().iter().flat_map(|rule| groups.members(rule.name())).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..people.len()).collect::<Vec<_>>());
            for person in 0..people.len() {
                let rule = rules.rule(scores.place(person).unwrap()).unwrap();
                prop_assert_eq!(Some(rule.name()), groups.name(person));
            }
        }
    }

    #[test]
    fn tables_add_up(rows in vec((0..3_u32, 0..4_u32, -1000_i64..1000), 1..60)) {
        let rows_of = Assignments::new(["a", "b", "c"], rows.iter().map(|row| row.0).collect::<Vec<_>>()).unwrap();
        let columns_of = Assignments::new(["w", "x", "y", "z"], rows.iter().map(|row| row.1).collect::<Vec<_>>()).unwrap();
        let cents: Vec<i64> = rows.iter().map(|row| row.2).collect();
        let table = rows_of.table(&cents).unwrap();
        prop_assert_eq!(table.groups().iter().map(|group| group.value).sum::<i128>(), i128::from(cents.iter().sum::<i64>()));
        prop_assert_eq!(table.groups().iter().map(|group| group.customers).sum::<u64>(), rows.len() as u64);
        let crossed = rows_of.cross_table(&columns_of, &cents).unwrap();
        for group in table.groups() {
            let cells = || columns_of.names().iter().map(|column| crossed.get(&group.name, column).unwrap());
            prop_assert_eq!(cells().map(|cell| cell.value).sum::<i128>(), group.value);
            prop_assert_eq!(cells().map(|cell| cell.customers).sum::<u64>(), group.customers);
        }
        let gains: i64 = cents.iter().filter(|cents| **cents > 0).sum();
        for group in table.groups() {
            match group.share_of_value {
                Some(share) => prop_assert!((share - group.value as f64 / gains as f64).abs() < ABSOLUTE),
                None => prop_assert_eq!(gains, 0),
            }
        }
    }

    #[test]
    fn steadiness_does_not_depend_on_the_unit_or_the_order_of_periods(
        (demand, places) in shuffled(vec(0..100_i64, 2..12)), shift in 0..40_i32,
    ) {
        let scheme = xyz::XyzScheme::default();
        let one = scheme.coefficient(&demand);
        let turned: Vec<f64> = places.iter().map(|&place| demand[place] as f64 * 2f64.powi(shift)).collect();
        match (one, scheme.coefficient(&turned)) {
            (Some(one), Some(other)) => prop_assert!((one - other).abs() < ABSOLUTE),
            (one, other) => prop_assert_eq!(one, other),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Columns too long for the direct way.
    #[test]
    fn long_columns_are_cut_like_short_ones(
        amounts in vec(cents(), 4_000..9_000), narrow in vec(-300_i64..300, 4_000..9_000), bins in 1..=10_usize,
        percents in percents(), crossing in crossing(),
    ) {
        for amounts in [amounts, narrow] {
            let mut sorted = amounts.clone();
            sorted.sort_unstable();
            let wanted: Vec<i64> = (1..bins).map(|k| sorted[(sorted.len() * k).div_ceil(bins) - 1]).collect();
            prop_assert_eq!(points(&Cuts::quantile(&amounts, bins)), wanted.clone());
            let floats: Vec<f64> = amounts.iter().map(|&amount| amount as f64).collect();
            let as_floats: Vec<f64> = wanted.iter().map(|&point| point as f64).collect();
            prop_assert_eq!(points(&Cuts::quantile(&floats, bins)), as_floats);
            let money: Vec<Decimal> = amounts.iter().map(|&amount| Decimal::new(amount, 3)).collect();
            let as_money: Vec<Decimal> = wanted.iter().map(|&point| Decimal::new(point, 3)).collect();
            prop_assert_eq!(points(&Cuts::quantile(&money, bins)), as_money);

            let scheme = abc_scheme(&percents, crossing);
            let classes = scheme.fit(&amounts).unwrap().assign(&amounts).unwrap();
            // The definition, by running sums over the sorted amounts.
            let (mut sums, mut upto) = (std::collections::BTreeMap::new(), 0_i128);
            for &amount in sorted.iter().rev().filter(|amount| **amount > 0) {
                let before = upto;
                upto += i128::from(amount);
                sums.entry(amount).or_insert((before, 0)).1 = upto;
            }
            for (amount, code) in amounts.iter().zip(classes.codes()) {
                let wanted = match sums.get(amount) {
                    None => percents.len() + 1,
                    Some((before, through)) => percents.iter().filter(|percent| match crossing {
                        Crossing::Better => before * 100 >= upto * i128::from(**percent),
                        Crossing::Worse => through * 100 > upto * i128::from(**percent),
                    }).count(),
                };
                prop_assert_eq!(*code as usize, wanted, "{}", amount);
            }
            prop_assert_eq!(scheme.fit(&money).unwrap().assign(&money).unwrap().codes().to_vec(), classes.codes());
        }
    }
}

/// Where nothing has changed, drift on whole columns says 0.7, because people without an order are
/// all in the first bin.
#[test]
fn a_roster_is_no_drift() {
    let orders: Vec<u32> = (0..200).map(|i| if i < 100 { 1 + i % 7 } else { 0 }).collect();
    let idle: Vec<i32> = (0..200).map(|i| if i < 100 { i * 37 % 101 } else { 0 }).collect();
    let cents: Vec<i64> = (0..200).map(|i| if i < 100 { i * 7919 % 10_007 } else { 0 }).collect();
    let fitted = rfm::RfmScheme::default().fit(&idle, &orders, &cents).unwrap();
    assert!(fitted.monetary().drift(&cents).unwrap() > 0.7);
    let drift = fitted.drift(&idle, &orders, &cents).unwrap();
    assert_eq!((drift.idle, drift.frequency, drift.monetary), (0.0, 0.0, 0.0));
    let nobody = fitted.drift(&idle, &[0; 200], &cents).unwrap_err();
    assert_eq!(nobody.to_string(), "customers with an order must not be empty");
}

#[test]
fn three_hundred_branches_are_three_hundred_groups() {
    let keys: Vec<String> = (0..900).map(|i| format!("branch {:03}", i * 7 % 300)).collect();
    let branches = Assignments::by_key(&keys).unwrap();
    assert_eq!((branches.names().len(), branches.counts()), (300, vec![3; 300]));
    let cents: Vec<i64> = (0..900).collect();
    let table = branches.table(&cents).unwrap();
    for (key, cents) in keys.iter().zip(&cents) {
        assert!(table.get(key).unwrap().value >= i128::from(*cents));
    }
    let halves = Cuts::quantile(&cents, 2).unwrap().assign(&cents).unwrap();
    let crossed = branches.cross_table(&halves, &cents).unwrap();
    assert_eq!(crossed.cells().len(), 600);
    let sum: i128 = crossed.cells().iter().map(|cell| cell.value).sum();
    assert_eq!(sum, i128::from(cents.iter().sum::<i64>()));
}

/// More rows than one task looks at.
fn many_people() -> (Vec<i32>, Vec<u32>, Vec<i64>) {
    const PEOPLE: u64 = 700_000;
    // A generator of its own (SplitMix64), so that the columns are the same everywhere.
    let draw = |n: u64| {
        let z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let idle = (0..PEOPLE).map(|n| (draw(3 * n) % 730) as i32).collect();
    let orders = (0..PEOPLE).map(|n| draw(3 * n + 1).trailing_zeros()).collect();
    let cents = (0..PEOPLE)
        .map(|n| (draw(3 * n + 2) % 1_000_000) as i64 * (draw(3 * n) % 50) as i64 - 1_000)
        .collect();
    (idle, orders, cents)
}

#[test]
fn many_rows_are_scored_like_few() {
    let (idle, orders, cents) = many_people();
    let fitted = rfm::RfmScheme::default().fit(&idle, &orders, &cents).unwrap();
    let mut buyers: Vec<i64> =
        cents.iter().zip(&orders).filter(|(_, orders)| **orders > 0).map(|(cents, _)| *cents).collect();
    buyers.sort_unstable();
    let wanted: Vec<i64> = (1..5).map(|k| buyers[(buyers.len() * k).div_ceil(5) - 1]).collect();
    assert_eq!(fitted.monetary().points(), wanted);
    let scores = fitted.score(&idle, &orders, &cents).unwrap();
    let groups = RuleSet::usual().assign(&scores).unwrap();
    for person in (0..idle.len()).step_by(997).chain([idle.len() - 1]) {
        assert_eq!(scores.place(person), Some(fitted.place(idle[person], orders[person], cents[person])));
        assert_eq!(
            groups.name(person),
            RuleSet::usual().rule(scores.place(person).unwrap()).map(rfm::SegmentRule::name)
        );
    }
    let table = rfm::table(&groups, &idle, &orders, &cents).unwrap();
    assert_eq!(
        table.groups().iter().map(|group| group.value).sum::<i128>(),
        i128::from(cents.iter().sum::<i64>())
    );
}

#[cfg(feature = "rayon")]
#[test]
fn the_number_of_threads_changes_no_bit() {
    let (idle, orders, cents) = many_people();
    let real: Vec<f64> = cents.iter().map(|&cents| cents as f64 / 100.0).collect();
    let answer = || {
        let fitted = rfm::RfmScheme::default().fit(&idle, &orders, &real).unwrap();
        let groups = RuleSet::usual().assign(&fitted.score(&idle, &orders, &real).unwrap()).unwrap();
        let table = rfm::table(&groups, &idle, &orders, &real).unwrap();
        let abc = abc::AbcScheme::default().fit(&real).unwrap();
        (fitted, groups, table, abc)
    };
    let with =
        |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(answer);
    let one = with(1);
    assert_eq!(one, with(4));
    assert_eq!(one, answer());
}

#[cfg(feature = "serde")]
mod stored {
    use super::*;
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    fn back<T: Serialize + DeserializeOwned>(value: &T) -> T {
        serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
    }

    fn refused<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> String {
        serde_json::from_str::<T>(text).unwrap_err().to_string()
    }

    proptest! {
        #[test]
        fn what_is_stored_assigns_the_same(people in people(1..40)) {
            let (idle, orders, cents) = columns(&people);
            let money: Vec<Decimal> = cents.iter().map(|&cents| Decimal::new(cents, 2)).collect();
            let cuts = Cuts::quantile(&money, 7).unwrap();
            prop_assert_eq!(back(&cuts), cuts);
            let real: Vec<f64> = cents.iter().map(|&cents| cents as f64 / 100.0).collect();
            let cuts = Cuts::quantile(&real, 7).unwrap();
            prop_assert_eq!(back(&cuts).assign(&real).unwrap(), cuts.assign(&real).unwrap());
            let nested = NestedCuts::quantile(&idle, 3, &money, 2).unwrap();
            prop_assert_eq!(back(&nested), nested);
            let abc = abc::AbcScheme::default().with_crossing(Crossing::Worse).fit(&money).unwrap();
            prop_assert_eq!(back(&abc).assign(&money).unwrap(), abc.assign(&money).unwrap());
            let fitted = rfm::RfmScheme::default().fit(&idle, &orders, &money).unwrap();
            let scores = fitted.score(&idle, &orders, &money).unwrap();
            prop_assert_eq!(back(&fitted).score(&idle, &orders, &money).unwrap(), scores.clone());
            let groups = RuleSet::usual().assign(&scores).unwrap();
            prop_assert_eq!(back(&RuleSet::usual()).assign(&back(&scores)).unwrap(), groups.clone());
            prop_assert_eq!(back(&groups), groups.clone());
            let table = groups.table(&cents).unwrap();
            prop_assert_eq!(back(&table), table);
        }
    }

    #[test]
    fn settings_come_back() {
        let scheme = rfm::RfmScheme::new(4).unwrap().with_weights(RfmWeights::new(1.0, 2.0, 3.0).unwrap());
        assert_eq!(back(&scheme), scheme);
        let scheme = xyz::XyzScheme::new(0.25, 0.5).unwrap().with_deviation(xyz::StandardDeviation::Sample);
        assert_eq!(back(&scheme), scheme);
        assert_eq!(back(&abc::AbcScheme::default()), abc::AbcScheme::default());
        assert_eq!(back(&RuleSet::shop_platform()), RuleSet::shop_platform());
        let rule = rfm::SegmentRule::new("best").with_codes("555").unwrap().with_no_order();
        assert_eq!(
            serde_json::to_string(&rule).unwrap(),
            r#"{"name":"best","places":[{"cell":"555"},"no_order"]}"#
        );
    }

    #[test]
    fn reading_refuses_what_the_constructors_refuse() {
        assert!(
            refused::<Cuts<i64>>(r#"{"points":[2,1],"reference":[]}"#)
                .contains("points[1] must be at least 2, got 1")
        );
        assert!(
            refused::<Cuts<i64>>(r#"{"points":[1,2],"reference":[5]}"#)
                .contains("expected 3 reference counts, got 1")
        );
        assert!(refused::<Cuts<i64>>(r#"{"points":[1],"reference":[],"x":0}"#).contains("unknown field `x`"));
        let cuts = r#"{"points":[1],"reference":[]}"#;
        assert!(
            refused::<NestedCuts<i64, i64>>(&format!(r#"{{"outer":{cuts},"inner":[{cuts}]}}"#))
                .contains("expected 2 inner cuts, got 1")
        );
        assert!(
            refused::<Assignments>(r#"{"names":["A"],"codes":[1],"reasons":[],"why":[],"unasked":[]}"#)
                .contains("codes[0] must be less than 1, got 1")
        );
        let scheme = |thresholds: &str| {
            refused::<abc::AbcScheme>(&format!(r#"{{"thresholds":{thresholds},"crossing":"better"}}"#))
        };
        assert!(scheme(r#"["0.8","0.8"]"#).contains("thresholds[1] must be greater than 0.8, got 0.8"));
        assert!(scheme(r#"["1.8"]"#).contains("share must be between 0 and 1"));
        let abc = r#"{"scheme":{"thresholds":["0.8","0.95"],"crossing":"worse"},"floors":[5,7]}"#;
        assert!(refused::<abc::AbcFit<i64>>(abc).contains("floors[1] must be at most 5, got 7"));
        let xyz = r#"{"x_up_to":1.0,"y_up_to":0.5,"deviation":"sample"}"#;
        assert!(refused::<xyz::XyzScheme>(xyz).contains("y_up_to must be greater than 1, got 0.5"));
        assert!(
            refused::<rfm::RfmScheme>(
                r#"{"bins":1,"weights":{"recency":1.0,"frequency":1.0,"monetary":1.0}}"#
            )
            .contains("number of score levels must be between 2 and 9")
        );
        assert!(
            refused::<rfm::RfmScheme>(
                r#"{"bins":3,"weights":{"recency":1.0,"frequency":1.0,"monetary":-1.0}}"#
            )
            .contains("weights[2] must be at least 0")
        );
        let three = r#"{"points":[1,2],"reference":[]}"#;
        let fitted = format!(
            r#"{{"scheme":{{"bins":2,"weights":{{"recency":1.0,"frequency":1.0,"monetary":1.0}}}},"idle":{three},"frequency":{three},"monetary":{three}}}"#
        );
        assert!(refused::<rfm::RfmFit<i64>>(&fitted).contains("expected 2 bins of idle, got 3"));
        let scores = r#"{"scheme":{"bins":2,"weights":{"recency":1.0,"frequency":1.0,"monetary":1.0}},"recency":[3],"frequency":[1],"monetary":[1]}"#;
        assert!(refused::<rfm::Scores>(scores).contains("recency[0] must be between 1 and 2, got 3"));
        let rules = r#"{"bins":2,"rules":[{"name":"all","places":["no_order",{"cell":"111"}]}]}"#;
        assert!(refused::<RuleSet>(rules).contains("uncovered 112 121 122 211 212 221 222"));
        assert!(refused::<rfm::RfmCell>(r#""1011""#).contains("three digits"));
    }
}
