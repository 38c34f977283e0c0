//! Long horizons, by the generating function of the number of purchases.

use std::f64::consts::TAU;

use super::wait::{STAGES, Wait};
use crate::special::gamma::ln_beta;
use crate::special::line::{LN_ROUNDING, Peak, Tail};
use crate::special::work::done;
use crate::special::{one_over_one_plus_exp, softplus};

/// E[θ^N] of the number N of purchases that would come in a time y (in units of the rate of the
/// distribution of rates) if no coin were tossed; θ = 1 - p is the chance of a coin to keep the
/// customer.
///
/// With m stages to come and j elapsed, N = floor((m + j) / k). A power of θ with such an exponent
/// is a sum over the k-th roots ζ of θ,
///
/// θ^floor(i / k) = Σ_ζ c_ζ ζ^i, c_ζ = (1/θ - 1) / (k (1/ζ - 1)),
///
/// and E[ζ^m] = (1 + (1 - ζ) y)^-shape. Where θ is so small that the sum would cancel, it is a
/// series in θ instead.
pub(super) struct Generating<'a> {
    wait: &'a Wait,
    weights: &'a [f64; STAGES],
    y: f64,
    /// Probabilities of 0, 1, ... purchases.
    counts: Vec<f64>,
    /// Probability of any.
    any: f64,
    /// Sine and cosine of the angles of the roots with a positive one, from the first.
    turns: [(f64, f64); STAGES / 2],
}

/// Below this the series is used, ...
const SMALL: f64 = 0.5;
/// ... with so many terms.
const TERMS: usize = 56;

/// e to minus this is 0 in doubles.
const DEAD: f64 = 746.0;

impl<'a> Generating<'a> {
    pub(super) fn new(wait: &'a Wait, weights: &'a [f64; STAGES], y: f64) -> Self {
        let counts = counts(wait, weights, y, TERMS);
        let any = wait.stages().zip(weights).map(|(stage, weight)| weight * p_any(stage, y)).sum();
        let mut turns = [(0.0, 1.0); STAGES / 2];
        for (turn, number) in turns.iter_mut().zip(1_u32..) {
            *turn = (TAU * f64::from(number) / f64::from(wait.k)).sin_cos();
        }
        Generating { wait, weights, y, counts, any, turns }
    }

    /// Probability to be alive: the mean of E[θ^N] over the coin.
    pub(super) fn survival(&self, a: f64, b: f64) -> f64 {
        let k = f64::from(self.wait.k);
        let ln = |w: f64| {
            let (p, theta) = (one_over_one_plus_exp(-w), one_over_one_plus_exp(w));
            a * w - (a + b) * softplus(w) + self.kept(p, theta).ln()
        };
        let peak = Peak {
            ln,
            // By the root of θ that is nearest to 1.
            slope: |w: f64| {
                let (p, theta) = (one_over_one_plus_exp(-w), one_over_one_plus_exp(w));
                let root = (-softplus(w) / k).exp();
                let spread = self.y * -(-softplus(w) / k).exp_m1();
                a * theta - b * p - self.wait.shape * self.y * root * p / (k * (1.0 + spread))
            },
            left: Tail { rate: a, from: LN_ROUNDING - (a + b + (1.0 + self.wait.shape) * self.y).ln() },
            right: Tail { rate: b, from: (a + b + 1.0).ln() - LN_ROUNDING },
        };
        let guess = (a / b).ln().min(-(self.wait.shape * self.y / k).ln().max(0.0));
        let ln_integral = peak.ln_integral(guess);
        // Where nobody can be left, there is no peak.
        if ln_integral.is_nan() { 0.0 } else { (ln_integral - ln_beta(a, b)).min(0.0).exp() }
    }

    /// Expected purchases: the mean over the coin of (1 - E[θ^N]) / p.
    pub(super) fn purchases(&self, a: f64, b: f64) -> f64 {
        let mean = self.wait.shape * self.y / f64::from(self.wait.k);
        let peak = Peak {
            ln: |w: f64| {
                let (p, theta) = (one_over_one_plus_exp(-w), one_over_one_plus_exp(w));
                a * w - (a + b) * softplus(w) + (self.lost(p, theta) / p).ln()
            },
            // As if (1 - E[θ^N]) / p were mean / (1 + mean p).
            slope: |w: f64| {
                let (p, theta) = (one_over_one_plus_exp(-w), one_over_one_plus_exp(w));
                a * theta - b * p - theta * mean * p / (1.0 + mean * p)
            },
            left: Tail { rate: a, from: LN_ROUNDING - (a + b + (1.0 + self.wait.shape) * self.y).ln() },
            right: Tail { rate: b, from: (a + b + 1.0).ln() - LN_ROUNDING },
        };
        let guess = (a / b).ln().min(-mean.ln().max(0.0));
        (peak.ln_integral(guess) - ln_beta(a, b)).exp()
    }

