//! Tails and quantiles of the distributions that tests and intervals rest on.
//!
//! | distribution | item |
//! |---|---|
//! | standard normal | [`normal_two_sided`], [`normal_quantile`]; two-sided quantiles: [`Level::z`] |
//! | Student's t | [`StudentT`] |
//! | chi-squared | [`ChiSquared`] |
//!
//! # Examples
//!
//! ```
//! use crm_numbers::Level;
//! use crm_statistics::distribution::{ChiSquared, StudentT};
//!
//! // 2.228 and 3.841, as in every table.
//! assert!((StudentT::new(10.0)?.two_sided_quantile(Level::default()) - 2.228_138_852).abs() < 1e-8);
//! assert!((ChiSquared::new(1)?.upper_tail(3.841_458_821) - 0.05).abs() < 1e-10);
//! # Ok::<(), crm_numbers::InputError>(())
//! ```

use crm_numbers::{InputError, Level, check};
use special::{Beta, Error as _};

/// Returns the probability that a standard normal variable lies at least as far from 0 as `z`, on
/// either side.
///
/// # Formula
///
/// `erfc(abs(z) / sqrt(2))`
#[must_use]
pub fn normal_two_sided(z: f64) -> f64 {
    (z.abs() / std::f64::consts::SQRT_2).compl_error().clamp(0.0, 1.0)
}

/// Returns the value that a standard normal variable stays below with probability `p`.
///
/// # Formula
///
/// `sqrt(2) erfinv(2 p - 1)`
///
/// # Errors
///
/// [`InputError::Range`] unless `p` is greater than 0 and less than 1.
pub fn normal_quantile(p: f64) -> Result<f64, InputError> {
    check::range("probability", p, check::strictly_between(0.0, 1.0))?;
    Ok(std::f64::consts::SQRT_2 * (2.0 * p - 1.0).inv_error())
}

/// Student's t distribution.
///
/// # References
///
/// Hill, G. W. (1970), "Algorithm 395: Student's t-distribution", Communications of the ACM 13,
/// 617-619, for more than 2000 degrees of freedom; below that, the incomplete beta function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudentT {
    freedom: f64,
}

impl StudentT {
    /// Creates the distribution with this many degrees of freedom, not necessarily a whole number.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for fewer than 1 degree of freedom.
    pub fn new(freedom: f64) -> Result<Self, InputError> {
        check::range("degrees of freedom", freedom, 1.0..).map(|freedom| Self { freedom })
    }

    /// Returns the probability that the variable lies at least as far from 0 as `t`, on either
    /// side; 0 if the square of `t` overflows.
    #[must_use]
    pub fn two_sided(self, t: f64) -> f64 {
        /// Above this the beta function loses digits.
        const MANY_DEGREES: f64 = 2_000.0;
        let Self { freedom } = self;
        if !(t * t).is_finite() {
            return 0.0;
        }
        if freedom > MANY_DEGREES {
            return normal_two_sided(as_normal(t, freedom));
        }
        let (a, b) = (freedom / 2.0, 0.5);
        (freedom / (freedom + t * t)).inc_beta(a, b, a.ln_beta(b)).clamp(0.0, 1.0)
    }

    /// Returns the value that the variable stays within, on either side of 0, with the probability
    /// of the level.
    ///
    /// Newton steps inside a bracket that only shrinks.
    #[must_use]
    pub fn two_sided_quantile(self, level: Level) -> f64 {
        /// Bisection alone finds every digit in this many iterations; Newton steps take about six.
        const MAX_ITERATIONS: usize = 80;
        const CONVERGED: f64 = 1e-15;
        let Self { freedom } = self;
        let outside = 1.0 - level.get();
        let (mut low, mut high) = (f64::MIN_POSITIVE, 1.0);
        while self.two_sided(high) > outside {
            low = high;
            high *= 4.0;
        }
        let (a, b) = (freedom / 2.0, 0.5);
        // Twice the density at t, the derivative of the tail.
        let scale = 2.0 * (-a.ln_beta(b)).exp() / freedom.sqrt();
        let mut t = f64::midpoint(low, high);
        for _ in 0..MAX_ITERATIONS {
            let excess = self.two_sided(t) - outside;
            if excess > 0.0 {
                low = t;
            } else {
                high = t;
            }
            let slope = scale * (-(freedom + 1.0) / 2.0 * (t * t / freedom).ln_1p()).exp();
            let newton = t + excess / slope;
            // Distant ends are bisected by their exponents, close ones as they are.
            let middle = if high > 4.0 * low { (low * high).sqrt() } else { f64::midpoint(low, high) };
            let next = if newton > low && newton < high { newton } else { middle };
            if (next - t).abs() <= CONVERGED * t {
                return next;
            }
            t = next;
        }
        t
    }
}

