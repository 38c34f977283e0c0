use super::prior::Prior;

/// How a fit is searched for, and under which terms.
///
/// ```
/// use crm_btyd::{FitOptions, MbgNbd, Histories, History, Prior, fit};
///
/// let histories = Histories::weighted([
///     (History::new(0, 0.0, 39.0)?, 900),
///     (History::new(1, 3.0, 39.0)?, 150),
///     (History::new(1, 25.0, 39.0)?, 120),
///     (History::new(4, 36.0, 39.0)?, 80),
/// ]);
/// // Customers drop out evenly (a = 1, b = 1 is a uniform distribution), and buy about every ten weeks.
/// let terms = FitOptions::default()
///     .with_fixed("a", 1.0)
///     .with_equal("a", "b")
///     .with_prior("alpha", Prior::log_normal(10.0, 1.0)?);
/// let fitted = fit::<MbgNbd>(&histories, &terms)?;
/// assert_eq!((fitted.model().a(), fitted.model().b()), (1.0, 1.0));
///
/// let error = fit::<MbgNbd>(&histories, &FitOptions::default().with_fixed("beta", 1.0)).unwrap_err();
/// assert_eq!(error.to_string(), "MBG/NBD has no parameter \"beta\"; it has r, alpha, a, b");
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default))]
#[non_exhaustive]
pub struct FitOptions {
    /// Iterations after which a climb ends without convergence, for each starting point.
    pub max_iterations: u32,
    /// Further starting points, each in the order of the parameters, beside those of the model.
    pub starts: Vec<Vec<f64>>,
    /// Parameters that are known, by name.
    pub fixed: Vec<(String, f64)>,
    /// Pairs of parameters that are one, by name.
    pub equal: Vec<(String, String)>,
    /// What was known of parameters before, by name; several for one parameter multiply.
    pub priors: Vec<(String, Prior)>,
    /// Effects of covariates are known to be small: of each, times the size of its covariate, the standard deviation before the data.
    pub effect_spread: Option<f64>,
}

impl Default for FitOptions {
    fn default() -> Self {
        FitOptions {
            max_iterations: 200,
            starts: Vec::new(),
            fixed: Vec::new(),
            equal: Vec::new(),
            priors: Vec::new(),
            effect_spread: None,
        }
    }
}

impl FitOptions {
    /// Sets the number of iterations after which a climb ends without convergence.
    #[must_use]
    pub fn with_max_iterations(mut self, steps: u32) -> Self {
        self.max_iterations = steps;
        self
    }

    /// Adds a starting point, in the order of the parameters.
    ///
    /// It is one more beside those that the model names, so that it can only raise the maximum found;
    /// several calls add several points.
    ///
    /// ```
    /// use crm_btyd::{FitOptions, Histories, History, Nbd, fit};
    ///
    /// let histories = Histories::weighted([
    ///     (History::new(0, 0.0, 39.0)?, 90),
    ///     (History::new(1, 25.0, 39.0)?, 22),
    ///     (History::new(4, 36.0, 39.0)?, 8),
    /// ]);
    /// let afar = FitOptions::default().with_start(&[1e3, 1e-3]);
    /// let (one, other) = (fit::<Nbd>(&histories, &FitOptions::default())?, fit::<Nbd>(&histories, &afar)?);
    /// assert!((one.ln_likelihood() - other.ln_likelihood()).abs() < 1e-8);
    /// # Ok::<(), crm_btyd::Error>(())
    /// ```
    #[must_use]
    pub fn with_start(mut self, theta: &[f64]) -> Self {
        self.starts.push(theta.to_vec());
        self
    }

    /// The same with a parameter known: a later value for the same name takes the place of an earlier one.
    #[must_use]
    pub fn with_fixed(mut self, parameter: impl Into<String>, value: f64) -> Self {
        let parameter = parameter.into();
        self.fixed.retain(|(name, _)| *name != parameter);
        self.fixed.push((parameter, value));
        self
    }

    /// The same with two parameters that are one.
    #[must_use]
    pub fn with_equal(mut self, one: impl Into<String>, other: impl Into<String>) -> Self {
        self.equal.push((one.into(), other.into()));
        self
    }

    /// The same with something known of a parameter before.
    #[must_use]
    pub fn with_prior(mut self, parameter: impl Into<String>, prior: Prior) -> Self {
        self.priors.push((parameter.into(), prior));
        self
    }

    /// The same where effects of covariates are known to be small: each, times the root mean square of its covariate, has a normal distribution around
    /// 0 with this standard deviation. Only [`fit_with_covariates`](crate::fit_with_covariates) asks.
    #[must_use]
    pub fn with_effect_spread(mut self, spread: f64) -> Self {
        self.effect_spread = Some(spread);
        self
    }
}
