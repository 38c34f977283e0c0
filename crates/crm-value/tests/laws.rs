//! What must hold for any amounts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_value::{
    Applicant, CashFlows, Components, ConstantMargin, CustomerProfit, Decimal, EquityRow, Error,
    ExpectedProfit, FirstMargin, Knowledge, Margin, MoneyUnit, NamedAmount, NonNegative, OrderQuantity,
    PriceBreak, Probability, ProfitRanking, PurchaseValue, Rate, Referral, ReferralNetwork, ReferralRule,
    ReferralTerms, ReferralValue, Rounding, Share, Strategy as Way, Terms, TimeUnit, Timing,
    VaryingRetention, allocate, credit_limits, customer_profits, large_but_poor, payback, purchase_values,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Closed form and loop differ by a few units of the 28th digit a period.
const RELATIVE: Decimal = Decimal::from_parts(1, 0, 0, false, 20);

/// Amounts of any size and scale, the largest and smallest among them.
fn any_amount() -> impl Strategy<Value = Decimal> {
    let ugly = (any::<i64>(), 0..=28_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    let longest =
        (any::<[u32; 3]>(), any::<bool>(), 0..=28_u32).prop_map(|([low, middle, high], negative, scale)| {
            Decimal::from_parts(low, middle, high, negative, scale)
        });
    let ends = prop::sample::select(vec![
        Decimal::MAX,
        Decimal::MIN,
        Decimal::ZERO,
        Decimal::ONE,
        Decimal::new(1, 28),
    ]);
    prop_oneof![3 => ugly, 2 => longest, 1 => ends]
}

fn non_negative() -> impl Strategy<Value = NonNegative> {
    any_amount().prop_map(|amount| NonNegative::new(amount.abs()).unwrap())
}

fn share() -> impl Strategy<Value = Decimal> {
    let some = (0..=10_000_i64).prop_map(|parts| Decimal::new(parts, 4));
    prop_oneof![6 => some, 1 => Just(Decimal::ZERO), 1 => Just(Decimal::ONE), 1 => Just(Decimal::new(1, 28))]
}

fn cents() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -5_i64..50, 2 => 0_i64..1_000_000, 1 => any::<i64>()]
}

fn rate(low: i64, high: i64) -> impl Strategy<Value = Rate> {
    (low..=high).prop_map(|parts| Rate::unbounded(TimeUnit::Month, Decimal::new(parts, 3)).unwrap())
}

prop_compose! {
    fn terms()(
        discount in rate(0, 300),
        growth in rate(-200, 50),
        renewal in any::<bool>(),
        end in any::<bool>(),
        horizon in 0..80_u32,
    ) -> Terms {
        let first = if renewal { FirstMargin::NeedsRenewal } else { FirstMargin::Certain };
        let timing = if end { Timing::EndOfPeriod } else { Timing::StartOfPeriod };
        Terms::new(discount, first, timing).with_growth(growth).unwrap().with_horizon(horizon)
    }
}

/// The definition: one period after the other.
fn by_loop(margin: Decimal, retention: Decimal, terms: &Terms) -> Decimal {
    let (discounted, grown) = (Decimal::ONE + terms.discount().get(), Decimal::ONE + terms.growth().get());
    let mut weight = if terms.first() == FirstMargin::NeedsRenewal { retention } else { Decimal::ONE };
    if terms.timing() == Timing::EndOfPeriod {
        weight /= discounted;
    }
    let mut sum = Decimal::ZERO;
    for _ in 0..terms.horizon().unwrap() {
        sum += margin * weight;
        weight = weight * retention * grown / discounted;
    }
    sum
}

