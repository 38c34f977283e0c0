use std::fmt;

use crm_statistics::{Interval, Level};
use hashbrown::HashMap;

use super::fitted::Fitted;
use super::newton::Cholesky;
use crate::model::check_buffer;
use crate::{Error, History, Horizon, Repeat, parallel};

/// How many purchases a customer will make: at least `lower` and at most `upper`, with a probability of the level *or more*.
///
/// Below `lower` and above `upper` lies at most half of the rest each. Counts are whole numbers: 0 to 0 is an honest interval for someone who
/// will hardly come back.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
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
        write!(f, "{} to {} ({} %)", self.lower, self.upper, 100.0 * self.level.get())
    }
}

/// Counts beyond which nobody is followed.
const MOST: u32 = 100_000;

impl<M: Repeat> Fitted<M> {
    /// How many purchases this customer will make in the coming time: chance and the uncertainty of the parameters together.
    ///
    /// P(n) = Σ_j w_j P(n | θ_j), where the θ_j stand for the distribution of the parameters: the points of the cubature rule of third degree,
    /// √d standard deviations from the estimate on both sides along d directions, with equal weights (Arasaratnam and Haykin 2009, "Cubature
    /// Kalman filters", IEEE Transactions on Automatic Control 54, equation 24), in logarithms. Parameters without a standard error are taken as they are.
    ///
    /// [`expectation_interval`](Self::expectation_interval) is another thing: where the *mean* of many such customers lies.
    ///
    /// `None` for someone who may well buy more than 100 000 times.
    ///
    /// ```
    /// use crm_btyd::{BgNbd, FitOptions, Histories, History, Horizon, Level, fit};
    ///
    /// let histories = Histories::weighted([
    ///     (History::new(0, 0.0, 39.0)?, 900),
    ///     (History::new(1, 3.0, 39.0)?, 150),
    ///     (History::new(1, 25.0, 39.0)?, 120),
    ///     (History::new(3, 12.0, 39.0)?, 60),
    ///     (History::new(9, 38.0, 39.0)?, 20),
    /// ]);
    /// let fitted = fit::<BgNbd>(&histories, &FitOptions::default())?;
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

    /// [`predictive_interval`](Self::predictive_interval) of many customers, into a buffer; equal histories are worked off once.
    ///
    /// # Errors
    ///
    /// [`Error::BufferLength`].
    pub fn predictive_intervals(
        &self,
        histories: &[History],
        horizon: Horizon,
        level: Level,
        into: &mut [Option<CountInterval>],
    ) -> Result<(), Error> {
        check_buffer(histories, into)?;
        let models = self.likely_models();
        let (distinct, numbers) = numbered(histories);
        let found = each(&distinct, |history| quantiles(&models, history, horizon, level));
        for (slot, number) in into.iter_mut().zip(numbers) {
            *slot = found.get(number).copied().flatten();
        }
        Ok(())
    }

    /// How many purchases all these customers together will make: chance and the uncertainty of the parameters, as a normal distribution.
    ///
    /// Of the two, chance averages out over many customers while the uncertainty of the parameters does not, because it is the same for all of them.
    /// Variance = Σ_i Var(n_i | θ) + (Σ_i E n_i)² Var(ln Σ_i E n_i), the second term by the delta method.
    ///
    /// `None` where a parameter has no standard error, and for someone who may well buy more than 100 000 times.
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
        let (distinct, numbers) = numbered(histories);
        let variances = each(&distinct, |history| variance(self.model(), history, horizon));
        let chance: Option<f64> = numbers.into_iter().map(|number| variances.get(number).copied()?).sum();
        let reach = level.z() * (chance? + mean * mean * ln_variance).sqrt();
        Some(Interval::new((mean - reach).max(0.0), mean, mean + reach, level))
    }

    /// Models that stand for the uncertainty of the parameters, with equal weights.
    fn likely_models(&self) -> Vec<M> {
        let theta = self.model().theta().as_ref().to_vec();
        let known: Vec<usize> =
            (0..theta.len()).filter(|&i| self.ln_covariance_of(i, i).is_some_and(|v| v > 0.0)).collect();
        let covariance: Vec<Vec<f64>> = known
            .iter()
            .map(|&i| known.iter().map(|&j| self.ln_covariance_of(i, j).unwrap_or(0.0)).collect())
            .collect();
        // Parameters that move as one leave the matrix singular: there are as many directions as its rank.
        let directions = Cholesky::semidefinite(&covariance).columns();
        let spread = (directions.len() as f64).sqrt();
        let mut models = Vec::new();
        for direction in directions {
            let moved = |sign: f64| {
                let mut moved = theta.clone();
                for (&i, step) in known.iter().zip(&direction) {
                    *moved.get_mut(i)? *= (sign * spread * step).exp();
                }
                M::from_theta(M::Theta::try_from(&moved).ok()?).ok()
            };
            if let (Some(up), Some(down)) = (moved(1.0), moved(-1.0)) {
                models.extend([up, down]);
            }
        }
        if models.is_empty() { vec![*self.model()] } else { models }
    }
}

/// The interval of the mixture of the models, from its probabilities one by one.
pub(super) fn quantiles<M: Repeat>(
    models: &[M],
    history: &History,
    horizon: Horizon,
    level: Level,
) -> Option<CountInterval> {
    let (low, high) = (0.5 * (1.0 - level.get()), 0.5 * (1.0 + level.get()));
    let (mut sum, mut lower) = (0.0, None);
    for n in 0..=MOST {
        sum += models.iter().map(|model| model.pmf(history, horizon, n)).sum::<f64>() / models.len() as f64;
        if lower.is_none() && sum > low {
            lower = Some(n);
        }
        // The last units in the last place may never come.
        if sum >= high - 1e-12 {
            return Some(CountInterval { lower: lower.unwrap_or(n), upper: n, level });
        }
    }
    None
}

/// Variance of the number of purchases, summed until no probability is left.
fn variance<M: Repeat>(model: &M, history: &History, horizon: Horizon) -> Option<f64> {
    /// What is left when the sum ends: its count is not far beyond the last one's.
    const NOTHING: f64 = 1e-7;
    let (mut all, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for n in 0..=MOST {
        let (p, count) = (model.pmf(history, horizon, n), f64::from(n));
        all += p;
        sum += p * count;
        squares += p * count * count;
        if 1.0 - all <= NOTHING {
            return Some((squares - sum * sum).max(0.0));
        }
    }
    None
}

/// The different histories among these, and the number of each one's among them.
fn numbered(histories: &[History]) -> (Vec<History>, Vec<usize>) {
    let mut known: HashMap<(u32, u64, u64), usize> = HashMap::new();
    let mut distinct = Vec::new();
    let numbers = histories
        .iter()
        .map(|history| {
            let key = (history.frequency(), history.recency().to_bits(), history.age().to_bits());
            *known.entry(key).or_insert_with(|| {
                distinct.push(*history);
                distinct.len() - 1
            })
        })
        .collect();
    (distinct, numbers)
}

fn each<T: Send>(histories: &[History], f: impl Fn(&History) -> T + Sync + Send) -> Vec<T> {
    /// Customers worked off by one task.
    const PER_TASK: usize = 1 << 6;
    let pieces = histories.chunks(PER_TASK).collect();
    let done = parallel::map(pieces, |piece: &[History]| piece.iter().map(&f).collect::<Vec<_>>());
    done.into_iter().flatten().collect()
}
