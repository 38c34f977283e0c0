use std::fmt;

use crate::Error;
use crate::error::{check_names, out_of_range};

/// Which end of a scale is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Good {
    /// The largest value is the best: 5 is "very satisfied". The default.
    #[default]
    High,
    /// The smallest value is the best: 1 is "very satisfied", as in school marks of some countries.
    Low,
}

/// What respondents could answer: whole numbers from `min` to `max`, and which end is good; declared once.
///
/// ```
/// use crm_satisfaction::{Good, Scale};
///
/// let marks = Scale::new(1, 6)?.with_good(Good::Low);
/// // The best mark is worth most once both ends point the same way, and 100 on a scale of 0 to 100.
/// assert_eq!((marks.oriented(1), marks.percent(1), marks.percent(6)), (6, 100.0, 0.0));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Scale {
    min: i32,
    max: i32,
    good: Good,
    labels: Vec<String>,
}

/// A scale is made of points that people can tell apart.
const MOST_POINTS: i64 = 1_001;

impl Scale {
    /// Whole numbers from `min` to `max`, the largest one good, without labels.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `min < max`, at most 1 000 apart.
    pub fn new(min: i32, max: i32) -> Result<Self, Error> {
        let points = i64::from(max) - i64::from(min) + 1;
        if !(2..=MOST_POINTS).contains(&points) {
            return Err(out_of_range("max", format!("lie 1 to 1000 above min ({min})"), max));
        }
        Ok(Self { min, max, good: Good::High, labels: Vec::new() })
    }

    /// 0 to 10, as "how likely are you to recommend us?" is asked.
    #[must_use]
    pub fn zero_to_ten() -> Self {
        Self { min: 0, max: 10, good: Good::High, labels: Vec::new() }
    }

    /// The usual scale that values from `lowest` to `highest` fit on: 1 to 5, 1 to 7, 1 to 10, 0 to 10 or 0 to 100.
    ///
    /// For files that do not say how they were asked; a guess, to be shown to the reader.
    #[must_use]
    pub fn usual(lowest: i32, highest: i32) -> Option<Self> {
        let fits = |&(min, max): &(i32, i32)| lowest >= min && highest <= max;
        let (min, max) = [(1, 5), (1, 7), (1, 10), (0, 10), (0, 100)].into_iter().find(fits)?;
        Some(Self { min, max, good: Good::High, labels: Vec::new() })
    }

    /// The same points with another good end.
    #[must_use]
    pub fn with_good(self, good: Good) -> Self {
        Self { good, ..self }
    }

    /// What the points were called, from the smallest to the largest.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one label a point, [`Error::Name`] for an empty label or one given twice.
    pub fn with_labels<S: Into<String>>(self, labels: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        crate::error::check_length("labels", "points", self.points(), labels.len())?;
        check_names("labels", &labels)?;
        Ok(Self { labels, ..self })
    }

    /// The smallest value.
    #[must_use]
    pub fn min(&self) -> i32 {
        self.min
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> i32 {
        self.max
    }

    /// The good end.
    #[must_use]
    pub fn good(&self) -> Good {
        self.good
    }

    /// How many values there are.
    #[must_use]
    pub fn points(&self) -> usize {
        // At most 1 001, by the constructor.
        (i64::from(self.max) - i64::from(self.min) + 1) as usize
    }

    /// The middle between both ends: 3 on 1 to 5, 5.5 on 1 to 10.
    #[must_use]
    pub fn centre(&self) -> f64 {
        (f64::from(self.min) + f64::from(self.max)) / 2.0
    }

    /// What a value was called in the questionnaire.
    #[must_use]
    pub fn label(&self, value: i32) -> Option<&str> {
        self.labels.get(self.place(value)?).map(String::as_str)
    }

    /// Whether a value is on the scale.
    #[must_use]
    pub fn contains(&self, value: i32) -> bool {
        (self.min..=self.max).contains(&value)
    }

    /// The value with the good end up: where small is good, `min + max - value`.
    #[must_use]
    pub fn oriented(&self, value: i32) -> i32 {
        let value = value.clamp(self.min, self.max);
        match self.good {
            Good::High => value,
            Good::Low => self.max - (value - self.min),
        }
    }

    /// The value on a scale from 0 (worst) to 100 (best).
    #[must_use]
    pub fn percent(&self, value: i32) -> f64 {
        let above = f64::from(self.oriented(value)) - f64::from(self.min);
        100.0 * above / (f64::from(self.max) - f64::from(self.min))
    }

    /// The place of a value from 0.
    pub(crate) fn place(&self, value: i32) -> Option<usize> {
        self.contains(value).then(|| (i64::from(value) - i64::from(self.min)) as usize)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let good = match self.good {
            Good::High => self.max,
            Good::Low => self.min,
        };
        write!(f, "{} to {}, {good} is best", self.min, self.max)
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    min: i32,
    max: i32,
    good: Good,
    labels: Vec<String>,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Scale {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        let scale = Self::new(stored.min, stored.max)?.with_good(stored.good);
        if stored.labels.is_empty() { Ok(scale) } else { scale.with_labels(stored.labels) }
    }
}

#[cfg(feature = "serde")]
impl From<Scale> for Stored {
    fn from(scale: Scale) -> Self {
        Self { min: scale.min, max: scale.max, good: scale.good, labels: scale.labels }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_two_ends_a_centre_and_labels() {
        let five = Scale::new(1, 5).unwrap().with_labels(["awful", "bad", "so so", "good", "great"]).unwrap();
        assert_eq!(
            (five.points(), five.centre(), five.label(5), five.label(6)),
            (5, 3.0, Some("great"), None)
        );
        assert_eq!(five.to_string(), "1 to 5, 5 is best");
        assert_eq!(Scale::new(-3, 3).unwrap().percent(0), 50.0);
        assert_eq!(Scale::new(1, 10).unwrap().centre(), 5.5);
        let turned = Scale::new(0, 10).unwrap().with_good(Good::Low);
        assert_eq!((turned.oriented(0), turned.oriented(10), turned.oriented(4)), (10, 0, 6));
    }

    #[test]
    fn what_is_no_scale_is_refused() {
        let text = |min, max| Scale::new(min, max).unwrap_err().to_string();
        assert_eq!(text(5, 5), "max must lie 1 to 1000 above min (5), got 5");
        assert_eq!(text(5, 1), "max must lie 1 to 1000 above min (5), got 1");
        assert_eq!(
            text(i32::MIN, i32::MAX),
            "max must lie 1 to 1000 above min (-2147483648), got 2147483647"
        );
        let labels = |labels: &[&str]| {
            Scale::new(1, 2).unwrap().with_labels(labels.iter().copied()).unwrap_err().to_string()
        };
        assert_eq!(labels(&["no"]), "labels must be as many as points (2), got 1");
        assert_eq!(labels(&["no", "no"]), "labels must be distinct and not empty, got \"no\" at position 1");
    }

    #[test]
    fn the_usual_scale_is_the_smallest_that_fits() {
        let usual = |low, high| Scale::usual(low, high).map(|scale| (scale.min(), scale.max()));
        assert_eq!((usual(2, 5), usual(1, 6), usual(3, 10)), (Some((1, 5)), Some((1, 7)), Some((1, 10))));
        assert_eq!((usual(0, 5), usual(0, 55), usual(-1, 5)), (Some((0, 10)), Some((0, 100)), None));
    }
}
