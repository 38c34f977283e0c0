//! GGompertz/NBD: purchases at a steady rate until an unseen death, whose risk grows or stays with
//! the time since the first purchase.
//!
//! The story of one customer: while alive, purchases come as a Poisson process of rate λ, and the
//! risk of death after a time t is η b e^(b t). Over customers, λ has a gamma distribution (shape
//! r, rate alpha) and η another one (shape s, rate beta), independently. Over customers the risk
//! may fall first, as those with a high one leave, and rise later.
//!
//! A customer who has lived until T is like a new one with other parameters: r + x and alpha + T
//! for the purchases, and 1 + (beta - 1) e^(-b T) in the place of beta for the rest of the life. As
//! b goes to 0 with beta / b held, the law becomes the Pareto/NBD.

mod batch;
mod kernel;
mod life;
mod likelihood;
mod moments;
mod posterior;
#[cfg(feature = "rand")]
mod simulate;

pub(crate) use self::kernel::Kernel;
use self::life::Life;
pub(crate) use self::posterior::Posterior;
use crate::error::check_parameters;
use crate::model::mean_p_alive;
use crate::special::walk::Precision;
use crate::story::Story;
use crate::{
    Error, Histories, History, ParetoNbd, PurchaseModel,
    fit::Implication,
    models::{Derivatives, Simpler},
};

/// GGompertz/NBD: a customer can be gone at any time, and aging customers are gone the sooner.
///
/// Bemmaor and Glady (2012), "Modeling purchasing behavior with sudden death: a flexible customer
/// lifetime model", Management Science 58; the conditional expectation as corrected by Adler
/// (2022), "Comment on ...", ibid. 68. Parameters, all in 1e-8 ..= 1e8:
///
/// * `r`, `alpha`: shape and rate of the gamma distribution of purchase rates; the mean rate is r /
///   alpha per unit of time;
/// * `s`, `beta`: of the gamma distribution of the risks, a pure number: half of all customers live
///   longer than ln(1 + beta (2^(1/s) - 1)) / b;
/// * `b`: how fast each one's risk grows, per unit of time.
///
/// Where the data do not tell it from the Pareto/NBD, which is b = 0, a fit says
/// [`FitDiagnosis::Collapsed`](crate::FitDiagnosis::Collapsed).
///
/// # Examples
///
/// ```
/// use crm_btyd::{GompertzNbd, History, Horizon, Repeat};
///
/// let model = GompertzNbd::new(0.55, 10.6, 1.5, 20.0, 0.1)?;
/// // Of new customers, (beta / (beta + e^(b t) - 1))^s are alive after a time t.
/// let later = model.p_alive_later(&History::NEW, Horizon::new(26.0)?);
/// assert!((later - (20.0 / (19.0 + 2.6_f64.exp())).powf(1.5)).abs() < 1e-15);
/// // Thirty weeks of silence tell more of an old customer than of a young one.
/// let (young, old) = (History::new(1, 1.0, 31.0)?, History::new(1, 40.0, 70.0)?);
/// assert!(model.p_alive(&young) > 0.15 && model.p_alive(&old) < 0.02);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GompertzNbd {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
    b: f64,
}

impl GompertzNbd {
    /// Creates the model with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for one outside 1e-8 ..= 1e8.
    pub fn new(r: f64, alpha: f64, s: f64, beta: f64, b: f64) -> Result<Self, Error> {
        check_parameters(Self::NAME, Self::PARAMETERS, &[r, alpha, s, beta, b])?;
        Ok(GompertzNbd { r, alpha, s, beta, b })
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

    /// Returns the shape of the distribution of risks.
    #[must_use]
    pub fn s(&self) -> f64 {
        self.s
    }

    /// Returns the rate of the distribution of risks.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// Returns the growth rate of the risk, per unit of time.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.b
    }

    /// Returns the log-likelihood of one history, as a density of purchase times.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{GompertzNbd, History};
    ///
    /// // A purchase at the end of the observation: alive, r / alpha (alpha / (alpha + T))^(r + 1) (beta / (beta + e^(b T) - 1))^s.
    /// let model = GompertzNbd::new(1.0, 1.0, 1.0, 1.0, 1.0)?;
    /// assert!((model.ln_likelihood_of(&History::new(1, 2.0, 2.0)?) - (1.0 / 9.0_f64).ln() + 2.0).abs() < 1e-14);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn ln_likelihood_of(&self, history: &History) -> f64 {
        self.kernel().ln_likelihood(history)
    }
}

impl PurchaseModel for GompertzNbd {
    type Data = Histories;
    type Theta = [f64; 5];

    const NAME: &'static str = "GGompertz/NBD";
    const PARAMETERS: &'static [&'static str] = &["r", "alpha", "s", "beta", "b"];

    fn from_theta([r, alpha, s, beta, b]: [f64; 5]) -> Result<Self, Error> {
        GompertzNbd::new(r, alpha, s, beta, b)
    }

    fn theta(&self) -> [f64; 5] {
        [self.r, self.alpha, self.s, self.beta, self.b]
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

    /// The Pareto/NBD: nobody ages.
    fn simpler(&self, data: &Histories) -> Option<Simpler<Self>> {
        Simpler::fitted(data, |pareto: &ParetoNbd| {
            let [r, alpha, s, beta] = pareto.theta();
            let with = |b: f64| Self::new(r, alpha, s, (b * beta).clamp(1e-7, 1e7), b).ok();
            // As slow an aging as the range of beta allows, from which no slope leads away, and a
            // little more, if that is likelier.
            let slowest = with((1e-7 / beta).max(1e-7));
            let faster = with((SLIGHT / data.mean_age()).clamp(1e-7, 1e6))
                .filter(|faster| slowest.is_none_or(|slowest| is_likelier(faster, &slowest, data)));
            [slowest, faster].into_iter().flatten().collect::<Vec<_>>()
        })
    }

    fn implies(&self, data: &Histories) -> Option<Implication> {
        mean_p_alive(self, data)
    }
}

/// Growth of the risk of leaving over the mean age, in logarithms, that tells whether aging is
/// likely.
const SLIGHT: f64 = 0.002;

fn is_likelier(one: &GompertzNbd, other: &GompertzNbd, data: &Histories) -> bool {
    one.ln_likelihood(data) > other.ln_likelihood(data) + 1e-4
}

impl Story for GompertzNbd {
    type Kernel = Kernel;

    fn kernel(&self) -> Kernel {
        let life = Life { s: self.s, beta: self.beta, b: self.b };
        Kernel { r: self.r, alpha: self.alpha, life, precision: Precision::Full }
    }
}

crate::stored::stored_model!(GompertzNbd);
