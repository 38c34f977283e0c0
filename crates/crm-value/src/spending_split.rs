//! How to split a budget between winning customers and keeping them.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::{Breakdown, Error, NonNegative, Probability, Rate, Rounding, exact};

/// How a rate answers to spending: `ceiling (1 - exp(-k x spend))`, calibrated from two answers that a manager can
/// give.
///
/// "What do we spend on a prospect today, and how many do we win by it?" gives a point; "how many could we win if
/// money were no object?" gives the ceiling. Then `k = -ln(1 - rate / ceiling) / spend`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Response {
    spend: NonNegative,
    rate: Probability,
    ceiling: Probability,
}

impl Response {
    /// Today's spend per person and the rate it achieves, and the rate that no spend can exceed.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a spend of 0, a rate of 0, or a ceiling that is not above the rate.
    pub fn new(spend: NonNegative, rate: Probability, ceiling: Probability) -> Result<Self, Error> {
        if spend == NonNegative::ZERO {
            return Err(Error::out_of_range("spend", "be above 0", spend));
        }
        if rate == Probability::ZERO {
            return Err(Error::out_of_range("rate", "be above 0", rate));
        }
        if ceiling <= rate {
            return Err(Error::out_of_range("ceiling", "be above today's rate", ceiling));
        }
        Ok(Self { spend, rate, ceiling })
    }

    /// Today's spend per person.
    #[must_use]
    pub fn spend(&self) -> NonNegative {
        self.spend
    }

    /// The rate that it achieves.
    #[must_use]
    pub fn rate(&self) -> Probability {
        self.rate
    }

    /// The rate that no spend can exceed.
    #[must_use]
    pub fn ceiling(&self) -> Probability {
        self.ceiling
    }

    fn curve(&self) -> Result<Curve, Error> {
        let (spend, rate, ceiling) =
            (float(self.spend.get())?, float(self.rate.get())?, float(self.ceiling.get())?);
        // 1 - rate / ceiling, from the difference, which is exact in decimals.
        let gap = float(exact::sub("ceiling - rate", self.ceiling.get(), self.rate.get())?)?;
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

/// The door from exact amounts to logarithms.
fn float(amount: Decimal) -> Result<f64, Error> {
    amount.to_f64().ok_or_else(|| Error::out_of_range("amount", "be a finite number", amount))
}

/// How much to spend on winning and on keeping customers: Blattberg and Deighton's criterion.
///
/// The acquisition rate `a(A)` and the retention rate `r(R)` answer to the spend per prospect A and per customer R as
/// [`Response`] says. With margin m and discount d, a prospect is worth
///
/// `a(A) m - A + a(A) (m - R / r) r' / (1 - r')`, with `r = r(R)` and `r' = r / (1 + d)`
///
/// which is greatest at the split. R does not depend on A: it is the root of a falling function, found by bisection;
/// A then follows in closed form. Exponentials and logarithms are computed in `f64`, about 15 digits; the results
/// come back as decimals, amounts rounded as the caller says and rates to 12 decimals.
///
/// Source: Blattberg and Deighton (1996), "Manage Marketing by the Customer Equity Test", Harvard Business Review
/// 74(4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SpendingSplit {
    /// How winning prospects answers to the spend per prospect.
    pub acquisition: Response,
    /// How keeping customers answers to the spend per customer and period.
    pub retention: Response,
    /// What a customer earns in a period, before the spend on retention.
    pub margin: NonNegative,
    /// The discount rate of that period; at least 0.
    pub discount: Rate,
}

/// Where the criterion of [`SpendingSplit`] is greatest.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct BestSplit {
    /// The spend per prospect, A.
    pub acquisition_spend: Decimal,
    /// The acquisition rate that it achieves.
    pub acquisition_rate: Decimal,
    /// The spend per customer and period, R.
    pub retention_spend: Decimal,
    /// The retention rate that it achieves.
    pub retention_rate: Decimal,
    /// What a prospect is worth there.
    pub value_per_prospect: Decimal,
    /// What a prospect is worth with today's spends.
    pub value_today: Decimal,
}

crate::text::debug!(BestSplit {
    acquisition_spend,
    acquisition_rate,
    retention_spend,
    retention_rate,
    value_per_prospect,
    value_today
});

impl SpendingSplit {
    /// The spends at which a prospect is worth most.
    ///
    /// ```
    /// use crm_value::{
    ///     Decimal, Period, Probability, Rate, Response, Rounding, SpendingSplit, Strategy, Unit,
    /// };
    ///
    /// let split = SpendingSplit {
    ///     // 5 per prospect win 10 %, and no money wins more than 40 %.
    ///     acquisition: Response::new(5.into(), Probability::percent(10)?, Probability::percent(40)?)?,
    ///     retention: Response::new(10.into(), Probability::percent(40)?, Probability::percent(70)?)?,
    ///     margin: 50.into(),
    ///     discount: Rate::percent(Period::Year, 20)?,
    /// };
    /// let best = split.best(Rounding::new(Unit::CENT, Strategy::HalfEven))?;
    /// assert_eq!(best.retention_spend, Decimal::new(15_87, 2));
    /// assert_eq!(best.acquisition_spend, Decimal::new(6_91, 2));
    /// assert!(best.value_per_prospect > best.value_today);
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a discount below 0 or numbers that `f64` cannot tell apart, [`Error::Overflow`].
    pub fn best(&self, rounding: Rounding) -> Result<BestSplit, Error> {
        if self.discount.get() < Decimal::ZERO {
            return Err(Error::out_of_range("discount", "be at least 0", self.discount.get()));
        }
        let (acquisition, retention) = (self.acquisition.curve()?, self.retention.curve()?);
        let (margin, discounted) = (float(self.margin.get())?, 1.0 + float(self.discount.get())?);
        let kept = best_retention(retention, margin, discounted);
        // What a customer is worth once won.
        let won = margin + later(retention, margin, discounted, kept);
        let gain = acquisition.k * acquisition.ceiling * won;
        let spend = if gain > 1.0 { gain.ln() / acquisition.k } else { 0.0 };
        let value = acquisition.rate(spend) * won - spend;
        let (now_won, now_kept) = (float(self.acquisition.spend.get())?, float(self.retention.spend.get())?);
        let today = float(self.acquisition.rate.get())?
            * (margin + later(retention, margin, discounted, now_kept))
            - now_won;
        let amount = |field, number| Ok(rounding.apply(decimal(field, number)?));
        let rate = |field, number: f64| Ok(decimal(field, number)?.round_dp(12));
        Ok(BestSplit {
            acquisition_spend: amount("acquisition spend", spend)?,
            acquisition_rate: rate("acquisition rate", acquisition.rate(spend))?,
            retention_spend: amount("retention spend", kept)?,
            retention_rate: rate("retention rate", retention.rate(kept))?,
            value_per_prospect: amount("value of a prospect", value)?,
            value_today: amount("value of a prospect today", today)?,
        })
    }
}

