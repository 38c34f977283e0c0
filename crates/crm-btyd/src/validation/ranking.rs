use std::fmt;

use super::{Accuracy, ModelComparison, ModelTrial};
use crate::{FitDiagnosis, fit::FitReport};

/// Figure by which forecasts of a holdout are ranked.
///
/// There is no best one. The squared error rewards the right mean and is decided by heavy buyers;
/// the absolute error rewards the median, which is zero for most customers; the logarithmic one
/// looks at light buyers; AUC and the top decile ask only who comes before whom; bias asks only for
/// the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RankingCriterion {
    /// Size of the bias of the total.
    Bias,
    /// Mean absolute error.
    Mae,
    /// Root of the mean squared error.
    Rmse,
    /// Mean squared logarithmic error.
    Msle,
    /// How often a buyer was put before someone who did not buy.
    Auc,
    /// Share of purchases made by the tenth predicted most.
    TopDecile,
}

crm_numbers::names! {
    RankingCriterion, "criterion" {
        Bias = "bias",
        Mae = "mae",
        Rmse = "rmse",
        Msle = "msle",
        Auc = "auc",
        TopDecile = "top_decile" | "top-decile" | "top decile",
    }
}

impl RankingCriterion {
    /// Returns the name as it stands in tables and sentences: `RMSE`, `top decile`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Bias => "bias",
            Self::Mae => "MAE",
            Self::Rmse => "RMSE",
            Self::Msle => "MSLE",
            Self::Auc => "AUC",
            Self::TopDecile => "top decile",
        }
    }

    /// The figure; `None` where there is none, because all or none bought.
    #[must_use]
    pub fn value_of(self, accuracy: &Accuracy) -> Option<f64> {
        match self {
            RankingCriterion::Bias => Some(accuracy.bias.abs()),
            RankingCriterion::Mae => Some(accuracy.mae),
            RankingCriterion::Rmse => Some(accuracy.rmse),
            RankingCriterion::Msle => Some(accuracy.msle),
            RankingCriterion::Auc => accuracy.auc,
            RankingCriterion::TopDecile => accuracy.top_decile,
        }
    }

    /// Whether more is better.
    #[must_use]
    pub const fn larger_is_better(self) -> bool {
        matches!(self, RankingCriterion::Auc | RankingCriterion::TopDecile)
    }
}

/// Rank of one candidate or naive rule.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct RankingPlace {
    /// Name of the model or the rule.
    pub name: String,
    /// Whether it is a naive rule.
    pub naive: bool,
    /// Mean of the criterion over the origins.
    pub mean: f64,
    /// Its best value.
    pub best: f64,
    /// Its worst value.
    pub worst: f64,
    /// At how many origins it was the best, ties included.
    pub wins: u32,
}

/// Candidates and naive rules in the order of a criterion, over one holdout or several.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Ranking {
    criterion: RankingCriterion,
    origins: u32,
    places: Vec<RankingPlace>,
    /// Those without the criterion at every origin.
    unranked: Vec<String>,
}

/// A larger model gains no more than this in ln L on the simpler one that it has become.
const NO_GAIN: f64 = 1e-4;

/// The criterion of a trial: that of the simpler model where the fit has become it in all but
/// digits that the end of a search decides. Such digits break the ties of an AUC, so that no bound
/// on the difference of the figures could tell them from a gain.
fn figure(comparison: &ModelComparison, trial: &ModelTrial, criterion: RankingCriterion) -> Option<f64> {
    let own = criterion.value_of(&trial.accuracy)?;
    let Some(report) = trial.model.as_ref().map(|model| model.report()) else { return Some(own) };
    let simpler = report.diagnosis.iter().find_map(|doubt| match doubt {
        FitDiagnosis::Collapsed { into, gain } if gain.abs() <= NO_GAIN => Some(into.as_ref()),
        _ => None,
    });
    let simpler = simpler.and_then(|into| {
        let same = |other: &&ModelTrial| {
            let fewer = |other: FitReport| other.parameters.len() < report.parameters.len();
            other.name == into && other.model.as_ref().is_some_and(|model| fewer(model.report()))
        };
        figure(comparison, comparison.trials().iter().find(same)?, criterion)
    });
    Some(simpler.unwrap_or(own))
}

