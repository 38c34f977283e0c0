use super::life::Integrand;
use crate::special::quadrature::{LONG, Rule, SHORT};
use crate::special::walk::Panel;

/// How many functions there are.
const FUNCTIONS: usize = 6;

/// The integral of an integrand over the silence, and moments under it of six functions of the time
/// τ = t_x + u since the first purchase: ln((alpha + τ) / (alpha + t_x)), (alpha + t_x) / (alpha +
/// τ), ln(B / B(t_x)), B(t_x) / B, τ e^(b τ) / B and τ, with B = beta + e^(b τ) - 1.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    pub(super) sum: f64,
    first: [f64; FUNCTIONS],
    /// On the diagonal and above.
    second: [[f64; FUNCTIONS]; FUNCTIONS],
    /// Of the product of the last three.
    third: f64,
}

/// Means, covariances, and the mean of the product of the last three functions.
pub(super) struct Means {
    pub(super) mean: [f64; FUNCTIONS],
    pub(super) covariance: [[f64; FUNCTIONS]; FUNCTIONS],
    pub(super) third: f64,
}

impl Moments {
    /// Of a race that began at the recency; `rate` is alpha + t_x, `beta` that of the aged life.
    pub(super) fn of(integrand: &Integrand, silence: f64, recency: f64, rate: f64, beta: f64) -> Self {
        let mut moments = Moments::default();
        integrand.walk(silence, |panel| {
            if panel.even {
                moments.add(integrand, &panel, &SHORT, (recency, rate, beta));
            } else {
                moments.add(integrand, &panel, &LONG, (recency, rate, beta));
            }
            moments.sum
        });
        moments
    }

    fn add<const N: usize>(
        &mut self,
        integrand: &Integrand,
        panel: &Panel,
        rule: &Rule<N>,
        (recency, rate, beta): (f64, f64, f64),
    ) {
        let nodes = integrand.nodes(panel, rule);
        let mut weights = nodes.value;
        for (weight, share) in weights.iter_mut().zip(&rule.weights) {
            *weight *= panel.length * share;
        }
        let mut near = nodes.u;
        let mut left = nodes.risen;
        let mut paced = nodes.risen;
        let mut time = nodes.u;
        for (near, time) in near.iter_mut().zip(&mut time) {
            *time += recency;
            *near = rate / (rate + *near);
        }
        for ((left, paced), time) in left.iter_mut().zip(&mut paced).zip(&time) {
            let inverse = 1.0 / (beta + *left);
            *paced = time * (1.0 + *paced) * inverse;
            *left = beta * inverse;
        }
        let functions = [&nodes.ln_far, &near, &nodes.grown, &left, &paced, &time];
        self.sum += lanes(&weights, &[1.0; N]);
        for (i, (function, (first, second))) in
            functions.iter().zip(self.first.iter_mut().zip(&mut self.second)).enumerate()
        {
            let mut weighted = weights;
            for (weight, value) in weighted.iter_mut().zip(function.iter()) {
                *weight *= value;
            }
            *first += lanes(&weighted, &[1.0; N]);
            for (other, second) in functions.iter().zip(second).skip(i) {
                *second += lanes(&weighted, other);
            }
        }
        for ((weight, left), paced) in weights.iter_mut().zip(&left).zip(&paced) {
            *weight *= left * paced;
        }
        self.third += lanes(&weights, &time);
    }

    #[allow(clippy::indexing_slicing, reason = "i and j run below the number of functions")]
    pub(super) fn means(&self) -> Means {
        let mean = self.first.map(|first| first / self.sum);
        let mut covariance = [[0.0; FUNCTIONS]; FUNCTIONS];
        for (i, row) in covariance.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry = self.second[i.min(j)][i.max(j)] / self.sum - mean[i] * mean[j];
            }
        }
        Means { mean, covariance, third: self.third / self.sum }
    }
}

/// Sum of products, in four parts side by side: for a multiple of four numbers.
#[inline]
fn lanes<const N: usize>(left: &[f64; N], right: &[f64; N]) -> f64 {
    let mut sums = [0.0; 4];
    for (left, right) in left.chunks_exact(4).zip(right.chunks_exact(4)) {
        for (sum, (left, right)) in sums.iter_mut().zip(left.iter().zip(right)) {
            *sum += left * right;
        }
    }
    sums.iter().sum()
}
