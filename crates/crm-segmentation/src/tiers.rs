use crm_statistics::{Amount, Fraction};

use crate::{Assignments, Cuts, Error};

/// High, middle and low lifetime value: the best share of the customers, the lowest share, and who is between.
///
/// ```
/// use crm_segmentation::{Fraction, Tiers};
///
/// // The best fifth, the lowest half.
/// let tiers = Tiers::new(Fraction::percent(20)?, Fraction::percent(50)?)?;
/// let value = [900.0, 400.0, 300.0, 200.0, 80.0, 70.0, 60.0, 50.0, 40.0, 30.0];
/// let groups = tiers.fit(&value)?.assign_named(Tiers::NAMES, &value)?;
/// assert_eq!(groups.to_string(), "low: 5, middle: 3, high: 2");
/// assert_eq!(groups.reason(0), Some("above 300"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "(Fraction, Fraction)", into = "(Fraction, Fraction)"))]
pub struct Tiers {
    high: Fraction,
    low: Fraction,
}

impl Tiers {
    /// The names of the tiers, for [`Cuts::assign_named`].
    pub const NAMES: [&'static str; 3] = ["low", "middle", "high"];

    /// The share of customers who are high, and of those who are low.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both are positive and leave somebody between.
    pub fn new(high: Fraction, low: Fraction) -> Result<Self, Error> {
        let sum = high.get() + low.get();
        if high == Fraction::ZERO || low == Fraction::ZERO || sum >= Fraction::ONE.get() {
            let allowed = "be positive and add up to less than 1".to_owned();
            return Err(Error::OutOfRange { field: "shares", allowed, value: format!("{high} and {low}") });
        }
        Ok(Self { high, low })
    }

    /// Finds the cuts. They can be stored and applied to later values.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::NotFinite`].
    pub fn fit<T: Amount>(self, values: &[T]) -> Result<Cuts<T>, Error> {
        let not_high = Fraction::new(Fraction::ONE.get() - self.high.get()).map_err(Error::of_unit)?;
        Cuts::at_shares(values, &[self.low, not_high])
    }

    /// Fits and assigns in one step.
    ///
    /// # Errors
    /// As [`Tiers::fit`].
    pub fn assign<T: Amount>(self, values: &[T]) -> Result<Assignments, Error> {
        self.fit(values)?.assign_named(Self::NAMES, values)
    }
}

/// The best fifth is high, the lowest fifth is low.
impl Default for Tiers {
    fn default() -> Self {
        let fifth = Fraction::percent(20).unwrap_or(Fraction::ZERO);
        Self { high: fifth, low: fifth }
    }
}

impl TryFrom<(Fraction, Fraction)> for Tiers {
    type Error = Error;

    fn try_from((high, low): (Fraction, Fraction)) -> Result<Self, Error> {
        Self::new(high, low)
    }
}

impl From<Tiers> for (Fraction, Fraction) {
    fn from(tiers: Tiers) -> Self {
        (tiers.high, tiers.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_leave_a_middle() {
        let half = Fraction::percent(50).unwrap();
        let refused = Tiers::new(half, half).unwrap_err().to_string();
        assert_eq!(refused, "shares must be positive and add up to less than 1, got 0.5 and 0.5");
        let tiers = Tiers::default().assign(&[1, 2, 3, 4, 5]).unwrap();
        assert_eq!(tiers.codes(), [0, 1, 1, 1, 2]);
    }
}
