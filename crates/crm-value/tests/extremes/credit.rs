//! Credit policies, credit limits and referrals.

use crm_value::{
    Aging, Applicant, CashDiscount, CreditConditions, CreditPolicy, DayCount, Decimal, ExtraSales, Invoice,
    MoneyUnit, NonNegative, PolicyComparison, Receivables, Referral, ReferralNetwork, ReferralRule,
    ReferralTerms, TimeUnit, Variance, credit_limits, days_sales_outstanding, track,
};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{amount, answered, debugged, format, number, rate, said, share, shown, unit, whole};

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
        said(PolicyComparison::new(&policies, &conditions), format);
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
        for ends in [ends, ascending] { said(Aging::new(&invoices, &ends), format); }
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
                prop_assert!(*limit <= applicant.requested);
            }
        }
        let referrals = edges.into_iter().map(|(one, other, weight)| Referral::new(one, other).with_weight(weight));
        let referrals: Vec<_> = referrals.filter(|referral| referral.referrer < referral.referred).collect();
        if let Some(network) = answered(ReferralNetwork::new(0..cash.len(), referrals), format) {
            let network = network.with_outsiders(outsider.then_some(0)).unwrap();
            let rule = if transfer { ReferralRule::Transfer } else { ReferralRule::Drop };
            let cash: Vec<_> = cash.iter().map(|cash| whole_units(*cash, unit)).collect();
            said(network.equity(&cash, &ReferralTerms { decay, depth, rule, unit }), format);
        }
    }
}

prop_compose! {
    fn policy()(
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
    fn conditions()(ratio in share(), capital in rate(TimeUnit::Year), long in any::<bool>()) -> CreditConditions {
        let day_count = if long { DayCount::Days365 } else { DayCount::Days360 };
        CreditConditions { variable_cost_ratio: ratio, capital_rate: capital, day_count }
    }
}

/// Cut to the unit; zero without a sign.
fn whole_units(number: Decimal, unit: MoneyUnit) -> Decimal {
    let whole = number.trunc_with_scale(unit.scale());
    if whole.is_zero() { whole.abs() } else { whole }
}
