use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use crate::allocation::Weights;
use crate::{Error, NonNegative};

/// The word for weights in errors.
pub(super) const WEIGHTS: &str = "weights of the referrers of one person";

/// One person who brought another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Referral<K> {
    /// Who recommended.
    pub referrer: K,
    /// Who came.
    pub referred: K,
    /// The referrer's part of the credit where several brought the same person, relative to the others' weights.
    pub weight: NonNegative,
}

impl<K> Referral<K> {
    /// A referral with weight 1: several referrers of one person share the credit equally.
    pub fn new(referrer: K, referred: K) -> Self {
        Self { referrer, referred, weight: NonNegative::from(1_u32) }
    }

    /// The same with another weight.
    #[must_use]
    pub fn with_weight(self, weight: NonNegative) -> Self {
        Self { weight, ..self }
    }
}

/// Who referred whom, to any depth; nobody can be at the start of a chain that leads back.
///
/// Built once, in time proportional to people and referrals and without recursion: chains of a million are no deeper
/// than the stack. What the referrals are worth is asked by [`ReferralNetwork::equity`].
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
///     "referrals must not form a circle, got ada -> bob -> cyd -> ada"
/// );
/// # Ok::<(), crm_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ReferralNetwork<K> {
    people: Vec<K>,
    pub(super) outside: Vec<bool>,
    /// Where the referrers of each person start, and where those of the last one end.
    starts: Vec<usize>,
    referrers: Vec<(u32, NonNegative)>,
    /// Everybody after all those whom they referred.
    pub(super) order: Vec<u32>,
    longest: u32,
}

impl<K: Clone + Eq + Hash + Display> ReferralNetwork<K> {
    /// The network of these people.
    ///
    /// # Errors
    /// [`Error::Twice`] for a person or a referral that is named twice, [`Error::Unknown`] for a
    /// referral of somebody who is not among the people, [`Error::Cycle`], [`Error::NoTotal`] where
    /// all referrers of a person have weight 0, [`Error::Overflow`] in the row of a referrer where
    /// the weights of one person, written out to the finest decimal among them, have more than 38
    /// digits together, and [`Error::OutOfRange`] for more than 2^32 - 1 people.
    pub fn new(
        people: impl IntoIterator<Item = K>,
        referrals: impl IntoIterator<Item = Referral<K>>,
    ) -> Result<Self, Error> {
        let people: Vec<K> = people.into_iter().collect();
        let mut numbers = HashMap::with_capacity(people.len());
        for (place, person) in people.iter().enumerate() {
            let Ok(number) = u32::try_from(place) else {
                return Err(Error::out_of_range("people", "be fewer than 2^32", people.len()));
            };
            // A copy, because a look at the person behind a reference costs as much as the look-up.
            if numbers.insert(person.clone(), number).is_some() {
                return Err(Error::Twice { field: "people", value: person.to_string() });
            }
        }
        let find = |field, person: &K| {
            numbers.get(person).copied().ok_or_else(|| Error::Unknown { field, name: person.to_string() })
        };
        let mut edges = Vec::new();
        for Referral { referrer, referred, weight } in referrals {
            edges.push((find("referred", &referred)?, find("referrer", &referrer)?, weight));
        }
        drop(numbers);
        Self::of_edges(people, edges)
    }

