use crm_numbers::parallel;
use std::fmt;

use crm_numbers::{Interval, Level};

use super::fitted::PurchaseFit;
use super::newton::Cholesky;
use crate::memory;
use crate::repeat::{MOST_PURCHASES, check_buffer};
use crate::{Error, History, Horizon, PurchaseModel, Repeat};

/// Interval of a number of purchases: at least `lower` and at most `upper`, with a
/// probability of the level *or more*.
///
/// Below `lower` and above `upper` lies at most half of the rest each. Counts are whole numbers: 0
/// to 0 is an honest interval for someone who will hardly come back.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CountInterval {
    /// The least.
    pub lower: u32,
    /// The most.
    pub upper: u32,
    /// The probability.
    pub level: Level,
}

impl fmt::Display for CountInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{} to {} ({})", self.lower, self.upper, self.level);
        // A precision would cut the text.
        match f.width() {
            Some(width) if f.precision().is_some() => write!(f, "{text:<width$}"),
            None if f.precision().is_some() => f.write_str(&text),
            _ => f.pad(&text),
        }
    }
}

impl<M: PurchaseModel + Repeat> PurchaseFit<M> {
    /// Returns an interval of the number of purchases of a customer: chance and the uncertainty of
    /// the parameters together.
    ///
    /// P(n) = Σ_j w_j P(n | θ_j), where the θ_j stand for the distribution of the parameters: the
    /// points of the cubature rule of third degree, √d standard deviations from the estimate on
    /// both sides along d directions, with equal weights (Arasaratnam and Haykin 2009, "Cubature
    /// Kalman filters", IEEE Transactions on Automatic Control 54, equation 24), in logarithms.
    /// Parameters without a standard error are taken as they are.
    ///
    /// [`expectation_interval`](Self::expectation_interval) is another thing: where the *mean* of
    /// many such customers lies.
    ///
    /// `None` for someone who may well buy more than 100 000 times.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{BgNbd, PurchaseOptions, Histories, History, Horizon, Level, fit};
    ///
    /// let histories = Histories::weighted([
    ///     (History::new(0, 0.0, 39.0)?, 900),
    ///     (History::new(1, 3.0, 39.0)?, 150),
    ///     (History::new(1, 25.0, 39.0)?, 120),
    ///     (History::new(3, 12.0, 39.0)?, 60),
    ///     (History::new(9, 38.0, 39.0)?, 20),
    /// ]);
    /// let fitted = fit::<BgNbd>(&histories, &PurchaseOptions::default())?;
    /// let (once, often) = (History::new(0, 0.0, 39.0)?, History::new(9, 38.0, 39.0)?);
    /// let (half_year, level) = (Horizon::new(26.0)?, Level::new(0.9).unwrap());
    /// let once = fitted.predictive_interval(&once, half_year, level).unwrap();
    /// let often = fitted.predictive_interval(&often, half_year, level).unwrap();
    /// assert_eq!((once.lower, once.upper), (0, 1));
    /// assert!(often.upper > 8);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn predictive_interval(
        &self,
        history: &History,
        horizon: Horizon,
        level: Level,
    ) -> Option<CountInterval> {
        quantiles(&self.likely_models(), history, horizon, level)
    }

    /// [`predictive_interval`](Self::predictive_interval) of many customers, into a buffer; equal
    /// histories are worked off once.
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    pub fn predictive_intervals(
        &self,
        histories: &[History],
        horizon: Horizon,
        level: Level,
        into: &mut [Option<CountInterval>],
    ) -> Result<(), Error> {
        check_buffer(histories, into)?;
        let models = self.likely_models();
        let ask = |history: &History| quantiles(&models, history, horizon, level);
        into.copy_from_slice(&memory::map_distinct(histories, |distinct| each(distinct, ask)));
        Ok(())
    }

    /// Returns an interval of the total purchases of many customers: chance and the uncertainty of
    /// the parameters, as a normal distribution.
    ///
    /// Of the two, chance averages out over many customers while the uncertainty of the parameters
    /// does not, because it is the same for all of them. Variance = Σ_i Var(n_i | θ) + (Σ_i E n_i)²
    /// Var(ln Σ_i E n_i), the second term by the delta method.
    ///
    /// `None` where a parameter has no standard error, and for someone who may well buy more than
    /// 100 000 times.
    #[must_use]
    pub fn predictive_total(
        &self,
        histories: &[History],
        horizon: Horizon,
        level: Level,
    ) -> Option<Interval> {
        let total = |model: &M| {
            let mut into = vec![0.0; histories.len()];
            model.expected_purchases_all(histories, horizon, &mut into).map_or(0.0, |()| into.iter().sum())
        };
        let (ln_variance, mean) = (self.ln_variance_of(total)?, total(self.model()));
        let ask = |history: &History| self.model().variance(history, horizon);
        let variances = memory::map_distinct(histories, |distinct| each(distinct, ask));
        let chance: Option<f64> = variances.into_iter().sum();
        let reach = level.z() * (chance? + mean * mean * ln_variance).sqrt();
        Some(Interval::new((mean - reach).max(0.0), mean, mean + reach, level))
    }

    /// Models that stand for the uncertainty of the parameters, with equal weights.
    #[allow(clippy::indexing_slicing, reason = "indices are those of parameters")]
    fn likely_models(&self) -> Vec<M> {
        let theta = self.model().theta().as_ref().to_vec();
        let known: Vec<usize> =
            (0..theta.len()).filter(|&i| self.ln_covariance_of(i, i).is_some_and(|v| v > 0.0)).collect();
        let covariance: Vec<Vec<f64>> = known
            .iter()
            .map(|&i| known.iter().map(|&j| self.ln_covariance_of(i, j).unwrap_or(0.0)).collect())
            .collect();
        // Parameters that move as one leave the matrix singular: there are as many directions as
        // its rank.
        let directions = Cholesky::semidefinite(&covariance).columns();
        let spread = (directions.len() as f64).sqrt();
        let mut models = Vec::new();
        for direction in directions {
            let moved = |sign: f64| {
                let mut moved = theta.clone();
                for (&i, step) in known.iter().zip(&direction) {
                    moved[i] *= (sign * spread * step).exp();
                }
                self.model().with_theta(M::Theta::try_from(&moved).ok()?).ok()
            };
            if let (Some(up), Some(down)) = (moved(1.0), moved(-1.0)) {
                models.extend([up, down]);
            }
        }
        if models.is_empty() { vec![*self.model()] } else { models }
    }
}

