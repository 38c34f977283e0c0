//! The satisfaction index: what customers got over what they expected, and the gap between both.
//!
//! C = b / a with b what was perceived and a what was expected (客户满意度); 1 means that expectations were met. A ratio
//! needs a true zero. Where answers are marks from 1 to 5, twice the mark is not twice the quality, so the [`Origin`] is
//! a named choice and the gap b - a, which needs no zero, stands beside the ratio.
//!
//! | question | item |
//! |---|---|
//! | One customer, or two figures? | [`Index`], [`Bands`], [`GapBands`] |
//! | A survey? | [`Pairs`]: ratio of means, mean of ratios, gap, intervals |
//! | By product, region, wave? | [`Pairs::by_group`] |
//! | By attribute, with weights? | [`Attributes`], with SERVQUAL's five dimensions as a preset |
//!
//! ```
//! use crm_satisfaction::index::{Bands, Index, Origin, Pairs};
//!
//! // Expected 8 and got 6: three quarters of what was hoped for.
//! let index = Index::new(6.0, 8.0)?;
//! assert_eq!((index.ratio(), index.gap()), (0.75, -2.0));
//! assert_eq!(Bands::default().band(index.ratio()).to_string(), "dissatisfied");
//!
//! let pairs = Pairs::new(&[6.0, 9.0, 9.0], &[8.0, 10.0, 6.0])?;
//! // 24 got over 24 expected; but the mean of 0.75, 0.9 and 1.5 is 1.05.
//! assert_eq!(pairs.ratio_of_means(), Some(1.0));
//! assert!((pairs.mean_of_ratios().unwrap().value - 1.05).abs() < 1e-12);
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod attributes;
mod group;
mod pairs;
mod ratio;

pub use attributes::{Attribute, AttributeIndex, AttributeScore, Attributes, SERVQUAL_WEIGHTS};
pub use group::{GroupIndex, MINIMUM_SAMPLE};
pub use pairs::{MeanOfRatios, Origin, Pairs};
pub use ratio::{AtOne, Band, Bands, GapBand, GapBands, Index};
