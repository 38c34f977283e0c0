use crm_numbers::{Decimal, check};

use crate::exact::{exact, rows};
use crate::{Breakdown, Error, Margin, NonNegative, Share};

/// The value of a customer's own purchases: customer purchase value, CPV (客户购买价值).
///
/// # Formula
///
/// `CPV = spending capacity x share of wallet x unit margin`, for the period of the capacity.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, Margin, PurchaseValue, Share};
///
/// let value = PurchaseValue {
///     spending_capacity: 12_000.into(),
///     share_of_wallet: Share::percent(35)?,
///     unit_margin: Margin::percent(20)?,
/// };
/// assert_eq!(value.value()?, Decimal::from(840));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PurchaseValue {
    /// Amount that the customer can spend on such goods anywhere, in currency units.
    pub spending_capacity: NonNegative,
    /// Share of the capacity that is spent here.
    pub share_of_wallet: Share,
    /// Contribution per unit of revenue.
    pub unit_margin: Margin,
}

impl PurchaseValue {
    /// Returns CPV.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    #[inline]
    pub fn value(&self) -> Result<Decimal, Error> {
        (exact(self.spending_capacity) * self.share_of_wallet * self.unit_margin).value("purchase value")
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("purchase value (CPV)")
            .note("spending capacity", self.spending_capacity)
            .times("share of wallet", self.share_of_wallet)
            .times("unit margin", self.unit_margin);
        Ok(terms.equals("CPV", self.value()?))
    }
}

/// Computes CPV of each customer from three columns; see [`PurchaseValue::value`].
///
/// # Errors
///
/// [`InputError::Length`](crate::InputError::Length); [`Error::Row`] around the error of a row.
pub fn purchase_values(
    spending_capacity: &[NonNegative],
    share_of_wallet: &[Share],
    unit_margin: &[Margin],
) -> Result<Vec<Decimal>, Error> {
    check::length("shares of wallet", share_of_wallet.len(), spending_capacity.len())?;
    check::length("unit margins", unit_margin.len(), spending_capacity.len())?;
    let columns = spending_capacity.iter().zip(share_of_wallet).zip(unit_margin);
    rows(columns, |((&spending_capacity, &share_of_wallet), &unit_margin)| {
        PurchaseValue { spending_capacity, share_of_wallet, unit_margin }.value()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_one_value_per_row() {
        let capacity = [1_000, 200].map(NonNegative::from);
        let share = [50, 100].map(|percent| Share::percent(percent).unwrap());
        let margin = [20, -10].map(|percent| Margin::percent(percent).unwrap());
        assert_eq!(purchase_values(&capacity, &share, &margin), Ok([100, -20].map(Decimal::from).to_vec()));
        let text = purchase_values(&capacity, &share[..1], &margin).unwrap_err().to_string();
        assert_eq!(text, "expected 2 shares of wallet, got 1");
        let text = purchase_values(&capacity, &share, &margin[..1]).unwrap_err().to_string();
        assert_eq!(text, "expected 2 unit margins, got 1");
    }
}
