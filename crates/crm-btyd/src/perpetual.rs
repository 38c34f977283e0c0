//! Discounted purchases over all time to come, of a living customer whom only a purchase can lose.
//!
//! With stages at a rate λ, the discount δ and θ = 1 - p the chance of a coin to keep the customer,
//! a stage costs the factor λ / (λ + δ). With j of k stages elapsed, the purchases to come are
//! worth
//!
//! Σ_n θ^(n - 1) (λ / (λ + δ))^(n k - j) = (1 + δ / λ)^j / (D + p), D = (1 + δ / λ)^k - 1.
//!
//! Over customers, λ has a gamma distribution, p a beta distribution, and j the probabilities of a
//! silence so far.

use crate::special::coin::Coin;
use crate::special::gamma::ln_gamma_peak;
use crate::special::line::outwards;

/// A living customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Perpetual {
    /// Stages between two purchases.
    pub(crate) k: u32,
    /// Returns the shape of the distribution of the rates of stages when the last purchase was
    /// made, and its rate now.
    pub(crate) shape: f64,
    pub(crate) rate: f64,
    /// Silence so far over the rate now, and the sum of the weights of the stages that may have
    /// elapsed in it: Σ_{j < k} (shape)_j / j! z^j.
    pub(crate) z: f64,
    pub(crate) weights: f64,
    /// Of the distribution of coins.
    pub(crate) a: f64,
    pub(crate) b: f64,
}

/// Terms below this share of the sum are left out.
const NEGLIGIBLE: f64 = 1e-18;

impl Perpetual {
    /// The discounted purchases: an integral over ln λ, in which means over coins have one set of
    /// nodes.
    pub(crate) fn purchases(&self, discount: f64) -> f64 {
        let k = f64::from(self.k);
        let per_rate = self.rate * discount;
        // No λ that counts is beyond this multiple of 1 / rate.
        let most = self.shape + k + 12.0 * (self.shape + k).sqrt() + 60.0;
        let d = |per_stage: f64| (k * per_stage.ln_1p()).exp_m1();
        let coin = Coin::new(self.a, self.b, d(per_rate / most).max(f64::MIN_POSITIVE));
        // u = ln(λ / its peak): the density of u is its peak times exp(shape (u - (e^u - 1))).
        let ln_scale = self.shape.ln();
        let ln = |u: f64| {
            let multiple = (u + ln_scale).exp();
            let worth = self.elapsed(multiple + per_rate) * coin.mean_pole(d(per_rate / multiple));
            self.shape * (u - u.exp_m1()) + worth.ln()
        };
        let start = (0.5 * k / self.shape).ln_1p();
        let first = (self.shape + k).sqrt().recip();
        let mut sum = 0.0;
        // Left of δ the integrand falls at a rate of a half at least.
        let knee = per_rate.ln() - ln_scale;
        outwards(ln, (start, -1.0), first, f64::MAX, |panel| {
            sum += panel.nodes().map(|(_, weight)| weight).sum::<f64>();
            panel.last * ((panel.at - knee).max(0.0) + 2.0) > NEGLIGIBLE * sum
        });
        outwards(ln, (start, 1.0), first, f64::MAX, |panel| {
            sum += panel.nodes().map(|(_, weight)| weight).sum::<f64>();
            panel.last > NEGLIGIBLE * sum
        });
        sum * ln_gamma_peak(self.shape).exp()
    }

    /// Σ_{j < k} (z m)^j / j!, over the sum of the weights.
    fn elapsed(&self, m: f64) -> f64 {
        let (mut term, mut sum) = (1.0, 0.0);
        for j in 0..self.k {
            sum += term;
            term *= self.z * m / f64::from(j + 1);
        }
        sum / self.weights
    }
}
