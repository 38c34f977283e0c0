//! Loyalty, scorecards, seasons and matrices.

use crm_segmentation::Cuts;
use crm_segmentation::loyalty::{
    Bonds, Climb, ContactLadder, ContactPlan, Eroders, LoyaltyPyramid, PartnershipLadder, Person,
    Relationship, States, SuccessRates, TrustLadder, UnknownShare, brand_loyalty, dick_and_basu, variety,
};
use crm_segmentation::matrix::{Axis, Matrix};
use crm_segmentation::prospecting::share_of_new;
use crm_segmentation::scorecard::{
    Account, Better, Comparisons, ContactRole, Missing, RoleWeights, Scorecard, ScorecardCriterion, presets,
};
use crm_segmentation::seasonal::SeasonalIndex;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{count, decimal, finite, fraction, level, name, real, shown, sound, unit};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

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
}
