//! Where each customer relationship stands, and what comes next.
//!
//! | question | item |
//! |---|---|
//! | In which stage is a customer, since when, and why, by rules that a manager can argue with? | [`StageRules`], [`StageThreshold`], [`Standing`], [`StageReason`] |
//! | The same from a probability that the customer is alive? | [`StageRules::standing_from_p_alive`], [`StageRules::standing_from_p_alive_over_time`] |
//! | The same learnt from what customers did, and what comes next? | [`hmm`] |
//! | Who stays, and how much revenue with them? Churn, GRR, NRR, and what moved profit | [`retention`] |
//! | How do customers won at one time fare over their age? | [`cohort`] |
//! | How many of the candidates become customers, how fast, and how many does it take? | [`funnel`] |
//! | Did a promotion work, and how large must its test be? | [`trial`] |
//! | Why did they leave, and what could have been avoided? | [`loss`] |
//! | Does a customer who buys feel well, too? | [`quality`] |
//! | What is that called elsewhere? | [`CyclePhase`], [`Task`] |
//! | When did a relationship first decline? | [`StageRules::first_decline`] |
//! | Who moves from stage to stage? | [`Moves`], [`Chain`] |
//! | What do customers of a stage bring, and does that hold? | [`StageValues`] |
//! | Who will be lost, how sure is that, and what says so? | [`logistic`], [`warning`] |
//! | Whom to save with this budget? | [`rescue`] |
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
//! Features: `rayon` (all cores, same bits), `serde` (models and settings can be stored; what a constructor refuses,
//! reading refuses too).

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
