//! What people read: the statement of every computation, line by line, with numbers that a reader can check by hand,
//! and the figures that a type was given and gives back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::Display;

use crm_value::{
    AcquisitionCost, Allocation, CashDiscount, Component, ConstantMargin, CostBenefitValue, CostPool,
    CreditConditions, CreditPolicy, CustomerProfit, DayCount, Decimal, ExpectedProfit, FirstMargin,
    Information, InformationItem, Invoice, KeepOrWin, Knowledge, Margin, MoneyUnit, NamedAmount, NetBenefit,
    NonNegative, Operation, OrderQuantity, PriceBreak, Probability, PurchaseValue, Rate, Receivables,
    Referral, ReferralNetwork, ReferralRule, ReferralTerms, ReferralValue, Response, Rounding, Share,
    SpendingSplit, StockCost, Strategy, Terms, TimeUnit, Timing, Variance, VaryingRetention, payback,
};

/// The lines, with one space between words.
fn lines(statement: &impl Display) -> Vec<String> {
    let text = statement.to_string();
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn percent(percent: i64) -> Share {
    Share::percent(percent).unwrap()
}

fn chance(percent: i64) -> Probability {
    Probability::percent(percent).unwrap()
}

fn yearly(percent: i32) -> Rate {
    Rate::percent(TimeUnit::Year, percent).unwrap()
}

#[test]
fn components() {
    let purchase = PurchaseValue {
        spending_capacity: 12_000.into(),
        share_of_wallet: percent(35),
        unit_margin: Margin::percent(20).unwrap(),
    };
    assert_eq!(
        lines(&purchase.breakdown().unwrap()),
        [
            "purchase value (CPV)",
            "spending capacity 12000",
            "x share of wallet 0.35",
            "x unit margin 0.20",
            "= CPV 840"
        ]
    );
    let referral = ReferralValue {
        influence: chance(8),
        reach: 150.into(),
        influenced_purchase_value: Decimal::from(600),
    };
    assert_eq!(
        lines(&referral.breakdown().unwrap()),
        [
            "referral value (PPV)",
            "influence 0.08",
            "x reach 150",
            "x influenced purchase value 600",
            "= PPV 7200"
        ]
    );
    let items = [
        InformationItem::new("profile", 40.into(), percent(90)),
        InformationItem::new("address", 15.into(), Share::ONE),
    ];
    let information = Information::new(items);
    assert_eq!(information.items()[0].value(), Ok(Decimal::from(36)));
    assert_eq!(
        lines(&information.breakdown().unwrap()),
        ["information value (CIV)", "profile 36", "+ address 15", "= CIV 51"]
    );
    let ideas = Knowledge::new([NamedAmount::new("lid", Decimal::from(300))]);
    assert_eq!((ideas.items().len(), ideas.items()[0].name.as_str()), (1, "lid"));
    let terms = ideas.breakdown().unwrap();
    assert_eq!(lines(&terms), ["knowledge value (CKV)", "lid 300", "= CKV 300"]);
    assert_eq!((terms.title(), terms.terms().len()), ("knowledge value (CKV)", 1));
    assert_eq!(terms.terms()[0].operation, Operation::Plus);
    let names =
        Component::ALL.iter().map(|component| format!("{:>4}", component.abbreviation())).collect::<Vec<_>>();
    assert_eq!(names, [" CPV", " PPV", " CIV", " CKV", " CTV"]);
}

#[test]
fn winning_and_keeping() {
    let cost = AcquisitionCost { advertising: 60_000.into(), promotion: 30_000.into(), new_customers: 450 };
    assert_eq!(
        lines(&cost.breakdown().unwrap()),
        [
            "acquisition cost",
            "advertising 60000",
            "+ promotion 30000",
            "/ new customers 450",
            "= cost of one new customer 200",
        ]
    );
    let value = CostBenefitValue {
        revenue: Decimal::from(500_000),
        acquisition: 90_000.into(),
        retention: 60_000.into(),
        customers: 1_000,
    };
    assert_eq!(
        lines(&value.breakdown().unwrap()),
        [
            "cost-benefit CLV",
            "revenue 500000",
            "- acquisition 90000",
            "- retention 60000",
            "/ customers 1000",
            "= CLV 350",
        ]
    );
    let choice = KeepOrWin { keep: 40.into(), win: 200.into() };
    assert_eq!(
        lines(&choice.breakdown().unwrap()),
        ["keep or win", "cost to win 200", "/ cost to keep 40", "rule of thumb 5", "= win / keep 5"]
    );
    let benefit = NetBenefit::before_after(Decimal::from(500), Decimal::from(800));
    assert_eq!(
        lines(&benefit.breakdown().unwrap()),
        [
            "net benefit, before and after",
            "revenue with the program 800",
            "- revenue before it 500",
            "= net benefit 300",
        ]
    );
    let back = payback(200.into(), Decimal::from(80)).unwrap();
    assert_eq!(
        format!("{back:?} {:?}", payback(1.into(), Decimal::ZERO).unwrap()),
        "After(NonNegative(2.50)) Never"
    );
}

#[test]
fn profits_and_discounted_values() {
    let profit = CustomerProfit {
        revenue: Decimal::from(4_000),
        unit_margin: Margin::percent(20).unwrap(),
        relationship_cost: Decimal::from(900),
    };
    assert_eq!(
        lines(&profit.breakdown().unwrap()),
        [
            "customer profit",
            "revenue 4000",
            "x unit margin 0.20",
            "- cost of relationship 900",
            "= profit -100"
        ]
    );
    let margin = Margin::percent(30).unwrap();
    let account = ExpectedProfit::new(Decimal::from(1_000), margin, 100.into(), TimeUnit::Year)
        .with_displaced_capacity(50.into())
        .with_stay(2, chance(50))
        .with_cross_sell(200.into());
    assert_eq!(
        lines(&account),
        [
            "expected profit per year",
            "revenue 1000",
            "x unit margin 0.30",
            "- cost to serve 100",
            "- displaced capacity 50",
            "current value 150",
            "growth rate 0",
            "cross-sell 200",
            "further periods 2",
            "probability of staying 0.50",
            "discount rate 0",
            "+ potential value 157.50",
            "= expected profit 307.50",
        ]
    );
    let terms = Terms::new(Rate::zero(TimeUnit::Year), FirstMargin::Certain, Timing::StartOfPeriod)
        .with_horizon(2)
        .with_acquisition_cost(30.into());
    let customer = ConstantMargin::new(Decimal::from(100), chance(50), terms);
    assert_eq!(
        lines(&customer),
        [
            "discounted lifetime value per year",
            "margin 100",
            "retention 0.50",
            "discount rate 0",
            "growth rate 0",
            "periods 2",
            "present value of margins 150",
            "- acquisition cost 30",
            "= lifetime value 120",
        ]
    );
    // At 51 % the second margin is worth 51; 150 / 120 is 1.25; 100 x 0.5 / 120; 100 + 50 / 1.01 is 0.495 less.
    assert_eq!(
        lines(&customer.elasticities().unwrap()),
        [
            "value moves with elasticity one point more",
            "retention 0.417 1.00",
            "margin 1.250 1.50",
            "discount 0.000 -0.50",
            "acquisition cost -0.250 -0.30",
        ]
    );
}

#[test]
fn terms_give_back_what_they_were_given() {
    let terms = Terms::new(yearly(10), FirstMargin::NeedsRenewal, Timing::EndOfPeriod);
    assert_eq!(
        (terms.horizon(), terms.growth(), terms.acquisition_cost()),
        (None, yearly(0), NonNegative::ZERO)
    );
    let terms = terms.with_growth(yearly(3)).unwrap().with_horizon(7).with_acquisition_cost(5.into());
    assert_eq!(
        (terms.discount(), terms.growth(), terms.time_unit()),
        (yearly(10), yearly(3), TimeUnit::Year)
    );
    assert_eq!((terms.first(), terms.timing()), (FirstMargin::NeedsRenewal, Timing::EndOfPeriod));
    assert_eq!((terms.horizon(), terms.acquisition_cost()), (Some(7), 5.into()));
}

#[test]
fn periods_are_whole_in_longer_ones() {
    let growth = |from: TimeUnit, to: TimeUnit| {
        let rate = Rate::percent(from, 100).unwrap().to(to).unwrap();
        assert_eq!(rate.time_unit(), to);
        rate.get() + Decimal::ONE
    };
    use TimeUnit::{Day, Month, Quarter, Week, Year};
    for (from, to, times) in
        [(Day, Week, 7), (Month, Quarter, 3), (Month, Year, 12), (Quarter, Year, 4), (Day, Day, 1)]
    {
        assert_eq!(growth(from, to), Decimal::from(1_u64 << times), "{from} {to}");
        let back =
            Rate::unbounded(to, Decimal::from(1_u64 << times) - Decimal::ONE).unwrap().to(from).unwrap();
        assert!((back.get() - Decimal::ONE).abs() < Decimal::new(1, 25), "{to} {from}: {back}");
    }
    assert_eq!([Day, Week, Month, Quarter, Year].map(|period| format!("{period:<8}|").len()), [9; 5]);
    assert_eq!(yearly(21).to_string(), "0.21 per year");
    assert_eq!(format!("{:.1}", Rate::new(Week, Decimal::new(5, 2)).unwrap()), "0.0 per week");
}

#[test]
fn credit_and_stock() {
    let conditions = CreditConditions {
        variable_cost_ratio: percent(60),
        capital_rate: yearly(10),
        day_count: DayCount::Days360,
    };
    let policy = CreditPolicy {
        name: "net 45".to_owned(),
        credit_sales: 3_600_000.into(),
        collection_days: 45.into(),
        bad_debt_rate: percent(2),
        collection_cost: 30_000.into(),
        cash_discount: percent(2),
        discount_taken: percent(10),
    };
    assert_eq!(
        lines(&policy.result(&conditions).unwrap()),
        [
            "credit policy net 45",
            "contribution 1440000",
            "- opportunity cost of receivables 27000",
            "- collection cost 30000",
            "- bad debt 72000",
            "- cash discount 7200",
            "= net 1303800",
        ]
    );
    let receivables = Receivables {
        credit_sales: 3_600_000.into(),
        collection_days: 45.into(),
        variable_cost_ratio: percent(60),
        capital_rate: yearly(10),
        day_count: DayCount::Days360,
    };
    assert_eq!(
        lines(&receivables.breakdown().unwrap()),
        [
            "opportunity cost of receivables",
            "daily credit sales 10000",
            "x collection days 45",
            "x variable-cost ratio 0.60",
            "x capital rate 0.10",
            "= opportunity cost 27000",
        ]
    );
    assert_eq!(receivables.balance(), Ok(450_000.into()));
    let growth = Variance::new("sales", Decimal::from(8), Decimal::from(9)).unwrap();
    assert_eq!(growth.to_string(), "sales: planned 8, realized 9, +1 (12.5 %)");
    let same = Variance::new("sales", Decimal::from(8), Decimal::from(8)).unwrap();
    assert_eq!(same.to_string(), "sales: planned 8, realized 8, +0 (0.0 %)");
    let invoice = Invoice { amount: Decimal::from(100), days_outstanding: 40, days_allowed: 30 };
    assert_eq!((invoice.days_overdue(), Invoice { days_allowed: 50, ..invoice }.days_overdue()), (10, 0));
    let offer = CashDiscount::new(percent(2), 10, 30).unwrap();
    assert_eq!((offer.discount(), offer.discount_days(), offer.net_days()), (percent(2), 10, 30));
    // 0.02 / 0.98 x 360 / 20 is 36.73 %, with 365 days 37.24 %.
    for (rate, days, worth) in
        [(36, DayCount::Days360, true), (37, DayCount::Days360, false), (37, DayCount::Days365, true)]
    {
        assert_eq!(offer.worth_taking(yearly(rate), days), Ok(worth), "{rate}");
    }
    // Borrowing at exactly that rate: nothing is won.
    let half = CashDiscount::new(percent(50), 0, 360).unwrap();
    assert_eq!(half.worth_taking(yearly(100), DayCount::Days360), Ok(false));
    let cost = StockCost {
        ordering: 500.into(),
        purchase: 98_000.into(),
        holding: 1_200.into(),
        shortage: 300.into(),
        loan_rate: percent(1),
    };
    assert_eq!(
        lines(&cost.breakdown().unwrap()),
        [
            "cost of stock",
            "ordering 500",
            "+ purchase 98000",
            "+ holding 1200",
            "+ shortage 300",
            "- saved by supplier credit 980",
            "= total 99020",
        ]
    );
    let breaks = [PriceBreak { from: 1, price: 10.into() }, PriceBreak { from: 500, price: 9.into() }];
    let order = OrderQuantity::new(1_200, 50.into(), 3.into(), &breaks).unwrap();
    assert_eq!(
        [0, 1, 499, 500, u64::MAX].map(|pieces| order.price_of(pieces)),
        [10, 10, 10, 9, 9].map(NonNegative::from)
    );
    // 1200 / 500 x 50 + 1200 x 9 + 250 x 3.
    assert_eq!(lines(&order)[..3], ["order 500 at a time", "cost of stock", "ordering 120"]);
    assert_eq!(order.best().unwrap().1.total(), Ok((120 + 10_800 + 750).into()));
}

#[test]
fn sharing_and_splitting() {
    let visits = [3_u32, 1, 0].map(NonNegative::from);
    let pools = [
        CostPool { name: "visits", amount: Decimal::from(1_000), drivers: &visits },
        CostPool { name: "desk", amount: Decimal::from(-4), drivers: &visits },
    ];
    let shared = Allocation::new(&pools, MoneyUnit::CENT).unwrap();
    assert_eq!(shared.pool("desk").unwrap(), [-3, -1, 0].map(Decimal::from));
    assert_eq!(shared.pool("calls"), None);
    assert_eq!(
        shared.pools().map(|(name, parts)| (name, parts.len())).collect::<Vec<_>>(),
        [("visits", 3), ("desk", 3)]
    );
    assert_eq!(shared.totals(), [747, 249, 0].map(Decimal::from));
    let chain = [Referral::new("ada", "bob"), Referral::new("bob", "cyd")];
    let network = ReferralNetwork::new(["ada", "bob", "cyd"], chain).unwrap();
    assert_eq!(
        (network.people(), network.referrals(), network.longest_chain()),
        (&["ada", "bob", "cyd"][..], 2, 2)
    );
    let terms = ReferralTerms {
        decay: percent(50),
        depth: None,
        rule: ReferralRule::Transfer,
        unit: MoneyUnit::CENT,
    };
    let equity = network.equity(&[100, 100, 100].map(Decimal::from), &terms).unwrap();
    assert_eq!(equity.to_string(), "300.00 in total over 3 people, 2 of whom have credit for others");
    let row = equity.rows()[1];
    assert_eq!([row.cash, row.received, row.passed, row.equity], [100, 50, 75, 75].map(Decimal::from));
    let rounding = Rounding::new(MoneyUnit::CENT, Strategy::HalfEven);
    assert_eq!(
        (rounding.to_string().as_str(), MoneyUnit::CENT.scale(), u32::from(MoneyUnit::CENT)),
        ("2 decimals, half_even", 2, 2)
    );
    let response = Response::new(5.into(), chance(10), chance(40)).unwrap();
    assert_eq!((response.spend(), response.rate(), response.ceiling()), (5.into(), chance(10), chance(40)));
    let split = SpendingSplit {
        acquisition: response,
        retention: Response::new(10.into(), chance(40), chance(70)).unwrap(),
        margin: 50.into(),
        discount: yearly(20),
    };
    let best = split.best(rounding).unwrap();
    // Today: 0.1 x (50 + (50 x 0.4 - 10) / (1.2 - 0.4)) - 5.
    let today = Decimal::new(125, 2);
    assert_eq!((best.value_today, best.breakdown().get("value of a prospect today")), (today, Some(today)));
    assert_eq!(best.breakdown().get("spend per customer"), Some(Decimal::new(1_587, 2)));
    let shown = lines(&best);
    assert_eq!(
        (shown.len(), shown[0].as_str(), shown[1].as_str()),
        (7, "spending split", "spend per prospect 6.91")
    );
}

/// Of a long circle the first twelve are named, and how many there are.
#[test]
fn circles_are_told_from_the_first() {
    let circle = |people: u32| {
        let round = (0..people).map(|person| Referral::new(person, (person + 1) % people));
        ReferralNetwork::new(0..people, round).unwrap_err().to_string()
    };
    assert_eq!(circle(2), "referrals form a circle: 0 -> 1 -> 0");
    let twelve = "0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> 8 -> 9 -> 10 -> 11";
    assert_eq!(circle(12), format!("referrals form a circle: {twelve} -> 0"));
    assert_eq!(circle(13), format!("referrals form a circle: {twelve} -> ... (13 people)"));
    // A circle that hangs below somebody: who is not in it is not named.
    let below = [Referral::new(0_u32, 3), Referral::new(3, 2), Referral::new(2, 3)];
    let text = ReferralNetwork::new(0..4, below).unwrap_err().to_string();
    assert_eq!(text, "referrals form a circle: 2 -> 3 -> 2");
    let above = [Referral::new(2_u32, 3), Referral::new(3, 2), Referral::new(3, 0), Referral::new(0, 1)];
    let text = ReferralNetwork::new(0..4, above).unwrap_err().to_string();
    assert_eq!(text, "referrals form a circle: 2 -> 3 -> 2");
}

#[test]
fn retention_may_differ_from_renewal_to_renewal() {
    let value = |renewals: &[i64], first, timing, horizon: Option<u32>| {
        let terms = Terms::new(yearly(0), first, timing);
        let terms = horizon.map_or(terms, |periods| terms.with_horizon(periods));
        let retentions = renewals.iter().map(|renewal| chance(*renewal)).collect();
        VaryingRetention { margin: Decimal::from(100), retentions, terms }.value().unwrap()
    };
    let (start, sure, renewed) = (Timing::StartOfPeriod, FirstMargin::Certain, FirstMargin::NeedsRenewal);
    // 100, then 50, 40, 20 and so on: half as much each time.
    assert_eq!(value(&[50, 80, 50], sure, start, Some(0)), Decimal::ZERO);
    assert_eq!(value(&[50, 80, 50], sure, start, Some(1)), Decimal::from(100));
    assert_eq!(value(&[50, 80, 50], sure, start, Some(2)), Decimal::from(150));
    assert_eq!(value(&[50, 80, 50], sure, start, Some(4)), Decimal::from(210));
    assert_eq!(value(&[50, 80, 50], sure, start, None), Decimal::from(230));
    assert_eq!(value(&[50, 80, 50], renewed, start, Some(1)), Decimal::from(50));
    assert_eq!(value(&[50, 80, 50], renewed, start, None), Decimal::from(50 + 40 + 40));
    let terms = Terms::new(yearly(25), sure, Timing::EndOfPeriod).with_horizon(2);
    let retentions = vec![chance(50)];
    let later = VaryingRetention { margin: Decimal::from(100), retentions, terms };
    assert_eq!(later.value(), Ok(Decimal::from(80 + 32)));
}
