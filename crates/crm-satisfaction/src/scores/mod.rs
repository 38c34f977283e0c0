//! The common scores: NPS, CSAT and CES, exact from counts, with their intervals.
//!
//! | score | question | item |
//! |---|---|---|
//! | NPS | would they recommend us? share of 9 and 10 minus share of 0 to 6 | [`Nps`] |
//! | CSAT | are they satisfied? share of the top boxes | [`csat`], [`csat_change`] |
//! | CES | was it easy? mean, and share of agreement | [`Effort`] |
//! | any mean | | [`Mean`] |
//! | any of them with the weights of a survey | | [`Weighted`] |
//! | number of respondents needed | | [`sample_size`], [`sample_size_of_share`], [`sample_size_of_change`] |
//!
//! # Examples
//!
//! ```
//! use crm_satisfaction::Level;
//! use crm_satisfaction::scores::{Nps, NpsMethod};
//!
//! let nps = Nps::new(50, 30, 20)?;
//! assert_eq!(nps.score(), 30.0);
//! let interval = nps.interval(NpsMethod::Wald, Level::default());
//! assert_eq!(interval.to_string(), "30.0000 (14.6922 to 45.3078, 95 %)");
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod effort;
mod mean;
mod nps;
mod sample_size;
mod satisfied;
mod weighted;

pub use effort::Effort;
pub use mean::Mean;
pub use nps::{Nps, NpsMethod};
pub use sample_size::{sample_size, sample_size_of_change, sample_size_of_nps, sample_size_of_share};
pub use satisfied::{csat, csat_change};
pub use weighted::{Weighted, WeightedEffort};
