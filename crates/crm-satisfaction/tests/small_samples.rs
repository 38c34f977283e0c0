//! How often a change is announced between two samples of one population: at 5 %, in at most 6 % of
//! all samples.
//!
//! Small samples are all enumerated with their probabilities, larger ones are drawn.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crm_numbers::Level;
use crm_satisfaction::scores::{Mean, Nps, csat_change};
use crm_satisfaction::{Change, Scale, Tally};
use crm_statistics::Proportion;

/// Shares of promoters, passives and detractors.
const SCORES: [[f64; 3]; 5] =
    [[0.5, 0.2, 0.3], [0.9, 0.08, 0.02], [0.34, 0.33, 0.33], [0.5, 0.0, 0.5], [0.02, 0.03, 0.95]];
/// Shares of 1 to 5.
const ANSWERS: [[f64; 5]; 6] = [
    [0.1, 0.2, 0.4, 0.2, 0.1],
    [0.02, 0.03, 0.05, 0.2, 0.7],
    [0.5, 0.0, 0.0, 0.0, 0.5],
    [0.0, 0.0, 0.05, 0.15, 0.8],
    [0.2; 5],
    [0.1, 0.0, 0.0, 0.0, 0.9],
];

/// All samples of n answers among K values.
fn samples<const K: usize>(n: u64) -> Vec<[u64; K]> {
    fn fill<const K: usize>(at: usize, left: u64, counts: &mut [u64; K], found: &mut Vec<[u64; K]>) {
        if at + 1 == K {
            counts[at] = left;
            found.push(*counts);
            return;
        }
        for count in 0..=left {
            counts[at] = count;
            fill(at + 1, left - count, counts, found);
        }
    }
    let mut found = Vec::new();
    fill(0, n, &mut [0; K], &mut found);
    found
}

/// The multinomial probability of a sample.
fn probability<const K: usize>(counts: &[u64; K], shares: &[f64; K]) -> f64 {
    let mut left: u64 = counts.iter().sum();
    let mut probability = 1.0;
    for (&count, share) in counts.iter().zip(shares) {
        for drawn in 0..count {
            probability *= (left - drawn) as f64 / (count - drawn) as f64 * share;
        }
        left -= count;
    }
    probability
}

/// How often the test, and how often the interval, announces a change: the more frequent of both,
/// by distribution.
fn announced<const K: usize, const D: usize>(
    sizes: (u64, u64),
    shares: &[[f64; K]; D],
    change: impl Fn([u64; K], [u64; K]) -> Option<Change>,
) -> [f64; D] {
    let (first, second) = (samples::<K>(sizes.0), samples::<K>(sizes.1));
    let weights = |samples: &[[u64; K]]| -> Vec<[f64; D]> {
        samples.iter().map(|sample| std::array::from_fn(|at| probability(sample, &shares[at]))).collect()
    };
    let (p, q) = (weights(&first), weights(&second));
    let mut rates = [[0.0; 2]; D];
    for (one, p) in first.iter().zip(&p) {
        for (other, q) in second.iter().zip(&q) {
            let Some(change) = change(*one, *other) else { continue };
            let outside = change.difference.lower > 0.0 || change.difference.upper < 0.0;
            for (at, rate) in rates.iter_mut().enumerate() {
                rate[0] += f64::from(u8::from(change.is_significant(0.05))) * p[at] * q[at];
                rate[1] += f64::from(u8::from(outside)) * p[at] * q[at];
            }
        }
    }
    rates.map(|[test, interval]| test.max(interval))
}

fn nps(now: [u64; 3], before: [u64; 3]) -> Option<Change> {
    let score = |[p, n, d]: [u64; 3]| Nps::new(p, n, d).unwrap();
    Some(score(now).change(score(before), Level::default()))
}

fn mean(now: [u64; 5], before: [u64; 5]) -> Option<Change> {
    let five = Scale::new(1, 5).unwrap();
    let mean = |counts: [u64; 5]| Mean::from_tally(&Tally::new(&five, &counts).unwrap()).unwrap();
    mean(now).change(&mean(before), Level::default())
}

