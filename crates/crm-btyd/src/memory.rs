use crm_numbers::parallel;
use hashbrown::HashMap;

use crate::History;

/// Customers worked off by one task.
const PER_TASK: usize = 1 << 16;

/// The answer for each of many customers, in pieces side by side; what was computed for one serves
/// the next with the same history.
pub(crate) fn fill(histories: &[History], into: &mut [f64], answer: impl Fn(&History) -> f64 + Sync + Send) {
    parallel::for_each_pair(histories, into, PER_TASK, |histories, into| {
        let mut memory = Memory::for_customers(histories.len());
        for (slot, history) in into.iter_mut().zip(histories) {
            *slot = memory.recall(history, || answer(history));
        }
    });
}

/// The answers for many customers, from those for the distinct histories among them.
#[allow(clippy::indexing_slicing, reason = "there is one answer per distinct history")]
pub(crate) fn map_distinct<T: Copy>(
    histories: &[History],
    answers: impl FnOnce(&[History]) -> Vec<T>,
) -> Vec<T> {
    let mut known: HashMap<(u32, u64, u64), usize> = HashMap::new();
    let mut distinct = Vec::new();
    let mut index = |history: &History| {
        let key = (history.frequency(), history.recency().to_bits(), history.age().to_bits());
        *known.entry(key).or_insert_with(|| {
            distinct.push(*history);
            distinct.len() - 1
        })
    };
    let indices: Vec<usize> = histories.iter().map(&mut index).collect();
    let answers = answers(&distinct);
    debug_assert_eq!(answers.len(), distinct.len());
    indices.into_iter().map(|index| answers[index]).collect()
}

/// The latest answers by history, in a table where a newcomer drives out whoever sits in its place:
/// customers repeat whose times are whole days.
struct Memory {
    places: Vec<(History, f64)>,
    /// A number of so many bits is shifted down to that of a place.
    shift: u32,
}

impl Memory {
    /// Most places: two megabytes of them.
    const BITS: u32 = 16;

    /// For so many customers.
    fn for_customers(customers: usize) -> Self {
        let bits = customers.max(2).ilog2().min(Self::BITS);
        Memory { places: vec![(History::NEW, f64::NAN); 1 << bits], shift: u64::BITS - bits }
    }

    #[inline]
    #[allow(clippy::indexing_slicing, reason = "the shift leaves as many bits as there are places")]
    fn recall(&mut self, history: &History, compute: impl FnOnce() -> f64) -> f64 {
        let (age, recency) = (history.age().to_bits(), history.recency().to_bits());
        let mixed = (age.rotate_left(32) ^ recency ^ u64::from(history.frequency()) << 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = &mut self.places[(mixed >> self.shift) as usize];
        // Nobody's answer is no number: places that nobody has taken hold one.
        if place.0 != *history || place.1.is_nan() {
            *place = (*history, compute());
        }
        place.1
    }
}
