use crm_numbers::check;
use crm_numbers::{Interval, Level};
use crm_statistics::{Proportion, ProportionMethod, RankingQuality};

use crate::error::Error;
use crate::logistic::{Features, LogisticOptions, fit};

/// Forecast probabilities and what happened then: can they be believed?
///
/// Customers on whom the score was learnt say nothing here: take others.
///
/// ```
/// use crm_lifecycle::warning::Forecasts;
///
/// let forecasts = Forecasts::new(&[0.9, 0.6, 0.4, 0.1], &[true, false, true, false])?;
/// // (0.1^2 + 0.6^2 + 0.6^2 + 0.1^2) / 4
/// assert!((forecasts.brier() - 0.185).abs() < 1e-15);
/// // Of the 2 x 2 pairs of a lost and a kept customer only (0.4, 0.6) stands the wrong way round.
/// assert_eq!(forecasts.ranking()?.auc(), 0.75);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Forecasts<'a> {
    probabilities: &'a [f64],
    outcomes: &'a [bool],
}

/// Customers of similar probabilities, and how many of them had the outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CalibrationBin {
    /// How many customers.
    pub customers: u64,
    /// The lowest probability among them.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// The mean probability: the share that was forecast.
    pub forecast: f64,
    /// How many had the outcome.
    pub positives: u64,
    /// The share that had it, with Wilson's limits.
    pub observed: Interval,
}

/// The line of the outcomes' log-odds over the forecast ones: `logit = intercept + slope x forecast logit`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CalibrationLine {
    /// 0 where forecasts are right on the whole; above it more customers had the outcome than forecast.
    pub intercept: f64,
    /// 1 where forecasts are as bold as they may be; below 1 they are too extreme, above it too timid.
    pub slope: f64,
    /// The standard error of the intercept.
    pub intercept_error: f64,
    /// The standard error of the slope.
    pub slope_error: f64,
}

/// Probabilities nearer to 0 than this count as this near where a logarithm is taken: a forecast of 0 for somebody who
/// had the outcome costs 34.5, not everything.
const NEAREST: f64 = 1e-15;

impl<'a> Forecasts<'a> {
    /// Probabilities of the outcome, and who had it.
    ///
    /// # Errors
    /// [`Error::Input`], [`Error::Input`], [`Error::Input`] for a number that is no probability.
    pub fn new(probabilities: &'a [f64], outcomes: &'a [bool]) -> Result<Self, Error> {
        check_pairs(probabilities, outcomes)?;
        Ok(Self { probabilities, outcomes })
    }

    /// Brier's score, the mean of `(p - y)^2` with y 1 for the outcome and 0 without it: 0 is perfect, and whoever says
    /// the overall rate r to everybody gets `r (1 - r)`.
    ///
    /// Source: Brier, G. W. (1950), "Verification of Forecasts Expressed in Terms of Probability", Monthly Weather
    /// Review 78, 1-3 (for two classes, half of his equation 2).
    #[must_use]
    pub fn brier(&self) -> f64 {
        self.mean(|p, outcome| (p - f64::from(u8::from(outcome))).powi(2))
    }

    /// The share of Brier's score of the overall rate that the forecasts save: 1 is perfect, 0 no better than the rate.
    /// `None` where everybody, or nobody, had the outcome.
    #[must_use]
    pub fn brier_skill(&self) -> Option<f64> {
        let rate = self.rate();
        let by_rate = rate * (1.0 - rate);
        (by_rate > 0.0).then(|| 1.0 - self.brier() / by_rate)
    }

    /// The log loss, the mean of `-ln P(what happened)`; no probability counts as less than 1e-15.
    #[must_use]
    pub fn log_loss(&self) -> f64 {
        self.mean(|p, outcome| -(if outcome { p } else { 1.0 - p }).max(NEAREST).ln())
    }

