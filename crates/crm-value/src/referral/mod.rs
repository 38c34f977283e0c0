//! Who referred whom, and whose the value is that they brought.

mod equity;
mod network;

pub use equity::{EquityRow, ReferralEquity, ReferralTerms, Rule};
pub use network::{Referral, ReferralNetwork};
