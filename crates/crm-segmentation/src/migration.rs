//! Migration: customers and their money between groups, from one date to another.

use std::fmt;
use std::hash::Hash;

use crm_numbers::{Amount, check};

use crate::assignments::check_names;
use crate::join::Matches;
use crate::table::write_aligned;
use crate::{Assignments, CrossTable, Error, Group, GroupTable};

/// The row of customers who were absent at the earlier date.
pub const ENTRANTS: &str = "(entrants)";
/// The column of customers who are absent at the later date.
pub const LEAVERS: &str = "(leavers)";

/// The customers of one date: who, in which group, and what they are worth.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a, K, T> {
    ids: &'a [K],
    groups: &'a Assignments,
    amounts: &'a [T],
}

impl<'a, K: Eq + Hash + fmt::Debug, T: Amount> Snapshot<'a, K, T> {
    /// Columns of customers, one row each.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, for an id that stands there twice.
    pub fn new(ids: &'a [K], groups: &'a Assignments, amounts: &'a [T]) -> Result<Self, Error> {
        check::length("groups", groups.len(), ids.len())?;
        check::length("amounts", amounts.len(), ids.len())?;
        Ok(Self { ids, groups, amounts })
    }
}

/// Moves of customers between the groups of two dates, with their value on each date.
///
/// Rows are the groups of the earlier date, columns those of the later one. Who is on one side
/// alone has a row or a column of its own: [`ENTRANTS`], [`LEAVERS`]. Rows and columns add up to
/// the tables of the two dates, customer by customer and cent by cent.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Assignments;
/// use crm_segmentation::migration::{Migration, Snapshot};
///
/// let classes = ["A", "B"];
/// let then = Assignments::new(classes, [0, 0, 1])?;
/// let now = Assignments::new(classes, [0, 1, 1])?;
/// let migration = Migration::between(
///     Snapshot::new(&["ann", "bo", "cy"], &then, &[900_i64, 700, 50])?,
///     Snapshot::new(&["ann", "cy", "di"], &now, &[950, 60, 20])?,
/// )?;
/// let kept = migration.flow("A", "A").unwrap();
/// assert_eq!((kept.customers, kept.value_before, kept.value_after), (1, 900, 950));
/// // Bo has gone with 700, Di has come with 20.
/// assert_eq!(migration.flow("A", "(leavers)").unwrap().value_before, 700);
/// assert_eq!(migration.flow("(entrants)", "B").unwrap().value_after, 20);
/// assert_eq!(migration.share("A", "A"), Some(0.5));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Migration<S> {
    rows: GroupTable<S>,
    columns: GroupTable<S>,
    before: CrossTable<S>,
    after: CrossTable<S>,
}

crm_numbers::gate!(Migration<S: Copy>, Migration::checked);

/// One cell of a [`Migration`].
#[derive(Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Flow<S> {
    /// The group of the earlier date, or [`ENTRANTS`].
    pub from: String,
    /// The group of the later date, or [`LEAVERS`].
    pub to: String,
    /// Number of customers in the flow.
    pub customers: u64,
    /// Sum of their amounts at the earlier date.
    pub value_before: S,
    /// Sum of their amounts at the later date.
    pub value_after: S,
}

crm_numbers::debug!(Flow<S> { from, to, customers, value_before, value_after });

/// Numbers of customers who stayed, rose and fell; see [`Migration::moves`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SegmentMoves {
    /// In the same group on both dates.
    pub stayed: u64,
    /// In a better group now.
    pub up: u64,
    /// In a worse group now.
    pub down: u64,
    /// Here now, not then.
    pub entered: u64,
    /// Here then, not now.
    pub left: u64,
}

impl<S: Copy> Migration<S> {
    /// Matches the customers of two dates by their ids and counts the moves between groups.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an id that stands twice in a period, and for more than
    /// [`Assignments::MAX_NAMES`] cells; for a group named as entrants or leavers are; for amounts
    /// that are not finite, for a sum that its type cannot hold.
    pub fn between<K: Eq + Hash + fmt::Debug + Sync, T: Amount<Sum = S>>(
        before: Snapshot<'_, K, T>,
        after: Snapshot<'_, K, T>,
    ) -> Result<Self, Error> {
        let matches = Matches::of(before.ids, after.ids)?;
        let mut joined = Joined::with_capacity(before.ids.len() + matches.entrants.len());
        let earlier = before.groups.codes().iter().copied().zip(before.amounts.iter().copied());
        let later = |place: u32| {
            let place = place as usize;
            after.groups.codes().get(place).copied().zip(after.amounts.get(place).copied())
        };
        for (then, place) in earlier.zip(matches.later) {
            joined.push(Some(then), later(place));
        }
        for place in matches.entrants {
            joined.push(None, later(place));
        }
        joined.finish(before.groups.names(), after.groups.names())
    }

