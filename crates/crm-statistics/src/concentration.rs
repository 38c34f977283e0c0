//! Concentration of an amount among customers.

use std::fmt;

use crm_numbers::{Amount, InputError, RangeError, Share, SumUnit, check, text};

use crate::Error;

/// Treatment of amounts below 0, for which shares and the Gini coefficient have no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Negatives {
    /// Negative amounts are refused; the error names the first one.
    #[default]
    Refuse,
    /// Customers with a negative amount count as customers with an amount of 0.
    AsZero,
}

crm_numbers::names! {
    Negatives, "treatment of negative amounts" {
        Refuse = "refuse",
        AsZero = "as_zero",
    }
}

/// The concentration of an amount (revenue, margin, orders) among customers: shares of the largest
/// customers, Lorenz curve, Gini coefficient.
///
/// The amounts are sorted once. Sums are exact (see [`SumUnit`]), so that the order of the
/// customers makes no difference.
///
/// # Examples
///
/// ```
/// use crm_numbers::Share;
/// use crm_statistics::{Concentration, Negatives};
///
/// // Cents of five customers: the largest one brings 60 of 100.
/// let revenue = [6_000_i64, 1_000, 1_000, 1_000, 1_000];
/// let spread = Concentration::new(&revenue, Negatives::Refuse)?;
/// assert_eq!(spread.top(1)?.ratio, 0.6);
/// assert_eq!(spread.top_share(Share::percent(40)?)?.part, 7_000);
/// assert_eq!(spread.customers_for(Share::percent(80)?), 3);
/// // Sum of |x_i - x_j| over pairs: 4 x 5000; G = 20000 / (5 x 10000) = 0.4.
/// assert_eq!(spread.gini(), 0.4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Concentration<T> {
    descending: Vec<T>,
    unit: SumUnit<T>,
    total: i128,
}

impl<T: Amount> Concentration<T> {
    /// Creates the concentration of the amounts of customers, one amount per customer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without amounts, for an amount that is not finite, and for one below 0
    /// under [`Negatives::Refuse`]; [`Error::NoTotal`] if no amount is positive.
    pub fn new(amounts: &[T], negatives: Negatives) -> Result<Self, Error> {
        const FIELD: &str = "amounts";
        check::not_empty(FIELD, amounts)?;
        let unit = SumUnit::of(FIELD, amounts)?;
        let mut descending = amounts.to_vec();
        for (position, amount) in descending.iter_mut().enumerate().filter(|(_, amount)| **amount < T::ZERO) {
            match negatives {
                Negatives::Refuse => {
                    let error = RangeError::new(FIELD, amount.to_f64(), 0.0..).at(position);
                    return Err(InputError::from(error).into());
                }
                Negatives::AsZero => *amount = T::ZERO,
            }
        }
        descending.sort_unstable_by(|a, b| b.compare(a));
        let total: i128 = descending.iter().map(|&amount| unit.count(amount)).sum();
        if total == 0 {
            return Err(Error::NoTotal { name: FIELD });
        }
        Ok(Self { descending, unit, total })
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.descending.len()
    }

    /// Returns the sum of the `n` largest amounts beside the total.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for more customers than there are, and if a `Decimal` or `f64` cannot hold
    /// the total.
    pub fn top(&self, n: usize) -> Result<TopShare<T::Sum>, Error> {
        check::range("number of customers", n, ..=self.customers())?;
        let largest = self.descending.get(..n).unwrap_or(&self.descending);
        let part = largest.iter().map(|&amount| self.unit.count(amount)).sum();
        Ok(TopShare {
            part: self.unit.sum("amounts", part)?,
            whole: self.unit.sum("amounts", self.total)?,
            ratio: part as f64 / self.total as f64,
        })
    }

    /// Returns the sum of the amounts of the given share of customers, largest first: "the top 20 %
    /// bring 78 %".
    ///
    /// The number of customers is rounded up: the top 20 % of 7 customers are 2.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] if a `Decimal` or `f64` cannot hold the total.
    pub fn top_share(&self, of_customers: Share) -> Result<TopShare<T::Sum>, Error> {
        self.top(of_customers.ceil_of(self.customers() as u128) as usize)
    }

    /// Returns the smallest number of customers that together bring at least the given share of the
    /// total.
    #[must_use]
    pub fn customers_for(&self, of_amount: Share) -> usize {
        let wanted = of_amount.ceil_of(self.total.unsigned_abs()) as i128;
        let mut sum = 0;
        self.descending
            .iter()
            .take_while(|&&amount| {
                let open = sum < wanted;
                sum += self.unit.count(amount);
                open
            })
            .count()
    }

    /// Returns the Gini coefficient: 0 if all amounts are equal, near 1 if one customer has
    /// everything.
    ///
    /// # Formula
    ///
    /// `G = sum_i sum_j |x_i - x_j| / (2 n sum x)` over all n^2 pairs of the n amounts x; between 0
    /// and `1 - 1/n`.
    ///
    /// # References
    ///
    /// Gini, C. (1912), "Variabilità e mutabilità".
    #[must_use]
    pub fn gini(&self) -> f64 {
        let n = self.descending.len();
        // The pair of the i-th largest and the i-th smallest is (n - 1 - 2i) gaps apart: no term is
        // negative, so nothing cancels and equal amounts give 0 to the last bit.
        let largest = self.descending.iter().take(n / 2);
        let smallest = self.descending.iter().rev();
        let spread: f64 = largest
            .zip(smallest)
            .enumerate()
            .map(|(i, (high, low))| (n - 1 - 2 * i) as f64 * self.share(*high, *low))
            .sum();
        (spread / n as f64).clamp(0.0, 1.0)
    }

