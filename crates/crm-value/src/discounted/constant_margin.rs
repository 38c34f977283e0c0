use std::fmt;

use crm_numbers::{Decimal, check};

use super::Terms;
use crate::exact::rows;
use crate::{Breakdown, Error, Probability};

/// Discounted lifetime value of a customer with a constant margin.
///
/// # Formula
///
/// With margin m, retention r, discount d, growth g and n periods, the sum over t from 0 to n - 1
/// of
///
/// `m (1+g)^t r^(t+renewal) / (1+d)^(t+end)`
///
/// where `renewal` is 1 if the first margin needs one ([`FirstMargin`](crate::FirstMargin)) and
/// `end` is 1 if margins are paid at the end of their period ([`Timing`](crate::Timing)), else 0.
/// Without a horizon that is
///
/// `m r^renewal (1+d)^(1-end) / (1 + d - r (1+g))`
///
/// | m = 100, r = 0.8, d = 0.1 | paid at the start | paid at the end |
/// |---|---|---|
/// | first margin certain | 100 x 1.1 / 0.3 = 366.67 | 100 / 0.3 = 333.33 |
/// | renewal needed | 80 x 1.1 / 0.3 = 293.33 | 80 / 0.3 = 266.67 |
///
/// # References
///
/// Berger and Nasr (1998), "Customer Lifetime Value: Marketing Models and Applications", cases 1
/// and 2; Gupta and Lehmann (2003), "Customers as Assets".
///
/// # Examples
///
/// ```
/// use crm_value::{ConstantMargin, Decimal, FirstMargin, TimeUnit, Probability, Rate, Terms, Timing};
///
/// let value = |first, timing| {
///     let terms = Terms::new(Rate::percent(TimeUnit::Year, 10)?, first, timing);
///     let customer = ConstantMargin::new(Decimal::from(100), Probability::percent(80)?, terms);
///     Ok::<_, crm_value::Error>(customer.value()?.round_dp(2))
/// };
/// assert_eq!(value(FirstMargin::Certain, Timing::StartOfPeriod)?, Decimal::new(366_67, 2));
/// assert_eq!(value(FirstMargin::Certain, Timing::EndOfPeriod)?, Decimal::new(333_33, 2));
/// assert_eq!(value(FirstMargin::NeedsRenewal, Timing::EndOfPeriod)?, Decimal::new(266_67, 2));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ConstantMargin {
    /// Margin of the first period; negative for a loss.
    pub margin: Decimal,
    /// Probability of staying for another period.
    pub retention: Probability,
    /// Discounting, growth, timing and horizon.
    pub terms: Terms,
}

crm_numbers::debug!(ConstantMargin { margin, retention, terms });

impl ConstantMargin {
    /// Creates a customer from margin, probability of staying and terms.
    #[must_use]
    pub fn new(margin: Decimal, retention: Probability, terms: Terms) -> Self {
        Self { margin, retention, terms }
    }

    /// Returns the present value, less the acquisition cost of the terms.
    ///
    /// A value without a horizon is one quotient, whose two sides are rounded once each, to 28
    /// digits; with a horizon, the sum is exact to about 27 digits.
    ///
    /// # Errors
    ///
    /// [`Error::Diverges`] for `r (1 + g) >= 1 + d` without a horizon, [`Error::Overflow`].
    pub fn value(&self) -> Result<Decimal, Error> {
        self.terms.net(self.gross()?)
    }

    /// Returns the present value before acquisition cost.
    ///
    /// # Errors
    ///
    /// As [`ConstantMargin::value`].
    pub fn gross(&self) -> Result<Decimal, Error> {
        self.terms.gross(self.margin, self.retention)
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// As [`ConstantMargin::value`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let (gross, terms) = (self.gross()?, &self.terms);
        let mut lines = Breakdown::of(format!("discounted lifetime value per {}", terms.time_unit()))
            .note("margin", self.margin)
            .note("retention", self.retention)
            .note("discount rate", terms.discount().get())
            .note("growth rate", terms.growth().get());
        if let Some(periods) = terms.horizon() {
            lines = lines.note("periods", periods);
        }
        lines = lines
            .note("present value of margins", gross)
            .minus("acquisition cost", terms.acquisition_cost().get());
        Ok(lines.equals("lifetime value", self.value()?))
    }
}

