use std::collections::HashMap;
use std::fmt;

use crm_numbers::{Interval, Level, check, parallel};
use nuts_rs::{Chain, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError, Settings};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::draws;
use super::fitted::PurchaseFit;
use super::newton::Cholesky;
use super::options::PurchaseOptions;
use super::predictive::quantiles;
use super::prior::Prior;
use super::terms::{ParameterRole, Terms};
use crate::{Error, History, Horizon, PurchaseModel, Repeat, fit::CountInterval};

/// Settings of a sampler of the posterior.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", default, deny_unknown_fields))]
pub struct PosteriorOptions {
    chains: u32,
    /// Draws of each chain that only tune it.
    warm_up: u32,
    draws: u32,
    seed: u64,
}

impl Default for PosteriorOptions {
    fn default() -> Self {
        PosteriorOptions { chains: 4, warm_up: 250, draws: 500, seed: 1 }
    }
}

crm_numbers::gate!(PosteriorOptions, PosteriorOptions::checked);

impl PosteriorOptions {
    fn checked(self) -> Result<Self, Error> {
        check::range("number of chains", self.chains, 2..=100)?;
        check::range("number of draws", self.draws, 4..=1_000_000)?;
        check::range("number of warm-up draws", self.warm_up, 20..=1_000_000)?;
        Ok(self)
    }

    /// Sets the number of independent chains, 2 to 100, which start far apart.
    #[must_use]
    pub fn with_chains(self, chains: u32) -> Self {
        PosteriorOptions { chains, ..self }
    }

    /// Sets the number of draws of each chain that are kept, 4 to 1 000 000.
    #[must_use]
    pub fn with_draws(self, draws: u32) -> Self {
        PosteriorOptions { draws, ..self }
    }

    /// Sets the seed; equal seeds give the same bits.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        PosteriorOptions { seed, ..self }
    }

    /// Returns the number of chains.
    #[must_use]
    pub fn chains(&self) -> u32 {
        self.chains
    }

    /// Returns the number of draws of each chain that are kept.
    #[must_use]
    pub fn draws(&self) -> u32 {
        self.draws
    }
}

/// Posterior distribution of the parameters, as draws.
///
/// Unlike standard errors it takes no parabola for granted, and any number that the parameters
/// decide has its distribution at once.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterPosterior<M> {
    models: Vec<M>,
    parameters: Vec<PosteriorParameter>,
    divergent: u32,
}

/// Summary of the draws of one parameter.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PosteriorParameter {
    /// Its name.
    pub name: &'static str,
    /// Mean of the draws.
    pub mean: f64,
    /// Standard deviation of the draws.
    pub deviation: f64,
    /// Split R-hat of its logarithm: 1 where all chains tell the same, and above 1.01 where they do
    /// not yet. Gelman et al. (2013), "Bayesian Data Analysis", equation 11.4.
    pub r_hat: f64,
    /// Number of independent draws that would tell as much, by Geyer's initial monotone sequence of
    /// its logarithm (ibid., section 11.5).
    pub effective: f64,
}

/// A parameter of which nothing was known before may be this uncertain in its logarithm: a factor
/// of 20 either way is one standard deviation.
const WEAK: f64 = 3.0;

