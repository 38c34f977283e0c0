//! Profits, discounted values, budgets and allocations.

use crm_value::{
    Allocation, CashFlows, ConstantMargin, CostPool, CustomerEquity, CustomerProfit, Decimal, ExpectedProfit,
    FirstMargin, NonNegative, ProfitRanking, Response, Rounding, SpendingSplit, Strategy as Way, Terms,
    TimeUnit, Timing, VaryingRetention, allocate, customer_profits, discounted_values, expected_profits,
    large_but_poor,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{
    amount, answered, debugged, format, margin, number, probability, rate, said, share, shown, unit, whole,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

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
            prop_assert_eq!(ranking.lost() == NonNegative::ZERO, losses.count() == 0);
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
        terms in terms(TimeUnit::Month),
        discount in rate(TimeUnit::Month),
        accounts in vec(account(TimeUnit::Year), 0..4),
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
        discount in rate(TimeUnit::Year),
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

    /// Parts add up to the whole, exactly: amounts are whole in the unit by construction.
    #[test]
    fn allocations(
        amounts in vec(number(), 1..4),
        drivers in vec(amount(), 0..8),
        whole_drivers in vec(0..9_u32, 1..8),
        unit in unit(),
        format in format(),
    ) {
        let small: Vec<NonNegative> = whole_drivers.into_iter().map(NonNegative::from).collect();
        for drivers in [&drivers, &small] {
            let whole = |amount: &Decimal| amount.trunc_with_scale(unit.scale());
            for amount in amounts.iter().map(whole) {
                let parts = allocate(amount, drivers, unit).map(Iterator::collect::<Vec<Decimal>>);
                if let Some(parts) = answered(parts, (0, 0)) {
                    prop_assert_eq!(parts.len(), drivers.len());
                    prop_assert!(parts.iter().all(|part| part.scale() <= unit.scale()));
                    let units = |part: &Decimal| part.mantissa() * 10_i128.pow(unit.scale() - part.scale());
                    prop_assert_eq!(parts.iter().map(units).sum::<i128>(), units(&amount));
                }
            }
            let names: Vec<String> = (0..amounts.len()).map(|n| n.to_string()).collect();
            let amounts = amounts.iter().map(whole);
            let pools: Vec<_> =
                names.iter().zip(amounts).map(|(name, amount)| CostPool { name, amount, drivers }).collect();
            debugged(&pools, format);
            answered(Allocation::new(&pools, unit), format);
        }
    }
}

prop_compose! {
    fn terms(period: TimeUnit)(
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
    fn account(period: TimeUnit)(
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
