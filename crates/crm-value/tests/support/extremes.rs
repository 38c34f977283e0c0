//! Inputs from the ends of each type, and answers written in every way.
//!
//! Decimals are drawn over their whole range: any 96 bits with any sign and any scale from 0 to 28,
//! and the numbers at the ends and beside them; counts over all of their integers.
#![allow(dead_code, reason = "not every test file draws everything")]

use std::fmt::{Debug, Display};

use crm_value::{
    Components, CreditConditions, CreditPolicy, DayCount, Decimal, Error, ExpectedProfit, FirstMargin,
    Margin, NonNegative, Period, Probability, Rate, Share, Terms, Timing, Unit,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) const FINEST: Decimal = Decimal::from_parts(1, 0, 0, false, 28);

pub(crate) fn number() -> impl Strategy<Value = Decimal> {
    let whole_range =
        (any::<[u32; 3]>(), any::<bool>(), 0..=28_u32).prop_map(|([low, middle, high], negative, scale)| {
            Decimal::from_parts(low, middle, high, negative, scale)
        });
    let short = (any::<i64>(), 0..=28_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let usual =
        (-1_000_000_i64..1_000_000, 0..=4_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let power = (0..=28_u32, 0..=28_u32, -1_i128..=1)
        .prop_map(|(power, scale, beside)| Decimal::from_i128_with_scale(10_i128.pow(power) + beside, scale));
    let ends =
        [Decimal::MAX, Decimal::MIN, Decimal::ZERO, Decimal::ONE, Decimal::NEGATIVE_ONE, FINEST, -FINEST];
    prop_oneof![3 => whole_range, 2 => short, 2 => usual, 2 => power, 2 => select(ends.to_vec())]
}

pub(crate) fn amount() -> impl Strategy<Value = NonNegative> {
    number().prop_map(|number| NonNegative::new(number.abs()).unwrap())
}

/// Any number from 0 to 1 with up to 28 decimals.
pub(crate) fn unit_interval() -> impl Strategy<Value = Decimal> {
    let ends = [Decimal::ZERO, Decimal::ONE, FINEST, Decimal::ONE - FINEST, Decimal::new(5, 1)];
    let whole_range = (0..=10_i128.pow(28)).prop_map(|parts| Decimal::from_i128_with_scale(parts, 28));
    let usual = (0..=100_i64).prop_map(|percent| Decimal::new(percent, 2));
    prop_oneof![3 => whole_range, 2 => usual, 2 => select(ends.to_vec())]
}

pub(crate) fn share() -> impl Strategy<Value = Share> {
    unit_interval().prop_map(|number| Share::new(number).unwrap())
}

pub(crate) fn probability() -> impl Strategy<Value = Probability> {
    unit_interval().prop_map(|number| Probability::new(number).unwrap())
}

pub(crate) fn margin() -> impl Strategy<Value = Margin> {
    prop_oneof![unit_interval(), number().prop_map(|number| number.min(Decimal::ONE))]
        .prop_map(|number| Margin::new(number).unwrap())
}

pub(crate) fn period() -> impl Strategy<Value = Period> {
    select(vec![Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year])
}

/// Any rate above -1 of that period.
pub(crate) fn rate(period: Period) -> impl Strategy<Value = Rate> {
    let above = |number: Decimal| number.max(Decimal::NEGATIVE_ONE + FINEST);
    let usual = (-99..=300_i64).prop_map(|percent| Decimal::new(percent, 2));
    prop_oneof![2 => number().prop_map(above), 1 => unit_interval().prop_map(move |part| above(-part)), 2 => usual]
        .prop_map(move |number| Rate::unbounded(period, number).unwrap())
}

pub(crate) fn count() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..50_u64, select(vec![0, 1, 1 << 48, (1 << 48) + 1, u64::MAX])]
}

pub(crate) fn whole() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), 0..50_u32, select(vec![0, 1, u32::MAX])]
}

pub(crate) fn unit() -> impl Strategy<Value = Unit> {
    (0..=28_u32).prop_map(|decimals| Unit::decimals(decimals).unwrap())
}

/// Cut to the unit; zero without a sign.
pub(crate) fn whole_units(number: Decimal, unit: Unit) -> Decimal {
    let whole = number.trunc_with_scale(unit.scale());
    if whole.is_zero() { whole.abs() } else { whole }
}

