//! Every answer is a number of its kind, moves one way with time, and does not know the unit of time.

use crm_btyd::{BgNbd, Discount, Histories, History, MbgNbd, ParetoNbd, PurchaseModel, Repeat};
use proptest::prelude::*;

use crate::{RELATIVE, bg_cnbd, gompertz, histories, horizon, log_uniform, mbg_cnbd, nbd, near, parameters};

/// Every answer is a number of its kind, whatever the parameters and the history.
fn answers_are_numbers<M: PurchaseModel<Data = Histories> + Repeat>(
    model: &M,
    history: &History,
    t: f64,
    discount: f64,
) {
    let probability =
        |p: f64, what: &str| assert!((0.0..=1.0).contains(&p), "{what} {p} of {model:?} {history:?} {t}");
    let amount =
        |v: f64, what: &str| assert!(v >= 0.0 && v.is_finite(), "{what} {v} of {model:?} {history:?} {t}");
    let rate = Discount::continuous(discount).unwrap();
    for history in [history, &History::NEW] {
        probability(model.p_alive(history), "alive");
        probability(model.p_alive_later(history, horizon(t)), "alive later");
        probability(model.p_alive_if_silent(history, horizon(t)), "alive if silent");
        probability(model.p_any_purchase(history, horizon(t)), "any purchase");
        for count in [0, 1, 2, 30, 100_000, u32::MAX] {
            probability(model.pmf(history, horizon(t), count), "pmf");
            probability(model.p_at_least(history, horizon(t), count), "at least");
        }
        amount(model.variance(history, horizon(t)).unwrap_or(0.0), "variance");
        amount(model.expected_purchases(history, horizon(t)), "expected purchases");
        amount(model.discounted_purchases(history, horizon(t), rate), "discounted purchases");
        amount(model.dert(history, rate).unwrap(), "dert");
        let next = model.next_purchase(history);
        probability(next.p_never(), "never");
        // Quantiles rise, and once one is beyond all doubles so are the larger ones.
        let mut before = 0.0;
        for p in [0.0, 1e-12, 0.1, 0.5, 0.999, 1.0 - 1e-15] {
            let time = next.quantile(p).unwrap().unwrap_or(f64::INFINITY);
            assert!(
                time >= before * (1.0 - RELATIVE),
                "quantile {p} {time} {before} of {model:?} {history:?}"
            );
            assert!(time <= 1e300 || time == f64::INFINITY);
            before = time;
        }
    }
    assert!(model.ln_likelihood(&Histories::new([*history])).is_finite());
}

fn time_works_one_way<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, history: &History, t: f64) {
    let now = model.p_alive(history);
    assert!(model.p_alive_later(history, horizon(t)) <= now * (1.0 + RELATIVE) + 1e-300);
    assert!(near(model.p_alive_later(history, horizon(0.0)), now));
    let (half, whole) = (horizon(0.5 * t), horizon(t));
    assert!(
        model.p_alive_if_silent(history, whole)
            <= model.p_alive_if_silent(history, half) * (1.0 + RELATIVE) + 1e-300
    );
    let (first, both) = (model.expected_purchases(history, half), model.expected_purchases(history, whole));
    assert!(first <= both * (1.0 + RELATIVE) + 1e-300, "{first} {both}");
    assert!(model.expected_purchases_between(history, whole, half).is_err() || t == 0.0);
    assert!(model.expected_purchases(history, horizon(0.0)).abs() < f64::MIN_POSITIVE);
}

/// Silence until u, then a purchase or not: P(silent in t) splits at any u.
fn silence_is_consistent<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, history: &History, t: f64) {
    let silent = |history: &History, t: f64| model.pmf(history, horizon(t), 0);
    let later = history.silent_for(horizon(0.3 * t)).unwrap();
    let product = silent(history, 0.3 * t) * silent(&later, 0.7 * t);
    assert!(
        (product - silent(history, t)).abs() < 1e-9,
        "{product} {} {model:?} {history:?} {t}",
        silent(history, t)
    );
}

