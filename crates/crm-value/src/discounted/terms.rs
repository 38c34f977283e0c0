use rust_decimal::Decimal;

use super::geometric;
use crate::exact::Sum;
use crate::{Error, NonNegative, Period, Probability, Rate, exact};

/// Whether the first margin is certain, or comes only if the customer renews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum FirstMargin {
    /// The customer is just being won: the first margin is certain, each later one needs one more renewal.
    Certain,
    /// The customer has already paid for this period: the first margin to be counted needs a renewal.
    NeedsRenewal,
}

/// When the margin of a period is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Timing {
    /// At its start: the first payment is today's money.
    StartOfPeriod,
    /// At its end: the first payment is discounted once.
    EndOfPeriod,
}

/// The choices that every discounted lifetime value needs; none of them has a silent default.
///
/// All rates count in the period of the discount rate, and so do margins and probabilities of staying.
///
/// ```
/// use crm_value::{FirstMargin, Period, Rate, Terms, Timing};
///
/// let yearly = Rate::percent(Period::Year, 10)?;
/// let terms = Terms::new(yearly, FirstMargin::Certain, Timing::StartOfPeriod).with_horizon(5);
/// assert_eq!(terms.horizon(), Some(5));
///
/// let monthly = Rate::percent(Period::Month, 1)?;
/// assert_eq!(
///     terms.with_growth(monthly).unwrap_err().to_string(),
///     "growth must be per year, got a rate per month"
/// );
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Terms {
    discount: Rate,
    growth: Rate,
    first: FirstMargin,
    timing: Timing,
    horizon: Option<u32>,
    acquisition_cost: NonNegative,
}

impl Terms {
    /// Terms without growth, without an end and without acquisition cost.
    #[must_use]
    pub fn new(discount: Rate, first: FirstMargin, timing: Timing) -> Self {
        let growth = Rate::zero(discount.period());
        Self { discount, growth, first, timing, horizon: None, acquisition_cost: NonNegative::ZERO }
    }

    /// Margins that grow: that of period t is `(1 + growth)^t` times the first, t from 0.
    ///
    /// # Errors
    /// [`Error::Period`] unless it counts in the period of the discount rate.
    pub fn with_growth(self, growth: Rate) -> Result<Self, Error> {
        Ok(Self { growth: growth.expect("growth", self.period())?, ..self })
    }

    /// Counts the first so many margins only.
    #[must_use]
    pub fn with_horizon(self, periods: u32) -> Self {
        Self { horizon: Some(periods), ..self }
    }

    /// Subtracts what winning the customer costs today.
    #[must_use]
    pub fn with_acquisition_cost(self, cost: NonNegative) -> Self {
        Self { acquisition_cost: cost, ..self }
    }

    /// The period that rates, margins and probabilities count in.
    #[must_use]
    pub fn period(&self) -> Period {
        self.discount.period()
    }

    /// The discount rate.
    #[must_use]
    pub fn discount(&self) -> Rate {
        self.discount
    }

    /// How margins grow.
    #[must_use]
    pub fn growth(&self) -> Rate {
        self.growth
    }

    /// Whether the first margin is certain.
    #[must_use]
    pub fn first(&self) -> FirstMargin {
        self.first
    }

    /// When margins are paid.
    #[must_use]
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// How many margins count; `None` for all.
    #[must_use]
    pub fn horizon(&self) -> Option<u32> {
        self.horizon
    }

    /// What is subtracted for winning the customer.
    #[must_use]
    pub fn acquisition_cost(&self) -> NonNegative {
        self.acquisition_cost
    }

    /// The same terms at another discount rate, which keeps its period.
    pub(super) fn with_discount(self, rate: Decimal) -> Result<Self, Error> {
        Ok(Self { discount: Rate::unbounded(self.period(), rate)?, ..self })
    }

    /// `1 + discount`.
    #[inline]
    pub(super) fn discounted(&self) -> Result<Decimal, Error> {
        exact::one_plus("1 + discount", self.discount.get())
    }

    /// `retention x (1 + growth)`.
    #[inline]
    pub(super) fn kept(&self, retention: Probability) -> Result<Decimal, Error> {
        let growth = exact::one_plus("1 + growth", self.growth.get())?;
        exact::mul("retention x (1 + growth)", retention.get(), growth)
    }

    /// `1 + discount - retention x (1 + growth)`, rounded once; above 0 unless the sum has no end.
    #[inline]
    pub(super) fn fading(&self, retention: Probability) -> Result<Decimal, Error> {
        let stay = retention.get();
        let rest = Sum::of(Decimal::ONE).plus(self.discount.get()).minus(stay);
        let rest = rest.minus_product(&[stay, self.growth.get()]);
        let rest = rest.total("1 + discount - retention x (1 + growth)")?;
        if rest > Decimal::ZERO { Ok(rest) } else { Err(diverges(self.kept(retention)?, self.discounted()?)) }
    }

    /// What the first margin is worth beside the later ones: `r` where it needs a renewal.
    #[inline]
    pub(super) fn first_factor(&self, retention: Probability) -> Decimal {
        match self.first {
            FirstMargin::Certain => Decimal::ONE,
            FirstMargin::NeedsRenewal => retention.get(),
        }
    }

    /// The present value of a constant margin, before acquisition cost.
    #[inline]
    pub(super) fn gross(&self, margin: Decimal, retention: Probability) -> Result<Decimal, Error> {
        const TERM: &str = "discounted lifetime value";
        let discounted = self.discounted()?;
        match self.horizon {
            None => {
                let fading = self.fading(retention)?;
                // One division; above and below the line nothing is rounded on the way.
                let renewal = self.first_factor(retention);
                let above = match self.timing {
                    Timing::StartOfPeriod => exact::product(TERM, &[margin, renewal, discounted])?,
                    Timing::EndOfPeriod => exact::mul(TERM, margin, renewal)?,
                };
                exact::div(TERM, above, fading)
            }
            Some(periods) => {
                let ratio = exact::div(TERM, self.kept(retention)?, discounted)?;
                let sum = geometric::sum(TERM, ratio, periods)?;
                let now = exact::product(TERM, &[margin, self.first_factor(retention), sum])?;
                match self.timing {
                    Timing::StartOfPeriod => Ok(now),
                    Timing::EndOfPeriod => exact::div(TERM, now, discounted),
                }
            }
        }
    }

    /// Less what winning the customer costs.
    #[inline]
    pub(super) fn net(&self, gross: Decimal) -> Result<Decimal, Error> {
        if self.acquisition_cost == NonNegative::ZERO {
            return Ok(gross);
        }
        exact::sub("lifetime value after acquisition cost", gross, self.acquisition_cost.get())
    }
}

#[cold]
fn diverges(kept: Decimal, discounted: Decimal) -> Error {
    Error::Diverges { kept: kept.normalize().to_string(), discounted: discounted.normalize().to_string() }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    discount: Rate,
    growth: Rate,
    first: FirstMargin,
    timing: Timing,
    horizon: Option<u32>,
    acquisition_cost: NonNegative,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Terms {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let Stored { discount, growth, first, timing, horizon, acquisition_cost } = stored;
        let terms = Self::new(discount, first, timing).with_growth(growth)?;
        Ok(Self { horizon, acquisition_cost, ..terms })
    }
}

#[cfg(feature = "serde")]
impl From<Terms> for Stored {
    fn from(terms: Terms) -> Self {
        let Terms { discount, growth, first, timing, horizon, acquisition_cost } = terms;
        Self { discount, growth, first, timing, horizon, acquisition_cost }
    }
}
