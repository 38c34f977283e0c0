//! Tail probabilities and quantiles that the tests of this crate need.

use special::{Beta, Error as _};

/// From here on Student's distribution is the normal one, transformed; the beta function would lose digits.
const MANY_DEGREES: f64 = 2_000.0;

/// How often a standard normal variable lies at least as far from 0 as `z`, on either side.
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    (z.abs() / std::f64::consts::SQRT_2).compl_error().clamp(0.0, 1.0)
}

/// The value that a standard normal variable stays below with probability `p`, strictly between 0 and 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    std::f64::consts::SQRT_2 * (2.0 * p - 1.0).inv_error()
}

/// How often Student's t with `freedom` degrees (above 0) lies at least as far from 0 as `t`, on either side.
pub(crate) fn student_two_sided(t: f64, freedom: f64) -> f64 {
    if !t.is_finite() {
        return 0.0;
    }
    if freedom > MANY_DEGREES {
        return normal_two_sided(as_normal(t, freedom));
    }
    let (a, b) = (freedom / 2.0, 0.5);
    (freedom / (freedom + t * t)).inc_beta(a, b, a.ln_beta(b)).clamp(0.0, 1.0)
}

/// The value that Student's t with `freedom` degrees keeps within, on either side of 0, with probability `level`.
///
/// Newton's steps inside a bracket that only shrinks; at most 1e300.
pub(crate) fn student_quantile(level: f64, freedom: f64) -> f64 {
    /// Halvings alone find every digit in so many steps; Newton's takes six.
    const STEPS: usize = 80;
    const SETTLED: f64 = 1e-15;
    let outside = 1.0 - level;
    let (mut low, mut high) = (f64::MIN_POSITIVE, 1.0);
    while student_two_sided(high, freedom) > outside {
        low = high;
        high *= 4.0;
        if high > 1e300 {
            return 1e300;
        }
    }
    let (a, b) = (freedom / 2.0, 0.5);
    // Of the density at t, twice: the slope of the tail.
    let scale = 2.0 * (-a.ln_beta(b)).exp() / freedom.sqrt();
    let mut t = f64::midpoint(low, high);
    for _ in 0..STEPS {
        let excess = student_two_sided(t, freedom) - outside;
        if excess > 0.0 {
            low = t;
        } else {
            high = t;
        }
        let slope = scale * (-(freedom + 1.0) / 2.0 * (t * t / freedom).ln_1p()).exp();
        let newton = t + excess / slope;
        // Between far ends by their exponents, between near ones as they are.
        let middle = if high > 4.0 * low { (low * high).sqrt() } else { f64::midpoint(low, high) };
        let next = if newton > low && newton < high { newton } else { middle };
        if (next - t).abs() <= SETTLED * t {
            return next;
        }
        t = next;
    }
    t
}

/// The normal deviate with the tail of Student's t, for many degrees of freedom.
///
/// Hill, G. W. (1970), "Algorithm 395: Student's t-distribution", Communications of the ACM 13, 617-619.
fn as_normal(t: f64, freedom: f64) -> f64 {
    let a = freedom - 0.5;
    let b = 48.0 * a * a;
    let y = a * (t * t / freedom).ln_1p();
    let w = y.sqrt();
    let far = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b);
    (((far + y + 3.0) / b) + 1.0) * w
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of the normal and of Student's distribution.
    #[test]
    fn points_of_published_tables() {
        let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-7, "{got}, not {wanted}");
        near(normal_two_sided(1.959_963_985), 0.05);
        near(normal_two_sided(-2.575_829_304), 0.01);
        near(normal_quantile(0.8), 0.841_621_234);
        near(student_two_sided(2.228_138_852, 10.0), 0.05);
        near(student_two_sided(12.706_204_74, 1.0), 0.05);
        near(student_two_sided(0.0, 5.0), 1.0);
    }

    /// 30-digit values from mpmath's incomplete beta function, on both sides of the change of method.
    #[test]
    fn tails_of_any_freedom() {
        let references = [
            (0.3, 1.5, 0.8004721968035848),
            (2.0, 3.0, 0.1393259685588432),
            (6.0, 7.2, 0.0004868814381124215),
            (2.5, 1999.0, 0.012498892427391188),
            (2.5, 2001.0, 0.01249881280869315),
            (5.0, 2001.0, 6.232639554696744e-7),
            (8.0, 2500.0, 1.8847166156014704e-15),
            (1.0, 1e6, 0.31731074983357815),
            (2.0, 1e15, 0.04550026389635868),
        ];
        for (t, freedom, tail) in references {
            let got = student_two_sided(t, freedom);
            assert!((got - tail).abs() <= 1e-8 * tail, "{t}, {freedom}: {got}, not {tail}");
        }
    }

    #[test]
    fn quantiles_turn_tails_round() {
        let near = |got: f64, wanted: f64| assert!((got / wanted - 1.0).abs() < 1e-8, "{got}, not {wanted}");
        near(student_quantile(0.95, 1.0), 12.706_204_736_174_7);
        near(student_quantile(0.95, 2.5), 3.574654842003683);
        near(student_quantile(0.99, 30.0), 2.749_995_653_567_23);
        near(student_quantile(0.95, 1e12), 1.959_963_984_540_05);
        // Every level that there is has a finite point.
        for level in [f64::MIN_POSITIVE, 1e-12, 0.5, 1.0 - f64::EPSILON / 2.0] {
            for freedom in [1.0, 3.0, 1e15] {
                let found = student_quantile(level, freedom);
                assert!(found > 0.0 && found.is_finite(), "{level} {freedom}: {found}");
            }
        }
    }
}
