//! Loyalty: how far customers have come, how firmly they stay, and why.
//!
//! | question | scheme |
//! |---|---|
//! | How many get from prospect to advocate, and where do they stop? | [`LoyaltyPyramid`], [`Climb`] |
//! | Whom is it worth selling to today? | [`States`], [`SuccessRates`] |
//! | How far has the contact, the trust, the partnership come? | [`ContactLadder`], [`TrustLadder`], [`PartnershipLadder`] |
//! | Why do they stay? | [`Bonds`] (five kinds), [`dick_and_basu`] |
//! | What wears loyalty down? | [`Eroders`] |
//! | How loyal, from 0 to 100? | [`presets`](crate::scorecard::presets) of eight and of five criteria |
//! | Which part of the spend is ours? | [`brand_loyalty`], [`SpendShare`] |
//! | Loyal, satisfied or floating? | [`Relationship`], [`BENCHMARK`] |

mod attitude;
mod bonds;
mod climb;
mod eroders;
mod ladders;
mod pyramid;
mod relationship;
mod share;
mod states;

pub use attitude::dick_and_basu;
pub use bonds::Bonds;
pub use climb::{Climb, LadderStep};
pub use eroders::{Eroders, variety};
pub use ladders::{ContactLadder, PartnershipLadder, TrustLadder};
pub use pyramid::{LoyaltyPyramid, Person, UnknownShare};
pub use relationship::{BENCHMARK, Benchmark, Relationship};
pub use share::{SpendShare, brand_loyalty};
pub use states::{ContactPlan, Expected, States, SuccessRates};
