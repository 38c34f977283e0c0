use crm_numbers::check;
use crm_numbers::{Interval, Level};
use crm_statistics::{Proportion, ProportionMethod, RankingQuality};

use crate::error::Error;
use crate::logistic::{Features, LogisticOptions, fit};

/// Forecast probabilities with the outcomes, for an assessment of their calibration and ranking.
///
/// The customers must not be those to whom the score was fitted.
///
/// # Examples
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

/// Customers of similar probabilities, with the number of them who had the outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CalibrationBin {
    /// Number of customers.
    pub customers: u64,
    /// Lowest probability among them.
    pub lowest: f64,
    /// Highest probability among them.
    pub highest: f64,
    /// Mean probability: the forecast share.
    pub forecast: f64,
    /// Number of customers who had the outcome.
    pub positives: u64,
    /// Share of customers who had the outcome, with Wilson's limits.
    pub observed: Interval,
}

/// The regression line of the log-odds of the outcome on the forecast ones.
///
/// # Formula
///
/// `logit = intercept + slope x forecast logit`, with the logarithms of the odds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CalibrationLine {
    /// Intercept: 0 if forecasts are right on average; positive if more customers had the outcome
    /// than forecast.
    pub intercept: f64,
    /// Gradient of the line: 1 if forecasts spread as widely as they should; below 1 they are too
    /// extreme, above 1 too cautious.
    pub slope: f64,
    /// Standard error of the intercept.
    pub intercept_error: f64,
    /// Standard error of the gradient.
    pub slope_error: f64,
}

/// Distance from 0 and 1 that probabilities keep if a logarithm is taken: a forecast of 0 for a
/// customer who had the outcome costs 34.5, not infinity.
const NEAREST: f64 = 1e-15;

impl<'a> Forecasts<'a> {
    /// Creates forecasts from the probabilities of an outcome and the outcomes.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without customers, for columns of different lengths, or for a number that
    /// is not a probability.
    pub fn new(probabilities: &'a [f64], outcomes: &'a [bool]) -> Result<Self, Error> {
        check_pairs(probabilities, outcomes)?;
        Ok(Self { probabilities, outcomes })
    }

    /// Returns Brier's score, the mean of `(p - y)^2` with y 1 for the outcome and 0 without it: 0
    /// is perfect, and a forecast of the overall rate r for every customer gets `r (1 - r)`.
    ///
    /// # References
    ///
    /// Brier, G. W. (1950), "Verification of Forecasts Expressed in Terms of Probability", Monthly
    /// Weather Review 78, 1-3 (for two classes, half of its equation 2).
    #[must_use]
    pub fn brier(&self) -> f64 {
        self.mean(|p, outcome| (p - f64::from(u8::from(outcome))).powi(2))
    }

    /// Returns the share by which the forecasts reduce Brier's score of the overall rate: 1 is
    /// perfect, 0 no better than the rate. `None` if all customers, or none, had the outcome.
    #[must_use]
    pub fn brier_skill(&self) -> Option<f64> {
        let rate = self.rate();
        let by_rate = rate * (1.0 - rate);
        (by_rate > 0.0).then(|| 1.0 - self.brier() / by_rate)
    }

    /// Returns the log loss, the mean of `-ln P(outcome)`; no probability counts as less than
    /// 1e-15.
    #[must_use]
    pub fn log_loss(&self) -> f64 {
        self.mean(|p, outcome| -(if outcome { p } else { 1.0 - p }).max(NEAREST).ln())
    }

    /// Returns the share of customers who had the outcome.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.mean(|_, outcome| f64::from(u8::from(outcome)))
    }

    /// Returns AUC, lift and gains by decile: how well the forecasts rank customers with the
    /// outcome first.
    ///
    /// # Errors
    ///
    /// [`Error::OneOutcome`] if all customers, or none, had the outcome.
    pub fn ranking(&self) -> Result<RankingQuality, Error> {
        RankingQuality::new(self.probabilities, self.outcomes).map_err(|_| self.one_outcome())
    }

    /// Returns forecasts and outcomes in `bins` groups of about as many customers each, lowest
    /// first.
    ///
    /// A boundary that falls among customers of equal probability moves behind them, so that no
    /// group depends on their order; groups that lose all their customers that way are not listed.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for 0 bins.
    ///
    /// # Examples
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
    pub fn calibration(&self, bins: usize, level: Level) -> Result<Vec<CalibrationBin>, Error> {
        check::range("number of bins", bins, 1..)?;
        let mut ranked: Vec<(f64, bool)> =
            self.probabilities.iter().copied().zip(self.outcomes.iter().copied()).collect();
        ranked.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let all = ranked.len();
        // More groups than customers are one group per customer.
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

    /// Returns the calibration line, which shows whether forecasts are too extreme or too cautious:
    /// a logistic regression of the outcome on the forecast log-odds.
    ///
    /// # Errors
    ///
    /// [`Error::OneOutcome`] if all customers, or none, had the outcome; [`Error::Separated`] if
    /// the forecasts separate the outcomes without an error; [`Error::NoVariation`] if all
    /// forecasts are equal.
    ///
    /// # References
    ///
    /// Cox, D. R. (1958), "Two Further Applications of a Model for Binary Regression", Biometrika
    /// 45, 562-565.
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

/// Checks that there is one outcome per probability.
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
        // Any number of groups has a result, and at once.
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
