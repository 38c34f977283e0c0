//! BG/BB: an opportunity to buy in every period, until an unseen death.
//!
//! The story of one customer: at the start of every opportunity (a yearly campaign, a weekly
//! market, a cruise season) the customer dies with probability θ; whoever is alive buys with
//! probability p. Over customers, p has a beta distribution (alpha, beta) and θ another one (gamma,
//! delta), independently.
//!
//! A customer who was alive at opportunity n is like a new one with alpha + x, beta + n - x, gamma
//! and delta + n.

mod batch;
mod histories;
mod kernel;
mod likelihood;

pub use self::histories::{DiscreteHistories, DiscreteHistory};
use self::kernel::Kernel;
use crate::error::check_parameters;
use crate::{Discount, Error, PurchaseModel, fit::Implication, models::Derivatives};

/// BG/BB: purchases at numbered opportunities, at most one at each.
///
/// Fader, Hardie and Shang (2010), "Customer-base analysis in a discrete-time noncontractual
/// setting", Marketing Science 29. Times are counted in opportunities. Parameters, all in 1e-8 ..=
/// 1e8:
///
/// * `alpha`, `beta`: of the beta distribution of purchase probabilities; the mean is alpha /
///   (alpha + beta);
/// * `gamma`, `delta`: of the beta distribution of death probabilities, an opportunity; the mean is
///   gamma / (gamma + delta).
///
/// # Examples
///
/// ```
/// use crm_btyd::opportunities::{BgBb, DiscreteHistory};
///
/// // Table 6 of the paper: of donors with gifts in two years out of six, the last in the fourth, 59 % are still alive in the seventh.
/// let model = BgBb::new(1.204, 0.750, 0.657, 2.783)?;
/// assert!((model.p_alive(&DiscreteHistory::new(2, 4, 6)?) - 0.590).abs() < 5e-4);
/// // A new customer lives to the first opportunity and buys there: delta / (gamma + delta) alpha / (alpha + beta).
/// let first = 2.783 / (0.657 + 2.783) * 1.204 / (1.204 + 0.750);
/// assert!((model.expected_purchases(&DiscreteHistory::NEW, 1) - first).abs() < 1e-15);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BgBb {
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

impl BgBb {
    /// Creates the model with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for one outside 1e-8 ..= 1e8.
    pub fn new(alpha: f64, beta: f64, gamma: f64, delta: f64) -> Result<Self, Error> {
        check_parameters(Self::NAME, Self::PARAMETERS, &[alpha, beta, gamma, delta])?;
        Ok(BgBb { alpha, beta, gamma, delta })
    }

    /// Returns the first parameter of the distribution of purchase probabilities.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Returns the second parameter of the distribution of purchase probabilities.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// Returns the first parameter of the distribution of death probabilities.
    #[must_use]
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// Returns the second parameter of the distribution of death probabilities.
    #[must_use]
    pub fn delta(&self) -> f64 {
        self.delta
    }

