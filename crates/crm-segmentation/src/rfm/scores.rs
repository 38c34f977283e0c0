use super::cell::index;
use super::{Cell, Place, Scheme};
use crate::Error;
use crate::column::check_length;
use crate::parallel::{codes, part};

/// The three scores of every person, as columns; 0 on all three for who has not ordered.
///
/// ```
/// use crm_segmentation::rfm::{Place, Scheme, Scores, Weights};
///
/// // Recency counts twice.
/// let scheme = Scheme::default().with_weights(Weights::new(2.0, 1.0, 1.0)?);
/// let scores = Scores::new(scheme, [5, 0], [3, 0], [1, 0])?;
/// assert_eq!(scores.place(0), Some(Place::Cell("531".parse()?)));
/// assert_eq!(scores.combined(0), Some(3.5)); // (2 x 5 + 3 + 1) / 4
/// assert_eq!((scores.place(1), scores.combined(1)), (Some(Place::NoOrder), None));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Scores {
    scheme: Scheme,
    recency: Vec<u8>,
    frequency: Vec<u8>,
    monetary: Vec<u8>,
}

impl Scores {
    /// Scores from elsewhere.
    ///
    /// # Errors
    /// [`Error::Length`] for columns of different length, [`Error::OutOfRange`] for a row whose scores are neither all in
    /// the scheme's range nor all 0.
    pub fn new(
        scheme: Scheme,
        recency: impl Into<Vec<u8>>,
        frequency: impl Into<Vec<u8>>,
        monetary: impl Into<Vec<u8>>,
    ) -> Result<Self, Error> {
        let scores = Self::trusted(scheme, recency.into(), frequency.into(), monetary.into());
        check_length(("frequency", scores.frequency.len()), ("recency", scores.len()))?;
        check_length(("monetary", scores.monetary.len()), ("recency", scores.len()))?;
        let range = 1..=scheme.bins();
        let right = |row: &[u8; 3]| *row == [0; 3] || row.iter().all(|score| range.contains(score));
        let wrong = scores.rows().enumerate().find(|(_, row)| !right(row));
        if let Some((row, wrong)) = wrong {
            let allowed = format!("lie in 1..={}, or all be 0, in row {row}", scheme.bins());
            return Err(Error::OutOfRange { field: "scores", allowed, value: format!("{wrong:?}") });
        }
        Ok(scores)
    }

    pub(crate) fn trusted(scheme: Scheme, recency: Vec<u8>, frequency: Vec<u8>, monetary: Vec<u8>) -> Self {
        Self { scheme, recency, frequency, monetary }
    }

    /// The scheme that the scores follow.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// How many people there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.recency.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.recency.is_empty()
    }

    /// How recently everybody bought: the largest score is the most recent.
    #[must_use]
    pub fn recency(&self) -> &[u8] {
        &self.recency
    }

    /// How often.
    #[must_use]
    pub fn frequency(&self) -> &[u8] {
        &self.frequency
    }

    /// For how much.
    #[must_use]
    pub fn monetary(&self) -> &[u8] {
        &self.monetary
    }

    /// Where one person stands, `None` beyond the last.
    #[must_use]
    pub fn place(&self, person: usize) -> Option<Place> {
        Some(match self.row(person)? {
            [0, ..] => Place::NoOrder,
            [recency, frequency, monetary] => Place::Cell(Cell::trusted(recency, frequency, monetary)),
        })
    }

    /// The weighted mean of one person's scores, from 1 to the best; `None` without an order.
    ///
    /// `(w_R R + w_F F + w_M M) / (w_R + w_F + w_M)`.
    #[must_use]
    pub fn combined(&self, person: usize) -> Option<f64> {
        self.row(person).filter(|row| *row != [0; 3]).map(|row| self.scheme.weights().mean(row))
    }

    /// How many people stand in each place where somebody does: those without an order first, then 111 on.
    #[must_use]
    pub fn counts(&self) -> Vec<(Place, u64)> {
        let bins = self.scheme.bins();
        let mut counts: Vec<(Place, u64)> = Place::all(bins).map(|place| (place, 0)).collect();
        for [recency, frequency, monetary] in self.rows() {
            if let Some((_, count)) = counts.get_mut(index(bins, recency, frequency, monetary)) {
                *count += 1;
            }
        }
        counts.retain(|(_, count)| *count > 0);
        counts
    }

    /// The code that a table of places gives everybody.
    pub(crate) fn look_up(&self, of_place: &[u32]) -> Vec<u32> {
        let bins = self.scheme.bins();
        codes(self.len(), |range, codes| {
            let monetary = part(&self.monetary, range.clone());
            let frequency = part(&self.frequency, range.clone());
            let rows = part(&self.recency, range).iter().zip(frequency).zip(monetary);
            for (code, ((&r, &f), &m)) in codes.iter_mut().zip(rows) {
                *code = of_place.get(index(bins, r, f, m)).copied().unwrap_or_default();
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

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    scheme: Scheme,
    recency: Vec<u8>,
    frequency: Vec<u8>,
    monetary: Vec<u8>,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Scores {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        Self::new(stored.scheme, stored.recency, stored.frequency, stored.monetary)
    }
}

#[cfg(feature = "serde")]
impl From<Scores> for Stored {
    fn from(scores: Scores) -> Self {
        let Scores { scheme, recency, frequency, monetary } = scores;
        Self { scheme, recency, frequency, monetary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_order() {
        let scores = Scores::new(Scheme::default(), [5, 0, 1, 5], [5, 0, 1, 5], [5, 0, 2, 5]).unwrap();
        let counts: Vec<_> =
            scores.counts().iter().map(|(place, count)| format!("{place} {count}")).collect();
        assert_eq!(counts, ["no order 1", "112 1", "555 2"]);
    }

    #[test]
    fn rows_that_are_no_scores_are_refused() {
        let scheme = Scheme::new(3).unwrap();
        let text = |r: [u8; 2], f: [u8; 2], m: [u8; 2]| Scores::new(scheme, r, f, m).unwrap_err().to_string();
        assert_eq!(
            text([1, 4], [1, 1], [1, 1]),
            "scores must lie in 1..=3, or all be 0, in row 1, got [4, 1, 1]"
        );
        assert_eq!(
            text([0, 1], [1, 1], [1, 1]),
            "scores must lie in 1..=3, or all be 0, in row 0, got [0, 1, 1]"
        );
        let short = Scores::new(scheme, [1], [], [1]).unwrap_err();
        assert_eq!(short.to_string(), "frequency must be as many as recency (1), got 0");
    }
}
