use std::fmt;

use crm_history::Decimal;
use crm_numbers::{IndexError, OverflowError, check};

use super::{Logos, Movements, Revenue, sum};
use crate::error::{Error, LARGEST_TABLE};

/// Retention of customers and of their revenue from one period to another, from the amounts that
/// each customer paid in both.
///
/// A customer who paid nothing before and something after is new, or returned if an earlier period
/// is known in which they paid ([`by_period`](Self::by_period)). A customer who paid something
/// before and nothing after is lost. For a customer of both periods who pays more, the difference
/// is expansion; for one who pays less, it is contraction.
///
/// # Examples
///
/// ```
/// use crm_history::Decimal;
/// use crm_lifecycle::retention::Statement;
///
/// let (before, after) = ([80, 20, 0].map(Decimal::from), [70, 0, 15].map(Decimal::from));
/// let all = Statement::between(&before, &after)?;
/// assert_eq!(all.to_string(), "2 - 1 + 1 = 2 customers, churn 50.0 %; \
///     100 + 0 - 10 - 20 + 15 = 85, GRR 70.0 %, NRR 70.0 %");
///
/// // The same by group: the first two customers are of group 0, the last one is of group 1.
/// let groups = Statement::by_group(&before, &after, &[0, 0, 1], 2)?;
/// assert_eq!(groups[1].revenue.net_retention(), None);
/// assert_eq!(Statement::total(&groups)?, all);
/// # Ok::<(), crm_lifecycle::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Statement {
    /// Customers at the start, lost and acquired.
    pub customers: Logos,
    /// Their revenue, with its movements.
    pub revenue: Revenue,
}

/// The sums of one group.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// Customers at the start, lost, acquired, returned.
    logos: [u64; 4],
    movements: Movements,
}

impl Sums {
    /// Adds a customer; `known` tells whether the customer paid in an earlier period than these
    /// two.
    fn add(&mut self, before: Decimal, after: Decimal, known: bool) -> Result<(), Error> {
        let [opening, lost, won, returned] = &mut self.logos;
        let movements = &mut self.movements;
        let add = |field, slot: &mut Decimal, amount| sum(field, *slot, amount).map(|sum| *slot = sum);
        if before.is_zero() {
            *won += u64::from(!after.is_zero());
            *returned += u64::from(known && !after.is_zero());
            return match known {
                true => add("returned revenue", &mut movements.returned, after),
                false => add("new revenue", &mut movements.new, after),
            };
        }
        *opening += 1;
        add("opening revenue", &mut movements.opening, before)?;
        if after.is_zero() {
            *lost += 1;
            add("loss", &mut movements.loss, before)
        } else if after > before {
            add("expansion", &mut movements.expansion, sum("expansion", after, -before)?)
        } else {
            add("contraction", &mut movements.contraction, sum("contraction", before, -after)?)
        }
    }

    fn statement(self) -> Result<Statement, Error> {
        let [opening, lost, won, returned] = self.logos;
        let customers = Logos::new(opening, lost, won)?.with_returned(returned)?;
        Ok(Statement { customers, revenue: Revenue::new(self.movements)? })
    }
}

impl Statement {
    /// Creates a statement from the amounts that the same customers, in the same order, paid before
    /// and after.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different lengths, negative revenue, or sums beyond 28
    /// digits.
    pub fn between(before: &[Decimal], after: &[Decimal]) -> Result<Self, Error> {
        check(before, after)?;
        let mut sums = Sums::default();
        before.iter().zip(after).try_for_each(|(&before, &after)| sums.add(before, after, false))?;
        sums.statement()
    }

    /// Creates a statement for each of `number` groups; `groups` holds the index of each customer's
    /// group.
    ///
    /// # Errors
    ///
    /// Fails like [`between`](Self::between), and with [`Error::Input`] for an index that is out of
    /// range for the groups, or for more than a million groups.
    pub fn by_group(
        before: &[Decimal],
        after: &[Decimal],
        groups: &[usize],
        number: usize,
    ) -> Result<Vec<Self>, Error> {
        check(before, after)?;
        check::length("groups", groups.len(), before.len())?;
        check::range("number of groups", number, ..=LARGEST_TABLE)?;
        let mut sums = vec![Sums::default(); number];
        for ((&before, &after), &group) in before.iter().zip(after).zip(groups) {
            let missing = || IndexError::new("groups", group, number);
            sums.get_mut(group).ok_or_else(missing)?.add(before, after, false)?;
        }
        sums.into_iter().map(Sums::statement).collect()
    }

