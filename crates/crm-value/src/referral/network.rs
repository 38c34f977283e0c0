#![allow(clippy::indexing_slicing, reason = "numbers of people are indices: new and numbered check them")]

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use crm_numbers::{DuplicateError, UnknownNameError, check};

use crate::allocation::Weights;
use crate::{Error, NonNegative};

/// The word for weights in errors.
pub(super) const WEIGHTS: &str = "weights of the referrers of one person";

/// A referral of one person by another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Referral<K> {
    /// Person who recommended.
    pub referrer: K,
    /// Person who came.
    pub referred: K,
    /// Weight of the referrer among the referrers of the same person.
    pub weight: NonNegative,
}

impl<K> Referral<K> {
    /// Creates a referral with weight 1: several referrers of one person share the credit equally.
    pub fn new(referrer: K, referred: K) -> Self {
        Self { referrer, referred, weight: NonNegative::from(1_u32) }
    }

    /// Sets the weight.
    #[must_use]
    pub fn with_weight(self, weight: NonNegative) -> Self {
        Self { weight, ..self }
    }
}

/// Referrals between people, to any depth and without circles.
///
/// It is built once, in time proportional to people and referrals and without recursion, so that
/// chains of a million people do not exhaust the stack. [`ReferralNetwork::equity`] computes the
/// value of the referrals.
///
/// # Examples
///
/// ```
/// use crm_value::{Referral, ReferralNetwork};
///
/// let network = ReferralNetwork::new(
///     ["ada", "bob", "cyd"],
///     [Referral::new("ada", "bob"), Referral::new("bob", "cyd")],
/// )?;
/// assert_eq!(network.longest_chain(), 2);
///
/// let circle = [Referral::new("ada", "bob"), Referral::new("bob", "cyd"), Referral::new("cyd", "ada")];
/// assert_eq!(
///     ReferralNetwork::new(["ada", "bob", "cyd"], circle).unwrap_err().to_string(),
///     "referrals form a circle: ada -> bob -> cyd -> ada"
/// );
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ReferralNetwork<K> {
    people: Vec<K>,
    pub(super) outside: Vec<bool>,
    /// Start of the referrers of each person, and the end of the last person's.
    starts: Vec<usize>,
    referrers: Vec<(u32, NonNegative)>,
    /// Everybody after all those whom they referred.
    pub(super) order: Vec<u32>,
    longest: u32,
}

impl<K: Clone + Eq + Hash + Display> ReferralNetwork<K> {
    /// Creates the network of people and referrals.
    ///
    /// # Errors
    ///
    /// [`InputError::Duplicate`](crate::InputError::Duplicate) for a person or a referral that is
    /// named twice, [`InputError::UnknownName`](crate::InputError::UnknownName) for a referral of a
    /// person who is not among the people, [`Error::Cycle`], [`Error::NoTotal`] where all referrers
    /// of a person have weight 0, [`Error::Overflow`] in the row of a referrer where the weights of
    /// one person, written out to the finest decimal among them, have more than 38 digits together,
    /// and [`InputError::Range`](crate::InputError::Range) for more than 2^32 - 1 people.
    pub fn new(
        people: impl IntoIterator<Item = K>,
        referrals: impl IntoIterator<Item = Referral<K>>,
    ) -> Result<Self, Error> {
        let people: Vec<K> = people.into_iter().collect();
        check::range("number of people", people.len() as u64, ..=u64::from(u32::MAX))?;
        let mut numbers = HashMap::with_capacity(people.len());
        for (place, person) in people.iter().enumerate() {
            // A copy, because a look at the person behind a reference costs as much as the look-up.
            if numbers.insert(person.clone(), place as u32).is_some() {
                return Err(Error::Input(DuplicateError::new("people", person, place).into()));
            }
        }
        let find =
            |kind, person: &K| numbers.get(person).copied().ok_or_else(|| unknown(kind, person, &people));
        let mut edges = Vec::new();
        for Referral { referrer, referred, weight } in referrals {
            edges.push((find("referred person", &referred)?, find("referrer", &referrer)?, weight));
        }
        drop(numbers);
        Self::of_edges(people, edges)
    }

    /// Sorts edges of referred, referrer and weight by person.
    fn of_edges(people: Vec<K>, mut edges: Vec<(u32, u32, NonNegative)>) -> Result<Self, Error> {
        edges.sort_unstable_by_key(|(referred, referrer, _)| (*referred, *referrer));
        let name = |number: u32| people[number as usize].to_string();
        for (one, next) in edges.iter().zip(edges.iter().skip(1)) {
            if (one.0, one.1) == (next.0, next.1) {
                return Err(Error::RepeatedReferral { referrer: name(one.1), referred: name(one.0) });
            }
        }
        let mut starts = Vec::with_capacity(people.len() + 1);
        let mut start = 0;
        for person in 0..people.len() as u32 {
            starts.push(start);
            let of_person = &edges[start..];
            let end = start + of_person.iter().take_while(|(referred, ..)| *referred == person).count();
            let weights = &edges[start..end];
            // One referrer has all the credit; what several have must be comparable.
            if let [_, _, ..] = weights {
                let weights: Vec<NonNegative> = weights.iter().map(|(.., weight)| *weight).collect();
                Weights::new(WEIGHTS, &weights)?;
            } else if weights.iter().any(|(.., weight)| *weight == NonNegative::ZERO) {
                return Err(Error::NoTotal { name: WEIGHTS });
            }
            start = end;
        }
        starts.push(start);
        let referrers = edges.iter().map(|(_, referrer, weight)| (*referrer, *weight)).collect();
        let outside = vec![false; people.len()];
        let mut network = Self { people, outside, starts, referrers, order: Vec::new(), longest: 0 };
        network.sort()?;
        Ok(network)
    }