/// The way back from logarithms to exact amounts.
fn decimal(field: &'static str, number: f64) -> Result<Decimal, Error> {
    Decimal::from_f64_retain(number)
        .filter(|_| number.is_finite())
        .map(|amount| amount.normalize())
        .ok_or_else(|| Error::out_of_range(field, "be a number below 7.9e28", number))
}

/// `(m - R / r) r' / (1 - r')`, written so that nothing is divided by r: `(m r - R) / (1 + d - r)`.
fn later(retention: Curve, margin: f64, discounted: f64, spend: f64) -> f64 {
    let rate = retention.rate(spend);
    (margin * rate - spend) / (discounted - rate)
}

/// The spend where that is greatest: `r'(R) (m (1 + d) - R) = 1 + d - r(R)`. Left - right falls from 0 to m (1 + d).
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
    /// The terms by name.
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

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    spend: NonNegative,
    rate: Probability,
    ceiling: Probability,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Response {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        Self::new(stored.spend, stored.rate, stored.ceiling)
    }
}

#[cfg(feature = "serde")]
impl From<Response> for Stored {
    fn from(response: Response) -> Self {
        Self { spend: response.spend, rate: response.rate, ceiling: response.ceiling }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Period, Strategy, Unit};

    fn response(spend: u32, rate: i64, ceiling: i64) -> Response {
        Response::new(
            spend.into(),
            Probability::percent(rate).unwrap(),
            Probability::percent(ceiling).unwrap(),
        )
        .unwrap()
    }

    fn fine() -> Rounding {
        Rounding::new(Unit::decimals(10).unwrap(), Strategy::HalfEven)
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
            discount: Rate::percent(Period::Year, 10).unwrap(),
        };
        let best = split.best(fine()).unwrap();
        assert_eq!((best.acquisition_spend, best.retention_spend), (Decimal::ZERO, Decimal::ZERO));
        assert_eq!(best.value_per_prospect, Decimal::ZERO);
        assert!(best.value_today < Decimal::ZERO);
    }

    #[test]
    fn points_that_are_no_response_are_refused() {
        let text = |spend: u32, rate, ceiling| {
            let percent = |percent| Probability::percent(percent).unwrap();
            Response::new(spend.into(), percent(rate), percent(ceiling)).unwrap_err().to_string()
        };
        assert_eq!(text(0, 10, 40), "spend must be above 0, got 0");
        assert_eq!(text(5, 0, 40), "rate must be above 0, got 0");
        assert_eq!(text(5, 40, 40), "ceiling must be above today's rate, got 0.40");
        let split = SpendingSplit {
            acquisition: response(5, 10, 40),
            retention: response(10, 40, 70),
            margin: 50.into(),
            discount: Rate::percent(Period::Year, -10).unwrap(),
        };
        assert_eq!(split.best(fine()).unwrap_err().to_string(), "discount must be at least 0, got -0.10");
    }

    #[test]
    fn the_largest_amounts_do_not_panic() {
        let split = SpendingSplit {
            acquisition: response(1, 1, 100),
            retention: response(1, 1, 100),
            margin: NonNegative::new(Decimal::MAX).unwrap(),
            discount: Rate::zero(Period::Year),
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
            discount: Rate::percent(Period::Year, percent).unwrap(),
        };
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        for (percent, retention, acquisition, value, rates) in [
            (0, "16.94311", "8.49760", "2.461658901", ["0.154685", "0.533417"]),
            (20, "15.86524", "6.91029", "1.575442743", ["0.131226", "0.517487"]),
        ] {
            let best = split(percent).best(fine()).unwrap();
            assert_eq!(best.retention_spend.round_dp(5), number(retention));
            assert_eq!(best.acquisition_spend.round_dp(5), number(acquisition));
            assert_eq!(best.value_per_prospect.round_dp(9), number(value));
            assert_eq!(
                [best.acquisition_rate, best.retention_rate].map(|rate| rate.round_dp(6)),
                rates.map(number)
            );
        }
        // Today 10 % are won for 5 and 40 % kept for 10: 0.1 (50 + (50 x 0.4 - 10) / (1.2 - 0.4)) - 5.
        assert_eq!(split(20).best(fine()).unwrap().value_today, number("1.25"));
        // Without discount 0.1 (50 + 10 / 0.6) - 5.
        assert_eq!(split(0).best(fine()).unwrap().value_today, number("1.6666666667"));
    }
}
