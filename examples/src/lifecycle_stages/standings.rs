//! Where everybody stands, by the method asked for: now, and at the dates before that moves are counted between.

use std::collections::HashMap;

use crm_analytics::btyd::{self, BgNbd, Histories, History, MbgNbd, Repeat};
use crm_analytics::history::Rules as HistoryRules;
use crm_analytics::history::{Customer, Day, Observation, TimeUnit};
use crm_analytics::lifecycle::hmm::{self, Design, Diagnosis, Model, Sequences};
use crm_analytics::lifecycle::{Rules, Stage, Standing};

use super::buyers::Buyer;
use super::{Method, Own};
use crate::Error;
use crate::input::Input;
use crate::options::{ModelName, Options};

/// Moves are counted over so many periods.
const PERIODS: i32 = 3;
/// And between at most so many dates.
const DATES: i32 = 9;

pub(super) struct Placed {
    /// Where each buyer stands now; `since` is in days.
    pub(super) standings: Vec<Standing>,
    /// The dates looked at, the last one first; and where each buyer stood, `None` before the first purchase.
    pub(super) dates: Vec<(Day, Vec<Option<Stage>>)>,
    pub(super) step_days: i32,
    /// What the stages look like, line by line.
    pub(super) portrait: String,
}

impl Placed {
    pub(super) fn of(
        input: &Input,
        options: &Options,
        own: &Own,
        buyers: &[Buyer],
        end: Day,
    ) -> Result<Self, Error> {
        let step_days = PERIODS * own.period_days as i32;
        let first = buyers.iter().map(Buyer::first).min().unwrap_or(end);
        let dates = (1..DATES).map(|steps| end.saturating_add(-steps * step_days));
        let dates: Vec<Day> = dates.take_while(|date| *date >= first).collect();
        let (standings, before, portrait) = match own.method {
            Method::Rules => by_rules(buyers, end, &dates)?,
            Method::PAlive => match options.model {
                ModelName::MbgNbd => by_p_alive::<MbgNbd>(input, buyers, end, &dates)?,
                ModelName::BgNbd => by_p_alive::<BgNbd>(input, buyers, end, &dates)?,
            },
            Method::Hmm => by_model(input, own.period_days, buyers, end, dates.len())?,
        };
        let now = standings.iter().map(|standing| Some(standing.stage)).collect();
        let dates = std::iter::once((end, now)).chain(dates.into_iter().zip(before)).collect();
        Ok(Placed { standings, dates, step_days, portrait })
    }
}

/// Standings now, stages at the dates before, and what the stages look like.
type Answer = (Vec<Standing>, Vec<Vec<Option<Stage>>>, String);

fn by_rules(buyers: &[Buyer], end: Day, dates: &[Day]) -> Result<Answer, Error> {
    let rules = Rules::default();
    let standing = |buyer: &Buyer, date: Day| {
        let now = f64::from(date.days_since(buyer.first()));
        rules.standing(&buyer.times(date), now).map_err(Error::refused)
    };
    let stage = |buyer: &Buyer, date: Day| match buyer.first() > date {
        true => Ok(None),
        false => standing(buyer, date).map(|standing| Some(standing.stage)),
    };
    let now = buyers.iter().map(|buyer| standing(buyer, end)).collect::<Result<_, _>>()?;
    let before = |date: &Day| buyers.iter().map(|buyer| stage(buyer, *date)).collect();
    let before = dates.iter().map(before).collect::<Result<_, _>>()?;
    Ok((now, before, rules.to_string()))
}

