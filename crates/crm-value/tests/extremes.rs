//! Every public function with any input that the constructors accept: an answer or an error, never
//! a panic, and text with any precision and width.
//!
//! Decimals are drawn over their whole range: any 96 bits with any sign and any scale from 0 to 28,
//! and the numbers at the ends and beside them; counts over all of their integers. Every input is
//! drawn independently of the others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::{Debug, Display};

use crm_value::{
    AcquisitionCost, Aging, Allocation, Applicant, CashDiscount, CashFlows, Component, ComponentValue,
    Components, ConstantMargin, ControlGroup, CostBenefitValue, CostPool, CreditConditions, CreditPolicy,
    CustomerEquity, CustomerProfit, DayCount, Decimal, Error, ExpectedProfit, ExtraSales, FirstMargin,
    Information, InformationItem, Invoice, KeepOrWin, Knowledge, Margin, MoneyUnit, NamedAmount, NetBenefit,
    NonNegative, OrderQuantity, PolicyComparison, PriceBreak, Probability, ProfitRanking, Program,
    PurchaseValue, Rate, Receivables, Referral, ReferralNetwork, ReferralRule, ReferralTerms, ReferralValue,
    RelationshipCost, Response, RetentionCost, Rounding, Share, SpendingSplit, StockCost, Strategy as Way,
    Terms, TimeUnit, Timing, Transaction, Variance, VaryingRetention, allocate, clv_to_cac, component_means,
    credit_limits, customer_profits, days_sales_outstanding, discounted_values, expected_profits,
    large_but_poor, lifetime_values, payback, price_per_day, price_per_extra_day, purchase_values,
    referral_values, relationship_costs, track,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const FINEST: Decimal = Decimal::from_parts(1, 0, 0, false, 28);

fn number() -> impl Strategy<Value = Decimal> {
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

fn amount() -> impl Strategy<Value = NonNegative> {
    number().prop_map(|number| NonNegative::new(number.abs()).unwrap())
}

/// Any number from 0 to 1 with up to 28 decimals.
fn unit_interval() -> impl Strategy<Value = Decimal> {
    let ends = [Decimal::ZERO, Decimal::ONE, FINEST, Decimal::ONE - FINEST, Decimal::new(5, 1)];
    let whole_range = (0..=10_i128.pow(28)).prop_map(|parts| Decimal::from_i128_with_scale(parts, 28));
    let usual = (0..=100_i64).prop_map(|percent| Decimal::new(percent, 2));
    prop_oneof![3 => whole_range, 2 => usual, 2 => select(ends.to_vec())]
}

fn share() -> impl Strategy<Value = Share> {
    unit_interval().prop_map(|number| Share::new(number).unwrap())
}

fn probability() -> impl Strategy<Value = Probability> {
    unit_interval().prop_map(|number| Probability::new(number).unwrap())
}

fn margin() -> impl Strategy<Value = Margin> {
    prop_oneof![unit_interval(), number().prop_map(|number| number.min(Decimal::ONE))]
        .prop_map(|number| Margin::new(number).unwrap())
}

fn period() -> impl Strategy<Value = TimeUnit> {
    select(vec![TimeUnit::Day, TimeUnit::Week, TimeUnit::Month, TimeUnit::Quarter, TimeUnit::Year])
}

/// Any rate above -1 of that period.
fn rate(period: TimeUnit) -> impl Strategy<Value = Rate> {
    let above = |number: Decimal| number.max(Decimal::NEGATIVE_ONE + FINEST);
    let usual = (-99..=300_i64).prop_map(|percent| Decimal::new(percent, 2));
    prop_oneof![2 => number().prop_map(above), 1 => unit_interval().prop_map(move |part| above(-part)), 2 => usual]
        .prop_map(move |number| Rate::unbounded(period, number).unwrap())
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..50_u64, select(vec![0, 1, 1 << 48, (1 << 48) + 1, u64::MAX])]
}

fn whole() -> impl Strategy<Value = u32> {
    prop_oneof![any::<u32>(), 0..50_u32, select(vec![0, 1, u32::MAX])]
}

fn unit() -> impl Strategy<Value = MoneyUnit> {
    (0..=28_u32).prop_map(|decimals| MoneyUnit::decimals(decimals).unwrap())
}

/// Cut to the unit; zero without a sign.
fn whole_units(number: Decimal, unit: MoneyUnit) -> Decimal {
    let whole = number.trunc_with_scale(unit.scale());
    if whole.is_zero() { whole.abs() } else { whole }
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

fn components() -> impl Strategy<Value = Components> {
    vec(proptest::option::of(number()), 5).prop_map(|p| Components {
        cpv: p[0],
        ppv: p[1],
        civ: p[2],
        ckv: p[3],
        ctv: p[4],
    })
}

/// How text is asked for: precision and width.
fn format() -> impl Strategy<Value = (usize, usize)> {
    (prop_oneof![0..=40_usize, select(vec![28, 29, 300])], prop_oneof![0..=60_usize, Just(200)])
}

type Format = (usize, usize);

/// Writes it in every way.
fn shown(it: &(impl Display + Debug), (precision, width): Format) {
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

fn debugged(it: &impl Debug, (precision, width): Format) {
    assert!(!format!("{it:?}").is_empty());
    // Precision 0 may leave nothing of a truth value.
    let _ = (format!("{it:#width$.precision$?}"), format!("{it:width$.precision$?}"));
}

/// Writes an answer, or the error that names what is wrong.
fn answered<T: Debug>(answer: Result<T, impl Into<Error>>, format: Format) -> Option<T> {
    match answer.map_err(Into::into) {
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
fn said<T: Display + Debug>(answer: Result<T, impl Into<Error>>, format: Format) {
    if let Some(answer) = answered(answer, format) {
        shown(&answer, format);
    }
}

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
        prop_assert!(choice.saved() <= one.max(two));
        said(choice.breakdown(), format);
        let [before, during, other_before, other_during] = numbers;
        let control = ControlGroup {
            before: other_before, during: other_during, customers: wholes[0], in_program: wholes[1],
        };
        for benefit in [NetBenefit::before_after(before, during), NetBenefit::against_control(before, during, control)] {
            said(benefit.breakdown(), format);
            let programme = Program::new(benefit, three);
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
            answered(Allocation::new(&pools, unit), format);
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
