//! Selling and buying on credit: cost of receivables, comparison of policies, credit limits.

mod discount;
mod invoices;
mod limits;
mod policy;
mod receivables;
mod tracking;

pub use discount::CashDiscount;
pub use invoices::{AgeBand, Aging, Invoice};
pub use limits::{Applicant, credit_limits};
pub use policy::{CreditConditions, CreditPolicy, ExtraSales, PolicyComparison, PolicyResult};
pub use receivables::{Receivables, days_sales_outstanding};
pub use tracking::{Variance, track};
