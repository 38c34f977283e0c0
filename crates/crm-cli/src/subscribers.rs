//! Simulated subscribers of a mobile network: features at New Year, and losses by Easter.
//!
//! Short contracts, complaints, late payments and falling usage precede a loss; the region has no
//! effect. Cells are empty as in real tables: usage is missing for new subscribers, satisfaction
//! for those not asked. The outcome of the last hundred subscribers is not known yet.

use std::fmt::Write as _;
use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Error;
use crate::output::Files;

/// Random seed.
const SEED: u64 = 20_260_405;
const SUBSCRIBERS: u32 = 1_500;
const OPEN: u32 = 100;

/// Writes `subscribers.csv`.
///
/// # Errors
///
/// Returns [`Error::Write`] if the folder is not writable.
pub fn write(folder: &Path) -> Result<String, Error> {
    let text = text();
    let mut files = Files::in_folder(folder)?;
    files.add("subscribers.csv", |file| file.write_all(text.as_bytes()))?;
    files.publish()?;
    Ok(format!("wrote subscribers.csv ({SUBSCRIBERS} subscribers) to {}", folder.display()))
}

/// Uses integers only, so that the file is the same on every machine.
fn text() -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut text = "customer_id,region,contract,payment,months,calls_per_week,calls_trend_percent,\
        settlement_days,complaints,satisfaction,yearly_margin,lost\n"
        .to_owned();
    for number in 1..=SUBSCRIBERS {
        let mut draw = |low: i64, high: i64| rng.random_range(low..=high);
        let region = ["north", "south", "east", "west"].get(draw(0, 3) as usize).copied().unwrap_or("north");
        let contract = match draw(1, 100) {
            1..=45 => "monthly",
            46..=85 => "yearly",
            _ => "two years",
        };
        let payment = if draw(1, 100) <= 60 { "debit" } else { "invoice" };
        let months = draw(1, 12) * draw(1, 9);
        let calls = draw(1, 20) + draw(0, 25);
        let trend = draw(-40, 20) + draw(-20, 20);
        let settlement = if payment == "debit" { 3 } else { draw(5, 25) + draw(0, 30) };
        let complaints = (draw(0, 9) - 6).max(0);
        let satisfaction = (9 - 2 * complaints + draw(-3, 1)).clamp(1, 10);
        // Integer points out of a hundred, compared with a random draw: no logarithm, so that no
        // machine rounds differently.
        let mut danger = 8 + complaints * 11 - trend / 4 - months / 8 + (settlement - 15).max(0) / 2;
        danger += match contract {
            "monthly" => 14,
            "yearly" => 0,
            _ => -10,
        };
        let left = draw(1, 100) <= danger.clamp(2, 92);
        let margin = (calls * draw(150, 420) + draw(500, 6_000)).max(0);
        let calls_known = months > 2;
        let asked = draw(1, 100) <= 70;
        let cell = |known: bool, value: i64| if known { value.to_string() } else { String::new() };
        let lost = match (number > SUBSCRIBERS - OPEN, left) {
            (true, _) => "",
            (false, true) => "yes",
            (false, false) => "no",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "S{number:05},{region},{contract},{payment},{months},{},{},{settlement},{complaints},{},{}.{:02},{lost}",
            cell(calls_known, calls),
            cell(calls_known, trend),
            cell(asked, satisfaction),
            margin / 100,
            margin % 100
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_what_is_committed() {
        let committed = crate::files::shipped("subscribers.csv");
        assert!(committed.replace("\r\n", "\n") == text(), "run the example make_subscribers");
    }
}