fn share(now: [u64; 2], before: [u64; 2]) -> Option<Change> {
    let share = |[yes, no]: [u64; 2]| Proportion::new(yes, yes + no).unwrap();
    Some(csat_change(share(now), share(before), Level::default()))
}

/// The test by permutation is exact: at most 5 %, and the interval says no more than it.
#[test]
fn net_promoter_scores_of_a_handful() {
    for sizes in [(1, 1), (2, 2), (3, 3), (5, 5), (10, 10), (1, 5), (2, 9), (4, 12)] {
        let rates = announced(sizes, &SCORES, nps);
        assert!(rates.iter().all(|rate| *rate <= 0.05 + 1e-9), "{sizes:?}: {rates:?}");
    }
}

#[test]
fn shares_of_a_handful() {
    const SHARES: [[f64; 2]; 3] = [[0.5, 0.5], [0.8, 0.2], [0.97, 0.03]];
    for sizes in [(1, 1), (2, 2), (3, 3), (5, 5), (10, 10), (30, 30), (2, 40), (51, 51), (60, 300)] {
        let rates = announced(sizes, &SHARES, share);
        assert!(rates.iter().all(|rate| *rate <= 0.061), "{sizes:?}: {rates:?}");
    }
}

#[test]
fn means_of_a_handful() {
    assert!(mean([0, 0, 1, 0, 0], [0, 0, 0, 0, 9]).is_none());
    for sizes in [(2, 2), (3, 3), (4, 4), (5, 5), (2, 6)] {
        let rates = announced(sizes, &ANSWERS, mean);
        assert!(rates.iter().all(|rate| *rate <= 0.06), "{sizes:?}: {rates:?}");
    }
}

/// xorshift64*, so that nothing of the library tests itself.
struct Dice(u64);

impl Dice {
    fn sample<const K: usize>(&mut self, n: u64, shares: &[f64; K]) -> [u64; K] {
        let mut counts = [0; K];
        for _ in 0..n {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            let uniform = (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64;
            let mut left = uniform;
            let drawn = shares.iter().position(|share| {
                left -= share;
                left < 0.0
            });
            counts[drawn.unwrap_or(K - 1)] += 1;
        }
        counts
    }
}

/// Of 2 000 draws three standard deviations of 5 % are 1.5 %.
#[test]
fn samples_of_dozens() {
    const DRAWS: u32 = 2_000;
    let mut dice = Dice(20_260_301);
    let mut rate = |name: &str, count: &mut dyn FnMut(&mut Dice) -> bool| {
        let announced = (0..DRAWS).filter(|_| count(&mut dice)).count();
        assert!(announced <= 130, "{name}: {announced} of {DRAWS}");
    };
    for shares in &SCORES {
        for n in [30, 60] {
            rate(&format!("score of {n}, {shares:?}"), &mut |dice| {
                nps(dice.sample(n, shares), dice.sample(n, shares)).unwrap().is_significant(0.05)
            });
        }
        // All answers of a smaller sample are often equal.
        rate(&format!("score of 60 and 600, {shares:?}"), &mut |dice| {
            nps(dice.sample(60, shares), dice.sample(600, shares)).unwrap().is_significant(0.05)
        });
    }
    for shares in &ANSWERS {
        for n in [10, 30] {
            rate(&format!("mean of {n}, {shares:?}"), &mut |dice| {
                mean(dice.sample(n, shares), dice.sample(n, shares)).unwrap().is_significant(0.05)
            });
        }
    }
}

/// A change that is there is found: 60 % promoters against 60 % detractors, 30 answers each.
#[test]
fn a_change_is_found() {
    let change = nps([18, 6, 6], [6, 6, 18]).unwrap();
    assert!(change.p_value < 0.001 && change.difference.lower > 30.0, "{change}");
    let change = mean([0, 0, 2, 8, 20], [20, 8, 2, 0, 0]).unwrap();
    assert!(change.p_value < 1e-15, "{change}");
}