impl fmt::Display for ConstantMargin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.breakdown() {
            Ok(terms) => terms.fmt(f),
            Err(error) => write!(f, "discounted lifetime value: {error}"),
        }
    }
}

/// Computes the discounted lifetime value of each customer under the same terms; see
/// [`ConstantMargin::value`].
///
/// # Errors
///
/// [`InputError::Length`](crate::InputError::Length); [`Error::Row`] around the error of a row.
pub fn discounted_values(
    margins: &[Decimal],
    retentions: &[Probability],
    terms: &Terms,
) -> Result<Vec<Decimal>, Error> {
    check::length("retentions", retentions.len(), margins.len())?;
    let customers = margins.iter().zip(retentions);
    rows(customers, |(&margin, &retention)| terms.net(terms.gross(margin, retention)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FirstMargin, NonNegative, Rate, TimeUnit, Timing};

    fn terms(discount: i32) -> Terms {
        let discount = Rate::percent(TimeUnit::Year, discount).unwrap();
        Terms::new(discount, FirstMargin::Certain, Timing::StartOfPeriod)
    }

    fn customer(margin: i64, retention: i64, terms: Terms) -> ConstantMargin {
        ConstantMargin::new(Decimal::from(margin), Probability::percent(retention).unwrap(), terms)
    }

    #[test]
    fn what_never_ends_and_does_not_fade_is_refused() {
        let text = customer(100, 100, terms(0)).value().unwrap_err().to_string();
        assert_eq!(
            text,
            "retention x (1 + growth) is 1 and must be less than 1 + discount, which is 1; set a horizon"
        );
        let growing = terms(10).with_growth(Rate::percent(TimeUnit::Year, 11).unwrap()).unwrap();
        assert!(customer(100, 100, growing).value().is_err());
        assert_eq!(customer(100, 100, growing.with_horizon(1)).value(), Ok(Decimal::from(100)));
    }

    #[test]
    fn rates_at_their_ends() {
        assert_eq!(customer(100, 0, terms(10)).value(), Ok(Decimal::from(100)));
        assert_eq!(customer(100, 100, terms(0).with_horizon(7)).value(), Ok(Decimal::from(700)));
        assert_eq!(customer(100, 50, terms(0).with_horizon(0)).value(), Ok(Decimal::ZERO));
        assert_eq!(customer(-30, 50, terms(0)).value(), Ok(Decimal::from(-60)));
        assert_eq!(customer(0, 50, terms(0)).value(), Ok(Decimal::ZERO));
    }

    #[test]
    fn acquisition_cost_is_subtracted_once() {
        let terms = terms(10).with_acquisition_cost(NonNegative::from(200));
        let value = customer(100, 80, terms);
        assert_eq!(value.value().unwrap(), value.gross().unwrap() - Decimal::from(200));
        let text = value.to_string();
        assert!(
            text.ends_with("- acquisition cost              200\n= lifetime value           166.6667"),
            "{text}"
        );
    }

    #[test]
    fn columns_and_single_customers_agree() {
        let terms = terms(10).with_horizon(36);
        let customers: Vec<_> = (0..50).map(|n| customer(n * 13 - 100, n * 2, terms)).collect();
        let margins: Vec<_> = customers.iter().map(|customer| customer.margin).collect();
        let retentions: Vec<_> = customers.iter().map(|customer| customer.retention).collect();
        let values: Vec<_> = customers.iter().map(|customer| customer.value().unwrap()).collect();
        assert_eq!(discounted_values(&margins, &retentions, &terms).unwrap(), values);
        assert!(discounted_values(&margins, &[], &terms).is_err());
    }
}