/// The interval of the mixture of the models: its quantiles, each by doubling and halving over the
/// probability of more purchases.
pub(super) fn quantiles<M: Repeat>(
    models: &[M],
    history: &History,
    horizon: Horizon,
    level: Level,
) -> Option<CountInterval> {
    let (low, high) = (0.5 * (1.0 - level.get()), 0.5 * (1.0 + level.get()));
    let p_more = |n: u32| {
        models.iter().map(|model| model.p_at_least(history, horizon, n + 1)).sum::<f64>()
            / models.len() as f64
    };
    let lower = first(0, |n| 1.0 - p_more(n) > low)?;
    // The last units in the last place may never come.
    let upper = first(lower, |n| 1.0 - p_more(n) >= high - 1e-12)?;
    Some(CountInterval { lower, upper, level })
}

/// The first count from `from` on for which something holds that holds for all counts after it;
/// `None` beyond the largest count.
fn first(from: u32, holds: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut low, mut step) = (from, 1);
    if holds(from) {
        return Some(from);
    }
    let mut high = loop {
        if low == MOST_PURCHASES {
            return None;
        }
        let next = (low + step).min(MOST_PURCHASES);
        if holds(next) {
            break next;
        }
        (low, step) = (next, 2 * step);
    };
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        *if holds(middle) { &mut high } else { &mut low } = middle;
    }
    Some(high)
}

fn each<T: Send>(histories: &[History], f: impl Fn(&History) -> T + Sync + Send) -> Vec<T> {
    /// Customers worked off by one task.
    const PER_TASK: usize = 1 << 6;
    let pieces = histories.chunks(PER_TASK).collect();
    let done = parallel::map(pieces, |piece: &[History]| piece.iter().map(&f).collect::<Vec<_>>());
    done.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cost::{BUDGET, histories, horizons, parameters};
    use crate::special::work::counted;
    use crate::{BgNbd, GompertzNbd, Histories, MbgCnbd, Nbd, ParetoNbd};

    /// As many models as stand for the uncertainty of the parameters, and the interval by its
    /// definition.
    fn an_interval<M: PurchaseModel<Data = Histories> + Repeat>(
        model: &M,
        history: &History,
        horizon: Horizon,
        level: Level,
    ) {
        let models = vec![*model; 2 * M::PARAMETERS.len()];
        let (interval, evaluations) = counted(|| quantiles(&models, history, horizon, level));
        assert!(evaluations <= BUDGET, "{evaluations} evaluations: {model:?} {history:?} {horizon:?}");
        let p_more = |n: u32| model.p_at_least(history, horizon, n + 1);
        let half = 0.5 * (1.0 - level.get());
        let Some(CountInterval { lower, upper, .. }) = interval else {
            assert!(p_more(MOST_PURCHASES) > half, "{model:?} {history:?} {horizon:?}");
            return;
        };
        let slack = 1e-9;
        assert!(p_more(upper) <= half + slack && p_more(lower) <= 1.0 - half + slack);
        assert!(
            upper == lower || p_more(upper - 1) >= half - slack,
            "{upper} {model:?} {history:?} {horizon:?}"
        );
        assert!(
            lower == 0 || p_more(lower - 1) >= 1.0 - half - slack,
            "{lower} {model:?} {history:?} {horizon:?}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(150))]

        #[test]
        fn an_interval_is_two_quantiles_within_a_budget(
            theta in parameters(), history in histories(), horizon in horizons(), share in 0.01..0.999_f64,
        ) {
            let ([r, alpha, s, beta, b], level) = (theta, Level::new(share).unwrap());
            an_interval(&Nbd::new(r, alpha).unwrap(), &history, horizon, level);
            an_interval(&BgNbd::new(r, alpha, s, beta).unwrap(), &history, horizon, level);
            an_interval(&ParetoNbd::new(r, alpha, s, beta).unwrap(), &history, horizon, level);
            an_interval(&GompertzNbd::new(r, alpha, s, beta, b).unwrap(), &history, horizon, level);
            an_interval(&MbgCnbd::new(12, r, alpha, s, beta).unwrap(), &history, horizon, level);
        }
    }

    #[test]
    fn an_interval_prints_with_any_width_and_precision() {
        let interval = CountInterval { lower: 2, upper: 7, level: Level::new(0.57).unwrap() };
        assert_eq!(interval.to_string(), "2 to 7 (57 %)");
        assert_eq!(
            format!("[{interval:>15}] [{interval:.3}] [{interval:15.0}]"),
            "[  2 to 7 (57 %)] [2 to 7 (57 %)] [2 to 7 (57 %)  ]"
        );
    }
}
