use crm_numbers::Level;
use crm_numbers::check;

use crate::error::Error;

/// Returns the number of customers per arm that a test at a level needs to distinguish two rates
/// with a given power.
///
/// # Formula
///
/// `n = (z_a sqrt(2 p q) + z_b sqrt(p1 q1 + p2 q2))^2 / (p1 - p2)^2`, rounded up.
///
/// `p1` and `p2` are the two rates, in 0..=1, `p` is their mean, and `q = 1 - p` for each; `z_a` is
/// the two-sided quantile of the level and `z_b` the one-sided quantile of the power.
///
/// # Errors
///
/// [`Error::Input`] for rates outside 0..=1, a power outside 0.5..1, or rates so close that the
/// result cannot be counted; [`Error::NoDifference`] for equal rates.
///
/// # References
///
/// Fleiss, J. L., Levin, B. and Paik, M. C. (2003), "Statistical Methods for Rates and
/// Proportions", third edition, equation 4.14.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::trial::customers_for_rates;
/// use crm_numbers::Level;
///
/// assert_eq!(customers_for_rates(0.5, 0.6, Level::default(), 0.8)?, 388);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
pub fn customers_for_rates(control: f64, treated: f64, level: Level, power: f64) -> Result<u64, Error> {
    for rate in [control, treated] {
        check::range("rate", rate, 0.0..=1.0)?;
    }
    let difference = (treated - control).abs();
    if difference <= 0.0 {
        return Err(Error::NoDifference { rate: control });
    }
    let (z_a, z_b) = (level.z(), one_sided(power)?);
    let spread = |rate: f64| rate * (1.0 - rate);
    let alike = z_a * (2.0 * spread((control + treated) / 2.0)).sqrt();
    let apart = z_b * (spread(control) + spread(treated)).sqrt();
    counted((alike + apart) / difference, 0.0)
}

/// Returns the number of customers per arm that a test at a level needs to detect a difference
/// between two means with a given power, given the standard deviation between customers.
///
/// # Formula
///
/// `n = 2 (z_a + z_b)^2 (deviation / difference)^2 + z_a^2 / 4`, rounded up.
///
/// `deviation` and `difference` are in currency units; `z_a` is the two-sided quantile of the level
/// and `z_b` the one-sided quantile of the power.
///
/// # Errors
///
/// [`Error::Input`] unless deviation and difference are above 0 and at most 1e100, for a power
/// outside 0.5..1, and if the result cannot be counted.
///
/// # References
///
/// Guenther, W. C. (1981), "Sample Size Formulas for Normal Theory T Tests", The American
/// Statistician 35, 243-244.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::trial::customers_for_spend;
/// use crm_numbers::Level;
///
/// // Half a standard deviation: 64 in each arm, as in every table of power.
/// assert_eq!(customers_for_spend(10.0, 5.0, Level::default(), 0.8)?, 64);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
pub fn customers_for_spend(deviation: f64, difference: f64, level: Level, power: f64) -> Result<u64, Error> {
    for (field, value) in [("standard deviation", deviation), ("difference", difference)] {
        check::range(field, value, check::above_to(0.0, 1e100))?;
    }
    let (z_a, z_b) = (level.z(), one_sided(power)?);
    counted(std::f64::consts::SQRT_2 * (z_a + z_b) * (deviation / difference), z_a * z_a / 4.0)
}

/// Returns the quantile of the standard normal distribution at a probability of at least one half.
fn one_sided(power: f64) -> Result<f64, Error> {
    check::range("power", power, 0.5..1.0)?;
    if power.to_bits() == 0.5_f64.to_bits() {
        return Ok(0.0);
    }
    Ok(Level::new(2.0 * power - 1.0)?.z())
}

fn counted(root: f64, more: f64) -> Result<u64, Error> {
    const MOST: f64 = 1e18;
    // A number that is whole up to rounding is that whole number; an arm of a test of means needs
    // two customers.
    const ROUNDING: f64 = 1e-9;
    let customers = (root * root + more) * (1.0 - ROUNDING);
    check::range("customers per arm", customers, ..=MOST)?;
    Ok((customers.ceil() as u64).max(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_power_and_more_certainty_take_more_customers() {
        let of = |level, power| customers_for_rates(0.1, 0.12, Level::new(level).unwrap(), power).unwrap();
        assert!(of(0.95, 0.5) < of(0.95, 0.8) && of(0.95, 0.8) < of(0.95, 0.9));
        assert!(of(0.9, 0.8) < of(0.95, 0.8));
        assert_eq!(customers_for_rates(0.0, 1.0, Level::default(), 0.8).unwrap(), 2);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |control, treated, power| {
            customers_for_rates(control, treated, Level::default(), power).unwrap_err().to_string()
        };
        assert_eq!(text(-0.1, 0.2, 0.8), "rate must be between 0 and 1, got -0.1");
        assert_eq!(text(0.2, 0.2, 0.8), "the rates to tell apart are both 0.2");
        assert_eq!(text(0.1, 0.2, 1.0), "power must be at least 0.5 and less than 1, got 1");
        assert_eq!(text(0.1, 0.2, 0.3), "power must be at least 0.5 and less than 1, got 0.3");
        assert!(text(0.5, 0.5 + 1e-12, 0.8).starts_with("customers per arm must be at most 1e18, got 3.9"));
        let text = |deviation, difference| {
            customers_for_spend(deviation, difference, Level::default(), 0.8).unwrap_err().to_string()
        };
        assert_eq!(text(0.0, 1.0), "standard deviation must be greater than 0 and at most 1e100, got 0");
        assert_eq!(text(1.0, f64::NAN), "difference must be greater than 0 and at most 1e100, got NaN");
    }
}
