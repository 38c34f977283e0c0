//! Groups of columns: each knows the names of its columns and its cells in a row.

use crm_segmentation::Assignments;

use crate::Cell;

/// A group of columns of a table.
pub(crate) trait ColumnGroup<A> {
    /// Names of the columns, in order.
    fn names(&self) -> Vec<&str>;

    /// Appends the cells of a row, one per name.
    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>);

    /// The groups by which one of the columns divides the rows, where it does.
    fn groups(&self, _column: &str) -> Option<&Assignments> {
        None
    }

    /// The group of a row in one of the columns, where it is known.
    fn group(&self, column: &str, row: usize) -> Option<&str> {
        self.groups(column)?.name(row)
    }
}

/// Appends as many missing cells as a group has columns.
pub(crate) fn push_missing<A>(columns: usize, cells: &mut Vec<Cell<'_, A>>) {
    cells.extend(std::iter::repeat_with(|| Cell::Missing).take(columns));
}