    /// Sorts out who was referred by whom; edges are referred, referrer and weight.
    fn of_edges(people: Vec<K>, mut edges: Vec<(u32, u32, NonNegative)>) -> Result<Self, Error> {
        edges.sort_unstable_by_key(|(referred, referrer, _)| (*referred, *referrer));
        let name = |number: u32| people.get(number as usize).map(K::to_string).unwrap_or_default();
        for (one, next) in edges.iter().zip(edges.iter().skip(1)) {
            if (one.0, one.1) == (next.0, next.1) {
                let value = format!("{} -> {}", name(one.1), name(one.0));
                return Err(Error::Twice { field: "referrals", value });
            }
        }
        let mut starts = Vec::with_capacity(people.len() + 1);
        let mut start = 0;
        for person in 0..people.len() as u32 {
            starts.push(start);
            let of_person = edges.get(start..).unwrap_or_default();
            let end = start + of_person.iter().take_while(|(referred, ..)| *referred == person).count();
            let weights = edges.get(start..end).unwrap_or_default();
            // One referrer has all the credit; what several have must be comparable.
            if let [_, _, ..] = weights {
                let weights: Vec<NonNegative> = weights.iter().map(|(.., weight)| *weight).collect();
                Weights::new(WEIGHTS, &weights)?;
            } else if weights.iter().any(|(.., weight)| *weight == NonNegative::ZERO) {
                return Err(Error::NoTotal { field: WEIGHTS, value: "0".to_owned() });
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

    /// The same network where these people are not customers of the base that is valued: what they bring is counted
    /// nowhere else, so that it is credited to those who referred them under either [`Rule`](crate::Rule).
    ///
    /// # Errors
    /// [`Error::Unknown`] for somebody who is not among the people.
    pub fn with_outsiders(mut self, outsiders: impl IntoIterator<Item = K>) -> Result<Self, Error> {
        let numbers: HashMap<&K, usize> = self.people.iter().zip(0..).collect();
        for person in outsiders {
            let place = numbers.get(&person).and_then(|number| self.outside.get_mut(*number));
            match place {
                Some(outside) => *outside = true,
                None => return Err(Error::Unknown { field: "outsiders", name: person.to_string() }),
            }
        }
        Ok(self)
    }

    /// Puts everybody after all those whom they referred, or names a circle.
    fn sort(&mut self) -> Result<(), Error> {
        let mut open = vec![0_u32; self.people.len()];
        for (referrer, _) in &self.referrers {
            if let Some(count) = open.get_mut(*referrer as usize) {
                *count += 1;
            }
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
            let chain = below.get(person as usize).map_or(0, |chain| chain + 1);
            for (referrer, _) in self.referrers_of(person) {
                let place = *referrer as usize;
                let (Some(count), Some(longest)) = (open.get_mut(place), below.get_mut(place)) else {
                    continue;
                };
                *longest = chain.max(*longest);
                *count -= 1;
                if *count == 0 {
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
        let stuck = |person: u32| open.get(person as usize).is_some_and(|open| *open > 0);
        let mut down = vec![None; self.people.len()];
        for referred in (0..self.people.len() as u32).filter(|person| stuck(*person)) {
            for (referrer, _) in self.referrers_of(referred) {
                if let Some(place) = down.get_mut(*referrer as usize) {
                    *place = Some(referred);
                }
            }
        }
        let step = |person: u32| down.get(person as usize).copied().flatten();
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
        let name = |number: &u32| self.people.get(*number as usize).map(K::to_string).unwrap_or_default();
        Error::Cycle { people: circle.iter().map(name).collect() }
    }
}

impl ReferralNetwork<u32> {
    /// The network of people who have numbers already, from 0 to `people` - 1: no name has to be
    /// looked up, which takes most of the time of [`ReferralNetwork::new`].
    ///
    /// ```
    /// use crm_value::{Referral, ReferralNetwork};
    ///
    /// let network = ReferralNetwork::numbered(3, [Referral::new(0, 1), Referral::new(1, 2)])?;
    /// assert_eq!(network, ReferralNetwork::new(0..3, [Referral::new(0, 1), Referral::new(1, 2)])?);
    /// # Ok::<(), crm_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ReferralNetwork::new`].
    pub fn numbered(people: u32, referrals: impl IntoIterator<Item = Referral<u32>>) -> Result<Self, Error> {
        let known = |field, person: u32| {
            if person < people { Ok(person) } else { Err(Error::Unknown { field, name: person.to_string() }) }
        };
        let mut edges = Vec::new();
        for Referral { referrer, referred, weight } in referrals {
            edges.push((known("referred", referred)?, known("referrer", referrer)?, weight));
        }
        Self::of_edges((0..people).collect(), edges)
    }
}

impl<K> ReferralNetwork<K> {
    /// The people, in the order given.
    #[must_use]
    pub fn people(&self) -> &[K] {
        &self.people
    }

    /// How many referrals there are.
    #[must_use]
    pub fn referrals(&self) -> usize {
        self.referrers.len()
    }

    /// The number of steps from a person to the farthest one that goes back to them.
    #[must_use]
    pub fn longest_chain(&self) -> u32 {
        self.longest
    }

    pub(super) fn referrers_of(&self, person: u32) -> &[(u32, NonNegative)] {
        let bounds = self.starts.get(person as usize..).and_then(|rest| rest.first_chunk::<2>());
        bounds.and_then(|[start, end]| self.referrers.get(*start..*end)).unwrap_or_default()
    }
}
