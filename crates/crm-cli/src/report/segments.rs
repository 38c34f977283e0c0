//! Customer segments by RFM and ABC.

use crm_analytics::history::Decimal;
use crm_analytics::segmentation::rfm::{RfmPlace, RfmScheme, RuleSet, Scores};
use crm_analytics::segmentation::{Amount, Assignments, Columns, GroupTable, rfm};

use crate::{Error, cells, moved};

/// Segments and classes of everybody in the ledger, in the order of customer indices.
pub(crate) struct Segments {
    pub(crate) scores: Scores,
    pub(crate) groups: Assignments,
    pub(crate) group_table: GroupTable<Decimal>,
    /// ABC classes by spend, or by orders if there are no amounts; they determine the contact
    /// interval.
    pub(crate) classes: Assignments,
    /// ABC classes of customers with a purchase, if there are amounts; people without an order
    /// would all be in the class without value.
    pub(crate) class_table: Option<GroupTable<Decimal>>,
    /// Mean spend and number of customers by frequency score (highest first) and recency score.
    pub(crate) cells: Vec<Vec<(u64, Option<f64>)>>,
}

impl Segments {
    /// Assigns segments and classes. Without amounts, frequency replaces monetary value: a cell is
    /// then R F F.
    pub(crate) fn of(columns: &Columns<'_, String, Decimal>, has_amounts: bool) -> Result<Self, Error> {
        let scores = if has_amounts {
            scores(columns, &columns.monetary)?
        } else {
            scores(columns, &columns.frequency)?
        };
        let rules = RuleSet::usual();
        let groups = rules.assign(&scores).map_err(Error::refused)?;
        let group_table = rfm::table(&groups, &columns.idle_days, &columns.frequency, &columns.monetary)
            .map_err(Error::refused)?;
        let classes = moved::classes(&moved::values(columns, has_amounts))?;
        let class_table = match has_amounts {
            true => Some(of_buyers(&classes, columns)?),
            false => None,
        };
        let cells = cells::of(&scores, &columns.monetary);
        Ok(Segments { scores, groups, group_table, classes, class_table, cells })
    }

    /// Returns the scores for recency, frequency and monetary value, and the cell; `None` for
    /// people without an order.
    pub(crate) fn place(&self, person: usize) -> Option<rfm::RfmCell> {
        match self.scores.place(person)? {
            RfmPlace::Cell(cell) => Some(cell),
            RfmPlace::NoOrder => None,
        }
    }
}

fn scores<K, M: Amount>(columns: &Columns<'_, K, Decimal>, monetary: &[M]) -> Result<Scores, Error> {
    let (idle, frequency) = (&columns.idle_days, &columns.frequency);
    let fitted = RfmScheme::default().fit(idle, frequency, monetary).map_err(Error::refused)?;
    fitted.score(idle, frequency, monetary).map_err(Error::refused)
}

fn of_buyers(
    classes: &Assignments,
    columns: &Columns<'_, String, Decimal>,
) -> Result<GroupTable<Decimal>, Error> {
    let people = classes.codes().iter().zip(&columns.monetary).zip(&columns.frequency);
    let bought = people.filter(|(_, orders)| **orders > 0);
    let (codes, spends): (Vec<u32>, Vec<Decimal>) = bought.map(|((code, spend), _)| (*code, *spend)).unzip();
    let buyers = Assignments::new(classes.names().to_vec(), codes).map_err(Error::refused)?;
    buyers.table(&spends).map_err(Error::refused)
}
