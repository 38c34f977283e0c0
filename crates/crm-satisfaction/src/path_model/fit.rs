use std::fmt;

#[cfg(doc)]
use crm_numbers::InputError;
use crm_numbers::check;

use super::PathModel;
use super::estimate::Estimate;
use super::model::Latent;
use crate::error::check_squarable;
use crate::linear::Symmetric;
use crate::{Error, Survey};

/// A fitted path model.
///
/// See the [module](crate::path_model) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct PathModelFit {
    pub(super) model: PathModel,
    pub(super) estimate: Estimate,
    pub(super) means: Vec<f64>,
    pub(super) deviations: Vec<f64>,
    /// Correlations of all items.
    pub(super) items: Symmetric,
    respondents: usize,
    paths: Vec<PathCoefficient>,
    loadings: Vec<Loading>,
    latents: Vec<LatentSummary>,
}

/// The coefficient of a path between two latent variables, in standard deviations of both.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PathCoefficient {
    /// Latent variable at the start of the path.
    pub from: String,
    /// Latent variable at the end of the path.
    pub to: String,
    /// Coefficient.
    pub value: f64,
}

/// The weight and the loading of an item.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Loading {
    /// Latent variable that the item measures.
    pub latent: String,
    /// Name of the item.
    pub item: String,
    /// Weight of the standardized item in the score.
    pub weight: f64,
    /// Correlation of the item with the score; below 0.7 in size, the item shares less than half of
    /// its variance with the score.
    pub loading: f64,
    /// Whether the loading is negative, as of an item that is worded in the opposite direction of
    /// its block.
    pub against: bool,
}

/// The measurement quality and the R2 of a latent variable.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LatentSummary {
    /// Name of the latent variable.
    pub name: String,
    /// Number of items that measure it.
    pub items: usize,
    /// Share of its variance that the paths to it explain; `None` without a path to it.
    pub r_squared: Option<f64>,
    /// Average variance extracted: the mean of the squared loadings; should be at least 0.5.
    pub ave: f64,
    /// Composite reliability, with items of negative loading reversed; should be at least 0.7.
    /// `None` for a single item.
    pub composite_reliability: Option<f64>,
    /// Cronbach's alpha of the standardized items, those of negative loading reversed; should be at
    /// least 0.7. `None` for a single item.
    pub alpha: Option<f64>,
}

/// Returns the average variance extracted: the mean of the squared loadings of the items of a
/// latent variable.
///
/// Loadings are correlations; `None` if one is not, and without loadings.
///
/// # References
///
/// Fornell, C. and Larcker, D. F. (1981), "Evaluating Structural Equation Models with Unobservable
/// Variables and Measurement Error", Journal of Marketing Research 18, 39-50.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::path_model::average_variance_extracted;
///
/// // (0.64 + 0.36) / 2
/// assert_eq!(average_variance_extracted(&[0.8, 0.6]), Some(0.5));
/// // A loading is a correlation.
/// assert_eq!(average_variance_extracted(&[0.8, 6.0]), None);
/// ```
#[must_use]
pub fn average_variance_extracted(loadings: &[f64]) -> Option<f64> {
    if !are_correlations(loadings) {
        return None;
    }
    let sum: f64 = loadings.iter().map(|loading| loading * loading).sum();
    (!loadings.is_empty()).then(|| sum / loadings.len() as f64)
}

/// Returns the composite reliability of items, also known as Dillon-Goldstein's or Joreskog's rho.
///
/// Loadings are correlations; `None` if one is not, and without loadings. Items that are worded in
/// the opposite direction have negative loadings and must be reversed first: the rho of 0.8 and
/// -0.8 is 0.
///
/// # Formula
///
/// `rho = (sum of loadings)^2 / ((sum of loadings)^2 + sum of (1 - loading^2))`
///
/// # References
///
/// Fornell, C. and Larcker, D. F. (1981), equation 10.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::path_model::composite_reliability;
///
/// // (0.8 + 0.6)^2 = 1.96; the items' own variances are 0.36 + 0.64 = 1.
/// assert_eq!(composite_reliability(&[0.8, 0.6]), Some(1.96 / 2.96));
/// ```
#[must_use]
pub fn composite_reliability(loadings: &[f64]) -> Option<f64> {
    if !are_correlations(loadings) {
        return None;
    }
    let common = loadings.iter().sum::<f64>().powi(2);
    let own: f64 = loadings.iter().map(|loading| 1.0 - loading * loading).sum();
    Some(common / (common + own)).filter(|rho| rho.is_finite())
}

/// Returns whether all are between -1 and 1, up to rounding.
fn are_correlations(loadings: &[f64]) -> bool {
    const ROUNDING: f64 = 1e-9;
    loadings.iter().all(|loading| loading.abs() <= 1.0 + ROUNDING)
}

