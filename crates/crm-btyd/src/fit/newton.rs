//! Newton's method for a maximum over the logarithms of positive parameters.

use super::Stop;

/// A place in the search, with derivatives by the logarithms of the parameters.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) theta: Vec<f64>,
    pub(super) ln_likelihood: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) hessian: Vec<Vec<f64>>,
}

/// Where a search ended, and why.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) top: Point,
    pub(super) iterations: u32,
    pub(super) stop: Stop,
}

/// Parameters stay between these; whoever gets there is at the edge.
pub(super) const EDGES: (f64, f64) = (1e-7, 1e7);
/// Longest step, in logarithms: a factor of about 20.
const LONGEST_STEP: f64 = 3.0;
/// Who is promised less log-likelihood than this has arrived: after one more step, for what it is worth.
const NO_GAIN: f64 = 1e-9;

/// Climbs from a start; `None` where the start itself has no finite likelihood.
pub(super) fn search(start: &[f64], most: u32, at: impl Fn(&[f64]) -> Option<Point>) -> Option<Search> {
    let mut here = at(start)?;
    let mut damping = 0.0;
    for iterations in 0..most {
        let scale = here.ln_likelihood.abs().max(1.0);
        let Some((step, gain)) = promising_step(&here, &mut damping) else {
            return Some(Search { top: here, iterations, stop: Stop::NoProgress });
        };
        let theta: Vec<f64> = here
            .theta
            .iter()
            .zip(&step)
            .map(|(theta, step)| (theta * step.exp()).clamp(EDGES.0, EDGES.1))
            .collect();
        let there = at(&theta);
        let gained =
            there.as_ref().map_or(f64::NEG_INFINITY, |there| there.ln_likelihood - here.ln_likelihood);
        // Rounding hides gains of a few units in the last place.
        let noise = 4.0 * f64::EPSILON * scale;
        match there {
            Some(there) if gained > 1e-4 * gain - noise => {
                damping = if gained > 0.75 * gain { relaxed(damping) } else { damping };
                here = there;
            }
            _ if gain <= NO_GAIN => {}
            _ => damping = (8.0 * damping).max(1e-3),
        }
        if gain <= NO_GAIN {
            return Some(Search { top: here, iterations: iterations + 1, stop: Stop::Converged });
        }
        if damping > 1e12 {
            return Some(Search { top: here, iterations, stop: Stop::NoProgress });
        }
    }
    Some(Search { top: here, iterations: most, stop: Stop::IterationLimit })
}

fn relaxed(damping: f64) -> f64 {
    if damping < 1e-3 { 0.0 } else { damping / 8.0 }
}

/// The step that the curvature suggests, damped until it leads upward and not too far, and the gain that it promises.
///
/// Parameters that would leave through an edge stay there.
fn promising_step(here: &Point, damping: &mut f64) -> Option<(Vec<f64>, f64)> {
    let held: Vec<bool> = here
        .theta
        .iter()
        .zip(&here.gradient)
        .map(|(&theta, &slope)| (theta <= EDGES.0 && slope <= 0.0) || (theta >= EDGES.1 && slope >= 0.0))
        .collect();
    // Damping is relative to the curvature's own size.
    let size = here
        .hessian
        .iter()
        .enumerate()
        .map(|(i, row)| row.get(i).map_or(0.0, |d| d.abs()))
        .fold(0.0, f64::max);
    while *damping <= 1e12 {
        let damped: Vec<Vec<f64>> = here
            .hessian
            .iter()
            .enumerate()
            .map(|(i, row)| {
                row.iter()
                    .enumerate()
                    .map(|(j, entry)| match (i == j, is(&held, i) || is(&held, j)) {
                        (true, true) => 1.0,
                        (false, true) => 0.0,
                        (true, false) => *damping * size - entry,
                        (false, false) => -entry,
                    })
                    .collect()
            })
            .collect();
        let slope: Vec<f64> =
            here.gradient.iter().zip(&held).map(|(slope, held)| if *held { 0.0 } else { *slope }).collect();
        if let Some(mut step) = Cholesky::of(&damped).map(|root| root.solve(&slope)) {
            let longest = step.iter().map(|step| step.abs()).fold(0.0, f64::max);
            if longest <= LONGEST_STEP || *damping > 1e3 {
                let shrink = (LONGEST_STEP / longest).min(1.0);
                step.iter_mut().for_each(|step| *step *= shrink);
                return Some((step.clone(), promised(here, &step)));
            }
        }
        *damping = (4.0 * *damping).max(1e-3);
    }
    None
}

