use std::path::PathBuf;

use crm_history::{CsvOrders, Decimal, Ledger, NaiveDate, Observation, Rules, Summaries, TimeUnit};

/// The first 39 weeks of the CDNOW sample, from the folder that `CRM_DATA` names; `None` without one.
///
/// # Panics
///
/// Where the folder lacks the file, and where `CRM_DATA_REQUIRED` is set but `CRM_DATA` is not.
#[must_use]
pub fn cdnow() -> Option<Summaries<String, Decimal>> {
    let Some(folder) = std::env::var_os("CRM_DATA").map(PathBuf::from) else {
        assert!(std::env::var_os("CRM_DATA_REQUIRED").is_none(), "CRM_DATA is required and not set");
        return None;
    };
    let ledger: Ledger<String, Decimal> =
        CsvOrders::new().read_path(folder.join("cdnow_sample.csv")).unwrap();
    let end = NaiveDate::from_ymd_opt(1997, 9, 30).unwrap();
    let weeks = Rules::default().with_unit(TimeUnit::Week);
    Some(ledger.summarize(&Observation::until(end).with_rules(weeks)).unwrap())
}
