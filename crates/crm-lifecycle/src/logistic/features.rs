use std::collections::HashSet;

use crate::error::Error;

/// What is known of the customers: named columns of numbers, one row a customer.
///
/// The columns are borrowed, not copied.
///
/// ```
/// use crm_lifecycle::logistic::Features;
///
/// let (idle, orders) = ([12.0, 80.0], [9.0, 2.0]);
/// let features = Features::new([("idle days", &idle[..]), ("orders", &orders[..])])?;
/// assert_eq!((features.rows(), features.row(1)), (2, Some(vec![80.0, 2.0])));
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Features<'a> {
    names: Vec<String>,
    columns: Vec<&'a [f64]>,
}

/// Larger values cannot be squared safely.
pub(super) const LARGEST: f64 = 1e100;

impl<'a> Features<'a> {
    /// Columns with their names.
    ///
    /// # Errors
    /// [`Error::Empty`] without a column or a row, [`Error::ColumnLength`], [`Error::Value`] for a value that is not
    /// finite or beyond 1e100, [`Error::Name`] for a name that two columns have.
    pub fn new<N: Into<String>>(columns: impl IntoIterator<Item = (N, &'a [f64])>) -> Result<Self, Error> {
        let (names, columns): (Vec<String>, Vec<&[f64]>) =
            columns.into_iter().map(|(name, column)| (name.into(), column)).unzip();
        let Some(expected) = columns.first().map(|column| column.len()) else {
            return Err(Error::Empty { field: "features" });
        };
        if expected == 0 {
            return Err(Error::Empty { field: "rows of features" });
        }
        let mut seen = HashSet::new();
        for (name, column) in names.iter().zip(&columns) {
            if !seen.insert(name) {
                return Err(Error::Name { name: name.clone() });
            }
            if column.len() != expected {
                return Err(Error::ColumnLength { name: name.clone(), expected, got: column.len() });
            }
            check_values(name, column)?;
        }
        Ok(Self { names, columns })
    }

    /// How many customers there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len())
    }

    /// The names of the columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[&'a [f64]] {
        &self.columns
    }

    /// What is known of one customer.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<Vec<f64>> {
        self.columns.iter().map(|column| column.get(row).copied()).collect()
    }
}

/// A value that can be standardised.
pub(super) fn allowed(value: f64) -> bool {
    value.abs() <= LARGEST
}

fn check_values(name: &str, column: &[f64]) -> Result<(), Error> {
    match column.iter().position(|value| !allowed(*value)) {
        None => Ok(()),
        Some(row) => {
            let value = column.get(row).copied().unwrap_or(f64::NAN);
            Err(Error::Value { name: name.to_owned(), row, value })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_column_row_and_value() {
        let text = |columns: &[(&str, &[f64])]| {
            Features::new(columns.iter().map(|(name, column)| (*name, *column))).unwrap_err().to_string()
        };
        assert_eq!(text(&[]), "features must hold at least one value, got 0");
        assert_eq!(text(&[("a", &[])]), "rows of features must hold at least one value, got 0");
        assert_eq!(
            text(&[("a", &[1.0]), ("b", &[1.0, 2.0])]),
            "column b must be as long as the others (1), got 2"
        );
        assert_eq!(
            text(&[("a", &[1.0, f64::NAN])]),
            "column a must hold finite numbers up to 1e100 in size, got NaN in row 1"
        );
        assert_eq!(text(&[("a", &[1.0]), ("a", &[1.0])]), "names of columns must differ, got a twice");
    }
}
