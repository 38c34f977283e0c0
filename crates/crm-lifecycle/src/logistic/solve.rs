//! Symmetric systems of the size of a regression, row by row in one list.
#![allow(clippy::indexing_slicing, reason = "indices run below the order of the matrix")]

/// The triangular factor L with L L' = the matrix.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    order: usize,
    cells: Vec<f64>,
}

impl Factor {
    /// Factors a matrix whose lower half is given. Rows and columns are set apart and returned as
    /// the error if less than `own_share` of the diagonal is their own, because the rest follows
    /// from those before, or not more than `least`.
    pub(super) fn of(matrix: &[f64], order: usize, own_share: f64, least: f64) -> Result<Self, Vec<usize>> {
        let mut cells = vec![0.0; order * order];
        let mut dependent = Vec::new();
        for i in 0..order {
            for j in 0..i {
                let known: f64 = (0..j).map(|k| cells[i * order + k] * cells[j * order + k]).sum();
                let pivot = cells[j * order + j];
                cells[i * order + j] =
                    if pivot > 0.0 { (matrix[i * order + j] - known) / pivot } else { 0.0 };
            }
            let known: f64 = (0..i).map(|k| cells[i * order + k].powi(2)).sum();
            let diagonal = matrix[i * order + i];
            let own = diagonal - known;
            if own > least.max(own_share * diagonal) {
                cells[i * order + i] = own.sqrt();
            } else {
                dependent.push(i);
                cells[i * order..=i * order + i].fill(0.0);
            }
        }
        if dependent.is_empty() { Ok(Self { order, cells }) } else { Err(dependent) }
    }

    /// Returns the solution of L L' x = right.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let (n, cells) = (self.order, &self.cells);
        let mut x = right.to_vec();
        for i in 0..n {
            let known: f64 = (0..i).map(|k| cells[i * n + k] * x[k]).sum();
            x[i] = (x[i] - known) / cells[i * n + i];
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|k| cells[k * n + i] * x[k]).sum();
            x[i] = (x[i] - known) / cells[i * n + i];
        }
        x
    }

    /// Returns the inverse of L L'.
    pub(super) fn inverse(&self) -> Vec<f64> {
        let n = self.order;
        let mut inverse = vec![0.0; n * n];
        for column in 0..n {
            let unit: Vec<f64> = (0..n).map(|row| f64::from(u8::from(row == column))).collect();
            for (row, value) in self.solve(&unit).into_iter().enumerate() {
                inverse[row * n + column] = value;
            }
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved_and_inverted() {
        let matrix = [4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 0.5, 1.0, 3.0];
        let factor = Factor::of(&matrix, 3, 1e-12, 0.0).unwrap();
        let x = factor.solve(&[1.0, -2.0, 3.0]);
        let full = [[4.0, 2.0, 0.5], [2.0, 5.0, 1.0], [0.5, 1.0, 3.0]];
        for (row, wanted) in full.iter().zip([1.0, -2.0, 3.0]) {
            let got: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((got - wanted).abs() < 1e-14);
        }
        let inverse = factor.inverse();
        for (i, row) in full.iter().enumerate() {
            for j in 0..3 {
                let got: f64 = row.iter().enumerate().map(|(k, a)| a * inverse[k * 3 + j]).sum();
                assert!((got - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn all_that_follow_from_those_before_are_named() {
        // The third is the sum of the first two, the fourth is the first again.
        let matrix = [
            1.0, 0.0, 0.0, 0.0, //
            0.0, 1.0, 0.0, 0.0, //
            1.0, 1.0, 2.0, 0.0, //
            1.0, 0.0, 1.0, 1.0,
        ];
        assert_eq!(Factor::of(&matrix, 4, 1e-10, 0.0).unwrap_err(), [2, 3]);
        assert_eq!(Factor::of(&[1.0, 0.0, 0.0, 0.5], 2, 1e-10, 0.5).unwrap_err(), [1]);
    }
}
