//! Cut points on amounts: bins, bins within bins, and tiers, with the drift since they were made.

mod drift;
mod nested;
mod points;
mod tiers;

pub use drift::stability_index;
pub use nested::NestedCuts;
pub use points::Cuts;
pub use tiers::{Tiers, TiersFit};
