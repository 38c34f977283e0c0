use super::rhythm::check_times;
use crate::error::Error;
use crm_numbers::{EmptyError, check};

/// Features of a customer's orders for an early warning of loss.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::warning::Behaviour;
///
/// // Days and amounts; a period is 30 days, and the last 60 of 150 days are lately.
/// let orders = [0.0, 30.0, 60.0, 90.0, 120.0];
/// let seen = Behaviour::new(&orders, &[100.0, 90.0, 80.0, 70.0, 60.0], 150.0, 30.0, 2.0)?;
/// assert_eq!(seen.transactions_per_period, 1.0); // 5 in 5 periods
/// assert_eq!(seen.transactions_change, Some(1.0)); // 2 in the last 2 periods (days 90 and 120), 3 in the 3 before
/// assert_eq!(seen.amount_trend, Some(-0.125)); // 10 less a period, of 80 on average
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Behaviour {
    /// Transactions per period since the first one; a relationship shorter than a period counts as
    /// one period.
    pub transactions_per_period: f64,
    /// Recent transactions per period.
    pub transactions_lately: f64,
    /// Recent transactions per period over earlier ones; below 1 they decline. `None` if the
    /// relationship is not older than the recent time.
    pub transactions_change: Option<f64>,
    /// Change in the order amount per period, as a share of the mean amount: the gradient of the
    /// least-squares line through amounts over time, times the period, over the mean. `None` for
    /// fewer than three orders, orders all at one time, or a mean that is not positive.
    pub amount_trend: Option<f64>,
    /// Time since the last transaction.
    pub idle: f64,
}

impl Behaviour {
    /// Creates the features from the times and amounts of a customer's orders up to `now`; `lately`
    /// is the number of last periods that count as recent.
    ///
    /// An order exactly at the start of the recent time belongs to it.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without an order, for columns of different lengths, times that are not
    /// finite, do not ascend or lie after `now`, amounts that are not finite or beyond 1e100, and a
    /// `period` or `lately` outside 1e-9..=1e9.
    pub fn new(times: &[f64], amounts: &[f64], now: f64, period: f64, lately: f64) -> Result<Self, Error> {
        check_times(times, now)?;
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            return Err(EmptyError::new("times").into());
        };
        check::length("amounts", amounts.len(), times.len())?;
        check::range_of_all("amounts", amounts, -1e100..=1e100)?;
        for (field, value) in [("period", period), ("lately", lately)] {
            check::range(field, value, 1e-9..=1e9)?;
        }
        let begins = now - lately * period;
        let before = times.partition_point(|time| *time < begins);
        let recent = (times.len() - before) as f64;
        let old_periods = (begins - first) / period;
        let transactions_lately = recent / lately;
        Ok(Self {
            transactions_per_period: times.len() as f64 / ((now - first) / period).max(1.0),
            transactions_lately,
            transactions_change: (old_periods > 0.0 && before > 0)
                .then(|| transactions_lately / (before as f64 / old_periods))
                .filter(|change| change.is_finite()),
            amount_trend: trend(times, amounts, period),
            idle: now - last,
        })
    }
}

/// Returns the gradient of amounts over time, as a share of their mean.
fn trend(times: &[f64], amounts: &[f64], period: f64) -> Option<f64> {
    let count = times.len() as f64;
    let mean = |values: &[f64]| values.iter().map(|value| value / count).sum::<f64>();
    let (middle, usual) = (mean(times), mean(amounts));
    let spread: f64 = times.iter().map(|time| (time - middle) * (time - middle)).sum();
    if times.len() < 3 || spread <= 0.0 || usual <= 0.0 {
        return None;
    }
    let together: f64 =
        times.iter().zip(amounts).map(|(time, amount)| (time - middle) * (amount - usual)).sum();
    Some(together / spread * period / usual).filter(|trend| trend.is_finite())
}

/// A bill with the times of its issue and its payment.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Bill {
    /// Time of issue.
    pub billed: f64,
    /// Time of payment; `None` for an open bill.
    pub paid: Option<f64>,
}

/// The time that a customer takes to pay (结算周期): a cycle that grows longer is an early sign of
/// loss.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct SettlementCycle {
    /// Number of paid bills.
    pub paid: usize,
    /// Mean time from issue to payment; `None` without a paid bill.
    pub mean: Option<f64>,
    /// Mean time of the later half of the paid bills over that of the earlier half, by the day of
    /// the bill; the middle one of an odd number counts as earlier. `None` for fewer than four, or
    /// if the earlier ones were paid at once.
    pub change: Option<f64>,
    /// Time that the oldest open bill has waited; `None` without open bills.
    pub waiting: Option<f64>,
}

