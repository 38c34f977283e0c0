//! ABC: the few customers that bring most of the value (Pareto, 80/20).
//!
//! A [`AbcScheme`] says where the classes end (80 % and 95 % of the value by default) and what
//! happens to the customer who crosses a limit. AbcFit to a column of amounts it becomes
//! [`AbcFit`]: cut values that can be stored and applied to the customers of next month.
//!
//! How a customer gets a class, precisely. S is the sum of all positive amounts and t a threshold.
//!
//! * Customers with an amount of zero or less form the class [`NON_POSITIVE`]. The others are taken
//!   by falling amount.
//! * Equal amounts share a class: they are taken together, as if they were one customer.
//! * Under [`Crossing::Better`] a customer is within t while those *before* it bring less than t S:
//!   the class is the smallest that brings at least t S. Under [`Crossing::Worse`] while those *up
//!   to* it bring at most t S.
//! * The class is the first threshold that a customer is within, and the last class beyond all of
//!   them.
//!
//! Whole numbers and decimals are compared exactly (in `i128`, see [`Unit`](crm_numbers::SumUnit)):
//! 80 % means 80 %.
//!
//! # Examples
//!
//! ```
//! use crm_segmentation::abc::AbcScheme;
//!
//! // Margin in cents; 1000 in all among those who bring something.
//! let margin = [600_i64, 200, 100, 60, 40, 0, -30];
//! let fitted = AbcScheme::default().fit(&margin)?;
//! let classes = fitted.assign(&margin)?;
//! // 600 + 200 are 80 %: class A. With 100 and 60 it is 96 %: the one who crosses 95 % still is B.
//! assert_eq!(classes.to_string(), "A: 2, B: 2, C: 1, non-positive: 2");
//! assert_eq!(fitted.floors(), [Some(200), Some(60)]);
//! assert_eq!(fitted.reason(150).to_string(), "B: at least 60, below 200");
//!
//! let table = classes.table(&margin)?;
//! assert_eq!(table.groups()[0].share_of_value, Some(0.8));
//! # Ok::<(), crm_segmentation::Error>(())
//! ```

mod fitted;
mod floors;
mod scheme;

pub use fitted::{AbcFit, ClassReason};
pub use scheme::{AbcScheme, Crossing, NON_POSITIVE};
