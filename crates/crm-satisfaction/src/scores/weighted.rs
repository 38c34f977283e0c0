use crm_numbers::{InputError, Interval, Level, RangeError, check};
use crm_statistics::share_interval;

use super::nps::score_limits;
use crate::change::{Change, Estimate};
use crate::error::check_weights;
use crate::{Error, Question, Survey};

/// A score of respondents with weights: a weighted mean with its design-based standard error.
///
/// # Formula
///
/// `value = sum(w x) / sum(w)`, `error^2 = n / (n - 1) sum(w^2 (x - value)^2) / sum(w)^2`, `n` the
/// respondents with a positive weight. Weights widen the interval: all intervals and tests use the
/// [`effective`](Self::effective) number of respondents, `sum(w)^2 / sum(w^2)`.
///
/// | score | interval |
/// |---|---|
/// | mean | Student's, with `effective - 1` degrees of freedom, cut at the ends of the scale |
/// | share | Wilson's, of `effective` answers |
/// | net promoter score | the score interval of [`NpsMethod::Wilson`](super::NpsMethod::Wilson), of `effective` answers |
///
/// # References
///
/// Cochran, W. G. (1977), Sampling Techniques, equation 6.13 with a = 1; Kish, L. (1965), Survey
/// Sampling, for the effective size.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::scores::Weighted;
///
/// let mean = Weighted::new(&[1.0, 3.0], &[3.0, 1.0])?;
/// assert_eq!((mean.value, mean.effective), (1.5, 1.6));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Weighted {
    /// Weighted mean.
    pub value: f64,
    /// Standard error of the mean; for two respondents or more.
    pub standard_error: Option<f64>,
    /// Number of respondents with an answer and a positive weight.
    pub answers: usize,
    /// Effective number of respondents.
    pub effective: f64,
    /// Smallest and largest possible value; `None` for values without a scale.
    #[cfg_attr(feature = "serde", serde(skip))]
    ends: Option<(f64, f64)>,
    #[cfg_attr(feature = "serde", serde(skip))]
    coding: Coding,
}

/// The values of which a weighted score is the mean.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Coding {
    /// Measurements.
    Mean,
    /// 1 and 0.
    Share,
    /// 100, 0 and -100, with the shares of the first and the last.
    Nps { promoters: f64, detractors: f64 },
}

/// The customer effort score of respondents with weights.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct WeightedEffort {
    /// Weighted mean answer.
    pub mean: Weighted,
    /// Weighted share of the respondents who found it easy.
    pub agree: Weighted,
}

impl Weighted {
    /// Computes the weighted mean of values.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] unless there is one weight per value, [`InputError::Empty`] without
    /// values, [`InputError::Range`] for values that are not finite or whose squares overflow, and
    /// for weights that are negative, not finite or all 0.
    pub fn new(values: &[f64], weights: &[f64]) -> Result<Self, Error> {
        check::length("weights", weights.len(), values.len())?;
        check::finite("values", values)?;
        check_weights(weights)?;
        check::not_empty("answers", values)?;
        let total: f64 = weights.iter().sum();
        // Shares instead of weights, so that no square of a large weight overflows.
        let counted: Vec<(f64, f64)> = values
            .iter()
            .zip(weights)
            .map(|(value, weight)| (*value, weight / total))
            .filter(|(_, share)| *share > 0.0)
            .collect();
        let n = counted.len() as f64;
        let constant =
            counted.iter().zip(counted.iter().skip(1)).all(|(one, next)| one.0.total_cmp(&next.0).is_eq());
        let value: f64 = match counted.first() {
            // Without the rounding of a sum, so that equal answers have no variance.
            Some((first, _)) if constant => *first,
            _ => counted.iter().map(|(value, share)| value * share).sum(),
        };
        let squares: f64 = counted.iter().map(|(x, share)| (share * (x - value)).powi(2)).sum();
        let error = (n / (n - 1.0) * squares).sqrt();
        if !value.is_finite() || (counted.len() > 1 && !error.is_finite()) {
            let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
            // Twice the size, squared, over n - 1: below this limit nothing overflows.
            let limit = (f64::MAX / 8.0).sqrt();
            let error = RangeError::new("size of the largest value", largest, ..=limit);
            return Err(InputError::from(error.with_hint("rescale the values")).into());
        }
        let effective = 1.0 / counted.iter().map(|(_, share)| share * share).sum::<f64>();
        let standard_error = (counted.len() > 1).then_some(error);
        Ok(Self {
            value,
            standard_error,
            answers: counted.len(),
            effective,
            ends: None,
            coding: Coding::Mean,
        })
    }

