//! The marks "low" and "high" of attributes, and the regression of an outcome on them.

use crm_statistics::distribution::StudentT;

use super::{Contrast, RedundantMark};
use crate::Error;
use crate::linear::{Cholesky, Symmetric};

/// One dummy variable of the regression.
pub(super) struct Mark {
    pub(super) attribute: usize,
    pub(super) high: bool,
    pub(super) name: String,
    /// Whether each respondent has the mark.
    pub(super) carried: Vec<bool>,
    /// Number of respondents with the mark.
    pub(super) respondents: usize,
}

/// Returns the marks as columns of 0 and 1, followed by an outcome if there is one, row by row.
#[allow(clippy::indexing_slicing, reason = "marks and outcome have one value per respondent")]
fn columns(marks: &[Mark], n: usize, outcome: Option<&[f64]>) -> Vec<f64> {
    debug_assert!(marks.iter().all(|mark| mark.carried.len() == n), "{n} respondents");
    (0..n)
        .flat_map(|respondent| {
            let cells = marks.iter().map(move |mark| f64::from(u8::from(mark.carried[respondent])));
            cells.chain(outcome.map(|outcome| outcome[respondent]))
        })
        .collect()
}

/// Divides marks into those that are independent of the marks before them, and the others.
pub(super) fn independent(marks: Vec<Mark>, n: usize) -> (Vec<Mark>, Vec<Mark>) {
    let (_, covariance) = Symmetric::covariance(&columns(&marks, n, None), marks.len(), None);
    let mut factor = Cholesky::empty();
    let (mut kept, mut indices, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    for (index, mark) in marks.into_iter().enumerate() {
        let row: Vec<f64> =
            indices.iter().chain([&index]).map(|&other| covariance.get(index, other)).collect();
        if factor.extend(&row).is_ok() {
            indices.push(index);
            kept.push(mark);
        } else {
            dropped.push(mark);
        }
    }
    (kept, dropped)
}

/// Returns which mark of an attribute was left out, if one was.
pub(super) fn redundant(
    attribute: usize,
    kept: &[Mark],
    dropped: &[Mark],
    rows: &[f64],
    width: usize,
    (low, high): (f64, f64),
) -> Option<RedundantMark> {
    let is = |marks: &[Mark], high: bool| {
        marks.iter().any(|mark| mark.attribute == attribute && mark.high == high)
    };
    match (is(dropped, false), is(dropped, true)) {
        (false, false) => None,
        (true, true) => Some(RedundantMark::Both),
        (true, false) => Some(RedundantMark::Low),
        (false, true) => {
            let mut levels = rows.iter().skip(attribute).step_by(width);
            let has_middle = levels.any(|level| *level > low && *level < high);
            Some(if is(kept, false) && !has_middle { RedundantMark::NoMiddle } else { RedundantMark::High })
        }
    }
}

/// Returns the ordinary least squares of an outcome on marks.
#[allow(clippy::indexing_slicing, reason = "there is one mean per mark, and one of the outcome")]
pub(super) fn contrasts(marks: &[Mark], name: &str, outcome: &[f64]) -> Result<Vec<Contrast>, Error> {
    let k = marks.len();
    let rows = columns(marks, outcome.len(), Some(outcome));
    let (means, covariance) = Symmetric::covariance(&rows, k + 1, None);
    let variance = covariance.get(k, k);
    let level = means[k];
    // Equal values have no variance but for rounding.
    if variance.sqrt() <= 1e-12 * level.abs() || variance <= 0.0 {
        return Err(Error::Constant { name: name.to_owned(), value: level });
    }
    let indices: Vec<usize> = (0..k).collect();
    let names: Vec<&str> = marks.iter().map(|mark| mark.name.as_str()).collect();
    let factor = covariance.part(&indices).cholesky(&names)?;
    let right: Vec<f64> = covariance.row(k).iter().copied().take(k).collect();
    let coefficients = factor.solve(&right);
    let explained: f64 = coefficients.iter().zip(&right).map(|(b, s)| b * s).sum();
    let (n, freedom) = (outcome.len() as f64, (outcome.len() - k - 1) as f64);
    let student = StudentT::new(freedom)?;
    let unexplained = (variance - explained).max(0.0);
    let rounding = factor.rounding();
    let exact = unexplained <= rounding * variance;
    let residual = unexplained * (n - 1.0) / freedom;
    let contrast = |((mark, &value), inverse): ((&Mark, &f64), f64)| {
        let value = if value.abs() <= rounding * (variance.sqrt() + level.abs()) { 0.0 } else { value };
        let standard_error = if exact { 0.0 } else { (residual * inverse / (n - 1.0)).sqrt() };
        let p_value = (!exact).then(|| student.two_sided(value / standard_error));
        Contrast { value, standard_error, p_value, respondents: mark.respondents }
    };
    Ok(marks.iter().zip(&coefficients).zip(factor.inverse_diagonal()).map(contrast).collect())
}
