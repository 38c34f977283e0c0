//! Fitted models of purchases and of spend behind one interface.

use crm_analytics::btyd::{
    BgNbd, Discount, GammaGamma, Histories, History, Horizon, Level, MbgNbd, PurchaseFit, PurchaseModel,
    PurchaseOptions, Repeat, Spends, fit, models::Sample,
};

use crate::Error;
use crate::options::ModelName;

/// Results common to all fits.
#[derive(Debug, Clone)]
pub(crate) struct FitFacts {
    pub(crate) name: &'static str,
    pub(crate) customers: u64,
    /// Name, estimate, standard error.
    pub(crate) parameters: Vec<(&'static str, f64, Option<f64>)>,
    pub(crate) ln_likelihood: f64,
    pub(crate) doubts: Vec<String>,
}

impl FitFacts {
    pub(crate) fn of<M: PurchaseModel>(fitted: &PurchaseFit<M>) -> Self {
        FitFacts {
            name: M::NAME,
            customers: fitted.customers(),
            parameters: fitted.parameters().collect(),
            ln_likelihood: fitted.ln_likelihood(),
            doubts: fitted.diagnosis().iter().map(ToString::to_string).collect(),
        }
    }
}

/// A fitted model of purchases.
pub(crate) trait Purchases {
    fn facts(&self) -> FitFacts;
    fn p_alive(&self, histories: &[History]) -> Result<Vec<f64>, Error>;
    fn expected(&self, histories: &[History], horizon: Horizon) -> Result<Vec<f64>, Error>;
    fn discounted(
        &self,
        histories: &[History],
        horizon: Horizon,
        discount: Discount,
    ) -> Result<Vec<f64>, Error>;
    /// Returns the expected repeat purchases of a new customer.
    fn expected_new(&self, horizon: Horizon) -> f64;
    /// Returns the probability that a new customer makes a given number of repeat purchases.
    fn pmf_new(&self, horizon: Horizon, count: u32) -> f64;
    /// Returns the bounds of the 95 % interval of the expected purchases of all customers together.
    fn total_bounds(&self, histories: &[History], horizon: Horizon) -> Option<(f64, f64)>;
}

impl<M: PurchaseModel<Data = Histories> + Repeat> Purchases for PurchaseFit<M> {
    fn facts(&self) -> FitFacts {
        FitFacts::of(self)
    }

    fn p_alive(&self, histories: &[History]) -> Result<Vec<f64>, Error> {
        filled(histories, |into| self.model().p_alive_all(histories, into))
    }

    fn expected(&self, histories: &[History], horizon: Horizon) -> Result<Vec<f64>, Error> {
        filled(histories, |into| self.model().expected_purchases_all(histories, horizon, into))
    }

    fn discounted(
        &self,
        histories: &[History],
        horizon: Horizon,
        discount: Discount,
    ) -> Result<Vec<f64>, Error> {
        filled(histories, |into| self.model().discounted_purchases_all(histories, horizon, discount, into))
    }

    fn expected_new(&self, horizon: Horizon) -> f64 {
        self.model().expected_purchases_new(horizon)
    }

    fn pmf_new(&self, horizon: Horizon, count: u32) -> f64 {
        self.model().pmf(&History::NEW, horizon, count)
    }

    fn total_bounds(&self, histories: &[History], horizon: Horizon) -> Option<(f64, f64)> {
        let total = |model: &M| {
            let mut into = vec![0.0; histories.len()];
            match model.expected_purchases_all(histories, horizon, &mut into) {
                Ok(()) => into.iter().sum(),
                Err(_) => 0.0,
            }
        };
        let interval = self.expectation_interval(Level::default(), total)?;
        Some((interval.lower, interval.upper))
    }
}

fn filled<E: std::fmt::Display>(
    histories: &[History],
    fill: impl FnOnce(&mut [f64]) -> Result<(), E>,
) -> Result<Vec<f64>, Error> {
    let mut into = vec![0.0; histories.len()];
    fill(&mut into).map_err(Error::refused)?;
    Ok(into)
}

/// Fits a model given by name.
pub(crate) fn fit_purchases(name: ModelName, histories: &Histories) -> Result<Box<dyn Purchases>, Error> {
    let options = PurchaseOptions::default();
    Ok(match name {
        ModelName::BgNbd => Box::new(fit::<BgNbd>(histories, &options).map_err(Error::refused)?),
        ModelName::MbgNbd => Box::new(fit::<MbgNbd>(histories, &options).map_err(Error::refused)?),
    })
}

/// Fits the spend of repeat purchases, or explains why it cannot be fitted.
pub(crate) fn fit_spends(spends: &Spends) -> Result<PurchaseFit<GammaGamma>, String> {
    if spends.customers() == 0 {
        return Err("nobody has bought again for money".to_owned());
    }
    fit::<GammaGamma>(spends, &PurchaseOptions::default()).map_err(|error| error.to_string())
}
