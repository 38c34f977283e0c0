#![allow(clippy::indexing_slicing, reason = "1 to 15 things are compared, with one judgment per pair")]

use crate::Error;
use crm_numbers::check;

/// Saaty's mean consistency index of random judgments, for 1 to 15 things compared (The Analytic
/// Hierarchy Process, 1980, p. 21).
const RANDOM_INDEX: [f64; 15] =
    [0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59];

/// Judgments of pairs on Saaty's scale: 1 is as important, 3 moderately, 5 strongly, 7 very
/// strongly, 9 extremely more important; the other way round 1/3, 1/5 and so on.
///
/// The weights are the principal eigenvector of the matrix of judgments, scaled to add up to 1.
/// With its eigenvalue lambda and n things, `CI = (lambda - n) / (n - 1)`, and the consistency
/// ratio is `CR = CI / RI(n)`: above 0.10 the judgments contradict each other too much to be used.
/// Source: Saaty, T. L. (1977), A scaling method for priorities in hierarchical structures, Journal
/// of Mathematical Psychology 15, 234-281.
///
/// # Examples
///
/// ```
/// use crm_segmentation::scorecard::Comparisons;
///
/// // Quality against price 2, quality against lead time 4, price against lead time 2: 4 : 2 : 1.
/// let judged = Comparisons::new(3, &[2.0, 4.0, 2.0])?;
/// let weights: Vec<f64> = judged.weights().iter().map(|weight| (weight * 7.0).round()).collect();
/// assert_eq!(weights, [4.0, 2.0, 1.0]);
/// assert!(judged.consistency_ratio() < 1e-12);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Comparisons {
    judgments: Vec<f64>,
    #[cfg_attr(feature = "serde", serde(skip))]
    weights: Vec<f64>,
    #[cfg_attr(feature = "serde", serde(skip))]
    eigenvalue: f64,
}

crm_numbers::gate!(Comparisons, Comparisons::checked);

impl Comparisons {
    /// Judgments above the diagonal, row by row: 1 against 2, 1 against 3, ..., 2 against 3 and so
    /// on. Those below it are their reciprocals.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless 1 to 15 things are compared, and for a judgment outside 1/9 to 9;
    /// unless there are n (n - 1) / 2.
    pub fn new(things: usize, judgments: &[f64]) -> Result<Self, Error> {
        let things = check::range("number of things", things, 1..=RANDOM_INDEX.len())?;
        check::length("judgments", judgments.len(), pairs(things))?;
        Self { judgments: judgments.to_vec(), weights: Vec::new(), eigenvalue: 0.0 }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let given = self.judgments.len();
        let things = (1..=RANDOM_INDEX.len()).find(|things| pairs(*things) >= given);
        let things = things.unwrap_or(RANDOM_INDEX.len());
        check::length("judgments", given, pairs(things))?;
        let slack = 1.0 + 1e-9;
        check::range_of_all("judgments", &self.judgments, 1.0 / 9.0 / slack..=9.0 * slack)?;
        let (weights, eigenvalue) = principal(&square(things, &self.judgments));
        Ok(Self { weights, eigenvalue, ..self })
    }

    /// Returns the judgments above the diagonal.
    #[must_use]
    pub fn judgments(&self) -> &[f64] {
        &self.judgments
    }

    /// Returns the weight of each thing; weights add up to 1.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Returns the principal eigenvalue: n for judgments without contradiction, otherwise more.
    #[must_use]
    pub fn eigenvalue(&self) -> f64 {
        self.eigenvalue
    }

    /// Computes `(lambda - n) / (n - 1)`; 0 for one or two things, which cannot contradict each
    /// other.
    #[must_use]
    pub fn consistency_index(&self) -> f64 {
        let n = self.weights.len() as f64;
        if n < 3.0 { 0.0 } else { ((self.eigenvalue - n) / (n - 1.0)).max(0.0) }
    }

    /// Computes the consistency index over that of random judgments; up to 0.10 is acceptable.
    #[must_use]
    pub fn consistency_ratio(&self) -> f64 {
        let random = RANDOM_INDEX[self.weights.len() - 1];
        if random > 0.0 { self.consistency_index() / random } else { 0.0 }
    }
}

/// The number of pairs of different things.
fn pairs(things: usize) -> usize {
    things * (things - 1) / 2
}

/// The whole matrix of judgments, row by row.
fn square(things: usize, upper: &[f64]) -> Vec<Vec<f64>> {
    debug_assert_eq!(upper.len(), pairs(things), "one judgment per pair");
    let place = |row: usize, column: usize| row * things - row * (row + 1) / 2 + column - row - 1;
    let judgment = |row: usize, column: usize| upper[place(row, column)];
    let cell = |row: usize, column: usize| match row.cmp(&column) {
        std::cmp::Ordering::Less => judgment(row, column),
        std::cmp::Ordering::Equal => 1.0,
        std::cmp::Ordering::Greater => 1.0 / judgment(column, row),
    };
    (0..things).map(|row| (0..things).map(|column| cell(row, column)).collect()).collect()
}

