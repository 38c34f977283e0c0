//! The five components of lifetime value, and their sum.

mod items;
mod lifetime;
mod purchase;
mod referral;

pub use items::{Information, InformationItem, Knowledge, NamedAmount, Transaction};
pub use lifetime::{Component, ComponentMean, ComponentValue, Components, component_means, lifetime_values};
pub use purchase::{PurchaseValue, purchase_values};
pub use referral::{ReferralValue, referral_values};
