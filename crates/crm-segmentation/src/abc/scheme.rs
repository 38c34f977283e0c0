use crm_numbers::{Amount, Decimal, EmptyError, Share, SumUnit, check};

use super::AbcFit;
use super::floors::floors;
use crate::Error;
use crate::column::check_ascending;

/// The name of the class of customers whose amount is zero or less.
pub const NON_POSITIVE: &str = "non-positive";

/// Which class the customer belongs to who takes the running sum over a threshold.
///
/// For amounts 70, 20, 10 and 80 %: the customer with 20 crosses, from 70 to 90. One who lands on
/// the threshold exactly does not cross it, and belongs to the better class under both rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Crossing {
    /// To the better class, which then brings *at least* its share; it is never empty. The default.
    #[default]
    Better,
    /// To the worse class: the better one brings *at most* its share, and is empty when one
    /// customer alone brings more.
    Worse,
}

crm_numbers::names! {
    Crossing, "crossing rule" {
        Better = "better",
        Worse = "worse",
    }
}

/// Thresholds of cumulative value at which the classes end, and the rule for the customer who
/// crosses one.
///
/// k thresholds make k + 1 classes, named A, B, C and so on, and the class [`NON_POSITIVE`].
///
/// # Examples
///
/// ```
/// use crm_segmentation::abc::{Crossing, AbcScheme};
/// use crm_numbers::Share;
///
/// let halves = AbcScheme::new(&[Share::percent(50)?])?.with_crossing(Crossing::Worse);
/// assert_eq!(halves.names(), ["A", "B", "non-positive"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct AbcScheme {
    thresholds: Vec<Share>,
    crossing: Crossing,
}

crm_numbers::gate!(AbcScheme, AbcScheme::checked);

impl AbcScheme {
    /// One letter a class.
    const MAX_THRESHOLDS: usize = 25;

    /// Classes that end at these shares of the whole value, with [`Crossing::Better`].
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there are 1 to 25 thresholds, each strictly between 0 and 1; unless
    /// they ascend.
    pub fn new(thresholds: &[Share]) -> Result<Self, Error> {
        Self { thresholds: thresholds.to_vec(), crossing: Crossing::default() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let thresholds: Vec<Decimal> = self.thresholds.iter().map(|threshold| threshold.get()).collect();
        check::range("number of thresholds", thresholds.len(), 1..=Self::MAX_THRESHOLDS)?;
        let inside = check::strictly_between(Decimal::ZERO, Decimal::ONE);
        check::range_of_all("thresholds", &thresholds, inside)?;
        check_ascending("thresholds", &thresholds)?;
        Ok(self)
    }

    /// Sets the rule for the customer who crosses a threshold.
    #[must_use]
    pub fn with_crossing(self, crossing: Crossing) -> Self {
        Self { crossing, ..self }
    }

    /// Returns the shares of cumulative value at which classes end, ascending.
    #[must_use]
    pub fn thresholds(&self) -> &[Share] {
        &self.thresholds
    }

    /// Returns the rule for the customer who crosses a threshold.
    #[must_use]
    pub fn crossing(&self) -> Crossing {
        self.crossing
    }

    /// Returns the names of the classes: letters from A, then [`NON_POSITIVE`].
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let letters = ('A'..='Z').take(self.thresholds.len() + 1).map(String::from);
        letters.chain([NON_POSITIVE.to_owned()]).collect()
    }

    /// Finds the amounts at which the classes of these customers end.
    ///
    /// Takes O(n): buckets instead of a sort, the customers around each threshold excepted.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without amounts, for amounts that are not finite.
    pub fn fit<T: Amount>(&self, amounts: &[T]) -> Result<AbcFit<T>, Error> {
        if amounts.is_empty() {
            return Err(EmptyError::new("amounts").into());
        }
        let unit = SumUnit::of("amounts", amounts)?;
        AbcFit::new(self.clone(), &floors(amounts, unit, &self.thresholds, self.crossing))
    }
}

/// 80 % and 95 %, [`Crossing::Better`].
impl Default for AbcScheme {
    fn default() -> Self {
        Self {
            thresholds: vec![Share::EIGHTY_PERCENT, Share::NINETY_FIVE_PERCENT],
            crossing: Crossing::Better,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    fn percents(percents: &[u32]) -> Vec<Share> {
        percents.iter().map(|&percent| Share::percent(percent).unwrap()).collect()
    }

    #[test]
    fn any_number_of_thresholds_up_to_the_letters() {
        let all: Vec<Share> = (1..=25).map(|n| Share::new(Decimal::new(n, 2)).unwrap()).collect();
        let scheme = AbcScheme::new(&all).unwrap();
        assert_eq!(scheme.names().len(), 27);
        assert_eq!(scheme.names()[25], "Z");
        assert_eq!(AbcScheme::new(&percents(&[80, 95])).unwrap(), AbcScheme::default());
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |thresholds: &[u32]| AbcScheme::new(&percents(thresholds)).unwrap_err().to_string();
        assert_eq!(text(&[]), "number of thresholds must be between 1 and 25, got 0");
        assert_eq!(text(&[80, 100]), "thresholds[1] must be greater than 0 and less than 1, got 1");
        assert_eq!(text(&[80, 80]), "thresholds[1] must be greater than 0.8, got 0.8");
        assert_eq!(
            AbcScheme::default().fit::<i64>(&[]).unwrap_err().to_string(),
            "amounts must not be empty"
        );
        assert_eq!(
            AbcScheme::default().fit(&[1.0, f64::NAN]).unwrap_err().to_string(),
            "amounts[1] must be finite, got NaN"
        );
    }
}
