#![allow(clippy::indexing_slicing, reason = "ranges of rows lie within their columns")]

use std::fmt;

use crm_numbers::{Amount, Decimal, EmptyError, InputError, Share, SumUnit, check, parallel};

use crate::assignments::check_names;
use crate::column::{CHUNK, at_places, check_finite, check_not_descending, codes, codes_below, extent};
use crate::cuts::stability_index;
use crate::{Assignments, Error};

/// Cut points on an amount, which sort the customers of today and of next month into bins.
///
/// Bins are numbered from 0, the smallest amounts first. **An amount equal to a cut point falls
/// below it**: bin k holds the amounts above point k-1 and up to point k. Equal amounts therefore
/// always share a bin.
///
/// The points are stored (serde) together with how many amounts fell into each bin when they were
/// made, so that [`Cuts::drift`] can tell later whether the customers have changed.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Cuts;
///
/// // Orders of ten customers. A fifth of ten is two customers: points at places 2, 4, 6 and 8.
/// let orders = [1, 1, 1, 1, 1, 2, 2, 3, 5, 9];
/// let cuts = Cuts::quantile(&orders, 5)?;
/// assert_eq!(cuts.points(), [1, 1, 2, 3]);
/// // Five customers with one order cannot be told apart: of five bins, four are filled.
/// assert_eq!((cuts.bins(), cuts.filled()), (5, Some(4)));
/// // The second bin stays empty; the numbers of the others still say which fifth they are.
/// assert_eq!([1, 2, 3, 4, 9].map(|orders| cuts.bin(orders)), [0, 2, 3, 4, 4]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[cfg_attr(feature = "serde", serde(bound(serialize = "T: Amount + serde::Serialize")))]
#[cfg_attr(feature = "serde", serde(bound(deserialize = "T: Amount + serde::Deserialize<'de>")))]
pub struct Cuts<T> {
    points: Vec<T>,
    /// One count a bin, or none at all.
    reference: Vec<u64>,
}

crm_numbers::gate!(Cuts<T: Amount>, Cuts::checked);

crm_numbers::debug!(Cuts<T> { points, reference });

impl<T: Amount> Cuts<T> {
    /// The most bins that there can be.
    pub const MAX_BINS: usize = 256;

    /// Creates cuts at given points: thresholds of a contract, age bands, last year's quintiles.
    ///
    /// n points give n + 1 bins. A point that is repeated leaves an empty bin, as the quantiles of
    /// tied amounts do.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for amounts that are not finite, for a point below the one before it, for
    /// more than 255 points.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::Cuts;
    ///
    /// let bands = Cuts::new(&[18, 30, 50])?;
    /// assert_eq!([18, 19, 50, 51].map(|age| bands.bin(age)), [0, 1, 2, 3]);
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    pub fn new(points: &[T]) -> Result<Self, Error> {
        Self { points: points.to_vec(), reference: Vec::new() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check_bins(self.bins())?;
        check_finite("points", &self.points)?;
        check_not_descending("points", &self.points)?;
        if !self.reference.is_empty() {
            check::length("reference counts", self.reference.len(), self.bins())?;
        }
        Ok(self)
    }

    /// Cuts that put the same number of customers into every bin, as far as ties allow.
    ///
    /// Point k of n amounts and b bins is the smallest amount with at least k/b of all amounts at
    /// or below it: place `ceil(n k / b)`, type 1 of Hyndman and Fan, always an amount that occurs.
    /// Ties are never split. Where one amount fills several bins its points coincide: it goes into
    /// the lowest of them and the others stay empty.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an empty column, for amounts that are not finite, unless there are 1 to
    /// 256 bins.
    pub fn quantile(amounts: &[T], bins: usize) -> Result<Self, Error> {
        check_bins(bins)?;
        check_amounts(amounts)?;
        let places: Vec<usize> = (1..bins).map(|k| (amounts.len() * k).div_ceil(bins) - 1).collect();
        Self { points: at_places(amounts, &places), reference: Vec::new() }.with_reference(amounts)
    }

    /// Cuts after given shares of the customers, counted from the smallest amount: the lowest 20 %,
    /// the next 60 %.
    ///
    /// Point k is the smallest amount with at least the k-th share of all amounts at or below it,
    /// as in [`Cuts::quantile`]; ties are never split.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an empty column, for amounts that are not finite, for a share below the
    /// one before it, for a share of nothing, and for more than 255 of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::{Cuts, Share};
    ///
    /// // The lowest half, the next 40 %, and the best tenth.
    /// let shares = [Share::percent(50)?, Share::percent(90)?];
    /// let cuts = Cuts::at_shares(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], &shares)?;
    /// assert_eq!(cuts.points(), [5, 9]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn at_shares(amounts: &[T], shares: &[Share]) -> Result<Self, Error> {
        check_bins(shares.len() + 1)?;
        check_amounts(amounts)?;
        let ends: Vec<Decimal> = shares.iter().map(|share| share.get()).collect();
        check::range_of_all("shares", &ends, check::above_to(Decimal::ZERO, Decimal::ONE))?;
        check_not_descending("shares", &ends)?;
        let place = |share: &Share| share.ceil_of(amounts.len() as u128) as usize - 1;
        let places: Vec<usize> = shares.iter().map(place).collect();
        Self { points: at_places(amounts, &places), reference: Vec::new() }.with_reference(amounts)
    }

