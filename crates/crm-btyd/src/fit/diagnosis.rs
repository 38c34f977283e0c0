use std::fmt;

/// What makes a fit doubtful, in words that need no statistics.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Diagnosis {
    /// Fewer customers than a fit can be trusted with.
    FewCustomers {
        /// How many there are.
        customers: u64,
        /// How many there should be.
        wanted: u64,
    },
    /// Fewer customers with a repeat purchase than a fit can be trusted with.
    FewRepeaters {
        /// How many there are.
        repeaters: u64,
        /// How many there should be.
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
        parameter: &'static str,
        /// Where it went.
        direction: Direction,
        /// How far it got.
        value: f64,
    },
    /// Parameters can change together without the likelihood noticing.
    NotIdentified {
        /// Those that change most.
        parameters: Vec<&'static str>,
    },
    /// A simpler model says as much, by Akaike's criterion.
    Collapsed {
        /// The simpler model.
        into: &'static str,
        /// By how much ln L of this one is larger; below 0 where the simpler model, with as many parameters, is the likelier one.
        gain: f64,
    },
    /// Searches from different starts ended on tops of different height.
    StartsDisagree {
        /// How far the lowest lies below the highest, in ln L.
        below: f64,
    },
    /// The search ended before a top was reached.
    NotConverged {
        /// After how many steps.
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

/// Where a parameter goes that has no top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Direction {
    /// Towards 0.
    Zero,
    /// Without end.
    Infinity,
}

/// Fewer customers, or fewer with a repeat purchase, make any fit a sketch.
const ENOUGH_CUSTOMERS: u64 = 100;
const ENOUGH_REPEATERS: u64 = 30;

impl Diagnosis {
    /// What is doubtful about so few customers, if anything is; `repeaters` where there is such a thing.
    pub(crate) fn of_size(customers: u64, repeaters: Option<u64>) -> Vec<Self> {
        let few_customers = Diagnosis::FewCustomers { customers, wanted: ENOUGH_CUSTOMERS };
        let few_repeaters = |repeaters: u64| Diagnosis::FewRepeaters { repeaters, wanted: ENOUGH_REPEATERS };
        let few_customers = (customers < ENOUGH_CUSTOMERS).then_some(few_customers);
        let few_repeaters = repeaters.filter(|&repeaters| repeaters < ENOUGH_REPEATERS).map(few_repeaters);
        few_customers.into_iter().chain(few_repeaters).collect()
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Diagnosis::FewCustomers { customers, wanted } => {
                write!(
                    f,
                    "only {}, where at least {wanted} are needed: take the numbers as a sketch",
                    people(*customers)
                )
            }
            Diagnosis::FewRepeaters { repeaters: 0, .. } => f.write_str(
                "nobody bought again: whether anybody is still a customer cannot be known, and every prediction is a guess",
            ),
            Diagnosis::FewRepeaters { repeaters, wanted } => write!(
                f,
                "only {} bought again, where at least {wanted} are needed: \
                 how often and how long people buy is mostly guesswork here",
                people(*repeaters)
            ),
            Diagnosis::ShortWindow { longest_age, mean_gap } => write!(
                f,
                "the longest observation, {longest_age:.1}, is less than two mean times between purchases ({mean_gap:.1}): \
                 silence cannot yet be told from drop-out"
            ),
            Diagnosis::Boundary { parameter, direction, value } => {
                let towards = match direction {
                    Direction::Zero => "0",
                    Direction::Infinity => "infinity",
                };
                write!(
                    f,
                    "the likelihood keeps rising as {parameter} goes to {towards} (stopped at {value:.3e}): \
                     the data do not show the spread that this parameter describes"
                )
            }
            Diagnosis::NotIdentified { parameters } => write!(
                f,
                "{} can change together without any effect on the likelihood: use predictions, not these parameters",
                parameters.join(" and ")
            ),
            Diagnosis::Collapsed { into, gain } if *gain < 0.0 => {
                write!(f, "the simpler {into} is the likelier one (ln L {:.2} above): take it", -gain)
            }
            Diagnosis::Collapsed { into, gain } => write!(
                f,
                "the simpler {into} says as much (ln L only {gain:.2} below): take it, or do not read anything into the parameters it lacks"
            ),
            Diagnosis::StartsDisagree { below } => write!(
                f,
                "searches from different starts ended on different tops, the lowest {below:.2} in ln L below the one taken: \
                 there may be a higher one still"
            ),
            Diagnosis::NotConverged { iterations } => {
                write!(
                    f,
                    "the search stopped after {iterations} steps without reaching a top: do not use this fit"
                )
            }
            Diagnosis::NoMeanSpend { q } => write!(
                f,
                "q = {q:.3} is at most 1, so that mean spend over customers has no finite mean: use the median"
            ),
            Diagnosis::SpendGoesWithFrequency { correlation, p_value } => write!(
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
