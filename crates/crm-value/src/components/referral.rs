use rust_decimal::Decimal;

use crate::{Breakdown, Error, NonNegative, Probability, exact};

/// What a customer's word is worth: PPV, public-praise or referral value (客户口碑价值).
///
/// `PPV = influence x reach x mean purchase value of those influenced`. Influence is the probability that one person
/// reached buys because of it; reach is how many persons hear it. Who referred whom, name by name, is a
/// [`ReferralNetwork`](crate::ReferralNetwork).
///
/// ```
/// use crm_value::{Decimal, Probability, ReferralValue};
///
/// let value = ReferralValue {
///     influence: Probability::percent(8)?,
///     reach: 150.into(),
///     influenced_purchase_value: Decimal::from(600),
/// };
/// assert_eq!(value.value()?, Decimal::from(7_200));
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReferralValue {
    /// The probability that one person reached buys because of it.
    pub influence: Probability,
    /// How many persons are reached.
    pub reach: NonNegative,
    /// What those influenced are worth by their own purchases, on average; negative where they lose money.
    pub influenced_purchase_value: Decimal,
}

crate::text::debug!(ReferralValue { influence, reach, influenced_purchase_value });

impl ReferralValue {
    /// PPV.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    #[inline]
    pub fn value(&self) -> Result<Decimal, Error> {
        let factors = [self.influence.get(), self.reach.get(), self.influenced_purchase_value];
        exact::product("referral value", &factors)
    }

    /// The terms by name.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("referral value (PPV)")
            .note("influence", self.influence)
            .times("reach", self.reach)
            .times("influenced purchase value", self.influenced_purchase_value);
        Ok(terms.equals("PPV", self.value()?))
    }
}

/// PPV of every customer, from three columns: [`ReferralValue::value`] row by row.
///
/// # Errors
/// [`Error::Length`]; [`Error::Row`] around what went wrong in a row.
pub fn referral_values(
    influence: &[Probability],
    reach: &[NonNegative],
    influenced_purchase_value: &[Decimal],
) -> Result<Vec<Decimal>, Error> {
    let rows = ("influence", influence.len());
    exact::check_length(("reach", reach.len()), rows)?;
    exact::check_length(("influenced_purchase_value", influenced_purchase_value.len()), rows)?;
    let columns = influence.iter().zip(reach).zip(influenced_purchase_value);
    exact::rows(columns, |((&influence, &reach), &influenced_purchase_value)| {
        ReferralValue { influence, reach, influenced_purchase_value }.value()
    })
}
