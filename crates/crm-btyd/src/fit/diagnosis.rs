use std::borrow::Cow;
use std::fmt;

use super::report::significant;
use crate::PurchaseModel;

/// Finding that makes a fit doubtful; its `Display` needs no knowledge of statistics.
///
/// Stored under the name of the variant: `{"not_converged":{"iterations":100}}`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum FitDiagnosis {
    /// Fewer customers than a fit can be trusted with.
    FewCustomers {
        /// Number found.
        customers: u64,
        /// Number required.
        wanted: u64,
    },
    /// Fewer customers with a repeat purchase than a fit can be trusted with.
    FewRepeaters {
        /// Number found.
        repeaters: u64,
        /// Number required.
        wanted: u64,
    },
    /// The customers were watched for less than two typical times between purchases.
    ShortWindow {
        /// The longest age.
        longest_age: f64,
        /// The mean time between purchases.
        mean_gap: f64,
    },
    /// The likelihood still rises where a parameter becomes very small or very large.
    Boundary {
        /// The parameter.
        parameter: Cow<'static, str>,
        /// Bound that it runs to.
        bound: ParameterBound,
        /// Value at which the search stopped.
        value: f64,
    },
    /// Parameters can change together without the likelihood noticing.
    NotIdentified {
        /// Names of these parameters.
        parameters: Vec<Cow<'static, str>>,
    },
    /// A simpler model says as much, by Akaike's criterion.
    Collapsed {
        /// The simpler model.
        into: Cow<'static, str>,
        /// By how much ln L of this one is larger; below 0 where the simpler model, with as many
        /// parameters, is the likelier one.
        gain: f64,
    },
    /// The likelihood has several local maxima: different explanations of the same data. Where
    /// distinct histories are many, maxima far below the highest are not looked for.
    StartsDisagree {
        /// The highest maximum found, which the fit takes.
        taken: Optimum,
        /// The next highest.
        other: Optimum,
    },
    /// The search ended before it reached a maximum.
    NotConverged {
        /// Number of iterations.
        iterations: u32,
    },
    /// The distribution of mean spend has so heavy a tail that it has no mean.
    NoMeanSpend {
        /// The parameter q, at most 1.
        q: f64,
    },
    /// Spend goes with frequency, which the spend model takes for unrelated.
    SpendGoesWithFrequency {
        /// The rank correlation of the two.
        correlation: f64,
        /// Probability of so strong a one by chance.
        p_value: f64,
    },
}

/// A local maximum of a likelihood, and its main consequence.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Optimum {
    /// Log-likelihood, with the priors if there are some.
    pub ln_likelihood: f64,
    /// Name and value of each parameter.
    pub parameters: Vec<ParameterValue>,
    /// The figure that tells explanations apart, if the model has one.
    pub implies: Option<Implication>,
}

/// Value of one parameter.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct ParameterValue {
    /// Name of the parameter.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: f64,
}

/// A figure that follows from the parameters, such as the mean P(alive) of the customers fitted to.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Implication {
    /// Name of the figure.
    pub what: Cow<'static, str>,
    /// Its value.
    pub value: f64,
}

impl Implication {
    /// A figure with its name; `None` if it is not finite.
    #[must_use]
    pub fn new(what: &'static str, value: f64) -> Option<Self> {
        value.is_finite().then_some(Implication { what: Cow::Borrowed(what), value })
    }
}

impl Optimum {
    pub(super) fn of<M: PurchaseModel>(model: &M, ln_likelihood: f64, data: &M::Data) -> Self {
        let theta = model.theta();
        Optimum {
            ln_likelihood,
            parameters: M::PARAMETERS
                .iter()
                .zip(theta.as_ref())
                .map(|(&name, &value)| ParameterValue { name: name.into(), value })
                .collect(),
            implies: model.implies(data),
        }
    }
}

/// The parameters, such as `r = 0.525, alpha = 6.183`.
impl fmt::Display for Optimum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, ParameterValue { name, value }) in self.parameters.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{name} = {}", significant(*value))?;
        }
        Ok(())
    }
}

/// Bound that a parameter runs to where the likelihood has no maximum inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterBound {
    /// Zero.
    Zero,
    /// Infinity.
    Infinity,
}

crm_numbers::names! {
    ParameterBound, "direction" {
        Zero = "zero",
        Infinity = "infinity",
    }
}

