use crm_numbers::{Amount, Share, SumUnit};

use super::Fitted;
use super::floors::floors;
use crate::Error;

/// The name of the class of customers whose amount is zero or less.
pub const NON_POSITIVE: &str = "non-positive";

/// Which class the customer belongs to who takes the running sum over a threshold.
///
/// For amounts 70, 20, 10 and 80 %: the customer with 20 crosses, from 70 to 90. One who lands on the threshold exactly
/// does not cross it, and belongs to the better class under both rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Crossing {
    /// To the better class, which then brings *at least* its share; it is never empty. The default.
    #[default]
    Better,
    /// To the worse class: the better one brings *at most* its share, and is empty when one customer alone brings more.
    Worse,
}

/// Where the classes end: thresholds of cumulative value, and the rule for who crosses one.
///
/// k thresholds make k + 1 classes, named A, B, C and so on, and the class [`NON_POSITIVE`].
///
/// ```
/// use crm_segmentation::abc::{Crossing, Scheme};
/// use crm_numbers::Share;
///
/// let halves = Scheme::new(&[Share::percent(50)?])?.with_crossing(Crossing::Worse);
/// assert_eq!(halves.names(), ["A", "B", "non-positive"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Stored", into = "Stored"))]
pub struct Scheme {
    thresholds: Vec<Share>,
    crossing: Crossing,
}

impl Scheme {
    /// One letter a class.
    const MAX_THRESHOLDS: usize = 25;

    /// Classes that end at these shares of the whole value, with [`Crossing::Better`].
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless there are 1 to 25 thresholds, each strictly between 0 and 1; [`Error::Order`] unless
    /// they ascend.
    pub fn new(thresholds: &[Share]) -> Result<Self, Error> {
        if !(1..=Self::MAX_THRESHOLDS).contains(&thresholds.len()) {
            let allowed = format!("be 1 to {}", Self::MAX_THRESHOLDS);
            let value = thresholds.len().to_string();
            return Err(Error::OutOfRange { field: "number of thresholds", allowed, value });
        }
        let ends = [Share::ZERO, Share::ONE];
        if let Some(end) = thresholds.iter().find(|threshold| ends.contains(threshold)) {
            let allowed = "lie strictly between 0 and 1".to_owned();
            return Err(Error::OutOfRange { field: "thresholds", allowed, value: end.to_string() });
        }
        for ((previous, value), position) in thresholds.iter().zip(thresholds.iter().skip(1)).zip(1..) {
            if value <= previous {
                let (value, previous) = (value.to_string(), previous.to_string());
                return Err(Error::Order { field: "thresholds", order: "ascend", value, previous, position });
            }
        }
        Ok(Self { thresholds: thresholds.to_vec(), crossing: Crossing::default() })
    }

    /// The same thresholds under another rule for the customer who crosses one.
    #[must_use]
    pub fn with_crossing(self, crossing: Crossing) -> Self {
        Self { crossing, ..self }
    }

    /// The shares of cumulative value at which classes end, ascending.
    #[must_use]
    pub fn thresholds(&self) -> &[Share] {
        &self.thresholds
    }

    /// The rule for the customer who crosses a threshold.
    #[must_use]
    pub fn crossing(&self) -> Crossing {
        self.crossing
    }

    /// The names of the classes: letters from A, then [`NON_POSITIVE`].
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
    /// [`Error::Empty`] without amounts, [`Error::NotFinite`].
    pub fn fit<T: Amount>(&self, amounts: &[T]) -> Result<Fitted<T>, Error> {
        if amounts.is_empty() {
            return Err(Error::Empty { field: "amounts" });
        }
        let unit = SumUnit::of("amounts", amounts).map_err(Error::from)?;
        Fitted::new(self.clone(), &floors(amounts, unit, &self.thresholds, self.crossing))
    }
}

/// 80 % and 95 %, [`Crossing::Better`].
impl Default for Scheme {
    fn default() -> Self {
        Self {
            thresholds: vec![Share::EIGHTY_PERCENT, Share::NINETY_FIVE_PERCENT],
            crossing: Crossing::Better,
        }
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    thresholds: Vec<Share>,
    crossing: Crossing,
}

#[cfg(feature = "serde")]
impl TryFrom<Stored> for Scheme {
    type Error = Error;

    fn try_from(stored: Stored) -> Result<Self, Error> {
        Ok(Self::new(&stored.thresholds)?.with_crossing(stored.crossing))
    }
}

#[cfg(feature = "serde")]
impl From<Scheme> for Stored {
    fn from(scheme: Scheme) -> Self {
        Self { thresholds: scheme.thresholds, crossing: scheme.crossing }
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
        let scheme = Scheme::new(&all).unwrap();
        assert_eq!(scheme.names().len(), 27);
        assert_eq!(scheme.names()[25], "Z");
        assert_eq!(Scheme::new(&percents(&[80, 95])).unwrap(), Scheme::default());
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |thresholds: &[u32]| Scheme::new(&percents(thresholds)).unwrap_err().to_string();
        assert_eq!(text(&[]), "number of thresholds must be 1 to 25, got 0");
        assert_eq!(text(&[80, 100]), "thresholds must lie strictly between 0 and 1, got 1");
        assert_eq!(text(&[80, 80]), "thresholds must ascend, got 0.8 after 0.8 at position 1");
        assert_eq!(
            Scheme::default().fit::<i64>(&[]).unwrap_err().to_string(),
            "amounts must hold at least one value, got 0"
        );
        assert_eq!(
            Scheme::default().fit(&[1.0, f64::NAN]).unwrap_err().to_string(),
            "amounts must be finite, got NaN at position 1"
        );
    }
}