fn by_p_alive<M: Repeat<Data = Histories>>(
    input: &Input,
    buyers: &[Buyer],
    end: Day,
    dates: &[Day],
) -> Result<Answer, Error> {
    let rules = Rules::default();
    let weeks = HistoryRules::default().with_unit(TimeUnit::Week);
    let summaries = |date: Day| {
        input.ledger.summarize(&Observation::until(date).with_rules(weeks)).map_err(Error::refused)
    };
    let histories = Histories::from_summaries(&summaries(end)?).map_err(Error::refused)?;
    let fitted = btyd::fit::<M>(&histories, &Default::default()).map_err(Error::refused)?;
    let all = |date: Day| -> Result<HashMap<Customer, f64>, Error> {
        let summaries = summaries(date)?;
        let mut histories = Vec::new();
        let mut customers = Vec::new();
        for (customer, _, summary) in summaries.buyers() {
            customers.push(customer);
            histories.push(History::from_summary(&summary).map_err(Error::refused)?);
        }
        let mut alive = vec![0.0; histories.len()];
        fitted.model().p_alive_all(&histories, &mut alive).map_err(Error::refused)?;
        Ok(customers.into_iter().zip(alive).collect())
    };
    let at = |date: Day| -> Result<Vec<Option<Standing>>, Error> {
        let alive = all(date)?;
        let standing = |buyer: &Buyer| {
            let Some(p_alive) = alive.get(&buyer.customer) else { return Ok(None) };
            let now = f64::from(date.days_since(buyer.first()));
            rules.standing_from_p_alive(*p_alive, &buyer.times(date), now).map(Some).map_err(Error::refused)
        };
        buyers.iter().map(standing).collect()
    };
    let now: Vec<Standing> = at(end)?.into_iter().flatten().collect();
    let before = |date: &Day| {
        let standings = at(*date)?;
        Ok(standings.into_iter().map(|standing| standing.map(|standing| standing.stage)).collect())
    };
    let before = dates.iter().map(before).collect::<Result<_, Error>>()?;
    Ok((now, before, format!("{fitted}\n{rules}")))
}

fn by_model(
    input: &Input,
    period_days: u32,
    buyers: &[Buyer],
    end: Day,
    dates: usize,
) -> Result<Answer, Error> {
    let observation = Observation::until(end);
    let (data, _) = Sequences::of_ledger(&input.ledger, &observation, period_days).map_err(Error::refused)?;
    let fitted = hmm::fit(&Design::default(), &data, &Default::default()).map_err(Error::refused)?;
    // As many stages as the data hold: of more the names would be empty words.
    let model = fitted.recommended();
    let mut now = Vec::with_capacity(buyers.len());
    let mut before = vec![Vec::with_capacity(buyers.len()); dates];
    for (place, buyer) in buyers.iter().enumerate() {
        let mut standing = model.standing(&data, place).map_err(Error::refused)?;
        // Periods to days; nobody has been in a stage for longer than he has been a customer.
        let age = f64::from(end.days_since(buyer.first()));
        standing.since = standing.since.map(|periods| (periods * f64::from(period_days)).min(age));
        now.push(standing);
        let posterior = model.smoothed(&data, place).map_err(Error::refused)?;
        let stages: Vec<Stage> = posterior.periods().map(|states| likely(model, states)).collect();
        for (steps, column) in (1..).zip(&mut before) {
            let at = stages.len().checked_sub(1 + steps * PERIODS as usize);
            column.push(at.and_then(|at| stages.get(at)).copied());
        }
    }
    let mut portrait = format!("{} stages, by Schwarz's criterion\n{model}", model.states());
    for diagnosis in fitted.diagnoses() {
        // Findings on a model of more stages than are used do not matter.
        if model == fitted.model() || matches!(diagnosis, Diagnosis::FewerStages { .. }) {
            portrait.push_str(&format!("{diagnosis}\n"));
        }
    }
    Ok((now, before, portrait))
}

/// The stage with the highest probability; of equal ones the earlier.
fn likely(model: &Model, states: &[f64]) -> Stage {
    let probability = |stage: Stage| {
        let of_stage =
            states.iter().enumerate().filter(|(state, _)| model.topology().stage(*state) == Some(stage));
        of_stage.map(|(_, p)| p).sum::<f64>()
    };
    let stages = Stage::ALL.map(|stage| (stage, probability(stage)));
    let best = stages.into_iter().reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.map_or(Stage::Exploration, |(stage, _)| stage)
}
