//! Pareto/NBD: purchases at a steady rate until an unseen death, which may come at any time.
//!
//! The story of one customer: while alive, purchases come as a Poisson process of rate λ, and the
//! time of death is exponential with rate μ. Over customers, λ has a gamma distribution (shape r,
//! rate alpha) and μ another one (shape s, rate beta), independently.
//!
//! Since the last purchase, the next one and death are in a race, whose waits have Lomax
//! distributions once the gamma distributions are updated by the purchases seen. Silence says that
//! the next purchase has not come: either death came first (the integral in [`race`](crate::race))
//! or neither came yet. A customer who is alive now is like a new one with other parameters: r + x,
//! alpha + T, s and beta + T.

mod batch;
mod kernel;
mod likelihood;
mod moments;
mod posterior;
#[cfg(feature = "rand")]
mod simulate;

pub(crate) use self::kernel::Kernel;
pub(crate) use self::posterior::Posterior;
use crate::error::check_parameters;
use crate::model::mean_p_alive;
use crate::special::walk::Precision;
use crate::story::Story;
use crate::{
    Error, Histories, History, Nbd, PurchaseModel,
    covariates::WithCovariates,
    fit::Implication,
    models::{Derivatives, Simpler},
};

/// Pareto/NBD: a customer can be gone at any time, not only after a purchase.
///
/// Schmittlein, Morrison and Colombo (1987), "Counting your customers: who are they and what will
/// they do next?", Management Science 33. Parameters, all in 1e-8 ..= 1e8:
///
/// * `r`, `alpha`: shape and rate of the gamma distribution of purchase rates; the mean rate is r /
///   alpha per unit of time;
/// * `s`, `beta`: of the gamma distribution of death rates; half of all customers live longer than
///   beta (2^(1/s) - 1).
///
/// # Examples
///
/// ```
/// use crm_btyd::{History, Horizon, ParetoNbd, Repeat};
///
/// // PurchaseFit to CDNOW, in weeks.
/// let model = ParetoNbd::new(0.5533, 10.5777, 0.6062, 11.6687)?;
/// let customer = History::new(2, 30.43, 38.86)?;
/// assert!((model.p_alive(&customer) - 0.8691).abs() < 5e-5);
/// assert!((model.expected_purchases(&customer, Horizon::new(39.0)?) - 1.4551).abs() < 5e-5);
/// // Of new customers, beta / (beta + t) to the power s are alive after a time t: 0.4233 after 36.55 weeks.
/// let later = model.p_alive_later(&History::NEW, Horizon::new(36.55)?);
/// assert!((later - (11.6687_f64 / (11.6687 + 36.55)).powf(0.6062)).abs() < 1e-15);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParetoNbd {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
}

impl ParetoNbd {
    /// Creates the model with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for one outside 1e-8 ..= 1e8.
    pub fn new(r: f64, alpha: f64, s: f64, beta: f64) -> Result<Self, Error> {
        check_parameters(Self::NAME, Self::PARAMETERS, &[r, alpha, s, beta])?;
        Ok(ParetoNbd { r, alpha, s, beta })
    }

    /// Returns the shape of the distribution of purchase rates.
    #[must_use]
    pub fn r(&self) -> f64 {
        self.r
    }

    /// Returns the rate of the distribution of purchase rates, a time.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Returns the shape of the distribution of death rates.
    #[must_use]
    pub fn s(&self) -> f64 {
        self.s
    }

    /// Returns the rate of the distribution of death rates, a time.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// Returns the log-likelihood of one history, as a density of purchase times.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{History, ParetoNbd};
    ///
    /// // r = s = alpha = beta = 1, one purchase and then nothing until T = 9: alive (1/10)^2, or dead before a purchase,
    /// // the integral of (1 + t)^-3, (1 - 1/100) / 2. Together 0.505.
    /// let model = ParetoNbd::new(1.0, 1.0, 1.0, 1.0)?;
    /// assert!((model.ln_likelihood_of(&History::new(0, 0.0, 9.0)?) - 0.505_f64.ln()).abs() < 1e-14);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn ln_likelihood_of(&self, history: &History) -> f64 {
        self.kernel().ln_likelihood(history)
    }
}

impl PurchaseModel for ParetoNbd {
    type Data = Histories;
    type Theta = [f64; 4];

    const NAME: &'static str = "Pareto/NBD";
    const PARAMETERS: &'static [&'static str] = &["r", "alpha", "s", "beta"];

    fn from_theta([r, alpha, s, beta]: [f64; 4]) -> Result<Self, Error> {
        ParetoNbd::new(r, alpha, s, beta)
    }

    fn theta(&self) -> [f64; 4] {
        [self.r, self.alpha, self.s, self.beta]
    }

    fn starts(&self, data: &Histories) -> Vec<Self> {
        likelihood::starts(data).into_iter().filter_map(|theta| Self::from_theta(theta).ok()).collect()
    }

    fn ln_likelihood(&self, data: &Histories) -> f64 {
        likelihood::value(&self.kernel(), data)
    }

    fn derivatives(&self, data: &Histories) -> Derivatives {
        likelihood::derivatives(&self.kernel(), data)
    }

    /// The NBD: nobody drops out.
    fn simpler(&self, data: &Histories) -> Option<Simpler<Self>> {
        // Beside it, a few who leave at once.
        Simpler::fitted(data, |nbd: &Nbd| {
            let with = |(s, beta): (f64, f64)| Self::new(nbd.r(), nbd.alpha(), s, beta).ok();
            [(1e-7, 1e7), (0.01, 1e-6)].into_iter().filter_map(with).collect::<Vec<_>>()
        })
    }

    fn implies(&self, data: &Histories) -> Option<Implication> {
        mean_p_alive(self, data)
    }
}

impl WithCovariates for ParetoNbd {
    const PURCHASE: (usize, f64) = (1, -1.0);
    const DROP_OUT: (usize, f64) = (3, -1.0);
}

impl Story for ParetoNbd {
    type Kernel = Kernel;

    fn kernel(&self) -> Kernel {
        Kernel { r: self.r, alpha: self.alpha, s: self.s, beta: self.beta, precision: Precision::Full }
    }
}

crate::stored::stored_model!(ParetoNbd);
