use crm_numbers::{Decimal, EmptyError};

use super::{FirstMargin, Terms, Timing, geometric};
use crate::exact::exact;
use crate::{Error, Probability};

/// Discounted lifetime value of a customer whose probability of staying varies by period.
///
/// As [`ConstantMargin`](crate::ConstantMargin), with one probability for each renewal; the last
/// one holds for all renewals after it.
///
/// # References
///
/// Berger and Nasr (1998), who let margins vary in the same way; for those see
/// [`CashFlows`](crate::CashFlows).
///
/// # Examples
///
/// ```
/// use crm_value::{Decimal, FirstMargin, TimeUnit, Probability, Rate, Terms, Timing, VaryingRetention};
///
/// let terms = Terms::new(Rate::zero(TimeUnit::Year), FirstMargin::Certain, Timing::StartOfPeriod);
/// let loyal = VaryingRetention {
///     margin: Decimal::from(100),
///     retentions: vec![Probability::percent(50)?, Probability::percent(80)?],
///     terms: terms.with_horizon(3),
/// };
/// assert_eq!(loyal.value()?, Decimal::from(190)); // 100 + 50 + 40
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct VaryingRetention {
    /// Margin of the first period.
    pub margin: Decimal,
    /// Probabilities of the first renewal, the second, and so on.
    pub retentions: Vec<Probability>,
    /// Discounting, growth, timing and horizon.
    pub terms: Terms,
}

crm_numbers::debug!(VaryingRetention { margin, retentions, terms });

impl VaryingRetention {
    /// Returns the present value, less the acquisition cost of the terms.
    ///
    /// # Errors
    ///
    /// [`InputError::Empty`](crate::InputError::Empty) without probabilities, [`Error::Diverges`]
    /// where the last one with growth outruns the discount and there is no horizon,
    /// [`Error::Overflow`].
    pub fn value(&self) -> Result<Decimal, Error> {
        const TERM: &str = "discounted lifetime value";
        let Self { margin, retentions, terms } = self;
        let Some(&last) = retentions.last() else {
            return Err(Error::Input(EmptyError::new("retentions").into()));
        };
        let discounted = terms.discounted()?;
        let mut renewals = retentions.iter();
        // What a unit of margin is worth: the chance that the customer is still there, grown and
        // discounted.
        let mut weight = match terms.first() {
            FirstMargin::Certain => Decimal::ONE,
            FirstMargin::NeedsRenewal => renewals.next().map_or(Decimal::ONE, |retention| retention.get()),
        };
        let mut left = terms.horizon();
        let mut sum = Decimal::ZERO;
        for retention in renewals {
            if left == Some(0) {
                break;
            }
            sum = (exact(sum) + weight).value(TERM)?;
            weight = (exact(weight) * terms.kept(*retention)? / discounted).value(TERM)?;
            left = left.map(|left| left - 1);
        }
        let rest = match left {
            Some(periods) => {
                geometric::sum(TERM, (exact(terms.kept(last)?) / discounted).value(TERM)?, periods)?
            }
            None if weight.is_zero() => Decimal::ZERO,
            None => (exact(discounted) / terms.fading(last)?).value(TERM)?,
        };
        let gross = (exact(weight) * rest + sum) * *margin;
        let gross = match terms.timing() {
            Timing::StartOfPeriod => gross,
            Timing::EndOfPeriod => gross / discounted,
        };
        let gross = gross.value(TERM)?;
        terms.net(gross)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConstantMargin, Rate, TimeUnit};

    #[test]
    fn one_probability_for_all_is_the_constant_case() {
        for first in [FirstMargin::Certain, FirstMargin::NeedsRenewal] {
            for timing in [Timing::StartOfPeriod, Timing::EndOfPeriod] {
                for horizon in [None, Some(0), Some(1), Some(2), Some(40)] {
                    let mut terms = Terms::new(Rate::percent(TimeUnit::Year, 10).unwrap(), first, timing);
                    terms = horizon.map_or(terms, |periods| terms.with_horizon(periods));
                    let margin = Decimal::from(100);
                    let retention = Probability::percent(80).unwrap();
                    let constant = ConstantMargin::new(margin, retention, terms).value().unwrap();
                    for length in [1, 3, 60] {
                        let varying = VaryingRetention { margin, retentions: vec![retention; length], terms };
                        let gap = (varying.value().unwrap() - constant).abs();
                        assert!(gap < Decimal::from_i128_with_scale(1, 22), "{terms:?} {length} {gap}");
                    }
                }
            }
        }
    }

    #[test]
    fn who_is_sure_to_leave_needs_no_discount() {
        let terms = Terms::new(Rate::zero(TimeUnit::Year), FirstMargin::Certain, Timing::StartOfPeriod);
        let leaves = VaryingRetention {
            margin: Decimal::from(10),
            retentions: vec![Probability::ONE, Probability::ZERO],
            terms,
        };
        assert_eq!(leaves.value(), Ok(Decimal::from(20)));
        let stays = VaryingRetention { retentions: vec![Probability::ONE], ..leaves.clone() };
        assert!(stays.value().is_err());
        assert_eq!(
            VaryingRetention { retentions: vec![], ..leaves }.value().unwrap_err().to_string(),
            "retentions must not be empty"
        );
    }

    #[test]
    fn nothing_is_asked_of_the_years_after_everybody_left() {
        let terms = Terms::new(Rate::zero(TimeUnit::Year), FirstMargin::Certain, Timing::StartOfPeriod);
        let retentions = vec![Probability::ONE, Probability::ZERO, Probability::ONE];
        let leaves = VaryingRetention { margin: Decimal::from(10), retentions, terms };
        // The last probability, without an end, would sum up for ever.
        assert_eq!(leaves.value(), Ok(Decimal::from(20)));
    }
}
