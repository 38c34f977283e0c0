//! BG/NBD and MBG/NBD: purchases at a steady rate until a coin says that the last one was the last.
//!
//! The story of one customer: while alive, purchases come as a Poisson process of rate λ; after
//! each repeat purchase the customer drops out with probability p. Over customers, λ has a gamma
//! distribution (shape r, rate alpha) and p a beta distribution (a, b), independently. In the
//! MBG/NBD the coin is tossed once more, right after the *first* purchase.
//!
//! After that toss an MBG/NBD customer is a BG/NBD customer with b + 1 in the place of b, so that
//! one kernel serves both:
//!
//! * L_MBG(b) = b / (a + b) L_BG(b + 1), with the term for a customer who has dropped out always
//!   on;
//! * P(alive), and everything about a customer with a history, carry over unscaled.

mod batch;
mod kernel;
mod likelihood;
mod posterior;
#[cfg(feature = "rand")]
mod simulate;

use std::fmt;

pub(crate) use self::kernel::Kernel;
pub(crate) use self::posterior::Posterior;
use crate::error::check_parameters;
use crate::model::mean_p_alive;
use crate::story::Story;
use crate::{
    Error, Histories, History, Nbd, PurchaseModel,
    covariates::WithCovariates,
    drop_out,
    fit::Implication,
    models::{Derivatives, Simpler},
};

/// BG/NBD: a customer can only drop out right after a *repeat* purchase.
///
/// Fader, Hardie and Lee (2005), "Counting your customers the easy way: an alternative to the
/// Pareto/NBD model", Marketing Science 24. Beware: everyone who bought once is alive for sure (x =
/// 0 gives P(alive) = 1), because the first purchase tosses no coin; [`MbgNbd`] mends that.
///
/// # Examples
///
/// ```
/// use crm_btyd::{BgNbd, History, Horizon, Repeat};
///
/// // Table 2 of the paper, in weeks; and its worked customer.
/// let model = BgNbd::new(0.243, 4.414, 0.793, 2.426)?;
/// let customer = History::new(2, 30.43, 38.86)?;
/// assert!((model.expected_purchases(&customer, Horizon::new(39.0)?) - 1.226).abs() < 5e-4);
/// assert!((model.p_alive(&customer) - 0.7266).abs() < 5e-5);
/// assert_eq!(model.p_alive(&History::new(0, 0.0, 38.86)?), 1.0);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
pub type BgNbd = BetaGeometric<false>;

/// MBG/NBD: a customer can drop out right after *any* purchase, the first included.
///
/// Batislam, Denizel and Filiztekin (2007), "Empirical validation and comparison of models for
/// customer base analysis", International Journal of Research in Marketing 24.
///
/// # Examples
///
/// ```
/// use crm_btyd::{History, MbgNbd, Repeat};
///
/// // PurchaseFit to CDNOW, in weeks.
/// let model = MbgNbd::new(0.525, 6.183, 0.891, 1.614)?;
/// let bought_once = History::new(0, 0.0, 38.86)?;
/// assert!(model.p_alive(&bought_once) < 0.5);
/// // A new customer stays after the first purchase with probability b / (a + b).
/// assert!((model.p_alive(&History::NEW) - 1.614 / (0.891 + 1.614)).abs() < 1e-15);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
pub type MbgNbd = BetaGeometric<true>;

/// Model behind [`BgNbd`] and [`MbgNbd`]; `TOSSED` says whether the first purchase may be the last.
///
/// Parameters, all in 1e-8 ..= 1e8:
///
/// * `r`, `alpha`: shape and rate of the gamma distribution of purchase rates; the mean rate is r /
///   alpha per unit of time;
/// * `a`, `b`: of the beta distribution of drop-out probabilities; the mean is a / (a + b).
#[derive(Clone, Copy, PartialEq)]
pub struct BetaGeometric<const TOSSED: bool> {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

impl<const TOSSED: bool> BetaGeometric<TOSSED> {
    /// Creates the model with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for one outside 1e-8 ..= 1e8.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, Error> {
        check_parameters(Self::NAME, Self::PARAMETERS, &[r, alpha, a, b])?;
        Ok(BetaGeometric { r, alpha, a, b })
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

