//! One summary per customer.

mod merge;

use std::borrow::Borrow;
use std::fmt::{self, Debug};
use std::hash::Hash;
use std::sync::Arc;

use crm_numbers::{Total, parallel};

use crate::account::{Account, Overflow, ln_value, periods_between};
use crate::people::People;
use crate::{Amount, Customer, Day, Error, FirstPurchase, Ledger, Observation};

/// The purchases of one customer up to the end of the observation.
///
/// Durations are in the unit of the rules and keep their fraction. Recency is the time from the
/// *first* to the *last* purchase, as models of purchase times define it. The time since the last
/// purchase, which RFM tables call recency, is `idle`.
#[derive(Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Summary<A> {
    /// Number of purchases, after orders of one period were merged as the rules say; at least one.
    pub purchases: u32,
    /// Number of repeat purchases, `x`: all but the first.
    pub frequency: u32,
    /// Time from the first to the last purchase, `t_x`; 0 without a repeat purchase.
    pub recency: f64,
    /// Time from the first purchase to the end of the observation, `T`.
    pub age: f64,
    /// Time from the last purchase to the end of the observation.
    pub idle: f64,
    /// Day of the first order.
    pub first_purchase: Day,
    /// Day of the last order.
    pub last_purchase: Day,
    /// Number of order lines without refunds.
    pub orders: u32,
    /// Number of refund lines.
    pub refunds: u32,
    /// Spend, less refunds as the rules say.
    pub spend: A,
    /// Spend at the first purchase.
    pub first_spend: A,
    /// Spend at repeat purchases.
    pub repeat_spend: A,
    /// Mean spend per purchase, with or without the first one as the rules say; `None` without such
    /// a purchase.
    pub mean_spend: Option<f64>,
    /// Sum of the logarithms of the times between purchases; 0 without a repeat purchase, `None` if
    /// two purchases are at the same time.
    pub ln_gap_sum: Option<f64>,
}

crm_numbers::debug!(Summary<A> {
    purchases,
    frequency,
    recency,
    age,
    idle,
    first_purchase,
    last_purchase,
    orders,
    refunds,
    spend,
    first_spend,
    repeat_spend,
    mean_spend,
    ln_gap_sum,
});

impl<A> Summary<A> {
    /// Returns the number of whole days from the last order to the end of the observation (recency
    /// in RFM tables).
    #[must_use]
    pub fn idle_days(&self, end: Day) -> u32 {
        end.days_since(self.last_purchase).unsigned_abs()
    }
}

/// One [`Summary`] per customer, with the observation behind it and the people without a purchase.
///
/// # Examples
///
/// ```
/// use crm_history::{Ledger, NaiveDate, Observation, SummaryRules};
/// use crm_numbers::TimeUnit;
///
/// let day = |m, d| NaiveDate::from_ymd_opt(1997, m, d).unwrap();
/// let ledger = Ledger::from_rows([("ada", day(1, 1), 29.33), ("ada", day(1, 18), 29.73), ("ada", day(8, 2), 14.96)])?;
/// let weeks = Observation::until(day(9, 30)).with_rules(SummaryRules::default().with_unit(TimeUnit::Week));
/// let summaries = ledger.summarize(&weeks)?;
///
/// let ada = summaries.get(ledger.find("ada").unwrap()).unwrap();
/// assert_eq!(ada.frequency, 2);
/// assert_eq!(ada.recency, 213.0 / 7.0); // January 1 to August 2
/// assert_eq!(ada.age, 272.0 / 7.0); // January 1 to September 30
/// assert_eq!(ada.mean_spend, Some(22.345)); // of the two repeat purchases
/// # Ok::<(), crm_history::Error>(())
/// ```
#[derive(Clone)]
pub struct Summaries<K, A: Amount> {
    pub(crate) people: Arc<People<K>>,
    pub(crate) observation: Observation,
    /// In the order of the ledger's places, so that making them goes through memory once.
    pub(crate) accounts: Vec<Account<A>>,
    /// The place of each customer's account.
    pub(crate) places: Arc<Vec<u32>>,
    /// Numbers, in ascending order, of people who come into sight only after the end.
    pub(crate) later: Vec<u32>,
    /// Numbers, in ascending order, of people with lines before the start and none in the
    /// observation.
    pub(crate) past: Vec<u32>,
    pub(crate) rows_before: u64,
    pub(crate) rows_after: u64,
}

