//! The optimal split of a budget between winning customers and keeping them.

use std::fmt;

use crm_numbers::{Amount as _, Decimal, InputError, OverflowError, check};

use crate::exact::exact;
use crate::{Breakdown, Error, NonNegative, Probability, Rate, Rounding};

/// The response of a rate to spending, `ceiling (1 - exp(-k x spend))`, calibrated by two estimates
/// of a manager.
///
/// The first is today's spend per person with the rate that it achieves, the second the rate at
/// unlimited spend: the ceiling. Then `k = -ln(1 - rate / ceiling) / spend`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Response {
    spend: NonNegative,
    rate: Probability,
    ceiling: Probability,
}

crm_numbers::gate!(Response, Response::checked);

impl Response {
    /// Creates a response from today's spend per person, the rate that it achieves, and the rate at
    /// unlimited spend.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for a spend of 0, a rate of 0, or a ceiling that is not above the
    /// rate.
    pub fn new(spend: NonNegative, rate: Probability, ceiling: Probability) -> Result<Self, Error> {
        Ok(Self { spend, rate, ceiling }.checked()?)
    }

    fn checked(self) -> Result<Self, InputError> {
        check::range("spend", self.spend.get(), check::above(Decimal::ZERO))?;
        check::range("rate", self.rate.get(), check::above(Decimal::ZERO))?;
        check::range("ceiling", self.ceiling.get(), check::above(self.rate.get()))?;
        Ok(self)
    }

    /// Returns today's spend per person.
    #[must_use]
    pub fn spend(&self) -> NonNegative {
        self.spend
    }

    /// Returns today's rate.
    #[must_use]
    pub fn rate(&self) -> Probability {
        self.rate
    }

    /// Returns the rate at unlimited spend.
    #[must_use]
    pub fn ceiling(&self) -> Probability {
        self.ceiling
    }

    fn curve(&self) -> Result<Curve, Error> {
        let (spend, rate, ceiling) = (self.spend.to_f64(), self.rate.to_f64(), self.ceiling.to_f64());
        // 1 - rate / ceiling, from the difference, which is exact in decimals.
        let gap = (exact(self.ceiling) - self.rate).value("ceiling - rate")?.to_f64();
        let k = -(gap / ceiling).ln() / spend;
        let k = if gap / ceiling > 0.5 { -(-rate / ceiling).ln_1p() / spend } else { k };
        Ok(Curve { ceiling, k })
    }
}

/// A response curve in the world of `f64`.
#[derive(Debug, Clone, Copy)]
struct Curve {
    ceiling: f64,
    k: f64,
}

impl Curve {
    fn rate(self, spend: f64) -> f64 {
        -self.ceiling * (-self.k * spend).exp_m1()
    }

    fn slope(self, spend: f64) -> f64 {
        self.ceiling * self.k * (-self.k * spend).exp()
    }
}

/// Spending on winning and on keeping customers, by the criterion of Blattberg and Deighton.
///
/// # Formula
///
/// The acquisition rate `a(A)` and the retention rate `r(R)` respond to the spend per prospect A
/// and per customer R; see [`Response`]. With margin m and discount d, the value of a prospect is
///
/// `a(A) m - A + a(A) (m - R / r) r' / (1 - r')`, with `r = r(R)` and `r' = r / (1 + d)`
///
/// which is greatest at the split. R does not depend on A: it is the root of a falling function,
/// found by bisection; A then follows in closed form. Exponentials and logarithms are computed in
/// `f64`, about 15 digits; the results come back as decimals, amounts rounded as the caller says
/// and rates to 12 decimals.
///
/// # References
///
/// Blattberg and Deighton (1996), "Manage Marketing by the Customer Equity Test", Harvard Business
/// Review 74(4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SpendingSplit {
    /// Response of the acquisition rate to the spend per prospect.
    pub acquisition: Response,
    /// Response of the retention rate to the spend per customer and period.
    pub retention: Response,
    /// Margin per customer and period, before the spend on retention.
    pub margin: NonNegative,
    /// Discount rate per period; at least 0.
    pub discount: Rate,
}

/// The optimum of a [`SpendingSplit`].
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct BestSplit {
    /// Spend per prospect, A.
    pub acquisition_spend: NonNegative,
    /// Acquisition rate at that spend.
    pub acquisition_rate: Probability,
    /// Spend per customer and period, R.
    pub retention_spend: NonNegative,
    /// Retention rate at that spend.
    pub retention_rate: Probability,
    /// Value of a prospect at the optimum.
    pub value_per_prospect: Decimal,
    /// Value of a prospect at today's spends.
    pub value_today: Decimal,
}

crm_numbers::debug!(BestSplit {
    acquisition_spend,
    acquisition_rate,
    retention_spend,
    retention_rate,
    value_per_prospect,
    value_today
});

