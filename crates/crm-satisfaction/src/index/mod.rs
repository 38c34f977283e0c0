//! The satisfaction index: perception over expectation, and the gap between both.
//!
//! C = b / a, `b` the perception and `a` the expectation (客户满意度); 1 means that expectations were
//! met. A ratio needs a true zero. On a scale of 1 to 5, twice the value is not twice the quality,
//! so the [`Origin`] is an explicit choice, and the gap b - a, which needs no zero, stands beside
//! it.
//!
//! | question | item |
//! |---|---|
//! | What is the index of one customer, or of two figures? | [`Index`], [`IndexBands`], [`GapBands`] |
//! | What is the index of a survey? | [`Pairs`]: ratio of means, mean of ratios, gap, intervals |
//! | By product, region, wave? | [`Pairs::by_group`] |
//! | By attribute, with weights? | [`Attributes`], with the five dimensions of SERVQUAL as a preset |
//!
//! # Examples
//!
//! ```
//! use crm_satisfaction::index::{Band, Index, IndexBands, Pairs};
//!
//! // Expected 8, perceived 6: three quarters of the expectation.
//! let index = Index::new(6.0, 8.0)?;
//! assert_eq!((index.ratio(), index.gap()), (0.75, -2.0));
//! assert_eq!(IndexBands::default().band(index.ratio()), Band::Dissatisfied);
//!
//! let pairs = Pairs::new(&[6.0, 9.0, 9.0], &[8.0, 10.0, 6.0])?;
//! // 24 perceived over 24 expected; but the mean of 0.75, 0.9 and 1.5 is 1.05.
//! assert_eq!(pairs.ratio_of_means(), Some(1.0));
//! assert!((pairs.mean_of_ratios().unwrap().value - 1.05).abs() < 1e-12);
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod attributes;
mod group;
mod inference;
mod pairs;
mod ratio;

pub use attributes::{Attribute, AttributeIndex, AttributeScore, Attributes, SERVQUAL_WEIGHTS};
pub use group::{GroupIndex, MINIMUM_SAMPLE};
pub use pairs::{MeanOfRatios, Origin, Pairs};
pub use ratio::{Band, GapBand, GapBands, Index, IndexBands, MiddleBand};
