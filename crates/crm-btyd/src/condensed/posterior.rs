use super::generating::Generating;
use super::wait::{STAGES, Wait};
use crate::next_purchase::Wait as NextWait;
use crate::perpetual::Perpetual;
use crate::special::beta::incomplete_beta;
use crate::special::gamma::{ln_beta, ln_gamma_ratio};
use crate::special::normal;
use crate::special::quadrature::discounted_integral;
use crate::special::work::done;
use crate::story::Belief;

/// A customer who is alive: with probabilities for the number of stages elapsed since the last purchase, and for each of them
/// a gamma distribution of rates (shape + elapsed, rate) and a beta distribution of the coin (a, b), independent of it.
///
/// With j elapsed stages, m more make floor((m + j) / k) purchases, if no coin were tossed; m is negative binomial, and n coins in a row keep
/// the customer with probability (b)_n / (a + b)_n. Everything below follows from these two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Posterior {
    pub(super) wait: Wait,
    pub(super) weights: [f64; STAGES],
    /// Rate of the distribution of rates now.
    pub(super) rate: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

/// Terms up to which a sum over stages is taken; beyond, an integral takes fewer steps.
const FEW_TERMS: f64 = 12_000.0;
/// Terms of such a sum that take as long as one evaluation elsewhere.
const TERMS_PER_EVALUATION: usize = 2;

/// What a sum over stages gives.
#[derive(Debug, Clone, Copy)]
struct Sums {
    survival: f64,
    purchases: f64,
    /// E[N (N - 1)].
    pairs: f64,
}

impl Sums {
    fn over(self, weights: f64) -> Self {
        Sums {
            survival: self.survival / weights,
            purchases: self.purchases / weights,
            pairs: self.pairs / weights,
        }
    }
}

