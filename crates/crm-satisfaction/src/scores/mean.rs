use crm_statistics::{Interval, Level};

use crate::change::Change;
use crate::{Error, Tally};

/// The mean of answers on a scale, with its standard error.
///
/// `error = s / sqrt(n)`, s over n - 1; limits by the normal distribution, cut at the ends of the scale. A single answer
/// has no error, and so no interval.
///
/// ```
/// use crm_satisfaction::{Scale, Tally};
/// use crm_satisfaction::scores::Mean;
/// use crm_statistics::Level;
///
/// let mean = Mean::of(&Tally::new(&Scale::new(1, 5)?, &[0, 0, 8, 0, 8])?)?;
/// // 8 times 3 and 8 times 5: mean 4, variance 16/15, error sqrt(1/15).
/// assert_eq!(mean.value, 4.0);
/// assert_eq!(mean.interval(Level::default()).unwrap().to_string(), "4.0000 (3.4939 to 4.5061, 95 %)");
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Its standard error; for two answers or more.
    pub standard_error: Option<f64>,
    /// How many answered.
    pub answers: u64,
    /// The ends of the scale.
    pub ends: (i32, i32),
}

impl Mean {
    /// The mean of what was answered.
    ///
    /// # Errors
    /// [`Error::Empty`] where nobody answered.
    pub fn of(tally: &Tally) -> Result<Self, Error> {
        let answers = tally.answered();
        let value = tally.mean().ok_or_else(|| Error::Empty { field: "answers".to_owned() })?;
        let standard_error = tally.variance().map(|variance| (variance / answers as f64).sqrt());
        Ok(Self { value, standard_error, answers, ends: (tally.scale().min(), tally.scale().max()) })
    }

    /// The range in which the true mean lies; `None` for a single answer.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        let half = level.z() * self.standard_error?;
        let (min, max) = (f64::from(self.ends.0), f64::from(self.ends.1));
        Some(Interval::new((self.value - half).max(min), self.value, (self.value + half).min(max), level))
    }

    /// By how much this mean exceeds that of other respondents, with a test; `None` where one has a single answer.
    #[must_use]
    pub fn change(&self, before: &Self, level: Level) -> Option<Change> {
        let error = self.standard_error?.hypot(before.standard_error?);
        Some(Change::normal(self.value - before.value, error, level))
    }
}
