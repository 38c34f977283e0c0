//! Fit of the score, validation on the holdout, choice of the threshold, and reasons.

use crm_analytics::lifecycle::logistic::{Features, LogisticFit, LogisticOptions, fit};
use crm_analytics::lifecycle::rescue::{RescueCandidate, RescueEffect, RescueList};
use crm_analytics::lifecycle::warning::{CalibrationBin, CalibrationLine, Costs, Forecasts, WarningCutoff};
use crm_analytics::numbers::Level;
use crm_analytics::statistics::Gain;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::encode::{self, Feature};
use super::input::Input;
use super::options::Options;
use crate::Error;

/// Role of a customer in the analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Learnt,
    Holdout,
    /// Outcome not known yet.
    Open,
}

/// All results computed from the file.
pub(super) struct Analysis {
    pub(super) options: Options,
    pub(super) input: Input,
    pub(super) features: Vec<Feature>,
    pub(super) parts: Vec<Part>,
    pub(super) fitted: LogisticFit,
    pub(super) probabilities: Vec<f64>,
    pub(super) judged: Judged,
    pub(super) costs: Costs,
    /// Costs on the holdout at the threshold implied by the costs, and at the best one in
    /// hindsight.
    pub(super) cut: WarningCutoff,
    pub(super) hindsight: WarningCutoff,
    /// Indices of the customers, and the rescue list over them.
    pub(super) rescue: Option<(Vec<usize>, RescueList)>,
}

/// Performance of the score on the holdout.
pub(super) struct Judged {
    pub(super) customers: usize,
    pub(super) auc: f64,
    pub(super) brier: f64,
    pub(super) brier_skill: Option<f64>,
    pub(super) log_loss: f64,
    pub(super) calibration: Vec<CalibrationBin>,
    /// `None` if it cannot be drawn: a score without errors, or a constant score.
    pub(super) line: Option<CalibrationLine>,
    pub(super) gains: Vec<Gain>,
}

impl Analysis {
    pub(super) fn of(options: Options, mut input: Input) -> Result<Self, Error> {
        let parts = split(&input.lost, options.holdout, options.seed);
        let learnt: Vec<bool> = parts.iter().map(|part| *part == Part::Learnt).collect();
        let (features, notes) = encode::features(&options, &input, &learnt)?;
        input.notes.extend(notes);
        let nothing = |why: String| Error::nothing_in(&options.features, why);
        let of_part = |values: &[f64], part: Part| -> Vec<f64> {
            values.iter().zip(&parts).filter(|(_, own)| **own == part).map(|(value, _)| *value).collect()
        };
        let outcomes = |part: Part| -> Vec<bool> {
            let own = input.lost.iter().zip(&parts).filter(|(_, own)| **own == part);
            own.map(|(lost, _)| *lost == Some(true)).collect()
        };
        let columns: Vec<Vec<f64>> =
            features.iter().map(|feature| of_part(&feature.values, Part::Learnt)).collect();
        let named =
            features.iter().zip(&columns).map(|(feature, column)| (feature.name.clone(), &column[..]));
        let settings = LogisticOptions::default().with_ridge(options.ridge).map_err(Error::refused)?;
        let fitted = Features::new(named)
            .and_then(|columns| fit(&columns, &outcomes(Part::Learnt), &settings))
            .map_err(|error| nothing(format!("nothing can be learnt: {error}")))?;
        let all = features.iter().map(|feature| (feature.name.clone(), &feature.values[..]));
        let all = Features::new(all).map_err(Error::refused)?;
        let probabilities = fitted.model().probabilities(&all).map_err(Error::refused)?;

        let (held, happened) = (of_part(&probabilities, Part::Holdout), outcomes(Part::Holdout));
        let judged = Judged::of(&held, &happened)
            .map_err(|error| nothing(format!("the score cannot be judged on the holdout: {error}")))?;
        let costs = Costs::new(options.false_alarm, options.miss).map_err(Error::refused)?;
        let cut = costs.cutoff_at(costs.threshold(), &held, &happened).map_err(Error::refused)?;
        let hindsight = costs.best(&held, &happened).map_err(Error::refused)?;
        let rescue = rescue(&options, &input, &probabilities)?;
        Ok(Self {
            options,
            input,
            features,
            parts,
            fitted,
            probabilities,
            judged,
            costs,
            cut,
            hindsight,
            rescue,
        })
    }

    /// Returns the number of customers in a part.
    pub(super) fn count(&self, part: Part) -> usize {
        self.parts.iter().filter(|own| **own == part).count()
    }

