//! Interpolation of a smooth function from few values.

use std::f64::consts::PI;

/// Polynomial through the values of a function at the Chebyshev points of an interval.
#[derive(Debug, Clone)]
pub(crate) struct Chebyshev {
    middle: f64,
    per_half: f64,
    coefficients: Vec<f64>,
}

/// Maximum error of the interpolant, here the logarithm of a prediction.
const ERROR: f64 = 1e-11;
/// Degrees to try.
const DEGREES: [usize; 4] = [8, 16, 32, 64];

impl Chebyshev {
    /// Returns the polynomial, or `None` if no degree with at most `most` values is accurate
    /// enough.
    pub(crate) fn through(f: impl Fn(f64) -> f64, (from, to): (f64, f64), most: usize) -> Option<Self> {
        let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
        let per_half = if half > 0.0 { 1.0 / half } else { 0.0 };
        DEGREES.into_iter().filter(|degree| 2 * degree <= most).find_map(|degree| {
            let count = degree + 1;
            let angle = |k: usize| PI * (k as f64 + 0.5) / count as f64;
            let values: Vec<f64> = (0..count).map(|k| f(middle + half * angle(k).cos())).collect();
            let coefficients = (0..count)
                .map(|n| {
                    let sum: f64 =
                        values.iter().enumerate().map(|(k, value)| value * (n as f64 * angle(k)).cos()).sum();
                    sum * if n == 0 { 1.0 } else { 2.0 } / count as f64
                })
                .collect();
            let curve = Chebyshev { middle, per_half, coefficients };
            // The polynomial must match the function between the points too; the ends are the
            // hardest.
            let between = [-1.0, -0.97, -0.5, 0.03, 0.61, 0.98, 1.0].map(|share| middle + half * share);
            let good = between.iter().all(|&v| (curve.value(v) - f(v)).abs() <= ERROR);
            good.then_some(curve)
        })
    }

    /// Returns the value, by the Clenshaw recurrence.
    #[inline]
    pub(crate) fn value(&self, v: f64) -> f64 {
        let x = ((v - self.middle) * self.per_half).clamp(-1.0, 1.0);
        let (mut next, mut after) = (0.0, 0.0);
        for coefficient in self.coefficients.iter().skip(1).rev() {
            (next, after) = (coefficient + 2.0 * x * next - after, next);
        }
        self.coefficients.first().unwrap_or(&0.0) + x * next - after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smooth_functions_are_met_everywhere() {
        let f = |v: f64| (1.0 + v * v).ln() + (3.0 * v).sin();
        let curve = Chebyshev::through(f, (-0.5, 1.5), 1_000).unwrap();
        for n in 0..=200 {
            let v = -0.5 + 0.01 * f64::from(n);
            assert!((curve.value(v) - f(v)).abs() < 1e-11, "{v}");
        }
    }

    #[test]
    fn what_is_not_smooth_or_not_worth_it_is_left_alone() {
        assert!(Chebyshev::through(f64::abs, (-1.0, 2.0), 1_000).is_none());
        assert!(Chebyshev::through(f64::exp, (0.0, 1.0), 15).is_none());
        let point = Chebyshev::through(f64::exp, (2.0, 2.0), 100).unwrap();
        assert!((point.value(2.0) - 2f64.exp()).abs() < 1e-14);
    }
}
