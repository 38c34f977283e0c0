use std::fmt;

use crm_numbers::{Interval, Level, check};

use crate::error::Error;

use super::model::{LogisticModel, ModelTerm};
use super::moments::Moments;
use super::search::Found;
use crm_statistics::Termination;

/// A fitted logistic regression, with its likelihood and the standard errors of its coefficients.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct LogisticFit {
    model: LogisticModel,
    left_out: Vec<Option<OmittedColumn>>,
    /// Covariances by intercept and features; 0 for features left out.
    covariance: Vec<f64>,
    ln_likelihood: f64,
    ln_likelihood_of_rate: f64,
    customers: u64,
    positives: u64,
    steps: usize,
    termination: Termination,
    separated: bool,
}

crm_numbers::gate!(LogisticFit, LogisticFit::checked);

/// The reason why a column is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OmittedColumn {
    /// The column is the same for all customers.
    Constant,
    /// The column follows from the columns before it.
    Follows,
}

/// The effect of a feature on the odds.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Coefficient {
    /// Name of the feature.
    pub name: String,
    /// Change in the logarithm of the odds per standard deviation.
    pub coefficient: f64,
    /// Standard error of the coefficient.
    pub standard_error: f64,
    /// Factor of the odds per standard deviation.
    pub odds_ratio: Interval,
    /// Factor of the odds per unit of the feature.
    pub odds_ratio_per_unit: Interval,
    /// Probability of a coefficient at least as large if the feature had no effect (Wald's test).
    pub p_value: f64,
}

