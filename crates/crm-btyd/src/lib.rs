//! Buy-till-you-die models: who is still a customer, how often they will buy, and what that is worth.
//!
//! In a shop nobody gives notice. Customers buy at a rate of their own until, unseen, they are gone. These models learn from
//! each customer's number of repeat purchases (frequency), the time of the last one (recency) and the time under observation (age) how
//! rates and drop-outs are spread over customers, and answer for each of them.
//!
//! | question | item |
//! |---|---|
//! | How do the customers behave? | [`fit`] of [`MbgNbd`], [`ParetoNbd`], [`GompertzNbd`], [`BgNbd`] or [`Nbd`] to [`Histories`] |
//! | Do they keep time? | [`choose_k`], [`fit`] of [`MbgCnbd`] or [`BgCnbd`] |
//! | The same where people can buy once a period | [`fit`] of [`BgBb`] to [`DiscreteHistories`] |
//! | How many stay under contract? | [`fit`] of [`ShiftedBetaGeometric`] or [`BetaDiscreteWeibull`] to [`Renewals`] |
//! | What do channel, region or age tell? | [`fit_with_covariates`] |
//! | Is this one still a customer, now or later? | [`Repeat::p_alive`], [`Repeat::p_alive_later`], [`Repeat::p_alive_if_silent`] |
//! | How many purchases will come, when the next? | [`Repeat::expected_purchases`], [`Repeat::pmf`], [`Repeat::next_purchase`] |
//! | How likely are many purchases, how far do counts scatter? | [`Repeat::p_at_least`], [`Repeat::variance`] |
//! | What is a purchase worth? | [`fit`] of [`GammaGamma`] to [`Spends`], with a [`RefundRule`] |
//! | What is the customer worth? | [`ClvOptions`] |
//! | Can I trust the fit? | [`PurchaseFit::diagnosis`], [`PurchaseFit::expectation_interval`] |
//! | What is normal for a brand of that share? | [`NbdDirichlet`] |
//! | Did the predictions come true? | [`Holdout`] and [`compare`], beside naive rules; [`Accuracy`], [`Bin`], [`Coverage`] |
//! | How far may a count be off? | [`PurchaseFit::predictive_interval`], [`PurchaseFit::predictive_total`] |
//! | Do people buy like clockwork? | [`Regularity`] |
//!
//! ```
//! use crm_btyd::{PurchaseOptions, Histories, History, Horizon, MbgNbd, Repeat, fit};
//!
//! // Frequency, recency, age in weeks, and how many customers have them.
//! let histories = Histories::weighted([
//!     (History::new(0, 0.0, 39.0)?, 900),
//!     (History::new(1, 3.0, 39.0)?, 150),
//!     (History::new(1, 25.0, 39.0)?, 120),
//!     (History::new(3, 12.0, 39.0)?, 60),
//!     (History::new(4, 36.0, 39.0)?, 80),
//!     (History::new(9, 38.0, 39.0)?, 20),
//! ]);
//! let fitted = fit::<MbgNbd>(&histories, &PurchaseOptions::default())?;
//! assert!(fitted.diagnosis().is_empty());
//!
//! let (faithful, silent) = (History::new(4, 36.0, 39.0)?, History::new(4, 10.0, 39.0)?);
//! let model = fitted.model();
//! assert!(model.p_alive(&faithful) > 0.75 && model.p_alive(&silent) < 0.1);
//! assert!((model.expected_purchases(&faithful, Horizon::new(52.0)?) - 2.95).abs() < 0.01);
//! # Ok::<(), crm_btyd::Error>(())
//! ```
//!
//! A model *is* its parameters: those of a paper predict as well as fitted ones, and a stored model holds nothing else. All times are in the
//! unit of the histories; [`PurchaseFit::unit`] remembers it where the histories come from a summary.
//!
//! Likelihoods are in log space with derivatives written by hand; every number that a constructor accepts gives finite answers. Features: `rand`
//! (simulation, bootstrap), `rayon` (all cores, same bits), `serde`, and `posterior` (the No-U-Turn sampler; it brings many dependencies).

pub mod brands;
pub mod contractual;
pub mod fit;
pub mod models;
pub mod opportunities;
pub mod spend;
pub mod validation;

mod any;
mod beta_geometric;
mod coarse;
mod condensed;
#[cfg(test)]
mod cost;
#[cfg(test)]
mod derivative_check;
mod discount;
mod drop_out;
mod error;
#[cfg(test)]
mod golden;
mod gompertz;
mod histories;
mod history;
mod memory;
mod model;
mod nbd;
mod next_purchase;
mod pareto;
mod perpetual;
mod purchase_rate;
mod race;
mod repeat;
mod row_sums;
mod special;
mod stored;
mod story;
mod value;

pub use crm_numbers::{Interval, Level, TimeUnit};

pub use any::{AnyModel, ModelKind};
pub use discount::Discount;
pub use error::Error;
pub use fit::covariates;
pub use fit::{FitDiagnosis, PurchaseFit, PurchaseOptions, fit};
pub use histories::Histories;
pub use history::{History, Horizon};
pub use model::PurchaseModel;
#[cfg(feature = "rand")]
pub use model::Simulate;
pub use models::{BgCnbd, BgNbd, GompertzNbd, MbgCnbd, MbgNbd, Nbd, ParetoNbd};
pub use next_purchase::NextPurchase;
pub use repeat::{Prediction, Repeat};
pub use spend::{GammaGamma, RefundRule, Spend, Spends};
pub use value::ClvOptions;
