//! Present value of future margins.

mod cash_flows;
mod constant_margin;
mod elasticity;
pub(crate) mod geometric;
mod terms;
mod varying;

pub use cash_flows::CashFlows;
pub use constant_margin::{ConstantMargin, discounted_values};
pub use elasticity::{Elasticities, Sensitivity};
pub use terms::{FirstMargin, Terms, Timing};
pub use varying::VaryingRetention;
