//! Customers under contract: they renew, or are seen to leave.
//!
//! The story of one customer: at each renewal the customer leaves with a probability θ of their
//! own. Over customers, θ has a beta distribution (alpha, beta). Retention of a cohort rises with
//! its age, not because anybody grows fonder, but because those who were likely to leave have left.
//! In the beta-discrete-Weibull the probability to have stayed for t renewals is (1 - θ)^(t^c):
//! with c above 1 a customer's own inclination to leave rises with time, below 1 it falls.

mod kernel;
mod renewals;

use self::kernel::Kernel;
pub use self::renewals::Renewals;
use crate::error::{check_parameter, check_parameters};
use crate::special::hyp2f1::{Argument, ln_hyp2f1};
use crate::{
    Discount, Error, PurchaseModel,
    fit::Implication,
    models::{Derivatives, Simpler},
};

/// A model of customers who renew a contract until they are seen to leave.
pub trait Contractual: PurchaseModel<Data = Renewals> {
    /// ln of the probability that a new customer renews at least so often.
    fn ln_survival(&self, renewals: u32) -> f64;

    /// Share of those due for their renewal number `renewal`, from 1, who leave at it.
    fn churn_rate(&self, renewal: u32) -> f64;

    /// Expected discounted residual lifetime: renewals still to come of a customer who has renewed
    /// `renewed` times and is about to be asked again; the next one counts in full, the one after
    /// it by one period's discount less.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] where the discount per period is too small for the sum to end.
    fn derl(&self, renewed: u32, discount: Discount) -> Result<f64, Error>;

    /// Probability that a new customer renews at least so often: the survival curve of a cohort.
    fn survival(&self, renewals: u32) -> f64 {
        self.ln_survival(renewals).exp()
    }

    /// Share of new customers who will leave exactly at that renewal, from 1; nobody leaves at
    /// number 0.
    fn churn(&self, renewal: u32) -> f64 {
        renewal.checked_sub(1).map_or(0.0, |before| self.survival(before) * self.churn_rate(renewal))
    }

    /// Share of those due for their renewal number `renewal`, from 1, who stay.
    fn retention_rate(&self, renewal: u32) -> f64 {
        1.0 - self.churn_rate(renewal)
    }

    /// Probability that a customer who has renewed `renewed` times renews at least `more` times
    /// more.
    fn survival_of(&self, renewed: u32, more: u32) -> f64 {
        (self.ln_survival(renewed.saturating_add(more)) - self.ln_survival(renewed)).min(0.0).exp()
    }

    /// Simulates the number of renewals of a new customer; not more than `most` times.
    #[cfg(feature = "rand")]
    fn simulate<R: rand::Rng + ?Sized>(&self, most: u32, rng: &mut R) -> u32 {
        use rand::RngExt;

        // One number decides: the customer has renewed t times while S(t) is above it.
        let share = rng.random::<f64>().ln();
        (0..most).find(|renewed| self.ln_survival(renewed + 1) <= share).unwrap_or(most)
    }

    /// Returns the expected number of renewals among so many to come, each worth the less the later
    /// it comes; see [`derl`](Self::derl).
    fn discounted_renewals(&self, renewed: u32, renewals: u32, discount: Discount) -> f64;
}

/// Starting points of a fit: few or many leave at a renewal, all with one probability or each with
/// one of their own.
fn starts() -> impl Iterator<Item = [f64; 2]> {
    let of = |mean: f64| [0.2, 2.0, 50.0].into_iter().map(move |size| [mean * size, (1.0 - mean) * size]);
    std::iter::once([1.0, 1.0]).chain([0.05, 0.3, 0.8].into_iter().flat_map(of))
}

/// The share that renews twice as often as anybody was seen to.
fn survives<M: Contractual>(model: &M, data: &Renewals) -> Option<Implication> {
    let renewals = 2 * data.periods().len().saturating_sub(1) as u32;
    Implication::new("share left after twice the renewals seen", model.survival(renewals))
}

