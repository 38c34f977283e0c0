use crm_statistics::Proportion;

use super::{Mean, csat};
use crate::{Error, Tally};

/// The customer effort score, CES: the mean answer to "the company made it easy for me", and the
/// share of agreement.
///
/// The question is asked on 1 to 7, 7 being "strongly agree"; 5, 6 and 7 agree. If a questionnaire
/// asks for effort instead of ease, declare the scale with
/// [`GoodEnd::Low`](crate::GoodEnd::Low): the mean is then that of the values as answered, and
/// answers at the low end agree that it was easy.
///
/// # References
///
/// Dixon, M., Freeman, K. and Toman, N. (2010), "Stop Trying to Delight Your Customers", Harvard
/// Business Review 88 (7/8), 116-122; the question on 1 to 7 is its second version of 2013.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::{Scale, Tally};
/// use crm_satisfaction::scores::Effort;
///
/// let effort = Effort::from_tally(&Tally::new(&Scale::new(1, 7)?, &[0, 0, 1, 1, 2, 3, 3])?, 3)?;
/// assert_eq!((effort.mean.value, effort.agree.to_string()), (5.6, "8 of 10".to_owned()));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Effort {
    /// Mean answer.
    pub mean: Mean,
    /// Number of respondents who found it easy, of all who answered.
    pub agree: Proportion,
}

impl Effort {
    /// Computes the score of a question; the `boxes` best values count as "easy": 3 on 1 to 7.
    ///
    /// # Errors
    ///
    /// The errors of [`csat`].
    pub fn from_tally(tally: &Tally, boxes: usize) -> Result<Self, Error> {
        Ok(Self { agree: csat(tally, boxes)?, mean: Mean::from_tally(tally)? })
    }
}
