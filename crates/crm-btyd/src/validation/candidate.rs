use std::fmt::{self, Debug};
use std::sync::Arc;

use crm_numbers::Level;

use crate::{CountInterval, Error, FitOptions, FitReport, Fitted, Histories, History, Horizon, Repeat, fit};

/// A fitted model of repeat purchases of which the kind is not known: what a comparison keeps of each.
pub trait Forecaster: Debug + Send + Sync {
    /// Parameters, likelihood and diagnosis.
    fn report(&self) -> FitReport;

    /// [`Repeat::p_alive_all`].
    ///
    /// # Errors
    ///
    /// [`Error::BufferLength`].
    fn p_alive_all(&self, histories: &[History], into: &mut [f64]) -> Result<(), Error>;

    /// [`Repeat::expected_purchases_all`].
    ///
    /// # Errors
    ///
    /// [`Error::BufferLength`].
    fn expected_purchases_all(
        &self,
        histories: &[History],
        horizon: Horizon,
        into: &mut [f64],
    ) -> Result<(), Error>;

    /// [`Fitted::predictive_intervals`].
    ///
    /// # Errors
    ///
    /// [`Error::BufferLength`].
    fn predictive_intervals(
        &self,
        histories: &[History],
        horizon: Horizon,
        level: Level,
        into: &mut [Option<CountInterval>],
    ) -> Result<(), Error>;
}

impl<M: Repeat> Forecaster for Fitted<M> {
    fn report(&self) -> FitReport {
        Fitted::report(self)
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
        Fitted::predictive_intervals(self, histories, horizon, level, into)
    }
}

type Fit = dyn Fn(&Histories, &FitOptions) -> Result<Box<dyn Forecaster>, Error> + Send + Sync;

/// A model that takes part in a comparison: its name, and how it is fitted.
#[derive(Clone)]
pub struct Candidate {
    name: String,
    fit: Arc<Fit>,
}

impl Candidate {
    /// A model under its usual name, fitted by [`fit`].
    #[must_use]
    pub fn of<M: Repeat<Data = Histories> + 'static>() -> Self {
        Candidate::fitted_by(M::NAME, fit::<M>)
    }

    /// A model that is fitted in a way of its own: under a constraint, say, or after a choice.
    ///
    /// ```
    /// use crm_btyd::{Candidate, Nbd, fit};
    ///
    /// let steady = Candidate::fitted_by("NBD, three steps", |histories, options| {
    ///     fit::<Nbd>(histories, &options.clone().with_max_iterations(3))
    /// });
    /// assert_eq!(steady.name(), "NBD, three steps");
    /// ```
    #[must_use]
    pub fn fitted_by<M: Repeat + 'static>(
        name: impl Into<String>,
        fit: impl Fn(&Histories, &FitOptions) -> Result<Fitted<M>, Error> + Send + Sync + 'static,
    ) -> Self {
        let fit = Arc::new(move |histories: &Histories, options: &FitOptions| {
            Ok(Box::new(fit(histories, options)?) as Box<dyn Forecaster>)
        });
        Candidate { name: name.into(), fit }
    }

    /// The name that it goes by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn fit(
        &self,
        histories: &Histories,
        options: &FitOptions,
    ) -> Result<Box<dyn Forecaster>, Error> {
        (self.fit)(histories, options)
    }
}

impl Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate").field("name", &self.name).finish_non_exhaustive()
    }
}
