//! What customers say unasked: complaints, enquiries, suggestions, and how often they are contacted (客户注意力分析).
//!
//! | question | item |
//! |---|---|
//! | How many cases by kind, product, period, agent, region; how many resolved, how fast? | [`Cases::by`], [`Cases::resolution`] |
//! | Who complains again, and about what? | [`Cases::repeats`], [`Cases::pareto`] |
//! | What became of suggestions? | [`Cases::outcomes`] |
//! | Whom do too many units write to in one week? | [`contact_weeks`], [`ContactWeek`] |
//!
//! A case that is still open has not been resolved "in zero days": it counts as censored on the day of the report. The
//! time to resolve is the curve of Kaplan and Meier, from [`crm_statistics::survival`].
//!
//! ```
//! use crm_satisfaction::NaiveDate;
//! use crm_satisfaction::feedback::{Case, Cases, Key, Kind};
//!
//! let day = |d| NaiveDate::from_ymd_opt(2025, 3, d).unwrap();
//! let late = |opened| Case::new(Kind::Complaint, "ada", day(opened)).with_cause("late");
//! let cases = Cases::new([late(1).closed(day(3), None), late(2).closed(day(6), None), late(10)], day(12))?;
//! let all = &cases.by(Key::Cause)[0];
//! assert_eq!((all.label.as_str(), all.cases, all.open), ("late", 3, 1));
//! // After 2 and 4 days; the third is open since 2: 1 - 1/3, then half of that.
//! assert_eq!(all.median_days, Some(4.0));
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod case;
mod cases;
mod contacts;

pub use case::{Case, Key, Kind, Outcome};
pub use cases::{CaseGroup, Cases, Cause, Repeats};
pub use contacts::{Contact, ContactWeek, contact_weeks};
