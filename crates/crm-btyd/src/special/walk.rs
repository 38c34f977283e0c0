//! Integrals over an interval of positive functions with a concave logarithm.

use super::quadrature::{LONG, SHORT};

/// Maximum change of the logarithm of the function over a panel.
const STEEPEST: f64 = 12.0;

/// Precision of an integral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Precision {
    /// Exact to within rounding.
    #[default]
    Full,
    /// Exact to a relative error of about 1e-5, by the 8-point rule on longer panels: enough for a
    /// search over rows that each represent several others.
    Rough,
}

impl Precision {
    /// Returns the maximum panel length: the functions here are analytic within π of the interval.
    pub(crate) fn longest(self) -> f64 {
        match self {
            Precision::Full => 3.0,
            Precision::Rough => 5.0,
        }
    }

    /// Terms below this share of the sum are omitted.
    pub(crate) fn negligible(self) -> f64 {
        match self {
            Precision::Full => 1e-17,
            Precision::Rough => 1e-8,
        }
    }

    /// Returns whether the 8-point rule suffices where the function is not flat.
    pub(crate) fn is_rough(self) -> bool {
        self == Precision::Rough
    }
}

/// A panel of the interval.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panel {
    pub(crate) from: f64,
    pub(crate) length: f64,
    /// Whether the function is flat enough over it that the short rule is as good as the long one.
    pub(crate) even: bool,
}

impl Panel {
    pub(crate) fn integrate(&self, f: impl Fn(f64) -> f64) -> f64 {
        let value = |place: f64| f(self.from + self.length * place);
        let sum = if self.even { SHORT.sum(value) } else { LONG.sum(value) };
        self.length * sum
    }
}

/// Visits the panels from 0 to `end` (which may be infinite) until the rest is negligible. `visit`
/// adds up the function and returns the sum so far, in the unit of `ln`.
///
/// The error of the Gauss-Legendre rule on each panel is about 1e-16: the panel is short compared
/// with the distance of the nearest singularity, and the function, whose logarithm is concave, is
/// steepest at one of its ends.
pub(crate) fn walk(
    ln: impl Fn(f64) -> f64,
    slope: impl Fn(f64) -> f64,
    end: f64,
    visit: impl FnMut(Panel) -> f64,
) {
    walk_to(Precision::Full, ln, slope, end, visit);
}

/// Runs [`walk`] for an integral of that precision.
pub(crate) fn walk_to(
    precision: Precision,
    ln: impl Fn(f64) -> f64,
    slope: impl Fn(f64) -> f64,
    end: f64,
    visit: impl FnMut(Panel) -> f64,
) {
    walk_near(precision, |_| precision.longest(), ln, slope, end, visit);
}

/// Runs [`walk`] for a function with singularities nearer than π: `longest` returns the length of
/// the interval, from a point on, over which the rule is exact.
fn walk_near(
    precision: Precision,
    longest: impl Fn(f64) -> f64,
    ln: impl Fn(f64) -> f64,
    slope: impl Fn(f64) -> f64,
    end: f64,
    mut visit: impl FnMut(Panel) -> f64,
) {
    let mut from = 0.0;
    let mut slope_from = slope(0.0).abs();
    while from < end {
        let most = longest(from).min(precision.longest());
        let mut length = most.min(end - from);
        let mut slope_to = slope(from + length);
        let mut steepest = slope_from.max(slope_to.abs());
        while length * steepest > STEEPEST {
            length = (0.5 * length).max(0.999 * STEEPEST / steepest);
            slope_to = slope(from + length);
            steepest = slope_from.max(slope_to.abs());
        }
        let even = precision.is_rough() || (length <= most / precision.longest() && length * steepest <= 2.0);
        let sum = visit(Panel { from, length, even });
        from = if length < end - from { from + length } else { end };
        // From here on the function falls at least as fast as it does here.
        if slope_to < 0.0 && from < end && ln(from).exp() <= -precision.negligible() * sum * slope_to {
            return;
        }
        slope_from = slope_to.abs();
    }
}

