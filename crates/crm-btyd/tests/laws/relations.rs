//! Models that become each other at a bound, and many answers at once.

use crm_btyd::{
    BgCnbd, BgNbd, Discount, GompertzNbd, Histories, History, MbgCnbd, MbgNbd, Nbd, ParetoNbd, PurchaseModel,
    Repeat,
};
use proptest::prelude::*;

use crate::{gompertz, histories, horizon, log_uniform, nbd, near, parameters};

fn one_stage_is_none<A: Repeat<Data = Histories>, B: Repeat<Data = Histories>>(
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

fn many_at_once_are_one_by_one<M: Repeat<Data = Histories>>(model: &M, histories: &[History], t: f64) {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// One stage between two purchases is none to speak of.
    #[test]
    fn one_stage(theta in parameters(1e-2, 1e2), history in histories(50, 100.0), t in log_uniform(0.1, 100.0), rate in log_uniform(1e-3, 0.3)) {
        one_stage_is_none(&BgCnbd::<1>::from_theta(theta).unwrap(), &BgNbd::from_theta(theta).unwrap(), &history, t, rate);
        one_stage_is_none(&MbgCnbd::<1>::from_theta(theta).unwrap(), &MbgNbd::from_theta(theta).unwrap(), &history, t, rate);
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
        many_at_once_are_one_by_one(&MbgCnbd::<2>::from_theta(theta).unwrap(), &list[..200], t);
    }
}
