use std::fmt;

use crm_numbers::{Interval, Level, check};

use crate::error::Error;

use super::model::{LogisticModel, ModelTerm};
use super::moments::Moments;
use super::search::Found;
use crm_statistics::Termination;

/// A regression that was learnt, with how well it fits and how sure its coefficients are.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct LogisticFit {
    model: LogisticModel,
    left_out: Vec<Option<OmittedColumn>>,
    /// By intercept and features; 0 for those left out.
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

/// Why a column has no say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OmittedColumn {
    /// It is the same for everybody.
    Constant,
    /// It follows from the columns before it.
    Follows,
}

/// What a feature does to the odds.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Coefficient {
    /// The feature.
    pub name: String,
    /// What one standard deviation more adds to the logarithm of the odds.
    pub coefficient: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// What one standard deviation more multiplies the odds with.
    pub odds_ratio: Interval,
    /// What one unit more multiplies the odds with.
    pub odds_ratio_per_unit: Interval,
    /// How often chance alone would make a coefficient as large, were the feature without effect (Wald's test).
    pub p_value: f64,
}

impl LogisticFit {
    /// Checks that stored parts belong together.
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
        // The place of every row of the large matrix in the small one.
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

    /// The model.
    #[must_use]
    pub fn model(&self) -> &LogisticModel {
        &self.model
    }

    /// How many customers it was learnt from, and how many of them had the outcome.
    #[must_use]
    pub fn customers(&self) -> (u64, u64) {
        (self.customers, self.positives)
    }

    /// The log-likelihood, without the ridge.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    /// The log-likelihood of a model that knows only the overall rate.
    #[must_use]
    pub fn ln_likelihood_of_rate(&self) -> f64 {
        self.ln_likelihood_of_rate
    }

    /// How many steps the search took.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Why it ended.
    #[must_use]
    pub fn termination(&self) -> Termination {
        self.termination
    }

    /// Whether the score tells the outcomes of all these customers apart without a mistake: then only the ridge keeps the
    /// odds finite, and they should not be believed. Mostly a feature that was known only after the outcome.
    #[must_use]
    pub fn separated(&self) -> bool {
        self.separated
    }

    /// The features that have no say, and why.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, OmittedColumn)> {
        let terms = self.model.terms().iter().zip(&self.left_out);
        terms.filter_map(|(term, out)| Some((term.name(), (*out)?)))
    }

    /// The covariance of intercept and coefficients, row by row, `(X'WX + ridge)^-1`; 0 for features left out.
    #[must_use]
    pub fn covariance(&self) -> &[f64] {
        &self.covariance
    }

    /// What every feature that has a say does to the odds, in the order of the features, with limits
    /// `exp(b -+ z standard error)`.
    ///
    /// With a ridge the limits are those of a belief that began at 0: they are around a coefficient that was drawn
    /// towards it.
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
