//! Random numbers for resampling: the same bits on every machine, for every number of threads.

/// `SplitMix64` (Steele, Lea and Flood 2014): one addition and a mix, good enough to draw
/// respondents.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of one resample: seeds differ by a whole mix, so that streams do not overlap in
    /// practice.
    pub(crate) fn stream(seed: u64, number: u64) -> Self {
        let mut random = Self(seed);
        let base = random.next();
        let mut random = Self(base ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03));
        let start = random.next();
        Self(start)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number from 0 to `below` - 1. The bias of the multiplication is below `below` /
    /// 2^64.
    pub(crate) fn below(&mut self, below: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(below)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs of the published generator for the seed 1234567.
    #[test]
    fn the_published_sequence() {
        let mut random = Random(1_234_567);
        let drawn = [random.next(), random.next(), random.next()];
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn streams_differ_and_numbers_stay_in_range() {
        let mut seen = std::collections::HashSet::new();
        for number in 0..1_000 {
            assert!(seen.insert(Random::stream(7, number).next()));
        }
        let mut random = Random::stream(1, 2);
        let mut counts = [0_u32; 5];
        for _ in 0..50_000 {
            counts[random.below(5) as usize] += 1;
        }
        // 10 000 each; six standard deviations are 537.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 537), "{counts:?}");
    }
}