    /// E[θ^N].
    fn kept(&self, p: f64, theta: f64) -> f64 {
        if theta < SMALL { self.series(theta) } else { self.over_roots(p, theta, false).max(0.0) }
    }

    /// 1 - E[θ^N], without cancellation for small p: the same sum with e^x - 1 in the place of e^x,
    /// because Σ_ζ c_ζ ζ^j is 1 for j < k.
    fn lost(&self, p: f64, theta: f64) -> f64 {
        if theta < SMALL {
            self.any - self.counts.iter().skip(1).rev().fold(0.0, |sum, p| (sum + p) * theta)
        } else {
            -self.over_roots(p, theta, true)
        }
    }

    fn series(&self, theta: f64) -> f64 {
        self.counts.iter().rev().fold(0.0, |sum, p| sum * theta + p)
    }

    /// Σ_ζ c_ζ Σ_j P(j elapsed) ζ^j (1 + (1 - ζ) y)^-(shape + j), with 1 taken off each power where
    /// only what is `lost` is wanted.
    fn over_roots(&self, p: f64, theta: f64, lost: bool) -> f64 {
        // A pair of roots costs as much as two evaluations elsewhere, or one where it has died
        // away.
        let mut evaluations = 2;
        let k = self.wait.k;
        let ln_root = -(p / theta).ln_1p() / f64::from(k);
        let root = ln_root.exp();
        let mut sum = self.real_root(p / theta, root, -ln_root.exp_m1(), lost);
        // The others come in pairs that mirror each other, but for -1.
        for (turn, (sin, cos)) in (1..=k / 2).zip(self.turns) {
            let zeta = Complex { re: root * cos, im: root * sin };
            let rest = Complex::real(1.0) - zeta;
            // 1/ζ - 1 = (1 - ζ) / ζ.
            let factor = (zeta / rest).times(p / theta / f64::from(k));
            let grown = Complex::real(1.0) + rest.times(self.y);
            let is_dead = self.wait.shape * grown.re.ln() > DEAD;
            evaluations += if is_dead { 1 } else { 2 };
            let start = if is_dead {
                Complex::real(0.0)
            } else {
                grown.ln_of_more_than_one().times(-self.wait.shape).exp()
            };
            let (step, one) = (zeta / grown, Complex::real(if lost { 1.0 } else { 0.0 }));
            let (mut power, mut ones, mut inner) = (start, one, Complex::real(0.0));
            for weight in self.weights.iter().take(k as usize) {
                inner = inner + (power - ones).times(*weight);
                power = power * step;
                ones = ones * zeta;
            }
            let pair = if 2 * turn == k { 1.0 } else { 2.0 };
            sum += pair * (factor * inner).re;
        }
        done(evaluations);
        sum
    }

    /// The term of the positive root, whose powers are near 1 where p is small.
    fn real_root(&self, odds: f64, root: f64, rest: f64, lost: bool) -> f64 {
        // From one stage to the next, (1 + rest y)^-shape is divided by 1 + rest y, and nothing
        // cancels.
        let shrunk = 1.0 / (1.0 + rest * self.y);
        let ln_first = -self.wait.shape * (rest * self.y).ln_1p();
        let (mut value, lessened) =
            if lost { (ln_first.exp_m1(), -rest * self.y * shrunk) } else { (ln_first.exp(), 0.0) };
        let (mut power, mut inner) = (1.0, 0.0);
        for weight in self.weights.iter().take(self.wait.k as usize) {
            inner += power * weight * value;
            power *= root;
            value = value * shrunk + lessened;
        }
        root / rest * odds / f64::from(self.wait.k) * inner
    }
}

/// Probability of at least as many stages as are missing, where y is not small: where hardly a
/// stage will come, 1 - P(none) keeps its digits.
fn p_any((missing, shape): (f64, f64), y: f64) -> f64 {
    let ln_none = -shape * y.ln_1p();
    let (mut term, mut few, mut m) = (ln_none.exp() * shape * y / (1.0 + y), 0.0, 1.0);
    while m < missing {
        few += term;
        term *= (shape + m) / (m + 1.0) * y / (1.0 + y);
        m += 1.0;
    }
    -ln_none.exp_m1() - few
}

