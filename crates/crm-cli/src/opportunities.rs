//! Simulated sales opportunities of a supplier over fifteen months: agent, product, account, stage
//! and value of each.
//!
//! Seven in ten opportunities are engaged at once, the others after some weeks of prospecting. More
//! expensive products sell less often. The later an opportunity began, the more likely it is still
//! open. Accounts are missing for one in eight, as in real tables.

use std::fmt::Write as _;
use std::path::Path;

use crm_analytics::history::{Day, NaiveDate};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Error;
use crate::output::Files;

/// Random seed.
const SEED: u64 = 20_260_122;
const OPPORTUNITIES: u32 = 1_200;
/// Name, price, and percentage won.
const PRODUCTS: [(&str, u32, u32); 4] =
    [("Field Kit", 450, 66), ("Workbench", 1_900, 58), ("Line", 6_800, 51), ("Plant", 31_000, 38)];
const AGENTS: [&str; 6] = ["Ada Brandt", "Bo Lindqvist", "Chen Hui", "Dana Ruiz", "Emil Novak", "Fatou Diop"];

/// Writes `opportunities.csv`.
///
/// # Errors
///
/// Returns [`Error::Write`] if the folder is not writable.
pub fn write(folder: &Path) -> Result<String, Error> {
    let text = text();
    let mut files = Files::in_folder(folder)?;
    files.add("opportunities.csv", |file| file.write_all(text.as_bytes()))?;
    files.publish()?;
    Ok(format!("wrote opportunities.csv ({OPPORTUNITIES} opportunities) to {}", folder.display()))
}

/// Uses integers only, so that the file is the same on every machine.
fn text() -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let date =
        |year, month, day| NaiveDate::from_ymd_opt(year, month, day).map(Day::from).unwrap_or(Day::MAX);
    let (first, today) = (date(2024, 10, 1), date(2025, 12, 31));
    let days = today.days_since(first);
    let mut text = String::from(
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n",
    );
    for number in 1..=OPPORTUNITIES {
        let agent = AGENTS.get(rng.random_range(0..AGENTS.len())).copied().unwrap_or_default();
        let (product, price, won_of_hundred) =
            PRODUCTS.get(rng.random_range(0..PRODUCTS.len())).copied().unwrap_or_default();
        let account = match rng.random_range(0..8) {
            0 => String::new(),
            _ => format!("Account {:02}", rng.random_range(1..=60)),
        };
        let met = first.saturating_add(rng.random_range(0..days));
        let waits = if rng.random_range(0..10) < 7 { 0 } else { rng.random_range(5..60) };
        let engaged = met.saturating_add(waits);
        // The minimum of three durations: most are short, a few are long; lost opportunities take
        // longer.
        let won = rng.random_range(0..100) < won_of_hundred;
        let longest = if won { 220 } else { 300 };
        let span = (0..3).map(|_| rng.random_range(3..longest)).min().unwrap_or(3);
        let closed = engaged.saturating_add(span);
        let value = price * rng.random_range(85..=110) / 100;
        let tail = match (engaged <= today, closed <= today, won) {
            (false, ..) => "Prospecting,,,".to_owned(),
            (true, false, _) => format!("Engaging,{engaged},,"),
            (true, true, true) => format!("Won,{engaged},{closed},{value}"),
            (true, true, false) => format!("Lost,{engaged},{closed},0"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "O{number:05},{agent},{product},{account},{tail}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_what_is_committed() {
        let committed = crate::files::shipped("opportunities.csv");
        assert!(committed.replace("\r\n", "\n") == text(), "run the example make_opportunities");
    }
}
