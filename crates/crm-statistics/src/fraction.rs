use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::Error;

/// A share of a whole, written exactly: 80 % is 4/5, not the nearest `f64`.
///
/// From 0 to 1, with up to 18 decimal places. Shares of totals come out exact ([`Fraction::floor_of`]), so that no
/// rounding moves a customer over a threshold.
///
/// ```
/// use crm_statistics::Fraction;
///
/// let pareto = Fraction::percent(80)?;
/// assert_eq!(pareto.to_string(), "0.8");
/// assert_eq!(pareto.floor_of(12), 9); // 9.6
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Decimal", into = "Decimal"))]
pub struct Fraction(Decimal);

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// 80 %, where the first class of an ABC analysis usually ends.
    pub const EIGHTY_PERCENT: Self = Self(Decimal::from_parts(8, 0, 0, false, 1));
    /// 95 %, where the second one does.
    pub const NINETY_FIVE_PERCENT: Self = Self(Decimal::from_parts(95, 0, 0, false, 2));
    /// Everything.
    pub const ONE: Self = Self(Decimal::ONE);

    const PLACES: u32 = 18;

    /// A share from 0 to 1 with at most 18 decimal places.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] names the share.
    pub fn new(share: Decimal) -> Result<Self, Error> {
        let share = share.normalize();
        if share < Decimal::ZERO || share > Decimal::ONE || share.scale() > Self::PLACES {
            let allowed = format!("lie in 0..=1 with at most {} decimal places", Self::PLACES);
            return Err(Error::OutOfRange { field: "share", allowed, value: share.to_string() });
        }
        Ok(Self(share))
    }

    /// A share in whole percent, from 0 to 100.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for more than 100.
    pub fn percent(percent: u32) -> Result<Self, Error> {
        Self::new(Decimal::new(i64::from(percent), 2))
    }

    /// The share as a decimal, without trailing zeros.
    #[must_use]
    pub fn get(self) -> Decimal {
        self.0
    }

    /// The largest whole number that is at most this share of `whole`, exactly.
    #[must_use]
    pub fn floor_of(self, whole: u128) -> u128 {
        let (numerator, denominator) = self.ratio();
        // Both products stay in range: share <= 1, and the rest is below 10^18.
        whole / denominator * numerator + whole % denominator * numerator / denominator
    }

    /// The smallest whole number that is at least this share of `whole`, exactly.
    #[must_use]
    pub fn ceil_of(self, whole: u128) -> u128 {
        let (numerator, denominator) = self.ratio();
        whole / denominator * numerator + (whole % denominator * numerator).div_ceil(denominator)
    }

    fn ratio(self) -> (u128, u128) {
        (self.0.mantissa().unsigned_abs(), 10_u128.pow(self.0.scale()))
    }
}

/// As many decimal places as the share has, or as a precision asks for, halves rounded away from zero.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match f.precision() {
            None => self.0.to_string(),
            // The decimal type prints no more places than it can hold; the zeros behind them are ours.
            Some(places) => {
                let kept = places.min(Self::PLACES as usize);
                let rounded =
                    self.0.round_dp_with_strategy(kept as u32, RoundingStrategy::MidpointAwayFromZero);
                let text = format!("{rounded:.kept$}");
                let zeros = places - kept;
                format!("{text}{:0<zeros$}", "")
            }
        };
        crate::text::pad(f, &text)
    }
}

impl TryFrom<Decimal> for Fraction {
    type Error = Error;

    fn try_from(share: Decimal) -> Result<Self, Error> {
        Self::new(share)
    }
}

impl From<Fraction> for Decimal {
    fn from(fraction: Fraction) -> Self {
        fraction.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_large_totals_are_exact() {
        let whole = u128::MAX;
        let third = Fraction::new(Decimal::new(333_333_333_333_333_333, 18)).unwrap();
        assert_eq!(Fraction::percent(100).unwrap().floor_of(whole), whole);
        assert_eq!(Fraction::percent(0).unwrap().ceil_of(whole), 0);
        assert_eq!(third.ceil_of(whole) - third.floor_of(whole), 1);
        assert_eq!(third.floor_of(10_u128.pow(18)), 333_333_333_333_333_333);
        assert_eq!(third.ceil_of(10_u128.pow(18)), 333_333_333_333_333_333);
    }

    #[test]
    fn any_precision_and_width_prints() {
        let eighth = Fraction::new(Decimal::new(125, 3)).unwrap();
        assert_eq!(
            format!("{eighth} {eighth:.0} {eighth:.1} {eighth:.2} {eighth:>7}"),
            "0.125 0 0.1 0.13   0.125"
        );
        assert_eq!(format!("{eighth:.20}"), format!("0.125{}", "0".repeat(17)));
        assert_eq!(format!("{eighth:.1000}").len(), 1_002);
        assert_eq!(format!("{:.3}", Fraction::ONE), "1.000");
    }

    #[test]
    fn constants_are_what_they_say() {
        let percents =
            [Fraction::ZERO, Fraction::EIGHTY_PERCENT, Fraction::NINETY_FIVE_PERCENT, Fraction::ONE];
        assert_eq!(percents, [0, 80, 95, 100].map(|percent| Fraction::percent(percent).unwrap()));
    }

    #[test]
    fn what_is_no_share_is_refused_by_value() {
        let text = |share| Fraction::new(share).unwrap_err().to_string();
        assert_eq!(
            text(Decimal::new(11, 1)),
            "share must lie in 0..=1 with at most 18 decimal places, got 1.1"
        );
        assert!(text(Decimal::new(-1, 2)).ends_with("got -0.01"));
        assert!(text(Decimal::new(1, 19)).ends_with("got 0.0000000000000000001"));
        assert!(Fraction::percent(101).is_err());
        // Trailing zeros are no decimal places.
        assert!(Fraction::new(Decimal::from_i128_with_scale(10_i128.pow(27), 28)).is_ok());
    }
}
