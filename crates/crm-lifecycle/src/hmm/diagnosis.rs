use std::fmt;

use super::HmmModel;
use super::alternative::{Alternative, recommended};
use super::meaning::Meaning;

/// A finding about a fitted model that limits the use of its stages.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum HmmDiagnosis {
    /// A model with fewer stages is recommended: it describes the purchases better by Schwarz's
    /// criterion, or the fitted model has a rare stage.
    FewerStages {
        /// Number of stages of the fitted model.
        stages: usize,
        /// Number of stages of the recommended model.
        recommended: usize,
        /// Criterion of the fitted model less that of the recommended one; negative if only a rare
        /// stage speaks against the fitted model.
        excess: f64,
    },
    /// A stage with too few customers to estimate its parameters, see
    /// [`Alternative::least_customers`].
    RareStage {
        /// Name of the state.
        state: String,
        /// Expected number of customers who were ever in it.
        customers: f64,
    },
    /// A constraint that gives a stage its meaning holds with equality: without it, the data would
    /// give the stage another meaning.
    AtConstraint {
        /// Constraint in words.
        constraint: String,
    },
}

pub(super) fn diagnoses(
    model: &HmmModel,
    meaning: &Meaning,
    alternatives: &[Alternative],
) -> Vec<HmmDiagnosis> {
    let mut found = Vec::new();
    if let (Some(own), Some(best)) = (alternatives.last(), recommended(alternatives))
        && best.model().states() < model.states()
    {
        found.push(HmmDiagnosis::FewerStages {
            stages: model.states(),
            recommended: best.model().states(),
            excess: own.bic() - best.bic(),
        });
    }
    let rare = alternatives.last().into_iter().flat_map(Alternative::rare);
    found.extend(
        rare.map(|(state, customers)| HmmDiagnosis::RareStage { state: state.to_owned(), customers }),
    );
    let active = meaning.active(model.topology(), model.counts(), model.transition());
    found.extend(active.into_iter().map(|constraint| HmmDiagnosis::AtConstraint { constraint }));
    found
}

impl fmt::Display for HmmDiagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FewerStages { stages, recommended, excess } if *excess > 0.0 => write!(
                f,
                "the data hold {recommended} stages rather than {stages} (BIC lower by {excess:.1})"
            ),
            Self::FewerStages { stages, recommended, excess } => write!(
                f,
                "{recommended} stages can be learned from the data rather than {stages}: with {stages}, a stage \
                 has too few customers (though BIC is lower by {:.1})",
                excess.abs()
            ),
            Self::RareStage { state, customers } => write!(
                f,
                "only about {customers:.0} customers were ever in {state}: too few to estimate its figures"
            ),
            Self::AtConstraint { constraint } => {
                write!(f, "held by a constraint rather than by the data: {constraint}")
            }
        }
    }
}
