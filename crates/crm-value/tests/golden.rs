//! Every formula against a computation from definitions that shares no closed form with the library: `golden/make.py`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;

use crm_value::{
    AcquisitionCost, Applicant, CashDiscount, CashFlows, Components, ConstantMargin, ControlGroup,
    CostBenefitValue, CreditConditions, CreditPolicy, CustomerEquity, CustomerProfit, DayCount, Decimal,
    ExpectedProfit, ExtraSales, FirstMargin, Information, InformationItem, Invoice, Knowledge, Margin,
    MoneyUnit, NamedAmount, NetBenefit, NonNegative, OrderQuantity, Payback, PriceBreak, Probability,
    Program, PurchaseValue, Rate, Receivables, Referral, ReferralNetwork, ReferralRule, ReferralTerms,
    ReferralValue, RelationshipCost, Response, Rounding, Share, SpendingSplit, StockCost, Strategy, Terms,
    TimeUnit, Timing, Transaction, VaryingRetention, allocate, clv_to_cac, credit_limits,
    days_sales_outstanding, payback, price_per_day, price_per_extra_day,
};

/// Quotients and sums over periods: a few units of the 28th digit a step.
const RELATIVE: &str = "0.000000000000000000001";
/// A quotient has 28 decimals, however small it is: what it multiplies is off by so much of its size.
const OF_THE_INPUTS: &str = "0.000000000000000000000000001";
/// What goes through exponentials in `f64`, at an optimum, whose place is known to half the digits.
const BY_FLOAT: &str = "0.0000001";
/// Its height is known to nearly all of them.
const HEIGHT_BY_FLOAT: &str = "0.00000000001";

/// Numbers of 20 digits and more go through one quotient, between numbers that are rounded to 28
/// digits.
const LONG: &str = "0.00000000000000000000000001";

/// Formulas without a quotient: they must come out to the last digit, or rounded once.
const EXACT: [&str; 13] = [
    "cpv",
    "ppv",
    "civ",
    "items",
    "clv",
    "relationship_cost",
    "net_benefit",
    "profit",
    "allocate",
    "credit_limits",
    "stock",
    "extra_sales",
    "referral_equity",
];

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn nn(text: &str) -> NonNegative {
    NonNegative::new(d(text)).unwrap()
}

fn sh(text: &str) -> Share {
    Share::new(d(text)).unwrap()
}

fn pr(text: &str) -> Probability {
    Probability::new(d(text)).unwrap()
}

fn whole(text: &str) -> u32 {
    text.parse().unwrap()
}

fn yearly(text: &str) -> Rate {
    Rate::new(TimeUnit::Year, d(text)).unwrap()
}

fn day_count(text: &str) -> DayCount {
    if text == "360" { DayCount::Days360 } else { DayCount::Days365 }
}

fn terms(discount: &str, growth: &str, renewal: &str, end: &str, horizon: &str, cost: &str) -> Terms {
    let first = if renewal == "1" { FirstMargin::NeedsRenewal } else { FirstMargin::Certain };
    let timing = if end == "1" { Timing::EndOfPeriod } else { Timing::StartOfPeriod };
    let terms = Terms::new(yearly(discount), first, timing).with_growth(yearly(growth)).unwrap();
    let terms = terms.with_acquisition_cost(nn(cost));
    horizon.parse().map_or(terms, |periods| terms.with_horizon(periods))
}

fn constant(i: &[&str]) -> ConstantMargin {
    ConstantMargin::new(d(i[0]), pr(i[1]), terms(i[2], i[3], i[4], i[5], i[6], i[7]))
}

fn policy(i: &[&str]) -> CreditPolicy {
    CreditPolicy {
        name: "policy".to_owned(),
        credit_sales: nn(i[0]),
        collection_days: nn(i[1]),
        bad_debt_rate: sh(i[2]),
        collection_cost: nn(i[3]),
        cash_discount: sh(i[4]),
        discount_taken: sh(i[5]),
    }
}

fn conditions(i: &[&str]) -> CreditConditions {
    CreditConditions { variable_cost_ratio: sh(i[0]), capital_rate: yearly(i[1]), day_count: day_count(i[2]) }
}

