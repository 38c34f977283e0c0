//! BG/CNBD-k and MBG/CNBD-k: purchases that keep time, until a coin says that the last one was the
//! last.
//!
//! The story of one customer: between two purchases lie k stages, each exponential with rate λ, so
//! that gaps are more even than by chance (k = 1); after each repeat purchase the customer drops
//! out with probability p. Over customers, λ has a gamma distribution (shape r, rate alpha) and p a
//! beta distribution (a, b), independently. In the MBG/CNBD-k the coin is tossed once more, right
//! after the *first* purchase.
//!
//! After a silence it is not seen how many stages have elapsed. For a living customer their number
//! j < k has probabilities in proportion to (r + k x)_j / j! ((T - t_x) / (alpha + T))^j; given j,
//! the rate has a gamma distribution (r + k x + j, alpha + T), and the coin is independent of both.
//! Every prediction is the mean over j of what then follows exactly.

mod choice;
mod generating;
mod kernel;
mod likelihood;
mod posterior;
#[cfg(feature = "rand")]
mod simulate;
mod wait;

use std::fmt;

pub use self::choice::{StageChoice, choose_k};
pub(crate) use self::kernel::Kernel;
pub(crate) use self::posterior::Posterior;
pub(crate) use self::wait::Wait;
use crm_numbers::check;

use crate::error::check_parameters;
use crate::model::mean_p_alive;
use crate::story::Story;
use crate::{
    Error, Histories, History, PurchaseModel, PurchaseOptions, drop_out,
    fit::Implication,
    models::{BetaGeometric, Derivatives, Simpler},
};

/// BG/CNBD-k: customers who buy more regularly than by chance, and can drop out right after a
/// *repeat* purchase only.
///
/// Platzer and Reutterer (2016), "Ticking away the moments: timing regularity helps to better
/// predict customer activity", Marketing Science 35, and their "Incorporating regularity into
/// models of noncontractual customer-firm relationships" (2017). With K = 1 it is the
/// [`BgNbd`](crate::BgNbd). Expectations are exact; the published ones approximate them by a
/// BG/NBD.
///
/// # Examples
///
/// ```
/// use crm_btyd::{BgCnbd, BgNbd, History, Repeat};
///
/// // Six purchases, one every five weeks, and then nothing for ten: a regular customer would have come back.
/// let silent = History::new(6, 30.0, 40.0)?;
/// let by_chance = BgNbd::new(1.0, 5.0, 0.8, 2.4)?;
/// let regular = BgCnbd::new(4, 1.0, 1.25, 0.8, 2.4)?; // stages are four times as frequent
/// assert!(by_chance.p_alive(&silent) > 0.6 && regular.p_alive(&silent) < 0.45);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
pub type BgCnbd = CondensedBetaGeometric<false>;

/// MBG/CNBD-k: customers who buy more regularly than by chance, and can drop out right after *any*
/// purchase, the first included.
///
/// Platzer and Reutterer, as for [`BgCnbd`]. With K = 1 it is the [`MbgNbd`](crate::MbgNbd).
///
/// # Examples
///
/// ```
/// use crm_btyd::{History, MbgCnbd, Repeat};
///
/// let model = MbgCnbd::new(2, 0.525, 3.1, 0.891, 1.614)?;
/// // A new customer stays after the first purchase with probability b / (a + b).
/// assert!((model.p_alive(&History::NEW) - 1.614 / (0.891 + 1.614)).abs() < 1e-15);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
pub type MbgCnbd = CondensedBetaGeometric<true>;

/// Model behind [`BgCnbd`] and [`MbgCnbd`]; `TOSSED` says whether the first purchase may be the
/// last, `K` (1 ..= 12) how many stages lie between two purchases.
///
/// Parameters, all in 1e-8 ..= 1e8:
///
/// * `r`, `alpha`: shape and rate of the gamma distribution of the rates of *stages*; the mean rate
///   of purchases is r / (K alpha);
/// * `a`, `b`: of the beta distribution of drop-out probabilities; the mean is a / (a + b).
///
/// The log-likelihood is the density of the purchase times where the histories know the gaps
/// between them ([`Histories::with_ln_gap_sum`]), so that one K can be compared with another by
/// [`choose_k`]; without the gaps it lacks (K - 1) Σ ln gap, which no parameter changes.
#[derive(Clone, Copy, PartialEq)]
pub struct CondensedBetaGeometric<const TOSSED: bool> {
    k: u32,
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

impl<const TOSSED: bool> CondensedBetaGeometric<TOSSED> {
    /// Creates the model with `k` stages between two purchases and these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a `k` outside 1 to 12; [`Error::Parameter`] for a parameter outside
    /// 1e-8 to 1e8.
    pub fn new(k: u32, r: f64, alpha: f64, a: f64, b: f64) -> Result<Self, Error> {
        check::range("number of stages k", k, STAGES)?;
        check_parameters(Self::NAME, Self::PARAMETERS, &[r, alpha, a, b])?;
        Ok(CondensedBetaGeometric { k, r, alpha, a, b })
    }

    /// Returns the number of stages between two purchases.
    #[must_use]
    pub fn k(&self) -> u32 {
        self.k
    }

    /// Returns the shape of the distribution of the rates of stages.
    #[must_use]
    pub fn r(&self) -> f64 {
        self.r
    }

    /// Returns the rate of the distribution of the rates of stages, a time.
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

