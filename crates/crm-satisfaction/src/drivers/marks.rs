//! The marks "low" and "high" of attributes, and the regression of an outcome on them.

use super::{Contrast, Redundant};
use crate::Error;
use crate::linear::{Cholesky, Symmetric};
use crate::probability::student_two_sided;

/// One column of the regression.
pub(super) struct Mark {
    pub(super) attribute: usize,
    pub(super) high: bool,
    pub(super) name: String,
    pub(super) carried: Vec<bool>,
    pub(super) respondents: usize,
}

/// The marks as columns of 0 and 1, and perhaps an outcome behind them, row by row.
fn columns(marks: &[Mark], n: usize, outcome: Option<&[f64]>) -> Vec<f64> {
    let cell = |mark: &Mark, respondent: usize| {
        f64::from(u8::from(mark.carried.get(respondent).copied().unwrap_or(false)))
    };
    (0..n)
        .flat_map(|respondent| {
            let outcome = outcome.and_then(|outcome| outcome.get(respondent).copied());
            marks.iter().map(move |mark| cell(mark, respondent)).chain(outcome)
        })
        .collect()
}

/// The marks that no mark before them determines, and those that are determined.
pub(super) fn independent(marks: Vec<Mark>, n: usize) -> (Vec<Mark>, Vec<Mark>) {
    let (_, covariance) = Symmetric::covariance(&columns(&marks, n, None), marks.len(), None);
    let mut factor = Cholesky::empty();
    let (mut kept, mut places, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
    for (place, mark) in marks.into_iter().enumerate() {
        let row: Vec<f64> =
            places.iter().chain([&place]).map(|&other| covariance.get(place, other)).collect();
        if factor.extend(&row).is_ok() {
            places.push(place);
            kept.push(mark);
        } else {
            dropped.push(mark);
        }
    }
    (kept, dropped)
}

/// Why a mark of an attribute was left out, if one was.
pub(super) fn reason(
    attribute: usize,
    kept: &[Mark],
    dropped: &[Mark],
    rows: &[f64],
    width: usize,
    (low, high): (f64, f64),
) -> Option<Redundant> {
    let is = |marks: &[Mark], high: bool| {
        marks.iter().any(|mark| mark.attribute == attribute && mark.high == high)
    };
    match (is(dropped, false), is(dropped, true)) {
        (false, false) => None,
        (true, true) => Some(Redundant::Both),
        (true, false) => Some(Redundant::Low),
        (false, true) => {
            let mut levels = rows.iter().skip(attribute).step_by(width);
            let middling = levels.any(|level| *level > low && *level < high);
            Some(if is(kept, false) && !middling { Redundant::NoMiddle } else { Redundant::High })
        }
    }
}

/// Ordinary least squares of an outcome on marks.
pub(super) fn contrasts(marks: &[Mark], what: &str, outcome: &[f64]) -> Result<Vec<Contrast>, Error> {
    let k = marks.len();
    let rows = columns(marks, outcome.len(), Some(outcome));
    let (means, covariance) = Symmetric::covariance(&rows, k + 1, None);
    let variance = covariance.get(k, k);
    let level = means.last().copied().unwrap_or_default();
    // Equal values have no variance but for rounding.
    if variance.sqrt() <= 1e-12 * level.abs() || variance <= 0.0 {
        return Err(Error::Constant { field: what.to_owned(), value: level });
    }
    let places: Vec<usize> = (0..k).collect();
    let names: Vec<&str> = marks.iter().map(|mark| mark.name.as_str()).collect();
    let factor = covariance.part(&places).cholesky(&names)?;
    let right: Vec<f64> = covariance.row(k).iter().copied().take(k).collect();
    let coefficients = factor.solve(&right);
    let explained: f64 = coefficients.iter().zip(&right).map(|(b, s)| b * s).sum();
    let (n, freedom) = (outcome.len() as f64, (outcome.len() - k - 1) as f64);
    let left = (variance - explained).max(0.0);
    let rounding = factor.rounding();
    let exact = left <= rounding * variance;
    let residual = left * (n - 1.0) / freedom;
    let contrast = |((mark, &value), inverse): ((&Mark, &f64), f64)| {
        let value = if value.abs() <= rounding * (variance.sqrt() + level.abs()) { 0.0 } else { value };
        let standard_error = if exact { 0.0 } else { (residual * inverse / (n - 1.0)).sqrt() };
        let p_value = (!exact).then(|| student_two_sided(value / standard_error, freedom));
        Contrast { value, standard_error, p_value, respondents: mark.respondents }
    };
    Ok(marks.iter().zip(&coefficients).zip(factor.inverse_diagonal()).map(contrast).collect())
}
