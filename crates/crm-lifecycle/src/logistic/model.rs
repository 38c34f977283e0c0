use super::Features;
use super::features::{LARGEST, allowed};
use super::moments::Moments;
use crate::error::Error;

/// A logistic regression: what the odds of the outcome are, given what is known of a customer.
///
/// `ln(p / (1 - p)) = intercept + sum of b (x - mean) / deviation`.
///
/// ```
/// use crm_lifecycle::logistic::{Model, Term};
///
/// // One deviation of idle time (20 days) more than the mean (30) doubles the odds; on average they are 1 to 4.
/// let idle = Term::new("idle days", 30.0, 20.0, 2.0_f64.ln())?;
/// let model = Model::new(0.25_f64.ln(), [idle])?;
/// // 50 days: odds of 2 to 4, a third.
/// assert!((model.probability(&[50.0])? - 1.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredModel", into = "StoredModel"))]
pub struct Model {
    intercept: f64,
    terms: Vec<Term>,
}

/// A feature's part in a [`Model`].
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredTerm", into = "StoredTerm"))]
pub struct Term {
    name: String,
    mean: f64,
    deviation: f64,
    coefficient: f64,
    seen: (f64, f64),
}

/// A customer's score: the odds, and what each feature adds to their logarithm.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Score {
    /// The probability of the outcome.
    pub probability: f64,
    /// The logarithm of the odds: what the contributions add up to.
    pub logit: f64,
    /// The logarithm of the odds of a customer who is average in everything.
    pub base: f64,
    /// What each feature adds, in the order of the model: above 0 towards the outcome.
    pub contributions: Vec<Contribution>,
}

/// What a feature adds to a customer's logit.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Contribution {
    /// The feature.
    pub name: String,
    /// The customer's value.
    pub value: f64,
    /// `b (value - mean) / deviation`.
    pub logit: f64,
}

impl Term {
    /// A feature with the mean and standard deviation that standardise it, and its coefficient.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless the mean lies within 1e100 of 0, the deviation in 1e-100..=1e100 and the
    /// coefficient within 1e6 of 0.
    pub fn new(name: impl Into<String>, mean: f64, deviation: f64, coefficient: f64) -> Result<Self, Error> {
        if !allowed(mean) {
            return Err(Error::range("mean", "lie in -1e100..=1e100", mean));
        }
        if !(1e-100..=LARGEST).contains(&deviation) {
            return Err(Error::range("deviation", "lie in 1e-100..=1e100", deviation));
        }
        if coefficient.is_nan() || coefficient.abs() > 1e6 {
            return Err(Error::range("coefficient", "lie in -1e6..=1e6", coefficient));
        }
        let seen = (f64::NEG_INFINITY, f64::INFINITY);
        Ok(Self { name: name.into(), mean, deviation, coefficient, seen })
    }

    /// The same with the lowest and highest value that were seen: reasons speak of values between them.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless lowest <= highest.
    pub fn with_seen(self, lowest: f64, highest: f64) -> Result<Self, Error> {
        if lowest <= highest {
            Ok(Self { seen: (lowest, highest), ..self })
        } else {
            Err(Error::range("highest value", format!("be at least the lowest, {lowest}"), highest))
        }
    }

    pub(super) fn learnt(name: &str, moments: &Moments, coefficient: f64) -> Self {
        let &Moments { mean, deviation, lowest, highest } = moments;
        // A constant column has no deviation, and no say.
        let deviation = if deviation < 1e-100 { 1.0 } else { deviation };
        let coefficient = coefficient.clamp(-1e6, 1e6);
        Self { name: name.to_owned(), mean, deviation, coefficient, seen: (lowest, highest) }
    }

    /// The feature's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        self.deviation
    }

    /// What one standard deviation more adds to the logarithm of the odds.
    #[must_use]
    pub fn coefficient(&self) -> f64 {
        self.coefficient
    }

    /// The lowest and the highest value that were seen.
    #[must_use]
    pub fn seen(&self) -> (f64, f64) {
        self.seen
    }

    /// What a value adds to the logit.
    pub(super) fn logit(&self, value: f64) -> f64 {
        self.coefficient * ((value - self.mean) / self.deviation)
    }
}

