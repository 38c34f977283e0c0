//! Logarithm and exponential without branches, so that a loop over a block compiles to vector
//! instructions.

/// Numbers per block.
pub(crate) const BLOCK: usize = 64;

/// Returns ln(1 + u) for 0 <= u <= 1e300, to a few units in the last place.
#[inline]
pub(crate) fn ln_1p(u: f64) -> f64 {
    /// Bits of sqrt(1/2): mantissas lie between this and sqrt(2).
    const ROOT: u64 = 0x3fe6_a09e_667f_3bcd;
    /// 2^52, whose last bits count units.
    const UNITS: u64 = 0x4330_0000_0000_0000;
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let w = 1.0 + u;
    // Rounding error of 1 + u.
    let lost = (u - (w - 1.0)) / w;
    let shifted = w.to_bits() - ROOT;
    let exponent = f64::from_bits(shifted >> 52 | UNITS) - f64::from_bits(UNITS);
    let f = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff) + ROOT) - 1.0;
    // ln(1 + f) = 2 artanh(s), s = f / (2 + f); the series in s^2 is the minimax one of FreeBSD's
    // msun.
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (0.399_999_999_994_094_2 + w * (0.222_221_984_321_497_84 + w * 0.153_138_376_992_093_73));
    let odd = z
        * (0.666_666_666_666_673_5
            + w * (0.285_714_287_436_623_9 + w * (0.181_835_721_616_180_5 + w * 0.147_981_986_051_165_86)));
    let half = 0.5 * f * f;
    let tail = s * (half + even + odd) + (exponent * LN_2_LOW + lost);
    exponent * LN_2_HIGH - (half - tail - f)
}

/// Returns e^x for x <= 700, to a few units in the last place; below -700 as at -700.
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    let (scale, rest) = split_exp(x);
    scale + scale * rest
}

/// Returns e^x - 1 for x <= 700, to a few units in the last place; below -700 as at -700.
#[inline]
pub(crate) fn exp_m1(x: f64) -> f64 {
    let (scale, rest) = split_exp(x);
    (scale - 1.0) + scale * rest
}

/// Replaces each s by ln(1 + e^s) and returns e^-|s|: one step after the other, each in vector
/// instructions.
#[inline]
pub(crate) fn softplus<const N: usize>(values: &mut [f64; N]) -> [f64; N] {
    let mut small = [0.0; N];
    for (small, s) in small.iter_mut().zip(values.iter()) {
        *small = exp(-s.abs());
    }
    for (s, small) in values.iter_mut().zip(&small) {
        *s = s.max(0.0) + ln_1p(*small);
    }
    small
}

/// Splits e^x = scale (1 + rest) into a power of two and a rest that is exact if it is small.
#[inline]
fn split_exp(x: f64) -> (f64, f64) {
    /// 1.5 * 2^52: adding it rounds to an integer, which is then in the last bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let x = x.clamp(-700.0, 700.0);
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let scale = f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52);
    // Taylor series to the 13th power: for |r| <= ln(2) / 2 the next term is below 1e-17.
    let mut sum = 1.0 / 6_227_020_800.0;
    for factor in [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
    ] {
        sum = sum * r + factor;
    }
    (scale, sum * r)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Relative tolerance of the tests: a few units in the last place.
    const RELATIVE: f64 = 1e-15;

    #[test]
    fn ends() {
        assert_eq!(ln_1p(0.0).to_bits(), 0.0_f64.to_bits());
        assert!((ln_1p(1e300) / 1e300_f64.ln() - 1.0).abs() < RELATIVE);
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
        assert!((exp(-1e9) / (-700.0_f64).exp() - 1.0).abs() < RELATIVE);
        assert!((exp(1e9) / 700.0_f64.exp() - 1.0).abs() < RELATIVE);
        assert_eq!(exp_m1(0.0).to_bits(), 0.0_f64.to_bits());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn logarithms(ln in -300.0..690.0_f64) {
            let u = ln.exp();
            prop_assert!((ln_1p(u) / u.ln_1p() - 1.0).abs() <= RELATIVE, "{u}");
        }

        #[test]
        fn exponentials(x in -700.0..700.0_f64) {
            prop_assert!((exp(x) / x.exp() - 1.0).abs() <= RELATIVE, "{x}");
        }

        #[test]
        fn exponentials_less_one(x in prop_oneof![-2.0..2.0_f64, 0.0..50.0_f64, (-40.0..0.0_f64).prop_map(f64::exp)]) {
            prop_assert!((exp_m1(x) / x.exp_m1() - 1.0).abs() <= RELATIVE, "{x}");
        }
    }
}
