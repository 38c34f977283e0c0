//! Customers into groups: cuts on any ordered amount, assignments, and the tables that sum them up.

pub mod abc;
pub mod xyz;

mod assignments;
mod column;
mod cross;
mod cuts;
mod drift;
mod error;
mod nested;
mod parallel;
mod table;

pub use assignments::Assignments;
pub use crm_statistics::{Amount, Fraction};
pub use cross::CrossTable;
pub use cuts::Cuts;
pub use drift::stability_index;
pub use error::Error;
pub use nested::NestedCuts;
pub use table::{Group, GroupTable};
