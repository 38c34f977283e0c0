//! Customer satisfaction from survey answers: an index that can be trusted, and what to do about it.
//!
//! | question | item |
//! |---|---|
//! | Who answered what, on which scale? | [`Survey`], [`Column`], [`Scale`], [`Answer`], [`Tally`] |
//! | Did customers get what they expected? | [`index`]: C = b / a, the gap, by group and by attribute |
//! | NPS, CSAT, CES, and how many to ask? | [`scores`] |
//! | Who is (un)happy, and what sets them apart? | [`extremes`] |
//! | Which features delight, which are taken for granted? | [`kano`] |
//! | What drives satisfaction, what loses customers? | [`drivers`] |
//! | Image, quality, value, satisfaction, loyalty: what leads to what? | [`path_model`]: ECSI and ACSI by PLS |
//! | What do people complain about, and how fast is it settled? | [`feedback`] |
//!
//! Exact counts come first, intervals second. A missing answer and one that does not apply are values of their own.
//! Scales say which end is good, once; everything after that points upwards.
//!
//! ```
//! use crm_satisfaction::index::{Origin, Pairs};
//! use crm_satisfaction::scores::{Nps, NpsMethod};
//! use crm_satisfaction::{Answer, Column, Scale, Survey};
//! use crm_numbers::Level;
//!
//! let five = Scale::new(1, 5)?;
//! let answers = |values: [i32; 4]| values.map(Answer::Value);
//! let survey = Survey::new(["r1", "r2", "r3", "r4"])
//!     .with_column(Column::new("perceived", five.clone(), &answers([4, 3, 5, 3]))?)?
//!     .with_column(Column::new("expected", five, &answers([5, 4, 4, 5]))?)?
//!     .with_column(Column::new("recommend", Scale::zero_to_ten(), &answers([9, 7, 10, 3]))?)?;
//!
//! let pairs = Pairs::of(survey.column("perceived")?, survey.column("expected")?, Origin::AsAnswered)?;
//! // 15 points got, 18 expected.
//! assert_eq!((pairs.ratio_of_means(), pairs.gap()), (Some(15.0 / 18.0), Some(-0.75)));
//!
//! let nps = Nps::of(&survey.column("recommend")?.tally())?;
//! // Two promoters, one detractor of four: +25, and four people say next to nothing.
//! assert_eq!(nps.score(), 25.0);
//! assert!(nps.interval(NpsMethod::Wilson, Level::default()).lower < -40.0);
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```
//!
//! Features: `csv` reads surveys, Kano replies and feedback from files; `rayon` resamples on all cores with the same bits;
//! `serde` stores settings and writes results.

#[cfg(feature = "csv")]
pub mod csv;
pub mod drivers;
pub mod extremes;
pub mod feedback;
pub mod index;
pub mod kano;
pub mod path_model;
pub mod scores;

mod answer;
mod change;
mod error;
mod linear;
mod parallel;
mod permutation;
mod probability;
mod random;
mod scale;
mod survey;
mod tally;

pub use answer::Answer;
pub use change::Change;
pub use chrono::NaiveDate;
pub use error::Error;
pub use scale::{Good, Scale};
pub use survey::{Column, Complete, Groups, NOT_STATED, Survey};
pub use tally::Tally;
