//! Probabilities of counts and of the next purchase, and expectations, tell one story.

use crm_btyd::{BgNbd, Histories, History, MbgNbd, ParetoNbd, PurchaseModel, Repeat};
use proptest::prelude::*;

use crate::{bg_cnbd, gompertz, histories, horizon, integral, log_uniform, mbg_cnbd, nbd, parameters};

fn probabilities_add_up<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, history: &History, t: f64) {
    let expected = model.expected_purchases(history, horizon(t));
    let (mut sum, mut mean, mut count) = (0.0, 0.0, 0);
    while count < 3 || (1.0 - sum > 1e-13 && count < 20_000) {
        let p = model.pmf(history, horizon(t), count);
        sum += p;
        mean += p * f64::from(count);
        count += 1;
    }
    // More purchases than were added up have a chance of at most expected / count (Markov).
    let whole = 1.0 - sum <= 1e-13;
    let rest = if whole { 0.0 } else { expected / f64::from(count) };
    assert!(
        (-1e-10..=rest + 1e-10).contains(&(1.0 - sum)),
        "pmf sums to {sum} for {model:?} {history:?} {t}"
    );
    let slack = 1e-6 * expected.max(1e-3);
    assert!(
        mean < expected + slack && (!whole || mean > expected - slack),
        "mean {mean} {expected} for {model:?} {history:?} {t}"
    );
    let any = model.p_any_purchase(history, horizon(t));
    assert!((any - (1.0 - model.pmf(history, horizon(t), 0))).abs() < 1e-12);
}

/// Purchases in an interval are those after the first one of its first part, or those after a silence in it:
///
/// E(t) = ∫_0^u (1 + E(t - v | bought at v)) dP(bought by v) + P(silent until u) E(t - u | silent until u).
///
/// The same for the purchases between u and t, of which the one at v is none.
fn intervals_add_up<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, history: &History, t: f64) {
    let Some([whole, between]) = from_the_first_on(model, history, t) else {
        return;
    };
    let expected = model.expected_purchases(history, horizon(t));
    assert!((whole - expected).abs() <= 1e-5 * expected, "{whole} {expected} {model:?} {history:?} {t}");
    let (from, to) = (horizon(FIRST_PART * t), horizon(t));
    let expected = model.expected_purchases_between(history, from, to).unwrap();
    assert!(
        (between - expected).abs() <= 1e-5 * expected + 1e-7 * whole,
        "{between} {expected} {model:?} {history:?} {t}"
    );
}

/// u in units of t.
const FIRST_PART: f64 = 0.4;

/// Purchases until t and between u and t, by what follows the first one.
fn from_the_first_on<M: PurchaseModel<Data = Histories> + Repeat>(
    model: &M,
    history: &History,
    t: f64,
) -> Option<[f64; 2]> {
    let u = FIRST_PART * t;
    let (next, by_then) = (model.next_purchase(history), model.p_any_purchase(history, horizon(u)));
    let come = 1.0 - next.p_never();
    // What happens with less can be lost in the rounding of probabilities.
    if by_then < 1e-3 || come < 1e-3 || by_then > come * 0.999 {
        return None;
    }
    let after = |v: f64| {
        let age = history.age() + v;
        History::new(history.frequency() + 1, age, age).unwrap()
    };
    // Over the logarithm of what is still to come: of a time, it is smooth where that of the probability is
    // not, as when nearly all have bought by u.
    let end = -(-by_then / come).ln_1p();
    let (mut whole, mut between) = (0.0, 0.0);
    for half in [0.0, 1.0] {
        // Towards both ends in squares: there the time may go with the root of the probability.
        let part = |of: &dyn Fn(f64) -> f64| {
            integral(6, |place| {
                let share = if half > 0.0 { 1.0 - 0.5 * place * place } else { 0.5 * place * place };
                let v = next.quantile(-(-end * share).exp_m1()).unwrap().unwrap().min(u);
                come * end * (-end * share).exp() * place * of(v)
            })
        };
        whole += part(&|v| 1.0 + model.expected_purchases(&after(v), horizon(t - v)));
        between +=
            part(&|v| model.expected_purchases_between(&after(v), horizon(u - v), horizon(t - v)).unwrap());
    }
    let silent = history.silent_for(horizon(u)).unwrap();
    let later = model.pmf(history, horizon(u), 0) * model.expected_purchases(&silent, horizon(t - u));
    Some([whole + later, between + later])
}

/// Nearly all who ever buy again do so by u, and the rest is small: 0.000 1 of 0.025 6.
///
/// The numbers are those of the formula in 40 digits.
#[test]
fn few_purchases_after_nearly_all_first_ones() {
    let model = MbgNbd::new(2.726_837_346_067_924_3, 1.0, 7.539_876_017_838_005, 1.0).unwrap();
    let (history, t) = (History::new(0, 0.0, 1.0).unwrap(), 44.676_345_823_440_47);
    let (u, all) = (horizon(FIRST_PART * t), horizon(t));
    let expected = [2.563_552_532_892_164e-2, 9.936_957_872_541_51e-5];
    let between = model.expected_purchases_between(&history, u, all).unwrap();
    let of_model = [model.expected_purchases(&history, all), between];
    let of_law = from_the_first_on(&model, &history, t).unwrap();
    for (i, expected) in expected.into_iter().enumerate() {
        assert!((of_model[i] - expected).abs() < 1e-9 * expected, "{} {expected}", of_model[i]);
        assert!((of_law[i] - expected).abs() < 1e-7 * expected, "{} {expected}", of_law[i]);
    }
}

