use std::borrow::Cow;
use std::fmt;

use crm_numbers::TimeUnit;

use super::diagnosis::Diagnosis;
use super::terms::Role;

/// What is told of any fit, whatever its model: for tables and files.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct FitReport {
    /// The model.
    pub model: Cow<'static, str>,
    /// Number of customers fitted to.
    pub customers: u64,
    /// What there is one of for each, in plural: `customers`.
    pub what: Cow<'static, str>,
    /// The unit of time, where the data knew it.
    pub unit: Option<TimeUnit>,
    /// Name, value and standard error of each parameter.
    pub parameters: Vec<(Cow<'static, str>, f64, Option<f64>)>,
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

#[cfg(all(test, feature = "serde"))]
mod tests {
    use super::*;
    use crate::fit::{Direction, Implication, Optimum};
    use crate::{Diagnosis, FitOptions, Histories, History, MbgNbd, fit};

    fn optimum(ln_likelihood: f64) -> Optimum {
        Optimum {
            ln_likelihood,
            parameters: vec![("r".into(), 0.5), ("alpha".into(), 6.25)],
            implies: Implication::new("mean P(alive)", 0.75),
        }
    }

    /// Every variant; a new one does not compile in [`known`] until it is added there.
    fn every_diagnosis() -> Vec<Diagnosis> {
        let all = vec![
            Diagnosis::FewCustomers { customers: 7, wanted: 100 },
            Diagnosis::FewRepeaters { repeaters: 3, wanted: 30 },
            Diagnosis::ShortWindow { longest_age: 10.5, mean_gap: 8.0 },
            Diagnosis::Boundary { parameter: "b".into(), direction: Direction::Zero, value: 1e-7 },
            Diagnosis::Boundary { parameter: "beta".into(), direction: Direction::Infinity, value: 1e7 },
            Diagnosis::NotIdentified { parameters: vec!["a".into(), "b".into()] },
            Diagnosis::Collapsed { into: "Pareto/NBD".into(), gain: -0.25 },
            Diagnosis::StartsDisagree {
                taken: optimum(-9.5),
                other: Optimum { implies: None, ..optimum(-12.0) },
            },
            Diagnosis::NotConverged { iterations: 100 },
            Diagnosis::NoMeanSpend { q: 0.5 },
            Diagnosis::SpendGoesWithFrequency { correlation: 0.375, p_value: 1e-9 },
        ];
        let mut seen: Vec<usize> = all.iter().map(known).collect();
        seen.dedup();
        assert!(seen.into_iter().eq(0..10));
        all
    }

    fn known(diagnosis: &Diagnosis) -> usize {
        match diagnosis {
            Diagnosis::FewCustomers { .. } => 0,
            Diagnosis::FewRepeaters { .. } => 1,
            Diagnosis::ShortWindow { .. } => 2,
            Diagnosis::Boundary { .. } => 3,
            Diagnosis::NotIdentified { .. } => 4,
            Diagnosis::Collapsed { .. } => 5,
            Diagnosis::StartsDisagree { .. } => 6,
            Diagnosis::NotConverged { .. } => 7,
            Diagnosis::NoMeanSpend { .. } => 8,
            Diagnosis::SpendGoesWithFrequency { .. } => 9,
        }
    }

    fn report() -> FitReport {
        FitReport {
            model: "MBG/NBD".into(),
            customers: 7,
            what: "customers".into(),
            unit: Some(TimeUnit::Week),
            parameters: vec![("r".into(), 0.5, Some(0.125)), ("alpha".into(), 6.25, None)],
            roles: vec![Role::Free, Role::Equal("r".into()), Role::Fixed],
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

    /// Numbers in a diagnosis are read as numbers, whatever a format makes of numbers that it has to buffer.
    #[test]
    fn every_diagnosis_is_read_as_it_was_stored() {
        for diagnosis in every_diagnosis() {
            for read in stored(&diagnosis) {
                assert_eq!(read, diagnosis);
            }
        }
        let text = serde_json::to_string(&Diagnosis::NotConverged { iterations: 100 }).unwrap();
        assert_eq!(text, r#"{"not_converged":{"iterations":100}}"#);
        for other in [
            r#"{"not_converged":{"iterations":100,"more":1}}"#,
            r#"{"not_converged":{}}"#,
            r#"{"unheard_of":{}}"#,
            r#"{"kind":"not_converged","iterations":100}"#,
        ] {
            assert!(serde_json::from_str::<Diagnosis>(other).is_err(), "{other}");
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
        let report = fit::<MbgNbd>(&data, &FitOptions::default()).unwrap().report();
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
