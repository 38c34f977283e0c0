//! Integrals over the whole line of positive functions with one peak, on a log scale.

/// A positive function of the line: rises at a rate that tends to `left_rate`, then falls at one that tends to
/// `right_rate`.
pub(crate) struct Peak<F, S> {
    /// Logarithm of the function.
    pub(crate) ln: F,
    /// Derivative of the logarithm; positive left of the peak and negative right of it.
    pub(crate) slope: S,
    /// Limit of the slope far to the left, above zero, and from where on the function is its exponential to within rounding.
    pub(crate) left: Tail,
    /// Limit of minus the slope far to the right, above zero, likewise.
    pub(crate) right: Tail,
}

/// An exponential tail.
pub(crate) struct Tail {
    pub(crate) rate: f64,
    pub(crate) from: f64,
}

/// ln(2^-53), and a little: what is this far below makes no difference in a sum.
pub(crate) const LN_ROUNDING: f64 = -37.5;

/// Widest step: the functions here are analytic within π/2 of the line, so that the trapezoidal rule errs by about exp(-π² / step).
const WIDEST: f64 = 0.25;
/// Step in widths of the peak: a bell curve is summed to exp(-2 π² / 0.7²).
const STEP_PER_WIDTH: f64 = 0.7;
/// What is smaller than this share of the sum is left out.
const NEGLIGIBLE: f64 = 1e-18;

impl<F: Fn(f64) -> f64, S: Fn(f64) -> f64> Peak<F, S> {
    /// ln of the integral, by the trapezoidal rule; tails that have become exponentials are summed as such.
    pub(crate) fn ln_integral(&self, guess: f64) -> f64 {
        let top = self.top(guess);
        let step = WIDEST.min(STEP_PER_WIDTH * self.width(top));
        let peak = (self.ln)(top);
        let sum = 1.0 + self.side(top, -step, peak, &self.left) + self.side(top, step, peak, &self.right);
        peak + (sum * step).ln()
    }

    /// The sum of the function, in units of its peak, over all steps to one side.
    fn side(&self, top: f64, step: f64, peak: f64, tail: &Tail) -> f64 {
        let (mut sum, mut at) = (0.0, top);
        loop {
            at += step;
            let value = ((self.ln)(at) - peak).exp();
            sum += value;
            if value < NEGLIGIBLE * (1.0 + sum) {
                return sum;
            }
            if (at - tail.from) * step > 0.0 {
                // The rest is a geometric series.
                let ratio = -tail.rate * step.abs();
                return sum - value * ratio.exp() / ratio.exp_m1();
            }
        }
    }

    /// Where the slope is zero: brackets by doubling, then false position with halving (Illinois).
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
            // A tenth of the step is near enough: the rule sums over the whole line from anywhere.
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

    /// Width of the peak, from the curvature at its top.
    fn width(&self, top: f64) -> f64 {
        let reach = 1e-4;
        let curvature = ((self.slope)(top - reach) - (self.slope)(top + reach)) / (2.0 * reach);
        if curvature > 1e-6 { curvature.sqrt().recip() } else { 1e3 }
    }
}
