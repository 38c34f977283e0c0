//! Seasons: the pattern of sales within a cycle, apart from the trend.

#![allow(clippy::indexing_slicing, reason = "slots run below the length of the cycle")]

use crate::Error;
use crm_numbers::{InputError, check};

/// The level of a season relative to the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Season {
    /// Above the mean by more than the margin.
    High,
    /// Near the mean.
    Normal,
    /// Below the mean by more than the margin.
    Low,
}

crm_numbers::names! {
    Season, "season" {
        High = "high",
        Normal = "normal",
        Low = "low",
    }
}

/// Seasonal indices of sales by the classical decomposition into trend and season.
///
/// The trend is the centered moving average over one cycle (with half weights at both ends where
/// the cycle is even); the index of a season is the mean of `sales / trend` over all cycles,
/// divided so that the indices average 1. An index of 1.3 is 30 % above the trend. At least two
/// cycles are needed. Source: Persons, W. M. (1919), Indices of business conditions, Review of
/// Economic Statistics 1, 5-107.
///
/// # Examples
///
/// ```
/// use crm_segmentation::seasonal::{Season, SeasonalIndex};
///
/// // Quarters of three years: the fourth sells twice as much as each other one.
/// let sales = [100.0, 100.0, 100.0, 200.0, 100.0, 100.0, 100.0, 200.0, 100.0, 100.0, 100.0, 200.0];
/// let index = SeasonalIndex::from_sales(&sales, 4)?;
/// assert!((index.indices()[3] - 1.6).abs() < 1e-12 && (index.indices()[0] - 0.8).abs() < 1e-12);
/// assert_eq!(index.seasons(0.1), [Season::Low, Season::Low, Season::Low, Season::High]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct SeasonalIndex {
    indices: Vec<f64>,
    trend: Vec<Option<f64>>,
}

crm_numbers::gate!(SeasonalIndex, SeasonalIndex::checked);

/// Rounding of the mean of the indices, which is 1.
const MEAN_TOLERANCE: f64 = 1e-9;

impl SeasonalIndex {
    /// Computes the indices from sales per period, of which the first is season 0 of a cycle of
    /// `cycle` periods.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a cycle of fewer than 2 periods, sales of fewer than two cycles, a
    /// negative amount, and a cycle without sales; for amounts that are not finite.
    pub fn from_sales(sales: &[f64], cycle: usize) -> Result<Self, Error> {
        check::range("cycle", cycle, 2..)?;
        check::range("number of periods", sales.len(), cycle.saturating_mul(2)..)?;
        check::range_of_all("sales", sales, 0.0..)?;
        let largest = sales.iter().copied().fold(0.0, f64::max);
        // A power of two near the largest sales: relative to it no sum leaves f64, and nothing is
        // rounded.
        let unit = f64::from_bits(largest.to_bits() & (0x7ff << 52)).max(f64::MIN_POSITIVE);
        let sales: Vec<f64> = sales.iter().map(|amount| amount / unit).collect();
        let trend = trend(&sales, cycle);
        if largest <= 0.0 || trend.iter().flatten().any(|level| *level <= 0.0) {
            return Err(InputError::range("sales of a cycle", 0.0, check::above(0.0)).into());
        }
        let mut sums = vec![(0.0, 0_u32); cycle];
        let slots = (0..cycle).cycle();
        for ((amount, level), slot) in sales.iter().zip(&trend).zip(slots) {
            if let Some(level) = level {
                sums[slot].0 += amount / level;
                sums[slot].1 += 1;
            }
        }
        let means: Vec<f64> = sums.into_iter().map(|(sum, count)| sum / f64::from(count.max(1))).collect();
        let level = means.iter().sum::<f64>() / cycle as f64;
        if level <= 0.0 {
            return Err(InputError::range("sales where a trend is known", 0.0, check::above(0.0)).into());
        }
        // Adding zero turns -0 into 0; the trend of sales near the largest f64 may round to just
        // above it.
        let trend = trend.into_iter().map(|level| level.map(|level| (level * unit).min(f64::MAX))).collect();
        Self { indices: means.into_iter().map(|mean| mean / level + 0.0).collect(), trend }.checked()
    }

