//! Simulated business accounts of a supplier: value and cost of each, and unrecorded values.
//!
//! Most accounts cost about as much as their size suggests. One large account in eight is a hard
//! bargainer with a low margin, many visits and much service; these accounts look best by revenue.
//! Cells are empty as in real tables: knowledge is rarely recorded, and a few accounts lack a cost.

use std::fmt::Write as _;
use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Error;
use crate::output::Files;

/// Random seed.
const SEED: u64 = 20_260_117;
const ACCOUNTS: u32 = 400;

/// Writes `relationships.csv`.
///
/// # Errors
///
/// Returns [`Error::Write`] if the folder is not writable.
pub fn write(folder: &Path) -> Result<String, Error> {
    let text = text();
    let mut files = Files::in_folder(folder)?;
    files.add("relationships.csv", |file| file.write_all(text.as_bytes()))?;
    files.publish()?;
    Ok(format!("wrote relationships.csv ({ACCOUNTS} accounts) to {}", folder.display()))
}

/// Uses integers only, so that the file is the same on every machine.
fn text() -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut text = super::relationship_value::COLUMNS.join(",") + "\n";
    for number in 1..=ACCOUNTS {
        let mut draw = |low: u64, high: u64| rng.random_range(low..=high);
        // Two factors make few accounts large and many small; in cents.
        let capacity = draw(3, 60) * draw(3, 60) * draw(3_000, 9_000);
        let wallet = draw(5, 85);
        let revenue = capacity * wallet / 100 * draw(97, 103) / 100;
        let large = revenue > 4_000_000;
        let bargaining = large && draw(1, 8) == 1;
        let margin = if bargaining { draw(6, 13) } else { draw(18, 38) };
        let marketing = 5_000 + revenue * draw(5, 20) / 1_000;
        let visits = if bargaining { draw(9, 20) } else { draw(1, 6) };
        let sales = visits * draw(15_000, 45_000);
        let service = revenue * if bargaining { draw(60, 120) } else { draw(5, 45) } / 1_000;
        let (influence, reach) = (draw(0, 12), draw(0, 60));
        let influenced = draw(10_000, 200_000);
        let (information, knowledge, transaction) = (draw(0, 40_000), draw(0, 90_000), draw(0, 250_000));
        // One draw per cell, so that cells are independent of each other.
        let mut missing = |of_hundred: u64| draw(1, 100) <= of_hundred;
        let word_unknown = missing(12);
        let cells = [
            (!missing(4)).then(|| cents(capacity)),
            (!missing(6)).then(|| hundredths(wallet)),
            Some(hundredths(margin)),
            (!word_unknown).then(|| hundredths(influence)),
            (!word_unknown).then(|| reach.to_string()),
            (!word_unknown).then(|| cents(influenced)),
            (!missing(10)).then(|| cents(information)),
            (!missing(55)).then(|| cents(knowledge)),
            (!missing(20)).then(|| cents(transaction)),
            (!missing(1)).then(|| cents(marketing)),
            (!missing(1)).then(|| cents(sales)),
            (!missing(3)).then(|| cents(service)),
            Some(cents(revenue)),
        ];
        let cells: Vec<String> = cells.into_iter().map(Option::unwrap_or_default).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "A{number:04},{}", cells.join(","));
    }
    text
}

fn cents(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn hundredths(percent: u64) -> String {
    format!("0.{percent:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_what_is_committed() {
        let committed = crate::files::shipped("relationships.csv");
        assert!(committed.replace("\r\n", "\n") == text(), "run the example make_relationships");
    }
}