fn discounting_is_consistent<M: PurchaseModel<Data = Histories> + Repeat>(
    model: &M,
    history: &History,
    t: f64,
    rate: f64,
) {
    let discount = Discount::continuous(rate).unwrap();
    let plain = model.expected_purchases(history, horizon(t));
    assert!(near(model.discounted_purchases(history, horizon(t), Discount::NONE), plain));
    let discounted = model.discounted_purchases(history, horizon(t), discount);
    assert!(discounted <= plain * (1.0 + 1e-9) + 1e-300);
    assert!(discounted >= plain * (-rate * t).exp() * (1.0 - 1e-9) - 1e-300);
    // Month by month: between the sums with each month discounted from its start and from its end.
    let parts = 64;
    let (mut early, mut late) = (0.0, 0.0);
    for n in 0..parts {
        let at = |n: i32| t * f64::from(n) / f64::from(parts);
        let part = model.expected_purchases_between(history, horizon(at(n)), horizon(at(n + 1))).unwrap();
        early += part * (-rate * at(n)).exp();
        late += part * (-rate * at(n + 1)).exp();
    }
    // Numbers near the smallest that a double can hold have few digits.
    let slack = 1e-9 * plain + 1e-300;
    assert!(late - slack <= discounted && discounted <= early + slack, "{late} {discounted} {early}");
    let dert = model.dert(history, discount).unwrap();
    assert!(dert >= discounted * (1.0 - 1e-9) - 1e-300);
    assert!(near(model.discounted_purchases(history, horizon((60.0 / rate).min(1e9)), discount), dert));
}

fn quantiles_invert<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, history: &History) {
    let next = model.next_purchase(history);
    for p in [0.05, 0.5, 0.9] {
        let Some(t) = next.quantile(p).unwrap().filter(|&t| t < 1e8 && t > 0.0) else { continue };
        let come = 1.0 - next.p_never();
        assert!((next.p_within(horizon(t)) - p * come).abs() < 1e-9 * come + 1e-14);
        assert!((model.p_any_purchase(history, horizon(t)) - p * come).abs() < 1e-9 * come + 1e-14);
    }
}

fn times<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, history: &History, t: f64, rate: f64) {
    time_works_one_way(model, history, t);
    silence_is_consistent(model, history, t);
    discounting_is_consistent(model, history, t, rate);
    quantiles_invert(model, history);
}

