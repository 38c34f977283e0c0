//! RFM cells as fields of a heat map: rows by frequency score (highest first), columns by recency
//! score.

use crm_analytics::history::Decimal;
use crm_analytics::segmentation::Amount;
use crm_analytics::segmentation::rfm::{RfmPlace, Scores};

/// Returns the number of customers in every cell and the mean of their values.
pub(crate) fn of(scores: &Scores, values: &[Decimal]) -> Vec<Vec<(u64, Option<f64>)>> {
    let bins = usize::from(scores.scheme().bins());
    let mut sums = vec![vec![(0_u64, Decimal::ZERO); bins]; bins];
    for (person, value) in values.iter().enumerate() {
        let Some(RfmPlace::Cell(cell)) = scores.place(person) else { continue };
        let (row, column) = (bins - usize::from(cell.frequency()), usize::from(cell.recency()) - 1);
        if let Some((count, sum)) = sums.get_mut(row).and_then(|row| row.get_mut(column)) {
            *count += 1;
            *sum = sum.saturating_add(*value);
        }
    }
    let mean = |&(n, sum): &(u64, Decimal)| (n, (n > 0).then(|| sum.to_f64() / n as f64));
    sums.iter().map(|row| row.iter().map(mean).collect()).collect()
}
