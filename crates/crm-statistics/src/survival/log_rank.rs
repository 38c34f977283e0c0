//! Comparison of survival between groups.

use super::Lifetimes;
use crm_numbers::check;

use crate::Error;
use crate::distribution::ChiSquared;

/// The result of a log-rank test.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct LogRank {
    /// Number of losses in each group.
    pub observed: Vec<u64>,
    /// Expected number of losses in each group if all groups are alike.
    pub expected: Vec<f64>,
    /// Test statistic, chi-squared distributed if all groups are alike.
    pub chi_squared: f64,
    /// Degrees of freedom: one less than the number of groups that were compared.
    pub degrees: usize,
    /// Probability of a statistic at least as large if all groups are alike.
    pub p_value: f64,
}

/// Tests whether groups of customers stay equally long, by the log-rank test of Mantel and Cox.
///
/// # Formula
///
/// At each time of a loss d of n customers at risk are lost; a group with n_j of them expects `d
/// n_j / n`. With O and E the observed and expected losses summed over time and V their
/// hypergeometric covariance, `(O - E)' V^-1 (O - E)` is chi-squared with one degree of freedom
/// less than there are groups.
///
/// # Errors
///
/// [`Error::Input`] for fewer than two groups; [`Error::NoComparison`] if no customer was lost
/// while two groups were at risk.
///
/// # References
///
/// Peto, R. and Peto, J. (1972), "Asymptotically Efficient Rank Invariant Test Procedures", JRSS A
/// 135, 185-207.
///
/// # Examples
///
/// ```
/// use crm_statistics::survival::{Lifetimes, log_rank};
///
/// // Weeks in remission of leukemia patients, 6-MP and placebo (Freireich et al. 1963).
/// let weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
/// let relapsed: Vec<bool> = (0..21).map(|patient| patient < 9).collect();
/// let placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];
/// let groups = [Lifetimes::new(&weeks, &relapsed)?, Lifetimes::new(&placebo, &[true; 21])?];
/// let test = log_rank(&groups)?;
/// assert!((test.chi_squared - 16.793).abs() < 1e-3);
/// assert!(test.p_value < 0.0001);
/// # Ok::<(), crm_statistics::Error>(())
/// ```
pub fn log_rank(groups: &[Lifetimes]) -> Result<LogRank, Error> {
    check::range("number of groups", groups.len(), 2..)?;
    let size = groups.len();
    let mut expected = vec![0.0; size];
    let mut covariance = vec![vec![0.0; size]; size];
    let mut sorted: Vec<f64> = groups.iter().flat_map(Lifetimes::times_of_losses).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    let mut walks: Vec<_> = groups.iter().map(Lifetimes::walk).collect();
    let mut at = vec![(0, 0); size];
    for time in sorted {
        for (at, walk) in at.iter_mut().zip(&mut walks) {
            *at = walk.risk(time);
        }
        let n = at.iter().map(|(at_risk, _)| at_risk).sum::<u64>() as f64;
        let d = at.iter().map(|(_, losses)| losses).sum::<u64>() as f64;
        let spread = if n > 1.0 { d * (n - d) / (n - 1.0) } else { 0.0 };
        for (j, ((at_risk, _), (expected, row))) in
            at.iter().zip(expected.iter_mut().zip(&mut covariance)).enumerate()
        {
            let share = *at_risk as f64 / n;
            *expected += d * share;
            for (k, ((others, _), cell)) in at.iter().zip(row).enumerate() {
                let own = if j == k { 1.0 } else { 0.0 };
                *cell += spread * share * (own - *others as f64 / n);
            }
        }
    }
    let observed: Vec<u64> = groups.iter().map(Lifetimes::losses).collect();
    let excess = observed.iter().zip(&expected).map(|(&seen, expected)| seen as f64 - expected).collect();
    let (chi_squared, degrees) = quadratic_form(covariance, excess);
    if degrees == 0 {
        return Err(Error::NoComparison);
    }
    let p_value = ChiSquared::new(degrees)?.upper_tail(chi_squared);
    Ok(LogRank { observed, expected, chi_squared, degrees, p_value })
}

/// `x' V^-1 x` for a positive semidefinite V, and its rank: elimination with the largest pivot of
/// the diagonal.
fn quadratic_form(mut matrix: Vec<Vec<f64>>, mut vector: Vec<f64>) -> (f64, usize) {
    /// Rows of a covariance of shares add up to 0; a remainder of this size is rounding.
    const RELATIVE: f64 = 1e-10;
    let diagonal = |matrix: &[Vec<f64>]| -> Vec<f64> {
        matrix.iter().enumerate().filter_map(|(at, row)| row.get(at).copied()).collect()
    };
    let first = diagonal(&matrix);
    let (mut form, mut rank) = (0.0, 0);
    let mut open: Vec<usize> = (0..vector.len()).collect();
    loop {
        let now = diagonal(&matrix);
        let left = |at: &usize| {
            let (now, first) = (now.get(*at).copied()?, first.get(*at).copied()?);
            (now > RELATIVE * first).then_some((*at, now))
        };
        let Some((pivot, value)) = open.iter().filter_map(left).max_by(|a, b| a.1.total_cmp(&b.1)) else {
            return (form, rank);
        };
        open.retain(|at| *at != pivot);
        let row = matrix.get(pivot).cloned().unwrap_or_default();
        let x = vector.get(pivot).copied().unwrap_or_default();
        form += x * x / value;
        rank += 1;
        for &at in &open {
            let factor = row.get(at).copied().unwrap_or_default() / value;
            if let (Some(line), Some(other)) = (matrix.get_mut(at), vector.get_mut(at)) {
                for (cell, pivot) in line.iter_mut().zip(&row) {
                    *cell -= factor * pivot;
                }
                *other -= factor * x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_was_never_compared_adds_no_degree() {
        let early = || Lifetimes::new(&[1, 2, 3], &[true, true, false]).unwrap();
        let other = Lifetimes::new(&[1, 3, 4], &[false, true, true]).unwrap();
        let late = Lifetimes::with_entries(&[90], &[95], &[false]).unwrap();
        let two = log_rank(&[early(), other.clone()]).unwrap();
        let three = log_rank(&[early(), late, other]).unwrap();
        assert_eq!((two.degrees, three.degrees), (1, 1));
        assert!((two.chi_squared - three.chi_squared).abs() < 1e-12);
    }

    #[test]
    fn errors_name_field_and_value() {
        let one = || Lifetimes::new(&[1], &[false]).unwrap();
        assert_eq!(log_rank(&[one()]).unwrap_err().to_string(), "number of groups must be at least 2, got 1");
        assert_eq!(
            log_rank(&[one(), one()]).unwrap_err().to_string(),
            "no loss happened while two groups were at risk, so that they cannot be compared"
        );
    }
}
