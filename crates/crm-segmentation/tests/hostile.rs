//! Every public function with whatever its types allow: it answers with finite numbers or refuses,
//! and never panics.
//!
//! Amounts, weights, cuts, shares, names and codes are drawn independently of each other, and each
//! reaches the ends of its type: the largest and smallest numbers, both zeros, all scales of a
//! decimal, names of any length. Errors are answers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::Display;

use crm_history::{Day, Ledger, Observation};
use crm_numbers::Level;
use crm_segmentation::contact::{
    AccountValue, Cadence, Demand, Every, KeyAccounts, ListRules, ListedContact, allocate,
};
use crm_segmentation::cuts::{NestedCuts, Tiers, TiersFit, stability_index};
use crm_segmentation::loyalty::{
    BENCHMARK, Benchmark, Bonds, Climb, ContactLadder, ContactPlan, Eroders, LoyaltyPyramid,
    PartnershipLadder, Person, Relationship, SpendShare, States, SuccessRates, TrustLadder, UnknownShare,
    brand_loyalty, dick_and_basu, variety,
};
use crm_segmentation::matrix::{Axis, Matrix};
use crm_segmentation::migration::{Migration, Snapshot};
use crm_segmentation::prospecting::{Adopters, Baskets, Prospect, candidates, share_of_new};
use crm_segmentation::scorecard::{
    Account, Better, Comparisons, ContactRole, Missing, RoleWeights, Scorecard, ScorecardCriterion, presets,
};
use crm_segmentation::seasonal::SeasonalIndex;
use crm_segmentation::stability::{best_group, stability};
use crm_segmentation::{Amount, Assignments, Columns, Cuts, Share, abc, rfm, xyz};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Any `f64`, ordinary numbers and the ends of the type; NaN and infinities, too.
fn real() -> impl Strategy<Value = f64> {
    let ends =
        [0.0, -0.0, 1.0, -1.0, f64::MAX, f64::MIN, f64::MIN_POSITIVE, -5e-324, f64::NAN, f64::INFINITY];
    prop_oneof![4 => -100.0..100.0_f64, 2 => prop::sample::select(ends.to_vec()), 1 => any::<f64>()]
}

/// Any finite `f64`.
fn finite() -> impl Strategy<Value = f64> {
    real().prop_map(|value| if value.is_finite() { value } else { 0.5 })
}

/// Any `f64` from 0 to 1, in or out of reach by a little.
fn unit() -> impl Strategy<Value = f64> {
    prop_oneof![6 => 0.0..=1.0_f64, 1 => real()]
}

/// Any decimal: every mantissa of 96 bits, every scale, both signs.
fn decimal() -> impl Strategy<Value = Decimal> {
    let any_decimal = (any::<[u32; 3]>(), any::<bool>(), 0..=28_u32).prop_map(|(parts, negative, scale)| {
        Decimal::from_parts(parts[0], parts[1], parts[2], negative, scale)
    });
    let ends = [Decimal::ZERO, -Decimal::ZERO, Decimal::MAX, Decimal::MIN, Decimal::new(1, 28), Decimal::ONE];
    prop_oneof![
        4 => (-10_000_i64..10_000, 0..4_u32).prop_map(|(units, scale)| Decimal::new(units, scale)),
        1 => prop::sample::select(ends.to_vec()),
        1 => any_decimal,
    ]
}

fn whole() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -9_i64..50, 1 => any::<i64>(), 1 => prop::sample::select(vec![i64::MIN, i64::MAX, 0])]
}

fn count() -> impl Strategy<Value = u32> {
    prop_oneof![5 => 0..9_u32, 1 => any::<u32>(), 1 => Just(u32::MAX)]
}

fn fraction() -> impl Strategy<Value = Share> {
    let digits = (0..=10_u64.pow(18)).prop_map(|units| Decimal::new(units as i64, 18));
    prop_oneof![2 => (0..=100_i64).prop_map(|percent| Decimal::new(percent, 2)), 1 => digits]
        .prop_map(|share| Share::new(share).unwrap())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-e]{1,2}", 1 => "\\PC{0,9}", 1 => Just("x".repeat(70_000))]
}

