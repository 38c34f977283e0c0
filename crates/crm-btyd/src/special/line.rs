//! Integrals over the whole line of positive functions with a single maximum, on a log scale.

use super::quadrature::LONG;
use super::work::done;

/// Positive function on the line that rises at a rate that tends to `left_rate`, then falls at one
/// that tends to `right_rate`.
pub(crate) struct Peak<F, S> {
    /// Logarithm of the function.
    pub(crate) ln: F,
    /// Derivative of the logarithm; positive left of the maximum and negative right of it.
    pub(crate) slope: S,
    /// Limit of the derivative far to the left, positive, and the point from which on the function
    /// is its exponential to within rounding.
    pub(crate) left: Tail,
    /// Limit of minus the derivative far to the right, positive, and the corresponding point.
    pub(crate) right: Tail,
}

/// An exponential tail.
pub(crate) struct Tail {
    pub(crate) rate: f64,
    pub(crate) from: f64,
}

/// Slightly below ln(2^-53): terms smaller by this factor do not change a sum.
pub(crate) const LN_ROUNDING: f64 = -37.5;

/// Maximum step: the functions here are analytic within π/2 of the line, so that the error of the
/// trapezoidal rule is about exp(-π² / step).
const WIDEST: f64 = 0.25;
/// Step in units of the width of the maximum: a bell curve is summed with an error of exp(-2 π² /
/// 0.7²).
const STEP_PER_WIDTH: f64 = 0.7;
/// Terms below this share of the sum are omitted.
const NEGLIGIBLE: f64 = 1e-18;

/// Maximum number of steps to one side; a narrow maximum on a wide base is left to panels that
/// widen with the distance from it.
const MOST_STEPS: u32 = 256;

impl<F: Fn(f64) -> f64, S: Fn(f64) -> f64> Peak<F, S> {
    /// Returns the logarithm of the integral, by the trapezoidal rule; exponential tails are summed
    /// in closed form.
    pub(crate) fn ln_integral(&self, guess: f64) -> f64 {
        let top = self.top(guess);
        let width = self.width(top);
        let step = WIDEST.min(STEP_PER_WIDTH * width);
        let peak = (self.ln)(top);
        let sides = self
            .steps(top, -step, peak, &self.left)
            .and_then(|left| Some(1.0 + left + self.steps(top, step, peak, &self.right)?));
        let sum = sides.map(|sum| sum * step).unwrap_or_else(|| {
            self.panels(top, -1.0, width, peak, &self.left) + self.panels(top, 1.0, width, peak, &self.right)
        });
        peak + sum.ln()
    }

    /// Returns the sum of the function, in units of its maximum, over all steps to one side; `None`
    /// for more than [`MOST_STEPS`] of them.
    fn steps(&self, top: f64, step: f64, peak: f64, tail: &Tail) -> Option<f64> {
        let (mut sum, mut at) = (0.0, top);
        for _ in 0..MOST_STEPS {
            at += step;
            done(1);
            let value = ((self.ln)(at) - peak).exp();
            sum += value;
            if value < NEGLIGIBLE * (1.0 + sum) {
                return Some(sum);
            }
            if (at - tail.from) * step > 0.0 {
                // The rest is a geometric series.
                let ratio = -tail.rate * step.abs();
                return Some(sum - value * ratio.exp() / ratio.exp_m1());
            }
        }
        None
    }

    /// Returns the integral to one side, in units of the maximum.
    fn panels(&self, top: f64, side: f64, width: f64, peak: f64, tail: &Tail) -> f64 {
        let ln = |at: f64| (self.ln)(at) - peak;
        let mut sum = 0.0;
        let reach = (tail.from - top) * side;
        let end = outwards(ln, (top, side), width, reach, |panel| {
            sum += panel.nodes().map(|(_, weight)| weight).sum::<f64>();
            panel.last * (panel.left + 1.0 / tail.rate) > NEGLIGIBLE * sum
        });
        sum + end / tail.rate
    }

