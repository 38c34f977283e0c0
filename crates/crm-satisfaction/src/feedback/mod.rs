//! Unsolicited feedback: complaints, inquiries, suggestions, and the frequency of contacts
//! (客户注意力分析).
//!
//! | question | item |
//! |---|---|
//! | How many cases are there by kind, product, period, agent, region; how many are resolved, how fast? | [`Cases::by`], [`Cases::resolution`] |
//! | Which customers complain again, and about which causes? | [`Cases::repeats`], [`Cases::pareto`] |
//! | What became of suggestions? | [`Cases::outcomes`] |
//! | Which customers are contacted by too many units in one week? | [`contact_weeks`], [`ContactWeek`] |
//!
//! A case that is still open was not resolved "in zero days": it is censored on the day of the
//! report. The time to resolution is a Kaplan-Meier curve, from [`crm_statistics::survival`].
//!
//! # Examples
//!
//! ```
//! use crm_satisfaction::NaiveDate;
//! use crm_satisfaction::feedback::{Case, CaseKey, CaseKind, Cases};
//!
//! let day = |d| NaiveDate::from_ymd_opt(2025, 3, d).unwrap();
//! let late = |opened| Case::new(CaseKind::Complaint, "ada", day(opened)).with_cause("late");
//! let cases = Cases::new([late(1).closed(day(3), None), late(2).closed(day(6), None), late(10)], day(12))?;
//! let all = &cases.by(CaseKey::Cause)[0];
//! assert_eq!((all.label.as_str(), all.cases, all.open), ("late", 3, 1));
//! // Closed after 2 and 4 days; the third is open since 2: 1 - 1/3, then half of that.
//! assert_eq!(all.median_days, Some(4.0));
//! # Ok::<(), crm_satisfaction::Error>(())
//! ```

mod case;
mod cases;
mod contacts;

pub use case::{Case, CaseKey, CaseKind, CaseOutcome};
pub use cases::{CaseGroup, CaseOutcomes, Cases, ComplaintCause, RepeatCases, RepeatCustomer};
pub use contacts::{ContactWeek, CustomerContact, contact_weeks};
