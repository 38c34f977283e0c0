use std::fmt;

use crm_numbers::{Decimal, text};

use super::PolicyResult;
use crate::Error;
use crate::exact::exact;

/// A figure as planned and as realized.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[non_exhaustive]
pub struct Variance {
    /// Name of the figure.
    pub name: String,
    /// Planned figure.
    pub planned: Decimal,
    /// Realized figure.
    pub realized: Decimal,
    /// realized - planned.
    pub difference: Decimal,
    /// difference / planned; `None` if 0 was planned.
    pub relative: Option<Decimal>,
}

crm_numbers::debug!(Variance { name, planned, realized, difference, relative });
crm_numbers::gate!(Variance, Variance::checked);

impl Variance {
    /// Compares a figure as planned with the figure as realized.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn new(name: impl Into<String>, planned: Decimal, realized: Decimal) -> Result<Self, Error> {
        let difference = (exact(realized) - planned).value("variance")?;
        let relative = (!planned.is_zero()).then(|| (exact(difference) / planned).value("relative variance"));
        let relative = relative.transpose()?;
        Ok(Self { name: name.into(), planned, realized, difference, relative })
    }

    #[cfg(feature = "serde")]
    fn checked(self) -> Result<Self, Error> {
        use crate::exact::follows;
        let expected = Self::new("", self.planned, self.realized)?;
        follows("difference", self.difference, expected.difference)?;
        follows("relative difference", self.relative, expected.relative)?;
        Ok(self)
    }
}

impl fmt::Display for Variance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, planned, realized, difference, relative } = self;
        write!(f, "{name}: planned {}, realized {}", planned.normalize(), realized.normalize())?;
        write!(f, ", {}{}", if difference.is_sign_negative() { "" } else { "+" }, difference.normalize())?;
        match relative.and_then(|relative| relative.checked_mul(Decimal::ONE_HUNDRED)) {
            Some(percent) => write!(f, " ({} %)", text::decimal(percent, Some(1))),
            None => Ok(()),
        }
    }
}

/// Compares the result of a credit policy with its plan, figure by figure; see
/// [`CreditPolicy::result`](crate::CreditPolicy::result).
///
/// # Errors
///
/// [`Error::Overflow`].
///
/// # Examples
///
/// ```
/// use crm_value::{CreditConditions, CreditPolicy, DayCount, Decimal, NonNegative, TimeUnit, Rate, Share, track};
///
/// let conditions = CreditConditions {
///     variable_cost_ratio: Share::percent(60)?,
///     capital_rate: Rate::percent(TimeUnit::Year, 10)?,
///     day_count: DayCount::Days360,
/// };
/// let planned = CreditPolicy {
///     name: "net 45".to_owned(),
///     credit_sales: 3_600_000.into(),
///     collection_days: 45.into(),
///     bad_debt_rate: Share::percent(2)?,
///     collection_cost: 30_000.into(),
///     cash_discount: Share::ZERO,
///     discount_taken: Share::ZERO,
/// };
/// let realized = CreditPolicy { collection_days: 50.into(), ..planned.clone() };
/// let lines = track(&planned.result(&conditions)?, &realized.result(&conditions)?)?;
/// assert_eq!(
///     lines[1].to_string(),
///     "opportunity cost of receivables: planned 27000, realized 30000, +3000 (11.1 %)"
/// );
/// assert_eq!(lines[5].difference, Decimal::from(-3_000)); // net
/// # Ok::<(), crm_value::Error>(())
/// ```
pub fn track(planned: &PolicyResult, realized: &PolicyResult) -> Result<[Variance; 6], Error> {
    let line = |name: &str, figure: fn(&PolicyResult) -> Decimal| {
        Variance::new(name, figure(planned), figure(realized))
    };
    Ok([
        line("contribution", |result| result.contribution.get())?,
        line("opportunity cost of receivables", |result| result.opportunity_cost)?,
        line("collection cost", |result| result.collection_cost.get())?,
        line("bad debt", |result| result.bad_debt.get())?,
        line("cash discount", |result| result.cash_discount.get())?,
        line("net", |result| result.net)?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_planned_has_no_per_cent() {
        let surprise = Variance::new("fees", Decimal::ZERO, Decimal::from(5)).unwrap();
        assert_eq!(
            (surprise.relative, surprise.to_string().as_str()),
            (None, "fees: planned 0, realized 5, +5")
        );
        let less = Variance::new("sales", Decimal::from(8), Decimal::from(6)).unwrap();
        assert_eq!(less.to_string(), "sales: planned 8, realized 6, -2 (-25.0 %)");
        assert!(Variance::new("x", Decimal::MIN, Decimal::MAX).is_err());
    }
}
