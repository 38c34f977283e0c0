//! Every public function for the value of customers with any input that the constructors accept:
//! an answer or an error, never a panic, and text with any precision and width.
//!
//! The inputs are drawn over their whole range, each independently of the others; see
//! `support/extremes.rs`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/extremes.rs"]
mod extremes;

use crm_value::{
    AcquisitionCost, CashFlows, Component, ConstantMargin, ControlGroup, CostBenefitValue, CustomerEquity,
    CustomerProfit, Decimal, Information, InformationItem, KeepOrWin, Knowledge, LifetimeValue, Margin,
    NamedAmount, NetBenefit, NonNegative, Period, Probability, ProfitRanking, Programme, PurchaseValue, Rate,
    ReferralValue, RelationshipCost, Response, RetentionCost, Rounding, Share, SpendingSplit,
    Strategy as Way, Transaction, Unit, VaryingRetention, clv_to_cac, component_means, customer_profits,
    discounted_values, expected_profits, large_but_poor, lifetime_values, payback, price_per_day,
    price_per_extra_day, purchase_values, referral_values, relationship_costs,
};
use extremes::{
    account, amount, answered, components, count, debugged, format, margin, number, period, probability,
    rate, said, share, shown, terms, unit, whole,
};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn numbers_and_rates(
        number in number(),
        other in number(),
        percent in any::<i64>(),
        decimals in whole(),
        (from, to) in (period(), period()),
        format in format(),
    ) {
        for answer in [Share::new(number), Share::percent(percent)] { said(answer, format); }
        for answer in [Probability::new(number), Probability::percent(percent)] { said(answer, format); }
        for answer in [Margin::new(number), Margin::percent(percent)] { said(answer, format); }
        said(NonNegative::new(number), format);
        let rates = [Rate::new(from, number), Rate::unbounded(from, number), Rate::percent(from, percent as i32)];
        for rate in rates {
            said(rate.clone(), format);
            if let Ok(rate) = rate {
                said(rate.to(to), format);
            }
        }
        shown(&Rate::zero(from), format);
        answered(Unit::decimals(decimals), format);
        let unit = Unit::decimals(decimals % 29).unwrap();
        debugged(&unit.amount(), (0, format.1));
        for (name, way) in Way::NAMED {
            prop_assert_eq!(name.parse(), Ok(way));
            let rounding = Rounding::new(unit, way);
            shown(&rounding, format);
            let rounded = rounding.apply(number);
            prop_assert!(rounded.scale() <= unit.scale());
            prop_assert!(rounded.is_zero() || rounded.is_sign_negative() == number.is_sign_negative());
            prop_assert!((rounded - number).abs() <= unit.amount());
        }
        answered(price_per_day(number, decimals), (0, 0));
        answered(price_per_extra_day((number, decimals), (other, percent as u32)), (0, 0));
    }

    #[test]
    fn components_and_costs(
        components in vec(components(), 0..4),
        amounts in [amount(), amount(), amount()],
        numbers in vec(number(), 0..6),
        shares in [share(), share()],
        influence in probability(),
        unit_margin in margin(),
        format in format(),
    ) {
        for value in components.iter().filter_map(|parts| answered(parts.lifetime_value(), format)) {
            shown(&value, format);
            for component in Component::ALL {
                shown(&component, format);
                debugged(&value.share(component), (0, 0));
            }
            prop_assert_eq!(LifetimeValue::try_from(*value.components()), Ok(value));
        }
        answered(lifetime_values(&components), format);
        answered(component_means(&components), format);
        let purchase = PurchaseValue { spending_capacity: amounts[0], share_of_wallet: shares[0], unit_margin };
        answered(purchase.value(), (0, 0));
        said(purchase.breakdown(), format);
        answered(purchase_values(&[amounts[0]], &[shares[0]], &[unit_margin]), (0, 0));
        let value = numbers.first().copied().unwrap_or_default();
        let referral = ReferralValue { influence, reach: amounts[1], influenced_purchase_value: value };
        debugged(&referral, format);
        said(referral.breakdown(), format);
        answered(referral_values(&[influence], &[amounts[1]], &[value]), (0, 0));
        let items = amounts.iter().zip(shares).map(|(price, reliability)| InformationItem::new("item", *price, reliability));
        let information = Information::new(items);
        debugged(&information, format);
        for item in information.items() { answered(item.value(), (0, 0)); }
        said(information.breakdown(), format);
        let named = || numbers.iter().map(|number| NamedAmount::new("item", *number));
        debugged(&Knowledge::new(named()), format);
        said(Knowledge::new(named()).breakdown(), format);
        said(Transaction::new(named()).breakdown(), format);
        let [marketing, sales, service] = amounts;
        said(RelationshipCost { marketing, sales, service }.breakdown(), format);
        answered(relationship_costs(&[marketing], &[sales], &[service]), (0, 0));
    }

    #[test]
    fn winning_keeping_and_programmes(
        amounts in [amount(), amount(), amount()],
        numbers in [number(), number(), number(), number()],
        counts in [count(), count()],
        wholes in [whole(), whole()],
        unit_margin in margin(),
        format in format(),
    ) {
        let [one, two, three] = amounts;
        said(AcquisitionCost { advertising: one, promotion: two, new_customers: counts[0] }.breakdown(), format);
        answered(RetentionCost { spent: one, customers_kept: counts[0] }.per_customer(), (0, 0));
        let value = CostBenefitValue { revenue: numbers[0], acquisition: one, retention: two, customers: counts[1] };
        debugged(&value, format);
        said(value.breakdown(), format);
        if let Some(back) = answered(payback(one, numbers[1]), format) {
            debugged(&back.whole_periods(), (0, 0));
        }
        answered(clv_to_cac(numbers[0], three), (0, 0));
        let choice = KeepOrWin { keep: one, win: two };
        debugged(&(choice, choice.cheaper()), format);
        prop_assert!(choice.saved() <= one.get().max(two.get()));
        said(choice.breakdown(), format);
        let [before, during, other_before, other_during] = numbers;
        let control = ControlGroup {
            before: other_before, during: other_during, customers: wholes[0], in_programme: wholes[1],
        };
        for benefit in [NetBenefit::before_after(before, during), NetBenefit::against_control(before, during, control)] {
            said(benefit.breakdown(), format);
            let programme = Programme::new(benefit, three);
            for programme in [programme, programme.with_unit_margin(unit_margin)] {
                shown(&programme, format);
                answered(programme.contribution(), (0, 0));
                answered(programme.profit(), (0, 0));
                answered(programme.contribution_cost_ratio(), (0, 0));
                answered(programme.revenue_surplus(), (0, 0));
                answered(programme.profit_ratio_after_cost(), (0, 0));
                said(programme.breakdown(), format);
            }
        }
    }

    #[test]
    fn profits_and_equity(
        numbers in vec(number(), 0..8),
        others in vec(number(), 8),
        unit_margin in margin(),
        top in share(),
        format in format(),
    ) {
        let revenue = numbers.first().copied().unwrap_or_default();
        let profit = CustomerProfit { revenue, unit_margin, relationship_cost: others[0] };
        debugged(&profit, format);
        said(profit.breakdown(), format);
        answered(customer_profits(&[revenue], &[unit_margin], &[others[0]]), (0, 0));
        said(ProfitRanking::new(&numbers), format);
        if let Ok(ranking) = ProfitRanking::new(&numbers) {
            debugged(&(ranking.peak(), ranking.in_input_order()), format);
            let losses = numbers.iter().filter(|number| **number < Decimal::ZERO);
            prop_assert_eq!(ranking.lost().is_zero(), losses.count() == 0);
        }
        answered(large_but_poor(&numbers, &others[..numbers.len()], top), format);
        said(CustomerEquity::new(&numbers), format);
        if let Ok(equity) = CustomerEquity::new(&numbers) {
            answered(equity.mean(), (0, 0));
            answered(equity.top_share(top), (0, 0));
            let labels: Vec<_> = (0..numbers.len()).map(|n| if n % 2 == 0 { "even" } else { "odd" }).collect();
            answered(equity.by_segment(&labels), format);
        }
    }

    #[test]
    fn discounted_values_and_expected_profits(
        margins in vec(number(), 0..6),
        stays in vec(probability(), 0..6),
        terms in terms(Period::Month),
        discount in rate(Period::Month),
        accounts in vec(account(Period::Year), 0..4),
        format in format(),
    ) {
        debugged(&terms, format);
        for (&margin, &stay) in margins.iter().zip(&stays) {
            let customer = ConstantMargin::new(margin, stay, terms);
            shown(&customer, format);
            said(customer.breakdown(), format);
            said(customer.elasticities(), format);
        }
        let pairs = margins.len().min(stays.len());
        answered(discounted_values(&margins[..pairs], &stays[..pairs], &terms), (0, 0));
        let margin = margins.first().copied().unwrap_or_default();
        let varying = VaryingRetention { margin, retentions: stays, terms };
        debugged(&varying, format);
        answered(varying.value(), (0, 0));
        let flows = CashFlows::new(margins);
        debugged(&flows, format);
        answered(flows.present_value(discount, terms.timing()), (0, 0));
        for account in &accounts {
            shown(account, format);
            answered(account.current(), (0, 0));
            answered(account.potential(), (0, 0));
            answered(account.total(), (0, 0));
        }
        if let Some(ranked) = answered(expected_profits(&accounts), format) {
            shown(&ranked.ranking, format);
        }
    }

    #[test]
    fn spending_splits(
        spends in [amount(), amount(), amount()],
        rates in [probability(), probability(), probability(), probability()],
        discount in rate(Period::Year),
        unit in unit(),
        format in format(),
    ) {
        let won = answered(Response::new(spends[0], rates[0], rates[1]), format);
        let kept = answered(Response::new(spends[1], rates[2], rates[3]), format);
        if let (Some(acquisition), Some(retention)) = (won, kept) {
            let split = SpendingSplit { acquisition, retention, margin: spends[2], discount };
            said(split.best(Rounding::new(unit, Way::HalfUp)), format);
        }
    }
}
