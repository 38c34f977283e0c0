//! Who moved between stages, and what a customer of each stage is worth.

use crm_analytics::history::{Amount, Day};
use crm_analytics::lifecycle::{Moves, Stage, Term};
use crm_analytics::statistics::{Interval, Level};

use super::buyers::Buyer;
use super::standings::Placed;
use crate::Error;
use crate::input::Input;
use crate::options::Options;

/// How far the value of a stage looks ahead.
pub(super) const YEARS: f64 = 3.0;

pub(super) struct Values {
    pub(super) moves: Moves,
    /// Steps that were looked at.
    steps: usize,
    /// What a customer of each stage brings in the step after; `None` for a stage that nobody was in.
    brings: [Option<f64>; 4],
    values: [Option<f64>; 4],
}

impl Values {
    pub(super) fn of(
        input: &Input,
        options: &Options,
        placed: &Placed,
        buyers: &[Buyer],
    ) -> Result<Self, Error> {
        let mut moves = Moves::new(Stage::ALL.map(Stage::name)).map_err(Error::refused)?;
        let mut brought = [(0_u64, 0.0); 4];
        let pairs = placed.dates.iter().zip(placed.dates.iter().skip(1));
        for ((later, after), (earlier, before)) in pairs {
            let both = before.iter().zip(after).filter_map(|(from, to)| Some((from.as_ref()?, to.as_ref()?)));
            let (from, to): (Vec<usize>, Vec<usize>) =
                both.map(|(from, to)| (from.index(), to.index())).unzip();
            moves.count(&from, &to).map_err(Error::refused)?;
            for (buyer, stage) in buyers.iter().zip(before) {
                let slot = stage.and_then(|stage| brought.get_mut(stage.index()));
                if let Some((customers, sum)) = slot {
                    *customers += 1;
                    *sum += reward(input, buyer, *earlier, *later);
                }
            }
        }
        let margin = if input.has_amounts() { options.margin } else { 1.0 };
        let brings = brought.map(|(customers, sum)| (customers > 0).then(|| margin * sum / customers as f64));
        let steps = placed.dates.len() - 1;
        let mut values = [None; 4];
        if steps > 0 {
            let rate = (1.0 + options.discount_rate).powf(f64::from(placed.step_days) / 365.25) - 1.0;
            let rewards = brings.map(|brings| brings.unwrap_or(0.0));
            let term = Term::Periods((YEARS * 365.25 / f64::from(placed.step_days)).round() as u32);
            let worth = moves.chain().values(&rewards, rate, term).map_err(Error::refused)?;
            for ((value, worth), brings) in values.iter_mut().zip(worth).zip(brings) {
                *value = brings.map(|_| worth);
            }
        }
        Ok(Values { moves, steps, brings, values })
    }

    /// How many steps were looked at, if any.
    pub(super) fn dates(&self) -> Option<usize> {
        (self.steps > 0).then_some(self.steps)
    }

    /// What a customer of a stage brings in a step.
    pub(super) fn brings(&self, stage: usize) -> Option<f64> {
        self.brings.get(stage).copied().flatten()
    }

    /// What a customer of a stage is worth; `None` for a stage that nobody was in.
    pub(super) fn value(&self, stage: usize) -> Option<f64> {
        self.values.get(stage).copied().flatten()
    }

    /// How many moved from a stage to another.
    pub(super) fn count(&self, from: usize, to: usize) -> u64 {
        self.moves.between(from, to).unwrap_or(0)
    }

    /// The share of a stage that moved to another.
    pub(super) fn share(&self, from: usize, to: usize) -> Option<Interval> {
        self.moves.share(from, to, Level::default()).ok().flatten()
    }
}

/// Revenue, or purchases where there are no amounts.
fn reward(input: &Input, buyer: &Buyer, after: Day, until: Day) -> f64 {
    match input.has_amounts() {
        true => buyer.paid_within(after, until).to_f64(),
        false => buyer.purchases_within(after, until) as f64,
    }
}
