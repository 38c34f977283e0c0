//! Simulated shop: two years of orders by about two thousand customers, and a roster of people who
//! never ordered.
//!
//! Most customers follow the MBG/NBD, with spend by the Gamma-Gamma model; a dozen are companies
//! with large and frequent orders. The file also has the flaws of real exports: orders on two lines
//! of one day, refunds, free samples, a few lines exported twice and a few invalid ones.

use std::path::Path;

use crm_analytics::btyd::{GammaGamma, Horizon, MbgNbd, Simulate};
use crm_analytics::history::{Day, NaiveDate};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Error;
use crate::output::Files;

/// Random seed.
const SEED: u64 = 20_260_101;
/// Number of people with an order.
const CUSTOMERS: usize = 2_000;
/// Number of people without an order.
const PROSPECTS: usize = 240;
/// Interval between companies among the customers.
const EVERY_COMPANY: usize = 160;

/// One row of the order file.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    customer: String,
    day: Day,
    cents: i64,
}

/// Writes `orders.csv`, `roster.csv`, `costs.csv` and `satisfaction.csv`.
///
/// # Errors
///
/// Returns [`Error::Write`] if the folder is not writable.
pub fn write(folder: &Path) -> Result<String, Error> {
    let (orders, roster) = files()?;
    let (costs, satisfaction) = (costs(), satisfaction_file());
    let mut files = Files::in_folder(folder)?;
    files.add("orders.csv", |file| file.write_all(orders.as_bytes()))?;
    files.add("roster.csv", |file| file.write_all(roster.as_bytes()))?;
    files.add("costs.csv", |file| file.write_all(costs.as_bytes()))?;
    files.add("satisfaction.csv", |file| file.write_all(satisfaction.as_bytes()))?;
    files.publish()?;
    let lines = orders.lines().count();
    let folder = folder.display();
    Ok(format!("wrote orders.csv ({lines} lines), roster.csv, costs.csv and satisfaction.csv to {folder}"))
}

/// Returns the id of a customer.
pub(crate) fn customer_id(number: usize) -> String {
    format!("C{:05}", 10_000 + number * 7)
}

/// Returns the costs of the relationships over the two years: low for most, high for one in twelve.
/// Some customers are missing from the file, and some cells are empty.
fn costs() -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + 1);
    let mut text = String::from("customer_id,marketing_cost,sales_cost,service_cost\n");
    for number in (0..CUSTOMERS).filter(|number| number % 19 != 7) {
        let dear = rng.random_bool(1.0 / 12.0);
        let (marketing, sales) = (rng.random_range(50..500), rng.random_range(0..300));
        let service: u32 = if dear { rng.random_range(4_000..40_000) } else { rng.random_range(0..250) };
        let cents = |cents: u32| format!("{}.{:02}", cents / 100, cents % 100);
        let service = if number % 97 == 5 { String::new() } else { cents(service) };
        text.push_str(&format!("{},{},{},{service}\n", customer_id(number), cents(marketing), cents(sales)));
    }
    text
}

/// Returns the text of both files.
fn files() -> Result<(String, String), Error> {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let date =
        |year, month, day| NaiveDate::from_ymd_opt(year, month, day).map(Day::from).unwrap_or(Day::MAX);
    let (first, last) = (date(2024, 1, 1), date(2025, 12, 31));
    let days = last.days_since(first);
    let mut lines = Vec::new();
    let mut contacts = Vec::new();
    for number in 0..CUSTOMERS {
        let customer = customer_id(number);
        let born = first.saturating_add(birth(days, &mut rng));
        let company = number % EVERY_COMPANY == EVERY_COMPANY / 2;
        contacts.push((customer.clone(), born.saturating_add(-rng.random_range(0..30))));
        add_life(&customer, born, last, company, &mut rng, &mut lines)?;
    }
    for number in 0..PROSPECTS {
        let contact = first.saturating_add(rng.random_range(0..days));
        contacts.push((format!("P{:05}", 10_000 + number * 11), contact));
    }
    // Exports are sorted by day; lines of one day keep their order of entry.
    lines.sort_by_key(|line| line.day);
    Ok((order_file(&lines), roster_file(&contacts)))
}

/// Draws the day of the first order: uniform over the year, except for twice as many new customers
/// in November and December.
fn birth(days: i32, rng: &mut ChaCha8Rng) -> i32 {
    loop {
        let day = rng.random_range(0..days - 14);
        let festive = day % 365 >= 304;
        if festive || rng.random_bool(0.5) {
            return day;
        }
    }
}

