//! Two summaries into one, exactly or not at all.

use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use super::{Summaries, overflow};
use crate::people::People;
use crate::{Amount, Error, Observation};

impl<K: Clone + Debug + Eq + Hash, A: Amount> Summaries<K, A> {
    /// Merges the summaries of two parts of one history: of different customers on the same days,
    /// or of successive spans of days.
    ///
    /// The result is exactly the summary of all lines in one pass: `merge(summary(a), summary(b))
    /// == summary(a + b)`. Parts of different customers share their observation and no customer,
    /// buyers or not. The later of two successive parts starts on the day after the earlier one
    /// ends, which is the last day of a period of the rules; both come from one ledger, or each
    /// from the lines of its own days. People of `self` keep their numbers.
    ///
    /// ```
    /// use crm_history::{Ledger, NaiveDate, Observation};
    ///
    /// let day = |m, d| NaiveDate::from_ymd_opt(2024, m, d).unwrap();
    /// let ledger = Ledger::from_rows([("ada", day(1, 5), 1_i64), ("ada", day(2, 9), 10), ("ada", day(3, 1), 100)])?;
    /// let january = ledger.summarize(&Observation::until(day(1, 31)))?;
    /// let rest = ledger.summarize(&Observation::until(day(3, 31)).with_start(day(2, 1))?)?;
    /// assert_eq!(january.merge(&rest)?.find("ada").unwrap().spend, 111);
    ///
    /// let march = ledger.summarize(&Observation::until(day(3, 31)).with_start(day(3, 1))?)?;
    /// assert_eq!(
    ///     january.merge(&march).unwrap_err().to_string(),
    ///     "the parts leave a gap: one until 2024-01-31, the other from 2024-03-01 to 2024-03-31; \
    ///      the later part must start on 2024-02-01"
    /// );
    /// # Ok::<(), crm_history::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::RulesDiffer`]; [`Error::EndsDiffer`], [`Error::SpansOverlap`], [`Error::SpansGap`]
    /// and [`Error::CutInsidePeriod`] for days that do not fit together; [`Error::CustomerInBoth`]
    /// and [`Error::RowsLost`] for lines that do not; [`Error::Overflow`].
    pub fn merge(&self, other: &Summaries<K, A>) -> Result<Summaries<K, A>, Error> {
        let (left, right) = (self.observation, other.observation);
        if left.rules() != right.rules() {
            return Err(Error::RulesDiffer {
                left: left.rules().to_string(),
                right: right.rules().to_string(),
            });
        }
        if left == right {
            return self.with_other_customers(other);
        }
        if left.start() == right.start() {
            return Err(Error::EndsDiffer { left, right });
        }
        let (earlier, later) = if left.end() < right.end() { (left, right) } else { (right, left) };
        let next = earlier.end().saturating_add(1);
        match later.start() {
            Some(start) if earlier.end() < later.end() && start == next => self.with_other_span(other),
            Some(start) if start > next => Err(Error::SpansGap { left, right }),
            _ => Err(Error::SpansOverlap { left, right }),
        }
    }

    /// The summaries of both sides' customers over the same days.
    fn with_other_customers(&self, other: &Summaries<K, A>) -> Result<Summaries<K, A>, Error> {
        let known = self.people.len() as u32;
        let mut people = People::clone(&self.people);
        let mut accounts: Vec<_> = self.people().map(|(.., account)| account.clone()).collect();
        for (customer, id, account) in other.people() {
            let number = people.intern(id, || id.clone());
            if number < known {
                let customer = format!("{id:?}");
                return Err(Error::CustomerInBoth { customer, observation: self.observation });
            }
            people.note_contact(number, other.people.contact(customer.index()));
            accounts.push(account.clone());
        }
        let both = |mine: &[u32], theirs: &[u32]| {
            mine.iter().copied().chain(theirs.iter().map(|number| number + known)).collect()
        };
        Ok(Summaries {
            people: Arc::new(people),
            observation: self.observation,
            places: Arc::new((0..accounts.len() as u32).collect()),
            accounts,
            later: both(&self.later, &other.later),
            past: both(&self.past, &other.past),
            rows_before: self.rows_before + other.rows_before,
            rows_after: self.rows_after + other.rows_after,
        })
    }

    /// The summaries of this span and of the one right before or after it.
    fn with_other_span(&self, other: &Summaries<K, A>) -> Result<Summaries<K, A>, Error> {
        let is_first = self.observation.end() < other.observation.end();
        let (earlier, later) = if is_first { (self, other) } else { (other, self) };
        let rules = *self.observation.rules();
        earlier.observation.check_cut(earlier.observation.end())?;
        earlier.check_left_out(earlier.rows_after, later, later.rows_within() + later.rows_after)?;
        later.check_left_out(later.rows_before, earlier, earlier.rows_within() + earlier.rows_before)?;

        let mut people = People::clone(&self.people);
        let mut accounts: Vec<_> = self.people().map(|(.., account)| account.clone()).collect();
        let mut unseen = self.later.clone();
        let mut past = if is_first { self.past.clone() } else { Vec::new() };
        for (customer, id, theirs) in other.people() {
            let number = people.intern(id, || id.clone());
            people.note_contact(number, other.people.contact(customer.index()));
            if other.later.binary_search(&customer.0).is_ok() {
                unseen.push(number);
            }
            if !is_first && other.past.binary_search(&customer.0).is_ok() {
                past.push(number);
            }
            let Some(mine) = accounts.get_mut(number as usize) else {
                accounts.push(theirs.clone());
                continue;
            };
            let (first, second) = if is_first { (&*mine, theirs) } else { (theirs, &*mine) };
            let joined = first.followed_by(second, rules.period());
            *mine = joined.map_err(|what| overflow(id, what))?;
        }
        let mut observation = Observation::until(later.observation.end()).with_rules(rules);
        if let Some(start) = earlier.observation.start() {
            observation = observation.with_start(start)?;
        }
        let has_lines =
            |number: u32| accounts.get(number as usize).is_some_and(|account| account.lines() > 0);
        past.retain(|&number| !has_lines(number));
        past.sort_unstable();
        unseen.sort_unstable();
        // One side may have met the people that the other side sees only later. Of people without a
        // line, a date of first contact decides.
        let is_later = |number: u32| {
            let seen = has_lines(number) || past.binary_search(&number).is_ok();
            let contact = people.contact(number as usize);
            !seen
                && match contact {
                    Some(contact) => contact > observation.end(),
                    None => unseen.binary_search(&number).is_ok(),
                }
        };
        let later_ones = (0..people.len() as u32).filter(|&number| is_later(number)).collect();
        Ok(Summaries {
            places: Arc::new((0..accounts.len() as u32).collect()),
            accounts,
            later: later_ones,
            past,
            observation,
            rows_before: earlier.rows_before,
            rows_after: later.rows_after,
            people: Arc::new(people),
        })
    }

    /// Lines that this part left out on the other part's side are either none, or all that the
    /// other part knows.
    fn check_left_out(&self, rows: u64, other: &Summaries<K, A>, held: u64) -> Result<(), Error> {
        if rows == 0 || rows == held {
            return Ok(());
        }
        Err(Error::RowsLost { part: self.observation, other: other.observation, rows, held })
    }

    /// Order lines within the observation.
    fn rows_within(&self) -> u64 {
        self.people().map(|(.., account)| account.lines()).sum()
    }
}
