use crm_numbers::{TimeUnit, check};
use crm_statistics::Termination;

use super::diagnosis::FitDiagnosis;
use super::fitted::PurchaseFit;
use crate::{AnyModel, Error, PurchaseModel};

/// Version of the stored form.
const VERSION: u32 = 1;

/// A fit as it is stored: the model, its unit of time, and what is known of its parameters.
///
/// # Examples
///
/// A service loads a fit and scores customers, without knowing which model it is.
///
/// ```
/// # #[cfg(feature = "serde")] {
/// use crm_btyd::fit::StoredFit;
/// use crm_btyd::{Histories, History, Horizon, MbgNbd, PurchaseOptions, Repeat, fit};
///
/// let histories = Histories::weighted([
///     (History::new(0, 0.0, 39.0)?, 900),
///     (History::new(1, 25.0, 39.0)?, 270),
///     (History::new(4, 36.0, 39.0)?, 80),
/// ]);
/// let fitted = fit::<MbgNbd>(&histories, &PurchaseOptions::default())?;
/// let text = serde_json::to_string(&StoredFit::from(&fitted)).unwrap();
///
/// let stored: StoredFit = serde_json::from_str(&text).unwrap();
/// let customer = History::new(4, 36.0, 39.0)?;
/// assert_eq!((stored.model().name(), stored.customers()), ("MBG/NBD", 1_250));
/// assert!(stored.model().p_alive(&customer) > 0.7);
/// # }
/// # Ok::<(), crm_btyd::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct StoredFit {
    version: u32,
    model: AnyModel,
    unit: Option<TimeUnit>,
    customers: u64,
    ln_likelihood: f64,
    termination: Termination,
    covariance: Vec<Vec<Option<f64>>>,
    diagnosis: Vec<FitDiagnosis>,
}

crm_numbers::gate!(StoredFit, StoredFit::checked);

impl<M: PurchaseModel + Into<AnyModel>> From<&PurchaseFit<M>> for StoredFit {
    fn from(fitted: &PurchaseFit<M>) -> Self {
        let n = M::PARAMETERS.len();
        StoredFit {
            version: VERSION,
            model: (*fitted.model()).into(),
            unit: fitted.unit(),
            customers: fitted.customers(),
            ln_likelihood: fitted.ln_likelihood(),
            termination: fitted.termination(),
            covariance: (0..n).map(|i| (0..n).map(|j| fitted.covariance(i, j)).collect()).collect(),
            diagnosis: fitted.diagnosis().to_vec(),
        }
    }
}

impl StoredFit {
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "a gate of stored fits"))]
    fn checked(self) -> Result<Self, Error> {
        check::range("version of a stored fit", self.version, VERSION..=VERSION)?;
        check::range("number of customers", self.customers, 1..)?;
        check::range("log-likelihood", self.ln_likelihood, ..)?;
        let n = self.model.parameters().count();
        check::length("rows of the covariance", self.covariance.len(), n)?;
        for (i, row) in self.covariance.iter().enumerate() {
            check::length("columns of the covariance", row.len(), n)?;
            for (j, entry) in row.iter().enumerate() {
                let Some(entry) = *entry else { continue };
                check::range("covariance", entry, if i == j { 0.0 } else { f64::MIN }..)?;
            }
        }
        Ok(self)
    }

    /// Returns the model, which predicts.
    #[must_use]
    pub fn model(&self) -> &AnyModel {
        &self.model
    }

    /// Returns the model for customers whose times are in a unit.
    ///
    /// Where the data of the fit had no unit, the caller answers for it.
    ///
    /// # Errors
    ///
    /// [`Error::Unit`] if the model was fitted to times in another unit.
    pub fn model_in(&self, unit: TimeUnit) -> Result<&AnyModel, Error> {
        match self.unit {
            Some(fitted) if fitted != unit => Err(Error::Unit { fitted, asked: unit }),
            _ => Ok(&self.model),
        }
    }

    /// Returns the unit of time of the parameters, if the data had one.
    #[must_use]
    pub fn unit(&self) -> Option<TimeUnit> {
        self.unit
    }

    /// Returns the number of customers that the model was fitted to.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Returns the maximum of the log-likelihood.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    /// Returns the reason why the fit ended.
    #[must_use]
    pub fn termination(&self) -> Termination {
        self.termination
    }

    /// Returns the covariance of two parameters by their indices; `None` without a standard error.
    #[must_use]
    pub fn covariance(&self, i: usize, j: usize) -> Option<f64> {
        self.covariance.get(i)?.get(j).copied()?
    }

    /// Returns whatever makes the fit doubtful; empty if nothing does.
    #[must_use]
    pub fn diagnosis(&self) -> &[FitDiagnosis] {
        &self.diagnosis
    }
}
