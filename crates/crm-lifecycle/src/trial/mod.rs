//! Tests of promotions: treated customers compared with a control group, by the share who bought or
//! by their spend; by segment; and the number of customers that such a test needs.
//!
//! The arms must have been assigned at random. Nothing here corrects a test in which better
//! customers received the promotion.
//!
//! # Examples
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

mod effect;
mod segments;
mod size;

pub use effect::{TrialEffect, rates, spend};
pub use segments::{rates_by_segment, spend_by_segment};
pub use size::{customers_for_rates, customers_for_spend};

pub(crate) use effect::{Arm, Welch, p_value_of_rates};
