use std::fmt;

use crm_history::{Day, Ledger, Observation, Period};
use crm_numbers::TimeUnit;
use crm_numbers::check;
use crm_numbers::{Amount, SumUnit};
use crm_statistics::Proportion;

use super::count::{Orders, start};
use crate::error::Error;

/// One cohort at one age.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CohortCell<S> {
    /// Number of customers of the cohort who ordered in this period.
    pub customers: u64,
    /// Number of their orders.
    pub orders: u64,
    /// Their spend, net of refunds.
    pub revenue: S,
    /// Cumulative spend of the cohort from its first period to this one.
    pub cumulative: S,
}

/// Orders and refunds that are in no cell.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct CohortLeftOut<S> {
    /// Number of orders and refunds after the end.
    pub after_end: u64,
    /// Number of refunds to customers without a purchase up to that period.
    pub refunds: u64,
    /// Sum of these refunds; zero or negative.
    pub refunded: S,
}

/// Customers, orders and revenue by cohort (the period of the first purchase) and age (periods
/// since then).
///
/// Cohorts and ages are numbered from 0; the cell (c, a) is the calendar period c + a. In a
/// triangle of n periods, cohort c is observed at the ages 0 to n - 1 - c; all other cells are
/// absent. A period without new customers is a cohort of size 0.
///
/// A negative amount is a refund: it reduces the revenue of its period and is not an order. Amounts
/// are summed exactly (see [`SumUnit`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Triangle<A: Amount> {
    cohorts: Vec<Period>,
    end: Day,
    cells: Vec<CohortCell<A::Sum>>,
    /// Cumulative spend of each cell's cohort, in units.
    cumulative: Vec<i128>,
    money: SumUnit<A>,
    left_out: CohortLeftOut<A::Sum>,
}

impl<A: Amount> Triangle<A> {
    /// Creates the triangle of orders in columns: customers (as numbers without large gaps), days
    /// and amounts, in any order. Orders after the end are left out.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for columns of different lengths, without a purchase up to the end, for
    /// amounts that are not finite, for more than 2 048 periods or customer numbers beyond 2^27
    /// (less if there are more than 64 periods), and for sums that their type cannot hold.
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_numbers::TimeUnit;
    /// use crm_history::{Day, NaiveDate};
    /// use crm_lifecycle::cohort::Triangle;
    ///
    /// let day = |m, d| Day::from(NaiveDate::from_ymd_opt(2024, m, d).unwrap());
    /// let days = [day(1, 9), day(2, 1), day(2, 9), day(2, 20)];
    /// let triangle = Triangle::from_orders(&[0, 1, 0, 0], &days, &[5_i64, 7, 4, -1], day(2, 29), TimeUnit::Month)?;
    /// let cell = triangle.cell(0, 1).unwrap();
    /// assert_eq!((cell.customers, cell.orders, cell.revenue, cell.cumulative), (1, 1, 3, 8));
    /// # Ok::<(), crm_lifecycle::Error>(())
    /// ```
    pub fn from_orders(
        customers: &[u32],
        days: &[Day],
        amounts: &[A],
        end: impl Into<Day>,
        unit: TimeUnit,
    ) -> Result<Self, Error> {
        for (field, got) in [("days", days.len()), ("amounts", amounts.len())] {
            check::length(field, got, customers.len())?;
        }
        let money = SumUnit::of("amounts", amounts)?;
        let end = end.into();
        let counts = Orders { customers, days, amounts, end }.count(unit, money)?;
        let mut cohorts = Vec::with_capacity(counts.periods);
        let mut period = counts.first.period(unit);
        for _ in 0..counts.periods {
            cohorts.push(period);
            period = period.next();
        }
        let sum = |units| money.sum("revenue", units);
        let mut cumulative = Vec::with_capacity(counts.units.len());
        let mut units = counts.units.iter();
        for cohort in 0..counts.periods {
            cumulative.extend(units.by_ref().take(counts.periods - cohort).scan(0, |total, units| {
                *total += units;
                Some(*total)
            }));
        }
        let columns = counts.customers.iter().zip(&counts.orders).zip(counts.units.iter().zip(&cumulative));
        let cells: Result<Vec<CohortCell<A::Sum>>, Error> = columns
            .map(|((&customers, &orders), (&units, &cumulative))| {
                Ok(CohortCell { customers, orders, revenue: sum(units)?, cumulative: sum(cumulative)? })
            })
            .collect();
        let (refunds, refunded) = (counts.strays.0, sum(counts.strays.1)?);
        let left_out = CohortLeftOut { after_end: counts.after_end, refunds, refunded };
        Ok(Self { cohorts, end, cells: cells?, cumulative, money, left_out })
    }

