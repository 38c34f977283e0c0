//! Customer analytics for Rust: one door to all topics.
//!
//! | module | question | feature |
//! |---|---|---|
//! | [`numbers`] | Probabilities, shares, exact sums, time units, errors that name a value. | always |
//! | [`history`] | What happened? Order lines to ledgers to one summary per customer. | always |
//! | [`statistics`] | Ranks, quantiles, concentration, ranking quality, proportions, survival. | always |
//! | [`satisfaction`] | Are they satisfied? Index and gap, NPS, Kano, drivers, PLS. | `satisfaction`, on by default |
//! | [`segmentation`] | Who belongs where? ABC, RFM, loyalty, scorecards, migration. | `segmentation`, on by default |
//! | [`btyd`] | Who will come back, how often, and what is that worth? | `btyd`, on by default |
//! | [`value`] | What is a customer worth, what does one cost, what is left? | `value`, on by default |
//! | [`lifecycle`] | Where does each relationship stand, and what comes next? | `lifecycle`, on by default |
//! | [`customers`] | One row per customer: every answer side by side, groups, changes. | `customers`, on by default |
//! | [`tables`] | Which columns and rows does a file have? Encodings, numbers, dates. | `csv` |
//! | [`charts`] | Show it: pictures as SVG text. | `charts` |
//!
//! The features `cluster`, `csv`, `posterior`, `rand`, `rayon` and `serde` are passed on to the topics that have them.
//! Each module is a crate of its own.
//!
//! ```
//! use crm_analytics::history::{Ledger, NaiveDate, Observation};
//!
//! let day = |d| NaiveDate::from_ymd_opt(2024, 3, d).unwrap();
//! let ledger = Ledger::from_rows([("ada", day(1), 1_999_i64), ("ada", day(8), 500)])?;
//! assert_eq!(ledger.summarize(&Observation::until(day(31)))?.find("ada").unwrap().frequency, 1);
//! # Ok::<(), crm_analytics::history::Error>(())
//! ```

#[cfg(feature = "btyd")]
pub use crm_btyd as btyd;
#[cfg(feature = "charts")]
pub use crm_charts as charts;
#[cfg(feature = "customers")]
pub use crm_customers as customers;
pub use crm_history as history;
#[cfg(feature = "lifecycle")]
pub use crm_lifecycle as lifecycle;
pub use crm_numbers as numbers;
#[cfg(feature = "satisfaction")]
pub use crm_satisfaction as satisfaction;
#[cfg(feature = "segmentation")]
pub use crm_segmentation as segmentation;
pub use crm_statistics as statistics;
#[cfg(feature = "csv")]
pub use crm_tables as tables;
#[cfg(feature = "value")]
pub use crm_value as value;
