use crm_numbers::{InputError, RangeError, TimeUnit, check};

use crate::Error;

/// Discount of later purchases: a continuously compounded rate per unit of time.
///
/// A purchase after time `t` counts exp(-δ t). A yearly rate `d` as people quote it becomes δ =
/// ln(1 + d) / (units per year), so that a year's wait costs the factor 1 / (1 + d), however long
/// the unit.
///
/// A rate as people quote it is the number that is added to 1: 0.10 is 10 %. [`Discount::per_year`]
/// and [`Discount::per_period`] refuse one above 1, which is most often a percentage: 10 for 10 %.
/// Rates above 100 % do exist; [`Discount::continuous`] takes their logarithm.
///
/// Stored as `{"continuous_per_unit":0.0018}`, in the range of [`Discount::continuous`]. A bare
/// number and a number under another name are refused, because they do not say which rate is meant.
///
/// # Examples
///
/// ```
/// use crm_btyd::{Discount, TimeUnit};
///
/// let weekly = Discount::per_year(0.10, TimeUnit::Week)?;
/// let after_a_year = (-weekly.rate() * 365.25 / 7.0).exp();
/// assert!((after_a_year - 1.0 / 1.10).abs() < 1e-12);
///
/// let refused = Discount::per_year(10.0, TimeUnit::Week).unwrap_err();
/// let text = "yearly discount rate must be between 0 and 1, got 10; write 0.1 for 10 %";
/// assert_eq!(refused.to_string(), text);
/// let tripled = Discount::continuous(2.0_f64.ln_1p() / TimeUnit::Week.per_year())?; // 200 % per year
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Discount {
    continuous_per_unit: f64,
}

impl Discount {
    /// No discount: a later purchase is worth as much.
    pub const NONE: Discount = Discount { continuous_per_unit: 0.0 };

    /// A rate `δ` per unit of time, continuously compounded.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] outside 0 ..= 1e6.
    pub fn continuous(rate: f64) -> Result<Self, Error> {
        Discount { continuous_per_unit: rate }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let rate = check::range("discount rate", self.continuous_per_unit, 0.0..=1e6)?;
        // No negative zero.
        Ok(Discount { continuous_per_unit: rate.abs() })
    }

    /// A rate per year (0.10 for ten percent) for times in that unit.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] outside 0 ..= 1.
    pub fn per_year(rate: f64, unit: TimeUnit) -> Result<Self, Error> {
        let rate = quoted("yearly discount rate", rate)?;
        Discount::continuous(rate.ln_1p() / unit.per_year())
    }

    /// A rate per unit of time as people quote it (0.10 for ten percent): a wait of one unit costs
    /// the factor 1 / (1 + rate).
    ///
    /// # Errors
    ///
    /// [`Error::Input`] outside 0 ..= 1.
    pub fn per_period(rate: f64) -> Result<Self, Error> {
        let rate = quoted("discount rate", rate)?;
        Discount::continuous(rate.ln_1p())
    }

    /// Returns the continuously compounded rate per unit of time.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.continuous_per_unit
    }

    /// The rate, where it makes a sum over all time finite.
    pub(crate) fn perpetual(self) -> Result<f64, Error> {
        Ok(check::range("discount rate", self.continuous_per_unit, 1e-9..)?)
    }
}

/// A rate as people quote it.
fn quoted(name: &'static str, value: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    let refused = RangeError::new(name, value, 0.0..=1.0).with_hint("write 0.1 for 10 %");
    Err(InputError::from(refused).into())
}

crm_numbers::gate!(Discount, Discount::checked);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_below_zero_and_no_rates_are_refused() {
        let error = Discount::per_year(-0.1, TimeUnit::Day).unwrap_err().to_string();
        assert_eq!(error, "yearly discount rate must be between 0 and 1, got -0.1; write 0.1 for 10 %");
        assert!(Discount::continuous(f64::NAN).is_err());
        assert!(Discount::per_period(f64::NAN).is_err() && Discount::per_period(f64::INFINITY).is_err());
        assert_eq!(Discount::per_year(0.0, TimeUnit::Day), Ok(Discount::NONE));
    }

    #[test]
    fn a_percentage_is_not_taken_for_a_rate() {
        for percent in [1.0 + f64::EPSILON, 10.0, 1e3] {
            let text = Discount::per_period(percent).unwrap_err().to_string();
            let expected =
                format!("discount rate must be between 0 and 1, got {percent}; write 0.1 for 10 %");
            assert_eq!(text, expected);
            assert!(Discount::per_year(percent, TimeUnit::Month).is_err());
            // Who says that it is a rate may have it.
            assert!(Discount::continuous(percent.ln_1p()).is_ok());
        }
        assert_eq!(Discount::per_period(1.0).unwrap().rate().to_bits(), 2.0_f64.ln().to_bits());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_stored_rate_says_that_it_is_the_continuous_one() {
        let read = |text: &str| serde_json::from_str::<Discount>(text);
        for rate in [0.0, 0.0625, 2.5, 1e6] {
            let discount = Discount::continuous(rate).unwrap();
            let text = serde_json::to_string(&discount).unwrap();
            assert_eq!(text, format!(r#"{{"continuous_per_unit":{rate:?}}}"#));
            assert_eq!(read(&text).unwrap(), discount);
            assert_eq!(serde_json::from_reader::<_, Discount>(text.as_bytes()).unwrap(), discount);
        }
        // The range is that of the constructor.
        for (rate, ok) in
            [("1e6", true), ("1000000.1", false), ("-0.1", false), ("-0.0", true), ("null", false)]
        {
            assert_eq!(read(&format!(r#"{{"continuous_per_unit":{rate}}}"#)).is_ok(), ok, "{rate}");
        }
        let negative = read(r#"{"continuous_per_unit":-0.1}"#).unwrap_err().to_string();
        assert!(negative.starts_with("discount rate must be between 0 and 1000000, got -0.1"), "{negative}");
        assert!(read(r#"{"continuous_per_unit":-0.0}"#).unwrap().rate().is_sign_positive());
        // A rate as people quote it does not come in by this way, a percentage least of all.
        for other in [
            "10",
            "0.1",
            r#"{"per_year":10}"#,
            r#"{"per_period":0.1}"#,
            r#"{"rate":10}"#,
            r#"{"continuous_per_unit":0.1,"per_year":10}"#,
            "{}",
        ] {
            assert!(read(other).is_err(), "{other}");
        }
    }
}