    /// Cuts that divide the way from the smallest to the largest amount into equal steps.
    ///
    /// `smallest + k (largest - smallest) / b`, rounded down to a whole number or to the column's
    /// decimal place where amounts are whole or decimal.
    ///
    /// # Errors
    ///
    /// As [`Cuts::quantile`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::Cuts;
    ///
    /// let cuts = Cuts::equal_width(&[0.0, 1.0, 2.0, 10.0], 4)?;
    /// assert_eq!(cuts.points(), [2.5, 5.0, 7.5]);
    /// assert_eq!(cuts.reference(), Some([3, 0, 0, 1].as_slice()));
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    pub fn equal_width(amounts: &[T], bins: usize) -> Result<Self, Error> {
        check_bins(bins)?;
        check_amounts(amounts)?;
        let unit = SumUnit::of("amounts", amounts)?;
        let Some((smallest, largest)) = extent(amounts, |_| true) else {
            return Err(EmptyError::new("amounts").into());
        };
        let (low, steps) = (unit.count(smallest), bins as i128);
        let span = unit.count(largest) - low;
        let point = |k: i128| unit.amount(low + span / steps * k + span % steps * k / steps);
        Self { points: (1..steps).map(point).collect(), reference: Vec::new() }.with_reference(amounts)
    }

    /// Sets the reference distribution: the number of these amounts in each bin.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an empty column, for amounts that are not finite.
    pub fn with_reference(self, amounts: &[T]) -> Result<Self, Error> {
        check_amounts(amounts)?;
        let reference = self.count(amounts);
        Ok(Self { reference, ..self })
    }

    /// Returns the cut points, in ascending order; points may be equal.
    #[must_use]
    pub fn points(&self) -> &[T] {
        &self.points
    }

