/// A stage of a customer relationship: exploration 考察期, formation 形成期, stability 稳定期 or decline
/// 退化期.
///
/// # References
///
/// Dwyer, F. R., Schurr, P. H. and Oh, S. (1987), "Developing Buyer-Seller Relationships", Journal
/// of Marketing 51 (2), 11-27, for the idea; the four stages are those of the Chinese literature on
/// customer relationships.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// 考察期: both sides try each other; orders are few and unreliable.
    Exploration,
    /// 形成期: the relationship pays; orders grow.
    Formation,
    /// 稳定期: orders are at their maximum and regular.
    Stability,
    /// 退化期: orders decline, or have stopped.
    Decline,
}

crm_numbers::names! {
    Stage, "stage" {
        Exploration = "exploration",
        Formation = "formation",
        Stability = "stability",
        Decline = "decline",
    }
}

impl Stage {
    /// All values as an array, whose `map` gives one result per stage.
    pub const EACH: [Self; 4] = [Self::Exploration, Self::Formation, Self::Stability, Self::Decline];

    /// Returns the index of the stage in [`ALL`](Self::ALL).
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

/// A phase of the customer life cycle in management terms: potential 潜在期, development 开发期, growth
/// 成长期, maturity 成熟期 or termination 终止期.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CyclePhase {
    /// Not yet a customer: find out which prospects are worth the effort.
    Potential,
    /// A new customer on trial: win the next orders.
    Development,
    /// Orders grow: widen the range of purchases.
    Growth,
    /// Orders are at their maximum: keep them, and keep the cost of keeping them low.
    Maturity,
    /// Orders decline: save the relationships worth saving, and end the others decently.
    Termination,
}

crm_numbers::names! {
    CyclePhase, "phase of the life cycle" {
        Potential = "potential",
        Development = "development",
        Growth = "growth",
        Maturity = "maturity",
        Termination = "termination",
    }
}

impl CyclePhase {
    /// Returns the phase of a relationship in a stage; `None` stands for a prospect, who never
    /// ordered.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::{CyclePhase, Stage};
    ///
    /// assert_eq!(CyclePhase::for_stage(None), CyclePhase::Potential);
    /// assert_eq!(CyclePhase::for_stage(Some(Stage::Formation)), CyclePhase::Growth);
    /// ```
    #[must_use]
    pub fn for_stage(stage: Option<Stage>) -> Self {
        match stage {
            None => Self::Potential,
            Some(Stage::Exploration) => Self::Development,
            Some(Stage::Formation) => Self::Growth,
            Some(Stage::Stability) => Self::Maturity,
            Some(Stage::Decline) => Self::Termination,
        }
    }
}

/// A task of relationship management: establish 建立, develop 发展, maintain 维持 or break 破裂.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// The relationship is being set up.
    Establish,
    /// The relationship can grow.
    Develop,
    /// The relationship has to be maintained.
    Maintain,
    /// The relationship is breaking.
    Break,
}

crm_numbers::names! {
    Task, "task" {
        Establish = "establish",
        Develop = "develop",
        Maintain = "maintain",
        Break = "break",
    }
}

impl Task {
    /// Returns the task in a stage; `None` stands for a prospect, whose relationship has to be
    /// established.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_lifecycle::{Stage, Task};
    ///
    /// assert_eq!(Task::for_stage(Some(Stage::Stability)), Task::Maintain);
    /// ```
    #[must_use]
    pub fn for_stage(stage: Option<Stage>) -> Self {
        match stage {
            None | Some(Stage::Exploration) => Self::Establish,
            Some(Stage::Formation) => Self::Develop,
            Some(Stage::Stability) => Self::Maintain,
            Some(Stage::Decline) => Self::Break,
        }
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
        assert_eq!(Stage::EACH.map(Stage::index), [0, 1, 2, 3]);
        assert_eq!(Stage::EACH.map(Stage::name), ["exploration", "formation", "stability", "decline"]);
        assert_eq!(format!("{:>9}|{:<10}|", Stage::Decline, Stage::Stability), "  decline|stability |");
    }

    #[test]
    fn each_stage_has_its_phase_of_the_life_cycle() {
        let phases = KNOWN.map(CyclePhase::for_stage);
        let names = ["potential", "development", "growth", "maturity", "termination"];
        assert_eq!(phases.map(CyclePhase::name), names);
        assert_eq!(phases.map(|phase| phase.to_string()), names);
    }

    #[test]
    fn each_stage_has_its_task() {
        let tasks = KNOWN.map(Task::for_stage);
        let names = ["establish", "establish", "develop", "maintain", "break"];
        assert_eq!(tasks.map(Task::name), names);
        assert_eq!(tasks.map(|task| task.to_string()), names);
    }
}
