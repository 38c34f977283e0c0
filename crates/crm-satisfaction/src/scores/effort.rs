use crm_statistics::Proportion;

use super::Mean;
use crate::error::out_of_range;
use crate::{Error, Tally};

/// How easy was it? The customer effort score, CES: the mean of "the company made it easy for me", and how many agree.
///
/// Asked on 1 to 7 where 7 is "strongly agree"; who answers 5, 6 or 7 agrees. Exact from counts. Where a questionnaire
/// asks for effort instead of ease, declare the scale with [`Good::Low`](crate::Good::Low); the mean is then that of the
/// values as answered, and those at the low end agree that it was easy.
///
/// Source: Dixon, M., Freeman, K. and Toman, N. (2010), "Stop Trying to Delight Your Customers", Harvard Business Review 88
/// (7/8), 116-122; the question on 1 to 7 is its second version of 2013.
///
/// ```
/// use crm_satisfaction::{Scale, Tally};
/// use crm_satisfaction::scores::Effort;
///
/// let effort = Effort::of(&Tally::new(&Scale::new(1, 7)?, &[0, 0, 1, 1, 2, 3, 3])?, 3)?;
/// assert_eq!((effort.mean.value, effort.agree.to_string()), (5.6, "8 of 10".to_owned()));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Effort {
    /// The mean answer.
    pub mean: Mean,
    /// Those who found it easy, of all who answered.
    pub agree: Proportion,
}

impl Effort {
    /// The score of a question; the `boxes` best values count as "easy": 3 on 1 to 7.
    ///
    /// # Errors
    /// [`Error::Empty`] where nobody answered, [`Error::OutOfRange`] unless boxes are at least 1 and fewer than the points.
    pub fn of(tally: &Tally, boxes: usize) -> Result<Self, Error> {
        Ok(Self { mean: Mean::of(tally)?, agree: share(tally, boxes)? })
    }
}

/// The share of the best boxes.
pub(super) fn share(tally: &Tally, boxes: usize) -> Result<Proportion, Error> {
    let points = tally.scale().points();
    if boxes == 0 || boxes >= points {
        return Err(out_of_range("boxes", format!("lie in 1..={}", points - 1), boxes));
    }
    Proportion::new(tally.top(boxes), tally.answered())
        .map_err(|_| Error::Empty { field: "answers".to_owned() })
}
