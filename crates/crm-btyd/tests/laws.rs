//! Laws that every model of repeat purchases obeys, by one generic function a law.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_btyd::{
    BgCnbd, BgNbd, Discount, FitOptions, GammaGamma, GompertzNbd, Histories, History, Horizon, Level,
    LifetimeValue, MbgCnbd, MbgNbd, Model, Nbd, ParetoNbd, Repeat, Spend, fit,
};
use proptest::prelude::*;

/// Two ways to one number, both in doubles.
const RELATIVE: f64 = 1e-9;

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() <= RELATIVE * right.abs() + 1e-12
}

fn horizon(length: f64) -> Horizon {
    Horizon::new(length).unwrap()
}

/// Uniform on a log scale.
fn log_uniform(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from.ln()..to.ln()).prop_map(f64::exp)
}

fn parameters(from: f64, to: f64) -> impl Strategy<Value = [f64; 4]> {
    prop_oneof![
        4 => [log_uniform(from, to), log_uniform(from, to), log_uniform(from, to), log_uniform(from, to)],
        // At and near the points where textbook formulas divide by zero.
        1 => (log_uniform(from, to), log_uniform(from, to), prop::sample::select(vec![1.0, 1.0 + 1e-9, 1.0 - 1e-12, 2.0]))
            .prop_map(|(r, alpha, a)| [r, alpha, a, a]),
    ]
}

/// How fast risks grow is drawn on its own.
fn gompertz(theta: [f64; 4], b: f64, unit: f64) -> GompertzNbd {
    let [r, alpha, s, beta] = theta;
    GompertzNbd::new(r, alpha / unit, s, beta, b * unit).unwrap()
}

fn nbd(theta: [f64; 4]) -> Nbd {
    Nbd::new(theta[0], theta[1]).unwrap()
}

/// Frequency, age and the share of the age at which the last purchase was made, each on its own.
fn histories(most: u32, longest: f64) -> impl Strategy<Value = History> {
    let frequency =
        prop_oneof![Just(0_u32), 1..10_u32, (0.0..f64::from(most).ln()).prop_map(|ln| ln.exp() as u32)];
    let share = prop_oneof![Just(1.0), 0.0..1.0_f64];
    (frequency, log_uniform(1e-3, longest), share).prop_map(|(frequency, age, share)| {
        let recency = if frequency == 0 { 0.0 } else { (age * share).max(1e-9) };
        History::new(frequency, recency, age).unwrap()
    })
}

/// Every answer is a number of its kind, whatever the parameters and the history.
fn answers_are_numbers<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64, discount: f64) {
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

fn probabilities_add_up<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64) {
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

fn time_works_one_way<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64) {
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

/// The rule of Gauss and Legendre with 5 points on panels of 0 ..= 1.
fn integral(panels: u32, f: impl Fn(f64) -> f64) -> f64 {
    let nodes = [
        (0.5, 0.284_444_444_444_444_44),
        (0.230_765_344_947_158_45, 0.239_314_335_249_683_23),
        (0.769_234_655_052_841_5, 0.239_314_335_249_683_23),
        (0.046_910_077_030_668_004, 0.118_463_442_528_094_54),
        (0.953_089_922_969_332, 0.118_463_442_528_094_54),
    ];
    let panel = |n: u32| {
        nodes
            .iter()
            .map(|(place, weight)| weight * f((f64::from(n) + place) / f64::from(panels)))
            .sum::<f64>()
    };
    (0..panels).map(panel).sum::<f64>() / f64::from(panels)
}

/// Purchases in an interval are those after the first one of its first part, or those after a silence in it:
///
/// E(t) = ∫_0^u (1 + E(t - v | bought at v)) dP(bought by v) + P(silent until u) E(t - u | silent until u).
///
/// The same for the purchases between u and t, of which the one at v is none.
fn intervals_add_up<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64) {
    let u = 0.4 * t;
    let (next, by_then) = (model.next_purchase(history), model.p_any_purchase(history, horizon(u)));
    let come = 1.0 - next.p_never();
    // What happens with less can be lost in the rounding of probabilities.
    if by_then < 1e-3 || come < 1e-3 || by_then > come * 0.999 {
        return;
    }
    let after = |v: f64| {
        let age = history.age() + v;
        History::new(history.frequency() + 1, age, age).unwrap()
    };
    let (mut whole, mut between) = (0.0, 0.0);
    for half in [0.0, 1.0] {
        // Towards both ends in squares: there the time may go with the root of the probability.
        let part = |of: &dyn Fn(f64) -> f64| {
            integral(6, |place| {
                let share = if half > 0.0 { 1.0 - 0.5 * place * place } else { 0.5 * place * place };
                let v = next.quantile(share * by_then / come).unwrap().unwrap().min(u);
                by_then * place * of(v)
            })
        };
        whole += part(&|v| 1.0 + model.expected_purchases(&after(v), horizon(t - v)));
        between +=
            part(&|v| model.expected_purchases_between(&after(v), horizon(u - v), horizon(t - v)).unwrap());
    }
    let silent = history.silent_for(horizon(u)).unwrap();
    let later = model.pmf(history, horizon(u), 0) * model.expected_purchases(&silent, horizon(t - u));
    let expected = model.expected_purchases(history, horizon(t));
    assert!(
        (whole + later - expected).abs() <= 1e-5 * expected,
        "{whole} {later} {expected} {model:?} {history:?} {t}"
    );
    let expected = model.expected_purchases_between(history, horizon(u), horizon(t)).unwrap();
    assert!(
        (between + later - expected).abs() <= 1e-5 * expected + 1e-7 * whole,
        "{between} {later} {expected} {model:?} {history:?} {t}"
    );
}

