//! Models that become each other at a bound, and many answers at once.

use crm_btyd::{
    AnyModel, BgNbd, Discount, GompertzNbd, Histories, History, MbgNbd, Nbd, ParetoNbd, PurchaseModel, Repeat,
};
use proptest::prelude::*;

use crate::{bg_cnbd, gompertz, histories, horizon, log_uniform, mbg_cnbd, nbd, near, parameters};

fn one_stage_is_none<
    A: PurchaseModel<Data = Histories> + Repeat,
    B: PurchaseModel<Data = Histories> + Repeat,
>(
    stages: &A,
    plain: &B,
    history: &History,
    t: f64,
    rate: f64,
) {
    let (data, h, discount) = (Histories::new([*history]), horizon(t), Discount::continuous(rate).unwrap());
    assert!(near(stages.p_alive(history), plain.p_alive(history)));
    assert!(
        (stages.ln_likelihood(&data) - plain.ln_likelihood(&data)).abs()
            < 1e-9 * (1.0 + plain.ln_likelihood(&data).abs())
    );
    assert!(near(stages.p_alive_later(history, h), plain.p_alive_later(history, h)));
    assert!(near(stages.expected_purchases(history, h), plain.expected_purchases(history, h)));
    assert!(near(
        stages.discounted_purchases(history, h, discount),
        plain.discounted_purchases(history, h, discount)
    ));
    assert!(near(stages.dert(history, discount).unwrap(), plain.dert(history, discount).unwrap()));
    for n in [0, 1, 2, 9] {
        assert!(near(stages.pmf(history, h, n), plain.pmf(history, h, n)));
    }
    let (with, without) = (stages.next_purchase(history), plain.next_purchase(history));
    if let (Some(with), Some(without)) = (with.median(), without.median().filter(|t| *t < 1e12)) {
        assert!((with / without - 1.0).abs() < 1e-9, "{with} {without}");
    }
}

fn many_at_once_are_one_by_one<M: PurchaseModel<Data = Histories> + Repeat>(
    model: &M,
    histories: &[History],
    t: f64,
) {
    let rate = Discount::continuous(0.01).unwrap();
    let mut into = vec![f64::NAN; histories.len()];
    let check = |into: &[f64], one: &dyn Fn(&History) -> f64, what: &str| {
        for (value, history) in into.iter().zip(histories) {
            let expected = one(history);
            assert!(
                (value - expected).abs() <= 1e-10 * expected.abs() + 1e-13,
                "{what}: {value} {expected} {history:?}"
            );
        }
    };
    model.p_alive_all(histories, &mut into).unwrap();
    check(&into, &|history| model.p_alive(history), "alive");
    model.expected_purchases_all(histories, horizon(t), &mut into).unwrap();
    check(&into, &|history| model.expected_purchases(history, horizon(t)), "expected");
    model.discounted_purchases_all(histories, horizon(t), rate, &mut into).unwrap();
    check(&into, &|history| model.discounted_purchases(history, horizon(t), rate), "discounted");
    // One by one, DERT takes its time.
    let (few, into_few) = (&histories[..histories.len().min(8)], &mut into[..histories.len().min(8)]);
    model.dert_all(few, rate, into_few).unwrap();
    for (value, history) in into_few.iter().zip(few) {
        assert!(near(*value, model.dert(history, rate).unwrap()), "{value} {history:?}");
    }
    assert!(model.dert_all(few, Discount::NONE, into_few).is_err());
    assert!(model.p_alive_all(histories, &mut into[1..]).is_err());
}

