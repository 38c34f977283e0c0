//! Numbers, rates, the components of a lifetime value, costs and stock.

use crm_value::{
    AcquisitionCost, Component, ComponentValue, Components, ControlGroup, CostBenefitValue, Information,
    InformationItem, KeepOrWin, Knowledge, Margin, MoneyUnit, NamedAmount, NetBenefit, NonNegative,
    OrderQuantity, PriceBreak, Probability, Program, PurchaseValue, Rate, ReferralValue, RelationshipCost,
    RetentionCost, Rounding, Share, StockCost, Strategy as Way, Transaction, clv_to_cac, component_means,
    lifetime_values, payback, price_per_day, price_per_extra_day, purchase_values, referral_values,
    relationship_costs,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{
    amount, answered, count, debugged, format, margin, number, period, probability, said, share, shown, whole,
};

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
        answered(MoneyUnit::decimals(decimals), format);
        let unit = MoneyUnit::decimals(decimals % 29).unwrap();
        debugged(&unit.amount(), (0, format.1));
        for &way in Way::ALL {
            prop_assert_eq!(way.name().parse(), Ok(way));
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
            for &component in Component::ALL {
                shown(&component, format);
                debugged(&value.share(component), (0, 0));
            }
            prop_assert_eq!(ComponentValue::try_from(*value.components()), Ok(value));
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
    fn winning_keeping_and_programs(
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
        prop_assert!(choice.saved() <= one.max(two));
        said(choice.breakdown(), format);
        let [before, during, other_before, other_during] = numbers;
        let control = ControlGroup {
            before: other_before, during: other_during, customers: wholes[0], in_program: wholes[1],
        };
        for benefit in [NetBenefit::before_after(before, during), NetBenefit::against_control(before, during, control)] {
            said(benefit.breakdown(), format);
            let program = Program::new(benefit, three);
            for program in [program, program.with_unit_margin(unit_margin)] {
                shown(&program, format);
                answered(program.contribution(), (0, 0));
                answered(program.profit(), (0, 0));
                answered(program.contribution_cost_ratio(), (0, 0));
                answered(program.revenue_surplus(), (0, 0));
                answered(program.profit_ratio_after_cost(), (0, 0));
                said(program.breakdown(), format);
            }
        }
    }

    #[test]
    fn stock(
        amounts in [amount(), amount(), amount(), amount()],
        loan_rate in share(),
        demand in count(),
        quantity in count(),
        breaks in vec((count(), amount()), 0..4),
        format in format(),
    ) {
        let [ordering, purchase, holding, shortage] = amounts;
        let cost = StockCost { ordering, purchase, holding, shortage, loan_rate };
        answered(cost.credit_saving(), (0, 0));
        said(cost.breakdown(), format);
        let (mut quantities, mut prices): (Vec<u64>, Vec<NonNegative>) = breaks.into_iter().unzip();
        quantities.sort_unstable();
        prices.sort_unstable_by(|one, other| other.cmp(one));
        if let Some(first) = quantities.first_mut() { *first = 1; }
        let breaks: Vec<_> = quantities.into_iter().zip(prices).map(|(from, price)| PriceBreak { from, price }).collect();
        if let Some(order) = answered(OrderQuantity::new(demand, ordering, holding, &breaks), format) {
            let order = order.with_holding_rate(purchase).with_shortage(shortage).with_loan_rate(loan_rate);
            shown(&order, format);
            debugged(&order.price_of(quantity), format);
            answered(order.cost_of(quantity), format);
            answered(order.best(), format);
        }
    }
}

fn components() -> impl Strategy<Value = Components> {
    vec(proptest::option::of(number()), 5).prop_map(|p| Components {
        cpv: p[0],
        ppv: p[1],
        civ: p[2],
        ckv: p[3],
        ctv: p[4],
    })
}
