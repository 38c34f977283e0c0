//! Small dense symmetric matrices for the regressions and path models of a questionnaire.
#![allow(
    clippy::indexing_slicing,
    reason = "indices run below the order of the matrix, and the loops are hot"
)]

use crate::Error;

/// A symmetric matrix; both halves are stored, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Symmetric {
    order: usize,
    cells: Vec<f64>,
}

/// A column whose own share of its variance is less than this follows from the others, up to
/// rounding.
const OWN_SHARE: f64 = 1e-10;

impl Symmetric {
    pub(crate) fn zero(order: usize) -> Self {
        Self { order, cells: vec![0.0; order * order] }
    }

    pub(crate) fn order(&self) -> usize {
        self.order
    }

    pub(crate) fn get(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.order + column]
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.order + column] = value;
        self.cells[column * self.order + row] = value;
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.order..(row + 1) * self.order]
    }

    /// Returns some rows and columns.
    pub(crate) fn part(&self, indices: &[usize]) -> Self {
        let mut part = Self::zero(indices.len());
        for (row, &i) in indices.iter().enumerate() {
            for (column, &j) in indices.iter().enumerate() {
                part.cells[row * indices.len() + column] = self.get(i, j);
            }
        }
        part
    }

    /// Returns means and sample covariances of the columns of `rows`, each of which counts `counts`
    /// times.
    ///
    /// Centered on the first row, so that a large common level costs no digits.
    pub(crate) fn covariance(rows: &[f64], width: usize, counts: Option<&[u32]>) -> (Vec<f64>, Self) {
        let mut sums = vec![0.0; width];
        let mut products = vec![0.0; width * width];
        let mut n = 0.0;
        let origin = rows.get(..width).unwrap_or_default().to_vec();
        let mut centered = vec![0.0; width];
        for (place, row) in rows.chunks_exact(width.max(1)).enumerate() {
            let count = counts.map_or(1.0, |counts| f64::from(counts[place]));
            if count == 0.0 {
                continue;
            }
            n += count;
            for ((slot, value), start) in centered.iter_mut().zip(row).zip(&origin) {
                *slot = value - start;
            }
            for (i, &x) in centered.iter().enumerate() {
                let counted = count * x;
                sums[i] += counted;
                let line = &mut products[i * width..=i * width + i];
                for (slot, y) in line.iter_mut().zip(&centered) {
                    *slot += counted * y;
                }
            }
        }
        let mut matrix = Self::zero(width);
        for i in 0..width {
            for j in 0..=i {
                matrix.set(i, j, (products[i * width + j] - sums[i] * sums[j] / n) / (n - 1.0));
            }
        }
        let means = sums.iter().zip(&origin).map(|(sum, start)| start + sum / n).collect();
        (means, matrix)
    }

    /// Returns correlations from covariances; `names` are those of the columns, for errors.
    pub(crate) fn correlation(&self, means: &[f64], names: &[impl AsRef<str>]) -> Result<Self, Error> {
        let deviations: Vec<f64> = (0..self.order).map(|i| self.get(i, i).max(0.0).sqrt()).collect();
        // A column of equal values has no variance but for rounding.
        let constant = |i: usize| deviations[i] <= 1e-12 * means[i].abs().max(1e-300);
        if let Some(index) = (0..self.order).find(|&i| constant(i)) {
            return Err(Error::Constant { name: names[index].as_ref().to_owned(), value: means[index] });
        }
        let mut correlation = Self::zero(self.order);
        for i in 0..self.order {
            correlation.set(i, i, 1.0);
            for j in 0..i {
                correlation.set(i, j, (self.get(i, j) / (deviations[i] * deviations[j])).clamp(-1.0, 1.0));
            }
        }
        Ok(correlation)
    }

    /// Returns the triangular factor L with L L' = self; the error names a column that follows from
    /// those before it.
    pub(crate) fn cholesky(&self, names: &[impl AsRef<str>]) -> Result<Cholesky, Error> {
        let mut factor = Cholesky { rows: Vec::with_capacity(self.order), own: 1.0 };
        for (i, name) in names.iter().enumerate().take(self.order) {
            let row = &self.row(i)[..=i];
            factor
                .extend(row)
                .map_err(|own_share| Error::Collinear { name: name.as_ref().to_owned(), own_share })?;
        }
        Ok(factor)
    }

    /// Returns eigenvalues and eigenvectors by Jacobi's rotations.
    pub(crate) fn eigen(&self) -> (Vec<f64>, Vec<Vec<f64>>) {
        let n = self.order;
        let mut a = self.clone();
        let mut vectors: Vec<Vec<f64>> =
            (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect();
        // Convergence is quadratic: a handful of sweeps for any matrix.
        for _ in 0..60 {
            let off: f64 =
                (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a.get(i, j).powi(2)).sum();
            if off < 1e-30 {
                break;
            }
            for p in 0..n {
                for q in p + 1..n {
                    let apq = a.get(p, q);
                    if apq.abs() < 1e-300 {
                        continue;
                    }
                    let theta = (a.get(q, q) - a.get(p, p)) / (2.0 * apq);
                    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                    let c = 1.0 / (t * t + 1.0).sqrt();
                    let s = t * c;
                    let (app, aqq) = (a.get(p, p), a.get(q, q));
                    a.set(p, p, app - t * apq);
                    a.set(q, q, aqq + t * apq);
                    a.set(p, q, 0.0);
                    for k in (0..n).filter(|&k| k != p && k != q) {
                        let (akp, akq) = (a.get(k, p), a.get(k, q));
                        a.set(k, p, c * akp - s * akq);
                        a.set(k, q, s * akp + c * akq);
                    }
                    let (before, behind) = vectors.split_at_mut(q);
                    for (vp, vq) in before[p].iter_mut().zip(&mut behind[0]) {
                        (*vp, *vq) = (c * *vp - s * *vq, s * *vp + c * *vq);
                    }
                }
            }
        }
        ((0..n).map(|i| a.get(i, i)).collect(), vectors)
    }
}

