//! All groupings of everybody in the ledger, in the order of customer indices.

use crm_analytics::history::{Day, Decimal, Summaries, TimeUnit};
use crm_analytics::segmentation::rfm::{self, RfmScheme, RuleSet, Scores};
use crm_analytics::segmentation::{Assignments, Columns, CrossTable, GroupTable, xyz};

use crate::Error;
use crate::input::Input;
use crate::loyalty::Loyalty;
use crate::moved::{classes, values};

/// Maximum number of past months that XYZ uses.
const MONTHS: usize = 12;

pub(super) struct Groups {
    pub(super) ids: Vec<String>,
    /// Spend, or orders if there are no amounts.
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
    pub(super) loyalty: Loyalty,
}

impl Groups {
    pub(super) fn of(
        input: &Input,
        summaries: &Summaries<String, Decimal>,
        (start, end): (Day, Day),
    ) -> Result<Self, Error> {
        let columns = Columns::from_summaries(summaries);
        let (idle, frequency) = (&columns.idle_days, &columns.frequency);
        let value = values(&columns, input.has_amounts());
        let fitted = RfmScheme::default().fit(idle, frequency, &value).map_err(Error::refused)?;
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
        let loyalty = Loyalty::of(input, summaries, &columns, &abc, end)?;
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
            loyalty,
        })
    }
}

/// Computes the XYZ classes of the amounts (or orders) of the last twelve months; `None` if there
/// are fewer than two.
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
    xyz::XyzScheme::default().assign(&demand, months).map(Some).map_err(Error::refused)
}
