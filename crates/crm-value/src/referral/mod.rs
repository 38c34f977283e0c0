//! Referrals between people, and the value that they brought.

mod equity;
mod network;

pub use equity::{EquityRow, ReferralEquity, ReferralRule, ReferralTerms};
pub use network::{Referral, ReferralNetwork};
