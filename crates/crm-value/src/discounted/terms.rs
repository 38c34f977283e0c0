use crm_numbers::{Decimal, NonNegative, Probability, TimeUnit};

use super::geometric;
use crate::exact::{Expr, exact};
use crate::{Error, Rate};

/// The condition of the first margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FirstMargin {
    /// The first margin is certain, as for a new customer; each later one needs one more renewal.
    Certain,
    /// The first margin needs a renewal, as for a customer who has already paid for this period.
    NeedsRenewal,
}

crm_numbers::names! {
    FirstMargin, "first margin" {
        Certain = "certain",
        NeedsRenewal = "needs_renewal",
    }
}

/// The time at which the margin of a period is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Timing {
    /// At the start of the period: the first payment is not discounted.
    StartOfPeriod,
    /// At the end of the period: the first payment is discounted once.
    EndOfPeriod,
}

crm_numbers::names! {
    Timing, "timing" {
        StartOfPeriod = "start_of_period",
        EndOfPeriod = "end_of_period",
    }
}

/// Terms of a discounted lifetime value: discount, growth, timing, horizon, acquisition cost.
///
/// Rates, margins and probabilities of staying all count per time unit of the discount rate.
///
/// # Examples
///
/// ```
/// use crm_value::{FirstMargin, TimeUnit, Rate, Terms, Timing};
///
/// let yearly = Rate::percent(TimeUnit::Year, 10)?;
/// let terms = Terms::new(yearly, FirstMargin::Certain, Timing::StartOfPeriod).with_horizon(5);
/// assert_eq!(terms.horizon(), Some(5));
///
/// let monthly = Rate::percent(TimeUnit::Month, 1)?;
/// assert_eq!(
///     terms.with_growth(monthly).unwrap_err().to_string(),
///     "growth must be per year, got a rate per month"
/// );
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Terms {
    discount: Rate,
    growth: Rate,
    first: FirstMargin,
    timing: Timing,
    horizon: Option<u32>,
    acquisition_cost: NonNegative,
}

crm_numbers::gate!(Terms, Terms::checked);

impl Terms {
    /// Creates terms without growth, horizon and acquisition cost.
    #[must_use]
    pub fn new(discount: Rate, first: FirstMargin, timing: Timing) -> Self {
        let growth = Rate::zero(discount.time_unit());
        Self { discount, growth, first, timing, horizon: None, acquisition_cost: NonNegative::ZERO }
    }

    /// Sets the growth of margins: that of period t is `(1 + growth)^t` times the first, with t
    /// from 0.
    ///
    /// # Errors
    ///
    /// [`Error::TimeUnit`] unless it counts in the period of the discount rate.
    pub fn with_growth(self, growth: Rate) -> Result<Self, Error> {
        Self { growth, ..self }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        self.growth.expect("growth", self.time_unit())?;
        Ok(self)
    }

    /// Sets the number of margins that count.
    #[must_use]
    pub fn with_horizon(self, periods: u32) -> Self {
        Self { horizon: Some(periods), ..self }
    }

    /// Sets the acquisition cost, which is paid today and subtracted.
    #[must_use]
    pub fn with_acquisition_cost(self, cost: NonNegative) -> Self {
        Self { acquisition_cost: cost, ..self }
    }

    /// Returns the unit of time of rates, margins and probabilities.
    #[must_use]
    pub fn time_unit(&self) -> TimeUnit {
        self.discount.time_unit()
    }

    /// Returns the discount rate.
    #[must_use]
    pub fn discount(&self) -> Rate {
        self.discount
    }

    /// Returns the growth rate of margins.
    #[must_use]
    pub fn growth(&self) -> Rate {
        self.growth
    }

    /// Returns the condition of the first margin.
    #[must_use]
    pub fn first(&self) -> FirstMargin {
        self.first
    }

    /// Returns the time at which margins are paid.
    #[must_use]
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Returns the number of margins that count; `None` for all.
    #[must_use]
    pub fn horizon(&self) -> Option<u32> {
        self.horizon
    }

    /// Returns the acquisition cost.
    #[must_use]
    pub fn acquisition_cost(&self) -> NonNegative {
        self.acquisition_cost
    }

    /// Sets the discount rate, which keeps its period.
    pub(super) fn with_discount(self, rate: Decimal) -> Result<Self, Error> {
        Ok(Self { discount: Rate::unbounded(self.time_unit(), rate)?, ..self })
    }

    /// `1 + discount`.
    #[inline]
    pub(super) fn discounted(&self) -> Result<Decimal, Error> {
        (Expr::ONE + self.discount).value("1 + discount")
    }

    /// `retention x (1 + growth)`.
    #[inline]
    pub(super) fn kept(&self, retention: Probability) -> Result<Decimal, Error> {
        let growth = (Expr::ONE + self.growth).named("1 + growth");
        (growth * retention).value("retention x (1 + growth)")
    }

    /// `1 + discount - retention x (1 + growth)`, rounded once; above 0 unless the sum has no end.
    #[inline]
    pub(super) fn fading(&self, retention: Probability) -> Result<Decimal, Error> {
        let rest = Expr::ONE + self.discount - retention - exact(retention) * self.growth;
        let rest = rest.value("1 + discount - retention x (1 + growth)")?;
        if rest > Decimal::ZERO { Ok(rest) } else { Err(diverges(self.kept(retention)?, self.discounted()?)) }
    }

    /// The probability with which the first margin comes.
    #[inline]
    pub(super) fn first_factor(&self, retention: Probability) -> Probability {
        match self.first {
            FirstMargin::Certain => Probability::ONE,
            FirstMargin::NeedsRenewal => retention,
        }
    }

    /// The present value of a constant margin, before acquisition cost.
    #[inline]
    pub(super) fn gross(&self, margin: Decimal, retention: Probability) -> Result<Decimal, Error> {
        const TERM: &str = "discounted lifetime value";
        let discounted = self.discounted()?;
        let first = exact(margin) * self.first_factor(retention);
        let value = match (self.horizon, self.timing) {
            // One division; above and below the line nothing is rounded on the way.
            (None, Timing::StartOfPeriod) => first * discounted / self.fading(retention)?,
            (None, Timing::EndOfPeriod) => first / self.fading(retention)?,
            (Some(periods), timing) => {
                let ratio = (exact(self.kept(retention)?) / discounted).value(TERM)?;
                let now = first * geometric::sum(TERM, ratio, periods)?;
                if timing == Timing::StartOfPeriod { now } else { now / discounted }
            }
        };
        value.value(TERM)
    }

    /// The value less the acquisition cost.
    #[inline]
    pub(super) fn net(&self, gross: Decimal) -> Result<Decimal, Error> {
        (exact(gross) - self.acquisition_cost).value("lifetime value after acquisition cost")
    }
}

#[cold]
fn diverges(kept: Decimal, discounted: Decimal) -> Error {
    Error::Diverges { kept: kept.normalize().to_string(), discounted: discounted.normalize().to_string() }
}
