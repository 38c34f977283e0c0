#![allow(clippy::indexing_slicing, reason = "ranges of rows lie within their columns")]

use crm_numbers::{Amount, Decimal, EmptyError, Share, check};

use crate::column::{at_places, check_finite, codes, top_floor};
use crate::{Assignments, Error};

/// Shares of customers with a high and with a low lifetime value; the others are in the middle.
///
/// The number of customers in a tier is rounded up, as it is wherever the workspace speaks of a top
/// share: the high tier of 20 % of 7 customers has 2. Customers tied with the last one of a tier
/// belong to it; a customer who would be in both is high.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Share;
/// use crm_segmentation::cuts::Tiers;
///
/// // The best fifth, the lowest half.
/// let tiers = Tiers::new(Share::percent(20)?, Share::percent(50)?)?;
/// let value = [900.0, 400.0, 300.0, 200.0, 80.0, 70.0, 60.0, 50.0, 40.0, 30.0];
/// let groups = tiers.fit(&value)?.assign(&value)?;
/// assert_eq!(groups.to_string(), "low: 5, middle: 3, high: 2");
/// assert_eq!(groups.reason(0), Some("at least 400"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Tiers {
    high: Share,
    low: Share,
}

crm_numbers::gate!(Tiers, Tiers::checked);

impl Tiers {
    /// Names of the tiers, the lowest first.
    pub const NAMES: [&'static str; 3] = ["low", "middle", "high"];

    /// Creates tiers from the shares of customers in the high and in the low tier.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless both are positive and add up to less than 1.
    pub fn new(high: Share, low: Share) -> Result<Self, Error> {
        Self { high, low }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let (high, low) = (self.high.get(), self.low.get());
        check::range("share of the high tier", high, check::above(Decimal::ZERO))?;
        check::range("share of the low tier", low, check::above(Decimal::ZERO))?;
        check::range("sum of the shares of tiers", (high + low).normalize(), ..Decimal::ONE)?;
        Ok(self)
    }

    /// Finds the amounts at which the tiers begin and end; they can be stored and applied to later
    /// values.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an empty column, for amounts that are not finite.
    pub fn fit<T: Amount>(self, values: &[T]) -> Result<TiersFit<T>, Error> {
        check_finite("amounts", values)?;
        let low = self.low.ceil_of(values.len() as u128) as usize;
        let lowest = low.checked_sub(1).map(|place| at_places(values, &[place])).unwrap_or_default();
        match (top_floor(values, self.high), lowest.first()) {
            (Some(high_from), Some(low_up_to)) => Ok(TiersFit { high_from, low_up_to: *low_up_to }),
            _ => Err(EmptyError::new("amounts").into()),
        }
    }

    /// Fits and assigns in one step.
    ///
    /// # Errors
    ///
    /// As [`Tiers::fit`].
    pub fn assign<T: Amount>(self, values: &[T]) -> Result<Assignments, Error> {
        self.fit(values)?.assign(values)
    }
}

/// The best fifth is high, the lowest fifth is low.
impl Default for Tiers {
    fn default() -> Self {
        let fifth = Share::percent(20).unwrap_or(Share::ZERO);
        Self { high: fifth, low: fifth }
    }
}

/// Fitted tiers: the smallest high amount and the largest low one.
#[derive(Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[cfg_attr(feature = "serde", serde(bound(serialize = "T: Amount + serde::Serialize")))]
#[cfg_attr(feature = "serde", serde(bound(deserialize = "T: Amount + serde::Deserialize<'de>")))]
pub struct TiersFit<T> {
    high_from: T,
    low_up_to: T,
}

crm_numbers::gate!(TiersFit<T: Amount>, TiersFit::checked);

crm_numbers::debug!(TiersFit<T> { high_from, low_up_to });

impl<T: Amount> TiersFit<T> {
    /// Creates tiers from amounts given elsewhere; amounts from `high_from` on are high, the others
    /// up to `low_up_to` low.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for amounts that are not finite.
    pub fn new(high_from: T, low_up_to: T) -> Result<Self, Error> {
        Self { high_from, low_up_to }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check_finite("limits of the tiers", &[self.high_from, self.low_up_to])?;
        Ok(self)
    }

    /// Returns the smallest amount of the high tier.
    #[must_use]
    pub fn high_from(&self) -> T {
        self.high_from
    }

    /// Returns the largest amount of the low tier; if it is at or above [`TiersFit::high_from`],
    /// the middle tier is empty.
    #[must_use]
    pub fn low_up_to(&self) -> T {
        self.low_up_to
    }

    /// Assigns each amount to a tier named as in [`Tiers::NAMES`].
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for amounts that are not finite.
    pub fn assign(&self, values: &[T]) -> Result<Assignments, Error> {
        check_finite("amounts", values)?;
        let tier = |value: T| match value {
            high if high >= self.high_from => 2,
            low if low <= self.low_up_to => 0,
            _ => 1,
        };
        let codes: Vec<u32> = codes(values.len(), |range, codes| {
            codes.iter_mut().zip(&values[range]).for_each(|(code, value)| *code = tier(*value));
        });
        let (high, low) = (self.high_from, self.low_up_to);
        let reasons = match low < high {
            true => {
                [format!("up to {low}"), format!("above {low}, below {high}"), format!("at least {high}")]
            }
            false => [format!("below {high}"), "nobody".to_owned(), format!("at least {high}")],
        };
        Ok(Assignments::trusted(Tiers::NAMES, codes).because(reasons))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_leave_a_middle() {
        let half = Share::percent(50).unwrap();
        let refused = Tiers::new(half, half).unwrap_err().to_string();
        assert_eq!(refused, "sum of the shares of tiers must be less than 1, got 1");
        let tiers = Tiers::default().assign(&[1, 2, 3, 4, 5]).unwrap();
        assert_eq!(tiers.codes(), [0, 1, 1, 1, 2]);
        let empty = Tiers::default().fit::<i64>(&[]).unwrap_err().to_string();
        assert_eq!(empty, "amounts must not be empty");
    }

    /// As `Concentration::top_share` counts: 2 of 7, not 1.
    #[test]
    fn the_top_fifth_is_rounded_up_everywhere() {
        let value = [1_i64, 2, 3, 4, 5, 6, 7];
        let high = Tiers::default().assign(&value).unwrap();
        assert_eq!(high.codes(), [0, 0, 1, 1, 1, 2, 2]);
        let fifth = Share::percent(20).unwrap();
        let top = crm_statistics::Concentration::new(&value, Default::default()).unwrap();
        assert_eq!(top.top_share(fifth).unwrap().part, 6 + 7);
    }

    #[test]
    fn ties_share_a_tier_and_the_better_one_comes_first() {
        // Half of the customers are equally good: the best fifth is not empty.
        let tiers = Tiers::default().assign(&[5, 5, 5, 5, 5, 1, 2, 3, 4, 4]).unwrap();
        assert_eq!(tiers.codes(), [2, 2, 2, 2, 2, 0, 0, 1, 1, 1]);
        assert_eq!(Tiers::default().assign(&[7; 3]).unwrap().to_string(), "low: 0, middle: 0, high: 3");
        assert_eq!(Tiers::default().assign(&[9]).unwrap().reason(0), Some("at least 9"));
    }
}
