//! Sums of decimals that lose no digit on the way.

use crm_numbers::{Amount, Decimal, InputError, OverflowError};

/// The sum of `a x b` over all pairs: exact while 38 digits suffice and rounded once, half to even,
/// to what a `Decimal` holds; beyond 38 digits every step is rounded. Beyond the largest `Decimal`
/// the error names the sum.
pub(crate) fn sum_of_products(
    name: &'static str,
    pairs: &[(Decimal, Decimal)],
) -> Result<Decimal, InputError> {
    let sum = match exactly(pairs) {
        Some((units, scale)) => rounded(units, scale),
        None => pairs.iter().try_fold(Decimal::ZERO, |sum, (a, b)| sum.checked_add(a.checked_mul(*b)?)),
    };
    sum.ok_or_else(|| {
        let about = pairs.iter().map(|(a, b)| a.to_f64() * b.to_f64()).sum();
        OverflowError::new(name, about).into()
    })
}

/// The sum as a whole number of units of the finest decimal place.
fn exactly(pairs: &[(Decimal, Decimal)]) -> Option<(i128, u32)> {
    let product = |(a, b): &(Decimal, Decimal)| {
        let (a, b) = (a.normalize(), b.normalize());
        Some((a.mantissa().checked_mul(b.mantissa())?, a.scale() + b.scale()))
    };
    let products = pairs.iter().map(product).collect::<Option<Vec<(i128, u32)>>>()?;
    let finest = products.iter().map(|(_, scale)| *scale).max().unwrap_or(0);
    let sum = products.iter().try_fold(0_i128, |sum, (units, scale)| {
        sum.checked_add(units.checked_mul(10_i128.checked_pow(finest - scale)?)?)
    })?;
    Some((sum, finest))
}

/// The nearest `Decimal`, half to even.
fn rounded(units: i128, scale: u32) -> Option<Decimal> {
    (0..=scale).find_map(|dropped| {
        let by = 10_i128.checked_pow(dropped)?;
        let (quotient, rest) = (units / by, (units % by).unsigned_abs());
        let up = match (rest * 2).cmp(&by.unsigned_abs()) {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => quotient % 2 != 0,
            std::cmp::Ordering::Less => false,
        };
        let nearest = if up { quotient + units.signum() } else { quotient };
        Decimal::try_from_i128_with_scale(nearest, scale - dropped).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn no_digit_is_lost_between_large_terms_that_cancel() {
        let one = Decimal::ONE;
        let terms = [(Decimal::MAX, one), (decimal("0.1"), one), (Decimal::MAX, -one)];
        assert_eq!(sum_of_products("margin", &terms), Ok(decimal("0.1")));
        // Step by step the tenth would be gone.
        assert_eq!(Decimal::MAX + decimal("0.1") - Decimal::MAX, Decimal::ZERO);
    }

    #[test]
    fn long_products_are_rounded_once_and_large_sums_refused() {
        let third = decimal("0.3333333333333333333333333333");
        assert_eq!(sum_of_products("margin", &[(third, third)]).ok(), third.checked_mul(third));
        assert_eq!(sum_of_products("margin", &[(Decimal::MAX, Decimal::TEN)]).ok(), None);
        assert_eq!(sum_of_products("margin", &[]), Ok(Decimal::ZERO));
        // 29 digits and a half: to the even neighbor.
        let half = [(decimal("10000000000000000000000000001"), Decimal::ONE), (decimal("0.5"), Decimal::ONE)];
        assert_eq!(sum_of_products("margin", &half), Ok(decimal("10000000000000000000000000002")));
    }
}
