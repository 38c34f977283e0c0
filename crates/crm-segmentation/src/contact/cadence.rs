use crm_history::Day;

use crate::column::check_length;
use crate::{Assignments, Error};

/// How often the customers of a group are contacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Every {
    /// After at most so many days.
    Days(u16),
    /// There is no plan.
    Never,
}

/// How often each class is contacted: A at least weekly, B twice a month, C monthly, unless you say otherwise.
///
/// `next contact = last contact + days of the class`; it is overdue when that day is past. Who was never contacted is due
/// today.
///
/// ```
/// use crm_history::{Day, NaiveDate};
/// use crm_segmentation::Assignments;
/// use crm_segmentation::contact::Cadence;
///
/// let day = |d| Day::from(NaiveDate::from_ymd_opt(2025, 3, d).unwrap());
/// let classes = Assignments::new(["A", "B", "C", "non-positive"], [0, 1, 2, 3])?;
/// let due = Cadence::default().due(&classes, &[Some(day(1)), Some(day(10)), None, Some(day(1))], day(12))?;
/// // A week after the 1st was the 8th: four days late. 15 days after the 10th is the 25th.
/// assert_eq!((due.next()[0], due.overdue()[0]), (Some(day(8)), 4));
/// assert_eq!((due.next()[1], due.overdue()[1]), (Some(day(25)), 0));
/// assert_eq!((due.next()[2], due.next()[3]), (Some(day(12)), None));
/// assert_eq!(due.status().to_string(), "overdue: 1, due today: 1, planned: 1, no plan: 1");
/// # Ok::<(), crm_segmentation::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cadence {
    every: Vec<(String, Every)>,
}

/// When everybody is to be contacted next.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    next: Vec<Option<Day>>,
    overdue: Vec<u32>,
    status: Assignments,
}

impl Cadence {
    /// Days by the name of the group. Groups that are not named have no plan.
    ///
    /// # Errors
    /// [`Error::Name`] for a group named twice, [`Error::OutOfRange`] for every 0 days.
    pub fn new<N: Into<String>>(every: impl IntoIterator<Item = (N, Every)>) -> Result<Self, Error> {
        let every: Vec<(String, Every)> =
            every.into_iter().map(|(name, every)| (name.into(), every)).collect();
        let names: Vec<&str> = every.iter().map(|(name, _)| name.as_str()).collect();
        crate::assignments::check_names("groups of the cadence", &names)?;
        if every.iter().any(|(_, every)| *every == Every::Days(0)) {
            let allowed = "be at least 1".to_owned();
            return Err(Error::OutOfRange { field: "days between contacts", allowed, value: "0".to_owned() });
        }
        Ok(Self { every })
    }

    /// How often a group is contacted.
    #[must_use]
    pub fn of(&self, group: &str) -> Every {
        self.every.iter().find(|(name, _)| name == group).map_or(Every::Never, |(_, every)| *every)
    }

    /// The next contact of everybody, from the last one, and what is overdue today.
    ///
    /// # Errors
    /// [`Error::Length`] for another number of contacts than customers, [`Error::OutOfRange`] for a contact after today.
    pub fn due(&self, groups: &Assignments, last_contact: &[Option<Day>], today: Day) -> Result<Due, Error> {
        check_length(("last_contact", last_contact.len()), ("customers", groups.len()))?;
        let every: Vec<Every> = groups.names().iter().map(|name| self.of(name)).collect();
        let mut due = (
            Vec::with_capacity(groups.len()),
            Vec::with_capacity(groups.len()),
            Vec::with_capacity(groups.len()),
        );
        for (row, (code, last)) in groups.codes().iter().zip(last_contact).enumerate() {
            if let Some(future) = last.filter(|last| *last > today) {
                let allowed = format!("be at most today, {}, in row {row}", today.date());
                return Err(Error::OutOfRange {
                    field: "last_contact",
                    allowed,
                    value: future.date().to_string(),
                });
            }
            let next = match (every.get(*code as usize), last) {
                (Some(Every::Days(days)), Some(last)) => Some(last.saturating_add(i32::from(*days))),
                (Some(Every::Days(_)), None) => Some(today),
                _ => None,
            };
            let late = next.map_or(0, |next| today.days_since(next).max(0).unsigned_abs());
            due.0.push(next);
            due.1.push(late);
            due.2.push(match next {
                None => 3,
                Some(next) if next < today => 0,
                Some(next) => 1 + u8::from(next > today),
            });
        }
        let names = ["overdue", "due today", "planned", "no plan"];
        let reasons = [
            "the next contact is past",
            "the next contact is today",
            "the next contact is to come",
            "the group has no cadence",
        ];
        Ok(Due { next: due.0, overdue: due.1, status: Assignments::trusted(names, due.2).because(reasons) })
    }
}

/// A every 7 days, B every 15, C every 30.
impl Default for Cadence {
    fn default() -> Self {
        let every = [("A", 7), ("B", 15), ("C", 30)];
        Self { every: every.map(|(name, days)| (name.to_owned(), Every::Days(days))).to_vec() }
    }
}

impl Due {
    /// The day of the next contact; `None` without a plan.
    #[must_use]
    pub fn next(&self) -> &[Option<Day>] {
        &self.next
    }

    /// By how many days the contact is late; 0 where it is not.
    #[must_use]
    pub fn overdue(&self) -> &[u32] {
        &self.overdue
    }

    /// Overdue, due today, planned or without a plan: assignments, for tables.
    #[must_use]
    pub fn status(&self) -> &Assignments {
        &self.status
    }

    /// Who is to be contacted first: everybody overdue or due today, the latest first, ties in the order of the input.
    #[must_use]
    pub fn list(&self) -> Vec<usize> {
        let due = self.status.codes().iter().enumerate().filter(|(_, code)| **code < 2);
        let mut list: Vec<usize> = due.map(|(customer, _)| customer).collect();
        list.sort_by_key(|&customer| std::cmp::Reverse(self.overdue.get(customer).copied()));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i32) -> Day {
        Day::new(number).unwrap()
    }

    #[test]
    fn the_latest_come_first() {
        let classes = Assignments::new(["A", "B"], [0, 0, 1, 0]).unwrap();
        let last = [Some(day(93)), Some(day(80)), Some(day(80)), Some(day(99))];
        let due = Cadence::default().due(&classes, &last, day(100)).unwrap();
        assert_eq!(due.overdue(), [0, 13, 5, 0]);
        assert_eq!(due.list(), [1, 2, 0]);
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        let text = |result: Result<Cadence, Error>| result.unwrap_err().to_string();
        assert_eq!(
            text(Cadence::new([("A", Every::Days(0))])),
            "days between contacts must be at least 1, got 0"
        );
        assert!(
            text(Cadence::new([("A", Every::Never), ("A", Every::Never)]))
                .starts_with("groups of the cadence")
        );
        let classes = Assignments::new(["A"], [0]).unwrap();
        let refused = Cadence::default().due(&classes, &[Some(day(2))], day(1)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "last_contact must be at most today, 1970-01-02, in row 0, got 1970-01-03"
        );
    }
}
