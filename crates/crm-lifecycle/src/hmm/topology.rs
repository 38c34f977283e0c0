use crate::Stage;
use crate::error::Error;
use crm_numbers::{EmptyError, IndexError, check};

/// The stages of a model, the initial ones, and the transitions that are allowed from one period to
/// the next.
///
/// A hidden state has no name of its own. The topology gives exploration its meaning: relationships
/// start there and never come back to it. The other stages are distinguished by the purchases that
/// their names promise, see [`fit`](super::fit). The same stage therefore has the same index in
/// every fit.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::Stage;
/// use crm_lifecycle::hmm::Topology;
///
/// let usual = Topology::default();
/// assert_eq!(usual.to_string(), "\
/// exploration (start) -> exploration, formation, decline
/// formation -> formation, stability, decline
/// stability -> stability, decline
/// decline -> formation, stability, decline
/// ");
/// // In this business nobody comes back.
/// let (decline, formation, stability) = (3, 1, 2);
/// let lost = usual.without_step(decline, formation)?.without_step(decline, stability)?;
/// assert!(!lost.allows(decline, stability));
/// assert_eq!(lost.stage(decline), Some(Stage::Decline));
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Topology {
    states: Vec<State>,
    /// Allowed transitions by state before, then state after.
    steps: Vec<bool>,
}

crm_numbers::gate!(Topology, Topology::checked);

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct State {
    name: String,
    stage: Stage,
    start: bool,
}

impl Topology {
    /// Maximum number of states of a topology.
    pub const MOST_STATES: usize = 8;

    /// Creates a topology of named states, each of one of the four stages; `starts` and `steps` are
    /// indices of states, from 0.
    ///
    /// Several states may belong to one stage, such as two kinds of stability, if their allowed
    /// transitions differ. Staying in a state is always allowed and need not be listed.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for no states or more than 8, without an initial state, or for an index
    /// that is out of range for the states.
    pub fn new<N: Into<String>>(
        states: impl IntoIterator<Item = (N, Stage)>,
        starts: &[usize],
        steps: &[(usize, usize)],
    ) -> Result<Self, Error> {
        let states = states.into_iter();
        let mut states: Vec<State> =
            states.map(|(name, stage)| State { name: name.into(), stage, start: false }).collect();
        let size = check::range("number of states", states.len(), 1..=Self::MOST_STATES)?;
        for &start in starts {
            let missing = || IndexError::new("states", start, size);
            states.get_mut(start).ok_or_else(missing)?.start = true;
        }
        let mut topology = Self { states, steps: vec![false; size * size] };
        for state in 0..size {
            topology = topology.with_step(state, state)?;
        }
        for &(from, to) in steps {
            topology = topology.with_step(from, to)?;
        }
        topology.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let size = check::range("number of states", self.states(), 1..=Self::MOST_STATES)?;
        check::length("steps", self.steps.len(), size * size)?;
        if !self.states.iter().any(|state| state.start) {
            return Err(EmptyError::new("starts").into());
        }
        match (0..size).find(|&state| !self.allows(state, state)) {
            None => Ok(self),
            Some(state) => Err(Error::NoStay { state: self.name(state) }),
        }
    }

    /// Creates a topology in which every state may be the first and may follow every other: for
    /// parameters from other sources.
    ///
    /// Its states are interchangeable, so that it cannot be fitted.
    ///
    /// # Errors
    ///
    /// Fails like [`new`](Self::new).
    pub fn full<N: Into<String>>(states: impl IntoIterator<Item = (N, Stage)>) -> Result<Self, Error> {
        let states: Vec<(N, Stage)> = states.into_iter().collect();
        let all: Vec<usize> = (0..states.len()).collect();
        let steps: Vec<(usize, usize)> =
            all.iter().flat_map(|&from| all.iter().map(move |&to| (from, to))).collect();
        Self::new(states, &all, &steps)
    }

    /// Returns the topology with one more allowed transition.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the states.
    pub fn with_step(self, from: usize, to: usize) -> Result<Self, Error> {
        self.set(from, to, true)
    }

    /// Returns the topology with one allowed transition fewer.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the states; [`Error::NoStay`] for the
    /// transition from a state to itself.
    pub fn without_step(self, from: usize, to: usize) -> Result<Self, Error> {
        self.set(from, to, false)?.checked()
    }

    #[allow(clippy::indexing_slicing, reason = "both indices are checked")]
    fn set(mut self, from: usize, to: usize, allowed: bool) -> Result<Self, Error> {
        let size = self.states();
        let step = check::index("states", from, size)? * size + check::index("states", to, size)?;
        self.steps[step] = allowed;
        Ok(self)
    }

    /// Returns the number of states.
    #[must_use]
    pub fn states(&self) -> usize {
        self.states.len()
    }

