//! Buy-till-you-die models: which customers are still active, how often they will buy, and what
//! that is worth.
//!
//! Customers of a shop do not give notice. They buy at a rate of their own until, unobserved, they
//! drop out. These models learn from the frequency of each customer (number of repeat purchases),
//! the recency (time from the first to the last purchase) and the age (length of observation) how
//! rates and drop-out are distributed over customers, and predict each customer.
//!
//! | question | item |
//! |---|---|
//! | How do customers behave? | [`fit()`] of [`MbgNbd`], [`ParetoNbd`], [`GompertzNbd`], [`BgNbd`] or [`Nbd`] to [`Histories`] |
//! | Do they buy at regular intervals? | [`fit()`] of [`MbgCnbd`] or [`BgCnbd`], [`models::choose_k`], [`validation::Regularity`] |
//! | Is a customer still active, now or later? | [`Repeat::p_alive`], [`Repeat::p_alive_later`], [`Repeat::p_alive_if_silent`] |
//! | How many purchases will there be, and when is the next? | [`Repeat::expected_purchases`], [`Repeat::pmf`], [`Repeat::next_purchase`] |
//! | All of that for one customer, or for many? | [`Repeat::predict`], [`Repeat::predict_all`] |
//! | How likely are many purchases, and how far do counts vary? | [`Repeat::p_at_least`], [`Repeat::variance`] |
//! | What is a purchase worth? | [`fit()`] of [`GammaGamma`] to [`Spends`], with a [`RefundRule`] |
//! | What is a customer worth? | [`ClvOptions`] |
//! | Is the fit reliable? | [`PurchaseFit::diagnosis`], [`PurchaseFit::expectation_interval`] |
//! | How far may a count be off? | [`PurchaseFit::predictive_interval`], [`PurchaseFit::predictive_total`] |
//! | How does a service load and use a fit? | [`fit::StoredFit`], [`AnyModel`], [`ModelKind`] |
//! | Do channel, region or age matter? | [`covariates`] |
//! | Did predictions come true, and do they beat simple rules? | [`validation`] |
//! | What if customers can buy once per period? | [`opportunities`] |
//! | How many customers renew a contract? | [`contractual`] |
//! | What is normal for a brand of a given share? | [`brands`] |
//!
//! All times are in the unit of the histories; [`PurchaseFit::unit`] states it where the histories
//! come from a summary. Every value that a constructor accepts gives finite answers.
//!
//! # Examples
//!
//! ```
//! use crm_btyd::{Histories, History, Horizon, MbgNbd, PurchaseOptions, Repeat, fit};
//!
//! // Frequency, recency and age in weeks, and the number of customers with them.
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
//! let (recent, silent) = (History::new(4, 36.0, 39.0)?, History::new(4, 10.0, 39.0)?);
//! let model = fitted.model();
//! assert!(model.p_alive(&recent) > 0.75 && model.p_alive(&silent) < 0.1);
//! assert!((model.expected_purchases(&recent, Horizon::new(52.0)?) - 2.95).abs() < 0.01);
//! # Ok::<(), crm_btyd::Error>(())
//! ```
//!
//! # Features
//!
//! * `rand`: simulation and bootstrap.
//! * `rayon`: computation on all cores, with the same bits.
//! * `serde`: models, fits, settings and results can be stored; whatever a constructor refuses,
//!   reading refuses.
//! * `posterior`: the No-U-Turn sampler, which brings many dependencies.

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
