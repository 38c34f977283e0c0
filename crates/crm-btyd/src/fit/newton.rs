//! Newton's method for a maximum over the logarithms of positive parameters.

use crm_statistics::Termination;

/// A point of the search, in units of the scales of the parameters, with derivatives by the
/// logarithms of the parameters.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) theta: Vec<f64>,
    pub(super) ln_likelihood: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) hessian: Vec<Vec<f64>>,
}

/// The next step of a search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ahead<'a> {
    pub(super) here: &'a Point,
    /// Point to which the step leads.
    pub(super) theta: &'a [f64],
    /// Gain predicted by the derivatives.
    pub(super) promised: f64,
    /// Whether it leads to the maximum of the quadratic with the derivatives of this point.
    pub(super) whole: bool,
    /// Number of completed iterations.
    pub(super) iterations: u32,
}

/// Final point of a search, with the reason why it stopped.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) top: Point,
    pub(super) iterations: u32,
    pub(super) termination: Termination,
}

/// Bounds of the parameters, times their scales; a parameter there is on its bound.
pub(super) const EDGES: (f64, f64) = (1e-7, 1e7);
/// Maximum step, in logarithms: a factor of about 20.
const LONGEST_STEP: f64 = 3.0;
/// Parameters within this distance (in logarithms) of a bound count as on it.
const NO_ROOM: f64 = 1e-9;
/// A search stops if its step would have to be shorter than this.
const SHORTEST_STEP: f64 = 1e-12;
/// A search with a predicted gain in log-likelihood below this has converged, after one more step.
pub(super) const NO_GAIN: f64 = 1e-9;
/// Gain in log-likelihood that rounding may hide from a search.
const LITTLE_GAIN: f64 = 1e-6;
/// Radius, in logarithms, below which a small predicted gain may be due to the radius alone.
const NARROW: f64 = 0.1;

/// Maximizes from a starting point; `None` if the starting point has no finite likelihood.
pub(super) fn search(start: &[f64], most: u32, at: impl Fn(&[f64]) -> Option<Point>) -> Option<Search> {
    search_unless(start, (most, NO_GAIN), at, |_| false)
}