/// Generates all lines of one customer.
fn add_life(
    customer: &str,
    born: Day,
    last: Day,
    company: bool,
    rng: &mut ChaCha8Rng,
    lines: &mut Vec<Line>,
) -> Result<(), Error> {
    // Weeks and whole currency units.
    let (purchases, spends) = if company {
        (MbgNbd::new(9.0, 18.0, 0.1, 12.0), GammaGamma::new(14.0, 6.0, 260.0))
    } else {
        (MbgNbd::new(0.75, 7.5, 0.95, 1.7), GammaGamma::new(4.0, 4.2, 38.0))
    };
    let (purchases, spends) = (purchases.map_err(Error::refused)?, spends.map_err(Error::refused)?);
    let weeks = Horizon::new(f64::from(last.days_since(born)) / 7.0).map_err(Error::refused)?;
    let mut days = vec![born];
    for time in purchases.simulate(weeks, rng) {
        days.push(born.saturating_add((time * 7.0).ceil() as i32).min(last));
    }
    let values = spends.simulate(days.len(), rng);
    for (day, value) in days.into_iter().zip(values) {
        let cents = (value * 100.0).round().max(50.0) as i64;
        let line = |day: Day, cents: i64| Line { customer: customer.to_owned(), day, cents };
        match rng.random_range(0..200) {
            // Two baskets on one day.
            0..10 => lines.extend([line(day, cents / 3), line(day, cents - cents / 3)]),
            // A free sample is included.
            10..12 => lines.extend([line(day, cents), line(day, 0)]),
            // A duplicated line.
            12 => lines.extend([line(day, cents), line(day, cents)]),
            // A full or partial refund.
            13..20 => {
                let back = if rng.random_bool(0.6) { cents } else { cents / 2 };
                let later = day.saturating_add(rng.random_range(3..21));
                lines.push(line(day, cents));
                if later <= last {
                    lines.push(line(later, -back));
                }
            }
            _ => lines.push(line(day, cents)),
        }
    }
    Ok(())
}

fn order_file(lines: &[Line]) -> String {
    let mut text = String::from("order_id,customer_id,order_date,amount,channel\n");
    for (number, line) in lines.iter().enumerate() {
        let order = 100_001 + number;
        let channel = match number * 7 / 3 % 3 {
            0 => "web",
            1 => "shop",
            _ => "phone",
        };
        let sign = if line.cents < 0 { "-" } else { "" };
        let (units, cents) = (line.cents.abs() / 100, line.cents.abs() % 100);
        text.push_str(&format!(
            "{order},{},{},{sign}{units}.{cents:02},{channel}\n",
            line.customer, line.day
        ));
        // Typical flaws of exports.
        text.push_str(match number {
            411 => "100412-b,,2024-04-02,18.40,web\n",
            1_873 => "101874-b,C10553,31/09/2024,24.90,web\n",
            3_020 => "103021-b,C11204,2025-01-08,twelve,shop\n",
            4_444 => "104445-b,C10714\n",
            _ => "",
        });
    }
    text
}

fn roster_file(contacts: &[(String, Day)]) -> String {
    let mut text = String::from("customer_id,first_contact\n");
    for (customer, contact) in contacts {
        text.push_str(&format!("{customer},{contact}\n"));
    }
    text
}

/// Returns the satisfaction of every third customer, from 0 to 100. Uses a random stream of its
/// own, so that orders do not depend on it.
fn satisfaction_file() -> String {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED + 1);
    let mut text = String::from("customer_id,satisfaction\n");
    for number in (0..CUSTOMERS).step_by(3) {
        // The mean of three dice concentrates in the middle.
        let answer = (0..3).map(|_| rng.random_range(20..=100)).sum::<u32>() / 3;
        text.push_str(&format!("C{:05},{answer}\n", 10_000 + number * 7));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_files_are_what_the_seed_gives() {
        let (orders, roster) = files().unwrap();
        assert!(
            orders == crate::files::shipped("orders.csv"),
            "run: cargo run --release --example make_shop"
        );
        assert!(
            roster == crate::files::shipped("roster.csv"),
            "run: cargo run --release --example make_shop"
        );
        assert!(
            costs() == crate::files::shipped("costs.csv"),
            "run: cargo run --release --example make_shop"
        );
        assert!(
            satisfaction_file() == crate::files::shipped("satisfaction.csv"),
            "run: cargo run --release --example make_shop"
        );
    }
}
