#![allow(clippy::indexing_slicing, reason = "ranges of rows lie within columns whose length was checked")]

use crm_numbers::{Amount, EmptyError, RangeError, check, parallel};

use super::scheme::of_buyers;
use super::{RfmCell, RfmPlace, RfmScheme, Scores};
use crate::column::{CHUNK, check_finite, codes, count_below};
use crate::{Cuts, Error};

/// A scheme with its cut points: scores the customers it was fitted to, and those of any later day.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Cuts;
/// use crm_segmentation::rfm::{RfmFit, RfmPlace, RfmScheme};
///
/// // House rules instead of quantiles: 30 and 180 days, 2 and 10 orders, 100 and 1000 in spend.
/// let rules = RfmFit::new(
///     RfmScheme::new(3)?,
///     Cuts::new(&[30, 180])?,
///     Cuts::new(&[2, 10])?,
///     Cuts::new(&[100.0, 1000.0])?,
/// )?;
/// assert_eq!(rules.place(30, 3, 99.5).to_string(), "321");
/// assert_eq!(rules.place(0, 0, 0.0), RfmPlace::NoOrder);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[cfg_attr(feature = "serde", serde(bound(serialize = "M: Amount + serde::Serialize")))]
#[cfg_attr(feature = "serde", serde(bound(deserialize = "M: Amount + serde::Deserialize<'de>")))]
pub struct RfmFit<M> {
    scheme: RfmScheme,
    idle: Cuts<i32>,
    frequency: Cuts<u32>,
    monetary: Cuts<M>,
}

crm_numbers::gate!(RfmFit<M: Amount>, RfmFit::checked);

impl<M: Amount> RfmFit<M> {
    /// Creates the fit from given cut points: quantiles, equal width, or the thresholds of a house
    /// rule.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless each has as many bins as the scheme has scores.
    pub fn new(
        scheme: RfmScheme,
        idle: Cuts<i32>,
        frequency: Cuts<u32>,
        monetary: Cuts<M>,
    ) -> Result<Self, Error> {
        Self { scheme, idle, frequency, monetary }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let bins = usize::from(self.scheme.bins());
        check::length("bins of idle", self.idle.bins(), bins)?;
        check::length("bins of frequency", self.frequency.bins(), bins)?;
        check::length("bins of monetary", self.monetary.bins(), bins)?;
        Ok(self)
    }

    /// Returns the scheme.
    #[must_use]
    pub fn scheme(&self) -> RfmScheme {
        self.scheme
    }

    /// Returns the cut points of the days since the last order; values up to the first get the best
    /// score. They come from customers with orders alone: use [`RfmFit::drift`] and not
    /// [`Cuts::drift`] to compare them with a roster, here and for the other two amounts.
    #[must_use]
    pub fn idle(&self) -> &Cuts<i32> {
        &self.idle
    }

    /// Returns the cut points of the number of orders; values above the last get the best score.
    #[must_use]
    pub fn frequency(&self) -> &Cuts<u32> {
        &self.frequency
    }

    /// Returns the cut points of the spend; values above the last get the best score.
    #[must_use]
    pub fn monetary(&self) -> &Cuts<M> {
        &self.monetary
    }

    /// Measures how far the customers of today have drifted from those of the fit, on each
    /// dimension.
    ///
    /// As in [`RfmScheme::fit`](super::RfmScheme::fit), customers without an order take no part: a
    /// roster that has grown by prospects is no drift of the customers. [`Cuts::drift`] on a whole
    /// column would count them.
    ///
    /// # Errors
    ///
    /// As [`RfmFit::score`]; [`Error::Input`] if no customer has an order; [`Error::NoReference`]
    /// for cut points from elsewhere.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::rfm::RfmScheme;
    ///
    /// // Three customers with orders and three without.
    /// let (idle, orders, cents) = ([5, 40, 90, 0, 0, 0], [9, 3, 1, 0, 0, 0], [900_i64, 300, 50, 0, 0, 0]);
    /// let fitted = RfmScheme::new(3)?.fit(&idle, &orders, &cents)?;
    /// let drift = fitted.drift(&idle, &orders, &cents)?;
    /// assert_eq!((drift.idle, drift.frequency, drift.monetary), (0.0, 0.0, 0.0));
    /// assert!(fitted.monetary().drift(&cents)? > 0.25); // counts the three prospects
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    pub fn drift(&self, idle: &[i32], frequency: &[u32], monetary: &[M]) -> Result<RfmDrift, Error> {
        check_columns(idle, frequency, monetary)?;
        if frequency.iter().all(|orders| *orders == 0) {
            return Err(EmptyError::new("customers with an order").into());
        }
        Ok(RfmDrift {
            idle: self.idle.drift(&of_buyers(idle, frequency))?,
            frequency: self.frequency.drift(&of_buyers(frequency, frequency))?,
            monetary: self.monetary.drift(&of_buyers(monetary, frequency))?,
        })
    }

    /// Returns the place of a customer.
    #[must_use]
    pub fn place(&self, idle: i32, frequency: u32, monetary: M) -> RfmPlace {
        if frequency == 0 {
            return RfmPlace::NoOrder;
        }
        RfmPlace::Cell(RfmCell::trusted(
            self.scheme.bins() - self.idle.bin(idle) as u8,
            self.frequency.bin(frequency) as u8 + 1,
            self.monetary.bin(monetary) as u8 + 1,
        ))
    }

    /// Scores all customers: recency `n - bin`, frequency and monetary `bin + 1`, with bins from 0
    /// by [`Cuts::bin`].
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, for negative idle days of a customer, for
    /// amounts that are not finite.
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
/// [`stability_index`](crate::cuts::stability_index).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct RfmDrift {
    /// RfmDrift of the days since the last order; 0 for none, 0.25 and above for other customers.
    pub idle: f64,
    /// RfmDrift of the number of orders.
    pub frequency: f64,
    /// RfmDrift of the spend.
    pub monetary: f64,
}

/// Scores every bin; customers without an order get 0.
fn score<T: Amount>(
    cuts: &Cuts<T>,
    column: &[T],
    frequency: &[u32],
    of_bin: impl Fn(u8) -> u8 + Sync + Send,
) -> Vec<u8> {
    codes(column.len(), |range, scores| {
        count_below(scores, &column[range.clone()], cuts.points());
        for (score, orders) in scores.iter_mut().zip(&frequency[range]) {
            *score = if *orders > 0 { of_bin(*score) } else { 0 };
        }
    })
}

/// Refuses columns of different length, negative idle days of customers with an order, and spend
/// that is not finite.
pub(crate) fn check_columns<M: Amount>(idle: &[i32], frequency: &[u32], monetary: &[M]) -> Result<(), Error> {
    check::length("values of frequency", frequency.len(), idle.len())?;
    check::length("values of monetary", monetary.len(), idle.len())?;
    check_finite("monetary", monetary)?;
    let first = parallel::map_ranges(idle.len(), CHUNK, |range| {
        let start = range.start;
        let mut rows = idle[range.clone()].iter().zip(&frequency[range]);
        rows.position(|(days, orders)| *days < 0 && *orders > 0).map(|offset| start + offset)
    });
    match first.into_iter().flatten().next() {
        None => Ok(()),
        Some(row) => Err(RangeError::new("idle", idle[row], 0..).at(row).into()),
    }
}
