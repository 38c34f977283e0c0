//! Random numbers for resampling: the same bits on every machine, for every number of threads.

use crm_statistics::random::RandomStream;

/// The stream of one resample: seeds differ by a whole mix, so that streams do not overlap in practice.
pub(crate) fn stream(seed: u64, number: u64) -> RandomStream {
    let base = RandomStream::new(seed).next_u64();
    let start = RandomStream::new(base ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03)).next_u64();
    RandomStream::new(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_and_numbers_stay_in_range() {
        let mut seen = std::collections::HashSet::new();
        for number in 0..1_000 {
            assert!(seen.insert(stream(7, number).next_u64()));
        }
        let mut random = stream(1, 2);
        let mut counts = [0_u32; 5];
        for _ in 0..50_000 {
            counts[random.below(5)] += 1;
        }
        // 10 000 each; six standard deviations are 537.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 537), "{counts:?}");
    }
}
