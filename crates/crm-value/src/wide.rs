//! Products of two 128-bit numbers, for quotas that are exact to the last unit.

/// `left x right` as (high, low).
fn multiply(left: u128, right: u128) -> (u128, u128) {
    const HALF: u32 = 64;
    const LOW: u128 = (1 << HALF) - 1;
    let (left_high, left_low) = (left >> HALF, left & LOW);
    let (right_high, right_low) = (right >> HALF, right & LOW);
    let low = left_low * right_low;
    let first = left_high * right_low + (low >> HALF);
    let second = left_low * right_high + (first & LOW);
    let high = left_high * right_high + (first >> HALF) + (second >> HALF);
    (high, (second << HALF) | (low & LOW))
}

/// `left x right / by` as quotient and rest; `None` where `by` is 0 or the quotient is beyond 128 bits.
#[inline]
pub(crate) fn multiply_divide(left: u128, right: u128, by: u128) -> Option<(u128, u128)> {
    if by == 0 {
        return None;
    }
    match left.checked_mul(right) {
        // Division of 64 bits is several times as fast.
        Some(product) => match (u64::try_from(product), u64::try_from(by)) {
            (Ok(product), Ok(by)) => Some(((product / by).into(), (product % by).into())),
            _ => Some((product / by, product % by)),
        },
        None => divide(multiply(left, right), by),
    }
}

/// Bit by bit: only for amounts of more than nineteen digits or so.
fn divide((high, low): (u128, u128), by: u128) -> Option<(u128, u128)> {
    if high >= by {
        return None;
    }
    let (mut quotient, mut rest) = (0_u128, high);
    for bit in (0..u128::BITS).rev() {
        let carry = rest >> (u128::BITS - 1) == 1;
        rest = (rest << 1) | ((low >> bit) & 1);
        quotient <<= 1;
        if carry || rest >= by {
            rest = rest.wrapping_sub(by);
            quotient |= 1;
        }
    }
    Some((quotient, rest))
}

/// Which of two products is larger: `a x b` or `c x d`.
pub(crate) fn compare_products((a, b): (u128, u128), (c, d): (u128, u128)) -> std::cmp::Ordering {
    multiply(a, b).cmp(&multiply(c, d))
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
                let (high, low) = multiply(quotient, u128::MAX);
                let (low, carry) = low.overflowing_add(rest);
                assert_eq!((high + u128::from(carry), low), multiply(left, right));
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
