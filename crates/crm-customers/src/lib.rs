//! One row per customer, with every answer side by side.
//!
//! A [`CustomerTable`] starts from a ledger of orders and holds the purchase history of every
//! known customer. Each further group of columns is added by one call; a group that was not added
//! has no columns, and a value that is not known is missing, never zero.
//!
//! | question | call | columns |
//! |---|---|---|
//! | What did each customer buy, and when? | [`CustomerTable::new`] | `customer_id`, `first_purchase` ... `mean_repeat_spend` |
//! | In which RFM segment is each? | [`with_rfm`](CustomerTable::with_rfm) | `r_score` ... `rfm_segment` |
//! | Which customers bring most of the spend? | [`with_abc`](CustomerTable::with_abc) | `abc_class` |
//! | How loyal is each, in which state? | [`with_loyalty`](CustomerTable::with_loyalty) | `loyalty_level`, `state` |
//! | When is the next contact due? | [`with_contacts`](CustomerTable::with_contacts) | `next_contact`, `days_overdue` |
//! | In which stage is the relationship, since when, why? | [`with_stages`](CustomerTable::with_stages) | `stage` ... `stage_reasons` |
//! | Who is still active, what will they buy, what is that worth? | [`with_forecast`](CustomerTable::with_forecast) | `p_alive` ... `clv` |
//! | What would be lost with each? | [`with_rescue`](CustomerTable::with_rescue) | `value_at_risk`, `rescue_gain` |
//! | What is left after the cost of each relationship? | [`with_costs`](CustomerTable::with_costs) | `relationship_cost` ... `profit_rank` |
//! | How satisfied is each? | [`with_satisfaction`](CustomerTable::with_satisfaction) | `satisfaction` |
//! | Branch, channel, tier and other groups | [`with_attribute`](CustomerTable::with_attribute), [`with_groups`](CustomerTable::with_groups) | the given name |
//!
//! [`CustomerTable::group_by`] sums the table up by any column of groups, [`Changes`] compares it
//! with the table of an earlier day, and rows are read by typed methods, by [`Cell`], through serde
//! or as CSV.
//!
//! # Examples
//!
//! ```
//! use crm_customers::CustomerTable;
//! use crm_history::{Ledger, NaiveDate, Observation};
//! use crm_segmentation::{abc::AbcScheme, rfm::{RfmScheme, RuleSet}};
//!
//! let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
//! let ledger = Ledger::from_rows([
//!     ("ada", day(1, 1), 2_000_i64), // cents
//!     ("ada", day(5, 15), 3_000),
//!     ("bob", day(2, 1), 800),
//! ])?;
//! let table = CustomerTable::new(&ledger, &Observation::until(day(6, 30)))?
//!     .with_rfm(RfmScheme::default(), &RuleSet::usual())?
//!     .with_abc(AbcScheme::default())?;
//!
//! let ada = table.find("ada").unwrap();
//! assert_eq!(ada.summary().unwrap().frequency, 1);
//! assert_eq!(ada.group("rfm_segment"), Some("Potential Loyalist"));
//! assert_eq!(ada.group("abc_class"), Some("A"));
//! assert_eq!(table.group_by("abc_class")?.get("A").unwrap().value, 5_000);
//! # Ok::<(), crm_customers::Error>(())
//! ```
//!
//! # Features
//!
//! * `csv`: rows as CSV files.
//! * `rayon`: all cores; the answers stay the same, bit for bit.
//! * `serde`: rows, group tables and changes can be serialized.

mod cell;
mod changes;
mod columns;
#[cfg(feature = "csv")]
mod csv;
mod error;
mod forecast;
mod groups;
mod join;
mod known;
mod profit;
mod rescue;
mod rfm;
mod row;

mod stage;
mod table;

#[cfg(feature = "csv")]
pub use crate::csv::CsvOptions;
pub use cell::Cell;
pub use changes::{Changes, Mover};
pub use crm_numbers::{Amount, Decimal};
pub use error::Error;
pub use forecast::Forecast;
pub use join::Joined;
pub use profit::Profit;
pub use rescue::{Rescue, RescuePlan};
pub use row::CustomerRow;
pub use table::CustomerTable;
