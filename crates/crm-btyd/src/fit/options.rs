use std::collections::BTreeMap;

use crm_numbers::check;

use super::prior::{self, Prior};
use crate::Error;

/// Settings of a fit: limits of the search, and terms on the parameters.
///
/// Names of parameters are checked by the fit, which knows the model.
///
/// # Examples
///
/// ```
/// use crm_btyd::{PurchaseOptions, MbgNbd, Histories, History, fit, fit::Prior};
///
/// let histories = Histories::weighted([
///     (History::new(0, 0.0, 39.0)?, 900),
///     (History::new(1, 3.0, 39.0)?, 150),
///     (History::new(1, 25.0, 39.0)?, 120),
///     (History::new(4, 36.0, 39.0)?, 80),
/// ]);
/// // Customers drop out evenly (a = 1, b = 1 is a uniform distribution), and buy about every ten weeks.
/// let terms = PurchaseOptions::default()
///     .with_fixed("a", 1.0)
///     .with_equal("a", "b")
///     .with_prior("alpha", Prior::log_normal(10.0, 1.0)?);
/// let fitted = fit::<MbgNbd>(&histories, &terms)?;
/// assert_eq!((fitted.model().a(), fitted.model().b()), (1.0, 1.0));
///
/// let error = fit::<MbgNbd>(&histories, &PurchaseOptions::default().with_fixed("beta", 1.0)).unwrap_err();
/// let text = r#"unknown parameter of MBG/NBD "beta"; expected one of r, alpha, a, b"#;
/// assert_eq!(error.to_string(), text);
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", default, deny_unknown_fields))]
pub struct PurchaseOptions {
    pub(super) max_iterations: u32,
    pub(super) starts: Vec<Vec<f64>>,
    pub(super) fixed: BTreeMap<String, f64>,
    pub(super) equal: Vec<[String; 2]>,
    pub(super) priors: Vec<NamedPrior>,
    pub(super) effect_spread: Option<f64>,
    stages: Option<u32>,
}

/// A prior and the parameter that it is for.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct NamedPrior {
    pub(super) parameter: String,
    pub(super) prior: Prior,
}

crm_numbers::gate!(PurchaseOptions, PurchaseOptions::checked);

impl Default for PurchaseOptions {
    fn default() -> Self {
        PurchaseOptions {
            max_iterations: 200,
            starts: Vec::new(),
            fixed: BTreeMap::new(),
            equal: Vec::new(),
            priors: Vec::new(),
            effect_spread: None,
            stages: None,
        }
    }
}

impl PurchaseOptions {
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "a gate of stored options"))]
    fn checked(self) -> Result<Self, Error> {
        self.check().map(|()| self)
    }

    /// Checks what does not depend on the model.
    pub(super) fn check(&self) -> Result<(), Error> {
        for start in &self.starts {
            check::range_of_all("start", start, check::above(0.0))?;
        }
        if let Some(k) = self.stages {
            check::range("number of stages k", k, crate::condensed::STAGES)?;
        }
        if let Some(spread) = self.effect_spread {
            check::range("effect spread", spread, prior::RANGE)?;
        }
        Ok(())
    }

    /// Sets the number of iterations after which a search ends without convergence, for each
    /// starting point.
    #[must_use]
    pub fn with_max_iterations(mut self, max_iterations: u32) -> Self {
        self.max_iterations = max_iterations;
        self
    }

    /// Sets the number of stages k between two purchases, 1 to 12, in a fit of a CNBD model.
    ///
    /// Without it, such a fit chooses the k of the largest likelihood; see
    /// [`choose_k`](crate::models::choose_k). Other models have no stages.
    #[must_use]
    pub fn with_stages(mut self, k: u32) -> Self {
        self.stages = Some(k);
        self
    }

    /// The number of stages, if it was set.
    pub(crate) fn stages(&self) -> Option<u32> {
        self.stages
    }

    /// Adds a starting point: one positive number per parameter, in their order.
    ///
    /// The search begins there as well as at the starting points of the model, so that a further
    /// point can only raise the maximum found. Several calls add several points.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{PurchaseOptions, Histories, History, Nbd, fit};
    ///
    /// let histories = Histories::weighted([
    ///     (History::new(0, 0.0, 39.0)?, 90),
    ///     (History::new(1, 25.0, 39.0)?, 22),
    ///     (History::new(4, 36.0, 39.0)?, 8),
    /// ]);
    /// let afar = PurchaseOptions::default().with_start(&[1e3, 1e-3]);
    /// let (one, other) = (fit::<Nbd>(&histories, &PurchaseOptions::default())?, fit::<Nbd>(&histories, &afar)?);
    /// assert!((one.ln_likelihood() - other.ln_likelihood()).abs() < 1e-8);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn with_start(mut self, theta: &[f64]) -> Self {
        self.starts.push(theta.to_vec());
        self
    }

    /// Fixes a parameter; a second call with the same name replaces the value.
    #[must_use]
    pub fn with_fixed(mut self, parameter: impl Into<String>, value: f64) -> Self {
        self.fixed.insert(parameter.into(), value);
        self
    }

    /// Constrains two parameters to one common value.
    #[must_use]
    pub fn with_equal(mut self, one: impl Into<String>, other: impl Into<String>) -> Self {
        self.equal.push([one.into(), other.into()]);
        self
    }

    /// Adds a prior for a parameter; several priors for one parameter are multiplied.
    #[must_use]
    pub fn with_prior(mut self, parameter: impl Into<String>, prior: Prior) -> Self {
        self.priors.push(NamedPrior { parameter: parameter.into(), prior });
        self
    }

    /// Sets the prior standard deviation of the effects of covariates, each measured per root mean
    /// square of its covariate.
    ///
    /// The prior is a normal distribution around 0. It is used by
    /// [`fit_with_covariates`](crate::covariates::fit_with_covariates) alone.
    #[must_use]
    pub fn with_effect_spread(mut self, spread: f64) -> Self {
        self.effect_spread = Some(spread);
        self
    }
}
