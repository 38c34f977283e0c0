use std::fmt;

use crm_numbers::{InputError, check};

use crate::Error;

/// The good end of a scale; the high one by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GoodEnd {
    /// The largest value is the best: 5 is "very satisfied".
    #[default]
    High,
    /// The smallest value is the best: 1 is "very satisfied", as in school grades of some
    /// countries.
    Low,
}

crm_numbers::names! {
    GoodEnd, "good end of a scale" {
        High = "high",
        Low = "low",
    }
}

/// A scale of whole numbers from `min` to `max` with its good end.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::{GoodEnd, Scale};
///
/// let grades = Scale::new(1, 6)?.with_good_end(GoodEnd::Low);
/// // The best grade has the largest oriented value, and 100 on a scale of 0 to 100.
/// assert_eq!((grades.oriented(1), grades.percent(1), grades.percent(6)), (6, 100.0, 0.0));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Scale {
    min: i32,
    max: i32,
    good_end: GoodEnd,
    labels: Vec<String>,
}

crm_numbers::gate!(Scale, Scale::checked);

impl Scale {
    /// Creates a scale of the whole numbers from `min` to `max`, with the good end high and without
    /// labels.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] unless `max` is 1 to 1000 greater than `min`.
    pub fn new(min: i32, max: i32) -> Result<Self, Error> {
        Ok(Self::unlabeled(min, max).checked()?)
    }

    /// Returns the scale of 0 to 10 of the question "how likely are you to recommend us?".
    #[must_use]
    pub fn zero_to_ten() -> Self {
        Self::unlabeled(0, 10)
    }

    /// Returns the first usual scale that includes the values from `lowest` to `highest`: 1 to 5, 1
    /// to 7, 1 to 10, 0 to 10 or 0 to 100.
    ///
    /// This is a guess for files without declared scales; show it to the reader.
    #[must_use]
    pub fn usual(lowest: i32, highest: i32) -> Option<Self> {
        let fits = |&(min, max): &(i32, i32)| lowest >= min && highest <= max;
        let (min, max) = [(1, 5), (1, 7), (1, 10), (0, 10), (0, 100)].into_iter().find(fits)?;
        Some(Self::unlabeled(min, max))
    }

    /// Returns the scale with the same points and another good end.
    #[must_use]
    pub fn with_good_end(self, good_end: GoodEnd) -> Self {
        Self { good_end, ..self }
    }

    /// Returns the scale with a label for each point, from the smallest to the largest.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one label per point; [`InputError::Empty`] and
    /// [`InputError::Duplicate`] for labels that are empty or repeated.
    pub fn with_labels<S: Into<String>>(self, labels: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        check::length("labels", labels.len(), self.points())?;
        Ok(Self { labels, ..self }.checked()?)
    }

    fn unlabeled(min: i32, max: i32) -> Self {
        Self { min, max, good_end: GoodEnd::High, labels: Vec::new() }
    }

    fn checked(self) -> Result<Self, InputError> {
        let min = i64::from(self.min);
        check::range("max", i64::from(self.max), min + 1..=min + 1_000)?;
        if !self.labels.is_empty() {
            check::length("labels", self.labels.len(), self.points())?;
            check::names("labels", &self.labels)?;
        }
        Ok(self)
    }

    /// Returns the smallest value.
    #[must_use]
    pub fn min(&self) -> i32 {
        self.min
    }

    /// Returns the largest value.
    #[must_use]
    pub fn max(&self) -> i32 {
        self.max
    }

    /// Returns the good end.
    #[must_use]
    pub fn good_end(&self) -> GoodEnd {
        self.good_end
    }

    /// Returns the best value: the largest, or the smallest if the good end is low.
    #[must_use]
    pub fn best(&self) -> i32 {
        match self.good_end {
            GoodEnd::High => self.max,
            GoodEnd::Low => self.min,
        }
    }

