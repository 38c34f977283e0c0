//! How long customers stay: survival curves, hazards, comparisons and competing reasons to leave.
//!
//! A customer who is still here has not been kept "so far on average": the time until the loss is only known to be
//! longer. These estimators count such right-censored customers for as long as they were seen, and those who were
//! already customers when counting began (left truncation) only from then on.
//!
//! ```
//! use crm_statistics::survival::{Lifetimes, Limits};
//! use crm_numbers::Level;
//!
//! // Months until the loss (true), or until today for those who are still here (false).
//! let months = [2, 3, 3, 5, 8];
//! let lost = [true, true, false, true, false];
//! let curve = Lifetimes::new(&months, &lost)?.kaplan_meier();
//! // 4/5 stay beyond month 2, 3/4 of them beyond 3, and half of the two seen at 5 beyond it.
//! assert!((curve.at(4.0) - 0.6).abs() < 1e-15);
//! assert!((curve.at(6.0) - 0.3).abs() < 1e-15);
//! assert_eq!(curve.median(), Some(5.0));
//! println!("{}", curve.interval(4.0, Limits::LogLog, Level::default()));
//! # Ok::<(), crm_statistics::Error>(())
//! ```
//!
//! | question | item |
//! |---|---|
//! | Who was seen from when to when, and lost or not? | [`Lifetimes`] |
//! | What share stays longer than t? Median, restricted mean | [`Lifetimes::kaplan_meier`], [`Curve`] |
//! | How dangerous are the first months? | [`Lifetimes::nelson_aalen`], [`Hazard`] |
//! | Do these groups stay equally long? | [`log_rank`] |
//! | What share is lost to each cause by t? | [`Incidence`] |
//!
//! Conventions: a customer is at risk at t if he entered before t and left at t or later; of a loss and a censoring at
//! the same time the loss comes first; curves are constant between losses and include the step at t.

mod curve;
mod hazard;
mod incidence;
mod lifetimes;
mod log_rank;

pub use curve::{Curve, Limits, QuantileRange, Step};
pub use hazard::{Hazard, HazardStep};
pub use incidence::Incidence;
pub use lifetimes::Lifetimes;
pub use log_rank::{LogRank, log_rank};
