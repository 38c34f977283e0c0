//! Funnels: the number of candidates who become customers, the steps at which the others are lost,
//! the duration of each step, and the number of candidates needed for a number of deals (成功的概率).
//!
//! | question | item |
//! |---|---|
//! | What is the conversion of each step and overall, from counts, and how do two funnels compare? | [`Funnel`] |
//! | What is it, given the time at which each candidate reached each stage, with some still open? | [`Journeys`] |
//! | Which share eventually advances, and how many of the open candidates will? | [`Journeys::eventual`], [`Journeys::eventually`] |
//! | How many candidates are needed for a number of deals, with a given certainty? | [`candidates_for`], [`Funnel::surely_needed_for`] |
//! | How long does a step take? | [`Journeys::time_in`], [`Journeys::outcomes_of`] |
//!
//! # Examples
//!
//! ```
//! use crm_lifecycle::funnel::Funnel;
//! use crm_numbers::Level;
//!
//! // A hundred candidates, five deals: the published example.
//! let funnel = Funnel::new([("candidates", 100), ("reached", 80), ("interested", 50), ("talks", 20), ("deals", 5)])?;
//! let steps = funnel.steps(Level::default());
//! assert_eq!(steps[3].conversion.unwrap().to_string(), "0.2500 (0.1119 to 0.4687, 95 %)");
//! assert_eq!(funnel.overall(Level::default()).unwrap().to_string(), "0.0500 (0.0215 to 0.1118, 95 %)");
//! // One deal needs 4 talks, 10 who are interested, 16 reached, 20 candidates; and to be sure of it, 59.
//! assert_eq!(funnel.needed_for(1)?, Some(vec![20, 16, 10, 4, 1]));
//! assert_eq!(funnel.surely_needed_for(1, 0.95)?, Some(59));
//! # Ok::<(), crm_lifecycle::Error>(())
//! ```

mod counts;
mod eventual;
mod journeys;

pub use counts::{Funnel, FunnelComparison, FunnelStep, candidates_for};
pub use eventual::Eventual;
pub use journeys::{JourneyOutcome, Journeys, Passage};
