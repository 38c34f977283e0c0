//! NBD: purchases at a steady rate for ever.
//!
//! The story of one customer: purchases come as a Poisson process of rate λ, and nobody ever drops
//! out. Over customers, λ has a gamma distribution (shape r, rate alpha). It is the law without
//! death that the others are measured against: where they are no better, nobody was seen to leave.

use crate::error::check_parameters;
use crate::models::Derivatives;
use crate::next_purchase::Wait;
use crate::purchase_rate::{Rates, add_counts, add_waits, alpha_for};
use crate::race::Lomax;
use crate::special::beta::incomplete_beta;
use crate::special::gamma::{ln_beta, ln_gamma_ratio};
use crate::story::{Belief, Kernel, Story};
use crate::{Error, Histories, History, PurchaseModel};

/// NBD: every customer stays; a baseline.
///
/// Ehrenberg (1959), "The pattern of consumer purchases", Applied Statistics 8. Parameters, both in
/// 1e-8 ..= 1e8: `r` and `alpha`, shape and rate of the gamma distribution of purchase rates; the
/// mean rate is r / alpha per unit of time.
///
/// # Examples
///
/// ```
/// use crm_btyd::{History, Horizon, Nbd, Repeat};
///
/// // Two purchases in 38 weeks: (r + x) / (alpha + T) = 3 / 40 a week from now on.
/// let model = Nbd::new(1.0, 2.0)?;
/// let customer = History::new(2, 30.0, 38.0)?;
/// assert!((model.expected_purchases(&customer, Horizon::new(40.0)?) - 3.0).abs() < 1e-14);
/// assert_eq!(model.p_alive(&customer), 1.0);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nbd {
    r: f64,
    alpha: f64,
}

impl Nbd {
    /// Creates the model with these parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for one outside 1e-8 ..= 1e8.
    pub fn new(r: f64, alpha: f64) -> Result<Self, Error> {
        check_parameters(Self::NAME, Self::PARAMETERS, &[r, alpha])?;
        Ok(Nbd { r, alpha })
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

    /// Returns the log-likelihood of one history, as a density of purchase times: (r)_x alpha^r /
    /// (alpha + T)^(r + x).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{History, Nbd};
    ///
    /// // r = 1, alpha = 1, two purchases in T = 9: 1 2 / 10^3.
    /// let model = Nbd::new(1.0, 1.0)?;
    /// assert!((model.ln_likelihood_of(&History::new(2, 4.0, 9.0)?) - 0.002_f64.ln()).abs() < 1e-14);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn ln_likelihood_of(&self, history: &History) -> f64 {
        let (x, age) = (f64::from(history.frequency()), history.age());
        ln_gamma_ratio(self.r, x) - self.r * (age / self.alpha).ln_1p() - x * (self.alpha + age).ln()
    }
}

impl PurchaseModel for Nbd {
    type Data = Histories;
    type Theta = [f64; 2];

    const NAME: &'static str = "NBD";
    const PARAMETERS: &'static [&'static str] = &["r", "alpha"];

    fn from_theta([r, alpha]: [f64; 2]) -> Result<Self, Error> {
        Nbd::new(r, alpha)
    }

    fn theta(&self) -> [f64; 2] {
        [self.r, self.alpha]
    }

    fn starts(&self, data: &Histories) -> Vec<Self> {
        let rate = Rates::of(data).steady;
        let start = |r: f64| Nbd::new(r, alpha_for(r, rate)).ok();
        [0.4, 5.0].into_iter().filter_map(start).collect()
    }

    fn derivatives(&self, data: &Histories) -> Derivatives {
        let mut sums = Derivatives::zero(2);
        add_waits(data, (0, 1), (self.r, self.alpha), true, &mut sums);
        add_counts(data, (0, 1), self.r, &mut sums);
        sums
    }
}

impl Story for Nbd {
    type Kernel = Self;

    fn kernel(&self) -> Self {
        *self
    }
}

impl Kernel for Nbd {
    type Belief = Lomax;

