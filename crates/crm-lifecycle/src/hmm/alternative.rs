use super::HmmModel;
use super::Sequences;
use super::climb::Climb;
use super::expect::ever;
use crate::error::Error;
use crm_numbers::check;

/// A model with some number of stages, fitted beside those with other numbers.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Alternative {
    model: HmmModel,
    ln_likelihood: f64,
    bic: f64,
    customers: Vec<f64>,
    least: f64,
}

crm_numbers::gate!(Alternative, Alternative::checked);

/// Number of customers below which a stage is rare: ten for each of the three parameters that a
/// stage has at least, for its purchases, its stay and the next stage.
const FEW: f64 = 30.0;
/// Share of all customers below which a stage is rare: it has no weight for the business.
const SMALL_SHARE: f64 = 0.001;

impl Alternative {
    /// Checks that stored parts are consistent.
    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        check::length("numbers of customers", self.customers.len(), self.model.states())?;
        check::range_of_all("numbers of customers", &self.customers, 0.0..)?;
        check::range("log-likelihood", self.ln_likelihood, ..)?;
        check::range("BIC", self.bic, ..)?;
        check::range("least number of customers", self.least, FEW..)?;
        Ok(self)
    }

    /// Creates an alternative from the end of a run, with data in which one sequence may represent
    /// several of the customers.
    pub(super) fn of(climb: &Climb, data: &Sequences, customers: usize) -> Self {
        let (model, ln_likelihood) = (climb.model.clone(), climb.reached());
        let all = customers as f64;
        let bic = model.parameters() as f64 * all.ln() - 2.0 * ln_likelihood;
        let customers = ever(&model, data);
        Self { model, ln_likelihood, bic, customers, least: FEW.max(SMALL_SHARE * all) }
    }

    /// Returns the model.
    #[must_use]
    pub fn model(&self) -> &HmmModel {
        &self.model
    }

    /// Returns the log-likelihood.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        self.ln_likelihood
    }

    /// Returns Schwarz's criterion, `p ln n - 2 ln L` for p parameters and n customers.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.bic
    }

    /// Returns the expected number of customers who were ever in each state, in the order of the
    /// states: the sum of `1 - P(never there | purchases)`.
    #[must_use]
    pub fn customers(&self) -> &[f64] {
        &self.customers
    }

    /// Returns the number of customers below which a stage is rare: 30, or one in 1 000 of all
    /// customers if that is more.
    ///
    /// By the rule of ten events per parameter, 30 customers are the minimum for an estimate of
    /// purchases, stay and next stage.
    ///
    /// # References
    ///
    /// Peduzzi, P. et al. (1996), "A Simulation Study of the Number of Events per Variable in
    /// Logistic Regression Analysis", Journal of Clinical Epidemiology 49, 1373-1379, for the rule.
    #[must_use]
    pub fn least_customers(&self) -> f64 {
        self.least
    }

    /// Iterates over the rare states, with their expected number of customers; see
    /// [`least_customers`](Self::least_customers).
    pub fn rare(&self) -> impl Iterator<Item = (&str, f64)> + '_ {
        let states = self.model.topology().names().zip(self.customers.iter().copied());
        states.filter(|(_, customers)| *customers < self.least)
    }
}

/// Returns the alternative with the smallest criterion among those without a rare stage, and among
/// equal ones the one with fewer stages; if all have a rare stage, the one with the fewest stages.
pub(super) fn recommended(alternatives: &[Alternative]) -> Option<&Alternative> {
    let usable = alternatives.iter().filter(|other| other.rare().next().is_none());
    usable.reduce(|best, other| if other.bic < best.bic { other } else { best }).or(alternatives.first())
}
