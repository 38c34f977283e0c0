//! The cost of relationships.

use crm_numbers::check;

use crate::exact::{Expr, rows};
use crate::{Breakdown, Error, NonNegative};

/// The cost of winning, keeping and serving a customer: cost of relationship management (客户关系管理成本).
///
/// # Formula
///
/// `cost = marketing + sales + service`, all of one period and one currency.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, RelationshipCost};
///
/// let cost = RelationshipCost {
///     marketing: 120.into(),
///     sales: 80.into(),
///     service: Decimal::new(4_550, 2).try_into()?,
/// };
/// assert_eq!(cost.total()?.get(), Decimal::new(24_550, 2)); // 245.50
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RelationshipCost {
    /// Cost of advertising, mailings, events.
    pub marketing: NonNegative,
    /// Cost of visits, calls, offers.
    pub sales: NonNegative,
    /// Cost of support, complaints, maintenance.
    pub service: NonNegative,
}

impl RelationshipCost {
    /// Returns the sum of the three.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn total(&self) -> Result<NonNegative, Error> {
        let parts = [self.marketing, self.sales, self.service];
        parts.into_iter().sum::<Expr>().bounded("cost of relationship")
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("cost of relationship")
            .plus("marketing", self.marketing.get())
            .plus("sales", self.sales.get())
            .plus("service", self.service.get());
        Ok(terms.equals("cost", self.total()?.get()))
    }
}

/// Computes the cost of each customer from three columns; see [`RelationshipCost::total`].
///
/// # Errors
///
/// [`InputError::Length`](crate::InputError::Length); [`Error::Row`] around the error of a row.
pub fn relationship_costs(
    marketing: &[NonNegative],
    sales: &[NonNegative],
    service: &[NonNegative],
) -> Result<Vec<NonNegative>, Error> {
    check::length("sales costs", sales.len(), marketing.len())?;
    check::length("service costs", service.len(), marketing.len())?;
    let columns = marketing.iter().zip(sales).zip(service);
    rows(columns, |((&marketing, &sales), &service)| RelationshipCost { marketing, sales, service }.total())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decimal;

    #[test]
    fn columns_and_single_customers_agree() {
        let [a, b, c] = [[1_u32, 2], [3, 4], [5, 6]].map(|column| column.map(NonNegative::from));
        assert_eq!(relationship_costs(&a, &b, &c).unwrap(), [9, 12].map(NonNegative::from));
        let text = relationship_costs(&a, &b[..1], &c).unwrap_err().to_string();
        assert_eq!(text, "expected 2 sales costs, got 1");
        let most = [NonNegative::ZERO, NonNegative::new(Decimal::MAX).unwrap()];
        let text = relationship_costs(&most, &most, &a).unwrap_err().to_string();
        assert!(text.starts_with("row 1 (from 0): cost of relationship exceeds 7.9e28: "), "{text}");
    }
}