/// Weeks instead of days: alpha and all times are divided by seven, and every answer about counts stays.
fn the_unit_of_time_does_not_matter<M: PurchaseModel<Data = Histories> + Repeat>(
    days: &M,
    weeks: &M,
    stages: f64,
    history: &History,
    t: f64,
) {
    let (x, recency, age) = (history.frequency(), history.recency() / 7.0, history.age() / 7.0);
    let in_weeks = History::new(x, recency, age.max(recency)).unwrap();
    let same =
        |left: f64, right: f64| assert!((left - right).abs() <= 1e-8 * right.abs() + 1e-11, "{left} {right}");
    same(weeks.p_alive(&in_weeks), days.p_alive(history));
    same(weeks.expected_purchases(&in_weeks, horizon(t / 7.0)), days.expected_purchases(history, horizon(t)));
    same(weeks.pmf(&in_weeks, horizon(t / 7.0), 2), days.pmf(history, horizon(t), 2));
    // Each of the stages of a purchase has a density, without the gaps.
    let shift = stages * f64::from(x) * 7f64.ln();
    let (of_weeks, of_days) =
        (weeks.ln_likelihood(&Histories::new([in_weeks])), days.ln_likelihood(&Histories::new([*history])));
    assert!((of_weeks - shift - of_days).abs() <= 1e-8 * of_days.abs().max(1.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn extremes_give_numbers(
        theta in parameters(1e-8, 1e8),
        history in histories(20_000, 1e9),
        t in prop_oneof![Just(0.0), log_uniform(1e-6, 1e9)],
        discount in log_uniform(1e-9, 1e6),
    ) {
        answers_are_numbers(&BgNbd::from_theta(theta).unwrap(), &history, t, discount);
        answers_are_numbers(&MbgNbd::from_theta(theta).unwrap(), &history, t, discount);
        answers_are_numbers(&nbd(theta), &history, t, discount);
        answers_are_numbers(&ParetoNbd::from_theta(theta).unwrap(), &history, t, discount);
    }

    #[test]
    fn time(theta in parameters(1e-3, 1e3), history in histories(1_000, 1e3), t in log_uniform(1e-3, 1e3), rate in log_uniform(1e-4, 0.3)) {
        times(&BgNbd::from_theta(theta).unwrap(), &history, t, rate);
        times(&MbgNbd::from_theta(theta).unwrap(), &history, t, rate);
        times(&nbd(theta), &history, t, rate);
        times(&ParetoNbd::from_theta(theta).unwrap(), &history, t, rate);
    }

    #[test]
    fn units(theta in parameters(1e-2, 1e2), b in log_uniform(1e-2, 1e2), history in histories(100, 1e3), t in log_uniform(1e-1, 1e3)) {
        let weeks = [theta[0], theta[1] / 7.0, theta[2], theta[3]];
        let models = |theta| (BgNbd::from_theta(theta).unwrap(), MbgNbd::from_theta(theta).unwrap());
        let ((bg, mbg), (bg_weeks, mbg_weeks)) = (models(theta), models(weeks));
        the_unit_of_time_does_not_matter(&bg, &bg_weeks, 1.0, &history, t);
        the_unit_of_time_does_not_matter(&mbg, &mbg_weeks, 1.0, &history, t);
        let [r, alpha, s, beta] = theta;
        let pareto = |unit: f64| ParetoNbd::new(r, alpha / unit, s, beta / unit).unwrap();
        the_unit_of_time_does_not_matter(&nbd(theta), &nbd(weeks), 1.0, &history, t);
        let two = |theta| bg_cnbd(2, theta);
        let five = |theta| mbg_cnbd(5, theta);
        the_unit_of_time_does_not_matter(&two(theta), &two(weeks), 2.0, &history, t);
        the_unit_of_time_does_not_matter(&five(theta), &five(weeks), 5.0, &history, t);
        the_unit_of_time_does_not_matter(&pareto(1.0), &pareto(7.0), 1.0, &history, t);
        the_unit_of_time_does_not_matter(&gompertz(theta, b, 1.0), &gompertz(theta, b, 7.0), 1.0, &history, t);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn extremes_of_ageing_give_numbers(
        theta in parameters(1e-8, 1e8),
        b in log_uniform(1e-8, 1e8),
        history in histories(20_000, 1e9),
        t in prop_oneof![Just(0.0), log_uniform(1e-6, 1e9)],
        discount in log_uniform(1e-9, 1e6),
    ) {
        answers_are_numbers(&gompertz(theta, b, 1.0), &history, t, discount);
    }

    #[test]
    fn time_of_ageing(theta in parameters(1e-3, 1e3), b in log_uniform(1e-3, 1e3), history in histories(1_000, 1e3), t in log_uniform(1e-3, 1e3), rate in log_uniform(1e-4, 0.3)) {
        times(&gompertz(theta, b, 1.0), &history, t, rate);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn extremes_of_stages_give_numbers(
        theta in parameters(1e-8, 1e8),
        history in histories(20_000, 1e9),
        t in prop_oneof![Just(0.0), log_uniform(1e-6, 1e9)],
        discount in log_uniform(1e-9, 1e6),
    ) {
        answers_are_numbers(&bg_cnbd(2, theta), &history, t, discount);
        answers_are_numbers(&mbg_cnbd(12, theta), &history, t, discount);
    }

    #[test]
    fn time_of_stages(theta in parameters(1e-3, 1e3), history in histories(1_000, 1e3), t in log_uniform(1e-3, 1e3), rate in log_uniform(1e-4, 0.3)) {
        times(&mbg_cnbd(2, theta), &history, t, rate);
        times(&bg_cnbd(7, theta), &history, t, rate);
    }
}
