//! What drives satisfaction: which attribute to work on, and what it does to customers when it is bad or good.
//!
//! | question | item |
//! |---|---|
//! | How much does each attribute matter? Stated, by correlation, by regression, by its share of R2 | [`Drivers`] |
//! | Where is effort missing, where is it wasted? | [`ImportancePerformance`] |
//! | Which attribute only loses customers, which one only wins them? | [`PenaltyReward`] |
//!
//! ```
//! use crm_satisfaction::drivers::Drivers;
//!
//! // Speed and price of eight respondents, and how satisfied they are: all by speed, a little by price.
//! let rows = [1., 1., 1., 5., 2., 2., 2., 4., 4., 3., 4., 3., 5., 1., 5., 5.];
//! let satisfaction = [1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 4.0, 5.0];
//! let drivers = Drivers::new(&["speed", "price"], &rows, &satisfaction)?;
//! let shares = drivers.shapley()?;
//! // The shares add up to what the drivers explain together, and speed explains most of it.
//! assert!((shares[0].value + shares[1].value - drivers.r_squared()?).abs() < 1e-12);
//! assert!(shares[0].value > 0.8 && shares[1].value < 0.2);
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod importance;
mod marks;
mod matrix;
mod penalty_reward;
mod shares;

pub use importance::{Coefficient, Drivers, Importance};
pub use matrix::{Action, Cut, DriverPoint, ImportancePerformance};
pub use penalty_reward::{Contrast, Factor, FactorClass, PenaltyReward, Redundant};
