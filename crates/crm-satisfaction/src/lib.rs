//! Customer satisfaction from survey answers: the satisfaction index, the common scores, and what
//! drives them.
//!
//! | question | item |
//! |---|---|
//! | How are answers and scales represented? | [`Survey`], [`Question`], [`Scale`], [`Answer`], [`Tally`] |
//! | Did customers get what they expected? | [`index`]: C = b / a, the gap, by group and by attribute |
//! | What are NPS, CSAT and CES, and how many respondents are needed? | [`scores`] |
//! | Where are the most and the least satisfied, and what distinguishes them? | [`extremes`] |
//! | Which features delight, and which are taken for granted? | [`kano`] |
//! | What drives satisfaction, and what loses customers? | [`drivers`] |
//! | How do image, quality, value, satisfaction and loyalty depend on each other? | [`path_model`]: ECSI and ACSI by PLS |
//! | What do customers complain about, and how fast is it resolved? | [`feedback`] |
//!
//! Figures come from exact counts, with intervals beside them. Missing answers and answers that do
//! not apply are separate values. A scale declares its good end once; all later figures are
//! oriented with the good end up.
//!
//! # Examples
//!
//! ```
//! use crm_satisfaction::index::{Origin, Pairs};
//! use crm_satisfaction::scores::{Nps, NpsMethod};
//! use crm_satisfaction::{Answer, Question, Level, Scale, Survey};
//!
//! let five = Scale::new(1, 5)?;
//! let answers = |values: [i32; 4]| values.map(Answer::Value);
//! let survey = Survey::new(["r1", "r2", "r3", "r4"])
//!     .with_column(Question::new("perceived", five.clone(), &answers([4, 3, 5, 3]))?)?
//!     .with_column(Question::new("expected", five, &answers([5, 4, 4, 5]))?)?
//!     .with_column(Question::new("recommend", Scale::zero_to_ten(), &answers([9, 7, 10, 3]))?)?;
//!
//! let pairs = Pairs::from_survey(&survey, "perceived", "expected", Origin::AsAnswered)?;
//! // 15 points perceived, 18 expected.
//! assert_eq!((pairs.ratio_of_means(), pairs.gap()), (Some(15.0 / 18.0), Some(-0.75)));
//!
//! let nps = Nps::from_tally(&survey.column("recommend")?.tally())?;
//! // Two promoters and one detractor of four: +25, with a wide interval.
//! assert_eq!(nps.score(), 25.0);
//! assert!(nps.interval(NpsMethod::Wilson, Level::default()).lower < -40.0);
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```
//!
//! # Features
//!
//! * `csv`: reads surveys, Kano replies and feedback from files of comma-separated values.
//! * `rayon`: resampling uses all cores; the answers stay the same, bit for bit.
//! * `serde`: settings can be stored and results written; whatever a constructor refuses, reading
//!   refuses.

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
mod percentile;
mod permutation;
mod random;
mod scale;
mod survey;
mod tally;

pub use answer::Answer;
pub use change::Change;
pub use chrono::NaiveDate;
pub use crm_numbers::{Interval, Level, Share};
pub use error::Error;
pub use scale::{GoodEnd, Scale};
pub use survey::{CompleteRows, Groups, NOT_STATED, Question, Survey};
pub use tally::Tally;