fn day() -> impl Strategy<Value = Day> {
    let ends = vec![Day::MIN, Day::MAX];
    prop_oneof![3 => (0..20_000).prop_map(|n| Day::new(n).unwrap()), 1 => prop::sample::select(ends)]
}

fn level() -> impl Strategy<Value = Level> {
    let ends = vec![5e-324, 0.5, 0.95, 1.0 - f64::EPSILON / 2.0];
    prop::sample::select(ends).prop_map(|level| Level::new(level).unwrap())
}

/// Reads as text whatever precision, width and sign the format asks for.
fn shown(value: &impl Display) {
    for text in [
        format!("{value}"),
        format!("{value:.0}"),
        format!("{value:.40}"),
        format!("{value:>80.3}"),
        format!("{value:<+300}"),
    ] {
        assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
    }
}

/// The debug form, too.
fn debugged(value: &impl std::fmt::Debug) {
    assert_eq!(format!("{value:90.40?}").trim(), format!("{value:?}"));
}

fn sound(groups: &Assignments) {
    shown(groups);
    for customer in 0..=groups.len() {
        let known = groups.name(customer).is_some();
        assert_eq!(known, customer < groups.len());
        let _ =
            (groups.reason(customer), groups.is_asked(customer, 3), groups.is_asked(customer, usize::MAX));
    }
    assert_eq!(groups.counts().iter().sum::<u64>(), groups.len() as u64);
    let _ = groups.members("a").count();
}

/// What can be done with a column of amounts of any type.
fn amounts<T: Amount>(column: &[T], other: &[T], bins: usize, codes: &[u32], shares: (Share, Share)) {
    if let Ok(cuts) = Cuts::new(column) {
        shown(&cuts);
        debugged(&cuts);
        let _ = (cuts.assign(other).map(|groups| sound(&groups)), cuts.drift(other), cuts.filled());
    }
    for cuts in [
        Cuts::quantile(column, bins),
        Cuts::equal_width(column, bins),
        Cuts::at_shares(column, &[shares.0, shares.1]),
    ]
    .into_iter()
    .flatten()
    {
        shown(&cuts);
        assert!(cuts.points().iter().all(|point| point.is_finite()));
        sound(&cuts.assign(column).unwrap());
        let drift = cuts.drift(other);
        assert!(drift.is_err() || drift.is_ok_and(|drift| drift >= 0.0 && drift.is_finite()));
        let names: Vec<String> = (0..cuts.bins()).map(|bin| format!("bin {bin}")).collect();
        sound(&cuts.assign_named(names, column).unwrap());
        let _ = cuts.clone().with_reference(other);
        if let Some(amount) = other.first() {
            assert!(cuts.bin(*amount) < cuts.bins());
        }
    }
    if let Ok(nested) = NestedCuts::quantile(column, bins, other, 3) {
        sound(&nested.assign(column, other).unwrap());
    }
    for crossing in [abc::Crossing::Better, abc::Crossing::Worse] {
        let scheme = abc::AbcScheme::new(&[shares.0, shares.1]).unwrap_or_default().with_crossing(crossing);
        if let Ok(fitted) = scheme.fit(column) {
            sound(&fitted.assign(column).unwrap());
            let _ = fitted.assign(other).map(|groups| sound(&groups));
            column.iter().for_each(|amount| shown(&fitted.reason(*amount)));
        }
    }
    if let (Ok(tiers), [first, second, ..]) = (Tiers::new(shares.0, shares.1), column) {
        let _ = tiers.assign(column).map(|groups| sound(&groups));
        let _ = TiersFit::new(*first, *second).and_then(|fit| fit.assign(other)).map(|groups| sound(&groups));
    }
    let steady = xyz::XyzScheme::default().with_deviation(xyz::StandardDeviation::Sample);
    assert!(steady.coefficient(column).is_none_or(|variation| variation >= 0.0 && variation.is_finite()));
    let _ = steady.assign(column, bins).map(|groups| sound(&groups));
    if let Ok(split) =
        column.first().map_or_else(|| SpendShare::new(T::ZERO, other), |own| SpendShare::new(*own, other))
    {
        let shares = [split.share_of_wallet(), split.relative_affinity()];
        assert!(
            shares
                .iter()
                .flatten()
                .chain(split.rival_shares().unwrap_or_default())
                .all(|share| share.is_finite())
        );
    }
    let names = ["a", "b", "c"];
    let fitting: Vec<u32> = codes.iter().copied().cycle().take(column.len()).collect();
    if let (false, Ok(groups)) = (codes.is_empty(), Assignments::new(names, fitting)) {
        if let Ok(table) = groups.table(column) {
            table.groups().iter().for_each(debugged);
            shown_table(&table);
        }
        if let Ok(crossed) = groups.cross_table(&groups, column) {
            shown(&crossed);
        }
        if let Ok(best) = best_group(&groups, column, 3, 1) {
            assert!(best.mean.is_finite() && best.lead.is_finite() && (0.0..=1.0).contains(&best.p_value));
        }
        if let Ok(moved) = Migration::between_same((&groups, column), (&groups, column)) {
            shown(&moved);
            let _ = (moved.moves(), moved.share("a", "b"), moved.flows().count());
        }
        let ids: Vec<usize> = (0..column.len()).collect();
        let period = Snapshot::new(&ids, &groups, column).unwrap();
        let _ = Migration::between(period, period).map(|moved| shown(&moved));
        let _ = stability(&groups, 2, 7, |_| Ok(groups.clone()));
    }
}

