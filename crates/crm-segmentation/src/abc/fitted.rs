#![allow(clippy::indexing_slicing, reason = "ranges of rows lie within their columns")]

use std::fmt;

use crm_numbers::{Amount, RangeError, check};

use super::{AbcScheme, NON_POSITIVE};
use crate::column::{check_finite, codes};
use crate::{Assignments, Error};

/// A fitted ABC classification: the smallest amount of every class but the last.
///
/// Applied to the amounts it was fitted to it gives the classes that the thresholds define; applied
/// to later amounts it judges them by the same cut values.
///
/// # Examples
///
/// ```
/// use crm_segmentation::abc::{AbcFit, AbcScheme};
///
/// // Contract: A customers buy for at least 1000, B customers for at least 250.
/// let fitted = AbcFit::new(AbcScheme::default(), &[Some(1000), Some(250)])?;
/// let classes = fitted.assign(&[1000, 999, 10, 0])?;
/// assert_eq!((0..4).map(|i| classes.name(i).unwrap()).collect::<Vec<_>>(), ["A", "B", "C", "non-positive"]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
#[cfg_attr(feature = "serde", serde(bound(serialize = "T: Amount + serde::Serialize")))]
#[cfg_attr(feature = "serde", serde(bound(deserialize = "T: Amount + serde::Deserialize<'de>")))]
pub struct AbcFit<T> {
    scheme: AbcScheme,
    floors: Vec<Option<T>>,
}

crm_numbers::gate!(AbcFit<T: Amount>, AbcFit::checked);

crm_numbers::debug!(AbcFit<T> { scheme, floors });

impl<T: Amount> AbcFit<T> {
    /// Creates the classes from given cut values: for each threshold the smallest amount within it,
    /// `None` for a class without customers.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is one for each threshold; for one that is not positive and
    /// finite; for one above the one before it, or missing after one that is there.
    pub fn new(scheme: AbcScheme, floors: &[Option<T>]) -> Result<Self, Error> {
        Self { scheme, floors: floors.to_vec() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        const FIELD: &str = "floors";
        let floors = &self.floors;
        check::length(FIELD, floors.len(), self.scheme.thresholds().len())?;
        for (index, floor) in floors.iter().enumerate() {
            if let Some(floor) = floor.filter(|floor| !floor.is_finite() || *floor <= T::ZERO) {
                let error = RangeError::new(FIELD, floor.to_f64(), check::above(0.0)).at(index);
                return Err(error.into());
            }
        }
        for ((previous, value), position) in floors.iter().zip(floors.iter().skip(1)).zip(1..) {
            match (previous, value) {
                (Some(previous), Some(value)) if value > previous => {
                    let error = RangeError::new(FIELD, value.to_f64(), ..=previous.to_f64()).at(position);
                    return Err(error.into());
                }
                (Some(_), None) => return Err(Error::MissingFloor { index: position }),
                _ => {}
            }
        }
        Ok(self)
    }

    /// Returns the scheme that was fitted.
    #[must_use]
    pub fn scheme(&self) -> &AbcScheme {
        &self.scheme
    }

    /// Returns the smallest amount within each threshold, from the best class on; `None` for a
    /// class without customers.
    #[must_use]
    pub fn floors(&self) -> &[Option<T>] {
        &self.floors
    }

    /// Returns the class of one amount, and the cut values that put it there.
    #[must_use]
    pub fn reason(&self, amount: T) -> ClassReason<T> {
        if amount <= T::ZERO {
            return ClassReason { class: NON_POSITIVE.to_owned(), at_least: None, below: None };
        }
        let class = self.floors.iter().filter(|floor| floor.is_none_or(|floor| amount < floor)).count();
        self.reason_of(class)
    }

    /// The class with a number, counted from the best, and its cut values.
    fn reason_of(&self, class: usize) -> ClassReason<T> {
        ClassReason {
            class: self.scheme.names()[class].clone(),
            at_least: self.floors.get(class).copied().flatten(),
            below: class.checked_sub(1).and_then(|better| self.floors.get(better).copied().flatten()),
        }
    }

    /// Describes the amounts of each class in words.
    fn reasons(&self) -> Vec<String> {
        let classes = (0..=self.floors.len()).map(|class| self.reason_of(class).bounds());
        let words = |bounds: String| if bounds.is_empty() { "any amount".to_owned() } else { bounds };
        classes.map(words).chain(["0 or less".to_owned()]).collect()
    }

    /// Assigns every customer to a class.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for amounts that are not finite.
    pub fn assign(&self, amounts: &[T]) -> Result<Assignments, Error> {
        check_finite("amounts", amounts)?;
        let non_positive = self.floors.len() as u32 + 1;
        // A class without customers has no cut value: every amount misses it.
        let empty = self.floors.iter().filter(|floor| floor.is_none()).count() as u32;
        let class = |amount: T| {
            let missed =
                self.floors.iter().flatten().map(|floor| u32::from(amount < *floor)).sum::<u32>() + empty;
            if amount > T::ZERO { missed } else { non_positive }
        };
        let codes = codes(amounts.len(), |range, codes| {
            for (code, &amount) in codes.iter_mut().zip(&amounts[range]) {
                *code = class(amount);
            }
        });
        Ok(Assignments::trusted(self.scheme.names(), codes).because(self.reasons()))
    }
}

/// The class of an amount, with the cut values that decide it.
#[derive(Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ClassReason<T> {
    /// The class.
    pub class: String,
    /// The smallest amount of the class; `None` for the last class and for [`NON_POSITIVE`].
    pub at_least: Option<T>,
    /// The smallest amount of the better class, which this one does not reach; `None` for the best.
    pub below: Option<T>,
}

