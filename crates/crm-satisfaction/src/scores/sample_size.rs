use crm_numbers::{InputError, Level, check};
use crm_statistics::distribution::normal_quantile;

use crate::Error;

/// Returns the number of answers for a mean with a given half-width of its interval.
///
/// `deviation` is the standard deviation of one answer, from an earlier survey; both are in points
/// of the scale.
///
/// # Formula
///
/// `n = (z deviation / half_width)^2`, rounded up
///
/// # Errors
///
/// [`InputError::Range`] unless both are positive and finite, and for a sample size above 10^15.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::Level;
/// use crm_satisfaction::scores::sample_size;
///
/// // (1.96 x 1.2 / 0.1)^2 = 553.2
/// assert_eq!(sample_size(1.2, 0.1, Level::default())?, 554);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn sample_size(deviation: f64, half_width: f64, level: Level) -> Result<u64, Error> {
    check::range("deviation", deviation, check::above(0.0))?;
    check::range("half-width", half_width, check::above(0.0))?;
    Ok(rounded_up((level.z() * deviation / half_width).powi(2))?)
}

/// Returns the number of answers for a share (CSAT) with a given half-width of its interval; a
/// share of 0.5 needs the most.
///
/// # Errors
///
/// [`InputError::Range`] unless the share is greater than 0 and less than 1, and the errors of
/// [`sample_size`].
///
/// # Examples
///
/// ```
/// use crm_satisfaction::Level;
/// use crm_satisfaction::scores::sample_size_of_share;
///
/// // The well-known 385 for five points either way.
/// assert_eq!(sample_size_of_share(0.5, 0.05, Level::default())?, 385);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn sample_size_of_share(share: f64, half_width: f64, level: Level) -> Result<u64, Error> {
    check::range("share", share, check::strictly_between(0.0, 1.0))?;
    sample_size((share * (1.0 - share)).sqrt(), half_width, level)
}

/// Returns the number of answers for a net promoter score with a given half-width in points, from
/// the expected shares of promoters and detractors.
///
/// # Errors
///
/// [`InputError::Range`] unless both shares are at least 0 and their sum is positive and at most 1,
/// and the errors of [`sample_size`].
///
/// # Examples
///
/// ```
/// use crm_satisfaction::Level;
/// use crm_satisfaction::scores::sample_size_of_nps;
///
/// // Half promoters, half detractors is the worst case: (1.96 x 100 / 10)^2 = 384.1.
/// assert_eq!(sample_size_of_nps(0.5, 0.5, 10.0, Level::default())?, 385);
/// // With 50 % and 20 % the variance is 0.7 - 0.3^2 = 0.61.
/// assert_eq!(sample_size_of_nps(0.5, 0.2, 10.0, Level::default())?, 235);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn sample_size_of_nps(
    promoters: f64,
    detractors: f64,
    half_width: f64,
    level: Level,
) -> Result<u64, Error> {
    check::range("share of promoters", promoters, 0.0..=1.0)?;
    check::range("share of detractors", detractors, 0.0..=1.0)?;
    let decided = promoters + detractors;
    check::range("share of promoters and detractors", decided, check::above_to(0.0, 1.0))?;
    let variance = decided - (promoters - detractors).powi(2);
    sample_size(100.0 * variance.max(0.0).sqrt(), half_width, level)
}

/// Returns the number of answers that each of two waves needs for a test that finds a difference of
/// this size with probability `power`.
///
/// # Formula
///
/// `n = (z_level + z_power)^2 2 deviation^2 / difference^2`, rounded up
///
/// # Errors
///
/// [`InputError::Range`] unless deviation and difference are positive and finite and the power is
/// at least 0.5 and less than 1, and for a sample size above 10^15.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::Level;
/// use crm_satisfaction::scores::sample_size_of_change;
///
/// // Half a standard deviation with a power of 80 %: (1.96 + 0.8416)^2 x 2 / 0.25 = 62.8.
/// assert_eq!(sample_size_of_change(1.0, 0.5, 0.8, Level::default())?, 63);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn sample_size_of_change(
    deviation: f64,
    difference: f64,
    power: f64,
    level: Level,
) -> Result<u64, Error> {
    check::range("deviation", deviation, check::above(0.0))?;
    check::range("difference", difference, check::above(0.0))?;
    check::range("power", power, 0.5..1.0)?;
    let distance = level.z() + normal_quantile(power)?;
    Ok(rounded_up(2.0 * (distance * deviation / difference).powi(2))?)
}

fn rounded_up(size: f64) -> Result<u64, InputError> {
    let size = check::range("sample size", size, ..=1e15)?;
    Ok(size.ceil().max(1.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_that_cannot_be_met_are_refused() {
        let level = Level::default();
        let text = |result: Result<u64, Error>| result.unwrap_err().to_string();
        assert_eq!(text(sample_size(0.0, 1.0, level)), "deviation must be greater than 0, got 0");
        assert_eq!(
            text(sample_size(1.0, f64::NAN, level)),
            "half-width must be greater than 0 and finite, got NaN"
        );
        assert_eq!(
            text(sample_size_of_share(1.0, 0.1, level)),
            "share must be greater than 0 and less than 1, got 1"
        );
        assert_eq!(
            text(sample_size_of_change(1.0, 0.5, 1.0, level)),
            "power must be at least 0.5 and less than 1, got 1"
        );
        assert_eq!(
            text(sample_size_of_nps(0.9, 0.2, 5.0, level)),
            "share of promoters and detractors must be greater than 0 and at most 1, got 1.1"
        );
        assert!(
            text(sample_size(1.0, 1e-30, level))
                .starts_with("sample size must be at most 1000000000000000, got")
        );
    }
}