    /// Counts the moves of the same customers in the same order on both dates, such as two
    /// observations of one ledger.
    ///
    /// No customer enters or leaves: customers without an order are in a group of their own.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different length, else as [`Migration::between`].
    pub fn between_same<T: Amount<Sum = S>>(
        before: (&Assignments, &[T]),
        after: (&Assignments, &[T]),
    ) -> Result<Self, Error> {
        let people = before.0.len();
        check::length("amounts of the earlier date", before.1.len(), people)?;
        check::length("groups of the later date", after.0.len(), people)?;
        check::length("amounts of the later date", after.1.len(), people)?;
        Ok(Self {
            rows: before.0.table(before.1)?,
            columns: after.0.table(after.1)?,
            before: before.0.cross_table(after.0, before.1)?,
            after: before.0.cross_table(after.0, after.1)?,
        })
    }

    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        let (rows, columns) = (self.rows.groups(), self.columns.groups());
        for table in [&self.before, &self.after] {
            let same =
                |groups: &[Group<S>], names: &[String]| groups.iter().map(|group| &group.name).eq(names);
            if !same(rows, table.rows()) || !same(columns, table.columns()) {
                return Err(Error::Tables);
            }
        }
        let counts = self.before.cells().iter().zip(self.after.cells());
        match counts.into_iter().any(|(before, after)| before.customers != after.customers) {
            true => Err(Error::Tables),
            false => Ok(self),
        }
    }

    /// Returns the groups of the earlier date with their value: the row sums.
    #[must_use]
    pub fn rows(&self) -> &GroupTable<S> {
        &self.rows
    }

    /// Returns the groups of the later date with their value: the column sums.
    #[must_use]
    pub fn columns(&self) -> &GroupTable<S> {
        &self.columns
    }

    /// Returns all flows, row by row, empty ones included.
    pub fn flows(&self) -> impl Iterator<Item = Flow<S>> + '_ {
        let names =
            self.before.rows().iter().flat_map(|row| self.before.columns().iter().map(move |to| (row, to)));
        let cells = self.before.cells().iter().zip(self.after.cells());
        names.zip(cells).map(|((from, to), (before, after))| flow(from, to, before, after))
    }

    /// Returns a flow by the names of its row and its column.
    #[must_use]
    pub fn flow(&self, from: &str, to: &str) -> Option<Flow<S>> {
        Some(flow(from, to, self.before.get(from, to)?, self.after.get(from, to)?))
    }

    /// Returns the share of a row's customers who moved to a column, 0 to 1; `None` for an empty
    /// row and for unknown names.
    #[must_use]
    pub fn share(&self, from: &str, to: &str) -> Option<f64> {
        let whole = self.rows.get(from)?.customers;
        let cell = self.before.get(from, to)?;
        (whole > 0).then(|| cell.customers as f64 / whole as f64)
    }

    /// Counts the customers who stayed, rose, fell, entered and left, if groups of the same name
    /// are listed best first on both dates.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_segmentation::Assignments;
    /// use crm_segmentation::migration::Migration;
    ///
    /// let then = Assignments::new(["A", "B", "C"], [0, 1, 2])?;
    /// let now = Assignments::new(["A", "B", "C"], [0, 0, 2])?;
    /// let moves = Migration::between_same((&then, &[3, 2, 1]), (&now, &[3, 3, 1]))?.moves();
    /// assert_eq!((moves.stayed, moves.up, moves.down), (2, 1, 0));
    /// # Ok::<(), crm_segmentation::Error>(())
    /// ```
    #[must_use]
    pub fn moves(&self) -> SegmentMoves {
        let place = |names: &[String], name: &str| names.iter().position(|known| known == name);
        let mut moves = SegmentMoves { stayed: 0, up: 0, down: 0, entered: 0, left: 0 };
        for flow in self.flows() {
            let slot = if flow.from == ENTRANTS {
                &mut moves.entered
            } else if flow.to == LEAVERS {
                &mut moves.left
            } else {
                let to =
                    place(self.before.rows(), &flow.to).or_else(|| place(self.before.columns(), &flow.to));
                match place(self.before.rows(), &flow.from).cmp(&to) {
                    std::cmp::Ordering::Equal => &mut moves.stayed,
                    std::cmp::Ordering::Greater => &mut moves.up,
                    std::cmp::Ordering::Less => &mut moves.down,
                }
            };
            *slot += flow.customers;
        }
        moves
    }
}

fn flow<S: Copy>(from: &str, to: &str, before: &Group<S>, after: &Group<S>) -> Flow<S> {
    Flow {
        from: from.to_owned(),
        to: to.to_owned(),
        customers: before.customers,
        value_before: before.value,
        value_after: after.value,
    }
}

/// One row per person of either date; `u32::MAX` where a side does not know them.
struct Joined<T> {
    rows: Vec<u32>,
    columns: Vec<u32>,
    before: Vec<T>,
    after: Vec<T>,
}

