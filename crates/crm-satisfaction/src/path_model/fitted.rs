use std::fmt;

use super::PathModel;
use super::estimate::Estimate;
use crate::error::{check_finite, check_length, check_size, out_of_range};
use crate::linear::Symmetric;
use crate::{Error, Survey};

/// A path model with what a sample says about it.
///
/// See the [module](crate::path_model) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
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

/// How much one latent variable moves another, in standard deviations of both.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PathCoefficient {
    /// Where the path starts.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// The coefficient.
    pub value: f64,
}

/// How an item measures its latent variable.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Loading {
    /// The latent variable.
    pub latent: String,
    /// The item.
    pub item: String,
    /// What the standardised item counts in the score.
    pub weight: f64,
    /// Its correlation with the score; below 0.7 in size the item shares less than half of its variance with it.
    pub loading: f64,
    /// Whether the item loads against its block, as one that is worded the other way round: its loading is below 0.
    pub against: bool,
}

/// What is known about one latent variable.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LatentSummary {
    /// Its name.
    pub name: String,
    /// How many items measure it.
    pub items: usize,
    /// The share of its variance that the paths to it explain; none where no path leads to it.
    pub r_squared: Option<f64>,
    /// Average variance extracted: the mean of the squared loadings; at least 0.5 is wanted.
    pub ave: f64,
    /// Composite reliability, items that load against the block turned; at least 0.7 is wanted. None for a single item.
    pub composite_reliability: Option<f64>,
    /// Cronbach's alpha of the standardised items, those that load against the block turned; at least 0.7 is wanted. None
    /// for a single item.
    pub alpha: Option<f64>,
}

/// The average variance that a latent variable shares with its items: the mean of the squared loadings.
///
/// Source: Fornell, C. and Larcker, D. F. (1981), "Evaluating Structural Equation Models with Unobservable Variables and
/// Measurement Error", Journal of Marketing Research 18, 39-50.
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

/// How reliably items measure together: `rho = (sum of loadings)^2 / ((sum of loadings)^2 + sum of (1 - loading^2))`.
///
/// Loadings are correlations; `None` where one is not, and without a loading. Items that are worded the other way round load
/// below 0 and have to be turned first: the rho of 0.8 and -0.8 is 0. Also known as Dillon and Goldstein's or Joreskog's rho.
///
/// Source: Fornell, C. and Larcker, D. F. (1981), equation 10.
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

/// Whether all lie in -1..=1, up to rounding.
fn are_correlations(loadings: &[f64]) -> bool {
    const ROUNDING: f64 = 1e-9;
    loadings.iter().all(|loading| loading.abs() <= 1.0 + ROUNDING)
}

impl PathModel {
    /// Fits the model to rows of answers, one row a respondent with the items in the order of [`items`](Self::items).
    ///
    /// Scores are turned so that the loadings of a block add up to more than 0. Where as many items are worded one way as
    /// the other the sum says nothing, and the first item of the block loads above 0. Items on the other side are told by
    /// [`Loading::against`].
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for fewer than three respondents and for values above 1e100 in size, [`Error::Length`] for rows that are not whole,
    /// [`Error::NotFinite`]; [`Error::Constant`] for an item that does not vary or a score without variance,
    /// [`Error::Collinear`] for latent variables that determine each other, [`Error::NotConverged`].
    pub fn fit(&self, rows: &[f64]) -> Result<Fitted, Error> {
        let width = self.items.len();
        let respondents = rows.len() / width;
        check_length("answers", "items x respondents", respondents * width, rows.len())?;
        if respondents < 3 {
            return Err(out_of_range("complete respondents", "be at least 3", respondents));
        }
        check_finite("answers", rows)?;
        check_size("answers", rows)?;
        let (means, covariance) = Symmetric::covariance(rows, width, None);
        let estimate = self.estimate(&means, &covariance)?;
        let items = covariance.correlation(&means, &self.items)?;
        let deviations = (0..width).map(|j| covariance.get(j, j).max(0.0).sqrt()).collect();
        Ok(Fitted::new(self.clone(), estimate, (means, deviations, items), respondents))
    }

    /// Fits the model to the respondents of a survey who answered all items.
    ///
    /// # Errors
    /// [`Error::Unknown`] for an item that there is not, and those of [`fit`](Self::fit).
    pub fn fit_survey(&self, survey: &Survey) -> Result<Fitted, Error> {
        self.fit(survey.complete(&self.items)?.values())
    }
}

/// Cronbach's alpha of the items from `first` on, turned by the signs of their loadings: `k r / (1 + (k - 1) r)` with r the
/// mean correlation of k items.
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

impl Fitted {
    fn new(
        model: PathModel,
        estimate: Estimate,
        (means, deviations, items): (Vec<f64>, Vec<f64>, Symmetric),
        respondents: usize,
    ) -> Self {
        let paths = model.paths().zip(&estimate.paths).map(|((from, to), &value)| PathCoefficient {
            from: from.to_owned(),
            to: to.to_owned(),
            value,
        });
        let paths = paths.collect();
        let measured = model.items.iter().zip(&estimate.weights).zip(&estimate.loadings);
        let owners =
            model.latents.iter().flat_map(|latent| (latent.first..latent.last).map(|_| latent.name.clone()));
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
        let summary = |(latent, &r_squared): (&super::model::Latent, &Option<f64>)| {
            let own = estimate.loadings.get(latent.first..latent.last).unwrap_or_default();
            // Turned to the side of the block: wording says nothing about reliability.
            let turned: Vec<f64> = own.iter().map(|loading| loading.abs()).collect();
            LatentSummary {
                name: latent.name.clone(),
                items: own.len(),
                r_squared,
                ave: average_variance_extracted(own).unwrap_or_default(),
                composite_reliability: composite_reliability(&turned).filter(|_| own.len() > 1),
                alpha: alpha(&items, own, latent.first),
            }
        };
        let latents = model.latents.iter().zip(&estimate.r_squared).map(summary).collect();
        Self { paths, loadings, latents, model, estimate, means, deviations, items, respondents }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &PathModel {
        &self.model
    }

    /// How many respondents it was fitted to.
    #[must_use]
    pub fn respondents(&self) -> usize {
        self.respondents
    }

    /// How many steps the weights took to settle.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.estimate.steps
    }

    /// The paths in the order of the model.
    #[must_use]
    pub fn paths(&self) -> &[PathCoefficient] {
        &self.paths
    }

    /// Weights and loadings, block by block.
    #[must_use]
    pub fn loadings(&self) -> &[Loading] {
        &self.loadings
    }

    /// The latent variables in the order of the model.
    #[must_use]
    pub fn latents(&self) -> &[LatentSummary] {
        &self.latents
    }

    /// The correlation of the scores of two latent variables.
    #[must_use]
    pub fn score_correlation(&self, one: &str, other: &str) -> Option<f64> {
        let place = |name: &str| self.model.latents().position(|latent| latent == name);
        Some(self.estimate.scores.get(place(one)?, place(other)?))
    }
}

/// A table of paths with R2, for people.
impl fmt::Display for Fitted {
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