/// Maximizes from a starting point by Newton's method in a trust region, for a maximum number of
/// iterations or until the predicted gain is below a limit. Gives up if `useless` rejects the next
/// step, such as one that leads to a maximum found before; returns `None` in that case, and if the
/// starting point has no finite likelihood.
///
/// Each step goes to the maximum of the quadratic with the derivatives of the current point, within
/// a radius in which the quadratic has been accurate so far. If the likelihood has a flat ridge,
/// that is a long step along it.
pub(super) fn search_unless(
    start: &[f64],
    limits: (u32, f64),
    at: impl Fn(&[f64]) -> Option<Point>,
    useless: impl Fn(&Ahead<'_>) -> bool,
) -> Option<Search> {
    search_from(at(start)?, limits, at, useless)
}

/// Runs [`search_unless`] from a starting point with known derivatives.
pub(super) fn search_from(
    mut here: Point,
    (most, enough): (u32, f64),
    at: impl Fn(&[f64]) -> Option<Point>,
    useless: impl Fn(&Ahead<'_>) -> bool,
) -> Option<Search> {
    let mut radius = LONGEST_STEP;
    for iterations in 0..most {
        let step = here.up_to_an_edge(here.step(radius));
        let (promised, length) = (here.promised(&step), longest(&step));
        let theta: Vec<f64> =
            here.theta.iter().zip(&step).map(|(theta, step)| within_edges(theta * step.exp())).collect();
        let whole = radius >= NARROW && length < 0.9 * radius;
        if useless(&Ahead { here: &here, theta: &theta, promised, whole, iterations }) {
            return None;
        }
        let there = at(&theta);
        let gained =
            there.as_ref().map_or(f64::NEG_INFINITY, |there| there.ln_likelihood - here.ln_likelihood);
        // If rejected steps have reduced the radius, the predicted gain is small for that reason
        // alone.
        let settled = promised <= enough && (radius >= NARROW || here.promised_within_reach() <= enough);
        // Rounding hides gains of a few units in the last place.
        let noise = 4.0 * f64::EPSILON * here.ln_likelihood.abs().max(1.0);
        match there {
            Some(there) if gained > 1e-4 * promised - noise => {
                here = there;
                if gained > 0.75 * promised {
                    radius = radius.max(2.0 * length).min(LONGEST_STEP);
                } else if gained < 0.25 * promised {
                    radius = 0.5 * length;
                }
            }
            _ => radius = 0.25 * length,
        }
        if settled {
            return Some(Search {
                top: here,
                iterations: iterations + 1,
                termination: Termination::Converged,
            });
        }
        if radius < SHORTEST_STEP {
            let little = here.promised_within_reach() <= LITTLE_GAIN;
            let termination = if little { Termination::Converged } else { Termination::NoProgress };
            return Some(Search { top: here, iterations: iterations + 1, termination });
        }
    }
    Some(Search { top: here, iterations: most, termination: Termination::MaxIterations })
}

impl Point {
    /// Returns the step to the maximum of the quadratic within a radius: the curvature is increased
    /// by as little as necessary.
    fn step(&self, radius: f64) -> Vec<f64> {
        // Parameters at a bound that would leave through it stay there.
        let leaves = |theta: f64, up: f64| (theta <= EDGES.0 && up <= 0.0) || (theta >= EDGES.1 && up >= 0.0);
        let mut held: Vec<bool> =
            self.theta.iter().zip(&self.gradient).map(|(&theta, &slope)| leaves(theta, slope)).collect();
        loop {
            let step = self.step_of_free(radius, &held);
            let mut more = false;
            for ((held, &theta), &step) in held.iter_mut().zip(&self.theta).zip(&step) {
                if !*held && step.abs() > 0.0 && leaves(theta, step) {
                    (*held, more) = (true, true);
                }
            }
            if !more {
                return step;
            }
        }
    }

    /// Returns the step of the free parameters.
    fn step_of_free(&self, radius: f64, held: &[bool]) -> Vec<f64> {
        let slope: Vec<f64> =
            self.gradient.iter().zip(held).map(|(slope, held)| if *held { 0.0 } else { *slope }).collect();
        let within = |damping: f64| {
            let step = Cholesky::of(&self.damped(damping, held)).map(|root| root.solve(&slope))?;
            (longest(&step) <= radius).then_some(step)
        };
        if let Some(step) = within(0.0) {
            return step;
        }
        let size =
            self.hessian.iter().flatten().chain(&slope).fold(1e-300_f64, |size, entry| size.max(entry.abs()));
        // The largest of these dampings suffices for any radius; within this range more damping
        // only shortens the step.
        let (mut low, mut high) = ((1e-18 * size).ln(), (size * (4.0 + slope.len() as f64 / radius)).ln());
        let mut best = within(high.exp());
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            match within(middle.exp()) {
                // Hardly shorter than the radius allows.
                Some(step) if longest(&step) >= 0.9 * radius => return step,
                Some(step) => (best, high) = (Some(step), middle),
                None => low = middle,
            }
        }
        best.unwrap_or_else(|| vec![0.0; slope.len()])
    }

    /// Returns the step, shortened so that the first parameter to reach a bound ends on it:
    /// parameters that move together along a ridge stay on it.
    fn up_to_an_edge(&self, mut step: Vec<f64>) -> Vec<f64> {
        let room = |(&theta, &step): (&f64, &f64)| {
            let room = if step < 0.0 { theta / EDGES.0 } else { EDGES.1 / theta }.ln();
            // Parameters already on a bound do not restrict the others.
            if room > NO_ROOM && room < step.abs() { room / step.abs() } else { 1.0 }
        };
        let share = self.theta.iter().zip(&step).map(room).fold(1.0, f64::min);
        step.iter_mut().for_each(|step| *step *= share);
        step
    }

    /// Returns minus the Hessian with `damping` on its diagonal; fixed parameters have a diagonal
    /// of ones.
    #[allow(clippy::indexing_slicing, reason = "there is a flag per parameter")]
    fn damped(&self, damping: f64, held: &[bool]) -> Vec<Vec<f64>> {
        debug_assert_eq!(held.len(), self.theta.len());
        let is_held = |i: usize| held[i];
        let entry = |i: usize, j: usize, value: &f64| match (i == j, is_held(i) || is_held(j)) {
            (true, true) => 1.0,
            (false, true) => 0.0,
            (true, false) => damping - value,
            (false, false) => -value,
        };
        let row = |(i, row): (usize, &Vec<f64>)| {
            row.iter().enumerate().map(|(j, value)| entry(i, j, value)).collect()
        };
        self.hessian.iter().enumerate().map(row).collect()
    }

    /// Returns the gain that the quadratic predicts for the longest step allowed.
    fn promised_within_reach(&self) -> f64 {
        self.promised(&self.up_to_an_edge(self.step(LONGEST_STEP)))
    }

    /// Returns the gain of the quadratic with the derivatives of this point.
    fn promised(&self, step: &[f64]) -> f64 {
        let dot = |a: &[f64]| a.iter().zip(step).map(|(a, b)| a * b).sum::<f64>();
        let curved: Vec<f64> = self.hessian.iter().map(|row| dot(row)).collect();
        dot(&self.gradient) + 0.5 * dot(&curved)
    }
}

/// Moves a parameter that rounding leaves slightly short of a bound onto it.
fn within_edges(theta: f64) -> f64 {
    if theta <= EDGES.0 * (1.0 + NO_ROOM) {
        EDGES.0
    } else if theta >= EDGES.1 * (1.0 - NO_ROOM) {
        EDGES.1
    } else {
        theta
    }
}

/// Returns the largest difference between the logarithms of two lists of parameters.
pub(super) fn distance(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).fold(0.0, |most, (one, other)| (one / other).ln().abs().max(most))
}

