//! Decimals of any length: sums and products without rounding, for what 96 bits cannot hold on the
//! way.

use std::cmp::Ordering;
use std::fmt;

use rust_decimal::Decimal;

/// A signed number `digits x 10^-scale` of any length; rounded once, by [`Big::to_decimal`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Big {
    negative: bool,
    /// Base 2^32, the least significant first, without leading zeros.
    digits: Vec<u32>,
    scale: u32,
}

impl From<Decimal> for Big {
    fn from(value: Decimal) -> Self {
        let digits = words(value.mantissa().unsigned_abs());
        Self { negative: value.is_sign_negative() && !digits.is_empty(), digits, scale: value.scale() }
    }
}

impl From<u128> for Big {
    fn from(value: u128) -> Self {
        Self { negative: false, digits: words(value), scale: 0 }
    }
}

impl Big {
    /// The product of any number of decimals.
    pub(crate) fn product(factors: &[Decimal]) -> Self {
        factors.iter().fold(Self::from(1_u128), |product, factor| product.times(&Self::from(*factor)))
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        let digits = multiply(&self.digits, &other.digits);
        let negative = self.negative != other.negative && !digits.is_empty();
        Self { negative, digits, scale: self.scale + other.scale }
    }

    pub(crate) fn negated(self) -> Self {
        Self { negative: !self.negative && !self.digits.is_empty(), ..self }
    }

    pub(crate) fn plus(mut self, mut other: Self) -> Self {
        self.align(other.scale);
        other.align(self.scale);
        if self.negative == other.negative {
            add(&mut self.digits, &other.digits);
            return self;
        }
        if compare(&self.digits, &other.digits) == Ordering::Less {
            std::mem::swap(&mut self, &mut other);
        }
        subtract(&mut self.digits, &other.digits);
        self.negative &= !self.digits.is_empty();
        self
    }

    /// Whether the number is above, at or below zero.
    pub(crate) fn sign(&self) -> Ordering {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            (_, false) => Ordering::Greater,
        }
    }

    /// Writes the number with at least so many decimals.
    fn align(&mut self, scale: u32) {
        while self.scale < scale {
            let step = (scale - self.scale).min(9);
            self.digits = multiply(&self.digits, &[10_u32.pow(step)]);
            self.scale += step;
        }
    }

    /// The nearest decimal, of two equally near the even one; `None` beyond the largest.
    pub(crate) fn to_decimal(&self) -> Option<Decimal> {
        let (mut digits, mut scale) = (self.digits.clone(), self.scale);
        // The last digit that was cut off, and whether there was anything behind it.
        let (mut last, mut behind) = (0, false);
        loop {
            while digits.len() > 3 || scale > Decimal::MAX_SCALE {
                scale = scale.checked_sub(1)?;
                behind |= last != 0;
                last = divide(&mut digits, 10);
            }
            let odd = digits.first().is_some_and(|digit| digit % 2 == 1);
            if last > 5 || (last == 5 && (behind || odd)) {
                add(&mut digits, &[1]);
                (last, behind) = (0, false);
                // Up to 2^96, which is one too many: another digit goes.
                continue;
            }
            let number =
                digits.iter().rev().fold(0_i128, |number, digit| (number << 32) | i128::from(*digit));
            let number = if self.negative { -number } else { number };
            return Decimal::try_from_i128_with_scale(number, scale).ok();
        }
    }
}

/// Three digits and the power of ten: `1.58e29`.
impl fmt::Display for Big {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = self.digits.clone();
        let mut text = Vec::new();
        while !digits.is_empty() {
            text.push(char::from_digit(divide(&mut digits, 10), 10).unwrap_or('0'));
        }
        let exponent = text.len() as i64 - 1 - i64::from(self.scale);
        let sign = if self.negative { "-" } else { "" };
        let mut text = text.into_iter().rev();
        let (first, rest) = (text.next().unwrap_or('0'), text.take(2).collect::<String>());
        let point = if rest.is_empty() { "" } else { "." };
        write!(f, "{sign}{first}{point}{rest}e{exponent}")
    }
}

fn words(mut value: u128) -> Vec<u32> {
    let mut words = Vec::with_capacity(4);
    while value > 0 {
        words.push(value as u32);
        value >>= 32;
    }
    words
}

fn trim(digits: &mut Vec<u32>) {
    while digits.last() == Some(&0) {
        digits.pop();
    }
}

fn compare(one: &[u32], other: &[u32]) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.iter().rev().cmp(other.iter().rev()))
}

fn multiply(one: &[u32], other: &[u32]) -> Vec<u32> {
    let mut product = vec![0_u32; one.len() + other.len()];
    for (place, left) in one.iter().enumerate() {
        let mut carry = 0_u64;
        let others = other.iter().chain(std::iter::repeat(&0));
        for (digit, right) in product.iter_mut().skip(place).zip(others) {
            carry += u64::from(*left) * u64::from(*right) + u64::from(*digit);
            *digit = carry as u32;
            carry >>= 32;
        }
    }
    trim(&mut product);
    product
}

fn add(to: &mut Vec<u32>, what: &[u32]) {
    to.resize(to.len().max(what.len()) + 1, 0);
    let mut carry = 0_u64;
    for (digit, more) in to.iter_mut().zip(what.iter().chain(std::iter::repeat(&0))) {
        carry += u64::from(*digit) + u64::from(*more);
        *digit = carry as u32;
        carry >>= 32;
    }
    trim(to);
}

/// Takes away what is not larger.
fn subtract(from: &mut Vec<u32>, what: &[u32]) {
    let mut borrow = false;
    for (digit, less) in from.iter_mut().zip(what.iter().chain(std::iter::repeat(&0))) {
        let (rest, one) = digit.overflowing_sub(*less);
        let (rest, other) = rest.overflowing_sub(u32::from(borrow));
        (*digit, borrow) = (rest, one || other);
    }
    trim(from);
}

/// Divides and returns the rest.
fn divide(digits: &mut Vec<u32>, by: u32) -> u32 {
    let mut rest = 0_u64;
    for digit in digits.iter_mut().rev() {
        let number = (rest << 32) | u64::from(*digit);
        *digit = (number / u64::from(by)) as u32;
        rest = number % u64::from(by);
    }
    trim(digits);
    rest as u32
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
        assert_eq!(Big::default().to_string(), "0e-1");
    }
}