    /// Returns the names of the states.
    #[must_use]
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        self.states.iter().map(|state| state.name.as_str())
    }

    /// Returns the stage of a state; `None` for an index that is out of range.
    #[must_use]
    pub fn stage(&self, state: usize) -> Option<Stage> {
        self.states.get(state).map(|state| state.stage)
    }

    /// Returns whether a relationship may start in a state.
    #[must_use]
    pub fn starts(&self, state: usize) -> bool {
        self.states.get(state).is_some_and(|state| state.start)
    }

    /// Returns whether a transition is allowed.
    #[must_use]
    pub fn allows(&self, from: usize, to: usize) -> bool {
        let size = self.states();
        to < size && self.steps.get(from * size + to).copied().unwrap_or(false)
    }

    /// Checks that no two states are interchangeable: that no exchange of states leaves the initial
    /// states and the transitions unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::NotIdentified`] with the names of two interchangeable states.
    pub fn check_identified(&self) -> Result<(), Error> {
        let mut image = Vec::with_capacity(self.states());
        match self.other_symmetry(&mut image) {
            None => Ok(()),
            Some((first, second)) => {
                Err(Error::NotIdentified { first: self.name(first), second: self.name(second) })
            }
        }
    }

    pub(super) fn name(&self, state: usize) -> String {
        self.states.get(state).map_or_else(String::new, |state| state.name.clone())
    }

    /// Searches for a symmetry of the topology that moves a state; returns a state and its image.
    /// `image` holds the images of the first states so far.
    fn other_symmetry(&self, image: &mut Vec<usize>) -> Option<(usize, usize)> {
        let at = image.len();
        if at == self.states() {
            return image.iter().copied().enumerate().find(|(state, moved)| state != moved);
        }
        for moved in 0..self.states() {
            let fits = !image.contains(&moved)
                && self.starts(at) == self.starts(moved)
                && image.iter().enumerate().all(|(state, &other)| {
                    self.allows(state, at) == self.allows(other, moved)
                        && self.allows(at, state) == self.allows(moved, other)
                });
            if fits {
                image.push(moved);
                let found = self.other_symmetry(image);
                image.pop();
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }
}

impl Default for Topology {
    /// Returns the default topology with four stages. Relationships start in exploration and never
    /// come back to it; they form before they are stable; they may decline from any stage (relapse)
    /// and come back from there (reactivation).
    fn default() -> Self {
        let state =
            |stage: Stage| State { name: stage.name().to_owned(), stage, start: stage == Stage::Exploration };
        let steps = [
            [true, true, false, true],
            [false, true, true, true],
            [false, false, true, true],
            [false, true, true, true],
        ];
        Self { states: Stage::EACH.map(state).to_vec(), steps: steps.concat() }
    }
}

impl std::fmt::Display for Topology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (from, state) in self.states.iter().enumerate() {
            let start = if state.start { " (start)" } else { "" };
            let next: Vec<&str> = self
                .names()
                .enumerate()
                .filter(|(to, _)| self.allows(from, *to))
                .map(|(_, name)| name)
                .collect();
            writeln!(f, "{}{start} -> {}", state.name, next.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_stages_have_places_of_their_own() {
        Topology::default().check_identified().unwrap();
        let usual = Topology::default();
        assert!((0..4).all(|from| (from == 0) == usual.allows(from, 0)), "nobody re-enters exploration");
    }

    #[test]
    fn twins_are_named() {
        // With relapse from stability to formation, formation and decline have the same neighbours.
        let twins = Topology::default().with_step(2, 1).unwrap();
        assert_eq!(
            twins.check_identified().unwrap_err().to_string(),
            r#"states "formation" and "decline" have the same allowed steps; let them differ in one"#
        );
        let full = Topology::full([("hot", Stage::Stability), ("cold", Stage::Decline)]).unwrap();
        assert!(full.check_identified().is_err());
    }

    #[test]
    fn errors_name_field_and_value() {
        let one = [("only", Stage::Stability)];
        let text = |starts: &[usize], steps: &[(usize, usize)]| {
            Topology::new(one, starts, steps).unwrap_err().to_string()
        };
        assert_eq!(text(&[], &[]), "starts must not be empty");
        assert_eq!(text(&[1], &[]), "index 1 is out of range for 1 states");
        assert_eq!(text(&[0], &[(0, 3)]), "index 3 is out of range for 1 states");
        let none: [(&str, Stage); 0] = [];
        assert_eq!(
            Topology::new(none, &[0], &[]).unwrap_err().to_string(),
            "number of states must be between 1 and 8, got 0"
        );
        let refused = Topology::default().without_step(2, 2).unwrap_err();
        assert_eq!(refused.to_string(), r#"staying in state "stability" must be allowed"#);
    }
}
