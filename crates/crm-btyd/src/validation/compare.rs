use std::time::{Duration, Instant};

use super::candidate::{Forecaster, ModelCandidate};
use super::ranking::{Ranking, RankingCriterion};
use super::{Accuracy, Holdout, NaiveRule};
use crate::{Error, PurchaseOptions};

/// What one candidate or naive rule forecast for a holdout.
#[derive(Debug)]
#[non_exhaustive]
pub struct ModelTrial {
    /// Name of the model or the rule.
    pub name: String,
    /// The fitted model; `None` for a naive rule.
    pub model: Option<Box<dyn Forecaster>>,
    /// The forecast for every customer.
    pub predicted: Vec<f64>,
    /// How well it met what happened.
    pub accuracy: Accuracy,
    /// How long the fit took.
    pub time: Duration,
}

/// All candidates and all naive rules on one holdout.
#[derive(Debug)]
pub struct ModelComparison {
    trials: Vec<ModelTrial>,
    failures: Vec<(String, Error)>,
}

/// Fits every candidate to the time before the cut, and judges it, beside every naive rule, by the
/// time after it.
///
/// A candidate that cannot be fitted is a [failure](ModelComparison::failures) and does not keep
/// the others from being compared.
///
/// # Errors
///
/// [`Error::Input`] where a forecast is no number that can be compared.
///
/// # Examples
///
/// ```
/// use crm_btyd::{BgNbd, PurchaseOptions, History, Horizon, MbgNbd, validation::{ModelCandidate, RankingCriterion, Holdout, compare}};
///
/// // Nobody came back after the cut: no model can beat the forecast of nothing, and the text says so.
/// let rows = (0..200).map(|n| {
///     let x = [0, 0, 0, 1, 4][n % 5];
///     let history = History::new(x, if x > 0 { 5.0 + (n % 20) as f64 } else { 0.0 }, 30.0)?;
///     Ok((history, 0))
/// });
/// let holdout = Holdout::new(rows.collect::<Result<Vec<_>, crm_btyd::Error>>()?, Horizon::new(26.0)?)?;
/// let comparison = compare(&holdout, &[ModelCandidate::new::<BgNbd>(), ModelCandidate::new::<MbgNbd>()], &PurchaseOptions::default())?;
/// let ranking = comparison.ranked(RankingCriterion::Rmse);
/// assert_eq!(ranking.places()[0].name, "nothing");
/// assert!(ranking.to_string().contains("the naive rule \"nothing\" does best"));
/// # Ok::<(), crm_btyd::Error>(())
/// ```
pub fn compare(
    holdout: &Holdout,
    candidates: &[ModelCandidate],
    options: &PurchaseOptions,
) -> Result<ModelComparison, Error> {
    let (mut trials, mut failures) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let started = Instant::now();
        let model = match candidate.fit(holdout.calibration(), options) {
            Ok(model) => model,
            Err(error) => {
                failures.push((candidate.name().to_owned(), error));
                continue;
            }
        };
        let time = started.elapsed();
        let mut predicted = vec![0.0; holdout.customers().len()];
        model.expected_purchases_all(holdout.customers(), holdout.horizon(), &mut predicted)?;
        let accuracy = Accuracy::new(&predicted, holdout.actual())?;
        trials.push(ModelTrial {
            name: candidate.name().to_owned(),
            model: Some(model),
            predicted,
            accuracy,
            time,
        });
    }
    for &rule in NaiveRule::ALL {
        let started = Instant::now();
        let predicted = rule.predict(holdout);
        let time = started.elapsed();
        let accuracy = Accuracy::new(&predicted, holdout.actual())?;
        trials.push(ModelTrial { name: rule.name().to_owned(), model: None, predicted, accuracy, time });
    }
    Ok(ModelComparison { trials, failures })
}

impl ModelComparison {
    /// The candidates in the order given, then the naive rules.
    #[must_use]
    pub fn trials(&self) -> &[ModelTrial] {
        &self.trials
    }

    /// Candidates that could not be fitted, and why.
    #[must_use]
    pub fn failures(&self) -> &[(String, Error)] {
        &self.failures
    }

    /// Everyone in the order of a criterion, the best first.
    #[must_use]
    pub fn ranked(&self, criterion: RankingCriterion) -> Ranking {
        Ranking::over(std::slice::from_ref(self), criterion)
    }
}