impl SpendingSplit {
    /// Returns the spends that maximize the value of a prospect.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for a discount below 0 or numbers that `f64` cannot tell apart,
    /// [`Error::Overflow`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{
    ///     Decimal, TimeUnit, Probability, Rate, Response, Rounding, SpendingSplit, Strategy, MoneyUnit,
    /// };
    ///
    /// let split = SpendingSplit {
    ///     // 5 per prospect win 10 %, and no money wins more than 40 %.
    ///     acquisition: Response::new(5.into(), Probability::percent(10)?, Probability::percent(40)?)?,
    ///     retention: Response::new(10.into(), Probability::percent(40)?, Probability::percent(70)?)?,
    ///     margin: 50.into(),
    ///     discount: Rate::percent(TimeUnit::Year, 20)?,
    /// };
    /// let best = split.best(Rounding::new(MoneyUnit::CENT, Strategy::HalfEven))?;
    /// assert_eq!(best.retention_spend.get(), Decimal::new(15_87, 2));
    /// assert_eq!(best.acquisition_spend.get(), Decimal::new(6_91, 2));
    /// assert!(best.value_per_prospect > best.value_today);
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    pub fn best(&self, rounding: Rounding) -> Result<BestSplit, Error> {
        check::range("discount", self.discount.get(), Decimal::ZERO..)?;
        let (acquisition, retention) = (self.acquisition.curve()?, self.retention.curve()?);
        let (margin, discounted) = (self.margin.to_f64(), 1.0 + self.discount.get().to_f64());
        let kept = best_retention(retention, margin, discounted);
        // What a customer is worth once won.
        let won = margin + later(retention, margin, discounted, kept);
        let gain = acquisition.k * acquisition.ceiling * won;
        let spend = if gain > 1.0 { gain.ln() / acquisition.k } else { 0.0 };
        let value = acquisition.rate(spend) * won - spend;
        let now_kept = self.retention.spend.to_f64();
        let now_won = margin + later(retention, margin, discounted, now_kept);
        let today = self.acquisition.rate.to_f64() * now_won - self.acquisition.spend.to_f64();
        let amount = |name, number| decimal(name, number).map(|amount| rounding.apply(amount));
        let spent = |name, number| Ok::<_, Error>(NonNegative::new(amount(name, number)?)?);
        let rate = |name, number| Ok::<_, Error>(Probability::new(decimal(name, number)?.round_dp(12))?);
        Ok(BestSplit {
            acquisition_spend: spent("acquisition spend", spend)?,
            acquisition_rate: rate("acquisition rate", acquisition.rate(spend))?,
            retention_spend: spent("retention spend", kept)?,
            retention_rate: rate("retention rate", retention.rate(kept))?,
            value_per_prospect: amount("value of a prospect", value)?,
            value_today: amount("value of a prospect today", today)?,
        })
    }
}

/// The way back from logarithms to exact amounts.
fn decimal(name: &'static str, number: f64) -> Result<Decimal, Error> {
    let decimal = Decimal::from_f64_retain(number).map(|amount| amount.normalize());
    decimal.ok_or_else(|| Error::Input(OverflowError::new(name, number).into()))
}

/// `(m - R / r) r' / (1 - r')`, written so that nothing is divided by r: `(m r - R) / (1 + d - r)`.
fn later(retention: Curve, margin: f64, discounted: f64, spend: f64) -> f64 {
    let rate = retention.rate(spend);
    (margin * rate - spend) / (discounted - rate)
}

