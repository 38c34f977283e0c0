use std::fmt;

use crm_numbers::{Decimal, text};

use super::geometric::{self, Sums};
use super::{ConstantMargin, FirstMargin, Timing};
use crate::exact::{Expr, exact};
use crate::{Error, NonNegative, Probability};

/// The sensitivity of lifetime value to one of its inputs.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Sensitivity {
    /// Elasticity, `x / V dV/dx`: percentage change of the value per percent of the input. `None`
    /// if V is 0.
    pub elasticity: Option<Decimal>,
    /// Value at the raised input - value. A rate is raised by 0.01, an amount by 1 %. `None` if the
    /// raised input is out of range.
    pub one_point_more: Option<Decimal>,
}

crm_numbers::debug!(Sensitivity { elasticity, one_point_more });

/// Sensitivities of lifetime value, and so of customer equity, to retention, margin, discount and
/// acquisition cost.
///
/// Gupta and Lehmann (2003), "Customers as Assets", find that a point of retention is worth several
/// times a point of discount.
///
/// # Examples
///
/// ```
/// use crm_value::{ConstantMargin, Decimal, FirstMargin, TimeUnit, Probability, Rate, Terms, Timing};
///
/// let terms = Terms::new(Rate::percent(TimeUnit::Year, 10)?, FirstMargin::Certain, Timing::EndOfPeriod);
/// let customer = ConstantMargin::new(Decimal::from(120), Probability::percent(80)?, terms); // 120 / 0.3 = 400
/// let moves = customer.elasticities()?;
/// // dV/dr = m / (1 + d - r)^2; x r / V: 0.8 / 0.3.
/// assert_eq!(moves.retention.elasticity.unwrap().round_dp(6), Decimal::new(2_666_667, 6));
/// // At 81 % the value is 120 / 0.29.
/// assert_eq!(moves.retention.one_point_more.unwrap().round_dp(2), Decimal::new(13_79, 2));
/// assert_eq!(moves.margin.one_point_more, Some(Decimal::from(4)));
/// assert_eq!(moves.discount.elasticity.unwrap().round_dp(6), Decimal::new(-333_333, 6)); // -0.1 / 0.3
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Elasticities {
    /// Sensitivity to the probability of staying.
    pub retention: Sensitivity,
    /// Sensitivity to the margin per period.
    pub margin: Sensitivity,
    /// Sensitivity to the discount rate.
    pub discount: Sensitivity,
    /// Sensitivity to the acquisition cost.
    pub acquisition_cost: Sensitivity,
}

impl fmt::Display for Elasticities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |number: Option<Decimal>, places| {
            number.map_or_else(|| "-".to_owned(), |number| text::decimal(number, Some(places)))
        };
        write!(f, "{:<16} {:>10} {:>14}", "value moves with", "elasticity", "one point more")?;
        let rows = [
            ("retention", self.retention),
            ("margin", self.margin),
            ("discount", self.discount),
            ("acquisition cost", self.acquisition_cost),
        ];
        for (name, Sensitivity { elasticity, one_point_more }) in rows {
            write!(f, "\n{name:<16} {:>10} {:>14}", shown(elasticity, 3), shown(one_point_more, 2))?;
        }
        Ok(())
    }
}

