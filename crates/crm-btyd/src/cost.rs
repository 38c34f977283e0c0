//! The law that every question has an answer in a bounded number of steps, whatever the
//! constructors accept.

use proptest::prelude::*;

use crate::special::work::counted;
use crate::{
    BgCnbd, BgNbd, Discount, GompertzNbd, Histories, History, Horizon, MbgCnbd, MbgNbd, Nbd, ParetoNbd,
    PurchaseModel, Repeat,
};

/// Largest number of evaluations per question.
///
/// A search among 4 159 inputs, half of them random and half near the most expensive ones, found
/// 663 766 at most, in 42 milliseconds: a CNBD-12 customer whose purchases are discounted over a
/// time in which 1e21 would come if none were lost. The questions of 50 000 evaluations and more
/// took 8 to 64 nanoseconds for each.
pub(crate) const BUDGET: u64 = 750_000;

pub(crate) fn log_uniform(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from.ln()..=to.ln()).prop_map(move |ln| ln.exp().clamp(from, to))
}

/// All parameters that a model may have, over the whole range that it accepts.
pub(crate) fn parameters() -> impl Strategy<Value = [f64; 5]> {
    let one = || prop_oneof![20 => log_uniform(1e-8, 1e8), 1 => Just(1e-8), 1 => Just(1e8), 1 => Just(1.0)];
    [one(), one(), one(), one(), one()]
}

/// Frequency up to 20 000, age up to the longest accepted, and a recency anywhere in it.
pub(crate) fn histories() -> impl Strategy<Value = History> {
    let frequency = prop_oneof![Just(0_u32), 1..10_u32, log_uniform(1.0, 20_000.0).prop_map(|x| x as u32)];
    let age = prop_oneof![10 => log_uniform(1e-6, 1e9), 1 => Just(1e9)];
    let share = prop_oneof![3 => 0.0..1.0_f64, 1 => Just(1.0), 1 => log_uniform(1e-12, 1.0)];
    (frequency, age, share).prop_map(|(frequency, age, share)| {
        let recency = if frequency == 0 { 0.0 } else { (age * share).clamp(1e-300, age) };
        History::new(frequency, recency, age).unwrap_or(History::NEW)
    })
}

pub(crate) fn horizons() -> impl Strategy<Value = Horizon> {
    let length = prop_oneof![10 => log_uniform(1e-6, 1e9), 1 => Just(0.0), 1 => Just(1e9)];
    length.prop_map(|length| Horizon::new(length).unwrap_or_else(|error| panic!("{error}")))
}

fn discounts() -> impl Strategy<Value = Discount> {
    let rate = prop_oneof![10 => log_uniform(1e-9, 1e6), 1 => Just(1e6)];
    rate.prop_map(|rate| Discount::continuous(rate).unwrap_or_else(|error| panic!("{error}")))
}

/// Asks everything that one customer can be asked.
fn every_question<M: PurchaseModel<Data = Histories> + Repeat>(
    model: &M,
    (history, t, discount): (&History, Horizon, Discount),
    count: u32,
) {
    let ask = |what: &str, question: &dyn Fn() -> f64, most: f64| {
        let (answer, evaluations) = counted(question);
        assert!(
            evaluations <= BUDGET,
            "{what} takes {evaluations} evaluations: {model:?} {history:?} {t:?} {discount:?} {count}"
        );
        assert!(
            (0.0..=most).contains(&answer),
            "{what} is {answer}: {model:?} {history:?} {t:?} {discount:?} {count}"
        );
    };
    ask("p_alive", &|| model.p_alive(history), 1.0);
    ask("p_alive_later", &|| model.p_alive_later(history, t), 1.0);
    ask("p_alive_if_silent", &|| model.p_alive_if_silent(history, t), 1.0);
    ask("expected_purchases", &|| model.expected_purchases(history, t), f64::MAX);
    ask("pmf", &|| model.pmf(history, t, count), 1.0);
    ask("p_at_least", &|| model.p_at_least(history, t, count), 1.0);
    ask("variance", &|| model.variance(history, t).unwrap_or(0.0), f64::MAX);
    ask("p_any_purchase", &|| model.p_any_purchase(history, t), 1.0);
    ask("discounted_purchases", &|| model.discounted_purchases(history, t, discount), f64::MAX);
    ask("dert", &|| model.dert(history, discount).unwrap_or(-1.0), f64::MAX);
    ask("next_purchase", &|| model.next_purchase(history).p_never(), 1.0);
    let next = model.next_purchase(history);
    ask("p_within", &|| next.p_within(t), 1.0);
    for p in [1e-9, 0.5, 0.999] {
        ask("quantile", &|| next.quantile(p).map_or(-1.0, |time| time.unwrap_or(0.0)), 1e300);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_question_has_an_answer_within_a_budget(
        theta in parameters(), history in histories(), t in horizons(), discount in discounts(), count in prop_oneof![0..30_u32, any::<u32>()],
    ) {
        let [r, alpha, s, beta, b] = theta;
        let asked = (&history, t, discount);
        every_question(&Nbd::new(r, alpha).unwrap(), asked, count);
        every_question(&BgNbd::new(r, alpha, s, beta).unwrap(), asked, count);
        every_question(&MbgNbd::new(r, alpha, s, beta).unwrap(), asked, count);
        every_question(&ParetoNbd::new(r, alpha, s, beta).unwrap(), asked, count);
        every_question(&GompertzNbd::new(r, alpha, s, beta, b).unwrap(), asked, count);
        every_question(&BgCnbd::new(2, r, alpha, s, beta).unwrap(), asked, count);
        every_question(&MbgCnbd::new(12, r, alpha, s, beta).unwrap(), asked, count);
    }
}
