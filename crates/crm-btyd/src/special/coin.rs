//! Means over a beta-distributed probability, with one set of nodes for many functions of it.

use super::beta::ln_of_odds;
use super::line::outwards;
use super::one_over_one_plus_exp;
use super::work::done;

/// Nodes and weights of a beta distribution, for functions of p that vary at most like 1 / (D +
/// p)^2, with D above a lower bound.
pub(crate) struct Coin {
    places: Vec<f64>,
    weights: Vec<f64>,
}

/// ln(1e-17): a p smaller than D by this factor counts as 0.
const LN_NOTHING: f64 = -39.0;
/// Terms below this share of a mean are omitted.
const NEGLIGIBLE: f64 = 1e-18;

impl Coin {
    /// Computes the nodes for the parameters `a` and `b` of the distribution, and D >= `least` > 0.
    ///
    /// On the scale of the log-odds the density is p^a (1 - p)^b; the mass beyond the nodes is
    /// assigned to p = 0 and p = 1.
    pub(crate) fn new(a: f64, b: f64, least: f64) -> Self {
        let top = (a / b).ln();
        let ln = |u: f64| ln_of_odds((a, b), u);
        let first = ((a + b) / (a * b)).sqrt();
        let edge = LN_NOTHING - (a + b + 1.0).ln();
        let (mut places, mut weights) = (Vec::with_capacity(512), Vec::with_capacity(512));
        let mut sum = 0.0;
        let small = edge.min(least.ln() + LN_NOTHING);
        let below = outwards(ln, (0.0, -1.0), first, top - small, |panel| {
            for (u, weight) in panel.nodes() {
                let p = one_over_one_plus_exp(-u - top);
                sum += weight / ((least + p) * (least + p));
                places.push(p);
                weights.push(weight);
            }
            let p = one_over_one_plus_exp(-panel.at - top);
            let last = panel.last / ((least + p) * (least + p));
            last * (panel.left + 1.0 / a) > NEGLIGIBLE * sum
        });
        let mut mass: f64 = weights.iter().sum();
        let above = outwards(ln, (0.0, 1.0), first, -edge - top, |panel| {
            for (u, weight) in panel.nodes() {
                mass += weight;
                places.push(one_over_one_plus_exp(-u - top));
                weights.push(weight);
            }
            panel.last * (panel.left + 1.0 / b) > NEGLIGIBLE * mass
        });
        places.extend([0.0, 1.0]);
        weights.extend([below / a, above / b]);
        let all: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= all);
        Coin { places, weights }
    }

    /// Returns the mean of 1 / (D + p).
    pub(crate) fn mean_pole(&self, d: f64) -> f64 {
        // Eight of these cost as much as one evaluation elsewhere.
        done(self.places.len() / 8);
        let (mut sums, mut rest) = ([0.0; 4], 0.0);
        let (places, weights) = (self.places.chunks_exact(4), self.weights.chunks_exact(4));
        for (p, weight) in places.remainder().iter().zip(weights.remainder()) {
            rest += weight / (d + p);
        }
        for (places, weights) in places.zip(weights) {
            for (sum, (p, weight)) in sums.iter_mut().zip(places.iter().zip(weights)) {
                *sum += weight / (d + p);
            }
        }
        rest + sums.iter().sum::<f64>()
    }

    /// Returns the mean of a function of p.
    pub(crate) fn mean(&self, f: impl Fn(f64) -> f64) -> f64 {
        done(self.places.len());
        let nodes = self.places.iter().zip(&self.weights).filter(|(_, weight)| **weight > 0.0);
        nodes.map(|(&p, weight)| weight * f(p)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::gamma::ln_beta;
    use crate::special::hyp2f1::{Argument, ln_hyp2f1};

    /// E 1 / (D + p) = F(1, b; a + b; 1 / (1 + D)) / (1 + D).
    #[test]
    fn poles_are_gauss_functions() {
        for a in [1e-7, 0.3, 0.999, 1.5, 40.0, 1e7] {
            for b in [1e-7, 0.4, 2.0, 300.0, 1e8] {
                for d in [1e-9, 1e-3, 1.0, 1e4, 1e12_f64] {
                    let coin = Coin::new(a, b, 1e-9);
                    let expected = ln_hyp2f1(1.0, b, a + b, Argument::ratio(1.0, d)) - d.ln_1p();
                    let error = coin.mean_pole(d).ln() - expected;
                    assert!(error.abs() < 1e-9 * expected.abs().max(1.0), "{a} {b} {d}: {error}");
                    assert!((coin.mean(|p| 1.0 / (d + p)) / coin.mean_pole(d) - 1.0).abs() < 1e-14);
                }
            }
        }
    }

    /// E p = a / (a + b), and E (1 - p)^2 by betas.
    #[test]
    fn moments_are_met() {
        for (a, b) in [(0.2_f64, 0.1), (3.0, 700.0), (1e6, 2e6), (1e-6, 5.0)] {
            let coin = Coin::new(a, b, 1.0);
            assert!((coin.mean(|p| p) / (a / (a + b)) - 1.0).abs() < 1e-12, "{a} {b}");
            let expected = (ln_beta(a, b + 2.0) - ln_beta(a, b)).exp();
            assert!((coin.mean(|p| (1.0 - p).powi(2)) / expected - 1.0).abs() < 1e-9, "{a} {b}");
        }
    }
}
