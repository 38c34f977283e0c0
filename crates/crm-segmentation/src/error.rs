use crm_history::NaiveDate;
use crm_numbers::InputError;

use crate::rfm::Faults;

/// An input that this crate refuses.
///
/// # Examples
///
/// ```
/// use crm_segmentation::{Cuts, Error};
///
/// let refused = Cuts::new(&[20, 10]).unwrap_err();
/// assert_eq!(refused.to_string(), "points[1] must be at least 20, got 10");
/// assert!(matches!(refused, Error::Input(_)));
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An input that is out of its range, of the wrong length, empty, repeated or unknown.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Amounts of which there is no ranking or share.
    #[error(transparent)]
    Statistics(crm_statistics::Error),
    /// A class without a cut value after a better class with one.
    #[error("floors[{index}] must be given, because the floor of the class before it is")]
    MissingFloor {
        /// Index of the missing floor, from 0.
        index: usize,
    },
    /// Drift of cuts that do not know the amounts they were made from.
    #[error("cuts at {points} have no reference counts; call `with_reference` before measuring drift")]
    NoReference {
        /// Cut points.
        points: String,
    },
    /// A rule set that does not put every cell, and the customers without an order, into exactly
    /// one group.
    #[error("rules must cover every cell exactly once: {0}")]
    Rules(Faults),
    /// An answer that a scorecard needs.
    #[error("the answer to {criterion:?} is missing; choose another rule for missing answers")]
    MissingAnswer {
        /// Name of the criterion.
        criterion: String,
    },
    /// A contact after today.
    #[error("last contact of customer {customer}, {contact}, is after today, {today}")]
    FutureContact {
        /// Index of the customer, from 0.
        customer: usize,
        /// Day of the contact.
        contact: NaiveDate,
        /// Day on which contacts are planned.
        today: NaiveDate,
    },
    /// A trend value for a period that cannot have one, or none for a period that must.
    #[error("the trend of period {period} must {}be known", if *known { "" } else { "not " })]
    Trend {
        /// Index of the period, from 0.
        period: usize,
        /// Whether the trend of this period must be known.
        known: bool,
    },
    /// Tables of a migration that do not belong together.
    #[error("the tables of a migration must have the same groups and the same customers")]
    Tables,
    /// Features other than those of the fit.
    #[error("expected the features {}, got {}", expected.join(", "), got.join(", "))]
    Features {
        /// Names of the features of the fit.
        expected: Vec<String>,
        /// Names of the features given.
        got: Vec<String>,
    },
    /// A feature that does not vary.
    #[error("feature {name:?} must vary from customer to customer, got {value} for all")]
    ConstantFeature {
        /// Name of the feature.
        name: String,
        /// Value of every customer.
        value: f64,
    },
    /// A number of clusters that k-means does not find.
    #[error("k-means finds no {clusters} clusters: {reason}")]
    NoClusters {
        /// Number of clusters.
        clusters: usize,
        /// Reason in the words of the library that was called.
        reason: String,
    },
}

macro_rules! from_input {
    ($($error:ident),*) => {$(
        impl From<crm_numbers::$error> for Error {
            fn from(error: crm_numbers::$error) -> Self {
                Self::Input(error.into())
            }
        }
    )*};
}

from_input!(DuplicateError, EmptyError, OverflowError, RangeError, UnknownNameError, UnreadableError);

impl From<crm_statistics::Error> for Error {
    fn from(error: crm_statistics::Error) -> Self {
        match error {
            crm_statistics::Error::Input(error) => Self::Input(error),
            other => Self::Statistics(other),
        }
    }
}
