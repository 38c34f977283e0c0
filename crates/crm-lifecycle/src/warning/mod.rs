//! Early warning: the quality of a score, the threshold of a warning, and customers who are late by
//! their own rhythm.
//!
//! | question | item |
//! |---|---|
//! | Are the probabilities calibrated, and do they rank the lost customers first? | [`Forecasts`], [`CalibrationBin`], [`CalibrationLine`] |
//! | From which probability on does a warning pay? | [`Costs`], [`WarningCutoff`] |
//! | Is this silence unusual for this customer? | [`RhythmRule`], [`Verdict`] |
//! | What do orders and bills show before a customer is lost? | [`Behaviour`], [`settlement_cycle`] |
//!
//! The score itself is fitted in [`logistic`](crate::logistic); the customers worth saving are
//! selected in [`rescue`](crate::rescue).

mod behaviour;
mod costs;
mod forecasts;
mod rhythm;

pub use behaviour::{Behaviour, Bill, SettlementCycle, settlement_cycle};
pub use costs::{Costs, WarningCutoff};
pub use forecasts::{CalibrationBin, CalibrationLine, Forecasts};
pub use rhythm::{Law, RhythmRule, Verdict};