    /// Returns the first parameter of the distribution of drop-out probabilities.
    #[must_use]
    pub fn a(&self) -> f64 {
        self.a
    }

    /// Returns the second parameter of the distribution of drop-out probabilities.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.b
    }

    /// Returns the log-likelihood of one history (equation 3 of Fader, Hardie and Lee, as a density
    /// of purchase times).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{BgNbd, History};
    ///
    /// // One purchase and then nothing for 10 units: (alpha / (alpha + T))^r = (1 / 11)^2.
    /// let model = BgNbd::new(2.0, 1.0, 1.0, 1.0)?;
    /// assert!((model.ln_likelihood_of(&History::new(0, 0.0, 10.0)?) + 2.0 * 11.0_f64.ln()).abs() < 1e-14);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn ln_likelihood_of(&self, history: &History) -> f64 {
        let first_toss = if TOSSED { drop_out::ln_first_toss(self.a, self.b) } else { 0.0 };
        self.kernel().ln_likelihood(history) + first_toss
    }
}

/// The parameters under the name of the model: `MbgNbd { r: 0.525, ... }`.
impl<const TOSSED: bool> fmt::Debug for BetaGeometric<TOSSED> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(if TOSSED { "MbgNbd" } else { "BgNbd" })
            .field("r", &self.r)
            .field("alpha", &self.alpha)
            .field("a", &self.a)
            .field("b", &self.b)
            .finish()
    }
}

impl<const TOSSED: bool> PurchaseModel for BetaGeometric<TOSSED> {
    type Data = Histories;
    type Theta = [f64; 4];

    const NAME: &'static str = if TOSSED { "MBG/NBD" } else { "BG/NBD" };
    const PARAMETERS: &'static [&'static str] = &["r", "alpha", "a", "b"];

    fn from_theta([r, alpha, a, b]: [f64; 4]) -> Result<Self, Error> {
        BetaGeometric::new(r, alpha, a, b)
    }

    fn theta(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    fn starts(&self, data: &Histories) -> Vec<Self> {
        drop_out::starts(data).into_iter().filter_map(|theta| Self::from_theta(theta).ok()).collect()
    }

    fn ln_likelihood(&self, data: &Histories) -> f64 {
        let first_toss = if TOSSED { drop_out::ln_first_toss(self.a, self.b) } else { 0.0 };
        likelihood::value(&self.kernel(), data) + data.customers() as f64 * first_toss
    }

    fn derivatives(&self, data: &Histories) -> Derivatives {
        let mut sums = likelihood::derivatives(&self.kernel(), data);
        if TOSSED {
            drop_out::add_first_toss(data.customers(), (self.a, self.b), &mut sums);
        }
        sums
    }

    /// The NBD: nobody drops out.
    fn simpler(&self, data: &Histories) -> Option<Simpler<Self>> {
        // Beside it, a few who drop out at once, and nobody else ever, or somebody now and then.
        Simpler::fitted(data, |nbd: &Nbd| {
            let with = |(a, b): (f64, f64)| Self::new(nbd.r(), nbd.alpha(), a, b).ok();
            [(1e-7, 1e7), (1e-6, 1e-4), (1e-3, 1.0)].into_iter().filter_map(with).collect::<Vec<_>>()
        })
    }

    fn implies(&self, data: &Histories) -> Option<Implication> {
        mean_p_alive(self, data)
    }
}

impl<const TOSSED: bool> WithCovariates for BetaGeometric<TOSSED> {
    const PURCHASE: (usize, f64) = (1, -1.0);
    const DROP_OUT: (usize, f64) = (2, 1.0);
}

impl<const TOSSED: bool> Story for BetaGeometric<TOSSED> {
    type Kernel = Kernel;

    fn kernel(&self) -> Kernel {
        let b = if TOSSED { self.b + 1.0 } else { self.b };
        Kernel { r: self.r, alpha: self.alpha, a: self.a, b, tossed: TOSSED }
    }
}

crate::stored::stored_model!(BetaGeometric<const TOSSED: bool>);