impl Model {
    /// A model from its parts, for coefficients learnt elsewhere.
    ///
    /// # Errors
    /// [`Error::Empty`] without terms, [`Error::Name`] for a name that two of them have, [`Error::OutOfRange`] unless the
    /// intercept lies within 1e6 of 0.
    pub fn new(intercept: f64, terms: impl IntoIterator<Item = Term>) -> Result<Self, Error> {
        let terms: Vec<Term> = terms.into_iter().collect();
        if terms.is_empty() {
            return Err(Error::Empty { field: "terms" });
        }
        if intercept.is_nan() || intercept.abs() > 1e6 {
            return Err(Error::range("intercept", "lie in -1e6..=1e6", intercept));
        }
        for (place, term) in terms.iter().enumerate() {
            if terms.iter().take(place).any(|other| other.name == term.name) {
                return Err(Error::Name { name: term.name.clone() });
            }
        }
        Ok(Self { intercept, terms })
    }

    pub(super) fn learnt(intercept: f64, terms: Vec<Term>) -> Self {
        Self { intercept: intercept.clamp(-1e6, 1e6), terms }
    }

    /// The logarithm of the odds of a customer who is average in everything.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The features' parts, in their order.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The logarithm of the odds of a customer, from his values in the order of the terms.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::Value`] for a value that is not finite or beyond 1e100.
    pub fn logit(&self, values: &[f64]) -> Result<f64, Error> {
        self.check(values)?;
        Ok(self.terms.iter().zip(values).fold(self.intercept, |sum, (term, value)| sum + term.logit(*value)))
    }

    /// The probability of the outcome, `1 / (1 + exp(-logit))`.
    ///
    /// # Errors
    /// As [`logit`](Self::logit).
    pub fn probability(&self, values: &[f64]) -> Result<f64, Error> {
        Ok(probability(self.logit(values)?))
    }

    /// The probability of every customer. Columns are found by their names; others are not looked at.
    ///
    /// # Errors
    /// [`Error::Missing`] for a term without a column.
    pub fn probabilities(&self, features: &Features<'_>) -> Result<Vec<f64>, Error> {
        let mut logits = vec![self.intercept; features.rows()];
        for term in &self.terms {
            let place = features.names().iter().position(|name| *name == term.name);
            let column = place.and_then(|place| features.columns().get(place));
            let column = column.ok_or_else(|| Error::Missing { name: term.name.clone() })?;
            logits.iter_mut().zip(*column).for_each(|(logit, value)| *logit += term.logit(*value));
        }
        Ok(logits.into_iter().map(probability).collect())
    }

    /// The score of a customer with what each feature adds to it.
    ///
    /// ```
    /// use crm_lifecycle::logistic::{Model, Term};
    ///
    /// let model = Model::new(-1.0, [Term::new("idle", 30.0, 20.0, 0.5)?, Term::new("orders", 4.0, 2.0, -0.25)?])?;
    /// let score = model.score(&[70.0, 6.0])?;
    /// // -1 for the average customer, + 0.5 x 2 for the idle time, - 0.25 x 1 for the orders.
    /// assert_eq!(score.logit, -0.25);
    /// let parts: Vec<f64> = score.contributions.iter().map(|part| part.logit).collect();
    /// assert_eq!(parts, [1.0, -0.25]);
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`logit`](Self::logit).
    pub fn score(&self, values: &[f64]) -> Result<Score, Error> {
        let logit = self.logit(values)?;
        let contributions = self.terms.iter().zip(values).map(|(term, &value)| Contribution {
            name: term.name.clone(),
            value,
            logit: term.logit(value),
        });
        let contributions = contributions.collect();
        Ok(Score { probability: probability(logit), logit, base: self.intercept, contributions })
    }

    fn check(&self, values: &[f64]) -> Result<(), Error> {
        let (expected, got) = (self.terms.len(), values.len());
        if got != expected {
            return Err(Error::Length { field: "values", other: "terms", expected, got });
        }
        match self.terms.iter().zip(values).find(|(_, value)| !allowed(**value)) {
            None => Ok(()),
            Some((term, &value)) => Err(Error::Value { name: term.name.clone(), row: 0, value }),
        }
    }
}

