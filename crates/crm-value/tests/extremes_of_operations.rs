//! Every public function for credit, stock, shared costs and referrals with any input that the
//! constructors accept: an answer or an error, never a panic, and text with any precision and width.
//!
//! The inputs are drawn over their whole range, each independently of the others; see
//! `support/extremes.rs`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/extremes.rs"]
mod extremes;

use crm_value::{
    Ageing, Allocation, Applicant, CashDiscount, CostPool, CreditConditions, Decimal, ExtraSales, Invoice,
    NonNegative, OrderQuantity, PolicyComparison, PriceBreak, Receivables, Referral, ReferralNetwork,
    ReferralTerms, Rule, StockCost, Variance, allocate, credit_limits, days_sales_outstanding, track,
};
use extremes::{
    amount, answered, conditions, count, debugged, format, number, policy, said, share, shown, unit, whole,
    whole_units,
};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn credit(
        policies in vec(policy(), 0..4),
        conditions in conditions(),
        amounts in [amount(), amount(), amount()],
        invoices in vec((number(), whole(), whole()), 0..6),
        ends in vec(whole(), 0..4),
        easing in number(),
        discount in share(),
        days in [whole(), whole()],
        format in format(),
    ) {
        let CreditConditions { variable_cost_ratio, capital_rate, day_count } = conditions;
        debugged(&conditions, format);
        let results: Vec<_> = policies.iter().filter_map(|policy| answered(policy.result(&conditions), format)).collect();
        for result in &results {
            shown(result, format);
            answered(result.gain_over(&results[0]), (0, 0));
            for line in answered(track(&results[0], result), format).into_iter().flatten() {
                shown(&line, format);
            }
        }
        if let Some(first) = policies.first() {
            answered(first.break_even_bad_debt_rate(policies.last().unwrap(), &conditions), (0, 0));
        }
        said(PolicyComparison::of(&policies, &conditions), format);
        said(Variance::new("figure", easing, amounts[0].get()), format);
        let receivables = Receivables {
            credit_sales: amounts[0], collection_days: amounts[1], variable_cost_ratio, capital_rate, day_count,
        };
        answered(receivables.balance(), (0, 0));
        said(receivables.breakdown(), format);
        answered(days_sales_outstanding(amounts[0], amounts[1], days[0]), (0, 0));
        let invoices: Vec<_> = invoices
            .into_iter()
            .map(|(amount, days_outstanding, days_allowed)| Invoice { amount, days_outstanding, days_allowed })
            .collect();
        for invoice in &invoices {
            debugged(invoice, format);
            answered(invoice.opportunity_cost(capital_rate, day_count), (0, 0));
        }
        let mut ascending = ends.clone();
        ascending.sort_unstable();
        ascending.dedup();
        for ends in [ends, ascending] { said(Ageing::of(&invoices, &ends), format); }
        let more = ExtraSales { base: amounts[0], elasticity: amounts[1], easing, capacity: amounts[2] };
        debugged(&more, format);
        answered(more.demanded(), (0, 0));
        answered(more.sales(), (0, 0));
        if let Some(offer) = answered(CashDiscount::new(discount, days[0], days[1]), format) {
            shown(&offer, format);
            said(offer.yearly_cost(day_count), format);
            answered(offer.worth_taking(capital_rate, day_count), (0, 0));
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
            answered(Allocation::of(&pools, unit), format);
        }
    }

    #[test]
    fn limits_and_referrals(
        applicants in vec((amount(), amount()), 0..6),
        total in amount(),
        unit in unit(),
        cash in vec(number(), 1..6),
        edges in vec((0..6_usize, 0..6_usize, amount()), 0..10),
        decay in share(),
        depth in proptest::option::of(whole()),
        transfer in any::<bool>(),
        outsider in any::<bool>(),
        format in format(),
    ) {
        let whole = |amount: NonNegative| NonNegative::new(amount.get().trunc_with_scale(unit.scale())).unwrap();
        let applicants: Vec<_> =
            applicants.into_iter().map(|(score, requested)| Applicant { score, requested: whole(requested) }).collect();
        debugged(&applicants, format);
        if let Some(limits) = answered(credit_limits(&applicants, whole(total), unit), (0, 0)) {
            for (limit, applicant) in limits.iter().zip(&applicants) {
                prop_assert!(*limit <= applicant.requested.get() && *limit >= Decimal::ZERO);
            }
        }
        let referrals = edges.into_iter().map(|(one, other, weight)| Referral::new(one, other).with_weight(weight));
        let referrals: Vec<_> = referrals.filter(|referral| referral.referrer < referral.referred).collect();
        if let Some(network) = answered(ReferralNetwork::new(0..cash.len(), referrals), format) {
            let network = network.with_outsiders(outsider.then_some(0)).unwrap();
            let rule = if transfer { Rule::Transfer } else { Rule::Drop };
            let cash: Vec<_> = cash.iter().map(|cash| whole_units(*cash, unit)).collect();
            said(network.equity(&cash, &ReferralTerms { decay, depth, rule, unit }), format);
        }
    }
}
