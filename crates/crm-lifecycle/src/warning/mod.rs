//! Early warning: how good a score is, where to draw the line, and who is later than his own rhythm.
//!
//! | question | item |
//! |---|---|
//! | Can the probabilities be believed, and do they put the lost first? | [`Forecasts`], [`CalibrationBin`], [`CalibrationLine`] |
//! | From which probability on does a warning pay? | [`Costs`], [`WarningCutoff`] |
//! | Is this silence unusual for this customer? | [`RhythmRule`], [`Verdict`] |
//! | What do orders and bills tell before a customer is lost? | [`Behaviour`], [`settlement_cycle`] |
//!
//! The score itself is learnt in [`logistic`](crate::logistic); who is worth saving is told in [`rescue`](crate::rescue).

mod behaviour;
mod costs;
mod forecasts;
mod rhythm;

pub use behaviour::{Behaviour, Bill, SettlementCycle, settlement_cycle};
pub use costs::{Costs, WarningCutoff};
pub use forecasts::{CalibrationBin, CalibrationLine, Forecasts};
pub use rhythm::{Law, RhythmRule, Verdict};
