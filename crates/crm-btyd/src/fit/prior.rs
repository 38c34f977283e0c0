use crm_numbers::check;

use crate::Error;
use crate::special::gamma::ln_gamma;

/// Prior distribution of a positive parameter.
///
/// In a fit it keeps a parameter that the data hardly tell from running away; the fit is then where
/// likelihood times prior is largest. The density taken is that of the *logarithm* of the
/// parameter, so that a log-normal prior pulls towards its median, by a penalty of half the squared
/// distance in logarithms over the squared spread, and so that no unit of time matters.
///
/// # Examples
///
/// ```
/// use crm_btyd::fit::Prior;
///
/// // The median is 2, and two thirds of the probability lie within a factor of e^0.5 of it.
/// let prior = Prior::log_normal(2.0, 0.5)?;
/// let fall = prior.ln_density(2.0) - prior.ln_density(2.0 * 0.5_f64.exp());
/// assert!((fall - 0.5).abs() < 1e-12);
/// let refused = Prior::gamma(0.0, 1.0).unwrap_err();
/// assert_eq!(refused.to_string(), "prior shape must be between 1e-8 and 100000000, got 0");
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self"))]
pub struct Prior(Law);

#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
enum Law {
    LogNormal { median: f64, spread: f64 },
    Gamma { shape: f64, rate: f64 },
}

/// Range of what a prior is made of.
pub(super) const RANGE: std::ops::RangeInclusive<f64> = 1e-8..=1e8;

impl Prior {
    /// The logarithm has a normal distribution around ln `median` with standard deviation `spread`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] outside 1e-8 ..= 1e8.
    pub fn log_normal(median: f64, spread: f64) -> Result<Self, Error> {
        Prior(Law::LogNormal { median, spread }).checked()
    }

    /// A gamma distribution with mean shape / rate.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] outside 1e-8 ..= 1e8.
    pub fn gamma(shape: f64, rate: f64) -> Result<Self, Error> {
        Prior(Law::Gamma { shape, rate }).checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let [one, other] = match self.0 {
            Law::LogNormal { median, spread } => [("prior median", median), ("prior spread", spread)],
            Law::Gamma { shape, rate } => [("prior shape", shape), ("prior rate", rate)],
        };
        for (name, value) in [one, other] {
            check::range(name, value, RANGE)?;
        }
        Ok(self)
    }

    /// ln of the density of the logarithm, at a positive value of the parameter itself.
    #[must_use]
    pub fn ln_density(&self, value: f64) -> f64 {
        self.with_slopes(value).0
    }

    /// The density with its first and second derivative by the logarithm.
    pub(crate) fn with_slopes(&self, value: f64) -> (f64, f64, f64) {
        match self.0 {
            Law::LogNormal { median, spread } => {
                let off = (value / median).ln() / spread;
                let ln = -0.5 * off * off - spread.ln() - 0.5 * std::f64::consts::TAU.ln();
                (ln, -off / spread, -1.0 / (spread * spread))
            }
            Law::Gamma { shape, rate } => {
                let scaled = rate * value;
                (shape * scaled.ln() - scaled - ln_gamma(shape), shape - scaled, -scaled)
            }
        }
    }
}

crm_numbers::gate!(Prior, Prior::checked);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_of_the_logarithm_hold_one_and_have_these_slopes() {
        for prior in [Prior::log_normal(3.0, 0.7).unwrap(), Prior::gamma(2.5, 0.4).unwrap()] {
            let h = 1e-3;
            let sum: f64 =
                (-20_000..20_000).map(|n| h * prior.ln_density((f64::from(n) * h).exp()).exp()).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{prior:?} {sum}");
            let at = |u: f64| prior.ln_density(u.exp());
            let (ln, slope, bend) = prior.with_slopes(0.4_f64.exp());
            assert!((ln - at(0.4)).abs() < 1e-14);
            assert!(((at(0.4 + h) - at(0.4 - h)) / (2.0 * h) - slope).abs() < 1e-5);
            assert!(((at(0.4 + h) - 2.0 * ln + at(0.4 - h)) / (h * h) - bend).abs() < 1e-5);
        }
    }
}
