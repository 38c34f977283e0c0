use super::generating::Generating;
use super::wait::{STAGES, Wait};
use crate::special::beta::incomplete_beta;
use crate::special::gamma::{ln_beta, ln_gamma_ratio};
use crate::special::quadrature::LONG;

/// A customer who is alive: with probabilities for the number of stages elapsed since the last purchase, and for each of them
/// a gamma distribution of rates (shape + elapsed, rate) and a beta distribution of the coin (a, b), independent of it.
///
/// With j elapsed stages, m more make floor((m + j) / k) purchases, if no coin were tossed; m is negative binomial, and n coins in a row keep
/// the customer with probability (b)_n / (a + b)_n. Everything below follows from these two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posterior {
    pub(super) wait: Wait,
    pub(super) weights: [f64; STAGES],
    /// Rate of the distribution of rates now.
    pub(super) rate: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

/// Terms up to which a sum over stages is taken; beyond, an integral takes fewer steps.
const FEW_TERMS: f64 = 1_500.0;

impl Posterior {
    /// Probability to be alive after a time t: Σ P(n purchases would come) (b)_n / (a + b)_n.
    pub(super) fn survival(&self, t: f64) -> f64 {
        let y = t / self.rate;
        if self.is_short(y) { self.by_sum(y).0 } else { self.generating(y).survival(self.a, self.b) }
    }

    /// Expected purchases in a time t, Σ P(n purchases would come) e_n with e_n = Σ_{i < n} (b)_i / (a + b)_i.
    pub(super) fn purchases(&self, t: f64) -> f64 {
        let y = t / self.rate;
        if self.is_short(y) { self.by_sum(y).1 } else { self.generating(y).purchases(self.a, self.b) }
    }

