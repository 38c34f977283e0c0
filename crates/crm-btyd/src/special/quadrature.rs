//! Integrals over an interval, by the Gauss-Legendre rule on panels.

use super::work::done;

/// Nodes in 0 ..= 1 with their weights, which add up to 1.
pub(crate) struct Rule<const N: usize> {
    pub(crate) places: [f64; N],
    pub(crate) weights: [f64; N],
}

/// Gauss-Legendre rule with 16 points (Abramowitz and Stegun, table 25.4).
pub(crate) const LONG: Rule<16> = Rule::symmetric(&[
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
]);

/// Gauss-Legendre rule with 8 points (from the same table).
pub(crate) const SHORT: Rule<8> = Rule::symmetric(&[
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_2, 0.101_228_536_290_376_3),
]);

impl<const N: usize> Rule<N> {
    /// Creates a rule from the positive nodes on -1 ..= 1 and their weights.
    #[allow(clippy::indexing_slicing, reason = "evaluated when this is compiled")]
    const fn symmetric(nodes: &[(f64, f64)]) -> Self {
        let (mut places, mut weights) = ([0.0; N], [0.0; N]);
        let mut i = 0;
        while i < nodes.len() {
            let (node, weight) = nodes[i];
            places[2 * i] = 0.5 * (1.0 - node);
            places[2 * i + 1] = 0.5 * (1.0 + node);
            weights[2 * i] = 0.5 * weight;
            weights[2 * i + 1] = 0.5 * weight;
            i += 1;
        }
        Rule { places, weights }
    }

    /// Returns the weighted sum of the values of a function.
    pub(crate) fn sum(&self, f: impl Fn(f64) -> f64) -> f64 {
        done(N);
        self.places.iter().zip(&self.weights).map(|(&place, weight)| weight * f(place)).sum()
    }
}

/// Returns rate ∫_0^end e^(-rate t) E(t) dt, for an E that is smooth in v = ln(1 + t / soon).
///
/// `longest` returns for each v the length from there over which the 16-point rule is exact for E;
/// a panel is shorter if the discount is steep. If E does not fall, the part before rate t = x is
/// less than the share x of the sum of E(end), discounted, and this integral: it is omitted up to a
/// tiny x.
pub(crate) fn discounted_integral(
    rate: f64,
    soon: f64,
    end: f64,
    longest: impl Fn(f64) -> f64,
    expected: impl Fn(f64) -> f64,
) -> f64 {
    /// Maximum change of the logarithm of the discount over a panel.
    const STEEPEST: f64 = 10.0;
    /// Times earlier than this, multiplied by the rate, are negligible.
    const EARLY: f64 = 1e-14;
    let value = |v: f64| {
        let t = soon * v.exp_m1();
        (-rate * t).exp() * expected(t) * (soon + t)
    };
    let (mut inside, mut from) = (0.0, (EARLY / rate / soon).ln_1p());
    let end_v = (end / soon).ln_1p();
    while from < end_v {
        let steep = (STEEPEST / (rate * soon * from.exp())).ln_1p();
        let length = longest(from).min(steep).min(end_v - from);
        inside += length * LONG.sum(|place| value(from + length * place));
        from = if length < end_v - from { from + length } else { end_v };
    }
    rate * inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_of_the_highest_degree_are_exact() {
        for (degree, integral) in
            [(15, SHORT.sum(|x| 16.0 * x.powi(15))), (31, LONG.sum(|x| 32.0 * x.powi(31)))]
        {
            assert!((integral - 1.0).abs() < 1e-14, "{degree}: {integral}");
        }
        assert!((SHORT.weights.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert!((LONG.weights.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    /// E(t) = t: the integral is (1 - e^(-x) (1 + x)) / rate, x = rate end.
    #[test]
    fn discounts_of_any_steepness_are_met() {
        for rate in [1e-9, 0.02, 1.0, 1e4, 1e12_f64] {
            for soon in [1e-3, 1.0, 1e5] {
                for x in [0.3, 5.0, 45.0_f64] {
                    let integral = discounted_integral(rate, soon, x / rate, |_| 2.0, |t| t);
                    let expected = (1.0 - (-x).exp() * (1.0 + x)) / rate;
                    assert!((integral / expected - 1.0).abs() < 1e-13, "{rate} {soon} {x}: {integral}");
                }
            }
        }
    }
}
