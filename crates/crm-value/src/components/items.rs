//! The three components that are sums of named items.

use crm_numbers::Decimal;

use crate::exact::{Expr, exact};
use crate::{Breakdown, Error, NonNegative, Share};

/// One piece of information that a customer gave.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct InformationItem {
    /// Name of the information.
    pub name: String,
    /// Price of the same information elsewhere.
    pub price: NonNegative,
    /// Reliability of the information.
    pub reliability: Share,
}

impl InformationItem {
    /// Creates a piece of information from its name, its price elsewhere and its reliability.
    #[must_use]
    pub fn new(name: impl Into<String>, price: NonNegative, reliability: Share) -> Self {
        Self { name: name.into(), price, reliability }
    }

    /// Returns `price x reliability`.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn value(&self) -> Result<Decimal, Error> {
        (exact(self.price) * self.reliability).value("information value")
    }
}

/// The information that a customer gave, and its value: customer information value, CIV (客户信息价值).
///
/// # Formula
///
/// `CIV = sum of price of the same information bought elsewhere x reliability`.
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, Information, InformationItem, Share};
///
/// let given = Information::new([
///     InformationItem::new("profile", 40.into(), Share::percent(90)?),
///     InformationItem::new("address", 15.into(), Share::ONE),
/// ]);
/// assert_eq!(given.value()?, Decimal::from(51));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Information {
    items: Vec<InformationItem>,
}

impl Information {
    /// Creates the information from its items; without items it is worth 0.
    #[must_use]
    pub fn new(items: impl IntoIterator<Item = InformationItem>) -> Self {
        Self { items: items.into_iter().collect() }
    }

    /// Returns the items.
    #[must_use]
    pub fn items(&self) -> &[InformationItem] {
        &self.items
    }

    /// Returns CIV.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn value(&self) -> Result<Decimal, Error> {
        let values = self.items.iter().map(|item| exact(item.price) * item.reliability);
        values.sum::<Expr>().value("information value")
    }

    /// Returns the items by name.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let mut terms = Breakdown::of("information value (CIV)");
        for item in &self.items {
            terms = terms.plus(item.name.clone(), item.value()?);
        }
        Ok(terms.equals("CIV", self.value()?))
    }
}

/// An amount with a name, negative for a loss.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NamedAmount {
    /// Purpose of the amount.
    pub name: String,
    /// The amount, in currency units.
    pub amount: Decimal,
}

crm_numbers::debug!(NamedAmount { name, amount });

impl NamedAmount {
    /// Creates an amount with a name.
    #[must_use]
    pub fn new(name: impl Into<String>, amount: Decimal) -> Self {
        Self { name: name.into(), amount }
    }
}

macro_rules! sum_of_items {
    ($(#[$doc:meta])* $name:ident, $short:literal, $term:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(transparent))]
        pub struct $name {
            items: Vec<NamedAmount>,
        }

        impl $name {
            /// Creates the value from its items; without items it is 0.
            #[must_use]
            pub fn new(items: impl IntoIterator<Item = NamedAmount>) -> Self {
                Self { items: items.into_iter().collect() }
            }

            /// Returns the items.
            #[must_use]
            pub fn items(&self) -> &[NamedAmount] {
                &self.items
            }

            #[doc = concat!($short, ": the sum of the items.")]
            /// # Errors
            ///
            /// [`Error::Overflow`].
            pub fn value(&self) -> Result<Decimal, Error> {
                self.items.iter().map(|item| item.amount).sum::<Expr>().value($term)
            }

            /// Returns the items by name.
            ///
            /// # Errors
            ///
            /// [`Error::Overflow`].
            pub fn breakdown(&self) -> Result<Breakdown, Error> {
                let mut terms = Breakdown::of(concat!($term, " (", $short, ")"));
                for item in &self.items {
                    terms = terms.plus(item.name.clone(), item.amount);
                }
                Ok(terms.equals($short, self.value()?))
            }
        }
    };
}

sum_of_items! {
    /// The value of a customer's ideas: customer knowledge value, CKV (客户知识价值).
    ///
    /// It is the sum of named items: ideas that were used, complaints that led to an improvement. A
    /// customer without known items has no CKV ([`None`] in [`Components`](crate::Components)),
    /// which is not a CKV of zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{Decimal, Knowledge, NamedAmount};
    ///
    /// let ideas = Knowledge::new([
    ///     NamedAmount::new("idea for the lid", Decimal::from(300)),
    ///     NamedAmount::new("complaint that found a fault", Decimal::from(120)),
    /// ]);
    /// assert_eq!(ideas.value()?, Decimal::from(420));
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    Knowledge, "CKV", "knowledge value"
}

sum_of_items! {
    /// The value of further transactions in a relationship: customer transaction value, CTV
    /// (客户交易价值).
    ///
    /// It is the sum of named items, direct or indirect: joint selling, access to a market, resale.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{Decimal, NamedAmount, Transaction};
    ///
    /// let brought = Transaction::new([
    ///     NamedAmount::new("joint selling", Decimal::from(250)),
    ///     NamedAmount::new("market access", Decimal::from(89)),
    /// ]);
    /// assert_eq!(brought.value()?, Decimal::from(339));
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    Transaction, "CTV", "transaction value"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_given_is_worth_nothing() {
        assert_eq!(Information::default().value(), Ok(Decimal::ZERO));
        assert_eq!(Knowledge::new([]).breakdown().unwrap().result(), Some(Decimal::ZERO));
    }

    #[test]
    fn items_are_named_in_the_statement() {
        let brought = Transaction::new([
            NamedAmount::new("joint selling", Decimal::from(250)),
            NamedAmount::new("resale", Decimal::from(-20)),
        ]);
        let text = brought.breakdown().unwrap().to_string();
        assert_eq!(
            text,
            "transaction value (CTV)\n  joint selling 250\n+ resale        -20\n= CTV           230"
        );
        let too_much =
            Knowledge::new([NamedAmount::new("a", Decimal::MAX), NamedAmount::new("b", Decimal::MAX)]);
        assert!(too_much.value().unwrap_err().to_string().starts_with("knowledge value exceeds 7.9e28"));
    }
}