    /// Creates the triangle of all orders of a ledger up to a day.
    ///
    /// # Errors
    ///
    /// Fails like [`from_orders`](Self::from_orders), and with [`Error::History`] for a ledger that
    /// cannot be summarized.
    pub fn from_ledger<K>(ledger: &Ledger<K, A>, end: impl Into<Day>, unit: TimeUnit) -> Result<Self, Error>
    where
        K: fmt::Debug + Sync + Send,
        A: crm_numbers::Amount,
    {
        let end = end.into();
        let summaries =
            ledger.summarize(&Observation::until(ledger.last_day().map_or(end, |last| last.max(end))))?;
        let rows = ledger.rows();
        let (mut customers, mut days) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        let mut amounts = Vec::with_capacity(rows);
        for (customer, ..) in summaries.everyone() {
            for line in ledger.lines(customer) {
                customers.push(customer.index() as u32);
                days.push(line.day);
                amounts.push(line.amount);
            }
        }
        Self::from_orders(&customers, &days, &amounts, end, unit)
    }

    /// Returns the calendar period of each cohort, ascending and without gaps.
    #[must_use]
    pub fn cohorts(&self) -> &[Period] {
        &self.cohorts
    }

    /// Returns the last day that was observed.
    #[must_use]
    pub fn end(&self) -> Day {
        self.end
    }

    /// Returns whether the last period was observed to its last day. If not, its cells (the last
    /// one of each cohort) can still grow.
    #[must_use]
    pub fn last_is_whole(&self) -> bool {
        self.cohorts.last().is_some_and(|period| period.last_day() <= self.end)
    }

    /// Returns the orders and refunds that are in no cell.
    #[must_use]
    pub fn left_out(&self) -> CohortLeftOut<A::Sum> {
        self.left_out
    }

    /// Returns the number of customers of a cohort: those who ordered at age 0. `None` beyond the
    /// last cohort.
    #[must_use]
    pub fn size(&self, cohort: usize) -> u64 {
        self.cell(cohort, 0).map_or(0, |cell| cell.customers)
    }

    /// Returns a cohort at an age; `None` for cells that are not observed yet.
    #[must_use]
    pub fn cell(&self, cohort: usize, age: usize) -> Option<CohortCell<A::Sum>> {
        self.cells.get(self.place(cohort, age)?).copied()
    }

    /// Returns the share of a cohort that ordered at an age; `None` for cells that are not observed
    /// yet and for a cohort without customers.
    #[must_use]
    pub fn retention(&self, cohort: usize, age: usize) -> Option<Proportion> {
        Proportion::new(self.cell(cohort, age)?.customers, self.size(cohort)).ok()
    }

    /// Returns the mean spend per customer of the cohort up to an age, over all customers who ever
    /// belonged to it; `None` under the conditions of [`retention`](Self::retention).
    #[must_use]
    pub fn value_per_customer(&self, cohort: usize, age: usize) -> Option<f64> {
        let total = *self.cumulative.get(self.place(cohort, age)?)?;
        mean(self.money.to_f64(total), self.size(cohort))
    }