impl Posterior {
    fn generating(&self, y: f64) -> Generating<'_> {
        Generating::new(&self.wait, &self.weights, y)
    }

    fn is_short(&self, y: f64) -> bool {
        self.terms(y) < FEW_TERMS
    }

    /// About how many stages a sum has to take, at most.
    fn terms(&self, y: f64) -> f64 {
        let mean = (self.wait.shape + f64::from(self.wait.k)) * y;
        mean + 12.0 * (mean * (1.0 + y)).sqrt() + 40.0 * (1.0 + y)
    }

    /// Survival, expected purchases and pairs of them, as sums over the stages since the last purchase.
    ///
    /// Given their number i, each elapsed in the silence with a chance of σ = silence / (silence + t), and fewer than k must have: if all i were
    /// still to be seen, they would be negative binomial with the rate at the last purchase, and of these the share
    /// P(a binomial count of i and σ is below k) goes with the silence.
    fn by_sum(&self, y: f64) -> Sums {
        match self.wait.k {
            1 => self.by_sum_of::<1>(y),
            2 => self.by_sum_of::<2>(y),
            3 => self.by_sum_of::<3>(y),
            4 => self.by_sum_of::<4>(y),
            5 => self.by_sum_of::<5>(y),
            6 => self.by_sum_of::<6>(y),
            7 => self.by_sum_of::<7>(y),
            8 => self.by_sum_of::<8>(y),
            9 => self.by_sum_of::<9>(y),
            10 => self.by_sum_of::<10>(y),
            11 => self.by_sum_of::<11>(y),
            _ => self.by_sum_of::<STAGES>(y),
        }
    }

    /// [`by_sum`](Self::by_sum) for K stages, so that a term is a few vector instructions.
    fn by_sum_of<const K: usize>(&self, y: f64) -> Sums {
        const LARGE: f64 = 1e200;
        /// Terms between two looks at whether what is left matters.
        const LOOK: u32 = 8;
        let shape = self.wait.shape;
        let ahead = y * self.rate;
        let waited = self.wait.silence + ahead;
        if waited <= 0.0 {
            return Sums { survival: 1.0, purchases: 0.0, pairs: 0.0 };
        }
        let (share, rest) = (self.wait.silence / waited, ahead / waited);
        let z = waited / (self.wait.rate + waited);
        // For 0, 1, ... of the stages in the silence, weights in proportion to the probability of i stages; the sum of all makes up for the factor.
        let mut silent = [0.0; K];
        if let Some(none) = silent.first_mut() {
            *none = 1.0;
        }
        let mut weights = 1.0;
        let mut sums = Sums { survival: 1.0, purchases: 0.0, pairs: 0.0 };
        let (mut expected, mut pairs, mut kept, mut n) = (0.0, 0.0, 1.0, 0.0);
        let (mut i, mut missing, mut look) = (0.0, K, LOOK);
        let mut previous = 1.0;
        loop {
            let ratio = (shape + i) / (i + 1.0) * z;
            i += 1.0;
            let (before, (share, rest)) = (silent, (ratio * share, ratio * rest));
            if let Some(none) = silent.first_mut() {
                *none *= rest;
            }
            let fewer_and_same = before.iter().zip(before.iter().skip(1));
            for (weight, (fewer, same)) in silent.iter_mut().skip(1).zip(fewer_and_same) {
                *weight = rest * same + share * fewer;
            }
            missing -= 1;
            if missing == 0 {
                expected += kept;
                pairs += 2.0 * n * kept;
                kept = normal(kept * (self.b + n) / (self.a + self.b + n));
                n += 1.0;
                missing = K;
            }
            let likely = silent.iter().sum::<f64>();
            weights += likely;
            sums.survival += likely * kept;
            sums.purchases += likely * expected;
            sums.pairs += likely * pairs;
            let before = std::mem::replace(&mut previous, likely);
            look -= 1;
            if look == 0 {
                look = LOOK;
                // Pairs grow no faster than i^2, the ratio falls (or rises to z), and what the silence takes off it grows.
                let falls = likely / before * (ratio.max(z) / ratio);
                let bound = falls * (1.0 + 1.0 / i) * (1.0 + 1.0 / i);
                let ends = |value: f64, sum: f64| likely * value <= 1e-17 * sum * (1.0 - bound);
                let enough =
                    n > 1.0 && bound < 1.0 && ends(expected, sums.purchases) && ends(pairs, sums.pairs);
                if enough || likely < f64::MIN_POSITIVE {
                    // So many terms take as long as one evaluation elsewhere.
                    done(i as usize / TERMS_PER_EVALUATION);
                    return sums.over(weights);
                }
                // Eight terms may each multiply the weights by 1e10 before they are looked at.
                if weights > LARGE {
                    weights /= LARGE;
                    sums = sums.over(LARGE);
                    previous /= LARGE;
                    silent.iter_mut().for_each(|weight| *weight /= LARGE);
                }
            }
        }
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

    /// How far from v = ln(1 + t / soon) on the rule of 16 points is exact to rounding: 2 for a function that is smooth on this scale (3
    /// where its singularities are behind), and so much of a wave as 12 radians.
    ///
    /// Expected purchases are made of (1 + (1 - ζ) y)^-shape, y = t / rate, with |ζ| <= 1. At a distance d = |1 - ζ| from 1, that has died
    /// away where 1 + d² y (1 + y) is large, and waves have at least d = 2 sin(π / k).
    fn smooth_from(&self, v: f64, soon: f64) -> f64 {
        const RADIANS: f64 = 12.0;
        /// 2 ln(1e17).
        const DEAD: f64 = 78.0;
        let most = if v > 3.0 { 3.0 } else { 2.0 };
        let shape = self.wait.shape + f64::from(self.wait.k - 1);
        let slowest = 2.0 * (std::f64::consts::PI / f64::from(self.wait.k)).sin();
        let y = soon * v.exp_m1();
        let spread = y * (1.0 + y);
        let alive = if spread > 0.0 { ((DEAD / shape).exp_m1() / spread).sqrt() } else { 2.0 };
        if self.wait.k == 1 || alive < slowest {
            return most;
        }
        let d = alive.min(2.0);
        let turns = shape * d * (y + soon) / (1.0 + d * d * spread).sqrt();
        (RADIANS / turns).ln_1p().min(most)
    }
}

