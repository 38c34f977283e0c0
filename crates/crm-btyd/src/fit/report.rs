use std::borrow::Cow;
use std::fmt;

use crm_numbers::TimeUnit;

use super::diagnosis::FitDiagnosis;
use super::terms::ParameterRole;

/// Fit of any model as plain values, for tables and files.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct FitReport {
    /// The model.
    pub model: Cow<'static, str>,
    /// Returns the number of customers that the model was fitted to.
    pub customers: u64,
    /// Plural noun for the observations, such as `customers`.
    pub what: Cow<'static, str>,
    /// The unit of time, where the data knew it.
    pub unit: Option<TimeUnit>,
    /// Estimates of the parameters, in their order.
    pub parameters: Vec<ParameterEstimate>,
    /// ln of the likelihood.
    pub ln_likelihood: f64,
    /// ln of the priors; 0 without priors.
    pub ln_prior: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Returns whatever makes the fit doubtful.
    pub diagnosis: Vec<FitDiagnosis>,
}

/// Estimate of one parameter.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ParameterEstimate {
    /// Name of the parameter.
    pub name: Cow<'static, str>,
    /// Estimated or fixed value.
    pub value: f64,
    /// Standard error; `None` for a fixed parameter, and where the likelihood has no maximum inside
    /// the bounds.
    pub standard_error: Option<f64>,
    /// Role of the parameter in the fit.
    pub role: ParameterRole,
}

