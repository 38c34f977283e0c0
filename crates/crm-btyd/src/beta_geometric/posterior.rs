use crate::next_purchase::Wait;
use crate::perpetual::Perpetual;
use crate::race::Lomax;
use crate::special::beta::incomplete_beta;
use crate::special::coin::Coin;
use crate::special::gamma::{ln_beta, ln_gamma_ratio};
use crate::special::hyp2f1::{Argument, ln_hyp2f1};
use crate::special::line::{LN_ROUNDING, Peak, Tail};
use crate::special::normal;
use crate::special::quadrature::{LONG, discounted_integral};
use crate::special::work::done;
use crate::special::{one_over_one_plus_exp, softplus};
use crate::story::Belief;

/// A customer who is alive: the rate of purchases has a gamma distribution (shape, rate), the coin
/// a beta distribution (a, b).
///
/// The number of purchases that would come in a time t if no coin were tossed is negative binomial,
///
/// N(n) = (shape)_n / n! z^n (1 - z)^shape, z = t / (rate + t),
///
/// and independent of the coins; n coins in a row keep the customer with probability (b)_n / (a +
/// b)_n. Everything below follows from these two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Posterior {
    pub(super) shape: f64,
    pub(super) rate: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

/// Terms up to which the sum over purchases is taken; beyond, an integral takes fewer steps.
const FEW_TERMS: f64 = 1_500.0;

impl Posterior {
    fn purchases_by_sum(&self, y: f64) -> f64 {
        const LARGE: f64 = 1e280;
        let z = y / (1.0 + y);
        // Weights in proportion to N(n); the sum of all weights makes up for the factor.
        let (mut weight, mut weights, mut sum) = (1.0, 1.0, 0.0);
        let (mut expected, mut kept) = (0.0, 1.0);
        let mut n = 0.0;
        loop {
            let ratio = (self.shape + n) / (n + 1.0) * z;
            weight *= ratio;
            expected += kept;
            kept = normal(kept * (self.b + n) / (self.a + self.b + n));
            n += 1.0;
            weights += weight;
            let term = weight * expected;
            sum += term;
            // Expected purchases grow more slowly than n, and the ratio falls (or rises to z).
            let bound = ratio.max(z) * (1.0 + 1.0 / n);
            if bound < 1.0 && term <= 1e-17 * sum * (1.0 - bound) {
                done(n as usize);
                return sum / weights;
            }
            if weights > LARGE {
                weight /= LARGE;
                weights /= LARGE;
                sum /= LARGE;
            }
        }
    }

    /// E[(1 - (1 + p y)^-shape) / p] over the coin p, on the scale w = ln(p / (1 - p)).
    fn purchases_by_integral(&self, y: f64) -> f64 {
        let (a, b, shape) = (self.a, self.b, self.shape);
        let peak = Peak {
            ln: |w: f64| {
                let u = y * one_over_one_plus_exp(-w);
                let missed = -(-shape * u.ln_1p()).exp_m1();
                let share = if u > 0.0 { missed / u } else { shape };
                a * w - (a + b) * softplus(w) + share.ln()
            },
            slope: |w: f64| {
                let (p, rest) = (one_over_one_plus_exp(-w), one_over_one_plus_exp(w));
                let u = y * p;
                let ln_none = -shape * u.ln_1p();
                let falls = if u > 0.0 {
                    shape * u / (1.0 + u) * ln_none.exp() / -ln_none.exp_m1() - 1.0
                } else {
                    0.0
                };
                a * rest - b * p + rest * falls
            },
            // The logarithm nears its straight lines like these factors times exp(-|w|).
            left: Tail { rate: a, from: LN_ROUNDING - (a + b + (1.0 + shape) * y).ln() },
            right: Tail { rate: b, from: (a + b + 1.0).ln() - LN_ROUNDING },
        };
        let guess = (a / b).ln().min(-(shape * y).ln().max(0.0));
        y * (peak.ln_integral(guess) - ln_beta(a, b)).exp()
    }

    /// E[N (N - 1)] of the number N of purchases in a time t, Σ_n P(N >= n) 2 (n - 1).
    fn pairs(&self, t: f64) -> f64 {
        let y = t / self.rate;
        if y <= 0.0 {
            return 0.0;
        }
        let (q, a) = (self.shape, self.a);
        // Given the coin, 2 θ λ^2 ∫_0^t u e^(-p λ u) du, and its mean over λ by the integral of v
        // (1 + c v)^-(q + 2), c = p y.
        let pairs = |p: f64| {
            let (c, all) = (p * y, (q + 1.0) * p * y);
            let integral = if all < 0.5 {
                LONG.sum(|v| v * (-(q + 2.0) * (c * v).ln_1p()).exp())
            } else {
                let ln_none = -(q + 1.0) * c.ln_1p();
                (1.0 - (1.0 + all) * ln_none.exp()) / (c * c * q * (q + 1.0))
            };
            (1.0 - p) * integral
        };
        2.0 * q * (q + 1.0) * y * y * Coin::new(a, self.b, 1.0 / y / (1.0 + q)).mean(pairs)
    }
}

