//! Buy-till-you-die models.
mod beta_geometric;
#[cfg(test)]
mod derivative_check;
mod discount;
mod error;
mod fit;
mod gamma_gamma;
#[cfg(test)]
mod golden;
mod histories;
mod history;
mod model;
mod parallel;
mod special;
mod value;

pub use beta_geometric::{BetaGeometric, BgNbd, MbgNbd};
pub use crm_history::TimeUnit;
pub use crm_statistics::{Interval, Level};
pub use discount::Discount;
pub use error::Error;
pub use fit::{Diagnosis, Direction, FitOptions, Fitted, Stop, fit};
pub use gamma_gamma::{GammaGamma, Spend, Spends};
pub use histories::Histories;
pub use history::{History, Horizon};
#[cfg(feature = "rand")]
pub use model::Simulate;
pub use model::{Derivatives, Model, NextPurchase, Repeat, Sample};
pub use value::LifetimeValue;