    /// Returns whether there is a warning about a customer.
    pub(super) fn warned(&self, customer: usize) -> bool {
        self.probabilities.get(customer).is_some_and(|p| *p >= self.costs.threshold())
    }

    /// Returns the reasons for the side of the threshold on which the customer is, the strongest
    /// first; the features of a text column are combined.
    pub(super) fn reasons(&self, customer: usize) -> Result<Vec<String>, Error> {
        let values: Vec<f64> = self
            .features
            .iter()
            .map(|feature| feature.values.get(customer).copied().unwrap_or(0.0))
            .collect();
        let model = self.fitted.model();
        let score = model.score(&values).map_err(Error::refused)?;
        let single = model.reasons(&values, self.costs.threshold()).map_err(Error::refused)?;
        let warned = self.warned(customer);
        let mut said: Vec<(f64, String)> = Vec::new();
        for (place, column) in self.input.columns.iter().enumerate() {
            let own =
                || self.features.iter().zip(&score.contributions).filter(|(own, _)| own.column == place);
            let sum: f64 = own().map(|(_, part)| part.logit).sum();
            if (warned && sum <= 0.0) || (!warned && sum >= 0.0) {
                continue;
            }
            let cell = column.cells.get(customer).map_or("", String::as_str);
            // A numeric column without missing values is one feature, and has a value at which the
            // classification changes.
            let alone = single.iter().find(|reason| reason.name == column.name && own().count() == 1);
            let text = match alone {
                Some(reason) => reason.to_string(),
                None => {
                    let does = if sum < 0.0 { "takes" } else { "adds" };
                    let cell = if cell.is_empty() { "(missing)" } else { cell };
                    format!("{} {cell} {does} {:.2}", column.name, sum.abs())
                }
            };
            said.push((sum.abs(), text));
        }
        if said.is_empty() {
            // In that case the average customer, without any contribution, is on the same side.
            return Ok(vec!["nothing unusual: the average customer is on this side, too".to_owned()]);
        }
        said.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(said.into_iter().map(|(_, text)| text).collect())
    }
}

impl Judged {
    fn of(probabilities: &[f64], outcomes: &[bool]) -> Result<Self, crm_analytics::lifecycle::Error> {
        let forecasts = Forecasts::new(probabilities, outcomes)?;
        let ranking = forecasts.ranking()?;
        Ok(Self {
            customers: outcomes.len(),
            auc: ranking.auc(),
            brier: forecasts.brier(),
            brier_skill: forecasts.brier_skill(),
            log_loss: forecasts.log_loss(),
            calibration: forecasts.calibration(10, Level::default())?,
            line: forecasts.calibration_line().ok(),
            gains: ranking.gains(10).unwrap_or_default(),
        })
    }
}

/// Draws the holdout: the same share of lost and of retained customers, to the nearest customer.
fn split(lost: &[Option<bool>], holdout: f64, seed: u64) -> Vec<Part> {
    let mut parts: Vec<Part> =
        lost.iter().map(|lost| if lost.is_some() { Part::Learnt } else { Part::Open }).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for class in [true, false] {
        let mut places: Vec<usize> = lost
            .iter()
            .enumerate()
            .filter(|(_, lost)| **lost == Some(class))
            .map(|(place, _)| place)
            .collect();
        places.shuffle(&mut rng);
        let held = (places.len() as f64 * holdout).round() as usize;
        for place in places.into_iter().take(held) {
            if let Some(part) = parts.get_mut(place) {
                *part = Part::Holdout;
            }
        }
    }
    parts
}

/// Returns the rescue list: of customers whose outcome is open or, if all are known, of the
/// holdout.
fn rescue(
    options: &Options,
    input: &Input,
    probabilities: &[f64],
) -> Result<Option<(Vec<usize>, RescueList)>, Error> {
    let Some(rescue) = &options.rescue else { return Ok(None) };
    let open = input.lost.iter().any(Option::is_none);
    let parts = split(&input.lost, options.holdout, options.seed);
    let asked = |part: &Part| if open { *part == Part::Open } else { *part == Part::Holdout };
    let effect = RescueEffect::success(rescue.success).map_err(Error::refused)?;
    let (mut places, mut candidates) = (Vec::new(), Vec::new());
    let rows = parts.iter().zip(&input.values).zip(probabilities).enumerate();
    for (place, ((_, value), p)) in rows.filter(|(_, ((part, _), _))| asked(part)) {
        places.push(place);
        candidates
            .push(RescueCandidate::new(*value, *p, effect, rescue.action_cost).map_err(Error::refused)?);
    }
    let list = RescueList::new(&candidates, rescue.budget).map_err(Error::refused)?;
    Ok(Some((places, list)))
}
