//! Kano: which features delight, which are taken for granted, and which nobody cares about.
//!
//! Every respondent is asked twice about a feature: how would you feel if the product had it (functional), and if it did
//! not (dysfunctional)? Five answers each give 25 cells, and the evaluation table puts every cell into a category.
//!
//! | category | meaning |
//! |---|---|
//! | [`MustBe`](Category::MustBe) M | taken for granted; its lack annoys |
//! | [`OneDimensional`](Category::OneDimensional) O | the more the better |
//! | [`Attractive`](Category::Attractive) A | delights; nobody misses it |
//! | [`Indifferent`](Category::Indifferent) I | nobody cares |
//! | [`Reverse`](Category::Reverse) R | it is its presence that annoys |
//! | [`Questionable`](Category::Questionable) Q | the two answers contradict each other |
//!
//! ```
//! use crm_satisfaction::kano::{Category, Feature, Reply};
//!
//! assert_eq!(Category::of(Reply::Like, Reply::Dislike), Category::OneDimensional);
//!
//! let replies = [(Reply::Neutral, Reply::Dislike), (Reply::MustBe, Reply::Dislike), (Reply::Like, Reply::Dislike)];
//! let lock = Feature::new("lock", &replies)?;
//! assert_eq!(lock.category(), Category::MustBe);
//! // Two M and one O: with it a third are happier, without it all are unhappy.
//! assert_eq!((lock.better(), lock.worse()), (Some(1.0 / 3.0), Some(-1.0)));
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```
//!
//! Source: Kano, N., Seraku, N., Takahashi, F. and Tsuji, S. (1984), "Attractive Quality and Must-Be Quality", Journal of
//! the Japanese Society for Quality Control 14 (2), 147-156.

mod category;
mod continuous;
mod feature;

pub use category::{Category, Reply};
pub use continuous::{Continuous, Quadrant};
pub use feature::{Counts, Feature, FongTest, LeeNewcomb};
