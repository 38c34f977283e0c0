use super::Features;
use super::fitted::{LogisticFit, OmittedColumn};
use super::kernel::{Data, Standard};
use super::moments::Moments;
use super::search::{Rate, Search};
use crate::error::Error;
use crm_numbers::check;

/// Options of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct LogisticOptions {
    ridge: f64,
    max_iterations: usize,
}

crm_numbers::gate!(LogisticOptions, LogisticOptions::checked);

impl Default for LogisticOptions {
    /// Returns the default options: a ridge penalty of 1, at most 100 iterations.
    fn default() -> Self {
        Self { ridge: 1.0, max_iterations: 100 }
    }
}

impl LogisticOptions {
    /// Returns the options with another ridge penalty, which draws coefficients towards 0; a
    /// penalty of 0 is plain maximum likelihood.
    ///
    /// A penalty of 1 counts about as much as one customer; the parameter `C` of other packages is
    /// 1 over it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless `0 <= ridge <= 1e12`.
    pub fn with_ridge(self, ridge: f64) -> Result<Self, Error> {
        Self { ridge, ..self }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("ridge penalty", self.ridge, 0.0..=1e12)?;
        check::range("maximum number of iterations", self.max_iterations, 1..)?;
        Ok(self)
    }

    /// Returns the options with another limit of iterations, at least one.
    #[must_use]
    pub fn with_max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    /// Returns the ridge penalty.
    #[must_use]
    pub fn ridge(&self) -> f64 {
        self.ridge
    }

    /// Returns the maximum number of iterations.
    #[must_use]
    pub fn max_iterations(&self) -> usize {
        self.max_iterations
    }
}

/// Fits a logistic regression of an outcome on features, to customers whose outcome is known.
///
/// Columns without information are left out, with coefficient 0: constant ones, and each that
/// follows from the columns before it (less than 1e-9 of its variance is its own).
/// [`LogisticFit::left_out`] names them.
///
/// # Formula
///
/// `ln(p / (1 - p)) = b0 + sum of b (x - mean) / deviation`.
///
/// The coefficients maximize `sum of ln P(outcome) - ridge / 2 sum of b^2`; `b0` is not penalized.
///
/// `p` is the probability of the outcome; `x` is a feature; `mean` and `deviation` are the mean and
/// the standard deviation (over n) of its column, so that coefficients are comparable with each
/// other; `b` is the coefficient per standard deviation. The maximum is found by Newton's method
/// with exact second derivatives; a step without a gain is halved. It is unique and does not depend
/// on the start.
///
/// # Errors
///
/// [`Error::Input`] if there is not one outcome per customer; [`Error::OneOutcome`] if all
/// customers or none had the outcome; and, without a ridge penalty, [`Error::Separated`] if some
/// features separate the outcomes without an error: then the likelihood has no maximum.
///
/// # References
///
/// Cox, D. R. (1958), "The Regression Analysis of Binary Sequences", Journal of the Royal
/// Statistical Society B 20, 215-242; le Cessie, S. and van Houwelingen, J. C. (1992), "Ridge
/// Estimators in Logistic Regression", Applied Statistics 41, 191-201, for the ridge.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::logistic::{Features, LogisticOptions, fit};
///
/// let idle = [5.0, 60.0, 20.0, 90.0, 12.0, 75.0, 40.0, 33.0];
/// let lost = [false, true, false, true, false, false, true, false];
/// let features = Features::new([("idle days", &idle[..])])?;
/// let fitted = fit(&features, &lost, &LogisticOptions::default())?;
/// // On average the model is right: the probabilities add up to the three who were lost.
/// let expected: f64 = fitted.model().probabilities(&features)?.iter().sum();
/// assert!((expected - 3.0).abs() < 1e-9);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
pub fn fit(
    features: &Features<'_>,
    outcomes: &[bool],
    options: &LogisticOptions,
) -> Result<LogisticFit, Error> {
    learn(features, outcomes, None, options)
}

/// Fits a logistic regression to weighted customers: a customer of weight 2 represents two
/// customers; see [`fit`].
///
/// # Errors
///
/// Fails like [`fit`], and with [`Error::Input`] for a weight outside 0..=1e12 or if all customers
/// with, or all without, the outcome have weight 0.
pub fn fit_weighted(
    features: &Features<'_>,
    outcomes: &[bool],
    weights: &[f64],
    options: &LogisticOptions,
) -> Result<LogisticFit, Error> {
    check::length("weights", weights.len(), features.rows())?;
    check::range_of_all("weights", weights, 0.0..=1e12)?;
    learn(features, outcomes, Some(weights), options)
}

