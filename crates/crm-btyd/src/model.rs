use std::fmt::Debug;

use crm_numbers::TimeUnit;

use crate::fit::{Implication, maxima};
use crate::{Error, FitDiagnosis, Histories, PurchaseOptions, Repeat};
#[cfg(feature = "rand")]
use crate::{History, Horizon};

/// A model of customer behavior: a small value that holds its parameters, all of them positive and
/// checked on creation.
///
/// Parameters taken from a paper predict as well as fitted ones. Whatever [`fit`](crate::fit())
/// needs is stated here.
pub trait PurchaseModel: Copy + Debug + PartialEq + Send + Sync {
    /// Data that the model is fitted to.
    type Data: Sample;
    /// Array of the parameters.
    type Theta: Copy + Debug + AsRef<[f64]> + for<'a> TryFrom<&'a [f64]>;

    /// Usual name, such as `BG/NBD`.
    const NAME: &'static str;
    /// Names of the parameters, in order.
    const PARAMETERS: &'static [&'static str];

    /// Creates the model with these parameters; a CNBD model has k = 1 then.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for a parameter outside the range in which the answers are known to be
    /// accurate.
    fn from_theta(theta: Self::Theta) -> Result<Self, Error>;

    /// Returns the parameters, in their order.
    fn theta(&self) -> Self::Theta;

    /// Returns a model of the same kind with other parameters: of a CNBD model, one with the same
    /// k.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] as [`from_theta`](Self::from_theta).
    fn with_theta(&self, theta: Self::Theta) -> Result<Self, Error> {
        Self::from_theta(theta)
    }

    /// Returns the name with all that distinguishes models of this type beside their parameters,
    /// such as `MBG/CNBD-2`.
    #[must_use]
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// Returns the kind of model that has a name, with parameters of 1; `None` for any other name.
    #[must_use]
    fn from_name(name: &str) -> Option<Self> {
        let ones = vec![1.0; Self::PARAMETERS.len()];
        let theta = Self::Theta::try_from(&ones).ok().filter(|_| name == Self::NAME)?;
        Self::from_theta(theta).ok()
    }

    /// Returns the kind of model that a fit with these options looks for, with parameters of 1.
    ///
    /// # Errors
    ///
    /// [`Error`] if the options, together with the data, leave the kind open.
    fn kind(_data: &Self::Data, _options: &PurchaseOptions) -> Result<Self, Error> {
        Self::from_name(Self::NAME).ok_or(Error::NoStart { model: Self::NAME })
    }

    /// Returns starting points for the optimizer, with one in the basin of every local maximum that
    /// the likelihood may have: for early and late drop-out, alike and unlike customers.
    ///
    /// A fit evaluates the likelihood at each and climbs from the best few, so that a hundred are
    /// cheap.
    fn starts(&self, data: &Self::Data) -> Vec<Self>;

    /// Returns a typical size of each parameter: 1 for a pure number, about the mean spend for
    /// money.
    ///
    /// A fit searches from 1e-7 to 1e7 times that size, so that any currency fits into it.
    fn scales(_data: &Self::Data) -> Vec<f64> {
        vec![1.0; Self::PARAMETERS.len()]
    }

    /// Returns the log-likelihood of all customers.
    fn ln_likelihood(&self, data: &Self::Data) -> f64 {
        self.derivatives(data).ln_likelihood
    }

    /// Returns the log-likelihood with its gradient and Hessian.
    fn derivatives(&self, data: &Self::Data) -> Derivatives;

    /// Fits the simpler model that this one becomes where its additional parameters tell nothing:
    /// without drop-out, with purchases at random, without aging.
    ///
    /// A fit climbs from its optima too, so that the larger model is never below the one it
    /// contains, and says [`FitDiagnosis::Collapsed`] where the simpler one is as good.
    fn simpler(&self, _data: &Self::Data) -> Option<Simpler<Self>> {
        None
    }

    /// Returns the figure by which two explanations of the same data differ most, such as the mean
    /// P(alive): [`FitDiagnosis::StartsDisagree`] states it for both.
    fn implies(&self, _data: &Self::Data) -> Option<Implication> {
        None
    }

    /// Returns whatever makes these parameters doubtful as an answer about these customers.
    fn diagnose(&self, _data: &Self::Data) -> Vec<FitDiagnosis> {
        Vec::new()
    }
}

/// A simpler model, fitted on its own, as a special case of a larger model `M`.
#[derive(Debug, Clone, PartialEq)]
pub struct Simpler<M> {
    /// Name of the simpler model.
    pub model: &'static str,
    /// Number of its parameters.
    pub parameters: usize,
    /// Its largest log-likelihood, with the same constants as in the larger model.
    pub ln_likelihood: f64,
    /// Its local maxima as parameters of the larger model, the highest first.
    pub starts: Vec<M>,
}