/// Fewer customers than this are not worth another thread.
const CUSTOMERS_PER_TASK: usize = 4096;

/// The observation, and the summary of everyone who is known.
impl<K: Debug, A: Amount> Debug for Summaries<K, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let everyone: Vec<_> = self.everyone().map(|(_, id, summary)| (id, summary)).collect();
        f.debug_struct("Summaries")
            .field("observation", &self.observation)
            .field("everyone", &everyone)
            .field("rows_before", &self.rows_before)
            .field("rows_after", &self.rows_after)
            .finish_non_exhaustive()
    }
}

impl<K: Debug + Sync + Send, A: Amount> Ledger<K, A> {
    /// Summarizes the order lines of every customer in an observation.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`] if the spend of a customer does not fit the type of the amounts without
    /// loss.
    pub fn summarize(&self, observation: &Observation) -> Result<Summaries<K, A>, Error> {
        let account = |place: usize| {
            let (days, amounts) = self.observed(place, observation);
            Account::of(days, amounts, observation.rules())
        };
        let accounts =
            parallel::try_map_indices(self.place_count(), CUSTOMERS_PER_TASK, |place| account(place).ok());
        let Some(accounts) = accounts else {
            let mut failures = self.ids().iter().enumerate().filter_map(|(customer, id)| {
                account(self.place(customer)).err().map(|what| overflow(id, what))
            });
            return Err(failures.next().unwrap_or(Error::NoOrders));
        };
        let rows_before =
            observation.start().map_or(0, |start| self.rows_where(|day| day < start.since_epoch()));
        Ok(Summaries {
            people: Arc::clone(&self.people),
            observation: *observation,
            past: if rows_before == 0 { Vec::new() } else { self.only_before(observation, &accounts) },
            accounts,
            places: Arc::clone(self.places()),
            later: self.later_than(observation.end()),
            rows_before,
            rows_after: self.rows_where(|day| day > observation.end().since_epoch()),
        })
    }

    /// People of whom nothing is known at the end of that day: their orders and their first contact
    /// come later.
    fn later_than(&self, end: Day) -> Vec<u32> {
        let unseen = |customer: usize| {
            let contact = self.people.contact(customer);
            match self.first_day_at(self.place(customer)) {
                Some(first) => first > end.since_epoch() && contact.is_none_or(|contact| contact > end),
                None => contact.is_some_and(|contact| contact > end),
            }
        };
        let none = self.last_day().is_none_or(|last| last <= end) && self.people.last_contact() <= Some(end);
        let customers = if none { 0 } else { self.customers() as u32 };
        (0..customers).filter(|&customer| unseen(customer as usize)).collect()
    }

    /// People with lines before the start of the observation and none in it.
    fn only_before(&self, observation: &Observation, accounts: &[Account<A>]) -> Vec<u32> {
        let start = observation.start().map_or(i32::MIN, Day::since_epoch);
        let is_past = |customer: u32| {
            let place = self.place(customer as usize);
            accounts.get(place).is_some_and(|account| account.lines() == 0)
                && self.first_day_at(place).is_some_and(|first| first < start)
        };
        (0..self.customers() as u32).filter(|&customer| is_past(customer)).collect()
    }

    fn rows_where(&self, holds: impl Fn(i32) -> bool) -> u64 {
        self.days.iter().filter(|&&day| holds(day)).count() as u64
    }
}

pub(crate) fn overflow<K: Debug>(id: &K, what: Overflow) -> Error {
    Error::Overflow { what, customer: format!("{id:?}") }
}

impl<K, A: Amount> Summaries<K, A> {
    /// Returns the observation and its rules.
    #[must_use]
    pub fn observation(&self) -> &Observation {
        &self.observation
    }

