//! The law of stored types: whatever a constructor refuses, reading refuses.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_numbers::{Level, Share};
use crm_segmentation::abc::{AbcFit, AbcScheme, Crossing};
use crm_segmentation::contact::{
    AccountValue, Cadence, Demand, Every, KeyAccounts, ListRules, ListedContact, allocate,
};
use crm_segmentation::cuts::{NestedCuts, Tiers, TiersFit};
use crm_segmentation::loyalty::{
    BENCHMARK, Benchmark, Bonds, Climb, ContactPlan, Eroders, LoyaltyPyramid, Person, Relationship,
    SpendShare, States, SuccessRates, TrustLadder,
};
use crm_segmentation::matrix::{Axis, Matrix};
use crm_segmentation::migration::{Migration, Snapshot};
use crm_segmentation::prospecting::{Adopters, Baskets, Prospect, candidates};
use crm_segmentation::rfm::{RfmCell, RfmFit, RfmPlace, RfmScheme, RfmWeights, RuleSet, Scores, SegmentRule};
use crm_segmentation::scorecard::{Comparisons, RoleWeights, Scorecard, ScorecardCriterion, presets};
use crm_segmentation::seasonal::SeasonalIndex;
use crm_segmentation::stability::{best_group, stability};
use crm_segmentation::xyz::XyzScheme;
use crm_segmentation::{Assignments, Cuts};
use crm_testing::assert_stored;
use rust_decimal::Decimal;

fn percent(percent: u32) -> Share {
    Share::percent(percent).unwrap()
}

fn cuts_stand<T: crm_numbers::Amount>(cuts: &Cuts<T>) -> bool {
    Cuts::new(cuts.points()).is_ok() && cuts.reference().is_none_or(|counts| counts.len() == cuts.bins())
}

#[test]
fn cuts_and_classes() {
    let scheme = AbcScheme::default().with_crossing(Crossing::Worse);
    assert_stored(&scheme, |scheme| AbcScheme::new(scheme.thresholds()).is_ok());
    let fitted = scheme.fit(&[600_i64, 200, 100, 60, 40, 0, -30]).unwrap();
    assert_stored(&fitted, |fit| AbcFit::new(fit.scheme().clone(), fit.floors()).is_ok());
    assert_stored(&fitted.reason(150), |_| true);
    let xyz = XyzScheme::new(0.25, 0.5).unwrap();
    assert_stored(&xyz, |xyz| XyzScheme::new(xyz.x_up_to(), xyz.y_up_to()).is_ok());
    assert_stored(&Cuts::quantile(&[1, 1, 2, 3, 5, 9], 3).unwrap(), cuts_stand);
    assert_stored(&Cuts::new(&[0.1, 0.2 + 0.1]).unwrap(), cuts_stand);
    let nested = NestedCuts::quantile(&[1, 2, 3, 4], 2, &[5_i64, 6, 7, 8], 2).unwrap();
    assert_stored(&nested, |nested| NestedCuts::new(nested.outer().clone(), nested.inner()).is_ok());
    let tiers = Tiers::new(percent(10), percent(30)).unwrap();
    assert_stored(&tiers, |tiers| tiers.fit(&[1, 2, 3]).is_ok());
    let fit = tiers.fit(&[1.0, 2.0, 3.0, 4.0]).unwrap();
    assert_stored(&fit, |fit| TiersFit::new(fit.high_from(), fit.low_up_to()).is_ok());
    let matrix = Matrix::value_risk(100.0, 0.5).unwrap();
    let again =
        |matrix: &Matrix| Matrix::new(matrix.x().clone(), matrix.y().clone(), matrix.regions().to_vec());
    assert_stored(&matrix, |matrix| again(matrix).is_ok());
    assert_stored(&Axis::new("value", Cuts::new(&[1.0]).unwrap()), |axis| cuts_stand(axis.cuts()));
}

