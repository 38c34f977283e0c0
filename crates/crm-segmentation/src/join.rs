//! People of two dates matched by their ids.
//!
//! Ids are hashed, and those of one part of the hashes are matched at a time, so that the table of
//! a part stays in the cache.

#![allow(clippy::indexing_slicing, reason = "ranges of rows lie within their columns")]

use crm_numbers::{DuplicateError, check, parallel};
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::Error;
use crate::column::{BATCH, CHUNK};

/// Parts of the hashes.
const PARTS: usize = 1 << PART_BITS;
const PART_BITS: u32 = 6;
/// Index that stands for no customer.
pub(crate) const NOBODY: u32 = u32::MAX;

/// Customers matched between two dates.
#[derive(Debug, PartialEq)]
pub(crate) struct Matches {
    /// For each customer of the earlier date the index at the later one, or [`NOBODY`].
    pub(crate) later: Vec<u32>,
    /// Indices of the customers of the later date alone, ascending.
    pub(crate) entrants: Vec<u32>,
}

impl Matches {
    /// Matches two columns of ids.
    ///
    /// # Errors
    ///
    /// [`Error::Input`] for an id that stands twice in a column, and for 2^32 - 1 ids or more.
    pub(crate) fn of<K: Eq + Hash + fmt::Debug + Sync>(before: &[K], after: &[K]) -> Result<Self, Error> {
        for (field, ids) in [(EARLIER, before), (LATER, after)] {
            check::range(format!("number of {field}"), ids.len(), ..NOBODY as usize)?;
        }
        // Seeded anew each time: ids may come from strangers.
        let hasher = RandomState::new();
        let mut parted =
            parallel::batches(2, BATCH, |side| Parted::new(if side == 0 { before } else { after }, &hasher));
        let (then, now) = (parted.next().unwrap_or_default(), parted.next().unwrap_or_default());
        let mut later = vec![NOBODY; before.len()];
        let mut alone = vec![false; after.len()];
        let mut twice = [NOBODY; 2];
        let matched = |number| Part::new((before, then.part(number)), (after, now.part(number)));
        for part in parallel::batches(PARTS, BATCH, matched) {
            for (place, found) in part.pairs {
                later[place as usize] = found;
            }
            for place in part.entrants {
                alone[place as usize] = true;
            }
            twice.iter_mut().zip(part.twice).for_each(|(first, place)| *first = (*first).min(place));
        }
        for (field, ids, place) in [(EARLIER, before, twice[0]), (LATER, after, twice[1])] {
            if let Some(id) = ids.get(place as usize) {
                let error = DuplicateError::new(field, format!("{id:?}"), place as usize);
                return Err(error.into());
            }
        }
        let entrants = (0..).zip(alone).filter(|(_, alone)| *alone).map(|(place, _)| place).collect();
        Ok(Self { later, entrants })
    }
}

const EARLIER: &str = "ids of the earlier date";
const LATER: &str = "ids of the later date";

/// The hash of an id, and its place in the column.
type Tag = (u32, u32);

/// A column's tags, ordered by part and place.
#[derive(Debug, Default)]
struct Parted {
    tags: Vec<Tag>,
    /// Start of each part, and the end of the last one.
    bounds: Vec<usize>,
}

impl Parted {
    fn new<K: Hash + Sync>(ids: &[K], hasher: &RandomState) -> Self {
        let hashes = parallel::map_ranges(ids.len(), CHUNK, |range| {
            ids[range].iter().map(|id| hasher.hash_one(id)).collect::<Vec<u64>>()
        });
        let mut counts = [0_usize; PARTS];
        for hash in hashes.iter().flatten() {
            counts[part_of(*hash)] += 1;
        }
        let mut end = 0;
        let mut next = counts.map(|count| {
            end += count;
            end - count
        });
        let bounds = next.iter().copied().chain([end]).collect();
        let mut tags = vec![(0, 0); ids.len()];
        for (place, hash) in (0..).zip(hashes.iter().flatten()) {
            let slot = &mut next[part_of(*hash)];
            tags[*slot] = (*hash as u32, place);
            *slot += 1;
        }
        Self { tags, bounds }
    }

