#![allow(clippy::indexing_slicing, reason = "there is one inner cut for each outer bin")]

use crm_numbers::{Amount, check};

use crate::column::check_finite;
use crate::{Assignments, Cuts, Error};

/// Cuts of one amount inside each bin of another: how often someone buys compared with those who
/// bought as recently.
///
/// Nested bins keep every cell about equally full, where independent bins leave some empty when the
/// two amounts go together. The price: the same number of orders may be in another bin for another
/// recency.
///
/// # Examples
///
/// ```
/// use crm_segmentation::cuts::NestedCuts;
///
/// let idle = [1, 2, 90, 91];
/// let orders = [8, 9, 1, 2];
/// // Two halves by idle days, and two halves by orders inside each.
/// let nested = NestedCuts::quantile(&idle, 2, &orders, 2)?;
/// assert_eq!(nested.outer().points(), [2]);
/// assert_eq!((nested.inner()[0].points(), nested.inner()[1].points()), ([8].as_slice(), [1].as_slice()));
/// assert_eq!((nested.bin(1, 2), nested.bin(91, 2)), ((0, 0), (1, 1)));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[cfg_attr(
    feature = "serde",
    serde(bound(serialize = "A: Amount + serde::Serialize, B: Amount + serde::Serialize"))
)]
#[cfg_attr(
    feature = "serde",
    serde(bound(deserialize = "A: Amount + serde::Deserialize<'de>, B: Amount + serde::Deserialize<'de>"))
)]
pub struct NestedCuts<A, B> {
    outer: Cuts<A>,
    inner: Vec<Cuts<B>>,
}

crm_numbers::gate!(NestedCuts<A: Amount, B: Amount>, NestedCuts::checked);

impl<A: Amount, B: Amount> NestedCuts<A, B> {
    /// Creates nested cuts from inner cuts per outer bin, lowest bin first, all with the same
    /// number of bins.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is one inner cut for every outer bin, and all have the same
    /// number of bins.
    pub fn new(outer: Cuts<A>, inner: &[Cuts<B>]) -> Result<Self, Error> {
        Self { outer, inner: inner.to_vec() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::length("inner cuts", self.inner.len(), self.outer.bins())?;
        let bins = self.inner.first().map_or(1, Cuts::bins);
        for cuts in &self.inner {
            check::length("inner bins", cuts.bins(), bins)?;
        }
        Ok(self)
    }

    /// Quantiles of one amount, and inside each bin quantiles of another.
    ///
    /// An outer bin that ties leave empty has the quantiles of all inner amounts.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, and as [`Cuts::quantile`] and
    /// [`NestedCuts::new`].
    pub fn quantile(outer: &[A], outer_bins: usize, inner: &[B], inner_bins: usize) -> Result<Self, Error> {
        check::length("inner amounts", inner.len(), outer.len())?;
        check_finite("inner", inner)?;
        let outer_cuts = Cuts::quantile(outer, outer_bins)?;
        let mut members = vec![Vec::new(); outer_bins];
        for (&code, &amount) in outer_cuts.codes(outer).iter().zip(inner) {
            members[code as usize].push(amount);
        }
        let cut = |members: Vec<B>| {
            let whole = if members.is_empty() { inner } else { members.as_slice() };
            Cuts::quantile(whole, inner_bins)
        };
        let inner_cuts = members.into_iter().map(cut).collect::<Result<Vec<_>, _>>()?;
        Self::new(outer_cuts, &inner_cuts)
    }

    /// Returns the cuts of the outer amount.
    #[must_use]
    pub fn outer(&self) -> &Cuts<A> {
        &self.outer
    }

    /// Returns the cuts of the inner amount, one for each outer bin.
    #[must_use]
    pub fn inner(&self) -> &[Cuts<B>] {
        &self.inner
    }

    /// Returns the outer and the inner bin of a customer, both from 0.
    #[must_use]
    pub fn bin(&self, outer: A, inner: B) -> (usize, usize) {
        let bin = self.outer.bin(outer);
        (bin, self.inner[bin].bin(inner))
    }

    /// Assigns every customer to a cell named 1-1, 1-2 and so on: outer bin first, both from the
    /// lowest.
    ///
    /// Code = outer bin x inner bins + inner bin.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, for amounts that are not finite.
    pub fn assign(&self, outer: &[A], inner: &[B]) -> Result<Assignments, Error> {
        check::length("inner amounts", inner.len(), outer.len())?;
        check_finite("outer", outer)?;
        check_finite("inner", inner)?;
        let inner_bins = self.inner.first().map_or(1, Cuts::bins);
        let cell = |(&outer, &inner): (&A, &B)| {
            let (outer, inner) = self.bin(outer, inner);
            (outer * inner_bins + inner) as u32
        };
        let names = (1..=self.outer.bins())
            .flat_map(|outer| (1..=inner_bins).map(move |inner| format!("{outer}-{inner}")));
        let reasons = self.outer.reasons().into_iter().zip(&self.inner);
        let reasons = reasons.flat_map(|(outer, inner)| {
            inner.reasons().into_iter().map(move |inner| format!("{outer}; inside {inner}"))
        });
        Ok(Assignments::trusted(names, outer.iter().zip(inner).map(cell).collect::<Vec<u32>>())
            .because(reasons))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outer_bin_without_members_takes_the_cuts_of_all() {
        // The median of idle days is 1, and no customer is above it.
        let nested = NestedCuts::quantile(&[1, 1, 1], 2, &[10, 20, 30], 3).unwrap();
        assert_eq!(nested.outer().filled(), Some(1));
        assert_eq!(nested.inner()[1].points(), [10, 20]);
        assert_eq!(
            nested.assign(&[1, 5], &[20, 25]).unwrap().to_string(),
            "1-1: 0, 1-2: 1, 1-3: 0, 2-1: 0, 2-2: 0, 2-3: 1"
        );
    }

    #[test]
    fn cuts_that_do_not_fit_together_are_refused() {
        let cuts = |points: &[i64]| Cuts::new(points).unwrap();
        let text = |outer, inner: &[Cuts<i64>]| NestedCuts::new(outer, inner).unwrap_err().to_string();
        assert_eq!(text(cuts(&[1]), &[cuts(&[1])]), "expected 2 inner cuts, got 1");
        assert_eq!(text(cuts(&[1]), &[cuts(&[1]), cuts(&[1, 2])]), "expected 2 inner bins, got 3");
        // Any number of cells that the cuts can make.
        let many: Vec<i64> = (0..255).collect();
        let nested = NestedCuts::new(cuts(&[1]), &[cuts(&many), cuts(&many)]).unwrap();
        assert_eq!(nested.assign(&[9], &[254]).unwrap().name(0), Some("2-255"));
        let refused = NestedCuts::quantile(&[1, 2], 2, &[1.0], 2).unwrap_err();
        assert_eq!(refused.to_string(), "expected 2 inner amounts, got 1");
        let refused = NestedCuts::quantile(&[1, 2], 2, &[1.0, f64::NAN], 2).unwrap_err();
        assert_eq!(refused.to_string(), "inner[1] must be finite, got NaN");
    }
}
