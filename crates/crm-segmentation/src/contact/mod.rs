//! Dealing with customers: when to contact whom next, whom to serve when there is not enough, whom
//! to drop from a list, and which large customers only look good.

mod cadence;
mod capacity;
mod hygiene;
mod key_accounts;

pub use cadence::{Cadence, Due, Every};
pub use capacity::{ContactAllocation, Demand, allocate};
pub use hygiene::{ListRules, ListedContact, Pruned};
pub use key_accounts::{AccountGap, AccountValue, JudgedAccounts, KeyAccounts};
