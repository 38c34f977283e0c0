use std::fmt;

use super::emission::Emissions;
use super::kernel::Chain;
use super::sequences::Seen;
use super::{CountLaw, SpendLaw, Topology};
use crate::Stage;
use crate::error::{Error, check_sum};
use crm_numbers::check;

/// A hidden Markov model of relationships: in every period a customer is in a hidden stage, buys by
/// the law of that stage, and moves on by the transition probabilities.
///
/// # Formula
///
/// `P(counts, stages) = initial(s_1) P(n_1 | s_1) product over t > 1 of step(s_t-1, s_t) P(n_t |
/// s_t)`.
///
/// `s_t` is the stage and `n_t` the number of purchases in period t; `initial` and `step` are the
/// initial and the transition probabilities.
///
/// # References
///
/// Netzer, O., Lattin, J. M. and Srinivasan, V. (2008), "A Hidden Markov Model of Customer
/// Relationship Dynamics", Marketing Science 27, 185-204, for the idea.
///
/// # Examples
///
/// The parameters may be fitted ([`fit`](super::fit)), taken from a paper or chosen freely:
///
/// ```
/// use crm_lifecycle::Stage;
/// use crm_lifecycle::hmm::{CountLaw, HmmModel, Sequences, Topology};
///
/// let topology = Topology::new([("active", Stage::Stability), ("gone", Stage::Decline)], &[0], &[(0, 1)])?;
/// let laws = [CountLaw::poisson(2.0)?, CountLaw::poisson(0.01)?];
/// let model = HmmModel::new(topology, &[1.0, 0.0], &[0.9, 0.1, 0.0, 1.0], &laws)?;
/// assert!((model.expected_stay(0)? - 10.0).abs() < 1e-12);
///
/// // Two purchases, then a quiet month. P = (2 e^-2)(0.9 e^-2 + 0.1 e^-0.01).
/// let seen = Sequences::from_counts([[2, 0]])?;
/// let by_hand: f64 = 2.0 * f64::exp(-2.0) * (0.9 * f64::exp(-2.0) + 0.1 * f64::exp(-0.01));
/// assert!((model.ln_likelihood(&seen)? - by_hand.ln()).abs() < 1e-12);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct HmmModel {
    topology: Topology,
    initial: Vec<f64>,
    /// Transition probabilities by state before, then state after.
    transition: Vec<f64>,
    counts: Vec<CountLaw>,
    spend: Option<Vec<SpendLaw>>,
}

crm_numbers::gate!(HmmModel, HmmModel::checked);

/// The figures of a stage in plain numbers.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Portrait {
    /// Name of the state.
    pub name: String,
    /// Stage of the state.
    pub stage: Stage,
    /// Mean purchases per period.
    pub purchases: f64,
    /// Mean spend per purchase; `None` for a model without spend.
    pub spend_per_purchase: Option<f64>,
    /// Mean number of periods that a customer stays in the state, `1 / (1 - P(stay))`; infinite if
    /// nobody leaves it.
    pub expected_stay: f64,
}

impl HmmModel {
    /// Creates a model from its parameters; `transition` holds the transition probabilities row by
    /// row, one row per state before the transition.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for lists of the wrong length, or a probability outside 0..=1;
    /// [`Error::Probabilities`] if they do not sum to 1; [`Error::Step`] for a positive probability
    /// of a transition or an initial state that the topology does not allow.
    pub fn new(
        topology: Topology,
        initial: &[f64],
        transition: &[f64],
        counts: &[CountLaw],
    ) -> Result<Self, Error> {
        let (initial, transition, counts) = (initial.to_vec(), transition.to_vec(), counts.to_vec());
        Self { topology, initial, transition, counts, spend: None }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let Self { topology, initial, transition, counts, spend } = &self;
        let size = topology.states();
        check::length("initial probabilities", initial.len(), size)?;
        check::length("probabilities of steps", transition.len(), size * size)?;
        check::length("laws of counts", counts.len(), size)?;
        check::length("laws of spend", spend.as_ref().map_or(size, Vec::len), size)?;
        check::range_of_all("initial probabilities", initial, 0.0..=1.0)?;
        check::range_of_all("probabilities of steps", transition, 0.0..=1.0)?;
        check_sum(|| "initial probabilities".to_owned(), initial)?;
        for (state, &value) in initial.iter().enumerate() {
            if value > 0.0 && !topology.starts(state) {
                return Err(Error::Step { from: "the start".to_owned(), to: topology.name(state), value });
            }
        }
        for (from, row) in transition.chunks(size).enumerate() {
            check_sum(|| format!("probabilities of the steps from {}", topology.name(from)), row)?;
            for (to, &value) in row.iter().enumerate() {
                if value > 0.0 && !topology.allows(from, to) {
                    return Err(Error::Step { from: topology.name(from), to: topology.name(to), value });
                }
            }
        }
        Ok(self)
    }

