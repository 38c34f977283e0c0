use crm_numbers::{Interval, Level};
use crm_statistics::share_interval;

use super::nps::score_limits;
use crate::change::{Change, Estimate};
use crate::error::{check_finite, check_length, check_weights, out_of_range};
use crate::{Column, Error, Survey};

/// A score of a survey in which respondents count differently: a weighted mean with its design-based error.
///
/// `value = sum(w x) / sum(w)`, `error^2 = n / (n - 1) sum(w^2 (x - value)^2) / sum(w)^2`, n the respondents with a weight
/// above 0. Weights widen the interval: the survey is worth [`effective`](Self::effective) `= sum(w)^2 / sum(w^2)`
/// respondents of equal weight, and every interval and test counts that many.
///
/// | score | interval |
/// |---|---|
/// | mean | Student's, with `effective - 1` degrees of freedom, cut at the ends of the scale |
/// | share | Wilson's, of `effective` answers |
/// | net promoter score | the score interval of [`NpsMethod::Wilson`](super::NpsMethod::Wilson), of `effective` answers |
///
/// Sources: Cochran, W. G. (1977), Sampling Techniques, equation 6.13 with a = 1; Kish, L. (1965), Survey Sampling, for
/// the effective size.
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
    /// The weighted mean.
    pub value: f64,
    /// Its standard error; for two respondents or more.
    pub standard_error: Option<f64>,
    /// How many answered with a weight above 0.
    pub answers: usize,
    /// How many respondents of equal weight would say as much.
    pub effective: f64,
    /// The smallest and the largest value that there can be; none for values without a scale.
    pub ends: Option<(f64, f64)>,
    #[cfg_attr(feature = "serde", serde(skip))]
    kind: Kind,
}

/// What a weighted mean is the mean of.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Mean,
    /// Of 1 and 0.
    Share,
    /// Of 100, 0 and -100, with the shares of the first and the last.
    Nps {
        promoters: f64,
        detractors: f64,
    },
}

/// The customer effort score of a survey with weights.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct WeightedEffort {
    /// The weighted mean answer.
    pub mean: Weighted,
    /// The weighted share of those who found it easy.
    pub agree: Weighted,
}

