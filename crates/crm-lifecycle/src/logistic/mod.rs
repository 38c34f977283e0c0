//! Early warning by logistic regression: the probability that each customer is lost, and the
//! reasons for it.
//!
//! | question | item |
//! |---|---|
//! | Which features of the customers are known? | [`Features`] |
//! | What drives losses, how strongly, and how certain is that? | [`fit`], [`LogisticFit::coefficients`], [`Coefficient`] |
//! | How likely is this customer to be lost, and why? | [`LogisticModel::score`], [`LogisticScore`], [`Contribution`] |
//! | Would the warning about a customer change if one feature were different? | [`LogisticModel::reasons`], [`PredictionReason`] |
//!
//! # Examples
//!
//! ```
//! use crm_lifecycle::logistic::{Features, LogisticOptions, fit};
//!
//! // Complaints of the last year, and who was lost.
//! let complaints = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
//! let lost = [false, false, false, true, false, true, true, true];
//! let features = Features::new([("complaints", &complaints[..])])?;
//! let fitted = fit(&features, &lost, &LogisticOptions::default().with_ridge(0.0)?)?;
//! // Without a complaint the odds are 1 to 3, with one 3 to 1: nine times as high.
//! let [complaints] = &fitted.coefficients(Default::default())[..] else { unreachable!() };
//! assert!((complaints.odds_ratio_per_unit.estimate - 9.0).abs() < 1e-9);
//! assert!((fitted.model().probability(&[1.0])? - 0.75).abs() < 1e-12);
//! # Ok::<(), crm_lifecycle::Error>(())
//! ```

mod exponential;
mod features;
mod fit;
mod fitted;
mod kernel;
mod model;
mod moments;
mod reasons;
mod search;
mod solve;

pub use crm_statistics::Termination;
pub use features::Features;
pub use fit::{LogisticOptions, fit, fit_weighted};
pub use fitted::{Coefficient, LogisticFit, OmittedColumn};
pub use model::{Contribution, LogisticModel, LogisticScore, ModelTerm};
pub use reasons::PredictionReason;
