//! Purchase histories: order lines become a [`Ledger`], and a ledger becomes one [`Summary`] per
//! customer.
//!
//! Customer analytics begins here, and this is where it usually goes wrong: dates with day and
//! month swapped, two orders on one day, refunds, weeks rounded to integers, customers whose first
//! purchase is in the holdout. Each of these choices is a value with a name, stored in the summary,
//! and every unusual row is counted in a [`DataQuality`] report.
//!
//! # Examples
//!
//! ```
//! use crm_history::{Ledger, NaiveDate, Observation, SummaryRules};
//! use crm_numbers::TimeUnit;
//!
//! let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
//! let ledger = Ledger::from_rows([
//!     ("ada", day(1, 1), 2_000_i64), // cents
//!     ("ada", day(1, 15), 3_000),
//!     ("ada", day(1, 15), 500), // the same day: still one purchase
//!     ("bob", day(2, 1), 800),
//! ])?;
//! let weeks = Observation::until(day(3, 4)).with_rules(SummaryRules::default().with_unit(TimeUnit::Week));
//! let ada = ledger.summarize(&weeks)?.find("ada").unwrap();
//! assert_eq!((ada.purchases, ada.frequency, ada.orders), (2, 1, 3));
//! assert_eq!((ada.recency, ada.age, ada.idle), (2.0, 9.0, 7.0));
//! assert_eq!((ada.spend, ada.mean_spend), (5_500, Some(3_500.0)));
//! # Ok::<(), crm_history::Error>(())
//! ```
//!
//! # Features
//!
//! * `csv`: orders and rosters from files, plain or gzip.
//! * `rayon`: grouping and summarizing on all cores; the answers stay the same, bit for bit.
//! * `serde`: ledgers, summaries and rules can be stored; whatever a constructor refuses, reading
//!   refuses.

mod account;
mod builder;
mod columns;
#[cfg(feature = "csv")]
mod csv;
mod dates;
mod day;
mod distinct;
mod error;
mod group;
mod ids;
mod ledger;
mod people;
mod quality;
mod rules;
mod split;
#[cfg(feature = "serde")]
mod stored;
mod summary;
mod time;
mod tracking;
mod warning;

#[cfg(feature = "csv")]
pub use crate::csv::{CsvColumns, CsvOrders, CsvRoster, IdFold};
pub use builder::LedgerBuilder;
pub use chrono::NaiveDate;
pub use crm_numbers::{Amount, Decimal, TimeUnit};
#[cfg(feature = "csv")]
pub use crm_tables::{DecimalMark, Encoding, TableOptions};
pub use day::Day;
pub use distinct::Distinct;
pub use error::Error;
pub use ledger::{Ledger, Line};
pub use people::Customer;
pub use quality::{DataFinding, DataQuality, RefusalReason, RefusedRow};
pub use rules::{FirstPurchase, Observation, Refunds, SamePeriod, SummaryRules};
pub use split::{HoldoutOutcome, Split};
pub use summary::{Summaries, Summary};
pub use time::Period;
pub use tracking::TrackingPoint;
pub use warning::QualityWarning;
