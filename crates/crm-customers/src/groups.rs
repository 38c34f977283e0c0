//! Columns that put every customer into a group: ABC, loyalty, contacts, attributes.

use std::fmt::Debug;
use std::hash::Hash;

use crm_history::Day;
use crm_numbers::{Amount, check};
use crm_segmentation::Assignments;
use crm_segmentation::abc::{AbcFit, AbcScheme};
use crm_segmentation::contact::{Cadence, Due};
use crm_segmentation::loyalty::{LoyaltyPyramid, Person, States};

use crate::columns::ColumnGroup;
use crate::{Cell, CustomerTable, Error, Joined};

/// Name of the group of rows without a value in a column that was joined by id.
const UNKNOWN: &str = "(unknown)";

/// A column of groups.
pub(crate) struct GroupColumn {
    name: String,
    groups: Assignments,
    /// How the column was joined, if it was; rows without a value are then in [`UNKNOWN`].
    joined: Option<Joined>,
}

impl GroupColumn {
    pub(crate) fn name(&self, row: usize) -> Option<&str> {
        self.groups.name(row).filter(|name| self.joined.is_none() || *name != UNKNOWN)
    }
}

impl<A> ColumnGroup<A> for GroupColumn {
    fn names(&self) -> Vec<&str> {
        vec![&self.name]
    }

    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>) {
        cells.push(Cell::maybe(self.name(row), Cell::text));
    }

    fn groups(&self, column: &str) -> Option<&Assignments> {
        (column == self.name).then_some(&self.groups)
    }

    fn group(&self, column: &str, row: usize) -> Option<&str> {
        (column == self.name).then(|| self.name(row)).flatten()
    }
}

/// Loyalty level and state.
pub(crate) struct LoyaltyColumns {
    levels: Assignments,
    states: Assignments,
}

impl<A> ColumnGroup<A> for LoyaltyColumns {
    fn names(&self) -> Vec<&str> {
        vec!["loyalty_level", "state"]
    }

    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>) {
        cells.extend([&self.levels, &self.states].map(|groups| Cell::maybe(groups.name(row), Cell::text)));
    }

    fn groups(&self, column: &str) -> Option<&Assignments> {
        match column {
            "loyalty_level" => Some(&self.levels),
            "state" => Some(&self.states),
            _ => None,
        }
    }
}

impl<A> ColumnGroup<A> for Due {
    fn names(&self) -> Vec<&str> {
        vec!["next_contact", "days_overdue"]
    }

    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>) {
        let next = self.next().get(row).copied().flatten();
        let late = next.and_then(|_| self.overdue().get(row).copied());
        cells.push(Cell::maybe(next, Cell::Day));
        cells.push(Cell::maybe(late, |days| Cell::Count(u64::from(days))));
    }
}

