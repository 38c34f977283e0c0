//! Moves between stages, and the value of customers after they are known to be in a stage.

use crm_analytics::history::{Amount, Day, Decimal};
use crm_analytics::lifecycle::{BackTest, Moves, Stage, StageValue, StageValues};
use crm_analytics::numbers::{Interval, Level};

use super::Own;
use super::buyers::Buyer;
use super::standings::{self, Placed};
use crate::Error;
use crate::input::Input;
use crate::options::Options;

/// Candidate horizons, in days, over which the value of a stage is measured: the longest one that
/// the orders have room for is used.
const HORIZONS: [i32; 5] = [365, 182, 91, 28, 7];
const YEAR: f64 = 365.25;

pub(super) struct Values {
    pub(super) moves: Moves,
    /// Number of steps observed.
    steps: usize,
    /// Expected value of a customer of each stage in the next step; `None` for a stage without
    /// customers.
    brings: [Option<f64>; 4],
    /// `None` if the orders do not go back far enough, or if no model can be fitted to the early
    /// ones.
    pub(super) measured: Option<Measured>,
}

/// Measured value of the customers of each stage, with its back-test.
pub(super) struct Measured {
    /// Day on which the stages were known.
    pub(super) known_on: Day,
    /// Length of the measured period after that day, in days.
    pub(super) days: i32,
    pub(super) values: StageValues,
    /// Day on which the stages were known whose values are tested.
    pub(super) tested_on: Day,
    /// Values as of that day, tested against purchases after [`known_on`](Self::known_on).
    pub(super) test: BackTest,
}

impl Values {
    pub(super) fn of(
        input: &Input,
        options: &Options,
        own: &Own,
        placed: &Placed,
        buyers: &[Buyer],
        (start, end): (Day, Day),
    ) -> Result<Self, Error> {
        let mut moves = Moves::new(Stage::EACH.map(Stage::name)).map_err(Error::refused)?;
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
                    *sum += reward(input, options, buyer, (*earlier, *later), 0.0);
                }
            }
        }
        let brings = brought.map(|(customers, sum)| (customers > 0).then(|| sum / customers as f64));
        let steps = placed.dates.len() - 1;
        Ok(Values { moves, steps, brings, measured: measured(input, options, own, buyers, (start, end))? })
    }

    /// Returns the number of steps observed, if any.
    pub(super) fn dates(&self) -> Option<usize> {
        (self.steps > 0).then_some(self.steps)
    }

    /// Returns the expected value of a customer of a stage in one step.
    pub(super) fn brings(&self, stage: usize) -> Option<f64> {
        self.brings.get(stage).copied().flatten()
    }

    /// Returns the value of a stage; `None` if nothing was measured.
    pub(super) fn value(&self, stage: Stage) -> Option<StageValue> {
        self.measured.as_ref().map(|measured| measured.values.of(stage))
    }

    /// Returns the number of moves from one stage to another.
    pub(super) fn count(&self, from: usize, to: usize) -> u64 {
        self.moves.between(from, to).unwrap_or(0)
    }

    /// Returns the share of customers of a stage that moved to another.
    pub(super) fn share(&self, from: usize, to: usize) -> Option<Interval> {
        self.moves.share(from, to, Level::default()).ok().flatten()
    }
}

/// Measures the value of stages known one horizon before the end, and tests the values known one
/// horizon earlier.
fn measured(
    input: &Input,
    options: &Options,
    own: &Own,
    buyers: &[Buyer],
    (start, end): (Day, Day),
) -> Result<Option<Measured>, Error> {
    // Room for two horizons, preceded by half a horizon in which the stages can become visible.
    let room = |days: &i32| 5 * i64::from(*days) <= 2 * i64::from(end.days_since(start));
    let Some(days) = HORIZONS.into_iter().find(room) else { return Ok(None) };
    let (known_on, tested_on) = (end.saturating_add(-days), end.saturating_add(-2 * days));
    let years = f64::from(days) / YEAR;
    let brought = |date: Day, stages: Vec<Option<Stage>>| -> (Vec<Stage>, Vec<f64>) {
        let until = date.saturating_add(days);
        let known = buyers.iter().zip(stages).filter_map(|(buyer, stage)| Some((buyer, stage?)));
        let reward = |buyer: &Buyer| reward(input, options, buyer, (date, until), options.discount_rate);
        known.map(|(buyer, stage)| (stage, reward(buyer))).unzip()
    };
    let stages = |date: Day| standings::known_on(input, options, own, buyers, date);
    let (Some(now), Some(before)) = (stages(known_on)?, stages(tested_on)?) else { return Ok(None) };
    let (now, before) = (brought(known_on, now), brought(tested_on, before));
    let values = |(known, brought): &(Vec<Stage>, Vec<f64>)| {
        StageValues::new(known, brought, years, Level::default()).map_err(Error::refused)
    };
    let test = values(&before)?.back_test(&now.0, &now.1, years).map_err(Error::refused)?;
    Ok(Some(Measured { known_on, days, values: values(&now)?, tested_on, test }))
}

/// Returns the margin (or the number of purchases, if there are no amounts) after one day up to
/// another, discounted to the first of them at a yearly rate.
fn reward(input: &Input, options: &Options, buyer: &Buyer, (after, until): (Day, Day), rate: f64) -> f64 {
    if !input.has_amounts() {
        return buyer.purchases_within(after, until) as f64;
    }
    let paid = |amount: Decimal, day: Day| {
        amount.to_f64() * (1.0 + rate).powf(-f64::from(day.days_since(after)) / YEAR)
    };
    let lines = buyer.lines.iter().filter(|line| line.day > after && line.day <= until);
    options.margin * lines.map(|line| paid(line.amount, line.day)).sum::<f64>()
}