    /// Returns the log-likelihood of one history (equation 5 of the paper), of purchases in one
    /// given order.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::opportunities::{BgBb, DiscreteHistory};
    ///
    /// // All parameters 1, one opportunity, nothing bought: dead by then 1/2, or alive 1/2 and not buying 1/2.
    /// let model = BgBb::new(1.0, 1.0, 1.0, 1.0)?;
    /// assert!((model.ln_likelihood_of(&DiscreteHistory::new(0, 0, 1)?) - 0.75_f64.ln()).abs() < 1e-14);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn ln_likelihood_of(&self, history: &DiscreteHistory) -> f64 {
        self.kernel().ln_likelihood_and_alive(history).0
    }

    /// Probability that the customer was alive at the last opportunity seen, number n; 1 without
    /// one.
    #[must_use]
    pub fn p_alive_at_last(&self, history: &DiscreteHistory) -> f64 {
        self.kernel().ln_likelihood_and_alive(history).1
    }

    /// Probability that the customer is alive at the next opportunity, number n + 1 (equation 11 of
    /// the paper).
    #[must_use]
    pub fn p_alive(&self, history: &DiscreteHistory) -> f64 {
        self.p_alive_later(history, 1)
    }

    /// Probability that the customer is alive at opportunity n + `opportunities`, whatever is
    /// bought until then.
    #[must_use]
    pub fn p_alive_later(&self, history: &DiscreteHistory, opportunities: u32) -> f64 {
        let (alive, posterior) = self.after(history);
        alive * posterior.survival(opportunities)
    }

    /// Expected number of purchases at so many opportunities to come (equation 13 of the paper, as
    /// a sum of positive terms).
    #[must_use]
    pub fn expected_purchases(&self, history: &DiscreteHistory, opportunities: u32) -> f64 {
        let (alive, posterior) = self.after(history);
        alive * posterior.purchases(opportunities, 0.0)
    }

    /// Probability of exactly `count` purchases at so many opportunities to come (equation 14 of
    /// the paper).
    #[must_use]
    pub fn pmf(&self, history: &DiscreteHistory, opportunities: u32, count: u32) -> f64 {
        let (alive, posterior) = self.after(history);
        let p = alive * posterior.pmf(opportunities, count);
        if count == 0 { (1.0 - alive + p).min(1.0) } else { p }
    }

    /// Probability of at least one purchase at so many opportunities to come.
    #[must_use]
    pub fn p_any_purchase(&self, history: &DiscreteHistory, opportunities: u32) -> f64 {
        let (alive, posterior) = self.after(history);
        alive * posterior.p_any(opportunities)
    }

    /// Expected purchases at so many opportunities to come, each worth the less the later it comes;
    /// the next opportunity is one period away. The discount is per opportunity:
    /// [`Discount::per_period`].
    #[must_use]
    pub fn discounted_purchases(
        &self,
        history: &DiscreteHistory,
        opportunities: u32,
        discount: Discount,
    ) -> f64 {
        let (alive, posterior) = self.after(history);
        alive * posterior.purchases(opportunities, discount.rate())
    }

    /// DERT: the same over all opportunities to come.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without a discount of at least 1e-9 per opportunity: the sum might have no
    /// end.
    pub fn dert(&self, history: &DiscreteHistory, discount: Discount) -> Result<f64, Error> {
        let rate = discount.perpetual()?;
        let (alive, posterior) = self.after(history);
        Ok(alive * posterior.purchases_for_ever(rate))
    }

    /// Numbers of the opportunities at which a new customer buys, drawn at random.
    #[cfg(feature = "rand")]
    pub fn simulate<R: rand::Rng + ?Sized>(&self, opportunities: u32, rng: &mut R) -> Vec<u32> {
        use rand::RngExt;
        use rand_distr::{Beta, Distribution};

        // The constructors refuse nothing that the law's own constructor accepted.
        let (Ok(purchases), Ok(deaths)) =
            (Beta::new(self.alpha, self.beta), Beta::new(self.gamma, self.delta))
        else {
            return Vec::new();
        };
        let (buys, dies): (f64, f64) = (purchases.sample(rng), deaths.sample(rng));
        let mut bought = Vec::new();
        for number in 1..=opportunities {
            if rng.random::<f64>() < dies {
                break;
            }
            if rng.random::<f64>() < buys {
                bought.push(number);
            }
        }
        bought
    }

    fn kernel(&self) -> Kernel {
        Kernel { alpha: self.alpha, beta: self.beta, gamma: self.gamma, delta: self.delta }
    }

    /// The probability that the customer was alive at the last opportunity, and what is known of
    /// such a customer.
    fn after(&self, history: &DiscreteHistory) -> (f64, Kernel) {
        let kernel = self.kernel();
        (kernel.ln_likelihood_and_alive(history).1, kernel.posterior(history))
    }
}

impl PurchaseModel for BgBb {
    type Data = DiscreteHistories;
    type Theta = [f64; 4];

    const NAME: &'static str = "BG/BB";
    const PARAMETERS: &'static [&'static str] = &["alpha", "beta", "gamma", "delta"];

    fn from_theta([alpha, beta, gamma, delta]: [f64; 4]) -> Result<Self, Error> {
        BgBb::new(alpha, beta, gamma, delta)
    }

    fn theta(&self) -> [f64; 4] {
        [self.alpha, self.beta, self.gamma, self.delta]
    }

    fn starts(&self, data: &DiscreteHistories) -> Vec<Self> {
        likelihood::starts(data).into_iter().filter_map(|theta| Self::from_theta(theta).ok()).collect()
    }

    fn ln_likelihood(&self, data: &DiscreteHistories) -> f64 {
        data.iter().map(|(history, customers)| customers as f64 * self.ln_likelihood_of(&history)).sum()
    }

    fn derivatives(&self, data: &DiscreteHistories) -> Derivatives {
        likelihood::derivatives(&self.kernel(), data)
    }

    fn implies(&self, data: &DiscreteHistories) -> Option<Implication> {
        let sum: f64 = data.iter().map(|(history, n)| n as f64 * self.p_alive(&history)).sum();
        Implication::new("mean P(alive)", sum / data.customers() as f64)
    }
}

crate::stored::stored_model!(BgBb);