/// Returns the logarithm of the integral over everything up to `end`, for a function that rises at
/// least at the rate `rise` far to the left.
pub(crate) fn ln_integral_up_to(ln: impl Fn(f64) -> f64, slope: impl Fn(f64) -> f64, end: f64) -> f64 {
    ln_integral_near(|_, _| Precision::Full.longest(), ln, slope, end)
}

/// Computes [`ln_integral_up_to`] for a function with singularities nearer than π: `longest`
/// returns the length of the line, from a point on to one side (1 or -1), over which the rule is
/// exact.
pub(crate) fn ln_integral_near(
    longest: impl Fn(f64, f64) -> f64,
    ln: impl Fn(f64) -> f64,
    slope: impl Fn(f64) -> f64,
    end: f64,
) -> f64 {
    let top = top_up_to(&slope, end);
    let peak = ln(top);
    let mut sum = 0.0;
    let right = |v: f64| ln(top + v) - peak;
    walk_near(
        Precision::Full,
        |v| longest(top + v, 1.0),
        right,
        |v| slope(top + v),
        end - top,
        |panel| {
            sum += panel.integrate(|v| right(v).exp());
            sum
        },
    );
    let left = |v: f64| ln(top - v) - peak;
    walk_near(
        Precision::Full,
        |v| longest(top - v, -1.0),
        left,
        |v| -slope(top - v),
        f64::INFINITY,
        |panel| {
            sum += panel.integrate(|v| left(v).exp());
            sum
        },
    );
    peak + sum.ln()
}

/// Returns an approximate maximum of the function, not beyond `end`: the derivative is positive far
/// to the left, and falls.
fn top_up_to(slope: impl Fn(f64) -> f64, end: f64) -> f64 {
    if slope(end) >= 0.0 {
        return end;
    }
    let (mut low, mut high, mut reach) = (end - 1.0, end, 1.0);
    while slope(low) < 0.0 {
        reach *= 2.0;
        (low, high) = (low - reach, low);
    }
    // Close enough if the function is within a factor of e of its maximum.
    while (high - low) * slope(low).max(-slope(high)) > 1.0 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        *if slope(middle) >= 0.0 { &mut low } else { &mut high } = middle;
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_of_any_rate_are_met() {
        for rate in [1e-9, 0.3, 1.0, 40.0, 1e9] {
            for end in [1e-6, 0.4, 7.0, 40.0, 1e3] {
                let mut sum = 0.0;
                walk(
                    |y| -rate * y,
                    |_| -rate,
                    end,
                    |panel| {
                        sum += panel.integrate(|y| (-rate * y).exp());
                        sum
                    },
                );
                let expected = -(-rate * end).exp_m1() / rate;
                assert!((sum / expected - 1.0).abs() < 1e-14, "{rate} {end}: {sum} {expected}");
            }
        }
    }

    /// Tests u^n e^(-ku) du on the scale w = ln u: a gamma function if all of it is below the end.
    #[test]
    fn peaks_are_met_wherever_the_end_is() {
        for (n, k) in [(1.0_f64, 1.0), (7.0, 1e4), (300.0, 0.2), (1e5, 3.0)] {
            let ln = |w: f64| n * w - k * w.exp();
            let slope = |w: f64| n - k * w.exp();
            let expected = crate::special::gamma::ln_gamma(n) - n * f64::ln(k);
            for beyond in [1.0, 9.0] {
                let end = f64::ln(n / k) + 40.0_f64.ln() + beyond;
                let value = ln_integral_up_to(ln, slope, end);
                assert!((value - expected).abs() < 1e-13 * n.max(10.0), "{n} {k}: {value} {expected}");
            }
            // Far below the maximum the integrand is u^(n - 1), and its integral u^n / n.
            let end = f64::ln(1e-9 / k);
            let value = ln_integral_up_to(ln, slope, end);
            assert!((value - (n * end - n.ln())).abs() < 1e-8, "{n} {k}: {value}");
        }
    }
}
