//! Columns of single values that are known by the id of the customer.

use std::fmt::Debug;
use std::hash::Hash;

use crm_numbers::{Amount, Share, check};

use crate::columns::ColumnGroup;
use crate::{Cell, CustomerTable, Error};

/// A column of values that were joined by id.
pub(crate) struct KnownColumn<V> {
    name: &'static str,
    values: Vec<Option<V>>,
}

impl<V: Copy> KnownColumn<V> {
    pub(crate) fn get(&self, row: usize) -> Option<V> {
        self.values.get(row).copied().flatten()
    }
}

/// A value that has a form as a cell.
pub(crate) trait Known: Copy {
    fn cell<A>(self) -> Cell<'static, A>;
}

impl Known for f64 {
    fn cell<A>(self) -> Cell<'static, A> {
        Cell::Number(self)
    }
}

impl Known for u32 {
    fn cell<A>(self) -> Cell<'static, A> {
        Cell::Count(u64::from(self))
    }
}

impl Known for Share {
    fn cell<A>(self) -> Cell<'static, A> {
        Cell::Money(self.get())
    }
}

impl<A, V: Known> ColumnGroup<A> for KnownColumn<V> {
    fn names(&self) -> Vec<&str> {
        vec![self.name]
    }

    fn push_cells<'t>(&'t self, row: usize, cells: &mut Vec<Cell<'t, A>>) {
        cells.push(Cell::maybe(self.get(row), Known::cell));
    }
}

impl<K: Eq + Hash + Debug, A: Amount> CustomerTable<'_, K, A> {
    /// Adds the satisfaction of the customers who answered a survey, from 0 to 100.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for a value outside 0 to 100 and an id that occurs twice;
    /// [`Error::ColumnTaken`].
    pub fn with_satisfaction(mut self, rows: impl IntoIterator<Item = (K, f64)>) -> Result<Self, Error> {
        let column = self.known("satisfaction", rows)?;
        for value in column.values.iter().flatten() {
            check::range("satisfaction", *value, 0.0..=100.0)?;
        }
        self.satisfaction = Some(column);
        Ok(self)
    }

    /// Adds the share of wallet of the customers for whom it is known.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an id that occurs twice; [`Error::ColumnTaken`].
    pub fn with_share_of_wallet(mut self, rows: impl IntoIterator<Item = (K, Share)>) -> Result<Self, Error> {
        self.wallet = Some(self.known("share_of_wallet", rows)?);
        Ok(self)
    }

    /// Adds the number of referrals of the customers who were asked.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an id that occurs twice; [`Error::ColumnTaken`].
    pub fn with_referrals(mut self, rows: impl IntoIterator<Item = (K, u32)>) -> Result<Self, Error> {
        self.referrals = Some(self.known("referrals", rows)?);
        Ok(self)
    }

    fn known<V>(
        &mut self,
        name: &'static str,
        rows: impl IntoIterator<Item = (K, V)>,
    ) -> Result<KnownColumn<V>, Error> {
        self.check_free(&[name])?;
        let (values, joined) = self.join(name, rows)?;
        self.joins.insert(name, joined);
        Ok(KnownColumn { name, values })
    }
}
