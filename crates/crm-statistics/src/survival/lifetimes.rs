//! Times for which customers were observed.

use std::iter::Peekable;
use std::slice::Iter;

use crm_numbers::{Amount, InputError, check};

use crate::Error;

/// The time for which each customer was observed, and whether the customer was lost at its end: the
/// input of every survival estimate.
///
/// Customers are counted by distinct time once; each estimate is one pass over those counts.
///
/// # Examples
///
/// ```
/// use crm_statistics::survival::Lifetimes;
///
/// let observed = Lifetimes::new(&[4, 4, 7], &[true, false, false])?;
/// assert_eq!((observed.customers(), observed.losses(), observed.last()), (3, 1, 7.0));
/// assert_eq!((observed.at_risk(4.0), observed.at_risk(5.0)), (3, 1));
/// # Ok::<(), crm_statistics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Lifetimes {
    /// By ascending distinct time.
    exits: Vec<Exit>,
    /// Entries by ascending distinct time, with the number of customers who entered by then; `None`
    /// without left truncation.
    entries: Option<Vec<(f64, u64)>>,
    customers: u64,
    losses: u64,
}

/// Customers whose observation ends at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Exit {
    pub(super) time: f64,
    pub(super) losses: u64,
    pub(super) censored: u64,
}

impl Lifetimes {
    /// Creates lifetimes observed from the start of each relationship: the time until the loss
    /// (`lost`), or until the end of observation (not `lost`: right-censored).
    ///
    /// Times of whole days, weeks or months are counted; others are sorted.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] without times, for a time that is negative or not finite, and for another
    /// number of flags than times.
    pub fn new<T: Amount>(times: &[T], lost: &[bool]) -> Result<Self, Error> {
        check_times("times", times)?;
        check::length("loss flags", lost.len(), times.len())?;
        let exits = count(times, lost);
        let losses = exits.iter().map(|exit| exit.losses).sum();
        Ok(Self { exits, entries: None, customers: times.len() as u64, losses })
    }

    /// Creates lifetimes of customers who entered observation late: customers lost before their
    /// entry could not be observed (left truncation).
    ///
    /// This is the case of records that begin on a day on which many customers were active already.
    /// Times and entries count from the start of each relationship.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`Error::Input`] unless each entry is before the end of
    /// observation.
    pub fn with_entries<T: Amount>(entries: &[T], times: &[T], lost: &[bool]) -> Result<Self, Error> {
        let mut lifetimes = Self::new(times, lost)?;
        check::length("entries", entries.len(), times.len())?;
        check_times("entries", entries)?;
        for (entry, time) in entries.iter().zip(times) {
            // As the doubles that everything is counted in: two times may differ by less than those
            // tell.
            if entry.to_f64() >= time.to_f64() {
                return Err(InputError::range("entry", entry.to_f64(), ..time.to_f64()).into());
            }
        }
        let mut entered = 0;
        let cumulative = count(entries, &vec![true; entries.len()]).into_iter().map(|entry| {
            entered += entry.losses;
            (entry.time, entered)
        });
        lifetimes.entries = Some(cumulative.collect());
        Ok(lifetimes)
    }

    /// Returns the number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Returns the number of customers lost.
    #[must_use]
    pub fn losses(&self) -> u64 {
        self.losses
    }

    /// Returns the longest time that any customer was observed.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.exits.last().map_or(0.0, |exit| exit.time)
    }

    /// Returns the number of customers at risk just before `time`: entered before it, and observed
    /// at least until it.
    #[must_use]
    pub fn at_risk(&self, time: f64) -> u64 {
        let left: u64 = self.exits.iter().take_while(|exit| exit.time < time).map(Exit::customers).sum();
        self.entered_before(time) - left
    }

    /// Each time at which an observation ends, with the number at risk just before it.
    pub(super) fn risks(&self) -> impl Iterator<Item = (u64, Exit)> + '_ {
        let mut walk = self.walk();
        self.exits.iter().map(move |&exit| (walk.risk(exit.time).0, exit))
    }

    /// Times at which customers were lost, in ascending order.
    pub(super) fn times_of_losses(&self) -> impl Iterator<Item = f64> + '_ {
        self.exits.iter().filter(|exit| exit.losses > 0).map(|exit| exit.time)
    }

    /// A walk through time.
    pub(super) fn walk(&self) -> Walk<'_> {
        let (entered, entries) = match &self.entries {
            None => (self.customers, [].iter()),
            Some(entries) => (0, entries.iter()),
        };
        Walk { exits: self.exits.iter().peekable(), entries: entries.peekable(), entered, left: 0 }
    }

    fn entered_before(&self, time: f64) -> u64 {
        let Some(entries) = &self.entries else { return self.customers };
        let after = entries.partition_point(|(entry, _)| *entry < time);
        after.checked_sub(1).and_then(|last| entries.get(last)).map_or(0, |(_, entered)| *entered)
    }
}

/// Numbers at risk at ascending times.
pub(super) struct Walk<'a> {
    exits: Peekable<Iter<'a, Exit>>,
    entries: Peekable<Iter<'a, (f64, u64)>>,
    entered: u64,
    left: u64,
}

impl Walk<'_> {
    /// Customers at risk just before `time`, and lost at it.
    pub(super) fn risk(&mut self, time: f64) -> (u64, u64) {
        while let Some(exit) = self.exits.next_if(|exit| exit.time < time) {
            self.left += exit.customers();
        }
        while let Some((_, by_then)) = self.entries.next_if(|(entry, _)| *entry < time) {
            self.entered = *by_then;
        }
        let losses = self.exits.peek().filter(|exit| exit.time <= time).map_or(0, |exit| exit.losses);
        (self.entered - self.left, losses)
    }
}