    /// Returns a statement for each pair of successive periods. `revenue` holds one row per
    /// customer, with the amount paid in each of `periods` periods; the result is one shorter than
    /// the number of periods.
    ///
    /// Customers who paid in an earlier one of these periods and not in the last one count as
    /// returned when they pay again, not as new. Whether they were customers before the first
    /// period is not known.
    ///
    /// # Errors
    ///
    /// Fails like [`between`](Self::between), and with [`Error::Input`] for fewer than two periods
    /// or more than a million, or for an incomplete last row.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_history::Decimal;
    /// use crm_lifecycle::retention::Statement;
    ///
    /// // The first customer pauses in February, the second one comes in March.
    /// let paid = [10, 0, 12, 0, 0, 5].map(Decimal::from);
    /// let months = Statement::by_period(&paid, 3)?;
    /// assert_eq!(months[1].to_string(), "0 - 0 + 1 + 1 back = 2 customers; \
    ///     0 + 0 - 0 - 0 + 5 + 12 back = 17, GRR none, NRR none");
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn by_period(revenue: &[Decimal], periods: usize) -> Result<Vec<Self>, Error> {
        check::range("number of periods", periods, 2..=LARGEST_TABLE)?;
        check::length("amounts of revenue", revenue.len(), revenue.len().next_multiple_of(periods))?;
        check::range_of_all("revenue", revenue, Decimal::ZERO..)?;
        let mut sums = vec![Sums::default(); periods - 1];
        for row in revenue.chunks_exact(periods) {
            let mut known = false;
            for (sums, pair) in sums.iter_mut().zip(row.windows(2)) {
                if let [before, after] = *pair {
                    sums.add(before, after, known)?;
                    known |= !before.is_zero();
                }
            }
        }
        sums.into_iter().map(Sums::statement).collect()
    }

    /// Returns the total of several groups of one period.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for sums that do not fit.
    pub fn total(groups: &[Self]) -> Result<Self, Error> {
        let mut all = Sums::default();
        for group in groups {
            let counts = [
                group.customers.opening(),
                group.customers.lost(),
                group.customers.won(),
                group.customers.returned(),
            ];
            for (sum, count) in all.logos.iter_mut().zip(counts) {
                let overflow = OverflowError::new("number of customers", *sum as f64 + count as f64);
                *sum = sum.checked_add(count).ok_or(overflow)?;
            }
            let (to, from) = (&mut all.movements, group.revenue.movements());
            let pairs = [
                (&mut to.opening, from.opening),
                (&mut to.expansion, from.expansion),
                (&mut to.contraction, from.contraction),
                (&mut to.loss, from.loss),
                (&mut to.new, from.new),
                (&mut to.returned, from.returned),
            ];
            for (slot, amount) in pairs {
                *slot = sum("revenue of all groups", *slot, amount)?;
            }
        }
        all.statement()
    }
}

fn check(before: &[Decimal], after: &[Decimal]) -> Result<(), Error> {
    check::length("amounts after", after.len(), before.len())?;
    check::range_of_all("revenue before", before, Decimal::ZERO..)?;
    check::range_of_all("revenue after", after, Decimal::ZERO..)?;
    Ok(())
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.customers, self.revenue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_pairs_that_follow_each_other() {
        let paid = [10, 12, 0, 5, 5, 4].map(Decimal::from);
        let statements = Statement::by_period(&paid, 3).unwrap();
        let [first, second] = statements[..] else { panic!("two pairs of three periods") };
        assert_eq!(first, Statement::between(&[paid[0], paid[3]], &[paid[1], paid[4]]).unwrap());
        assert_eq!(second.revenue.movements().loss, Decimal::from(12));
        assert_eq!(Statement::by_period(&[], 2).unwrap(), [Statement::default()]);
    }

    #[test]
    fn errors_name_field_and_value() {
        let one = [Decimal::ONE];
        let text = |result: Result<Statement, Error>| result.unwrap_err().to_string();
        assert_eq!(text(Statement::between(&one, &[])), "expected 1 amounts after, got 0");
        assert_eq!(
            text(Statement::between(&one, &[Decimal::new(-5, 1)])),
            "revenue after[0] must be at least 0, got -0.5"
        );
        let text = |result: Result<Vec<Statement>, Error>| result.unwrap_err().to_string();
        assert_eq!(text(Statement::by_group(&one, &one, &[2], 2)), "index 2 is out of range for 2 groups");
        assert_eq!(text(Statement::by_group(&one, &one, &[], 2)), "expected 1 groups, got 0");
        assert_eq!(
            text(Statement::by_period(&one, 1)),
            "number of periods must be between 2 and 1000000, got 1"
        );
        assert_eq!(text(Statement::by_period(&one, 2)), "expected 2 amounts of revenue, got 1");
        let large = [Decimal::MAX, Decimal::new(1, 1)];
        assert_eq!(
            text(Statement::by_group(&large, &large, &[0, 0], 1)),
            "opening revenue, about 7.922816251426434e28, is too large or too fine for its type"
        );
    }
}