    /// Computes the weighted mean of the answers to a question, with one weight per respondent,
    /// answered or not.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new).
    pub fn mean(column: &Question, weights: &[f64]) -> Result<Self, Error> {
        Ok(Self::coded(column, weights, f64::from)?.on(column.scale().ends()))
    }

    /// Returns the same mean of values that lie between two ends.
    pub(crate) fn on(self, ends: (f64, f64)) -> Self {
        Self { ends: Some(ends), ..self }
    }

    /// Computes the weighted net promoter score of a question, in points.
    ///
    /// # Errors
    ///
    /// [`Error::NpsScale`] for a scale other than 0 to 10 or 1 to 10, and the errors of
    /// [`new`](Self::new).
    pub fn nps(column: &Question, weights: &[f64]) -> Result<Self, Error> {
        // Checks the scale.
        super::Nps::from_tally(&column.tally())?;
        let points = |value: i32| match value {
            9.. => 100.0,
            7..=8 => 0.0,
            _ => -100.0,
        };
        let share = |chosen: fn(f64) -> bool| -> Result<f64, Error> {
            let coded = Self::coded(column, weights, |value| f64::from(u8::from(chosen(points(value)))))?;
            Ok(coded.value.clamp(0.0, 1.0))
        };
        let coding = Coding::Nps {
            promoters: share(|points| points > 0.0)?,
            detractors: share(|points| points < 0.0)?,
        };
        let score = Self::coded(column, weights, points)?.on((-100.0, 100.0));
        Ok(Self { value: score.value.clamp(-100.0, 100.0), coding, ..score })
    }

    /// Computes the weighted share of the `boxes` best answers to a question.
    ///
    /// # Errors
    ///
    /// The errors of [`csat`](super::csat) and of [`new`](Self::new).
    pub fn csat(column: &Question, boxes: usize, weights: &[f64]) -> Result<Self, Error> {
        // Checks the boxes.
        super::csat(&column.tally(), boxes)?;
        let scale = column.scale();
        let from = i64::from(scale.max()) - boxes as i64;
        let top = |value| f64::from(u8::from(i64::from(scale.oriented(value)) > from));
        let share = Self::coded(column, weights, top)?.on((0.0, 1.0));
        Ok(Self { value: share.value.clamp(0.0, 1.0), coding: Coding::Share, ..share })
    }

    /// Computes the weighted customer effort score of a question; see [`Effort`](super::Effort).
    ///
    /// # Errors
    ///
    /// The errors of [`csat`](Self::csat).
    pub fn effort(column: &Question, boxes: usize, weights: &[f64]) -> Result<WeightedEffort, Error> {
        Ok(WeightedEffort { mean: Self::mean(column, weights)?, agree: Self::csat(column, boxes, weights)? })
    }

    /// Computes the mean of a question with the weights of its survey, all equal if it has none.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have, and the errors of
    /// [`new`](Self::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_satisfaction::scores::Weighted;
    /// use crm_satisfaction::{Answer, Question, Scale, Survey};
    ///
    /// // One answer from a large region, two from a small one.
    /// let survey = Survey::new(["a", "b", "c"])
    ///     .with_column(Question::new("overall", Scale::new(1, 5)?, &[5, 2, 2].map(Answer::Value))?)?
    ///     .with_weights(&[8.0, 1.0, 1.0])?;
    /// let mean = Weighted::mean_in(&survey, "overall")?;
    /// // (8 x 5 + 2 + 2) / 10, with 100 / 66 effective answers.
    /// assert!((mean.value - 4.4).abs() < 1e-12 && (mean.effective - 100.0 / 66.0).abs() < 1e-12);
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    pub fn mean_in(survey: &Survey, question: &str) -> Result<Self, Error> {
        Self::mean(survey.column(question)?, &survey.weights_or_ones())
    }

