//! What groups are worth: one table for every scheme.

#![allow(clippy::indexing_slicing, reason = "ranges of rows lie within columns whose length was checked")]

use std::fmt;

use crm_numbers::{Amount, OverflowError, RangeError, SumUnit, check, parallel};

use crate::assignments::check_names;
use crate::column::CHUNK;
use crate::{Assignments, Error};

/// A table of groups: number of customers, sum of an amount, both as shares, and means of other
/// columns.
///
/// Sums are exact. **The share of value is the group's sum over the sum of all positive amounts**:
/// without losses that is the plain share, and with losses the shares of the others do not swell
/// beyond 100 % while a losing group shows a negative share.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Assignments;
///
/// let groups = Assignments::new(["key account", "other"], [0, 1, 1, 1])?;
/// let cents = [700_i64, 100, 100, 100];
/// let idle = [3, 30, 60, 90].map(|days| Some(f64::from(days)));
/// let table = groups.table(&cents)?.with_mean("idle", &groups, idle)?;
///
/// let key = &table.groups()[0];
/// assert_eq!((key.customers, key.value), (1, 700));
/// assert_eq!((key.share_of_customers, key.share_of_value), (0.25, Some(0.7)));
/// assert_eq!(table.get("other").unwrap().means, [Some(60.0)]);
/// println!("{table}");
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct GroupTable<S> {
    groups: Vec<Group<S>>,
    means: Vec<String>,
}

crm_numbers::gate!(GroupTable<S: Sized>, GroupTable::checked);

/// One row of a [`GroupTable`], or one cell of a [`CrossTable`](crate::CrossTable).
#[derive(Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Group<S> {
    /// The group's name.
    pub name: String,
    /// Number of customers in the group.
    pub customers: u64,
    /// Share of all customers, 0 to 1; 0 in a table without customers.
    pub share_of_customers: f64,
    /// Exact sum of their amounts.
    pub value: S,
    /// Sum over the sum of all positive amounts; `None` without positive amounts.
    pub share_of_value: Option<f64>,
    /// Mean amount per customer; `None` for an empty group.
    pub mean_value: Option<f64>,
    /// Means of the added columns, in the order of [`GroupTable::mean_names`]; `None` for a group
    /// without values.
    pub means: Vec<Option<f64>>,
}

crm_numbers::debug!(Group<S> { name, customers, share_of_customers, value, share_of_value, mean_value, means });

impl<S> GroupTable<S> {
    pub(crate) fn new<T: Amount<Sum = S>>(assignments: &Assignments, amounts: &[T]) -> Result<Self, Error> {
        check::length("amounts", amounts.len(), assignments.len())?;
        let unit = SumUnit::of("amounts", amounts)?;
        let tallies = tally(assignments, amounts, unit);
        let customers: u64 = tallies.iter().map(|tally| tally.customers).sum();
        let positive = unit.to_f64(tallies.iter().map(|tally| tally.positive).sum());
        let group = |(name, tally): (&String, Tally)| {
            let count = tally.customers as f64;
            let value = unit.to_f64(tally.value);
            Ok(Group {
                name: name.clone(),
                customers: tally.customers,
                share_of_customers: if customers > 0 { count / customers as f64 } else { 0.0 },
                value: unit.sum("amounts", tally.value)?,
                share_of_value: (positive > 0.0).then(|| value / positive),
                mean_value: (tally.customers > 0).then(|| value / count),
                means: Vec::new(),
            })
        };
        let groups = assignments.names().iter().zip(tallies).map(group).collect::<Result<_, Error>>()?;
        Ok(Self { groups, means: Vec::new() })
    }

    /// Adds the mean of another column, with one value per customer, `None` if unknown; values are
    /// summed in order.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] when the assignments have other groups than the table, or the column is not
    /// as long as they are; for amounts that are not finite; for a sum beyond `f64`.
    pub fn with_mean(
        mut self,
        name: impl Into<String>,
        assignments: &Assignments,
        column: impl IntoIterator<Item = Option<f64>>,
    ) -> Result<Self, Error> {
        check::length("groups", assignments.names().len(), self.groups.len())?;
        let mut sums = vec![(0_u64, 0.0); self.groups.len()];
        let mut codes = assignments.codes().iter();
        let mut rows = 0;
        for (position, cell) in column.into_iter().enumerate() {
            rows += 1;
            if let (Some(code), Some(value)) = (codes.next(), cell) {
                let (count, sum) = &mut sums[*code as usize];
                if !value.is_finite() {
                    return Err(RangeError::new::<f64>("column", value, ..).at(position).into());
                }
                *count += 1;
                *sum += value;
            }
        }
        check::length("values of the column", rows, assignments.len())?;
        if let Some((_, sum)) = sums.iter().find(|(_, sum)| !sum.is_finite()) {
            return Err(OverflowError::new("sum of the column", *sum).into());
        }
        for (group, (count, sum)) in self.groups.iter_mut().zip(sums) {
            group.means.push((count > 0).then(|| sum / count as f64));
        }
        self.means.push(name.into());
        Ok(self)
    }

    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        let names: Vec<&str> = self.groups.iter().map(|group| group.name.as_str()).collect();
        check_names("groups", &names)?;
        for group in &self.groups {
            check::length(format!("means of {:?}", group.name), group.means.len(), self.means.len())?;
        }
        Ok(self)
    }

    /// Returns the groups, in the order of the scheme.
    #[must_use]
    pub fn groups(&self) -> &[Group<S>] {
        &self.groups
    }

    /// Returns a group by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Group<S>> {
        self.groups.iter().find(|group| group.name == name)
    }

    /// Returns the names of the added means.
    #[must_use]
    pub fn mean_names(&self) -> &[String] {
        &self.means
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    customers: u64,
    value: i128,
    positive: i128,
}

