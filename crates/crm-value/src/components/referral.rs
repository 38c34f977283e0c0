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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_give_one_value_per_row() {
        let influence = [20, 50].map(|percent| Probability::percent(percent).unwrap());
        let (reach, bought) = ([30, 4].map(NonNegative::from), [100, -10].map(Decimal::from));
        assert_eq!(referral_values(&influence, &reach, &bought), Ok([600, -20].map(Decimal::from).to_vec()));
        let text = referral_values(&influence, &reach[..1], &bought).unwrap_err().to_string();
        assert_eq!(text, "reach must be as many as influence (2), got 1");
        let text = referral_values(&influence, &reach, &bought[..1]).unwrap_err().to_string();
        assert_eq!(text, "influenced_purchase_value must be as many as influence (2), got 1");
    }
}
