use crate::error::Error;
use crm_numbers::{EmptyError, RangeError, check};

/// Features of the customers: named columns of numbers, one row per customer.
///
/// The columns are borrowed, not copied.
///
/// # Examples
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

/// Maximum size of a value: larger ones cannot be squared safely.
pub(super) const LARGEST: f64 = 1e100;

impl<'a> Features<'a> {
    /// Creates features from columns with their names.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without a column or a row, for columns of different lengths, for a value
    /// that is not finite or beyond 1e100, and for a repeated name.
    pub fn new<N: Into<String>>(columns: impl IntoIterator<Item = (N, &'a [f64])>) -> Result<Self, Error> {
        let (names, columns): (Vec<String>, Vec<&[f64]>) =
            columns.into_iter().map(|(name, column)| (name.into(), column)).unzip();
        check::names("columns", &names)?;
        let rows = columns.first().ok_or_else(|| EmptyError::new("columns"))?.len();
        check::range("number of rows", rows, 1..)?;
        for (name, column) in names.iter().zip(&columns) {
            check::length(format!("values in column {name:?}"), column.len(), rows)?;
            check_values(name, column)?;
        }
        Ok(Self { names, columns })
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len())
    }

    /// Returns the names of the columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the columns.
    #[must_use]
    pub fn columns(&self) -> &[&'a [f64]] {
        &self.columns
    }

    /// Returns the values of one customer.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<Vec<f64>> {
        self.columns.iter().map(|column| column.get(row).copied()).collect()
    }
}

/// Returns whether a value can be standardized.
pub(super) fn allowed(value: f64) -> bool {
    value.abs() <= LARGEST
}

fn check_values(name: &str, column: &[f64]) -> Result<(), Error> {
    match column.iter().position(|value| !allowed(*value)) {
        None => Ok(()),
        Some(row) => {
            let value = column.get(row).copied().unwrap_or(f64::NAN);
            Err(RangeError::new(format!("column {name:?}"), value, -LARGEST..=LARGEST).at(row).into())
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
        assert_eq!(text(&[]), "columns must not be empty");
        assert_eq!(text(&[("a", &[])]), "number of rows must be at least 1, got 0");
        assert_eq!(text(&[("a", &[1.0]), ("b", &[1.0, 2.0])]), r#"expected 1 values in column "b", got 2"#);
        assert_eq!(
            text(&[("a", &[1.0, f64::NAN])]),
            r#"column "a"[1] must be between -1e100 and 1e100, got NaN"#
        );
        assert_eq!(text(&[("a", &[1.0]), ("a", &[1.0])]), r#"columns[1] repeats "a""#);
    }
}