/// sBG, shifted beta-geometric: each customer leaves at every renewal with the same probability.
///
/// Fader and Hardie (2007), "How to project customer retention", Journal of Interactive Marketing
/// 21. Parameters `alpha` and `beta`, both in 1e-8 ..= 1e8; the mean probability to leave at the
/// first renewal is alpha / (alpha + beta).
///
/// # Examples
///
/// ```
/// use crm_btyd::{PurchaseOptions, fit, contractual::{Contractual, Renewals, ShiftedBetaGeometric}};
///
/// // Two regular customers in three survive the first renewal, one in four the seventh; what about the twelfth?
/// let cohort = [1_000, 631, 468, 382, 326, 289, 262, 241];
/// let fitted = fit::<ShiftedBetaGeometric>(&Renewals::from_cohorts(&[&cohort])?, &PurchaseOptions::default())?;
/// let model = fitted.model();
/// assert!((model.alpha() - 0.704).abs() < 5e-4 && (model.beta() - 1.182).abs() < 5e-4);
/// assert!((model.survival(12) - 0.170).abs() < 5e-4); // it was 0.173
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShiftedBetaGeometric {
    alpha: f64,
    beta: f64,
}

impl ShiftedBetaGeometric {
    /// Creates the model with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for one outside 1e-8 ..= 1e8.
    pub fn new(alpha: f64, beta: f64) -> Result<Self, Error> {
        check_parameters(Self::NAME, Self::PARAMETERS, &[alpha, beta])?;
        Ok(ShiftedBetaGeometric { alpha, beta })
    }

    /// Returns the first parameter of the distribution of probabilities to leave.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Returns the second parameter of the distribution of probabilities to leave.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    fn kernel(&self) -> Kernel {
        Kernel { alpha: self.alpha, beta: self.beta, c: 1.0 }
    }
}

impl PurchaseModel for ShiftedBetaGeometric {
    type Data = Renewals;
    type Theta = [f64; 2];

    const NAME: &'static str = "sBG";
    const PARAMETERS: &'static [&'static str] = &["alpha", "beta"];

    fn from_theta([alpha, beta]: [f64; 2]) -> Result<Self, Error> {
        ShiftedBetaGeometric::new(alpha, beta)
    }

    fn theta(&self) -> [f64; 2] {
        [self.alpha, self.beta]
    }

    fn starts(&self, _: &Renewals) -> Vec<Self> {
        starts().filter_map(|theta| Self::from_theta(theta).ok()).collect()
    }

    fn ln_likelihood(&self, data: &Renewals) -> f64 {
        self.kernel().ln_likelihood(data)
    }

    fn derivatives(&self, data: &Renewals) -> Derivatives {
        self.kernel().derivatives(data, 2)
    }
}

impl Contractual for ShiftedBetaGeometric {
    fn ln_survival(&self, renewals: u32) -> f64 {
        self.kernel().ln_survival(renewals)
    }

    /// alpha / (alpha + beta + t - 1), equation 8 of the paper.
    fn churn_rate(&self, renewal: u32) -> f64 {
        self.alpha / (self.alpha + self.beta + f64::from(renewal.saturating_sub(1)))
    }

    /// Any discount from 1e-9 a period: S(n) / S(n - 1) F(1, beta + n; alpha + beta + n; e^-δ) for
    /// the n-th renewal next.
    fn derl(&self, renewed: u32, discount: Discount) -> Result<f64, Error> {
        let rate = discount.perpetual()?;
        let next = f64::from(renewed) + 1.0;
        let ln_f = ln_hyp2f1(
            1.0,
            self.beta + next,
            self.alpha + self.beta + next,
            Argument::ratio(1.0, rate.exp_m1()),
        );
        let first = (self.beta + next - 1.0) / (self.alpha + self.beta + next - 1.0);
        Ok(first * ln_f.exp())
    }

    fn discounted_renewals(&self, renewed: u32, renewals: u32, discount: Discount) -> f64 {
        self.kernel().renewals_to_come(renewed, renewals.into(), discount.rate())
    }
}