    /// Finds the zero of the derivative: brackets by doubling, then false position with halving
    /// (Illinois).
    fn top(&self, guess: f64) -> f64 {
        let first = (self.slope)(guess);
        let mut reach = first.signum();
        let (mut near, mut near_slope) = (guess, first);
        let (mut far, mut far_slope) = (guess + reach, (self.slope)(guess + reach));
        while far_slope * first > 0.0 {
            (near, near_slope) = (far, far_slope);
            reach *= 2.0;
            far = near + reach;
            far_slope = (self.slope)(far);
        }
        for _ in 0..100 {
            // A tenth of the step is close enough: the rule sums over the whole line from any
            // point.
            if (far - near).abs() < 1e-3 * self.width(near).min(1.0) || near_slope == 0.0 {
                break;
            }
            let middle = (near * far_slope - far * near_slope) / (far_slope - near_slope);
            let slope = (self.slope)(middle);
            if slope * far_slope < 0.0 {
                (near, near_slope) = (far, far_slope);
            } else {
                near_slope *= 0.5;
            }
            (far, far_slope) = (middle, slope);
            if slope == 0.0 {
                break;
            }
        }
        far
    }

    /// Returns the width of the maximum, from its curvature.
    fn width(&self, top: f64) -> f64 {
        let reach = 1e-4;
        let curvature = ((self.slope)(top - reach) - (self.slope)(top + reach)) / (2.0 * reach);
        if curvature > 1e-6 { curvature.sqrt().recip() } else { 1e3 }
    }
}

/// Maximum panel length: for functions that are analytic within π/2 of the line, the error of the
/// 16-point rule is then about 1e-17.
const LONGEST: f64 = 2.0;
/// Maximum change of the logarithm of the function over half a panel.
const STEEPEST: f64 = 6.0;

/// One panel of a function, with the state of [`outwards`] at its far end.
pub(crate) struct Outer<'a> {
    from: f64,
    step: f64,
    ln: &'a dyn Fn(f64) -> f64,
    /// Value of the function at the far end.
    pub(crate) last: f64,
    /// Position of the far end.
    pub(crate) at: f64,
    /// Distance from the far end to the end of the whole interval.
    pub(crate) left: f64,
}

impl Outer<'_> {
    /// Nodes in the panel, with the value of the function times the weight of the node.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (f64, f64)> {
        done(LONG.places.len());
        LONG.places.iter().zip(&LONG.weights).map(|(place, weight)| {
            let at = self.from + self.step * place;
            (at, self.step.abs() * weight * (self.ln)(at).exp())
        })
    }
}

/// Visits the panels of a function from a point on to one side (1 or -1), as far as `reach`, until
/// `visit` stops; takes the logarithm of the function, and returns its value at the point where the
/// visits ended, or 0 if they ended early.
///
/// The first panel is at most `first` long, and each at most twice as long as the previous one.
pub(crate) fn outwards(
    ln: impl Fn(f64) -> f64,
    (from, side): (f64, f64),
    first: f64,
    reach: f64,
    mut visit: impl FnMut(Outer<'_>) -> bool,
) -> f64 {
    let (mut gone, mut here, mut length) = (0.0, ln(from), first.min(LONGEST));
    while gone < reach {
        done(2);
        length = length.min(reach - gone);
        let place = |length: f64| from + side * (gone + length);
        let (mut middle, mut there) = (ln(place(0.5 * length)), ln(place(length)));
        while (middle - here).abs() > STEEPEST || (there - middle).abs() > STEEPEST {
            done(1);
            length *= 0.5;
            if length < 1e-12 * (1.0 + from.abs() + gone) {
                return 0.0;
            }
            (there, middle) = (middle, ln(place(0.5 * length)));
        }
        let end = if length < reach - gone { gone + length } else { reach };
        let panel = Outer {
            from: from + side * gone,
            step: side * length,
            ln: &ln,
            last: there.exp(),
            at: place(length),
            left: reach - end,
        };
        if !visit(panel) {
            return 0.0;
        }
        (gone, here) = (end, there);
        length = (2.0 * length).min(LONGEST);
    }
    here.exp()
}
