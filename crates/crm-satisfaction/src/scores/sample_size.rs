use crm_numbers::Level;

use crate::Error;
use crate::error::out_of_range;
use crate::probability::normal_quantile;

/// How many answers give a mean with a wanted half-width: `n = (z sd / half_width)^2`, rounded up.
///
/// `deviation` is the standard deviation of one answer, from an earlier survey; both in points of the scale.
///
/// # Errors
/// [`Error::OutOfRange`] unless both are positive and finite, or where more than 10^15 were needed.
///
/// ```
/// use crm_satisfaction::scores::sample_size;
/// use crm_numbers::Level;
///
/// // (1.96 x 1.2 / 0.1)^2 = 553.2
/// assert_eq!(sample_size(1.2, 0.1, Level::default())?, 554);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn sample_size(deviation: f64, half_width: f64, level: Level) -> Result<u64, Error> {
    positive("deviation", deviation)?;
    positive("half width", half_width)?;
    rounded_up((level.z() * deviation / half_width).powi(2))
}

/// How many answers give a share (CSAT) with a wanted half-width; 0.5 is the share that needs most.
///
/// # Errors
/// [`Error::OutOfRange`] unless the share lies strictly between 0 and 1.
///
/// ```
/// use crm_satisfaction::scores::sample_size_of_share;
/// use crm_numbers::Level;
///
/// // The number everybody knows: 385 for five points either way.
/// assert_eq!(sample_size_of_share(0.5, 0.05, Level::default())?, 385);
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn sample_size_of_share(share: f64, half_width: f64, level: Level) -> Result<u64, Error> {
    if !(share > 0.0 && share < 1.0) {
        return Err(out_of_range("share", "lie strictly between 0 and 1", share));
    }
    sample_size((share * (1.0 - share)).sqrt(), half_width, level)
}

/// How many answers give a net promoter score with a wanted half-width in points, from expected shares of promoters and
/// detractors.
///
/// # Errors
/// [`Error::OutOfRange`] unless both shares are at least 0 and together positive and at most 1.
///
/// ```
/// use crm_satisfaction::scores::sample_size_of_nps;
/// use crm_numbers::Level;
///
/// // Half promoters, half detractors is the worst case: (1.96 x 100 / 10)^2 = 384.1, as for a share and half the width.
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
    let decided = promoters + detractors;
    if !(promoters >= 0.0 && detractors >= 0.0 && decided > 0.0 && decided <= 1.0) {
        let allowed = "be shares that add up to more than 0 and at most 1";
        return Err(out_of_range(
            "promoters and detractors",
            allowed,
            format!("{promoters} and {detractors}"),
        ));
    }
    let variance = decided - (promoters - detractors).powi(2);
    sample_size(100.0 * variance.max(0.0).sqrt(), half_width, level)
}

/// How many answers each of two waves needs, so that a difference of this size is found significant with probability
/// `power`: `n = (z_level + z_power)^2 2 sd^2 / difference^2`, rounded up.
///
/// # Errors
/// [`Error::OutOfRange`] unless deviation and difference are positive and power lies in 0.5..1.
///
/// ```
/// use crm_satisfaction::scores::sample_size_of_change;
/// use crm_numbers::Level;
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
    positive("deviation", deviation)?;
    positive("difference", difference)?;
    if !(0.5..1.0).contains(&power) {
        return Err(out_of_range("power", "lie in 0.5..1", power));
    }
    let far = level.z() + normal_quantile(power);
    rounded_up(2.0 * (far * deviation / difference).powi(2))
}

fn positive(field: &str, value: f64) -> Result<(), Error> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(out_of_range(field, "be positive and finite", value))
    }
}

fn rounded_up(size: f64) -> Result<u64, Error> {
    if size <= 1e15 {
        Ok(size.ceil().max(1.0) as u64)
    } else {
        Err(out_of_range("sample size", "be at most 1e15", size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_that_cannot_be_met_are_refused() {
        let level = Level::default();
        let text = |result: Result<u64, Error>| result.unwrap_err().to_string();
        assert_eq!(text(sample_size(0.0, 1.0, level)), "deviation must be positive and finite, got 0");
        assert_eq!(
            text(sample_size(1.0, f64::NAN, level)),
            "half width must be positive and finite, got NaN"
        );
        assert_eq!(
            text(sample_size_of_share(1.0, 0.1, level)),
            "share must lie strictly between 0 and 1, got 1"
        );
        assert_eq!(text(sample_size_of_change(1.0, 0.5, 1.0, level)), "power must lie in 0.5..1, got 1");
        assert_eq!(
            text(sample_size_of_nps(0.9, 0.2, 5.0, level)),
            "promoters and detractors must be shares that add up to more than 0 and at most 1, got 0.9 and 0.2"
        );
        assert!(text(sample_size(1.0, 1e-30, level)).starts_with("sample size must be at most 1e15"));
    }
}
