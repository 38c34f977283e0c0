use std::fmt;

use crm_numbers::{OverflowError, check};
use crm_statistics::Proportion;

use crate::error::Error;

/// Counts of customers at the start of a period, lost and acquired: churn and retention of
/// customers (logos).
///
/// # Formula
///
/// `churn = lost / opening`, `retention = 1 - churn`, `closing = opening - lost + won`.
///
/// `opening` and `closing` are the numbers of customers at the start and at the end of the period,
/// `lost` those of the start who left, and `won` those of the end who were not there at the start:
/// new, or returned after a pause. They are part of neither rate, nor are customers who came and
/// left within the period.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::retention::Logos;
/// use crm_numbers::Level;
/// use crm_statistics::ProportionMethod;
///
/// let month = Logos::new(400, 12, 30)?;
/// assert_eq!((month.kept(), month.closing()), (388, 418));
/// let churn = month.churn().unwrap();
/// assert_eq!(churn.estimate(), 0.03);
/// assert_eq!(churn.interval(ProportionMethod::Wilson, Level::default()).to_string(), "0.0300 (0.0172 to 0.0517, 95 %)");
/// // Twelve such months lose 31 %, not 36 %.
/// assert!((1.0 - month.retention_over(12).unwrap() - 0.3062).abs() < 1e-4);
/// assert_eq!(Logos::new(0, 0, 5)?.churn(), None);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Logos {
    opening: u64,
    lost: u64,
    new: u64,
    #[cfg_attr(feature = "serde", serde(default))]
    returned: u64,
}

crm_numbers::gate!(Logos, Logos::checked);

impl Logos {
    /// Creates counts from the customers at the start of the period, those of them who are lost at
    /// its end, and those at its end who were not there at its start, all of them taken as new.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for more lost customers than there were, or for more customers than can be
    /// counted.
    pub fn new(opening: u64, lost: u64, new: u64) -> Result<Self, Error> {
        Self { opening, lost, new, returned: 0 }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let Self { opening, lost, new, returned } = self;
        check::range("lost customers", lost, ..=opening)?;
        let closing = (opening - lost).checked_add(new).and_then(|sum| sum.checked_add(returned));
        let about = (opening - lost) as f64 + new as f64 + returned as f64;
        closing.ok_or_else(|| OverflowError::new("customers at the end", about))?;
        Ok(self)
    }

    /// Returns the counts with `returned` of the acquired customers known to have been customers
    /// before.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for more than were acquired.
    pub fn with_returned(self, returned: u64) -> Result<Self, Error> {
        let won = self.new + self.returned;
        check::range("returned customers", returned, ..=won)?;
        Ok(Self { new: won - returned, returned, ..self })
    }

    /// Returns the number of customers at the start.
    #[must_use]
    pub fn opening(self) -> u64 {
        self.opening
    }

    /// Returns the number of them who were lost.
    #[must_use]
    pub fn lost(self) -> u64 {
        self.lost
    }

    /// Returns the number of customers at the end who were not there at the start, new or returned.
    #[must_use]
    pub fn won(self) -> u64 {
        self.new + self.returned
    }

    /// Returns the number of acquired customers who are not known to have been customers before.
    #[must_use]
    pub fn new_customers(self) -> u64 {
        self.new
    }

    /// Returns the number of acquired customers who had been customers before, left and came back.
    #[must_use]
    pub fn returned(self) -> u64 {
        self.returned
    }

    /// Returns the number of customers at the start who were still there at the end.
    #[must_use]
    pub fn kept(self) -> u64 {
        self.opening - self.lost
    }

    /// Returns the number of customers at the end.
    #[must_use]
    pub fn closing(self) -> u64 {
        self.kept() + self.won()
    }

    /// Returns the share of customers lost; `None` without customers at the start. Its interval is
    /// that of any [`Proportion`].
    #[must_use]
    pub fn churn(self) -> Option<Proportion> {
        Proportion::new(self.lost, self.opening).ok()
    }

    /// Returns the share of customers kept; `None` without customers at the start.
    #[must_use]
    pub fn retention(self) -> Option<Proportion> {
        Proportion::new(self.kept(), self.opening).ok()
    }

    /// Returns the share kept over a number of such periods in a row: `retention^periods`.
    #[must_use]
    pub fn retention_over(self, periods: u32) -> Option<f64> {
        self.retention().map(|retention| retention.estimate().powf(f64::from(periods)))
    }
}

impl fmt::Display for Logos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} - {} + {}", self.opening, self.lost, self.new_customers())?;
        if self.returned > 0 {
            write!(f, " + {} back", self.returned)?;
        }
        write!(f, " = {} customers", self.closing())?;
        match self.churn() {
            Some(churn) => write!(f, ", churn {:.1} %", churn.estimate() * 100.0),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_that_cannot_be_are_refused() {
        assert_eq!(Logos::new(3, 4, 0).unwrap_err().to_string(), "lost customers must be at most 3, got 4");
        assert_eq!(
            Logos::new(u64::MAX, 0, 1).unwrap_err().to_string(),
            "customers at the end, about 1.8446744073709552e19, is too large or too fine for its type"
        );
    }

    #[test]
    fn reads_as_a_sum() {
        assert_eq!(Logos::new(8, 2, 1).unwrap().to_string(), "8 - 2 + 1 = 7 customers, churn 25.0 %");
        assert_eq!(Logos::new(0, 0, 1).unwrap().to_string(), "0 - 0 + 1 = 1 customers");
        assert_eq!(Logos::new(0, 0, 1).unwrap().retention_over(12), None);
    }
}
