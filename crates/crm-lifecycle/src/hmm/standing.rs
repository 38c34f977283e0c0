use super::{HmmModel, Sequences};
use crate::Stage;
use crate::error::Error;
use crate::standing::{StageReason, Standing};

impl HmmModel {
    /// Returns the standing of a customer in the terms of the stage rules: the probabilities of the
    /// four stages in the last period, the most likely stage, the number of periods for which it
    /// has been the most likely one given all periods, and the purchases of that time as the
    /// reason.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an index that is out of range for the customers.
    pub fn standing(&self, data: &Sequences, customer: usize) -> Result<Standing, Error> {
        let posterior = self.smoothed(data, customer)?;
        let stages: Vec<[f64; 4]> = posterior.periods().map(|row| self.by_stage(row)).collect();
        let now = stages.last().copied().unwrap_or_default();
        let mut standing = Standing::of(now, None, Vec::new());
        let stage = standing.stage;
        let likely = |row: &&[f64; 4]| Standing::of(**row, None, Vec::new()).stage == stage;
        let periods = stages.iter().rev().take_while(likely).count();
        standing.since = Some(periods as f64);
        let others = Stage::EACH.into_iter().filter(|other| *other != stage);
        let other = others.max_by(|a, b| standing.probability(*a).total_cmp(&standing.probability(*b)));
        let seen = data.get(customer).map(|sequence| {
            let seen = sequence.counts().zip(sequence.exposures()).rev().take(periods);
            seen.filter_map(|(count, exposure)| Some((count?, exposure))).collect()
        });
        let seen: Vec<(u32, f64)> = seen.unwrap_or_default();
        let exposure: f64 = seen.iter().map(|(_, exposure)| exposure).sum();
        if let Some(other) = other {
            let expected = |stage| self.purchases_in(stage) * exposure;
            standing.reasons.push(StageReason::Likely {
                periods: seen.len(),
                purchases: seen.iter().map(|&(count, _)| u64::from(count)).sum(),
                expected: expected(stage),
                other,
                expected_in_other: expected(other),
            });
        }
        Ok(standing)
    }

    /// Sums the probabilities of states by stage.
    fn by_stage(&self, states: &[f64]) -> [f64; 4] {
        let mut stages = [0.0; 4];
        for (state, p) in states.iter().enumerate() {
            let stage = self.topology().stage(state).map_or(0, Stage::index);
            if let Some(slot) = stages.get_mut(stage) {
                *slot += p;
            }
        }
        stages
    }

    /// Returns the mean purchases per period over the states of a stage; 0 for a stage without
    /// states.
    fn purchases_in(&self, stage: Stage) -> f64 {
        let laws = self.counts().iter().enumerate();
        let laws = laws.filter(|(state, _)| self.topology().stage(*state) == Some(stage));
        let (sum, states) = laws.fold((0.0, 0.0), |(sum, states), (_, law)| (sum + law.mean(), states + 1.0));
        if states > 0.0 { sum / states } else { 0.0 }
    }
}
