use crm_numbers::Amount;

use super::scheme::of_buyers;
use super::{Cell, Place, Scheme, Scores};
use crate::column::{check_finite, check_length, count_below};
use crate::parallel::{codes, map, part};
use crate::{Cuts, Error};

/// A scheme with its cut points: scores the customers it was fitted to, and those of any later day.
///
/// ```
/// use crm_segmentation::Cuts;
/// use crm_segmentation::rfm::{Fitted, Place, Scheme};
///
/// // House rules instead of quantiles: 30 and 180 days, 2 and 10 orders, 100 and 1000 in spend.
/// let rules = Fitted::new(
///     Scheme::new(3)?,
///     Cuts::new(&[30, 180])?,
///     Cuts::new(&[2, 10])?,
///     Cuts::new(&[100.0, 1000.0])?,
/// )?;
/// assert_eq!(rules.place(30, 3, 99.5).to_string(), "321");
/// assert_eq!(rules.place(0, 0, 0.0), Place::NoOrder);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored<M>", into = "Stored<M>"))]
#[cfg_attr(feature = "serde", serde(bound(serialize = "M: Amount + serde::Serialize")))]
#[cfg_attr(feature = "serde", serde(bound(deserialize = "M: Amount + serde::Deserialize<'de>")))]
pub struct Fitted<M> {
    scheme: Scheme,
    idle: Cuts<i32>,
    frequency: Cuts<u32>,
    monetary: Cuts<M>,
}

