//! Kano analysis: features that delight, features that are taken for granted, and features without
//! effect.
//!
//! Each respondent answers two questions about a feature: how would you feel if the product had it
//! (functional), and if it did not (dysfunctional)? Each has five replies; the evaluation table
//! assigns a category to each of the 25 pairs.
//!
//! | category | meaning |
//! |---|---|
//! | [`MustBe`](KanoCategory::MustBe) M | taken for granted; its lack annoys |
//! | [`OneDimensional`](KanoCategory::OneDimensional) O | the more the better |
//! | [`Attractive`](KanoCategory::Attractive) A | delights; its lack does not annoy |
//! | [`Indifferent`](KanoCategory::Indifferent) I | has no effect |
//! | [`Reverse`](KanoCategory::Reverse) R | its presence annoys |
//! | [`Questionable`](KanoCategory::Questionable) Q | the two replies contradict each other |
//!
//! # References
//!
//! Kano, N., Seraku, N., Takahashi, F. and Tsuji, S. (1984), "Attractive Quality and Must-Be
//! Quality", Journal of the Japanese Society for Quality Control 14 (2), 147-156.
//!
//! # Examples
//!
//! ```
//! use crm_satisfaction::kano::{KanoCategory, KanoFeature, KanoReply};
//!
//! use KanoReply::{Dislike, Like, MustBe, Neutral};
//!
//! assert_eq!(KanoCategory::from_replies(Like, Dislike), KanoCategory::OneDimensional);
//!
//! let lock = KanoFeature::new("lock", &[(Neutral, Dislike), (MustBe, Dislike), (Like, Dislike)])?;
//! assert_eq!(lock.category(), KanoCategory::MustBe);
//! // Two M and one O: a third is more satisfied with it, all are dissatisfied without it.
//! assert_eq!((lock.better(), lock.worse()), (Some(1.0 / 3.0), Some(-1.0)));
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod category;
mod continuous;
mod feature;

pub use category::{KanoCategory, KanoReply};
pub use continuous::{ContinuousScores, KanoQuadrant};
pub use feature::{FongTest, KanoCounts, KanoFeature, LeeNewcomb};
