//! The stage of each customer relationship, and forecasts of its next one.
//!
//! | question | item |
//! |---|---|
//! | In which stage is a customer, since when, and why, by rules that a manager can question? | [`StageRules`], [`StageThreshold`], [`Standing`], [`StageReason`] |
//! | In which stage, given the probability that the customer is active? | [`StageRules::standing_from_p_alive`], [`StageRules::standing_from_p_alive_over_time`] |
//! | In which stage, by a model learned from purchases, and which one is next? | [`hmm`] |
//! | How many customers and how much revenue are retained? Churn, GRR, NRR, and the causes of a change in profit | [`retention`] |
//! | How do customers acquired in one period develop with age? | [`cohort`] |
//! | How many candidates become customers, how fast, and how many candidates are needed? | [`funnel`] |
//! | Did a promotion work, and how large must its test be? | [`trial`] |
//! | Why did customers leave, and which losses were avoidable? | [`loss`] |
//! | Is a customer who buys also satisfied? | [`quality`] |
//! | Which names do other life cycle models use for a stage? | [`CyclePhase`], [`Task`] |
//! | When did a relationship first decline? | [`StageRules::first_decline`] |
//! | How many customers move from stage to stage? | [`Moves`], [`Chain`] |
//! | How much do customers of a stage spend, and does that hold in a back-test? | [`StageValues`] |
//! | Which customers will be lost, how certain is that, and for which reasons? | [`logistic`], [`warning`] |
//! | Which customers should be saved with a given budget? | [`rescue`] |
//!
//! # Examples
//!
//! ```
//! use crm_lifecycle::{CyclePhase, StageRules, Stage};
//!
//! // Days of purchases, and today.
//! let standing = StageRules::default().standing(&[0.0, 30.0, 55.0], 70.0)?;
//! assert_eq!(standing.stage, Stage::Formation);
//! assert_eq!(CyclePhase::for_stage(Some(standing.stage)), CyclePhase::Growth);
//! assert_eq!(standing.to_string(), "formation (100 %) for 15.0: idle time in own gaps 0.55 is not above 3.00; \
//!     number of purchases 3.00 is above 2.00; time since the first purchase 70.00 is not above 180.00");
//! # Ok::<(), crm_lifecycle::Error>(())
//! ```
//!
//! # Features
//!
//! * `rayon`: computation on all cores; results stay the same, bit for bit.
//! * `serde`: models and settings can be stored; whatever a constructor refuses, reading refuses.

pub mod cohort;
pub mod funnel;
pub mod hmm;
pub mod logistic;
pub mod loss;
pub mod quality;
pub mod rescue;
pub mod retention;
pub mod trial;
pub mod warning;

mod error;
mod moves;
mod rules;
mod stage;
mod stage_value;
mod standing;

pub use error::Error;
pub use moves::{Chain, ChainTerm, Moves};
pub use rules::{StageRules, StageThreshold};
pub use stage::{CyclePhase, Stage, Task};
pub use stage_value::{BackTest, StageBackTest, StageValue, StageValues};
pub use standing::{StageFinding, StageReason, Standing};
