use crm_numbers::{Amount, check};

use crate::Error;
use crate::assignments::check_names;
use crate::column::check_finite;

/// Named columns of the same length that customers are compared by, one value per customer.
///
/// # Examples
///
/// ```
/// use crm_segmentation::cluster::ClusterFeatures;
///
/// let features = ClusterFeatures::new().with("idle days", &[3, 40, 200])?.with_money("spend", &[120.5, 30.0, 4.2])?;
/// assert_eq!((features.customers(), features.names()), (3, ["idle days", "spend"].map(String::from).as_slice()));
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClusterFeatures {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
    /// Whether each column is money.
    money: Vec<bool>,
}

impl ClusterFeatures {
    /// Creates an empty set of features.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column of counts, days, shares or marks.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for amounts that are not finite, where another column is of another length,
    /// for a name that is empty or taken.
    pub fn with<T: Amount>(self, name: impl Into<String>, values: &[T]) -> Result<Self, Error> {
        self.add(name.into(), values, false)
    }

    /// Adds a column of money, which a few giants would stretch: unless a scaling is chosen, it is
    /// ranked.
    ///
    /// # Errors
    ///
    /// As [`ClusterFeatures::with`].
    pub fn with_money<T: Amount>(self, name: impl Into<String>, values: &[T]) -> Result<Self, Error> {
        self.add(name.into(), values, true)
    }

    fn add<T: Amount>(mut self, name: String, values: &[T], money: bool) -> Result<Self, Error> {
        check_finite("features", values)?;
        if let Some(first) = self.columns.first() {
            check::length("values of the feature", values.len(), first.len())?;
        }
        self.names.push(name);
        check_names("features", &self.names)?;
        self.columns.push(values.iter().map(|value| value.to_f64()).collect());
        self.money.push(money);
        Ok(self)
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Returns the names of the columns, in order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// Returns whether each column is money.
    pub(super) fn money(&self) -> &[bool] {
        &self.money
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_belong_together() {
        let one = || ClusterFeatures::new().with("orders", &[1_u32, 2]).unwrap();
        let text = |result: Result<ClusterFeatures, Error>| result.unwrap_err().to_string();
        assert_eq!(text(one().with("spend", &[1.0])), "expected 2 values of the feature, got 1");
        assert_eq!(text(one().with("orders", &[1.0, 2.0])), "features[1] repeats \"orders\"");
        assert_eq!(text(one().with("x", &[1.0, f64::NAN])), "features[1] must be finite, got NaN");
    }
}