impl ConstantMargin {
    /// Returns the sensitivity of the value to each of its inputs.
    ///
    /// Closed derivatives: with `q = r (1+g) / (1+d)`, `S` the sum of `q^t` and `T` that of `t
    /// q^t`, the value before acquisition cost is `m f S`, its derivative by `ln r` is `m f
    /// (renewal S + T)` and by `ln (1+d)` it is `-m f (end S + T)`.
    ///
    /// # Errors
    ///
    /// As [`ConstantMargin::value`].
    pub fn elasticities(&self) -> Result<Elasticities, Error> {
        const TERM: &str = "elasticity";
        let (value, gross) = (self.value()?, self.gross()?);
        let (terms, cost) = (&self.terms, self.terms.acquisition_cost());
        let discounted = terms.discounted()?;
        let Sums { plain, weighted } = self.sums(discounted)?;
        let first = exact(self.margin) * terms.first_factor(self.retention);
        let scale = match terms.timing() {
            Timing::StartOfPeriod => first,
            Timing::EndOfPeriod => first / discounted,
        };
        let scale = scale.value(TERM)?;
        let slope = |once: bool| exact(scale) * if once { exact(plain) + weighted } else { weighted.into() };
        let by_retention = slope(terms.first() == FirstMargin::NeedsRenewal);
        let by_discount = slope(terms.timing() == Timing::EndOfPeriod) * terms.discount() / discounted;
        let relative = |slope: Expr| {
            let relative = (!value.is_zero()).then(|| (slope.named(TERM) / value).value(TERM));
            relative.transpose()
        };
        let difference = |raised: Result<Self, Error>| match raised.and_then(|raised| raised.value()) {
            Ok(raised) => (exact(raised) - value).value("one point more").map(Some),
            Err(error @ Error::Overflow { .. }) => Err(error),
            Err(_) => Ok(None),
        };
        let point = Decimal::new(1, 2);
        let hundredth = |amount: Expr| (amount * point).value("one point more").map(Some);
        let retention = Probability::new((exact(self.retention) + point).value(TERM)?);
        let more_retention = retention.map(|retention| Self { retention, ..*self }).map_err(Error::from);
        let more_discount = (exact(terms.discount()) + point).value(TERM)?;
        let more_discount = terms.with_discount(more_discount).map(|terms| Self { terms, ..*self });
        Ok(Elasticities {
            retention: Sensitivity {
                elasticity: relative(by_retention)?,
                one_point_more: difference(more_retention)?,
            },
            margin: Sensitivity {
                elasticity: relative(exact(gross))?,
                one_point_more: hundredth(exact(gross))?,
            },
            discount: Sensitivity {
                elasticity: relative(-by_discount)?,
                one_point_more: difference(more_discount)?,
            },
            acquisition_cost: Sensitivity {
                elasticity: relative(-exact(cost))?,
                one_point_more: hundredth(-exact(cost))?,
            },
        })
    }

    /// The sums of `q^t` and `t q^t`.
    fn sums(&self, discounted: Decimal) -> Result<Sums, Error> {
        const TERM: &str = "elasticity";
        match self.terms.horizon() {
            Some(periods) => {
                let kept = self.terms.kept(self.retention)?;
                geometric::both(TERM, (exact(kept) / discounted).value(TERM)?, periods)
            }
            None => {
                let plain = (exact(discounted) / self.terms.fading(self.retention)?).value(TERM)?;
                // q / (1 - q)^2 = S (S - 1).
                let weighted = ((exact(plain) - Expr::ONE) * plain).value(TERM)?;
                Ok(Sums { plain, weighted })
            }
        }
    }
}

impl ConstantMargin {
    /// Sets the acquisition cost.
    #[must_use]
    pub fn with_acquisition_cost(self, cost: NonNegative) -> Self {
        Self { terms: self.terms.with_acquisition_cost(cost), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Rate, Terms, TimeUnit};

    fn customer(retention: i64, discount: i32) -> ConstantMargin {
        let discount = Rate::percent(TimeUnit::Year, discount).unwrap();
        let terms = Terms::new(discount, FirstMargin::NeedsRenewal, Timing::StartOfPeriod);
        ConstantMargin::new(Decimal::from(100), Probability::percent(retention).unwrap(), terms)
    }

    #[test]
    fn what_cannot_be_raised_has_no_point_more() {
        let certain = customer(100, 10).elasticities().unwrap();
        assert_eq!(certain.retention.one_point_more, None);
        assert!(certain.retention.elasticity.unwrap() > Decimal::ONE);
        // 0.99 + 0.01 = 1 against 1 + 0: it would never end.
        assert_eq!(customer(99, 0).elasticities().unwrap().retention.one_point_more, None);
    }

    #[test]
    fn a_value_of_zero_has_no_elasticity() {
        let nothing = customer(0, 10).elasticities().unwrap();
        assert_eq!((nothing.retention.elasticity, nothing.discount.elasticity), (None, None));
        assert!(nothing.retention.one_point_more.unwrap() > Decimal::ZERO);
        let text = nothing.to_string();
        assert!(
            text.starts_with("value moves with elasticity one point more\nretention                 -"),
            "{text}"
        );
    }

    #[test]
    fn acquisition_cost_weighs_more_the_less_is_left() {
        // 100 x 0.5 x 1 / 0.5 = 100 before cost.
        let half = customer(50, 0).with_acquisition_cost(NonNegative::from(75_u32)).elasticities().unwrap();
        assert_eq!(half.acquisition_cost.elasticity, Some(Decimal::from(-3)));
        assert_eq!(half.acquisition_cost.one_point_more, Some(Decimal::new(-75, 2)));
        assert_eq!(half.margin.elasticity, Some(Decimal::from(4)));
    }
}
