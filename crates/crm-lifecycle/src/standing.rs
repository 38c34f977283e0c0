use std::fmt;

use crate::Stage;
use crate::rules::StageThreshold;

/// The stage of a customer with its probability and reasons: the result of the rules, of the hidden
/// Markov model and of P(alive) alike.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Standing {
    /// Probability of each stage, in the order of [`Stage::ALL`]; the rules give only 0 and 1.
    pub probabilities: [f64; 4],
    /// Most likely stage; among equal ones, the earliest.
    pub stage: Stage,
    /// Time that the customer has been in the stage, in the unit of time of the input (periods for
    /// the hidden Markov model); `None` if it is not known.
    pub since: Option<f64>,
    /// Reasons for the stage.
    pub reasons: Vec<StageReason>,
}

/// A reason for the stage of a customer.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum StageReason {
    /// Facts and the sides of their thresholds on which they fell; moving the thresholds past the
    /// facts (all of them, if there are two) would lead to another stage.
    Cuts(Vec<StageFinding>),
    /// The last periods are more likely under this stage than under the second most likely one.
    Likely {
        /// Number of last periods that were compared.
        periods: usize,
        /// Number of purchases in them.
        purchases: u64,
        /// Expected number of purchases in as many periods in this stage.
        expected: f64,
        /// Second most likely stage.
        other: Stage,
        /// Expected number of purchases in as many periods in that stage.
        expected_in_other: f64,
    },
}

/// A fact and the threshold that it was compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct StageFinding {
    /// Threshold.
    pub cut: StageThreshold,
    /// Value of the threshold.
    pub at: f64,
    /// Value of the customer.
    pub value: f64,
}

impl Standing {
    /// Creates a standing with the most likely stage of the probabilities.
    pub(crate) fn of(probabilities: [f64; 4], since: Option<f64>, reasons: Vec<StageReason>) -> Self {
        let stages = Stage::EACH.into_iter().zip(probabilities);
        let best = stages.reduce(|best, other| if other.1 > best.1 { other } else { best });
        let stage = best.map_or(Stage::Exploration, |(stage, _)| stage);
        Self { probabilities, stage, since, reasons }
    }

    /// Returns the probability of a stage.
    #[must_use]
    pub fn probability(&self, stage: Stage) -> f64 {
        self.probabilities.get(stage.index()).copied().unwrap_or(0.0)
    }
}

impl fmt::Display for StageFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.value > self.at { "above" } else { "not above" };
        write!(f, "{} {:.2} is {side} {:.2}", self.cut.fact(), self.value, self.at)
    }
}

impl fmt::Display for StageReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cuts(findings) => {
                for (place, finding) in findings.iter().enumerate() {
                    let and = if place > 0 { ", and " } else { "" };
                    write!(f, "{and}{finding}")?;
                }
                Ok(())
            }
            Self::Likely { periods, purchases, expected, other, expected_in_other } => write!(
                f,
                "{purchases} purchases in the last {periods} periods, where {expected:.1} are usual and \
                 {expected_in_other:.1} in {other}"
            ),
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:.0} %)", self.stage, self.probability(self.stage) * 100.0)?;
        if let Some(since) = self.since {
            write!(f, " for {since:.1}")?;
        }
        for (place, reason) in self.reasons.iter().enumerate() {
            write!(f, "{} {reason}", if place == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn of_equal_stages_the_earlier_is_the_most_likely() {
        let stage = |probabilities| Standing::of(probabilities, None, Vec::new()).stage;
        assert_eq!(stage([0.25; 4]), Stage::Exploration);
        assert_eq!(stage([0.1, 0.4, 0.1, 0.4]), Stage::Formation);
        assert_eq!(stage([0.1, 0.2, 0.3, 0.4]), Stage::Decline);
        let standing = Standing::of([0.1, 0.2, 0.3, 0.4], None, Vec::new());
        assert_eq!(Stage::EACH.map(|stage| standing.probability(stage)), [0.1, 0.2, 0.3, 0.4]);
    }

    #[test]
    fn a_standing_reads_as_a_sentence() {
        let finding = |cut, value, at| StageFinding { cut, at, value };
        let single = StageReason::Cuts(vec![finding(StageThreshold::Overdue, 4.0, 3.0)]);
        assert_eq!(single.to_string(), "idle time in own gaps 4.00 is above 3.00");
        let both = StageReason::Cuts(vec![
            finding(StageThreshold::Purchases, 2.0, 2.0),
            finding(StageThreshold::Slowdown, 0.5, 2.0),
        ]);
        assert_eq!(
            both.to_string(),
            "number of purchases 2.00 is not above 2.00, and gap lately over gap before 0.50 is not above 2.00"
        );
        let likely = StageReason::Likely {
            periods: 6,
            purchases: 1,
            expected: 0.42,
            other: Stage::Stability,
            expected_in_other: 5.0,
        };
        assert_eq!(
            likely.to_string(),
            "1 purchases in the last 6 periods, where 0.4 are usual and 5.0 in stability"
        );
        let standing = Standing::of([0.0, 0.0, 0.25, 0.75], Some(12.0), vec![single, likely]);
        assert_eq!(
            standing.to_string(),
            "decline (75 %) for 12.0: idle time in own gaps 4.00 is above 3.00; 1 purchases in the last 6 \
             periods, where 0.4 are usual and 5.0 in stability"
        );
        assert_eq!(Standing::of([0.0, 1.0, 0.0, 0.0], None, Vec::new()).to_string(), "formation (100 %)");
    }
}