impl LogisticFit {
    /// Checks that stored parts are consistent.
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        let terms = self.model.terms().len();
        check::length("columns left out or not", self.left_out.len(), terms)?;
        check::length("covariances", self.covariance.len(), (terms + 1) * (terms + 1))?;
        check::finite("covariances", &self.covariance)?;
        for variance in self.covariance.iter().step_by(terms + 2) {
            check::range("variance", *variance, 0.0..)?;
        }
        check::range("log-likelihood", self.ln_likelihood, ..=0.0)?;
        check::range("log-likelihood of the rate", self.ln_likelihood_of_rate, ..=0.0)?;
        check::range("number of customers with the outcome", self.positives, ..=self.customers)?;
        Ok(self)
    }

    pub(super) fn new(
        names: &[String],
        moments: &[Moments],
        left_out: Vec<Option<OmittedColumn>>,
        found: Found,
        ln_likelihood_of_rate: f64,
        (customers, positives): (u64, u64),
    ) -> Self {
        let mut slopes = found.coefficients.iter().copied();
        let intercept = slopes.next().unwrap_or(0.0);
        let terms = names.iter().zip(moments).zip(&left_out).map(|((name, moments), out)| {
            let coefficient = if out.is_none() { slopes.next().unwrap_or(0.0) } else { 0.0 };
            ModelTerm::learnt(name, moments, coefficient)
        });
        let model = LogisticModel::learnt(intercept, terms.collect());
        // Index of every row of the large matrix in the small one.
        let mut kept = 0;
        let places: Vec<Option<usize>> = std::iter::once(&None)
            .chain(&left_out)
            .map(|out| {
                let place = out.is_none().then_some(kept);
                kept += usize::from(out.is_none());
                place
            })
            .collect();
        let cell = |row: Option<usize>, column: Option<usize>| {
            row.zip(column).and_then(|(row, column)| found.covariance.get(row * kept + column)).copied()
        };
        let covariance = places
            .iter()
            .flat_map(|&row| places.iter().map(move |&column| cell(row, column).unwrap_or(0.0)))
            .collect();
        let Found { ln_likelihood, steps, termination, separated, .. } = found;
        Self {
            model,
            left_out,
            covariance,
            ln_likelihood,
            ln_likelihood_of_rate,
            customers,
            positives,
            steps,
            termination,
            separated,
        }
    }

    /// Returns the model.
    #[must_use]
    pub fn model(&self) -> &LogisticModel {
        &self.model
    }

    /// Returns the number of customers of the fit, and the number of them with the outcome.
    #[must_use]
    pub fn customers(&self) -> (u64, u64) {
        (self.customers, self.positives)
    }

    /// Returns the log-likelihood, without the ridge penalty.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    /// Returns the log-likelihood of a model with the overall rate alone.
    #[must_use]
    pub fn ln_likelihood_of_rate(&self) -> f64 {
        self.ln_likelihood_of_rate
    }

    /// Returns the number of iterations.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Returns the reason why the iteration ended.
    #[must_use]
    pub fn termination(&self) -> Termination {
        self.termination
    }

    /// Returns whether the score separates the outcomes of all these customers without an error:
    /// then only the ridge penalty keeps the odds finite, and they should not be trusted. The usual
    /// cause is a feature that was known only after the outcome.
    #[must_use]
    pub fn separated(&self) -> bool {
        self.separated
    }

    /// Iterates over the features left out, with the reason of each.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, OmittedColumn)> {
        let terms = self.model.terms().iter().zip(&self.left_out);
        terms.filter_map(|(term, out)| Some((term.name(), (*out)?)))
    }

    /// Returns the covariance of intercept and coefficients, row by row, `(X'WX + ridge)^-1`; 0 for
    /// features left out.
    #[must_use]
    pub fn covariance(&self) -> &[f64] {
        &self.covariance
    }

    /// Returns the effect of every feature that is not left out on the odds, in the order of the
    /// features, with limits `exp(b -+ z standard error)`.
    ///
    /// With a ridge penalty the limits are those of a prior centered on 0: they lie around a
    /// coefficient that is drawn towards it.
    #[must_use]
    pub fn coefficients(&self, level: Level) -> Vec<Coefficient> {
        let size = self.model.terms().len() + 1;
        let variances = self.covariance.iter().step_by(size + 1).skip(1);
        let terms = self.model.terms().iter().zip(&self.left_out).zip(variances);
        let kept = terms.filter(|((_, out), _)| out.is_none());
        kept.map(|((term, _), variance)| {
            let (coefficient, standard_error) = (term.coefficient(), variance.sqrt());
            let ratio = |scale: f64| {
                let (ln, half) = (coefficient / scale, level.z() * standard_error / scale);
                let odds = |ln: f64| ln.exp().min(f64::MAX);
                Interval::new(odds(ln - half), odds(ln), odds(ln + half), level)
            };
            Coefficient {
                name: term.name().to_owned(),
                coefficient,
                standard_error,
                odds_ratio: ratio(1.0),
                odds_ratio_per_unit: ratio(term.deviation()),
                p_value: libm::erfc(coefficient.abs() / standard_error / std::f64::consts::SQRT_2),
            }
        })
        .collect()
    }
}

impl fmt::Display for LogisticFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { customers, positives, .. } = self;
        writeln!(
            f,
            "{customers} customers, {positives} with the outcome; ln L {:.4}, by the rate alone {:.4}",
            self.ln_likelihood, self.ln_likelihood_of_rate
        )?;
        let rows = self.coefficients(Level::default());
        let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        for Coefficient { name, odds_ratio, p_value, .. } in &rows {
            let Interval { lower, estimate, upper, .. } = odds_ratio;
            writeln!(
                f,
                "{name:<width$}  odds x {estimate:8.3} a deviation ({lower:.3} to {upper:.3})  p {p_value:.4}"
            )?;
        }
        for (name, why) in self.left_out() {
            let why = match why {
                OmittedColumn::Constant => "it is the same for everybody",
                OmittedColumn::Follows => "it follows from the columns before it",
            };
            writeln!(f, "{name} was left out: {why}")?;
        }
        if self.separated {
            writeln!(f, "take care: the features tell all outcomes apart without a mistake")?;
        }
        Ok(())
    }
}
