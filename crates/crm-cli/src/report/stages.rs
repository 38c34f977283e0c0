//! Life-cycle stage of each customer by rules, and cohorts.

use crm_analytics::history::{Day, Decimal, Summaries, Summary, TimeUnit};
use crm_analytics::lifecycle::cohort::Triangle;
use crm_analytics::lifecycle::{Stage, StageRules, Standing};

use crate::Error;
use crate::input::Input;

/// With more cohorts than this, cohorts of longer periods are used.
const MOST_COHORTS: i32 = 13;
/// A longer span of years indicates a mistyped date.
const MOST_YEARS: i32 = 200;

/// Stages of all customers with a purchase, in the order of customer indices.
pub(crate) struct Stages {
    /// `since` is in days.
    pub(crate) standings: Vec<Standing>,
    /// `None` if a date is too far from the others.
    pub(crate) cohorts: Option<Triangle<Decimal>>,
    pub(crate) unit: TimeUnit,
}

impl Stages {
    pub(crate) fn of(input: &Input, summaries: &Summaries<String, Decimal>, end: Day) -> Result<Self, Error> {
        let rules = StageRules::default();
        let standing = |(customer, _, summary): (_, _, Summary<Decimal>)| {
            let since_first = |day: Day| f64::from(day.days_since(summary.first_purchase));
            let days = input.purchase_days(customer, end);
            let times: Vec<f64> = days.into_iter().map(since_first).collect();
            rules.standing(&times, since_first(end)).map_err(Error::refused)
        };
        let standings = summaries.buyers().map(standing).collect::<Result<_, _>>()?;
        let first = input.ledger.first_day().unwrap_or(end);
        let periods = |unit: TimeUnit| end.period(unit).index() - first.period(unit).index();
        let units = [TimeUnit::Month, TimeUnit::Quarter];
        let unit = units.into_iter().find(|unit| periods(*unit) < MOST_COHORTS).unwrap_or(TimeUnit::Year);
        let cohorts = match periods(unit) < MOST_YEARS {
            true => Some(Triangle::from_ledger(&input.ledger, end, unit).map_err(Error::refused)?),
            false => None,
        };
        Ok(Stages { standings, cohorts, unit })
    }

    /// Returns the number of customers in a stage.
    pub(crate) fn customers(&self, stage: Stage) -> u64 {
        self.standings.iter().filter(|standing| standing.stage == stage).count() as u64
    }
}
