use chrono::NaiveDate;
use crm_numbers::{InputError, UnknownNameError, check};

use crate::Scale;
use crate::feedback::CaseKind;

/// An input that this crate refuses.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::index::Index;
///
/// let refused = Index::new(4.0, 0.0).unwrap_err();
/// assert_eq!(refused.to_string(), "expected must be greater than 0, got 0");
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An input that is out of its range, of the wrong length, empty, repeated or unknown.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Questions that are compared and were asked on different scales.
    #[error("{perceived:?} ({perceived_scale}) and {expected:?} ({expected_scale}) must have the same scale")]
    DifferentScales {
        /// Question about the perception.
        perceived: String,
        /// Scale of the perception.
        perceived_scale: Box<Scale>,
        /// Question about the expectation.
        expected: String,
        /// Scale of the expectation.
        expected_scale: Box<Scale>,
    },
    /// A scale on which a net promoter score is not defined.
    #[error("a net promoter score needs a scale of 0 to 10 or 1 to 10 with 10 as the best, got {scale}")]
    NpsScale {
        /// Scale of the question.
        scale: Box<Scale>,
    },
    /// A column that does not vary, where only differences are informative.
    #[error("{name} must vary, got {value} everywhere")]
    Constant {
        /// Name of the column.
        name: String,
        /// The only value of the column.
        value: f64,
    },
    /// A column that is a linear combination of the columns before it.
    #[error(
        "{name} follows from the columns before it (share of its own variance: {own_share}); leave it out"
    )]
    Collinear {
        /// Name of the column.
        name: String,
        /// Share of its variance that the columns before it do not explain.
        own_share: f64,
    },
    /// Paths of a model that lead back to their start.
    #[error("paths must not form a circle, got {path}")]
    Circle {
        /// Latent variables along the circle.
        path: String,
    },
    /// A latent variable without a path.
    #[error("latent variable {latent:?} has no path; add one or leave the variable out")]
    Isolated {
        /// Name of the latent variable.
        latent: String,
    },
    /// An iteration that did not converge.
    #[error(
        "the weights did not converge within {max_iterations} iterations; the last one changed them by {change:e}"
    )]
    NotConverged {
        /// Limit of iterations.
        max_iterations: usize,
        /// Largest change of a weight in the last iteration.
        change: f64,
    },
    /// A case that was opened after the day of the report.
    #[error("the {kind} of {customer:?} was opened on {opened}, after the day of the report, {as_of}")]
    OpenedLate {
        /// Kind of the case.
        kind: CaseKind,
        /// Customer of the case.
        customer: String,
        /// Day on which the case was opened.
        opened: NaiveDate,
        /// Day of the report.
        as_of: NaiveDate,
    },
    /// A case that was closed before it was opened or after the day of the report.
    #[error(
        "the {kind} of {customer:?} was closed on {closed}; expected a day between {opened} (opened) and {as_of} (report)"
    )]
    ClosedOutside {
        /// Kind of the case.
        kind: CaseKind,
        /// Customer of the case.
        customer: String,
        /// Day on which the case was opened.
        opened: NaiveDate,
        /// Day on which the case was closed.
        closed: NaiveDate,
        /// Day of the report.
        as_of: NaiveDate,
    },
    /// A file that cannot be read as a table.
    #[cfg(feature = "csv")]
    #[error(transparent)]
    Table(#[from] crm_tables::Error),
}

/// Checks that the squares of values can be summed: finite and at most 1e100 in size.
pub(crate) fn check_squarable(name: &'static str, values: &[f64]) -> Result<(), InputError> {
    const LARGEST: f64 = 1e100;
    check::range_of_all(name, values, -LARGEST..=LARGEST)
}

/// Checks weights of respondents: finite, none less than 0, not all 0.
pub(crate) fn check_weights(weights: &[f64]) -> Result<(), InputError> {
    check::range_of_all("weights", weights, 0.0..)?;
    if !weights.is_empty() {
        check::range("sum of weights", weights.iter().sum(), check::above(0.0))?;
    }
    Ok(())
}

/// The error of a name that no question, grouping or latent variable has.
pub(crate) fn unknown<'a>(kind: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
    InputError::from(UnknownNameError::new(kind, name, known)).into()
}

/// Checks the number of resamples of a bootstrap.
pub(crate) fn check_resamples(resamples: usize) -> Result<(), InputError> {
    check::range("resamples", resamples, 100..).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answer, Question, Survey};

    #[test]
    fn errors_hold_the_name_and_the_value() {
        let five = Scale::new(1, 5).unwrap();
        let refused = Question::new("speed", five.clone(), &[Answer::Missing, Answer::Value(6)]).unwrap_err();
        let Error::Input(InputError::Range(range)) = refused else { panic!("a value off its scale") };
        assert_eq!((range.name(), range.index(), range.value().to_f64()), ("speed", Some(1), 6.0));

        let survey =
            Survey::new(["a", "b"]).with_column(Question::new("q", five, &[Answer::Missing; 2]).unwrap());
        let refused = survey.unwrap().column("smell").unwrap_err();
        let Error::Input(InputError::UnknownName(unknown)) = refused else { panic!("an unknown question") };
        assert_eq!((unknown.kind.as_ref(), unknown.name.as_str()), ("question", "smell"));
        assert_eq!(unknown.known, ["q"]);

        assert!(
            matches!(check_weights(&[0.0, 0.0]), Err(InputError::Range(range)) if range.name() == "sum of weights")
        );
        assert!(check_weights(&[]).is_ok() && check_weights(&[0.0, 1.0]).is_ok());
        assert!(check_squarable("x", &[1e100, -1e100]).is_ok());
        assert!(check_squarable("x", &[1.1e100]).is_err() && check_squarable("x", &[f64::NAN]).is_err());
    }
}
