use std::fmt;

use super::LogisticModel;
use crate::error::Error;
use crm_numbers::check;

/// A reason for a warning, or for none: a feature that moves the customer to their side of the
/// threshold.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct PredictionReason {
    /// Name of the feature.
    pub name: String,
    /// Value of the customer.
    pub value: f64,
    /// Usual value: the mean.
    pub usual: f64,
    /// Contribution to the logit, compared with a customer with the usual value.
    pub logit: f64,
    /// Value at which the customer would reach the threshold, all else equal; `None` if it lies
    /// outside the observed values, so that this feature alone cannot change the side.
    pub flips_at: Option<f64>,
}

impl LogisticModel {
    /// Returns the reasons why a customer is on their side of a threshold: all features that move
    /// them there, the strongest first.
    ///
    /// Customers with a probability of at least the threshold are warned about. A reason is
    /// testable: a value moved past `flips_at` changes the side. If no feature moves the customer
    /// there, the average customer is on this side, too.
    ///
    /// # Errors
    ///
    /// Fails like [`logit`](Self::logit), and with [`Error::Input`] for a threshold that is not a
    /// probability.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::logistic::{LogisticModel, ModelTerm};
    ///
    /// let model = LogisticModel::new(-1.0, [ModelTerm::new("idle", 30.0, 20.0, 0.5)?, ModelTerm::new("orders", 4.0, 2.0, -0.25)?])?;
    /// // A logit of 0.25 is a probability of 56 %.
    /// let reasons = model.reasons(&[80.0, 4.0], 0.5)?;
    /// assert_eq!(reasons.len(), 1); // the number of orders is usual
    /// assert_eq!(reasons[0].flips_at, Some(70.0));
    /// assert_eq!(reasons[0].to_string(), "idle 80.00 (usual 30.00) adds 1.25; the answer changes at 70.00");
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn reasons(&self, values: &[f64], threshold: f64) -> Result<Vec<PredictionReason>, Error> {
        check::range("threshold", threshold, 0.0..=1.0)?;
        let logit = self.logit(values)?;
        let cut = threshold.ln() - (-threshold).ln_1p();
        let warned = logit >= cut;
        let pushes = |logit: f64| if warned { logit > 0.0 } else { logit < 0.0 };
        let mut reasons: Vec<PredictionReason> = self
            .terms()
            .iter()
            .zip(values)
            .filter(|(term, value)| pushes(term.logit(**value)))
            .map(|(term, &value)| {
                let flips_at = value + (cut - logit) / term.coefficient() * term.deviation();
                let (lowest, highest) = term.seen();
                PredictionReason {
                    name: term.name().to_owned(),
                    value,
                    usual: term.mean(),
                    logit: term.logit(value),
                    flips_at: Some(flips_at).filter(|at| at.is_finite() && (lowest..=highest).contains(at)),
                }
            })
            .collect();
        reasons.sort_by(|a, b| b.logit.abs().total_cmp(&a.logit.abs()));
        Ok(reasons)
    }
}

impl fmt::Display for PredictionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, usual, logit, flips_at } = self;
        let does = if *logit < 0.0 { "takes" } else { "adds" };
        write!(f, "{name} {value:.2} (usual {usual:.2}) {does} {:.2}", logit.abs())?;
        match flips_at {
            Some(at) => write!(f, "; the answer changes at {at:.2}"),
            None => Ok(()),
        }
    }
}
