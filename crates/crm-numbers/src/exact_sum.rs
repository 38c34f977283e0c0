//! A sum of doubles without rounding error.

/// The exact sum of finite doubles, as a list of doubles that do not overlap, smallest first
/// (Shewchuk 1997, "Adaptive precision floating-point arithmetic", grow-expansion).
///
/// Money rarely needs more than two of them, so three are kept in place and only the rest on the
/// heap.
#[derive(Debug, Clone, Default)]
pub struct ExactSum {
    near: [f64; 3],
    len: u8,
    rest: Vec<f64>,
}

impl ExactSum {
    /// Adds one finite double.
    #[inline]
    pub(crate) fn add(&mut self, value: f64) {
        let mut carry = value;
        let mut kept = ExactSum::default();
        for part in self.parts() {
            let (sum, error) = two_sum(carry, part);
            if error != 0.0 {
                kept.push(error);
            }
            carry = sum;
        }
        if carry != 0.0 {
            kept.push(carry);
        }
        *self = kept;
    }

    /// Adds `sign` times another sum.
    pub(crate) fn add_sum(&mut self, other: &ExactSum, sign: f64) {
        for part in other.parts() {
            self.add(sign * part);
        }
    }

    /// The double nearest to the sum, ties to even.
    pub(crate) fn rounded(&self) -> f64 {
        let mut largest_first = self.parts().rev();
        let Some(mut sum) = largest_first.next() else {
            return 0.0;
        };
        let mut error = 0.0;
        for part in largest_first.by_ref() {
            let (total, rest) = two_sum(sum, part);
            sum = total;
            error = rest;
            if error != 0.0 {
                break;
            }
        }
        // Half a unit in the last place went one way; what is left below may say that it should go
        // the other.
        let below = largest_first.next().unwrap_or(0.0);
        if (error < 0.0 && below < 0.0) || (error > 0.0 && below > 0.0) {
            let twice = error * 2.0;
            let moved = sum + twice;
            if two_sum(sum, twice).1 == 0.0 {
                sum = moved;
            }
        }
        sum
    }

    pub(crate) fn parts(&self) -> impl DoubleEndedIterator<Item = f64> + '_ {
        let near = self.near.get(..usize::from(self.len)).unwrap_or(&self.near);
        near.iter().chain(&self.rest).copied()
    }

    #[inline]
    fn push(&mut self, part: f64) {
        match self.near.get_mut(usize::from(self.len)) {
            Some(slot) => {
                *slot = part;
                self.len += 1;
            }
            None => self.rest.push(part),
        }
    }
}

/// Two sums are equal when they are the same number, whatever parts they are made of.
impl PartialEq for ExactSum {
    fn eq(&self, other: &Self) -> bool {
        let mut difference = self.clone();
        difference.add_sum(other, -1.0);
        difference.len == 0
    }
}

/// The rounded sum and what rounding lost (Knuth).
#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these sums are exact")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(values: &[f64]) -> ExactSum {
        let mut sum = ExactSum::default();
        values.iter().for_each(|&value| sum.add(value));
        sum
    }

    #[test]
    fn small_amounts_survive_large_ones() {
        assert_eq!(sum(&[1e100, 1.0, -1e100]).rounded(), 1.0);
        assert_eq!(sum(&[0.1; 10]).rounded(), 1.0);
        assert_eq!(sum(&[]).rounded(), 0.0);
    }

    #[test]
    fn ties_look_at_what_is_below() {
        let half = 2f64.powi(-53);
        assert_eq!(sum(&[1.0, half]).rounded(), 1.0);
        assert_eq!(sum(&[1.0, half, 1e-300]).rounded(), 1.0 + f64::EPSILON);
        assert_eq!(sum(&[1.0 + f64::EPSILON, half, -1e-300]).rounded(), 1.0 + f64::EPSILON);
        assert_eq!(sum(&[-1.0, -half, -1e-300]).rounded(), -1.0 - f64::EPSILON);
    }

    #[test]
    fn many_magnitudes_need_the_heap() {
        let parts: Vec<f64> = (0..12).map(|n| 2f64.powi(n * 80 - 480)).collect();
        let total = sum(&parts);
        assert_eq!(total.rest.len(), 9);
        let mut back = total.clone();
        parts.iter().for_each(|&part| back.add(-part));
        assert_eq!(back, ExactSum::default());
    }

    proptest! {
        /// Money as doubles against integers of the same cents.
        #[test]
        fn cents_add_up_in_any_order(mut cents in prop::collection::vec(-1_000_000_i64..1_000_000, 0..40)) {
            let as_eighths = |list: &[i64]| sum(&list.iter().map(|&n| n as f64 / 8.0).collect::<Vec<_>>());
            let forward = as_eighths(&cents);
            cents.reverse();
            prop_assert_eq!(forward.rounded(), cents.iter().sum::<i64>() as f64 / 8.0);
            prop_assert_eq!(&forward, &as_eighths(&cents));
        }

        #[test]
        fn the_order_never_matters(mut values in prop::collection::vec(-1e200..1e200_f64, 1..20), scale in -200..0) {
            for (n, value) in values.iter_mut().enumerate() {
                if n % 2 == 0 { *value *= 2f64.powi(scale * 3) }
            }
            let forward = sum(&values);
            values.reverse();
            let backward = sum(&values);
            prop_assert_eq!(forward.rounded().to_bits(), backward.rounded().to_bits());
            prop_assert_eq!(forward, backward);
        }
    }
}
