//! What will each customer buy in the next year? A fit is stored once, and scores one customer or a
//! million: `cargo run --release --example score_customers`.
#![allow(clippy::print_stdout, reason = "a program speaks")]

use std::time::Instant;

use crm_analytics::btyd::fit::StoredFit;
use crm_analytics::btyd::{
    Discount, Histories, History, Horizon, ModelKind, PurchaseOptions, Repeat, TimeUnit,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once a month: repeat purchases, weeks to the last one, weeks under observation, customers.
    let histories = Histories::weighted([
        (History::new(0, 0.0, 39.0)?, 900),
        (History::new(1, 3.0, 39.0)?, 150),
        (History::new(1, 25.0, 39.0)?, 120),
        (History::new(3, 12.0, 39.0)?, 60),
        (History::new(4, 36.0, 39.0)?, 80),
    ]);
    let fitted = ModelKind::MbgNbd.fit(&histories, &PurchaseOptions::default())?;
    let text = serde_json::to_string(&fitted)?;

    // In the service: load, then score.
    let stored: StoredFit = serde_json::from_str(&text)?;
    let model = stored.model();
    let (year, discount) = (Horizon::new(52.18)?, Discount::per_year(0.10, TimeUnit::Week)?);
    let one = model.predict(&History::new(4, 36.0, 39.0)?, year, discount);
    println!(
        "{}: P(alive) {:.3}, {:.2} purchases expected",
        model.name(),
        one.p_alive,
        one.expected_purchases
    );

    let many: Vec<History> = (0..1_000_000_u32)
        .map(|n| History::new(n % 9, if n % 9 == 0 { 0.0 } else { f64::from(n % 37) + 1.0 }, 39.0))
        .collect::<Result<_, _>>()?;
    let start = Instant::now();
    let predictions = model.predict_all(&many, year, discount);
    let sum: f64 = predictions.iter().map(|prediction| prediction.expected_purchases).sum();
    println!("{} customers: {sum:.0} purchases expected, in {:.2?}", many.len(), start.elapsed());
    Ok(())
}
