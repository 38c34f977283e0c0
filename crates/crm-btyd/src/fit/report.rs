use std::fmt;

use crm_numbers::TimeUnit;

use super::diagnosis::Diagnosis;
use super::terms::Role;

/// What is told of any fit, whatever its model: for tables and files.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct FitReport {
    /// The model.
    pub model: &'static str,
    /// Number of customers fitted to.
    pub customers: u64,
    /// What there is one of for each, in plural: `customers`.
    pub what: &'static str,
    /// The unit of time, where the data knew it.
    pub unit: Option<TimeUnit>,
    /// Name, value and standard error of each parameter.
    pub parameters: Vec<(&'static str, f64, Option<f64>)>,
    /// What each parameter was in the fit.
    pub roles: Vec<Role>,
    /// ln of the likelihood.
    pub ln_likelihood: f64,
    /// ln of the priors; 0 without priors.
    pub ln_prior: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Everything that makes the fit doubtful.
    pub diagnosis: Vec<Diagnosis>,
}

/// A table as papers print it: parameters with standard errors, the likelihood, and what is doubtful.
impl fmt::Display for FitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fitted to {} {}", self.model, self.customers, self.what)?;
        if let Some(unit) = self.unit {
            write!(f, ", time in {unit}s")?;
        }
        write!(f, "\n{:>12} {:>14} {:>14}", "parameter", "estimate", "std. error")?;
        for ((name, theta, error), role) in self.parameters.iter().zip(&self.roles) {
            let error = match role {
                Role::Fixed => "fixed".to_owned(),
                Role::Equal(other) => format!("= {other}"),
                Role::Free => error.map_or_else(|| "-".to_owned(), significant),
            };
            write!(f, "\n{name:>12} {:>14} {error:>14}", significant(*theta))?;
        }
        write!(f, "\nln L {:.4}, AIC {:.2}, BIC {:.2}", self.ln_likelihood, self.aic, self.bic)?;
        if self.ln_prior.abs() > 0.0 {
            write!(f, "; ln prior {:.4}", self.ln_prior)?;
        }
        for doubt in &self.diagnosis {
            write!(f, "\ndoubtful: {doubt}")?;
        }
        Ok(())
    }
}

/// Six significant digits.
pub(super) fn significant(value: f64) -> String {
    let digits = 5 - value.abs().max(1e-300).log10().floor() as i32;
    match usize::try_from(digits) {
        Ok(decimals) if decimals <= 10 => format!("{value:.decimals$}"),
        _ => format!("{value:.5e}"),
    }
}
