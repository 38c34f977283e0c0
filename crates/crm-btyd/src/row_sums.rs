//! Sums over distinct histories: for likelihoods of which each history needs a computation of its
//! own.

use crate::histories::{Group, Row};
use crate::{Histories, History, models::Derivatives};
use crm_numbers::parallel;

/// The sum over all customers of a function of their histories.
pub(crate) fn sum_rows(
    data: &Histories,
    rows_per_task: usize,
    of: impl Fn(&History) -> f64 + Sync + Send,
) -> f64 {
    map_rows(data, rows_per_task, |row| {
        let history = History::new(row.x as u32, row.recency, row.age);
        history.map_or(0.0, |history| row.customers * of(&history))
    })
}

/// A history, and how many customers have it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Repeat purchases.
    pub(crate) x: f64,
    pub(crate) recency: f64,
    pub(crate) age: f64,
    pub(crate) customers: f64,
}

#[inline]
#[allow(clippy::indexing_slicing, reason = "rows hold indices of the distinct times")]
fn seen(data: &Histories, group: &Group, row: &Row) -> Seen {
    let (age, recency) = (data.ages()[row.age as usize], data.recencies()[row.recency as usize]);
    Seen { x: group.frequency, recency, age, customers: row.customers }
}

/// The sum of a function of each distinct history, which knows its number of customers, in pieces
/// that are put together in order.
pub(crate) fn map_rows(
    data: &Histories,
    rows_per_task: usize,
    of: impl Fn(&Seen) -> f64 + Sync + Send,
) -> f64 {
    let parts = parallel::map(data.pieces(rows_per_task).collect(), |(group, rows)| {
        rows.iter().map(|row| of(&seen(data, group, row))).sum::<f64>()
    });
    parts.into_iter().sum()
}

/// A sum of logarithms with its derivatives by N parameters; of the Hessian what is on the diagonal
/// and above.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowSums<const N: usize> {
    pub(crate) value: f64,
    pub(crate) gradient: [f64; N],
    pub(crate) hessian: [[f64; N]; N],
}

/// Adds what `add` makes of each history, in pieces side by side that are put together in order.
pub(crate) fn add_rows<const N: usize>(
    data: &Histories,
    rows_per_task: usize,
    sums: &mut Derivatives,
    add: impl Fn(&mut RowSums<N>, &Seen) + Sync + Send,
) {
    let parts = parallel::map(data.pieces(rows_per_task).collect(), |(group, rows)| {
        let mut part = RowSums { value: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] };
        for row in rows {
            add(&mut part, &seen(data, group, row));
        }
        part
    });
    for part in parts {
        sums.ln_likelihood += part.value;
        for (i, (slope, row)) in part.gradient.into_iter().zip(part.hessian).enumerate() {
            sums.add_gradient(i, slope);
            for (j, curvature) in row.into_iter().enumerate().skip(i) {
                sums.add_hessian(i, j, curvature);
            }
        }
    }
}
