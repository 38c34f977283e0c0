use rust_decimal::Decimal;

use crate::{Breakdown, DayCount, Error, NonNegative, Period, Rate, Share, exact};

/// What it costs that customers pay later: the opportunity cost of receivables (应收账款机会成本).
///
/// `credit sales of a year / days of the year x mean collection days x variable-cost ratio x yearly capital rate`: only the variable
/// cost of what was sold is tied up.
///
/// ```
/// use crm_value::{DayCount, Decimal, Period, Rate, Receivables, Share};
///
/// let receivables = Receivables {
///     credit_sales: 3_600_000.into(),
///     collection_days: 45.into(),
///     variable_cost_ratio: Share::percent(60)?,
///     capital_rate: Rate::percent(Period::Year, 10)?,
///     day_count: DayCount::Days360,
/// };
/// assert_eq!(receivables.balance()?, Decimal::from(450_000)); // 10 000 a day for 45 days
/// assert_eq!(receivables.opportunity_cost()?, Decimal::from(27_000));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Receivables {
    /// Sold on credit in a year.
    pub credit_sales: NonNegative,
    /// After how many days customers pay, on average.
    pub collection_days: NonNegative,
    /// Variable cost / sales.
    pub variable_cost_ratio: Share,
    /// What capital costs, or would earn elsewhere, in a year.
    pub capital_rate: Rate,
    /// How many days the year has.
    pub day_count: DayCount,
}

impl Receivables {
    /// What customers owe on average: daily credit sales x mean collection days.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn balance(&self) -> Result<Decimal, Error> {
        const TERM: &str = "receivables";
        let sold = exact::mul(TERM, self.credit_sales.get(), self.collection_days.get())?;
        exact::div(TERM, sold, self.day_count.days())
    }

    /// What the balance costs in a year.
    ///
    /// # Errors
    /// [`Error::Period`] unless the capital rate is yearly, [`Error::Overflow`].
    pub fn opportunity_cost(&self) -> Result<Decimal, Error> {
        const TERM: &str = "opportunity cost of receivables";
        let rate = self.capital_rate.expect("capital rate", Period::Year)?;
        // Divided last, so that what comes out even stays even.
        let factors =
            [self.credit_sales.get(), self.variable_cost_ratio.get(), rate.get(), self.collection_days.get()];
        exact::div(TERM, exact::product(TERM, &factors)?, self.day_count.days())
    }

    /// The terms by name.
    ///
    /// # Errors
    /// As [`Receivables::opportunity_cost`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let daily = exact::div("daily credit sales", self.credit_sales.get(), self.day_count.days())?;
        let terms = Breakdown::of("opportunity cost of receivables")
            .note("daily credit sales", daily)
            .times("collection days", self.collection_days)
            .times("variable-cost ratio", self.variable_cost_ratio)
            .times("capital rate", self.capital_rate.get());
        Ok(terms.equals("opportunity cost", self.opportunity_cost()?))
    }
}

/// How many days of sales are still unpaid: DSO.
///
/// `receivables / credit sales of a span x days of the span`
///
/// ```
/// use crm_value::{Decimal, days_sales_outstanding};
///
/// assert_eq!(days_sales_outstanding(450_000.into(), 900_000.into(), 90)?, Decimal::from(45));
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// [`Error::DivisionByZero`] without sales, [`Error::Overflow`].
pub fn days_sales_outstanding(
    receivables: NonNegative,
    credit_sales: NonNegative,
    days: u32,
) -> Result<Decimal, Error> {
    const TERM: &str = "days sales outstanding";
    exact::div(TERM, exact::mul(TERM, receivables.get(), days.into())?, credit_sales.get())
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
            capital_rate: Rate::percent(Period::Month, 1).unwrap(),
            day_count: DayCount::Days365,
        };
        let text = monthly.opportunity_cost().unwrap_err().to_string();
        assert_eq!(text, "capital rate must be per year, got a rate per month");
        let text = days_sales_outstanding(5.into(), NonNegative::ZERO, 30).unwrap_err().to_string();
        assert_eq!(text, "days sales outstanding must not be divided by zero, got 150 / 0");
    }
}
