use crm_numbers::{InputError, Level};

use super::fitted::PurchaseFit;
use super::options::PurchaseOptions;
use super::terms::{ParameterRole, number};
use super::{newton, search};
use crate::{Error, PurchaseModel};

/// Values of a parameter that the data do not contradict, whatever the other parameters are.
///
/// Where the likelihood is no parabola this is truer than the interval by the standard error; and
/// where it never falls far enough on one side, there is no bound on that side, and that is the
/// answer.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ProfileInterval {
    /// The lowest; `None` where nothing bounds it from below.
    pub lower: Option<f64>,
    /// The estimate.
    pub estimate: f64,
    /// The highest; `None` where nothing bounds it from above.
    pub upper: Option<f64>,
    /// The level of confidence.
    pub level: Level,
}

impl<M: PurchaseModel> PurchaseFit<M> {
    /// The profile likelihood: the largest ln L (with the priors, where there are some) that each
    /// value of a parameter allows the others.
    ///
    /// `options` are those of the fit. The search for each value begins at the parameters found for
    /// the value before it, the first at those of the fit; only where it does not converge does it
    /// search everywhere.
    ///
    /// # Errors
    ///
    /// [`Error::Input`]; [`Error::Parameter`] for a value that the model refuses; as
    /// [`fit`](crate::fit()).
    pub fn profile(
        &self,
        data: &M::Data,
        options: &PurchaseOptions,
        parameter: &str,
        values: &[f64],
    ) -> Result<Vec<f64>, Error> {
        number::<M>(parameter)?;
        let mut start = self.model().theta().as_ref().to_vec();
        let mut height = |value: &f64| {
            let options = options.clone().with_fixed(parameter, *value);
            let (other, terms) = search::from_start(self.model(), data, &options, &start)?;
            start = terms.theta(&other.top.theta);
            Ok(other.top.ln_likelihood)
        };
        values.iter().map(&mut height).collect()
    }

    /// The values of a parameter at which the profile likelihood lies at most z² / 2 below the top,
    /// with z the normal quantile of the level: where a likelihood-ratio test does not reject them.
    ///
    /// # Errors
    ///
    /// [`Error::Input`], also for a parameter that was not fitted; as [`fit`](crate::fit()).
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{PurchaseOptions, Histories, History, Level, Nbd, fit};
    ///
    /// let histories = Histories::weighted([
    ///     (History::new(0, 0.0, 39.0)?, 90),
    ///     (History::new(1, 25.0, 39.0)?, 22),
    ///     (History::new(4, 36.0, 39.0)?, 8),
    /// ]);
    /// let options = PurchaseOptions::default();
    /// let fitted = fit::<Nbd>(&histories, &options)?;
    /// let interval = fitted.profile_interval(&histories, &options, "r", Level::default())?;
    /// let (lower, upper) = (interval.lower.unwrap(), interval.upper.unwrap());
    /// // At both ends ln L is 1.92 below the top.
    /// for fallen in fitted.profile(&histories, &options, "r", &[lower, upper])? {
    ///     assert!((fitted.ln_likelihood() - fallen - 1.9207).abs() < 1e-3);
    /// }
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[allow(clippy::indexing_slicing, reason = "the index of a parameter by its name")]
    pub fn profile_interval(
        &self,
        data: &M::Data,
        options: &PurchaseOptions,
        parameter: &str,
        level: Level,
    ) -> Result<ProfileInterval, Error> {
        let i = number::<M>(parameter)?;
        if self.roles().get(i) == Some(&ParameterRole::Fixed) {
            return Err(Error::FixedParameter { model: M::NAME, name: parameter.to_owned() });
        }
        let estimate = self.model().theta().as_ref()[i];
        let scale = M::scales(data)[i];
        let error = self.ln_covariance_of(i, i).map_or(1.0, f64::sqrt).clamp(1e-6, 2.0);
        let side = Side {
            fitted: self,
            data,
            options,
            parameter,
            ends: (scale * newton::EDGES.0, scale * newton::EDGES.1),
            target: level.z(),
        };
        let lower = side.bound(estimate, -error)?;
        let upper = side.bound(estimate, error)?;
        Ok(ProfileInterval { lower, estimate, upper, level })
    }
}

/// The search for a bound.
struct Side<'a, M: PurchaseModel> {
    fitted: &'a PurchaseFit<M>,
    data: &'a M::Data,
    options: &'a PurchaseOptions,
    parameter: &'a str,
    ends: (f64, f64),
    target: f64,
}

impl<M: PurchaseModel> Side<'_, M> {
    /// √(2 (top - profile)) at a value: about the distance in standard errors; infinite where there
    /// is no such model.
    fn fallen(&self, value: f64) -> Result<f64, Error> {
        let height = match self.fitted.profile(self.data, self.options, self.parameter, &[value]) {
            Ok(heights) => heights.first().copied().unwrap_or(f64::NEG_INFINITY),
            // Beyond what the model accepts.
            Err(Error::Parameter { .. } | Error::Input(InputError::Range(_))) => f64::NEG_INFINITY,
            Err(error) => return Err(error),
        };
        Ok((2.0 * (self.fitted.height() - height)).max(0.0).sqrt())
    }

    /// Where it has fallen by the target, in the direction of a first step in logarithms.
    fn bound(&self, estimate: f64, step: f64) -> Result<Option<f64>, Error> {
        /// How near to the target, of about 2, is near enough.
        const NEAR: f64 = 1e-5;
        let value = |ln: f64| ln.exp().clamp(self.ends.0, self.ends.1);
        let (mut inside, mut inside_fallen) = (estimate.ln(), 0.0);
        let mut step = step * self.target;
        let (mut outside, mut outside_fallen) = loop {
            let ln = value(inside + step).ln();
            let fallen = self.fallen(value(ln))?;
            if fallen >= self.target {
                break (ln, fallen);
            }
            if (ln - (inside + step)).abs() > 1e-9 {
                return Ok(None);
            }
            (inside, inside_fallen) = (ln, fallen);
            step *= 2.0;
        };
        for _ in 0..60 {
            if outside_fallen - self.target < NEAR || (outside - inside).abs() < 1e-12 {
                break;
            }
            // About a straight line: where it would meet the target, kept off the ends of the
            // bracket.
            let share = if outside_fallen.is_finite() {
                ((self.target - inside_fallen) / (outside_fallen - inside_fallen)).clamp(0.05, 0.95)
            } else {
                0.5
            };
            let ln = inside + share * (outside - inside);
            let fallen = self.fallen(value(ln))?;
            if fallen >= self.target {
                (outside, outside_fallen) = (ln, fallen);
            } else if self.target - fallen < NEAR {
                return Ok(Some(value(ln)));
            } else {
                (inside, inside_fallen) = (ln, fallen);
            }
        }
        Ok(outside_fallen.is_finite().then(|| value(outside)))
    }
}
