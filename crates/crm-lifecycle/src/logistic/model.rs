use super::Features;
use super::features::LARGEST;
use super::moments::Moments;
use crate::error::Error;
use crm_numbers::check;

/// A logistic regression: the odds of an outcome, given the features of a customer.
///
/// # Formula
///
/// `ln(p / (1 - p)) = intercept + sum of b (x - mean) / deviation`.
///
/// `p` is the probability of the outcome; `x` is the value of a feature; `mean` and `deviation`
/// standardize it; `b` is its coefficient.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::logistic::{LogisticModel, ModelTerm};
///
/// // One deviation of idle time (20 days) more than the mean (30) doubles the odds; on average they are 1 to 4.
/// let idle = ModelTerm::new("idle days", 30.0, 20.0, 2.0_f64.ln())?;
/// let model = LogisticModel::new(0.25_f64.ln(), [idle])?;
/// // 50 days: odds of 2 to 4, a third.
/// assert!((model.probability(&[50.0])? - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct LogisticModel {
    intercept: f64,
    terms: Vec<ModelTerm>,
}

crm_numbers::gate!(LogisticModel, LogisticModel::checked);

/// The term of a feature in a [`LogisticModel`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct ModelTerm {
    name: String,
    mean: f64,
    deviation: f64,
    coefficient: f64,
    /// Range of the observed values; `None` if it is not known.
    #[cfg_attr(feature = "serde", serde(default))]
    lowest: Option<f64>,
    #[cfg_attr(feature = "serde", serde(default))]
    highest: Option<f64>,
}

crm_numbers::gate!(ModelTerm, ModelTerm::checked);

/// A customer's score: the odds, and the contribution of each feature to their logarithm.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct LogisticScore {
    /// Probability of the outcome.
    pub probability: f64,
    /// Logarithm of the odds: the sum of the base and the contributions.
    pub logit: f64,
    /// Logarithm of the odds of a customer with the mean of every feature.
    pub base: f64,
    /// Contribution of each feature, in the order of the model: positive towards the outcome.
    pub contributions: Vec<Contribution>,
}

/// The contribution of a feature to a customer's logit.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Contribution {
    /// Name of the feature.
    pub name: String,
    /// Value of the customer.
    pub value: f64,
    /// Contribution, `b (value - mean) / deviation`.
    pub logit: f64,
}

impl ModelTerm {
    /// Creates a term from a feature's mean and standard deviation, which standardize it, and its
    /// coefficient.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the mean lies within 1e100 of 0, the deviation in 1e-100..=1e100 and
    /// the coefficient within 1e6 of 0.
    pub fn new(name: impl Into<String>, mean: f64, deviation: f64, coefficient: f64) -> Result<Self, Error> {
        Self { name: name.into(), mean, deviation, coefficient, lowest: None, highest: None }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("mean", self.mean, -LARGEST..=LARGEST)?;
        check::range("standard deviation", self.deviation, 1e-100..=LARGEST)?;
        check::range("coefficient", self.coefficient, -1e6..=1e6)?;
        if let (Some(lowest), Some(highest)) = (self.lowest, self.highest) {
            check::range("lowest value", lowest, ..)?;
            check::range("highest value", highest, lowest..)?;
        }
        Ok(self)
    }

    /// Returns the term with the lowest and highest observed value: reasons are limited to values
    /// between them.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless `lowest <= highest`.
    pub fn with_seen(self, lowest: f64, highest: f64) -> Result<Self, Error> {
        Self { lowest: Some(lowest), highest: Some(highest), ..self }.checked()
    }

    pub(super) fn learnt(name: &str, moments: &Moments, coefficient: f64) -> Self {
        let &Moments { mean, deviation, lowest, highest } = moments;
        // A constant column has no deviation, and no effect.
        let deviation = if deviation < 1e-100 { 1.0 } else { deviation };
        let coefficient = coefficient.clamp(-1e6, 1e6);
        Self {
            name: name.to_owned(),
            mean,
            deviation,
            coefficient,
            lowest: Some(lowest),
            highest: Some(highest),
        }
    }

    /// Returns the name of the feature.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Returns the standard deviation.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        self.deviation
    }

    /// Returns the change in the logarithm of the odds per standard deviation.
    #[must_use]
    pub fn coefficient(&self) -> f64 {
        self.coefficient
    }

    /// Returns the lowest and the highest observed value.
    #[must_use]
    pub fn seen(&self) -> (f64, f64) {
        (self.lowest.unwrap_or(f64::NEG_INFINITY), self.highest.unwrap_or(f64::INFINITY))
    }

    /// Returns the contribution of a value to the logit.
    pub(super) fn logit(&self, value: f64) -> f64 {
        self.coefficient * ((value - self.mean) / self.deviation)
    }
}

impl LogisticModel {
    /// Creates a model from its parts, for coefficients from other sources.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without terms, for a repeated name, and unless the intercept lies within
    /// 1e6 of 0.
    pub fn new(intercept: f64, terms: impl IntoIterator<Item = ModelTerm>) -> Result<Self, Error> {
        let terms: Vec<ModelTerm> = terms.into_iter().collect();
        Self { intercept, terms }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::not_empty("terms", &self.terms)?;
        check::names("names of terms", &self.terms.iter().map(ModelTerm::name).collect::<Vec<_>>())?;
        check::range("intercept", self.intercept, -1e6..=1e6)?;
        Ok(self)
    }

    pub(super) fn learnt(intercept: f64, terms: Vec<ModelTerm>) -> Self {
        Self { intercept: intercept.clamp(-1e6, 1e6), terms }
    }