impl Belief for Posterior {
    /// Probability to be alive after a time t: Σ P(n purchases would come) (b)_n / (a + b)_n.
    fn survival(&self, t: f64) -> f64 {
        let y = t / self.rate;
        if self.is_short(y) {
            self.by_sum(y).survival.min(1.0)
        } else {
            self.generating(y).survival(self.a, self.b)
        }
    }

    /// Expected purchases in a time t, Σ P(n purchases would come) e_n with e_n = Σ_{i < n} (b)_i / (a + b)_i.
    fn purchases(&self, t: f64) -> f64 {
        let y = t / self.rate;
        if self.is_short(y) { self.by_sum(y).purchases } else { self.generating(y).purchases(self.a, self.b) }
    }

    /// Probability of exactly n purchases in a time t: the next one would come too late and n coins have kept the customer, or at least n
    /// would have come and the n-th coin was the last.
    fn pmf(&self, t: f64, n: u32) -> f64 {
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

    /// Probability of at least n purchases in a time t: the n-th would come in it, and the coins before it have kept the customer.
    fn p_at_least(&self, t: f64, n: u32) -> f64 {
        if n == 0 {
            return 1.0;
        }
        let before = f64::from(n - 1);
        let would: f64 = self
            .wait
            .stages()
            .zip(self.weights)
            .map(|((missing, shape), weight)| {
                weight * incomplete_beta(missing + before * f64::from(self.wait.k), shape, t, self.rate)
            })
            .sum();
        let ln_kept = ln_gamma_ratio(self.b, before) - ln_gamma_ratio(self.a + self.b, before);
        would.min(1.0) * ln_kept.exp()
    }

    /// Expected purchases and E[N (N - 1)] of their number N in a time t; `None` where so many are possible that the sum would not end.
    fn moments(&self, t: f64) -> Option<(f64, f64)> {
        /// Of a few hundredths of a second.
        const MANY_TERMS: f64 = 4e5;
        let y = t / self.rate;
        (self.terms(y) < MANY_TERMS).then(|| {
            let Sums { purchases, pairs, .. } = self.by_sum(y);
            (purchases, pairs)
        })
    }

    /// Expected purchases up to a horizon, each weighted exp(-rate t): by parts,
    ///
    /// exp(-rate H) E(H) + rate ∫_0^H exp(-rate t) E(t) dt,
    ///
    /// over the logarithm of time, from about a stage on, as for the BG/NBD; but where purchases keep time, E has waves.
    fn discounted(&self, horizon: f64, rate: f64) -> f64 {
        /// Discounted by more than exp(-45), nothing counts.
        const WORTHLESS: f64 = 45.0;
        if rate <= 0.0 {
            return self.purchases(horizon);
        }
        if rate * horizon > WORTHLESS {
            return self.for_ever(rate);
        }
        let soon = self.rate / (1.0 + self.wait.shape);
        let longest = |v: f64| self.smooth_from(v, soon / self.rate);
        let inside = discounted_integral(rate, soon, horizon, longest, |t| self.purchases(t));
        inside + (-rate * horizon).exp() * self.purchases(horizon)
    }

    /// Expected purchases over all time to come, each weighted exp(-rate t).
    fn for_ever(&self, rate: f64) -> f64 {
        let Posterior { wait, a, b, .. } = *self;
        let perpetual = Perpetual {
            k: wait.k,
            shape: wait.shape,
            rate: self.rate,
            z: wait.silence / wait.rate_now(),
            weights: wait.elapsed().sum,
            a,
            b,
        };
        perpetual.purchases(rate)
    }

    /// An active customer buys sooner or later: only a purchase can be the last.
    fn wait(&self) -> NextWait {
        NextWait::Stages(self.wait)
    }
}
