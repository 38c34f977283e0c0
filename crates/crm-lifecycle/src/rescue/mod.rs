//! Rescue of customers at risk: value at risk under a budget, and the effect of an action.
//!
//! | question | item |
//! |---|---|
//! | How much value is at risk with this customer, and does an action pay? | [`RescueCandidate`] |
//! | Which customers should be saved with this budget? | [`RescueList`] |
//! | Does a score find the customers on whom the action works? | [`Qini`] |
//!
//! # Examples
//!
//! ```
//! use crm_lifecycle::rescue::{RescueCandidate, Decimal, RescueEffect, RescueList};
//!
//! // Value, probability of a loss, success rate of a call, and its cost.
//! let candidate = |value: i64, p_loss, cost: i64| {
//!     RescueCandidate::new(Decimal::from(value), p_loss, RescueEffect::success(0.2)?, Decimal::from(cost))
//! };
//! let candidates = [candidate(1_000, 0.5, 20)?, candidate(4_000, 0.05, 20)?, candidate(300, 0.9, 20)?, candidate(50, 0.9, 20)?];
//! let list = RescueList::new(&candidates, Some(Decimal::from(50)))?;
//! // 1 000 x 0.5 x 0.2 = 100 are saved by 20; 54 in the third place. The second would gain 40, but 10 are left.
//! assert_eq!(list.places().iter().map(|place| place.customer).collect::<Vec<_>>(), [0, 2]);
//! assert_eq!((list.spent(), list.expected_gain()), (Decimal::from(40), Decimal::from(114)));
//! # Ok::<(), crm_lifecycle::Error>(())
//! ```

mod list;
mod qini;

pub use list::{RescueCandidate, RescueEffect, RescueEntry, RescueList};
pub use qini::{Qini, QiniPoint};
pub use rust_decimal::Decimal;