/// Silence until u, then a purchase or not: P(silent in t) splits at any u.
fn silence_is_consistent<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64) {
    let silent = |history: &History, t: f64| model.pmf(history, horizon(t), 0);
    let later = history.silent_for(horizon(0.3 * t)).unwrap();
    let product = silent(history, 0.3 * t) * silent(&later, 0.7 * t);
    assert!(
        (product - silent(history, t)).abs() < 1e-9,
        "{product} {} {model:?} {history:?} {t}",
        silent(history, t)
    );
}

/// The first purchase comes from customers who are silent and alive, at the mean rate of such customers:
///
/// P(bought by t) = ∫_0^t P(silent until u) P(alive | silent until u) (r + x) / (alpha + T + u) du.
fn the_silent_buy_at_their_rate<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64) {
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
fn the_living_buy_or_are_silent<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64) {
    let t = horizon(t);
    let silent = model.pmf(history, t, 0) * model.p_alive_if_silent(history, t);
    let expected = model.p_alive(history) - model.p_any_purchase(history, t);
    assert!((silent - expected).abs() < 1e-11, "{silent} {expected} {model:?} {history:?} {t:?}");
}

fn discounting_is_consistent<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64, rate: f64) {
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

fn quantiles_invert<M: Repeat<Data = Histories>>(model: &M, history: &History) {
    let next = model.next_purchase(history);
    for p in [0.05, 0.5, 0.9] {
        let Some(t) = next.quantile(p).unwrap().filter(|&t| t < 1e8 && t > 0.0) else { continue };
        let come = 1.0 - next.p_never();
        assert!((next.p_within(horizon(t)) - p * come).abs() < 1e-9 * come + 1e-14);
        assert!((model.p_any_purchase(history, horizon(t)) - p * come).abs() < 1e-9 * come + 1e-14);
    }
}

/// Counts from the tail, one by one and as moments.
fn tails_are_sums<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64) {
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

fn times<M: Repeat<Data = Histories>>(model: &M, history: &History, t: f64, rate: f64) {
    time_works_one_way(model, history, t);
    silence_is_consistent(model, history, t);
    discounting_is_consistent(model, history, t, rate);
    quantiles_invert(model, history);
}

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

/// Weeks instead of days: alpha and all times are divided by seven, and every answer about counts stays.
fn the_unit_of_time_does_not_matter<M: Repeat<Data = Histories>>(
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
        let two = |theta| BgCnbd::<2>::from_theta(theta).unwrap();
        let five = |theta| MbgCnbd::<5>::from_theta(theta).unwrap();
        the_unit_of_time_does_not_matter(&two(theta), &two(weeks), 2.0, &history, t);
        the_unit_of_time_does_not_matter(&five(theta), &five(weeks), 5.0, &history, t);
        the_unit_of_time_does_not_matter(&pareto(1.0), &pareto(7.0), 1.0, &history, t);
        the_unit_of_time_does_not_matter(&gompertz(theta, b, 1.0), &gompertz(theta, b, 7.0), 1.0, &history, t);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Every law that a purchase or a silence after it obeys, for parameters, ageing, history and horizon drawn each on its own.
    #[test]
    fn what_happens_next(theta in parameters(0.2, 10.0), b in log_uniform(0.01, 1.0), history in histories(30, 100.0), t in log_uniform(1.0, 60.0)) {
        let (bg, mbg) = (BgNbd::from_theta(theta).unwrap(), MbgNbd::from_theta(theta).unwrap());
        let (pareto, ageing, nbd) = (ParetoNbd::from_theta(theta).unwrap(), gompertz(theta, b, 1.0), nbd(theta));
        let (two, twelve) = (BgCnbd::<2>::from_theta(theta).unwrap(), MbgCnbd::<12>::from_theta(theta).unwrap());
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
        probabilities_add_up(&BgCnbd::<3>::from_theta(theta).unwrap(), &history, t);
        probabilities_add_up(&MbgCnbd::<12>::from_theta(theta).unwrap(), &history, t);
    }

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

    #[test]
    fn spend(p in log_uniform(1e-6, 1e6), q in log_uniform(1e-6, 1e6), gamma in log_uniform(1e-6, 1e6), x in 1..100_000_u32, mean in log_uniform(1e-6, 1e6)) {
        let (model, spend) = (GammaGamma::new(p, q, gamma).unwrap(), Spend::new(x, mean).unwrap());
        prop_assert!(model.ln_likelihood_of(&spend).is_finite());
        if let Ok(expected) = model.expected_spend(&spend) {
            prop_assert!(expected > 0.0 && expected.is_finite());
        }
        // Seen spend draws the expectation away from everybody's mean and never beyond what was seen.
        if let (Ok(expected), Ok(everybody)) = (model.expected_spend(&spend), model.mean_spend()) {
            let (low, high) = (mean.min(everybody), mean.max(everybody));
            prop_assert!(expected >= low * (1.0 - 1e-9) && expected <= high * (1.0 + 1e-9), "{expected} {low} {high}");
        }
    }

    /// Lifetime value against the sum by hand: margin, the published mean of a purchase, and each purchase discounted when it is expected.
    #[test]
    fn value_is_margin_times_spend_times_discounted_purchases(
        theta in parameters(0.1, 10.0), history in histories(20, 50.0), margin in -1.0..1.0_f64, rate in log_uniform(1e-4, 0.1),
        p in log_uniform(0.5, 20.0), q in log_uniform(1.5, 20.0), gamma in log_uniform(1.0, 100.0), x in 1..20_u32, mean in log_uniform(1.0, 1e3), length in log_uniform(1.0, 100.0),
    ) {
        let (purchases, spends) = (MbgNbd::from_theta(theta).unwrap(), GammaGamma::new(p, q, gamma).unwrap());
        let spend = Spend::new(x, mean).unwrap();
        let value = LifetimeValue::new(horizon(length), Discount::continuous(rate).unwrap()).with_margin(margin).unwrap();
        let of = |seen: Option<&Spend>| value.of(&purchases, &spends, &history, seen).unwrap();
        // By parts; on the scale of the time to a purchase.
        let soon = (theta[1] + history.age()) / (1.0 + theta[0] + f64::from(history.frequency()));
        let end = (length / soon).ln_1p();
        let inside = rate * end * integral(12, |place| {
            let t = soon * (end * place).exp_m1();
            (-rate * t).exp() * purchases.expected_purchases(&history, horizon(t)) * (soon + t)
        });
        let discounted = inside + (-rate * length).exp() * purchases.expected_purchases(&history, horizon(length));
        let per_purchase = p * (gamma + f64::from(x) * mean) / (p * f64::from(x) + q - 1.0);
        let close = |left: f64, right: f64| (left - right).abs() <= 1e-6 * right.abs();
        prop_assert!(close(of(Some(&spend)), margin * per_purchase * discounted), "{} {}", of(Some(&spend)), margin * per_purchase * discounted);
        prop_assert!(close(of(None), margin * p * gamma / (q - 1.0) * discounted));
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
        answers_are_numbers(&BgCnbd::<2>::from_theta(theta).unwrap(), &history, t, discount);
        answers_are_numbers(&MbgCnbd::<12>::from_theta(theta).unwrap(), &history, t, discount);
    }

    #[test]
    fn time_of_stages(theta in parameters(1e-3, 1e3), history in histories(1_000, 1e3), t in log_uniform(1e-3, 1e3), rate in log_uniform(1e-4, 0.3)) {
        times(&MbgCnbd::<2>::from_theta(theta).unwrap(), &history, t, rate);
        times(&BgCnbd::<7>::from_theta(theta).unwrap(), &history, t, rate);
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

/// 1 500 customers that lived the story of the MBG/NBD with r = 1, alpha = 8, a = 1, b = 2, dated by day in weeks.
fn toy() -> Vec<History> {
    let mut state = 1_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / 2f64.powi(53)
    };
    let rows = (0..1_500).map(|n| {
        let age = 40.0 - f64::from(n % 12);
        let (rate, drop_out) = (-uniform().ln() / 8.0, 1.0 - uniform().sqrt());
        let (mut time, mut x, mut recency) = (0.0, 0, 0.0);
        while uniform() >= drop_out {
            time += -uniform().ln() / rate;
            let dated = (time * 7.0).ceil() / 7.0;
            if dated > age {
                break;
            }
            x += u32::from(dated > recency);
            recency = dated;
        }
        History::new(x, recency, age).unwrap()
    });
    rows.collect()
}

#[test]
fn collapsed_rows_fit_like_the_rows_they_stand_for() {
    let rows = toy();
    let collapsed: Histories = rows.iter().copied().collect();
    let doubled = Histories::weighted(rows.iter().map(|&row| (row, 2)));
    assert!(collapsed.distinct() < rows.len());
    let (one, two) = (fitted(&collapsed), fitted(&doubled));
    assert!((2.0 * one.ln_likelihood() / two.ln_likelihood() - 1.0).abs() < 1e-12);
    for (one, two) in one.parameters().zip(two.parameters()) {
        assert!((one.1 / two.1 - 1.0).abs() < 1e-6);
        // Twice the customers: standard errors fall by the root of two.
        assert!((one.2.unwrap() / two.2.unwrap() / 2f64.sqrt() - 1.0).abs() < 1e-4);
    }
}

fn fitted(histories: &Histories) -> crm_btyd::Fitted<MbgNbd> {
    let fitted = fit::<MbgNbd>(histories, &FitOptions::default()).unwrap();
    assert_eq!(fitted.diagnosis(), []);
    fitted
}

#[test]
fn another_unit_of_time_rescales_the_answer() {
    let rows = toy();
    let reference = fitted(&rows.iter().copied().collect());
    for factor in [1.0 / 365.25, 7.0, 3_600.0] {
        let scaled = |row: &History| {
            History::new(row.frequency(), row.recency() * factor, row.age() * factor).unwrap()
        };
        let other = fitted(&rows.iter().map(scaled).collect());
        for ((name, theta, error), (_, expected, expected_error)) in
            other.parameters().zip(reference.parameters())
        {
            let scale = if name == "alpha" { factor } else { 1.0 };
            assert!((theta / (expected * scale) - 1.0).abs() < 1e-6, "{name} {theta} {expected}");
            assert!((error.unwrap() / (expected_error.unwrap() * scale) - 1.0).abs() < 1e-4);
        }
    }
}

#[test]
fn another_currency_rescales_the_answer() {
    let fitted = |factor: f64| {
        let spends = (0..400).map(|n: u32| {
            let share = (f64::from(n * 149 % 400) + 0.5) / 400.0;
            let mean = 30.0 * (share / (1.0 - share)).sqrt();
            Spend::new(1 + n % 5, mean * factor).unwrap()
        });
        fit::<GammaGamma>(&crm_btyd::Spends::new(spends), &FitOptions::default()).unwrap()
    };
    let reference = fitted(1.0);
    assert_eq!(reference.diagnosis(), []);
    for factor in [1e-9, 1e6, 1e15] {
        let other = fitted(factor);
        assert_eq!(other.diagnosis(), []);
        for ((name, theta, _), (_, expected, _)) in other.parameters().zip(reference.parameters()) {
            let scale = if name == "gamma" { factor } else { 1.0 };
            assert!((theta / (expected * scale) - 1.0).abs() < 1e-6, "{name} {theta} {expected}");
        }
    }
}

#[test]
fn the_order_of_customers_does_not_change_a_bit() {
    let mut rows = toy();
    let forward = fitted(&rows.iter().copied().collect());
    rows.reverse();
    let backward = fitted(&rows.iter().copied().collect());
    assert_eq!(forward, backward);
}

#[test]
fn an_interval_for_an_expectation_needs_no_new_fit() {
    let fitted = fitted(&toy().into_iter().collect());
    let history = History::new(2, 30.0, 38.0).unwrap();
    let expected = |model: &MbgNbd| model.expected_purchases(&history, horizon(30.0));
    let wide = fitted.expectation_interval(Level::default(), expected).unwrap();
    let narrow = fitted.expectation_interval(Level::new(0.5).unwrap(), expected).unwrap();
    assert!(
        wide.lower < narrow.lower
            && narrow.lower < wide.estimate
            && wide.estimate < narrow.upper
            && narrow.upper < wide.upper
    );
    // A parameter is an expectation too: both ways give one interval.
    let r = fitted.parameter_interval(0, Level::default()).unwrap();
    let same = fitted.expectation_interval(Level::default(), |model| model.r()).unwrap();
    assert!((r.lower / same.lower - 1.0).abs() < 1e-9 && (r.upper / same.upper - 1.0).abs() < 1e-9);
}