    /// Returns the log-likelihood of one history, without the gaps between purchases: (K - 1) Σ ln
    /// gap would make it a density of purchase times.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{BgCnbd, History};
    ///
    /// // r = 1, alpha = 1, no purchase until T = 1: none or one of two stages, 1/2 + 1/4.
    /// let model = BgCnbd::new(2, 1.0, 1.0, 1.0, 1.0)?;
    /// assert!((model.ln_likelihood_of(&History::new(0, 0.0, 1.0)?) - 0.75_f64.ln()).abs() < 1e-14);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn ln_likelihood_of(&self, history: &History) -> f64 {
        let first_toss = if TOSSED { drop_out::ln_first_toss(self.a, self.b) } else { 0.0 };
        self.kernel().ln_likelihood(history) + first_toss
    }

    /// The model of purchases whose stages are k times as frequent as the purchases of a (M)BG/NBD.
    fn of_purchases(k: u32, [r, alpha, a, b]: [f64; 4]) -> Option<Self> {
        Self::new(k, r, (alpha / f64::from(k)).clamp(1e-6, 1e6), a, b).ok()
    }
}

/// The parameters under the name of the model: `MbgCnbd { k: 2, r: 0.58, ... }`.
impl<const TOSSED: bool> fmt::Debug for CondensedBetaGeometric<TOSSED> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(if TOSSED { "MbgCnbd" } else { "BgCnbd" })
            .field("k", &self.k)
            .field("r", &self.r)
            .field("alpha", &self.alpha)
            .field("a", &self.a)
            .field("b", &self.b)
            .finish()
    }
}

/// Numbers of stages that there may be.
pub(crate) const STAGES: std::ops::RangeInclusive<u32> = 1..=Kernel::MOST_STAGES;

/// Names by stages.
const fn name(tossed: bool, k: u32) -> &'static str {
    match (tossed, k) {
        (false, 1) => "BG/CNBD-1",
        (false, 2) => "BG/CNBD-2",
        (false, 3) => "BG/CNBD-3",
        (false, 4) => "BG/CNBD-4",
        (false, 5) => "BG/CNBD-5",
        (false, 6) => "BG/CNBD-6",
        (false, 7) => "BG/CNBD-7",
        (false, 8) => "BG/CNBD-8",
        (false, 9) => "BG/CNBD-9",
        (false, 10) => "BG/CNBD-10",
        (false, 11) => "BG/CNBD-11",
        (false, _) => "BG/CNBD-12",
        (true, 1) => "MBG/CNBD-1",
        (true, 2) => "MBG/CNBD-2",
        (true, 3) => "MBG/CNBD-3",
        (true, 4) => "MBG/CNBD-4",
        (true, 5) => "MBG/CNBD-5",
        (true, 6) => "MBG/CNBD-6",
        (true, 7) => "MBG/CNBD-7",
        (true, 8) => "MBG/CNBD-8",
        (true, 9) => "MBG/CNBD-9",
        (true, 10) => "MBG/CNBD-10",
        (true, 11) => "MBG/CNBD-11",
        (true, _) => "MBG/CNBD-12",
    }
}

impl<const TOSSED: bool> PurchaseModel for CondensedBetaGeometric<TOSSED> {
    type Data = Histories;
    type Theta = [f64; 4];

    const NAME: &'static str = if TOSSED { "MBG/CNBD" } else { "BG/CNBD" };
    const PARAMETERS: &'static [&'static str] = &["r", "alpha", "a", "b"];

    fn from_theta([r, alpha, a, b]: [f64; 4]) -> Result<Self, Error> {
        CondensedBetaGeometric::new(1, r, alpha, a, b)
    }

    fn with_theta(&self, [r, alpha, a, b]: [f64; 4]) -> Result<Self, Error> {
        CondensedBetaGeometric::new(self.k, r, alpha, a, b)
    }

    fn name(&self) -> &'static str {
        name(TOSSED, self.k)
    }

    fn from_name(known: &str) -> Option<Self> {
        let k = STAGES.into_iter().find(|&k| name(TOSSED, k) == known)?;
        Self::new(k, 1.0, 1.0, 1.0, 1.0).ok()
    }

    fn kind(data: &Histories, options: &PurchaseOptions) -> Result<Self, Error> {
        let k = match options.stages() {
            Some(k) => k,
            None => choose_k::<TOSSED>(data, options)?.k(),
        };
        Self::new(k, 1.0, 1.0, 1.0, 1.0)
    }

    fn theta(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b]
    }

    fn starts(&self, data: &Histories) -> Vec<Self> {
        let starts = drop_out::starts(data).into_iter();
        starts.filter_map(|theta| Self::of_purchases(self.k, theta)).collect()
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

    /// The (M)BG/NBD: purchases at random. It cannot be told where the gaps between purchases are
    /// not known.
    ///
    /// It is not a special case of this one, so that either may be the likelier.
    fn simpler(&self, data: &Histories) -> Option<Simpler<Self>> {
        data.ln_gap_sum().filter(|_| self.k > 1)?;
        Simpler::fitted(data, |random: &BetaGeometric<TOSSED>| Self::of_purchases(self.k, random.theta()))
    }

    fn implies(&self, data: &Histories) -> Option<Implication> {
        mean_p_alive(self, data)
    }
}

impl<const TOSSED: bool> Story for CondensedBetaGeometric<TOSSED> {
    type Kernel = Kernel;

    fn kernel(&self) -> Kernel {
        let b = if TOSSED { self.b + 1.0 } else { self.b };
        Kernel { k: self.k, r: self.r, alpha: self.alpha, a: self.a, b, tossed: TOSSED }
    }
}

crate::stored::stored_model!(CondensedBetaGeometric<const TOSSED: bool>);
