use std::fmt;

use super::expect::expected;
use super::meaning::Meaning;
use super::{Alternative, Model, Sequences};

/// A finding about a fitted model that limits the use of its stages.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Diagnosis {
    /// A model of fewer stages explains the purchases better, by Schwarz's criterion.
    FewerStages {
        /// Number of stages of the fitted model.
        stages: usize,
        /// Number of stages with the smallest criterion.
        recommended: usize,
        /// The excess of the criterion of the fitted model over the smallest one.
        excess: f64,
    },
    /// A stage that fewer than 30 visits are known of, so that its figures are unsure.
    RareStage {
        /// Name of the state.
        state: String,
        /// Expected number of visits: starts in the state and steps into it.
        visits: f64,
    },
    /// A constraint that keeps a stage what its name says holds with equality: without it, the data
    /// would give the stage another meaning.
    AtConstraint {
        /// The constraint in words.
        constraint: String,
    },
}

/// Visits below which a stage is rare.
const RARE: f64 = 30.0;

pub(super) fn diagnoses(
    model: &Model,
    data: &Sequences,
    meaning: &Meaning,
    alternatives: &[Alternative],
) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    if let (Some(own), Some(best)) = (alternatives.last(), recommended(alternatives))
        && best.model().states() < model.states()
    {
        found.push(Diagnosis::FewerStages {
            stages: model.states(),
            recommended: best.model().states(),
            excess: own.bic() - best.bic(),
        });
    }
    let expected = expected(model, data);
    let size = model.states();
    for (state, name) in model.topology().names().enumerate() {
        let entered = expected.steps.chunks(size).enumerate().filter(|(from, _)| *from != state);
        let entered: f64 = entered.filter_map(|(_, row)| row.get(state)).sum();
        let visits = entered + expected.initial.get(state).copied().unwrap_or(0.0);
        if visits < RARE {
            found.push(Diagnosis::RareStage { state: name.to_owned(), visits });
        }
    }
    let active = meaning.active(model.topology(), model.counts(), model.transition());
    found.extend(active.into_iter().map(|constraint| Diagnosis::AtConstraint { constraint }));
    found
}

/// The alternative with the smallest criterion; of equal ones that with fewer stages.
pub(super) fn recommended(alternatives: &[Alternative]) -> Option<&Alternative> {
    alternatives.iter().reduce(|best, other| if other.bic() < best.bic() { other } else { best })
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewerStages { stages, recommended, excess } => write!(
                f,
                "the data hold {recommended} stages rather than {stages} (BIC lower by {excess:.1})"
            ),
            Self::RareStage { state, visits } => {
                write!(f, "only about {visits:.0} customers ever entered {state}: its figures are unsure")
            }
            Self::AtConstraint { constraint } => {
                write!(f, "held by a constraint rather than by the data: {constraint}")
            }
        }
    }
}