impl<M: PurchaseModel> PurchaseFit<M> {
    /// Samples the posterior of the parameters by the No-U-Turn sampler (Hoffman and Gelman 2014,
    /// "The No-U-Turn sampler", Journal of Machine Learning Research 15), in directions in which
    /// the likelihood is about as wide as it is long.
    ///
    /// `options` are those of the fit, with its priors. A parameter without one gets a weak one,
    /// log-normal around the estimate with spread 3, so that the posterior has an end.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there are 2 ..= 100 chains of 4 ..= 1e6 draws; [`Error::NeedsPrior`]
    /// for a parameter that neither the data nor a prior hold; [`Error::Sampling`] where the
    /// sampler gives up; as [`fit`](super::fit) for the terms.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{PurchaseOptions, Histories, History, Level, Nbd, fit, fit::PosteriorOptions};
    ///
    /// let histories = Histories::weighted([
    ///     (History::new(0, 0.0, 39.0)?, 900),
    ///     (History::new(1, 25.0, 39.0)?, 220),
    ///     (History::new(4, 36.0, 39.0)?, 80),
    /// ]);
    /// let fitted = fit::<Nbd>(&histories, &PurchaseOptions::default())?;
    /// let posterior = fitted.posterior(&histories, &PurchaseOptions::default(), &PosteriorOptions::default())?;
    /// assert!(posterior.is_settled(), "{posterior}");
    /// // So many customers leave little to the prior, and the posterior is about the likelihood.
    /// let (draws, wald) = (posterior.interval(Level::default(), Nbd::r), fitted.parameter_interval(0, Level::default()));
    /// assert!((draws.unwrap().lower / wald.unwrap().lower - 1.0).abs() < 0.05);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[allow(clippy::indexing_slicing, reason = "the index of a parameter")]
    pub fn posterior(
        &self,
        data: &M::Data,
        options: &PurchaseOptions,
        sampling: &PosteriorOptions,
    ) -> Result<ParameterPosterior<M>, Error>
    where
        M::Data: Sync,
    {
        sampling.checked()?;
        let options = self.with_weak_priors(options)?;
        let terms = Terms::new(*self.model(), &options, data)?;
        let density = Density::<M>::around(self.model(), &terms, data)?;
        let chains = parallel::map((0..sampling.chains).collect(), |chain| density.chain(chain, sampling));
        let chains: Vec<(Vec<Vec<f64>>, u32)> = chains.into_iter().collect::<Result<_, _>>()?;
        let mut models = Vec::with_capacity((sampling.chains * sampling.draws) as usize);
        for draw in chains.iter().flat_map(|(draws, _)| draws) {
            models.push(terms.model(draw)?);
        }
        let per_chain = sampling.draws as usize;
        let parameters = M::PARAMETERS.iter().zip(terms.roles()).enumerate().map(|(i, (name, role))| {
            let of = |model: &M| model.theta().as_ref()[i];
            let values: Vec<f64> = models.iter().map(of).collect();
            if role == ParameterRole::Fixed {
                let (mean, effective) = (of(self.model()), values.len() as f64);
                return PosteriorParameter { name, mean, deviation: 0.0, r_hat: 1.0, effective };
            }
            let logs: Vec<Vec<f64>> = values
                .chunks(per_chain)
                .map(|chain| chain.iter().map(|value| value.ln()).collect())
                .collect();
            let (mean, variance) = mean_and_variance(&values);
            let (r_hat, effective) = mixing(&logs);
            PosteriorParameter { name, mean, deviation: variance.sqrt(), r_hat, effective }
        });
        let parameters = parameters.collect();
        Ok(ParameterPosterior { parameters, divergent: chains.iter().map(|chain| chain.1).sum(), models })
    }

    /// The options with a weak prior for each fitted parameter that has none.
    fn with_weak_priors(&self, options: &PurchaseOptions) -> Result<PurchaseOptions, Error> {
        let mut options = options.clone();
        for ((name, theta, error), role) in self.parameters().zip(self.roles()) {
            let told = |parameter: &str| options.priors.iter().any(|known| known.parameter == parameter);
            if *role != ParameterRole::Free || told(name) {
                continue;
            }
            if error.is_none() {
                return Err(Error::NeedsPrior { model: M::NAME, name });
            }
            options = options.with_prior(name, Prior::log_normal(theta.clamp(1e-8, 1e8), WEAK)?);
        }
        Ok(options)
    }
}

impl<M> ParameterPosterior<M> {
    /// Returns the draws, chain after chain.
    #[must_use]
    pub fn models(&self) -> &[M] {
        &self.models
    }

    /// Returns a summary per parameter.
    #[must_use]
    pub fn parameters(&self) -> &[PosteriorParameter] {
        &self.parameters
    }

    /// Draws at which the sampler lost its way; where there are many, the posterior has corners
    /// that it does not reach.
    #[must_use]
    pub fn divergent(&self) -> u32 {
        self.divergent
    }

    /// Returns whether the draws can be used: every R-hat at most 1.01, at least 400 effective
    /// draws, hardly any divergence.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let mixed = |parameter: &PosteriorParameter| parameter.r_hat <= 1.01 && parameter.effective >= 400.0;
        self.parameters.iter().all(mixed) && f64::from(self.divergent) <= 0.01 * self.models.len() as f64
    }

    /// A credible interval for any number that the parameters decide: the mean and the quantiles
    /// over the draws. `None` where it is no number for one of them.
    #[must_use]
    pub fn interval(&self, level: Level, of: impl Fn(&M) -> f64) -> Option<Interval> {
        let values: Vec<f64> = self.models.iter().map(of).collect();
        let mean = mean_and_variance(&values).0;
        draws::interval(values, mean, level)
    }
}

