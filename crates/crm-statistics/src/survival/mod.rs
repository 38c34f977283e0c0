//! Survival analysis: how long customers stay, hazards, comparisons of groups, competing causes of
//! loss.
//!
//! The lifetime of a customer who has not been lost is only known to exceed the time observed.
//! These estimators count such right-censored customers for as long as they were observed, and
//! customers from before the start of the records (left truncation) only from their entry.
//!
//! | question | item |
//! |---|---|
//! | From when to when was each customer observed, and was the customer lost? | [`Lifetimes`] |
//! | Which share of customers stays longer than t? Median, restricted mean | [`Lifetimes::kaplan_meier`], [`Curve`] |
//! | How high is the risk of loss in the first months? | [`Lifetimes::nelson_aalen`], [`Hazard`] |
//! | Do these groups stay equally long? | [`log_rank`] |
//! | Which share is lost to each cause by t? | [`Incidence`] |
//!
//! Conventions: a customer is at risk at t if they entered before t and left at t or later; of a
//! loss and a censoring at the same time the loss comes first; curves are constant between losses
//! and include the step at t.
//!
//! # Examples
//!
//! ```
//! use crm_numbers::Level;
//! use crm_statistics::survival::{Lifetimes, Limits};
//!
//! // Months until the loss (true), or until today for customers who are still active (false).
//! let months = [2, 3, 3, 5, 8];
//! let lost = [true, true, false, true, false];
//! let curve = Lifetimes::new(&months, &lost)?.kaplan_meier();
//! // 4/5 stay beyond month 2, 3/4 of them beyond 3, and half of the two observed at 5 beyond it.
//! assert!((curve.at(4.0) - 0.6).abs() < 1e-15);
//! assert!((curve.at(6.0) - 0.3).abs() < 1e-15);
//! assert_eq!(curve.median(), Some(5.0));
//! println!("{}", curve.interval(4.0, Limits::LogLog, Level::default()));
//! # Ok::<(), crm_statistics::Error>(())
//! ```

mod curve;
mod hazard;
mod incidence;
mod lifetimes;
mod log_rank;

pub use curve::{Curve, Limits, QuantileRange, SurvivalStep};
pub use hazard::{Hazard, HazardStep};
pub use incidence::Incidence;
pub use lifetimes::Lifetimes;
pub use log_rank::{LogRank, log_rank};
