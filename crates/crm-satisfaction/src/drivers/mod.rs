//! Drivers of satisfaction: the importance of attributes, and the effect of bad and good levels.
//!
//! | question | item |
//! |---|---|
//! | How important is each attribute: stated, by correlation, by regression, by its share of R2? | [`Drivers`] |
//! | Where is effort missing, and where is it wasted? | [`ImportancePerformance`] |
//! | Which attributes lose customers, and which win them? | [`PenaltyReward`] |
//!
//! # Examples
//!
//! ```
//! use crm_satisfaction::drivers::Drivers;
//!
//! // Speed and price of eight respondents, and their satisfaction: mostly by speed.
//! let rows = [1., 1., 1., 5., 2., 2., 2., 4., 4., 3., 4., 3., 5., 1., 5., 5.];
//! let satisfaction = [1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 4.0, 5.0];
//! let drivers = Drivers::new(&["speed", "price"], &rows, &satisfaction)?;
//! let shares = drivers.shapley()?;
//! // The shares add up to the R2 of all drivers, and speed has most of it.
//! assert!((shares[0].value + shares[1].value - drivers.r_squared()?).abs() < 1e-12);
//! assert!(shares[0].value > 0.8 && shares[1].value < 0.2);
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod importance;
mod marks;
mod matrix;
mod penalty_reward;
mod shares;

pub use importance::{DriverCoefficient, Drivers, Importance};
pub use matrix::{DriverAction, DriverPoint, ImportancePerformance, QuadrantCut};
pub use penalty_reward::{Contrast, Factor, FactorClass, PenaltyReward, RedundantMark};