fn longest(step: &[f64]) -> f64 {
    step.iter().fold(0.0, |longest, step| step.abs().max(longest))
}

/// The lower Cholesky factor L of a positive definite matrix L L'.
pub(super) struct Cholesky(Vec<Vec<f64>>);

#[allow(clippy::indexing_slicing, reason = "i, j and k run below the order of a square matrix")]
impl Cholesky {
    /// Returns `None` if the matrix is not positive definite.
    pub(super) fn of(matrix: &[Vec<f64>]) -> Option<Self> {
        let n = matrix.len();
        let mut root = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| root[i][k] * root[j][k]).sum();
                let rest = matrix[i][j] - dot;
                if i == j {
                    // A pivot lost in rounding does not count.
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

    /// Factors a matrix that may be singular: if a pivot is lost in rounding, its column is zero.
    pub(super) fn semidefinite(matrix: &[Vec<f64>]) -> Self {
        let n = matrix.len();
        let mut root = vec![vec![0.0; n]; n];
        for j in 0..n {
            let rest = matrix[j][j] - (0..j).map(|k| root[j][k] * root[j][k]).sum::<f64>();
            if rest.is_nan() || rest <= 1e-12 * matrix[j][j].abs() {
                continue;
            }
            root[j][j] = rest.sqrt();
            for i in j + 1..n {
                let dot: f64 = (0..j).map(|k| root[i][k] * root[j][k]).sum();
                root[i][j] = (matrix[i][j] - dot) / root[j][j];
            }
        }
        Cholesky(root)
    }

    /// Returns the factor, row by row.
    #[cfg(feature = "posterior")]
    pub(super) fn rows(self) -> Vec<Vec<f64>> {
        self.0
    }

    /// Returns the columns of the factor that are not zero.
    pub(super) fn columns(&self) -> Vec<Vec<f64>> {
        let column = |j: usize| self.0.iter().map(|row| row[j]).collect::<Vec<_>>();
        (0..self.0.len()).map(column).filter(|column| column.iter().any(|entry| entry.abs() > 0.0)).collect()
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

    /// Returns the inverse of the matrix.
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
        for (i, row) in matrix.iter().enumerate() {
            for (j, column) in inverse.iter().enumerate() {
                // The inverse is symmetric: its rows are its columns.
                let entry: f64 = row.iter().zip(column).map(|(a, b)| a * b).sum();
                assert!((entry - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
        assert!(Cholesky::of(&[vec![1.0, 1.0], vec![1.0, 1.0]]).is_none());
        assert!(Cholesky::of(&[vec![f64::NAN]]).is_none());
        // A singular matrix has a factor all the same, with as many nonzero columns as its rank.
        let columns = Cholesky::semidefinite(&[vec![4.0, 2.0], vec![2.0, 1.0]]).columns();
        assert_eq!(columns, [[2.0, 1.0]]);
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
        assert_eq!(search.termination, Termination::Converged);
        assert!(
            (search.top.theta[0].ln() - 1.0).abs() < 1e-6 && (search.top.theta[1].ln() - 1.0).abs() < 1e-6
        );
    }

    #[test]
    fn a_slope_without_a_top_ends_at_the_edge() {
        // ln f = -1 / x increases without limit.
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
        assert_eq!(search.termination, Termination::Converged);
        assert!(search.top.theta[0] > 1e6, "{:?}", search.top.theta);
    }

    #[test]
    fn a_start_without_a_likelihood_gives_no_search() {
        assert!(search(&[1.0], 200, |_| None).is_none());
    }
}
