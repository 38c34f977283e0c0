use std::fmt;

use rust_decimal::Decimal;

use super::PolicyResult;
use crate::{Error, exact, text};

/// One line of a comparison of plan and outcome.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Variance {
    /// The figure's name.
    pub name: String,
    /// What was planned.
    pub planned: Decimal,
    /// What came.
    pub realised: Decimal,
    /// realised - planned.
    pub difference: Decimal,
    /// difference / planned; `None` where nothing was planned.
    pub relative: Option<Decimal>,
}

crate::text::debug!(Variance { name, planned, realised, difference, relative });

impl Variance {
    /// A figure as planned and as realised.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn new(name: impl Into<String>, planned: Decimal, realised: Decimal) -> Result<Self, Error> {
        let difference = exact::sub("variance", realised, planned)?;
        let relative = if planned.is_zero() {
            None
        } else {
            Some(exact::div("relative variance", difference, planned)?)
        };
        Ok(Self { name: name.into(), planned, realised, difference, relative })
    }
}

impl fmt::Display for Variance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, planned, realised, difference, relative } = self;
        write!(f, "{name}: planned {}, realised {}", planned.normalize(), realised.normalize())?;
        write!(f, ", {}{}", if difference.is_sign_negative() { "" } else { "+" }, difference.normalize())?;
        match relative.and_then(|relative| relative.checked_mul(Decimal::ONE_HUNDRED)) {
            Some(percent) => write!(f, " ({} %)", text::text(percent, Some(1))),
            None => Ok(()),
        }
    }
}

/// How a credit policy did beside its plan, figure by figure; [`CreditPolicy::result`](crate::CreditPolicy::result)
/// of both.
///
/// ```
/// use crm_value::{CreditConditions, CreditPolicy, DayCount, Decimal, NonNegative, Period, Rate, Share, track};
///
/// let conditions = CreditConditions {
///     variable_cost_ratio: Share::percent(60)?,
///     capital_rate: Rate::percent(Period::Year, 10)?,
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
/// let realised = CreditPolicy { collection_days: 50.into(), ..planned.clone() };
/// let lines = track(&planned.result(&conditions)?, &realised.result(&conditions)?)?;
/// assert_eq!(
///     lines[1].to_string(),
///     "opportunity cost of receivables: planned 27000, realised 30000, +3000 (11.1 %)"
/// );
/// assert_eq!(lines[5].difference, Decimal::from(-3_000)); // net
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// # Errors
/// [`Error::Overflow`].
pub fn track(planned: &PolicyResult, realised: &PolicyResult) -> Result<[Variance; 6], Error> {
    let line = |name: &str, figure: fn(&PolicyResult) -> Decimal| {
        Variance::new(name, figure(planned), figure(realised))
    };
    Ok([
        line("contribution", |result| result.contribution)?,
        line("opportunity cost of receivables", |result| result.opportunity_cost)?,
        line("collection cost", |result| result.collection_cost)?,
        line("bad debt", |result| result.bad_debt)?,
        line("cash discount", |result| result.cash_discount)?,
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
            (None, "fees: planned 0, realised 5, +5")
        );
        let less = Variance::new("sales", Decimal::from(8), Decimal::from(6)).unwrap();
        assert_eq!(less.to_string(), "sales: planned 8, realised 6, -2 (-25.0 %)");
        assert!(Variance::new("x", Decimal::MIN, Decimal::MAX).is_err());
    }
}
