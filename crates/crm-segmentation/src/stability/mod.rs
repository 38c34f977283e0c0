//! Groups that are firm, and groups that lead by more than chance.

mod best_group;
mod resampling;

pub use best_group::{BestGroup, best_group};
pub use resampling::{Stability, stability};
