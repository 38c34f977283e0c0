//! What is stored comes back, and no text makes a value that the constructor refuses.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::Debug;

use crm_testing::assert_stored;
use crm_value::{
    AcquisitionCost, Aging, Applicant, Breakdown, CashDiscount, CashFlows, Cheaper, Component, ComponentMean,
    ComponentValue, Components, ConstantMargin, ControlGroup, CostBenefitValue, CreditConditions,
    CreditPolicy, CustomerEquity, CustomerProfit, DayCount, Decimal, Elasticities, Error, ExpectedProfit,
    ExtraSales, FirstMargin, Information, InformationItem, Invoice, KeepOrWin, Knowledge, Margin, MoneyUnit,
    NamedAmount, NetBenefit, NonNegative, Operation, OrderQuantity, Payback, PolicyResult, PriceBreak,
    Probability, ProfitRanking, Program, PurchaseValue, Rate, Receivables, Referral, ReferralEquity,
    ReferralNetwork, ReferralRule, ReferralTerms, ReferralValue, RelationshipCost, Response, RetentionCost,
    Rounding, Share, SpendingSplit, StockCost, Strategy as Way, Terms, TimeUnit, Timing, Transaction,
    Variance, VaryingRetention, component_means, large_but_poor, payback,
};
use proptest::prelude::*;
use serde::de::DeserializeOwned;

