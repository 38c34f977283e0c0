//! Results computed from the opportunities.

use std::collections::BTreeMap;
use std::fmt;

use crm_analytics::history::{Amount, Day, Decimal};
use crm_analytics::lifecycle::funnel::{Eventual, Funnel, JourneyOutcome, Journeys, Passage, candidates_for};
use crm_analytics::numbers::{Interval, Level};
use crm_analytics::statistics::survival::{Curve, Incidence, Limits, QuantileRange};

use super::input::{Opportunity, Stage};
use super::options::Options;
use crate::Error;

const STAGES: [&str; 3] = ["prospecting", "engaging", "won"];
/// Index of the stage whose duration is known.
const ENGAGING: usize = 1;
/// A number of candidates within this distance of a whole number counts as that number.
const ROUNDING: f64 = 1e-9;

pub(super) struct Analysis {
    pub(super) options: Options,
    pub(super) end: Day,
    pub(super) opportunities: usize,
    pub(super) funnel: Funnel,
    pub(super) passages: Vec<Passage>,
    /// Number of opportunities that are won or lost.
    pub(super) decided: Funnel,
    /// Share of engaged opportunities that are eventually won, with open ones censored at their
    /// age.
    pub(super) engaged: Option<Eventual>,
    /// Share of all opportunities that are eventually won, which applies to future ones.
    pub(super) eventually: Option<Interval>,
    /// Candidates needed for the requested deals: on average at that share; with the requested
    /// certainty at that share; and with that certainty at its lower limit.
    pub(super) needed: Option<u64>,
    pub(super) surely: Option<u64>,
    pub(super) surely_at_lower: Option<u64>,
    /// Total value of won deals.
    pub(super) won_value: Decimal,
    pub(super) mean_value: Option<f64>,
    /// Expected value of the open engaged opportunities: the number expected to be won, by their
    /// age, times the mean value.
    pub(super) open_value: Option<f64>,
    pub(super) time: Option<Time>,
    pub(super) groups: Vec<Group>,
}

/// Time from engagement to the decision.
pub(super) struct Time {
    pub(super) curve: Curve,
    pub(super) outcomes: Incidence,
    pub(super) median: QuantileRange,
}

/// Decided opportunities of one group compared with all others.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) decided: u64,
    pub(super) won: u64,
    pub(super) share: Option<Interval>,
    pub(super) difference: Option<Interval>,
    pub(super) p_value: Option<f64>,
}

impl Analysis {
    pub(super) fn of(opportunities: &[Opportunity], options: Options) -> Result<Self, Error> {
        let nothing = |why: &str| Error::nothing_in(&options.events, why);
        let days = opportunities.iter().flat_map(|opportunity| [opportunity.engaged, opportunity.decided()]);
        let end = match (options.end, days.flatten().max()) {
            (Some(end), _) => Day::from(end),
            (None, Some(last)) => last,
            (None, None) => {
                return Err(nothing("there is no date; say with --end what day it is"));
            }
        };
        let seen: Vec<Opportunity> = opportunities.iter().map(|one| one.as_of(end)).collect();
        let mut journeys = Journeys::new(STAGES, f64::from(end.since_epoch())).map_err(Error::refused)?;
        for one in &seen {
            let (reached, outcome) = one.journey();
            journeys.push(&reached, outcome).map_err(Error::refused)?;
        }
        let level = Level::default();
        let all: Vec<&Opportunity> = seen.iter().collect();
        let decided = decided(&all)?;
        let mut won_value = seen.iter().filter(|one| one.stage == Stage::Won).filter_map(|one| one.value);
        let won_value = won_value.try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value));
        let won_value = won_value.ok_or_else(|| nothing("the values of all deals are too much"))?;
        let valued = seen.iter().filter(|one| one.stage == Stage::Won && one.value.is_some()).count();
        let mean_value = (valued > 0).then(|| won_value.to_f64() / valued as f64);
        let engaged = journeys.eventual(ENGAGING, level).map_err(Error::refused)?;
        let eventually = journeys.eventually(level).map_err(Error::refused)?;
        let expected = engaged.as_ref().map(|engaged| engaged.expected);
        let open_value = mean_value.zip(expected).map(|(value, expected)| expected * value);
        let share = eventually.map(|share| share.estimate).filter(|share| *share > 0.0);
        let needed = share.map(|share| (options.deals as f64 / share - ROUNDING).ceil() as u64);
        let sure = |share: Option<f64>| {
            let share = share.filter(|share| *share > 0.0);
            share.map(|share| candidates_for(options.deals, share, options.certainty)).transpose()
        };
        let surely = sure(share).map_err(Error::refused)?;
        // If the number at the lower limit is too large to count, it is omitted.
        let surely_at_lower =
            sure(eventually.map(|share| share.lower)).ok().flatten().filter(|_| share.is_some());
        let curve = journeys.time_in(ENGAGING).map_err(Error::refused)?;
        let outcomes = journeys.outcomes_of(ENGAGING).map_err(Error::refused)?;
        let time = match curve.zip(outcomes) {
            Some((curve, outcomes)) => {
                let median = curve.quantile(0.5, Limits::LogLog, level).map_err(Error::refused)?;
                Some(Time { curve, outcomes, median })
            }
            None => None,
        };
        Ok(Analysis {
            end,
            opportunities: seen.len(),
            funnel: journeys.funnel().map_err(Error::refused)?,
            passages: journeys.passages(level),
            engaged,
            eventually,
            needed,
            surely,
            surely_at_lower,
            won_value,
            mean_value,
            open_value,
            time,
            groups: if options.group.is_some() { groups(&seen, level)? } else { Vec::new() },
            decided,
            options,
        })
    }
}