    /// Returns the Lorenz curve: for each number of customers, smallest amounts first, their share
    /// of the total.
    ///
    /// The curve has `customers() + 1` points, from (0, 0) to (1, 1).
    ///
    /// # References
    ///
    /// Lorenz, M. O. (1905), "Methods of Measuring the Concentration of Wealth".
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_statistics::{Concentration, Negatives};
    ///
    /// let spread = Concentration::new(&[3_u32, 1], Negatives::Refuse)?;
    /// let points: Vec<_> = spread.lorenz().map(|point| (point.customers, point.amount)).collect();
    /// assert_eq!(points, [(0.0, 0.0), (0.5, 0.25), (1.0, 1.0)]);
    /// # Ok::<(), crm_statistics::Error>(())
    /// ```
    pub fn lorenz(&self) -> impl Iterator<Item = LorenzPoint> + '_ {
        let mut sum = 0;
        let rest = self.descending.iter().rev().zip(1_usize..).map(move |(&amount, customers)| {
            sum += self.unit.count(amount);
            LorenzPoint {
                customers: customers as f64 / self.descending.len() as f64,
                amount: sum as f64 / self.total as f64,
            }
        });
        std::iter::once(LorenzPoint { customers: 0.0, amount: 0.0 }).chain(rest)
    }

    /// (high - low) / total.
    fn share(&self, high: T, low: T) -> f64 {
        (self.unit.count(high) - self.unit.count(low)) as f64 / self.total as f64
    }
}

/// The sum of the largest amounts beside the total, both exact.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct TopShare<S> {
    /// Sum of the largest amounts.
    pub part: S,
    /// Sum of all amounts.
    pub whole: S,
    /// `part / whole`, between 0 and 1.
    pub ratio: f64,
}

impl<S: fmt::Display> fmt::Display for TopShare<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::pad(f, &format!("{} of {} ({:.1} %)", self.part, self.whole, self.ratio * 100.0))
    }
}

/// A point of the Lorenz curve.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct LorenzPoint {
    /// Share of customers, smallest amounts first, between 0 and 1.
    pub customers: f64,
    /// Their share of the total, between 0 and 1.
    pub amount: f64,
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crm_numbers::Decimal;

    fn spread<T: Amount>(amounts: &[T]) -> Concentration<T> {
        Concentration::new(amounts, Negatives::Refuse).unwrap()
    }

    #[test]
    fn equal_amounts_are_not_concentrated() {
        let equal = spread(&[0.1; 7]);
        assert_eq!(equal.gini(), 0.0);
        assert!(equal.lorenz().all(|point| (point.customers - point.amount).abs() < 1e-15));
    }

    #[test]
    fn one_who_has_everything_is_the_limit() {
        let single = spread(&[0_i64, 0, 0, 5]);
        assert_eq!(single.gini(), 0.75);
        assert_eq!(single.customers_for(Share::percent(100).unwrap()), 1);
        assert_eq!(spread(&[5_i64]).gini(), 0.0);
    }

    #[test]
    fn shares_of_money_are_exact() {
        let revenue = ["0.10", "0.20", "0.70"].map(|text| text.parse::<Decimal>().unwrap());
        let top = spread(&revenue).top(2).unwrap();
        assert_eq!((top.part, top.whole), (Decimal::new(9, 1), Decimal::ONE));
        assert_eq!(top.to_string(), "0.90 of 1.00 (90.0 %)");
        let cents = spread(&[i64::MAX, i64::MAX]).top(1).unwrap();
        assert_eq!((cents.part, cents.ratio), (i128::from(i64::MAX), 0.5));
    }

    #[test]
    fn heads_are_rounded_up() {
        let revenue = spread(&[7_i64, 6, 5, 4, 3, 2, 1]);
        let of = |percent| revenue.top_share(Share::percent(percent).unwrap()).unwrap().part;
        assert_eq!([of(0), of(1), of(14), of(15), of(20), of(100)], [0, 7, 7, 13, 13, 28]);
    }

    #[test]
    fn the_fewest_customers_for_a_share() {
        let revenue = spread(&[50_i64, 30, 10, 10]);
        let needed = |percent| revenue.customers_for(Share::percent(percent).unwrap());
        assert_eq!(
            [needed(0), needed(50), needed(51), needed(80), needed(81), needed(100)],
            [0, 1, 2, 2, 3, 4]
        );
    }

    #[test]
    fn negative_amounts_follow_the_named_rule() {
        let amounts = [5.0, -2.5];
        let refused = Concentration::new(&amounts, Negatives::Refuse).unwrap_err();
        assert_eq!(refused.to_string(), "amounts[1] must be at least 0, got -2.5");
        let zeroed = Concentration::new(&amounts, Negatives::AsZero).unwrap();
        assert_eq!(zeroed.top(1).unwrap().ratio, 1.0);
        let nobody = Concentration::new(&[-1_i64], Negatives::AsZero).unwrap_err();
        assert_eq!(nobody.to_string(), "the sum of amounts must be greater than 0");
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        assert_eq!(
            spread(&[1_i64]).top(2).unwrap_err().to_string(),
            "number of customers must be at most 1, got 2"
        );
        assert!(Concentration::<i64>::new(&[], Negatives::Refuse).is_err());
        assert!(spread(&[f64::MAX; 2]).top(1).is_err());
    }
}
