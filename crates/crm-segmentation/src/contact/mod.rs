//! Dealing with customers: when to contact whom next, whom to serve when there is not enough, whom to drop from a list,
//! and which large customers only look good.

mod cadence;
mod capacity;
mod hygiene;
mod key_accounts;

pub use cadence::{Cadence, Due, Every};
pub use capacity::{Allocation, Demand, allocate};
pub use hygiene::{Contact, ListRules, Pruned};
pub use key_accounts::{AccountValue, Gap, JudgedAccounts, KeyAccounts};
