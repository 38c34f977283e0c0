//! One table of all customers, from a program's own orders: RFM segment, ABC class, stage, P(alive)
//! and lifetime value, and what changed since last month: `cargo run --example monthly_table`.
#![allow(clippy::print_stdout, reason = "a program speaks")]

use crm_analytics::btyd::{
    ClvOptions, Discount, GammaGamma, Histories, Horizon, MbgNbd, PurchaseOptions, Spends, fit,
};
use crm_analytics::customers::{Changes, CsvOptions, CustomerTable, Error};
use crm_analytics::history::{Decimal, Ledger, NaiveDate, Observation, SummaryRules, TimeUnit};
use crm_analytics::lifecycle::StageRules;
use crm_analytics::segmentation::{abc::AbcScheme, rfm::RfmScheme, rfm::RuleSet};

/// An order as the program knows it.
struct Order {
    customer: u32,
    day: NaiveDate,
    total: Decimal,
}

/// Made-up orders: customer `n` buys every `n % 40 + 7` days, and every third one stops early.
fn orders() -> Vec<Order> {
    let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
    let days = |n: u32| (n % 90..if n.is_multiple_of(3) { 200 } else { 540 }).step_by(n as usize % 40 + 7);
    let order = |n: u32, day: u32| Order {
        customer: n,
        day: start + chrono::Days::new(day.into()),
        total: Decimal::new(i64::from(500 + n * 37 % 9_000 + day * 11 % 700), 2),
    };
    (0..600).flat_map(|n| days(n).map(move |day| order(n, day))).collect()
}

fn table(ledger: &Ledger<u32, Decimal>, end: NaiveDate) -> Result<CustomerTable<'_, u32, Decimal>, Error> {
    let weeks = Observation::until(end).with_rules(SummaryRules::default().with_unit(TimeUnit::Week));
    let table = CustomerTable::new(ledger, &weeks)?;
    let purchases =
        fit::<MbgNbd>(&Histories::from_summaries(table.summaries())?, &PurchaseOptions::default())?;
    let spends = fit::<GammaGamma>(&Spends::from_summaries(table.summaries()), &PurchaseOptions::default())?;
    let clv =
        ClvOptions::new(Horizon::new(52.18)?, Discount::per_year(0.10, TimeUnit::Week)?).with_margin(0.3)?;
    table
        .with_rfm(RfmScheme::default(), &RuleSet::usual())?
        .with_abc(AbcScheme::default())?
        .with_stages(&StageRules::default())?
        .with_forecast(purchases.model(), Some(spends.model()), &clv)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let ledger =
        Ledger::from_rows(orders().into_iter().map(|order| (order.customer, order.day, order.total)))?;
    let end = |month, day| NaiveDate::from_ymd_opt(2025, month, day).unwrap_or_default();
    let (before, now) = (table(&ledger, end(4, 30))?, table(&ledger, end(5, 31))?);
    println!("{}\n", now.group_by("rfm_segment")?);
    println!("{:?}", Changes::between(&before, &now)?.migration("abc_class")?.moves());
    now.write_csv(std::io::sink(), &CsvOptions::default())?;
    Ok(())
}
