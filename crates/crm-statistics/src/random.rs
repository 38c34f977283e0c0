//! Random numbers that are the same on every machine for the same seed.

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

/// A stream of random numbers from a seed, for resampling and for starting points.
///
/// The generator is SplitMix64: its state is a counter, so that each replicate of a resampling has
/// a stream of its own and the answer does not depend on the number of threads. It is not meant for
/// cryptography.
///
/// # References
///
/// Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA.
///
/// # Examples
///
/// ```
/// use crm_statistics::random::RandomStream;
///
/// // The first number of the published generator for this seed.
/// assert_eq!(RandomStream::new(1_234_567).next_u64(), 6_457_827_717_110_365_317);
/// assert!(RandomStream::replicate(1, 7).below(10) < 10);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomStream(SplitMix64);

impl RandomStream {
    /// Creates the stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(SplitMix64::seed_from_u64(seed))
    }

    /// Creates the stream of one replicate under a seed.
    #[must_use]
    pub fn replicate(seed: u64, replicate: u64) -> Self {
        Self::new(Self::new(seed).next_u64() ^ replicate.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// Returns the next number, uniform over all numbers of 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns an index below `n`, or 0 for `n` = 0; see [`below_u64`](Self::below_u64).
    pub fn below(&mut self, n: usize) -> usize {
        self.below_u64(n as u64) as usize
    }

    /// Returns a number below `n`, or 0 for `n` = 0; the probabilities of two numbers differ by less
    /// than 2^-64.
    ///
    /// # References
    ///
    /// Lemire (2019), "Fast random integer generation in an interval".
    pub fn below_u64(&mut self, n: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(n)) >> u64::BITS) as u64
    }

    /// Returns a number of at least 0 and less than 1, a multiple of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // The first outputs for this seed in the tables of the authors.
        let mut stream = RandomStream::new(1_234_567);
        let drawn = [stream.next_u64(), stream.next_u64(), stream.next_u64()];
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn replicates_have_streams_of_their_own() {
        let first: std::collections::HashSet<u64> =
            (0..1_000).map(|replicate| RandomStream::replicate(7, replicate).next_u64()).collect();
        assert_eq!(first.len(), 1_000);
    }

    #[test]
    fn every_number_is_about_as_likely() {
        let mut stream = RandomStream::replicate(1, 2);
        let mut counts = [0; 7];
        (0..70_000).for_each(|_| counts[stream.below(7)] += 1);
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
        let mut low = 0;
        (0..10_000).for_each(|_| low += u32::from(stream.unit() < 0.25));
        assert!((2_250..2_750).contains(&low), "{low}");
        assert_eq!(stream.below(0), 0);
    }
}