    /// Marks people who are not customers of the base that is valued: their value is counted
    /// nowhere else, so that it is credited to their referrers under either
    /// [`ReferralRule`](crate::ReferralRule).
    ///
    /// # Errors
    ///
    /// [`InputError::UnknownName`](crate::InputError::UnknownName) for a person who is not among
    /// the people.
    pub fn with_outsiders(mut self, outsiders: impl IntoIterator<Item = K>) -> Result<Self, Error> {
        let numbers: HashMap<&K, usize> = self.people.iter().zip(0..).collect();
        for person in outsiders {
            match numbers.get(&person) {
                Some(&number) => self.outside[number] = true,
                None => return Err(unknown("outsider", &person, &self.people)),
            }
        }
        Ok(self)
    }

    /// Sorts the persons so that each comes after all persons they referred, or names a circle.
    fn sort(&mut self) -> Result<(), Error> {
        let mut open = vec![0_u32; self.people.len()];
        for (referrer, _) in &self.referrers {
            open[*referrer as usize] += 1;
        }
        let mut below = vec![0_u32; self.people.len()];
        let mut order: Vec<u32> = (0..self.people.len() as u32)
            .zip(&open)
            .filter(|(_, open)| **open == 0)
            .map(|(person, _)| person)
            .collect();
        let mut next = 0;
        while let Some(&person) = order.get(next) {
            next += 1;
            let chain = below[person as usize] + 1;
            for (referrer, _) in self.referrers_of(person) {
                let index = *referrer as usize;
                below[index] = below[index].max(chain);
                open[index] -= 1;
                if open[index] == 0 {
                    order.push(*referrer);
                }
            }
        }
        if order.len() < self.people.len() {
            return Err(self.circle(&open));
        }
        self.order = order;
        self.longest = below.into_iter().max().unwrap_or(0);
        Ok(())
    }

    /// Walks down from somebody who never came up in the order until a person comes again.
    fn circle(&self, open: &[u32]) -> Error {
        let stuck = |person: u32| open[person as usize] > 0;
        let mut down = vec![None; self.people.len()];
        for referred in (0..self.people.len() as u32).filter(|person| stuck(*person)) {
            for (referrer, _) in self.referrers_of(referred) {
                down[*referrer as usize] = Some(referred);
            }
        }
        let step = |person: u32| down[person as usize];
        // After as many steps as there are people, the walk is inside a circle.
        let start = (0..self.people.len() as u32).find(|person| stuck(*person)).unwrap_or(0);
        let inside = (0..self.people.len()).fold(start, |person, _| step(person).unwrap_or(person));
        let mut circle = vec![inside];
        let mut person = inside;
        while let Some(next) = step(person) {
            circle.push(next);
            person = next;
            if next == inside {
                break;
            }
        }
        // The circle is told from the person who stands first in the input.
        circle.pop();
        let first =
            circle.iter().enumerate().min_by_key(|(_, person)| **person).map_or(0, |(place, _)| place);
        circle.rotate_left(first);
        circle.extend(circle.first().copied());
        let name = |number: &u32| self.people[*number as usize].to_string();
        Error::Cycle { people: circle.iter().map(name).collect() }
    }
}

fn unknown<K: Display>(kind: &'static str, person: &K, people: &[K]) -> Error {
    Error::Input(UnknownNameError::new(kind, person, people).into())
}

impl ReferralNetwork<u32> {
    /// Creates the network of people numbered from 0 to `people` - 1, without the look-up of names
    /// that takes most of the time of [`ReferralNetwork::new`].
    ///
    /// # Errors
    ///
    /// As [`ReferralNetwork::new`].
    ///
    /// # Examples
    ///
    /// ```
    /// use crm_value::{Referral, ReferralNetwork};
    ///
    /// let network = ReferralNetwork::numbered(3, [Referral::new(0, 1), Referral::new(1, 2)])?;
    /// assert_eq!(network, ReferralNetwork::new(0..3, [Referral::new(0, 1), Referral::new(1, 2)])?);
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    pub fn numbered(people: u32, referrals: impl IntoIterator<Item = Referral<u32>>) -> Result<Self, Error> {
        let mut edges = Vec::new();
        for Referral { referrer, referred, weight } in referrals {
            check::index("people", referred as usize, people as usize)?;
            check::index("people", referrer as usize, people as usize)?;
            edges.push((referred, referrer, weight));
        }
        Self::of_edges((0..people).collect(), edges)
    }
}

impl<K> ReferralNetwork<K> {
    /// Returns the people, in the order given.
    #[must_use]
    pub fn people(&self) -> &[K] {
        &self.people
    }

    /// Returns the number of referrals.
    #[must_use]
    pub fn referrals(&self) -> usize {
        self.referrers.len()
    }

    /// Returns the number of steps in the longest chain of referrals.
    #[must_use]
    pub fn longest_chain(&self) -> u32 {
        self.longest
    }

    pub(super) fn referrers_of(&self, person: u32) -> &[(u32, NonNegative)] {
        let index = person as usize;
        debug_assert!(index + 1 < self.starts.len(), "a start for each person, and the end of the last");
        &self.referrers[self.starts[index]..self.starts[index + 1]]
    }
}