fn near(got: Decimal, expected: Decimal, size: Decimal) -> bool {
    (got - expected).abs() <= RELATIVE * (Decimal::ONE + size.abs())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Without a panic, and never with a wrong sign.
    #[test]
    fn products_keep_their_sign(
        capacity in non_negative(),
        wallet in share(),
        margin in any_amount(),
        reach in non_negative(),
    ) {
        let unit_margin = Margin::new(margin.min(Decimal::ONE)).unwrap();
        let share_of_wallet = Share::new(wallet).unwrap();
        match (PurchaseValue { spending_capacity: capacity, share_of_wallet, unit_margin }).value() {
            Ok(value) if unit_margin.get().is_sign_negative() => prop_assert!(value <= Decimal::ZERO),
            Ok(value) => prop_assert!(value >= Decimal::ZERO),
            Err(error) => prop_assert!(error.to_string().starts_with("purchase value exceeds"), "{}", error),
        }
        let influence = Probability::new(wallet).unwrap();
        if let Ok(value) = (ReferralValue { influence, reach, influenced_purchase_value: margin }).value() {
            prop_assert!(value.is_zero() || value.is_sign_negative() == margin.is_sign_negative());
        }
    }

    #[test]
    fn nothing_panics_at_the_extremes(
        amounts in vec(any_amount(), 1..6),
        part in share(),
        discount in any_amount(),
        growth in any_amount(),
        horizon in proptest::option::of(any::<u32>()),
        renewal in any::<bool>(),
    ) {
        let stay = Probability::new(part).unwrap();
        if let (Ok(discount), Ok(growth)) = (Rate::unbounded(TimeUnit::Year, discount), Rate::unbounded(TimeUnit::Year, growth)) {
            let first = if renewal { FirstMargin::NeedsRenewal } else { FirstMargin::Certain };
            let terms = Terms::new(discount, first, Timing::EndOfPeriod).with_growth(growth).unwrap();
            let terms = horizon.map_or(terms, |periods| terms.with_horizon(periods));
            let customer = ConstantMargin::new(amounts[0], stay, terms);
            if let Ok(value) = customer.value() {
                prop_assert!(value.is_zero() || value.is_sign_negative() == amounts[0].is_sign_negative());
            }
            let _ = customer.elasticities();
            let _ = VaryingRetention { margin: amounts[0], retentions: vec![stay; 3], terms }.value();
            let _ = CashFlows::new(amounts.clone()).present_value(discount, Timing::EndOfPeriod);
            let _ = discount.to(TimeUnit::Month);
            let _ = discount.to(TimeUnit::Quarter).and_then(|rate| rate.to(TimeUnit::Year));
            let cost = NonNegative::new(amounts[0].abs()).unwrap();
            let account = ExpectedProfit::new(amounts[0], Margin::new(part).unwrap(), cost, TimeUnit::Year);
            let _ = account.with_stay(horizon.unwrap_or(9), stay).with_growth(growth).unwrap().breakdown();
        }
        let ranking = ProfitRanking::new(&amounts);
        if let Ok(ranking) = ranking {
            prop_assert!(ranking.lost() >= NonNegative::ZERO);
            prop_assert!(!ranking.to_string().is_empty());
        }
        for &strategy in Way::ALL {
            for decimals in [0, 2, 28] {
                let rounded = Rounding::new(MoneyUnit::decimals(decimals).unwrap(), strategy).apply(amounts[0]);
                prop_assert!(rounded.is_zero() || rounded.is_sign_negative() == amounts[0].is_sign_negative());
                prop_assert!((rounded - amounts[0]).abs() <= Decimal::ONE);
            }
        }
    }

    #[test]
    fn closed_forms_are_loops_over_periods(margin in -100_000_i64..1_000_000, stay in share(), terms in terms()) {
        let (margin, retention) = (Decimal::new(margin, 2), Probability::new(stay).unwrap());
        let expected = by_loop(margin, stay, &terms);
        let constant = ConstantMargin::new(margin, retention, terms).value().unwrap();
        prop_assert!(near(constant, expected, margin * Decimal::ONE_HUNDRED), "{} {}", constant, expected);
        let varying = VaryingRetention { margin, retentions: vec![retention; 7], terms }.value().unwrap();
        prop_assert!(near(varying, expected, margin * Decimal::ONE_HUNDRED), "{} {}", varying, expected);
    }

    #[test]
    fn without_a_horizon_is_the_limit_of_long_ones(
        margin in -10_000_i64..10_000,
        stay in 0..=950_i64,
        discount in rate(0, 300),
        renewal in any::<bool>(),
    ) {
        let retention = Probability::new(Decimal::new(stay, 3)).unwrap();
        let first = if renewal { FirstMargin::NeedsRenewal } else { FirstMargin::Certain };
        let terms = Terms::new(discount, first, Timing::StartOfPeriod);
        let value = |terms| ConstantMargin::new(Decimal::from(margin), retention, terms).value().unwrap();
        let (forever, long) = (value(terms), value(terms.with_horizon(5_000)));
        prop_assert!(near(long, forever, Decimal::from(margin) * Decimal::ONE_HUNDRED), "{} {}", long, forever);
        let gaps: Vec<_> = [1, 10, 100].map(|periods| (forever - value(terms.with_horizon(periods))).abs()).to_vec();
        // Once there is no gap to speak of, rounding may go either way.
        let noise = Decimal::new(1, 18);
        prop_assert!(gaps[0] + noise >= gaps[1] && gaps[1] + noise >= gaps[2]);
    }

    #[test]
    fn elasticities_are_differences(
        margin in 100_i64..10_000,
        stay in 10..=900_i64,
        terms in terms(),
        forever in any::<bool>(),
    ) {
        let step = Decimal::new(1, 9);
        let rebuilt = |discount: Decimal| {
            let fresh = Terms::new(Rate::unbounded(TimeUnit::Month, discount).unwrap(), terms.first(), terms.timing());
            let fresh = fresh.with_growth(terms.growth()).unwrap();
            // Enough discount to end by itself.
            if forever { fresh } else { fresh.with_horizon(terms.horizon().unwrap() + 1) }
        };
        let discount = terms.discount().get() + Decimal::new(5, 2);
        let value = |margin, retention, discount| {
            ConstantMargin::new(margin, Probability::new(retention).unwrap(), rebuilt(discount)).value().unwrap()
        };
        let (margin, stay) = (Decimal::from(margin), Decimal::new(stay, 3));
        let customer = ConstantMargin::new(margin, Probability::new(stay).unwrap(), rebuilt(discount));
        let moves = customer.elasticities().unwrap();
        let whole = value(margin, stay, discount);
        let slope = |up: Decimal, down: Decimal, at: Decimal| (up - down) / (Decimal::TWO * step) * at / whole;
        let by_retention = slope(value(margin, stay + step, discount), value(margin, stay - step, discount), stay);
        let by_discount = slope(value(margin, stay, discount + step), value(margin, stay, discount - step), discount);
        let close = |got: Option<Decimal>, expected: Decimal| {
            (got.unwrap() - expected).abs() <= Decimal::new(1, 8) * (Decimal::ONE + expected.abs())
        };
        prop_assert!(close(moves.retention.elasticity, by_retention), "{:?} {}", moves.retention, by_retention);
        prop_assert!(close(moves.discount.elasticity, by_discount), "{:?} {}", moves.discount, by_discount);
        prop_assert!(close(moves.margin.elasticity, Decimal::ONE));
        let more = value(margin, stay + Decimal::new(1, 2), discount) - whole;
        prop_assert_eq!(moves.retention.one_point_more.unwrap(), more);
    }

    #[test]
    fn allocations_add_up(units in any_amount(), drivers in vec(non_negative(), 1..40), decimals in 0..=28_u32) {
        let unit = MoneyUnit::decimals(decimals).unwrap();
        let amount = Decimal::from_i128_with_scale(units.mantissa(), decimals);
        match allocate(amount, &drivers, unit) {
            Ok(parts) => {
                let parts: Vec<Decimal> = parts.collect();
                let sum: i128 = parts.iter().map(Decimal::mantissa).sum();
                prop_assert_eq!(sum, amount.mantissa());
                for (part, driver) in parts.iter().zip(&drivers) {
                    prop_assert!(part.scale() == decimals);
                    prop_assert!(part.is_zero() || part.is_sign_negative() == amount.is_sign_negative());
                    prop_assert!(driver.get() > Decimal::ZERO || part.is_zero());
                }
            }
            Err(Error::NoTotal { .. }) => prop_assert!(drivers.iter().all(|driver| driver.get().is_zero())),
            Err(error) => prop_assert!(error.to_string().contains("drivers exceeds"), "{}", error),
        }
    }

    /// Nobody is more than a unit from the quota, and a larger driver never gets less.
    #[test]
    fn allocations_are_fair(cents in 0..1_000_000_i64, drivers in vec(0..50_u32, 1..30)) {
        prop_assume!(drivers.iter().any(|driver| *driver > 0));
        let weights: Vec<NonNegative> = drivers.iter().map(|driver| (*driver).into()).collect();
        let parts: Vec<Decimal> = allocate(Decimal::new(cents, 2), &weights, MoneyUnit::CENT).unwrap().collect();
        let total: i64 = drivers.iter().map(|driver| i64::from(*driver)).sum();
        for (part, driver) in parts.iter().zip(&drivers) {
            let gap = part.mantissa() as i64 * total - cents * i64::from(*driver);
            prop_assert!(gap.abs() < total);
        }
        for (one, by) in parts.iter().zip(&drivers) {
            for (other, than) in parts.iter().zip(&drivers) {
                prop_assert!(by <= than || one >= other);
            }
        }
    }

    #[test]
    fn limits_stay_under_the_total_and_the_requests(
        people in vec((0..20_u32, 0..5_000_u32), 1..20),
        total in 0..20_000_u32,
    ) {
        prop_assume!(people.iter().any(|(score, _)| *score > 0));
        let applicants: Vec<Applicant> = people
            .iter()
            .map(|(score, asked)| Applicant { score: (*score).into(), requested: (*asked).into() })
            .collect();
        let limits = credit_limits(&applicants, total.into(), MoneyUnit::WHOLE).unwrap();
        let wanted: u32 = people.iter().filter(|(score, _)| *score > 0).map(|(_, asked)| asked).sum();
        prop_assert_eq!(limits.iter().map(|limit| limit.get()).sum::<Decimal>(), Decimal::from(total.min(wanted)));
        for (limit, (score, asked)) in limits.iter().zip(&people) {
            prop_assert!(limit.get() <= Decimal::from(*asked) && (*score > 0 || *limit == NonNegative::ZERO));
        }
    }

    /// The law of the referral network, for any tree or mesh, decay, depth and rule.
    #[test]
    fn equity_is_cash(
        cash in vec(cents(), 1..30),
        edges in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u32), 0..60),
        decay in share(),
        depth in proptest::option::of(0..6_u32),
        transfer in any::<bool>(),
        outside in vec(any::<bool>(), 30),
    ) {
        let people = cash.len();
        let mut seen = std::collections::HashSet::new();
        let mut referrals = Vec::new();
        for (one, other, weight) in &edges {
            let (one, other) = (one.index(people), other.index(people));
            if one < other && seen.insert((one, other)) {
                referrals.push(Referral::new(one, other).with_weight((weight + 1).into()));
            }
        }
        let outsiders = (0..people).filter(|person| outside[*person]);
        let network = ReferralNetwork::new(0..people, referrals).unwrap().with_outsiders(outsiders).unwrap();
        let cash: Vec<Decimal> = cash.into_iter().map(|cents| Decimal::new(cents, 2)).collect();
        let rule = if transfer { ReferralRule::Transfer } else { ReferralRule::Drop };
        let terms = ReferralTerms { decay: Share::new(decay).unwrap(), depth, rule, unit: MoneyUnit::CENT };
        let equity = network.equity(&cash, &terms).unwrap();
        let sum = |figure: fn(&EquityRow) -> Decimal| equity.rows().iter().map(figure).sum::<Decimal>();
        prop_assert_eq!(sum(|row| row.equity), cash.iter().sum::<Decimal>());
        prop_assert_eq!(sum(|row| row.received), sum(|row| row.passed));
        if cash.iter().all(|cash| *cash >= Decimal::ZERO) {
            prop_assert!(equity.rows().iter().all(|row| row.equity >= Decimal::ZERO));
        }
    }

    #[test]
    fn rankings_do_not_depend_on_the_order(
        profits in prop_oneof![
            vec((-1_000..1_000_i64).prop_map(Decimal::from), 1..40),
            vec(any_amount(), 1..10),
        ],
    ) {
        let Ok(ranking) = ProfitRanking::new(&profits) else {
            // Only where a sum of gains or of losses is beyond the largest number.
            let size = |profit: &Decimal| profit.abs() / Decimal::TEN;
            prop_assert!(profits.iter().map(size).sum::<Decimal>() > Decimal::MAX / Decimal::from(11));
            return Ok(());
        };
        let named = |profits: &mut dyn Iterator<Item = &Decimal>| {
            Knowledge::new(profits.map(|profit| NamedAmount::new("profit", *profit))).value().unwrap()
        };
        prop_assert_eq!(ranking.total(), named(&mut profits.iter()));
        let losses = named(&mut profits.iter().filter(|profit| **profit < Decimal::ZERO));
        prop_assert_eq!(ranking.lost().get(), -losses);
        let reversed: Vec<Decimal> = profits.iter().rev().copied().collect();
        let again = ProfitRanking::new(&reversed).unwrap();
        let points = |ranking: &ProfitRanking| {
            let rows = ranking.customers().iter();
            rows.map(|row| (row.rank, row.profit, row.cumulative)).collect::<Vec<_>>()
        };
        prop_assert_eq!(points(&ranking), points(&again));
        let best = ranking.customers().iter().map(|row| row.cumulative).max().unwrap();
        prop_assert_eq!(ranking.peak().cumulative, best);
        for row in ranking.in_input_order() {
            let better = profits.iter().filter(|profit| **profit > row.profit).count();
            prop_assert_eq!(row.rank, better + 1);
        }
    }

    /// A sum depends on nothing but its terms: neither on their order nor on terms that cancel,
    /// however long it becomes on the way. Of terms of the same scale it is that of whole numbers.
    #[test]
    fn sums_are_exact(terms in vec(any_amount(), 0..12), extra in any_amount(), mantissas in vec(any::<i128>(), 1..5)) {
        let sum = |terms: &[Decimal]| {
            Knowledge::new(terms.iter().map(|term| NamedAmount::new("term", *term))).value()
        };
        let mut turned: Vec<Decimal> = terms.iter().rev().copied().collect();
        turned.insert(turned.len() / 2, extra);
        turned.push(-extra);
        match (sum(&terms), sum(&turned)) {
            (Ok(one), Ok(other)) => prop_assert_eq!(one, other),
            (one, other) => prop_assert!(one.is_err() && other.is_err(), "{:?} {:?}", one, other),
        }
        for scale in [0, 9, 28] {
            let terms: Vec<_> =
                mantissas.iter().map(|number| Decimal::from_i128_with_scale(number >> 32, scale)).collect();
            let whole: i128 = mantissas.iter().map(|number| number >> 32).sum();
            match Decimal::try_from_i128_with_scale(whole, scale) {
                Ok(expected) => prop_assert_eq!(sum(&terms), Ok(expected)),
                Err(_) => prop_assert_eq!(sum(&terms).is_ok(), scale > 0),
            }
        }
    }

    /// Products and differences of products against whole numbers: revenue and margin of 32 digits
    /// between them.
    #[test]
    fn profits_are_exact(
        revenue in any::<i64>(),
        margin in any::<u32>(),
        cost in any::<i64>(),
        scale in 0..=12_u32,
        other in 0..=12_u32,
    ) {
        let unit_margin = Margin::new(Decimal::new(-i64::from(margin), other)).unwrap();
        let relationship_cost = Decimal::new(cost, scale + other);
        let profit = CustomerProfit { revenue: Decimal::new(revenue, scale), unit_margin, relationship_cost };
        let expected = i128::from(revenue) * -i128::from(margin) - i128::from(cost);
        if let Ok(expected) = Decimal::try_from_i128_with_scale(expected, scale + other) {
            prop_assert_eq!(profit.profit(), Ok(expected));
        }
    }

    /// The whole periods are the least number of them that covers the cost: of numbers of one
    /// scale, a quotient of whole numbers, rounded up.
    #[test]
    fn the_cost_is_back_after_whole_periods(cost in any::<u128>(), margin in any::<u128>(), shift in 0..90_u32, scale in 0..=28_u32) {
        let (cost, margin) = ((cost >> 32) as i128, ((margin >> 32) >> shift).max(1) as i128);
        let [of, by] = [cost, margin].map(|number| Decimal::from_i128_with_scale(number, scale));
        let after = payback(NonNegative::new(of).unwrap(), by).unwrap().whole_periods().unwrap();
        prop_assert_eq!(after, Decimal::from_i128_with_scale((cost + margin - 1) / margin, 0));
    }

    /// The least Q with Q (Q + 1) h >= 2 D K, up to the demand, over all demands.
    #[test]
    fn orders_solve_the_square(demand in 1..=u64::MAX, small in 1..10_000_u64, cost in any::<u32>(), holding in 1..1_000_u32) {
        let free = [PriceBreak { from: 1, price: NonNegative::ZERO }];
        for demand in [demand, small] {
            let order = OrderQuantity::new(demand, cost.into(), holding.into(), &free).unwrap();
            let (best, _) = order.best().unwrap();
            let enough = |quantity: u64| {
                let square = u128::from(quantity) * (u128::from(quantity) + 1);
                square.saturating_mul(holding.into()) >= 2 * u128::from(demand) * u128::from(cost)
            };
            prop_assert!(enough(best) || best == demand, "{}", best);
            prop_assert!(best == 1 || !enough(best - 1), "{}", best);
        }
    }

    /// Equal revenues at the edge of the top are all in it, or none: the order of the rows does not
    /// matter.
    #[test]
    fn large_accounts_do_not_depend_on_the_order(
        rows in vec((0..6_i64, -3..4_i64), 1..20),
        turn in any::<prop::sample::Index>(),
        top in share(),
    ) {
        let top = Share::new(top).unwrap();
        let found = |rows: &[(usize, (i64, i64))]| {
            let revenue: Vec<_> = rows.iter().map(|(_, (revenue, _))| Decimal::from(*revenue)).collect();
            let profit: Vec<_> = rows.iter().map(|(_, (_, profit))| Decimal::from(*profit)).collect();
            let found = large_but_poor(&revenue, &profit, top).unwrap();
            let mut found: Vec<_> =
                found.iter().map(|row| (rows[row.customer].0, row.revenue_rank, row.profit_rank)).collect();
            found.sort_unstable();
            found
        };
        let rows: Vec<_> = rows.into_iter().enumerate().collect();
        let mut turned = rows.clone();
        turned.rotate_left(turn.index(rows.len()));
        turned.reverse();
        prop_assert_eq!(found(&rows), found(&turned));
        // The definition, customer by customer.
        let size = (Decimal::from(rows.len() as u64) * top.get()).ceil();
        let expected = rows.iter().filter(|(_, (revenue, profit))| {
            let larger = rows.iter().filter(|(_, (other, _))| other > revenue).count();
            let better = rows.iter().filter(|(_, (_, other))| other > profit).count();
            Decimal::from(larger as u64) < size && (*profit < 0 || better >= rows.len() - better)
        });
        prop_assert_eq!(found(&rows).len(), expected.count());
    }

    #[test]
    fn columns_are_single_customers(rows in vec((non_negative(), share(), any_amount()), 0..20)) {
        let capacity: Vec<_> = rows.iter().map(|row| row.0).collect();
        let wallet: Vec<_> = rows.iter().map(|row| Share::new(row.1).unwrap()).collect();
        let margin: Vec<_> = rows.iter().map(|row| Margin::new(row.2.min(Decimal::ONE)).unwrap()).collect();
        let singles = |n: usize| {
            let (spending_capacity, share_of_wallet, unit_margin) = (capacity[n], wallet[n], margin[n]);
            PurchaseValue { spending_capacity, share_of_wallet, unit_margin }.value()
        };
        match purchase_values(&capacity, &wallet, &margin) {
            Ok(values) => for (n, value) in values.into_iter().enumerate() {
                prop_assert_eq!(Ok(value), singles(n));
            },
            Err(Error::Row { row, cause }) => prop_assert_eq!(Err(*cause), singles(row)),
            Err(error) => prop_assert!(false, "{}", error),
        }
        let revenue: Vec<_> = rows.iter().map(|row| row.2).collect();
        if let Ok(profits) = customer_profits(&revenue, &margin, &revenue) {
            for (n, profit) in profits.into_iter().enumerate() {
                let (revenue, unit_margin) = (revenue[n], margin[n]);
                let single = CustomerProfit { revenue, unit_margin, relationship_cost: revenue };
                prop_assert_eq!(Ok(profit), single.profit());
            }
        }
    }

    #[test]
    fn components_add_up_in_any_order(
        known in vec(proptest::option::of((-1_000_000_i64..1_000_000).prop_map(|cents| Decimal::new(cents, 2))), 5),
    ) {
        let value = Components { cpv: known[0], ppv: known[1], civ: known[2], ckv: known[3], ctv: known[4] };
        let turned = Components { cpv: known[4], ppv: known[3], civ: known[2], ckv: known[1], ctv: known[0] };
        let (value, turned) = (value.lifetime_value().unwrap(), turned.lifetime_value().unwrap());
        prop_assert_eq!(value.clv(), turned.clv());
        let shares: Vec<Decimal> = crm_value::Component::ALL.iter().filter_map(|part| value.share(*part)).collect();
        if !shares.is_empty() {
            prop_assert!((shares.iter().sum::<Decimal>() - Decimal::ONE).abs() < Decimal::new(1, 20));
        }
    }
}