/// The power method, which a matrix of positive numbers always lets converge (Perron).
fn principal(matrix: &[Vec<f64>]) -> (Vec<f64>, f64) {
    /// Far more than contradictory judgments on a nine-point scale need.
    const ROUNDS: usize = 10_000;
    let mut weights = vec![1.0 / matrix.len() as f64; matrix.len()];
    let mut eigenvalue = matrix.len() as f64;
    for _ in 0..ROUNDS {
        let product: Vec<f64> = matrix
            .iter()
            .map(|row| row.iter().zip(&weights).map(|(cell, weight)| cell * weight).sum())
            .collect();
        // The weights add up to 1, so that the sum of the product is the eigenvalue.
        eigenvalue = product.iter().sum();
        let next: Vec<f64> = product.iter().map(|part| part / eigenvalue).collect();
        let change =
            next.iter().zip(&weights).map(|(next, weight)| (next - weight).abs()).fold(0.0, f64::max);
        weights = next;
        if change < 1e-15 {
            break;
        }
    }
    (weights, eigenvalue)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published figures have two or three decimals.
    const PUBLISHED: f64 = 0.0055;

    #[track_caller]
    fn check(things: usize, upper: &[f64], weights: &[f64], eigenvalue: f64) -> Comparisons {
        let judged = Comparisons::new(things, upper).unwrap();
        for (found, wanted) in judged.weights().iter().zip(weights) {
            assert!((found - wanted).abs() < PUBLISHED, "{:?}", judged.weights());
        }
        assert!((judged.eigenvalue() - eigenvalue).abs() < PUBLISHED, "{}", judged.eigenvalue());
        assert!((judged.weights().iter().sum::<f64>() - 1.0).abs() < 1e-12);
        judged
    }

    const THIRD: f64 = 1.0 / 3.0;
    const FIFTH: f64 = 0.2;
    const SEVENTH: f64 = 1.0 / 7.0;

    /// Saaty (1977): the wealth of seven nations.
    #[test]
    fn the_wealth_of_nations() {
        let upper = [
            4.0, 9.0, 6.0, 6.0, 5.0, 5.0, 7.0, 5.0, 5.0, 3.0, 4.0, FIFTH, FIFTH, SEVENTH, FIFTH, 1.0, THIRD,
            THIRD, THIRD, THIRD, 2.0,
        ];
        let judged = check(7, &upper, &[0.429, 0.231, 0.021, 0.053, 0.053, 0.119, 0.095], 7.608);
        assert!((judged.consistency_ratio() - 0.08).abs() < PUBLISHED, "{}", judged.consistency_ratio());
    }

    /// Saaty (1977): how far six cities are from Philadelphia, by feeling.
    #[test]
    fn distances_from_philadelphia() {
        let upper = [THIRD, 8.0, 3.0, 3.0, 7.0, 9.0, 3.0, 3.0, 9.0, 1.0 / 6.0, FIFTH, 2.0, THIRD, 6.0, 6.0];
        let judged = check(6, &upper, &[0.263, 0.397, 0.033, 0.116, 0.164, 0.027], 6.454);
        assert!((judged.consistency_ratio() - 0.07).abs() < PUBLISHED, "{}", judged.consistency_ratio());
    }

    /// Saaty (1990), How to make a decision, European Journal of Operational Research 48, 9-26:
    /// choosing a house.
    #[test]
    fn eight_criteria_for_a_house() {
        let (quarter, sixth, half) = (0.25, 1.0 / 6.0, 0.5);
        let upper = [
            5.0, 3.0, 7.0, 6.0, 6.0, THIRD, quarter, THIRD, 5.0, 3.0, 3.0, FIFTH, SEVENTH, 6.0, 3.0, 4.0,
            6.0, FIFTH, THIRD, quarter, SEVENTH, 0.125, half, FIFTH, sixth, FIFTH, sixth, half,
        ];
        let weights = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333];
        let judged = check(8, &upper, &weights, 9.669);
        assert!((judged.consistency_index() - 0.238).abs() < 0.001, "{}", judged.consistency_index());
        assert!((judged.consistency_ratio() - 0.169).abs() < 0.001, "{}", judged.consistency_ratio());
    }

    #[test]
    fn two_things_never_contradict() {
        let judged = check(2, &[3.0], &[0.75, 0.25], 2.0);
        assert!(judged.consistency_ratio() < 1e-12);
        assert!(Comparisons::new(1, &[]).unwrap().weights() == [1.0]);
    }

    #[test]
    fn judgments_off_the_scale_are_refused() {
        let text = |things, upper: &[f64]| Comparisons::new(things, upper).unwrap_err().to_string();
        assert_eq!(text(3, &[1.0]), "expected 3 judgments, got 1");
        assert!(text(2, &[10.0]).starts_with("judgments[0] must be between "));
        assert!(text(2, &[f64::NAN]).ends_with(", got NaN"));
        assert_eq!(text(16, &[]), "number of things must be between 1 and 15, got 16");
        assert_eq!(text(0, &[]), "number of things must be between 1 and 15, got 0");
    }
}