/// Returns the time that a customer takes to pay, and its change.
///
/// Open bills are not in the means, which they would shorten: see [`SettlementCycle::waiting`] for
/// them.
///
/// # Errors
///
/// [`Error::Input`] for times that are not finite, bills paid before they were issued, and times
/// after `now`.
///
/// # Examples
///
/// ```
/// use crm_lifecycle::warning::{Bill, settlement_cycle};
///
/// let bill = |billed, took: Option<f64>| Bill { billed, paid: took.map(|took| billed + took) };
/// let bills = [bill(0.0, Some(10.0)), bill(30.0, Some(14.0)), bill(60.0, Some(20.0)), bill(90.0, Some(28.0)), bill(120.0, None)];
/// let cycle = settlement_cycle(&bills, 170.0)?;
/// assert_eq!((cycle.mean, cycle.change, cycle.waiting), (Some(18.0), Some(2.0), Some(50.0)));
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
pub fn settlement_cycle(bills: &[Bill], now: f64) -> Result<SettlementCycle, Error> {
    for bill in bills {
        check_times(&[bill.billed, bill.paid.unwrap_or(bill.billed)], now)?;
    }
    let mut paid: Vec<(f64, f64)> =
        bills.iter().filter_map(|bill| Some((bill.billed, bill.paid? - bill.billed))).collect();
    paid.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mean = |bills: &[(f64, f64)]| {
        let count = bills.len() as f64;
        (!bills.is_empty()).then(|| bills.iter().map(|(_, took)| took / count).sum::<f64>())
    };
    let (earlier, later) = paid.split_at(paid.len().div_ceil(2));
    let halves = mean(earlier).zip(mean(later)).filter(|(earlier, _)| paid.len() >= 4 && *earlier > 0.0);
    let open = bills.iter().filter(|bill| bill.paid.is_none()).map(|bill| now - bill.billed);
    Ok(SettlementCycle {
        paid: paid.len(),
        mean: mean(&paid),
        change: halves.map(|(earlier, later)| later / earlier).filter(|change| change.is_finite()),
        waiting: open.reduce(f64::max),
    })
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_is_not_told() {
        let young = Behaviour::new(&[0.0, 10.0], &[5.0, 5.0], 20.0, 30.0, 2.0).unwrap();
        assert_eq!((young.transactions_per_period, young.transactions_lately), (2.0, 1.0));
        assert_eq!((young.transactions_change, young.amount_trend, young.idle), (None, None, 10.0));
        let at_once = Behaviour::new(&[3.0; 4], &[5.0; 4], 20.0, 1.0, 2.0).unwrap();
        assert_eq!((at_once.amount_trend, at_once.transactions_change), (None, Some(0.0)));
        let refunds = Behaviour::new(&[1.0, 2.0, 3.0], &[-5.0; 3], 20.0, 1.0, 2.0).unwrap();
        assert_eq!(refunds.amount_trend, None);
        let nothing = settlement_cycle(&[], 0.0).unwrap();
        assert_eq!((nothing.paid, nothing.mean, nothing.change, nothing.waiting), (0, None, None, None));
        let at_once = [0.0, 1.0, 2.0, 3.0].map(|billed| Bill { billed, paid: Some(billed) });
        assert_eq!(settlement_cycle(&at_once, 9.0).unwrap().change, None);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |times: &[f64], amounts: &[f64], period| {
            Behaviour::new(times, amounts, 9.0, period, 1.0).unwrap_err().to_string()
        };
        assert_eq!(text(&[], &[], 1.0), "times must not be empty");
        assert_eq!(text(&[1.0], &[], 1.0), "expected 1 amounts, got 0");
        assert_eq!(text(&[1.0], &[f64::NAN], 1.0), "amounts[0] must be between -1e100 and 1e100, got NaN");
        assert_eq!(text(&[1.0], &[1.0], 0.0), "period must be between 1e-9 and 1000000000, got 0");
        assert_eq!(text(&[10.0], &[1.0], 1.0), "times[0] must be at most 9, got 10");
        let early = [Bill { billed: 5.0, paid: Some(4.0) }];
        let text = settlement_cycle(&early, 9.0).unwrap_err().to_string();
        assert_eq!(text, "times[1] must be between 5 and 9, got 4");
    }
}