    /// Returns the model with a law of spend per state.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] unless there is one law per state.
    pub fn with_spend(mut self, laws: &[SpendLaw]) -> Result<Self, Error> {
        self.spend = Some(laws.to_vec());
        self.checked()
    }

    /// Returns the topology: the stages and the allowed transitions.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Returns the number of states.
    #[must_use]
    pub fn states(&self) -> usize {
        self.topology.states()
    }

    /// Returns the initial probabilities: the probability of each state in the first period of a
    /// relationship.
    #[must_use]
    pub fn initial(&self) -> &[f64] {
        &self.initial
    }

    /// Returns the transition probabilities, row by row: one row per state before the transition.
    #[must_use]
    pub fn transition(&self) -> &[f64] {
        &self.transition
    }

    /// Returns the probability of a transition from one period to the next.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the states.
    pub fn step(&self, from: usize, to: usize) -> Result<f64, Error> {
        self.check(from)?;
        self.check(to)?;
        Ok(self.transition.get(from * self.states() + to).copied().unwrap_or(0.0))
    }

    /// Returns the law of the number of purchases in each state.
    #[must_use]
    pub fn counts(&self) -> &[CountLaw] {
        &self.counts
    }

    /// Returns the law of the spend per purchase in each state; `None` for a model without spend.
    #[must_use]
    pub fn spend(&self) -> Option<&[SpendLaw]> {
        self.spend.as_deref()
    }

    /// Returns the mean number of periods that a customer stays in a state: `1 / (1 - P(stay))`,
    /// infinite if nobody leaves it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the states.
    pub fn expected_stay(&self, state: usize) -> Result<f64, Error> {
        self.check(state)?;
        let leave: f64 =
            self.transition.chunks(self.states()).nth(state).map_or(0.0, |row| {
                row.iter().enumerate().filter(|(to, _)| *to != state).map(|(_, p)| p).sum()
            });
        Ok(1.0 / leave)
    }

    /// Returns the figures of every state.
    #[must_use]
    pub fn portraits(&self) -> Vec<Portrait> {
        let portrait = |(state, law): (usize, &CountLaw)| Portrait {
            name: self.topology.name(state),
            stage: self.topology.stage(state).unwrap_or(Stage::Exploration),
            purchases: law.mean(),
            spend_per_purchase: self.spend.as_ref().and_then(|laws| laws.get(state)).map(SpendLaw::mean),
            expected_stay: self.expected_stay(state).unwrap_or(f64::INFINITY),
        };
        self.counts.iter().enumerate().map(portrait).collect()
    }

    /// Returns the number of free parameters.
    #[must_use]
    pub fn parameters(&self) -> usize {
        let size = self.states();
        let states = 0..size;
        let starts = states.clone().filter(|&state| self.topology.starts(state)).count() - 1;
        let steps = states.clone().flat_map(|from| states.clone().map(move |to| (from, to)));
        let steps = steps.filter(|&(from, to)| from != to && self.topology.allows(from, to)).count();
        let counts: usize = self.counts.iter().map(|law| 1 + usize::from(law.shape().is_some())).sum();
        starts + steps + counts + self.spend.as_ref().map_or(0, |laws| 2 * laws.len())
    }