fn percent(percent: i64) -> Probability {
    Probability::percent(percent).unwrap()
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn yearly(percent: i32) -> Rate {
    Rate::percent(TimeUnit::Year, percent).unwrap()
}

fn terms() -> Terms {
    let terms = Terms::new(yearly(10), FirstMargin::NeedsRenewal, Timing::EndOfPeriod);
    terms.with_growth(yearly(2)).unwrap().with_horizon(3).with_acquisition_cost(20.into())
}

fn rate_is_one(rate: Rate) -> bool {
    let built = if rate.get() > Decimal::ONE { Rate::unbounded } else { Rate::new };
    built(rate.time_unit(), rate.get()) == Ok(rate)
}

fn terms_are_some(terms: &Terms) -> bool {
    rate_is_one(terms.discount()) && terms.with_growth(terms.growth()) == Ok(*terms)
}

fn response_is_one(response: &Response) -> bool {
    Response::new(response.spend(), response.rate(), response.ceiling()).as_ref() == Ok(response)
}

#[test]
fn enums_obey_the_law() {
    Component::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Operation::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    FirstMargin::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Timing::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    DayCount::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Way::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    Cheaper::ALL.iter().for_each(|value| assert_stored(value, |_| true));
    ReferralRule::ALL.iter().for_each(|value| assert_stored(value, |_| true));
}

#[test]
fn numbers_obey_the_law() {
    for rate in [yearly(-3), yearly(150), Rate::unbounded(TimeUnit::Month, Decimal::MAX).unwrap()] {
        assert_stored(&rate, |rate| rate_is_one(*rate));
    }
    assert_stored(&MoneyUnit::CENT, |unit| MoneyUnit::decimals(unit.scale()) == Ok(*unit));
    assert_stored(&Rounding::new(MoneyUnit::CENT, Way::HalfDown), |rounding| {
        MoneyUnit::decimals(rounding.unit.scale()).is_ok()
    });
    for back in [payback(200.into(), d("30")).unwrap(), Payback::Never] {
        assert_stored(&back, |back| back.whole_periods().is_none_or(|periods| periods >= Decimal::ZERO));
    }
}

#[test]
fn inputs_obey_the_law() {
    let purchase = PurchaseValue {
        spending_capacity: 12_000.into(),
        share_of_wallet: Share::ONE,
        unit_margin: Margin::percent(20).unwrap(),
    };
    assert_stored(&purchase, |_| true);
    let referral =
        ReferralValue { influence: percent(8), reach: 150.into(), influenced_purchase_value: d("-600.5") };
    assert_stored(&referral, |_| true);
    let item = InformationItem::new("profile", 40.into(), Share::percent(90).unwrap());
    assert_stored(&Information::new([item.clone(), item]), |given| {
        *given == Information::new(given.items().to_vec())
    });
    let ideas = [NamedAmount::new("lid", d("300")), NamedAmount::new("hinge", d("-2.5"))];
    assert_stored(&Knowledge::new(ideas.clone()), |ideas| *ideas == Knowledge::new(ideas.items().to_vec()));
    assert_stored(&Transaction::new(ideas), |ideas| *ideas == Transaction::new(ideas.items().to_vec()));
    assert_stored(&RelationshipCost { marketing: 1.into(), sales: 2.into(), service: 3.into() }, |_| true);
    assert_stored(&AcquisitionCost { advertising: 6.into(), promotion: 3.into(), new_customers: 4 }, |_| {
        true
    });
    assert_stored(&RetentionCost { spent: 6.into(), customers_kept: 3 }, |_| true);
    let average =
        CostBenefitValue { revenue: d("50"), acquisition: 9.into(), retention: 6.into(), customers: 3 };
    assert_stored(&average, |_| true);
    assert_stored(&KeepOrWin { keep: 40.into(), win: 200.into() }, |_| true);
    let control = ControlGroup { before: d("200"), during: d("230"), customers: 50, in_program: 100 };
    let benefit = NetBenefit::against_control(d("500"), d("800"), control);
    let program = Program::new(benefit, 100.into()).with_unit_margin(Margin::percent(20).unwrap());
    assert_stored(&program, |_| true);
    let account =
        CustomerProfit { revenue: d("4000"), unit_margin: Margin::ONE, relationship_cost: d("-9.5") };
    assert_stored(&account, |_| true);
    let account = ExpectedProfit::new(Decimal::TEN, Margin::ONE, 1.into(), TimeUnit::Year);
    let account = account.with_discount(yearly(10)).unwrap().with_stay(4, percent(70));
    assert_stored(&account, |account| {
        account.with_discount(yearly(1)).is_ok() == account.with_growth(yearly(1)).is_ok()
    });
    assert_stored(&Referral::new(1_u32, 2), |_| true);
    let referrals = ReferralTerms {
        decay: Share::EIGHTY_PERCENT,
        depth: Some(2),
        rule: ReferralRule::Transfer,
        unit: MoneyUnit::CENT,
    };
    assert_stored(&referrals, |_| true);
}

#[test]
fn terms_and_models_obey_the_law() {
    assert_stored(&terms(), terms_are_some);
    assert_stored(&CashFlows::new([d("-100"), d("110")]), |flows| {
        *flows == CashFlows::new(flows.flows().iter().copied())
    });
    let customer = ConstantMargin::new(d("100"), percent(80), terms());
    assert_stored(&customer, |customer| terms_are_some(&customer.terms));
    let varying = VaryingRetention { margin: d("100"), retentions: vec![percent(80)], terms: terms() };
    assert_stored(&varying, |varying| terms_are_some(&varying.terms));
    let response = Response::new(5.into(), percent(10), percent(40)).unwrap();
    assert_stored(&response, response_is_one);
    let split =
        SpendingSplit { acquisition: response, retention: response, margin: 50.into(), discount: yearly(20) };
    assert_stored(&split, |split| response_is_one(&split.acquisition) && response_is_one(&split.retention));
    assert_stored(&split.best(Rounding::new(MoneyUnit::CENT, Way::HalfEven)).unwrap(), |_| true);
    let moves: Elasticities = customer.elasticities().unwrap();
    assert_stored(&moves, |_| true);
}

#[test]
fn credit_and_stock_obey_the_law() {
    let discount = CashDiscount::new(Share::percent(2).unwrap(), 10, 30).unwrap();
    assert_stored(&discount, |offer| {
        CashDiscount::new(offer.discount(), offer.discount_days(), offer.net_days()).as_ref() == Ok(offer)
    });
    let conditions = CreditConditions {
        variable_cost_ratio: Share::percent(60).unwrap(),
        capital_rate: yearly(10),
        day_count: DayCount::Days360,
    };
    assert_stored(&conditions, |conditions| rate_is_one(conditions.capital_rate));
    let policy = CreditPolicy {
        name: "net 45".to_owned(),
        credit_sales: 3_600_000.into(),
        collection_days: 45.into(),
        bad_debt_rate: Share::percent(2).unwrap(),
        collection_cost: 30_000.into(),
        cash_discount: Share::percent(1).unwrap(),
        discount_taken: Share::percent(50).unwrap(),
    };
    assert_stored(&policy, |_| true);
    let result = policy.result(&conditions).unwrap();
    assert_stored(&result, |result: &PolicyResult| {
        let costs = [result.collection_cost, result.bad_debt, result.cash_discount].map(NonNegative::get);
        result.net == result.contribution.get() - result.opportunity_cost - costs.into_iter().sum::<Decimal>()
    });
    for (planned, realized) in [("8", "6"), ("0", "5")] {
        assert_stored(&Variance::new("sales", d(planned), d(realized)).unwrap(), |line| {
            Variance::new(line.name.clone(), line.planned, line.realized).as_ref() == Ok(line)
        });
    }
    let invoice =
        |amount, days_outstanding| Invoice { amount: d(amount), days_outstanding, days_allowed: 30 };
    let open = [invoice("700", 12), invoice("200.5", 60), invoice("100", 95), invoice("-50", 40)];
    assert_stored(&open[1], |_| true);
    for ends in [&[][..], &[30], &[30, 60, 90]] {
        assert_stored(&Aging::new(&open, ends).unwrap(), |table| {
            // One invoice of the amount of each band, which is overdue by its first day.
            let ends: Vec<u32> = table.bands().iter().skip(1).filter_map(|band| band.last_day).collect();
            let invoices: Vec<Invoice> = table
                .bands()
                .iter()
                .map(|band| Invoice {
                    amount: band.amount,
                    days_outstanding: band.first_day,
                    days_allowed: 0,
                })
                .collect();
            Aging::new(&invoices, &ends).is_ok_and(|built| {
                built.total() == table.total()
                    && built.bands().iter().zip(table.bands()).all(|(one, other)| {
                        (one.first_day, one.last_day, one.amount, one.share)
                            == (other.first_day, other.last_day, other.amount, other.share)
                    })
            })
        });
    }
    let receivables = Receivables {
        credit_sales: 3_600_000.into(),
        collection_days: 45.into(),
        variable_cost_ratio: Share::ONE,
        capital_rate: yearly(10),
        day_count: DayCount::Days365,
    };
    assert_stored(&receivables, |receivables| rate_is_one(receivables.capital_rate));
    assert_stored(&Applicant { score: 3.into(), requested: 200.into() }, |_| true);
    let more = ExtraSales { base: 10.into(), elasticity: 1.into(), easing: d("-0.5"), capacity: 11.into() };
    assert_stored(&more, |_| true);
    let breaks = [PriceBreak { from: 1, price: 3.into() }, PriceBreak { from: 5, price: 2.into() }];
    let order = OrderQuantity::new(9, 5.into(), 1.into(), &breaks).unwrap();
    assert_stored(&order, |order| {
        let steps = [1, 2, 5, 6, u64::MAX].map(|quantity| order.price_of(quantity));
        steps.is_sorted_by(|one, next| one >= next) && !matches!(order.best(), Err(Error::Input(_)))
    });
    let stock = StockCost {
        ordering: 500.into(),
        purchase: 98_000.into(),
        holding: 1_200.into(),
        shortage: 300.into(),
        loan_rate: Share::percent(1).unwrap(),
    };
    assert_stored(&stock, |_| true);
}

#[test]
fn results_obey_the_law() {
    let known = Components { ckv: Some(d("0.5")), ..Components::default() };
    assert_stored(&known, |_| true);
    let value = known.lifetime_value().unwrap();
    assert_stored(&value, |value| value.components().lifetime_value() == Ok(*value));
    assert_stored(&value.breakdown(), |_: &Breakdown| true);
    for mean in component_means(&[known, Components::default()]).unwrap() {
        assert_stored(&mean, |mean: &ComponentMean| mean.mean.is_some() == (mean.known > 0));
    }
    let ranking = ProfitRanking::new(&[50, -40, 100].map(Decimal::from)).unwrap();
    assert_stored(&ranking.customers()[1], |_| true);
    let (revenue, profit) = ([900, 100].map(Decimal::from), [-20, 40].map(Decimal::from));
    assert_stored(&large_but_poor(&revenue, &profit, Share::percent(50).unwrap()).unwrap()[0], |_| true);
    let equity = CustomerEquity::new(&[600, 250].map(Decimal::from)).unwrap();
    assert_stored(&equity.by_segment(&["large", "small"]).unwrap()[0], |_| true);
    let network = ReferralNetwork::numbered(3, [Referral::new(0, 1), Referral::new(1, 2)]).unwrap();
    let rule = ReferralRule::Transfer;
    let terms = ReferralTerms { decay: Share::EIGHTY_PERCENT, depth: None, rule, unit: MoneyUnit::CENT };
    let equity = network.equity(&[100, 100, 100].map(Decimal::from), &terms).unwrap();
    assert_stored(&equity, |equity: &ReferralEquity| {
        let rows = equity.rows();
        rows.iter().all(|row| row.equity == row.cash + row.received - row.passed)
            && rows.iter().map(|row| row.cash).sum::<Decimal>() == equity.total()
            && rows.iter().map(|row| row.equity).sum::<Decimal>() == equity.total()
    });
}

#[test]
fn what_a_constructor_refuses_reading_refuses_too() {
    fn refused<T: DeserializeOwned + Debug>(text: &str) -> String {
        serde_json::from_str::<T>(text).unwrap_err().to_string()
    }
    assert_eq!(refused::<Share>("\"1.01\""), "share must be between 0 and 1, got 1.01; write 0.3 for 30 %");
    assert_eq!(refused::<NonNegative>("\"-0.01\""), "amount must be at least 0, got -0.01");
    assert!(
        refused::<Rate>(r#"{"rate":"-1","time_unit":"year"}"#)
            .starts_with("rate must be greater than -1 and")
    );
    let percentage = r#"{"rate":"10","time_unit":"year"}"#;
    assert!(
        refused::<Rate>(percentage)
            .starts_with("rate must be greater than -1 and at most 1, got 10; write 0.1 for 10 %")
    );
    assert!(refused::<MoneyUnit>("29").starts_with("decimals must be at most 28, got 29"));
    let mixed = r#"{"discount":{"rate":"0.1","time_unit":"year"},"growth":{"rate":"0","time_unit":"month"},
        "first":"certain","timing":"end_of_period","horizon":null,"acquisition_cost":"0"}"#;
    assert!(refused::<Terms>(mixed).starts_with("growth must be per year, got a rate per month"));
    let same = r#"{"spend":"5","rate":"0.4","ceiling":"0.4"}"#;
    assert!(refused::<Response>(same).starts_with("ceiling must be greater than 0.4, got 0.4"));
    let late = r#"{"discount":"0.02","discount_days":30,"net_days":30}"#;
    assert!(refused::<CashDiscount>(late).starts_with("net days must be greater than 30"));
    let unknown = r#"{"spending_capacity":"1","share_of_wallet":"1","unit_margin":"1","colour":1}"#;
    assert!(refused::<PurchaseValue>(unknown).starts_with("unknown field `colour`"));
    let large = format!(r#"{{"cpv":"{0}","ppv":"{0}","civ":null,"ckv":null,"ctv":null}}"#, Decimal::MAX);
    assert!(refused::<ComponentValue>(&large).starts_with("lifetime value exceeds 7.9e28"));
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
        if let Ok(unit) = serde_json::from_str::<MoneyUnit>(&json) {
            prop_assert!(unit.scale() <= 28);
        }
        let rate = format!("{{\"rate\":{json},\"time_unit\":\"year\"}}");
        if let Ok(rate) = serde_json::from_str::<Rate>(&rate) {
            prop_assert!(rate.get() > Decimal::NEGATIVE_ONE && rate.get() <= Decimal::ONE);
            assert_stored(&rate, |rate| rate_is_one(*rate));
        }
        let other = serde_json::to_string(&other).unwrap();
        let response = format!("{{\"spend\":\"5\",\"rate\":{json},\"ceiling\":{other}}}");
        if let Ok(response) = serde_json::from_str::<Response>(&response) {
            prop_assert!(response.rate() < response.ceiling() && response.rate() > Probability::ZERO);
        }
    }
}
