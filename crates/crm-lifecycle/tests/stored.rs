//! The law of stored types: whatever a constructor refuses, reading refuses.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_lifecycle::funnel::Funnel;
use crm_lifecycle::hmm::{
    CountLaw, Counts, Design, HmmModel, HmmOptions, Sequences, SpendLaw, StandardErrors, Topology, fit,
    fit_from,
};
use crm_lifecycle::logistic::{Features, LogisticModel, LogisticOptions, ModelTerm};
use crm_lifecycle::loss::{Catalogue, Losses};
use crm_lifecycle::quality::{Feelings, Interaction, RelationshipKind, Views};
use crm_lifecycle::rescue::{Decimal, RescueCandidate, RescueEffect};
use crm_lifecycle::retention::{Activity, Bridge, Logos, Movements, Revenue, Statement};
use crm_lifecycle::warning::{Costs, Law, RhythmRule};
use crm_lifecycle::{Chain, ChainTerm, CyclePhase, Moves, Stage, StageRules, StageThreshold, Task};
use crm_numbers::Level;
use crm_testing::assert_stored;

#[test]
fn stages_and_rules() {
    Stage::ALL.iter().for_each(|stage| assert_stored(stage, |_| true));
    CyclePhase::ALL.iter().for_each(|phase| assert_stored(phase, |_| true));
    Task::ALL.iter().for_each(|task| assert_stored(task, |_| true));
    StageThreshold::ALL.iter().for_each(|threshold| assert_stored(threshold, |_| true));
    let rules = StageRules::default().with_threshold(StageThreshold::Overdue, 2.5).unwrap();
    assert_stored(&rules, |rules| {
        let again = StageRules::default().with_usual_gap(rules.usual_gap());
        again.is_ok_and(|again| {
            StageThreshold::ALL.iter().all(|&at| again.with_threshold(at, rules.threshold(at)).is_ok())
        })
    });
    let standing = rules.standing(&[0.0, 10.0, 20.0], 70.0).unwrap();
    assert_stored(&standing.reasons[0], |_| true);
}

#[test]
fn moves_and_chains() {
    let mut moves = Moves::new(["a", "b"]).unwrap();
    moves.count(&[0, 0, 1], &[1, 0, 1]).unwrap();
    assert_stored(&moves, |moves| Moves::new(moves.names().to_vec()).is_ok());
    assert_stored(&moves.chain(), |chain| {
        let groups = (chain.steps().len() as f64).sqrt() as usize;
        Chain::new(groups, chain.steps()).is_ok()
    });
    assert_stored(&ChainTerm::Periods(4), |_| true);
    assert_stored(&ChainTerm::Forever, |_| true);
}

#[test]
fn hidden_markov_models() {
    let count_stands = |law: &CountLaw| match law.shape() {
        None => CountLaw::poisson(law.mean()).is_ok(),
        Some(shape) => CountLaw::negative_binomial(law.mean(), shape).is_ok(),
    };
    assert_stored(&CountLaw::poisson(2.0).unwrap(), count_stands);
    assert_stored(&CountLaw::negative_binomial(2.0, 0.5).unwrap(), count_stands);
    let spend = SpendLaw::gamma(20.0, 2.5).unwrap();
    assert_stored(&spend, |law| SpendLaw::gamma(law.mean(), law.shape()).is_ok());
    let topology = Topology::new([("a", Stage::Stability), ("b", Stage::Decline)], &[0], &[(0, 1)]).unwrap();
    let stands = |topology: &Topology| {
        let size = topology.states();
        let states = topology.names().zip((0..size).map(|state| topology.stage(state).unwrap()));
        let starts: Vec<usize> = (0..size).filter(|&state| topology.starts(state)).collect();
        Topology::new(states, &starts, &[]).is_ok() && (0..size).all(|state| topology.allows(state, state))
    };
    assert_stored(&topology, stands);
    Counts::ALL.iter().for_each(|counts| assert_stored(counts, |_| true));
    let design = Design::new(topology.clone()).with_counts(Counts::NegativeBinomial).with_spend();
    assert_stored(&design, |_| true);
    let model_stands = |model: &HmmModel| {
        let again =
            HmmModel::new(model.topology().clone(), model.initial(), model.transition(), model.counts());
        again.is_ok_and(|again| model.spend().is_none_or(|laws| again.with_spend(laws).is_ok()))
    };
    let laws = [CountLaw::poisson(2.0).unwrap(), CountLaw::poisson(0.25).unwrap()];
    let model = HmmModel::new(topology, &[1.0, 0.0], &[0.75, 0.25, 0.0, 1.0], &laws).unwrap();
    assert_stored(&model, model_stands);
    assert_stored(&model.clone().with_spend(&[spend, spend]).unwrap(), model_stands);
    model.portraits().iter().filter(|portrait| portrait.expected_stay.is_finite()).for_each(|portrait| {
        assert_stored(portrait, |_| true);
    });
    let seen =
        Sequences::from_counts([vec![2, 3, 1, 0, 0, 0], vec![1, 2, 2, 2, 0, 0], vec![4, 0, 0, 0, 0, 0]])
            .unwrap();
    let few = HmmOptions::default().with_max_iterations(5);
    assert_stored(&few, |options| fit_from(&model, &seen, options).is_ok());
    let learned = fit_from(&model, &seen, &few).unwrap();
    assert_stored(&learned, |fit| model_stands(fit.model()) && !fit.climb().is_empty());
    assert_stored::<StandardErrors>(learned.errors(), |_| true);
    assert_stored(&learned.alternatives()[0], |other| other.customers().len() == other.model().states());
    let now = model.filtered(&seen, 0).unwrap();
    assert_stored(&now, |posterior| posterior.periods().len() > 0);
    assert_stored(&model.paths(&seen).unwrap()[0], |_| true);
    assert_stored(&model.forecast(&[0.5, 0.5], 2).unwrap(), |_| true);
    for refused in [few.with_starts(0), few.with_max_iterations(0), few.with_tolerance(-1.0)] {
        assert!(fit(&Design::default(), &seen, &refused).is_err());
    }
}