fn is(held: &[bool], i: usize) -> bool {
    held.get(i).copied().unwrap_or(false)
}

/// Gain of the quadratic that has the point's derivatives.
fn promised(here: &Point, step: &[f64]) -> f64 {
    let dot = |a: &[f64]| a.iter().zip(step).map(|(a, b)| a * b).sum::<f64>();
    let curved: Vec<f64> = here.hessian.iter().map(|row| dot(row)).collect();
    dot(&here.gradient) + 0.5 * dot(&curved)
}

/// The lower root L of a positive definite matrix L L'.
pub(super) struct Cholesky(Vec<Vec<f64>>);

#[allow(clippy::indexing_slicing, reason = "i, j and k run below the order of a square matrix")]
impl Cholesky {
    /// `None` where the matrix is not positive definite.
    pub(super) fn of(matrix: &[Vec<f64>]) -> Option<Self> {
        let n = matrix.len();
        let mut root = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| root[i][k] * root[j][k]).sum();
                let rest = matrix[i][j] - dot;
                if i == j {
                    // A pivot lost in rounding is none.
                    if rest.is_nan() || rest <= 1e-14 * matrix[i][i].abs() {
                        return None;
                    }
                    root[i][i] = rest.sqrt();
                } else {
                    root[i][j] = rest / root[j][j];
                }
            }
        }
        Some(Cholesky(root))
    }

    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let root = &self.0;
        let mut x = right.to_vec();
        for i in 0..x.len() {
            let dot: f64 = (0..i).map(|k| root[i][k] * x[k]).sum();
            x[i] = (x[i] - dot) / root[i][i];
        }
        for i in (0..x.len()).rev() {
            let dot: f64 = (i + 1..x.len()).map(|k| root[k][i] * x[k]).sum();
            x[i] = (x[i] - dot) / root[i][i];
        }
        x
    }

    /// The inverse of the matrix.
    pub(super) fn inverse(&self) -> Vec<Vec<f64>> {
        let n = self.0.len();
        (0..n).map(|i| self.solve(&(0..n).map(|j| f64::from(u8::from(i == j))).collect::<Vec<_>>())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_one_and_a_singular_one_has_none() {
        let matrix = vec![vec![4.0, 2.0, 0.6], vec![2.0, 5.0, -1.0], vec![0.6, -1.0, 3.0]];
        let inverse = Cholesky::of(&matrix).unwrap().inverse();
        for i in 0..3 {
            for j in 0..3 {
                let entry: f64 = (0..3).map(|k| matrix[i][k] * inverse[k][j]).sum();
                assert!((entry - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
        assert!(Cholesky::of(&[vec![1.0, 1.0], vec![1.0, 1.0]]).is_none());
        assert!(Cholesky::of(&[vec![f64::NAN]]).is_none());
    }

    /// ln f = -(ln x - 1)^2 - 100 (ln y - (ln x)^2)^2: a curved ridge.
    fn ridge(theta: &[f64]) -> Option<Point> {
        let (u, v) = (theta[0].ln(), theta[1].ln());
        let d = v - u * u;
        Some(Point {
            theta: theta.to_vec(),
            ln_likelihood: -(u - 1.0).powi(2) - 100.0 * d * d,
            gradient: vec![-2.0 * (u - 1.0) + 400.0 * d * u, -200.0 * d],
            hessian: vec![vec![-2.0 + 400.0 * (d - 2.0 * u * u), 400.0 * u], vec![400.0 * u, -200.0]],
        })
    }

    #[test]
    fn a_curved_ridge_is_climbed() {
        let search = search(&[0.3, 20.0], 200, ridge).unwrap();
        assert_eq!(search.stop, Stop::Converged);
        assert!(
            (search.top.theta[0].ln() - 1.0).abs() < 1e-6 && (search.top.theta[1].ln() - 1.0).abs() < 1e-6
        );
    }

    #[test]
    fn a_slope_without_a_top_ends_at_the_edge() {
        // ln f = -1 / x rises for ever.
        let rising = |theta: &[f64]| {
            let inverse = 1.0 / theta[0];
            Some(Point {
                theta: theta.to_vec(),
                ln_likelihood: -inverse,
                gradient: vec![inverse],
                hessian: vec![vec![-inverse]],
            })
        };
        let search = search(&[1.0], 200, rising).unwrap();
        assert_eq!(search.stop, Stop::Converged);
        assert!(search.top.theta[0] > 1e6, "{:?}", search.top.theta);
    }

    #[test]
    fn a_start_without_a_likelihood_gives_no_search() {
        assert!(search(&[1.0], 200, |_| None).is_none());
    }
}