/// Beta-discrete-Weibull: a customer's own probability to leave changes with time.
///
/// Fader, Hardie, Liu, Davin and Steenburgh (2018), "How to project customer retention revisited:
/// the role of duration dependence", Journal of Interactive Marketing 43. Parameters, all in 1e-8
/// ..= 1e8: `gamma` and `delta` of the beta distribution, and the exponent `c`; c = 1 is the
/// [`ShiftedBetaGeometric`].
///
/// # Examples
///
/// ```
/// use crm_btyd::{PurchaseOptions, fit, contractual::{BetaDiscreteWeibull, Contractual, Renewals}};
///
/// let high_end = [1_000, 869, 743, 653, 593, 551, 517, 491];
/// let fitted = fit::<BetaDiscreteWeibull>(&Renewals::from_cohorts(&[&high_end])?, &PurchaseOptions::default())?;
/// // Customers grow more inclined to leave (c above 1); after twelve years 0.404 are expected to be left, and 0.394 were.
/// assert!((fitted.model().c() - 1.724).abs() < 5e-4);
/// assert!((fitted.model().survival(12) - 0.404).abs() < 5e-4);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaDiscreteWeibull {
    gamma: f64,
    delta: f64,
    c: f64,
}

impl BetaDiscreteWeibull {
    /// Creates the model with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for `gamma` or `delta` outside 1e-8 ..= 1e8; [`Error::Input`] for a `c`
    /// outside 1e-8 ..= 10.
    pub fn new(gamma: f64, delta: f64, c: f64) -> Result<Self, Error> {
        check_parameters(Self::NAME, Self::PARAMETERS, &[gamma, delta])?;
        check_parameter(Self::NAME, "c", c, 1e-8..=10.0)?;
        Ok(BetaDiscreteWeibull { gamma, delta, c })
    }

    /// Returns the first parameter of the distribution of probabilities to leave.
    #[must_use]
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// Returns the second parameter of the distribution of probabilities to leave.
    #[must_use]
    pub fn delta(&self) -> f64 {
        self.delta
    }

    /// The exponent: above 1 where customers grow more inclined to leave.
    #[must_use]
    pub fn c(&self) -> f64 {
        self.c
    }

    fn kernel(&self) -> Kernel {
        Kernel { alpha: self.gamma, beta: self.delta, c: self.c }
    }
}

impl PurchaseModel for BetaDiscreteWeibull {
    type Data = Renewals;
    type Theta = [f64; 3];

    const NAME: &'static str = "beta-discrete-Weibull";
    const PARAMETERS: &'static [&'static str] = &["gamma", "delta", "c"];

    fn from_theta([gamma, delta, c]: [f64; 3]) -> Result<Self, Error> {
        BetaDiscreteWeibull::new(gamma, delta, c)
    }

    fn theta(&self) -> [f64; 3] {
        [self.gamma, self.delta, self.c]
    }

    fn starts(&self, _: &Renewals) -> Vec<Self> {
        let with = |[gamma, delta]: [f64; 2]| [0.4, 1.0, 2.5].map(|c| [gamma, delta, c]);
        starts().flat_map(with).filter_map(|theta| Self::from_theta(theta).ok()).collect()
    }

    /// That of c lets a search end at 10, the largest c.
    fn scales(_: &Renewals) -> Vec<f64> {
        vec![1.0, 1.0, 1e-6]
    }

    fn ln_likelihood(&self, data: &Renewals) -> f64 {
        self.kernel().ln_likelihood(data)
    }

    fn derivatives(&self, data: &Renewals) -> Derivatives {
        self.kernel().derivatives(data, 3)
    }

    /// The sBG: the odds that somebody leaves stay what they are (c = 1).
    fn simpler(&self, data: &Renewals) -> Option<Simpler<Self>> {
        Simpler::fitted(data, |steady: &ShiftedBetaGeometric| Self::new(steady.alpha, steady.beta, 1.0).ok())
    }

    fn implies(&self, data: &Renewals) -> Option<Implication> {
        survives(self, data)
    }
}

impl Contractual for BetaDiscreteWeibull {
    fn ln_survival(&self, renewals: u32) -> f64 {
        self.kernel().ln_survival(renewals)
    }

    fn churn_rate(&self, renewal: u32) -> f64 {
        -self.kernel().ln_retention(renewal).exp_m1()
    }

    /// Any discount from 1e-9 per period.
    fn derl(&self, renewed: u32, discount: Discount) -> Result<f64, Error> {
        Ok(self.kernel().renewals_to_come(renewed, f64::INFINITY, discount.perpetual()?))
    }

    fn discounted_renewals(&self, renewed: u32, renewals: u32, discount: Discount) -> f64 {
        self.kernel().renewals_to_come(renewed, renewals.into(), discount.rate())
    }
}

crate::stored::stored_model!(ShiftedBetaGeometric);
crate::stored::stored_model!(BetaDiscreteWeibull);