    /// Returns the number of people known at the end of the observation, with or without a
    /// purchase.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.people.len() - self.later.len()
    }

    /// Returns the number of people whose first order and first contact come after the end.
    #[must_use]
    pub fn later_customers(&self) -> usize {
        self.later.len()
    }

    /// Returns the number of order lines before the start of the observation.
    #[must_use]
    pub fn rows_before(&self) -> u64 {
        self.rows_before
    }

    /// Returns the number of order lines after the end of the observation.
    #[must_use]
    pub fn rows_after(&self) -> u64 {
        self.rows_after
    }

    /// Returns the summary of a customer, or `None` without a purchase in the observation.
    #[must_use]
    pub fn get(&self, customer: Customer) -> Option<Summary<A>> {
        self.account(customer).and_then(|account| self.summary(account))
    }

    /// Iterates over the customers with a purchase, in order of their numbers.
    pub fn buyers(&self) -> impl Iterator<Item = (Customer, &K, Summary<A>)> + '_ {
        self.people().filter_map(|(customer, id, account)| Some((customer, id, self.summary(account)?)))
    }

    /// Iterates over the people known at the end, with a summary of those with a purchase, in order
    /// of their numbers.
    pub fn everyone(&self) -> impl Iterator<Item = (Customer, &K, Option<Summary<A>>)> + '_ {
        self.known().map(|(customer, id, account)| (customer, id, self.summary(account)))
    }

    /// Iterates over the people known at the end without a purchase in the observation, with the
    /// day of the first contact if the roster has it.
    pub fn prospects(&self) -> impl Iterator<Item = (Customer, &K, Option<Day>)> + '_ {
        self.known()
            .filter(|(_, _, account)| account.purchases == 0)
            .map(|(customer, id, _)| (customer, id, self.people.contact(customer.index())))
    }

    /// Returns the sum of [`Summary::ln_gap_sum`] over all customers, rounded once; `None` if two
    /// purchases of a customer are at the same time.
    #[must_use]
    pub fn ln_gap_sum(&self) -> Option<f64> {
        let (mut steps, mut gaps) = (0_i128, 0_u64);
        for account in self.accounts.iter().filter(|account| account.purchases > 0) {
            if account.at_once > 0 {
                return None;
            }
            steps += account.ln_gaps;
            gaps += u64::from(account.purchases - 1);
        }
        Some(ln_value(steps) + gaps as f64 * self.observation.rules().units_per_period().ln())
    }

    /// All accounts in no particular order, with some of people who did not buy.
    pub(crate) fn accounts(&self) -> &[Account<A>] {
        &self.accounts
    }

    pub(crate) fn account(&self, customer: Customer) -> Option<&Account<A>> {
        let place = *self.places.get(customer.index())?;
        self.accounts.get(place as usize)
    }

    /// Purchases of a customer, 0 for a stranger.
    pub(crate) fn purchases(&self, customer: Customer) -> u32 {
        self.account(customer).map_or(0, |account| account.purchases)
    }

    /// Returns the spend of a customer, including refunds without a purchase; 0 for an unknown
    /// customer.
    #[must_use]
    pub fn spend(&self, customer: Customer) -> A {
        // The total was computed once already when the account was made.
        let total = self.account(customer).and_then(|account| account.total().ok());
        total.map_or(A::ZERO, |total| total.value())
    }

    fn known(&self) -> impl Iterator<Item = (Customer, &K, &Account<A>)> + '_ {
        self.people().filter(|(customer, ..)| self.later.binary_search(&customer.0).is_err())
    }

    fn people(&self) -> impl Iterator<Item = (Customer, &K, &Account<A>)> + '_ {
        let numbered = (0..).map(Customer).zip(self.people.ids());
        numbered.filter_map(|(customer, id)| Some((customer, id, self.account(customer)?)))
    }

    fn summary(&self, account: &Account<A>) -> Option<Summary<A>> {
        let frequency = account.purchases.checked_sub(1)?;
        let rules = self.observation.rules();
        let (period, units) = (rules.period(), rules.units_per_period());
        let end = self.observation.end().since_epoch();
        let length = |from, to| {
            f64::from(periods_between(from, to, period)) * rules.period().length_in_days()
                / rules.unit.length_in_days()
        };
        let total = account.total().unwrap_or_default();
        let (spent, counted) = match rules.first_purchase {
            FirstPurchase::Excluded => (account.repeat_spend.value(), frequency),
            FirstPurchase::Included => (total.value(), account.purchases),
        };
        let gaps = f64::from(frequency) * units.ln();
        Some(Summary {
            purchases: account.purchases,
            frequency,
            recency: if frequency == 0 { 0.0 } else { length(account.first_day, account.last_day) },
            age: length(account.first_day, end),
            idle: length(account.last_day, end),
            first_purchase: Day::saturating_new(account.first_day),
            last_purchase: Day::saturating_new(account.last_day),
            orders: account.orders,
            refunds: account.refunds,
            spend: total.value(),
            first_spend: account.first_spend.value(),
            repeat_spend: account.repeat_spend.value(),
            mean_spend: (counted > 0).then(|| spent.to_f64() / f64::from(counted)),
            ln_gap_sum: (account.at_once == 0).then(|| ln_value(account.ln_gaps) + gaps),
        })
    }
}