#[test]
fn assignments_and_tables() {
    let groups = Assignments::new(["A", "B"], [0, 1, 1]).unwrap();
    let stands =
        |groups: &Assignments| Assignments::new(groups.names().to_vec(), groups.codes().to_vec()).is_ok();
    assert_stored(&groups, stands);
    assert_stored(&groups.clone().with_reasons(["up to 5", "above 5"]).unwrap(), stands);
    let people =
        [Person { purchases: 9, ..Person::default() }, Person { referrals: Some(1), ..Person::default() }];
    assert_stored(&LoyaltyPyramid::default().assign(&people), stands);
    let amounts = [Decimal::ONE, Decimal::TWO, Decimal::TEN];
    let table = groups.table(&amounts).unwrap().with_mean("age", &groups, [Some(1.5), None, None]).unwrap();
    assert_stored(&table, |table| {
        let means = table.mean_names().len();
        table.groups().iter().all(|group| group.means.len() == means && !group.name.trim().is_empty())
    });
    let other = Assignments::new(["X", "Y"], [0, 0, 1]).unwrap();
    assert_stored(&groups.cross_table(&other, &amounts).unwrap(), |table| {
        table.cells().len() == table.rows().len() * table.columns().len()
    });
    let (ids, later) = ([1, 2, 3], [2, 3, 4]);
    let before = Snapshot::new(&ids, &groups, &[1_i64, 2, 3]).unwrap();
    let after = Snapshot::new(&later, &groups, &[4, 5, 6]).unwrap();
    let migration = Migration::between(before, after).unwrap();
    assert_stored(&migration, |migration| {
        migration.flows().count() == migration.rows().groups().len() * migration.columns().groups().len()
    });
    assert_stored(&migration.flows().next().unwrap(), |_| true);
    assert_stored(&migration.moves(), |_| true);
    assert_stored(&best_group(&groups, &[1.0, 2.0, 3.0], 9, 1).unwrap(), |_| true);
    let found = stability(&groups, 3, 1, |_| Ok(groups.clone())).unwrap();
    assert_stored(&found, |_| true);
}

#[test]
fn recency_frequency_and_monetary_value() {
    let weights = RfmWeights::new(1.0, 2.0, 3.0).unwrap();
    assert_stored(&weights, |weights| {
        let [recency, frequency, monetary] = weights.get();
        RfmWeights::new(recency, frequency, monetary).is_ok()
    });
    let scheme = RfmScheme::new(3).unwrap().with_weights(weights);
    assert_stored(&scheme, |scheme| RfmScheme::new(scheme.bins()).is_ok());
    let (idle, orders, spend) = ([2, 15, 400, 0], [12, 6, 1, 0], [900_i64, 50, 10, 0]);
    let fitted = scheme.fit(&idle, &orders, &spend).unwrap();
    assert_stored(&fitted, |fit| {
        let (idle, frequency, monetary) = (fit.idle(), fit.frequency(), fit.monetary());
        RfmFit::new(fit.scheme(), idle.clone(), frequency.clone(), monetary.clone()).is_ok()
            && cuts_stand(idle)
            && cuts_stand(frequency)
            && cuts_stand(monetary)
    });
    assert_stored(&fitted.drift(&idle, &orders, &spend).unwrap(), |_| true);
    assert_stored(&fitted.score(&idle, &orders, &spend).unwrap(), |scores| {
        Scores::new(scores.scheme(), scores.recency(), scores.frequency(), scores.monetary()).is_ok()
    });
    let cell = RfmCell::new(5, 4, 3).unwrap();
    assert_stored(&cell, |cell| RfmCell::new(cell.recency(), cell.frequency(), cell.monetary()).is_ok());
    assert_stored(&RfmPlace::Cell(cell), |_| true);
    assert_stored(&RfmPlace::NoOrder, |_| true);
    assert_stored(&SegmentRule::new("best").with_codes("555 554").unwrap().with_no_order(), |_| true);
    let rest = SegmentRule::new("rest").with_cells(2, |cell| cell.recency() == 1).with_no_order();
    let rules = RuleSet::new(2, [SegmentRule::new("recent").with_cells(2, |cell| cell.recency() == 2), rest]);
    assert_stored(&rules.unwrap(), |set| RuleSet::new(set.bins(), set.rules().to_vec()).is_ok());
}

