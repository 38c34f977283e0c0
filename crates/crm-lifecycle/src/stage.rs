use std::fmt;

/// The four stages of a customer relationship: exploration 考察期, formation 形成期, stability 稳定期, decline 退化期.
///
/// Source: Dwyer, F. R., Schurr, P. H. and Oh, S. (1987), "Developing Buyer-Seller Relationships", Journal of Marketing
/// 51 (2), 11-27, for the idea; the four stages are those of the Chinese literature on customer relationships.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Stage {
    /// 考察期: both sides try each other; orders are few and cannot be relied on.
    Exploration,
    /// 形成期: the relationship pays; orders grow.
    Formation,
    /// 稳定期: orders are at their height and come regularly.
    Stability,
    /// 退化期: orders fade, or have stopped.
    Decline,
}

impl Stage {
    /// All four, in the order of a relationship.
    pub const ALL: [Self; 4] = [Self::Exploration, Self::Formation, Self::Stability, Self::Decline];

    /// Its place in [`ALL`](Self::ALL).
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// Its name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exploration => "exploration",
            Self::Formation => "formation",
            Self::Stability => "stability",
            Self::Decline => "decline",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The five stages of the customer life cycle as management speaks of them: potential 潜在期, development 开发期, growth
/// 成长期, maturity 成熟期, termination 终止期.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum CyclePhase {
    /// Not a customer yet: find out who is worth the effort.
    Potential,
    /// A customer on trial: win the next orders.
    Development,
    /// Orders grow: widen what is bought.
    Growth,
    /// Orders are at their height: keep them, and the cost of keeping them down.
    Maturity,
    /// Orders fade: save what is worth saving, end the rest decently.
    Termination,
}

impl CyclePhase {
    /// The phase of a relationship in a stage; of somebody who never ordered for `None`.
    ///
    /// ```
    /// use crm_lifecycle::{CyclePhase, Stage};
    ///
    /// assert_eq!(CyclePhase::of(None), CyclePhase::Potential);
    /// assert_eq!(CyclePhase::of(Some(Stage::Formation)), CyclePhase::Growth);
    /// ```
    #[must_use]
    pub fn of(stage: Option<Stage>) -> Self {
        match stage {
            None => Self::Potential,
            Some(Stage::Exploration) => Self::Development,
            Some(Stage::Formation) => Self::Growth,
            Some(Stage::Stability) => Self::Maturity,
            Some(Stage::Decline) => Self::Termination,
        }
    }

    /// Its name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Potential => "potential",
            Self::Development => "development",
            Self::Growth => "growth",
            Self::Maturity => "maturity",
            Self::Termination => "termination",
        }
    }
}

impl fmt::Display for CyclePhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The four tasks of relationship management: establish 建立, develop 发展, maintain 维持, break 破裂.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Task {
    /// The relationship is being set up.
    Establish,
    /// It can grow.
    Develop,
    /// It has to be kept.
    Maintain,
    /// It is breaking.
    Break,
}

impl Task {
    /// The task in a stage; prospects (`None`) are a relationship to be established.
    ///
    /// ```
    /// use crm_lifecycle::{Stage, Task};
    ///
    /// assert_eq!(Task::of(Some(Stage::Stability)), Task::Maintain);
    /// ```
    #[must_use]
    pub fn of(stage: Option<Stage>) -> Self {
        match stage {
            None | Some(Stage::Exploration) => Self::Establish,
            Some(Stage::Formation) => Self::Develop,
            Some(Stage::Stability) => Self::Maintain,
            Some(Stage::Decline) => Self::Break,
        }
    }

    /// Its name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Establish => "establish",
            Self::Develop => "develop",
            Self::Maintain => "maintain",
            Self::Break => "break",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Option<Stage>; 5] = [
        None,
        Some(Stage::Exploration),
        Some(Stage::Formation),
        Some(Stage::Stability),
        Some(Stage::Decline),
    ];

    #[test]
    fn stages_have_a_place_and_a_name() {
        assert_eq!(Stage::ALL.map(Stage::index), [0, 1, 2, 3]);
        assert_eq!(Stage::ALL.map(Stage::name), ["exploration", "formation", "stability", "decline"]);
        assert_eq!(format!("{:>9}|{:<10}|", Stage::Decline, Stage::Stability), "  decline|stability |");
    }

    #[test]
    fn each_stage_has_its_phase_of_the_life_cycle() {
        let phases = KNOWN.map(CyclePhase::of);
        let names = ["potential", "development", "growth", "maturity", "termination"];
        assert_eq!(phases.map(CyclePhase::name), names);
        assert_eq!(phases.map(|phase| phase.to_string()), names);
    }

    #[test]
    fn each_stage_has_its_task() {
        let tasks = KNOWN.map(Task::of);
        let names = ["establish", "establish", "develop", "maintain", "break"];
        assert_eq!(tasks.map(Task::name), names);
        assert_eq!(tasks.map(|task| task.to_string()), names);
    }
}
