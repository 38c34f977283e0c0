//! Scorecards: several answers into one mark, with weights that are stated and contributions that
//! are shown.
//!
//! A [`Scorecard`] is a list of [`ScorecardCriterion`]: a name, a weight, a scale, and which end of
//! the scale is good. Marks run from 0 (the worst answer everywhere) to 100. [`presets`] holds
//! those of the literature, [`Comparisons`] finds weights from pairwise judgments (AHP), and
//! [`Account`] scores a customer who speaks with several voices.

mod account;
mod ahp;
mod card;
pub mod presets;

pub use account::{Account, ContactRole, RoleWeights};
pub use ahp::Comparisons;
pub use card::{AccountScore, Better, Missing, Scorecard, ScorecardCriterion};