/// The first purchase comes from customers who are silent and alive, at the mean rate of such customers:
///
/// P(bought by t) = ∫_0^t P(silent until u) P(alive | silent until u) (r + x) / (alpha + T + u) du.
fn the_silent_buy_at_their_rate<M: PurchaseModel<Data = Histories> + Repeat>(
    model: &M,
    history: &History,
    t: f64,
) {
    let (r, alpha) = (model.theta().as_ref()[0], model.theta().as_ref()[1]);
    let (shape, rate) = (r + f64::from(history.frequency()), alpha + history.age());
    // On the scale ln(1 + u / (a thousandth of the time to a purchase)): death may be that much faster.
    let soon = 1e-3 * rate / (1.0 + shape);
    let end = (t / soon).ln_1p();
    let bought = end
        * integral(24, |place| {
            let u = soon * (end * place).exp_m1();
            let alive = model.p_alive_if_silent(history, horizon(u));
            model.pmf(history, horizon(u), 0) * alive * shape / (rate + u) * (soon + u)
        });
    let any = model.p_any_purchase(history, horizon(t));
    assert!((bought - any).abs() <= 1e-4 * any + 1e-9, "{bought} {any} {model:?} {history:?} {t}");
}

/// Where only a purchase can be the last, the silent who are alive are the living who have not bought.
fn the_living_buy_or_are_silent<M: PurchaseModel<Data = Histories> + Repeat>(
    model: &M,
    history: &History,
    t: f64,
) {
    let t = horizon(t);
    let silent = model.pmf(history, t, 0) * model.p_alive_if_silent(history, t);
    let expected = model.p_alive(history) - model.p_any_purchase(history, t);
    assert!((silent - expected).abs() < 1e-11, "{silent} {expected} {model:?} {history:?} {t:?}");
}

/// Counts from the tail, one by one and as moments.
fn tails_are_sums<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, history: &History, t: f64) {
    let t = horizon(t);
    let (mut sum, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for count in 0..400 {
        let more = model.p_at_least(history, t, count);
        assert!((more - (1.0 - sum)).abs() < 1e-10, "{count} {more} {sum} {model:?} {history:?}");
        let p = model.pmf(history, t, count);
        sum += p;
        mean += p * f64::from(count);
        squares += p * f64::from(count) * f64::from(count);
        if count > 3 && more < 1e-13 {
            let (variance, expected) = (model.variance(history, t).unwrap(), squares - mean * mean);
            // What the sum has left out, where the tail falls by a tenth or more from count to count.
            let left = 10.0 * more * f64::from(count) * f64::from(count);
            assert!(
                (variance - expected).abs() <= 1e-6 * expected + 1e-9 + left,
                "{variance} {expected} {model:?} {history:?}"
            );
            return;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Every law that a purchase or a silence after it obeys, for parameters, ageing, history and horizon drawn each on its own.
    #[test]
    fn what_happens_next(theta in parameters(0.2, 10.0), b in log_uniform(0.01, 1.0), history in histories(30, 100.0), t in log_uniform(1.0, 60.0)) {
        let (bg, mbg) = (BgNbd::from_theta(theta).unwrap(), MbgNbd::from_theta(theta).unwrap());
        let (pareto, ageing, nbd) = (ParetoNbd::from_theta(theta).unwrap(), gompertz(theta, b, 1.0), nbd(theta));
        let (two, twelve) = (bg_cnbd(2, theta), mbg_cnbd(12, theta));
        intervals_add_up(&bg, &history, t);
        intervals_add_up(&mbg, &history, t);
        intervals_add_up(&pareto, &history, t);
        intervals_add_up(&ageing, &history, t);
        intervals_add_up(&nbd, &history, t);
        intervals_add_up(&two, &history, t);
        intervals_add_up(&twelve, &history, t);
        the_silent_buy_at_their_rate(&bg, &history, t);
        the_silent_buy_at_their_rate(&mbg, &history, t);
        the_silent_buy_at_their_rate(&pareto, &history, t);
        the_silent_buy_at_their_rate(&ageing, &history, t);
        the_silent_buy_at_their_rate(&nbd, &history, t);
        the_living_buy_or_are_silent(&bg, &history, t);
        the_living_buy_or_are_silent(&mbg, &history, t);
        the_living_buy_or_are_silent(&two, &history, t);
        the_living_buy_or_are_silent(&twelve, &history, t);
        tails_are_sums(&bg, &history, t);
        tails_are_sums(&mbg, &history, t);
        tails_are_sums(&pareto, &history, t);
        tails_are_sums(&ageing, &history, t);
        tails_are_sums(&nbd, &history, t);
        tails_are_sums(&two, &history, t);
        tails_are_sums(&twelve, &history, t);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn probabilities(theta in parameters(0.05, 20.0), b in log_uniform(1e-3, 10.0), history in histories(30, 100.0), t in log_uniform(0.1, 30.0)) {
        probabilities_add_up(&BgNbd::from_theta(theta).unwrap(), &history, t);
        probabilities_add_up(&MbgNbd::from_theta(theta).unwrap(), &history, t);
        probabilities_add_up(&nbd(theta), &history, t);
        probabilities_add_up(&ParetoNbd::from_theta(theta).unwrap(), &history, t);
        probabilities_add_up(&gompertz(theta, b, 1.0), &history, t);
        probabilities_add_up(&bg_cnbd(3, theta), &history, t);
        probabilities_add_up(&mbg_cnbd(12, theta), &history, t);
    }
}
