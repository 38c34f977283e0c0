use std::fmt;

use libm::lgamma;

use super::roots::root_near;
use super::special::{ln_rising, shape_score};
use super::tally::{Shift, Tally};
use super::{LARGEST, LARGEST_SHAPE, RANGE, SMALLEST, SMALLEST_SHAPE};
use crate::error::Error;
use crate::hmm::sequences::Seen;
use crm_numbers::check;

/// The law of the number of purchases of a customer in a period of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct CountLaw {
    mean: f64,
    shape: Option<f64>,
}

crm_numbers::gate!(CountLaw, CountLaw::checked);

impl CountLaw {
    /// Creates a Poisson law: customers in a stage are alike.
    ///
    /// # Formula
    ///
    /// `P(n) = rate^n e^-rate / n!` for n purchases in a period.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the rate, in purchases per period, lies in 1e-9..=1e9.
    pub fn poisson(rate: f64) -> Result<Self, Error> {
        check::range("rate", rate, RANGE)?;
        Ok(Self { mean: rate, shape: None })
    }

    /// Creates a negative binomial law: periods in a stage differ.
    ///
    /// # Formula
    ///
    /// `P(n) = Gamma(n + r) / (Gamma(r) n!) (r / (r + m))^r (m / (r + m))^n` for n purchases in a
    /// period, with variance `m + m^2 / r`.
    ///
    /// `m` is the mean, in purchases per period; `r` is the shape, without a unit; both lie in
    /// 1e-9..=1e9.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless the mean, in purchases per period, and the shape lie in 1e-9..=1e9.
    pub fn negative_binomial(mean: f64, shape: f64) -> Result<Self, Error> {
        Self { mean, shape: Some(shape) }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        check::range("mean", self.mean, RANGE)?;
        self.shape.map_or(Ok(0.0), |shape| check::range("shape", shape, RANGE))?;
        Ok(self)
    }

    /// Returns the mean number of purchases per period.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Returns the shape of a negative binomial law; `None` for a Poisson law.
    #[must_use]
    pub fn shape(&self) -> Option<f64> {
        self.shape
    }

    /// Returns the logarithm of the probability of n purchases in a whole period.
    #[must_use]
    pub fn ln_probability(&self, n: u32) -> f64 {
        self.ln_probability_of(Seen { count: n, exposure: 1.0 })
    }

    /// Returns the logarithm of the probability of purchases in a part of a period: its mean is the
    /// mean of the law times the exposure, its shape that of the law.
    pub(in crate::hmm) fn ln_probability_of(&self, seen: Seen) -> f64 {
        let (n, count, mean) = (seen.count, f64::from(seen.count), self.mean * seen.exposure);
        match self.shape {
            None => count * mean.ln() - mean - lgamma(count + 1.0),
            Some(shape) => {
                // ln (r / (r + m)) and its counterpart, exact if one side is tiny.
                let stay = -(mean / shape).ln_1p();
                let step = -(shape / mean).ln_1p();
                ln_rising(shape, n) - lgamma(count + 1.0) + shape * stay + count * step
            }
        }
    }

    /// Returns the law of maximum likelihood for the periods of a tally, after a shift of its
    /// weights.
    pub(in crate::hmm) fn learnt(&self, tally: &Tally, shift: Shift) -> Self {
        let weight = tally.weight + shift.silent;
        if tally.weight <= f64::MIN_POSITIVE || weight <= f64::MIN_POSITIVE {
            return *self;
        }
        let best = (tally.purchases + shift.purchases) / weight;
        let mean = if best > 0.0 { best.clamp(SMALLEST, LARGEST) } else { SMALLEST };
        let Some(shape) = self.shape else { return Self { mean, shape: None } };
        // For whole periods without a shift the optimal mean is that of the data, whatever the
        // shape.
        let whole = tally.by_exposure.iter().all(|part| part.exposure >= 1.0);
        let simple = whole && shift == Shift::default();
        let mean_for = |near: f64, shape: f64| match (simple, whole) {
            (true, _) => mean,
            // r (N - m W) / (r + m) + u = 0, with the shift in N and W.
            (false, true) if shape * weight > shift.purchases => {
                let most = shape * (tally.purchases + shift.purchases).max(0.0);
                (most / (shape * weight - shift.purchases)).clamp(SMALLEST, LARGEST)
            }
            (false, true) => near,
            (false, false) => tally.mean(near, shape, shift),
        };
        let near = if simple { mean } else { self.mean };
        // With shifted purchases, the likelihood is unbounded for small shapes and large means: the
        // mean stays below twice that of the purchases.
        let least = (2.0 * shift.purchases / weight).clamp(SMALLEST_SHAPE, LARGEST_SHAPE);
        // At the optimal mean for every shape, the derivative by the shape is that of the
        // likelihood itself.
        let slope = |shape: f64| tally.shape_slope(mean_for(near, shape), shape, shift);
        let shape = root_near(shape, least, slope);
        Self { mean: mean_for(near, shape), shape: Some(shape) }
    }

    /// Returns the law with another mean.
    pub(in crate::hmm) fn with_mean(self, mean: f64) -> Self {
        Self { mean: mean.clamp(SMALLEST, LARGEST), ..self }
    }

    /// Returns the derivatives of the log-probability by the logarithms of mean and shape.
    pub(in crate::hmm) fn score(&self, seen: Seen) -> (f64, f64) {
        let mean = self.mean * seen.exposure;
        let excess = f64::from(seen.count) - mean;
        match self.shape {
            None => (excess, 0.0),
            Some(shape) => (excess * shape / (shape + mean), shape * shape_score(seen.count, mean, shape)),
        }
    }
}

impl fmt::Display for CountLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shape {
            None => write!(f, "{:.4} purchases", self.mean),
            Some(shape) => write!(f, "{:.4} purchases (shape {shape:.3})", self.mean),
        }
    }
}
