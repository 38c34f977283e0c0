use std::borrow::Cow;

use crm_numbers::{Decimal, InputError, check};

use crate::{Answer, Error, GoodEnd, Question, Scale};

/// The largest number of answers: sums of their squares fit an `i128`, and their number an `f64`.
pub(crate) const MOST_ANSWERS: u64 = 1 << 53;

/// Checks the sum of counts; `name` is the plural of the items counted.
pub(crate) fn check_total(
    name: impl Into<Cow<'static, str>>,
    counts: impl IntoIterator<Item = u64>,
) -> Result<(), InputError> {
    // At most 1001 counts, so that the sum is below 2^74.
    let total: i128 = counts.into_iter().map(i128::from).sum();
    if total <= i128::from(MOST_ANSWERS) {
        return Ok(());
    }
    Err(InputError::range(name, Decimal::from_i128_with_scale(total, 0), ..=MOST_ANSWERS))
}

/// The number of answers by value: an exact summary for NPS, CSAT and CES.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::{Scale, Tally};
///
/// // Two respondents answered 1, none 2, four answered 3.
/// let tally = Tally::new(&Scale::new(1, 3)?, &[2, 0, 4])?;
/// assert_eq!((tally.answered(), tally.sum()), (6, 14));
/// assert_eq!(tally.mean(), Some(14.0 / 6.0));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Tally {
    scale: Scale,
    counts: Vec<u64>,
    missing: u64,
    does_not_apply: u64,
}

crm_numbers::gate!(Tally, Tally::checked);

impl Tally {
    /// Creates a tally from the counts of all values of the scale, from the smallest to the
    /// largest.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one count per point, [`InputError::Range`] for more
    /// than 2^53 answers.
    pub fn new(scale: &Scale, counts: &[u64]) -> Result<Self, Error> {
        let scale = scale.clone();
        Ok(Self { scale, counts: counts.to_vec(), missing: 0, does_not_apply: 0 }.checked()?)
    }

    fn checked(self) -> Result<Self, InputError> {
        check::length("counts", self.counts.len(), self.scale.points())?;
        check_total("answers", self.counts.iter().copied())?;
        Ok(self)
    }

    /// Counts answers that are on the scale.
    #[allow(clippy::indexing_slicing, reason = "values of a column are on its scale")]
    pub(crate) fn from_answers(scale: &Scale, answers: impl IntoIterator<Item = Answer>) -> Self {
        let (mut counts, mut missing, mut does_not_apply) = (vec![0; scale.points()], 0, 0);
        for answer in answers {
            match answer {
                Answer::Value(value) => {
                    debug_assert!(scale.contains(value), "{value} is on the scale");
                    counts[(i64::from(value) - i64::from(scale.min())) as usize] += 1;
                }
                Answer::Missing => missing += 1,
                Answer::DoesNotApply => does_not_apply += 1,
            }
        }
        Self { scale: scale.clone(), counts, missing, does_not_apply }
    }

    /// Counts the answers of some respondents only, such as the members of a group.
    ///
    /// Indices beyond the end are left out.
    #[must_use]
    pub fn from_members(column: &Question, respondents: &[usize]) -> Self {
        let answers = respondents.iter().filter_map(|&respondent| column.answers().get(respondent).copied());
        Self::from_answers(column.scale(), answers)
    }

    /// Returns the scale.
    #[must_use]
    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    /// Returns the counts, from the smallest value to the largest.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Returns the number of respondents who answered with a value.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Returns the number of respondents without an answer.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Returns the number of respondents to whom the question did not apply.
    #[must_use]
    pub fn does_not_apply(&self) -> u64 {
        self.does_not_apply
    }

    /// Returns the number of answers between two values, both included.
    #[must_use]
    pub fn between(&self, from: i32, to: i32) -> u64 {
        self.points().filter(|(value, _)| (from..=to).contains(value)).map(|(_, count)| count).sum()
    }

