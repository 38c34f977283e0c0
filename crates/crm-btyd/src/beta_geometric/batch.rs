//! Predictions for many customers.

use super::kernel::Kernel;
use super::posterior::Posterior;
use crate::History;
use crate::special::chebyshev::Chebyshev;
use crate::special::vector::{self, BLOCK};
use crate::story::Kernel as _;
use crm_numbers::parallel;

/// Customers worked off by one task.
const PER_TASK: usize = 1 << 15;

pub(super) fn p_alive(kernel: &Kernel, histories: &[History], into: &mut [f64]) {
    parallel::for_each_pair(histories, into, PER_TASK, |histories, into| {
        for (histories, into) in histories.chunks(BLOCK).zip(into.chunks_mut(BLOCK)) {
            p_alive_block(kernel, histories, into);
        }
    });
}

/// P(alive) = 1 / (1 + coin (1 + silence)^shape), step by step over a block.
fn p_alive_block(kernel: &Kernel, histories: &[History], into: &mut [f64]) {
    let (mut coins, mut shapes, mut silences) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
    for (((history, coin), shape), silence) in
        histories.iter().zip(&mut coins).zip(&mut shapes).zip(&mut silences)
    {
        let x = f64::from(history.frequency());
        let tossed = kernel.tossed || history.frequency() > 0;
        *coin = if tossed { kernel.a / (kernel.b + x - 1.0) } else { 0.0 };
        *shape = kernel.r + x;
        *silence = (history.age() - history.recency()) / (kernel.alpha + history.recency());
    }
    for (silence, shape) in silences.iter_mut().zip(&shapes) {
        *silence = vector::exp(shape * vector::ln_1p(*silence));
    }
    for ((slot, coin), odds) in into.iter_mut().zip(&coins).zip(&silences) {
        *slot = 1.0 / (1.0 + coin * odds);
    }
}

/// P(alive) times a quantity that a living customer's frequency and age decide.
///
/// Both repeat: what was computed for one customer serves the next with the same two. Where there
/// are many customers of one frequency with many ages, the quantity is interpolated from few of
/// these, over which it is smooth.
pub(super) fn p_alive_times(
    kernel: &Kernel,
    histories: &[History],
    into: &mut [f64],
    quantity: impl Fn(&Posterior) -> f64 + Sync,
) {
    let curves = Curves::over(kernel, histories, &quantity);
    parallel::for_each_pair(histories, into, PER_TASK, |histories, into| {
        let mut memory = Memory::new();
        for (histories, into) in histories.chunks(BLOCK).zip(into.chunks_mut(BLOCK)) {
            p_alive_block(kernel, histories, into);
            for (slot, history) in into.iter_mut().zip(histories) {
                *slot *= memory.recall(history, || {
                    curves.value(history).unwrap_or_else(|| quantity(&kernel.belief(history)))
                });
            }
        }
    });
}

/// The latest values by frequency and age, in a table where a newcomer drives out whoever sits in
/// its place.
struct Memory {
    places: Vec<(u32, u64, f64)>,
}

impl Memory {
    const BITS: u32 = 12;

    fn new() -> Self {
        // No age has these bits: they are not a number.
        Memory { places: vec![(0, u64::MAX, 0.0); 1 << Self::BITS] }
    }

    #[inline]
    #[allow(clippy::indexing_slicing, reason = "the shift leaves as many bits as there are places")]
    fn recall(&mut self, history: &History, compute: impl FnOnce() -> f64) -> f64 {
        let (frequency, age) = (history.frequency(), history.age().to_bits());
        let mixed = (age ^ u64::from(frequency) << 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = &mut self.places[(mixed >> (64 - Self::BITS)) as usize];
        if (place.0, place.1) != (frequency, age) {
            *place = (frequency, age, compute());
        }
        place.2
    }
}

/// For frequencies that many customers share, the logarithm of a quantity over ln(alpha + T).
struct Curves {
    alpha: f64,
    by_frequency: Vec<Option<Chebyshev>>,
}

/// Frequencies from here on are too rare for a curve each.
const FREQUENCIES: usize = 1 << 12;

/// The ages of the customers of one frequency.
#[derive(Debug, Clone, Copy)]
struct Ages {
    customers: usize,
    youngest: f64,
    oldest: f64,
}

impl Ages {
    const NONE: Ages = Ages { customers: 0, youngest: f64::INFINITY, oldest: 0.0 };

    #[allow(clippy::indexing_slicing, reason = "the list was made long enough")]
    fn by_frequency(histories: &[History]) -> Vec<Ages> {
        let mut all = Vec::new();
        for history in histories {
            let (frequency, age) = (history.frequency() as usize, history.age());
            if frequency >= all.len() {
                if frequency >= FREQUENCIES {
                    continue;
                }
                all.resize(frequency + 1, Ages::NONE);
            }
            let ages = &mut all[frequency];
            ages.customers += 1;
            ages.youngest = ages.youngest.min(age);
            ages.oldest = ages.oldest.max(age);
        }
        all
    }

    fn merge(mut left: Vec<Ages>, right: Vec<Ages>) -> Vec<Ages> {
        left.resize(left.len().max(right.len()), Ages::NONE);
        for (left, right) in left.iter_mut().zip(right) {
            left.customers += right.customers;
            left.youngest = left.youngest.min(right.youngest);
            left.oldest = left.oldest.max(right.oldest);
        }
        left
    }
}

impl Curves {
    #[allow(
        clippy::indexing_slicing,
        reason = "frequencies come in ascending order, and the list holds the last"
    )]
    fn over(kernel: &Kernel, histories: &[History], quantity: &(impl Fn(&Posterior) -> f64 + Sync)) -> Self {
        let parts = parallel::map(histories.chunks(PER_TASK).collect(), Ages::by_frequency);
        let ages = parts.into_iter().reduce(Ages::merge).unwrap_or_default();
        let known = ages.into_iter().enumerate().filter(|(_, ages)| ages.customers > 0).collect();
        let found = parallel::map(known, |(frequency, ages)| {
            let x = frequency as f64;
            let ln_quantity = |v: f64| {
                let age = (v.exp() - kernel.alpha).clamp(ages.youngest, ages.oldest);
                quantity(&kernel.posterior_at(x, age)).ln()
            };
            let ends = ((kernel.alpha + ages.youngest).ln(), (kernel.alpha + ages.oldest).ln());
            // A curve of n points pays for more than n customers.
            let curve = Chebyshev::through(ln_quantity, ends, ages.customers / 2);
            (frequency, curve)
        });
        let mut by_frequency = vec![None; found.last().map_or(0, |(frequency, _)| frequency + 1)];
        for (frequency, curve) in found {
            by_frequency[frequency] = curve;
        }
        Curves { alpha: kernel.alpha, by_frequency }
    }

    fn value(&self, history: &History) -> Option<f64> {
        let curve = self.by_frequency.get(history.frequency() as usize)?.as_ref()?;
        Some(curve.value((self.alpha + history.age()).ln()).exp())
    }
}