impl<T: Amount> Joined<T> {
    fn with_capacity(people: usize) -> Self {
        let codes = || Vec::with_capacity(people);
        Self {
            rows: codes(),
            columns: codes(),
            before: Vec::with_capacity(people),
            after: Vec::with_capacity(people),
        }
    }

    fn push(&mut self, before: Option<(u32, T)>, after: Option<(u32, T)>) {
        let absent = (u32::MAX, T::ZERO);
        let ((row, before), (column, after)) = (before.unwrap_or(absent), after.unwrap_or(absent));
        self.rows.push(row);
        self.before.push(before);
        self.columns.push(column);
        self.after.push(after);
    }

    fn finish(self, rows: &[String], columns: &[String]) -> Result<Migration<T::Sum>, Error> {
        let rows = with_absent(rows, ENTRANTS, self.rows)?;
        let columns = with_absent(columns, LEAVERS, self.columns)?;
        Migration::between_same((&rows, &self.before), (&columns, &self.after))
    }
}

/// Adds a group for absent customers.
fn with_absent(names: &[String], absent: &str, codes: Vec<u32>) -> Result<Assignments, Error> {
    let names: Vec<&str> = names.iter().map(String::as_str).chain([absent]).collect();
    check_names("groups", &names)?;
    let last = (names.len() - 1) as u32;
    Ok(Assignments::trusted(names, codes.into_iter().map(|code| code.min(last)).collect::<Vec<u32>>()))
}

/// Customers from row to column, with the sums of the rows and of the columns.
impl<S: Copy> fmt::Display for Migration<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns.groups();
        let head = std::iter::once("from \\ to".to_owned())
            .chain(columns.iter().map(|column| column.name.clone()))
            .chain(["all".to_owned()]);
        let mut lines = vec![head.collect::<Vec<_>>()];
        for (row, cells) in self.rows.groups().iter().zip(self.before.cells().chunks(columns.len().max(1))) {
            let cells = cells.iter().map(|cell| cell.customers.to_string());
            let name = std::iter::once(row.name.clone());
            lines.push(name.chain(cells).chain([row.customers.to_string()]).collect());
        }
        let sums = columns.iter().map(|column| column.customers);
        let all = sums.clone().sum::<u64>();
        let sums = sums.chain([all]).map(|sum| sum.to_string());
        lines.push(std::iter::once("all".to_owned()).chain(sums).collect());
        write_aligned(f, &lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_adds_up_to_its_margins() {
        let then = Assignments::new(["A", "B"], [0, 1, 1]).unwrap();
        let now = Assignments::new(["A", "B"], [0, 0]).unwrap();
        let before = Snapshot::new(&[1, 2, 3], &then, &[5_i64, 3, 2]).unwrap();
        let after = Snapshot::new(&[2, 4], &now, &[7_i64, 1]).unwrap();
        let migration = Migration::between(before, after).unwrap();
        assert_eq!(
            migration.to_string(),
            "from \\ to   A  B  (leavers)  all\n\
             A           0  0          1    1\n\
             B           1  0          1    2\n\
             (entrants)  1  0          0    1\n\
             all         2  0          2    4\n"
        );
        let moves = migration.moves();
        assert_eq!((moves.stayed, moves.up, moves.down, moves.entered, moves.left), (0, 1, 0, 1, 2));
        assert_eq!(migration.share("B", "A"), Some(0.5));
        assert_eq!((migration.share("B", "C"), migration.share("C", "A")), (None, None));
    }

    #[test]
    fn what_cannot_be_joined_is_refused() {
        let groups = Assignments::new(["A"], [0, 0]).unwrap();
        let text = |error: Error| error.to_string();
        assert_eq!(text(Snapshot::new(&[1], &groups, &[1_i64]).unwrap_err()), "expected 1 groups, got 2");
        assert_eq!(text(Snapshot::new(&[1, 2], &groups, &[1_i64]).unwrap_err()), "expected 2 amounts, got 1");
        let twice = Snapshot::new(&["x", "x"], &groups, &[1_i64, 2]).unwrap();
        assert_eq!(
            text(Migration::between(twice, twice).unwrap_err()),
            "ids of the earlier date[1] repeats \"\\\"x\\\"\""
        );
        let named = Assignments::new([ENTRANTS], [0, 0]).unwrap();
        let period = Snapshot::new(&[1, 2], &named, &[1_i64, 2]).unwrap();
        assert_eq!(text(Migration::between(period, period).unwrap_err()), "groups[1] repeats \"(entrants)\"");
        let one = Assignments::new(["A"], [0]).unwrap();
        let refused = Migration::between_same((&groups, &[1, 2]), (&one, &[1])).unwrap_err();
        assert_eq!(text(refused), "expected 2 groups of the later date, got 1");
    }
}