/// A model that is chosen at run time has the bits of the model itself, and a prediction those of its parts.
fn any_model_is_the_model<M: Repeat + Into<AnyModel>>(model: &M, history: &History, t: f64, rate: f64) {
    let (any, horizon, rate): (AnyModel, _, _) =
        ((*model).into(), horizon(t), Discount::continuous(rate).unwrap());
    let prediction = model.predict(history, horizon, rate);
    assert_eq!(any.predict(history, horizon, rate), prediction);
    let parts = [
        (prediction.p_alive, model.p_alive(history)),
        (prediction.expected_purchases, model.expected_purchases(history, horizon)),
        (prediction.discounted_purchases, model.discounted_purchases(history, horizon, rate)),
        (any.p_alive_later(history, horizon), model.p_alive_later(history, horizon)),
        (any.pmf(history, horizon, 2), model.pmf(history, horizon, 2)),
        (any.p_at_least(history, horizon, 3), model.p_at_least(history, horizon, 3)),
        (any.dert(history, rate).unwrap(), model.dert(history, rate).unwrap()),
    ];
    assert!(parts.iter().all(|(one, other)| one.to_bits() == other.to_bits()), "{parts:?} of {model:?}");
    assert_eq!(prediction.next_purchase, model.next_purchase(history));
    let mut into = [[0.0; 2]; 2];
    any.expected_purchases_all(&[*history; 2], horizon, &mut into[0]).unwrap();
    model.expected_purchases_all(&[*history; 2], horizon, &mut into[1]).unwrap();
    assert_eq!(into[0].map(f64::to_bits), into[1].map(f64::to_bits));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_model_answers_as_the_model_that_it_is(
        theta in parameters(0.05, 20.0), history in histories(50, 100.0), t in 0.1..60.0_f64, rate in 1e-4..0.1_f64,
    ) {
        any_model_is_the_model(&nbd(theta), &history, t, rate);
        any_model_is_the_model(&BgNbd::from_theta(theta).unwrap(), &history, t, rate);
        any_model_is_the_model(&MbgNbd::from_theta(theta).unwrap(), &history, t, rate);
        any_model_is_the_model(&ParetoNbd::from_theta(theta).unwrap(), &history, t, rate);
        any_model_is_the_model(&gompertz(theta, 0.1, 1.0), &history, t, rate);
        any_model_is_the_model(&bg_cnbd(2, theta), &history, t, rate);
        any_model_is_the_model(&mbg_cnbd(12, theta), &history, t, rate);
    }

    /// One stage between two purchases is none to speak of.
    #[test]
    fn one_stage(theta in parameters(1e-2, 1e2), history in histories(50, 100.0), t in log_uniform(0.1, 100.0), rate in log_uniform(1e-3, 0.3)) {
        one_stage_is_none(&bg_cnbd(1, theta), &BgNbd::from_theta(theta).unwrap(), &history, t, rate);
        one_stage_is_none(&mbg_cnbd(1, theta), &MbgNbd::from_theta(theta).unwrap(), &history, t, rate);
    }

    /// MBG/NBD is BG/NBD after one coin toss.
    #[test]
    fn one_more_coin(theta in parameters(1e-2, 1e2), history in histories(50, 100.0), t in log_uniform(0.1, 100.0)) {
        let [r, alpha, a, b] = theta;
        let (mbg, after) = (MbgNbd::new(r, alpha, a, b).unwrap(), BgNbd::new(r, alpha, a, b + 1.0).unwrap());
        let kept = b / (a + b);
        prop_assert!(near(mbg.expected_purchases_new(horizon(t)), kept * after.expected_purchases_new(horizon(t))));
        if history.frequency() > 0 {
            prop_assert!(near(mbg.p_alive(&history), after.p_alive(&history)));
            prop_assert!(near(mbg.expected_purchases(&history, horizon(t)), after.expected_purchases(&history, horizon(t))));
            let difference = mbg.ln_likelihood_of(&history) - after.ln_likelihood_of(&history);
            prop_assert!((difference - kept.ln()).abs() < 1e-9 * mbg.ln_likelihood_of(&history).abs().max(1.0));
        }
    }

    /// Without death the Pareto/NBD is the NBD: what is left of death goes with s.
    #[test]
    fn nobody_dies(theta in parameters(0.05, 20.0), history in histories(30, 100.0), t in log_uniform(0.1, 30.0)) {
        let [r, alpha, _, beta] = theta;
        let (immortal, nbd) = (ParetoNbd::new(r, alpha, 1e-8, beta).unwrap(), Nbd::new(r, alpha).unwrap());
        // So many orders of magnitude may lie between the odds that a silence is death and s.
        let odds = (r + f64::from(history.frequency())) * ((alpha + history.age()) / (alpha + history.recency())).ln();
        prop_assume!(odds < 2.0);
        let near = |left: f64, right: f64| (left - right).abs() <= 1e-5 * right.abs() + 1e-12;
        prop_assert!(near(immortal.p_alive(&history), 1.0));
        prop_assert!(near(immortal.ln_likelihood_of(&history), nbd.ln_likelihood_of(&history)));
        prop_assert!(near(immortal.expected_purchases(&history, horizon(t)), nbd.expected_purchases(&history, horizon(t))));
        for n in [0, 1, 3] {
            prop_assert!((immortal.pmf(&history, horizon(t), n) - nbd.pmf(&history, horizon(t), n)).abs() < 1e-5);
        }
        let (with, without) = (immortal.next_purchase(&history), nbd.next_purchase(&history));
        if let (Some(with), Some(without)) = (with.quantile(0.2).unwrap(), without.quantile(0.2).unwrap().filter(|t| *t < 1e6)) {
            prop_assert!(near(with, without));
        }
    }

    /// Without ageing the GGompertz/NBD is the Pareto/NBD: what is left of ageing goes with b T.
    #[test]
    fn nobody_ages(theta in parameters(0.3, 20.0), history in histories(30, 100.0), t in log_uniform(0.1, 30.0)) {
        let [r, alpha, s, beta] = theta;
        let b = 1e-7;
        let (ageless, pareto) = (GompertzNbd::new(r, alpha, s, b * beta, b).unwrap(), ParetoNbd::new(r, alpha, s, beta).unwrap());
        let near = |left: f64, right: f64| (left - right).abs() <= 1e-3 * right.abs() + 1e-9;
        prop_assert!(near(ageless.p_alive(&history), pareto.p_alive(&history)));
        prop_assert!((ageless.ln_likelihood_of(&history) - pareto.ln_likelihood_of(&history)).abs() < 1e-3);
        prop_assert!(near(ageless.expected_purchases(&history, horizon(t)), pareto.expected_purchases(&history, horizon(t))));
        prop_assert!(near(ageless.pmf(&history, horizon(t), 2), pareto.pmf(&history, horizon(t), 2)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn batches(theta in parameters(1e-2, 1e2), b in log_uniform(1e-3, 1e2), shared in 1..40_u32, t in log_uniform(0.1, 500.0)) {
        // Many ages of few frequencies, so that curves are used; and a few loners.
        let mut list: Vec<History> = (0..900)
            .map(|n| {
                let (x, age) = (n % shared, 5.0 + f64::from(n * 37 % 500) * 0.31);
                History::new(x, if x == 0 { 0.0 } else { age * f64::from(1 + n % 9) / 9.0 }, age).unwrap()
            })
            .collect();
        list.push(History::new(80_000, 3.0, 4_000.0).unwrap());
        list.push(History::NEW);
        many_at_once_are_one_by_one(&BgNbd::from_theta(theta).unwrap(), &list, t);
        many_at_once_are_one_by_one(&MbgNbd::from_theta(theta).unwrap(), &list, t);
        many_at_once_are_one_by_one(&nbd(theta), &list, t);
        many_at_once_are_one_by_one(&ParetoNbd::from_theta(theta).unwrap(), &list, t);
        many_at_once_are_one_by_one(&gompertz(theta, b, 1.0), &list, t);
        many_at_once_are_one_by_one(&mbg_cnbd(2, theta), &list[..200], t);
    }
}