/// Probabilities of 0, 1, ... purchases, as sums over stages.
fn counts(wait: &Wait, weights: &[f64; STAGES], y: f64, terms: usize) -> Vec<f64> {
    // Twelve stages may each multiply the term by 1e10 before it is looked at.
    const LARGE: f64 = 1e150;
    // Twenty terms take as long as one evaluation elsewhere.
    done(terms * wait.k as usize * wait.k as usize / 20);
    let z = y / (1.0 + y);
    // A division would take longer than all the rest of a term, and is the same for each wait.
    let factors: Vec<f64> = (1..=terms * wait.k as usize).map(|m| z / m as f64).collect();
    let mut counts = vec![0.0; terms];
    for ((missing, shape), weight) in wait.stages().zip(weights) {
        let (mut ln_scale, mut term) = (weight.ln() - shape * y.ln_1p(), 1.0);
        let (mut m, mut next) = (0.0, missing);
        let mut factors = factors.iter();
        for count in &mut counts {
            let mut sum = 0.0;
            while m < next {
                sum += term;
                term *= (shape + m) * factors.next().copied().unwrap_or_default();
                m += 1.0;
            }
            next += f64::from(wait.k);
            *count += (ln_scale + sum.ln()).exp();
            if term > LARGE {
                term /= LARGE;
                ln_scale += LARGE.ln();
            }
        }
    }
    counts
}

#[derive(Debug, Clone, Copy)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn real(re: f64) -> Self {
        Complex { re, im: 0.0 }
    }

    fn times(self, factor: f64) -> Self {
        Complex { re: factor * self.re, im: factor * self.im }
    }

    fn exp(self) -> Self {
        let (sin, cos) = self.im.sin_cos();
        Complex { re: cos, im: sin }.times(self.re.exp())
    }

    /// ln x, for a real part of at least 1.
    fn ln_of_more_than_one(self) -> Self {
        let ratio = self.im / self.re;
        Complex { re: self.re.ln() + 0.5 * (ratio * ratio).ln_1p(), im: ratio.atan() }
    }
}

impl std::ops::Add for Complex {
    type Output = Complex;

    fn add(self, other: Complex) -> Complex {
        Complex { re: self.re + other.re, im: self.im + other.im }
    }
}

impl std::ops::Sub for Complex {
    type Output = Complex;

    fn sub(self, other: Complex) -> Complex {
        Complex { re: self.re - other.re, im: self.im - other.im }
    }
}

impl std::ops::Mul for Complex {
    type Output = Complex;

    fn mul(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}

impl std::ops::Div for Complex {
    type Output = Complex;

    fn div(self, other: Complex) -> Complex {
        let size = other.re * other.re + other.im * other.im;
        (self * Complex { re: other.re, im: -other.im }).times(1.0 / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELATIVE: f64 = 1e-12;

    /// Means over the coin, of a living customer with j elapsed stages, by the sum over purchases.
    #[test]
    fn roots_and_series_agree_with_the_probabilities_of_counts() {
        for (k, shape, silence) in [(1, 0.3, 2.0), (2, 4.0, 0.5), (5, 0.01, 0.0), (12, 30.0, 0.2)] {
            let wait = Wait { k, shape, rate: 3.0, silence };
            let weights = wait.elapsed().weights;
            for y in [40.0, 150.0] {
                let generating = Generating::new(&wait, &weights, y);
                let many = counts(&wait, &weights, y, 12_000);
                for theta in [0.1, 0.499, 0.501, 0.8, 0.999] {
                    let p = 1.0 - theta;
                    let kept = many.iter().rev().fold(0.0, |sum, count| sum * theta + count);
                    // 1 - θ^n = p (1 + θ + ... + θ^(n - 1)), so that nothing cancels.
                    let (mut lost, mut powers, mut power) = (0.0, 0.0, 1.0);
                    for count in &many {
                        lost += count * powers * p;
                        powers += power;
                        power *= theta;
                    }
                    // The series leaves out what is below 2^-56.
                    let error = (generating.kept(p, theta) - kept).abs();
                    assert!(error < RELATIVE * kept + 1e-15, "{k} {y} {theta}");
                    assert!((generating.lost(p, theta) / lost - 1.0).abs() < RELATIVE, "{k} {y} {theta}");
                }
            }
        }
    }

    #[test]
    fn tiny_chances_of_a_last_purchase_lose_nothing() {
        let wait = Wait { k: 3, shape: 1.0, rate: 1.0, silence: 0.0 };
        let weights = wait.elapsed().weights;
        let generating = Generating::new(&wait, &weights, 29.0);
        let mean = generating.lost(1e-9, 1.0 - 1e-9) / 1e-9;
        for p in [1e-12, 1e-20, 1e-60] {
            assert!((generating.lost(p, 1.0) / p / mean - 1.0).abs() < 1e-7, "{p}");
        }
    }
}