    fn ln_odds_dead(&self, _history: &History) -> f64 {
        f64::NEG_INFINITY
    }

    fn belief(&self, history: &History) -> Lomax {
        Lomax { shape: self.r + f64::from(history.frequency()), rate: self.alpha + history.age() }
    }
}

/// A customer who stays, with the wait for the next purchase.
impl Belief for Lomax {
    fn survival(&self, _t: f64) -> f64 {
        1.0
    }

    fn purchases(&self, t: f64) -> f64 {
        self.shape / self.rate * t
    }

    fn pmf(&self, t: f64, count: u32) -> f64 {
        if count == 0 {
            return self.p_later(t);
        }
        if t <= 0.0 {
            return 0.0;
        }
        // (shape)_n / n! (t / (rate + t))^n (rate / (rate + t))^shape
        let n = f64::from(count);
        let ln_ways = -ln_beta(self.shape, n) - n.ln();
        (ln_ways - n * (self.rate / t).ln_1p() - self.ln_over(t)).exp()
    }

    fn p_at_least(&self, t: f64, count: u32) -> f64 {
        if count == 0 { 1.0 } else { incomplete_beta(f64::from(count), self.shape, t, self.rate) }
    }

    fn moments(&self, t: f64) -> Option<(f64, f64)> {
        let mean = self.purchases(t);
        Some((mean, mean * (mean + t / self.rate)))
    }

    fn discounted(&self, t: f64, rate: f64) -> f64 {
        let lost = rate * t;
        let worth = if lost > 0.0 { -(-lost).exp_m1() / lost } else { 1.0 };
        self.purchases(t) * worth
    }

    fn for_ever(&self, rate: f64) -> f64 {
        self.shape / self.rate / rate
    }

    fn wait(&self) -> Wait {
        Wait::Purchase(*self)
    }
}

#[cfg(feature = "rand")]
impl crate::Simulate for Nbd {
    fn simulate<R: rand::Rng + ?Sized>(&self, exposure: crate::Horizon, rng: &mut R) -> Vec<f64> {
        use rand_distr::{Distribution, Exp1, Gamma};

        // The constructor refuses nothing that the law's own constructor accepted.
        let Ok(rates) = Gamma::new(self.r, 1.0 / self.alpha) else { return Vec::new() };
        let rate: f64 = rates.sample(rng);
        let (mut time, mut times) = (0.0, Vec::new());
        loop {
            let wait: f64 = Exp1.sample(rng);
            time += wait / rate;
            if time.is_nan() || time > exposure.get() {
                return times;
            }
            times.push(time);
        }
    }
}

crate::stored::stored_model!(Nbd);

#[cfg(test)]
mod tests {
    use num_dual::{DualNum, HyperDual64};

    use super::*;
    use crate::derivative_check::{check, ln_gamma};

    #[test]
    fn gradient_and_hessian_equal_automatic_differentiation() {
        let history = |x, t, age| History::new(x, t, age).unwrap();
        let rows = [(history(0, 0.0, 30.0), 70), (history(1, 5.0, 38.86), 20), (history(40, 30.0, 30.0), 2)];
        let as_published = |theta: &[HyperDual64]| {
            let (r, alpha) = (theta[0], theta[1]);
            let mut sum = HyperDual64::from(0.0);
            for (history, customers) in rows {
                let x = f64::from(history.frequency());
                let one =
                    ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln() - (r + x) * (alpha + history.age()).ln();
                sum += one * f64::from(customers);
            }
            sum
        };
        for (r, alpha) in [(0.385, 12.072), (0.01, 300.0), (30.0, 2.0)] {
            let model = Nbd::new(r, alpha).unwrap();
            check(&model, &Histories::weighted(rows), as_published);
            let one_by_one: f64 = rows
                .iter()
                .map(|(history, customers)| f64::from(*customers) * model.ln_likelihood_of(history))
                .sum();
            let together = model.ln_likelihood(&Histories::weighted(rows));
            assert!((together / one_by_one - 1.0).abs() < 1e-13);
        }
    }
}
