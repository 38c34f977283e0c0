#![allow(clippy::indexing_slicing, reason = "ranges of rows lie within columns whose length was checked")]

use super::cell::index;
use super::{RfmCell, RfmPlace, RfmScheme};
use crate::Error;
use crate::column::codes;
use crm_numbers::{RangeError, check};

/// The three scores per customer, as columns; all three are 0 for customers without an order.
///
/// # Examples
///
/// ```
/// use crm_segmentation::rfm::{RfmPlace, RfmScheme, Scores, RfmWeights};
///
/// // Recency counts twice.
/// let scheme = RfmScheme::default().with_weights(RfmWeights::new(2.0, 1.0, 1.0)?);
/// let scores = Scores::new(scheme, [5, 0], [3, 0], [1, 0])?;
/// assert_eq!(scores.place(0), Some(RfmPlace::Cell("531".parse()?)));
/// assert_eq!(scores.combined(0), Some(3.5)); // (2 x 5 + 3 + 1) / 4
/// assert_eq!((scores.place(1), scores.combined(1)), (Some(RfmPlace::NoOrder), None));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Scores {
    scheme: RfmScheme,
    recency: Vec<u8>,
    frequency: Vec<u8>,
    monetary: Vec<u8>,
}

crm_numbers::gate!(Scores, Scores::checked);

impl Scores {
    /// Scores from elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, for a row whose scores are neither all in
    /// the scheme's range nor all 0.
    pub fn new(
        scheme: RfmScheme,
        recency: impl Into<Vec<u8>>,
        frequency: impl Into<Vec<u8>>,
        monetary: impl Into<Vec<u8>>,
    ) -> Result<Self, Error> {
        Self::trusted(scheme, recency.into(), frequency.into(), monetary.into()).checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::length("frequency scores", self.frequency.len(), self.len())?;
        check::length("monetary scores", self.monetary.len(), self.len())?;
        let range = 1..=self.scheme.bins();
        for (row, scores) in self.rows().enumerate().filter(|(_, scores)| *scores != [0; 3]) {
            for (name, score) in ["recency", "frequency", "monetary"].into_iter().zip(scores) {
                if !range.contains(&score) {
                    let bounds = 1..=u32::from(self.scheme.bins());
                    let error = RangeError::new(name, u32::from(score), bounds).at(row);
                    return Err(error.with_hint("three 0 for customers without an order").into());
                }
            }
        }
        Ok(self)
    }

    pub(crate) fn trusted(
        scheme: RfmScheme,
        recency: Vec<u8>,
        frequency: Vec<u8>,
        monetary: Vec<u8>,
    ) -> Self {
        Self { scheme, recency, frequency, monetary }
    }

    /// Returns the scheme that the scores follow.
    #[must_use]
    pub fn scheme(&self) -> RfmScheme {
        self.scheme
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.recency.len()
    }

    /// Returns whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.recency.is_empty()
    }

    /// Returns the recency scores; the most recent customers have the largest.
    #[must_use]
    pub fn recency(&self) -> &[u8] {
        &self.recency
    }

    /// Returns the frequency scores.
    #[must_use]
    pub fn frequency(&self) -> &[u8] {
        &self.frequency
    }

    /// Returns the monetary scores.
    #[must_use]
    pub fn monetary(&self) -> &[u8] {
        &self.monetary
    }

    /// Returns the place of a customer; `None` beyond the last.
    #[must_use]
    pub fn place(&self, person: usize) -> Option<RfmPlace> {
        Some(match self.row(person)? {
            [0, ..] => RfmPlace::NoOrder,
            [recency, frequency, monetary] => RfmPlace::Cell(RfmCell::trusted(recency, frequency, monetary)),
        })
    }

    /// Returns the weighted mean of a customer's scores, from 1 to the best; `None` without an
    /// order.
    ///
    /// `(w_R R + w_F F + w_M M) / (w_R + w_F + w_M)`.
    #[must_use]
    pub fn combined(&self, person: usize) -> Option<f64> {
        self.row(person).filter(|row| *row != [0; 3]).map(|row| self.scheme.weights().mean(row))
    }

    /// Counts the customers per occupied place: those without an order first, then from 111 on.
    #[must_use]
    pub fn counts(&self) -> Vec<(RfmPlace, u64)> {
        let bins = self.scheme.bins();
        let mut counts: Vec<(RfmPlace, u64)> = RfmPlace::all(bins).map(|place| (place, 0)).collect();
        for [recency, frequency, monetary] in self.rows() {
            counts[index(bins, recency, frequency, monetary)].1 += 1;
        }
        counts.retain(|(_, count)| *count > 0);
        counts
    }

    /// Looks up the code of each customer in a table of places.
    pub(crate) fn look_up(&self, of_place: &[u32]) -> Vec<u32> {
        let bins = self.scheme.bins();
        codes(self.len(), |range, codes| {
            let monetary = &self.monetary[range.clone()];
            let frequency = &self.frequency[range.clone()];
            let rows = self.recency[range].iter().zip(frequency).zip(monetary);
            for (code, ((&r, &f), &m)) in codes.iter_mut().zip(rows) {
                *code = of_place[index(bins, r, f, m)];
            }
        })
    }

    fn row(&self, person: usize) -> Option<[u8; 3]> {
        Some([*self.recency.get(person)?, *self.frequency.get(person)?, *self.monetary.get(person)?])
    }

    fn rows(&self) -> impl Iterator<Item = [u8; 3]> + '_ {
        self.recency.iter().zip(&self.frequency).zip(&self.monetary).map(|((&r, &f), &m)| [r, f, m])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_order() {
        let scores = Scores::new(RfmScheme::default(), [5, 0, 1, 5], [5, 0, 1, 5], [5, 0, 2, 5]).unwrap();
        let counts: Vec<_> =
            scores.counts().iter().map(|(place, count)| format!("{place} {count}")).collect();
        assert_eq!(counts, ["no order 1", "112 1", "555 2"]);
    }

    #[test]
    fn rows_that_are_no_scores_are_refused() {
        let scheme = RfmScheme::new(3).unwrap();
        let text = |r: [u8; 2], f: [u8; 2], m: [u8; 2]| Scores::new(scheme, r, f, m).unwrap_err().to_string();
        assert_eq!(
            text([1, 4], [1, 1], [1, 1]),
            "recency[1] must be between 1 and 3, got 4; three 0 for customers without an order"
        );
        assert_eq!(
            text([0, 1], [1, 1], [1, 1]),
            "recency[0] must be between 1 and 3, got 0; three 0 for customers without an order"
        );
        let short = Scores::new(scheme, [1], [], [1]).unwrap_err();
        assert_eq!(short.to_string(), "expected 1 frequency scores, got 0");
    }
}