#[test]
fn logistic_regressions() {
    let stands =
        |model: &LogisticModel| LogisticModel::new(model.intercept(), model.terms().to_vec()).is_ok();
    let term = ModelTerm::new("idle", 30.0, 20.0, 0.5).unwrap();
    let again = |term: &ModelTerm| {
        let (lowest, highest) = term.seen();
        let new = ModelTerm::new(term.name(), term.mean(), term.deviation(), term.coefficient());
        new.is_ok_and(|new| {
            !(lowest.is_finite() && highest.is_finite()) || new.with_seen(lowest, highest).is_ok()
        })
    };
    assert_stored(&term, again);
    assert_stored(&term.clone().with_seen(1.0, 90.0).unwrap(), again);
    let model = LogisticModel::new(-1.0, [term]).unwrap();
    assert_stored(&model, stands);
    assert_stored(&model.score(&[45.0]).unwrap(), |_| true);
    let idle = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let features = Features::new([("idle", &idle[..])]).unwrap();
    let outcomes = [false, false, true, false, true, true];
    let options = LogisticOptions::default();
    assert_stored(&options, |options| {
        options.with_ridge(options.ridge()).is_ok() && options.max_iterations() > 0
    });
    let fitted = crm_lifecycle::logistic::fit(&features, &outcomes, &options).unwrap();
    assert_stored(&fitted, |fit| {
        let size = fit.model().terms().len() + 1;
        stands(fit.model()) && fit.covariance().len() == size * size
    });
    fitted.coefficients(Level::default()).iter().for_each(|row| assert_stored(row, |_| true));
}

#[test]
fn retention_loss_and_funnel() {
    let logos = Logos::new(10, 2, 5).unwrap().with_returned(1).unwrap();
    assert_stored(&logos, |logos| {
        let won = Logos::new(logos.opening(), logos.lost(), logos.won());
        won.is_ok_and(|won| won.with_returned(logos.returned()).is_ok())
    });
    let movements = Movements { opening: Decimal::TEN, loss: Decimal::ONE, ..Movements::default() };
    assert_stored(&movements, |_| true);
    assert_stored(&Revenue::new(movements).unwrap(), |revenue| Revenue::new(revenue.movements()).is_ok());
    assert_stored(&Statement::between(&[Decimal::ONE], &[Decimal::TWO]).unwrap(), |_| true);
    let activity = |orders| Activity { customers: 2, orders, revenue: Decimal::TEN, profit: Decimal::TWO };
    assert_stored(&activity(3), |_| true);
    let bridge = Bridge::new([("all", activity(3), activity(4))], 2).unwrap();
    assert_stored(&bridge, |bridge| {
        bridge.rows().iter().map(|row| row.after).sum::<Decimal>() == bridge.total().after
    });
    let published = Catalogue::published();
    assert_stored(&published, |catalogue| Catalogue::new(catalogue.causes().to_vec()).is_ok());
    let losses =
        Losses::from_names_with_values(&published, &["price", "died"], &[Decimal::ONE, Decimal::TWO])
            .unwrap();
    assert_stored(&losses, |losses| {
        losses.value().is_none_or(|value| value >= Decimal::ZERO) && losses.customers() < u64::MAX
    });
    let funnel = Funnel::new([("leads", 100), ("deals", 20)]).unwrap();
    assert_stored(&funnel, |funnel| {
        Funnel::new(funnel.names().iter().cloned().zip(funnel.counts().iter().copied())).is_ok()
    });
    funnel.steps(Level::default()).iter().for_each(|step| assert_stored(step, |_| true));
}

#[test]
fn quality_warning_and_rescue() {
    RelationshipKind::ALL.iter().for_each(|kind| assert_stored(kind, |_| true));
    let talk = Interaction::new(20.0, -0.5).unwrap().with_weight(2.0).unwrap();
    assert_stored(&talk, |talk| {
        Interaction::new(talk.time(), talk.score()).is_ok_and(|new| new.with_weight(talk.weight()).is_ok())
    });
    assert_stored(&Feelings::default(), |feelings| feelings.index(&[talk], 30.0).is_ok());
    assert_stored(&Views::default(), |views| views.judge(0.5, 0.5).is_ok());
    assert_stored(&Views::default().judge(0.5, 0.5).unwrap(), |_| true);
    for law in [Law::Ranks, Law::Gamma { shape: 2.0 }] {
        assert_stored(&RhythmRule::new(law, 0.05).unwrap(), |rule| {
            RhythmRule::new(rule.law(), rule.alpha()).is_ok()
        });
    }
    assert_stored(&Costs::new(5.0, 45.0).unwrap(), |costs| {
        Costs::new(costs.false_alarm(), costs.miss()).is_ok()
    });
    for effect in [RescueEffect::success(0.25), RescueEffect::uplift(-0.5)] {
        let effect = effect.unwrap();
        assert_stored(&effect, |_| true);
        let candidate = RescueCandidate::new(Decimal::TEN, 0.5, effect, Decimal::ONE).unwrap();
        assert_stored(&candidate, |candidate| candidate.cost() >= Decimal::ZERO);
    }
}