impl<M: Amount> Fitted<M> {
    /// Cut points of any origin: quantiles, equal width, or the thresholds of a house rule.
    ///
    /// # Errors
    /// [`Error::Length`] unless each has as many bins as the scheme has scores.
    pub fn new(
        scheme: Scheme,
        idle: Cuts<i32>,
        frequency: Cuts<u32>,
        monetary: Cuts<M>,
    ) -> Result<Self, Error> {
        let bins = usize::from(scheme.bins());
        check_length(("bins of idle", idle.bins()), ("scores", bins))?;
        check_length(("bins of frequency", frequency.bins()), ("scores", bins))?;
        check_length(("bins of monetary", monetary.bins()), ("scores", bins))?;
        Ok(Self { scheme, idle, frequency, monetary })
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Cut points of the days since the last order: up to the first scores best. They were made
    /// from customers alone, so that [`Fitted::drift`] and not [`Cuts::drift`] compares them with a
    /// roster; the same holds for the other two.
    #[must_use]
    pub fn idle(&self) -> &Cuts<i32> {
        &self.idle
    }

    /// Cut points of the number of orders: above the last scores best.
    #[must_use]
    pub fn frequency(&self) -> &Cuts<u32> {
        &self.frequency
    }

    /// Cut points of the spend: above the last scores best.
    #[must_use]
    pub fn monetary(&self) -> &Cuts<M> {
        &self.monetary
    }

    /// Measures how far the customers of today have drifted from those of the fit, on each
    /// dimension.
    ///
    /// As in [`Scheme::fit`](super::Scheme::fit), people without an order take no part: a roster
    /// that has grown by prospects is no drift of the customers. [`Cuts::drift`] on a whole column
    /// would count them.
    ///
    /// ```
    /// use crm_segmentation::rfm::Scheme;
    ///
    /// // Three customers and three people without an order.
    /// let (idle, orders, cents) = ([5, 40, 90, 0, 0, 0], [9, 3, 1, 0, 0, 0], [900_i64, 300, 50, 0, 0, 0]);
    /// let fitted = Scheme::new(3)?.fit(&idle, &orders, &cents)?;
    /// let drift = fitted.drift(&idle, &orders, &cents)?;
    /// assert_eq!((drift.idle, drift.frequency, drift.monetary), (0.0, 0.0, 0.0));
    /// assert!(fitted.monetary().drift(&cents)? > 0.25); // counts the three prospects
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Fitted::score`]; [`Error::Empty`] when nobody has ordered; [`Error::NoReference`] for
    /// cut points from elsewhere.
    pub fn drift(&self, idle: &[i32], frequency: &[u32], monetary: &[M]) -> Result<Drift, Error> {
        check_columns(idle, frequency, monetary)?;
        if frequency.iter().all(|orders| *orders == 0) {
            return Err(Error::Empty { field: "customers with an order" });
        }
        Ok(Drift {
            idle: self.idle.drift(&of_buyers(idle, frequency))?,
            frequency: self.frequency.drift(&of_buyers(frequency, frequency))?,
            monetary: self.monetary.drift(&of_buyers(monetary, frequency))?,
        })
    }

    /// Where one person stands.
    #[must_use]
    pub fn place(&self, idle: i32, frequency: u32, monetary: M) -> Place {
        if frequency == 0 {
            return Place::NoOrder;
        }
        Place::Cell(Cell::trusted(
            self.scheme.bins() - self.idle.bin(idle) as u8,
            self.frequency.bin(frequency) as u8 + 1,
            self.monetary.bin(monetary) as u8 + 1,
        ))
    }

    /// Where everybody stands: recency `n - bin`, frequency and monetary `bin + 1`, with bins from 0 by [`Cuts::bin`].
    ///
    /// # Errors
    /// [`Error::Length`] for columns of different length, [`Error::OutOfRange`] for negative idle days of a customer,
    /// [`Error::NotFinite`].
    pub fn score(&self, idle: &[i32], frequency: &[u32], monetary: &[M]) -> Result<Scores, Error> {
        check_columns(idle, frequency, monetary)?;
        let bins = self.scheme.bins();
        Ok(Scores::trusted(
            self.scheme,
            score(&self.idle, idle, frequency, |bin| bins - bin),
            score(&self.frequency, frequency, frequency, |bin| bin + 1),
            score(&self.monetary, monetary, frequency, |bin| bin + 1),
        ))
    }
}

/// Population stability index of each dimension of RFM; see
/// [`stability_index`](crate::stability_index).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Drift {
    /// Drift of the days since the last order; 0 for none, 0.25 and above for other customers.
    pub idle: f64,
    /// Drift of the number of orders.
    pub frequency: f64,
    /// Drift of the spend.
    pub monetary: f64,
}

/// The score of every bin, 0 for who has not ordered.
fn score<T: Amount>(
    cuts: &Cuts<T>,
    column: &[T],
    frequency: &[u32],
    of_bin: impl Fn(u8) -> u8 + Sync + Send,
) -> Vec<u8> {
    codes(column.len(), |range, scores| {
        count_below(scores, part(column, range.clone()), cuts.points());
        for (score, orders) in scores.iter_mut().zip(part(frequency, range)) {
            *score = if *orders > 0 { of_bin(*score) } else { 0 };
        }
    })
}

/// Refuses columns of different length, negative idle days of people who have ordered, and spend that is no number.
pub(crate) fn check_columns<M: Amount>(idle: &[i32], frequency: &[u32], monetary: &[M]) -> Result<(), Error> {
    check_length(("frequency", frequency.len()), ("idle", idle.len()))?;
    check_length(("monetary", monetary.len()), ("idle", idle.len()))?;
    check_finite("monetary", monetary)?;
    let first = map(idle.len(), |range| {
        let start = range.start;
        let mut rows = part(idle, range.clone()).iter().zip(part(frequency, range));
        rows.position(|(days, orders)| *days < 0 && *orders > 0).map(|offset| start + offset)
    });
    match first.into_iter().flatten().next() {
        None => Ok(()),
        Some(row) => {
            let value = idle.get(row).map_or_else(String::new, i32::to_string);
            Err(Error::OutOfRange {
                field: "idle",
                allowed: format!("be at least 0 days in row {row}"),
                value,
            })
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(bound(serialize = "M: Amount + serde::Serialize"))]
#[serde(bound(deserialize = "M: Amount + serde::Deserialize<'de>"))]
struct Stored<M> {
    scheme: Scheme,
    idle: Cuts<i32>,
    frequency: Cuts<u32>,
    monetary: Cuts<M>,
}

#[cfg(feature = "serde")]
impl<M: Amount> TryFrom<Stored<M>> for Fitted<M> {
    type Error = Error;

    fn try_from(stored: Stored<M>) -> Result<Self, Error> {
        Self::new(stored.scheme, stored.idle, stored.frequency, stored.monetary)
    }
}

#[cfg(feature = "serde")]
impl<M> From<Fitted<M>> for Stored<M> {
    fn from(fitted: Fitted<M>) -> Self {
        let Fitted { scheme, idle, frequency, monetary } = fitted;
        Self { scheme, idle, frequency, monetary }
    }
}
