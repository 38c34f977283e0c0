use crm_numbers::Decimal;

use super::Timing;
use crate::exact::{Expr, exact};
use crate::{Error, Rate};

/// Margins that are known or expected, one per period.
///
/// # Formula
///
/// `present value = sum of flow_t / (1 + d)^t`, with t from 0 if margins are paid at the start of
/// their period, from 1 if at its end.
///
/// # Examples
///
/// ```
/// use crm_value::{CashFlows, Decimal, TimeUnit, Rate, Timing};
///
/// let flows = CashFlows::new([-100, 110, 121].map(Decimal::from));
/// let yearly = Rate::percent(TimeUnit::Year, 10)?;
/// assert_eq!(flows.present_value(yearly, Timing::StartOfPeriod)?, Decimal::from(100)); // -100 + 100 + 100
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct CashFlows {
    flows: Vec<Decimal>,
}

crm_numbers::debug!(CashFlows { flows });

impl CashFlows {
    /// Creates the flows, one per period.
    #[must_use]
    pub fn new(flows: impl IntoIterator<Item = Decimal>) -> Self {
        Self { flows: flows.into_iter().collect() }
    }

    /// Returns the flows.
    #[must_use]
    pub fn flows(&self) -> &[Decimal] {
        &self.flows
    }

    /// Returns the present value at a discount rate per period of the flows.
    ///
    /// It is summed from the last period back, `v = flow + v / (1 + d)`, so that no power
    /// overflows.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`].
    pub fn present_value(&self, discount: Rate, timing: Timing) -> Result<Decimal, Error> {
        const TERM: &str = "present value";
        let discounted = (Expr::ONE + discount).value("1 + discount")?;
        let value = self
            .flows
            .iter()
            .rev()
            .try_fold(Decimal::ZERO, |later, flow| (exact(later) / discounted + flow).value(TERM))?;
        match timing {
            Timing::StartOfPeriod => Ok(value),
            Timing::EndOfPeriod => (exact(value) / discounted).value(TERM),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TimeUnit;

    #[test]
    fn a_long_row_of_flows_needs_no_power() {
        let rate = Rate::percent(TimeUnit::Month, 50).unwrap();
        let flows = CashFlows::new(std::iter::repeat_n(Decimal::ONE, 100_000));
        let value = flows.present_value(rate, Timing::EndOfPeriod).unwrap();
        assert_eq!(value.round_dp(20), Decimal::TWO);
        assert_eq!(CashFlows::default().present_value(rate, Timing::EndOfPeriod), Ok(Decimal::ZERO));
    }

    #[test]
    fn flows_are_given_back_and_discounted_from_their_period_on() {
        let flows = CashFlows::new([-100, 110, 121].map(Decimal::from));
        assert_eq!(flows.flows(), [-100, 110, 121].map(Decimal::from));
        let yearly = Rate::percent(TimeUnit::Year, 10).unwrap();
        // -100 + 100 + 100, and the same a year later.
        assert_eq!(flows.present_value(yearly, Timing::StartOfPeriod), Ok(Decimal::from(100)));
        let later = flows.present_value(yearly, Timing::EndOfPeriod).unwrap();
        assert_eq!(later.round_dp(10), Decimal::new(909_090_909_091, 10));
    }
}
