//! Retention of customers and revenue: churn and retention of customers (logos) and of revenue,
//! exact to the cent, and the causes of a change in profit from one period to the next.
//!
//! | question | item |
//! |---|---|
//! | Which share of the customers stayed, which share was lost? | [`Logos`] |
//! | Which share of the revenue stayed, without and with growth: GRR, NRR? | [`Revenue`], [`Movements`] |
//! | How do both follow from the amounts that customers paid, by group and by period? | [`Statement`] |
//! | Did customers, their frequency, the order value or the margin change the profit? | [`Bridge`] |
//!
//! A customer is active in a period in which they pay anything. A rate over zero does not exist:
//! without customers or revenue at the start, the result is `None`, never a division by zero.
//!
//! # Examples
//!
//! ```
//! use crm_history::Decimal;
//! use crm_lifecycle::retention::Statement;
//!
//! // What five customers paid last year and this year.
//! let last = [100, 100, 50, 50, 0].map(Decimal::from);
//! let this = [130, 100, 20, 0, 40].map(Decimal::from);
//! let year = Statement::between(&last, &this)?;
//! assert_eq!(year.customers.churn().unwrap().to_string(), "1 of 4");
//! // 300 at the start; 30 less from one customer, 50 lost with another; 30 more from a third.
//! assert_eq!(year.revenue.gross_retention(), Some(Decimal::from(220) / Decimal::from(300)));
//! assert_eq!(year.revenue.net_retention(), Some(Decimal::from(250) / Decimal::from(300)));
//! assert_eq!(year.revenue.closing(), Decimal::from(290));
//! # Ok::<(), crm_lifecycle::Error>(())
//! ```

mod bridge;
mod logos;
mod revenue;
mod statement;

pub use bridge::{Activity, Bridge, BridgeRow};
pub use logos::Logos;
pub use revenue::{Movements, Revenue};
pub use statement::Statement;

use crm_history::Decimal;
use crm_numbers::{Amount as _, OverflowError};

use crate::error::Error;

/// Returns the sum of two amounts, exact or refused: `Decimal` alone would round a sum of more than
/// 28 digits.
pub(crate) fn sum(field: &'static str, a: Decimal, b: Decimal) -> Result<Decimal, Error> {
    let exact = |sum: &Decimal| {
        let finest = |a: Decimal, b: Decimal| a.scale().max(b.scale());
        sum.scale() >= finest(a, b) || sum.scale() >= finest(a.normalize(), b.normalize())
    };
    let overflow = || OverflowError::new(field, a.to_f64() + b.to_f64());
    Ok(a.checked_add(b).filter(exact).ok_or_else(overflow)?)
}