    /// Returns the share of customers who ordered at an age, over all cohorts that are observed at
    /// it. A last period that was not observed to its end is left out; `None` if that leaves no
    /// customers.
    #[must_use]
    pub fn retention_at(&self, age: usize) -> Option<Proportion> {
        let (customers, all) = self.seen_at(age).fold((0, 0), |(customers, all), cohort| {
            (customers + self.cell(cohort, age).map_or(0, |cell| cell.customers), all + self.size(cohort))
        });
        Proportion::new(customers, all).ok()
    }

    /// Returns the mean spend per customer up to an age, over the cohorts of
    /// [`retention_at`](Self::retention_at).
    #[must_use]
    pub fn value_at(&self, age: usize) -> Option<f64> {
        let (total, all) = self.seen_at(age).fold((0, 0), |(total, all), cohort| {
            let paid = self.place(cohort, age).and_then(|place| self.cumulative.get(place));
            (total + paid.copied().unwrap_or(0), all + self.size(cohort))
        });
        mean(self.money.to_f64(total), all)
    }

    /// Returns the cohorts that were observed at an age to the end of the period.
    fn seen_at(&self, age: usize) -> std::ops::Range<usize> {
        let whole = self.cohorts.len() - usize::from(!self.last_is_whole());
        0..whole.saturating_sub(age)
    }

    fn place(&self, cohort: usize, age: usize) -> Option<usize> {
        let periods = self.cohorts.len();
        let seen = periods.checked_sub(cohort).is_some_and(|ages| age < ages);
        seen.then(|| start(periods, cohort) + age)
    }
}

fn mean(total: f64, customers: u64) -> Option<f64> {
    (customers > 0).then(|| total / customers as f64)
}