#[test]
fn contacts() {
    for every in [Every::Days(7), Every::Never] {
        assert_stored(&every, |_| true);
    }
    let cadence = Cadence::new([("A", Every::Days(7)), ("B", Every::Never)]).unwrap();
    assert_stored(&cadence, |cadence| cadence.interval_of("A") != Every::Days(0));
    let demand = Demand { units: Decimal::TEN, margin_per_unit: Decimal::ONE };
    assert_stored(&demand, |_| true);
    let groups = Assignments::new(["A"], [0]).unwrap();
    assert_stored(&allocate(Decimal::TEN, &groups, &[demand]).unwrap(), |_| true);
    assert_stored(&ListedContact { idle_days: Some(3), ..ListedContact::default() }, |_| true);
    // The shortest list of all keeps the settings in sight.
    assert_stored(&ListRules::new(2, 3).unwrap(), |rules| {
        let dead = ListedContact { idle_days: Some(0), ..ListedContact::default() };
        rules.prune(&[dead]).drop().is_empty()
    });
    let account = AccountValue {
        revenue: Decimal::TEN,
        margin: Decimal::TWO,
        cost_to_serve: Decimal::ONE,
        displaced: Decimal::ZERO,
    };
    assert_stored(&account, |_| true);
    let accounts = KeyAccounts::new(percent(20)).unwrap();
    assert_stored(&accounts, |accounts| KeyAccounts::new((*accounts).into()).is_ok());
    assert_stored(&accounts.judge(&[account]).unwrap().gaps()[0], |_| true);
}

#[test]
fn loyalty() {
    assert_stored(&Bonds::new(0.4).unwrap(), |bonds| Bonds::new((*bonds).into()).is_ok());
    assert_stored(&TrustLadder::new(3.0).unwrap(), |ladder| TrustLadder::new((*ladder).into()).is_ok());
    let relationship = Relationship::new(4.0).unwrap();
    assert_stored(&relationship, |relationship| Relationship::new((*relationship).into()).is_ok());
    // Variety of one brand is 0, and of none unknown: a limit of -1 would call it seeking.
    assert_stored(&Eroders::new(0.5, 0.5, 3.0).unwrap(), |eroders| {
        let code = eroders.assign(&[f64::MAX], &[[5, 0]], &[f64::MAX]).unwrap().codes()[0];
        code & 2 == 0
    });
    let pyramid = LoyaltyPyramid::new(5, percent(60)).unwrap();
    let twice = |pyramid: &LoyaltyPyramid| {
        pyramid.assign(&[Person { purchases: 2, share_of_wallet: Some(Share::ONE), referrals: None }])
    };
    assert_stored(&pyramid, |pyramid| twice(pyramid).name(0) == Some("repeat"));
    assert_stored(&Person { purchases: 3, share_of_wallet: Some(Share::ONE), referrals: Some(1) }, |_| true);
    let levels = Assignments::new(["first", "second", "third"], [0, 0, 1, 2]).unwrap();
    let climb = Climb::from_levels(&levels, Level::default()).unwrap();
    assert_stored(&climb, |climb| {
        climb.steps().windows(2).all(|pair| pair[0].reached == pair[1].reached + pair[0].here)
    });
    assert_stored(&climb.steps()[1], |_| true);
    let groups = relationship.assign(&[5.0, 1.0], &[5.0, 1.0], &[5.0, 1.0]).unwrap();
    assert_stored(&Benchmark::compare(&groups, BENCHMARK).unwrap(), |_| true);
    let share = SpendShare::new(30_i64, &[20, 50]).unwrap();
    assert_stored(&share, |share| {
        let rivals: f64 = share.rival_shares().map_or(0.0, |shares| shares.iter().sum());
        share.share_of_wallet().is_none_or(|own| (own + rivals - 1.0).abs() < 1e-9 && own >= 0.0)
    });
    assert_stored(&States::new(4, 365).unwrap(), |states| {
        let found = states.assign(&[2, 1], &[0, 0], None).unwrap();
        (found.name(0), found.name(1)) == (Some("repeat"), Some("first-time"))
    });
    let rates = SuccessRates::published();
    assert_stored(&rates, |rates| rates.rate_of("loyal").is_none_or(|rate| rate <= Share::ONE));
    let plan = ContactPlan::new(rates).with_contacts("loyal", 10, Decimal::TEN).unwrap();
    let plan = plan.with_cost_per_contact(Decimal::ONE).unwrap();
    assert_stored(&plan, |plan| {
        plan.expected().is_ok_and(|lines| {
            lines.iter().all(|line| line.sales >= Decimal::ZERO && line.after_cost <= line.sales)
        }) || plan.expected().is_err_and(|error| error.to_string().starts_with("expected sales"))
    });
    assert_stored(&plan.expected().unwrap()[0], |_| true);
}