    fn part(&self, number: usize) -> &[Tag] {
        debug_assert!(number < PARTS, "part {number} of {PARTS}");
        &self.tags[self.bounds[number]..self.bounds[number + 1]]
    }
}

fn part_of(hash: u64) -> usize {
    (hash >> (u64::BITS - PART_BITS)) as usize
}

/// One part, matched.
#[derive(Debug)]
struct Part {
    pairs: Vec<(u32, u32)>,
    entrants: Vec<u32>,
    /// On either side the first place whose id stood before.
    twice: [u32; 2],
}

impl Part {
    fn new<K: Eq>((before, then): (&[K], &[Tag]), (after, now): (&[K], &[Tag])) -> Self {
        // People are numbered on: those of the earlier date, then those of the later one.
        let id = |number: usize| match then.get(number) {
            Some((_, place)) => before.get(*place as usize),
            None => now.get(number - then.len()).and_then(|(_, place)| after.get(*place as usize)),
        };
        // A table looks at the upper bits of a hash as well as at the lower ones.
        let spread = |hash: u32| u64::from(hash) << 32 | u64::from(hash);
        let mut known: HashTable<(u32, usize)> = HashTable::with_capacity(then.len() + now.len());
        let mut find_or_insert = |hash: u32, number: usize| {
            let same = |other: &(u32, usize)| other.0 == hash && id(other.1) == id(number);
            match known.entry(spread(hash), same, |other| spread(other.0)) {
                Entry::Occupied(known) => Some(known.get().1),
                Entry::Vacant(free) => {
                    free.insert((hash, number));
                    None
                }
            }
        };
        let mut twice = [NOBODY; 2];
        for (number, (hash, place)) in then.iter().enumerate() {
            if find_or_insert(*hash, number).is_some() {
                twice[0] = twice[0].min(*place);
            }
        }
        let (mut pairs, mut entrants) = (Vec::with_capacity(now.len()), Vec::new());
        let mut unmatched = vec![true; then.len()];
        for (number, (hash, place)) in (then.len()..).zip(now) {
            match find_or_insert(*hash, number) {
                None => entrants.push(*place),
                // Numbers from `then.len()` on are later ids, found a second time.
                Some(known) if known < then.len() && unmatched[known] => {
                    unmatched[known] = false;
                    pairs.push((then[known].1, *place));
                }
                Some(_) => twice[1] = twice[1].min(*place),
            }
        }
        Self { pairs, entrants, twice }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_matched_once() {
        // As many as fill several parts, in another order, a third of them replaced.
        let before: Vec<u32> = (0..30_000).collect();
        let after: Vec<u32> = (10_000..40_000).rev().collect();
        let matches = Matches::of(&before, &after).unwrap();
        let later = |id: u32| if id < 10_000 { NOBODY } else { 39_999 - id };
        assert!(matches.later.iter().zip(0..).all(|(place, id)| *place == later(id)));
        assert!(matches.entrants.iter().copied().eq(0..10_000));
        let none: [u32; 0] = [];
        assert_eq!(Matches::of(&none, &[5]).unwrap(), Matches { later: Vec::new(), entrants: vec![0] });
        assert_eq!(Matches::of(&["x"], &[]).unwrap(), Matches { later: vec![NOBODY], entrants: Vec::new() });
    }

    #[test]
    fn the_first_id_that_stands_twice_is_named() {
        let distinct: Vec<u32> = (0..5_000).collect();
        let mut twice = distinct.clone();
        (twice[4_000], twice[4_500]) = (7, 3);
        let text = |before: &[u32], after: &[u32]| Matches::of(before, after).unwrap_err().to_string();
        assert_eq!(text(&twice, &twice), r#"ids of the earlier date[4000] repeats "7""#);
        assert_eq!(text(&distinct, &twice), "ids of the later date[4000] repeats \"7\"");
        assert_eq!(text(&[], &twice), "ids of the later date[4000] repeats \"7\"");
    }
}