impl Exit {
    pub(super) fn customers(&self) -> u64 {
        self.losses + self.censored
    }
}

fn check_times<T: Amount>(name: &'static str, times: &[T]) -> Result<(), Error> {
    check::not_empty(name, times)?;
    Ok(check::amounts_not_negative(name, times)?)
}

/// Losses and censored customers by distinct time.
fn count<T: Amount>(times: &[T], lost: &[bool]) -> Vec<Exit> {
    match longest_whole(times) {
        Some(longest) => count_whole(times, lost, longest),
        None => count_sorted(times, lost),
    }
}

/// The longest time, if all are whole numbers and few enough to be counted in a table no longer
/// than the list.
fn longest_whole<T: Amount>(times: &[T]) -> Option<usize> {
    const SMALL: usize = 1 << 12;
    let limit = times.len().max(SMALL) as f64;
    let mut longest = 0.0_f64;
    // In blocks, so that a column of fractions is told at its first lines and the others are read
    // without a branch.
    for block in times.chunks(256) {
        let mut whole = true;
        for time in block {
            let time = time.to_f64();
            whole &= time <= limit && time.trunc() >= time;
            longest = longest.max(time);
        }
        if !whole {
            return None;
        }
    }
    Some(longest as usize)
}

fn count_whole<T: Amount>(times: &[T], lost: &[bool], longest: usize) -> Vec<Exit> {
    let mut counts = vec![[0_u64; 2]; longest + 1];
    for (time, &lost) in times.iter().zip(lost) {
        if let Some([censored, losses]) = counts.get_mut(time.to_f64() as usize) {
            *losses += u64::from(lost);
            *censored += u64::from(!lost);
        }
    }
    let seen = counts.iter().enumerate().filter(|(_, [censored, losses])| censored + losses > 0);
    seen.map(|(time, &[censored, losses])| Exit { time: time as f64, losses, censored }).collect()
}

fn count_sorted<T: Amount>(times: &[T], lost: &[bool]) -> Vec<Exit> {
    // The bits of doubles that are not negative ascend with them and leave the sign's place for the
    // outcome.
    let key = |(time, lost): (&T, &bool)| ((time.to_f64() + 0.0).to_bits() << 1) | u64::from(*lost);
    let mut keys: Vec<u64> = times.iter().zip(lost).map(key).collect();
    keys.sort_unstable();
    let mut exits: Vec<Exit> = Vec::with_capacity(keys.len());
    let mut last = None;
    for key in keys {
        let (bits, lost) = (key >> 1, key & 1);
        if last != Some(bits) {
            exits.push(Exit { time: f64::from_bits(bits), losses: 0, censored: 0 });
            last = Some(bits);
        }
        if let Some(exit) = exits.last_mut() {
            exit.losses += lost;
            exit.censored += 1 - lost;
        }
    }
    exits
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
mod tests {
    use super::*;
    use crm_numbers::Decimal;

    #[test]
    fn counting_and_sorting_agree() {
        let days = [3_i64, 0, 7, 3, 3, 12, 7];
        let lost = [true, false, true, true, false, false, true];
        let fractions = days.map(|day| day as f64);
        let counted = Lifetimes::new(&days, &lost).unwrap();
        assert_eq!(counted.exits, count_sorted(&fractions, &lost));
        assert_eq!(counted, Lifetimes::new(&days.map(Decimal::from), &lost).unwrap());
        assert_eq!(count_sorted(&[-0.0, 0.0], &[true, true]).len(), 1);
    }

    #[test]
    fn late_entries_are_at_risk_only_from_then_on() {
        let seen = Lifetimes::with_entries(&[0.0, 2.0, 4.5], &[3.0, 5.0, 6.0], &[true, true, false]).unwrap();
        let risks: Vec<u64> = seen.risks().map(|(at_risk, _)| at_risk).collect();
        assert_eq!(risks, [2, 2, 1]);
        assert_eq!([0.0, 2.0, 3.0, 4.0, 5.0, 7.0].map(|time| seen.at_risk(time)), [0, 1, 2, 1, 2, 0]);
    }

    #[test]
    fn errors_name_field_and_value() {
        let text = |times: &[f64], lost: &[bool]| Lifetimes::new(times, lost).unwrap_err().to_string();
        assert_eq!(text(&[], &[]), "times must not be empty");
        assert_eq!(text(&[1.0], &[]), "expected 1 loss flags, got 0");
        assert_eq!(text(&[1.0, -0.5], &[true; 2]), "times[1] must be at least 0, got -0.5");
        assert_eq!(text(&[f64::NAN], &[true]), "times[0] must be at least 0 and finite, got NaN");
        let text = |entries: &[i64]| Lifetimes::with_entries(entries, &[3], &[true]).unwrap_err().to_string();
        assert_eq!(text(&[3]), "entry must be less than 3, got 3");
        assert_eq!(text(&[1, 2]), "expected 1 entries, got 2");
        assert_eq!(text(&[-1]), "entries[0] must be at least 0, got -1");
        // One apart, and one double.
        let far = 1_i64 << 53;
        let refused = Lifetimes::with_entries(&[far], &[far + 1], &[true]).unwrap_err().to_string();
        assert_eq!(refused, "entry must be less than 9007199254740992, got 9007199254740992");
    }
}
