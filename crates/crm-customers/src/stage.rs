//! Stages of the relationships by rules.

use crm_history::{Customer, Day};
use crm_lifecycle::{Stage, StageRules, Standing};
use crm_numbers::{Amount, parallel};
use crm_segmentation::Assignments;

use crate::columns::{ColumnGroup, push_missing};
use crate::{Cell, CustomerTable, Error};

/// Customers that one task takes.
const CUSTOMERS_PER_TASK: usize = 4096;

/// Name of the group of people without a purchase.
const NO_PURCHASE: &str = "no purchase";

/// Stages of all rows; people without a purchase have none.
pub(crate) struct StageColumns {
    standings: Vec<Option<Standing>>,
    stages: Assignments,
    end: Day,
}

impl StageColumns {
    pub(crate) fn get(&self, row: usize) -> Option<&Standing> {
        self.standings.get(row)?.as_ref()
    }
}

const NAMES: [&str; 3] = ["stage", "stage_since", "stage_reasons"];

impl<A> ColumnGroup<A> for StageColumns {
    fn names(&self) -> Vec<&str> {
        NAMES.to_vec()
    }

    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>) {
        let Some(standing) = self.get(row) else { return push_missing(NAMES.len(), cells) };
        let first_day = |days: f64| Cell::Day(self.end.saturating_add(-(days.floor() as i32)));
        let reasons: Vec<String> = standing.reasons.iter().map(ToString::to_string).collect();
        cells.push(Cell::text(standing.stage.name()));
        cells.push(Cell::maybe(standing.since, first_day));
        cells.push(Cell::Text(reasons.join("; ").into()));
    }

    fn groups(&self, column: &str) -> Option<&Assignments> {
        (column == "stage").then_some(&self.stages)
    }

    fn group(&self, column: &str, row: usize) -> Option<&str> {
        (column == "stage").then(|| self.get(row).map(|standing| standing.stage.name())).flatten()
    }
}

impl<K: Sync + Send, A: Amount> CustomerTable<'_, K, A> {
    /// Adds the stage of each relationship by rules, with the first day of the stage and the
    /// reasons.
    ///
    /// The rules see the days on which the customer bought, in days since the first purchase.
    ///
    /// # Errors
    ///
    /// [`Error::Segmentation`] for more rows than groups can be assigned to;
    /// [`Error::ColumnTaken`].
    pub fn with_stages(mut self, rules: &StageRules) -> Result<Self, Error> {
        self.check_free(&NAMES)?;
        let standings = parallel::map_indices(self.len(), CUSTOMERS_PER_TASK, |row| {
            let customer = self.customers.get(row)?;
            self.standing(*customer, rules).transpose()
        });
        let standings = standings.into_iter().map(Option::transpose).collect::<Result<Vec<_>, _>>()?;
        let code = |standing: &Option<Standing>| {
            standing.as_ref().map_or(Stage::ALL.len(), |standing| standing.stage.index()) as u32
        };
        let names = Stage::EACH.map(Stage::name).into_iter().chain([NO_PURCHASE]);
        let stages = Assignments::new(names, standings.iter().map(code).collect::<Vec<_>>())?;
        let end = self.end();
        self.stages = Some(StageColumns { standings, stages, end });
        Ok(self)
    }

    fn standing(&self, customer: Customer, rules: &StageRules) -> Result<Option<Standing>, Error> {
        let Some(summary) = self.summaries.get(customer) else { return Ok(None) };
        let observed = |day: &Day| (summary.first_purchase..=summary.last_purchase).contains(day);
        let since_first = |day: Day| f64::from(day.days_since(summary.first_purchase));
        let bought = self.ledger.lines(customer).filter(|line| line.amount >= A::ZERO);
        let mut days: Vec<Day> = bought.map(|line| line.day).filter(observed).collect();
        days.dedup();
        let times: Vec<f64> = days.into_iter().map(since_first).collect();
        Ok(Some(rules.standing(&times, since_first(self.end()))?))
    }
}
