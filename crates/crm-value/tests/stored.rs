//! What is stored comes back, and no text makes a value that the constructor refuses.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Debug;

use crm_value::{
    CashDiscount, Components, Decimal, ExpectedProfit, FirstMargin, LifetimeValue, Margin, NonNegative,
    OrderQuantity, Period, PriceBreak, Probability, PurchaseValue, Rate, Response, Rounding, Share,
    Strategy as Way, Terms, Timing, Unit,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

fn percent(percent: i64) -> Probability {
    Probability::percent(percent).unwrap()
}

#[test]
fn what_is_stored_comes_back() {
    back(&Share::percent(35).unwrap());
    back(&Margin::percent(-35).unwrap());
    back(&NonNegative::new(Decimal::MAX).unwrap());
    back(&Rate::percent(Period::Quarter, -3).unwrap());
    back(&Rate::percent(Period::Year, 150).unwrap());
    back(&Rate::unbounded(Period::Year, Decimal::MAX).unwrap());
    back(&Rounding::new(Unit::CENT, Way::HalfDown));
    let yearly = Rate::percent(Period::Year, 10).unwrap();
    let terms = Terms::new(yearly, FirstMargin::NeedsRenewal, Timing::EndOfPeriod);
    let terms = terms.with_growth(Rate::percent(Period::Year, 2).unwrap()).unwrap();
    back(&terms.with_horizon(3));
    back(&terms.with_acquisition_cost(7.into()));
    back(&PurchaseValue {
        spending_capacity: 12_000.into(),
        share_of_wallet: Share::ONE,
        unit_margin: Margin::percent(20).unwrap(),
    });
    let known = Components { ckv: Some(Decimal::new(5, 1)), ..Components::default() };
    back(&known.lifetime_value().unwrap());
    back(&Response::new(5.into(), percent(10), percent(40)).unwrap());
    back(&CashDiscount::new(Share::percent(2).unwrap(), 10, 30).unwrap());
    let order =
        OrderQuantity::new(9, 5.into(), 1.into(), &[PriceBreak { from: 1, price: 3.into() }]).unwrap();
    back(&order);
    let order = order.with_holding_rate(2.into()).with_shortage(4.into());
    back(&order.with_loan_rate(Share::percent(1).unwrap()));
    let account = ExpectedProfit::new(Decimal::TEN, Margin::percent(20).unwrap(), 1.into(), Period::Year);
    back(&account.with_discount(yearly).unwrap().with_stay(4, percent(70)));
    back(&known.lifetime_value().unwrap().breakdown());
}

#[test]
fn rates_above_one_say_so_in_the_text() {
    let text = |rate: &Rate| serde_json::to_string(rate).unwrap();
    let whole = Rate::percent(Period::Year, 100).unwrap();
    assert_eq!(text(&whole), r#"{"rate":"1.00","period":"year"}"#);
    let above = Rate::unbounded(Period::Year, Decimal::new(101, 2)).unwrap();
    assert_eq!(text(&above), r#"{"rate":"1.01","period":"year","unbounded":true}"#);
}

#[test]
fn what_a_constructor_refuses_reading_refuses_too() {
    fn refused<T: DeserializeOwned + Debug>(text: &str) -> String {
        serde_json::from_str::<T>(text).unwrap_err().to_string()
    }
    assert_eq!(refused::<Share>("\"1.01\""), "share must lie in 0..=1 (0.3 for 30 %), got 1.01");
    assert_eq!(refused::<NonNegative>("\"-0.01\""), "amount must be at least 0, got -0.01");
    assert!(refused::<Rate>(r#"{"rate":"-1","period":"year"}"#).starts_with("rate must be above -1 and"));
    let percentage = r#"{"rate":"10","period":"year"}"#;
    assert!(
        refused::<Rate>(percentage).starts_with("rate must be above -1 and at most 1 (0.1 for 10 %), got 10")
    );
    assert!(refused::<Unit>("29").starts_with("decimals must be at most 28, got 29"));
    let mixed = r#"{"discount":{"rate":"0.1","period":"year"},"growth":{"rate":"0","period":"month"},
        "first":"certain","timing":"end_of_period","horizon":null,"acquisition_cost":"0"}"#;
    assert!(refused::<Terms>(mixed).starts_with("growth must be per year, got a rate per month"));
    let same = r#"{"spend":"5","rate":"0.4","ceiling":"0.4"}"#;
    assert!(refused::<Response>(same).starts_with("ceiling must be above today's rate, got 0.4"));
    let late = r#"{"discount":"0.02","discount_days":30,"net_days":30}"#;
    assert!(refused::<CashDiscount>(late).starts_with("net days must be more than"));
    let unknown = r#"{"spending_capacity":"1","share_of_wallet":"1","unit_margin":"1","colour":1}"#;
    assert!(refused::<PurchaseValue>(unknown).starts_with("unknown field `colour`"));
    let large = format!(r#"{{"cpv":"{0}","ppv":"{0}","civ":null,"ckv":null,"ctv":null}}"#, Decimal::MAX);
    assert!(refused::<LifetimeValue>(&large).starts_with("lifetime value must stay below 7.9e28"));
}

/// Numbers as people and programs write them, sensible and not.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?[0-9]{1,30}(\\.[0-9]{0,30})?",
        "-?[01](\\.[0-9]{0,3})?",
        any::<f64>().prop_map(|number| number.to_string()),
        "[-+0-9.eE ]{0,8}",
        ".{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_text_creates_what_the_constructor_refuses(text in text(), quoted in any::<bool>(), other in text()) {
        let json = if quoted { serde_json::to_string(&text).unwrap() } else { text };
        if let Ok(share) = serde_json::from_str::<Share>(&json) {
            prop_assert_eq!(Share::new(share.get()), Ok(share));
            prop_assert!((Decimal::ZERO..=Decimal::ONE).contains(&share.get()));
        }
        if let Ok(probability) = serde_json::from_str::<Probability>(&json) {
            prop_assert!((Decimal::ZERO..=Decimal::ONE).contains(&probability.get()));
        }
        if let Ok(margin) = serde_json::from_str::<Margin>(&json) {
            prop_assert!(margin.get() <= Decimal::ONE);
        }
        if let Ok(amount) = serde_json::from_str::<NonNegative>(&json) {
            prop_assert!(amount.get() >= Decimal::ZERO);
        }
        if let Ok(unit) = serde_json::from_str::<Unit>(&json) {
            prop_assert!(unit.scale() <= 28);
        }
        let rate = format!("{{\"rate\":{json},\"period\":\"year\"}}");
        if let Ok(rate) = serde_json::from_str::<Rate>(&rate) {
            prop_assert!(rate.get() > Decimal::NEGATIVE_ONE && rate.get() <= Decimal::ONE);
            back(&rate);
        }
        let other = serde_json::to_string(&other).unwrap();
        let response = format!("{{\"spend\":\"5\",\"rate\":{json},\"ceiling\":{other}}}");
        if let Ok(response) = serde_json::from_str::<Response>(&response) {
            prop_assert!(response.rate() < response.ceiling() && response.rate() > Probability::ZERO);
        }
    }
}
