//! What the tests on CDNOW share.
#![allow(dead_code, reason = "each file of tests uses a part of it")]

use crm_history::{CsvOrders, Decimal, Ledger, NaiveDate, Observation, SummaryRules};
use crm_numbers::TimeUnit;

/// CDNOW's sample; `None` after saying that the data are not here.
pub(crate) fn cdnow() -> Option<Ledger<String, Decimal>> {
    let Some(folder) = std::env::var_os("CRM_DATA").map(std::path::PathBuf::from) else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        eprintln!("skipped: set CRM_DATA to the folder with the CDNOW files");
        return None;
    };
    let orders = CsvOrders::new().with_amount_column("spend_usd");
    Some(orders.read_path(folder.join("cdnow_sample.csv")).unwrap())
}

pub(crate) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Everything up to that day, in weeks.
pub(crate) fn weeks((year, month, date): (i32, u32, u32)) -> Observation {
    Observation::until(day(year, month, date)).with_rules(SummaryRules::default().with_unit(TimeUnit::Week))
}

/// Published digits: the value lies within half a unit of the last one.
pub(crate) fn assert_published(value: f64, published: &str, what: &str) {
    let decimals = published.split('.').nth(1).map_or(0, str::len) as i32;
    let expected: f64 = published.parse().unwrap();
    assert!(
        (value - expected).abs() <= 0.500_001 * 10f64.powi(-decimals),
        "{what}: {value} instead of {published}"
    );
}
