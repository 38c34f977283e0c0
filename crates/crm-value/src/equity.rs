//! What the customer base is worth altogether, and who holds it.

use std::collections::HashMap;
use std::fmt;

use rust_decimal::Decimal;

use crate::exact::Sum;
use crate::{Error, Share, exact};

/// What a group of customers is worth together.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SegmentEquity {
    /// The group.
    pub segment: String,
    /// How many customers are in it.
    pub customers: usize,
    /// The sum of their values.
    pub equity: Decimal,
    /// equity / equity of all; `None` where that is not above 0.
    pub share: Option<Decimal>,
}

crate::text::debug!(SegmentEquity { segment, customers, equity, share });

/// What the customer base is worth: customer equity, the sum of the lifetime values of all customers.
///
/// ```
/// use crm_value::{CustomerEquity, Decimal, Share};
///
/// let equity = CustomerEquity::new(&[600, 250, 100, 50].map(Decimal::from))?;
/// assert_eq!(equity.total(), Decimal::from(1_000));
/// assert_eq!(equity.top_share(Share::percent(25)?)?, Some(Decimal::new(6, 1)));
/// let segments = equity.by_segment(&["large", "large", "small", "small"])?;
/// assert_eq!((segments[0].segment.as_str(), segments[0].equity), ("large", Decimal::from(850)));
/// # Ok::<(), crm_value::Error>(())
/// ```
///
/// How equity moves with retention, margin, discount and acquisition cost is asked of each customer:
/// [`ConstantMargin::elasticities`](crate::ConstantMargin::elasticities); sums of the points are those of the base.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerEquity {
    values: Vec<Decimal>,
    descending: Vec<Decimal>,
    total: Decimal,
}

crate::text::debug!(CustomerEquity { values, descending, total });

impl CustomerEquity {
    /// The base of these lifetime values.
    ///
    /// # Errors
    /// [`Error::Empty`] without customers, [`Error::Overflow`].
    pub fn new(values: &[Decimal]) -> Result<Self, Error> {
        if values.is_empty() {
            return Err(Error::Empty { field: "values" });
        }
        let total = exact::sum("customer equity", values.iter().copied())?;
        let mut descending = values.to_vec();
        descending.sort_unstable_by(|one, other| other.cmp(one));
        Ok(Self { values: values.to_vec(), descending, total })
    }

    /// The sum.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }

    /// How many customers there are.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.values.len()
    }

    /// The mean value of a customer.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn mean(&self) -> Result<Decimal, Error> {
        exact::div("mean value of a customer", self.total, exact::count(self.customers()))
    }

    /// What the most valuable share of customers holds, as a share of the total; the number of customers is rounded up.
    ///
    /// `None` where the total is not above 0. Beyond 1 where the others are worth less than nothing.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn top_share(&self, top: Share) -> Result<Option<Decimal>, Error> {
        const TERM: &str = "equity of the top customers";
        let size = exact::top_of(self.customers(), top)?;
        let held = exact::sum(TERM, self.descending.iter().take(size).copied())?;
        self.share(held)
    }

    /// What each segment is worth, in the order in which the segments first appear.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one label a customer, [`Error::Overflow`].
    pub fn by_segment(&self, labels: &[impl AsRef<str>]) -> Result<Vec<SegmentEquity>, Error> {
        exact::check_length(("labels", labels.len()), ("values", self.values.len()))?;
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut segments: Vec<SegmentEquity> = Vec::new();
        let mut sums: Vec<Sum> = Vec::new();
        for (label, value) in labels.iter().zip(&self.values) {
            let label = label.as_ref();
            let number = *numbers.entry(label).or_insert(segments.len());
            if number == segments.len() {
                let segment = label.to_owned();
                segments.push(SegmentEquity { segment, customers: 0, equity: Decimal::ZERO, share: None });
                sums.push(Sum::ZERO);
            }
            if let (Some(segment), Some(sum)) = (segments.get_mut(number), sums.get_mut(number)) {
                segment.customers += 1;
                sum.add(*value);
            }
        }
        for (segment, sum) in segments.iter_mut().zip(sums) {
            segment.equity = sum.total("equity of a segment")?;
            segment.share = self.share(segment.equity)?;
        }
        Ok(segments)
    }

    fn share(&self, part: Decimal) -> Result<Option<Decimal>, Error> {
        if self.total > Decimal::ZERO {
            exact::div("share of equity", part, self.total).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl fmt::Display for CustomerEquity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} customers are worth {}", self.customers(), self.total.normalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_rounded_up_and_losses_push_shares_over_one() {
        let equity = CustomerEquity::new(&[50, -20, 70].map(Decimal::from)).unwrap();
        let top = |percent| equity.top_share(Share::percent(percent).unwrap()).unwrap().unwrap();
        assert_eq!(
            [top(0), top(1), top(34), top(100)],
            ["0", "0.7", "1.2", "1"].map(|t| t.parse::<Decimal>().unwrap())
        );
        assert_eq!(equity.mean().unwrap().round_dp(2), Decimal::new(33_33, 2));
        assert_eq!(equity.to_string(), "3 customers are worth 100");
    }

    #[test]
    fn a_base_worth_nothing_has_no_shares() {
        let equity = CustomerEquity::new(&[5, -5].map(Decimal::from)).unwrap();
        assert_eq!(equity.top_share(Share::ONE), Ok(None));
        assert_eq!(equity.by_segment(&["a", "b"]).unwrap()[0].share, None);
        assert!(equity.by_segment(&["a"]).is_err());
        assert!(CustomerEquity::new(&[]).is_err());
        assert!(CustomerEquity::new(&[Decimal::MAX, Decimal::MAX]).is_err());
    }

    #[test]
    fn segments_count_their_customers_and_add_up_to_the_total() {
        let equity = CustomerEquity::new(&[50, -20, 70, 0].map(Decimal::from)).unwrap();
        assert_eq!((equity.total(), equity.customers()), (Decimal::from(100), 4));
        let segments = equity.by_segment(&["b", "a", "b", "b"]).unwrap();
        let rows = segments.iter().map(|row| (row.segment.as_str(), row.customers, row.equity, row.share));
        let share = |percent| Some(Decimal::new(percent, 2));
        assert_eq!(
            rows.collect::<Vec<_>>(),
            [("b", 3, Decimal::from(120), share(120)), ("a", 1, Decimal::from(-20), share(-20))]
        );
    }
}
