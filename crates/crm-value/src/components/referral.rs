use crm_numbers::{Decimal, check};

use crate::exact::{exact, rows};
use crate::{Breakdown, Error, NonNegative, Probability};

/// The value of a customer's word of mouth: public-praise or referral value, PPV (客户口碑价值).
///
/// # Formula
///
/// `PPV = influence x reach x mean purchase value of the people influenced`. Influence is the
/// probability that a person reached buys because of it; reach is the number of persons reached.
/// Where the referred customers are known by name, use a
/// [`ReferralNetwork`](crate::ReferralNetwork).
///
/// # Examples
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
    /// Probability that a person reached buys because of it.
    pub influence: Probability,
    /// Number of persons reached.
    pub reach: NonNegative,
    /// Mean purchase value of the people influenced; negative if they cost more than they earn.
    pub influenced_purchase_value: Decimal,
}

crm_numbers::debug!(ReferralValue { influence, reach, influenced_purchase_value });

impl ReferralValue {
    /// Returns PPV.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    #[inline]
    pub fn value(&self) -> Result<Decimal, Error> {
        (exact(self.influence) * self.reach * self.influenced_purchase_value).value("referral value")
    }

    /// Returns the terms by name.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn breakdown(&self) -> Result<Breakdown, Error> {
        let terms = Breakdown::of("referral value (PPV)")
            .note("influence", self.influence)
            .times("reach", self.reach)
            .times("influenced purchase value", self.influenced_purchase_value);
        Ok(terms.equals("PPV", self.value()?))
    }
}

/// Computes PPV of each customer from three columns; see [`ReferralValue::value`].
///
/// # Errors
///
/// [`InputError::Length`](crate::InputError::Length); [`Error::Row`] around the error of a row.
pub fn referral_values(
    influence: &[Probability],
    reach: &[NonNegative],
    influenced_purchase_value: &[Decimal],
) -> Result<Vec<Decimal>, Error> {
    check::length("numbers of persons reached", reach.len(), influence.len())?;
    check::length("influenced purchase values", influenced_purchase_value.len(), influence.len())?;
    let columns = influence.iter().zip(reach).zip(influenced_purchase_value);
    rows(columns, |((&influence, &reach), &influenced_purchase_value)| {
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
        assert_eq!(text, "expected 2 numbers of persons reached, got 1");
        let text = referral_values(&influence, &reach, &bought[..1]).unwrap_err().to_string();
        assert_eq!(text, "expected 2 influenced purchase values, got 1");
    }
}
