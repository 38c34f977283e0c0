use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
#[cfg(doc)]
use crm_numbers::InputError;
use crm_numbers::check;

use crate::Error;

/// A contact of a unit of the company with a customer: a call, a letter, a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CustomerContact {
    /// Id of the customer.
    pub customer: String,
    /// Unit that made the contact.
    pub unit: String,
    /// Day of the contact.
    pub day: NaiveDate,
}

/// The contacts of several units with one customer in one week.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ContactWeek {
    /// Id of the customer.
    pub customer: String,
    /// Year of the week, by ISO 8601.
    pub year: i32,
    /// Number of the week in the year, by ISO 8601, from 1; weeks begin on Monday.
    pub week: u32,
    /// Number of contacts.
    pub contacts: u64,
    /// Units that made them, in alphabetical order.
    pub units: Vec<String>,
}

/// Finds the customers whom at least `units` units contacted in one week; those with most units
/// first, then by week and customer.
///
/// # Errors
///
/// [`InputError::Range`] for 0 `units`.
///
/// # Examples
///
/// ```
/// use crm_satisfaction::NaiveDate;
/// use crm_satisfaction::feedback::{CustomerContact, contact_weeks};
///
/// let contact = |unit: &str, day| CustomerContact {
///     customer: "ada".to_owned(),
///     unit: unit.to_owned(),
///     day: NaiveDate::from_ymd_opt(2025, 1, day).unwrap(),
/// };
/// // Monday the 6th to Sunday the 12th is one week.
/// let weeks = contact_weeks(&[contact("sales", 6), contact("service", 12), contact("sales", 13)], 2)?;
/// assert_eq!((weeks.len(), weeks[0].year, weeks[0].week, weeks[0].units.len()), (1, 2025, 2, 2));
/// # Ok::<(), crm_satisfaction::Error>(())
/// ```
pub fn contact_weeks(contacts: &[CustomerContact], units: usize) -> Result<Vec<ContactWeek>, Error> {
    check::range("units", units, 1..)?;
    let mut weeks: BTreeMap<_, (u64, BTreeSet<&str>)> = BTreeMap::new();
    for contact in contacts {
        let week = contact.day.iso_week();
        let (count, by) = weeks.entry((week.year(), week.week(), contact.customer.as_str())).or_default();
        *count += 1;
        by.insert(&contact.unit);
    }
    let mut found: Vec<ContactWeek> = weeks
        .into_iter()
        .filter(|(_, (_, by))| by.len() >= units)
        .map(|((year, week, customer), (contacts, by))| ContactWeek {
            customer: customer.to_owned(),
            year,
            week,
            contacts,
            units: by.into_iter().map(str::to_owned).collect(),
        })
        .collect();
    found.sort_by_key(|week| std::cmp::Reverse(week.units.len()));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turn_of_the_year_is_one_week_and_the_same_unit_counts_once() {
        let contact = |customer: &str, unit: &str, date: (i32, u32, u32)| CustomerContact {
            customer: customer.to_owned(),
            unit: unit.to_owned(),
            day: NaiveDate::from_ymd_opt(date.0, date.1, date.2).unwrap(),
        };
        let contacts = [
            contact("ada", "sales", (2024, 12, 31)),
            contact("ada", "sales", (2025, 1, 1)),
            contact("ada", "billing", (2025, 1, 5)),
            contact("bob", "sales", (2025, 1, 1)),
            contact("bob", "sales", (2025, 1, 2)),
        ];
        let weeks = contact_weeks(&contacts, 2).unwrap();
        assert_eq!(weeks.len(), 1);
        assert_eq!((weeks[0].year, weeks[0].week, weeks[0].contacts), (2025, 1, 3));
        assert_eq!(weeks[0].units, ["billing", "sales"]);
        assert_eq!(contact_weeks(&contacts, 1).unwrap().len(), 2);
        assert_eq!(contact_weeks(&[], 0).unwrap_err().to_string(), "units must be at least 1, got 0");
    }
}
