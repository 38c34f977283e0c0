//! Stage of every customer by the chosen method: now, at the earlier dates between which moves are
//! counted, and on a past day from the data known by then.

use std::collections::HashMap;

use crm_analytics::btyd::{self, BgNbd, Histories, History, MbgNbd, PurchaseModel, Repeat};
use crm_analytics::history::SummaryRules;
use crm_analytics::history::{Day, Observation, TimeUnit};
use crm_analytics::lifecycle::hmm::{self, Design, HmmDiagnosis, HmmModel, Sequences};
use crm_analytics::lifecycle::{Stage, StageRules, Standing};

use super::buyers::Buyer;
use super::{Method, Own};
use crate::Error;
use crate::input::Input;
use crate::options::{ModelName, Options};

/// Number of periods over which moves are counted.
const PERIODS: i32 = 3;
/// Maximum number of dates between which moves are counted.
const DATES: i32 = 9;
const DAYS_PER_WEEK: f64 = 7.0;

pub(super) struct Placed {
    /// Current standing of each buyer; `since` is in days.
    pub(super) standings: Vec<Standing>,
    /// Days from the first purchase of each buyer to the first decline; `None` for buyers who never
    /// declined.
    pub(super) declined: Vec<Option<f64>>,
    /// Observed dates, the latest first, with the stage of each buyer; `None` before the first
    /// purchase.
    pub(super) dates: Vec<(Day, Vec<Option<Stage>>)>,
    pub(super) step_days: i32,
    /// Description of the stages, line by line.
    pub(super) portrait: String,
}

/// Current standings, first declines, stages at the earlier dates, and a description of the stages.
type Answer = (Vec<(Standing, Option<f64>)>, Vec<Vec<Option<Stage>>>, String);

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
        let (placed, before, portrait) = match own.method {
            Method::Rules => by_rules(buyers, end, &dates)?,
            Method::PAlive => match options.model {
                ModelName::MbgNbd => by_p_alive::<MbgNbd>(input, buyers, end, &dates)?,
                ModelName::BgNbd => by_p_alive::<BgNbd>(input, buyers, end, &dates)?,
            },
            Method::Hmm => by_model(input, own.period_days, buyers, end, dates.len())?,
        };
        let (standings, declined): (Vec<Standing>, Vec<Option<f64>>) = placed.into_iter().unzip();
        let now = standings.iter().map(|standing| Some(standing.stage)).collect();
        let dates = std::iter::once((end, now)).chain(dates.into_iter().zip(before)).collect();
        Ok(Placed { standings, declined, dates, step_days, portrait })
    }
}

/// Returns the stage of each buyer as known on a day, by a model fitted only to data up to that
/// day; `None` for customers without a purchase by then. Returns `None` altogether if no model can
/// be fitted to the orders up to that day.
pub(super) fn known_on(
    input: &Input,
    options: &Options,
    own: &Own,
    buyers: &[Buyer],
    date: Day,
) -> Result<Option<Vec<Option<Stage>>>, Error> {
    if buyers.iter().all(|buyer| buyer.first() > date) {
        return Ok(None);
    }
    match own.method {
        Method::Rules => stages_by(buyers, date, rule).map(Some),
        Method::PAlive => match options.model {
            ModelName::MbgNbd => known_by_p_alive::<MbgNbd>(input, buyers, date),
            ModelName::BgNbd => known_by_p_alive::<BgNbd>(input, buyers, date),
        },
        Method::Hmm => {
            let observation = Observation::until(date);
            let (data, numbers) = Sequences::from_ledger(&input.ledger, &observation, own.period_days)
                .map_err(Error::refused)?;
            let Ok(fitted) = hmm::fit(&Design::default(), &data, &Default::default()) else {
                return Ok(None);
            };
            let mut stages = HashMap::new();
            for (place, number) in numbers.into_iter().enumerate() {
                let standing = fitted.model().standing(&data, place).map_err(Error::refused)?;
                stages.insert(number, standing.stage);
            }
            Ok(Some(buyers.iter().map(|buyer| stages.get(&buyer.customer.index()).copied()).collect()))
        }
    }
}

/// Returns the standing of every buyer on a date; `None` before the first purchase.
fn stages_by(
    buyers: &[Buyer],
    date: Day,
    standing: impl Fn(&[f64], f64) -> Result<Standing, Error>,
) -> Result<Vec<Option<Stage>>, Error> {
    let stage = |buyer: &Buyer| match buyer.first() > date {
        true => Ok(None),
        false => standing(&buyer.times(date), buyer.age(date)).map(|standing| Some(standing.stage)),
    };
    buyers.iter().map(stage).collect()
}

fn rule(times: &[f64], now: f64) -> Result<Standing, Error> {
    StageRules::default().standing(times, now).map_err(Error::refused)
}

fn by_rules(buyers: &[Buyer], end: Day, dates: &[Day]) -> Result<Answer, Error> {
    let rules = StageRules::default();
    let placed = |buyer: &Buyer| {
        let (times, now) = (buyer.times(end), buyer.age(end));
        let first = rules.first_decline(&times, now).map_err(Error::refused)?;
        Ok((rule(&times, now)?, first))
    };
    let now = buyers.iter().map(placed).collect::<Result<_, Error>>()?;
    let before = dates.iter().map(|date| stages_by(buyers, *date, rule)).collect::<Result<_, _>>()?;
    Ok((now, before, rules.to_string()))
}