impl<K, A: Amount> CustomerTable<'_, K, A> {
    /// Adds the class of each customer by spend, with cut values fitted to this table.
    ///
    /// # Errors
    ///
    /// [`Error::Segmentation`] if the table has no rows or a sum of the spend does not fit its type;
    /// [`Error::ColumnTaken`].
    pub fn with_abc(self, scheme: AbcScheme) -> Result<Self, Error> {
        let fit = scheme.fit(&self.spend)?;
        self.with_abc_fit(&fit)
    }

    /// Adds the class of each customer by the cut values of an earlier fit.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnTaken`].
    pub fn with_abc_fit(self, fit: &AbcFit<A>) -> Result<Self, Error> {
        let groups = fit.assign(&self.spend)?;
        self.with_groups("abc_class", groups)
    }

    /// Adds a column of groups from any scheme; its rows are those of the table.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for another number of customers than the table has rows;
    /// [`Error::ColumnTaken`].
    pub fn with_groups(mut self, name: impl Into<String>, groups: Assignments) -> Result<Self, Error> {
        let name = name.into();
        self.check_free(&[&name])?;
        check::length("assigned customers", groups.len(), self.len())?;
        self.group_columns.push(GroupColumn { name, groups, joined: None });
        Ok(self)
    }

    /// Adds the level of each customer in the loyalty pyramid, and the state.
    ///
    /// Levels use the share of wallet and the referrals if the table has them
    /// ([`with_share_of_wallet`](Self::with_share_of_wallet),
    /// [`with_referrals`](Self::with_referrals)); without them they are unknown, not zero.
    ///
    /// # Errors
    ///
    /// [`Error::ColumnTaken`].
    pub fn with_loyalty(mut self, pyramid: LoyaltyPyramid, states: States) -> Result<Self, Error> {
        self.check_free(&["loyalty_level", "state"])?;
        let person = |(row, &purchases)| Person {
            purchases,
            share_of_wallet: self.wallet.as_ref().and_then(|wallet| wallet.get(row)),
            referrals: self.referrals.as_ref().and_then(|referrals| referrals.get(row)),
        };
        let people: Vec<Person> = self.purchases.iter().enumerate().map(person).collect();
        let levels = pyramid.assign(&people);
        let states = states.assign(&self.purchases, &self.idle_days, None)?;
        self.loyalty = Some(LoyaltyColumns { levels, states });
        Ok(self)
    }

    /// Adds the day of the next contact by ABC class, counted from the last order or, for people
    /// without an order, from the first contact of the roster.
    ///
    /// # Errors
    ///
    /// [`Error::MissingGroup`] without ABC classes; [`Error::ColumnTaken`].
    pub fn with_contacts(mut self, cadence: &Cadence) -> Result<Self, Error> {
        self.check_free(&["next_contact", "days_overdue"])?;
        let missing = Error::MissingGroup { group: "contacts", needed: "ABC classes", call: "with_abc" };
        let classes = self.assignments("abc_class").map_err(|_| missing)?;
        let end = self.end();
        let last = |&customer| -> Option<Day> {
            let bought = self.summaries.get(customer).map(|summary| summary.last_purchase);
            bought.or_else(|| self.ledger.first_contact(customer).filter(|contact| *contact <= end))
        };
        let last: Vec<Option<Day>> = self.customers.iter().map(last).collect();
        self.contacts = Some(cadence.due(classes, &last, end)?);
        Ok(self)
    }

    /// Returns the plan of contacts, if the table has one.
    #[must_use]
    pub fn contacts(&self) -> Option<&Due> {
        self.contacts.as_ref()
    }
}

impl<K: Eq + Hash + Debug, A: Amount> CustomerTable<'_, K, A> {
    /// Adds a column of groups that are known by the id of the customer, such as branch or channel.
    ///
    /// Customers without a row have a missing cell, and are summed up in the group `(unknown)`. See
    /// [`joined`](Self::joined) for how many there are.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an id that occurs twice or an empty value; [`Error::ColumnTaken`].
    pub fn with_attribute<V: AsRef<str>>(
        mut self,
        name: impl Into<String>,
        rows: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Error> {
        let name = name.into();
        self.check_free(&[&name])?;
        let (values, joined) = self.join(&name, rows)?;
        let keys: Vec<&str> =
            values.iter().map(|value| value.as_ref().map_or(UNKNOWN, AsRef::as_ref)).collect();
        let groups = Assignments::by_key(&keys)?;
        self.group_columns.push(GroupColumn { name, groups, joined: Some(joined) });
        Ok(self)
    }
}

impl<K, A: Amount> CustomerTable<'_, K, A> {
    /// Returns how the rows of a column that was joined by id met the customers of the table.
    #[must_use]
    pub fn joined(&self, column: &str) -> Option<Joined> {
        let attribute = self.group_columns.iter().find(|group| group.name == column);
        attribute.and_then(|group| group.joined).or_else(|| self.joins.get(column).copied())
    }
}
