use crm_numbers::{UnreadableError, check};
use std::fmt;
use std::str::FromStr;

use crate::Error;

/// The three scores of a customer, such as 555 or 311: recency, frequency, monetary.
///
/// # Examples
///
/// ```
/// use crm_segmentation::rfm::RfmCell;
///
/// let cell: RfmCell = "541".parse()?;
/// assert_eq!((cell.recency(), cell.frequency(), cell.monetary()), (5, 4, 1));
/// assert_eq!(cell.frequency_and_monetary(), 2.5);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct RfmCell {
    recency: u8,
    frequency: u8,
    monetary: u8,
}

impl RfmCell {
    /// Creates a cell from three scores from 1 to 9.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] names the score.
    pub fn new(recency: u8, frequency: u8, monetary: u8) -> Result<Self, Error> {
        for (field, score) in [("recency", recency), ("frequency", frequency), ("monetary", monetary)] {
            check::range(field, u32::from(score), 1..=9)?;
        }
        Ok(Self { recency, frequency, monetary })
    }

    /// Scores that are known to be from 1 to 9.
    pub(crate) fn trusted(recency: u8, frequency: u8, monetary: u8) -> Self {
        Self { recency, frequency, monetary }
    }

    /// Returns the recency score; the most recent customers have the largest.
    #[must_use]
    pub fn recency(self) -> u8 {
        self.recency
    }

    /// Returns the frequency score.
    #[must_use]
    pub fn frequency(self) -> u8 {
        self.frequency
    }

    /// Returns the monetary score.
    #[must_use]
    pub fn monetary(self) -> u8 {
        self.monetary
    }

    /// Computes FM = (F + M) / 2, the second axis of two-dimensional rule sets.
    #[must_use]
    pub fn frequency_and_monetary(self) -> f64 {
        f64::from(self.frequency + self.monetary) / 2.0
    }

    /// All cells of a scheme, 111 first.
    pub(crate) fn all(bins: u8) -> impl Iterator<Item = Self> {
        let scores = move || 1..=bins;
        scores().flat_map(move |r| scores().flat_map(move |f| scores().map(move |m| Self::trusted(r, f, m))))
    }

    /// The largest of the three scores.
    pub(crate) fn largest(self) -> u8 {
        self.recency.max(self.frequency).max(self.monetary)
    }
}

impl fmt::Display for RfmCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.recency, self.frequency, self.monetary)
    }
}

impl FromStr for RfmCell {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self, Error> {
        let digits: Vec<u8> = code.bytes().map(|byte| byte.wrapping_sub(b'0')).collect();
        match digits.as_slice() {
            &[r @ 1..=9, f @ 1..=9, m @ 1..=9] => Ok(Self::trusted(r, f, m)),
            _ => Err(UnreadableError::new("cell", "three digits from 1 to 9", code).into()),
        }
    }
}

impl TryFrom<String> for RfmCell {
    type Error = Error;

    fn try_from(code: String) -> Result<Self, Error> {
        code.parse()
    }
}

impl From<RfmCell> for String {
    fn from(cell: RfmCell) -> Self {
        cell.to_string()
    }
}

/// The place of a customer in an RFM analysis: a cell, or no cell before the first order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum RfmPlace {
    /// Known, and without an order.
    NoOrder,
    /// With scores.
    Cell(RfmCell),
}

impl RfmPlace {
    /// The number of a place: 0 without an order, then the cells from 111 on.
    pub(crate) fn index(self, bins: u8) -> usize {
        match self {
            Self::NoOrder => 0,
            Self::Cell(cell) => index(bins, cell.recency, cell.frequency, cell.monetary),
        }
    }

    /// All places of a scheme, in the order of their numbers.
    pub(crate) fn all(bins: u8) -> impl Iterator<Item = Self> {
        std::iter::once(Self::NoOrder).chain(RfmCell::all(bins).map(Self::Cell))
    }
}

/// The number of the place with three scores, 0 for three zeros.
#[inline]
pub(crate) fn index(bins: u8, recency: u8, frequency: u8, monetary: u8) -> usize {
    let (bins, r, f, m) =
        (usize::from(bins), usize::from(recency), usize::from(frequency), usize::from(monetary));
    (r * bins * bins + f * bins + m).saturating_sub(bins * bins + bins)
}

impl fmt::Display for RfmPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoOrder => f.write_str("no order"),
            Self::Cell(cell) => cell.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_without_gaps() {
        for bins in 2..=9 {
            let numbers: Vec<usize> = RfmPlace::all(bins).map(|place| place.index(bins)).collect();
            assert_eq!(numbers, (0..=usize::from(bins).pow(3)).collect::<Vec<_>>());
        }
        assert_eq!(index(5, 0, 0, 0), 0);
    }

    #[test]
    fn what_is_no_cell_is_refused_by_value() {
        let text = |code: &str| code.parse::<RfmCell>().unwrap_err().to_string();
        assert_eq!(text("55"), "cell must be three digits from 1 to 9, got \"55\"");
        assert!(
            ["5555", "505", "5 5", "", "äß", "+55"].into_iter().all(|code| code.parse::<RfmCell>().is_err())
        );
        assert_eq!(
            RfmCell::new(1, 10, 1).unwrap_err().to_string(),
            "frequency must be between 1 and 9, got 10"
        );
    }
}