impl<M: PurchaseModel> Simpler<M> {
    /// Fits a simpler model, with a search of its own; `embed` turns its parameters into those of
    /// the larger model, at the same place and perhaps near it. `None` if it cannot be fitted.
    pub fn fitted<S: PurchaseModel<Data = M::Data>, I: IntoIterator<Item = M>>(
        data: &M::Data,
        embed: impl Fn(&S) -> I,
    ) -> Option<Self> {
        let (models, ln_likelihood) = maxima::<S>(data)?;
        let starts = models.iter().flat_map(embed).collect();
        Some(Simpler { model: S::NAME, parameters: S::PARAMETERS.len(), ln_likelihood, starts })
    }
}

/// The mean probability that the customers of the data are active.
pub(crate) fn mean_p_alive<M: Repeat>(model: &M, data: &Histories) -> Option<Implication> {
    let sum: f64 = data.iter().map(|(history, n)| n as f64 * model.p_alive(&history)).sum();
    Implication::new("mean P(alive)", sum / data.customers() as f64)
}

/// Customers that a model can be fitted to.
pub trait Sample {
    /// Plural noun for the observations, such as `customers`.
    const WHAT: &'static str;

    /// Returns the number of customers.
    fn customers(&self) -> u64;

    /// Returns the unit of time, if it is known.
    fn unit(&self) -> Option<TimeUnit>;

    /// Returns whatever makes any fit to these customers doubtful.
    fn diagnose(&self) -> Vec<FitDiagnosis>;

    /// Returns a smaller sample whose likelihood has about the same shape, with rows that stand for
    /// several similar ones; `None` where there are few distinct rows.
    ///
    /// A search finds the basins of the likelihood there, and the maxima in them on all rows.
    fn coarse(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

/// A log-likelihood with its gradient and its Hessian.
#[derive(Debug, Clone, PartialEq)]
pub struct Derivatives {
    /// The log-likelihood.
    pub ln_likelihood: f64,
    /// First derivatives, one per parameter.
    pub gradient: Vec<f64>,
    /// Second derivatives, one row per parameter; symmetric.
    pub hessian: Vec<Vec<f64>>,
}

impl Derivatives {
    /// Creates a log-likelihood of 0 with derivatives of 0, for a number of parameters.
    #[must_use]
    pub fn zero(parameters: usize) -> Self {
        Derivatives {
            ln_likelihood: 0.0,
            gradient: vec![0.0; parameters],
            hessian: vec![vec![0.0; parameters]; parameters],
        }
    }

    /// Multiplies everything by a weight of the customers.
    #[must_use]
    pub(crate) fn times(mut self, weight: f64) -> Self {
        self.ln_likelihood *= weight;
        self.gradient.iter_mut().chain(self.hessian.iter_mut().flatten()).for_each(|entry| *entry *= weight);
        self
    }

    /// Adds to the derivative by parameter `i`.
    ///
    /// # Panics
    ///
    /// If there is no such parameter.
    #[allow(clippy::indexing_slicing, reason = "a model knows its parameters")]
    pub fn add_gradient(&mut self, i: usize, value: f64) {
        self.gradient[i] += value;
    }

    /// Adds to the derivative by parameters `i` and `j`, on both sides of the diagonal.
    ///
    /// # Panics
    ///
    /// If there is no such parameter.
    #[allow(clippy::indexing_slicing, reason = "a model knows its parameters")]
    pub fn add_hessian(&mut self, i: usize, j: usize, value: f64) {
        self.hessian[i][j] += value;
        if i != j {
            self.hessian[j][i] += value;
        }
    }
}

/// A model that can simulate customers.
#[cfg(feature = "rand")]
pub trait Simulate: PurchaseModel + Repeat {
    /// Simulates a new customer: the times of the repeat purchases within `exposure` from the first
    /// purchase, in ascending order.
    fn simulate<R: rand::Rng + ?Sized>(&self, exposure: Horizon, rng: &mut R) -> Vec<f64>;

    /// Simulates the history of a new customer who is observed for `exposure`.
    ///
    /// # Errors
    ///
    /// [`Error::RecencyWithoutRepeat`] if the time to the last purchase is too short for an `f64`.
    fn simulate_history<R: rand::Rng + ?Sized>(
        &self,
        exposure: Horizon,
        rng: &mut R,
    ) -> Result<History, Error> {
        let times = self.simulate(exposure, rng);
        History::new(times.len() as u32, times.last().copied().unwrap_or(0.0), exposure.get())
    }
}
