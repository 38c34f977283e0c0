use crate::{Answer, Column, Error, Good, Scale};

/// How often every value of a scale was answered: all that NPS, CSAT and CES need, in whole numbers.
///
/// ```
/// use crm_satisfaction::{Scale, Tally};
///
/// // 2 answered 1, none 2, 4 answered 3.
/// let tally = Tally::new(&Scale::new(1, 3)?, &[2, 0, 4])?;
/// assert_eq!((tally.answered(), tally.sum()), (6, 14));
/// assert_eq!(tally.mean(), Some(14.0 / 6.0));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tally {
    scale: Scale,
    counts: Vec<u64>,
    missing: u64,
    does_not_apply: u64,
}

impl Tally {
    /// Counts from the smallest value of the scale to the largest.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one count per point, [`Error::OutOfRange`] beyond 2^53 answers, more than a
    /// double counts one by one.
    pub fn new(scale: &Scale, counts: &[u64]) -> Result<Self, Error> {
        /// Sums of squares of that many answers fit a whole number of 128 bits, and their number a double.
        const MOST: u64 = 1 << 53;
        crate::error::check_length("counts", "points", scale.points(), counts.len())?;
        let total: u128 = counts.iter().map(|&count| u128::from(count)).sum();
        if total > u128::from(MOST) {
            return Err(crate::error::out_of_range("answers", format!("be at most {MOST}"), total));
        }
        Ok(Self { scale: scale.clone(), counts: counts.to_vec(), missing: 0, does_not_apply: 0 })
    }

    pub(crate) fn of(scale: &Scale, answers: &[Answer]) -> Self {
        let mut tally =
            Self { scale: scale.clone(), counts: vec![0; scale.points()], missing: 0, does_not_apply: 0 };
        for answer in answers {
            tally.add(*answer);
        }
        tally
    }

    /// The counts of some respondents only, such as those of a group.
    #[must_use]
    pub fn of_members(column: &Column, respondents: &[usize]) -> Self {
        let mut tally = Self::of(column.scale(), &[]);
        for respondent in respondents {
            if let Some(answer) = column.answers().get(*respondent) {
                tally.add(*answer);
            }
        }
        tally
    }

    #[inline]
    fn add(&mut self, answer: Answer) {
        match answer {
            Answer::Value(value) => {
                if let Some(count) = self.scale.place(value).and_then(|place| self.counts.get_mut(place)) {
                    *count += 1;
                }
            }
            Answer::Missing => self.missing += 1,
            Answer::DoesNotApply => self.does_not_apply += 1,
        }
    }

    /// The scale.
    #[must_use]
    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    /// The counts, from the smallest value to the largest.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many answered with a value.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many answered nothing.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// To how many the question did not apply.
    #[must_use]
    pub fn does_not_apply(&self) -> u64 {
        self.does_not_apply
    }

    /// How many answered with one of these values.
    #[must_use]
    pub fn between(&self, from: i32, to: i32) -> u64 {
        self.points().filter(|(value, _)| (from..=to).contains(value)).map(|(_, count)| count).sum()
    }

    /// How many chose one of the `boxes` best values: 2 for the top-two box.
    #[must_use]
    pub fn top(&self, boxes: usize) -> u64 {
        match self.scale.good() {
            Good::High => self.counts.iter().rev().take(boxes).sum(),
            Good::Low => self.counts.iter().take(boxes).sum(),
        }
    }

    /// The sum of all values, exactly.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.points().map(|(value, count)| i128::from(value) * i128::from(count)).sum()
    }

    /// The mean value; `None` where nobody answered.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let answered = self.answered();
        (answered > 0).then(|| self.sum() as f64 / answered as f64)
    }

    /// The variance of the values, over n - 1; `None` for fewer than two answers.
    ///
    /// Made from whole numbers, `(n sum(v^2) - sum(v)^2) / (n (n - 1))` with v counted from the smallest value of the scale,
    /// and rounded once.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        let n = i128::from(self.answered());
        // At most 2^53 answers and 2^10 points: both products stay below 2^126.
        let points = || (0_i128..).zip(&self.counts).map(|(place, &count)| (place, i128::from(count)));
        let sum: i128 = points().map(|(place, count)| place * count).sum();
        let squares: i128 = points().map(|(place, count)| place * place * count).sum();
        (n > 1).then(|| (n * squares - sum * sum) as f64 / (n as f64 * (n - 1) as f64))
    }

    /// Every value with its count.
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
        let tally = Tally::of(&Scale::new(1, 5).unwrap(), &answers);
        assert_eq!(tally.counts(), [1, 0, 0, 1, 1]);
        assert_eq!((tally.answered(), tally.missing(), tally.does_not_apply()), (3, 2, 1));
        assert_eq!((tally.top(2), tally.between(1, 4)), (2, 2));
        // 1, 4, 5: mean 10/3, squared deviations (49 + 4 + 25)/9 = 78/9, over 2.
        assert_eq!(tally.variance(), Some(78.0 / 9.0 / 2.0));
    }

    #[test]
    fn the_good_end_may_be_low() {
        let tally = Tally::new(&Scale::new(1, 3).unwrap().with_good(Good::Low), &[5, 3, 1]).unwrap();
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