    /// Checks that every index is at least 0, that their mean is 1, and that the trend is known for
    /// at least two cycles but for half a cycle at either end.
    fn checked(self) -> Result<Self, Error> {
        let Self { indices, trend } = &self;
        let cycle = indices.len();
        check::range("cycle", cycle, 2..)?;
        check::range_of_all("indices", indices, 0.0..)?;
        let mean = indices.iter().sum::<f64>() / cycle as f64;
        check::range("mean of the indices", mean, 1.0 - MEAN_TOLERANCE..=1.0 + MEAN_TOLERANCE)?;
        check::range("number of periods", trend.len(), 2 * cycle..)?;
        let known = cycle / 2..trend.len() - cycle / 2;
        let levels: Vec<f64> = trend.iter().flatten().copied().collect();
        check::range_of_all("trend", &levels, 0.0..)?;
        match trend.iter().enumerate().position(|(period, level)| level.is_some() != known.contains(&period))
        {
            None => Ok(self),
            Some(period) => Err(Error::Trend { period, known: known.contains(&period) }),
        }
    }

    /// Returns one index per season; the indices average 1.
    #[must_use]
    pub fn indices(&self) -> &[f64] {
        &self.indices
    }

    /// Returns the trend of each period; `None` for half a cycle at both ends.
    #[must_use]
    pub fn trend(&self) -> &[Option<f64>] {
        &self.trend
    }

    /// Classifies the seasons as high, low or normal, by a margin around 1.
    #[must_use]
    pub fn seasons(&self, margin: f64) -> Vec<Season> {
        let season = |index: &f64| match index - 1.0 {
            above if above > margin => Season::High,
            below if below < -margin => Season::Low,
            _ => Season::Normal,
        };
        self.indices.iter().map(season).collect()
    }
}

/// The centered moving average over one cycle.
fn trend(sales: &[f64], cycle: usize) -> Vec<Option<f64>> {
    let half = cycle / 2;
    let mean = |window: &[f64]| {
        // An even cycle has no middle: one period more, of which the two ends count half.
        let ends = match window {
            [first, .., last] if cycle.is_multiple_of(2) => (first / 2.0, last / 2.0),
            _ => (0.0, 0.0),
        };
        (window.iter().sum::<f64>() - (ends.0 + ends.1)) / cycle as f64
    };
    let windows = sales.windows(2 * half + 1).map(mean).map(Some);
    let outside = || std::iter::repeat_n(None, half);
    outside().chain(windows).chain(outside()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_season_gives_the_season_back() {
        for cycle in [3, 4, 7, 12] {
            let season = |slot: usize| 1.0 + 0.3 * (slot as f64 - (cycle as f64 - 1.0) / 2.0) / cycle as f64;
            let sales: Vec<f64> = (0..cycle * 5).map(|period| 100.0 * season(period % cycle)).collect();
            let index = SeasonalIndex::from_sales(&sales, cycle).unwrap();
            for (slot, found) in index.indices().iter().enumerate() {
                assert!((found - season(slot)).abs() < 1e-12, "{cycle} {slot} {found}");
            }
            assert!((index.indices().iter().sum::<f64>() - cycle as f64).abs() < 1e-9);
            assert_eq!(index.trend().iter().filter(|level| level.is_none()).count(), 2 * (cycle / 2));
        }
    }

    /// An even cycle weighs one period more: the sum of the weighted parts is within f64, that of
    /// all parts is not.
    #[test]
    fn the_trend_of_the_largest_numbers_is_finite() {
        for sales in [f64::MAX, f64::MIN_POSITIVE / 8.0] {
            for cycle in [2, 3, 4, 7, 12] {
                let index = SeasonalIndex::from_sales(&vec![sales; 2 * cycle], cycle).unwrap();
                for level in index.trend().iter().flatten() {
                    assert!((level / sales - 1.0).abs() < 1e-12, "{cycle} {level}");
                }
                assert!(index.indices().iter().all(|index| (index - 1.0).abs() < 1e-12));
            }
        }
        let closed = SeasonalIndex::from_sales(&[-0.0, 2.0, -0.0, 2.0, -0.0, 2.0], 2).unwrap();
        assert!(closed.indices()[0].is_sign_positive());
    }

    #[test]
    fn sales_that_have_no_season_are_refused() {
        let text = |sales: &[f64], cycle| SeasonalIndex::from_sales(sales, cycle).unwrap_err().to_string();
        assert_eq!(text(&[1.0; 7], 4), "number of periods must be at least 8, got 7");
        assert_eq!(text(&[1.0; 7], 1), "cycle must be at least 2, got 1");
        assert_eq!(text(&[0.0; 8], 4), "sales of a cycle must be greater than 0, got 0");
        assert_eq!(
            text(&[1.0, 0.0, 0.0, 1.0], 2),
            "sales where a trend is known must be greater than 0, got 0"
        );
        assert_eq!(text(&[1.0, -1.0, 1.0, 1.0], 2), "sales[1] must be at least 0, got -1");
        assert_eq!(text(&[1.0, f64::NAN, 1.0, 1.0], 2), "sales[1] must be at least 0 and finite, got NaN");
    }
}