    /// Returns the number of bins, empty ones included.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.points.len() + 1
    }

    /// Returns the number of amounts per bin at the time of the fit; `None` for given points.
    #[must_use]
    pub fn reference(&self) -> Option<&[u64]> {
        Some(self.reference.as_slice()).filter(|counts| !counts.is_empty())
    }

    /// Returns the number of bins that held an amount at the time of the fit: fewer than
    /// [`Cuts::bins`] if amounts are tied.
    #[must_use]
    pub fn filled(&self) -> Option<usize> {
        self.reference().map(|counts| counts.iter().filter(|count| **count > 0).count())
    }

    /// Returns the bin of an amount, from 0: the number of points below it.
    #[must_use]
    pub fn bin(&self, amount: T) -> usize {
        self.points.partition_point(|point| *point < amount)
    }

    /// Assigns every amount to a bin, named 1, 2, 3 and so on from the lowest.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for amounts that are not finite.
    pub fn assign(&self, amounts: &[T]) -> Result<Assignments, Error> {
        check_finite("amounts", amounts)?;
        let names = (1..=self.bins()).map(|bin| bin.to_string());
        Ok(Assignments::trusted(names, self.codes(amounts)).because(self.reasons()))
    }

    /// Assigns every amount to a bin, using the given names, from the lowest.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is a name for each bin, for an empty or repeated name, for
    /// amounts that are not finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::Cuts;
    ///
    /// let tiers = Cuts::new(&[100, 1000])?.assign_named(["low", "middle", "high"], &[1000, 20])?;
    /// assert_eq!((tiers.name(0), tiers.reason(0)), (Some("middle"), Some("above 100, up to 1000")));
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    pub fn assign_named<N: Into<String>>(
        &self,
        names: impl IntoIterator<Item = N>,
        amounts: &[T],
    ) -> Result<Assignments, Error> {
        check_finite("amounts", amounts)?;
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        check::length("names", names.len(), self.bins())?;
        check_names("names", &names)?;
        Ok(Assignments::trusted(names, self.codes(amounts)).because(self.reasons()))
    }

    /// Describes the bins in words: `above 10, up to 20`.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let below = std::iter::once(None).chain(self.points.iter().map(Some));
        let upto = self.points.iter().map(Some).chain(std::iter::once(None));
        let words = |(below, upto): (Option<&T>, Option<&T>)| match (below, upto) {
            (Some(below), Some(upto)) => format!("above {below}, up to {upto}"),
            (Some(below), None) => format!("above {below}"),
            (None, Some(upto)) => format!("up to {upto}"),
            (None, None) => "any amount".to_owned(),
        };
        below.zip(upto).map(words).collect()
    }

    /// Computes the drift of amounts since the fit: the population stability index over the bins.
    ///
    /// See [`stability_index`] for the formula. By the usual rule of thumb, below 0.1 is stable,
    /// and from 0.25 on the customers are others and the cuts should be made anew.
    ///
    /// # Errors
    ///
    /// [`Error::NoReference`] for points from elsewhere, [`Error::Input`] for an empty column, for
    /// amounts that are not finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::Cuts;
    ///
    /// let cuts = Cuts::quantile(&[10, 20, 30, 40], 2)?; // half up to 20, half above
    /// // Now a quarter is up to 20: (1/4 - 1/2) ln(1/2) + (3/4 - 1/2) ln(3/2) = ln(3)/4.
    /// let drift = cuts.drift(&[20, 30, 40, 50])?;
    /// assert!((drift - 3.0_f64.ln() / 4.0).abs() < 1e-15);
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    pub fn drift(&self, amounts: &[T]) -> Result<f64, Error> {
        let Some(reference) = self.reference() else {
            return Err(Error::NoReference { points: self.to_string() });
        };
        check_amounts(amounts)?;
        stability_index(reference, &self.count(amounts))
    }

    pub(crate) fn codes(&self, amounts: &[T]) -> Vec<u32> {
        codes(amounts.len(), |range, codes| codes_below(codes, &amounts[range], &self.points))
    }

    fn count(&self, amounts: &[T]) -> Vec<u64> {
        let up_to = |point: &T| {
            let of_part = |range: std::ops::Range<usize>| {
                amounts[range].iter().filter(|amount| *amount <= point).count() as u64
            };
            parallel::map_ranges(amounts.len(), CHUNK, of_part).into_iter().sum::<u64>()
        };
        let mut before = 0;
        let sums = self.points.iter().map(up_to).chain([amounts.len() as u64]);
        sums.map(|sum| sum - std::mem::replace(&mut before, sum)).collect()
    }
}

