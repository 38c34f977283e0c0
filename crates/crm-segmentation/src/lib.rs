//! Customers into groups, with the reasons: cuts, ABC and XYZ, RFM, loyalty, scorecards, migration,
//! cross-sell.
//!
//! Everything here has one shape. A **scheme** (checked settings) is **fitted** to columns of
//! customers and gives cut values; those give **assignments**, the group of every customer;
//! **tables** sum assignments up. Schemes and cut values can be stored (feature `serde`) and
//! applied to the customers of next month; what a constructor refuses, reading refuses too. A cut
//! value is an amount that occurs, so a format must give back every bit of it: with `serde_json`
//! and `f64` amounts switch on its feature `float_roundtrip`.
//!
//! | question | scheme | fitted | tables |
//! |---|---|---|---|
//! | Which few customers bring most of the value? | [`abc::AbcScheme`] | [`abc::AbcFit`] | [`GroupTable`] |
//! | Whose demand can be planned? | [`xyz::XyzScheme`] | | [`CrossTable`] of ABC x XYZ |
//! | Who is a champion, who is at risk, who is lost? | [`rfm::RfmScheme`], [`rfm::RuleSet`] | [`rfm::RfmFit`] | [`rfm::table`] |
//! | Who is in the top tenth, which band? | [`cuts::Tiers`] | [`Cuts`], [`cuts::NestedCuts`], [`cuts::TiersFit`] | [`GroupTable`] |
//! | Who moved between groups, with how much money? | | | [`migration::Migration`] |
//! | How loyal, and why? | [`loyalty`], [`matrix::Matrix`], [`scorecard`] | | [`loyalty::Climb`] |
//! | Whom to contact, serve, drop? | [`contact`] | | [`GroupTable`] |
//! | What to offer whom? | [`prospecting`] | | |
//! | Which groups are firm, which lead by more than chance, and when? | | | [`stability::stability`], [`stability::best_group`], [`seasonal::SeasonalIndex`] |
//! | Which kinds of customers are there at all? | `cluster::ClusterScheme` | `cluster::ClusterFit` | [`GroupTable`] |
//! | Are this year's customers like last year's? | | [`Cuts::drift`], [`rfm::RfmFit::drift`], [`cuts::stability_index`] | |
//!
//! Amounts may be `i32`, `u32`, `i64`, finite `f64` or [`Decimal`]: see [`Amount`]. Equal amounts
//! always share a group, the order of the input never matters, and shares of money are compared
//! exactly. Nothing panics and nothing is NaN; what is refused is refused by an [`Error`] that
//! names the field and the value.
//!
//! Long columns are not sorted: order statistics and thresholds come from counts and sums by
//! bucket. Feature `rayon` uses all cores; the answers have the same bits with and without it, on
//! any number of threads.
//!
//! # Examples
//!
//! ```
//! use crm_segmentation::{abc, rfm};
//!
//! // One row per customer: days since the last order, number of orders, revenue in cents.
//! let idle = [2, 15, 30, 200, 400];
//! let orders = [12, 6, 4, 2, 1];
//! let revenue = [810_000_i64, 100_000, 50_000, 30_000, 10_000];
//!
//! let classes = abc::AbcScheme::default().fit(&revenue)?.assign(&revenue)?;
//! assert_eq!(classes.to_string(), "A: 1, B: 2, C: 2, non-positive: 0");
//! assert_eq!(classes.table(&revenue)?.get("A").unwrap().share_of_value, Some(0.81));
//!
//! let scores = rfm::RfmScheme::default().fit(&idle, &orders, &revenue)?.score(&idle, &orders, &revenue)?;
//! let groups = rfm::RuleSet::usual().assign(&scores)?;
//! assert_eq!((groups.name(0), groups.name(4)), (Some("Champions"), Some("Lost")));
//! # Ok::<(), crm_segmentation::Error>(())
//! ```

pub mod abc;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod contact;
pub mod cuts;
pub mod loyalty;
pub mod matrix;
pub mod migration;
pub mod prospecting;
pub mod rfm;
pub mod scorecard;
pub mod seasonal;
pub mod stability;
pub mod xyz;

mod assignments;
mod column;
mod columns;
mod cross;
mod error;
mod exact;
mod join;
mod table;

pub use assignments::Assignments;
pub use columns::Columns;
pub use crm_numbers::{Amount, Decimal, Share};
pub use cross::CrossTable;
pub use cuts::Cuts;
pub use error::Error;
pub use table::{Group, GroupTable};