fn named(i: &[&str]) -> Vec<NamedAmount> {
    i.iter().map(|amount| NamedAmount::new("item", d(amount))).collect()
}

fn referral_equity(i: &[&str]) -> Vec<Decimal> {
    let pairs = i[3].split(';').filter_map(|pair| pair.split_once('>'));
    let referrals = pairs.map(|(referrer, referred)| Referral::new(whole(referrer), whole(referred)));
    let network = ReferralNetwork::new(0..i[5..].len() as u32, referrals).unwrap();
    let outsiders = i[4].split(';').filter_map(|person| person.parse().ok());
    let network = network.with_outsiders(outsiders).unwrap();
    let cash: Vec<Decimal> = i[5..].iter().map(|cash| d(cash)).collect();
    let terms = ReferralTerms {
        decay: sh(i[0]),
        depth: i[1].parse().ok(),
        rule: if i[2] == "1" { ReferralRule::Transfer } else { ReferralRule::Drop },
        unit: MoneyUnit::decimals(12).unwrap(),
    };
    network.equity(&cash, &terms).unwrap().rows().iter().map(|row| row.equity).collect()
}

fn order(i: &[&str]) -> OrderQuantity {
    let breaks: Vec<PriceBreak> = i[5..]
        .chunks(2)
        .map(|pair| PriceBreak { from: pair[0].parse().unwrap(), price: nn(pair[1]) })
        .collect();
    let order = OrderQuantity::new(i[0].parse().unwrap(), nn(i[1]), nn(i[2]), &breaks).unwrap();
    order.with_holding_rate(nn(i[3])).with_loan_rate(sh(i[4]))
}

fn split(i: &[&str]) -> Vec<Decimal> {
    let response = |i: &[&str]| Response::new(nn(i[0]), pr(i[1]), pr(i[2])).unwrap();
    let split = SpendingSplit {
        acquisition: response(i),
        retention: response(&i[3..]),
        margin: nn(i[6]),
        discount: yearly(i[7]),
    };
    let best = split.best(Rounding::new(MoneyUnit::decimals(12).unwrap(), Strategy::HalfEven)).unwrap();
    vec![best.acquisition_spend.get(), best.retention_spend.get(), best.value_per_prospect]
}