/// The normal deviate with the tail of Student's t, for many degrees of freedom.
fn as_normal(t: f64, freedom: f64) -> f64 {
    let a = freedom - 0.5;
    let b = 48.0 * a * a;
    let y = a * (t * t / freedom).ln_1p();
    // The tail is less than the smallest double.
    if y > 3e3 {
        return f64::INFINITY;
    }
    let w = y.sqrt();
    let far = (((-0.4 * y - 3.3) * y - 24.0) * y - 85.5) / (0.8 * y * y + 100.0 + b);
    (((far + y + 3.0) / b) + 1.0) * w
}

/// The chi-squared distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChiSquared {
    degrees: usize,
}

impl ChiSquared {
    /// Creates the distribution with this many degrees of freedom.
    ///
    /// # Errors
    ///
    /// [`InputError::Range`] for 0 or more than a million degrees of freedom.
    pub fn new(degrees: usize) -> Result<Self, InputError> {
        check::range("degrees of freedom", degrees, 1..=1_000_000).map(|degrees| Self { degrees })
    }

    /// Returns the probability that the variable is at least `value`, exact in the far tail.
    ///
    /// # Formula
    ///
    /// The regularized upper incomplete gamma function `Q(degrees / 2, value / 2)`, by its series
    /// or its continued fraction.
    #[must_use]
    pub fn upper_tail(self, value: f64) -> f64 {
        let (a, x) = (self.degrees as f64 / 2.0, value / 2.0);
        if x.is_nan() || x <= 0.0 {
            return 1.0;
        }
        if x.is_infinite() {
            return 0.0;
        }
        // x^a e^-x / Gamma(a)
        let front = (a * x.ln() - x - special::Gamma::ln_gamma(a).0).exp();
        if x < a + 1.0 { (1.0 - front * lower_series(a, x)).max(0.0) } else { front * upper_fraction(a, x) }
    }
}

/// More terms than either expansion needs in its half of the plane, even for thousands of degrees
/// of freedom.
const TERMS: usize = 100_000;

/// sum over k of x^k / (a (a + 1) ... (a + k)).
fn lower_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0 / a, 1.0 / a);
    for k in 1..TERMS {
        term *= x / (a + k as f64);
        sum += term;
        if term <= sum * f64::EPSILON {
            break;
        }
    }
    sum
}

