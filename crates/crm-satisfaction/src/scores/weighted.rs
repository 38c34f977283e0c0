use crm_statistics::{Interval, Level};

use crate::change::Change;
use crate::error::{check_finite, check_length, check_weights, out_of_range};
use crate::{Column, Error};

/// A score of a survey in which respondents count differently: a weighted mean with its design-based error.
///
/// `value = sum(w x) / sum(w)`, `error^2 = n / (n - 1) sum(w^2 (x - value)^2) / sum(w)^2`. Weights widen the interval:
/// the survey is worth [`effective`](Self::effective) `= sum(w)^2 / sum(w^2)` respondents of equal weight.
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
    /// How many answered.
    pub answers: usize,
    /// How many respondents of equal weight would say as much.
    pub effective: f64,
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
        let n = values.len() as f64;
        if values.is_empty() {
            return Err(Error::Empty { field: "answers".to_owned() });
        }
        let total: f64 = weights.iter().sum();
        // Shares instead of weights, so that no square of a large weight overflows.
        let shares = || weights.iter().map(|weight| weight / total);
        let value: f64 = values.iter().zip(shares()).map(|(value, share)| value * share).sum();
        let squares: f64 = values.iter().zip(shares()).map(|(x, share)| (share * (x - value)).powi(2)).sum();
        let error = (n / (n - 1.0) * squares).sqrt();
        if !value.is_finite() || (values.len() > 1 && !error.is_finite()) {
            return Err(out_of_range("values", "be small enough to be squared", value));
        }
        let effective = 1.0 / shares().map(|share| share * share).sum::<f64>();
        let standard_error = (values.len() > 1).then_some(error);
        Ok(Self { value, standard_error, answers: values.len(), effective })
    }

    /// The weighted mean of a question's values; weights are one a respondent, answered or not.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn mean(column: &Column, weights: &[f64]) -> Result<Self, Error> {
        Self::coded(column, weights, f64::from)
    }

    /// The weighted net promoter score of a question on 0 to 10, in points.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for another scale, and those of [`new`](Self::new).
    pub fn nps(column: &Column, weights: &[f64]) -> Result<Self, Error> {
        // The scale is checked where the unweighted score checks it.
        super::Nps::of(&column.tally())?;
        Self::coded(column, weights, |value| match value {
            9.. => 100.0,
            7..=8 => 0.0,
            _ => -100.0,
        })
    }

    /// The weighted share of the `boxes` best answers.
    ///
    /// # Errors
    /// Those of [`csat`](super::csat) and of [`new`](Self::new).
    pub fn csat(column: &Column, boxes: usize, weights: &[f64]) -> Result<Self, Error> {
        super::csat(&column.tally(), boxes)?;
        let scale = column.scale();
        let from = i64::from(scale.max()) - boxes as i64;
        Self::coded(column, weights, |value| f64::from(u8::from(i64::from(scale.oriented(value)) > from)))
    }

    fn coded(column: &Column, weights: &[f64], code: impl Fn(i32) -> f64) -> Result<Self, Error> {
        check_length("weights", column.name(), column.answers().len(), weights.len())?;
        let answered = column.answers().iter().zip(weights);
        let (values, weights): (Vec<f64>, Vec<f64>) =
            answered.filter_map(|(answer, &weight)| Some((code(answer.value()?), weight))).unzip();
        Self::new(&values, &weights)
    }

    /// The range in which the true value lies, by the normal distribution; `None` for one respondent.
    #[must_use]
    pub fn interval(&self, level: Level) -> Option<Interval> {
        let half = level.z() * self.standard_error?;
        Some(Interval::new(self.value - half, self.value, self.value + half, level))
    }

    /// By how much this value exceeds that of other respondents; `None` where one has a single respondent.
    #[must_use]
    pub fn change(&self, before: &Self, level: Level) -> Option<Change> {
        let error = self.standard_error?.hypot(before.standard_error?);
        Some(Change::normal(self.value - before.value, error, level))
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
