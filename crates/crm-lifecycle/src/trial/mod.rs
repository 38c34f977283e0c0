//! Whether a promotion worked: customers who got it against customers who did not, by what share of them bought or by
//! what they spent; in segments; and how many customers such a test takes.
//!
//! ```
//! use crm_lifecycle::trial::{customers_for_rates, rates};
//! use crm_numbers::Level;
//! use crm_statistics::Proportion;
//!
//! // Of 2 000 who got the letter 260 ordered, of 2 000 who did not 200.
//! let effect = rates(Proportion::new(260, 2_000)?, Proportion::new(200, 2_000)?, Level::default());
//! assert_eq!(effect.to_string(), "0.1300 against 0.1000: 0.0300 (0.0102 to 0.0498, 95 %), +30.0 %, p = 0.0029");
//! // To see such a gain in four of five tests takes 1 774 customers in each arm.
//! assert_eq!(customers_for_rates(0.10, 0.13, Level::default(), 0.8)?, 1_774);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The arms must have been drawn by lot. Nothing here repairs a test in which the better customers got the letter.

mod effect;
mod segments;
mod size;

pub use effect::{TrialEffect, rates, spend};
pub use segments::{rates_by_segment, spend_by_segment};
pub use size::{customers_for_rates, customers_for_spend};

pub(crate) use effect::{Arm, Welch, p_value_of_rates};