impl<M: Repeat> ParameterPosterior<M> {
    /// Returns an interval of the number of purchases of a customer, by chance and posterior; it
    /// asks every draw; `None` as [`PurchaseFit::predictive_interval`].
    #[must_use]
    pub fn predictive_interval(
        &self,
        history: &History,
        horizon: Horizon,
        level: Level,
    ) -> Option<CountInterval> {
        quantiles(&self.models, history, horizon, level)
    }
}

impl<M: PurchaseModel> fmt::Display for ParameterPosterior<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} draws, {} divergent", M::NAME, self.models.len(), self.divergent)?;
        write!(
            f,
            "\n{:>12} {:>14} {:>14} {:>8} {:>10}",
            "parameter", "mean", "deviation", "R-hat", "effective"
        )?;
        for PosteriorParameter { name, mean, deviation, r_hat, effective } in &self.parameters {
            write!(f, "\n{name:>12} {mean:>14.6} {deviation:>14.6} {r_hat:>8.4} {effective:>10.0}")?;
        }
        Ok(())
    }
}

/// The posterior on a scale on which it is about standard normal: ln θ = centre + root v.
struct Density<'a, M: PurchaseModel> {
    terms: &'a Terms<M>,
    data: &'a M::Data,
    centre: Vec<f64>,
    root: Vec<Vec<f64>>,
}

impl<M: PurchaseModel> Clone for Density<'_, M> {
    fn clone(&self) -> Self {
        Density { centre: self.centre.clone(), root: self.root.clone(), ..*self }
    }
}

impl<'a, M: PurchaseModel> Density<'a, M>
where
    M::Data: Sync,
{
    fn around(model: &M, terms: &'a Terms<M>, data: &'a M::Data) -> Result<Self, Error> {
        let lost =
            || Error::Sampling { model: M::NAME, text: "the posterior has no top at the fit".to_owned() };
        let relative = terms.relative(model.theta().as_ref());
        let point = terms.point(&relative, data).ok_or_else(lost)?;
        let information: Vec<Vec<f64>> =
            point.hessian.iter().map(|row| row.iter().map(|entry| -entry).collect()).collect();
        let covariance = Cholesky::of(&information).ok_or_else(lost)?.inverse();
        let root = Cholesky::semidefinite(&covariance).rows();
        Ok(Density { terms, data, centre: relative.iter().map(|theta| theta.ln()).collect(), root })
    }

    fn relative(&self, place: &[f64]) -> Vec<f64> {
        let dot = |row: &Vec<f64>| row.iter().zip(place).map(|(entry, v)| entry * v).sum::<f64>();
        self.centre.iter().zip(&self.root).map(|(centre, row)| (centre + dot(row)).exp()).collect()
    }

    /// The kept draws of one chain, relative to the scales, and how many of them diverged.
    fn chain(&self, number: u32, sampling: &PosteriorOptions) -> Result<(Vec<Vec<f64>>, u32), Error> {
        let failed = |text: String| Error::Sampling { model: M::NAME, text };
        let mut random = draws::random(sampling.seed, number);
        let start: Vec<f64> = (0..self.centre.len())
            .map(|_| {
                let v: f64 = StandardNormal.sample(&mut random);
                1.5 * v
            })
            .collect();
        let settings = DiagNutsSettings { num_tune: sampling.warm_up.into(), ..Default::default() };
        let mut chain = settings
            .new_chain(number.into(), CpuMath::new(self.clone()), &mut random)
            .map_err(|error| failed(error.to_string()))?;
        chain.set_position(&start).map_err(|error| failed(error.to_string()))?;
        let (mut draws, mut divergent) = (Vec::with_capacity(sampling.draws as usize), 0);
        for n in 0..sampling.warm_up + sampling.draws {
            let (place, progress) = chain.draw().map_err(|error| failed(error.to_string()))?;
            if n >= sampling.warm_up {
                divergent += u32::from(progress.diverging);
                draws.push(self.relative(&place));
            }
        }
        Ok((draws, divergent))
    }
}

/// A place without a likelihood.
#[derive(Debug, thiserror::Error)]
#[error("the likelihood is not finite")]
struct NotFinite;

