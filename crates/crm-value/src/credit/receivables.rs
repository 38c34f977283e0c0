use crm_numbers::{Decimal, TimeUnit};

use crate::exact::exact;
use crate::{Breakdown, DayCount, Error, NonNegative, Rate, Share};

/// Receivables and their opportunity cost (应收账款机会成本).
///
/// # Formula
///
/// `credit sales per year / days of the year x mean collection days x variable-cost ratio x yearly
/// capital rate`: only the variable cost of the sales is tied up.
///
/// # Examples
///
/// ```
/// use crm_value::{DayCount, Decimal, TimeUnit, Rate, Receivables, Share};
///
/// let receivables = Receivables {
///     credit_sales: 3_600_000.into(),
///     collection_days: 45.into(),
///     variable_cost_ratio: Share::percent(60)?,
///     capital_rate: Rate::percent(TimeUnit::Year, 10)?,
///     day_count: DayCount::Days360,
/// };
/// assert_eq!(receivables.balance()?, 450_000.into()); // 10 000 a day for 45 days
/// assert_eq!(receivables.opportunity_cost()?, Decimal::from(27_000));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Receivables {
    /// Credit sales per year.
    pub credit_sales: NonNegative,
    /// Mean number of days until customers pay.
    pub collection_days: NonNegative,
    /// Variable cost / sales.
    pub variable_cost_ratio: Share,
    /// Yearly cost of capital, or its return elsewhere.
    pub capital_rate: Rate,
    /// Number of days of the year.
    pub day_count: DayCount,
}

impl Receivables {
    /// Returns the mean balance, `daily credit sales x mean collection days`.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn balance(&self) -> Result<NonNegative, Error> {
        (exact(self.credit_sales) * self.collection_days / self.day_count.days()).bounded("receivables")
    }

    /// Returns the yearly cost of the balance.
    ///
    /// # Errors
    ///
    /// [`Error::TimeUnit`] unless the capital rate is yearly, [`Error::Overflow`].
    pub fn opportunity_cost(&self) -> Result<Decimal, Error> {
        let rate = self.capital_rate.expect("capital rate", TimeUnit::Year)?;
        // Divided last, so that what comes out even stays even.
        let tied = exact(self.credit_sales) * self.collection_days * self.variable_cost_ratio;
        (tied * rate / self.day_count.days()).value("opportunity cost of receivables")
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// As [`Receivables::opportunity_cost`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let daily = (exact(self.credit_sales) / self.day_count.days()).value("daily credit sales")?;
        let terms = Breakdown::of("opportunity cost of receivables")
            .note("daily credit sales", daily)
            .times("collection days", self.collection_days)
            .times("variable-cost ratio", self.variable_cost_ratio)
            .times("capital rate", self.capital_rate.get());
        Ok(terms.equals("opportunity cost", self.opportunity_cost()?))
    }
}

/// Returns days sales outstanding, DSO: the number of days of sales that are unpaid.
///
/// # Formula
///
/// `receivables / credit sales of a period x days of the period`
///
/// # Errors
///
/// [`Error::DivisionByZero`] without sales, [`Error::Overflow`].
///
/// # Examples
///
/// ```
/// use crm_value::days_sales_outstanding;
///
/// assert_eq!(days_sales_outstanding(450_000.into(), 900_000.into(), 90)?, 45.into());
/// # Ok::<(), crm_value::Error>(())
/// ```
pub fn days_sales_outstanding(
    receivables: NonNegative,
    credit_sales: NonNegative,
    days: u32,
) -> Result<NonNegative, Error> {
    (exact(receivables) * days / credit_sales).bounded("days sales outstanding")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monthly_rate_of_capital_is_refused() {
        let monthly = Receivables {
            credit_sales: 1.into(),
            collection_days: 1.into(),
            variable_cost_ratio: Share::ONE,
            capital_rate: Rate::percent(TimeUnit::Month, 1).unwrap(),
            day_count: DayCount::Days365,
        };
        let text = monthly.opportunity_cost().unwrap_err().to_string();
        assert_eq!(text, "capital rate must be per year, got a rate per month");
        let text = days_sales_outstanding(5.into(), NonNegative::ZERO, 30).unwrap_err().to_string();
        assert_eq!(text, "days sales outstanding is undefined: 150 / 0");
    }
}