/// A table as papers print it: parameters with standard errors, the likelihood, and what is
/// doubtful.
impl fmt::Display for FitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fitted to {} {}", self.model, self.customers, self.what)?;
        if let Some(unit) = self.unit {
            write!(f, ", time in {unit}s")?;
        }
        write!(f, "\n{:>12} {:>14} {:>14}", "parameter", "estimate", "std. error")?;
        for ParameterEstimate { name, value, standard_error, role } in &self.parameters {
            let error = match role {
                ParameterRole::Fixed => "fixed".to_owned(),
                ParameterRole::Equal(other) => format!("= {other}"),
                ParameterRole::Free => standard_error.map_or_else(|| "-".to_owned(), significant),
            };
            write!(f, "\n{name:>12} {:>14} {error:>14}", significant(*value))?;
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

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;
    use crate::fit::{Implication, Optimum, ParameterBound, ParameterValue};
    use crate::{FitDiagnosis, Histories, History, MbgNbd, PurchaseOptions, fit};

    fn optimum(ln_likelihood: f64) -> Optimum {
        Optimum {
            ln_likelihood,
            parameters: vec![ParameterValue { name: "r".into(), value: 0.5 }],
            implies: Implication::new("mean P(alive)", 0.75),
        }
    }

    /// Every variant; a new one does not compile in [`known`] until it is added there.
    fn every_diagnosis() -> Vec<FitDiagnosis> {
        let all = vec![
            FitDiagnosis::FewCustomers { customers: 7, wanted: 100 },
            FitDiagnosis::FewRepeaters { repeaters: 3, wanted: 30 },
            FitDiagnosis::ShortWindow { longest_age: 10.5, mean_gap: 8.0 },
            FitDiagnosis::Boundary { parameter: "b".into(), bound: ParameterBound::Zero, value: 1e-7 },
            FitDiagnosis::Boundary { parameter: "beta".into(), bound: ParameterBound::Infinity, value: 1e7 },
            FitDiagnosis::NotIdentified { parameters: vec!["a".into(), "b".into()] },
            FitDiagnosis::Collapsed { into: "Pareto/NBD".into(), gain: -0.25 },
            FitDiagnosis::StartsDisagree {
                taken: optimum(-9.5),
                other: Optimum { implies: None, ..optimum(-12.0) },
            },
            FitDiagnosis::NotConverged { iterations: 100 },
            FitDiagnosis::NoMeanSpend { q: 0.5 },
            FitDiagnosis::SpendGoesWithFrequency { correlation: 0.375, p_value: 1e-9 },
        ];
        let mut seen: Vec<usize> = all.iter().map(known).collect();
        seen.dedup();
        assert!(seen.into_iter().eq(0..10));
        all
    }

    fn known(diagnosis: &FitDiagnosis) -> usize {
        match diagnosis {
            FitDiagnosis::FewCustomers { .. } => 0,
            FitDiagnosis::FewRepeaters { .. } => 1,
            FitDiagnosis::ShortWindow { .. } => 2,
            FitDiagnosis::Boundary { .. } => 3,
            FitDiagnosis::NotIdentified { .. } => 4,
            FitDiagnosis::Collapsed { .. } => 5,
            FitDiagnosis::StartsDisagree { .. } => 6,
            FitDiagnosis::NotConverged { .. } => 7,
            FitDiagnosis::NoMeanSpend { .. } => 8,
            FitDiagnosis::SpendGoesWithFrequency { .. } => 9,
        }
    }

    fn estimate(name: &'static str, standard_error: Option<f64>, role: ParameterRole) -> ParameterEstimate {
        ParameterEstimate { name: name.into(), value: 6.25, standard_error, role }
    }

    fn report() -> FitReport {
        FitReport {
            model: "MBG/NBD".into(),
            customers: 7,
            what: "customers".into(),
            unit: Some(TimeUnit::Week),
            parameters: vec![
                estimate("r", Some(0.125), ParameterRole::Free),
                estimate("alpha", None, ParameterRole::Equal("r".into())),
                estimate("a", None, ParameterRole::Fixed),
            ],
            ln_likelihood: -9.5,
            ln_prior: 0.0,
            aic: 27.0,
            bic: 30.5,
            diagnosis: every_diagnosis(),
        }
    }

    /// Reads what was stored, from text that is gone and from a reader.
    #[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
    fn stored<T>(value: &T) -> [T; 2]
    where
        T: serde::Serialize + serde::de::DeserializeOwned,
    {
        let from_text = {
            let text = serde_json::to_string(value).unwrap();
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
        };
        let bytes = serde_json::to_vec(value).unwrap();
        [from_text, serde_json::from_reader(bytes.as_slice()).unwrap()]
    }

    /// Numbers in a diagnosis are read as numbers, whatever a format makes of numbers that it has
    /// to buffer.
    #[test]
    fn every_diagnosis_is_read_as_it_was_stored() {
        for diagnosis in every_diagnosis() {
            for read in stored(&diagnosis) {
                assert_eq!(read, diagnosis);
            }
        }
        let text = serde_json::to_string(&FitDiagnosis::NotConverged { iterations: 100 }).unwrap();
        assert_eq!(text, r#"{"not_converged":{"iterations":100}}"#);
        for other in [
            r#"{"not_converged":{"iterations":100,"more":1}}"#,
            r#"{"not_converged":{}}"#,
            r#"{"unheard_of":{}}"#,
            r#"{"kind":"not_converged","iterations":100}"#,
        ] {
            assert!(serde_json::from_str::<FitDiagnosis>(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_report_is_read_as_it_was_stored() {
        let report = report();
        for read in stored(&report) {
            assert_eq!(read, report);
            assert_eq!(read.to_string(), report.to_string());
        }
        let unknown = serde_json::to_string(&report).unwrap().replacen('{', r#"{"more":1,"#, 1);
        assert!(serde_json::from_str::<FitReport>(&unknown).unwrap_err().to_string().contains("more"));
    }

    /// A fit with two explanations that disagree, as a search finds it.
    #[test]
    fn a_report_of_a_fit_is_read_as_it_was_stored() {
        let row = |x, recency, n| (History::new(x, recency, 100.0).unwrap(), n);
        let data = Histories::weighted([row(0, 0.0, 600), row(10, 90.0, 100), row(5, 70.0, 60)]);
        let report = fit::<MbgNbd>(&data, &PurchaseOptions::default()).unwrap().report();
        for read in stored(&report) {
            assert_eq!(read.to_string(), report.to_string());
            assert_eq!(read.diagnosis.len(), report.diagnosis.len());
            let close = |(read, told): (&f64, &f64)| (read / told - 1.0).abs() < 1e-15;
            assert!(
                [&read.ln_likelihood, &read.aic]
                    .into_iter()
                    .zip([&report.ln_likelihood, &report.aic])
                    .all(close)
            );
        }
    }
}