fn probability(logit: f64) -> f64 {
    let small = (-logit.abs()).exp();
    if logit < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredModel {
    intercept: f64,
    terms: Vec<Term>,
}

#[cfg(feature = "serde")]
impl TryFrom<StoredModel> for Model {
    type Error = Error;

    fn try_from(stored: StoredModel) -> Result<Self, Error> {
        Self::new(stored.intercept, stored.terms)
    }
}

#[cfg(feature = "serde")]
impl From<Model> for StoredModel {
    fn from(model: Model) -> Self {
        Self { intercept: model.intercept, terms: model.terms }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredTerm {
    name: String,
    mean: f64,
    deviation: f64,
    coefficient: f64,
    /// `None` where the range is not known.
    #[serde(default)]
    seen: Option<(f64, f64)>,
}

#[cfg(feature = "serde")]
impl TryFrom<StoredTerm> for Term {
    type Error = Error;

    fn try_from(stored: StoredTerm) -> Result<Self, Error> {
        let StoredTerm { name, mean, deviation, coefficient, seen } = stored;
        let term = Self::new(name, mean, deviation, coefficient)?;
        match seen {
            None => Ok(term),
            Some((lowest, highest)) => term.with_seen(lowest, highest),
        }
    }
}

#[cfg(feature = "serde")]
impl From<Term> for StoredTerm {
    fn from(term: Term) -> Self {
        let Term { name, mean, deviation, coefficient, seen } = term;
        Self { name, mean, deviation, coefficient, seen: seen.0.is_finite().then_some(seen) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_field_and_value() {
        let text = |mean, deviation, coefficient| {
            Term::new("x", mean, deviation, coefficient).unwrap_err().to_string()
        };
        assert_eq!(text(f64::NAN, 1.0, 1.0), "mean must lie in -1e100..=1e100, got NaN");
        assert_eq!(text(0.0, 0.0, 1.0), "deviation must lie in 1e-100..=1e100, got 0");
        assert_eq!(text(0.0, 1.0, 1e7), "coefficient must lie in -1e6..=1e6, got 10000000");
        let term = Term::new("x", 0.0, 1.0, 1.0).unwrap();
        assert_eq!(
            term.clone().with_seen(2.0, 1.0).unwrap_err().to_string(),
            "highest value must be at least the lowest, 2, got 1"
        );
        assert_eq!(Model::new(0.0, []).unwrap_err().to_string(), "terms must hold at least one value, got 0");
        let twice = Model::new(0.0, [term.clone(), term.clone()]).unwrap_err().to_string();
        assert_eq!(twice, "names of columns must differ, got x twice");
        let model = Model::new(0.0, [term]).unwrap();
        assert_eq!(model.logit(&[]).unwrap_err().to_string(), "values must be as many as terms (1), got 0");
        let refused = model.logit(&[f64::INFINITY]).unwrap_err().to_string();
        assert_eq!(refused, "column x must hold finite numbers up to 1e100 in size, got inf in row 0");
        let column = [1.0];
        let features = Features::new([("y", &column[..])]).unwrap();
        assert_eq!(model.probabilities(&features).unwrap_err().to_string(), "there must be a column x");
    }

    #[test]
    fn the_surest_scores_are_probabilities() {
        let term = Term::new("x", 0.0, 1e-100, 1e6).unwrap();
        let model = Model::new(0.0, [term]).unwrap();
        assert_eq!(
            [-1e100, 0.0, 1e100].map(|value| model.probability(&[value]).unwrap().to_bits()),
            [0.0_f64, 0.5, 1.0].map(f64::to_bits)
        );
    }
}
