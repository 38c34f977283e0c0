//! Decimals of any length: sums and products without rounding, for what 96 bits cannot hold on the
//! way.

use std::cmp::Ordering;
use std::fmt;

use crm_numbers::Decimal;
use num_bigint::{BigInt, Sign};

/// Bits of the digits of a [`Decimal`].
const BITS: u64 = 96;

/// A signed number `digits x 10^-scale` of any length; rounded once, by [`Big::to_decimal`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Big {
    digits: BigInt,
    scale: u32,
}

impl From<Decimal> for Big {
    fn from(value: Decimal) -> Self {
        Self { digits: value.mantissa().into(), scale: value.scale() }
    }
}

impl Big {
    pub(crate) fn times(&self, other: &Self) -> Self {
        Self { digits: &self.digits * &other.digits, scale: self.scale + other.scale }
    }

    pub(crate) fn negated(self) -> Self {
        Self { digits: -self.digits, ..self }
    }

    pub(crate) fn plus(mut self, mut other: Self) -> Self {
        self.align(other.scale);
        other.align(self.scale);
        self.digits += other.digits;
        self
    }

    /// The sign of the number, compared with zero.
    pub(crate) fn sign(&self) -> Ordering {
        match self.digits.sign() {
            Sign::Minus => Ordering::Less,
            Sign::NoSign => Ordering::Equal,
            Sign::Plus => Ordering::Greater,
        }
    }

    /// Writes the number with at least so many decimals.
    fn align(&mut self, scale: u32) {
        if self.scale < scale {
            self.digits *= BigInt::from(10).pow(scale - self.scale);
            self.scale = scale;
        }
    }

    /// The nearest decimal, of two equally near the even one; `None` beyond the largest.
    pub(crate) fn to_decimal(&self) -> Option<Decimal> {
        (self.scale.saturating_sub(Decimal::MAX_SCALE)..=self.scale).find_map(|cut| {
            let digits = self.rounded(cut);
            (digits.bits() <= BITS)
                .then(|| Decimal::try_from_i128_with_scale(digits.try_into().ok()?, self.scale - cut).ok())?
        })
    }

    /// The digits without the last `cut` of them, rounded to the nearest, of two equally near to
    /// the even one.
    fn rounded(&self, cut: u32) -> BigInt {
        let unit = BigInt::from(10).pow(cut);
        let (whole, rest) = (&self.digits / &unit, &self.digits % &unit);
        let up = match (rest.magnitude() * 2_u32).cmp(unit.magnitude()) {
            Ordering::Less => false,
            Ordering::Equal => whole.bit(0),
            Ordering::Greater => true,
        };
        match (up, rest.sign()) {
            (false, _) => whole,
            (true, Sign::Minus) => whole - 1,
            (true, _) => whole + 1,
        }
    }
}

/// Three digits and the power of ten: `1.58e29`.
impl fmt::Display for Big {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.digits.magnitude().to_string();
        let exponent = text.len() as i64 - 1 - i64::from(self.scale);
        let sign = if self.digits.sign() == Sign::Minus { "-" } else { "" };
        let (first, rest) = text.split_at(1);
        let rest: String = rest.chars().take(2).collect();
        let point = if rest.is_empty() { "" } else { "." };
        write!(f, "{sign}{first}{point}{rest}e{exponent}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(text: &str) -> Big {
        Big::from(text.parse::<Decimal>().unwrap())
    }

    fn rounded(big: &Big) -> String {
        big.to_decimal().map_or("none".to_owned(), |number| number.to_string())
    }

    #[test]
    fn sums_and_products_of_small_numbers_are_those_of_integers() {
        let numbers = [0, 1, -1, 7, -30, 4_294_967_295, -4_294_967_296, i64::MAX, i64::MIN + 1];
        for one in numbers {
            for other in numbers {
                let [left, right] = [one, other].map(|number| Big::from(Decimal::from(number)));
                let (one, other) = (i128::from(one), i128::from(other));
                assert_eq!(rounded(&left.clone().plus(right.clone())), (one + other).to_string());
                assert_eq!(left.clone().plus(right.clone().negated()).sign(), one.cmp(&other));
                if (one * other).unsigned_abs() < 1 << 96 {
                    assert_eq!(rounded(&left.times(&right)), (one * other).to_string());
                }
            }
        }
    }

    #[test]
    fn a_long_way_comes_back_exactly() {
        let max = Big::from(Decimal::MAX);
        let cube = max.times(&max).times(&max);
        let one = cube.clone().plus(big("0.0000000000000000000000000001")).plus(cube.negated());
        assert_eq!(rounded(&one), "0.0000000000000000000000000001");
        let twice = max.clone().plus(max.clone());
        assert_eq!(rounded(&twice), "none");
        assert_eq!(rounded(&twice.plus(max.negated())), Decimal::MAX.to_string());
    }

    #[test]
    fn rounding_is_to_the_nearest_and_of_ties_to_the_even() {
        let finest = big("0.0000000000000000000000000001");
        for (factor, expected) in [
            ("0.5", "0.0000000000000000000000000000"),
            ("1.5", "0.0000000000000000000000000002"),
            ("2.5", "0.0000000000000000000000000002"),
            ("2.50000001", "0.0000000000000000000000000003"),
            ("-2.49", "-0.0000000000000000000000000002"),
        ] {
            assert_eq!(rounded(&finest.times(&big(factor))), expected, "{factor}");
        }
        // Half a unit below 2^96, and a little more: the digit that is left over is rounded once.
        let near = big("79228162514264337593543950335");
        assert_eq!(rounded(&near.clone().plus(big("0.4"))), "79228162514264337593543950335");
        assert_eq!(rounded(&near.clone().plus(big("0.5"))), "none");
        let tenth = near.plus(big("0.5")).times(&big("0.1"));
        assert_eq!(rounded(&tenth), "7922816251426433759354395034");
    }

    #[test]
    fn a_number_too_long_to_print_is_short() {
        assert_eq!(Big::from(Decimal::MAX).times(&big("-2")).to_string(), "-1.58e29");
        assert_eq!(big("0.05").to_string(), "5e-2");
        assert_eq!(Big::default().to_string(), "0e0");
    }
}
