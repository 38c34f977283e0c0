//! Simulated survey of the sample shop: expectations and perceptions of customers, Kano answers and
//! complaints.
//!
//! The answers of each respondent share a mood, to which five attributes of the shop add effects of
//! their own: poor delivery loses customers, good advice wins them, the website annoys, and
//! packaging has no effect. Delivery to the south is late. The file also has the flaws of real
//! ones: missing answers, questions that do not apply, and a few invalid rows.

#![allow(clippy::indexing_slicing, reason = "fixed lists are drawn from, by numbers below their lengths")]

use std::path::Path;

use crm_analytics::history::{Day, NaiveDate};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::Error;
use crate::output::Files;

/// Random seed.
const SEED: u64 = 20_260_202;
const RESPONDENTS: usize = 600;
const KANO_RESPONDENTS: usize = 120;
const CASES: usize = 260;

const PATH_MODEL: &str = "\
# What leads to what in the sample survey. Items are columns of survey.csv.
scheme = \"path\" # or centroid, factorial
paths = [
  [\"Image\", \"Expectations\"],
  [\"Image\", \"Satisfaction\"],
  [\"Image\", \"Loyalty\"],
  [\"Expectations\", \"Quality\"],
  [\"Expectations\", \"Satisfaction\"],
  [\"Quality\", \"Satisfaction\"],
  [\"Satisfaction\", \"Loyalty\"],
]

[latent]
Image = [\"image_trust\", \"image_modern\", \"image_fair\"]
Expectations = [\"expected_delivery\", \"expected_advice\", \"expected_website\", \"expected_price\"]
Quality = [\"perceived_delivery\", \"perceived_advice\", \"perceived_website\", \"perceived_price\"]
Satisfaction = [\"satisfaction\", \"close_to_ideal\"]
Loyalty = [\"stay\", \"recommend\"]
";

/// Writes the four files.
///
/// # Errors
///
/// Returns [`Error::Write`] if the folder is not writable.
pub fn write(folder: &Path) -> Result<String, Error> {
    let mut files = Files::in_folder(folder)?;
    for (name, text) in texts() {
        files.add(name, |file| file.write_all(text.as_bytes()))?;
    }
    files.publish()?;
    Ok(format!("wrote survey.csv, kano.csv, feedback.csv and path_model.toml to {}", folder.display()))
}

fn texts() -> [(&'static str, String); 4] {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    [
        ("survey.csv", survey(&mut rng)),
        ("kano.csv", kano(&mut rng)),
        ("feedback.csv", feedback(&mut rng)),
        ("path_model.toml", PATH_MODEL.to_owned()),
    ]
}

/// Draws an approximately normal number as the sum of twelve uniform ones, with the same bits on
/// every machine.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

/// Returns a point of a scale from `min` to 10.
fn point(value: f64, min: f64) -> i32 {
    value.round().clamp(min, 10.0) as i32
}

/// Returns the id of a respondent: every third customer of the shop.
fn respondent(number: usize) -> String {
    crate::shop::customer_id(3 * number)
}

fn survey(rng: &mut ChaCha8Rng) -> String {
    const ATTRIBUTES: [&str; 5] = ["delivery", "advice", "website", "price", "packaging"];
    let mut text = String::from("respondent_id,product,region");
    for what in ["expected", "perceived"] {
        ATTRIBUTES.iter().for_each(|attribute| text.push_str(&format!(",{what}_{attribute}")));
    }
    text.push_str(",image_trust,image_modern,image_fair,satisfaction,close_to_ideal,stay,recommend\n");
    for number in 0..RESPONDENTS {
        let product = ["bikes", "tents", "shoes"][rng.random_range(0..3)];
        let region = ["north", "south", "east", "west"][rng.random_range(0..4)];
        let (image, taste) = (normal(rng), normal(rng));
        let mood = 0.6 * image + 0.8 * taste;
        let mut fields = vec![respondent(number), product.to_owned(), region.to_owned()];
        let expected: Vec<i32> = [8.4, 7.0, 7.4, 7.2, 5.6]
            .iter()
            .map(|mean| point(mean + 0.6 * image + 0.9 * normal(rng), 1.0))
            .collect();
        let late = if region == "south" { -1.6 } else { 0.0 };
        let heavy = if product == "bikes" { -0.5 } else { 0.0 };
        let means = [7.4 + late + heavy, 7.1, 6.4, 6.8, 7.6];
        let levels: Vec<i32> =
            means.iter().map(|mean| point(mean + 0.8 * mood + 1.5 * normal(rng), 1.0)).collect();
        let low = |level: i32| f64::from((5 - level).max(0));
        let high = |level: i32| f64::from((level - 7).max(0));
        let (delivery, advice, website, price) = (levels[0], levels[1], levels[2], levels[3]);
        let satisfaction = 7.4 + 0.1 * image - 0.5 * low(delivery) + 0.45 * high(advice) - 0.7 * low(website)
            + 0.15 * f64::from(price - 7)
            + 0.8 * normal(rng);
        let stay = 7.6 + 0.15 * image - 1.1 * low(delivery) + 0.35 * high(advice) + 0.9 * normal(rng);
        for (place, level) in expected.iter().chain(&levels).enumerate() {
            let answer = match rng.random_range(0..100) {
                0..2 => String::new(),
                // Customers who never asked for advice.
                2..9 if place == 6 => "n/a".to_owned(),
                _ => level.to_string(),
            };
            fields.push(answer);
        }
        for loading in [1.5, 1.1, 1.3] {
            fields.push(point(7.0 + loading * image + normal(rng), 1.0).to_string());
        }
        fields.push(point(satisfaction, 1.0).to_string());
        fields.push(point(satisfaction - 0.6 + 0.8 * normal(rng), 1.0).to_string());
        fields.push(point(stay, 1.0).to_string());
        let recommend = point(0.5 * satisfaction + 0.5 * stay + 0.4 + 1.2 * normal(rng), 0.0);
        fields.push(if rng.random_bool(0.03) { String::new() } else { recommend.to_string() });
        match number {
            // Typical errors of data entry.
            122 => fields[19] = "66".to_owned(),
            345 => fields[8] = "good".to_owned(),
            501 => fields[0].clear(),
            _ => {}
        }
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

fn kano(rng: &mut ChaCha8Rng) -> String {
    // Percentages of must-be, one-dimensional, attractive, indifferent and reverse; the rest is
    // contradictory.
    const FEATURES: [(&str, [u32; 5]); 7] = [
        ("order_tracking", [52, 24, 8, 14, 1]),
        ("free_returns", [22, 50, 16, 11, 0]),
        ("repair_service", [6, 18, 54, 20, 1]),
        ("gift_wrapping", [2, 4, 22, 66, 5]),
        ("sales_calls", [1, 1, 3, 20, 74]),
        ("evening_delivery", [10, 33, 34, 21, 1]),
        ("printed_catalogue", [3, 3, 9, 58, 26]),
    ];
    const CELLS: [&[(u8, u8)]; 6] = [
        &[(2, 5), (3, 5), (4, 5)],
        &[(1, 5)],
        &[(1, 2), (1, 3), (1, 4)],
        &[(2, 2), (2, 3), (3, 3), (3, 4), (4, 4), (3, 2)],
        &[(5, 1), (4, 1), (5, 2), (3, 1)],
        &[(1, 1), (5, 5)],
    ];
    let mut text = String::from("respondent_id,feature_id,functional,dysfunctional\n");
    for number in 0..KANO_RESPONDENTS {
        for (feature, shares) in FEATURES {
            let mut drawn = rng.random_range(0..100_u32);
            let place = shares.iter().position(|&share| {
                let inside = drawn < share;
                drawn = drawn.saturating_sub(share);
                inside
            });
            let cells = CELLS[place.unwrap_or(5)];
            let (with, without) = cells[rng.random_range(0..cells.len())];
            text.push_str(&format!("{},{feature},{with},{without}\n", respondent(5 * number)));
        }
        if number == 60 {
            text.push_str(&format!("{},free_returns,1,7\n", respondent(301)));
        }
    }
    text
}

fn feedback(rng: &mut ChaCha8Rng) -> String {
    const CAUSES: [(&str, u32, f64); 6] = [
        ("late delivery", 38, 4.0),
        ("damaged goods", 20, 7.0),
        ("wrong item", 14, 5.0),
        ("invoice", 12, 3.0),
        ("website error", 10, 2.0),
        ("unfriendly", 6, 9.0),
    ];
    let date = |month, day| NaiveDate::from_ymd_opt(2025, month, day).map(Day::from).unwrap_or(Day::MAX);
    let (first, last) = (date(7, 1), date(12, 31));
    let mut days: Vec<i32> = (0..CASES).map(|_| rng.random_range(0..183)).collect();
    days.sort_unstable();
    let mut text = String::from(
        "case_id,kind,customer_id,product,region,agent,department,cause,opened,closed,outcome\n",
    );
    for (number, day) in days.into_iter().enumerate() {
        let opened = first.saturating_add(day);
        let customer = format!("C{:05}", 10_000 + rng.random_range(0..150) * 7);
        let product = ["bikes", "tents", "shoes"][rng.random_range(0..3)];
        let region = ["north", "south", "south", "east", "west"][rng.random_range(0..5)];
        let agent = ["Ayla", "Ben", "Chris", "Dana"][rng.random_range(0..4)];
        let (kind, department, cause, mean) = match rng.random_range(0..100) {
            0..62 => {
                let mut drawn = rng.random_range(0..100_u32);
                let found = CAUSES.iter().find(|(_, share, _)| {
                    let inside = drawn < *share;
                    drawn = drawn.saturating_sub(*share);
                    inside
                });
                let (cause, _, mean) = found.copied().unwrap_or(CAUSES[0]);
                ("complaint", "service", cause, if agent == "Dana" { 2.0 * mean } else { mean })
            }
            62..88 => ("enquiry", ["sales", "service", "billing"][rng.random_range(0..3)], "", 1.5),
            _ => ("suggestion", "sales", "", 25.0),
        };
        // Exponential, by inversion of the distribution function.
        let took = (-mean * (1.0 - rng.random::<f64>()).ln()).round() as i32;
        let closed = opened.saturating_add(took);
        let closed = (closed <= last).then_some(closed);
        let outcome = match closed {
            Some(_) if kind == "suggestion" => {
                ["implemented", "rejected", "rejected", ""][rng.random_range(0..4)]
            }
            _ => "",
        };
        let closed = closed.map_or_else(String::new, |day| day.to_string());
        let case = 5_001 + number;
        text.push_str(&format!(
            "F{case},{kind},{customer},{product},{region},{agent},{department},{cause},{opened},{closed},{outcome}\n"
        ));
        match number {
            77 => {
                text.push_str("F5078b,complaint,C10070,bikes,south,Ben,service,late delivery,31.08.2025,,\n")
            }
            150 => text.push_str(
                "F5151b,complaint,C10140,tents,north,Ayla,service,invoice,2025-10-20,2025-10-02,\n",
            ),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_files_are_what_the_seed_gives() {
        for (name, text) in texts() {
            let shipped = crate::files::shipped(name);
            assert!(text == shipped, "{name}: run: cargo run --release --example make_survey");
        }
    }
}