/// Fewer customers, or fewer with a repeat purchase, make any fit a sketch.
const ENOUGH_CUSTOMERS: u64 = 100;
const ENOUGH_REPEATERS: u64 = 30;

impl FitDiagnosis {
    /// Findings about the number of customers; `repeaters` where there is such a
    /// thing.
    pub(crate) fn of_size(customers: u64, repeaters: Option<u64>) -> Vec<Self> {
        let few_customers = FitDiagnosis::FewCustomers { customers, wanted: ENOUGH_CUSTOMERS };
        let few_repeaters =
            |repeaters: u64| FitDiagnosis::FewRepeaters { repeaters, wanted: ENOUGH_REPEATERS };
        let few_customers = (customers < ENOUGH_CUSTOMERS).then_some(few_customers);
        let few_repeaters = repeaters.filter(|&repeaters| repeaters < ENOUGH_REPEATERS).map(few_repeaters);
        few_customers.into_iter().chain(few_repeaters).collect()
    }
}

impl fmt::Display for FitDiagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FitDiagnosis::FewCustomers { customers, wanted } => {
                write!(
                    f,
                    "only {}, where at least {wanted} are needed: take the numbers as a sketch",
                    people(*customers)
                )
            }
            FitDiagnosis::FewRepeaters { repeaters: 0, .. } => f.write_str(
                "nobody bought again: whether anybody is still a customer cannot be known, and every prediction is a guess",
            ),
            FitDiagnosis::FewRepeaters { repeaters, wanted } => write!(
                f,
                "only {} bought again, where at least {wanted} are needed: \
                 how often and how long people buy is mostly guesswork here",
                people(*repeaters)
            ),
            FitDiagnosis::ShortWindow { longest_age, mean_gap } => write!(
                f,
                "the longest observation, {longest_age:.1}, is less than two mean times between purchases ({mean_gap:.1}): \
                 silence cannot yet be told from drop-out"
            ),
            FitDiagnosis::Boundary { parameter, bound, value } => {
                let towards = match bound {
                    ParameterBound::Zero => "0",
                    ParameterBound::Infinity => "infinity",
                };
                write!(
                    f,
                    "the likelihood keeps rising as {parameter} goes to {towards} (stopped at {value:.3e}): \
                     the data do not show the spread that this parameter describes"
                )
            }
            FitDiagnosis::NotIdentified { parameters } => write!(
                f,
                "{} can change together without any effect on the likelihood: use predictions, not these parameters",
                parameters.join(" and ")
            ),
            FitDiagnosis::Collapsed { into, gain } if *gain < 0.0 => {
                write!(f, "the simpler {into} is the likelier one (ln L {:.2} above): take it", -gain)
            }
            FitDiagnosis::Collapsed { into, gain } => write!(
                f,
                "the simpler {into} says as much (ln L only {gain:.2} below): take it, or do not read anything into the parameters it lacks"
            ),
            FitDiagnosis::StartsDisagree { taken, other } => {
                let below = taken.ln_likelihood - other.ln_likelihood;
                write!(
                    f,
                    "the likelihood has another local maximum, {below:.2} in ln L below the one taken ({other})"
                )?;
                if let (Some(here), Some(there)) = (&taken.implies, &other.implies) {
                    write!(f, ": {} is {:.4} there and {:.4} here", here.what, there.value, here.value)?;
                }
                if below < 2.0 {
                    f.write_str("; the data hardly tell the two explanations apart")?;
                }
                Ok(())
            }
            FitDiagnosis::NotConverged { iterations } => {
                write!(
                    f,
                    "the search stopped after {iterations} iterations without reaching a maximum: do not use this fit"
                )
            }
            FitDiagnosis::NoMeanSpend { q } => write!(
                f,
                "q = {q:.3} is at most 1, so that mean spend over customers has no finite mean: use the median"
            ),
            FitDiagnosis::SpendGoesWithFrequency { correlation, p_value } => write!(
                f,
                "customers who buy more often spend differently (rank correlation {correlation:.2}, p = {p_value:.1e}), \
                 which the model takes for unrelated: values of heavy buyers are off"
            ),
        }
    }
}

fn people(n: u64) -> String {
    if n == 1 { "1 customer".to_owned() } else { format!("{n} customers") }
}
