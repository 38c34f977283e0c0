//! Stages by a hidden Markov model: in every period a customer is in a hidden stage, and buys by
//! the law of that stage.
//!
//! | question | item |
//! |---|---|
//! | Which stages exist, and which transitions between them? | [`Topology`] |
//! | Which purchases did customers make, period by period? | [`Sequences`] |
//! | How do customers of a stage buy? | [`CountLaw`], [`SpendLaw`] |
//! | What do the stages of this business look like? | [`fit`], [`HmmFit`], [`HmmModel::portraits`], [`StandardErrors`] |
//! | How many stages do the data support, and can they be used? | [`HmmFit::recommended`], [`Alternative`], [`HmmDiagnosis`] |
//! | In which stage is a customer, and since when? | [`HmmModel::standing`], [`HmmModel::standings`], [`HmmModel::filtered`], [`HmmModel::smoothed`], [`HmmModel::path`] |
//! | Which stages and purchases follow? | [`HmmModel::forecast`], [`HmmModel::expected_stay`] |
//!
//! # Examples
//!
//! ```
//! use crm_lifecycle::hmm::{Design, HmmOptions, Sequences, fit};
//!
//! let seen = Sequences::from_counts([
//!     vec![0, 1, 0, 1, 2, 3, 4, 3, 5, 4, 3, 4, 1, 0, 0, 0, 0],
//!     vec![1, 0, 0, 2, 2, 1, 4, 4, 3, 5, 4, 5, 3, 4],
//!     vec![0, 0, 1, 1, 3, 2, 4, 5, 3, 4, 4, 0, 0, 0, 0, 0],
//! ])?;
//! let fitted = fit(&Design::default(), &seen, &HmmOptions::default())?;
//! let model = fitted.model();
//! // Of all the stages the last customer is in the one without purchases, and will most likely stay silent.
//! let now = model.standings(&seen)?;
//! let silent = model.forecast(now.last(), 3)?.silent();
//! assert!(silent > 0.5);
//! # Ok::<(), crm_lifecycle::Error>(())
//! ```

mod alternative;
mod climb;
mod decode;
mod diagnosis;
mod emission;
mod expect;
mod fit;
mod forecast;
mod kernel;
mod ladder;
mod law;
mod log_kernel;
mod maximize;
mod meaning;
mod model;
mod screen;
mod sequences;
mod standing;
mod starts;
mod topology;
mod uncertainty;

pub use alternative::Alternative;
pub use crm_statistics::Termination;
pub use decode::{Path, StagePosterior};
pub use diagnosis::HmmDiagnosis;
pub use fit::{Counts, Design, HmmFit, HmmOptions, fit, fit_from};
pub use forecast::{Outlook, StageForecast};
pub use law::{CountLaw, SpendLaw};
pub use model::{HmmModel, Portrait};
pub use sequences::{Sequence, Sequences};
pub use topology::Topology;
pub use uncertainty::StandardErrors;
