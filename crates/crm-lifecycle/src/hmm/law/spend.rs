use special::Gamma as _;

use super::roots::root_near;
use super::special::stirling_rest;
use super::{LARGEST, RANGE, SMALLEST, SMALLEST_SHAPE};
use crate::error::Error;
use crm_numbers::check;

/// The law of the spend per purchase in a stage: a gamma law, so that the total of n purchases has
/// a gamma law of shape n a, where a is the shape of one purchase.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct SpendLaw {
    mean: f64,
    shape: f64,
}

crm_numbers::gate!(SpendLaw, SpendLaw::checked);

impl SpendLaw {
    /// Creates a gamma law of the spend per purchase with this mean and shape; its variance is
    /// `mean^2 / shape`.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless both lie in 1e-9..=1e9.
    pub fn gamma(mean: f64, shape: f64) -> Result<Self, Error> {
        Self { mean, shape }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("mean spend", self.mean, RANGE)?;
        check::range("shape of the spend", self.shape, RANGE)?;
        Ok(self)
    }

    /// Returns the mean spend per purchase.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Returns the shape of the law of one purchase.
    #[must_use]
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// Returns the part of the log-density of the total of n purchases that does not depend on the
    /// total. With s = n a and u the total over its mean, the density is `exp(s ln s - s - ln
    /// Gamma(s)) exp(s (ln u - u + 1)) / total`.
    pub(in crate::hmm) fn ln_front(&self, n: u32) -> f64 {
        stirling_rest(f64::from(n) * self.shape)
    }

    /// Returns the part of the log-density that depends on the total.
    pub(in crate::hmm) fn ln_rest(&self, n: f64, total: f64, ln_total: f64) -> f64 {
        let off = total / (n * self.mean) - 1.0;
        // ln u - u + 1 for u = 1 + off, exact for tiny totals as well.
        let ln = if off > -0.5 { off.ln_1p() } else { ln_total - (n * self.mean).ln() };
        n * self.shape * (ln - off) - ln_total
    }

    /// Returns the law of maximum likelihood for weighted observations.
    pub(in crate::hmm) fn learnt(&self, seen: &SpendSeen, weighted: &[(u32, f64)]) -> Self {
        let purchases: f64 = weighted.iter().map(|(n, weight)| f64::from(*n) * weight).sum();
        if purchases <= f64::MIN_POSITIVE {
            return *self;
        }
        let mean = (seen.total / purchases).clamp(SMALLEST, LARGEST);
        let shape = root_near(self.shape, SMALLEST_SHAPE, |shape| {
            let of_count = |(n, weight): &(u32, f64)| {
                let n = f64::from(*n);
                weight * n * ((shape / mean).ln() + 1.0 - (n * shape).digamma())
            };
            weighted.iter().map(of_count).sum::<f64>() + seen.ln_totals - seen.total / mean
        });
        Self { mean, shape }
    }

    /// Returns the derivatives of the log-density of the total of n purchases by the logarithms of
    /// mean and shape.
    pub(in crate::hmm) fn score(&self, n: u32, total: f64, ln_total: f64) -> (f64, f64) {
        let (n, relative) = (f64::from(n), total / self.mean);
        let by_shape =
            n * ((self.shape / self.mean).ln() + 1.0 - (n * self.shape).digamma() + ln_total) - relative;
        (self.shape * (relative - n), self.shape * by_shape)
    }
}

/// Weighted sums over periods with purchases and known spend.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::hmm) struct SpendSeen {
    /// Sum of the totals.
    pub(in crate::hmm) total: f64,
    /// Sum of purchases times the logarithm of the total.
    pub(in crate::hmm) ln_totals: f64,
}
