use super::life::{Integrand, Life};
use crate::next_purchase::Wait;
use crate::race::Lomax;
use crate::special::gamma::ln_beta;
use crate::special::quadrature::LONG;
use crate::special::walk::ln_integral_near;
use crate::story::Belief;

/// A customer who is alive: the rates of purchases and of aging have gamma distributions,
/// independent of each other, because both processes were watched for the whole age.
///
/// Everything is what a new customer with these parameters would do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Posterior {
    pub(crate) purchase: Lomax,
    pub(crate) life: Life,
}

/// The rest of an integral is left out where it is below this share of the sum, or below that in
/// itself.
const NEGLIGIBLE: (f64, f64) = (1e-17, 1e-30);
/// Longest panel on the scale ln u, and the most by which the logarithm of the integrand may change
/// over one.
const LONGEST: f64 = 2.0;
const STEEPEST: f64 = 12.0;

impl Posterior {
    /// Expected purchases per unit of time while alive.
    pub(super) fn mean_rate(&self) -> f64 {
        self.purchase.shape / self.purchase.rate
    }

    /// Expected time alive within a time, each moment worth exp(-discount u).
    fn time_alive(&self, t: f64, discount: f64) -> f64 {
        Integrand::time_alive(self.life, discount).integral(t)
    }

    /// Probability of at least one purchase in a time t, which may be infinite: it comes before
    /// death does.
    pub(crate) fn p_any_purchase(&self, t: f64) -> f64 {
        Integrand::purchase_first(self.life, self.purchase).integral(t).min(1.0)
    }

    /// Probability that death comes before any purchase, and within a time t, which may be
    /// infinite.
    pub(crate) fn p_dies_first(&self, t: f64) -> f64 {
        Integrand::death_first(self.life, self.purchase).integral(t).min(1.0)
    }

    /// Density of the next purchase, before death, after a time t.
    pub(crate) fn density(&self, t: f64) -> f64 {
        let Lomax { shape, rate } = self.purchase;
        shape / (rate + t) * (-self.purchase.ln_over(t) - self.life.ln_over(t)).exp()
    }

    /// ln of the probability of n purchases in a time u, if death does not come.
    fn count(&self, n: f64, u: f64) -> f64 {
        -ln_beta(self.purchase.shape, n) - n.ln() + self.ln_odds(n, u)
    }

    /// -n ln(1 + rate / u) - shape ln(1 + u / rate).
    fn ln_odds(&self, n: f64, u: f64) -> f64 {
        let Lomax { shape, rate } = self.purchase;
        -n * (rate / u).ln_1p() - shape * (u / rate).ln_1p()
    }

    /// E[N (N - 1)] of the number N of purchases in a time t: the mean square of the rate times
    /// that of the time alive, 2 ∫ u P(alive at u) du.
    fn pairs(&self, t: f64) -> f64 {
        let Lomax { shape, rate } = self.purchase;
        2.0 * shape * (shape + 1.0) / (rate * rate) * Integrand::time_alive(self.life, 0.0).first_moment(t)
    }

