use crate::Error;

/// High, low or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Season {
    /// Above the mean by more than the margin.
    High,
    /// Near the mean.
    Normal,
    /// Below the mean by more than the margin.
    Low,
}

/// When in the year a product sells in a region: classical decomposition into trend and season.
///
/// The trend is the centred moving average over one cycle (with half weights at both ends where the cycle is even); the
/// index of a season is the mean of `sales / trend` over all cycles, divided so that the indices average 1. An index of
/// 1.3 is 30 % above the trend. At least two cycles are needed. Source: Persons, W. M. (1919), Indices of business
/// conditions, Review of Economic Statistics 1, 5-107.
///
/// ```
/// use crm_segmentation::{Season, SeasonalIndex};
///
/// // Quarters of three years: the fourth sells twice as much as each other one.
/// let sales = [100.0, 100.0, 100.0, 200.0, 100.0, 100.0, 100.0, 200.0, 100.0, 100.0, 100.0, 200.0];
/// let index = SeasonalIndex::of(&sales, 4)?;
/// assert!((index.indices()[3] - 1.6).abs() < 1e-12 && (index.indices()[0] - 0.8).abs() < 1e-12);
/// assert_eq!(index.seasons(0.1), [Season::Low, Season::Low, Season::Low, Season::High]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SeasonalIndex {
    indices: Vec<f64>,
    trend: Vec<Option<f64>>,
}

impl SeasonalIndex {
    /// The indices of sales per period, the first of which is season 0 of a cycle of so many periods.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a cycle of fewer than 2 periods, sales of fewer than two cycles, a negative amount, and a
    /// cycle without sales; [`Error::NotFinite`].
    pub fn of(sales: &[f64], cycle: usize) -> Result<Self, Error> {
        let refuse = |field, allowed: String, value: String| Err(Error::OutOfRange { field, allowed, value });
        if cycle < 2 {
            return refuse("cycle", "be at least 2 periods".to_owned(), cycle.to_string());
        }
        if sales.len() / 2 < cycle {
            return refuse("sales", format!("cover two cycles of {cycle} periods"), sales.len().to_string());
        }
        crate::column::check_finite("sales", sales)?;
        if let Some(negative) = sales.iter().find(|amount| **amount < 0.0) {
            return refuse("sales", "not be negative".to_owned(), negative.to_string());
        }
        let largest = sales.iter().copied().fold(0.0, f64::max);
        // A power of two near the largest sales: relative to it no sum leaves f64, and nothing is
        // rounded.
        let unit = f64::from_bits(largest.to_bits() & (0x7ff << 52)).max(f64::MIN_POSITIVE);
        let sales: Vec<f64> = sales.iter().map(|amount| amount / unit).collect();
        let trend = trend(&sales, cycle);
        if largest <= 0.0 || trend.iter().flatten().any(|level| *level <= 0.0) {
            return refuse("sales of a cycle", "be positive".to_owned(), "0".to_owned());
        }
        let mut sums = vec![(0.0, 0_u32); cycle];
        let slots = (0..cycle).cycle();
        for ((amount, level), slot) in sales.iter().zip(&trend).zip(slots) {
            if let (Some(level), Some((sum, count))) = (level, sums.get_mut(slot)) {
                *sum += amount / level;
                *count += 1;
            }
        }
        let means: Vec<f64> = sums.into_iter().map(|(sum, count)| sum / f64::from(count.max(1))).collect();
        let level = means.iter().sum::<f64>() / cycle as f64;
        if level <= 0.0 {
            return refuse("sales where a trend is known", "be positive".to_owned(), "0".to_owned());
        }
        // Adding zero turns -0 into 0; the trend of sales near the largest f64 may round to just
        // above it.
        let trend = trend.into_iter().map(|level| level.map(|level| (level * unit).min(f64::MAX))).collect();
        Ok(Self { indices: means.into_iter().map(|mean| mean / level + 0.0).collect(), trend })
    }

    /// One index a season; they average 1.
    #[must_use]
    pub fn indices(&self) -> &[f64] {
        &self.indices
    }

    /// The trend of each period, `None` for half a cycle at both ends.
    #[must_use]
    pub fn trend(&self) -> &[Option<f64>] {
        &self.trend
    }

    /// Which seasons are high and which are low, by a margin around 1.
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

/// The centred moving average over one cycle.
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
            let index = SeasonalIndex::of(&sales, cycle).unwrap();
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
                let index = SeasonalIndex::of(&vec![sales; 2 * cycle], cycle).unwrap();
                for level in index.trend().iter().flatten() {
                    assert!((level / sales - 1.0).abs() < 1e-12, "{cycle} {level}");
                }
                assert!(index.indices().iter().all(|index| (index - 1.0).abs() < 1e-12));
            }
        }
        let closed = SeasonalIndex::of(&[-0.0, 2.0, -0.0, 2.0, -0.0, 2.0], 2).unwrap();
        assert!(closed.indices()[0].is_sign_positive());
    }

    #[test]
    fn sales_that_have_no_season_are_refused() {
        let text = |sales: &[f64], cycle| SeasonalIndex::of(sales, cycle).unwrap_err().to_string();
        assert_eq!(text(&[1.0; 7], 4), "sales must cover two cycles of 4 periods, got 7");
        assert_eq!(text(&[1.0; 7], 1), "cycle must be at least 2 periods, got 1");
        assert_eq!(text(&[0.0; 8], 4), "sales of a cycle must be positive, got 0");
        assert_eq!(text(&[1.0, 0.0, 0.0, 1.0], 2), "sales where a trend is known must be positive, got 0");
        assert_eq!(text(&[1.0, -1.0, 1.0, 1.0], 2), "sales must not be negative, got -1");
        assert_eq!(text(&[1.0, f64::NAN, 1.0, 1.0], 2), "sales must be finite, got NaN at position 1");
    }
}