impl Weighted {
    /// The weighted mean of values.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotFinite`], [`Error::Empty`] without a value of any weight, [`Error::OutOfRange`] for
    /// weights below 0 or values whose sum overflows.
    pub fn new(values: &[f64], weights: &[f64]) -> Result<Self, Error> {
        check_length("weights", "values", values.len(), weights.len())?;
        check_finite("values", values)?;
        check_weights(weights)?;
        if values.is_empty() {
            return Err(Error::Empty { field: "answers".to_owned() });
        }
        let total: f64 = weights.iter().sum();
        // Shares instead of weights, so that no square of a large weight overflows. A weight of 0 is nobody.
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
            // Without the rounding of a sum, so that equal answers have no spread.
            Some((first, _)) if constant => *first,
            _ => counted.iter().map(|(value, share)| value * share).sum(),
        };
        let squares: f64 = counted.iter().map(|(x, share)| (share * (x - value)).powi(2)).sum();
        let error = (n / (n - 1.0) * squares).sqrt();
        if !value.is_finite() || (counted.len() > 1 && !error.is_finite()) {
            return Err(out_of_range("values", "be small enough to be squared", value));
        }
        let effective = 1.0 / counted.iter().map(|(_, share)| share * share).sum::<f64>();
        let standard_error = (counted.len() > 1).then_some(error);
        let answers = counted.len();
        Ok(Self { value, standard_error, answers, effective, ends: None, kind: Kind::Mean })
    }

    /// The weighted mean of a question's values; weights are one per respondent, answered or not.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn mean(column: &Column, weights: &[f64]) -> Result<Self, Error> {
        let ends = (f64::from(column.scale().min()), f64::from(column.scale().max()));
        Ok(Self::coded(column, weights, f64::from)?.on(ends))
    }

    /// The same mean of values that lie between two ends.
    pub(crate) fn on(self, ends: (f64, f64)) -> Self {
        Self { ends: Some(ends), ..self }
    }

    /// The weighted net promoter score of a question on 0 to 10, in points.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for another scale, and those of [`new`](Self::new).
    pub fn nps(column: &Column, weights: &[f64]) -> Result<Self, Error> {
        // The scale is checked where the unweighted score checks it.
        super::Nps::of(&column.tally())?;
        let code = |value: i32| match value {
            9.. => 100.0,
            7..=8 => 0.0,
            _ => -100.0,
        };
        let score = Self::coded(column, weights, code)?;
        let share = |wanted: fn(f64) -> bool| -> Result<f64, Error> {
            Ok(Self::coded(column, weights, |value| f64::from(u8::from(wanted(code(value)))))?.value)
        };
        let kind = Kind::Nps {
            promoters: share(|points| points > 0.0)?.clamp(0.0, 1.0),
            detractors: share(|points| points < 0.0)?.clamp(0.0, 1.0),
        };
        Ok(Self { value: score.value.clamp(-100.0, 100.0), ends: Some((-100.0, 100.0)), kind, ..score })
    }

    /// The weighted share of the `boxes` best answers.
    ///
    /// # Errors
    /// Those of [`csat`](super::csat) and of [`new`](Self::new).
    pub fn csat(column: &Column, boxes: usize, weights: &[f64]) -> Result<Self, Error> {
        super::csat(&column.tally(), boxes)?;
        let scale = column.scale();
        let from = i64::from(scale.max()) - boxes as i64;
        let top = |value| f64::from(u8::from(i64::from(scale.oriented(value)) > from));
        let share = Self::coded(column, weights, top)?;
        Ok(Self { value: share.value.clamp(0.0, 1.0), ends: Some((0.0, 1.0)), kind: Kind::Share, ..share })
    }

    /// The weighted customer effort score of a question; see [`Effort`](super::Effort).
    ///
    /// # Errors
    /// As [`csat`](Self::csat).
    pub fn effort(column: &Column, boxes: usize, weights: &[f64]) -> Result<WeightedEffort, Error> {
        Ok(WeightedEffort { mean: Self::mean(column, weights)?, agree: Self::csat(column, boxes, weights)? })
    }

    /// The mean of a question with the weights of its survey; all equal where the survey has none.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a question that there is not, and those of [`new`](Self::new).
    ///
    /// # Examples
    /// ```
    /// use crm_satisfaction::scores::Weighted;
    /// use crm_satisfaction::{Answer, Column, Scale, Survey};
    ///
    /// // One answer of a large region, two of a small one.
    /// let survey = Survey::new(["a", "b", "c"])
    ///     .with_column(Column::new("overall", Scale::new(1, 5)?, &[5, 2, 2].map(Answer::Value))?)?
    ///     .with_weights(&[8.0, 1.0, 1.0])?;
    /// let mean = Weighted::mean_in(&survey, "overall")?;
    /// // (8 x 5 + 2 + 2) / 10, worth 100 / 66 answers.
    /// assert!((mean.value - 4.4).abs() < 1e-12 && (mean.effective - 100.0 / 66.0).abs() < 1e-12);
    /// # Ok::<(), crm_satisfaction::Error>(())
    /// ```
    pub fn mean_in(survey: &Survey, question: &str) -> Result<Self, Error> {
        Self::mean(survey.column(question)?, &survey.weights_or_ones())
    }

    /// The net promoter score of a question with the weights of its survey.
    ///
    /// # Errors
    /// [`Error::Unknown`], and those of [`nps`](Self::nps).
    pub fn nps_in(survey: &Survey, question: &str) -> Result<Self, Error> {
        Self::nps(survey.column(question)?, &survey.weights_or_ones())
    }

    /// The share of the `boxes` best answers to a question with the weights of its survey.
    ///
    /// # Errors
    /// [`Error::Unknown`], and those of [`csat`](Self::csat).
    pub fn csat_in(survey: &Survey, question: &str, boxes: usize) -> Result<Self, Error> {
        Self::csat(survey.column(question)?, boxes, &survey.weights_or_ones())
    }

    /// The customer effort score of a question with the weights of its survey.
    ///
    /// # Errors
    /// [`Error::Unknown`], and those of [`effort`](Self::effort).
    pub fn effort_in(survey: &Survey, question: &str, boxes: usize) -> Result<WeightedEffort, Error> {
        Self::effort(survey.column(question)?, boxes, &survey.weights_or_ones())
    }

    fn coded(column: &Column, weights: &[f64], code: impl Fn(i32) -> f64) -> Result<Self, Error> {
        check_length("weights", column.name(), column.answers().len(), weights.len())?;
        let answered = column.answers().iter().zip(weights);
        let (values, weights): (Vec<f64>, Vec<f64>) =
            answered.filter_map(|(answer, &weight)| Some((code(answer.value()?), weight))).unzip();
        Self::new(&values, &weights)
    }

    /// Returns the range in which the true value lies; `None` for a mean that is worth fewer than two respondents.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        match self.kind {
            Kind::Mean => self.estimate().and_then(|estimate| estimate.interval(level)),
            Kind::Share => share_interval(self.value, self.effective, level).ok(),
            Kind::Nps { promoters, detractors } => {
                let (lower, upper) = score_limits(promoters, detractors, self.effective, level.z());
                Some(Interval::new(lower, self.value, upper, level))
            }
        }
    }

    /// Returns by how much this value exceeds that of other respondents, with Welch's test; see
    /// [`Mean::change`](super::Mean::change).
    ///
    /// Each group counts as its effective number of respondents; `None` where one is worth fewer than two.
    #[must_use]
    pub fn change(&self, before: &Self, level: Level) -> Option<Change> {
        let test = Change::welch(self.estimate()?, before.estimate()?, level)?;
        match (self.kind, before.kind) {
            (Kind::Mean, _) | (_, Kind::Mean) => Some(test),
            _ => Some(Change::of(self.interval(level)?.minus(before.interval(level)?), test.p_value)),
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
        let column = Column::new("q", Scale::zero_to_ten(), &answers).unwrap();
        let (weights, tally) = ([2.5; 8], column.tally());
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * b.abs().max(1.0), "{a} {b}");
        let nps = Nps::of(&tally).unwrap();
        let weighted = Weighted::nps(&column, &weights).unwrap();
        near(weighted.value, nps.score());
        // The design-based error divides by n - 1, the counts by n.
        near(weighted.standard_error.unwrap(), nps.standard_error() * (7.0_f64 / 6.0).sqrt());
        near(weighted.effective, 7.0);
        let (mean, plain) = (Weighted::mean(&column, &weights).unwrap(), Mean::of(&tally).unwrap());
        near(mean.value, plain.value);
        near(mean.standard_error.unwrap(), plain.standard_error.unwrap());
        near(Weighted::csat(&column, 2, &weights).unwrap().value, csat(&tally, 2).unwrap().estimate());
    }

    /// Weights that a survey has are read: those of the regions turn the score round.
    #[test]
    fn the_weights_of_a_survey_are_read() {
        let answers = [10, 10, 10, 3].map(Answer::Value);
        let column = || Column::new("q", Scale::zero_to_ten(), &answers).unwrap();
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
        let column = Column::new("q", Scale::zero_to_ten(), &answers).unwrap();
        let (tally, level) = (column.tally(), Level::default());
        let same = |got: Interval, wanted: Interval| {
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            assert!(near(got.lower, wanted.lower) && near(got.upper, wanted.upper), "{got} {wanted}");
        };
        let weights = [0.7; 8];
        let nps = Nps::of(&tally).unwrap().interval(crate::scores::NpsMethod::Wilson, level);
        same(Weighted::nps(&column, &weights).unwrap().interval(level).unwrap(), nps);
        let share = csat(&tally, 2).unwrap().interval(crm_statistics::ProportionMethod::Wilson, level);
        same(Weighted::csat(&column, 2, &weights).unwrap().interval(level).unwrap(), share);
        let mean = Mean::of(&tally).unwrap().interval(level).unwrap();
        same(Weighted::mean(&column, &weights).unwrap().interval(level).unwrap(), mean);
    }

    #[test]
    fn one_respondent_has_a_value_and_no_interval() {
        let one = Weighted::new(&[4.0], &[9.0]).unwrap();
        assert_eq!((one.value, one.standard_error, one.interval(Level::default())), (4.0, None, None));
        let text = |values: &[f64], weights: &[f64]| Weighted::new(values, weights).unwrap_err().to_string();
        assert_eq!(text(&[], &[]), "answers must hold at least one value, got 0");
        assert_eq!(text(&[1.0], &[0.0]), "sum of weights must be positive and finite, got 0");
        assert_eq!(
            text(&[f64::MAX, -f64::MAX], &[1.0, 1.0]),
            "values must be small enough to be squared, got 0"
        );
    }
}
