//! Models of repeat purchases, and the traits that they implement.

pub use crate::beta_geometric::{BetaGeometric, BgNbd, MbgNbd};
pub use crate::condensed::{BgCnbd, CondensedBetaGeometric, MbgCnbd, StageChoice, choose_k};
pub use crate::gompertz::GompertzNbd;
#[cfg(feature = "rand")]
pub use crate::model::Simulate;
pub use crate::model::{Derivatives, PurchaseModel, Sample, Simpler};
pub use crate::nbd::Nbd;
pub use crate::pareto::ParetoNbd;
