use std::fmt;

use rust_decimal::Decimal;

use super::geometric::{self, Sums};
use super::{ConstantMargin, Timing};
use crate::{Error, NonNegative, Probability, exact, text};

/// How much value moves with one of its inputs.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Sensitivity {
    /// Per cent of value for one per cent of the input, at the margin: `x / V dV/dx`. `None` where V is 0.
    pub elasticity: Option<Decimal>,
    /// What one point more is worth: the value at the raised input - the value. A rate is raised by 0.01, an amount
    /// by 1 %.
    /// `None` where the raised input is out of range.
    pub one_point_more: Option<Decimal>,
}

crate::text::debug!(Sensitivity { elasticity, one_point_more });

/// What lifetime value, and so customer equity, answers to: retention, margin, discount and acquisition cost.
///
/// Gupta and Lehmann (2003), "Customers as Assets", find that a point of retention is worth several times a point of
/// discount: this shows it for any customer.
///
/// ```
/// use crm_value::{ConstantMargin, Decimal, FirstMargin, Period, Probability, Rate, Terms, Timing};
///
/// let terms = Terms::new(Rate::percent(Period::Year, 10)?, FirstMargin::Certain, Timing::EndOfPeriod);
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
#[non_exhaustive]
pub struct Elasticities {
    /// To the probability of staying.
    pub retention: Sensitivity,
    /// To the margin of a period.
    pub margin: Sensitivity,
    /// To the discount rate.
    pub discount: Sensitivity,
    /// To what winning the customer costs.
    pub acquisition_cost: Sensitivity,
}

impl fmt::Display for Elasticities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |number: Option<Decimal>, places| {
            number.map_or_else(|| "-".to_owned(), |number| text::text(number, Some(places)))
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
    /// How much the value moves with each of its inputs.
    ///
    /// Closed derivatives: with `q = r (1+g) / (1+d)`, `S` the sum of `q^t` and `T` that of `t q^t`, the value before
    /// acquisition cost is `m f S`, its derivative by `ln r` is `m f (renewal S + T)` and by `ln (1+d)` it is `-m f
    /// (end S + T)`.
    ///
    /// # Errors
    /// As [`ConstantMargin::value`].
    pub fn elasticities(&self) -> Result<Elasticities, Error> {
        const TERM: &str = "elasticity";
        let (value, gross) = (self.value()?, self.gross()?);
        let (terms, cost) = (&self.terms, self.terms.acquisition_cost().get());
        let discounted = terms.discounted()?;
        let Sums { plain, weighted } = self.sums(discounted)?;
        let mut scale = exact::mul(TERM, self.margin, terms.first_factor(self.retention))?;
        let (end, renewal) =
            (terms.timing() == Timing::EndOfPeriod, terms.first() == super::FirstMargin::NeedsRenewal);
        if end {
            scale = exact::div(TERM, scale, discounted)?;
        }
        let slope = |once: bool| {
            let sum = if once { exact::add(TERM, plain, weighted)? } else { weighted };
            exact::mul(TERM, scale, sum)
        };
        let by_discount =
            exact::div(TERM, exact::mul(TERM, slope(end)?, terms.discount().get())?, discounted)?;
        let relative = |slope: Decimal| {
            if value.is_zero() { Ok(None) } else { exact::div(TERM, slope, value).map(Some) }
        };
        let difference = |raised: Result<Self, Error>| match raised.and_then(|raised| raised.value()) {
            Ok(raised) => exact::sub("one point more", raised, value).map(Some),
            Err(Error::Overflow { term, operation }) => Err(Error::Overflow { term, operation }),
            Err(_) => Ok(None),
        };
        let (point, hundredth) =
            (Decimal::new(1, 2), |amount| exact::mul("one point more", amount, Decimal::new(1, 2)));
        let more_retention = Probability::new(exact::add(TERM, self.retention.get(), point)?);
        let more_discount = exact::add(TERM, terms.discount().get(), point)?;
        Ok(Elasticities {
            retention: Sensitivity {
                elasticity: relative(slope(renewal)?)?,
                one_point_more: difference(more_retention.map(|retention| Self { retention, ..*self }))?,
            },
            margin: Sensitivity { elasticity: relative(gross)?, one_point_more: Some(hundredth(gross)?) },
            discount: Sensitivity {
                elasticity: relative(exact::opposite(by_discount))?,
                one_point_more: difference(
                    terms.with_discount(more_discount).map(|terms| Self { terms, ..*self }),
                )?,
            },
            acquisition_cost: Sensitivity {
                elasticity: relative(exact::opposite(cost))?,
                one_point_more: Some(exact::opposite(hundredth(cost)?)),
            },
        })
    }

    /// The sums of `q^t` and `t q^t`.
    fn sums(&self, discounted: Decimal) -> Result<Sums, Error> {
        const TERM: &str = "elasticity";
        match self.terms.horizon() {
            Some(periods) => {
                let kept = self.terms.kept(self.retention)?;
                geometric::both(TERM, exact::div(TERM, kept, discounted)?, periods)
            }
            None => {
                let plain = exact::div(TERM, discounted, self.terms.fading(self.retention)?)?;
                // q / (1 - q)^2 = S (S - 1).
                let weighted = exact::mul(TERM, plain, exact::sub(TERM, plain, Decimal::ONE)?)?;
                Ok(Sums { plain, weighted })
            }
        }
    }
}

impl ConstantMargin {
    /// The same customer at another acquisition cost.
    #[must_use]
    pub fn with_acquisition_cost(self, cost: NonNegative) -> Self {
        Self { terms: self.terms.with_acquisition_cost(cost), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FirstMargin, Period, Rate, Terms};

    fn customer(retention: i64, discount: i32) -> ConstantMargin {
        let discount = Rate::percent(Period::Year, discount).unwrap();
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