/// Returns the purchase histories up to a day, in weeks.
fn histories(input: &Input, date: Day) -> Result<Histories, Error> {
    let weeks = SummaryRules::default().with_unit(TimeUnit::Week);
    let summaries = input.ledger.summarize(&Observation::until(date).with_rules(weeks));
    Histories::from_summaries(&summaries.map_err(Error::refused)?).map_err(Error::refused)
}

/// Returns P(alive) of a customer on a later day, given the days of the purchases; NaN if there is
/// no such history.
fn alive<M: PurchaseModel<Data = Histories> + Repeat>(model: &M, days: &[f64], now: f64) -> f64 {
    let recency = days.last().zip(days.first()).map_or(0.0, |(last, first)| last - first) / DAYS_PER_WEEK;
    let history = History::new(days.len().saturating_sub(1) as u32, recency, now / DAYS_PER_WEEK);
    history.map_or(f64::NAN, |history| model.p_alive(&history).clamp(0.0, 1.0))
}

fn by_p_alive<M: PurchaseModel<Data = Histories> + Repeat>(
    input: &Input,
    buyers: &[Buyer],
    end: Day,
    dates: &[Day],
) -> Result<Answer, Error> {
    let rules = StageRules::default();
    let fitted = btyd::fit::<M>(&histories(input, end)?, &Default::default()).map_err(Error::refused)?;
    let p_alive = |days: &[f64], now: f64| alive(fitted.model(), days, now);
    let placed = |buyer: &Buyer| {
        let (times, now) = (buyer.times(end), buyer.age(end));
        let standing = rules.standing_from_p_alive_over_time(p_alive, &times, now).map_err(Error::refused)?;
        let first = rules.first_decline_from_p_alive(p_alive, &times, now).map_err(Error::refused)?;
        Ok((standing, first))
    };
    let now = buyers.iter().map(placed).collect::<Result<_, Error>>()?;
    let standing = |times: &[f64], now: f64| {
        rules.standing_from_p_alive(p_alive(times, now), times, now).map_err(Error::refused)
    };
    let before = dates.iter().map(|date| stages_by(buyers, *date, standing)).collect::<Result<_, _>>()?;
    Ok((now, before, format!("{fitted}\n{rules}")))
}

fn known_by_p_alive<M: PurchaseModel<Data = Histories> + Repeat>(
    input: &Input,
    buyers: &[Buyer],
    date: Day,
) -> Result<Option<Vec<Option<Stage>>>, Error> {
    let fitted = histories(input, date).map(|histories| btyd::fit::<M>(&histories, &Default::default()));
    let Ok(Ok(fitted)) = fitted else { return Ok(None) };
    let standing = |times: &[f64], now: f64| {
        let p_alive = alive(fitted.model(), times, now);
        StageRules::default().standing_from_p_alive(p_alive, times, now).map_err(Error::refused)
    };
    stages_by(buyers, date, standing).map(Some)
}

fn by_model(
    input: &Input,
    period_days: u32,
    buyers: &[Buyer],
    end: Day,
    dates: usize,
) -> Result<Answer, Error> {
    let observation = Observation::until(end);
    let (data, _) =
        Sequences::from_ledger(&input.ledger, &observation, period_days).map_err(Error::refused)?;
    let fitted = hmm::fit(&Design::default(), &data, &Default::default()).map_err(Error::refused)?;
    // Use only as many stages as the data can identify; names of further stages would mean nothing.
    let model = fitted.recommended();
    let mut now = Vec::with_capacity(buyers.len());
    let mut before = vec![Vec::with_capacity(buyers.len()); dates];
    for (place, buyer) in buyers.iter().enumerate() {
        let mut standing = model.standing(&data, place).map_err(Error::refused)?;
        // Periods to days; nobody has been in a stage for longer than they have been a customer.
        let age = buyer.age(end);
        let days = |periods: f64| periods * f64::from(period_days);
        standing.since = standing.since.map(|periods| days(periods).min(age));
        // Stages known at the end of each period, from data up to then only.
        let filtered = model.filtered(&data, place).map_err(Error::refused)?;
        let stages: Vec<Stage> = filtered.periods().map(|states| likely(model, states)).collect();
        let declined = stages.iter().position(|stage| *stage == Stage::Decline);
        let ago = declined.map(|at| days((stages.len() - 1 - at) as f64));
        now.push((standing, ago.map(|ago| (age - ago).max(0.0))));
        for (steps, column) in (1..).zip(&mut before) {
            let at = stages.len().checked_sub(1 + steps * PERIODS as usize);
            column.push(at.and_then(|at| stages.get(at)).copied());
        }
    }
    let mut portrait = format!("{} stages\n{model}", model.states());
    for diagnosis in fitted.diagnoses() {
        // Diagnoses of a model with more stages than are used do not matter.
        if model == fitted.model() || matches!(diagnosis, HmmDiagnosis::FewerStages { .. }) {
            portrait.push_str(&format!("{diagnosis}\n"));
        }
    }
    Ok((now, before, portrait))
}

/// Returns the stage with the highest probability; the earlier one in case of ties.
fn likely(model: &HmmModel, states: &[f64]) -> Stage {
    let probability = |stage: Stage| {
        let of_stage =
            states.iter().enumerate().filter(|(state, _)| model.topology().stage(*state) == Some(stage));
        of_stage.map(|(_, p)| p).sum::<f64>()
    };
    let stages = Stage::EACH.map(|stage| (stage, probability(stage)));
    let best = stages.into_iter().reduce(|best, other| if other.1 > best.1 { other } else { best });
    best.map_or(Stage::Exploration, |(stage, _)| stage)
}