    /// ∫ of the density of death at u and the probability of n purchases until then, up to t:
    /// outwards on the scale ln u from where n purchases are most likely.
    fn died_after(&self, n: f64, t: f64) -> f64 {
        let Life { s, beta, b } = self.life;
        let Lomax { shape, rate } = self.purchase;
        let ln_ways = -ln_beta(shape, n) - n.ln() + (s * b / beta).ln();
        let value = |w: f64| {
            let u = w.exp();
            let grown = self.life.grown(u);
            (ln_ways + self.ln_odds(n, u) + w + (b * u - grown) - s * grown).exp()
        };
        let bend = |u: f64| {
            let pace = self.life.pace(u);
            u * b * (1.0 - (s + 1.0) * pace).abs()
        };
        let steepest = |u: f64, v: f64| {
            let of_count = |u: f64| (n * rate - shape * u).abs() / (rate + u);
            // Either end of the panel may have the larger pace; its time is at most v.
            let of_life = bend(u).max(bend(v)).max(bend(u) / u * v);
            1.0 + of_count(u).max(of_count(v)) + of_life
        };
        let end = t.min(self.life.longest()).ln();
        let middle = (n * rate / shape).ln().min(end);
        let mut sum = 0.0;
        let mut at = middle;
        while at < end {
            let u = at.exp();
            let mut length = (self.life.smooth(u) / u).ln_1p().min(LONGEST).min(end - at);
            while length * steepest(u, (at + length).exp()) > STEEPEST {
                length *= 0.5;
            }
            sum += length * LONG.sum(|place| value(at + length * place));
            at = if length < end - at { at + length } else { end };
            let rest = self.count(n, at.exp()).exp() * self.survival(at.exp());
            if rest <= NEGLIGIBLE.0 * sum + NEGLIGIBLE.1 {
                break;
            }
        }
        at = middle;
        loop {
            let u = at.exp();
            let mut length = LONGEST;
            let too_long = |length: f64| {
                let from = (at - length).exp();
                u - from > self.life.smooth(from) || length * steepest(from, u) > STEEPEST
            };
            while too_long(length) {
                length *= 0.5;
            }
            sum += length * LONG.sum(|place| value(at - length * place));
            at -= length;
            let died = -(-self.life.ln_over(at.exp())).exp_m1();
            if self.count(n, at.exp()).exp() * died <= NEGLIGIBLE.0 * sum + NEGLIGIBLE.1 {
                return sum;
            }
        }
    }
}

impl Belief for Posterior {
    /// Probability to be alive after a time.
    fn survival(&self, t: f64) -> f64 {
        self.life.p_longer(t)
    }

    /// Probability of exactly n purchases in a time t: they come within it and neither the next one
    /// nor death does, or death comes after so many of them.
    fn pmf(&self, t: f64, n: u32) -> f64 {
        if n == 0 {
            let neither = (-self.purchase.ln_over(t) - self.life.ln_over(t)).exp();
            return (neither + self.p_dies_first(t)).min(1.0);
        }
        if t <= 0.0 {
            return 0.0;
        }
        let n = f64::from(n);
        (self.count(n, t).exp() * self.survival(t) + self.died_after(n, t)).min(1.0)
    }

    /// Probability of at least n purchases in a time t: the n-th comes within it, and before death.
    /// Over ln u the logarithm of the integrand is concave.
    fn p_at_least(&self, t: f64, n: u32) -> f64 {
        if n == 0 || t <= 0.0 {
            return if n == 0 { 1.0 } else { 0.0 };
        }
        let n = f64::from(n);
        let Lomax { shape, rate } = self.purchase;
        let ln = |w: f64| self.ln_odds(n, w.exp()) - self.life.ln_over(w.exp());
        let slope = |w: f64| {
            let u = w.exp();
            (n * rate - shape * u) / (rate + u) - self.life.s * self.life.b * u * self.life.pace(u)
        };
        let longest = |w: f64, side: f64| {
            let u = w.exp();
            if side > 0.0 {
                return (self.life.smooth(u) / u).ln_1p();
            }
            let mut length = LONGEST;
            while u - u * (-length).exp() > self.life.smooth(u * (-length).exp()) {
                length *= 0.5;
            }
            length
        };
        let end = t.min(self.life.longest()).ln();
        (ln_integral_near(longest, ln, slope, end) - ln_beta(shape, n)).exp().min(1.0)
    }

    fn purchases(&self, t: f64) -> f64 {
        self.discounted(t, 0.0)
    }

    fn moments(&self, t: f64) -> Option<(f64, f64)> {
        Some((self.purchases(t), self.pairs(t)))
    }

    fn discounted(&self, t: f64, rate: f64) -> f64 {
        self.mean_rate() * self.time_alive(t, rate)
    }

    fn for_ever(&self, rate: f64) -> f64 {
        self.discounted(f64::INFINITY, rate)
    }

    fn wait(&self) -> Wait {
        Wait::PurchaseOrAge(*self)
    }
}
