use std::fmt::{self, Debug};
use std::sync::Arc;

use crm_numbers::Level;

use crate::{
    Error, Histories, History, Horizon, PurchaseFit, PurchaseModel, PurchaseOptions, Repeat, fit,
    fit::{CountInterval, FitReport},
};

/// A fitted model of repeat purchases of which the kind is not known: what a comparison keeps of
/// each.
pub trait Forecaster: Debug + Send + Sync {
    /// Parameters, likelihood and diagnosis.
    fn report(&self) -> FitReport;

    /// [`Repeat::p_alive_all`].
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    fn p_alive_all(&self, histories: &[History], into: &mut [f64]) -> Result<(), Error>;

    /// [`Repeat::expected_purchases_all`].
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    fn expected_purchases_all(
        &self,
        histories: &[History],
        horizon: Horizon,
        into: &mut [f64],
    ) -> Result<(), Error>;

    /// [`PurchaseFit::predictive_intervals`].
    ///
    /// # Errors
    ///
    /// [`Error::Input`].
    fn predictive_intervals(
        &self,
        histories: &[History],
        horizon: Horizon,
        level: Level,
        into: &mut [Option<CountInterval>],
    ) -> Result<(), Error>;
}

impl<M: PurchaseModel + Repeat> Forecaster for PurchaseFit<M> {
    fn report(&self) -> FitReport {
        PurchaseFit::report(self)
    }

    fn p_alive_all(&self, histories: &[History], into: &mut [f64]) -> Result<(), Error> {
        self.model().p_alive_all(histories, into)
    }

    fn expected_purchases_all(
        &self,
        histories: &[History],
        horizon: Horizon,
        into: &mut [f64],
    ) -> Result<(), Error> {
        self.model().expected_purchases_all(histories, horizon, into)
    }

    fn predictive_intervals(
        &self,
        histories: &[History],
        horizon: Horizon,
        level: Level,
        into: &mut [Option<CountInterval>],
    ) -> Result<(), Error> {
        PurchaseFit::predictive_intervals(self, histories, horizon, level, into)
    }
}

type Fit = dyn Fn(&Histories, &PurchaseOptions) -> Result<Box<dyn Forecaster>, Error> + Send + Sync;

/// A model that takes part in a comparison: its name, and how it is fitted.
#[derive(Clone)]
pub struct ModelCandidate {
    name: String,
    fit: Arc<Fit>,
}

impl ModelCandidate {
    /// A model under its usual name, fitted by [`fit`](crate::fit()).
    #[must_use]
    pub fn new<M: PurchaseModel<Data = Histories> + Repeat + 'static>() -> Self {
        ModelCandidate::fitted_by(M::NAME, fit::<M>)
    }

    /// A model that is fitted in a way of its own: under a constraint, say, or after a choice.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_btyd::{Nbd, fit, validation::ModelCandidate};
    ///
    /// let steady = ModelCandidate::fitted_by("NBD, three steps", |histories, options| {
    ///     fit::<Nbd>(histories, &options.clone().with_max_iterations(3))
    /// });
    /// assert_eq!(steady.name(), "NBD, three steps");
    /// ```
    #[must_use]
    pub fn fitted_by<M: PurchaseModel + Repeat + 'static>(
        name: impl Into<String>,
        fit: impl Fn(&Histories, &PurchaseOptions) -> Result<PurchaseFit<M>, Error> + Send + Sync + 'static,
    ) -> Self {
        let fit = Arc::new(move |histories: &Histories, options: &PurchaseOptions| {
            Ok(Box::new(fit(histories, options)?) as Box<dyn Forecaster>)
        });
        ModelCandidate { name: name.into(), fit }
    }

    /// The name that it goes by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn fit(
        &self,
        histories: &Histories,
        options: &PurchaseOptions,
    ) -> Result<Box<dyn Forecaster>, Error> {
        (self.fit)(histories, options)
    }
}

impl Debug for ModelCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelCandidate").field("name", &self.name).finish_non_exhaustive()
    }
}