    fn generating(&self, y: f64) -> Generating<'_> {
        Generating::new(&self.wait, &self.weights, y)
    }

    fn is_short(&self, y: f64) -> bool {
        let mean = (self.wait.shape + f64::from(self.wait.k)) * y;
        mean + 12.0 * (mean * (1.0 + y)).sqrt() + 40.0 * (1.0 + y) < FEW_TERMS
    }

    /// Survival and expected purchases, as sums over the stages still to come, for each number of those elapsed.
    fn by_sum(&self, y: f64) -> (f64, f64) {
        let (mut survival, mut purchases) = (0.0, 0.0);
        for ((missing, shape), weight) in self.wait.stages().zip(self.weights) {
            if weight > 0.0 {
                let (alive, bought) = self.after_stages(y, missing, shape);
                survival += weight * alive;
                purchases += weight * bought;
            }
        }
        (survival.min(1.0), purchases)
    }

    /// The same where so many stages are missing to the next purchase.
    fn after_stages(&self, y: f64, missing: f64, shape: f64) -> (f64, f64) {
        const LARGE: f64 = 1e280;
        let z = y / (1.0 + y);
        // Weights in proportion to the probability of m stages; the sum of all weights makes up for the factor.
        let (mut weight, mut weights, mut survival, mut purchases) = (1.0, 1.0, 1.0, 0.0);
        let (mut expected, mut kept, mut n) = (0.0, 1.0, 0.0);
        let (mut m, mut next) = (0.0, missing);
        loop {
            let ratio = (shape + m) / (m + 1.0) * z;
            weight *= ratio;
            m += 1.0;
            if m >= next {
                expected += kept;
                kept *= (self.b + n) / (self.a + self.b + n);
                n += 1.0;
                next += f64::from(self.wait.k);
            }
            weights += weight;
            survival += weight * kept;
            let term = weight * expected;
            purchases += term;
            // Expected purchases grow more slowly than m, and the ratio falls (or rises to z).
            let bound = ratio.max(z) * (1.0 + 1.0 / m);
            if n > 0.0 && bound < 1.0 && term <= 1e-17 * purchases * (1.0 - bound) {
                return (survival / weights, purchases / weights);
            }
            if weights > LARGE {
                weight /= LARGE;
                weights /= LARGE;
                survival /= LARGE;
                purchases /= LARGE;
            }
        }
    }

    /// Probability of exactly n purchases in a time t: the next one would come too late and n coins have kept the customer, or at least n
    /// would have come and the n-th coin was the last.
    pub(super) fn pmf(&self, t: f64, n: u32) -> f64 {
        if n == 0 {
            let later = Wait { silence: self.wait.silence + t, ..self.wait };
            return (later.ln_silent() - self.wait.ln_silent()).min(0.0).exp();
        }
        if t <= 0.0 {
            return 0.0;
        }
        let n = f64::from(n);
        let y = t / self.rate;
        let (mut exactly, mut at_least) = (0.0, 0.0);
        for ((missing, shape), weight) in self.wait.stages().zip(self.weights) {
            let first = missing + (n - 1.0) * f64::from(self.wait.k);
            exactly += weight * self.stages_within(y, first, shape);
            at_least += weight * incomplete_beta(first, shape, t, self.rate);
        }
        let ln_kept = |n: f64| ln_gamma_ratio(self.b, n) - ln_gamma_ratio(self.a + self.b, n);
        let lost = ln_kept(n - 1.0).exp() * self.a / (self.a + self.b + n - 1.0);
        (exactly * ln_kept(n).exp() + at_least * lost).min(1.0)
    }

    /// Probability of at least `first` > 0 stages, but not k more, in a time of y.
    fn stages_within(&self, y: f64, first: f64, shape: f64) -> f64 {
        let ln = -shape * y.ln_1p() - first * (1.0 / y).ln_1p() - ln_beta(shape, first) - first.ln();
        let (mut term, mut sum) = (1.0, 0.0);
        for i in 0..self.wait.k {
            sum += term;
            let m = first + f64::from(i);
            term *= (shape + m) / (m + 1.0) * y / (1.0 + y);
        }
        (ln + sum.ln()).exp()
    }

    /// Expected purchases up to a horizon (which may be infinite), each weighted exp(-rate t): by parts,
    ///
    /// exp(-rate H) E(H) + rate ∫_0^H exp(-rate t) E(t) dt,
    ///
    /// over the logarithm of time, from about a stage on, as for the BG/NBD; but where purchases keep time, E has waves.
    pub(super) fn discounted(&self, horizon: f64, rate: f64) -> f64 {
        /// Discounted by more than exp(-45), nothing counts.
        const WORTHLESS: f64 = 45.0;
        if rate <= 0.0 {
            return self.purchases(horizon);
        }
        let end = horizon.min(WORTHLESS / rate);
        let soon = self.rate / (1.0 + self.wait.shape);
        let undiscounted = |v: f64| {
            let t = soon * v.exp_m1();
            (-rate * t).exp() * self.purchases(t) * (soon + t)
        };
        let (mut inside, mut from, end_v) = (0.0, 0.0, (end / soon).ln_1p());
        while from < end_v {
            let length = self.smooth_from(from, soon / self.rate).min(end_v - from);
            inside += length * LONG.sum(|place| undiscounted(from + length * place));
            from = if length < end_v - from { from + length } else { end_v };
        }
        inside *= rate;
        if horizon <= end { inside + (-rate * horizon).exp() * self.purchases(horizon) } else { inside }
    }

    /// How far from v = ln(1 + t / soon) on the rule of 16 points is exact to rounding: 2 for a function that is smooth on this scale, and so
    /// much of a wave as 12 radians.
    ///
    /// Expected purchases are made of (1 + (1 - ζ) y)^-shape, y = t / rate, with |ζ| <= 1. At a distance d = |1 - ζ| from 1, that has died
    /// away where 1 + d² y (1 + y) is large, and waves have at least d = 2 sin(π / k).
    fn smooth_from(&self, v: f64, soon: f64) -> f64 {
        const LONGEST: f64 = 2.0;
        const RADIANS: f64 = 12.0;
        /// 2 ln(1e17).
        const DEAD: f64 = 78.0;
        let shape = self.wait.shape + f64::from(self.wait.k - 1);
        let slowest = 2.0 * (std::f64::consts::PI / f64::from(self.wait.k)).sin();
        let y = soon * v.exp_m1();
        let spread = y * (1.0 + y);
        let alive = if spread > 0.0 { ((DEAD / shape).exp_m1() / spread).sqrt() } else { 2.0 };
        if self.wait.k == 1 || alive < slowest {
            return LONGEST;
        }
        let d = alive.min(2.0);
        let turns = shape * d * (y + soon) / (1.0 + d * d * spread).sqrt();
        (RADIANS / turns).ln_1p().min(LONGEST)
    }
}