fn shown_table<S: Display>(table: &crm_segmentation::GroupTable<S>) {
    shown(table);
    for group in table.groups() {
        let shares = [group.share_of_value, group.mean_value, Some(group.share_of_customers)];
        assert!(shares.iter().flatten().all(|share| share.is_finite()), "{}", group.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn columns_of_amounts(
        (reals, other_reals) in (vec(real(), 0..12), vec(real(), 0..12)),
        (money, other_money) in (vec(decimal(), 0..12), vec(decimal(), 0..12)),
        (cents, other_cents) in (vec(whole(), 0..12), vec(whole(), 0..12)),
        bins in prop_oneof![5 => 0..9_usize, 1 => Just(256_usize), 1 => Just(usize::MAX)],
        codes in vec(0..4_u32, 0..4), shares in (fraction(), fraction()),
    ) {
        amounts(&reals, &other_reals, bins, &codes, shares);
        amounts(&money, &other_money, bins, &codes, shares);
        amounts(&cents, &other_cents, bins, &codes, shares);
    }

    #[test]
    fn names_codes_and_counts(
        names in vec(name(), 0..5), codes in vec(prop_oneof![9 => 0..4_u32, 1 => any::<u32>()], 0..9),
        reasons in vec(name(), 0..5), keys in vec(name(), 0..9), marks in vec(option::of(real()), 0..9),
        (then, now) in (vec(any::<u64>(), 0..5), vec(any::<u64>(), 0..5)),
    ) {
        if let Ok(groups) = Assignments::new(names.clone(), codes) {
            sound(&groups);
            let _ = groups.clone().with_reasons(reasons).map(|groups| sound(&groups));
            let cents: Vec<i64> = (0..groups.len() as i64).collect();
            let table = groups.table(&cents).unwrap();
            shown(&table);
            let _ = table.with_mean("mark", &groups, marks).map(|table| shown_table(&table));
            let _ = groups.cross(&groups).map(|pairs| sound(&pairs));
            let _ = Climb::from_levels(&groups, Level::default()).map(|climb| shown(&climb));
            let _ = Benchmark::compare(&groups, BENCHMARK).map(|test| assert!((0.0..=1.0).contains(&test.p_value)));
        }
        let _ = Assignments::by_key(&keys).map(|groups| sound(&groups));
        let drift = stability_index(&then, &now);
        prop_assert!(drift.is_err() || drift.is_ok_and(|drift| drift >= 0.0 && drift.is_finite()));
    }

    #[test]
    fn loyalty(
        people in vec((count(), option::of(fraction()), option::of(count()), option::of(any::<bool>()), any::<i32>(), any::<bool>()), 0..9),
        (from, share, strict) in (any::<u32>(), fraction(), any::<bool>()), level in level(),
        marks in vec([real(), real(), real()], 0..9), cut in real(), strengths in vec([unit(), unit(), unit(), unit(), unit()], 0..5),
        bought in vec(vec(count(), 0..5), 0..9), limits in (real(), unit(), real()),
        (contacts, sale, cost) in (any::<u64>(), decimal(), decimal()),
    ) {
        let purchases: Vec<u32> = people.iter().map(|row| row.0).collect();
        let idle: Vec<i32> = people.iter().map(|row| row.4).collect();
        let picked: Vec<bool> = people.iter().map(|row| row.5).collect();
        let persons: Vec<Person> = people
            .iter()
            .map(|row| Person { purchases: row.0, share_of_wallet: row.1, referrals: row.2 })
            .collect();
        let rule = if strict { UnknownShare::Refused } else { UnknownShare::Accepted };
        let levels = LoyaltyPyramid::new(from, share).unwrap_or_default().with_unknown_share(rule).assign(&persons);
        sound(&levels);
        let climb = Climb::from_levels(&levels, level).unwrap();
        shown(&climb);
        for share in climb.steps().iter().filter_map(|step| step.conversion) {
            prop_assert!(0.0 <= share.lower && share.lower <= share.estimate && share.estimate <= share.upper && share.upper <= 1.0);
        }
        let states = States::new(from, from).unwrap_or_default();
        sound(&states.assign(&purchases, &idle, Some(&picked)).unwrap());
        sound(&states.assign(&purchases, &idle, None).unwrap());
        let intent: Vec<Option<bool>> = people.iter().map(|row| row.3).collect();
        let referrals: Vec<Option<u32>> = people.iter().map(|row| row.2).collect();
        let ladder = ContactLadder.assign(&purchases, &intent, &referrals).unwrap();
        sound(&ladder);
        shown(&Climb::from_levels(&ladder, level).unwrap());
        sound(&PartnershipLadder.assign(&picked, &picked, &picked).unwrap());
        let column = |place: usize| marks.iter().map(|row| row[place]).collect::<Vec<f64>>();
        let (x, y, z) = (column(0), column(1), column(2));
        let _ = TrustLadder::new(cut).and_then(|ladder| ladder.assign(&x, &y, &z)).map(|groups| sound(&groups));
        let _ = Relationship::new(cut).and_then(|rule| rule.assign(&x, &y, &z)).map(|groups| sound(&groups));
        let _ = dick_and_basu(cut, cut).and_then(|matrix| matrix.assign(&x, &y)).map(|groups| sound(&groups));
        let _ = Bonds::new(limits.1).unwrap_or_default().assign(&strengths).map(|groups| sound(&groups));
        if let Ok(eroders) = Eroders::new(limits.0, limits.1, limits.2) {
            let _ = eroders.assign(&x, &bought, &y).map(|groups| sound(&groups));
        }
        for seeks in bought.iter().filter_map(|bought| variety(bought)) {
            prop_assert!((0.0..=1.0).contains(&seeks) && seeks.is_sign_positive());
        }
        let other: Vec<u32> = bought.iter().flatten().copied().chain(purchases.iter().copied()).take(purchases.len()).collect();
        let _ = (brand_loyalty(&purchases, &other), share_of_new(&other, &purchases));
        let rates = SuccessRates::published().with_rate("lost", share);
        let plan = ContactPlan::new(rates).with_contacts("lost", contacts, sale);
        if let Ok(plan) = plan.and_then(|plan| plan.with_cost_per_contact(cost)) {
            shown(&plan);
        }
    }

    #[test]
    fn contacts(
        rows in vec((0..3_u32, decimal(), decimal(), decimal(), decimal(), option::of(day())), 0..9),
        list in vec((any::<bool>(), any::<bool>(), option::of(count()), option::of(decimal())), 0..9),
        (capacity, room, days, today) in (decimal(), any::<usize>(), any::<u16>(), day()), top in fraction(),
    ) {
        let classes = Assignments::new(["A", "B", "C"], rows.iter().map(|row| row.0).collect::<Vec<_>>()).unwrap();
        let demands: Vec<Demand> =
            rows.iter().map(|row| Demand { units: row.1, margin_per_unit: row.2 }).collect();
        demands.iter().for_each(debugged);
        if let Ok(given) = allocate(capacity, &classes, &demands) {
            debugged(&given);
            // Digit by digit, in whole numbers of the 28th decimal place, of which there may be
            // more than 128 bits.
            let parts = given.units.iter().copied().chain([given.left]);
            prop_assert_eq!(digits(parts), digits([capacity]));
            let wanted = demands.iter().map(|demand| demand.units);
            prop_assert_eq!(digits(given.units.iter().copied().chain([given.unserved])), digits(wanted));
        }
        let accounts: Vec<AccountValue> = rows
            .iter()
            .map(|row| AccountValue { revenue: row.1, margin: row.2, cost_to_serve: row.3, displaced: row.4 })
            .collect();
        if let Ok(judged) = KeyAccounts::new(top).unwrap_or_default().judge(&accounts) {
            sound(judged.groups());
            prop_assert!(judged.gaps().iter().all(|gap| gap.gap.is_finite()));
        }
        let list: Vec<ListedContact> = list
            .iter()
            .map(|&(blocked, advertising_only, idle_days, value)| ListedContact { blocked, advertising_only, idle_days, value })
            .collect();
        list.iter().for_each(debugged);
        accounts.iter().for_each(debugged);
        let pruned = ListRules::new(room, u32::from(days)).unwrap_or_default().prune(&list);
        sound(pruned.groups());
        let cadence = Cadence::new([("A", Every::Days(days)), ("B", Every::Never)]).unwrap_or_default();
        let last: Vec<Option<Day>> = rows.iter().map(|row| row.5).collect();
        if let Ok(due) = cadence.due(&classes, &last, today) {
            sound(due.status());
            prop_assert!(due.list().len() <= rows.len() && due.next().len() == due.overdue().len());
        }
    }

    #[test]
    fn prospects(
        owned in vec(vec(0..5_usize, 0..5), 0..9), names in vec(name(), 0..5), margins in vec(real(), 0..5),
        people in vec((vec(prop_oneof![5 => 0..5_usize, 1 => Just(usize::MAX)], 0..4), any::<bool>(), any::<bool>(), option::of(0..6_usize)), 0..6),
        at_least in prop_oneof![3 => 0..3_u64, 1 => any::<u64>()], level in level(), days in vec(option::of(any::<i32>()), 0..9),
    ) {
        if let Ok(baskets) = Baskets::new(names, &owned) {
            for rule in baskets.affinities(at_least, level).unwrap() {
                let lift = rule.lift.unwrap();
                prop_assert!(lift.lower.is_finite() && lift.estimate > 0.0 && lift.upper.is_finite(), "{lift:?}");
            }
            let _ = baskets.affinity(usize::MAX, 0, level);
            let people: Vec<Prospect> = people
                .into_iter()
                .map(|(owned, cycle_ending, good_payer, unmet_need)| Prospect { owned, cycle_ending, good_payer, unmet_need })
                .collect();
            if let Ok(offers) = candidates(&baskets, &margins, &people, at_least) {
                for offer in offers {
                    prop_assert!(offer.expected_margin.is_finite() && offer.expected_margin.is_sign_positive());
                    prop_assert!((0.0..=1.0).contains(&offer.probability));
                }
            }
        }
        if let Ok(adopters) = Adopters::fit(&days) {
            sound(&adopters.assign(&days).unwrap());
        }
    }

    #[test]
    fn scorecards_and_seasons(
        criteria in vec((name(), real(), real(), real(), any::<bool>()), 0..5),
        answers in vec(option::of(real()), 0..10), weights in vec(real(), 0..5), roles in [real(), real(), real()],
        (things, judgments) in (0..17_usize, vec(prop_oneof![3 => 0.1..9.0_f64, 1 => real()], 0..8)),
        sales in vec(prop_oneof![3 => finite().prop_map(f64::abs), 1 => real()], 0..30), cycle in 0..8_usize, margin in real(),
        (x, y) in (vec(finite(), 0..5), vec(finite(), 0..5)), cuts in vec(finite(), 0..4),
    ) {
        let criterion = |(name, weight, low, high, lower): &(String, f64, f64, f64, bool)| {
            let better = if *lower { Better::Lower } else { Better::Higher };
            ScorecardCriterion::new(name.clone(), *weight, *low, *high).with_better(better)
        };
        let drawn: Vec<ScorecardCriterion> = criteria.iter().map(criterion).collect();
        let mut cards = vec![presets::man(), presets::supplier(), presets::loyalty_eight(), presets::ask(), presets::loyalty_five()];
        cards.extend([presets::downstream_customer(), presets::customer_evaluation()]);
        cards.extend(Scorecard::normalized(drawn.clone()));
        cards.extend(Scorecard::new(drawn));
        cards.extend(presets::man().reweighted(&weights));
        for card in cards {
            for missing in [Missing::Refuse, Missing::Reweight, Missing::Worst] {
                let card = card.clone().with_missing(missing);
                // Answers as drawn, and on the scale.
                let on_scale: Vec<Option<f64>> = card
                    .criteria()
                    .iter()
                    .zip(answers.iter().chain(std::iter::repeat(&None)))
                    .map(|(criterion, answer)| answer.map(|answer| {
                        let (low, high) = criterion.scale();
                        if answer.is_nan() { low } else { answer.clamp(low, high) }
                    }))
                    .collect();
                let mut account = Account::new(RoleWeights::new(roles[0], roles[1], roles[2]).unwrap_or_default());
                for role in [ContactRole::Decider, ContactRole::Influencer, ContactRole::User] {
                    account.add(role, &on_scale);
                }
                let scores = [card.score(&answers), card.score(&on_scale), account.score(&card)];
                let scores: Vec<_> = scores.into_iter().flatten().collect();
                for score in &scores {
                    prop_assert!(score.total.is_none_or(|total| (0.0..=100.0).contains(&total)), "{score:?}");
                }
                prop_assert!(Scorecard::ranking(&scores).is_ok());
                // On their scale, answers are refused only where one is missing.
                prop_assert!(account.score(&card).is_ok() || on_scale.contains(&None));
            }
        }
        if let Ok(judged) = Comparisons::new(things, &judgments) {
            prop_assert!(judged.weights().iter().all(|weight| (0.0..=1.0).contains(weight)));
            prop_assert!(judged.consistency_ratio().is_finite());
        }
        if let Ok(index) = SeasonalIndex::from_sales(&sales, cycle) {
            prop_assert!(index.indices().iter().all(|index| index.is_finite() && index.is_sign_positive()));
            prop_assert!(index.trend().iter().flatten().all(|level| level.is_finite()));
            prop_assert_eq!(index.seasons(margin).len(), cycle);
        }
        if let Ok(cuts) = Cuts::new(&cuts) {
            let fields = cuts.bins() * cuts.bins();
            let axis = |name: &str| Axis::new(name, cuts.clone());
            let matrix = Matrix::new(axis("x"), axis("y"), (0..fields).map(|field| field.to_string())).unwrap();
            let _ = matrix.assign(&x, &y).map(|groups| sound(&groups));
        }
    }

    #[test]
    fn rfm_of_any_columns(
        rows in vec((any::<i32>(), count(), decimal(), finite()), 0..12), bins in 0..12_u8, weights in [real(), real(), real()],
        scores in vec([0..10_u8, 0..10, 0..10], 0..6),
    ) {
        let idle: Vec<i32> = rows.iter().map(|row| row.0.saturating_abs()).collect();
        let orders: Vec<u32> = rows.iter().map(|row| row.1).collect();
        let money: Vec<Decimal> = rows.iter().map(|row| row.2).collect();
        let reals: Vec<f64> = rows.iter().map(|row| row.3).collect();
        let weights = rfm::RfmWeights::new(weights[0], weights[1], weights[2]).unwrap_or_default();
        let scheme = rfm::RfmScheme::new(bins).unwrap_or_default().with_weights(weights);
        if let Ok(fitted) = scheme.fit(&idle, &orders, &money) {
            let scores = fitted.score(&idle, &orders, &money).unwrap();
            let drift = fitted.drift(&idle, &orders, &money).unwrap();
            prop_assert_eq!((drift.idle, drift.frequency, drift.monetary), (0.0, 0.0, 0.0));
            for person in 0..rows.len() {
                shown(&scores.place(person).unwrap());
                prop_assert!(scores.combined(person).is_none_or(|mean| (0.99..=9.01).contains(&mean)), "{weights:?}");
            }
            for rules in [rfm::RuleSet::usual(), rfm::RuleSet::shop_platform()] {
                if let Ok(groups) = rules.assign(&scores) {
                    sound(&groups);
                    let _ = rfm::table(&groups, &idle, &orders, &money).map(|table| shown_table(&table));
                    let _ = rfm::table(&groups, &idle, &orders, &reals).map(|table| shown_table(&table));
                }
            }
        }
        let column = |place: usize| scores.iter().map(|row| row[place]).collect::<Vec<u8>>();
        if let Ok(scores) = rfm::Scores::new(scheme, column(0), column(1), column(2)) {
            prop_assert_eq!(scores.counts().iter().map(|place| place.1).sum::<u64>(), scores.len() as u64);
        }
    }

    #[test]
    fn columns_of_a_ledger(rows in vec((0..5_u8, day(), -1_000_i64..1_000), 1..12), end in day()) {
        let Ok(ledger) = Ledger::from_rows(rows.iter().map(|row| (row.0, row.1.date(), row.2))) else { return Ok(()) };
        let Ok(summaries) = ledger.summarize(&Observation::until(end.date())) else { return Ok(()) };
        let columns = Columns::from_summaries(&summaries);
        let total: i64 = columns.monetary.iter().sum();
        prop_assert_eq!(total, summaries.total_spend().unwrap());
        prop_assert_eq!(columns.ids.len(), columns.idle_days.len());
    }
}

/// The sum in units of the 28th decimal place, as digits to the base of 10^9.
fn digits(amounts: impl IntoIterator<Item = Decimal>) -> Vec<i128> {
    const BASE: i128 = 1_000_000_000;
    let mut places = vec![0_i128; 12];
    for amount in amounts {
        let mut low = amount.mantissa().rem_euclid(10_i128.pow(amount.scale()));
        let mut high = amount.mantissa().div_euclid(10_i128.pow(amount.scale()));
        low *= 10_i128.pow(28 - amount.scale());
        for place in places.iter_mut().take(4) {
            *place += low % BASE;
            low /= BASE;
        }
        // The fourth holds one digit: 28 = 3 x 9 + 1.
        for place in places.iter_mut().skip(4) {
            *place += high % BASE;
            high /= BASE;
        }
    }
    let mut carry = 0;
    for (place, base) in
        places.iter_mut().zip([BASE, BASE, BASE, 10].into_iter().chain(std::iter::repeat(BASE)))
    {
        *place += carry;
        carry = place.div_euclid(base);
        *place = place.rem_euclid(base);
    }
    places
}