impl Belief for Posterior {
    /// Probability to be alive after a time t: Σ N(n) (b)_n / (a + b)_n = (1 - z)^shape F(shape, b;
    /// a + b; z).
    fn survival(&self, t: f64) -> f64 {
        let ln_f = ln_hyp2f1(self.shape, self.b, self.a + self.b, Argument::ratio(t, self.rate));
        (ln_f - self.shape * (t / self.rate).ln_1p()).min(0.0).exp()
    }

    /// Expected purchases in a time t, Σ N(n) e_n with e_n = Σ_{j < n} (b)_j / (a + b)_j: the (j +
    /// 1)-th purchase happens if it would come in time and j coins have kept the customer.
    ///
    /// Equal to equation 10 of Fader, Hardie and Lee, (a + b - 1) / (a - 1) (1 - (1 - z)^shape
    /// F(shape, b; a + b - 1; z)), but without its cancellation for short times and near a = 1.
    fn purchases(&self, t: f64) -> f64 {
        let y = t / self.rate;
        let mean = self.shape * y;
        if mean + 12.0 * (mean * (1.0 + y)).sqrt() + 40.0 * (1.0 + y) < FEW_TERMS {
            self.purchases_by_sum(y)
        } else {
            self.purchases_by_integral(y)
        }
    }

    /// Probability of exactly n purchases in a time t: the next one would come too late and n coins
    /// have kept the customer, or at least n would have come and the n-th coin was the last.
    fn pmf(&self, t: f64, n: u32) -> f64 {
        let y = t / self.rate;
        let ln_none = -self.shape * y.ln_1p();
        if n == 0 {
            return ln_none.exp();
        }
        if t <= 0.0 {
            return 0.0;
        }
        let n = f64::from(n);
        let ln_exactly = ln_none - n * (1.0 / y).ln_1p() - ln_beta(self.shape, n) - n.ln();
        let at_least = incomplete_beta(n, self.shape, t, self.rate);
        let ln_kept = |n: f64| ln_gamma_ratio(self.b, n) - ln_gamma_ratio(self.a + self.b, n);
        let lost = ln_kept(n - 1.0).min(0.0).exp() * self.a / (self.a + self.b + n - 1.0);
        (ln_exactly + ln_kept(n).min(0.0)).exp() + at_least * lost
    }

    /// Probability of at least n purchases in a time t: the n-th would come in it, and the coins
    /// before it have kept the customer.
    fn p_at_least(&self, t: f64, n: u32) -> f64 {
        if n == 0 {
            return 1.0;
        }
        let (n, before) = (f64::from(n), f64::from(n - 1));
        let ln_kept = ln_gamma_ratio(self.b, before) - ln_gamma_ratio(self.a + self.b, before);
        incomplete_beta(n, self.shape, t, self.rate) * ln_kept.min(0.0).exp()
    }

    /// Expected purchases up to a horizon, each weighted exp(-rate t): by parts,
    ///
    /// exp(-rate H) E(H) + rate ∫_0^H exp(-rate t) E(t) dt,
    ///
    /// so that the integral is over a smooth function. The variable is ln(1 + t / s) with s about
    /// the time to the next purchase: on its scale E is smooth from the first purchases on to any
    /// horizon.
    fn discounted(&self, horizon: f64, rate: f64) -> f64 {
        /// Discounted by more than exp(-45), nothing counts.
        const WORTHLESS: f64 = 45.0;
        if rate <= 0.0 {
            return self.purchases(horizon);
        }
        if rate * horizon > WORTHLESS {
            return self.for_ever(rate);
        }
        let soon = self.rate / (1.0 + self.shape);
        let inside = discounted_integral(rate, soon, horizon, |_| 3.0, |t| self.purchases(t));
        inside + (-rate * horizon).exp() * self.purchases(horizon)
    }

    /// Expected purchases over all time to come, each weighted exp(-rate t).
    fn for_ever(&self, rate: f64) -> f64 {
        let Posterior { shape, a, b, .. } = *self;
        Perpetual { k: 1, shape, rate: self.rate, z: 0.0, weights: 1.0, a, b }.purchases(rate)
    }

    fn moments(&self, t: f64) -> Option<(f64, f64)> {
        Some((self.purchases(t), self.pairs(t)))
    }

    /// An active customer buys sooner or later: only a purchase can be the last.
    fn wait(&self) -> Wait {
        Wait::Purchase(Lomax { shape: self.shape, rate: self.rate })
    }
}