impl Opportunity {
    /// Returns the opportunity as known on a day, without any later event.
    fn as_of(&self, end: Day) -> Self {
        let later = |day: Option<Day>| day.is_some_and(|day| day > end);
        let mut known = self.clone();
        known.closed = self.decided();
        if later(known.closed) {
            (known.closed, known.value) = (None, None);
            known.stage = Stage::Engaging;
        }
        if later(self.engaged) {
            (known.engaged, known.closed, known.value) = (None, None, None);
            known.stage = Stage::Prospecting;
        }
        known
    }

    /// Returns the day on which the opportunity was won or lost. The close date of an open one is
    /// only expected and does not count as an event.
    fn decided(&self) -> Option<Day> {
        self.closed.filter(|_| matches!(self.stage, Stage::Won | Stage::Lost))
    }

    /// Returns the times at which each stage was reached. Opportunities lost without being engaged
    /// count as lost while prospecting.
    fn journey(&self) -> (Vec<Option<f64>>, JourneyOutcome) {
        let time = |day: Option<Day>| day.map(|day| f64::from(day.since_epoch()));
        let (engaged, closed) = (time(self.engaged), time(self.closed));
        match self.stage {
            Stage::Prospecting => (vec![None], JourneyOutcome::Open),
            Stage::Engaging => (vec![None, engaged], JourneyOutcome::Open),
            Stage::Won => (vec![None, engaged, closed], JourneyOutcome::Open),
            Stage::Lost if engaged.is_some() => (vec![None, engaged], JourneyOutcome::Lost { at: closed }),
            Stage::Lost => (vec![None], JourneyOutcome::Lost { at: closed }),
        }
    }
}

/// Counts the opportunities that are won or lost: all, engaged and won ones.
fn decided(opportunities: &[&Opportunity]) -> Result<Funnel, Error> {
    let count = |holds: fn(&Opportunity) -> bool| {
        opportunities.iter().filter(|one| matches!(one.stage, Stage::Won | Stage::Lost) && holds(one)).count()
            as u64
    };
    let counts = [
        count(|_| true),
        count(|one| one.stage == Stage::Won || one.engaged.is_some()),
        count(|one| one.stage == Stage::Won),
    ];
    Funnel::new(STAGES.into_iter().zip(counts)).map_err(Error::refused)
}

