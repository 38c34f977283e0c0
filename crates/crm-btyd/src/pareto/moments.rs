use crate::race::Integrand;
use crate::special::quadrature::{LONG, Rule, SHORT};
use crate::special::walk::Panel;

/// The integral of an integrand, and the first and second moments under it of four functions: y,
/// the share that what has grown since y = 0 has of e^y, and the same with 1 + ratio (e^y - 1) in
/// the place of e^y: its logarithm, and the share in it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    pub(super) sum: f64,
    first: [f64; 4],
    /// On the diagonal and above.
    second: [[f64; 4]; 4],
}

impl Moments {
    pub(super) fn of(integrand: &Integrand, end: f64) -> Self {
        let mut moments = Moments::default();
        integrand.walk(end, |panel| {
            if panel.even {
                moments.add(integrand, &panel, &SHORT);
            } else {
                moments.add(integrand, &panel, &LONG);
            }
            moments.sum
        });
        moments
    }

    fn add<const N: usize>(&mut self, integrand: &Integrand, panel: &Panel, rule: &Rule<N>) {
        let nodes = integrand.nodes(panel, rule);
        let mut weights = nodes.value;
        for (weight, share) in weights.iter_mut().zip(&rule.weights) {
            *weight *= panel.length * share;
        }
        let mut near_share = nodes.grown;
        let mut far_share = nodes.grown;
        for (near, far) in near_share.iter_mut().zip(&mut far_share) {
            let grown = integrand.ratio() * *far;
            *near /= 1.0 + *near;
            *far = grown / (1.0 + grown);
        }
        let functions = [&nodes.y, &near_share, &nodes.ln_far, &far_share];
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
    }

    /// Means and covariances of the four functions in another order.
    #[allow(clippy::indexing_slicing, reason = "the order holds the numbers of the four functions")]
    pub(super) fn in_order(&self, order: [usize; 4]) -> ([f64; 4], [[f64; 4]; 4]) {
        let mean = order.map(|i| self.first[i] / self.sum);
        let mut covariance = [[0.0; 4]; 4];
        for (i, &from_i) in order.iter().enumerate() {
            for (j, &from_j) in order.iter().enumerate() {
                let second = self.second[from_i.min(from_j)][from_i.max(from_j)] / self.sum;
                covariance[i][j] = second - mean[i] * mean[j];
            }
        }
        (mean, covariance)
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