impl Ranking {
    /// By the mean of a criterion over comparisons at several origins; whoever lacks a figure at
    /// one of them is left out and named.
    ///
    /// A model that has become a simpler one among the candidates ([`FitDiagnosis::Collapsed`] with
    /// a gain of at most 1e-4 in ln L) shares its figure and comes after it.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{PurchaseOptions, History, Horizon, Nbd, validation::{ModelCandidate, RankingCriterion, Holdout, Ranking, compare}};
    ///
    /// // Everybody goes on as before.
    /// let holdout = |times: u32| {
    ///     let rows = (1..150).map(|n| Ok((History::new(n % 4 * times, f64::from(n % 4) * 9.0, 30.0)?, n % 4 * times)));
    ///     Holdout::new(rows.collect::<Result<Vec<_>, crm_btyd::Error>>()?, Horizon::new(30.0)?)
    /// };
    /// let mut comparisons = Vec::new();
    /// for times in [1, 2, 3] {
    ///     comparisons.push(compare(&holdout(times)?, &[ModelCandidate::new::<Nbd>()], &PurchaseOptions::default())?);
    /// }
    /// let ranking = Ranking::over(&comparisons, RankingCriterion::Mae);
    /// let best = &ranking.places()[0];
    /// assert_eq!((best.name.as_str(), best.mean, best.wins), ("same_again", 0.0, 3));
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn over(comparisons: &[ModelComparison], criterion: RankingCriterion) -> Self {
        let mut names: Vec<(&str, bool)> = Vec::new();
        for comparison in comparisons {
            let trials = comparison.trials().iter().map(|trial| (trial.name.as_str(), trial.model.is_none()));
            let failed = comparison.failures().iter().map(|(name, _)| (name.as_str(), false));
            for name in trials.chain(failed) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let worse = |a: f64, b: f64| if criterion.larger_is_better() { a < b } else { a > b };
        let value = |comparison: &ModelComparison, name: &(&str, bool)| {
            let named = |trial: &&ModelTrial| (trial.name.as_str(), trial.model.is_none()) == *name;
            figure(comparison, comparison.trials().iter().find(named)?, criterion)
        };
        // The number of parameters, at most, over the comparisons.
        let parameters = |name: &(&str, bool)| {
            let trials = comparisons.iter().flat_map(ModelComparison::trials);
            let models = trials.filter(|trial| trial.name == name.0).filter_map(|trial| trial.model.as_ref());
            models.map(|model| model.report().parameters.len()).max().unwrap_or(0)
        };
        let winners: Vec<Option<f64>> = comparisons
            .iter()
            .map(|comparison| {
                let values = names.iter().filter_map(|name| value(comparison, name));
                values.reduce(|best, value| if worse(best, value) { value } else { best })
            })
            .collect();
        let (mut places, mut unranked): (Vec<(usize, RankingPlace)>, _) = (Vec::new(), Vec::new());
        for name in &names {
            let values: Option<Vec<f64>> =
                comparisons.iter().map(|comparison| value(comparison, name)).collect();
            let Some(values) = values.filter(|values| !values.is_empty()) else {
                unranked.push(name.0.to_owned());
                continue;
            };
            let extreme = |worst: bool| {
                let pick = |a: f64, b: f64| if worse(a, b) == worst { a } else { b };
                values.iter().copied().reduce(pick).unwrap_or(0.0)
            };
            let wins = values
                .iter()
                .zip(&winners)
                .filter(|(value, best)| best.is_some_and(|best| !worse(**value, best)));
            let place = RankingPlace {
                name: name.0.to_owned(),
                naive: name.1,
                mean: values.iter().sum::<f64>() / values.len() as f64,
                best: extreme(false),
                worst: extreme(true),
                wins: wins.count() as u32,
            };
            places.push((parameters(name), place));
        }
        // Of equal ones models come before naive rules, and models of few parameters before larger
        // ones.
        places.sort_by(|(a_parameters, a), (b_parameters, b)| {
            let order = a.mean.total_cmp(&b.mean);
            let order = if criterion.larger_is_better() { order.reverse() } else { order };
            order.then(a.naive.cmp(&b.naive)).then(a_parameters.cmp(b_parameters))
        });
        let places = places.into_iter().map(|(_, place)| place).collect();
        Ranking { criterion, origins: comparisons.len() as u32, places, unranked }
    }

    /// The criterion.
    #[must_use]
    pub fn criterion(&self) -> RankingCriterion {
        self.criterion
    }

    /// Number of holdouts.
    #[must_use]
    pub fn origins(&self) -> u32 {
        self.origins
    }

    /// Everyone, the best first.
    #[must_use]
    pub fn places(&self) -> &[RankingPlace] {
        &self.places
    }

    /// Those without a figure at every origin.
    #[must_use]
    pub fn unranked(&self) -> &[String] {
        &self.unranked
    }

    /// What the order means, in a sentence or two.
    #[must_use]
    pub fn verdict(&self) -> String {
        let by = format!("by {}", self.criterion.label());
        let rule_name = |rule: &RankingPlace| rule.name.replace('_', " ");
        let best_of = |naive: bool| self.places.iter().find(|place| place.naive == naive);
        let mut text = match (best_of(false), best_of(true)) {
            (None, None) => format!("{by}, nothing can be ranked: there is no such figure in this holdout"),
            (Some(model), None) => format!("{by}, {} does best with {:.4}", model.name, model.mean),
            (None, Some(rule)) => format!(
                "{by}, only naive rules can be ranked, of which \"{}\" does best with {:.4}",
                rule_name(rule),
                rule.mean
            ),
            (Some(model), Some(rule)) if self.places.first().is_some_and(|place| place.naive) => format!(
                "{by}, the naive rule \"{}\" does best with {:.4}; the best model, {}, has {:.4}: \
                 judged like this, no model is worth its trouble here",
                rule_name(rule),
                rule.mean,
                model.name,
                model.mean
            ),
            (Some(model), Some(rule)) => format!(
                "{by}, {} does best with {:.4}; the best naive rule, \"{}\", has {:.4}",
                model.name,
                model.mean,
                rule_name(rule),
                rule.mean
            ),
        };
        if let Some(best) = self.places.first().filter(|_| self.origins > 1) {
            text.push_str(&format!("; it is the best at {} of {} origins", best.wins, self.origins));
        }
        text
    }
}

/// A table, the best first, and what it means.
impl fmt::Display for Ranking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<24} {:>12}", "forecast", self.criterion.label())?;
        if self.origins > 1 {
            write!(f, " {:>12} {:>12} {:>5}", "best", "worst", "wins")?;
        }
        for place in &self.places {
            let name = if place.naive { format!("({})", place.name) } else { place.name.clone() };
            write!(f, "\n{name:<24} {:>12.4}", place.mean)?;
            if self.origins > 1 {
                write!(f, " {:>12.4} {:>12.4} {:>5}", place.best, place.worst, place.wins)?;
            }
        }
        for name in &self.unranked {
            write!(f, "\n{name:<24} {:>12}", "-")?;
        }
        write!(f, "\n{}", self.verdict())
    }
}
