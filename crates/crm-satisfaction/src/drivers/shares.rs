#[cfg(doc)]
use crm_numbers::InputError;
use crm_numbers::check;

use super::{Drivers, Importance};
use crate::Error;
use crate::linear::Cholesky;

/// Each further driver doubles the work; a million subsets still take about a second.
const MOST_DRIVERS: usize = 20;

impl Drivers {
    /// Returns the share of R2 of each driver by Johnson's relative weights, which are fast for any
    /// number of drivers.
    ///
    /// # Formula
    ///
    /// With `R = P D P'` the correlations of the drivers, `L = P sqrt(D) P'` those with their
    /// nearest orthogonal counterparts, and `b = L^-1 r`: `weight_j = sum over k of L_jk^2 b_k^2`.
    /// The weights are at least 0 and add up to R2.
    ///
    /// # Errors
    ///
    /// [`Error::Collinear`] for a driver that follows from those before it.
    ///
    /// # References
    ///
    /// Johnson, J. W. (2000), "A Heuristic Method for Estimating the Relative Weight of Predictor
    /// Variables in Multiple Regression", Multivariate Behavioral Research 35, 1-19.
    #[allow(clippy::indexing_slicing, reason = "an eigenvector has one element per driver")]
    pub fn relative_weights(&self) -> Result<Vec<Importance>, Error> {
        self.factor()?;
        let (values, vectors) = self.among.eigen();
        let k = values.len();
        // (P f(D) P')_ij for a function f of the eigenvalues.
        let cell = |i: usize, j: usize, f: fn(f64) -> f64| -> f64 {
            let terms = values.iter().zip(&vectors);
            terms.map(|(value, vector)| f(value.max(f64::MIN_POSITIVE)) * vector[i] * vector[j]).sum()
        };
        let inverse = |value: f64| 1.0 / value.sqrt();
        let orthogonal: Vec<f64> = (0..k)
            .map(|i| self.with_outcome.iter().enumerate().map(|(j, r)| cell(i, j, inverse) * r).sum())
            .collect();
        let weight =
            |j: usize| orthogonal.iter().enumerate().map(|(i, b)| (cell(j, i, f64::sqrt) * b).powi(2)).sum();
        Ok(self.named((0..k).map(weight).collect()))
    }

    /// Returns the share of R2 of each driver by the Shapley value: its contribution averaged over
    /// all orders in which the drivers can enter the regression. Also known as LMG.
    ///
    /// # Formula
    ///
    /// `share_j = sum over subsets S without j of |S|! (k - |S| - 1)! / k! (R2(S with j) - R2(S))`
    ///
    /// # Errors
    ///
    /// [`Error::Collinear`] for a driver that follows from those before it, [`InputError::Range`]
    /// for more than 20 drivers.
    ///
    /// # References
    ///
    /// Shapley, L. S. (1953), "A Value for n-Person Games", Annals of Mathematics Studies 28,
    /// 307-317; Lindeman, R. H., Merenda, P. F. and Gold, R. Z. (1980), Introduction to Bivariate
    /// and Multivariate Analysis.
    #[allow(clippy::indexing_slicing, reason = "sets are indices below 2^k, their sizes below k")]
    pub fn shapley(&self) -> Result<Vec<Importance>, Error> {
        let k = self.with_outcome.len();
        check::range("number of drivers", k, ..=MOST_DRIVERS)?;
        self.factor()?;
        let mut explained = vec![0.0; 1 << k];
        let mut walk =
            Walk { drivers: self, factor: Cholesky::empty(), inside: Vec::new(), solved: Vec::new() };
        walk.subsets(0, 0, 0.0, &mut explained)?;
        // |S|! (k - |S| - 1)! / k! = 1 / (k choose(k - 1, |S|)).
        let mut weights = vec![1.0 / k as f64];
        for size in 1..k {
            weights.push(weights[size - 1] * size as f64 / (k - size) as f64);
        }
        let share = |driver: usize| -> f64 {
            let without = (0..1_usize << k).filter(|set| set & (1 << driver) == 0);
            let gain = |set: usize| {
                weights[set.count_ones() as usize] * (explained[set | (1 << driver)] - explained[set])
            };
            without.map(gain).sum()
        };
        Ok(self.named((0..k).map(share).collect()))
    }
}

/// A walk through all subsets that adds or drops one driver per step, so that each R2 costs one row
/// of a factor.
struct Walk<'a> {
    drivers: &'a Drivers,
    factor: Cholesky,
    inside: Vec<usize>,
    /// L^-1 r of the drivers inside; R2 is the sum of its squares.
    solved: Vec<f64>,
}

impl Walk<'_> {
    #[allow(clippy::indexing_slicing, reason = "sets are indices below 2^k, drivers below k")]
    fn subsets(
        &mut self,
        from: usize,
        set: usize,
        r_squared: f64,
        explained: &mut [f64],
    ) -> Result<(), Error> {
        explained[set] = r_squared;
        for driver in from..self.drivers.with_outcome.len() {
            self.inside.push(driver);
            let row: Vec<f64> =
                self.inside.iter().map(|&other| self.drivers.among.get(driver, other)).collect();
            self.factor.extend(&row).map_err(|own_share| Error::Collinear {
                name: self.drivers.names()[driver].clone(),
                own_share,
            })?;
            let last = self.factor.last_forward(&self.solved, self.drivers.with_outcome[driver]);
            self.solved.push(last);
            self.subsets(driver + 1, set | (1 << driver), r_squared + last * last, explained)?;
            self.solved.pop();
            self.factor.shrink();
            self.inside.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two drivers with correlation c, and a and b with the outcome: half of what each explains
    /// alone, half of what it adds to the other.
    #[test]
    fn two_drivers_by_the_formula() {
        let rows = [1., 2., 2., 1., 3., 4., 4., 3., 5., 5., 2., 3., 1., 1.];
        let outcome = [2., 1., 4., 3., 5., 3., 2.];
        let drivers = Drivers::new(&["x", "y"], &rows, &outcome).unwrap();
        let (a, b, c) = (drivers.with_outcome[0], drivers.with_outcome[1], drivers.among.get(0, 1));
        let both = (a * a + b * b - 2.0 * a * b * c) / (1.0 - c * c);
        let wanted = [(a * a + both - b * b) / 2.0, (b * b + both - a * a) / 2.0];
        let shapley = drivers.shapley().unwrap();
        let johnson = drivers.relative_weights().unwrap();
        for ((share, weight), wanted) in shapley.iter().zip(&johnson).zip(wanted) {
            assert!((share.value - wanted).abs() < 1e-12, "{share:?} {wanted}");
            // With two drivers Johnson's weights equal the general dominance weights.
            assert!((weight.value - wanted).abs() < 1e-12, "{weight:?} {wanted}");
        }
        assert!((drivers.r_squared().unwrap() - both).abs() < 1e-12);
    }

    #[test]
    fn too_many_drivers_are_refused() {
        let names: Vec<String> = (0..21).map(|n| format!("d{n}")).collect();
        let rows: Vec<f64> = (0..21 * 30).map(|n| f64::from(n * n % 17)).collect();
        let outcome: Vec<f64> = (0..30).map(f64::from).collect();
        let drivers = Drivers::new(&names, &rows, &outcome).unwrap();
        assert_eq!(
            drivers.shapley().unwrap_err().to_string(),
            "number of drivers must be at most 20, got 21"
        );
    }
}
