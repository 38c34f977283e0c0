//! Whom to offer what: categories that go together, candidates ranked by expected margin, and who
//! takes to new products.

mod affinity;
mod candidates;
mod openness;

pub use affinity::{Affinity, Baskets, Suggestion};
pub use candidates::{OfferCandidate, Prospect, candidates};
pub use openness::{Adopters, share_of_new};
