//! Customer equity and its distribution over customers.

use std::collections::HashMap;
use std::fmt;

use crm_numbers::{Decimal, check};

use crate::exact::{Expr, exact, share_of};
use crate::{Error, Share};

/// The equity of a segment of customers.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SegmentEquity {
    /// Name of the segment.
    pub segment: String,
    /// Number of customers in the segment.
    pub customers: usize,
    /// Sum of their lifetime values.
    pub equity: Decimal,
    /// equity / equity of all; `None` if that is not above 0.
    pub share: Option<Decimal>,
}

crm_numbers::debug!(SegmentEquity { segment, customers, equity, share });

/// Customer equity: the sum of the lifetime values of all customers.
///
/// For its sensitivity to retention, margin, discount and acquisition cost, add up the points of
/// [`ConstantMargin::elasticities`](crate::ConstantMargin::elasticities) over all customers.
///
/// # Examples
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
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerEquity {
    values: Vec<Decimal>,
    descending: Vec<Decimal>,
    total: Decimal,
}

crm_numbers::debug!(CustomerEquity { values, descending, total });

impl CustomerEquity {
    /// Creates the equity of a customer base from its lifetime values.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`](crate::InputError::Empty) without customers, [`Error::Overflow`].
    pub fn new(values: &[Decimal]) -> Result<Self, Error> {
        check::not_empty("values", values)?;
        let total = values.iter().sum::<Expr>().value("customer equity")?;
        let mut descending = values.to_vec();
        descending.sort_unstable_by(|one, other| other.cmp(one));
        Ok(Self { values: values.to_vec(), descending, total })
    }

    /// Returns the sum.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.total
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.values.len()
    }

    /// Returns the mean lifetime value.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn mean(&self) -> Result<Decimal, Error> {
        (exact(self.total) / self.customers()).value("mean value of a customer")
    }

    /// Returns the share of equity held by the most valuable customers; their number is rounded up.
    ///
    /// It is `None` if the total is not above 0, and exceeds 1 if the other customers have a
    /// negative sum.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn top_share(&self, top: Share) -> Result<Option<Decimal>, Error> {
        // A share of a count is at most the count.
        let size = top.ceil_of(self.customers() as u128) as usize;
        let held = self.descending.iter().take(size).sum::<Expr>().value("equity of the top customers")?;
        share_of("share of equity", held, self.total)
    }

    /// Returns the equity of each segment, in the order of first appearance.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`](crate::InputError::Length) unless there is one label a customer,
    /// [`Error::Overflow`].
    pub fn by_segment(&self, labels: &[impl AsRef<str>]) -> Result<Vec<SegmentEquity>, Error> {
        check::length("labels", labels.len(), self.values.len())?;
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut segments: Vec<(&str, usize, Expr)> = Vec::new();
        for (label, value) in labels.iter().map(AsRef::as_ref).zip(&self.values) {
            let number = *numbers.entry(label).or_insert(segments.len());
            if number == segments.len() {
                segments.push((label, 0, exact(Decimal::ZERO)));
            }
            debug_assert!(number < segments.len(), "numbers are given in the order of the segments");
            #[allow(clippy::indexing_slicing, reason = "a number is the index of a segment that was pushed")]
            let (_, customers, sum) = &mut segments[number];
            *customers += 1;
            *sum += value;
        }
        let segment = |(label, customers, sum): (&str, usize, Expr)| {
            let equity = sum.value("equity of a segment")?;
            let share = share_of("share of equity", equity, self.total)?;
            Ok(SegmentEquity { segment: label.to_owned(), customers, equity, share })
        };
        segments.into_iter().map(segment).collect()
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
