//! Values of other files, joined by the id of the customer.

use std::fmt::Debug;
use std::hash::Hash;

use crm_numbers::{Amount, DuplicateError, InputError};

use crate::{CustomerTable, Error};

/// How the rows of another file met the customers of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Joined {
    /// Customers of the table with a row in the file.
    pub customers: u64,
    /// Customers of the table without a row in the file: their value is missing.
    pub missing: u64,
    /// Rows of the file about somebody who is not in the table.
    pub strangers: u64,
}

impl<K: Eq + Hash + Debug, A: Amount> CustomerTable<'_, K, A> {
    /// Joins one value per id, in the order of the rows of the table; an id that occurs twice is
    /// refused.
    pub(crate) fn join<V>(
        &self,
        name: &str,
        rows: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(Vec<Option<V>>, Joined), Error> {
        let mut values: Vec<Option<V>> = Vec::new();
        values.resize_with(self.len(), || None);
        let mut joined = Joined { customers: 0, missing: 0, strangers: 0 };
        for (line, (id, value)) in rows.into_iter().enumerate() {
            let index = self.ledger.find(&id).and_then(|customer| self.index_of(customer));
            match index.and_then(|index| values.get_mut(index)) {
                None => joined.strangers += 1,
                Some(slot) if slot.is_some() => {
                    let twice = DuplicateError::new(format!("ids of {name:?}"), format!("{id:?}"), line);
                    return Err(InputError::from(twice).into());
                }
                Some(slot) => {
                    *slot = Some(value);
                    joined.customers += 1;
                }
            }
        }
        joined.missing = self.len() as u64 - joined.customers;
        Ok((values, joined))
    }
}
