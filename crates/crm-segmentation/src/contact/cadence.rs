use crm_history::Day;
use crm_numbers::check;

use crate::assignments::check_names;
use crate::{Assignments, Error};

/// The interval between contacts with the customers of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", deny_unknown_fields))]
pub enum Every {
    /// After at most so many days.
    Days(u16),
    /// There is no plan.
    Never,
}

/// Contact intervals per class: by default A weekly or more often, B twice a month, C monthly.
///
/// `next contact = last contact + days of the class`; it is overdue when that day is past. Who was
/// never contacted is due today.
///
/// # Examples
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
#[cfg_attr(feature = "serde", serde(remote = "Self", deny_unknown_fields))]
pub struct Cadence {
    groups: Vec<CadenceLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct CadenceLine {
    group: String,
    every: Every,
}

crm_numbers::gate!(Cadence, Cadence::checked);

/// The next contact with every customer.
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
    ///
    /// [`Error::Input`] for a group named twice, for every 0 days.
    pub fn new<N: Into<String>>(every: impl IntoIterator<Item = (N, Every)>) -> Result<Self, Error> {
        let line = |(name, every): (N, Every)| CadenceLine { group: name.into(), every };
        Self { groups: every.into_iter().map(line).collect() }.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let names: Vec<&str> = self.groups.iter().map(|line| line.group.as_str()).collect();
        check_names("groups of the cadence", &names)?;
        let days = self.groups.iter().map(|line| match line.every {
            Every::Days(days) => u32::from(days),
            Every::Never => u32::MAX,
        });
        check::range_of_all("days between contacts", &days.collect::<Vec<u32>>(), 1..)?;
        Ok(self)
    }

    /// Returns the contact interval of a group.
    #[must_use]
    pub fn interval_of(&self, group: &str) -> Every {
        self.groups.iter().find(|line| line.group == group).map_or(Every::Never, |line| line.every)
    }

    /// Schedules the next contact with each customer from the last one, and finds the contacts that
    /// are overdue today.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for another number of contacts than customers, for a contact after today.
    pub fn due(&self, groups: &Assignments, last_contact: &[Option<Day>], today: Day) -> Result<Due, Error> {
        check::length("last contacts", last_contact.len(), groups.len())?;
        let every: Vec<Every> = groups.names().iter().map(|name| self.interval_of(name)).collect();
        let mut due = (
            Vec::with_capacity(groups.len()),
            Vec::with_capacity(groups.len()),
            Vec::with_capacity(groups.len()),
        );
        for (row, (code, last)) in groups.codes().iter().zip(last_contact).enumerate() {
            if let Some(future) = last.filter(|last| *last > today) {
                return Err(Error::FutureContact {
                    customer: row,
                    contact: future.date(),
                    today: today.date(),
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
        let line =
            |(group, days): (&str, u16)| CadenceLine { group: group.to_owned(), every: Every::Days(days) };
        Self { groups: [("A", 7), ("B", 15), ("C", 30)].map(line).to_vec() }
    }
}

impl Due {
    /// Returns the day of the next contact; `None` without a plan.
    #[must_use]
    pub fn next(&self) -> &[Option<Day>] {
        &self.next
    }

    /// Returns the number of days by which each contact is late; 0 for contacts that are not.
    #[must_use]
    pub fn overdue(&self) -> &[u32] {
        &self.overdue
    }

    /// Returns the status of each contact, overdue, due today, planned or without a plan, as
    /// assignments for tables.
    #[must_use]
    pub fn status(&self) -> &Assignments {
        &self.status
    }

    /// Returns the customers to contact first: overdue or due today, the most overdue first, ties
    /// in the order of the input.
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
            "days between contacts[0] must be at least 1, got 0"
        );
        assert!(
            text(Cadence::new([("A", Every::Never), ("A", Every::Never)]))
                .starts_with("groups of the cadence")
        );
        let classes = Assignments::new(["A"], [0]).unwrap();
        let refused = Cadence::default().due(&classes, &[Some(day(2))], day(1)).unwrap_err();
        assert_eq!(refused.to_string(), "last contact of customer 0, 1970-01-03, is after today, 1970-01-02");
    }
}
