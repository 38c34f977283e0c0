//! The published CDNOW figures, from the raw order files.
#![cfg(feature = "csv")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says that it skips"
)]

use std::path::PathBuf;

use crm_history::{CsvOrders, Decimal, Ledger, NaiveDate, Observation, SummaryRules};
use crm_numbers::TimeUnit;

/// The folder of data that is not ours to ship, or `None` after saying so.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("CRM_DATA").map(PathBuf::from);
    if folder.is_none() {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        eprintln!("skipped: set CRM_DATA to the folder with the CDNOW files");
    }
    folder
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn sample(folder: &std::path::Path) -> Ledger<String, Decimal> {
    CsvOrders::new().with_amount_column("spend_usd").read_path(folder.join("cdnow_sample.csv")).unwrap()
}

#[test]
fn the_master_file_reads_whole() {
    let Some(folder) = data() else { return };
    let ledger: Ledger<String, Decimal> =
        CsvOrders::new().read_path(folder.join("cdnow_master.csv.gz")).unwrap();
    assert_eq!((ledger.rows(), ledger.customers()), (69_659, 23_570));
    let quality = ledger.quality();
    assert_eq!((quality.refused(), quality.zero_amounts.count, quality.refunds.count), (0, 80, 0));
    let summaries = ledger.summarize(&Observation::until(date(1998, 6, 30))).unwrap();
    assert_eq!(summaries.total_spend().unwrap(), Decimal::new(250_031_563, 2));
}

#[test]
fn the_sample_gives_the_published_counts() {
    let Some(folder) = data() else { return };
    let ledger = sample(&folder);
    let split = ledger.split(&Observation::until(date(1998, 6, 30)), date(1997, 9, 30)).unwrap();
    let outcomes: Vec<_> = split.outcomes().collect();
    assert_eq!((outcomes.len(), split.born_in_holdout()), (2_357, 0));
    assert_eq!(outcomes.iter().map(|outcome| outcome.calibration.frequency).sum::<u32>(), 2_457);
    assert_eq!(outcomes.iter().map(|outcome| outcome.purchases).sum::<u32>(), 1_882);
    let mut counts = [0; 8];
    outcomes.iter().for_each(|outcome| counts[outcome.calibration.frequency.min(7) as usize] += 1);
    assert_eq!(counts, [1_411, 439, 214, 100, 62, 38, 29, 64]);
}

#[test]
fn every_customer_equals_the_published_summary() {
    let Some(folder) = data() else { return };
    let ledger = sample(&folder);
    let weeks = SummaryRules::default().with_unit(TimeUnit::Week);
    let observation = Observation::until(date(1998, 6, 30)).with_rules(weeks);
    let split = ledger.split(&observation, date(1997, 9, 30)).unwrap();
    let mut outcomes = split.outcomes();
    let mut published = csv::Reader::from_path(folder.join("cdnow_sample_summary.csv")).unwrap();
    for record in published.records() {
        let record = record.unwrap();
        let number = |column: usize| record[column].parse::<f64>().unwrap();
        let outcome = outcomes.next().unwrap();
        let own = outcome.calibration;
        assert_eq!(outcome.id, &record[0]);
        assert_eq!(own.frequency.to_string(), record[1]);
        assert!((own.recency - number(2)).abs() < 1e-6 && (own.age - number(3)).abs() < 1e-6);
        assert_eq!(outcome.purchases.to_string(), record[4]);
        assert!((own.mean_spend.unwrap_or(0.0) - number(5)).abs() < 1e-6);
    }
    assert!(outcomes.next().is_none());
}

#[test]
fn weekly_repeat_purchases_equal_the_published_series() {
    let Some(folder) = data() else { return };
    let steps = sample(&folder).purchases_over_time(&Observation::until(date(1998, 6, 30)), 7).unwrap();
    let mut published = csv::Reader::from_path(folder.join("cdnow_sample_weekly_repeat.csv")).unwrap();
    let published: Vec<u64> = published.records().map(|record| record.unwrap()[1].parse().unwrap()).collect();
    let mut sum = 0;
    let cumulative: Vec<u64> = steps
        .iter()
        .map(|step| {
            sum += step.repeat_purchases;
            sum
        })
        .collect();
    assert_eq!(cumulative, published);
}
