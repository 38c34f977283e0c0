//! The exponential of negative numbers, in arithmetic alone: a loop over it runs in vector
//! registers.

/// Bound below which the exponential counts as 0: the smallest normal number is near.
const LEAST: f64 = -708.0;
/// Constant whose addition rounds a number to an integer, held in the last bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Logarithm of 2 in two parts; integers up to 2^20 times the first are exact.
const LN_2: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);
/// Values of 1 / k! for the even and for the odd powers, from the 13th down.
const EVEN: [f64; 7] =
    [1.0 / 479_001_600.0, 1.0 / 3_628_800.0, 1.0 / 40_320.0, 1.0 / 720.0, 1.0 / 24.0, 1.0 / 2.0, 1.0];
const ODD: [f64; 7] =
    [1.0 / 6_227_020_800.0, 1.0 / 39_916_800.0, 1.0 / 362_880.0, 1.0 / 5_040.0, 1.0 / 120.0, 1.0 / 6.0, 1.0];

/// Returns e to the power of a number that is not positive, to about one unit in the last place;
/// below -708 it is 0.
///
/// x = k ln 2 + r with |r| <= ln 2 / 2; e^r is its Taylor polynomial, and k is added to the
/// exponent.
#[inline]
pub(super) fn exp(x: f64) -> f64 {
    let bounded = if x > LEAST { x } else { LEAST };
    let shifted = bounded * std::f64::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let rest = (bounded - whole * LN_2.0) - whole * LN_2.1;
    let square = rest * rest;
    let horner =
        |[highest, lower @ ..]: [f64; 7]| lower.iter().fold(highest, |sum, term| sum * square + term);
    let power = horner(EVEN) + rest * horner(ODD);
    let scaled = f64::from_bits(power.to_bits().wrapping_add(shifted.to_bits() << 52));
    if x > LEAST { scaled } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELATIVE: f64 = 4e-16;

    #[test]
    fn it_is_the_exponential() {
        for step in 0..2_000_000 {
            let x = -f64::from(step) * 3.539e-4;
            let (got, wanted) = (exp(x), x.exp());
            assert!((got - wanted).abs() <= RELATIVE * wanted, "{x}: {got} not {wanted}");
        }
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "the answers asserted are exact")]
    fn at_the_ends() {
        assert_eq!((exp(0.0), exp(-0.0)), (1.0, 1.0));
        assert_eq!((exp(-708.0), exp(-1e300), exp(f64::NEG_INFINITY)), (0.0, 0.0, 0.0));
        assert!(exp(-707.999) > 0.0);
    }
}
