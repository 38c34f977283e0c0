//! Constraints that give a state the meaning of its stage's name.

use super::law::CountLaw;
use super::topology::Topology;
use crate::Stage;

/// Maximum mean of decline, as a share of the mean of every other stage.
pub(super) const DECLINE: f64 = 0.5;
/// Maximum factor by which a further silent period multiplies the odds of a stay in another stage
/// against a stay in decline.
pub(super) const STAY: f64 = 0.8;
/// Maximum probability of a return from decline without a purchase, as a share of the probability
/// of a silent stay in decline. Together with [`STAY`], a long silence then leaves at most a tenth
/// as many customers in the other stage as in decline.
pub(super) const RETURN: f64 = 0.02;

/// Minimum probability to stay in decline: it is a stage rather than a pause.
pub(super) const LAST: f64 = 0.5;

/// Minimum probability of a transition into decline, if the topology allows it: any relationship
/// may end.
pub(super) const END: f64 = 1e-3;

/// A constraint between parameters, written as a difference of logarithms that must not be
/// positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Constraint {
    /// `mean(low) <= share mean(high)`.
    Order { low: usize, high: usize, ln_share: f64 },
    /// `step(from, to) P(0 | to) <= share step(decline, decline) P(0 | decline)`.
    Silence { from: usize, to: usize, decline: usize, ln_share: f64 },
}

impl Constraint {
    /// Returns the violation of the constraint: positive if it is violated.
    pub(super) fn gap(&self, laws: &[CountLaw], transition: &[f64]) -> f64 {
        let law = |k: usize| laws.get(k);
        let ln_mean = |k: usize| law(k).map_or(0.0, |law| law.mean().ln());
        let silent = |from: usize, to: usize| {
            let step = transition.get(from * laws.len() + to).copied().unwrap_or(0.0);
            step.ln() + law(to).map_or(0.0, |law| law.ln_probability(0))
        };
        match *self {
            Self::Order { low, high, ln_share } => ln_mean(low) - ln_mean(high) - ln_share,
            Self::Silence { from, to, decline, ln_share } => {
                silent(from, to) - silent(decline, decline) - ln_share
            }
        }
    }
}

impl Constraint {
    fn in_words(&self, topology: &Topology) -> String {
        let name = |state: usize| topology.name(state);
        match *self {
            Self::Order { low, high, ln_share: 0.0 } => {
                format!("purchases in {} at most those in {}", name(low), name(high))
            }
            Self::Order { low, high, ln_share } => {
                format!("purchases in {} at most {:.1} of those in {}", name(low), ln_share.exp(), name(high))
            }
            Self::Silence { from, to, decline, .. } if from == decline => {
                format!("no silent return from {} to {}", name(from), name(to))
            }
            Self::Silence { to, decline, .. } => {
                format!("silence leads from {} to {}", name(to), name(decline))
            }
        }
    }
}

/// The constraints of a topology.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Meaning {
    constraints: Vec<Constraint>,
    /// Transitions with a minimum probability: state before, state after, and the probability.
    least: Vec<(usize, usize, f64)>,
}

impl Meaning {
    pub(super) fn of(topology: &Topology) -> Self {
        let states = 0..topology.states();
        let of = |stage: Stage| states.clone().filter(move |&state| topology.stage(state) == Some(stage));
        let mut constraints = Vec::new();
        // Of several states of decline, the last one is the end of decline.
        let others = || states.clone().filter(|&state| topology.stage(state) != Some(Stage::Decline));
        let decline = of(Stage::Decline).next_back();
        if let Some(decline) = decline {
            constraints.extend(others().map(|high| Constraint::Order {
                low: decline,
                high,
                ln_share: DECLINE.ln(),
            }));
        }
        for high in of(Stage::Stability) {
            for low in of(Stage::Exploration).chain(of(Stage::Formation)) {
                constraints.push(Constraint::Order { low, high, ln_share: 0.0 });
            }
        }
        if let Some(decline) = decline {
            for to in others() {
                constraints.push(Constraint::Silence { from: to, to, decline, ln_share: STAY.ln() });
                if topology.allows(decline, to) {
                    let ln_share = RETURN.ln();
                    constraints.push(Constraint::Silence { from: decline, to, decline, ln_share });
                }
            }
        }
        let mut least = Vec::new();
        if let Some(decline) = decline {
            least.push((decline, decline, LAST));
            let ending = others().filter(|&from| topology.allows(from, decline));
            least.extend(ending.map(|from| (from, decline, END)));
        }
        Self { constraints, least }
    }

    /// Raises the transition probabilities to their minimum, in rows of maximum likelihood: the
    /// result is the best row that keeps it, because the other probabilities of the row are scaled.
    pub(super) fn hold(&self, transition: &mut [f64], size: usize) {
        for &(from, to, least) in &self.least {
            let Some(row) = transition.chunks_mut(size).nth(from) else { continue };
            let step = row.get(to).copied().unwrap_or(least);
            if step >= least {
                continue;
            }
            let factor = (1.0 - least) / (1.0 - step);
            for (at, p) in row.iter_mut().enumerate() {
                *p = if at == to { least } else { *p * factor };
            }
        }
    }

    pub(super) fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// Returns the constraints that hold with equality, in words.
    pub(super) fn active(&self, topology: &Topology, laws: &[CountLaw], transition: &[f64]) -> Vec<String> {
        let active = |constraint: &&Constraint| constraint.gap(laws, transition).abs() < 1e-6;
        let constraints = self.constraints.iter().filter(active);
        constraints.map(|constraint| constraint.in_words(topology)).collect()
    }

    /// Returns whether the parameters keep all constraints up to rounding.
    pub(super) fn kept(&self, laws: &[CountLaw], transition: &[f64]) -> bool {
        let step = |from: usize, to: usize| transition.get(from * laws.len() + to).copied().unwrap_or(1.0);
        let least = |&(from, to, least): &(usize, usize, f64)| step(from, to) >= least - 1e-12;
        self.least.iter().all(least)
            && self.constraints.iter().all(|constraint| {
                let gap = constraint.gap(laws, transition);
                gap.is_nan() || gap <= 1e-8
            })
    }
}
