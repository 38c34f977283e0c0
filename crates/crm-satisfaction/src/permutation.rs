//! Exact tests of two small samples whose answers have three values.

/// Largest number of answers of the smaller sample; above it the normal distribution is used.
pub(crate) const MOST: u64 = 50;

/// Returns the exact p-value of a difference between the mean scores of two samples, given as
/// counts of +1, 0 and -1; `None` if both samples have more than [`MOST`] answers.
///
/// This is the probability, over all divisions of the answers into samples of the given sizes, of a
/// difference at least as large in its own standard errors, `sqrt(v1 / n1 + v2 / n2)`, so that
/// samples of unequal variance are compared fairly. A true hypothesis is rejected at a level alpha
/// with a probability of at most alpha, for any number of answers.
///
/// # References
///
/// Janssen, A. (1997), "Studentized permutation tests for non-i.i.d. hypotheses and the generalized
/// Behrens-Fisher problem", Statistics and Probability Letters 36, 9-21.
pub(crate) fn two_sided(one: [u64; 3], other: [u64; 3]) -> Option<f64> {
    // As doubles: sums of counts may exceed a u64.
    let (one, other) = (one.map(|count| count as f64), other.map(|count| count as f64));
    let (small, large) = if total(one) <= total(other) { (one, other) } else { (other, one) };
    let (n, others) = (total(small), total(large));
    if n > MOST as f64 || n < 1.0 {
        return None;
    }
    let ([up, level, down], [up2, level2, down2]) = (small, large);
    let (up, level, down) = (up + up2, level + level2, down + down2);
    let observed = square(small, large);
    let (n_ups, n_levels, n_downs) = (choices(up, n), choices(level, n), choices(down, n));
    let size = n as usize;
    let (mut all, mut extreme) = (0.0, 0.0);
    let largest = largest(&n_ups, &n_levels, &n_downs, size);
    for (ups, ln_ups) in n_ups.iter().enumerate() {
        for (downs, ln_downs) in n_downs.iter().enumerate().take(size + 1 - ups) {
            let levels = size - ups - downs;
            let Some(ln_levels) = n_levels.get(levels) else { continue };
            let weight = (ln_ups + ln_levels + ln_downs - largest).exp();
            if weight <= 0.0 {
                continue;
            }
            all += weight;
            let drawn = [ups as f64, levels as f64, downs as f64];
            let [drawn_up, drawn_level, drawn_down] = drawn;
            let rest = [up - drawn_up, level - drawn_level, down - drawn_down];
            // Rounding must not separate equal divisions.
            if square(drawn, rest) >= observed * (1.0 - 1e-9) {
                extreme += weight;
            }
        }
    }
    debug_assert!(others >= n);
    Some((extreme / all).clamp(0.0, 1.0))
}

fn total([up, level, down]: [f64; 3]) -> f64 {
    up + level + down
}

/// Returns the logarithms of the numbers of ways to draw 0, 1, ..., `most` of `from`, up to `from`.
fn choices(from: f64, most: f64) -> Vec<f64> {
    let mut ln = 0.0;
    let mut ways = vec![ln];
    for drawn in 1..=most.min(from) as u32 {
        let drawn = f64::from(drawn);
        ln += ((from - drawn + 1.0) / drawn).ln();
        ways.push(ln);
    }
    ways
}

/// Returns the logarithm of the number of the most frequent division, which scales the others.
fn largest(ups: &[f64], levels: &[f64], downs: &[f64], size: usize) -> f64 {
    let mut largest = f64::NEG_INFINITY;
    for (up, ln_ups) in ups.iter().enumerate() {
        for (down, ln_downs) in downs.iter().enumerate().take(size + 1 - up) {
            if let Some(ln_levels) = levels.get(size - up - down) {
                largest = largest.max(ln_ups + ln_levels + ln_downs);
            }
        }
    }
    largest
}

/// Returns the squared difference of the means in standard errors; infinite if both samples are
/// constant and differ.
fn square(one: [f64; 3], other: [f64; 3]) -> f64 {
    let moments = |counts: [f64; 3]| {
        let [up, _, down] = counts;
        let n = total(counts);
        let mean = (up - down) / n;
        // Exactly 0 for a constant sample.
        let constant = counts.iter().any(|count| *count >= n);
        let variance = if constant { 0.0 } else { (up + down) / n - mean * mean };
        (mean, variance.max(0.0) / n)
    };
    let ((m1, v1), (m2, v2)) = (moments(one), moments(other));
    let difference = m1 - m2;
    // Means that are equal as fractions differ by rounding at most.
    if difference.abs() < 1e-14 { 0.0 } else { difference * difference / (v1 + v2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every division of up to 9 answers counted one by one, as subsets of people.
    #[test]
    fn agrees_with_counting_all_subsets() {
        let samples: [([u64; 3], [u64; 3]); 6] = [
            ([1, 0, 0], [0, 0, 1]),
            ([2, 1, 0], [0, 1, 3]),
            ([3, 0, 1], [1, 1, 2]),
            ([2, 2, 0], [1, 1, 1]),
            ([0, 3, 0], [2, 0, 2]),
            ([4, 0, 0], [0, 2, 3]),
        ];
        for (one, other) in samples {
            let people: Vec<usize> =
                (0..3).flat_map(|kind| vec![kind; (one[kind] + other[kind]) as usize]).collect();
            let n: u64 = one.iter().sum();
            let counts = |inside: bool, set: u32| {
                let mut counts = [0.0; 3];
                for (at, kind) in people.iter().enumerate() {
                    if (set >> at & 1 == 1) == inside {
                        counts[*kind] += 1.0;
                    }
                }
                counts
            };
            let observed = square(one.map(|c| c as f64), other.map(|c| c as f64));
            let sets = (0..1_u32 << people.len()).filter(|set| u64::from(set.count_ones()) == n);
            let (mut all, mut extreme) = (0, 0);
            for set in sets {
                all += 1;
                extreme +=
                    u32::from(square(counts(true, set), counts(false, set)) >= observed * (1.0 - 1e-9));
            }
            let wanted = f64::from(extreme) / f64::from(all);
            let got = two_sided(one, other).unwrap();
            assert!((got - wanted).abs() < 1e-12, "{one:?} {other:?}: {got}, not {wanted}");
        }
    }

    /// A few against very many: the rest of the population is as good as its distribution.
    #[test]
    fn a_huge_other_sample_is_a_population() {
        let huge = 1_u64 << 50;
        // Three promoters where a tenth promotes and the rest is passive: 0.1^3 as far above;
        // nothing is as far below.
        let p = two_sided([3, 0, 0], [huge / 10, huge - huge / 10, 0]).unwrap();
        assert!((p - 0.001).abs() < 1e-9, "{p}");
        assert_eq!(two_sided([MOST, 1, 0], [huge, huge, huge]), None);
        // One of 2^65 people is as far out.
        let p = two_sided([u64::MAX, u64::MAX, 0], [0, 0, 1]).unwrap();
        assert!((p * 2.0_f64.powi(65) - 1.0).abs() < 1e-12, "{p}");
    }
}