fn check_bins(bins: usize) -> Result<(), InputError> {
    check::range("number of bins", bins, 1..=Cuts::<i64>::MAX_BINS).map(|_| ())
}

fn check_amounts<T: Amount>(amounts: &[T]) -> Result<(), InputError> {
    check::not_empty("amounts", amounts)?;
    check_finite("amounts", amounts)
}

impl<T: Amount> fmt::Display for Cuts<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points: Vec<String> = self.points.iter().map(T::to_string).collect();
        write!(f, "[{}]", points.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    #[test]
    fn one_value_fills_one_bin() {
        let cuts = Cuts::quantile(&[7, 7, 7], 4).unwrap();
        assert_eq!((cuts.points(), cuts.filled()), ([7, 7, 7].as_slice(), Some(1)));
        let cuts = Cuts::equal_width(&[7.5, 7.5], 3).unwrap();
        assert_eq!((cuts.points(), cuts.filled()), ([7.5, 7.5].as_slice(), Some(1)));
        let one = Cuts::quantile(&[1, 2], 1).unwrap();
        assert_eq!((one.points(), one.bin(5), one.reference()), ([0; 0].as_slice(), 0, Some([2].as_slice())));
    }

    #[test]
    fn zeros_of_both_signs_and_decimals_of_any_scale_tie() {
        let cuts = Cuts::quantile(&[-0.0, 0.0, 1.0, 2.0], 2).unwrap();
        assert_eq!(cuts.assign(&[-0.0, 0.0]).unwrap().codes(), [0, 0]);
        let cuts = Cuts::new(&[Decimal::new(10, 1)]).unwrap();
        assert_eq!((cuts.bin(Decimal::ONE), cuts.bin(Decimal::new(1001, 3))), (0, 1));
    }

    #[test]
    fn as_many_bins_as_there_can_be() {
        let amounts: Vec<i64> = (0..100_000).map(|n| n * n % 99_991).collect();
        let cuts = Cuts::quantile(&amounts, 256).unwrap();
        assert_eq!((cuts.bins(), cuts.filled()), (256, Some(256)));
        let bins = cuts.assign(&amounts).unwrap();
        assert_eq!((bins.names().len(), bins.counts()), (256, cuts.reference().unwrap().to_vec()));
    }

    #[test]
    fn wide_columns_are_cut_without_overflow() {
        assert_eq!(Cuts::equal_width(&[i64::MIN, i64::MAX], 2).unwrap().points(), [-1]);
        assert_eq!(Cuts::equal_width(&[f64::MIN, f64::MAX], 2).unwrap().points(), [0.0]);
        assert_eq!(Cuts::equal_width(&[Decimal::MIN, Decimal::MAX], 2).unwrap().points(), [Decimal::ZERO]);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |result: Result<Cuts<f64>, Error>| result.unwrap_err().to_string();
        assert_eq!(text(Cuts::quantile(&[], 5)), "amounts must not be empty");
        assert_eq!(text(Cuts::quantile(&[1.0, f64::NAN], 5)), "amounts[1] must be finite, got NaN");
        assert_eq!(text(Cuts::quantile(&[1.0], 0)), "number of bins must be between 1 and 256, got 0");
        assert_eq!(text(Cuts::equal_width(&[1.0], 257)), "number of bins must be between 1 and 256, got 257");
        assert_eq!(text(Cuts::new(&[f64::INFINITY])), "points[0] must be finite, got inf");
        assert_eq!(text(Cuts::new(&[1.0; 256])), "number of bins must be between 1 and 256, got 257");
        let cuts = Cuts::new(&[1.0, 2.5]).unwrap();
        let refused = cuts.drift(&[1.0]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "cuts at [1, 2.5] have no reference counts; call `with_reference` before measuring drift"
        );
        assert!(cuts.assign(&[f64::NAN]).is_err());
    }
}