impl<K: Eq + Hash, A: Amount> Summaries<K, A> {
    /// Returns the summary of the customer with the given id.
    #[must_use]
    pub fn find<Q: Eq + Hash + ?Sized>(&self, id: &Q) -> Option<Summary<A>>
    where
        K: Borrow<Q>,
    {
        self.get(self.people.find(id)?)
    }
}

impl<K: Debug, A: Amount> Summaries<K, A> {
    /// Returns the spend of all customers in the observation.
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`] and [`Error::TotalOverflow`] if a sum does not fit the type of the
    /// amounts without loss.
    pub fn total_spend(&self) -> Result<A, Error> {
        let mut sum = Total::default();
        for (_, id, account) in self.people() {
            let total = account.total().map_err(|what| overflow(id, what))?;
            if sum.merge(&total).is_none() {
                return Err(Error::TotalOverflow { what: "total spend" });
            }
        }
        Ok(sum.value())
    }
}

/// Equal where the same people have the same sums under the same observation.
impl<K: PartialEq, A: Amount> PartialEq for Summaries<K, A> {
    fn eq(&self, other: &Self) -> bool {
        self.observation == other.observation
            && self.people == other.people
            && (&self.later, &self.past) == (&other.later, &other.past)
            && self.people().map(|(.., account)| account).eq(other.people().map(|(.., account)| account))
            && (self.rows_before, self.rows_after) == (other.rows_before, other.rows_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i32) -> Day {
        Day::new(n).unwrap()
    }

    /// ada bought before the end and bob after it; eve and fay are on the roster, known early and
    /// late; gus was entered without a date, hal is on the roster since before his first order.
    fn ledger() -> Ledger<&'static str, i64> {
        let mut builder = Ledger::builder();
        for (id, n) in [("ada", 3), ("bob", 20), ("hal", 21)] {
            builder.push(id, day(n), 1).unwrap();
        }
        for (id, contact) in
            [("eve", Some(day(2))), ("fay", Some(day(30))), ("gus", None), ("hal", Some(day(1)))]
        {
            builder.add_prospect(id, contact);
        }
        builder.build()
    }

    #[test]
    fn who_comes_after_the_end_is_not_known_yet() {
        let ledger = ledger();
        let ids = |end: i32| -> Vec<&str> {
            let summaries = ledger.summarize(&Observation::until(day(end))).unwrap();
            assert_eq!(summaries.customers() + summaries.later_customers(), 6);
            assert_eq!(summaries.everyone().count(), summaries.customers());
            summaries.prospects().map(|(_, id, _)| *id).collect()
        };
        assert_eq!(ids(10), ["hal", "eve", "gus"]);
        assert_eq!(ids(20), ["hal", "eve", "gus"]);
        assert_eq!(ids(30), ["eve", "fay", "gus"]);
    }

    #[test]
    fn parts_that_are_put_together_know_whom_either_has_met() {
        let part = |from: i32, to: i32| {
            let mut builder = Ledger::builder();
            for (id, n) in [("ada", 3), ("bob", 20), ("cid", 40)] {
                builder.push(id, day(n), 1).unwrap();
            }
            let observation = Observation::until(day(to)).with_start(day(from)).unwrap();
            builder.build().summarize(&observation).unwrap()
        };
        let merged = part(1, 10).merge(&part(11, 25)).unwrap();
        assert_eq!((merged.customers(), merged.later_customers()), (2, 1));
        assert_eq!(merged.everyone().map(|(_, id, _)| *id).collect::<Vec<_>>(), ["ada", "bob"]);
    }
}