crm_numbers::debug!(ClassReason<T> { class, at_least, below });

impl<T: fmt::Display> ClassReason<T> {
    /// The cut values in words, empty where there are none.
    fn bounds(&self) -> String {
        match (&self.at_least, &self.below) {
            (Some(at_least), Some(below)) => format!("at least {at_least}, below {below}"),
            (Some(at_least), None) => format!("at least {at_least}"),
            (None, Some(below)) => format!("below {below}"),
            (None, None) => String::new(),
        }
    }
}

impl<T: fmt::Display> fmt::Display for ClassReason<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bounds = self.bounds();
        let colon = if bounds.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{bounds}", self.class)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Crossing;
    use super::*;
    use crm_numbers::Share;
    use rust_decimal::Decimal;

    fn classes<T: Amount>(scheme: &AbcScheme, amounts: &[T]) -> Vec<String> {
        let found = scheme.fit(amounts).unwrap().assign(amounts).unwrap();
        (0..amounts.len()).map(|i| found.name(i).unwrap().to_owned()).collect()
    }

    fn worse() -> AbcScheme {
        AbcScheme::default().with_crossing(Crossing::Worse)
    }

    #[test]
    fn the_one_who_crosses_follows_the_rule() {
        let amounts = [70, 20, 10];
        assert_eq!(classes(&AbcScheme::default(), &amounts), ["A", "A", "B"]);
        assert_eq!(classes(&worse(), &amounts), ["A", "B", "C"]);
    }

    #[test]
    fn landing_on_the_threshold_is_not_crossing_it() {
        let amounts = [80, 15, 5];
        assert_eq!(classes(&AbcScheme::default(), &amounts), ["A", "B", "C"]);
        assert_eq!(classes(&worse(), &amounts), ["A", "B", "C"]);
    }

    #[test]
    fn no_rounding_moves_a_boundary() {
        // Four times the f64 nearest to 0.1 is the f64 nearest to 0.4: the first two bring 80 % to
        // the last bit.
        assert_eq!(classes(&worse(), &[0.1, 0.4, 0.1, 0.4]), ["C", "A", "C", "A"]);
        let dimes = ["0.40", "0.400", "0.15", "0.05"].map(|text| text.parse::<Decimal>().unwrap());
        assert_eq!(classes(&worse(), &dimes), ["A", "A", "B", "C"]);
        // One cent more or less decides, however large the sums.
        let large = 8_000_000_000_000_000_000_i64;
        assert_eq!(classes(&worse(), &[large, large / 8, large / 8]), ["A", "C", "C"]);
        assert_eq!(classes(&worse(), &[large + 1, large / 8, large / 8]), ["B", "C", "C"]);
    }

    #[test]
    fn ties_are_taken_together() {
        // Three with 30: the first two are within 80 %, the three together are not.
        assert_eq!(classes(&worse(), &[30, 30, 30, 10]), ["B", "B", "B", "C"]);
        assert_eq!(classes(&AbcScheme::default(), &[30, 30, 30, 10]), ["A", "A", "A", "B"]);
    }

    #[test]
    fn one_customer_with_everything() {
        assert_eq!(classes(&AbcScheme::default(), &[5, 0, -5]), ["A", "non-positive", "non-positive"]);
        assert_eq!(classes(&worse(), &[5, 0, -5]), ["C", "non-positive", "non-positive"]);
        assert_eq!(worse().fit(&[5]).unwrap().floors(), [None, None]);
        assert_eq!(AbcScheme::default().fit(&[-5]).unwrap().floors(), [None, None]);
    }

    #[test]
    fn an_empty_class_between_shares_its_cut_value() {
        let fitted = AbcScheme::default().fit(&[97, 2, 1]).unwrap();
        assert_eq!(fitted.floors(), [Some(97), Some(97)]);
        assert_eq!(fitted.assign(&[97, 96, 1]).unwrap().codes(), [0, 2, 2]);
    }

    #[test]
    fn the_reason_names_the_cut_values() {
        let fitted = AbcFit::new(AbcScheme::default(), &[Some(100), Some(20)]).unwrap();
        let text = |amount| fitted.reason(amount).to_string();
        assert_eq!(
            [100, 99, 19, 0].map(text),
            ["A: at least 100", "B: at least 20, below 100", "C: below 20", "non-positive"]
        );
        let nobody_in_a = AbcFit::new(AbcScheme::default(), &[None, Some(20)]).unwrap();
        assert_eq!(nobody_in_a.reason(1000).to_string(), "B: at least 20");
    }

    #[test]
    fn cut_values_that_make_no_classes_are_refused() {
        let text =
            |floors: &[Option<i64>]| AbcFit::new(AbcScheme::default(), floors).unwrap_err().to_string();
        assert_eq!(text(&[Some(1)]), "expected 2 floors, got 1");
        assert_eq!(text(&[Some(1), Some(0)]), "floors[1] must be greater than 0, got 0");
        assert_eq!(text(&[Some(1), Some(2)]), "floors[1] must be at most 1, got 2");
        assert_eq!(
            text(&[Some(1), None]),
            "floors[1] must be given, because the floor of the class before it is"
        );
    }

    #[test]
    fn many_classes() {
        let tenths: Vec<Share> = (1..10).map(|n| Share::percent(n * 10).unwrap()).collect();
        let scheme = AbcScheme::new(&tenths).unwrap();
        assert_eq!(classes(&scheme, &[1; 10]), ["A"; 10]);
        let falling: Vec<i64> = (0..10).map(|n| 1000 - n).collect();
        assert_eq!(classes(&scheme, &falling).concat(), "ABCDEFGHIJ");
    }
}