/// Prints retention in percent.
impl<A: Amount> fmt::Display for Triangle<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<10} {:>9}", "cohort", "customers")?;
        (0..self.cohorts.len()).try_for_each(|age| write!(f, " {age:>4}"))?;
        writeln!(f)?;
        for (cohort, period) in self.cohorts.iter().enumerate() {
            write!(f, "{:<10} {:>9}", period.to_string(), self.size(cohort))?;
            let mut ages = 0..self.cohorts.len() - cohort;
            ages.try_for_each(|age| match self.retention(cohort, age) {
                Some(share) => write!(f, " {:>4.0}", share.estimate() * 100.0),
                None => write!(f, " {:>4}", ""),
            })?;
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crm_history::{Decimal, NaiveDate};

    fn day(m: u32, d: u32) -> Day {
        NaiveDate::from_ymd_opt(2024, m, d).unwrap().into()
    }

    fn months(customers: &[u32], days: &[Day], amounts: &[i64], end: Day) -> Result<Triangle<i64>, Error> {
        Triangle::from_orders(customers, days, amounts, end, TimeUnit::Month)
    }

    #[test]
    fn what_was_not_seen_is_absent() {
        let days = [day(1, 5), day(1, 6), day(3, 1), day(3, 2)];
        let triangle = months(&[0, 1, 0, 2], &days, &[10, 20, 30, 40], day(3, 31)).unwrap();
        assert_eq!((triangle.size(0), triangle.size(1), triangle.size(2)), (2, 0, 1));
        // Observed without orders: 0; a cohort without customers has no share; cells beyond the end
        // are absent.
        assert_eq!(triangle.cell(0, 1).unwrap().customers, 0);
        assert_eq!(triangle.cell(0, 1).unwrap().cumulative, 30);
        assert_eq!(triangle.retention(0, 1).unwrap().estimate(), 0.0);
        assert_eq!((triangle.cell(1, 0).unwrap().customers, triangle.retention(1, 0)), (0, None));
        assert_eq!((triangle.cell(0, 3), triangle.cell(2, 1), triangle.cell(3, 0)), (None, None, None));
        assert_eq!(triangle.value_per_customer(0, 2), Some(30.0));
        assert_eq!(triangle.retention_at(2).unwrap().to_string(), "1 of 2");
        assert_eq!(
            (triangle.retention_at(3), triangle.value_at(3), triangle.value_at(0)),
            (None, None, Some(70.0 / 3.0))
        );
    }

    #[test]
    fn an_unfinished_period_is_in_no_mean() {
        let days = [day(1, 5), day(2, 6), day(3, 1)];
        let triangle = months(&[0, 0, 0], &days, &[1, 1, 1], day(3, 30)).unwrap();
        assert!(!triangle.last_is_whole());
        assert_eq!(triangle.retention(0, 2).unwrap().to_string(), "1 of 1");
        assert_eq!((triangle.retention_at(2), triangle.retention_at(1).is_some()), (None, true));
    }

    #[test]
    fn refunds_reduce_and_strays_are_told() {
        let days = [day(1, 5), day(1, 9), day(2, 2), day(1, 2), day(6, 1), day(2, 10)];
        let amounts = [100, -30, -20, -7, 50, -1];
        // Customer 1 gets 7 back before their first purchase; customer 2 never bought.
        let triangle = months(&[0, 0, 0, 1, 1, 2], &days, &amounts, day(2, 29)).unwrap();
        let cells = [triangle.cell(0, 0).unwrap(), triangle.cell(0, 1).unwrap()];
        assert_eq!(cells.map(|cell| (cell.customers, cell.orders, cell.revenue)), [(1, 1, 70), (0, 0, -20)]);
        let left_out = triangle.left_out();
        assert_eq!((left_out.after_end, left_out.refunds, left_out.refunded), (1, 2, -8));
    }

    #[test]
    fn a_refund_in_the_period_of_the_first_purchase_belongs_to_it() {
        // In any order within the month, and for the first customer as for any other.
        let triangle = months(&[0, 0], &[day(1, 2), day(1, 20)], &[-2, 9], day(1, 31)).unwrap();
        assert_eq!((triangle.cell(0, 0).unwrap().revenue, triangle.left_out().refunds), (7, 0));
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |result: Result<Triangle<i64>, Error>| result.unwrap_err().to_string();
        let (one, end) = ([day(1, 1)], day(12, 31));
        assert_eq!(text(months(&[0], &[], &[1], end)), "expected 1 days, got 0");
        assert_eq!(text(months(&[0], &one, &[], end)), "expected 1 amounts, got 0");
        assert_eq!(text(months(&[], &[], &[], end)), "orders up to the end must not be empty");
        assert_eq!(text(months(&[0], &one, &[-1], end)), "orders up to the end must not be empty");
        assert_eq!(
            text(months(&[u32::MAX], &one, &[1], end)),
            "largest index of a customer must be less than 134217728, got 4294967295"
        );
        let daily = Triangle::from_orders(&[0], &one, &[1_i64], one[0].saturating_add(2_048), TimeUnit::Day);
        assert_eq!(text(daily), "periods from the first order to the end must be at most 2048, got 2049");
        let nan = Triangle::from_orders(&[0, 0], &[one[0]; 2], &[1.0, f64::NAN], end, TimeUnit::Month);
        assert_eq!(nan.unwrap_err().to_string(), "amounts[1] must be finite, got NaN");
        let large = Triangle::from_orders(&[0, 0], &[one[0]; 2], &[Decimal::MAX; 2], end, TimeUnit::Year);
        assert_eq!(
            large.unwrap_err().to_string(),
            "revenue, about 1.5845632502852868e29, is too large or too fine for its type"
        );
    }

    #[test]
    fn reads_as_a_triangle() {
        let days = [day(1, 5), day(1, 6), day(2, 1)];
        let triangle = months(&[0, 1, 0], &days, &[1, 1, 1], day(2, 29)).unwrap();
        let text = triangle.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "cohort     customers    0    1");
        assert_eq!(lines[1], "2024-01            2  100   50");
        assert_eq!(lines[2].trim_end(), "2024-02            0");
    }
}