fn tally<T: Amount>(assignments: &Assignments, amounts: &[T], unit: SumUnit<T>) -> Vec<Tally> {
    let of_part = |range: std::ops::Range<usize>| {
        let mut tallies = vec![Tally::default(); assignments.names().len()];
        for (&code, &amount) in assignments.codes()[range.clone()].iter().zip(&amounts[range]) {
            let (tally, units) = (&mut tallies[code as usize], unit.count(amount));
            tally.customers += 1;
            tally.value += units;
            tally.positive += units.max(0);
        }
        tallies
    };
    // Every part has a tally of its own for each group: many groups are tallied in one part.
    const MANY: usize = 1 << 12;
    let parts = match assignments.names().len() {
        ..MANY => parallel::map_ranges(amounts.len(), CHUNK, of_part),
        _ => vec![of_part(0..amounts.len())],
    };
    let mut all = vec![Tally::default(); assignments.names().len()];
    for tallies in parts {
        for (sum, tally) in all.iter_mut().zip(tallies) {
            sum.customers += tally.customers;
            sum.value += tally.value;
            sum.positive += tally.positive;
        }
    }
    all
}

impl<S: fmt::Display> fmt::Display for GroupTable<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value: Option<f64>, places: usize| {
            value.map_or_else(|| "-".to_owned(), |v| format!("{v:.places$}"))
        };
        let percent = |share: Option<f64>| number(share.map(|share| share * 100.0), 1);
        let head =
            ["group", "customers", "% of customers", "value", "% of value", "mean value"].map(str::to_owned);
        let mut lines = vec![head.into_iter().chain(self.means.iter().cloned()).collect::<Vec<_>>()];
        lines.extend(self.groups.iter().map(|group| {
            let fixed = [
                group.name.clone(),
                group.customers.to_string(),
                percent(Some(group.share_of_customers)),
                group.value.to_string(),
                percent(group.share_of_value),
                number(group.mean_value, 2),
            ];
            fixed.into_iter().chain(group.means.iter().map(|mean| number(*mean, 2))).collect()
        }));
        write_aligned(f, &lines)
    }
}

/// The first column to the left, the others to the right.
pub(crate) fn write_aligned(f: &mut fmt::Formatter<'_>, lines: &[Vec<String>]) -> fmt::Result {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for line in lines {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            // By hand: a width argument beyond 65 535 would panic, and a name may be longer.
            let spaces = " ".repeat(width.saturating_sub(cell.chars().count()));
            if column == 0 {
                write!(f, "{cell}{spaces}")?;
            } else {
                write!(f, "  {spaces}{cell}")?;
            }
        }
        writeln!(f)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    fn pair(codes: &[u32]) -> Assignments {
        Assignments::new(["first", "second"], codes).unwrap()
    }

    #[test]
    fn losses_do_not_swell_the_shares_of_others() {
        let table = pair(&[0, 0, 1]).table(&[80_i64, 20, -50]).unwrap();
        let shares: Vec<_> = table.groups().iter().map(|group| group.share_of_value).collect();
        assert_eq!(shares, [Some(1.0), Some(-0.5)]);
    }

    #[test]
    fn what_does_not_exist_is_none() {
        let table = pair(&[0]).table(&[Decimal::new(-5, 1)]).unwrap();
        let [first, second] = table.groups() else { unreachable!() };
        assert_eq!(
            (first.value, first.share_of_value, first.mean_value),
            (Decimal::new(-5, 1), None, Some(-0.5))
        );
        assert_eq!((second.customers, second.mean_value), (0, None));
        let nobody = pair(&[]).table::<i64>(&[]).unwrap();
        assert!(nobody.groups().iter().all(|group| group.share_of_customers == 0.0 && group.value == 0));
    }

    #[test]
    fn the_table_reads_as_columns() {
        let groups = pair(&[0, 1, 1]);
        let table = groups.table(&[75_i64, 20, 5]).unwrap();
        let table = table.with_mean("idle", &groups, [Some(3.0), None, Some(8.0)]).unwrap();
        assert_eq!(
            table.to_string(),
            "group   customers  % of customers  value  % of value  mean value  idle\n\
             first           1            33.3     75        75.0       75.00  3.00\n\
             second          2            66.7     25        25.0       12.50  8.00\n"
        );
    }

    #[test]
    fn errors_name_field_and_value() {
        let groups = pair(&[0, 1]);
        let text = |amounts: &[f64]| groups.table(amounts).unwrap_err().to_string();
        assert_eq!(text(&[1.0]), "expected 2 amounts, got 1");
        assert_eq!(text(&[1.0, f64::NAN]), "amounts[1] must be finite, got NaN");
        let both = pair(&[0, 0]);
        assert!(both.table(&[f64::MAX; 2]).unwrap_err().to_string().starts_with("amounts, about "));
        let table = || both.table(&[1_i64, 2]).unwrap();
        let text = |column: Vec<Option<f64>>| table().with_mean("x", &both, column).unwrap_err().to_string();
        assert_eq!(text(vec![None]), "expected 2 values of the column, got 1");
        assert_eq!(text(vec![None; 3]), "expected 2 values of the column, got 3");
        assert_eq!(text(vec![None, Some(f64::INFINITY)]), "column[1] must be finite, got inf");
        assert_eq!(
            text(vec![Some(f64::MAX); 2]),
            "sum of the column, about inf, is too large or too fine for its type"
        );
        let others = Assignments::new(["one"], [0, 0]).unwrap();
        let refused = table().with_mean("x", &others, [None, None]).unwrap_err();
        assert_eq!(refused.to_string(), "expected 2 groups, got 1");
    }
}