prop_compose! {
    pub(crate) fn terms(period: Period)(
        discount in rate(period),
        growth in rate(period),
        horizon in proptest::option::of(whole()),
        cost in amount(),
        renewal in any::<bool>(),
        end in any::<bool>(),
    ) -> Terms {
        let first = if renewal { FirstMargin::NeedsRenewal } else { FirstMargin::Certain };
        let timing = if end { Timing::EndOfPeriod } else { Timing::StartOfPeriod };
        let terms = Terms::new(discount, first, timing).with_growth(growth).unwrap().with_acquisition_cost(cost);
        horizon.map_or(terms, |periods| terms.with_horizon(periods))
    }
}

prop_compose! {
    pub(crate) fn account(period: Period)(
        revenue in number(),
        margin in margin(),
        costs in [amount(), amount(), amount()],
        growth in rate(period),
        discount in rate(period),
        duration in whole(),
        stay in probability(),
    ) -> ExpectedProfit {
        ExpectedProfit::new(revenue, margin, costs[0], period)
            .with_displaced_capacity(costs[1])
            .with_cross_sell(costs[2])
            .with_growth(growth).unwrap()
            .with_discount(discount).unwrap()
            .with_stay(duration, stay)
    }
}

prop_compose! {
    pub(crate) fn policy()(
        sales in amount(),
        days in amount(),
        bad in share(),
        cost in amount(),
        discount in share(),
        taken in share(),
    ) -> CreditPolicy {
        CreditPolicy {
            name: "policy".to_owned(),
            credit_sales: sales,
            collection_days: days,
            bad_debt_rate: bad,
            collection_cost: cost,
            cash_discount: discount,
            discount_taken: taken,
        }
    }
}

prop_compose! {
    pub(crate) fn conditions()(ratio in share(), capital in rate(Period::Year), long in any::<bool>()) -> CreditConditions {
        let day_count = if long { DayCount::Days365 } else { DayCount::Days360 };
        CreditConditions { variable_cost_ratio: ratio, capital_rate: capital, day_count }
    }
}

pub(crate) fn components() -> impl Strategy<Value = Components> {
    vec(proptest::option::of(number()), 5).prop_map(|p| Components {
        cpv: p[0],
        ppv: p[1],
        civ: p[2],
        ckv: p[3],
        ctv: p[4],
    })
}

/// How text is asked for: precision and width.
pub(crate) fn format() -> impl Strategy<Value = (usize, usize)> {
    (prop_oneof![0..=40_usize, select(vec![28, 29, 300])], prop_oneof![0..=60_usize, Just(200)])
}

pub(crate) type Format = (usize, usize);

/// Writes it in every way.
pub(crate) fn shown(it: &(impl Display + Debug), (precision, width): Format) {
    let texts = [
        format!("{it}"),
        format!("{it:.precision$}"),
        format!("{it:width$}"),
        format!("{it:>+width$.precision$}"),
        format!("{it:0width$.precision$}"),
    ];
    assert!(texts.iter().all(|text| !text.contains("NaN")), "{texts:?}");
    debugged(it, (precision, width));
}

pub(crate) fn debugged(it: &impl Debug, (precision, width): Format) {
    assert!(!format!("{it:?}").is_empty());
    // Precision 0 may leave nothing of a truth value.
    let _ = (format!("{it:#width$.precision$?}"), format!("{it:width$.precision$?}"));
}

/// Writes an answer, or the error that names what is wrong.
pub(crate) fn answered<T: Debug>(answer: Result<T, Error>, format: Format) -> Option<T> {
    match answer {
        Ok(answer) => {
            debugged(&answer, format);
            // Zero has no sign.
            let text = format!("{answer:?}");
            let numbers = text.split(|letter: char| !matches!(letter, '0'..='9' | '.' | '-'));
            let zero = |number: &str| {
                number.starts_with("-0") && !number.contains(|digit| matches!(digit, '1'..='9'))
            };
            assert!(!numbers.into_iter().any(zero), "{text}");
            Some(answer)
        }
        Err(error) => {
            shown(&error, format);
            assert!(!error.to_string().contains("NaN"), "{error}");
            None
        }
    }
}

/// An answer that people read.
pub(crate) fn said<T: Display + Debug>(answer: Result<T, Error>, format: Format) {
    if let Some(answer) = answered(answer, format) {
        shown(&answer, format);
    }
}
