//! All groupings of everybody the ledger knows, in order of customer numbers.

use crm_analytics::history::{Day, Decimal, Observation, Summaries, Summary, TimeUnit};
use crm_analytics::segmentation::contact::{Cadence, Due};
use crm_analytics::segmentation::loyalty::{Climb, Person, Pyramid, States};
use crm_analytics::segmentation::rfm::{self, RuleSet, Scheme, Scores};
use crm_analytics::segmentation::{
    Amount, Assignments, Columns, CrossTable, GroupTable, Migration, Period, abc, xyz,
};

use crate::Error;
use crate::input::Input;

/// Months that XYZ looks back at most.
const MONTHS: usize = 12;

pub(super) struct Groups {
    pub(super) ids: Vec<String>,
    /// Spend, or orders where there are no amounts.
    pub(super) value: Vec<Decimal>,
    pub(super) value_name: &'static str,
    pub(super) scores: Scores,
    pub(super) usual: Assignments,
    pub(super) usual_table: GroupTable<Decimal>,
    pub(super) shop: Assignments,
    pub(super) abc: Assignments,
    pub(super) abc_table: GroupTable<Decimal>,
    pub(super) xyz: Option<Assignments>,
    pub(super) abc_xyz: Option<CrossTable<Decimal>>,
    pub(super) levels: Assignments,
    pub(super) climb: Climb,
    pub(super) states: Assignments,
    pub(super) due: Due,
}

impl Groups {
    pub(super) fn of(
        input: &Input,
        summaries: &Summaries<String, Decimal>,
        (start, end): (Day, Day),
    ) -> Result<Self, Error> {
        let columns = Columns::of(summaries);
        let (idle, frequency) = (&columns.idle_days, &columns.frequency);
        let value = values(&columns, input.has_amounts());
        let fitted = Scheme::default().fit(idle, frequency, &value).map_err(Error::refused)?;
        let scores = fitted.score(idle, frequency, &value).map_err(Error::refused)?;
        let usual = RuleSet::usual().assign(&scores).map_err(Error::refused)?;
        let usual_table = rfm::table(&usual, idle, frequency, &value).map_err(Error::refused)?;
        let shop = RuleSet::shop_platform().assign(&scores).map_err(Error::refused)?;
        let abc = classes(&value)?;
        let abc_table = abc.table(&value).map_err(Error::refused)?;
        let xyz = steadiness(input, summaries, (start, end))?;
        let abc_xyz = match &xyz {
            Some(xyz) => Some(abc.cross_table(xyz, &value).map_err(Error::refused)?),
            None => None,
        };
        let person = |&purchases: &u32| Person { purchases, ..Person::default() };
        let levels = Pyramid::default().assign(&frequency.iter().map(person).collect::<Vec<_>>());
        let climb = Climb::of(&levels, Default::default()).map_err(Error::refused)?;
        let picked_out = vec![false; frequency.len()];
        let states = States::default().assign(frequency, idle, &picked_out).map_err(Error::refused)?;
        let last = |(customer, _, summary): (_, _, Option<Summary<Decimal>>)| match summary {
            Some(summary) => Some(summary.last_purchase),
            None => input.ledger.first_contact(customer).filter(|contact| *contact <= end),
        };
        let contacts: Vec<Option<Day>> = summaries.everyone().map(last).collect();
        let due = Cadence::default().due(&abc, &contacts, end).map_err(Error::refused)?;
        Ok(Groups {
            ids: columns.ids.iter().map(|id| (*id).clone()).collect(),
            value_name: if input.has_amounts() { "spend" } else { "orders" },
            value,
            scores,
            usual,
            usual_table,
            shop,
            abc,
            abc_table,
            xyz,
            abc_xyz,
            levels,
            climb,
            states,
            due,
        })
    }
}

fn values(columns: &Columns<'_, String, Decimal>, has_amounts: bool) -> Vec<Decimal> {
    if has_amounts {
        columns.monetary.clone()
    } else {
        columns.frequency.iter().copied().map(Decimal::from).collect()
    }
}

fn classes(value: &[Decimal]) -> Result<Assignments, Error> {
    abc::Scheme::default().fit(value).and_then(|fitted| fitted.assign(value)).map_err(Error::refused)
}

/// XYZ of the amounts (or orders) of the last twelve months, `None` where there are not two.
fn steadiness(
    input: &Input,
    summaries: &Summaries<String, Decimal>,
    (start, end): (Day, Day),
) -> Result<Option<Assignments>, Error> {
    let number = |day: Day| day.period(TimeUnit::Month).index();
    let (first, last) = (number(start), number(end));
    let months = usize::try_from(last - first + 1).unwrap_or(0).min(MONTHS);
    if months < 2 {
        return Ok(None);
    }
    let from = last + 1 - i32::try_from(months).unwrap_or(0);
    let mut demand = vec![Decimal::ZERO; months * summaries.customers()];
    for ((customer, _, _), row) in summaries.everyone().zip(demand.chunks_exact_mut(months)) {
        for line in input.ledger.lines(customer).filter(|line| line.day <= end) {
            let slot = usize::try_from(number(line.day) - from).ok().and_then(|month| row.get_mut(month));
            if let Some(slot) = slot {
                *slot = slot.saturating_add(if input.has_amounts() { line.amount } else { Decimal::ONE });
            }
        }
    }
    xyz::Scheme::default().assign(&demand, months).map(Some).map_err(Error::refused)
}

/// Classes on an earlier day and at the end, of those who had bought by then.
pub(super) fn migration(
    input: &Input,
    summaries: &Summaries<String, Decimal>,
    cut: Day,
) -> Result<Migration<Decimal>, Error> {
    let earlier = input.ledger.summarize(&Observation::until(cut)).map_err(Error::refused)?;
    let sides = [&earlier, summaries].map(|summaries| side(summaries, input.has_amounts()));
    let [before, after] = sides;
    let (before, after) = (before?, after?);
    let before = Period::new(&before.0, &before.1, &before.2).map_err(Error::refused)?;
    let after = Period::new(&after.0, &after.1, &after.2).map_err(Error::refused)?;
    Migration::between(before, after).map_err(Error::refused)
}

type Side = (Vec<String>, Assignments, Vec<Decimal>);

fn side(summaries: &Summaries<String, Decimal>, has_amounts: bool) -> Result<Side, Error> {
    let columns = Columns::of(summaries);
    let value = values(&columns, has_amounts);
    let rows = columns.ids.iter().zip(&columns.frequency).zip(value);
    let bought = rows.filter(|((_, orders), _)| **orders > 0);
    let (ids, value): (Vec<String>, Vec<Decimal>) =
        bought.map(|((id, _), value)| ((*id).clone(), value)).unzip();
    let classes = classes(&value)?;
    Ok((ids, classes, value))
}

/// The number that pictures show.
pub(super) fn real(amount: Decimal) -> f64 {
    amount.to_f64()
}