/// The spend where that is greatest: `r'(R) (m (1 + d) - R) = 1 + d - r(R)`. Left - right falls
/// from 0 to m (1 + d).
fn best_retention(retention: Curve, margin: f64, discounted: f64) -> f64 {
    let whole = margin * discounted;
    let gain = |spend: f64| retention.slope(spend) * (whole - spend) - (discounted - retention.rate(spend));
    if gain(0.0) <= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, whole);
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if gain(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

impl BestSplit {
    /// Returns the terms by name.
    #[must_use]
    pub fn breakdown(&self) -> Breakdown {
        Breakdown::of("spending split")
            .note("spend per prospect", self.acquisition_spend)
            .note("acquisition rate", self.acquisition_rate)
            .note("spend per customer", self.retention_spend)
            .note("retention rate", self.retention_rate)
            .note("value of a prospect today", self.value_today)
            .equals("value of a prospect", self.value_per_prospect)
    }
}

impl fmt::Display for BestSplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.breakdown().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MoneyUnit, Strategy, TimeUnit};

    fn response(spend: u32, rate: i64, ceiling: i64) -> Response {
        Response::new(
            spend.into(),
            Probability::percent(rate).unwrap(),
            Probability::percent(ceiling).unwrap(),
        )
        .unwrap()
    }

    fn fine() -> Rounding {
        Rounding::new(MoneyUnit::decimals(10).unwrap(), Strategy::HalfEven)
    }

    #[test]
    fn a_curve_goes_through_todays_point() {
        for (spend, rate, ceiling) in [(5, 10, 40), (1, 1, 100), (1000, 99, 100), (3, 39, 40)] {
            let curve = response(spend, rate, ceiling).curve().unwrap();
            let error = curve.rate(f64::from(spend)) - rate as f64 / 100.0;
            assert!(error.abs() < 1e-14, "{spend} {rate} {ceiling}: {error}");
        }
    }

    #[test]
    fn spending_nothing_is_best_where_nothing_is_earned() {
        let split = SpendingSplit {
            acquisition: response(5, 10, 40),
            retention: response(10, 40, 70),
            margin: NonNegative::ZERO,
            discount: Rate::percent(TimeUnit::Year, 10).unwrap(),
        };
        let best = split.best(fine()).unwrap();
        assert_eq!((best.acquisition_spend, best.retention_spend), (NonNegative::ZERO, NonNegative::ZERO));
        assert_eq!(best.value_per_prospect, Decimal::ZERO);
        assert!(best.value_today < Decimal::ZERO);
    }

    #[test]
    fn points_that_are_no_response_are_refused() {
        let text = |spend: u32, rate, ceiling| {
            let percent = |percent| Probability::percent(percent).unwrap();
            Response::new(spend.into(), percent(rate), percent(ceiling)).unwrap_err().to_string()
        };
        assert_eq!(text(0, 10, 40), "spend must be greater than 0, got 0");
        assert_eq!(text(5, 0, 40), "rate must be greater than 0, got 0");
        assert_eq!(text(5, 40, 40), "ceiling must be greater than 0.4, got 0.4");
        let split = SpendingSplit {
            acquisition: response(5, 10, 40),
            retention: response(10, 40, 70),
            margin: 50.into(),
            discount: Rate::percent(TimeUnit::Year, -10).unwrap(),
        };
        assert_eq!(split.best(fine()).unwrap_err().to_string(), "discount must be at least 0, got -0.1");
    }

    #[test]
    fn the_largest_amounts_do_not_panic() {
        let split = SpendingSplit {
            acquisition: response(1, 1, 100),
            retention: response(1, 1, 100),
            margin: NonNegative::new(Decimal::MAX).unwrap(),
            discount: Rate::zero(TimeUnit::Year),
        };
        // A value beyond 7.9e28 or one that is answered: never NaN.
        if let Ok(best) = split.best(fine()) {
            assert!(best.value_per_prospect > Decimal::ZERO);
        }
    }

    #[test]
    fn a_small_rate_and_a_small_gap_keep_their_digits() {
        let number = |text: &str| Probability::new(text.parse().unwrap()).unwrap();
        let k = |rate, ceiling| {
            Response::new(5.into(), number(rate), number(ceiling)).unwrap().curve().unwrap().k
        };
        let near = |got: f64, wanted: f64| assert!((got / wanted - 1.0).abs() < 1e-14, "{got}, not {wanted}");
        // -ln(1 - 2.5e-20) / 5, for a rate of 1e-20 below a ceiling of 0.4.
        near(k("0.00000000000000000001", "0.4"), 5e-21);
        near(k("0.00000000000000000001", "1"), 2e-21);
        // -ln(1e-20 / 0.4) / 5, for a rate of 0.4 - 1e-20.
        near(k("0.39999999999999999999", "0.4"), 9.027_082_225_601_353);
    }

    /// The spends of a search that knows the criterion alone.
    #[test]
    fn the_split_is_where_the_criterion_is_greatest() {
        let split = |percent| SpendingSplit {
            acquisition: response(5, 10, 40),
            retention: response(10, 40, 70),
            margin: 50.into(),
            discount: Rate::percent(TimeUnit::Year, percent).unwrap(),
        };
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        for (percent, retention, acquisition, value, rates) in [
            (0, "16.94311", "8.49760", "2.461658901", ["0.154685", "0.533417"]),
            (20, "15.86524", "6.91029", "1.575442743", ["0.131226", "0.517487"]),
        ] {
            let best = split(percent).best(fine()).unwrap();
            assert_eq!(best.retention_spend.get().round_dp(5), number(retention));
            assert_eq!(best.acquisition_spend.get().round_dp(5), number(acquisition));
            assert_eq!(best.value_per_prospect.round_dp(9), number(value));
            assert_eq!(
                [best.acquisition_rate, best.retention_rate].map(|rate| rate.get().round_dp(6)),
                rates.map(number)
            );
        }
        // Today 10 % are won for 5 and 40 % kept for 10: 0.1 (50 + (50 x 0.4 - 10) / (1.2 - 0.4)) -
        // 5.
        assert_eq!(split(20).best(fine()).unwrap().value_today, number("1.25"));
        // Without discount 0.1 (50 + 10 / 0.6) - 5.
        assert_eq!(split(0).best(fine()).unwrap().value_today, number("1.6666666667"));
    }
}
