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

/// A customer who is alive: with probabilities for the number of stages elapsed since the last
/// purchase, and for each of them a gamma distribution of rates (shape + elapsed, rate) and a beta
/// distribution of the coin (a, b), independent of it.
///
/// With j elapsed stages, m more make floor((m + j) / k) purchases, if no coin were tossed; m is
/// negative binomial, and n coins in a row keep the customer with probability (b)_n / (a + b)_n.
/// Everything below follows from these two.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Posterior {
    pub(super) wait: Wait,
    pub(super) weights: [f64; STAGES],
    /// Returns the rate of the distribution of rates now.
    pub(super) rate: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

/// Terms up to which a sum over stages is taken; beyond, an integral takes fewer steps.
const FEW_TERMS: f64 = 12_000.0;
/// Terms of such a sum that take as long as one evaluation elsewhere.
const TERMS_PER_EVALUATION: usize = 2;
/// Purchases before it that do.
const PURCHASES_PER_EVALUATION: usize = 6;

/// Results of a sum over stages.
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

    /// A number of purchases that nearly always would come: fewer stages than k times as many have
    /// a chance below 1e-21.
    ///
    /// Stages to come are at least a negative binomial number of the shape of no elapsed one. Its
    /// mean is m, its variance v = m (1 + y), and that of its tilted laws falls, so that P(m - d or
    /// fewer) <= exp(-d^2 / (2 v)).
    fn surely(&self, y: f64) -> f64 {
        let mean = self.wait.shape * y;
        ((mean - 10.0 * (mean * (1.0 + y)).sqrt()) / f64::from(self.wait.k)).floor().max(0.0)
    }

    /// Survival, expected purchases and pairs of them, as sums over the stages since the last
    /// purchase.
    ///
    /// Given their number i, each elapsed in the silence with a chance of σ = silence / (silence +
    /// t), and fewer than k must have: if all i were still to be seen, they would be negative
    /// binomial with the rate at the last purchase, and of these the share P(a binomial count of i
    /// and σ is below k) goes with the silence.
    ///
    /// The sum begins at `surely` purchases: survival needs it to begin at 0, the others grow with
    /// their number.
    fn by_sum(&self, y: f64, surely: f64) -> Sums {
        match self.wait.k {
            1 => self.by_sum_of::<1>(y, surely),
            2 => self.by_sum_of::<2>(y, surely),
            3 => self.by_sum_of::<3>(y, surely),
            4 => self.by_sum_of::<4>(y, surely),
            5 => self.by_sum_of::<5>(y, surely),
            6 => self.by_sum_of::<6>(y, surely),
            7 => self.by_sum_of::<7>(y, surely),
            8 => self.by_sum_of::<8>(y, surely),
            9 => self.by_sum_of::<9>(y, surely),
            10 => self.by_sum_of::<10>(y, surely),
            11 => self.by_sum_of::<11>(y, surely),
            _ => self.by_sum_of::<STAGES>(y, surely),
        }
    }

    /// Purchases expected of n + 1 that would come, pairs of them, the chance of as many coins to
    /// keep the customer, and n + 1; from those of n.
    fn one_more(&self, expected: f64, pairs: f64, kept: f64, n: f64) -> (f64, f64, f64, f64) {
        let next = normal(kept * (self.b + n) / (self.a + self.b + n));
        (expected + kept, pairs + 2.0 * n * kept, next, n + 1.0)
    }

    /// [`by_sum`](Self::by_sum) for K stages, so that a term is a few vector instructions.
    fn by_sum_of<const K: usize>(&self, y: f64, surely: f64) -> Sums {
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
        let (mut expected, mut pairs, mut kept, mut n) = (0.0, 0.0, 1.0, 0.0);
        while n < surely {
            (expected, pairs, kept, n) = self.one_more(expected, pairs, kept, n);
        }
        done(surely as usize / PURCHASES_PER_EVALUATION);
        // For 0, 1, ... of the stages in the silence, weights in proportion to the probability of i
        // stages; the sum of all makes up for the factor.
        let mut i = n * K as f64;
        let mut silent = [0.0; K];
        let (mut weight, mut elapsed) = (1.0, 0.0);
        for silent in &mut silent {
            *silent = weight;
            // Of no stages none has elapsed, whatever the shares.
            weight *= if elapsed < i { (i - elapsed) / (elapsed + 1.0) * share / rest } else { 0.0 };
            elapsed += 1.0;
        }
        let first: f64 = silent.iter().sum();
        if !first.is_finite() {
            return self.by_sum_of::<K>(y, 0.0);
        }
        silent.iter_mut().for_each(|weight| *weight /= first);
        let mut weights = 1.0;
        let mut sums = Sums { survival: kept, purchases: expected, pairs };
        let (mut terms, mut missing, mut look) = (0, K, LOOK);
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
                (expected, pairs, kept, n) = self.one_more(expected, pairs, kept, n);
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
                terms += LOOK as usize;
                // Pairs grow no faster than i^2, the ratio falls (or rises to z), and what the
                // silence takes off it grows.
                let falls = likely / before * (ratio.max(z) / ratio);
                let bound = falls * (1.0 + 1.0 / i) * (1.0 + 1.0 / i);
                let ends = |value: f64, sum: f64| likely * value <= 1e-17 * sum * (1.0 - bound);
                let enough =
                    n > 1.0 && bound < 1.0 && ends(expected, sums.purchases) && ends(pairs, sums.pairs);
                if enough || likely < f64::MIN_POSITIVE {
                    // So many terms take as long as one evaluation elsewhere.
                    done(terms / TERMS_PER_EVALUATION);
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

    /// How far from v = ln(1 + t / soon) on the rule of 16 points is exact to rounding: 2 for a
    /// function that is smooth on this scale (3 where its singularities are behind), and so much of
    /// a wave as 12 radians.
    ///
    /// Expected purchases are made of (1 + (1 - ζ) y)^-shape, y = t / rate, with |ζ| <= 1. At a
    /// distance d = |1 - ζ| from 1, that has died away where 1 + d² y (1 + y) is large, and waves
    /// have at least d = 2 sin(π / k).
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
            self.by_sum(y, 0.0).survival.min(1.0)
        } else {
            self.generating(y).survival(self.a, self.b)
        }
    }

    /// Expected purchases in a time t, Σ P(n purchases would come) e_n with e_n = Σ_{i < n} (b)_i /
    /// (a + b)_i.
    fn purchases(&self, t: f64) -> f64 {
        let y = t / self.rate;
        if self.is_short(y) {
            self.by_sum(y, self.surely(y)).purchases
        } else {
            self.generating(y).purchases(self.a, self.b)
        }
    }

    /// Probability of exactly n purchases in a time t: the next one would come too late and n coins
    /// have kept the customer, or at least n would have come and the n-th coin was the last.
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
        let lost = ln_kept(n - 1.0).min(0.0).exp() * self.a / (self.a + self.b + n - 1.0);
        (exactly * ln_kept(n).min(0.0).exp() + at_least * lost).min(1.0)
    }

    /// Probability of at least n purchases in a time t: the n-th would come in it, and the coins
    /// before it have kept the customer.
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
        would.min(1.0) * ln_kept.min(0.0).exp()
    }

    /// Expected purchases and E[N (N - 1)] of their number N in a time t; `None` where so many are
    /// possible that the sum would not end.
    fn moments(&self, t: f64) -> Option<(f64, f64)> {
        /// Of a few hundredths of a second.
        const MANY_TERMS: f64 = 4e5;
        let y = t / self.rate;
        (self.terms(y) < MANY_TERMS).then(|| {
            let Sums { purchases, pairs, .. } = self.by_sum(y, self.surely(y));
            (purchases, pairs)
        })
    }

    /// Expected purchases up to a horizon, each weighted exp(-rate t): by parts,
    ///
    /// exp(-rate H) E(H) + rate ∫_0^H exp(-rate t) E(t) dt,
    ///
    /// over the logarithm of time, from about a stage on, as for the BG/NBD; but where purchases
    /// keep time, E has waves.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn buyer(k: u32, shape: f64, rate: f64, silence: f64) -> Posterior {
        let wait = Wait { k, shape, rate, silence };
        Posterior { wait, weights: wait.elapsed().weights, rate: rate + silence, a: 0.4, b: 0.9 }
    }

    /// Purchases that are sure to come need no sum: for buyers of few and many stages, silent or
    /// not.
    #[test]
    fn a_sum_from_what_is_sure_is_the_whole_sum() {
        let mut skipped = 0;
        for (k, shape) in [(1, 3.0), (1, 400.0), (2, 900.0), (5, 60.0), (12, 250.0), (12, 2_900.0)] {
            for silence in [0.0, 1e-6, 0.1, 2.0, 40.0] {
                for y in [1e-3, 0.3, 1.0, 2.5] {
                    let buyer = buyer(k, shape, 11.0, silence);
                    let (surely, whole) = (buyer.surely(y), buyer.by_sum(y, 0.0));
                    skipped += i32::from(surely > 0.0);
                    let part = buyer.by_sum(y, surely);
                    let close = |part: f64, whole: f64| (part - whole).abs() <= 1e-13 * whole;
                    assert!(
                        close(part.purchases, whole.purchases),
                        "{k} {shape} {silence} {y} {part:?} {whole:?}"
                    );
                    assert!(close(part.pairs, whole.pairs), "{k} {shape} {silence} {y} {part:?} {whole:?}");
                }
            }
        }
        assert!(skipped > 40, "{skipped}");
    }

    /// The end of a wait, as what a silence loses and as stages that are missing.
    #[test]
    fn both_ways_to_the_end_of_a_wait_agree() {
        for (k, shape) in [(1, 3.0), (2, 900.0), (12, 0.4), (12, 2_900.0)] {
            for silence in [0.0, 0.1, 2.0, 40.0] {
                let wait = buyer(k, shape, 11.0, silence).wait;
                for t in [1e-4, 0.01, 0.1, 1.0, 20.0, 1e3] {
                    let stages = wait.stages().zip(wait.elapsed().weights);
                    let missing: f64 = stages
                        .map(|((missing, shape), weight)| {
                            weight * incomplete_beta(missing, shape, t, wait.rate_now())
                        })
                        .sum();
                    let within = wait.p_within(t);
                    assert!(
                        (within - missing).abs() <= 3e-11 * missing,
                        "{k} {shape} {silence} {t} {within} {missing}"
                    );
                }
            }
        }
    }
}