/// The library's answers to one row.
fn answers(formula: &str, i: &[&str]) -> Vec<Decimal> {
    let margin = |text| Margin::new(d(text)).unwrap();
    fn one<T: Into<Decimal>>(answer: Result<T, crm_value::Error>) -> Vec<Decimal> {
        vec![answer.unwrap().into()]
    }
    match formula {
        "cpv" => one(PurchaseValue {
            spending_capacity: nn(i[0]),
            share_of_wallet: sh(i[1]),
            unit_margin: margin(i[2]),
        }
        .value()),
        "ppv" => {
            one(ReferralValue { influence: pr(i[0]), reach: nn(i[1]), influenced_purchase_value: d(i[2]) }
                .value())
        }
        "civ" => {
            let items = i.chunks(2).map(|pair| InformationItem::new("item", nn(pair[0]), sh(pair[1])));
            one(Information::new(items).value())
        }
        "items" => {
            assert_eq!(Knowledge::new(named(i)).value(), Transaction::new(named(i)).value());
            one(Knowledge::new(named(i)).value())
        }
        "clv" => {
            let part = |text: &str| (text != "-").then(|| d(text));
            let parts = Components {
                cpv: part(i[0]),
                ppv: part(i[1]),
                civ: part(i[2]),
                ckv: part(i[3]),
                ctv: part(i[4]),
            };
            parts.lifetime_value().unwrap().clv().into_iter().collect()
        }
        "relationship_cost" => {
            one(RelationshipCost { marketing: nn(i[0]), sales: nn(i[1]), service: nn(i[2]) }.total())
        }
        "net_benefit" => one(NetBenefit::before_after(d(i[0]), d(i[1])).value()),
        "difference_in_differences" => {
            let (customers, in_program) = (whole(i[4]), whole(i[5]));
            let control = ControlGroup { before: d(i[2]), during: d(i[3]), customers, in_program };
            one(NetBenefit::against_control(d(i[0]), d(i[1]), control).value())
        }
        "programme" => {
            let program = Program::new(NetBenefit::before_after(d(i[0]), d(i[1])), nn(i[2]));
            let program = program.with_unit_margin(margin(i[3]));
            assert_eq!(program.benefit_cost_ratio(), program.profit_ratio_of_benefit());
            vec![
                program.benefit_cost_ratio().unwrap(),
                program.profit_ratio_after_cost().unwrap(),
                program.contribution().unwrap().unwrap(),
                program.profit().unwrap().unwrap(),
                program.contribution_cost_ratio().unwrap().unwrap(),
            ]
        }
        "acquisition_cost" => {
            let new_customers = i[2].parse().unwrap();
            one(AcquisitionCost { advertising: nn(i[0]), promotion: nn(i[1]), new_customers }.per_customer())
        }
        "cost_benefit" => {
            let customers = i[3].parse().unwrap();
            let value =
                CostBenefitValue { revenue: d(i[0]), acquisition: nn(i[1]), retention: nn(i[2]), customers };
            one(value.per_customer())
        }
        "payback" => match payback(nn(i[0]), d(i[1])).unwrap() {
            Payback::After(periods) => vec![periods.get()],
            Payback::Never => panic!("{i:?}"),
        },
        "clv_to_cac" => one(clv_to_cac(d(i[0]), nn(i[1]))),
        "profit" => {
            one(CustomerProfit { revenue: d(i[0]), unit_margin: margin(i[1]), relationship_cost: d(i[2]) }
                .profit())
        }
        "allocate" => {
            let drivers: Vec<NonNegative> = i[2..].iter().map(|driver| nn(driver)).collect();
            allocate(d(i[1]), &drivers, MoneyUnit::decimals(whole(i[0])).unwrap()).unwrap().collect()
        }
        "credit_limits" => {
            let applicants: Vec<Applicant> = i[1..]
                .chunks(2)
                .map(|pair| Applicant { score: nn(pair[0]), requested: nn(pair[1]) })
                .collect();
            let limits = credit_limits(&applicants, nn(i[0]), MoneyUnit::WHOLE).unwrap();
            limits.into_iter().map(NonNegative::get).collect()
        }
        "constant_margin" => one(constant(i).value()),
        "varying_retention" => {
            let retentions = i[6..].iter().map(|retention| pr(retention)).collect();
            let terms = terms(i[1], i[2], i[3], i[4], i[5], "0");
            one(VaryingRetention { margin: d(i[0]), retentions, terms }.value())
        }
        "cash_flows" => {
            let timing = if i[1] == "1" { Timing::EndOfPeriod } else { Timing::StartOfPeriod };
            let flows = i[2..].iter().map(|flow| d(flow));
            one(CashFlows::new(flows).present_value(yearly(i[0]), timing))
        }
        "elasticity" => {
            let moves = constant(i).elasticities().unwrap();
            [moves.retention, moves.margin, moves.discount, moves.acquisition_cost]
                .into_iter()
                .flat_map(|moves| [moves.elasticity.unwrap(), moves.one_point_more.unwrap()])
                .collect()
        }
        "top_share" => {
            let values: Vec<Decimal> = i[1..].iter().map(|value| d(value)).collect();
            vec![CustomerEquity::new(&values).unwrap().top_share(sh(i[0])).unwrap().unwrap()]
        }
        "expected_profit" => {
            let account = ExpectedProfit::new(d(i[0]), margin(i[1]), nn(i[2]), TimeUnit::Year)
                .with_displaced_capacity(nn(i[3]))
                .with_cross_sell(nn(i[5]))
                .with_stay(whole(i[6]), pr(i[7]));
            let account = account.with_growth(yearly(i[4])).unwrap().with_discount(yearly(i[8])).unwrap();
            vec![account.current().unwrap(), account.potential().unwrap()]
        }
        "spending_split" => split(i),
        "receivables" => {
            let receivables = Receivables {
                credit_sales: nn(i[0]),
                collection_days: nn(i[1]),
                variable_cost_ratio: sh(i[2]),
                capital_rate: yearly(i[3]),
                day_count: day_count(i[4]),
            };
            vec![receivables.opportunity_cost().unwrap(), receivables.balance().unwrap().get()]
        }
        "invoice" => {
            let invoice = Invoice { amount: d(i[0]), days_outstanding: whole(i[1]), days_allowed: 30 };
            one(invoice.opportunity_cost(yearly(i[2]), day_count(i[3])))
        }
        "policy" => vec![policy(&i[3..]).result(&conditions(i)).unwrap().net],
        "break_even" => {
            let other = policy(&[i[9], i[10], "0", "0", "0", "0"]);
            one(policy(&i[3..]).break_even_bad_debt_rate(&other, &conditions(i)))
        }
        "dso" => one(days_sales_outstanding(nn(i[0]), nn(i[1]), whole(i[2]))),
        "forgone_discount" => {
            let offer = CashDiscount::new(sh(i[0]), whole(i[1]), whole(i[2])).unwrap();
            vec![offer.yearly_cost(day_count(i[3])).unwrap().get()]
        }
        "stock" => one(StockCost {
            ordering: nn(i[0]),
            purchase: nn(i[1]),
            holding: nn(i[2]),
            shortage: nn(i[3]),
            loan_rate: sh(i[4]),
        }
        .total()),
        "price_per_day" => one(price_per_day(d(i[0]), whole(i[1]))),
        "price_per_extra_day" => one(price_per_extra_day((d(i[0]), whole(i[1])), (d(i[2]), whole(i[3])))),
        "extra_sales" => {
            let more =
                ExtraSales { base: nn(i[0]), elasticity: nn(i[1]), easing: d(i[2]), capacity: nn(i[3]) };
            vec![more.sales().unwrap().get()]
        }
        "order_quantity" => {
            let (quantity, cost) = order(i).best().unwrap();
            vec![quantity.into(), cost.total().unwrap().get()]
        }
        "referral_equity" => referral_equity(i),
        other => panic!("no such formula: {other}"),
    }
}

