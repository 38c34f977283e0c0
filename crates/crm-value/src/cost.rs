//! What a relationship costs.

use rust_decimal::Decimal;

use crate::{Breakdown, Error, NonNegative, exact};

/// What it costs to win, keep and serve a customer: the cost of relationship management (客户关系管理成本).
///
/// `cost = marketing + sales + service`, all of one span of time and one currency.
///
/// ```
/// use crm_value::{Decimal, RelationshipCost};
///
/// let cost = RelationshipCost {
///     marketing: 120.into(),
///     sales: 80.into(),
///     service: Decimal::new(4_550, 2).try_into()?,
/// };
/// assert_eq!(cost.total()?, Decimal::new(24_550, 2)); // 245.50
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RelationshipCost {
    /// Advertising, mailings, events.
    pub marketing: NonNegative,
    /// Visits, calls, offers.
    pub sales: NonNegative,
    /// Support, complaints, maintenance.
    pub service: NonNegative,
}

impl RelationshipCost {
    /// The three together.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn total(&self) -> Result<Decimal, Error> {
        exact::sum("cost of relationship", [self.marketing, self.sales, self.service].map(NonNegative::get))
    }

    /// The terms by name.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("cost of relationship")
            .plus("marketing", self.marketing.get())
            .plus("sales", self.sales.get())
            .plus("service", self.service.get());
        Ok(terms.equals("cost", self.total()?))
    }
}

/// The cost of every customer, from three columns: [`RelationshipCost::total`] row by row.
///
/// # Errors
/// [`Error::Length`]; [`Error::Row`] around what went wrong in a row.
pub fn relationship_costs(
    marketing: &[NonNegative],
    sales: &[NonNegative],
    service: &[NonNegative],
) -> Result<Vec<Decimal>, Error> {
    exact::check_length(("sales", sales.len()), ("marketing", marketing.len()))?;
    exact::check_length(("service", service.len()), ("marketing", marketing.len()))?;
    let columns = marketing.iter().zip(sales).zip(service);
    exact::rows(columns, |((&marketing, &sales), &service)| {
        RelationshipCost { marketing, sales, service }.total()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_single_customers_agree() {
        let [a, b, c] = [[1_u32, 2], [3, 4], [5, 6]].map(|column| column.map(NonNegative::from));
        assert_eq!(relationship_costs(&a, &b, &c).unwrap(), [9, 12].map(Decimal::from));
        let text = relationship_costs(&a, &b[..1], &c).unwrap_err().to_string();
        assert_eq!(text, "sales must be as many as marketing (2), got 1");
        let most = [NonNegative::ZERO, NonNegative::new(Decimal::MAX).unwrap()];
        let text = relationship_costs(&most, &most, &a).unwrap_err().to_string();
        assert!(
            text.starts_with("row 1 (from 0): cost of relationship must stay below 7.9e28, got "),
            "{text}"
        );
    }
}
