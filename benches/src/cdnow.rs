use std::path::PathBuf;

use crm_history::{CsvOrders, Decimal, Ledger, NaiveDate, Observation, Split, Summaries, SummaryRules};
use crm_numbers::TimeUnit;

/// The first 39 weeks of the CDNOW sample, from the folder that `CRM_DATA` names; `None` without one.
///
/// # Panics
///
/// Where the folder lacks the file, and where `CRM_DATA_REQUIRED` is set but `CRM_DATA` is not.
#[must_use]
pub fn cdnow() -> Option<Summaries<String, Decimal>> {
    Some(ledger()?.summarize(&weeks_until(1997, 9)).unwrap())
}

/// The same, and the 39 weeks after them.
///
/// # Panics
///
/// As [`cdnow`].
#[must_use]
pub fn cdnow_split() -> Option<Split<String, Decimal>> {
    let cut = weeks_until(1997, 9).end();
    Some(ledger()?.split(&weeks_until(1998, 6), cut).unwrap())
}

fn ledger() -> Option<Ledger<String, Decimal>> {
    let Some(folder) = std::env::var_os("CRM_DATA").map(PathBuf::from) else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        return None;
    };
    Some(CsvOrders::new().read_path(folder.join("cdnow_sample.csv")).unwrap())
}

fn weeks_until(year: i32, month: u32) -> Observation {
    let end = NaiveDate::from_ymd_opt(year, month, 30).unwrap();
    Observation::until(end).with_rules(SummaryRules::default().with_unit(TimeUnit::Week))
}