    /// Returns the number of points, from 2 to 1001.
    #[must_use]
    pub fn points(&self) -> usize {
        // At most 1001, by the constructor.
        (i64::from(self.max) - i64::from(self.min) + 1) as usize
    }

    /// Returns the midpoint of both ends: 3 for 1 to 5, 5.5 for 1 to 10.
    #[must_use]
    pub fn center(&self) -> f64 {
        (f64::from(self.min) + f64::from(self.max)) / 2.0
    }

    /// Returns the label of a value, if the scale has labels and the value is on it.
    #[must_use]
    pub fn label(&self, value: i32) -> Option<&str> {
        self.labels.get(self.index(value)?).map(String::as_str)
    }

    /// Returns whether a value is on the scale.
    #[must_use]
    pub fn contains(&self, value: i32) -> bool {
        (self.min..=self.max).contains(&value)
    }

    /// Returns the value with the good end up; values beyond an end count as that end.
    ///
    /// # Formula
    ///
    /// `value` if the good end is high, else `min + max - value`.
    #[must_use]
    pub fn oriented(&self, value: i32) -> i32 {
        let value = value.clamp(self.min, self.max);
        match self.good_end {
            GoodEnd::High => value,
            GoodEnd::Low => self.max - (value - self.min),
        }
    }

    /// Returns the value rescaled to 0 (worst) to 100 (best).
    #[must_use]
    pub fn percent(&self, value: i32) -> f64 {
        let above = f64::from(self.oriented(value)) - f64::from(self.min);
        100.0 * above / (f64::from(self.max) - f64::from(self.min))
    }

    /// Returns both ends as measurements.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (f64::from(self.min), f64::from(self.max))
    }

    /// Returns the index of a value, from 0.
    pub(crate) fn index(&self, value: i32) -> Option<usize> {
        self.contains(value).then(|| (i64::from(value) - i64::from(self.min)) as usize)
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}, {} is best", self.min, self.max, self.best())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers are exact")]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_two_ends_a_center_and_labels() {
        let five = Scale::new(1, 5).unwrap().with_labels(["awful", "bad", "so so", "good", "great"]).unwrap();
        assert_eq!(
            (five.points(), five.center(), five.label(5), five.label(6)),
            (5, 3.0, Some("great"), None)
        );
        assert_eq!(five.to_string(), "1 to 5, 5 is best");
        assert_eq!(Scale::new(-3, 3).unwrap().percent(0), 50.0);
        assert_eq!(Scale::new(1, 10).unwrap().center(), 5.5);
        let turned = Scale::new(0, 10).unwrap().with_good_end(GoodEnd::Low);
        assert_eq!((turned.oriented(0), turned.oriented(10), turned.oriented(4)), (10, 0, 6));
    }

    #[test]
    fn what_is_no_scale_is_refused() {
        let text = |min, max| Scale::new(min, max).unwrap_err().to_string();
        assert_eq!(text(5, 5), "max must be between 6 and 1005, got 5");
        assert_eq!(text(5, 1), "max must be between 6 and 1005, got 1");
        assert_eq!(
            text(i32::MIN, i32::MAX),
            "max must be between -2147483647 and -2147482648, got 2147483647"
        );
        let labels = |labels: &[&str]| {
            Scale::new(1, 2).unwrap().with_labels(labels.iter().copied()).unwrap_err().to_string()
        };
        assert_eq!(labels(&["no"]), "expected 2 labels, got 1");
        assert_eq!(labels(&["no", "no"]), r#"labels[1] repeats "no""#);
    }

    #[test]
    fn the_usual_scale_is_the_smallest_that_fits() {
        let usual = |low, high| Scale::usual(low, high).map(|scale| (scale.min(), scale.max()));
        assert_eq!((usual(2, 5), usual(1, 6), usual(3, 10)), (Some((1, 5)), Some((1, 7)), Some((1, 10))));
        assert_eq!((usual(0, 5), usual(0, 55), usual(-1, 5)), (Some((0, 10)), Some((0, 100)), None));
    }
}