    /// Computes the net promoter score of a question with the weights of its survey.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have, and the errors of
    /// [`nps`](Self::nps).
    pub fn nps_in(survey: &Survey, question: &str) -> Result<Self, Error> {
        Self::nps(survey.column(question)?, &survey.weights_or_ones())
    }

    /// Computes the share of the `boxes` best answers to a question with the weights of its survey.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have, and the errors of
    /// [`csat`](Self::csat).
    pub fn csat_in(survey: &Survey, question: &str, boxes: usize) -> Result<Self, Error> {
        Self::csat(survey.column(question)?, boxes, &survey.weights_or_ones())
    }

    /// Computes the customer effort score of a question with the weights of its survey.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for a question that the survey does not have, and the errors of
    /// [`csat`](Self::csat).
    pub fn effort_in(survey: &Survey, question: &str, boxes: usize) -> Result<WeightedEffort, Error> {
        Self::effort(survey.column(question)?, boxes, &survey.weights_or_ones())
    }

    fn coded(column: &Question, weights: &[f64], code: impl Fn(i32) -> f64) -> Result<Self, Error> {
        check::length("weights", weights.len(), column.answers().len())?;
        let answered = column.answers().iter().zip(weights);
        let (values, weights): (Vec<f64>, Vec<f64>) =
            answered.filter_map(|(answer, &weight)| Some((code(answer.value()?), weight))).unzip();
        Self::new(&values, &weights)
    }

