use crm_history::Summary;
use crm_numbers::{Amount, check};

use crate::Error;

/// History of one customer: frequency `x`, recency `t_x`, age `T`.
///
/// Both times are measured from the customer's first purchase, in one unit; parameters, horizons
/// and discount rates go by the same unit. Recency is the time of the *last* purchase, so that a
/// good customer's recency is near the age: not the time since the last purchase that RFM tables
/// call recency.
///
/// # Examples
///
/// ```
/// use crm_btyd::History;
///
/// // Two repeat purchases, the last 30.43 weeks after the first, seen for 38.86 weeks.
/// let history = History::new(2, 30.43, 38.86)?;
/// assert_eq!(history.age() - history.recency(), 38.86 - 30.43);
///
/// let error = History::new(2, 39.0, 38.86).unwrap_err();
/// assert_eq!(error.to_string(), "recency 39 exceeds age 38.86");
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct History {
    frequency: u32,
    recency: f64,
    age: f64,
}

/// Longest time accepted anywhere, in whatever unit.
pub(crate) const LONGEST: f64 = 1e9;

impl History {
    /// A customer at the moment of the first purchase: what a new customer looks like.
    pub const NEW: History = History { frequency: 0, recency: 0.0, age: 0.0 };

    /// A customer with `frequency` repeat purchases, the last of them `recency` after the first
    /// purchase, observed until `age` after it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless both times lie in 0 ..= 1e9; [`Error::RecencyBeyondAge`];
    /// [`Error::RecencyWithoutRepeat`] unless recency is 0 exactly where frequency is 0.
    pub fn new(frequency: u32, recency: f64, age: f64) -> Result<Self, Error> {
        History { frequency, recency, age }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let History { frequency, recency, age } = self;
        check::range("age", age, 0.0..=LONGEST)?;
        check::range("recency", recency, 0.0..=LONGEST)?;
        if recency > age {
            return Err(Error::RecencyBeyondAge { recency, age });
        }
        if (frequency == 0) != (recency == 0.0) {
            return Err(Error::RecencyWithoutRepeat { frequency, recency });
        }
        // No negative zeros.
        Ok(History { frequency, recency: recency.abs(), age: age.abs() })
    }

    /// The history in a summary, in the summary's unit of time.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new): where the summary's rules keep several orders of one day apart, a
    /// customer may have a repeat purchase at recency 0.
    pub fn from_summary<A: Amount>(summary: &Summary<A>) -> Result<Self, Error> {
        History::new(summary.frequency, summary.recency, summary.age)
    }

    /// Returns the number of repeat purchases, `x`.
    #[must_use]
    pub fn frequency(&self) -> u32 {
        self.frequency
    }

    /// Returns the time from the first to the last purchase, `t_x`.
    #[must_use]
    pub fn recency(&self) -> f64 {
        self.recency
    }

    /// Returns the time from the first purchase to the end of the observation, `T`.
    #[must_use]
    pub fn age(&self) -> f64 {
        self.age
    }

    /// Returns the history after a further time without a purchase.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] where the age then exceeds 1e9.
    pub fn silent_for(&self, time: Horizon) -> Result<Self, Error> {
        History::new(self.frequency, self.recency, self.age + time.get())
    }

    /// The history after a further time that is known to be short enough.
    pub(crate) fn aged(&self, time: f64) -> Self {
        History { age: (self.age + time).min(LONGEST), ..*self }
    }
}

crm_numbers::gate!(History, History::checked);

/// A length of time from now on, in the unit of the histories: 0 ..= 1e9.
///
/// # Examples
///
/// ```
/// use crm_btyd::Horizon;
///
/// assert_eq!(Horizon::new(52.0)?.get(), 52.0);
/// assert!(Horizon::new(-1.0).is_err() && Horizon::new(f64::NAN).is_err());
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "f64", into = "f64"))]
pub struct Horizon(f64);

impl Horizon {
    /// Creates a horizon of this length.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] outside 0 ..= 1e9.
    pub fn new(length: f64) -> Result<Self, Error> {
        Ok(Horizon(check::range("horizon", length, 0.0..=LONGEST)?.abs()))
    }

    /// Returns the length.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Horizon {
    type Error = Error;

    fn try_from(length: f64) -> Result<Self, Error> {
        Horizon::new(length)
    }
}

impl From<Horizon> for f64 {
    fn from(horizon: Horizon) -> f64 {
        horizon.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(frequency: u32, recency: f64, age: f64) -> String {
        History::new(frequency, recency, age).unwrap_err().to_string()
    }

    #[test]
    fn what_no_customer_can_have_done_is_refused_by_name_and_value() {
        assert_eq!(message(1, 2.0, -1.0), "age must be between 0 and 1000000000, got -1");
        assert_eq!(message(1, f64::NAN, 3.0), "recency must be between 0 and 1000000000, got NaN");
        assert_eq!(message(1, 2.0, f64::INFINITY), "age must be between 0 and 1000000000, got inf");
        assert_eq!(message(1, 3.0, 2.0), "recency 3 exceeds age 2");
        assert_eq!(
            message(1, 0.0, 2.0),
            "recency must be 0 exactly where frequency is 0, got frequency 1 and recency 0; \
             recency counts from the first purchase, and orders of one day are one purchase"
        );
        assert!(message(0, 1.0, 2.0).contains("got frequency 0 and recency 1"));
    }

    #[test]
    fn the_last_purchase_may_fall_on_the_last_day_and_a_customer_may_be_new() {
        assert!(History::new(3, 5.0, 5.0).is_ok());
        assert_eq!(History::new(0, 0.0, 0.0), Ok(History::NEW));
        assert!(History::new(0, -0.0, -0.0).unwrap().age().is_sign_positive());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn no_text_makes_a_history_that_the_constructor_refuses() {
        let text = serde_json::to_string(&History::new(1, 2.5, 4.0).unwrap()).unwrap();
        assert_eq!(text, r#"{"frequency":1,"recency":2.5,"age":4.0}"#);
        assert_eq!(serde_json::from_str::<History>(&text).unwrap(), History::new(1, 2.5, 4.0).unwrap());
        assert!(serde_json::from_str::<History>(&text.replace("2.5", "4.5")).is_err());
        assert!(serde_json::from_str::<Horizon>("-1.0").is_err());
    }
}