impl PathModel {
    /// Fits the model to answers, one row per respondent with the items in the order of
    /// [`items`](Self::items).
    ///
    /// Scores are oriented so that the sum of the loadings of a block is positive; if they nearly
    /// cancel, so that the loading of its first item is. [`Loading::against`] marks items with a
    /// negative loading.
    ///
    /// # Errors
    ///
    /// [`InputError::Length`] for an incomplete row; [`InputError::Range`] for fewer than three
    /// respondents and for answers that are not finite or greater than 1e100 in size;
    /// [`Error::Constant`] for an item or a score that does not vary, [`Error::Collinear`] for a
    /// latent variable that follows from others, [`Error::NotConverged`].
    pub fn fit(&self, rows: &[f64]) -> Result<PathModelFit, Error> {
        let width = self.items.len();
        let respondents = rows.len() / width;
        check::length(format!("answers in rows of {width}"), rows.len(), rows.len().div_ceil(width) * width)?;
        check::range("complete respondents", respondents, 3..)?;
        check_squarable("answers", rows)?;
        let (means, covariance) = Symmetric::covariance(rows, width, None);
        let estimate = self.estimate(&means, &covariance)?;
        let items = covariance.correlation(&means, &self.items)?;
        let deviations = (0..width).map(|j| covariance.get(j, j).max(0.0).sqrt()).collect();
        Ok(PathModelFit::new(self.clone(), estimate, (means, deviations, items), respondents))
    }

    /// Fits the model to the respondents of a survey who answered all items.
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`] for an item that the survey does not have, and the errors of
    /// [`fit`](Self::fit).
    pub fn fit_survey(&self, survey: &Survey) -> Result<PathModelFit, Error> {
        self.fit(survey.complete_rows(&self.items)?.values())
    }
}

/// Returns Cronbach's alpha of the items from `first` on, reversed by the signs of their loadings:
/// `k r / (1 + (k - 1) r)`, `r` the mean correlation of `k` items.
fn alpha(items: &Symmetric, loadings: &[f64], first: usize) -> Option<f64> {
    let k = loadings.len() as f64;
    let mut sum = 0.0;
    for (i, one) in loadings.iter().enumerate() {
        for (j, other) in loadings.iter().enumerate().take(i) {
            sum += items.get(first + i, first + j) * one.signum() * other.signum();
        }
    }
    let mean = sum / (k * (k - 1.0) / 2.0);
    let alpha = k * mean / (1.0 + (k - 1.0) * mean);
    (loadings.len() > 1).then_some(alpha).filter(|alpha| alpha.is_finite())
}

impl PathModelFit {
    #[allow(clippy::indexing_slicing, reason = "blocks are ranges of items")]
    fn new(
        model: PathModel,
        estimate: Estimate,
        (means, deviations, items): (Vec<f64>, Vec<f64>, Symmetric),
        respondents: usize,
    ) -> Self {
        let path = |((from, to), &value): ((&str, &str), &f64)| PathCoefficient {
            from: from.to_owned(),
            to: to.to_owned(),
            value,
        };
        let paths = model.paths().zip(&estimate.paths).map(path).collect();
        let measured = model.items.iter().zip(&estimate.weights).zip(&estimate.loadings);
        let owners = model.latents.iter().flat_map(|latent| latent.block().map(|_| latent.name.clone()));
        let loadings: Vec<Loading> = owners
            .zip(measured)
            .map(|(latent, ((item, &weight), &loading))| Loading {
                latent,
                item: item.clone(),
                weight,
                loading,
                against: loading < 0.0,
            })
            .collect();
        let summary = |(latent, &r_squared): (&Latent, &Option<f64>)| {
            let own = &estimate.loadings[latent.block()];
            // Reversed: the direction of the wording has no influence on reliability.
            let sizes: Vec<f64> = own.iter().map(|loading| loading.abs()).collect();
            LatentSummary {
                name: latent.name.clone(),
                items: own.len(),
                r_squared,
                ave: average_variance_extracted(own).unwrap_or_default(),
                composite_reliability: composite_reliability(&sizes).filter(|_| own.len() > 1),
                alpha: alpha(&items, own, latent.first),
            }
        };
        let latents = model.latents.iter().zip(&estimate.r_squared).map(summary).collect();
        Self { paths, loadings, latents, model, estimate, means, deviations, items, respondents }
    }

    /// Returns the model.
    #[must_use]
    pub fn model(&self) -> &PathModel {
        &self.model
    }

    /// Returns the number of respondents that the model was fitted to.
    #[must_use]
    pub fn respondents(&self) -> usize {
        self.respondents
    }

    /// Returns the number of iterations until the weights converged.
    #[must_use]
    pub fn iterations(&self) -> usize {
        self.estimate.iterations
    }

    /// Returns the path coefficients in the order of the model.
    #[must_use]
    pub fn paths(&self) -> &[PathCoefficient] {
        &self.paths
    }

    /// Returns weights and loadings, block by block.
    #[must_use]
    pub fn loadings(&self) -> &[Loading] {
        &self.loadings
    }

    /// Returns the latent variables in the order of the model.
    #[must_use]
    pub fn latents(&self) -> &[LatentSummary] {
        &self.latents
    }

    /// Returns the correlation of the scores of two latent variables, if the model has them.
    #[must_use]
    pub fn score_correlation(&self, one: &str, other: &str) -> Option<f64> {
        let index = |name: &str| self.model.latents().position(|latent| latent == name);
        Some(self.estimate.scores.get(index(one)?, index(other)?))
    }
}

/// Writes a table of the paths, the AVE and the R2.
impl fmt::Display for PathModelFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PLS path model, {} scheme, {} respondents", self.model.weighting, self.respondents)?;
        for path in &self.paths {
            write!(f, "\n{:>16} -> {:<16} {:>8.4}", path.from, path.to, path.value)?;
        }
        for latent in &self.latents {
            write!(f, "\n{:>16}  AVE {:.4}", latent.name, latent.ave)?;
            if let Some(r_squared) = latent.r_squared {
                write!(f, "  R2 {r_squared:.4}")?;
            }
        }
        Ok(())
    }
}
