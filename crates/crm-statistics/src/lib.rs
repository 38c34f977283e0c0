//! What several topics of customer analytics share: ranks, quantiles, concentration, ranking
//! quality, intervals for proportions, and survival curves.
//!
//! | question | item |
//! |---|---|
//! | Who is first, and what do equal ones get? | [`ranks`] |
//! | What does the typical, the best tenth, the worst fifth look like? | [`quantile`], [`quantiles`], [`Sorted`], [`order_statistics`] |
//! | What do the top 20 % of customers bring? How unequal is it? | [`Concentration`] |
//! | Does a score put the buyers first? | [`RankingQuality`]: AUC, lift, gains, capture |
//! | How sure is a conversion rate, or the gain of a test? | [`Proportion`], [`Level`](crm_numbers::Level), [`Interval`](crm_numbers::Interval) |
//! | How long do customers stay, and what ends it? | [`survival`]: Kaplan-Meier, Nelson-Aalen, log-rank, competing causes |
//! | How likely is it by chance? | [`distribution`]: tails and quantiles of the normal, Student's and chi-squared distributions |
//! | Did an iterative fit converge? | [`Termination`] |
//! | Which customers does a bootstrap draw? | [`random::RandomStream`] |
//!
//! Amounts may be cents (`i64`), [`Decimal`](crm_numbers::Decimal), counts or finite `f64`: see
//! [`Amount`](crm_numbers::Amount). No accepted input gives NaN or a panic; a refused one is named
//! by [`Error`].
//!
//! # Examples
//!
//! ```
//! use crm_numbers::{Level, Share};
//! use crm_statistics::{Concentration, Negatives, Proportion, ProportionMethod};
//!
//! // Revenue of six customers, in cents.
//! let revenue = [500_000_i64, 100_000, 100_000, 100_000, 100_000, 100_000];
//! let spread = Concentration::new(&revenue, Negatives::Refuse)?;
//! assert_eq!(spread.top(1)?.to_string(), "500000 of 1000000 (50.0 %)");
//! assert_eq!(spread.customers_for(Share::percent(80)?), 4);
//!
//! // 2 of them bought again: a third, but six customers say little.
//! let repeat = Proportion::new(2, 6)?.interval(ProportionMethod::Wilson, Level::default());
//! assert_eq!(repeat.to_string(), "0.3333 (0.0968 to 0.7000, 95 %)");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! * `serde`: settings and results can be stored; whatever a constructor refuses, reading refuses.

pub mod distribution;
pub mod random;
pub mod survival;

mod concentration;
mod error;
mod order;
mod proportion;
mod quantile;
mod ranking;
mod ranks;
mod termination;

pub use concentration::{Concentration, LorenzPoint, Negatives, TopShare};
pub use error::Error;
pub use order::order_statistics;
pub use proportion::{Proportion, ProportionMethod, share_interval};
pub use quantile::{QuantileMethod, Sorted, quantile, quantiles};
pub use ranking::{Gain, RankingQuality};
pub use ranks::{Direction, Ties, ranks};
pub use termination::Termination;
