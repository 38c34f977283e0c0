use std::fmt;

use crm_statistics::{Interval, Level};

use crate::probability::normal_two_sided;

/// By how much one figure exceeds another, how far that can be trusted, and how likely so much is by chance.
///
/// Compares two waves of a survey, or two groups, whose respondents are different people.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Change {
    /// The difference with its interval.
    pub difference: Interval,
    /// How often a difference at least as large would come from samples without one; two-sided.
    pub p_value: f64,
}

impl Change {
    /// A difference with its standard error, both finite; by the normal distribution.
    ///
    /// Without any error, equal figures have a p-value of 1 and different ones of 0.
    pub(crate) fn normal(difference: f64, standard_error: f64, level: Level) -> Self {
        let half = level.z() * standard_error;
        let difference = Interval::new(difference - half, difference, difference + half, level);
        Self { difference, p_value: p_value(difference.estimate, standard_error) }
    }

    /// Whether the difference is more than chance explains at a level of significance such as 0.05.
    #[must_use]
    pub fn is_significant(&self, alpha: f64) -> bool {
        self.p_value <= alpha
    }
}

pub(crate) fn p_value(difference: f64, standard_error: f64) -> f64 {
    if standard_error > 0.0 {
        normal_two_sided(difference / standard_error)
    } else if difference.abs() > 0.0 {
        0.0
    } else {
        1.0
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, p = {:.4}", self.difference, self.p_value)
    }
}