#[test]
fn scorecards() {
    let weights = RoleWeights::new(3.0, 2.0, 1.0).unwrap();
    assert_stored(&weights, |_| true);
    let judged = Comparisons::new(3, &[2.0, 4.0, 2.0]).unwrap();
    assert_stored(&judged, |judged| {
        Comparisons::new(judged.weights().len(), judged.judgments()).is_ok_and(|again| again == *judged)
    });
    assert_stored(&ScorecardCriterion::new("price", 0.5, 0.0, 10.0), |_| true);
    let card = presets::ask();
    assert_stored(&card, |card| Scorecard::new(card.criteria().to_vec()).is_ok());
    assert_stored(&card.score(&[Some(5.0); 3]).unwrap(), |_| true);
}

#[test]
fn offers_and_seasons() {
    let baskets = Baskets::new(["tea", "cups"], &[vec![0, 1], vec![0, 1], vec![0]]).unwrap();
    assert_stored(&baskets.affinity(0, 1, Level::default()).unwrap(), |_| true);
    assert_stored(&baskets.next(&[0], 1)[0], |_| true);
    let prospect = Prospect { owned: vec![0], cycle_ending: true, ..Prospect::default() };
    assert_stored(&prospect, |_| true);
    assert_stored(&candidates(&baskets, &[1.0, 2.0], &[prospect], 1).unwrap()[0], |_| true);
    let adopters = Adopters::fit(&[Some(1), Some(2), Some(30), None]).unwrap();
    assert_stored(&adopters, |adopters| adopters.cuts().bins() == 5 && cuts_stand(adopters.cuts()));
    let seasonal = SeasonalIndex::from_sales(&[1.0, 3.0, 2.0, 6.0, 3.0, 9.0], 2).unwrap();
    assert_stored(&seasonal, |seasonal| {
        let (indices, trend) = (seasonal.indices(), seasonal.trend());
        let mean = indices.iter().sum::<f64>() / indices.len() as f64;
        let known = trend.iter().flatten().count();
        (mean - 1.0).abs() < 1e-8
            && indices.iter().all(|index| *index >= 0.0)
            && trend.iter().flatten().all(|level| *level >= 0.0)
            && known + indices.len() / 2 * 2 == trend.len()
            && trend.len() >= 2 * indices.len()
    });
}

#[cfg(feature = "cluster")]
#[test]
fn clusters() {
    use crm_segmentation::cluster::{ClusterFeatures, ClusterScheme};

    let scheme = ClusterScheme::new(2..=2).unwrap().with_references(0).unwrap();
    let stands = |scheme: &ClusterScheme| scheme.clone().with_starts(1).is_ok();
    assert_stored(&scheme, stands);
    let (x, y) = ([1.0, 2.0, 1.5, 50.0, 51.0, 52.0], [1.0, 2.0, 3.0, 90.0, 91.0, 95.0]);
    let features = ClusterFeatures::new().with("x", &x).unwrap().with_money("y", &y).unwrap();
    let fitted = scheme.fit(&features, &x).unwrap();
    assert_stored(&fitted, |fit| {
        stands(fit.scheme())
            && fit.centers().iter().all(|center| center.means.len() == 2)
            && fit.assign(&features).is_ok_and(|found| found.names().len() == fit.clusters())
            || fit
                .assign(&features)
                .is_err_and(|error| error.to_string().starts_with("expected the features"))
    });
    assert_stored(&fitted.centers()[0], |_| true);
    assert_stored(&fitted.candidates()[0], |_| true);
}