    /// Returns the interval of the score; `None` for a mean of fewer than two effective
    /// respondents.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        match self.coding {
            Coding::Mean => self.estimate().and_then(|estimate| estimate.interval(level)),
            Coding::Share => share_interval(self.value, self.effective, level).ok(),
            Coding::Nps { promoters, detractors } => {
                let (lower, upper) = score_limits(promoters, detractors, self.effective, level.z());
                Some(Interval::new(lower, self.value, upper, level))
            }
        }
    }

    /// Returns the excess of this score over that of other respondents, with Welch's test; see
    /// [`Mean::change`](super::Mean::change).
    ///
    /// Each group counts with its effective number of respondents; `None` if one has fewer than
    /// two.
    #[must_use]
    pub fn change(&self, before: &Self, level: Level) -> Option<Change> {
        let test = Change::welch(self.estimate()?, before.estimate()?, level)?;
        match (self.coding, before.coding) {
            (Coding::Mean, _) | (_, Coding::Mean) => Some(test),
            _ => Some(Change::new(self.interval(level)?.minus(before.interval(level)?), test.p_value)),
        }
    }

    pub(crate) fn estimate(&self) -> Option<Estimate> {
        let (value, ends) = (self.value, self.ends);
        Some(Estimate { value, error: self.standard_error?, answers: self.effective, ends })
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crate::scores::{Mean, Nps, csat};
    use crate::{Answer, Scale};

    #[test]
    fn equal_weights_change_nothing() {
        let answers: Vec<Answer> =
            [9, 10, 3, 7, 6, 8, 9].map(Answer::Value).into_iter().chain([Answer::Missing]).collect();
        let column = Question::new("q", Scale::zero_to_ten(), &answers).unwrap();
        let (weights, tally) = ([2.5; 8], column.tally());
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * b.abs().max(1.0), "{a} {b}");
        let nps = Nps::from_tally(&tally).unwrap();
        let weighted = Weighted::nps(&column, &weights).unwrap();
        near(weighted.value, nps.score());
        // The design-based error divides by n - 1, the counts by n.
        near(weighted.standard_error.unwrap(), nps.standard_error() * (7.0_f64 / 6.0).sqrt());
        near(weighted.effective, 7.0);
        let (mean, plain) = (Weighted::mean(&column, &weights).unwrap(), Mean::from_tally(&tally).unwrap());
        near(mean.value, plain.value);
        near(mean.standard_error.unwrap(), plain.standard_error.unwrap());
        near(Weighted::csat(&column, 2, &weights).unwrap().value, csat(&tally, 2).unwrap().estimate());
    }

    /// Weights that a survey has are read: those of the regions turn the score round.
    #[test]
    fn the_weights_of_a_survey_are_read() {
        let answers = [10, 10, 10, 3].map(Answer::Value);
        let column = || Question::new("q", Scale::zero_to_ten(), &answers).unwrap();
        let plain = Survey::new(["a", "b", "c", "d"]).with_column(column()).unwrap();
        let heavy = plain.clone().with_weights(&[1.0, 1.0, 1.0, 7.0]).unwrap();
        let score = |survey: &Survey| Weighted::nps_in(survey, "q").unwrap().value;
        assert!((score(&plain) - 50.0).abs() < 1e-12 && (score(&heavy) + 40.0).abs() < 1e-12);
        let share = Weighted::csat_in(&heavy, "q", 2).unwrap();
        assert!((share.value - 0.3).abs() < 1e-12);
        // 10^2 / (3 + 49) answers: Wilson's interval of 0.3 of 1.92.
        let wanted = crm_statistics::share_interval(0.3, 100.0 / 52.0, Level::default()).unwrap();
        let got = share.interval(Level::default()).unwrap();
        assert!((got.lower - wanted.lower).abs() < 1e-12 && (got.upper - wanted.upper).abs() < 1e-12);
        let effort = Weighted::effort_in(&heavy, "q", 2).unwrap();
        assert!((effort.mean.value - 5.1).abs() < 1e-12 && effort.agree == share);
        // Worth fewer than two respondents: a value, and no interval of a mean.
        assert_eq!(effort.mean.interval(Level::default()), None);
        // Nobody with a weight of 0 counts as somebody.
        let none = plain.with_weights(&[1.0, 1.0, 0.0, 1.0]).unwrap();
        let mean = Weighted::mean_in(&none, "q").unwrap();
        assert_eq!((mean.answers, mean.effective), (3, 3.0));
    }

    /// With equal weights the limits are those of the counts.
    #[test]
    fn equal_weights_have_the_limits_of_counts() {
        let answers = [10, 9, 10, 3, 7, 8, 5, 9].map(Answer::Value);
        let column = Question::new("q", Scale::zero_to_ten(), &answers).unwrap();
        let (tally, level) = (column.tally(), Level::default());
        let same = |got: Interval, wanted: Interval| {
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            assert!(near(got.lower, wanted.lower) && near(got.upper, wanted.upper), "{got} {wanted}");
        };
        let weights = [0.7; 8];
        let nps = Nps::from_tally(&tally).unwrap().interval(crate::scores::NpsMethod::Wilson, level);
        same(Weighted::nps(&column, &weights).unwrap().interval(level).unwrap(), nps);
        let share = csat(&tally, 2).unwrap().interval(crm_statistics::ProportionMethod::Wilson, level);
        same(Weighted::csat(&column, 2, &weights).unwrap().interval(level).unwrap(), share);
        let mean = Mean::from_tally(&tally).unwrap().interval(level).unwrap();
        same(Weighted::mean(&column, &weights).unwrap().interval(level).unwrap(), mean);
    }

    #[test]
    fn one_respondent_has_a_value_and_no_interval() {
        let one = Weighted::new(&[4.0], &[9.0]).unwrap();
        assert_eq!((one.value, one.standard_error, one.interval(Level::default())), (4.0, None, None));
        let text = |values: &[f64], weights: &[f64]| Weighted::new(values, weights).unwrap_err().to_string();
        assert_eq!(text(&[], &[]), "answers must not be empty");
        assert_eq!(text(&[1.0], &[0.0]), "sum of weights must be greater than 0, got 0");
        assert_eq!(
            text(&[f64::MAX, -f64::MAX], &[1.0, 1.0]),
            "size of the largest value must be at most 4.740375954054588e153, got 1.7976931348623157e308; rescale the values"
        );
    }
}