fn groups(seen: &[Opportunity], level: Level) -> Result<Vec<Group>, Error> {
    let mut members: BTreeMap<&str, Vec<&Opportunity>> = BTreeMap::new();
    for one in seen {
        members.entry(&one.group).or_default().push(one);
    }
    let group = |(name, of_group): (&&str, &Vec<&Opportunity>)| {
        let others: Vec<&Opportunity> = seen.iter().filter(|one| one.group != **name).collect();
        let funnel = decided(of_group)?;
        let compared = funnel.against(&decided(&others)?, level).map_err(Error::refused)?;
        let overall = compared.last();
        let [all, .., won] = funnel.counts() else { return Err(Error::refused("a funnel has two ends")) };
        Ok(Group {
            name: if name.is_empty() { "(not known)".to_owned() } else { (*name).to_owned() },
            decided: *all,
            won: *won,
            share: funnel.overall(level),
            difference: overall.and_then(|overall| overall.difference),
            p_value: overall.and_then(|overall| overall.p_value),
        })
    };
    members.iter().map(group).collect()
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn interval(share: Option<Interval>) -> String {
    share.map_or_else(
        || "-".to_owned(),
        |share| format!("{} ({} to {})", percent(share.estimate), percent(share.lower), percent(share.upper)),
    )
}

/// Output for the terminal.
impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} opportunities as of {}\n", self.opportunities, self.end)?;
        let widths = "entered    went on       lost       open";
        writeln!(f, "{:<24} {widths}  {:<28}  went on, of decided", "step", "went on so far")?;
        for step in &self.passages {
            let name = format!("{} to {}", step.from, step.to);
            write!(
                f,
                "{name:<24} {:>7} {:>10} {:>10} {:>10}",
                step.entered, step.advanced, step.lost, step.open
            )?;
            writeln!(f, "  {:<28}  {}", interval(step.so_far), interval(step.decided))?;
        }
        let rate = self.decided.overall(Level::default());
        writeln!(f, "\nOf those that are decided, {} were won.", interval(rate))?;
        if let Some(Eventual { share, longest: Some(longest), open, overdue, .. }) = &self.engaged {
            writeln!(
                f,
                "Of those that are engaged, {} are won within {longest:.0} days, the longest that a decision ever took.",
                interval(Some(*share))
            )?;
            if *overdue > 0 {
                writeln!(
                    f,
                    "Open opportunities that are older than that count as not won: {overdue} of {open}."
                )?;
            }
        }
        if let (Some(needed), Some(surely)) = (self.needed, self.surely) {
            let (deals, certainty) = (self.options.deals, percent(self.options.certainty));
            write!(
                f,
                "{deals} deals take {needed} opportunities on average; {surely} for a certainty of {certainty}"
            )?;
            match self.surely_at_lower.filter(|more| *more != surely) {
                Some(more) => writeln!(f, ", {more} if the share is at its lower limit.")?,
                None => writeln!(f, ".")?,
            }
        }
        if let Some(mean) = self.mean_value {
            write!(f, "Won deals brought {}, {mean:.2} each", self.won_value)?;
            match self.open_value {
                Some(open) => writeln!(f, "; the open ones may bring about {open:.0}.")?,
                None => writeln!(f, ".")?,
            }
        }
        if let Some(time) = &self.time {
            match time.median.estimate {
                Some(median) => {
                    writeln!(f, "Half of the engaged opportunities are decided within {median:.0} days.")?
                }
                None => writeln!(f, "Less than half of the engaged opportunities are decided so far.")?,
            }
        }
        if let Some(column) = &self.options.group {
            writeln!(f, "\nWon of decided, by {column}, and against all others:\n")?;
            for group in &self.groups {
                let p_value = match group.p_value {
                    Some(p) if p < 1e-4 => "p < 0.0001".to_owned(),
                    Some(p) => format!("p = {p:.4}"),
                    None => String::new(),
                };
                writeln!(
                    f,
                    "{:<24} {:>6} of {:>6}  {:<28}  {:<28}  {p_value}",
                    group.name,
                    group.won,
                    group.decided,
                    interval(group.share),
                    interval(group.difference),
                )?;
            }
        }
        Ok(())
    }
}