impl LogpError for NotFinite {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl<M: PurchaseModel> HasDims for Density<'_, M> {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("parameter".to_owned(), self.centre.len() as u64)])
    }
}

impl<M: PurchaseModel> CpuLogpFunc for Density<'_, M>
where
    M::Data: Sync,
{
    type LogpError = NotFinite;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        self.centre.len()
    }

    fn logp(&mut self, place: &[f64], gradient: &mut [f64]) -> Result<f64, NotFinite> {
        let point = self.terms.point(&self.relative(place), self.data).ok_or(NotFinite)?;
        gradient.fill(0.0);
        for (slope, row) in point.gradient.iter().zip(&self.root) {
            for (into, entry) in gradient.iter_mut().zip(row) {
                *into += slope * entry;
            }
        }
        Ok(point.ln_likelihood)
    }

    fn expand_vector<R: Rng + ?Sized>(&mut self, _: &mut R, place: &[f64]) -> Result<Vec<f64>, CpuMathError> {
        Ok(place.to_vec())
    }
}

fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0))
}

/// Split R-hat and the effective number of draws.
fn mixing(chains: &[Vec<f64>]) -> (f64, f64) {
    let halves: Vec<&[f64]> = chains
        .iter()
        .flat_map(|chain| {
            let half = chain.len() / 2;
            [chain.get(..half).unwrap_or_default(), chain.get(chain.len() - half..).unwrap_or_default()]
        })
        .collect();
    let (m, n) = (halves.len() as f64, halves.first().map_or(0, |half| half.len()) as f64);
    let moments: Vec<(f64, f64)> = halves.iter().map(|half| mean_and_variance(half)).collect();
    let within = moments.iter().map(|moment| moment.1).sum::<f64>() / m;
    let between = mean_and_variance(&moments.iter().map(|moment| moment.0).collect::<Vec<_>>()).1;
    let all = (n - 1.0) / n * within + between;
    if within <= 0.0 || all <= 0.0 {
        return (1.0, m * n);
    }
    // Autocorrelation over all chains at a lag.
    let correlation = |lag: usize| {
        let covariance = |(half, moment): (&&[f64], &(f64, f64))| {
            let later = half.iter().skip(lag);
            half.iter().zip(later).map(|(a, b)| (a - moment.0) * (b - moment.0)).sum::<f64>() / n
        };
        let mean = halves.iter().zip(&moments).map(covariance).sum::<f64>() / m;
        1.0 - (within * (n - 1.0) / n - mean) / all
    };
    // Sums of neighbors are positive and fall; from where they do not, noise is all there is.
    let (mut sum, mut least) = (0.0, f64::INFINITY);
    for pair in 0..(n as usize) / 2 {
        let both = correlation(2 * pair) + correlation(2 * pair + 1);
        if both <= 0.0 {
            break;
        }
        least = both.min(least);
        sum += least;
    }
    let draws = m * n;
    ((all / within).sqrt(), (draws / (2.0 * sum - 1.0).max(1.0 / draws.log10())).min(draws * draws.log10()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An autoregression x' = c x + noise: draws are worth (1 - c) / (1 + c) of independent ones.
    #[test]
    fn effective_draws_of_a_known_process() {
        for c in [0.0, 0.5, 0.9, -0.3] {
            let mut random = draws::random(4, 0);
            let chains: Vec<Vec<f64>> = (0..4)
                .map(|_| {
                    let mut x = 0.0;
                    let step = |_| {
                        let noise: f64 = StandardNormal.sample(&mut random);
                        x = c * x + noise;
                        x
                    };
                    (0..20_000).map(step).collect()
                })
                .collect();
            let (r_hat, effective) = mixing(&chains);
            let expected = 80_000.0 * (1.0 - c) / (1.0 + c);
            assert!((effective / expected - 1.0).abs() < 0.12, "{c}: {effective} {expected}");
            assert!((r_hat - 1.0).abs() < 0.002, "{c}: {r_hat}");
            // One chain elsewhere is seen.
            let mut apart = chains.clone();
            apart[2].iter_mut().for_each(|x| *x += 2.0);
            let (r_hat, effective) = mixing(&apart);
            assert!(r_hat > 1.05 && effective < 100.0, "{c}: {r_hat} {effective}");
        }
        assert_eq!(mixing(&[vec![1.0; 8], vec![1.0; 8]]), (1.0, 16.0));
    }
}
