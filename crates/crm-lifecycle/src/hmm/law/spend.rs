use special::Gamma as _;

use super::roots::root_near;
use super::special::stirling_rest;
use super::{LARGEST, RANGE, SMALLEST, SMALLEST_SHAPE};
use crate::error::Error;
use crm_numbers::check;

/// What is spent at each purchase of a stage: a gamma law, so that n purchases bring a total with
/// the law of shape n a.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct SpendLaw {
    mean: f64,
    shape: f64,
}

crm_numbers::gate!(SpendLaw, SpendLaw::checked);

impl SpendLaw {
    /// Spend per purchase with this mean and shape; its variance is `mean^2 / shape`.
    ///
    /// # Errors
    /// [`Error::Input`] unless both lie in 1e-9..=1e9.
    pub fn gamma(mean: f64, shape: f64) -> Result<Self, Error> {
        Self { mean, shape }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("mean spend", self.mean, RANGE)?;
        check::range("shape of the spend", self.shape, RANGE)?;
        Ok(self)
    }

    /// The mean spend per purchase.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The shape of one purchase.
    #[must_use]
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// What of the log-density of the total of n purchases does not depend on the total. With s = n
    /// a and u the total over its mean, the density is `exp(s ln s - s - ln Gamma(s)) exp(s (ln u -
    /// u + 1)) / total`.
    pub(in crate::hmm) fn ln_front(&self, n: u32) -> f64 {
        stirling_rest(f64::from(n) * self.shape)
    }

    /// The rest: what depends on the total.
    pub(in crate::hmm) fn ln_rest(&self, n: f64, total: f64, ln_total: f64) -> f64 {
        let off = total / (n * self.mean) - 1.0;
        // ln u - u + 1 for u = 1 + off, also where the total is tiny.
        let ln = if off > -0.5 { off.ln_1p() } else { ln_total - (n * self.mean).ln() };
        n * self.shape * (ln - off) - ln_total
    }

    /// The law of highest likelihood for what was seen with weights.
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

    /// The derivatives of the log-density of the total of n purchases by the logarithms of mean and
    /// shape.
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
    /// Of the totals.
    pub(in crate::hmm) total: f64,
    /// Of purchases times the logarithm of the total.
    pub(in crate::hmm) ln_totals: f64,
}
