//! RFM: how recently, how often and for how much a customer bought; scores, cells such as 555, and
//! groups with names.
//!
//! Three steps, each of which can be stored:
//!
//! 1. [`RfmScheme`]: how many scores (5) and how they weigh. [`RfmScheme::fit`] finds the cut
//!    points: [`RfmFit`].
//! 2. [`RfmFit::score`] gives every customer a score from 1 to 5 on each dimension: [`Scores`],
//!    cells and a combined score.
//! 3. A [`RuleSet`] gives every cell a name: [`RuleSet::assign`] puts each customer into a group.
//!
//! What is decided here, and nowhere silently:
//!
//! * **5 is best on every dimension**, also for recency: few idle days score high. The column is
//!   called `idle` because models of purchase times call something else recency (the time from the
//!   first to the last purchase).
//! * A score says where a customer stands among all: frequency 5 means above the 80 % point. Equal
//!   values share a score. Most shops have many customers with one order: they all score 1, the
//!   next number of orders may score 4, and nobody 2 or 3. The best customers keep their 5;
//!   [`Cuts::filled`](crate::Cuts::filled) says how many scores occur.
//! * **Zero orders means no order.** Such customers (a roster, a newsletter list) are no error:
//!   they take no part in the cut points, have no score, and every rule set must name a group for
//!   them. Their idle days are ignored.
//! * A rule set is checked when it is built: every cell, and the customers without an order, in
//!   exactly one group.
//!
//! # Examples
//!
//! ```
//! use crm_segmentation::rfm::{RuleSet, RfmScheme, table};
//!
//! // Days since the last order, orders, cents. The last person never ordered.
//! let idle = [3, 10, 40, 90, 300, 0];
//! let orders = [9, 5, 3, 2, 1, 0];
//! let spend = [90_000_i64, 40_000, 9_000, 5_000, 1_000, 0];
//!
//! let fitted = RfmScheme::default().fit(&idle, &orders, &spend)?;
//! let scores = fitted.score(&idle, &orders, &spend)?;
//! assert_eq!(scores.place(0).unwrap().to_string(), "555");
//! assert_eq!(scores.place(2).unwrap().to_string(), "333");
//!
//! let groups = RuleSet::usual().assign(&scores)?;
//! assert_eq!(groups.name(0), Some("Champions"));
//! assert_eq!(groups.name(4), Some("Lost"));
//! assert_eq!(groups.name(5), Some("No Order Yet"));
//! println!("{}", table(&groups, &idle, &orders, &spend)?);
//! # Ok::<(), crm_segmentation::Error>(())
//! ```

mod cell;
mod fitted;
mod published;
mod rules;
mod scheme;
mod scores;
mod table;

pub use cell::{RfmCell, RfmPlace};
pub use fitted::{RfmDrift, RfmFit};
pub use published::{RULE_DEVIATIONS, RuleDeviation};
pub use rules::{Faults, RuleSet, SegmentRule};
pub use scheme::{RfmScheme, RfmWeights};
pub use scores::Scores;
pub use table::table;