/// The continued fraction of the upper incomplete gamma function, by Lentz's method.
fn upper_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / TINY, 1.0 / b);
    let mut fraction = d;
    for k in 1..TERMS {
        let k = k as f64;
        let step = -k * (k - a);
        b += 2.0;
        d = 1.0 / not_zero(step * d + b, TINY);
        c = not_zero(b + step / c, TINY);
        fraction *= d * c;
        if (d * c - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    fraction
}

fn not_zero(value: f64, tiny: f64) -> f64 {
    if value.abs() < tiny { tiny } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELATIVE: f64 = 1e-13;

    fn student(freedom: f64) -> StudentT {
        StudentT::new(freedom).unwrap()
    }

    fn quantile(level: f64, freedom: f64) -> f64 {
        student(freedom).two_sided_quantile(Level::new(level).unwrap())
    }

    /// 30-digit values of the regularized incomplete gamma function from mpmath.
    #[test]
    fn tails_of_any_size() {
        let published = [
            (3.841458820694124, 1, 0.050_000_000_000_000_06),
            (16.79294, 1, 4.168_811_282_522_857e-5),
            (0.01, 1, 0.920_344_325_445_942),
            (0.5, 2, 0.778_800_783_071_404_9),
            (7.814727903251178, 3, 0.050_000_000_000_000_04),
            (30.0, 5, 1.474_858_103_844_305e-5),
            (400.0, 3, 2.213_886_593_101_118e-86),
            (120.0, 100, 0.084_406_681_093_691_8),
            (80.0, 100, 0.929_664_933_340_605_1),
        ];
        for (value, degrees, tail) in published {
            let got = ChiSquared::new(degrees).unwrap().upper_tail(value);
            assert!((got - tail).abs() <= RELATIVE * tail, "{value}, {degrees}: {got}, not {tail}");
        }
        assert!((ChiSquared::new(3).unwrap().upper_tail(0.0) - 1.0).abs() < f64::EPSILON);
    }

    /// Tables of the normal and of Student's distribution.
    #[test]
    fn points_of_published_tables() {
        let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-7, "{got}, not {wanted}");
        near(normal_two_sided(1.959_963_985), 0.05);
        near(normal_two_sided(-2.575_829_304), 0.01);
        near(normal_quantile(0.8).unwrap(), 0.841_621_234);
        near(student(10.0).two_sided(2.228_138_852), 0.05);
        near(student(1.0).two_sided(12.706_204_74), 0.05);
        near(student(5.0).two_sided(0.0), 1.0);
    }

    /// 30-digit values from mpmath's incomplete beta function, on both sides of the change of
    /// method.
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
            let got = student(freedom).two_sided(t);
            assert!((got - tail).abs() <= 1e-8 * tail, "{t}, {freedom}: {got}, not {tail}");
        }
    }

    #[test]
    fn quantiles_invert_tails() {
        let near = |got: f64, wanted: f64| assert!((got / wanted - 1.0).abs() < 1e-8, "{got}, not {wanted}");
        near(quantile(0.95, 1.0), 12.706_204_736_174_7);
        near(quantile(0.95, 2.5), 3.574654842003683);
        near(quantile(0.99, 30.0), 2.749_995_653_567_23);
        near(quantile(0.95, 1e12), 1.959_963_984_540_05);
        // Every level has a finite quantile.
        for level in [f64::MIN_POSITIVE, 1e-12, 0.5, 1.0 - f64::EPSILON / 2.0] {
            for freedom in [1.0, 3.0, 1e15] {
                let found = quantile(level, freedom);
                assert!(found > 0.0 && found.is_finite(), "{level} {freedom}: {found}");
            }
        }
    }

    #[test]
    fn no_input_gives_nan() {
        for freedom in [1.0, 1.5, 2_000.0, 2_001.0, 1e154, 1e300, f64::MAX] {
            for t in [0.0, 5e-324, 1.0, 38.0, 1e10, 1e154, f64::MAX, f64::INFINITY, f64::NAN] {
                let tail = student(freedom).two_sided(t);
                assert!((0.0..=1.0).contains(&tail), "{t}, {freedom}: {tail}");
            }
            for level in [f64::MIN_POSITIVE, 0.5, 1.0 - f64::EPSILON / 2.0] {
                assert!(quantile(level, freedom).is_finite(), "{level}, {freedom}");
            }
        }
        for degrees in [1, 2, 100_000, 1_000_000] {
            for value in [f64::NEG_INFINITY, 0.0, 5e-324, 1.0, 1e6, 1e300, f64::INFINITY, f64::NAN] {
                let tail = ChiSquared::new(degrees).unwrap().upper_tail(value);
                assert!((0.0..=1.0).contains(&tail), "{value}, {degrees}: {tail}");
            }
        }
    }

    #[test]
    fn arguments_out_of_range_are_refused() {
        assert_eq!(
            StudentT::new(0.5).unwrap_err().to_string(),
            "degrees of freedom must be at least 1, got 0.5"
        );
        assert!(StudentT::new(f64::NAN).is_err() && ChiSquared::new(0).is_err());
        assert!([0.0, 1.0, f64::NAN].map(normal_quantile).iter().all(Result::is_err));
    }
}
