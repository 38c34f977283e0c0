use crm_numbers::Amount;

use super::fitted::check_columns;
use crate::{Assignments, Error, GroupTable};

/// Sums the spend per group: a [`GroupTable`] with the means of idle days and orders.
///
/// The means are over customers with an order; the mean spend is `mean_value`, over all customers
/// in the group.
///
/// # Errors
///
/// [`Error::Input`] for columns of different length, for negative idle days of a customer, for
/// amounts that are not finite, where the type of the spend cannot hold a sum.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Assignments;
/// use crm_segmentation::rfm::table;
///
/// let groups = Assignments::new(["buyers", "others"], [0, 0, 1])?;
/// let table = table(&groups, &[10, 30, 0], &[4, 2, 0], &[3_000_i64, 1_000, 0])?;
/// assert_eq!(table.mean_names(), ["idle", "frequency"]);
/// let [buyers, others] = table.groups() else { unreachable!() };
/// assert_eq!((&buyers.means[..], buyers.mean_value), (&[Some(20.0), Some(3.0)][..], Some(2_000.0)));
/// assert_eq!(others.means, [None, None]);
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
pub fn table<M: Amount>(
    groups: &Assignments,
    idle: &[i32],
    frequency: &[u32],
    monetary: &[M],
) -> Result<GroupTable<M::Sum>, Error> {
    check_columns(idle, frequency, monetary)?;
    let ordered = |value: f64, orders: u32| (orders > 0).then_some(value);
    let days = idle.iter().zip(frequency).map(|(days, orders)| ordered(f64::from(*days), *orders));
    let orders = frequency.iter().map(|orders| ordered(f64::from(*orders), *orders));
    groups.table(monetary)?.with_mean("idle", groups, days)?.with_mean("frequency", groups, orders)
}
