//! Columns of amounts, names and codes: cuts, classes, tables, RFM.

use crm_history::{Ledger, Observation};
use crm_numbers::Level;
use crm_segmentation::cuts::{NestedCuts, Tiers, TiersFit, stability_index};
use crm_segmentation::loyalty::{BENCHMARK, Benchmark, Climb, SpendShare};
use crm_segmentation::migration::{Migration, Snapshot};
use crm_segmentation::stability::{best_group, stability};
use crm_segmentation::{Amount, Assignments, Columns, Cuts, Share, abc, rfm, xyz};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{count, day, debugged, decimal, finite, fraction, name, real, shown, shown_table, sound, whole};

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
    fn columns_of_a_ledger(rows in vec((0..5_u8, day(), -1_000_i64..1_000), 1..12), end in day()) {
        let Ok(ledger) = Ledger::from_rows(rows.iter().map(|row| (row.0, row.1.date(), row.2))) else { return Ok(()) };
        let Ok(summaries) = ledger.summarize(&Observation::until(end.date())) else { return Ok(()) };
        let columns = Columns::from_summaries(&summaries);
        let total: i64 = columns.monetary.iter().sum();
        prop_assert_eq!(total, summaries.total_spend().unwrap());
        prop_assert_eq!(columns.ids.len(), columns.idle_days.len());
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