    /// The share that had the outcome.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.mean(|_, outcome| f64::from(u8::from(outcome)))
    }

    /// AUC, lift and gains by decile: do the forecasts put those with the outcome first?
    ///
    /// # Errors
    /// [`Error::OneOutcome`] where everybody, or nobody, had the outcome.
    pub fn ranking(&self) -> Result<RankingQuality, Error> {
        RankingQuality::new(self.probabilities, self.outcomes).map_err(|_| self.one_outcome())
    }

    /// What was forecast and what happened, by so many groups of about as many customers each, lowest first.
    ///
    /// A cut that falls among customers of equal probability moves behind them, so that no group depends on their order;
    /// groups that lose all their customers that way are not listed.
    ///
    /// ```
    /// use crm_lifecycle::warning::Forecasts;
    ///
    /// let forecasts = Forecasts::new(&[0.1, 0.1, 0.1, 0.8, 0.9, 1.0], &[false, false, true, true, true, false])?;
    /// let bins = forecasts.calibration(2, Default::default())?;
    /// assert_eq!((bins[0].customers, bins[0].positives), (3, 1));
    /// assert!((bins[1].forecast - 0.9).abs() < 1e-15);
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Input`] for no bins.
    pub fn calibration(&self, bins: usize, level: Level) -> Result<Vec<CalibrationBin>, Error> {
        check::range("number of bins", bins, 1..)?;
        let mut ranked: Vec<(f64, bool)> =
            self.probabilities.iter().copied().zip(self.outcomes.iter().copied()).collect();
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let all = ranked.len();
        // More groups than customers are one for each customer.
        let bins = bins.min(all);
        let (mut found, mut start) = (Vec::with_capacity(bins.min(all)), 0);
        for bin in 1..=bins {
            // Of 10 customers in 3 bins: 3, 7 and 10 are the ends.
            let even = (all as u128 * bin as u128 / bins as u128) as usize;
            let last = even.checked_sub(1).and_then(|last| ranked.get(last)).map_or(0.0, |row| row.0);
            let end = even.max(ranked.partition_point(|row| even > 0 && row.0 <= last));
            let Some(rows @ [first, ..]) = ranked.get(start..end) else { continue };
            let customers = rows.len() as u64;
            let positives = rows.iter().filter(|row| row.1).count() as u64;
            let Ok(observed) = Proportion::new(positives, customers) else { continue };
            found.push(CalibrationBin {
                customers,
                lowest: first.0,
                highest: rows.last().map_or(first.0, |row| row.0),
                forecast: rows.iter().map(|row| row.0).sum::<f64>() / customers as f64,
                positives,
                observed: observed.interval(ProportionMethod::Wilson, level),
            });
            start = end;
        }
        Ok(found)
    }

    /// Whether forecasts are too bold or too timid: a logistic regression of the outcome on the forecast log-odds.
    ///
    /// Source: Cox, D. R. (1958), "Two Further Applications of a Model for Binary Regression", Biometrika 45, 562-565.
    ///
    /// # Errors
    /// [`Error::OneOutcome`]; [`Error::Separated`] where the forecasts tell the outcomes apart without a mistake;
    /// [`Error::Input`] where all forecasts are the same.
    pub fn calibration_line(&self) -> Result<CalibrationLine, Error> {
        let logits: Vec<f64> = self
            .probabilities
            .iter()
            .map(|p| p.clamp(NEAREST, 1.0 - NEAREST))
            .map(|p| p.ln() - (-p).ln_1p())
            .collect();
        let features = Features::new([("forecast", &logits[..])])?;
        let fitted = fit(&features, self.outcomes, &LogisticOptions::default().with_ridge(0.0)?)?;
        let term = fitted.model().terms().first().filter(|_| fitted.left_out().next().is_none());
        let Some((term, &[centre, cross, _, variance])) = term.zip(fitted.covariance().first_chunk()) else {
            return Err(Error::NoVariation { name: "forecasts" });
        };
        // From deviations around the mean back to the logits themselves.
        let (mean, deviation) = (term.mean(), term.deviation());
        let shift = mean / deviation;
        Ok(CalibrationLine {
            intercept: fitted.model().intercept() - term.coefficient() * shift,
            slope: term.coefficient() / deviation,
            intercept_error: (centre - 2.0 * shift * cross + shift * shift * variance).max(0.0).sqrt(),
            slope_error: variance.sqrt() / deviation,
        })
    }

    fn mean(&self, f: impl Fn(f64, bool) -> f64) -> f64 {
        let pairs = self.probabilities.iter().zip(self.outcomes);
        pairs.map(|(p, outcome)| f(*p, *outcome)).sum::<f64>() / self.outcomes.len() as f64
    }

    fn one_outcome(&self) -> Error {
        let positives = self.outcomes.iter().filter(|outcome| **outcome).count() as u64;
        Error::OneOutcome { name: "outcomes", positives, items: self.outcomes.len() as u64 }
    }
}

/// Probabilities with an outcome each.
pub(super) fn check_pairs(probabilities: &[f64], outcomes: &[bool]) -> Result<(), Error> {
    check::not_empty("probabilities", probabilities)?;
    check::length("outcomes", outcomes.len(), probabilities.len())?;
    check::range_of_all("probabilities", probabilities, 0.0..=1.0)?;
    Ok(())
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn equal_forecasts_are_one_group_and_have_no_line() {
        let forecasts = Forecasts::new(&[0.25; 8], &[[true, false].as_slice(); 4].concat()[..]).map(|_| ());
        forecasts.unwrap();
        let outcomes = [true, false, true, false];
        let forecasts = Forecasts::new(&[0.5; 4], &outcomes).unwrap();
        assert_eq!(forecasts.calibration(10, Level::default()).unwrap().len(), 1);
        // Any number of groups has an answer, and at once.
        let apart = Forecasts::new(&[0.1, 0.2, 0.3, 0.3], &outcomes).unwrap();
        let most = apart.calibration(usize::MAX, Level::default()).unwrap();
        assert_eq!(most, apart.calibration(4, Level::default()).unwrap());
        assert_eq!(most.iter().map(|bin| bin.customers).collect::<Vec<_>>(), [1, 1, 2]);
        assert_eq!(forecasts.brier_skill(), Some(0.0));
        assert_eq!(
            forecasts.calibration_line().unwrap_err().to_string(),
            "forecasts must vary from customer to customer"
        );
    }

    #[test]
    fn the_surest_mistakes_cost_much_and_not_everything() {
        let forecasts = Forecasts::new(&[0.0, 1.0], &[true, true]).unwrap();
        assert!((forecasts.log_loss() - 34.538_776_394_910_68 / 2.0).abs() < 1e-6);
        assert_eq!((forecasts.brier(), forecasts.rate(), forecasts.brier_skill()), (0.5, 1.0, None));
        assert_eq!(
            forecasts.ranking().unwrap_err().to_string(),
            "outcomes must include both true and false, got 2 true of 2"
        );
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |p: &[f64], y: &[bool]| Forecasts::new(p, y).unwrap_err().to_string();
        assert_eq!(text(&[], &[]), "probabilities must not be empty");
        assert_eq!(text(&[0.5], &[]), "expected 1 outcomes, got 0");
        assert_eq!(text(&[f64::NAN], &[true]), "probabilities[0] must be between 0 and 1, got NaN");
        let forecasts = Forecasts::new(&[0.5], &[true]).unwrap();
        assert_eq!(
            forecasts.calibration(0, Level::default()).unwrap_err().to_string(),
            "number of bins must be at least 1, got 0"
        );
    }
}