    /// Returns the number of answers with one of the `boxes` best values: 2 for the top-two box.
    #[must_use]
    pub fn top(&self, boxes: usize) -> u64 {
        match self.scale.good_end() {
            GoodEnd::High => self.counts.iter().rev().take(boxes).sum(),
            GoodEnd::Low => self.counts.iter().take(boxes).sum(),
        }
    }

    /// Returns the exact sum of all values.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.points().map(|(value, count)| i128::from(value) * i128::from(count)).sum()
    }

    /// Returns the mean value; `None` without an answer.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let answered = self.answered();
        (answered > 0).then(|| self.sum() as f64 / answered as f64)
    }

    /// Returns the sample variance of the values; `None` for fewer than two answers.
    ///
    /// # Formula
    ///
    /// `(n sum(v^2) - sum(v)^2) / (n (n - 1))`, `v` the values less the smallest one of the scale;
    /// in whole numbers, rounded once.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let n = i128::from(self.answered());
        // At most 2^53 answers and 2^10 points: both products are below 2^126.
        let points = || (0_i128..).zip(&self.counts).map(|(value, &count)| (value, i128::from(count)));
        let sum: i128 = points().map(|(value, count)| value * count).sum();
        let squares: i128 = points().map(|(value, count)| value * value * count).sum();
        (n > 1).then(|| (n * squares - sum * sum) as f64 / (n as f64 * (n - 1) as f64))
    }

    /// Iterates over the values of the scale with their counts.
    pub fn points(&self) -> impl Iterator<Item = (i32, u64)> {
        (self.scale.min()..=self.scale.max()).zip(self.counts.iter().copied())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn counts_keep_apart_what_a_blank_mixes_up() {
        use Answer::{DoesNotApply, Missing, Value};
        let answers = [Value(1), Missing, Value(5), DoesNotApply, Missing, Value(4)];
        let tally = Tally::from_answers(&Scale::new(1, 5).unwrap(), answers);
        assert_eq!(tally.counts(), [1, 0, 0, 1, 1]);
        assert_eq!((tally.answered(), tally.missing(), tally.does_not_apply()), (3, 2, 1));
        assert_eq!((tally.top(2), tally.between(1, 4)), (2, 2));
        // 1, 4, 5: mean 10/3, squared deviations (49 + 4 + 25)/9 = 78/9, over 2.
        assert_eq!(tally.variance(), Some(78.0 / 9.0 / 2.0));
    }

    #[test]
    fn the_good_end_may_be_low() {
        let tally = Tally::new(&Scale::new(1, 3).unwrap().with_good_end(GoodEnd::Low), &[5, 3, 1]).unwrap();
        assert_eq!((tally.top(1), tally.top(2), tally.top(9)), (5, 8, 9));
    }

    #[test]
    fn counts_have_a_limit_and_the_largest_have_a_variance() {
        let scale = Scale::new(i32::MAX - 1_000, i32::MAX).unwrap();
        let mut counts = vec![0; 1_001];
        (counts[0], counts[1_000]) = (1 << 52, 1 << 52);
        let tally = Tally::new(&scale, &counts).unwrap();
        assert_eq!((tally.answered(), tally.top(1_001)), (1 << 53, 1 << 53));
        // Half at either end, 1 000 apart.
        assert!((tally.variance().unwrap() - 250_000.0).abs() < 1e-6);
        counts[1] = u64::MAX;
        let text = Tally::new(&scale, &counts).unwrap_err().to_string();
        assert_eq!(text, "answers must be at most 9007199254740992, got 18455751272964292607");
    }

    #[test]
    fn nobody_and_one_have_no_variance() {
        let scale = Scale::new(1, 2).unwrap();
        let none = Tally::new(&scale, &[0, 0]).unwrap();
        assert_eq!((none.mean(), none.variance()), (None, None));
        let one = Tally::new(&scale, &[0, 1]).unwrap();
        assert_eq!((one.mean(), one.variance()), (Some(2.0), None));
    }
}
