//! Who the customers are: RFM and ABC.

use crm_analytics::history::Decimal;
use crm_analytics::segmentation::rfm::{Place, RuleSet, Scheme, Scores};
use crm_analytics::segmentation::{Amount, Assignments, Columns, GroupTable, abc, rfm};

use crate::Error;

/// Segments and classes of everybody the ledger knows, in order of customer numbers.
pub(crate) struct Segments {
    pub(crate) scores: Scores,
    pub(crate) groups: Assignments,
    pub(crate) group_table: GroupTable<Decimal>,
    pub(crate) classes: Option<(Assignments, GroupTable<Decimal>)>,
    /// Mean spend and number of customers by frequency score (from the top) and recency score.
    pub(crate) cells: Vec<Vec<(u64, Option<f64>)>>,
}

impl Segments {
    /// Where there are no amounts, the frequency stands in for the money: a cell then reads R F F.
    pub(crate) fn of<K>(columns: &Columns<'_, K, Decimal>, has_amounts: bool) -> Result<Self, Error> {
        let scores = if has_amounts {
            scores(columns, &columns.monetary)?
        } else {
            scores(columns, &columns.frequency)?
        };
        let rules = RuleSet::usual();
        let groups = rules.assign(&scores).map_err(Error::refused)?;
        let group_table = rfm::table(&groups, &columns.idle_days, &columns.frequency, &columns.monetary)
            .map_err(Error::refused)?;
        let classes = match has_amounts {
            true => Some(classes(columns)?),
            false => None,
        };
        let cells = cells(&scores, &columns.monetary);
        Ok(Segments { scores, groups, group_table, classes, cells })
    }

    /// Scores for recency, frequency and money, and the cell; `None` for people without an order.
    pub(crate) fn place(&self, person: usize) -> Option<rfm::Cell> {
        match self.scores.place(person)? {
            Place::Cell(cell) => Some(cell),
            Place::NoOrder => None,
        }
    }
}

fn scores<K, M: Amount>(columns: &Columns<'_, K, Decimal>, monetary: &[M]) -> Result<Scores, Error> {
    let (idle, frequency) = (&columns.idle_days, &columns.frequency);
    let fitted = Scheme::default().fit(idle, frequency, monetary).map_err(Error::refused)?;
    fitted.score(idle, frequency, monetary).map_err(Error::refused)
}

/// ABC of those who bought; people without an order would all be in the class without value.
fn classes<K>(columns: &Columns<'_, K, Decimal>) -> Result<(Assignments, GroupTable<Decimal>), Error> {
    let spends: Vec<Decimal> = columns.monetary.clone();
    let classes = abc::Scheme::default()
        .fit(&spends)
        .and_then(|fitted| fitted.assign(&spends))
        .map_err(Error::refused)?;
    let bought: Vec<usize> =
        (0..spends.len()).filter(|&person| columns.frequency.get(person) > Some(&0)).collect();
    let of_buyers = |person: &usize| (classes.codes().get(*person).copied(), spends.get(*person).copied());
    let (codes, amounts): (Vec<_>, Vec<_>) = bought.iter().map(of_buyers).unzip();
    let names = classes.names().to_vec();
    let buyers =
        Assignments::new(names, codes.into_iter().flatten().collect::<Vec<u8>>()).map_err(Error::refused)?;
    let table = buyers.table(&amounts.into_iter().flatten().collect::<Vec<_>>()).map_err(Error::refused)?;
    Ok((classes, table))
}

fn cells(scores: &Scores, monetary: &[Decimal]) -> Vec<Vec<(u64, Option<f64>)>> {
    let bins = usize::from(scores.scheme().bins());
    let mut sums = vec![vec![(0_u64, Decimal::ZERO); bins]; bins];
    for (person, amount) in monetary.iter().enumerate() {
        let Some(Place::Cell(cell)) = scores.place(person) else { continue };
        let row = bins - usize::from(cell.frequency());
        let column = usize::from(cell.recency()) - 1;
        if let Some(sum) = sums.get_mut(row).and_then(|row| row.get_mut(column)) {
            sum.0 += 1;
            sum.1 = sum.1.saturating_add(*amount);
        }
    }
    let mean = |&(n, sum): &(u64, Decimal)| (n, (n > 0).then(|| sum.to_f64() / n as f64));
    sums.iter().map(|row| row.iter().map(mean).collect()).collect()
}