/// A lower triangular factor to which rows are added and removed.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    rows: Vec<Vec<f64>>,
    /// Smallest own share of the variance of any column added so far.
    own: f64,
}

impl Cholesky {
    pub(crate) fn empty() -> Self {
        Self { rows: Vec::new(), own: 1.0 }
    }

    /// Returns the rounding error of solutions, relative to the scale of the problem.
    pub(crate) fn rounding(&self) -> f64 {
        /// A few hundred units in the last place, over the smallest own share.
        const UNITS: f64 = 1e-13;
        (UNITS / self.own).max(1e-12)
    }

    /// Adds a row of the matrix, the diagonal last; or returns the own share of the variance of the
    /// column if it is negligible.
    pub(crate) fn extend(&mut self, row: &[f64]) -> Result<(), f64> {
        let order = self.rows.len();
        let mut line = self.forward(&row[..order]);
        let diagonal = row[order];
        let own = diagonal - line.iter().map(|x| x * x).sum::<f64>();
        if own > OWN_SHARE * diagonal {
            line.push(own.sqrt());
            self.rows.push(line);
            self.own = self.own.min(own / diagonal);
            Ok(())
        } else {
            Err((own / diagonal).max(0.0))
        }
    }

    /// Removes the last row.
    pub(crate) fn shrink(&mut self) {
        self.rows.pop();
    }

    /// Returns the solution of L x = right.
    pub(crate) fn forward(&self, right: &[f64]) -> Vec<f64> {
        let mut solution: Vec<f64> = Vec::with_capacity(right.len() + 1);
        for (i, row) in self.rows.iter().enumerate() {
            let known: f64 = row[..i].iter().zip(&solution).map(|(l, x)| l * x).sum();
            solution.push((right[i] - known) / row[i]);
        }
        solution
    }

    /// Returns the last element of the solution of L x = right, given those before it.
    pub(crate) fn last_forward(&self, before: &[f64], right: f64) -> f64 {
        let Some((diagonal, row)) = self.rows.last().and_then(|row| row.split_last()) else { return 0.0 };
        (right - row.iter().zip(before).map(|(l, x)| l * x).sum::<f64>()) / diagonal
    }

    /// Returns the solution of L L' x = right.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut solution = self.forward(right);
        for i in (0..self.rows.len()).rev() {
            solution[i] /= self.rows[i][i];
            let x = solution[i];
            for (j, slot) in solution[..i].iter_mut().enumerate() {
                *slot -= self.rows[i][j] * x;
            }
        }
        solution
    }

    /// Returns the diagonal of the inverse of L L'.
    pub(crate) fn inverse_diagonal(&self) -> Vec<f64> {
        let n = self.rows.len();
        let unit = |place: usize| (0..n).map(|i| if i == place { 1.0 } else { 0.0 }).collect::<Vec<f64>>();
        (0..n).map(|i| self.forward(&unit(i)).iter().map(|x| x * x).sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["x", "y", "z"];
    const RELATIVE: f64 = 1e-13;

    fn matrix(cells: [[f64; 3]; 3]) -> Symmetric {
        Symmetric { order: 3, cells: cells.concat() }
    }

    #[test]
    fn a_system_is_solved() {
        let a = matrix([[4.0, 2.0, 0.5], [2.0, 5.0, 1.0], [0.5, 1.0, 3.0]]);
        let factor = a.cholesky(&NAMES).unwrap();
        let x = factor.solve(&[1.0, -2.0, 3.0]);
        for (row, wanted) in [1.0, -2.0, 3.0].into_iter().enumerate() {
            let got: f64 = a.row(row).iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((got - wanted).abs() < RELATIVE, "{got} {wanted}");
        }
        let unit = factor.solve(&[0.0, 1.0, 0.0]);
        assert!((factor.inverse_diagonal()[1] - unit[1]).abs() < RELATIVE);
    }

    #[test]
    fn a_column_that_follows_from_others_is_named() {
        let a = matrix([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 2.0]]);
        let text = a.cholesky(&NAMES).unwrap_err().to_string();
        assert_eq!(text, "z follows from the columns before it (share of its own variance: 0); leave it out");
    }

    #[test]
    fn eigenvectors_turn_and_only_stretch() {
        let a = matrix([[2.0, -1.0, 0.3], [-1.0, 2.0, -1.0], [0.3, -1.0, 2.0]]);
        let (values, vectors) = a.eigen();
        for (value, vector) in values.iter().zip(&vectors) {
            for row in 0..3 {
                let got: f64 = a.row(row).iter().zip(vector).map(|(a, x)| a * x).sum();
                assert!((got - value * vector[row]).abs() < RELATIVE);
            }
            assert!((vector.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < RELATIVE);
        }
        assert!((values.iter().sum::<f64>() - 6.0).abs() < RELATIVE);
    }

    #[test]
    fn counted_rows_equal_repeated_rows() {
        let (rows, counts) = ([1e6, 2.0, 1e6 + 1.0, 5.0, 1e6 + 3.0, 1.0], [2, 0, 1]);
        let repeated = [1e6, 2.0, 1e6, 2.0, 1e6 + 3.0, 1.0];
        let (means, a) = Symmetric::covariance(&rows, 2, Some(&counts));
        let (plain_means, b) = Symmetric::covariance(&repeated, 2, None);
        assert_eq!((means, &a), (plain_means, &b));
        assert!((a.get(0, 0) - 3.0).abs() < RELATIVE && (a.get(0, 1) + 1.0).abs() < RELATIVE);
    }
}
