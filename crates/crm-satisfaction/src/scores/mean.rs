use crm_numbers::{EmptyError, InputError, Interval, Level};

use crate::change::{Change, Estimate};
use crate::{Error, Tally};

/// The mean of answers on a scale, with its standard error.
///
/// # Formula
///
/// `error = s / sqrt(n)`, `s` the sample standard deviation; limits by Student's distribution with
/// n - 1 degrees of freedom, cut at the ends of the scale. A single answer has neither.
///
/// If all n answers are equal, they have no sample variance, although the population may have one:
/// at most a share `q = z^2 / (n + z^2)` of it, Wilson's upper limit for 0 of n, answers
/// differently, at most an end of the scale. The limits are then `value - q (value - min)` and
/// `value + q (max - value)`.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::scores::Mean;
/// use crm_satisfaction::{Level, Scale, Tally};
///
/// let mean = Mean::from_tally(&Tally::new(&Scale::new(1, 5)?, &[0, 0, 8, 0, 8])?)?;
/// // 8 times 3 and 8 times 5: mean 4, variance 16/15, error sqrt(1/15), 2.1314 of them on 15 degrees
/// // of freedom.
/// assert_eq!(mean.value, 4.0);
/// assert_eq!(mean.interval(Level::default()).unwrap().to_string(), "4.0000 (3.4497 to 4.5503, 95 %)");
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Mean {
    /// Mean answer.
    pub value: f64,
    /// Standard error of the mean; for two answers or more.
    pub standard_error: Option<f64>,
    /// Number of answers.
    pub answers: u64,
    /// Smallest value of the scale.
    pub min: i32,
    /// Largest value of the scale.
    pub max: i32,
}

impl Mean {
    /// Computes the mean of the answers to a question.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`] without answers.
    pub fn from_tally(tally: &Tally) -> Result<Self, Error> {
        let answers = tally.answered();
        let value = tally.mean().ok_or_else(|| InputError::from(EmptyError::new("answers")))?;
        let standard_error = tally.variance().map(|variance| (variance / answers as f64).sqrt());
        Ok(Self { value, standard_error, answers, min: tally.scale().min(), max: tally.scale().max() })
    }

    /// Returns the interval of the mean; `None` for a single answer.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        self.estimate()?.interval(level)
    }

    /// Returns the excess of this mean over that of other respondents, with Welch's test.
    ///
    /// `None` if one of the two has a single answer.
    ///
    /// # Formula
    ///
    /// `t = (x1 - x2) / sqrt(e1^2 + e2^2)` with standard errors e, on
    /// `(e1^2 + e2^2)^2 / (e1^4 / (n1 - 1) + e2^4 / (n2 - 1))` degrees of freedom. If all answers of
    /// one group are equal, their variance is unknown, not 0: the variance of the other group counts
    /// for both, on its degrees of freedom. If those of both are, p is that of a permutation,
    /// `2 / choose(n1 + n2, n1)`. The interval is extended to 0 unless the test rejects at its
    /// level.
    ///
    /// Between groups of similar size the test rejects a true hypothesis at 5 % in at most 6 % of
    /// samples, for any number of answers. Between a group of ten and one of hundreds it may be 10
    /// % if nearly all answers are the best one; compare such answers by
    /// [`csat_change`](super::csat_change), which is exact.
    ///
    /// # References
    ///
    /// Welch, B. L. (1947), "The generalization of 'Student's' problem when several different
    /// population variances are involved", Biometrika 34, 28-35.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_satisfaction::scores::Mean;
    /// use crm_satisfaction::{Level, Scale, Tally};
    ///
    /// let five = Scale::new(1, 5)?;
    /// let mean = |counts: [u64; 5]| Mean::from_tally(&Tally::new(&five, &counts)?);
    /// // 5, 5 after 3, 3: one of three ways to divide the four answers.
    /// let change = mean([0, 0, 0, 0, 2])?.change(&mean([0, 0, 2, 0, 0])?, Level::default()).unwrap();
    /// assert!((change.p_value - 1.0 / 3.0).abs() < 1e-12 && change.difference.lower <= 0.0);
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    #[must_use]
    pub fn change(&self, before: &Self, level: Level) -> Option<Change> {
        Change::welch(self.estimate()?, before.estimate()?, level)
    }

    fn estimate(&self) -> Option<Estimate> {
        let ends = Some((f64::from(self.min), f64::from(self.max)));
        Some(Estimate { value: self.value, error: self.standard_error?, answers: self.answers as f64, ends })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scale;

    fn mean(counts: [u64; 5]) -> Mean {
        Mean::from_tally(&Tally::new(&Scale::new(1, 5).unwrap(), &counts).unwrap()).unwrap()
    }

    /// Values of `scipy.stats.ttest_ind(equal_var=False)` and its confidence interval, version
    /// 1.17.
    #[test]
    fn published_values_of_welch() {
        let cases = [
            ([0, 1, 2, 3, 4], [2, 3, 3, 1, 1], 0.01529693770109453, 0.3035295838559273, 2.4964704161440725),
            ([1, 0, 0, 0, 2], [0, 3, 0, 1, 0], 0.48170550175485216, -3.828231499273428, 6.161564832606761),
            (
                [0, 0, 0, 10, 30],
                [20, 10, 5, 3, 2],
                5.235934581302594e-19,
                2.4235869254892624,
                3.226413074510738,
            ),
            ([3, 4, 5, 6, 7], [3, 4, 6, 5, 7], 0.9189571459352044, -0.7462928742250592, 0.8262928742250593),
        ];
        for (now, before, p_value, lower, upper) in cases {
            let change = mean(now).change(&mean(before), Level::default()).unwrap();
            let near = |got: f64, wanted: f64| {
                assert!((got - wanted).abs() < 1e-7 * wanted.abs(), "{got}, not {wanted}")
            };
            near(change.p_value, p_value);
            near(change.difference.lower, lower);
            near(change.difference.upper, upper);
        }
    }

    /// A constant group says nothing about its spread: that of the other one, 1.46 on 24 degrees of
    /// freedom, counts for both. `2 * scipy.stats.t.sf(2.20993, 24)`.
    #[test]
    fn a_constant_group_takes_the_spread_of_the_other() {
        let change = mean([0, 0, 0, 0, 2]).change(&mean([3, 5, 8, 6, 3]), Level::default()).unwrap();
        assert!((change.p_value - 0.03689503501488509).abs() < 1e-8, "{change}");
        assert_eq!(mean([0, 0, 0, 0, 1]).change(&mean([3, 5, 8, 6, 3]), Level::default()), None);
    }

    #[test]
    fn equal_answers_leave_room_for_others() {
        let interval = mean([0, 0, 0, 0, 3]).interval(Level::default()).unwrap();
        // 3.8415 / 6.8415 of four points.
        assert!((interval.lower - (5.0 - 4.0 * 3.841_459 / 6.841_459)).abs() < 1e-5, "{interval}");
        assert!((interval.upper - 5.0).abs() < 1e-15);
        assert_eq!(mean([0, 0, 0, 0, 1]).interval(Level::default()), None);
    }
}