    pub(super) fn check(&self, state: usize) -> Result<(), Error> {
        check::index("states", state, self.states())?;
        Ok(())
    }

    /// Returns the model with parameters that are valid by construction.
    pub(super) fn replaced(
        &self,
        initial: Vec<f64>,
        transition: Vec<f64>,
        counts: Vec<CountLaw>,
        spend: Option<Vec<SpendLaw>>,
    ) -> Self {
        Self { topology: self.topology.clone(), initial, transition, counts, spend }
    }

    /// Returns the model in arrays; missing cells cannot occur, because the lengths were checked.
    pub(super) fn typed<const K: usize>(&self, distinct: &[Seen]) -> (Chain<K>, Emissions<K>) {
        let initial = std::array::from_fn(|k| self.initial.get(k).copied().unwrap_or(0.0));
        let transition = std::array::from_fn(|i| {
            std::array::from_fn(|j| self.transition.get(i * K + j).copied().unwrap_or(0.0))
        });
        let laws = self.laws::<K>();
        let emissions = Emissions::new(&laws.0, laws.1.as_ref(), distinct);
        (Chain { initial, transition }, emissions)
    }

    pub(super) fn laws<const K: usize>(&self) -> ([CountLaw; K], Option<[SpendLaw; K]>) {
        let counts = array(&self.counts);
        (counts, self.spend.as_deref().map(array))
    }
}

/// Returns the first K values as an array.
fn array<T: Copy, const K: usize>(values: &[T]) -> [T; K] {
    #[allow(clippy::indexing_slicing, reason = "a model of K states holds K laws")]
    std::array::from_fn(|k| values[k])
}

impl fmt::Display for HmmModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.topology.names().map(|name| name.chars().count()).max().unwrap_or(0);
        for (portrait, (law, row)) in
            self.portraits().iter().zip(self.counts.iter().zip(self.transition.chunks(self.states())))
        {
            write!(f, "{:<width$}  {law} per period", portrait.name)?;
            if let Some(spend) = portrait.spend_per_purchase {
                write!(f, ", {spend:.2} each")?;
            }
            write!(f, ", stays {:.1} periods; then", portrait.expected_stay)?;
            for (name, p) in
                self.topology.names().zip(row).filter(|(name, p)| **p > 0.0 && *name != portrait.name)
            {
                let share = if portrait.expected_stay.is_finite() { p * portrait.expected_stay } else { 0.0 };
                write!(f, " {name} {:.0} %", share * 100.0)?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_field_and_value() {
        let laws: Vec<CountLaw> = [1.0, 2.0, 3.0, 0.1].map(|rate| CountLaw::poisson(rate).unwrap()).to_vec();
        let text = |initial: &[f64], transition: &[f64]| {
            HmmModel::new(Topology::default(), initial, transition, &laws).unwrap_err().to_string()
        };
        let stay: Vec<f64> = (0..16).map(|step| if step % 5 == 0 { 1.0 } else { 0.0 }).collect();
        assert_eq!(text(&[1.0], &stay), "expected 4 initial probabilities, got 1");
        assert_eq!(text(&[0.5, 0.0, 0.0, 0.0], &stay), "initial probabilities must sum to 1, got 0.5");
        assert_eq!(
            text(&[0.5, 0.5, 0.0, 0.0], &stay),
            "the step from the start to formation is not allowed, so its probability must be 0, got 0.5"
        );
        let mut back = stay.clone();
        (back[4], back[5]) = (0.25, 0.75);
        assert_eq!(
            text(&[1.0, 0.0, 0.0, 0.0], &back),
            "the step from formation to exploration is not allowed, so its probability must be 0, got 0.25"
        );
        back[4] = -0.25;
        assert_eq!(
            text(&[1.0, 0.0, 0.0, 0.0], &back),
            "probabilities of steps[4] must be between 0 and 1, got -0.25"
        );
    }
}
