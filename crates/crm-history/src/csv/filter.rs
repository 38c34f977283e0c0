//! Rows that are read, by the values of other columns.

use crm_tables::{Column, Row, Table};

use super::Refusal;
use crate::Error;

/// A condition on a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter {
    pub(super) column: String,
    /// Values without the blanks around them, in lower case.
    pub(super) values: Vec<String>,
    /// Whether the rows with these values are read, or all others.
    pub(super) keeps: bool,
}

impl Filter {
    pub(super) fn new(
        column: impl Into<String>,
        values: impl IntoIterator<Item = impl AsRef<str>>,
        keeps: bool,
    ) -> Self {
        let values = values.into_iter().map(|value| plain(value.as_ref())).collect();
        Self { column: column.into(), values, keeps }
    }
}

fn plain(value: &str) -> String {
    value.trim().to_lowercase()
}

/// The filters of a table.
pub(super) struct Filters<'f>(Vec<(Column, &'f Filter)>);

impl<'f> Filters<'f> {
    pub(super) fn new(table: &Table<'_>, filters: &'f [Filter]) -> Result<Self, Error> {
        let column = |filter: &'f Filter| Ok((table.column("filter", Some(&filter.column), &[])?, filter));
        Ok(Self(filters.iter().map(column).collect::<Result<_, Error>>()?))
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        self.0.iter().map(|(column, _)| *column)
    }

    /// Whether a row meets all conditions.
    pub(super) fn keep(&self, row: &Row<'_>) -> Result<bool, Refusal> {
        for (column, filter) in &self.0 {
            let value = plain(&row.text(*column)?);
            if filter.values.contains(&value) != filter.keeps {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