/// How many digits there are from the first one that is not zero.
fn digits(text: &str) -> usize {
    text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count()
}

fn tolerance(formula: &str, place: usize) -> Decimal {
    match (formula, place) {
        ("spending_split", 2) => d(HEIGHT_BY_FLOAT),
        ("spending_split", _) => d(BY_FLOAT),
        _ => d(RELATIVE),
    }
}

#[test]
fn formulas() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/formulas.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let (mut cases, mut many): (BTreeMap<&str, usize>, BTreeMap<&str, usize>) = Default::default();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [formula, inputs, expected] = fields[..] else { panic!("{line}") };
        let inputs: Vec<&str> = inputs.split_whitespace().collect();
        let expected: Vec<Decimal> = expected.split_whitespace().filter(|text| *text != "-").map(d).collect();
        let got = answers(formula, &inputs);
        if EXACT.contains(&formula) {
            assert_eq!(got, expected, "{line}");
        }
        assert_eq!(got.len(), expected.len(), "{line}: {got:?}");
        let size = inputs.iter().filter_map(|text| text.parse().ok()).map(|input: Decimal| input.abs()).max();
        let size = size.unwrap_or_default() + Decimal::ONE_HUNDRED;
        let long = inputs.iter().any(|text| digits(text) >= 20);
        for (place, (got, expected)) in got.iter().zip(&expected).enumerate() {
            // What comes from `f64` is compared with a unit of money: an optimum may lie at zero.
            let least = if formula == "spending_split" { Decimal::ONE } else { Decimal::ZERO };
            let allowed = if long {
                expected.abs() * d(LONG) + d(OF_THE_INPUTS)
            } else {
                expected.abs().max(least) * tolerance(formula, place) + size * d(OF_THE_INPUTS)
            };
            assert!((got - expected).abs() <= allowed, "{line}: {got}, not {expected}");
        }
        *cases.entry(formula).or_default() += 1;
        *many.entry(formula).or_default() += usize::from(long);
    }
    // All formulas that take amounts as they are have met long ones.
    let long = many.values().filter(|cases| **cases >= 10).count();
    assert!(long >= 22, "{many:?}");
    assert!(cases.len() >= 34 && cases.values().all(|cases| *cases >= 20), "{cases:?}");
}