    /// Returns the logarithm of the odds of a customer with the mean of every feature.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Returns the terms of the features, in their order.
    #[must_use]
    pub fn terms(&self) -> &[ModelTerm] {
        &self.terms
    }

    /// Returns the logarithm of the odds of a customer, given their values in the order of the
    /// terms.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a number of values other than that of the terms, or a value that is not
    /// finite or beyond 1e100.
    pub fn logit(&self, values: &[f64]) -> Result<f64, Error> {
        self.check(values)?;
        Ok(self.terms.iter().zip(values).fold(self.intercept, |sum, (term, value)| sum + term.logit(*value)))
    }

    /// Returns the probability of the outcome, `1 / (1 + exp(-logit))`.
    ///
    /// # Errors
    ///
    /// Fails like [`logit`](Self::logit).
    pub fn probability(&self, values: &[f64]) -> Result<f64, Error> {
        Ok(probability(self.logit(values)?))
    }

    /// Returns the probability of every customer. Columns are found by their names; others are
    /// ignored.
    ///
    /// # Errors
    ///
    /// [`Error::MissingColumn`] for a term without a column.
    pub fn probabilities(&self, features: &Features<'_>) -> Result<Vec<f64>, Error> {
        let mut logits = vec![self.intercept; features.rows()];
        for term in &self.terms {
            let place = features.names().iter().position(|name| *name == term.name);
            let column = place.and_then(|place| features.columns().get(place));
            let column = column.ok_or_else(|| Error::MissingColumn { name: term.name.clone() })?;
            logits.iter_mut().zip(*column).for_each(|(logit, value)| *logit += term.logit(*value));
        }
        Ok(logits.into_iter().map(probability).collect())
    }

    /// Returns the score of a customer with the contribution of each feature.
    ///
    /// # Errors
    ///
    /// Fails like [`logit`](Self::logit).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::logistic::{LogisticModel, ModelTerm};
    ///
    /// let model = LogisticModel::new(-1.0, [ModelTerm::new("idle", 30.0, 20.0, 0.5)?, ModelTerm::new("orders", 4.0, 2.0, -0.25)?])?;
    /// let score = model.score(&[70.0, 6.0])?;
    /// // -1 for the average customer, + 0.5 x 2 for the idle time, - 0.25 x 1 for the orders.
    /// assert_eq!(score.logit, -0.25);
    /// let parts: Vec<f64> = score.contributions.iter().map(|part| part.logit).collect();
    /// assert_eq!(parts, [1.0, -0.25]);
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn score(&self, values: &[f64]) -> Result<LogisticScore, Error> {
        let logit = self.logit(values)?;
        let contributions = self.terms.iter().zip(values).map(|(term, &value)| Contribution {
            name: term.name.clone(),
            value,
            logit: term.logit(value),
        });
        let contributions = contributions.collect();
        Ok(LogisticScore { probability: probability(logit), logit, base: self.intercept, contributions })
    }

    fn check(&self, values: &[f64]) -> Result<(), Error> {
        check::length("values", values.len(), self.terms.len())?;
        for (term, &value) in self.terms.iter().zip(values) {
            check::range(format!("value of {:?}", term.name), value, -LARGEST..=LARGEST)?;
        }
        Ok(())
    }
}

fn probability(logit: f64) -> f64 {
    let small = (-logit.abs()).exp();
    if logit < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_field_and_value() {
        let text = |mean, deviation, coefficient| {
            ModelTerm::new("x", mean, deviation, coefficient).unwrap_err().to_string()
        };
        assert_eq!(text(f64::NAN, 1.0, 1.0), "mean must be between -1e100 and 1e100, got NaN");
        assert_eq!(text(0.0, 0.0, 1.0), "standard deviation must be between 1e-100 and 1e100, got 0");
        assert_eq!(text(0.0, 1.0, 1e7), "coefficient must be between -1000000 and 1000000, got 10000000");
        let term = ModelTerm::new("x", 0.0, 1.0, 1.0).unwrap();
        assert_eq!(
            term.clone().with_seen(2.0, 1.0).unwrap_err().to_string(),
            "highest value must be at least 2, got 1"
        );
        assert_eq!(LogisticModel::new(0.0, []).unwrap_err().to_string(), "terms must not be empty");
        let twice = LogisticModel::new(0.0, [term.clone(), term.clone()]).unwrap_err().to_string();
        assert_eq!(twice, r#"names of terms[1] repeats "x""#);
        let model = LogisticModel::new(0.0, [term]).unwrap();
        assert_eq!(model.logit(&[]).unwrap_err().to_string(), "expected 1 values, got 0");
        let refused = model.logit(&[f64::INFINITY]).unwrap_err().to_string();
        assert_eq!(refused, r#"value of "x" must be between -1e100 and 1e100, got inf"#);
        let column = [1.0];
        let features = Features::new([("y", &column[..])]).unwrap();
        assert_eq!(
            model.probabilities(&features).unwrap_err().to_string(),
            r#"the features have no column "x""#
        );
    }

    #[test]
    fn the_surest_scores_are_probabilities() {
        let term = ModelTerm::new("x", 0.0, 1e-100, 1e6).unwrap();
        let model = LogisticModel::new(0.0, [term]).unwrap();
        assert_eq!(
            [-1e100, 0.0, 1e100].map(|value| model.probability(&[value]).unwrap().to_bits()),
            [0.0_f64, 0.5, 1.0].map(f64::to_bits)
        );
    }
}
