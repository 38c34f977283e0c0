//! People of a ledger: ids and their dense numbers.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::OnceLock;

use hashbrown::HashTable;

use crate::Day;

/// A customer of a ledger, as an index in order of first appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Customer(pub(crate) u32);

impl Customer {
    /// Returns the index into columns with one entry per customer.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Ids in order of their numbers. Hashing is seeded per process: ids may come from strangers.
#[derive(Clone)]
pub(crate) struct People<K> {
    ids: Vec<K>,
    contacts: Vec<Option<Day>>,
    index: OnceLock<Index>,
}

#[derive(Debug, Clone, Default)]
struct Index {
    hasher: RandomState,
    numbers: HashTable<u32>,
}

impl<K> People<K> {
    /// People with distinct ids; `contacts` may be shorter than `ids`.
    pub(crate) fn new(ids: Vec<K>, contacts: Vec<Option<Day>>) -> Self {
        People { ids, contacts, index: OnceLock::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn ids(&self) -> &[K] {
        &self.ids
    }

    pub(crate) fn contact(&self, number: usize) -> Option<Day> {
        self.contacts.get(number).copied().flatten()
    }

    /// The latest first contact of anybody.
    pub(crate) fn last_contact(&self) -> Option<Day> {
        self.contacts.iter().copied().flatten().max()
    }
}

impl<K: Eq + Hash> People<K> {
    pub(crate) fn find<Q: Eq + Hash + ?Sized>(&self, id: &Q) -> Option<Customer>
    where
        K: Borrow<Q>,
    {
        let index = self.index.get_or_init(|| Index::of(&self.ids));
        index.find(&self.ids, id).map(Customer)
    }

    /// The number of an id, a new one where the id is new; `make` is asked for the id only then.
    pub(crate) fn intern<Q: Eq + Hash + ?Sized>(&mut self, id: &Q, make: impl FnOnce() -> K) -> u32
    where
        K: Borrow<Q>,
    {
        let number = self.ids.len() as u32;
        match self.known_or(id, number) {
            Some(known) => known,
            None => {
                self.ids.push(make());
                number
            }
        }
    }

    /// The number of an id, a new one where the id is new.
    pub(crate) fn intern_owned(&mut self, id: K) -> u32 {
        let number = self.ids.len() as u32;
        match self.known_or(&id, number) {
            Some(known) => known,
            None => {
                self.ids.push(id);
                number
            }
        }
    }

    /// The known number of an id, or `None` after noting `number` for it.
    fn known_or<Q: Eq + Hash + ?Sized>(&mut self, id: &Q, number: u32) -> Option<u32>
    where
        K: Borrow<Q>,
    {
        self.index.get_or_init(|| Index::of(&self.ids));
        self.index.get_mut()?.find_or_insert(&self.ids, id, number)
    }

    /// Notes the earliest first contact that was given.
    pub(crate) fn note_contact(&mut self, number: u32, contact: Option<Day>) {
        let number = number as usize;
        if self.contacts.len() <= number {
            self.contacts.resize(number + 1, None);
        }
        if let (Some(known), Some(contact)) = (self.contacts.get_mut(number), contact) {
            *known = Some(known.map_or(contact, |known| known.min(contact)));
        }
    }
}

impl Index {
    fn of<K: Hash>(ids: &[K]) -> Self {
        let hasher = RandomState::new();
        let mut numbers = HashTable::with_capacity(ids.len());
        let hash_of = |number: &u32| ids.get(*number as usize).map_or(0, |id| hasher.hash_one(id));
        for number in 0..ids.len() as u32 {
            numbers.insert_unique(hash_of(&number), number, hash_of);
        }
        Index { hasher, numbers }
    }

    fn find<K: Borrow<Q>, Q: Eq + Hash + ?Sized>(&self, ids: &[K], id: &Q) -> Option<u32> {
        let same = |number: &u32| ids.get(*number as usize).is_some_and(|known| known.borrow() == id);
        self.numbers.find(self.hasher.hash_one(id), same).copied()
    }

    /// The known number of `id`, or `None` after taking `number` for it.
    fn find_or_insert<K: Borrow<Q> + Hash, Q: Eq + Hash + ?Sized>(
        &mut self,
        ids: &[K],
        id: &Q,
        number: u32,
    ) -> Option<u32> {
        let hasher = &self.hasher;
        let same = |number: &u32| ids.get(*number as usize).is_some_and(|known| known.borrow() == id);
        let hash = hasher.hash_one(id);
        let hash_of = |number: &u32| ids.get(*number as usize).map_or(hash, |id| hasher.hash_one(id));
        match self.numbers.entry(hash, same, hash_of) {
            hashbrown::hash_table::Entry::Occupied(known) => Some(*known.get()),
            hashbrown::hash_table::Entry::Vacant(free) => {
                free.insert(number);
                None
            }
        }
    }
}

impl<K: fmt::Debug> fmt::Debug for People<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("People").field("ids", &self.ids).field("contacts", &self.contacts).finish()
    }
}

impl<K: PartialEq> PartialEq for People<K> {
    fn eq(&self, other: &Self) -> bool {
        self.ids == other.ids
            && (0..self.ids.len()).all(|number| self.contact(number) == other.contact(number))
    }
}
