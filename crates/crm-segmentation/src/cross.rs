use std::fmt;

use crm_numbers::{Amount, check};

use crate::assignments::check_names;
use crate::table::write_aligned;
use crate::{Assignments, Error, Group, GroupTable};

/// Two sets of groups against each other: how many A customers buy steadily, and what they are
/// worth.
///
/// # Examples
///
/// ```
/// use crm_segmentation::Assignments;
///
/// let abc = Assignments::new(["A", "B"], [0, 0, 1])?;
/// let xyz = Assignments::new(["X", "Y"], [0, 1, 1])?;
/// let table = abc.cross_table(&xyz, &[60_i64, 30, 10])?;
/// let risky = table.get("A", "Y").unwrap();
/// assert_eq!((risky.customers, risky.value, risky.share_of_value), (1, 30, Some(0.3)));
/// assert_eq!(table.to_string(), "   X  Y\nA  1  1\nB  0  1\n");
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct CrossTable<S> {
    rows: Vec<String>,
    columns: Vec<String>,
    /// Row by row.
    cells: GroupTable<S>,
}

crm_numbers::gate!(CrossTable<S: Sized>, CrossTable::checked);

impl<S> CrossTable<S> {
    pub(crate) fn new<T: Amount<Sum = S>>(
        rows: &Assignments,
        columns: &Assignments,
        amounts: &[T],
    ) -> Result<Self, Error> {
        let cells = GroupTable::new(&rows.cross(columns)?, amounts)?;
        Ok(Self { rows: rows.names().to_vec(), columns: columns.names().to_vec(), cells })
    }

    #[cfg_attr(not(feature = "serde"), allow(dead_code, reason = "only reading needs the check"))]
    fn checked(self) -> Result<Self, Error> {
        check_names("rows", &self.rows)?;
        check_names("columns", &self.columns)?;
        check::length("cells", self.cells().len(), self.rows.len().saturating_mul(self.columns.len()))?;
        Ok(self)
    }

    /// Returns the names of the rows.
    #[must_use]
    pub fn rows(&self) -> &[String] {
        &self.rows
    }

    /// Returns the names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns all cells, row by row.
    #[must_use]
    pub fn cells(&self) -> &[Group<S>] {
        self.cells.groups()
    }

    /// Returns a cell by the names of its row and its column.
    #[must_use]
    pub fn get(&self, row: &str, column: &str) -> Option<&Group<S>> {
        let row = self.rows.iter().position(|name| name == row)?;
        let column = self.columns.iter().position(|name| name == column)?;
        self.cells().get(row * self.columns.len() + column)
    }
}

/// The customers of each cell.
impl<S> fmt::Display for CrossTable<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![std::iter::once(String::new()).chain(self.columns.iter().cloned()).collect()];
        let rows = self.rows.iter().zip(self.cells().chunks(self.columns.len().max(1)));
        lines.extend(rows.map(|(name, cells)| {
            let counts = cells.iter().map(|cell| cell.customers.to_string());
            std::iter::once(name.clone()).chain(counts).collect::<Vec<_>>()
        }));
        write_aligned(f, &lines)
    }
}