/// Share of its own variance below which a column counts as following from the others, up to
/// rounding.
const OWN_SHARE: f64 = 1e-9;

fn learn(
    features: &Features<'_>,
    outcomes: &[bool],
    weights: Option<&[f64]>,
    options: &LogisticOptions,
) -> Result<LogisticFit, Error> {
    let rows = features.rows();
    options.checked()?;
    check::length("outcomes", outcomes.len(), rows)?;
    let positives = outcomes.iter().filter(|outcome| **outcome).count() as u64;
    let (all, with) = mass(outcomes, weights);
    if with <= 0.0 || with >= all {
        return Err(Error::OneOutcome { name: "outcomes", positives, items: rows as u64 });
    }
    let moments = Moments::of(features, weights, all);
    let constant = |moments: &Moments| moments.constant().then_some(OmittedColumn::Constant);
    let mut left_out: Vec<Option<OmittedColumn>> = moments.iter().map(constant).collect();
    let without = all - with;
    let rate = Rate {
        logit: (with / without).ln(),
        ln_likelihood: with * (with / all).ln() + without * (without / all).ln(),
        information: with / all * without,
    };
    let search = |left_out: &[Option<OmittedColumn>]| {
        let columns = features.columns().iter().zip(&moments).zip(left_out);
        let kept = columns.filter(|(_, out)| out.is_none()).map(|((column, moments), _)| Standard {
            column,
            mean: moments.mean,
            scale: 1.0 / moments.deviation,
        });
        Search::new(Data { columns: kept.collect(), outcomes, weights }, options.ridge, rate)
    };
    let mut first = search(&left_out);
    // While all customers have the average probability, the information holds the correlations of
    // the columns.
    let dependent = first.dependent(OWN_SHARE);
    if !dependent.is_empty() {
        let kept = left_out.iter_mut().filter(|out| out.is_none());
        for (_, out) in kept.enumerate().filter(|(place, _)| dependent.contains(place)) {
            *out = Some(OmittedColumn::Follows);
        }
        first = search(&left_out);
    }
    let found = first.climb(options).map_err(|place| {
        let kept = features.names().iter().zip(&left_out).filter(|(_, out)| out.is_none());
        let name = kept.map(|(name, _)| name.clone()).nth(place).unwrap_or_default();
        Error::Separated { name }
    })?;
    Ok(LogisticFit::new(
        features.names(),
        &moments,
        left_out,
        found,
        rate.ln_likelihood,
        (rows as u64, positives),
    ))
}

/// Returns the total weight of all customers, and of those with the outcome.
fn mass(outcomes: &[bool], weights: Option<&[f64]>) -> (f64, f64) {
    let mut sums = (0.0, 0.0);
    for (row, outcome) in outcomes.iter().enumerate() {
        let weight = weights.map_or(1.0, |weights| weights.get(row).copied().unwrap_or(0.0));
        sums.0 += weight;
        sums.1 += if *outcome { weight } else { 0.0 };
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_field_and_value() {
        let column = [1.0, 2.0, 3.0, 4.0];
        let features = Features::new([("x", &column[..])]).unwrap();
        let options = LogisticOptions::default();
        let text = |outcomes: &[bool]| fit(&features, outcomes, &options).unwrap_err().to_string();
        assert_eq!(text(&[true]), "expected 4 outcomes, got 1");
        assert_eq!(text(&[true; 4]), "outcomes must include both true and false, got 4 true of 4");
        let outcomes = [true, false, true, false];
        let text =
            |weights: &[f64]| fit_weighted(&features, &outcomes, weights, &options).unwrap_err().to_string();
        assert_eq!(text(&[1.0]), "expected 4 weights, got 1");
        assert_eq!(text(&[1.0, 1.0, 1.0, -1.0]), "weights[3] must be between 0 and 1000000000000, got -1");
        assert_eq!(text(&[0.0, 1.0, 0.0, 1.0]), "outcomes must include both true and false, got 2 true of 4");
        assert_eq!(
            options.with_ridge(-1.0).unwrap_err().to_string(),
            "ridge penalty must be between 0 and 1000000000000, got -1"
        );
    }
}
