use crm_numbers::InputError;

/// An input that this crate refuses.
///
/// # Examples
///
/// ```
/// use crm_statistics::{Error, RankingQuality};
///
/// let refused = RankingQuality::new(&[0.2, 0.9], &[true, true]).unwrap_err();
/// assert_eq!(refused, Error::OneOutcome { positives: 2, items: 2 });
/// assert_eq!(refused.to_string(), "outcomes must include both true and false, got 2 true of 2");
/// ```
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An input that is out of its range, of the wrong length, empty or too large.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Outcomes that are all true or all false, so that no ranking of them can be judged.
    #[error("outcomes must include both true and false, got {positives} true of {items}")]
    OneOutcome {
        /// Number of outcomes that are true.
        positives: u64,
        /// Number of outcomes.
        items: u64,
    },
    /// Amounts that add up to nothing, of which there are no shares.
    #[error("the sum of {name} must be greater than 0")]
    NoTotal {
        /// Name of the column.
        name: &'static str,
    },
    /// Groups of which no two are observed together when a customer is lost.
    #[error("no loss happened while two groups were at risk, so that they cannot be compared")]
    NoComparison,
}
