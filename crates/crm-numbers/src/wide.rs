//! Products of two 128-bit numbers, for quotas that are exact to the last unit.

use num_bigint::BigUint;

/// `left x right / by` as quotient and rest; `None` where `by` is 0 or the quotient is beyond 128
/// bits.
#[must_use]
#[inline]
pub fn multiply_divide(left: u128, right: u128, by: u128) -> Option<(u128, u128)> {
    if by == 0 {
        return None;
    }
    match left.checked_mul(right) {
        // Division of 64 bits is several times as fast.
        Some(product) => match (u64::try_from(product), u64::try_from(by)) {
            (Ok(product), Ok(by)) => Some(((product / by).into(), (product % by).into())),
            _ => Some((product / by, product % by)),
        },
        None => {
            let (product, by) = (BigUint::from(left) * right, BigUint::from(by));
            Some((u128::try_from(&product / &by).ok()?, u128::try_from(product % by).ok()?))
        }
    }
}

/// Which of two products is larger: `a x b` or `c x d`.
#[must_use]
pub fn compare_products((a, b): (u128, u128), (c, d): (u128, u128)) -> std::cmp::Ordering {
    match (a.checked_mul(b), c.checked_mul(d)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => (BigUint::from(a) * b).cmp(&(BigUint::from(c) * d)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_products_divide_back() {
        let numbers =
            [1, 2, 3, 10_u128.pow(19), 10_u128.pow(38), (1 << 127) + 12_345, u128::MAX - 1, u128::MAX];
        for left in numbers {
            for right in numbers {
                assert_eq!(multiply_divide(left, right, right), Some((left, 0)), "{left} {right}");
                let (quotient, rest) = multiply_divide(left, right, u128::MAX).unwrap();
                // quotient x MAX + rest is the product again.
                assert_eq!(BigUint::from(quotient) * u128::MAX + rest, BigUint::from(left) * right);
                assert!(rest < u128::MAX);
            }
        }
        assert_eq!(multiply_divide(7, 3, 2), Some((10, 1)));
        assert_eq!(multiply_divide(1, 1, 0), None);
        assert_eq!(multiply_divide(u128::MAX, 2, 1), None);
    }

    #[test]
    fn products_compare_beyond_128_bits() {
        use std::cmp::Ordering::{Equal, Greater, Less};
        assert_eq!(compare_products((u128::MAX, 2), (2, u128::MAX)), Equal);
        assert_eq!(compare_products((u128::MAX, 3), (u128::MAX, 2)), Greater);
        assert_eq!(compare_products((1, 1), (u128::MAX, u128::MAX)), Less);
    }
}
